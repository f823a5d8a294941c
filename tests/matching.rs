//! The matcher, from outside: regions of which the truth is known are read by the program, and what it joins is compared
//! with the truth. Seeds on which the weights were estimated (1 to 6) are not among these.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "cli/program.rs"]
#[allow(dead_code, reason = "the command-line tests use more of it")]
mod program;

use program::Program;

const SEEDS: std::ops::RangeInclusive<u32> = 101..=110;

/// What the program prints, on either side, and its exit code.
fn said(program: &Program, arguments: &[&str]) -> (i32, String) {
    let run = program.run(arguments);
    let told = String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap();
    (run.status.code().unwrap(), told)
}

fn demo(seed: u32, projects: &str) -> Program {
    let program = Program::new();
    let seed = seed.to_string();
    let arguments = ["demo", "--once", "--listen", "127.0.0.1:0", "--seed", &seed, "--projects", projects];
    let (code, told) = said(&program, &arguments);
    assert_eq!(code, 0, "{told}");
    program
}

#[test]
fn links_are_right_on_regions_that_nobody_learned_from() {
    // Each region takes seconds of one core.
    let half = |first: u32| move || SEEDS.filter(|seed| seed % 2 == first).map(evaluated).collect::<Vec<_>>();
    let found = std::thread::scope(|scope| {
        let other = scope.spawn(half(1));
        let mut all = half(0)();
        all.extend(other.join().unwrap());
        all
    });
    assert_eq!(found.len(), 10);
    let sum = |at: usize| found.iter().map(|counts| counts[at]).sum::<u64>();
    let (joined, right, joined_right) = (sum(0), sum(1), sum(2));
    let (precision, recall) = (joined_right as f64 / joined as f64, joined_right as f64 / right as f64);
    println!("precision {precision:.4}, recall {recall:.4} over {right} pairs of ten regions");
    assert!(precision >= 0.995, "precision {precision}: {joined_right} of {joined}");
    assert!(recall >= 0.95, "recall {recall}: {joined_right} of {right}");
}

/// Pairs joined, pairs that are right, and pairs joined that are right.
fn evaluated(seed: u32) -> [u64; 3] {
    let program = demo(seed, "350");
    let found = program.json(&["match", "evaluate", "--truth"]);
    let [joined, right, joined_right] = ["joined", "right", "joined_right"].map(|name| found[name].as_u64().unwrap());
    let is_share = |name: &str, whole: u64| {
        let told = found[name].as_f64().unwrap();
        assert!((told - joined_right as f64 / whole as f64).abs() < 1e-9, "{found}");
    };
    is_share("precision", joined);
    is_share("recall", right);
    assert!(found["precision"].as_f64().unwrap() > 0.98, "seed {seed}: {found}");
    assert_eq!(found["certain"][0], found["certain"][1], "seed {seed}: a shared reference is never wrong");
    [joined, right, joined_right]
}

#[test]
fn a_second_pass_says_nothing_new_and_proposals_are_explained() {
    let program = demo(111, "600");
    let again = program.json(&["match", "run"]);
    assert_eq!(again, serde_json::json!({"linked": 0, "proposed": 0, "withdrawn": 0}));
    let log = program.json(&["ledger", "log", "--first", "1"]);
    assert_eq!(log["entries"][0]["kind"], "match");
    assert!(log["entries"][0]["author"].as_str().unwrap().contains("matcher"), "{log}");
    assert_eq!(said(&program, &["ledger", "verify"]).0, 0);

    let review = program.json(&["match", "review", "--first", "1000"]);
    let proposals = review["proposals"].as_array().unwrap();
    assert!(!proposals.is_empty() && review["total"] == proposals.len());
    for proposal in proposals {
        let score = &proposal["score"];
        let terms = score["terms"].as_array().unwrap();
        let sum: i64 = terms.iter().map(|term| term["weight"].as_i64().unwrap()).sum();
        assert_eq!((terms.len(), score["total"].as_i64().unwrap()), (7, sum), "{proposal}");
        assert_ne!(proposal["projects"][0]["id"], proposal["projects"][1]["id"]);
    }
    let (code, told) = said(&program, &["match", "review", "--first", "2"]);
    assert!(code == 0 && told.contains(" bits prior") && told.contains("proposals in all"), "{told}");

    let (code, told) = said(&program, &["match", "evaluate", "--truth", "/nowhere.json"]);
    assert!(code == 1 && told.contains("cannot read the truth /nowhere.json"), "{told}");
}

#[test]
fn an_identifier_that_a_partner_carries_is_read_back_as_a_certain_link() {
    let program = Program::new();
    let sample = "connectors/politique-de-la-ville/ftu/sample.json";
    assert_eq!(said(&program, &["sync", "ftu", "--from", sample]).0, 0);
    let (code, told) = said(&program, &["match", "identifiers", "ftu"]);
    let mut given = csv::Reader::from_reader(told.as_bytes());
    assert_eq!(
        (code, given.headers().unwrap().iter().collect::<Vec<_>>()),
        (0, vec!["key", "idCofinancement"]),
        "{told}"
    );
    let project = given.records().next().unwrap().unwrap()[1].to_owned();

    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    let rows = format!(
        "nomAttribuant,idAttribuant,dateConvention,referenceDecision,nomBeneficiaire,idBeneficiaire,objet,montant,nature,conditionsVersement,notificationUE,pourcentageSubvention,idCofinancement\n\
         Région Hauts-de-France,20005374200017,2024-03-05,R1,Association,38047555800058,Tout autre chose,25000.00,aide en numéraire,unique,non,1,{project}\n\
         Région Hauts-de-France,20005374200017,2024-03-05,R2,Association,38047555800058,Une autre encore,26000.00,aide en numéraire,unique,non,1,p00000000000000ff\n"
    );
    std::fs::write(file.path(), rows).unwrap();
    let from = file.path().to_str().unwrap();
    let (code, told) = said(&program, &["sync", "region-droit-commun", "--from", from]);
    assert_eq!(code, 0, "{told}");
    let found = program.json(&["match", "identifiers", "region-droit-commun"]);
    let of = |key: &str| {
        let records = found.as_array().unwrap();
        let found = records.iter().find(|one| one["key"].as_str().unwrap().starts_with(key));
        found.unwrap()["idCofinancement"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("R1/"), project);
    assert!(of("R2/") != project && of("R2/") != "p00000000000000ff", "an identifier that was never given");
    let (code, told) = said(&program, &["match", "identifiers", "communes"]);
    assert!(code == 1 && told.contains("holds no record of communes"), "{told}");
}

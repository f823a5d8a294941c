//! Bad input: a clear error or a kept rejection, with its place, in both languages; the others go on.

use super::program::{Program, SCDL, counts, grant, grant_to};
use serde_json::Value;

/// The one rejection of the last read.
fn rejection(program: &Program) -> Value {
    let rejections = program.json(&["rejections", "region-droit-commun"]);
    assert_eq!(rejections.as_array().unwrap().len(), 1, "{rejections}");
    rejections[0].clone()
}

#[test]
fn an_amount_that_is_no_amount_is_rejected_with_its_place() {
    for amount in ["beaucoup", "2.19E+13", "\"1,234\"", "1.234", "12-5"] {
        let program = Program::new();
        let file = program.scdl("a.csv", &[grant("A", "2025-01-05", "30000"), grant("B", "2025-01-05", amount)]);
        let run = program.sync(&file);
        assert_eq!(counts(&run), [2, 1, 0, 0, 0, 1, 0], "{amount}: {run}");
        let rejected = rejection(&program);
        assert_eq!(rejected["field"], "montant", "{rejected}");
        assert_eq!(rejected["location"], "a.csv, line 3", "{rejected}");
        assert!(rejected["reason"]["fr"] != rejected["reason"]["en"], "{rejected}");
        assert!(rejected["raw"].as_str().unwrap().contains("Action B"), "the raw record is kept: {rejected}");
    }
}

#[test]
fn amounts_written_as_people_write_them_are_exact() {
    let program = Program::new();
    let amounts = ["\"1 234 567,89 €\"", "\"100000,1\"", "\"1\u{a0}234\u{202f}567\"", "42166.9105"];
    let lines: Vec<String> =
        amounts.iter().enumerate().map(|(rank, amount)| grant(&rank.to_string(), "2025-01-05", amount)).collect();
    assert_eq!(counts(&program.sync(&program.scdl("a.csv", &lines))), [4, 4, 0, 0, 0, 0, 0]);
    assert_eq!(statement_cents(&program), [123_456_789, 10_000_010, 123_456_700, 4_216_691]);
}

#[test]
fn an_impossible_siret_keeps_the_sum_and_doubts_the_identity() {
    let program = Program::new();
    let run = program.sync(&program.scdl("a.csv", &[grant_to("A", "2025-01-05", "30000", "12345678901234")]));
    assert_eq!(counts(&run), [1, 1, 0, 0, 0, 0, 0], "{run}");
    let facts = facts(&program);
    assert_eq!(facts[0]["statements"][0]["amount"], "30000.00");
    assert!(facts[0]["project"]["holder"].as_str().unwrap().starts_with("text:"), "{}", facts[0]);
    assert_eq!(facts[0]["warnings"][0]["code"], "identifier-unverified", "{}", facts[0]);
}

#[test]
fn a_siret_rounded_by_a_spreadsheet_is_never_completed() {
    let program = Program::new();
    program.sync(&program.scdl("a.csv", &[grant_to("A", "2025-01-05", "30000", "2.19E+13")]));
    let facts = facts(&program);
    assert!(!facts[0]["project"]["holder"].as_str().unwrap().starts_with("siren:"), "{}", facts[0]);
}

#[test]
fn a_date_of_2199_is_not_taken_for_a_date() {
    let program = Program::new();
    let run = program.sync(&program.scdl("a.csv", &[grant("A", "2199-01-05", "30000"), grant("B", "2025-01-05", "1")]));
    assert_eq!(counts(&run)[0], 2, "{run}");
    let told = format!("{}{}", program.json(&["rejections", "region-droit-commun"]), facts(&program)[0]);
    assert!(told.contains("2199"), "{told}");
    assert!(facts(&program).iter().all(|one| one["statements"][0]["decided_on"] != "2199-01-05"));
}

#[test]
fn a_key_that_comes_twice_counts_once_and_says_so() {
    let program = Program::new();
    let same = [grant("A", "2025-01-05", "30000"), grant("A", "2025-01-05", "30000")];
    assert_eq!(counts(&program.sync(&program.scdl("same.csv", &same))), [2, 1, 0, 0, 0, 1, 0]);
    assert_eq!(rejection(&program)["code"], "duplicate-identical");

    let other = [grant("A", "2025-01-05", "30000"), grant("A", "2025-01-05", "40000")];
    let program = Program::new();
    let file = program.scdl("other.csv", &other);
    assert_eq!(counts(&program.sync(&file)), [2, 1, 0, 0, 0, 1, 0]);
    let rejected = rejection(&program);
    assert_eq!(rejected["code"], "duplicate-key");
    assert!(rejected["reason"]["en"].as_str().unwrap().contains("line 2"), "{rejected}");
    assert_eq!(facts(&program)[0]["warnings"][0]["code"], "duplicate-key", "the record that is kept is not sure");
    assert_eq!(counts(&program.sync(&file)), [2, 0, 0, 1, 0, 1, 0], "the same dispute again writes nothing");
    let settled = program.scdl("settled.csv", &other[..1]);
    assert_eq!(counts(&program.sync(&settled)), [1, 0, 1, 0, 0, 0, 0], "a settled dispute is written");
}

#[test]
fn a_good_record_that_turns_bad_keeps_its_last_good_version() {
    let program = Program::new();
    program.sync(&program.scdl("good.csv", &[grant("A", "2025-01-05", "30000")]));
    let run = program.sync(&program.scdl("bad.csv", &[grant("A", "2025-01-05", "illisible")]));
    assert_eq!(counts(&run), [1, 0, 0, 0, 0, 1, 0], "{run}");
    assert_eq!(program.json(&["sources"])[0]["records"], 0, "no open record is left: it is bad");
    let versions = rows(&program, "SELECT state, facts FROM record_version ORDER BY id");
    assert_eq!(versions.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["open", "bad"]);
    assert!(versions[1].1.contains("30000.00"), "the last good version stands");
    let run = program.sync(&program.path("good.csv"));
    assert_eq!(counts(&run), [1, 0, 1, 0, 0, 0, 0], "it is mended: {run}");
}

/// A day and a number are spelled in many ways; the grant is one, and counts once.
#[test]
fn a_grant_spelled_in_two_ways_is_one_and_a_publisher_may_change_the_spelling() {
    let program = Program::new();
    let spelled = [
        grant_to("A", "2025-06-02", "30000", "38047555800058"),
        grant_to("A", "02/06/2025", "30000", "380 475 558 00058"),
        grant_to("A", "2025-06-02", "30000", "38047555800058.0"),
    ];
    assert_eq!(counts(&program.sync(&program.scdl("spelled.csv", &spelled))), [3, 1, 0, 0, 0, 2, 0]);
    assert_eq!(statement_cents(&program), [3_000_000]);

    let program = Program::new();
    let all = |day: &str, siret: &str| (0..12).map(|rank| grant_to(&format!("R{rank}"), day, "30000", siret)).collect();
    let (before, after): (Vec<String>, Vec<String>) =
        (all("2025-06-02", "38047555800058"), all("02/06/2025", "380 475 558 00058"));
    program.sync(&program.scdl("before.csv", &before));
    let run = program.sync(&program.scdl("after.csv", &after));
    assert_eq!(counts(&run), [12, 0, 12, 0, 0, 0, 0], "{run}");
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
}

#[test]
fn a_known_grant_whose_day_cannot_be_read_any_more_keeps_its_last_good_version() {
    let program = Program::new();
    let good: Vec<String> = (0..10).map(|rank| grant(&format!("R{rank}"), "2025-02-01", "30000")).collect();
    program.sync(&program.scdl("good.csv", &good));
    let mut bad = good.clone();
    bad[3] = grant("R3", "31/02/2025", "30000");
    let run = program.sync(&program.scdl("bad.csv", &bad));
    assert_eq!((&run["outcome"], counts(&run)), (&"SUCCEEDED".into(), [10, 0, 0, 9, 0, 1, 0]), "{run}");
    let rejected = rejection(&program);
    assert_eq!((&rejected["code"], &rejected["field"]), (&"date-unreadable".into(), &"dateConvention".into()));
    let sql =
        "SELECT key, state FROM record_version WHERE id IN (SELECT MAX(id) FROM record_version GROUP BY source, key)";
    let states = rows(&program, sql);
    let of_bad: Vec<_> = states.iter().filter(|(_, state)| state != "open").collect();
    assert_eq!(of_bad, [&("R3/2025-02-01/38047555800058".to_owned(), "bad".to_owned())], "stale, not gone");
    let run = program.sync(&program.path("good.csv"));
    assert_eq!(counts(&run), [10, 0, 1, 9, 0, 0, 0], "it is mended: {run}");
}

#[test]
fn a_windows_1252_file_is_read_and_mojibake_is_not_made() {
    let program = Program::new();
    let text = std::fs::read_to_string(program.scdl("utf8.csv", &[grant("É", "2025-01-05", "30000")])).unwrap();
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lossy);
    assert_eq!(counts(&program.sync(&program.file("latin.csv", &bytes))), [1, 1, 0, 0, 0, 0, 0]);
    assert_eq!(facts(&program)[0]["project"]["title"], "Action É");
}

#[test]
fn a_source_that_cannot_be_read_fails_alone() {
    let program = Program::new();
    let good = program.scdl("good.csv", &[grant("A", "2025-01-05", "30000")]);
    program.sync(&good);
    for place in ["http://127.0.0.1:9/", "/nowhere/at/all.csv", "http://169.254.169.254/latest/"] {
        let output = program.run(&["sync", "nqe", "--from", place, "--json"]);
        assert_eq!(output.status.code(), Some(3), "{place}: {output:?}");
        let run: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(run[0]["outcome"], "FAILED", "{place}");
        assert!(run[0]["message"]["fr"] != run[0]["message"]["en"], "{run}");
    }
    assert_eq!(program.sync(&good)["outcome"], "SUCCEEDED");
    let sources = program.json(&["sources"]);
    let failed = sources.as_array().unwrap().iter().find(|source| source["id"] == "nqe").unwrap();
    assert_eq!(failed["lastRun"]["outcome"], "FAILED", "the past knows that the source was down");
    assert_eq!(program.run(&["ledger", "verify"]).status.code(), Some(0));
}

#[test]
fn a_mistake_in_a_manifest_names_line_column_and_the_words_allowed() {
    let program = Program::new();
    let folder = program.path("connectors/partenaires/essai");
    std::fs::create_dir_all(&folder).unwrap();
    let text = "id = \"essai\"\nfamily = \"PARTENAIRES\"\ntitle = \"Essai\"\nstanding = \"publication\"\n[driver]\nkind = \"delimited\"\npath = \"x.csv\"\n[map]\nkey = \"a\"\n[map.project]\ntitel = \"b\"\n";
    std::fs::write(folder.join("connector.toml"), text).unwrap();
    let output = program.run(&["connector", "check", "--connectors", program.path("connectors").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("connector.toml:11:1") && told.contains("titel") && told.contains("title"), "{told}");
}

/// The facts of the records of this state, in the order of the ledger, the latest version of each.
fn facts(program: &Program) -> Vec<Value> {
    let sql = "SELECT key, facts FROM record_version WHERE id IN (SELECT MAX(id) FROM record_version GROUP BY source, key) ORDER BY id";
    rows(program, sql).iter().map(|row| serde_json::from_str(&row.1).unwrap()).collect()
}

fn statement_cents(program: &Program) -> Vec<i64> {
    let sql = "SELECT key, CAST(amount_cents AS TEXT) FROM statement ORDER BY record_id, position";
    rows(program, sql).iter().map(|row| row.1.parse().unwrap()).collect()
}

/// Two columns of text of the ledger, as anyone with SQL reads it.
pub fn rows(program: &Program, sql: &str) -> Vec<(String, String)> {
    use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
    let url = format!("sqlite://{}?mode=ro", program.path("state/ledger.sqlite").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Database::connect(url).await.unwrap();
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
        rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
    })
}

/// What was rejected goes back to its owner as a table with the columns of the source; mended there, it is read again.
#[test]
fn rejections_go_back_to_their_owner_and_can_be_read_again() {
    let program = Program::new();
    let bad = grant("R2", "05/03/2024", "\"1,234\"").replace("Action R2", "=HYPERLINK(1)");
    let file = program.scdl("dirty.csv", &[grant("R1", "2023-03-05", "25000"), bad]);
    program.sync(&file);
    let misspelt = program.run(&["rejections", "region-droit-comun"]);
    let told = String::from_utf8_lossy(&misspelt.stderr).into_owned();
    assert!(
        misspelt.status.code() != Some(0) && told.contains("no source is called region-droit-comun"),
        "{misspelt:?}"
    );
    let output = program.run(&["rejections", "region-droit-commun", "--csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let header = text.strip_prefix('\u{feff}').unwrap().lines().next().unwrap();
    assert!(header.starts_with(&SCDL.replace(',', ";")), "a spreadsheet in French opens it as columns: {header}");
    assert!(header.contains("rejet : champ") && header.contains("rejection: reason"), "{header}");
    assert!(text.contains("'=HYPERLINK(1)") && text.contains("amount-ambiguous"), "{text}");
    let mended = program.file("mended.csv", text.replace(";1,234;", ";1234.00;").as_bytes());
    let run = program.sync(&mended);
    assert_eq!(counts(&run)[1], 1, "{run}");
    let facts = facts(&program);
    let title = facts.iter().find_map(|one| one["project"]["title"].as_str().filter(|title| title.contains("HYPER")));
    assert_eq!(title, Some("=HYPERLINK(1)"));
}

/// The owner looks for the column of his file, not for the spelling of the manifest.
#[test]
fn a_rejection_names_the_column_by_the_header_of_the_file() {
    let program = Program::new();
    let header =
        SCDL.replace("dateConvention", "Date de convention*").replace("referenceDecision", "Référence délibération");
    let rows = [
        grant("R1", "2023-03-05", "25000"),
        grant("R2", "31/02/2024", "25000"),
        grant("", "2023-03-05", "25000"),
        grant("R4", "2023-03-05", "25000"),
    ];
    let file = program.file("list.csv", format!("{header}\n{}\n", rows.join("\n")).as_bytes());
    program.sync(&file);
    let told = program.json(&["rejections", "region-droit-commun"]);
    let fields: Vec<&str> = told.as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["Date de convention*", "Référence délibération"], "{told}");
    assert!(
        told[0]["reason"]["fr"].as_str().unwrap().starts_with("champ Date de convention*, « 31/02/2024 »"),
        "{told}"
    );
}

/// What was taken with a warning can be given back too: what was normalised, and what was left out.
#[test]
fn records_with_warnings_are_listed_with_what_is_said_of_them() {
    let program = Program::new();
    let doubtful = grant("R2", "05/03/2024", "30000").replace(",,", ",W3222,");
    program.sync(&program.scdl("a.csv", &[grant("R1", "2023-03-05", "25000"), doubtful]));
    let told = program.json(&["rejections", "region-droit-commun", "--warnings"]);
    let [one] = told.as_array().unwrap().as_slice() else { panic!("{told}") };
    assert!(one["code"].as_str().unwrap().contains("rna-unreadable"), "{one}");
    assert!(one["raw"].as_str().unwrap().contains("W3222"), "{one}");
    let output = program.run(&["rejections", "region-droit-commun", "--warnings", "--csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("rnaBeneficiaire") && text.contains("numéro RNA"), "{text}");
}

/// A source that is read with semicolons alone gets its rows back with semicolons.
#[test]
fn rejections_are_written_with_the_delimiter_of_the_source() {
    let program = Program::new();
    let folder = program.path("connectors/politique-de-la-ville/guichet");
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = r#"
id = "guichet"
family = "POLITIQUE_DE_LA_VILLE"
title = "Guichet"
standing = "publication"
driver = { kind = "delimited", path = "x.csv", delimiter = ";" }
[map]
key = "id"
[map.project]
title = "titre"
[[map.statement]]
funder = { value = "siren:200053742" }
form = { value = "SUBVENTION" }
amount = "montant"
"#;
    std::fs::write(folder.join("connector.toml"), manifest).unwrap();
    let list = program.file("x.csv", "id;titre;montant\n1;Un, deux;12,50\n2;Trois;beaucoup\n".as_bytes());
    let connectors = program.path("connectors");
    let with = ["--connectors", connectors.to_str().unwrap()];
    program.json(&[&["sync", "guichet", "--from", list.to_str().unwrap()], &with[..]].concat());
    let output = program.run(&[&["rejections", "guichet", "--csv"], &with[..]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("\u{feff}id;titre;montant;rejet : emplacement;"), "{text}");
    let mended = program.file("mended.csv", text.replace("beaucoup", "7,25").as_bytes());
    let run = program.json(&[&["sync", "guichet", "--from", mended.to_str().unwrap()], &with[..]].concat());
    assert_eq!(counts(&run[0])[..2], [1, 1], "{run}");
}

/// Whatever is wrong with the address of the ledger: what it says may be its password.
#[test]
fn an_address_of_the_ledger_is_never_repeated() {
    let program = Program::new();
    for address in [
        "postgres://passerelle:PWledger77@127.0.0.1:xx/led",
        "postgres://passerelle@127.0.0.1/led?sslmode=PWledger77",
        "postgres://PWledger77:PWledger77@/led:x?port=PWledger77",
    ] {
        let settings = program.file("passerelle.toml", format!("ledger = \"{address}\"\n").as_bytes());
        let output = program.run(&["--config", settings.to_str().unwrap(), "sources"]);
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(!output.status.success() && told.contains("ledger address"), "{told}");
        assert!(!told.contains("PWledger77"), "{told}");
    }
    let settings = "ledger = \"postgres://passerelle@127.0.0.1/led\"\nledger-password = { file = \"/nowhere/pw\" }\n";
    let settings = program.file("passerelle.toml", settings.as_bytes());
    let output = program.run(&["--config", settings.to_str().unwrap(), "sources"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("ledger-password") && told.contains("/nowhere/pw"), "{told}");
}

/// A jq program may do to its own process what it likes: the gateway rejects the record and goes on.
#[test]
fn a_jq_program_without_bounds_costs_its_record_and_nothing_else() {
    for greedy in ["reduce range(0; 100000) as $i (.; .x = [.x])", "[range(0; 1e12)]"] {
        let program = Program::new();
        std::fs::create_dir_all(program.path("connectors/droit-commun/desk")).unwrap();
        let manifest = format!(
            "id = \"desk\"\nfamily = \"DROIT_COMMUN\"\ntitle = \"Guichet\"\nstanding = \"publication\"\n\
             [driver]\nkind = \"http-json\"\nurl = \"{}\"\n[reshape]\njq = \"if .greedy then ({greedy}) else . end\"\n\
             [map]\nkey = \"id\"\n[map.project]\ntitle = \"titre\"\n[[map.statement]]\n\
             funder = {{ value = \"siren:200053742\" }}\nform = {{ value = \"SUBVENTION\" }}\nstage = {{ value = \"ATTRIBUE\" }}\n\
             amount = \"montant\"\n",
            program.path("list.json").display()
        );
        program.file("connectors/droit-commun/desk/connector.toml", manifest.as_bytes());
        let row = |id: u32, rest: &str| format!("{{\"id\":{id},\"titre\":\"Action {id}\",\"montant\":100{rest}}}");
        let list = format!("[{},{},{}]", row(1, ""), row(2, ",\"greedy\":true"), row(3, ""));
        program.file("list.json", list.as_bytes());
        let connectors = program.path("connectors").display().to_string();
        let run = program.json(&["sync", "desk", "--connectors", &connectors])[0].clone();
        assert_eq!(counts(&run), [3, 2, 0, 0, 0, 1, 0], "{greedy}: {run}");
        let rejected = program.json(&["rejections", "desk", "--connectors", &connectors])[0].clone();
        assert_eq!(
            (&rejected["code"], &rejected["location"]),
            (&"reshape-failed".into(), &"list.json, index 1".into()),
            "{rejected}"
        );
        let told = rejected["reason"]["en"].as_str().unwrap();
        assert!(
            told.contains("broke down") || told.contains("does not end"),
            "on a slow machine, the time is up first: {told}"
        );
    }
}

/// Whoever reads all sources each night must not take it for done where the manifest of one is wrong.
#[test]
fn a_sync_of_all_sources_is_not_well_where_a_manifest_cannot_be_used() {
    let program = Program::new();
    let folder = program.path("connectors/family/mine");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("connector.toml"), "id = \"mine\"\nfamily = ").unwrap();
    let connectors = program.path("connectors");
    let output = program.run(&["sync", "--connectors", connectors.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("connector.toml:2"), "{output:?}");
}

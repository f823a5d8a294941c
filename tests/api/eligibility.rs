//! Orientation before any money: which credits may come, which are to be asked first, which are excluded and why.

use crate::app::TestApp;
use crate::region::{self, Load};
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const LILLE: &str = "215903501";
const ASSOCIATION: &str = "783707003";
const REGION: &str = "siren:200053742";
const ELIGIBILITY: &str =
    "query($action: String!, $holder: ID!, $place: String!, $nature: Nature!, $from: Date, $to: Date) {
    eligibility(action: $action, holder: $holder, place: $place, nature: $nature, startsOn: $from, endsOn: $to) {
        action { code line title(lang: EN) legalSource }
        credits { dispositif { code } funder { id } standing reasons { rule message(lang: EN) legalSource liftedBy } }
        opinionsNeeded { rule message(lang: EN) liftedBy } } }";

async fn fill(ledger: &Ledger) {
    region::fill(ledger).await;
    let scheme = |(code, family, natures): (&str, &str, &[&str])| json!({"reference": {"table": "dispositif", "code": code, "name": code, "family": family, "natures": natures}});
    let schemes = [
        ("PIC", "POLITIQUE_DE_LA_VILLE", &["FONCTIONNEMENT"][..]),
        ("NQE", "POLITIQUE_DE_LA_VILLE", &["FONCTIONNEMENT"]),
        ("BOP-147", "POLITIQUE_DE_LA_VILLE", &[]),
        ("ADULTES-RELAIS", "POLITIQUE_DE_LA_VILLE", &[]),
        ("DETR", "DROIT_COMMUN", &["INVESTISSEMENT"]),
        ("FRATRI", "DROIT_COMMUN", &[]),
        ("FEDER", "FONDS_EUROPEENS", &[]),
        ("ANRU", "NPNRU", &["INVESTISSEMENT"]),
        ("PRF", "DROIT_COMMUN", &[]),
    ];
    let keys = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];
    let mut records: Vec<_> = keys.into_iter().zip(schemes).map(|(key, one)| (key, None, scheme(one))).collect();
    let mut ended = scheme(("SREI", "DROIT_COMMUN", &[]));
    ended["validity"] = json!({"from": "2017-01-01", "to": "2024-01-01"});
    records.push(("s10", None, ended));
    for (key, code, validity) in
        [("s11", "A-VENIR", json!({"from": "2027-01-01"})), ("s12", "FINISSANT", json!({"to": "2027-01-01"}))]
    {
        let mut dated = scheme((code, "DROIT_COMMUN", &[]));
        dated["validity"] = validity;
        records.push((key, None, dated));
    }
    let speaks = |funder: &str, codes: &[&str], departements: &[&str]| json!({"funder": funder, "dispositifs": codes, "departements": departements});
    let quartiers = [("QN05973M", "VECU", Value::Null), ("QN05974M", "VEILLE", json!(false))];
    let quartier = |(code, kind, npnru): (&str, &str, Value)| {
        json!({"reference": {"table": "quartier", "code": code, "name": code, "kind": kind, "npnru": npnru,
            "communes": ["59350"], "epcis": [], "contrats": [], "predecessors": []}})
    };
    let mut records: Vec<(&'static str, Option<&'static str>, Value)> = records;
    records.extend(["q8", "q9"].into_iter().zip(quartiers).map(|(key, one)| (key, None, quartier(one))));
    let source = json!({"id": "schemes", "family": null, "title": "Dispositifs", "standing": "publication",
        "speaks_for": [speaks(REGION, &["FTU", "PIC", "NQE"], &[]), speaks("financeur:etat-59", &["BOP-147"], &["59"]),
            speaks("financeur:etat-62", &["BOP-147"], &["62"]), speaks("eu:FEDER", &["FEDER"], &[]), speaks("financeur:etat-62", &["DETR"], &[]),
            speaks("financeur:etat-59", &["DETR"], &[])],
        "max_age_s": 31_536_000, "vanish_limit_bp": 2_000});
    region::append(ledger, Load { source, day: 6, records, unchanged: 0, rejected: Vec::new() }).await;
}

async fn asked(app: &TestApp, action: &str, (holder, place, nature): (&str, &str, &str)) -> Value {
    let variables = json!({"action": action, "holder": holder, "place": place, "nature": nature});
    app.ask_with(ELIGIBILITY, variables, None).await.data()["eligibility"].clone()
}

fn credit<'a>(answer: &'a Value, code: &str) -> &'a Value {
    let credits = answer["credits"].as_array().expect("credits");
    credits.iter().find(|one| one["dispositif"]["code"] == code).unwrap_or_else(|| panic!("no {code}: {answer:#}"))
}

fn standing<'a>(answer: &'a Value, code: &str) -> &'a str {
    credit(answer, code)["standing"].as_str().expect("a standing")
}

fn rules(credit: &Value) -> Vec<&str> {
    let reasons = credit["reasons"].as_array().expect("reasons").iter();
    reasons.filter_map(|one| one["rule"].as_str()).collect()
}

fn hearings(answer: &Value) -> Vec<&str> {
    let all = answer["opinionsNeeded"].as_array().expect("a list").iter();
    all.filter_map(|one| one["rule"].as_str()).collect()
}

const SUD: &str = "QN05972M";

#[tokio::test]
async fn where_droit_commun_alone_may_intervene_specific_credits_are_excluded_with_the_reason() {
    let app = TestApp::start_over(fill).await;
    let answer = asked(&app, "EMP-1", (LILLE, SUD, "FONCTIONNEMENT")).await;
    assert_eq!(answer["action"]["line"], "DROIT_COMMUN_ONLY");
    for code in ["PIC", "NQE"] {
        assert_eq!(standing(&answer, code), "EXCLUDED", "{answer:#}");
        let line =
            credit(&answer, code)["reasons"].as_array().expect("reasons").iter().find(|one| one["rule"] == "EMP-1");
        let line = line.unwrap_or_else(|| panic!("{answer:#}"));
        assert_eq!(line["liftedBy"], json!([]), "nothing lifts EMP-1");
        assert!(line["message"].as_str().expect("a sentence").contains("may not intervene"));
        assert!(line["legalSource"].as_str().expect("a text").contains("9 octobre 2023"));
        assert!(!line["message"].as_str().expect("a sentence").contains("0,00"), "no sum is known: {line}");
    }
    assert_eq!(standing(&answer, "PRF"), "ASK_FIRST");
    assert_eq!(standing(&answer, "FRATRI"), "MAY_COME", "the line names the PRF");
    assert_eq!(standing(&answer, "DETR"), "EXCLUDED", "it funds investment");
    assert_eq!(standing(&answer, "SREI"), "EXCLUDED", "it ended in 2023");
    // A line that names European funds beside the Region's scheme; one that names no scheme that a table knows.
    let building = asked(&app, "TRA-1", (LILLE, SUD, "INVESTISSEMENT")).await;
    assert_eq!([standing(&building, "FRATRI"), standing(&building, "FEDER")], ["ASK_FIRST", "ASK_FIRST"]);
    assert_eq!(standing(&building, "DETR"), "MAY_COME");
    let sport = asked(&app, "SPO-1", (LILLE, SUD, "INVESTISSEMENT")).await;
    assert_eq!([standing(&sport, "FRATRI"), standing(&sport, "FEDER")], ["ASK_FIRST", "MAY_COME"]);
    let feder = credit(&answer, "FEDER");
    assert_eq!(feder["standing"], "MAY_COME");
    assert!(
        rules(feder).contains(&"EU-RATE-FEDER") && rules(feder).contains(&"EU-CUMUL"),
        "once sums are known: {feder:#}"
    );
    assert!(!rules(feder).contains(&"EU-RATE-FSE"), "{feder:#}");
    // The State's own credits are not those that the Region's annex speaks of.
    assert_eq!(
        (standing(&answer, "BOP-147"), &credit(&answer, "BOP-147")["funder"]["id"]),
        ("MAY_COME", &json!("financeur:etat-59"))
    );
    // The State gives in its own département, whatever names the place.
    for place in [SUD, "CN05911M", "200093201"] {
        let answer = asked(&app, "CUL-4", (ASSOCIATION, place, "FONCTIONNEMENT")).await;
        let credits = answer["credits"].as_array().expect("credits").iter();
        let of_state = credits.filter(|one| one["dispositif"]["code"] == "BOP-147").map(|one| &one["funder"]["id"]);
        assert_eq!(of_state.collect::<Vec<_>>(), [&json!("financeur:etat-59")], "{place}");
    }
    let lifted = asked(&app, "EMP-2", (LILLE, SUD, "FONCTIONNEMENT")).await;
    let line = credit(&lifted, "NQE")["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .find(|one| one["rule"] == "EMP-2")
        .cloned();
    assert_eq!(line.expect("the line")["liftedBy"], json!(["DIRECTION_OPINION"]));
}

#[tokio::test]
async fn droit_commun_is_to_be_asked_first_and_opinions_are_named() {
    let app = TestApp::start_over(fill).await;
    let answer = asked(&app, "MOB-1", (ASSOCIATION, SUD, "FONCTIONNEMENT")).await;
    assert_eq!(answer["action"]["line"], "DROIT_COMMUN_PREFERRED");
    assert_eq!(answer["credits"][0]["standing"], "ASK_FIRST", "{answer:#}");
    let nqe = credit(&answer, "NQE");
    assert_eq!(nqe["standing"], "MAY_COME");
    assert!(rules(nqe).contains(&"MOB-1") && rules(nqe).contains(&"DC-FIRST"), "{nqe:#}");
    assert!(rules(nqe).contains(&"NQE-SUMMER"), "its dates are not known: {nqe:#}");
    let needed = hearings(&answer);
    for rule in ["OPINION-PILOT", "OPINION-DIRECTION", "PIC-CRITERIA"] {
        assert!(needed.contains(&rule), "{needed:?}");
    }
    assert_eq!(asked(&app, "CUL-4", (ASSOCIATION, SUD, "FONCTIONNEMENT")).await["action"]["line"], "COMPLEMENTARY");
}

#[tokio::test]
async fn a_scheme_asks_for_its_nature_its_holder_and_its_season() {
    let app = TestApp::start_over(fill).await;
    // FTU: investment, for collectivités.
    let invested = asked(&app, "SPO-1", (LILLE, SUD, "INVESTISSEMENT")).await;
    assert_eq!(standing(&invested, "FTU"), "MAY_COME", "{invested:#}");
    let of_etat =
        invested["credits"].as_array().expect("credits").iter().filter(|one| one["dispositif"]["code"] == "DETR");
    let of_etat: Vec<&Value> = of_etat.map(|one| &one["funder"]["id"]).collect();
    assert_eq!(of_etat, ["financeur:etat-59"], "the State of another département gives nothing here");
    assert_eq!(standing(&invested, "PIC"), "EXCLUDED");
    assert!(rules(credit(&invested, "PIC")).contains(&"PIC-NATURE"));
    let by_association = asked(&app, "SPO-1", (ASSOCIATION, SUD, "INVESTISSEMENT")).await;
    assert_eq!(standing(&by_association, "FTU"), "EXCLUDED");
    assert!(rules(credit(&by_association, "FTU")).contains(&"FTU-HOLDER"));
    // PIC: inhabitants or associations; whether a private SIREN is an association, nothing tells.
    let by_inhabitants = asked(&app, "CUL-4", ("HABITANTS", SUD, "FONCTIONNEMENT")).await;
    assert_eq!(standing(&by_inhabitants, "PIC"), "MAY_COME");
    let by_association = asked(&app, "CUL-4", (ASSOCIATION, SUD, "FONCTIONNEMENT")).await;
    assert_eq!(standing(&by_association, "PIC"), "UNKNOWN");
    let by_commune = asked(&app, "CUL-4", (LILLE, SUD, "FONCTIONNEMENT")).await;
    assert_eq!(standing(&by_commune, "PIC"), "EXCLUDED");
    // Of whom only the kind is known.
    let kind = async |kind: &str, nature: &str, scheme: &str| {
        let action = if nature == "INVESTISSEMENT" { "SPO-1" } else { "CUL-4" };
        standing(&asked(&app, action, (kind, SUD, nature)).await, scheme).to_owned()
    };
    assert_eq!(kind("ASSOCIATION", "FONCTIONNEMENT", "PIC").await, "MAY_COME");
    assert_eq!(kind("ENTREPRISE", "FONCTIONNEMENT", "PIC").await, "EXCLUDED");
    assert_eq!(kind("COLLECTIVITE", "FONCTIONNEMENT", "PIC").await, "EXCLUDED");
    assert_eq!(kind("COLLECTIVITE", "INVESTISSEMENT", "FTU").await, "MAY_COME");
    assert_eq!(kind("ETABLISSEMENT_PUBLIC", "INVESTISSEMENT", "FTU").await, "UNKNOWN");
    assert_eq!(kind("ASSOCIATION", "INVESTISSEMENT", "FTU").await, "EXCLUDED");
    // NQE: in summer.
    for (from, to, told) in [("2026-07-01", "2026-08-31", false), ("2026-01-01", "2026-02-01", true)] {
        let variables = json!({"action": "CUL-4", "holder": LILLE, "place": SUD, "nature": "FONCTIONNEMENT", "from": from, "to": to});
        let answer = app.ask_with(ELIGIBILITY, variables, None).await.data()["eligibility"].clone();
        assert_eq!(rules(credit(&answer, "NQE")).contains(&"NQE-SUMMER"), told, "{from}");
    }
}

/// A request is made between today and the project's last day: a scheme that opens in between may come, one that closes before
/// the project begins may not be told to.
#[tokio::test]
async fn a_scheme_is_open_or_not_on_the_days_of_the_project() {
    let app = TestApp::start_over(fill).await;
    for (from, to, opening, closing) in [
        (Value::Null, Value::Null, "EXCLUDED", "MAY_COME"),
        (json!("2026-12-01"), json!("2026-12-31"), "EXCLUDED", "MAY_COME"),
        (json!("2026-12-01"), json!("2027-01-01"), "MAY_COME", "MAY_COME"),
        (json!("2029-01-01"), json!("2029-06-01"), "MAY_COME", "UNKNOWN"),
    ] {
        let variables = json!({"action": "EMP-1", "holder": LILLE, "place": SUD, "nature": "FONCTIONNEMENT", "from": from, "to": to});
        let answer = app.ask_with(ELIGIBILITY, variables, None).await.data()["eligibility"].clone();
        assert_eq!([standing(&answer, "A-VENIR"), standing(&answer, "FINISSANT")], [opening, closing], "{from} {to}");
        let told = credit(&answer, "A-VENIR")["reasons"].to_string();
        assert_eq!(told.contains("opens on 2027-01-01 only"), opening == "MAY_COME", "{told}");
    }
}

/// What may not come needs nobody's word, and whoever gives what no source speaks for has no name to be shown.
#[tokio::test]
async fn no_opinion_is_asked_on_what_is_excluded() {
    let app = TestApp::start_over(fill).await;
    let answer = asked(&app, "EMP-1", (LILLE, SUD, "FONCTIONNEMENT")).await;
    assert_eq!(standing(&answer, "PIC"), "EXCLUDED");
    assert!(!hearings(&answer).contains(&"PIC-CRITERIA"), "{answer:#}");
    let may = asked(&app, "CUL-4", ("HABITANTS", SUD, "FONCTIONNEMENT")).await;
    assert!(standing(&may, "PIC") == "MAY_COME" && hearings(&may).contains(&"PIC-CRITERIA"), "{may:#}");
    assert!(![&answer, &may].iter().any(|one| one.to_string().contains("N. N.")), "{answer:#}");
}

/// An exclusion that an opinion may lift: whose it is, is told, and what else the rules ask of what may then come.
#[tokio::test]
async fn the_opinion_that_may_lift_an_exclusion_is_asked() {
    let app = TestApp::start_over(fill).await;
    for (action, nature, excluded) in [("EMP-2", "FONCTIONNEMENT", "NQE"), ("ESS-4", "INVESTISSEMENT", "FTU")] {
        let answer = asked(&app, action, (LILLE, SUD, nature)).await;
        assert_eq!(standing(&answer, excluded), "EXCLUDED");
        let needed = answer["opinionsNeeded"].as_array().expect("a list").iter();
        let lifts: Vec<&Value> = needed.filter(|one| one["rule"] == action).collect();
        assert_eq!(lifts.len(), 1, "{answer:#}");
        assert_eq!(lifts[0]["liftedBy"], json!(["DIRECTION_OPINION"]));
        assert!(lifts[0]["message"].as_str().expect("a sentence").contains("lifts this exclusion"), "{answer:#}");
        for rule in ["OPINION-PILOT", "OPINION-DIRECTION"] {
            assert!(hearings(&answer).contains(&rule), "{answer:#}");
        }
        assert!(!hearings(&answer).contains(&"PIC-CRITERIA"), "no opinion makes Lille an inhabitant: {answer:#}");
    }
    // What no opinion lifts is asked of nobody, and what is not excluded needs none to lift it.
    for action in ["EMP-1", "CUL-4"] {
        let answer = asked(&app, action, (LILLE, SUD, "FONCTIONNEMENT")).await;
        assert!(!hearings(&answer).contains(&action), "{answer:#}");
    }
}

#[tokio::test]
async fn a_place_opens_what_its_perimeter_opens() {
    let app = TestApp::start_over(fill).await;
    let anru = async |place: &str| {
        let answer = asked(&app, "SPO-1", (LILLE, place, "INVESTISSEMENT")).await;
        (standing(&answer, "ANRU").to_owned(), hearings(&answer).contains(&"NPNRU-ANRU"))
    };
    assert_eq!(anru(SUD).await, ("MAY_COME".to_owned(), true), "a quartier of the NPNRU: ANRU is to answer");
    assert_eq!(anru("QN05973M").await.0, "UNKNOWN", "the link is not verified");
    assert_eq!(anru("QN05974M").await.0, "EXCLUDED");
    assert_eq!(anru("59350").await.0, "UNKNOWN", "a commune without its quartier");
    let vecu = asked(&app, "CUL-4", (LILLE, "QN05973M", "FONCTIONNEMENT")).await;
    assert_eq!(standing(&vecu, "NQE"), "MAY_COME", "a quartier vécu is a perimeter that was retained: {vecu:#}");
    for place in ["CN05911M", "200093201"] {
        asked(&app, "CUL-4", (LILLE, place, "FONCTIONNEMENT")).await;
    }
    // Nobody says who funds it: not surer than that.
    assert_eq!(standing(&vecu, "ADULTES-RELAIS"), "UNKNOWN");
    assert_eq!(credit(&vecu, "ADULTES-RELAIS")["funder"], Value::Null);
}

#[tokio::test]
async fn what_nobody_knows_is_refused_with_the_words_allowed() {
    let app = TestApp::start_over(fill).await;
    for (action, holder, place, why) in [
        ("XXX-1", LILLE, SUD, "EMP-1"),
        ("EMP-1", "123456789", SUD, "holder"),
        ("EMP-1", "person:0011aabb", SUD, "holder"),
        ("EMP-1", LILLE, "QN99999M", "quartier"),
        ("EMP-1", LILLE, "nulle part", "quartier"),
    ] {
        let variables = json!({"action": action, "holder": holder, "place": place, "nature": "FONCTIONNEMENT"});
        let answer = app.ask_with(ELIGIBILITY, variables, None).await;
        assert_eq!(answer.code(), "BAD_INPUT", "{action} {holder} {place}");
        assert!(answer.body["errors"][0]["message"].as_str().expect("a message").contains(why), "{:#}", answer.body);
    }
    let actions = app.ask_as_public("{ actions { code title line legalSource } }").await;
    let actions = actions.data()["actions"].as_array().expect("actions").clone();
    assert_eq!(actions.len(), 28);
    // Every action, holder and nature gives an answer, and no credit is told twice for one funder.
    for action in &actions {
        for (holder, nature) in
            [(LILLE, "INVESTISSEMENT"), (ASSOCIATION, "FONCTIONNEMENT"), ("HABITANTS", "FONCTIONNEMENT")]
        {
            let answer = asked(&app, action["code"].as_str().expect("a code"), (holder, SUD, nature)).await;
            let credits = answer["credits"].as_array().expect("credits");
            let mut told: Vec<String> =
                credits.iter().map(|one| format!("{}{}", one["dispositif"]["code"], one["funder"])).collect();
            let count = told.len();
            told.sort_unstable();
            told.dedup();
            assert_eq!(told.len(), count, "{answer:#}");
            if action["line"] == "DROIT_COMMUN_ONLY" {
                for code in ["FTU", "PIC", "NQE"] {
                    assert_eq!(standing(&answer, code), "EXCLUDED", "{} {holder}", action["code"]);
                }
            }
        }
    }
}

//! Questions and their answers, to the cent.

use crate::app::TestApp;
use crate::region::{self, NOWHERE, PERSON, SUD};
use passerelle::domain::record::RecordState;
use serde_json::{Value, json};

#[tokio::test]
async fn a_project_is_one_whatever_the_systems_call_it() {
    let app = TestApp::start().await;
    let answer = app
        .ask(&format!(
            "{{ project(id: \"{SUD}\") {{ id title holder {{ id name siren siret }} objectives
                quartiers {{ code name kind npnru predecessors {{ code }} communes {{ code name departement epci {{ siren }} }} }}
                contratsDeVille {{ id name pilot {{ id name }} }} epcis {{ siren name }}
                records {{ source {{ id }} key hash firstSeen lastSeen stale }} }} }}"
        ))
        .await;
    let project = &answer.data()["project"];
    assert_eq!(project["title"], json!("Rénovation du square Trulin"));
    assert_eq!(
        project["holder"],
        json!({"id": "siren:215903501", "name": "Commune de Lille", "siren": "215903501", "siret": null})
    );
    assert_eq!(project["objectives"], json!(["CADRE_DE_VIE"]));
    assert_eq!(
        project["quartiers"],
        json!([{"code": "QN05972M", "name": "Secteur Sud", "kind": "QPV", "npnru": true,
            "predecessors": [{"code": "QP059001"}],
            "communes": [{"code": "59350", "name": "Lille", "departement": "59", "epci": {"siren": "200093201"}}]}])
    );
    assert_eq!(
        project["contratsDeVille"],
        json!([{"id": "CN05911M", "name": "Contrat de ville de la MEL",
            "pilot": {"id": "siren:200093201", "name": "Métropole européenne de Lille"}}])
    );
    assert_eq!(project["epcis"], json!([{"siren": "200093201", "name": "Métropole européenne de Lille"}]));
    let records = project["records"].as_array().expect("records");
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["source"]["id"], json!("region"));
    assert_eq!(records[0]["firstSeen"], json!("2026-03-03T08:00:00Z"));
    assert_eq!(records[0]["lastSeen"], json!("2026-03-06T08:00:00Z"));
    assert_eq!(records[0]["hash"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_euro_seen_in_two_systems_counts_once() {
    let app = TestApp::start().await;
    let answer = app
        .ask(&format!(
            "{{ project(id: \"{SUD}\") {{ commitments {{ funder {{ id }} family dispositif {{ code name }} nature form stage
                amount amounts {{ stage amount decidedOn }} withheld taxBasis year decidedOn authority counted disputed
                statements {{ source {{ id }} authority stage amount readAt withheld record {{ key }} }} }} }} }}"
        ))
        .await;
    let commitments = answer.data()["project"]["commitments"].as_array().expect("commitments");
    assert_eq!(commitments.len(), 2, "{:#}", answer.body);
    let of = |funder: &str| {
        commitments.iter().find(|one| one["funder"]["id"] == funder).unwrap_or_else(|| panic!("{funder}"))
    };
    let region = of("siren:200053742");
    assert_eq!((&region["stage"], &region["amount"]), (&json!("ENGAGE"), &json!("200000.00")));
    assert_eq!((&region["family"], &region["authority"]), (&json!("POLITIQUE_DE_LA_VILLE"), &json!("OWN")));
    assert_eq!(region["dispositif"], json!({"code": "FTU", "name": "Fonds de travaux urbains"}));
    let asked = json!({"stage": "SOLLICITE", "amount": "250000.00", "decidedOn": null});
    assert!(region["amounts"].as_array().is_some_and(|figures| figures.contains(&asked)), "{region:#}");
    let statements = region["statements"].as_array().expect("statements");
    assert_eq!(statements[0]["authority"], json!("OWN"), "the own statement is first");
    assert_eq!(statements.len(), 2);
    let holder = of("siren:215903501");
    assert_eq!((&holder["authority"], &holder["family"]), (&json!("REPORTED"), &json!("PARTENAIRES")));
}

#[tokio::test]
async fn a_plan_says_who_spoke() {
    let app = TestApp::start().await;
    let answer = app
        .ask(&format!(
            "{{ project(id: \"{SUD}\") {{ fundingPlan {{ version budget {{ investissement fonctionnement nonPrecise total }}
                lines {{ funder {{ id }} nature state amount reported withheld acknowledged readAt commitments {{ amount }} }}
                committed {{ investissement }} balance {{ investissement }} partial coverage leverage }} }} }}"
        ))
        .await;
    let plan = &answer.data()["project"]["fundingPlan"];
    assert_eq!(plan["budget"]["investissement"], json!("500000.00"));
    assert_eq!(plan["budget"]["fonctionnement"], Value::Null, "not stated is not zero");
    let lines = plan["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 2);
    let of = |funder: &str| lines.iter().find(|one| one["funder"]["id"] == funder).expect("a line");
    let region = of("siren:200053742");
    assert_eq!((&region["state"], &region["amount"]), (&json!("KNOWN"), &json!("200000.00")));
    let holder = of("siren:215903501");
    assert_eq!((&holder["state"], &holder["amount"]), (&json!("REPORTED"), &Value::Null));
    assert_eq!(holder["reported"], json!("300000.00"));
    assert_eq!(plan["committed"]["investissement"], json!("200000.00"), "what is only reported is not committed");
    assert_eq!(plan["balance"]["investissement"], json!("300000.00"));
    assert_eq!((&plan["partial"], &plan["coverage"]), (&json!(true), &json!(0.5)));
    assert_eq!(plan["leverage"], Value::Null, "of all means, which are not known");
}

#[tokio::test]
async fn totals_add_up_and_unknown_is_not_zero() {
    let app = TestApp::start().await;
    let row =
        "key { dimension value label } amount loans inKind exemptions ownAmount reportedOnlyAmount reportedOnlyLoans
        reportedOnlyInKind count projects mixedTaxBasis partial";
    let all = app.ask(&format!("{{ totals(by: []) {{ {row} }} }}")).await;
    assert_eq!(
        all.data()["totals"],
        json!([{"key": [], "amount": "501500.50", "loans": "40000.00", "inKind": null, "exemptions": null,
            "ownAmount": "201500.50", "reportedOnlyAmount": "300000.00", "reportedOnlyLoans": null,
            "reportedOnlyInKind": null, "count": 4, "projects": 3,
            "mixedTaxBasis": true, "partial": false}])
    );
    let by_year = app.ask(&format!("{{ totals(by: [YEAR]) {{ {row} }} }}")).await;
    let amounts: Vec<(&Value, &Value)> = by_year.data()["totals"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (&row["key"][0]["value"], &row["amount"]))
        .collect();
    assert_eq!(amounts, vec![(&json!("2025"), &json!("1500.50")), (&json!("2026"), &json!("500000.00"))]);
    let by_place = app.ask("{ totals(by: [QUARTIER]) { key { value label } amount loans } }").await;
    let rows = by_place.data()["totals"].as_array().expect("rows").clone();
    assert!(rows.contains(
        &json!({"key": [{"value": "QN05972M", "label": "Secteur Sud"}], "amount": "500000.00", "loans": null})
    ));
    let nowhere = rows.iter().find(|row| row["key"][0]["value"].is_null()).expect("a bucket without place");
    assert_eq!((&nowhere["amount"], &nowhere["loans"]), (&Value::Null, &json!("40000.00")));
    let located = json!({"key": [{"value": "LOCALISE", "label": "localisé, quartier non précisé"}], "amount": "1500.50",
        "loans": null});
    assert!(rows.contains(&located), "in a commune, and nobody says in which quartier: {rows:#?}");
    let asked = app.ask("{ totals(filter: { stage: [SOLLICITE] }, by: []) { amount count partial } }").await;
    assert_eq!(asked.data()["totals"], json!([{"amount": null, "count": 1, "partial": true}]));
    for wrong in ["[YEAR, YEAR]", "[YEAR, STAGE, FORM, NATURE, FAMILY]"] {
        assert_eq!(app.ask(&format!("{{ totals(by: {wrong}) {{ count }} }}")).await.code(), "BAD_INPUT");
    }
}

#[tokio::test]
async fn a_quartier_tells_its_sums_with_its_former_perimeters_each_once() {
    let app = TestApp::start().await;
    let document = "{ quartier(code: \"QN05972M\") { alone: totals(by: [QUARTIER]) { key { value } amount }
        line: totals(by: [QUARTIER], withPerimeters: true) { key { value } amount } } }";
    let quartier = app.ask(document).await.data()["quartier"].clone();
    let row = json!({"key": [{"value": "QN05972M"}], "amount": "500000.00"});
    assert_eq!((&quartier["alone"], &quartier["line"]), (&json!([row]), &json!([row])), "no former one has sums");
}

#[tokio::test]
async fn filters_narrow_and_what_nobody_knows_matches_nothing() {
    let app = TestApp::start().await;
    for (filter, expected) in [
        ("{}", vec![SUD, PERSON, NOWHERE]),
        ("{ search: \"SQUARE renovation\" }", vec![SUD]),
        ("{ quartier: [\"QN05972M\"] }", vec![SUD]),
        ("{ commune: [\"59350\"] }", vec![SUD, PERSON]),
        ("{ epci: [\"200093201\"], year: [2025] }", vec![PERSON]),
        ("{ contrat: [\"CN05911M\"], objective: [CADRE_DE_VIE] }", vec![SUD]),
        ("{ departement: [\"59\"], family: [DROIT_COMMUN] }", vec![PERSON]),
        ("{ funder: [\"siren:215903501\"] }", vec![SUD]),
        ("{ funder: [\"215903501\"] }", vec![SUD]),
        ("{ dispositif: [\"FTU\"] }", vec![SUD]),
        ("{ quartier: [\"QN05999M\"] }", vec![]),
        ("{ funder: [\"eu:NOBODY\"] }", vec![]),
    ] {
        let answer = app.ask(&format!("{{ projects(filter: {filter}) {{ totalCount nodes {{ id }} }} }}")).await;
        let nodes = answer.data()["projects"]["nodes"].as_array().expect("nodes").clone();
        let found: Vec<&str> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
        assert_eq!(found, expected, "{filter}");
    }
    for (filter, expected) in [
        ("{ form: [PRET] }", 1),
        ("{ stageAtLeast: ENGAGE }", 1),
        ("{ stage: [SOLLICITE] }", 1),
        ("{ nature: FONCTIONNEMENT }", 1),
        ("{ amountMin: \"40000\", amountMax: \"200000.00\" }", 2),
        ("{ source: [\"dossiers\"] }", 1),
        ("{ project: \"p0000000000000001\" }", 2),
        ("{ project: \"p00000000000000ff\" }", 0),
    ] {
        let answer = app.ask(&format!("{{ commitments(filter: {filter}) {{ totalCount }} }}")).await;
        assert_eq!(answer.data()["commitments"]["totalCount"], json!(expected), "{filter}");
    }
    let empty = app.ask("{ projects(filter: { quartier: [] }) { totalCount } }").await;
    assert_eq!(empty.code(), "BAD_INPUT", "an empty list is neither all nor nothing");
    assert_eq!(app.ask("{ commitments(filter: { year: [-1] }) { totalCount } }").await.code(), "BAD_INPUT");
    let long = format!("{{ projects(filter: {{ search: \"{}\" }}) {{ totalCount }} }}", "x ".repeat(101));
    assert_eq!(app.ask(&long).await.code(), "BAD_INPUT");
}

#[tokio::test]
async fn a_natural_person_is_masked_everywhere() {
    let app = TestApp::start().await;
    let answer = app
        .ask(&format!(
            "{{ project(id: \"{PERSON}\") {{ holder {{ id name siren }} }}
                projects(filter: {{ search: \"Dupont\" }}) {{ totalCount }}
                organisation(id: \"person:0011aabb\") {{ name projects {{ totalCount }} totals(by: []) {{ count }} }} }}"
        ))
        .await;
    assert_eq!(answer.data()["project"]["holder"]["name"], json!("Personne physique"));
    assert!(!answer.body.to_string().contains("Dupont"), "{:#}", answer.body);
    assert_eq!(answer.data()["projects"]["totalCount"], json!(0));
}

#[tokio::test]
async fn territories_and_organisations() {
    let app = TestApp::start().await;
    let answer = app
        .ask(
            "{ quartier(code: \"QN05972M\") { name epcis { name } contratsDeVille { id } }
               old: quartier(code: \"QP059001\") { code successors { code } }
               contratDeVille(id: \"CN05911M\") { name pilot { siren } quartiers { code }
                 projects(first: 1) { totalCount nodes { id } pageInfo { hasNextPage } } totals(by: [NATURE]) { amount } }
               contratsDeVille { id }
               epci(siren: \"200093201\") { name communes { code } contratsDeVille { id } totals(by: []) { amount } }
               organisation(siren: \"200053742\") { id name projects { totalCount } totals(by: [FORM]) { key { value } amount loans } }
               dispositifs(family: POLITIQUE_DE_LA_VILLE) { code name natures totals(by: []) { amount } }
               nobody: organisation(id: \"siren:833712003\") { id }
               none: epci(siren: \"1\") { name } }",
        )
        .await;
    let data = answer.data();
    assert_eq!(data["quartier"]["contratsDeVille"], json!([{"id": "CN05911M"}]));
    assert_eq!(data["contratDeVille"]["projects"]["totalCount"], json!(1));
    assert_eq!(data["contratDeVille"]["quartiers"], json!([{"code": "QN05972M"}]));
    assert_eq!(data["contratsDeVille"], json!([{"id": "CN05911M"}]));
    assert_eq!(data["epci"]["totals"], json!([{"amount": "501500.50"}]));
    assert_eq!(data["epci"]["communes"], json!([{"code": "59350"}]));
    assert_eq!(data["organisation"]["projects"]["totalCount"], json!(3));
    assert_eq!(
        data["organisation"]["totals"],
        json!([{"key": [{"value": "SUBVENTION"}], "amount": "201500.50", "loans": null},
            {"key": [{"value": "PRET"}], "amount": null, "loans": "40000.00"}])
    );
    assert_eq!(
        data["dispositifs"],
        json!([{"code": "FTU", "name": "Fonds de travaux urbains", "natures": ["INVESTISSEMENT"],
            "totals": [{"amount": "200000.00"}]}])
    );
    assert_eq!((&data["nobody"], &data["none"]), (&Value::Null, &Value::Null));
    for arguments in ["", "(id: \"siren:200053742\", siren: \"200053742\")"] {
        assert_eq!(app.ask(&format!("{{ organisation{arguments} {{ id }} }}")).await.code(), "BAD_INPUT");
    }
}

#[tokio::test]
async fn sources_tell_their_health() {
    let app = TestApp::start().await;
    let answer = app
        .ask(
            "{ source(id: \"region\") { id family name speaksFor { id name } reachable age maxAge records rejected
                lastRun { id outcome read added changed unchanged skipped rejected gone message(lang: EN) startedAt endedAt }
                lastSuccess { outcome } }
               ledger { version at head } }",
        )
        .await;
    let source = &answer.data()["source"];
    assert_eq!((&source["family"], &source["name"]), (&json!("DROIT_COMMUN"), &json!("Subventions de la Région")));
    assert_eq!(source["speaksFor"], json!([{"id": "siren:200053742", "name": "Région Hauts-de-France"}]));
    assert_eq!((&source["records"], &source["reachable"]), (&json!(3), &json!(true)));
    // Read on day 5, looked at on day 10.
    assert_eq!(source["age"], json!(5 * 86_400));
    assert_eq!(source["lastRun"]["outcome"], json!("SUCCEEDED"));
    assert_eq!(source["lastRun"]["changed"], json!(1));
    assert_eq!(answer.data()["ledger"]["version"], json!(4));
    assert_eq!(answer.data()["ledger"]["at"], json!("2026-03-06T08:00:00Z"));
    assert_eq!(answer.data()["ledger"]["head"].as_str().map(str::len), Some(64));
}

/// What a source gives in a rejected form keeps its last good version: as old as that one was.
#[tokio::test]
async fn a_record_that_went_bad_is_as_old_as_its_last_good_version() {
    let app = TestApp::start_over(async |ledger| {
        region::fill(ledger).await;
        region::turn(ledger, "r1", RecordState::Bad, 8).await;
    })
    .await;
    let document = format!(
        "{{ project(id: \"{SUD}\") {{ fundingPlan {{ lines {{ funder {{ id }} state readAt }} }}
            commitments {{ funder {{ id }} statements {{ authority readAt }} }} }} }}"
    );
    let answer = app.ask(&document).await;
    let project = &answer.data()["project"];
    let of = |list: &Value| {
        let mut list = list.as_array().expect("a list").iter();
        list.find(|one| one["funder"]["id"] == "siren:200053742").cloned().expect("the Région's")
    };
    let line = of(&project["fundingPlan"]["lines"]);
    assert_eq!((&line["state"], &line["readAt"]), (&json!("STALE"), &json!("2026-03-06T08:00:00Z")), "{line}");
    let own = &of(&project["commitments"])["statements"][0];
    assert_eq!(*own, json!({"authority": "OWN", "readAt": "2026-03-06T08:00:00Z"}));
}

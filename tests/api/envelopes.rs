//! Target envelopes over HTTP: figures worked out by hand, what each viewer is told, what was known before.

use crate::app::TestApp;
use crate::region::{Load, SUD, append, fill};
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const REGION: &str = "200053742";
const MEL: &str = "200093201";
const FIGURES: &str = "id target transferredIn transferredOut available consumed unattributed unattributedCount
    remaining remainingAtMost partial";

fn table(key: &'static str, table: Value) -> (&'static str, Option<&'static str>, Value) {
    (key, None, json!({"reference": table}))
}

fn envelope(key: &'static str, dispositif: &str, amount: &str) -> (&'static str, Option<&'static str>, Value) {
    table(
        key,
        json!({"table": "envelope", "code": key, "funder": format!("siren:{REGION}"), "epci": MEL,
            "dispositif": dispositif, "year": 2026, "amount": amount, "fungible": "G"}),
    )
}

fn load(day: i64, records: Vec<(&'static str, Option<&'static str>, Value)>) -> Load {
    let source = json!({"id": "enveloppes", "family": null, "title": "Enveloppes", "standing": "publication",
        "speaks_for": [], "max_age_s": 2_592_000, "vanish_limit_bp": 2_000});
    Load { source, day, records, unchanged: 0, rejected: Vec::new() }
}

/// Three envelopes for the Métropole. Day 5: targets. Day 6: 500.00 go from NQE to PIC, and 9,999.00 that NQE does not have to
/// FTU; a grant of 1,500.25 under PIC in Secteur Sud, one of 40.00 under PIC nowhere.
async fn world(ledger: &Ledger) {
    fill(ledger).await;
    let targets = vec![
        envelope("E-FTU", "FTU", "1000000.00"),
        envelope("E-NQE", "NQE", "800.00"),
        envelope("E-PIC", "PIC", "900.00"),
    ];
    append(ledger, load(5, targets)).await;
    let transfer = |key, to: &str, amount: &str| {
        table(
            key,
            json!({"table": "envelope-transfer", "from": "E-NQE", "to": to, "amount": amount, "decided_on": "2026-03-04"}),
        )
    };
    let mut moved = load(6, vec![transfer("t1", "E-PIC", "500.00"), transfer("t2", "E-FTU", "9999.00")]);
    moved.unchanged = 3;
    append(ledger, moved).await;
    append(ledger, grants()).await;
}

fn grants() -> Load {
    let region = format!("siren:{REGION}");
    let grant = |amount: &str, places: Value, reference: &str| {
        json!({"project": {"title": "Projet", "places": places, "references": [{"scheme": "pic", "value": reference}]},
            "statements": [{"funder": region, "nature": "FONCTIONNEMENT", "form": "SUBVENTION", "stage": "ATTRIBUE",
                "amount": amount, "tax_basis": "NON_PRECISE", "dispositif": "PIC", "year": 2026}]})
    };
    Load {
        source: json!({"id": "pic", "family": "POLITIQUE_DE_LA_VILLE", "title": "PIC", "standing": "system-of-record",
            "speaks_for": [{"funder": region}], "max_age_s": 2_592_000, "vanish_limit_bp": 2_000}),
        day: 7,
        records: vec![
            ("pic-1", Some("p0000000000000101"), grant("1500.25", json!({"quartiers": ["QN05972M"]}), "1")),
            ("pic-2", Some("p0000000000000102"), grant("40.00", json!({}), "2")),
        ],
        unchanged: 0,
        rejected: Vec::new(),
    }
}

fn of<'a>(nodes: &'a Value, id: &str) -> &'a Value {
    nodes
        .as_array()
        .expect("envelopes")
        .iter()
        .find(|one| one["id"] == id)
        .unwrap_or_else(|| panic!("no {id}: {nodes:#}"))
}

#[tokio::test]
async fn the_balance_of_envelopes_is_what_was_worked_out_by_hand() {
    let app = TestApp::start_over(world).await;
    let query = format!(
        "{{ envelopes {{ totalCount nodes {{ {FIGURES} epci {{ name }} dispositif {{ name }} years funder {{ siren }}
            source {{ id }} key readAt warnings {{ code message(lang: EN) }} transfers {{ from to amount counts refusal(lang: EN) decidedOn }} }} }} }}"
    );
    let data = app.ask(&query).await.data()["envelopes"].clone();
    assert_eq!(data["totalCount"], 3);
    let pic = of(&data["nodes"], "E-PIC");
    for (field, value) in [
        ("target", json!("900.00")),
        ("transferredIn", json!("500.00")),
        ("transferredOut", json!("0.00")),
        ("available", json!("1400.00")),
        ("consumed", json!("1500.25")),
        ("unattributed", json!("40.00")),
        ("unattributedCount", json!(1)),
        ("remaining", Value::Null),
        ("remainingAtMost", json!("-100.25")),
        ("partial", json!(true)),
        ("years", json!([2026])),
        ("epci", json!({"name": "Métropole européenne de Lille"})),
        ("funder", json!({"siren": REGION})),
        ("source", json!({"id": "enveloppes"})),
        ("key", json!("E-PIC")),
    ] {
        assert_eq!(pic[field], value, "{field} of {pic:#}");
    }
    let nqe = of(&data["nodes"], "E-NQE");
    assert_eq!((&nqe["available"], &nqe["remaining"], &nqe["partial"]), (&json!("300.00"), &Value::Null, &json!(true)));
    assert_eq!(nqe["warnings"][0]["code"], "transfer-not-counted", "{nqe:#}");
    assert_eq!(nqe["transfers"][1]["refusal"], "it is more than the giver has", "{nqe:#}");
    assert_eq!(nqe["transfers"][0]["counts"], true);
    let ftu = of(&data["nodes"], "E-FTU");
    assert_eq!((&ftu["available"], &ftu["remainingAtMost"]), (&json!("1000000.00"), &Value::Null));
    assert_eq!(ftu["dispositif"]["name"], "Fonds de travaux urbains");
}

#[tokio::test]
async fn they_are_found_by_epci_by_dispositif_by_filter_and_by_page() {
    let app = TestApp::start_over(world).await;
    let ids = |nodes: &Value| -> Vec<String> {
        nodes.as_array().expect("a list").iter().map(|one| one["id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let of_epci = "{ epci(siren: \"200093201\") { envelopes(year: 2026) { id } other: envelopes(year: 2025) { id } } }";
    let data = app.ask(of_epci).await.data()["epci"].clone();
    assert_eq!(
        (ids(&data["envelopes"]), ids(&data["other"])),
        (vec!["E-FTU".into(), "E-NQE".into(), "E-PIC".into()], vec![])
    );
    let data = app.ask("{ dispositifs { code envelopes { id } } }").await.data()["dispositifs"].clone();
    let ftu = data.as_array().expect("a list").iter().find(|one| one["code"] == "FTU").expect("there");
    assert_eq!(ids(&ftu["envelopes"]), ["E-FTU"]);
    for (filter, found) in [
        ("{dispositif: [\"PIC\", \"NQE\"]}", vec!["E-NQE", "E-PIC"]),
        ("{funder: [\"siren:200053742\"], year: [2026], epci: [\"200093201\"]}", vec!["E-FTU", "E-NQE", "E-PIC"]),
        ("{funder: [\"siren:200093201\"]}", vec![]),
        ("{nature: INVESTISSEMENT}", vec![]),
        ("{year: [2027]}", vec![]),
    ] {
        let data = app.ask(&format!("{{ envelopes(filter: {filter}) {{ nodes {{ id }} }} }}")).await.data().clone();
        assert_eq!(ids(&data["envelopes"]["nodes"]), found, "{filter}");
    }
    let page =
        app.ask("{ envelopes(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } }").await.data().clone();
    let page = &page["envelopes"];
    assert_eq!((ids(&page["nodes"]).len(), &page["pageInfo"]["hasNextPage"]), (2, &json!(true)));
    let after = page["pageInfo"]["endCursor"].as_str().expect("a cursor");
    let rest =
        app.ask(&format!("{{ envelopes(first: 2, after: \"{after}\") {{ nodes {{ id }} }} }}")).await.data().clone();
    assert_eq!(ids(&rest["envelopes"]["nodes"]), ["E-PIC"]);
}

#[tokio::test]
async fn what_remains_is_for_those_who_see_every_sum_and_nothing_is_for_the_public() {
    let app = TestApp::start_over(world).await;
    let query = format!(
        "{{ envelopes {{ totalCount nodes {{ {FIGURES} }} }} epci(siren: \"{MEL}\") {{ envelopes {{ id }} }}
        dispositifs {{ code envelopes {{ id }} }} }}"
    );
    for (role, siren) in [(Role::Partner, Some(MEL)), (Role::Admin, None), (Role::Committee, None)] {
        let token = app.token_of(role, siren, &[]);
        let data = app.ask_with(&query, json!({}), Some(&token)).await.data().clone();
        let pic = of(&data["envelopes"]["nodes"], "E-PIC");
        assert_eq!(pic["available"], "1400.00", "{role}");
        assert_eq!(pic["partial"], true, "{role}");
        for node in data["envelopes"]["nodes"].as_array().expect("nodes") {
            assert_eq!((&node["remaining"], &node["remainingAtMost"]), (&Value::Null, &Value::Null), "{role}");
        }
    }
    let token = app.token_of(Role::Region, Some(REGION), &[]);
    let data = app.ask_with(&query, json!({}), Some(&token)).await.data().clone();
    assert_eq!(of(&data["envelopes"]["nodes"], "E-PIC")["remainingAtMost"], "-100.25");
    let data = app.ask_as_public(&query).await.data().clone();
    assert_eq!(data["envelopes"]["totalCount"], 0);
    assert_eq!(data["epci"]["envelopes"], json!([]));
    assert!(!data["dispositifs"].to_string().contains("NQE"), "an envelope alone names it: {data:#}");
    assert!(!data.to_string().contains("E-"), "{data:#}");
}

#[tokio::test]
async fn a_sum_under_embargo_leaves_no_figure_to_those_it_is_kept_from() {
    let app = TestApp::start_over(async |ledger: &Ledger| {
        fill(ledger).await;
        let own = table(
            "E-MEL",
            json!({"table": "envelope", "code": "E-MEL", "funder": format!("siren:{MEL}"), "year": 2026,
            "amount": "500000.00"}),
        );
        append(ledger, load(5, vec![own])).await;
    })
    .await;
    let token = |siren| app.token_of(Role::Partner, Some(siren), &["CN05911M"]);
    let admit = "mutation($id: ID!, $f: ID!) { admitFunder(project: $id, funder: $f, reason: \"comité\") { id } }";
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    app.ask_with(admit, json!({"id": SUD, "f": format!("siren:{MEL}")}), Some(&region)).await.data();
    let declare = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
    let input = json!({"project": SUD, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": "424242.42",
        "taxBasis": "HT", "year": 2026, "notPublicUntil": "2026-03-20"});
    app.ask_with(declare, json!({"input": input}), Some(&token(MEL))).await.data();
    let open = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "100.00", "taxBasis": "HT",
        "year": 2026});
    app.ask_with(declare, json!({"input": open}), Some(&token(MEL))).await.data();
    let query = format!("{{ envelopes {{ nodes {{ {FIGURES} }} }} }}");
    let seen = app.ask_with(&query, json!({}), Some(&region)).await.data()["envelopes"]["nodes"][0].clone();
    assert_eq!((&seen["consumed"], &seen["remainingAtMost"]), (&json!("424342.42"), &json!("75657.58")), "{seen:#}");
    let other =
        app.ask_with(&query, json!({}), Some(&token("215903501"))).await.data()["envelopes"]["nodes"][0].clone();
    assert_eq!(
        (&other["consumed"], &other["remaining"], &other["partial"]),
        (&Value::Null, &Value::Null, &json!(true))
    );
    assert!(!other.to_string().contains("4243") && !other.to_string().contains("75657"), "{other:#}");
}

#[tokio::test]
async fn the_past_is_told_as_it_was_known() {
    let app = TestApp::start_over(world).await;
    let at = |version: i32| format!("{{ asOf(version: {version}) {{ envelopes {{ nodes {{ {FIGURES} }} }} }} }}");
    // Versions 1 to 4 are the region's, 5 the targets, 6 the transfers, 7 the grants.
    assert_eq!(app.ask(&at(4)).await.data()["asOf"]["envelopes"]["nodes"], json!([]));
    let before = app.ask(&at(5)).await.data()["asOf"]["envelopes"]["nodes"].clone();
    assert_eq!(of(&before, "E-PIC")["available"], "900.00");
    let moved = app.ask(&at(6)).await.data()["asOf"]["envelopes"]["nodes"].clone();
    assert_eq!(
        (&of(&moved, "E-PIC")["available"], &of(&moved, "E-PIC")["consumed"]),
        (&json!("1400.00"), &json!("0.00"))
    );
    let now = app.ask(&at(7)).await.data()["asOf"]["envelopes"]["nodes"].clone();
    assert_eq!(of(&now, "E-PIC")["consumed"], "1500.25");
}

#[tokio::test]
async fn they_are_listed_as_csv_for_whom_graphql_tells_them() {
    let app = TestApp::start_over(world).await;
    let list = async |query: &str, token: Option<&str>| {
        let request = app.client().get(app.url(&format!("/lists/envelopes.csv{query}")));
        app.send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    };
    let token = app.auditor();
    let answer = list("?dispositif=PIC&year=2026", Some(&token)).await;
    let rows: Vec<&str> = answer.body.as_str().expect("a text").lines().collect();
    let pic = "E-PIC,siren:200053742,200093201,Métropole européenne de Lille,PIC,2026,,900.00,1400.00,1500.25,40.00,,-100.25,true";
    assert_eq!(rows[1..], [pic], "{}", answer.body);
    assert_eq!(list("", Some(&token)).await.body.as_str().expect("a text").lines().count(), 4);
    assert_eq!(list("", None).await.body.as_str().expect("a text").lines().count(), 1, "the heading alone");
    assert_eq!(list("?year=soon", Some(&token)).await.status, 400);
    assert_eq!(list("?nature=F", Some(&token)).await.status, 400);
}

//! What a source rejected is raw, and whose sum stands in it cannot be told: its values are for whom alone the source speaks for.

use super::world::{self, ANRU, ELSEWHERE, HERE, REGION};
use crate::app::TestApp;
use crate::region::{Load, append, day};
use passerelle::domain::message::Message;
use passerelle::domain::rejection::Rejection;
use passerelle::domain::text::SourceId;
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const VALUE: &str = "222333,5x";
const DOCUMENT: &str = "query($id: ID!) { source(id: $id) { findings { example }
    rejections { totalCount nodes { location field code reason en: reason(lang: EN) record } } } }";

/// A source that rejected one record; perhaps it is known to tell embargoes.
async fn rejecting(ledger: &Ledger, id: &str, funders: &[&str], embargo: bool) {
    let speaks_for: Vec<Value> = funders.iter().map(|siren| json!({"funder": format!("siren:{siren}")})).collect();
    let mut source = json!({"id": id, "family": "POLITIQUE_DE_LA_VILLE", "title": id, "standing": "system-of-record",
        "speaks_for": speaks_for, "max_age_s": 1_728_000, "vanish_limit_bp": 2_000});
    if embargo {
        source["tells_embargoes"] = json!(true);
    }
    let rejected = Rejection {
        source: SourceId::parse(id).expect("sound"),
        run: format!("{id}-6"),
        key: Some("E3".to_owned()),
        raw: json!({"dossier": "E3", "montant": VALUE, "note": null}).to_string(),
        location: "export.csv, line 4".to_owned(),
        field: Some("montant".to_owned()),
        code: "amount-unreadable".to_owned(),
        reason: Message::new(
            format!("champ montant, « {VALUE} » : ce n'est pas un montant"),
            format!("field montant, \"{VALUE}\": no amount"),
        ),
        at: day(6),
    };
    append(ledger, Load { source, day: 6, records: Vec::new(), unchanged: 0, rejected: vec![rejected] }).await;
}

async fn fill(ledger: &Ledger) {
    world::fill(ledger).await;
    rejecting(ledger, "shared", &[HERE, ELSEWHERE, REGION], false).await;
    rejecting(ledger, "shared-kept", &[HERE, ELSEWHERE], true).await;
    rejecting(ledger, "alone", &[HERE], false).await;
    rejecting(ledger, "alone-kept", &[HERE], true).await;
    rejecting(ledger, "anru", &[ANRU], false).await;
}

/// What is shown of the one rejection of a source, and whether a value of it is.
async fn seen(app: &TestApp, id: &str, token: &str) -> Option<bool> {
    let answer = app.ask_with(DOCUMENT, json!({"id": id}), Some(token)).await;
    let source = &answer.data()["source"];
    let rejections = Some(&source["rejections"]).filter(|found| !found.is_null())?;
    let one = &rejections["nodes"][0];
    assert_eq!(
        (&one["location"], &one["field"], &one["code"]),
        (&json!("export.csv, line 4"), &json!("montant"), &json!("amount-unreadable"))
    );
    let shown = answer.body.to_string().contains(VALUE);
    if !shown {
        assert_eq!(one["record"], json!({"dossier": "***", "montant": "***", "note": null}), "{id}");
        assert_eq!(one["reason"], "champ montant, « … » : ce n'est pas un montant");
        assert_eq!(one["en"], "field montant, « … »: no amount");
    }
    let example = source["findings"][0]["example"] == "douze";
    assert_eq!(example, shown, "an example is a value: {source:#}");
    Some(shown)
}

#[tokio::test]
async fn the_values_of_what_was_rejected_are_for_whom_alone_the_source_speaks_for() {
    let app = TestApp::start_over(fill).await;
    let [here, elsewhere, stranger] =
        [HERE, ELSEWHERE, "215903501"].map(|siren| app.token_of(Role::Partner, Some(siren), &[]));
    let (region, admin, auditor) = (app.token_of(Role::Region, Some(REGION), &[]), app.admin(), app.auditor());
    for (id, who, expected) in [
        ("shared", &here, Some(false)),
        ("shared", &elsewhere, Some(false)),
        ("shared", &stranger, None),
        ("shared", &region, Some(true)),
        ("shared", &admin, Some(true)),
        ("shared", &auditor, Some(true)),
        ("shared-kept", &here, Some(false)),
        ("shared-kept", &region, None),
        ("shared-kept", &admin, Some(false)),
        ("shared-kept", &auditor, Some(true)),
        ("alone", &here, Some(true)),
        ("alone", &elsewhere, None),
        ("alone", &admin, Some(true)),
        ("alone-kept", &here, Some(true)),
        ("alone-kept", &admin, Some(false)),
        // Its profile says nothing of embargoes, and a vote that it holds is kept.
        ("anru", &admin, Some(false)),
    ] {
        assert_eq!(seen(&app, id, who).await, expected, "{id}");
    }
}

/// Which amounts stand otherwise, and that they do, tells of those that are kept from the viewer.
#[tokio::test]
async fn what_weighs_amounts_is_not_told_of_a_source_that_keeps_some() {
    let app = TestApp::start_over(fill).await;
    let kinds = async |id: &str, token: Option<&str>| -> Vec<String> {
        let asked = "query($id: ID!) { source(id: $id) { findings { kind message(lang: EN) } } }";
        let answer = app.ask_with(asked, json!({"id": id}), token).await;
        assert!(token.is_some() || !answer.body.to_string().contains("500,000"), "{:#}", answer.body);
        let findings = answer.data()["source"]["findings"].as_array().expect("findings").clone();
        findings.iter().map(|one| one["kind"].as_str().expect("a kind").to_owned()).collect()
    };
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    let both = ["COLUMN_RETYPED", "AMOUNTS_SCALED"];
    assert_eq!(kinds("shared", None).await, both);
    assert_eq!(kinds("shared-kept", None).await, ["COLUMN_RETYPED"]);
    assert_eq!(kinds("anru", None).await, ["COLUMN_RETYPED"], "it holds a vote that is kept");
    assert_eq!(kinds("shared-kept", Some(&region)).await, both);
}

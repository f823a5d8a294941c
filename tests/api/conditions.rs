//! Whether all means were known at a vote of the Region: what moved between the attestation and the vote is told by the ledger, though
//! the records say something else, or the same, by now.

use crate::app::TestApp;
use crate::region::{self, Load, SUD, day};
use passerelle::domain::act::Author;
use passerelle::domain::governance::{Act, RegionsShare, VoteFound, VoteOn};
use passerelle::domain::money::Cents;
use passerelle::domain::vocabulary::Knowledge;
use passerelle::ledger::{Ledger, NewEntry, NewRow};
use serde_json::{Value, json};
use std::convert::Infallible;

/// Day of the attestation, and that of the vote.
const ATTESTED: i64 = 3;
const VOTED: i64 = 5;

/// What the applicant asks of the Métropole.
fn asked(day: i64, cents: u32) -> Load {
    let plan = json!({
        "project": {"title": "Rénovation du square Trulin", "places": {"contrats": ["CN05911M"]}},
        "statements": [{"funder": "siren:200093201", "nature": "INVESTISSEMENT", "form": "SUBVENTION",
            "stage": "SOLLICITE", "amount": format!("{cents}.00"), "tax_basis": "HT", "year": 2026}],
    });
    let source = json!({"id": "dossiers", "family": null, "title": "Dossiers de demande", "standing": "publication",
        "speaks_for": [], "max_age_s": 864_000, "vanish_limit_bp": 2_000});
    Load { source, day, records: vec![("a1", Some(SUD), plan)], unchanged: 0, rejected: Vec::new() }
}

/// What the Region voted on the day of the vote.
fn voted(day_read: i64) -> Load {
    let vote = json!({
        "project": {"title": "Rénovation du square Trulin", "holder": "siren:215903501",
            "places": {"contrats": ["CN05911M"]},
            "references": [{"scheme": "convention-region", "value": "2026-17"}]},
        "statements": [{"funder": "siren:200053742", "nature": "INVESTISSEMENT", "form": "SUBVENTION",
            "stage": "ATTRIBUE", "amount": "200000.00", "tax_basis": "HT", "dispositif": "FTU", "year": 2026,
            "decided_on": day(VOTED).date_naive().to_string()}],
    });
    let records = vec![("r1", Some(SUD), vote)];
    Load { source: region::region_source(), day: day_read, records, unchanged: 0, rejected: Vec::new() }
}

/// The project was attested to be ready.
async fn attest(ledger: &Ledger) {
    let (head, at) = (ledger.head().await.expect("a head"), day(ATTESTED));
    let investissement = Cents::new(20_000_000);
    let act = Act::Attested {
        project: SUD.parse().expect("sound"),
        plan: "0".repeat(64).parse().expect("a version"),
        content: None,
        ready: true,
        knowledge: Knowledge::KnownAndShared,
        checked: head.version,
        checked_at: at,
        rulebook: "".into(),
        valid_until: None,
        vote: Some(VoteFound {
            voted: VoteOn::Neither,
            plan: Some(RegionsShare { investissement, ..RegionsShare::default() }),
        }),
        kept: Vec::new(),
        rests_on: Vec::new(),
        tells_links: false,
        jws: "".into(),
    };
    let entry = NewEntry {
        base: head.version,
        kind: "act".to_owned(),
        author: Author::system("test"),
        reason: String::new(),
        at,
        profile: None,
        run: None,
        decisions: Vec::new(),
        acts: vec![act],
    };
    ledger.append(entry, std::iter::empty::<Result<NewRow, Infallible>>()).await.expect("appended");
}

/// Is the sixth condition met, where this came between the attestation and what is read after the vote?
async fn met(between: impl AsyncFnOnce(&Ledger)) -> Value {
    let app = TestApp::start_over(async |ledger: &Ledger| {
        region::append(ledger, region::references()).await;
        region::append(ledger, asked(2, 100)).await;
        attest(ledger).await;
        between(ledger).await;
        region::append(ledger, voted(7)).await;
    })
    .await;
    let answer = app.ask("{ contratDeVille(id: \"CN05911M\") { conditions { code met evidence } } }").await;
    let all = answer.data()["contratDeVille"]["conditions"].as_array().expect("conditions").clone();
    all.into_iter().find(|one| one["code"] == "C6").expect("the sixth")["met"].clone()
}

#[tokio::test]
async fn an_attestation_holds_for_a_vote_where_nothing_moved() {
    assert_eq!(met(async |_: &Ledger| ()).await, true);
    let after = async |ledger: &Ledger| region::append(ledger, asked(6, 300)).await;
    assert_eq!(met(after).await, true, "what is asked after the vote");
}

#[tokio::test]
async fn what_was_otherwise_in_between_is_not_known_to_have_been_ready_though_it_changed_again() {
    let twice = async |ledger: &Ledger| {
        region::append(ledger, asked(4, 300)).await;
        region::append(ledger, asked(6, 100)).await;
    };
    assert_eq!(met(twice).await, Value::Null);
}

#[tokio::test]
async fn what_could_not_be_read_in_between_is_not_known_to_have_been_ready() {
    let unread = |about: &'static str| {
        async move |ledger: &Ledger| {
            let mut rejected = region::unreadable(4);
            rejected.raw = json!({"dossier": "r9", "convention": about, "montant": "douze"}).to_string();
            let (source, rejected) = (region::region_source(), vec![rejected]);
            region::append(ledger, Load { source, day: 4, records: Vec::new(), unchanged: 0, rejected }).await;
        }
    };
    assert_eq!(met(unread("2026-17")).await, Value::Null, "a record of it");
    assert_eq!(met(unread("2026-18")).await, true, "of another project");
}

#[tokio::test]
async fn what_waited_for_a_person_in_between_is_not_known_to_have_been_ready() {
    let held = |day: i64| {
        async move |ledger: &Ledger| {
            let read = Load { records: Vec::new(), ..voted(2) };
            region::append(ledger, read).await;
            region::hold(ledger, day).await;
        }
    };
    assert_eq!(met(held(4)).await, Value::Null);
    assert_eq!(met(held(6)).await, true, "after the vote");
}

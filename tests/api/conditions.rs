//! Whether all means were known at a vote of the Region: what moved between the attestation and the vote is told by the ledger, though
//! the records say something else, or the same, by now.

use crate::app::TestApp;
use crate::region::{self, Load, SUD, day};
use passerelle::domain::act::Author;
use passerelle::domain::governance::{Act, RegionsShare, VoteFound, VoteOn};
use passerelle::domain::money::Cents;
use passerelle::domain::record::RecordState;
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

/// What the Region states of its own money, at a stage.
fn regions(day_read: i64, stage: &str, change: impl Fn(&mut Value)) -> Load {
    let mut record = json!({
        "project": {"title": "Rénovation du square Trulin", "holder": "siren:215903501",
            "places": {"contrats": ["CN05911M"]},
            "references": [{"scheme": "convention-region", "value": "2026-17"}],
            "budget": {"fonctionnement": "20000.00", "tax_basis": "HT"}},
        "statements": [{"funder": "siren:200053742", "nature": "FONCTIONNEMENT", "form": "SUBVENTION",
            "stage": stage, "amount": "20000.00", "tax_basis": "HT", "dispositif": "MOBILITES", "year": 2026}],
    });
    if stage == "ATTRIBUE" {
        record["statements"][0]["decided_on"] = json!(day(VOTED).date_naive().to_string());
    }
    change(&mut record);
    let (records, rejected) = (vec![("r1", Some(SUD), record)], Vec::new());
    Load { source: region::region_source(), day: day_read, records, unchanged: 0, rejected }
}

/// The project was attested.
async fn attest(ledger: &Ledger, ready: bool) {
    let (head, at) = (ledger.head().await.expect("a head"), day(ATTESTED));
    let fonctionnement = Cents::new(2_000_000);
    let act = Act::Attested {
        project: SUD.parse().expect("sound"),
        plan: "0".repeat(64).parse().expect("a version"),
        content: None,
        ready,
        knowledge: if ready { Knowledge::KnownAndShared } else { Knowledge::Incomplete },
        checked: head.version,
        checked_at: at,
        rulebook: "".into(),
        valid_until: None,
        vote: Some(VoteFound {
            voted: VoteOn::Neither,
            plan: Some(RegionsShare { fonctionnement, ..RegionsShare::default() }),
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

/// What a story of the project is made of.
struct Story {
    proposed: Load,
    ready: bool,
    voted: Load,
}

impl Story {
    fn new() -> Self {
        Story { proposed: regions(2, "PROPOSE", |_| ()), ready: true, voted: regions(7, "ATTRIBUE", |_| ()) }
    }

    /// Is the sixth condition met, where this came between the attestation and the reading of the vote?
    async fn met(self, between: impl AsyncFnOnce(&Ledger)) -> Value {
        let app = TestApp::start_over(async |ledger: &Ledger| {
            region::append(ledger, region::references()).await;
            region::append(ledger, self.proposed).await;
            attest(ledger, self.ready).await;
            between(ledger).await;
            region::append(ledger, self.voted).await;
        })
        .await;
        let answer = app.ask("{ contratDeVille(id: \"CN05911M\") { conditions { code met evidence } } }").await;
        let all = answer.data()["contratDeVille"]["conditions"].as_array().expect("conditions").clone();
        all.into_iter().find(|one| one["code"] == "C6").expect("the sixth")["met"].clone()
    }
}

async fn nothing(_: &Ledger) {}

/// The applicant's request is no more.
async fn dropped(ledger: &Ledger, day: i64) {
    region::turn_of(ledger, ("dossiers", "a1"), RecordState::Closed, day).await;
}

#[tokio::test]
async fn an_attestation_holds_for_a_vote_where_nothing_moved() {
    assert_eq!(Story::new().met(nothing).await, true);
    let after = async |ledger: &Ledger| region::append(ledger, asked(6, 300)).await;
    assert_eq!(Story::new().met(after).await, true, "what is asked after the vote");
    let back = async |ledger: &Ledger| {
        region::append(ledger, asked(4, 300)).await;
        dropped(ledger, 4).await;
    };
    assert_eq!(Story::new().met(back).await, true, "what was asked, and was no more when the day began");
}

#[tokio::test]
async fn what_was_otherwise_at_the_vote_is_not_known_to_have_been_ready_though_it_changed_back() {
    for (came, went) in [(4, 6), (5, 6), (5, 5)] {
        let for_a_while = async |ledger: &Ledger| {
            region::append(ledger, asked(came, 300)).await;
            dropped(ledger, went).await;
        };
        assert_eq!(Story::new().met(for_a_while).await, Value::Null, "from day {came} to {went}");
    }
}

#[tokio::test]
async fn what_became_ready_by_the_regions_own_record_was_not_voted_without() {
    let unready = |ready: bool| Story { proposed: regions(2, "SOLLICITE", |_| ()), ready, ..Story::new() };
    assert_eq!(unready(false).met(nothing).await, false, "asked, and not proposed");
    let proposed = async |ledger: &Ledger| region::append(ledger, regions(4, "PROPOSE", |_| ())).await;
    assert_eq!(unready(false).met(proposed).await, Value::Null, "proposed in between");
    assert_eq!(unready(true).met(nothing).await, Value::Null, "what was attested was not so");
}

#[tokio::test]
async fn a_vote_of_another_plan_is_not_known_to_have_been_made_knowing_it() {
    let others: [fn(&mut Value); 6] = [
        |vote| vote["statements"][0]["form"] = json!("PRET"),
        |vote| vote["statements"][0]["dispositif"] = json!("FTU"),
        |vote| vote["statements"][0]["tax_basis"] = json!("TTC"),
        |vote| vote["statements"][0]["year"] = json!(2027),
        |vote| vote["statements"][0]["amount"] = json!("20000.01"),
        |vote| vote["project"]["budget"]["fonctionnement"] = json!("90000.00"),
    ];
    for (at, other) in others.into_iter().enumerate() {
        let story = Story { voted: regions(7, "ATTRIBUE", other), ..Story::new() };
        assert_eq!(story.met(nothing).await, Value::Null, "{at}");
    }
    let less = Story {
        voted: regions(7, "ATTRIBUE", |vote| vote["statements"][0]["amount"] = json!("19000.00")),
        ..Story::new()
    };
    assert_eq!(less.met(nothing).await, true, "less than what all knew");
}

#[tokio::test]
async fn what_could_not_be_read_at_the_vote_is_not_known_to_have_been_ready() {
    let unread = |about: &'static str| {
        async move |ledger: &Ledger| {
            let mut rejected = region::unreadable(4);
            rejected.raw = json!({"dossier": "r9", "convention": about, "montant": "douze"}).to_string();
            let (source, rejected) = (region::region_source(), vec![rejected]);
            region::append(ledger, Load { source, day: 4, records: Vec::new(), unchanged: 1, rejected }).await;
        }
    };
    assert_eq!(Story::new().met(unread("2026-17")).await, Value::Null, "a record of it");
    assert_eq!(Story::new().met(unread("2026-18")).await, true, "of another project");
}

#[tokio::test]
async fn what_waited_for_a_person_at_the_vote_is_not_known_to_have_been_ready() {
    let held = |day: i64| async move |ledger: &Ledger| region::hold(ledger, day).await;
    assert_eq!(Story::new().met(held(4)).await, Value::Null, "it waits still");
    assert_eq!(Story::new().met(held(5)).await, Value::Null, "on that day");
    assert_eq!(Story::new().met(held(6)).await, true, "after the vote");
    let settled = async |ledger: &Ledger| {
        region::hold(ledger, 4).await;
        region::append(ledger, Load { day: 4, ..regions(2, "PROPOSE", |_| ()) }).await;
    };
    assert_eq!(Story::new().met(settled).await, true, "it was settled before");
}

//! A load that breaks the series before it waits for a person, who sees why; one that only looks so passes.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use std::fmt::Write as _;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

/// So many grants, each of its own amount, under keys that begin there.
fn grants(count: u32, first: u32, amount: impl Fn(u32) -> u32) -> String {
    let mut rows = String::new();
    for rank in 0..count {
        writeln!(rows, "{};Action {rank};{}", first + rank, amount(rank)).unwrap();
    }
    rows
}

fn listed(rows: &str) -> String {
    format!("id;titre;montant\n{rows}")
}

fn own(rank: u32) -> u32 {
    1_000 + rank * 37
}

/// Kind, what it is about, whether it holds.
fn findings(run: &SyncRun) -> Vec<(&'static str, &str, bool)> {
    run.findings
        .iter()
        .map(|finding| (finding.kind.as_str(), finding.about.as_deref().unwrap_or_default(), finding.held))
        .collect()
}

async fn open(rows: &str) -> Office {
    let office = Office::open(&manifest(CSV), file(listed(rows))).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "{run:?}");
    office
}

async fn next(office: &Office, rows: &str) -> SyncRun {
    office.later(3_600);
    office.answer(file(listed(rows)));
    office.sync().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_loaded_twice_under_new_keys_is_held_and_the_next_good_load_clears_it() {
    let once = grants(30, 1, own);
    let office = open(&once).await;
    let before = office.sums();
    let run = next(&office, &(once.clone() + &grants(30, 1_001, own))).await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert_eq!(findings(&run), [("RECORDS_REPEATED", "desk", true)]);
    let said = run.message.as_ref().expect("a reason");
    assert!(said.fr.contains("60 des 60") && said.en.contains("loaded several times"), "{said:?}");
    assert_eq!(office.sums(), before, "nothing is applied");
    let run = next(&office, &once).await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_twice_count_once_and_are_told_as_long_as_they_do() {
    let once = grants(40, 1, own);
    let office = open(&once).await;
    let run = next(&office, &(once.clone() + &grants(4, 1, own))).await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded);
    assert_eq!(findings(&run), [("RECORDS_REPEATED", "desk", false)]);
    assert_eq!(office.sums().len(), 40);
    let run = next(&office, &(once.clone() + &once)).await;
    assert_eq!((run.outcome, findings(&run)), (SyncOutcome::Held, vec![("RECORDS_REPEATED", "desk", true)]));
    let run = next(&office, &once).await;
    assert!(run.findings.is_empty(), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constant_pasted_into_every_amount_waits_until_a_person_lets_it_through() {
    let office = open(&grants(30, 1, own)).await;
    let pasted = grants(30, 1, |_| 7_164);
    let run = next(&office, &pasted).await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert!(findings(&run).contains(&("AMOUNT_CONSTANT", "desk", true)), "{run:?}");
    let accepted = office.accept(&run.id).await;
    let told = &accepted.findings.first().expect("what was accepted is told").message;
    assert!(
        told.en.contains("a person let it through") && told.fr.contains("une personne l'a laissé passer"),
        "{told:?}"
    );
    assert!(!told.en.contains("nothing is applied") && !told.fr.contains("rien n'est appliqué"), "{told:?}");
    assert_eq!(accepted.outcome, SyncOutcome::Succeeded);
    assert!(findings(&accepted).contains(&("AMOUNT_CONSTANT", "desk", false)), "it stays told: {accepted:?}");
    let run = next(&office, &(pasted + &grants(5, 900, |_| 7_164))).await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "the unit is known now: {run:?}");
    assert!(findings(&run).contains(&("AMOUNT_CONSTANT", "desk", false)), "for a month: {run:?}");
    office.later(31 * 86_400);
    assert!(office.sync().await.findings.is_empty(), "by then it is what the source is");
}

/// What could not be read in between is held against what was read last: else a misprint would let any amount in after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_amount_that_could_not_be_read_in_between_is_weighed_when_it_comes_again() {
    let office = open(&grants(30, 1, own)).await;
    let before = office.sums();
    let spoilt = |rows: String, of: u32| {
        let spoil = |(rank, row): (usize, &str)| {
            if rank < of as usize { format!("{row} ou plus\n") } else { format!("{row}\n") }
        };
        rows.lines().enumerate().map(spoil).collect::<String>()
    };
    let run = next(&office, &spoilt(grants(30, 1, own), 5)).await;
    assert_eq!((run.outcome, run.counts.rejected), (SyncOutcome::Succeeded, 5), "{run:?}");
    let swollen = |rank| if rank < 5 { own(rank) * 1_000 } else { own(rank) };
    let run = next(&office, &grants(30, 1, swollen)).await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    let run = next(&office, &grants(30, 1, own)).await;
    assert_eq!((run.outcome, run.findings.len(), office.sums()), (SyncOutcome::Succeeded, 0, before), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_that_move_are_told_and_by_half_they_wait() {
    let office = open(&grants(30, 1, own)).await;
    let run = next(&office, &grants(30, 1, |rank| own(rank) * 13 / 10)).await;
    assert_eq!((run.outcome, findings(&run)), (SyncOutcome::Succeeded, vec![("TOTAL_MOVED", "desk", false)]));
    let run = next(&office, &grants(30, 1, |rank| own(rank) * 130)).await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    let finding = run.findings.iter().find(|finding| finding.held).expect("what holds it");
    assert_eq!(finding.kind.as_str(), "TOTAL_MOVED");
    assert!(finding.message.fr.contains("+9902 %") && finding.message.fr.contains("30 fiches"), "{finding:?}");
    assert_eq!(finding.example.as_deref(), Some("59910.00 EUR -> 5992350.00 EUR"));
    assert!(!finding.message.fr.contains("59910"), "figures are not for everybody: {finding:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_that_move_beside_requests_that_do_not_wait_for_a_person() {
    let asked = "[[map.statement]]\nfunder = { value = \"siren:200053742\" }\nnature = { value = \"INVESTISSEMENT\" }\n\
                 form = { value = \"SUBVENTION\" }\nstage = { value = \"SOLLICITE\" }\namount = \"demande\"\n";
    let told = manifest(CSV).replace("{ value = \"ATTRIBUE\" }", "\"etat\"");
    let list = |state: &str, vote: fn(u32) -> Option<u32>| {
        let row = |rank: u32| {
            let (asked, vote) = (own(rank) * 13 / 10, vote(own(rank)).map_or(String::new(), |vote| vote.to_string()));
            format!("{rank};Action {rank};{asked};{vote};{state}\n")
        };
        format!("id;titre;demande;montant;etat\n{}", (1..=40).map(row).collect::<String>())
    };
    let office = Office::open(&format!("{told}{asked}"), file(list("DEMANDE", |_| None))).await;
    office.sync().await;
    let next = async |body: String| {
        office.answer(file(body));
        office.later(3_600);
        office.sync().await
    };
    let run = next(list("ATTRIBUE", Some)).await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "what was asked is voted: {run:?}");
    let before = office.sums();
    for (state, vote) in [
        ("ATTRIBUE", (|vote| Some(vote * 2)) as fn(u32) -> Option<u32>),
        ("ATTRIBUE", |vote| Some(vote / 1_000)),
        ("ATTRIBUE", |_| None),
        ("SOLLICITE", Some),
    ] {
        let run = next(list(state, vote)).await;
        assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
        let finding = run.findings.iter().find(|one| one.kind.as_str() == "TOTAL_MOVED").expect("what holds it");
        assert!(finding.held && finding.message.fr.contains("montants décidés"), "{finding:?}");
        assert_eq!(office.sums(), before, "nothing is applied");
    }
    let run = next(list("ENGAGE", |vote| Some(vote * 9 / 10))).await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "it goes on: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_grows_and_the_limits_are_the_manifests() {
    let office = open(&grants(30, 1, own)).await;
    let run = next(&office, &grants(300, 1, own)).await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "what is added moves nothing: {run:?}");
    let limits = "series = { moved-limit-percent = 10000, constant-limit-percent = 100, repeat-limit-percent = 100 }";
    let told = format!("{limits}\n{}", manifest(CSV));
    let office = Office::open(&told, file(listed(&grants(30, 1, own)))).await;
    office.sync().await;
    let wild = grants(30, 1, |_| 50_000);
    let run = next(&office, &(wild.clone() + &grants(30, 1_001, |_| 50_000))).await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_are_empty_now_are_a_break_too() {
    let office = open(&grants(30, 1, own)).await;
    let before = office.sums();
    let emptied: String = (1..=30).fold(String::new(), |rows, rank| rows + &format!("{rank};Action {};\n", rank - 1));
    let run = next(&office, &emptied).await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert!(findings(&run).contains(&("TOTAL_MOVED", "desk", true)), "{run:?}");
    assert_eq!(office.sums(), before, "what is known stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_key_that_comes_twice_what_was_known_stays_in_whatever_order_they_come() {
    for rows in ["7;Square;1000\n7;Square;4000\n", "7;Square;4000\n7;Square;1000\n", "7;Square;4000\n7;Square;4100\n"] {
        let office = open(&(grants(30, 100, own) + "7;Square;1000\n")).await;
        let run = next(&office, &(grants(30, 100, own) + rows)).await;
        assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
        assert_eq!(run.counts.rejected, 1, "{rows}");
        let square = office.sums().into_iter().find(|(title, _, _)| title == "Square").expect("it stays");
        assert_eq!(square.1, Some(100_000), "{rows}");
        let portfolio = office.gateway().current();
        let records = portfolio.projects().flat_map(|(_, case)| case.records.iter());
        let state = records.filter(|record| record.key.as_str() == "7").map(|record| record.state).collect::<Vec<_>>();
        assert_eq!(state, [passerelle::domain::record::RecordState::Bad], "{rows}");
        let run = next(&office, &(grants(30, 100, own) + "7;Square;1200\n")).await;
        assert_eq!((run.counts.changed, run.counts.rejected), (1, 0), "the dispute is over: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postal_codes_in_the_place_of_insee_codes_wait_for_a_person_once() {
    let mapped = manifest(CSV).replace("title = \"titre\"", "title = \"titre\"\ncommunes = \"insee\"");
    assert!(mapped.contains("insee"), "{mapped}");
    let list = |codes: [u32; 12]| {
        let row = |(rank, code): (usize, &u32)| format!("{rank};Action {rank};{};{code}\n", 1_000 + rank * 37);
        format!("id;titre;montant;insee\n{}", codes.iter().enumerate().map(row).collect::<String>())
    };
    let postal = list([59100, 59200, 59150, 59170, 59120, 59140, 62300, 62800, 62110, 60100, 59600, 59300]);
    let insee = list([59512, 59599, 59650, 59163, 59360, 59183, 62498, 62510, 62427, 60175, 59392, 59606]);
    let office = Office::open(&mapped, file(postal.clone())).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, findings(&run)), (SyncOutcome::Held, vec![("CODES_UNLIKELY", "desk", true)]));
    assert!(office.sums().is_empty(), "nothing lies in another commune");
    office.answer(file(insee));
    office.later(3_600);
    let run = office.sync().await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "{run:?}");
    office.answer(file(postal));
    office.later(3_600);
    let held = office.sync().await;
    assert_eq!(held.outcome, SyncOutcome::Held);
    office.accept(&held.id).await;
    office.later(3_600);
    let run = office.sync().await;
    let told = vec![("CODES_UNLIKELY", "desk", false), ("PLACES_CHANGED", "desk", false)];
    assert_eq!((run.outcome, findings(&run)), (SyncOutcome::Succeeded, told));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_written_month_first_waits_and_a_slip_of_the_hand_does_not() {
    let mapped = manifest(CSV).replace("title = \"titre\"", "title = \"titre\"\nstarts-on = \"debut\"");
    assert!(mapped.contains("debut"), "{mapped}");
    let list = |dates: &[&str]| {
        let row = |(rank, date): (usize, &&str)| format!("{rank};Action {rank};{};{date}\n", 1_000 + rank * 37);
        format!("id;titre;montant;debut\n{}", dates.iter().enumerate().map(row).collect::<String>())
    };
    let american = list(&["03/04/2024", "05/27/2024", "12/31/2024", "01/02/2024", "06/15/2024"]);
    let office = Office::open(&mapped, file(american)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, findings(&run)), (SyncOutcome::Held, vec![("DATES_MONTH_FIRST", "desk", true)]));
    assert!(office.sums().is_empty(), "no day is taken for another");
    office.answer(file(list(&["04/03/2024", "27/05/2024", "31/12/2024", "12/31/2024"])));
    office.later(3_600);
    let run = office.sync().await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "{run:?}");
}

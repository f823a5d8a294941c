//! What a source says no more, all at once and in the form of good rows: other spellings of years, known records that are rejected, stages
//! that are not understood any more. None of it passes without a word, and no euro counts twice or goes in silence.

use crate::office::{Asked, Office, counts, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const YEARLY: &str =
    "key = [\"id\", { from = \"annee\", as = \"year\" }]\npartition = { from = \"annee\", as = \"year\" }";
const STAGED: &str = "stage = { from = \"etat\", values = { \"VOTE\" = \"ATTRIBUE\", \"DEPOSE\" = \"SOLLICITE\" } }";

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

fn yearly() -> String {
    manifest(CSV).replace("key = \"id\"", YEARLY)
}

fn staged() -> String {
    manifest(CSV).replace("stage = { value = \"ATTRIBUE\" }", STAGED)
}

/// Rows under this header, each made of its number.
fn rows(header: &str, count: u32, row: impl Fn(u32) -> String) -> String {
    (1..=count).fold(format!("{header}\n"), |all, id| all + &row(id) + "\n")
}

async fn opened(manifest: &str, body: String) -> Office {
    let office = Office::open(manifest, file(body)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.findings.len()), (SyncOutcome::Succeeded, 0), "{run:?}");
    office
}

async fn next(office: &Office, body: String) -> SyncRun {
    office.answer(file(body));
    office.sync().await
}

/// Kind, what it is about, whether it holds.
fn told(run: &SyncRun) -> Vec<(&'static str, &str, bool)> {
    let about = |finding: &passerelle::domain::source_finding::SourceFinding| (finding.kind.as_str(), finding.held);
    let named = run.findings.iter().map(|finding| finding.about.as_deref().or(finding.field.as_deref()));
    run.findings
        .iter()
        .map(about)
        .zip(named)
        .map(|((kind, held), name)| (kind, name.unwrap_or_default(), held))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_has_one_spelling_in_keys_and_partitions() {
    let list = |year: &str| rows("id;titre;annee;montant", 20, |id| format!("{id};Projet {id};{year};{}", 1_000 + id));
    let office = opened(&yearly(), list("2023")).await;
    let sums = office.sums();
    for year in ["2023.0", " 2023 ", "=\"2023\""] {
        let run = next(&office, list(year)).await;
        assert_eq!((run.outcome, run.counts.added, run.counts.gone), (SyncOutcome::Succeeded, 0, 0), "{year}: {run:?}");
        assert_eq!((run.partitions.as_slice(), office.sums()), (&["2023".to_owned()][..], sums.clone()), "{year}");
    }
    let run = next(&office, list("Exercice 2023")).await;
    assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Held, [20, 0, 0, 0, 0, 20, 0]), "{run:?}");
    assert_eq!(office.sums(), sums);
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_year_cannot_be_read_leaves_what_it_may_be_stale() {
    let three = |third: &str| format!("id;titre;annee;montant\n1;A;2023;10\n2;B;2024;20\n3;C;{third};30\n");
    let office = opened(&yearly(), three("2025")).await;
    let run = next(&office, three("Exercice 2025")).await;
    assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Succeeded, [3, 0, 0, 2, 0, 1, 0]), "{run:?}");
    assert_eq!(office.rejections().await, ["year-unreadable"]);
    assert_eq!(office.stale(), ["3/2025"], "the part of the source that it may stand in came no more");
    let alone = "id;titre;annee;montant\n3;C;Exercice 2025;30\n".to_owned();
    let office = opened(&yearly(), alone.replace("Exercice ", "")).await;
    let run = next(&office, alone).await;
    assert_eq!(run.outcome, SyncOutcome::Held, "no part of the source could be read at all: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_comes_no_more_is_told_until_it_is_back() {
    let list = |years: &[u32]| {
        years.iter().fold("id;titre;annee;montant\n".to_owned(), |all, year| {
            all + &format!("a{year};Projet A {year};{year};10\nb{year};Projet B {year};{year};20\n")
        })
    };
    let office = opened(&yearly(), list(&[2024, 2025])).await;
    let sums = office.sums();
    for _ in 0..2 {
        let run = next(&office, list(&[2025])).await;
        assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Succeeded, 0), "{run:?}");
        assert_eq!(told(&run), [("PARTITION_NOT_READ", "2024", false)], "{run:?}");
        let said = &run.findings[0].message;
        assert!(said.en.contains("2 record(s)") && said.fr.contains("« 2024 »"), "{said:?}");
    }
    assert_eq!(office.sums(), sums, "nothing of it is gone");
    let run = next(&office, list(&[2024, 2025])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_rows_of_another_year_neither_close_it_nor_hold_the_list() {
    // Of each year, from which row to which.
    let list = |years: &[(u32, std::ops::Range<u32>)]| {
        years.iter().fold("id;titre;annee;montant\n".to_owned(), |all, (year, rows)| {
            rows.clone().fold(all, |all, id| all + &format!("{id};Projet {id} {year};{year};{}\n", 1_000 + id))
        })
    };
    for size in [100, 9] {
        let office = opened(&yearly(), list(&[(2024, 0..size)])).await;
        let sums = office.sums();
        office.later(3_600);
        let stray = list(&[(2025, 0..60), (2024, 500..501)]);
        for added in [61, 0] {
            let run = next(&office, stray.clone()).await;
            assert_eq!(
                (run.outcome, counts(&run)),
                (SyncOutcome::Succeeded, [61, added, 0, 61 - added, 0, 0, 0]),
                "{run:?}"
            );
            assert_eq!(
                (told(&run), &run.partitions),
                (vec![("PARTITION_NOT_READ", "2024", false)], &vec!["2025".to_owned()])
            );
            let said = &run.findings[0].message;
            assert!(
                said.en.contains("only 1 record(s)") && said.en.contains(&format!("and {size} others")),
                "{said:?}"
            );
            office.later(3_600);
        }
        assert!(sums.iter().all(|sum| office.sums().contains(sum)), "nothing of 2024 is gone");
        // Its own list, which lost many, is a read of it: nine are too few to tell.
        let run = next(&office, list(&[(2024, 0..size / 3), (2025, 500..501)])).await;
        assert_eq!(run.outcome, SyncOutcome::Held, "neither year came in the main: {run:?}");
        let run = next(&office, list(&[(2024, 0..size)])).await;
        assert_eq!(
            (run.outcome, run.counts.gone, run.partitions),
            (SyncOutcome::Succeeded, 1, vec!["2024".to_owned()])
        );
        office.verify().await;
    }
    // A list of several years, of which a small one is corrected; and one that lost most of a year.
    let office = opened(&yearly(), list(&[(2023, 0..3), (2024, 0..60), (2025, 0..60)])).await;
    office.later(3_600);
    let run = next(&office, list(&[(2023, 0..1), (2024, 0..60), (2025, 0..60)])).await;
    assert_eq!((run.outcome, run.counts.gone, told(&run)), (SyncOutcome::Succeeded, 2, Vec::new()), "{run:?}");
    let run = next(&office, list(&[(2023, 0..1), (2024, 0..2), (2025, 0..60)])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("RECORDS_VANISHED", "2024", true)]), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_records_that_are_rejected_together_wait_for_a_person() {
    let list = |bad: u32| {
        let amount = |id: u32| if id <= bad { format!("{id} k") } else { format!("{}", 1_000 + id) };
        rows("id;titre;montant", 30, |id| format!("{id};Projet {id};{}", amount(id)))
    };
    let office = opened(&manifest(CSV), list(0)).await;
    let sums = office.sums();
    let run = next(&office, list(29)).await;
    assert!(run.outcome == SyncOutcome::Held && told(&run).contains(&("RECORDS_REJECTED", "desk", true)), "{run:?}");
    let said = run.message.as_ref().expect("a reason");
    assert!(said.fr.contains("29 des 30") && said.en.contains("29 of the 30"), "{said:?}");
    assert_eq!((office.sums(), office.stale().len()), (sums.clone(), 0), "nothing is applied");
    let accepted = office.accept(&run.id).await;
    assert_eq!((accepted.outcome, office.stale().len()), (SyncOutcome::Succeeded, 29), "{accepted:?}");
    let run = next(&office, list(29)).await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    assert!(told(&run).contains(&("RECORDS_REJECTED", "desk", false)), "{run:?}");
    let run = next(&office, list(0)).await;
    assert_eq!((run.findings.len(), office.sums(), office.stale().len()), (0, sums, 0), "{run:?}");
    let run = next(&office, list(4)).await;
    assert_eq!((run.outcome, run.findings.len(), office.stale().len()), (SyncOutcome::Succeeded, 0, 4), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rejected_but_what_is_left_out_is_held_at_a_first_read() {
    let skipping =
        manifest(CSV).replace("key = \"id\"", "key = \"id\"\nskip-when = { field = \"lieu\", in = [\"ailleurs\"] }");
    let list = rows("id;titre;lieu;montant", 40, |id| {
        let place = if id <= 12 { "ici" } else { "ailleurs" };
        format!("{id};Projet {id};{place};7.164")
    });
    let office = Office::open(&skipping, file(list)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Held, [40, 0, 0, 0, 28, 12, 0]), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn decided_sums_that_say_no_stage_any_more_are_a_break() {
    let list = |count: u32, stage: &str| {
        rows("id;titre;etat;montant", count, |id| format!("{id};Projet {id};{stage};{}", 1_000 + id))
    };
    for count in [3, 30] {
        let office = opened(&staged(), list(count, "VOTE")).await;
        let sums = office.sums();
        let gone = list(count, "VOTE").replace(";etat", "").replace(";VOTE", "");
        for (what, body) in [("words", list(count, "Voté en CP")), ("empty", list(count, "")), ("gone", gone)] {
            let run = next(&office, body).await;
            assert_eq!(run.outcome, SyncOutcome::Held, "{count} {what}: {run:?}");
            assert!(told(&run).contains(&("STAGE_LOST", "desk", true)), "{count} {what}: {run:?}");
            assert_eq!(office.sums(), sums);
        }
    }
    let office = opened(&staged(), list(30, "VOTE")).await;
    let some = |lost: u32| {
        rows("id;titre;etat;montant", 30, |id| {
            format!("{id};Projet {id};{};{}", if id <= lost { "?" } else { "VOTE" }, 1_000 + id)
        })
    };
    assert_eq!(told(&next(&office, some(1)).await), [], "one word may be misspelt");
    let run = next(&office, some(10)).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("STAGE_LOST", "desk", false)]), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rows_that_differ_under_one_key_none_is_sure_in_whatever_order() {
    let (good, other, bad) = ("1;Square;100\n", "1;Square;200\n", "1;Square;cent\n");
    for (first, second) in [(good, other), (good, bad), (bad, good), (other, good)] {
        let office = Office::open(&manifest(CSV), file(format!("id;titre;montant\n{first}{second}"))).await;
        let run = office.sync().await;
        assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Succeeded, [2, 1, 0, 0, 0, 1, 0]), "{run:?}");
        let sums = office.sums();
        assert!(sums.len() == 1 && sums[0].2, "in doubt: {first}{second}{sums:?}");
    }
    let office = opened(&manifest(CSV), format!("id;titre;montant\n{good}")).await;
    for (first, second) in [(bad, good), (good, bad)] {
        next(&office, format!("id;titre;montant\n{first}{second}")).await;
        assert_eq!(office.stale(), ["1"], "{first}{second}");
        next(&office, format!("id;titre;montant\n{good}")).await;
        assert!(office.stale().is_empty() && !office.sums()[0].2);
    }
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_written_otherwise_or_empty_is_told() {
    let dated = format!("{}decided-on = \"jour\"\n", manifest(CSV));
    let list = |day: &dyn Fn(u32) -> String, place: &str| {
        rows("id;titre;jour;lieu;montant", 30, |id| format!("{id};Projet {id};{};{place};{}", day(id), 1_000 + id))
    };
    let iso = |id: u32| format!("2026-01-{:02}", id.min(28));
    let office = opened(&dated, list(&iso, "QP059001")).await;
    let run = next(&office, list(&|id| format!("{}", 45_300 + id), "")).await;
    assert_eq!(told(&run), [("COLUMN_RETYPED", "jour", false), ("COLUMN_EMPTIED", "lieu", false)], "{run:?}");
    assert_eq!(run.findings[0].example.as_deref(), Some("45301"));
    let run = next(&office, list(&|id| format!("{}", 45_300 + id), "")).await;
    assert_eq!(told(&run).len(), 2, "for as long as it is so: {run:?}");
    assert_eq!(told(&next(&office, list(&iso, "QP059001")).await), []);
}

/// A file of this machine that may be cut, or is still being written.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_last_row_has_no_end_is_not_taken_for_whole() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("liste.csv");
    let driver = format!("kind = \"delimited\"\npath = {:?}", place.to_str().unwrap());
    let whole = "id;titre;montant\n1;Square;500\n2;Halle;98000\n";
    let write = |text: &str| std::fs::write(&place, text).unwrap();
    write(whole);
    let office = Office::open_without_base(&manifest(&driver)).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    let sums = office.sums();
    for cut in 1..=4 {
        write(&whole[..whole.len() - cut]);
        let run = office.sync().await;
        assert_eq!((run.outcome, office.sums()), (SyncOutcome::Held, sums.clone()), "{cut}: {run:?}");
    }
    // A file that never ends its last row is taken, with a warning on that row; when it changes, nobody can tell why.
    let office = Office::open_without_base(&manifest(&driver)).await;
    write(whole.trim_end());
    let run = office.sync().await;
    assert_eq!((run.outcome, office.warned("row-open")), (SyncOutcome::Succeeded, vec!["2".to_owned()]), "{run:?}");
    assert!(run.message.as_ref().is_some_and(|said| said.en.contains("no line end")), "{run:?}");
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Succeeded, [2, 0, 0, 2, 0, 0, 0]), "{run:?}");
    write(&whole[..whole.len() - 2]);
    let run = office.sync().await;
    assert_eq!((run.outcome, office.sums()), (SyncOutcome::Held, sums.clone()), "{run:?}");
    write(whole);
    let run = office.sync().await;
    assert_eq!((run.outcome, office.warned("row-open").len()), (SyncOutcome::Succeeded, 0), "{run:?}");
    assert_eq!(office.sums(), sums);
    office.verify().await;
}

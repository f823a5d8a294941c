//! A source of several files, one a year: what one of them lost is still there in the others. And rows without a key, refused ones that
//! leave a list, a header in other letters: what is honest passes.

use crate::office::{Asked, Office, counts, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use std::path::Path;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const YEARLY: &str = "key = \"id\"\npartition = { from = \"annee\", as = \"year\" }\n\
                      skip-when = { field = \"etat\", in = [\"brouillon\"] }";
const HEADER: &str = "id;titre;annee;etat;montant;secret;jour";

/// Rows of one year, each with the cells that it is told.
fn list(header: &str, year: u32, row: impl Fn(u32) -> String) -> String {
    (1..=20).fold(format!("{header}\n"), |all, rank| all + &format!("{year}-{rank};{}\n", row(rank)))
}

fn sound(year: u32) -> impl Fn(u32) -> String {
    move |rank| {
        format!("Projet {rank} de {year};{year};voté;{};2030-01-01;0{}/11/{year}", 1_000 * rank + year, rank % 9 + 1)
    }
}

fn yearly(folder: &Path) -> String {
    let driver = format!("kind = \"delimited\"\npath = {:?}", folder.join("*.csv").to_str().unwrap());
    let sum = "amount = \"montant\"\nnot-public-until = \"secret\"\ndecided-on = \"jour\"";
    manifest(&driver).replace("key = \"id\"", YEARLY).replace("amount = \"montant\"", sum)
}

fn write(folder: &Path, year: u32, text: &str) {
    std::fs::write(folder.join(format!("{year}.csv")), text).unwrap();
}

/// Three years that were read.
async fn three_years() -> (Office, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (2023..=2025).for_each(|year| write(folder.path(), year, &list(HEADER, year, sound(year))));
    let office = Office::open_without_base(&yearly(folder.path())).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.findings.len(), counts(&run)[1]), (SyncOutcome::Succeeded, 0, 60), "{run:?}");
    (office, folder)
}

/// Kind, field, what it is about, whether it holds.
fn told(run: &SyncRun) -> Vec<(&'static str, &str, &str, bool)> {
    let named = run.findings.iter().map(|one| {
        (
            one.kind.as_str(),
            one.field.as_deref().unwrap_or_default(),
            one.about.as_deref().unwrap_or_default(),
            one.held,
        )
    });
    named.collect()
}

/// The same list without one of its columns.
fn without(column: &str, text: &str) -> String {
    let place = HEADER.split(';').position(|name| name == column).unwrap();
    let cut = |line: &str| {
        let cells = line.split(';').enumerate().filter(|(rank, _)| *rank != place);
        cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(";")
    };
    text.lines().map(|line| cut(line) + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_lost_a_column_on_which_sums_depend_holds_the_run() {
    let (office, folder) = three_years().await;
    for column in ["etat", "secret", "montant"] {
        write(folder.path(), 2025, &without(column, &list(HEADER, 2025, sound(2025))));
        let run = office.sync().await;
        assert_eq!(run.outcome, SyncOutcome::Held, "{column}: {run:?}");
        assert!(told(&run).contains(&("COLUMN_VANISHED", column, "2025", true)), "{:?}", told(&run));
        let said = run.message.as_ref().unwrap();
        assert!(said.en.contains("« 2025 »") && said.en.contains(&format!("« {column} »")), "{said:?}");
    }
    // A person lets it through: it is what the file is, and told for a while.
    let held = office.held().await;
    assert_eq!(office.accept(held.last().unwrap()).await.outcome, SyncOutcome::Succeeded);
    let run = office.sync_full().await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    write(folder.path(), 2025, &list(HEADER, 2025, sound(2025)));
    let run = office.sync_full().await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    assert!(told(&run).iter().all(|(kind, ..)| *kind != "COLUMN_VANISHED"), "it is back: {:?}", told(&run));
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_may_do_holds_nothing() {
    let (office, folder) = three_years().await;
    let header = format!("{HEADER};cout");
    write(folder.path(), 2025, &list(&header, 2025, |rank| sound(2025)(rank) + ";5"));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "a column of one file alone");
    write(folder.path(), 2026, &list(HEADER, 2026, sound(2026)));
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)[1], told(&run)), (SyncOutcome::Succeeded, 20, Vec::new()), "a new year");
    let emptied = |rank: u32| sound(2024)(rank).rsplit_once(';').unwrap().0.to_owned() + ";";
    write(folder.path(), 2024, &list(HEADER, 2024, emptied));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    assert_eq!(told(&run), [("COLUMN_EMPTIED", "jour", "2024", false)]);
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_in_another_form_is_no_better_than_a_first_one() {
    let (office, folder) = three_years().await;
    let sound = list(HEADER, 2026, sound(2026));
    let header_below = format!("2026-0;Projet 0;2026;voté;3000;2030-01-01;01/11/2026\n{sound}");
    let forms = ["id", "annee", "etat", "montant", "secret"].map(|column| without(column, &sound));
    for text in forms.iter().chain([&header_below]) {
        write(folder.path(), 2026, text);
        let run = office.sync().await;
        assert_eq!(run.outcome, SyncOutcome::Held, "{text}: {run:?}");
        assert!(run.message.as_ref().unwrap().en.contains("« 2026.csv »"), "{run:?}");
        assert!(told(&run).iter().all(|(.., about, held)| *about == "2026.csv" && *held), "{:?}", told(&run));
    }
    // What a person let through once is told, and holds no more.
    write(folder.path(), 2026, &forms[0]);
    let run = office.sync().await;
    assert_eq!(office.accept(&run.id).await.outcome, SyncOutcome::Succeeded);
    let run = office.sync_full().await;
    assert_eq!((run.outcome, counts(&run)[5]), (SyncOutcome::Succeeded, 20), "{run:?}");
    office.verify().await;
}

/// A list a month, of a few rows each: the header tells what rows so few could not.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_few_rows_are_held_by_what_their_header_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let month = |month: u32| {
        let rows = (1..=4).map(|rank| format!("{month}-{rank};{}\n", sound(2025)(10 * month + rank)));
        format!("{HEADER}\n") + &rows.collect::<String>()
    };
    (1..=6).for_each(|rank| write(folder.path(), rank, &month(rank)));
    let office = Office::open_without_base(&yearly(folder.path())).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.findings.len(), counts(&run)[1]), (SyncOutcome::Succeeded, 0, 24), "{run:?}");
    for column in ["etat", "secret"] {
        write(folder.path(), 3, &without(column, &month(3)));
        let run = office.sync().await;
        assert_eq!((run.outcome, told(&run).len()), (SyncOutcome::Held, 1), "{column}: {run:?}");
        assert!(told(&run)[0].3 && told(&run)[0].1 == column, "{:?}", told(&run));
        write(folder.path(), 3, &month(3));
        write(folder.path(), 7, &without(column, &month(7)));
        let run = office.sync().await;
        assert_eq!(run.outcome, SyncOutcome::Held, "a new one without {column}: {run:?}");
        assert_eq!(told(&run)[0].2, "7.csv");
        std::fs::remove_file(folder.path().join("7.csv")).unwrap();
    }
    write(folder.path(), 7, &month(7));
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)[1], told(&run)), (SyncOutcome::Succeeded, 4, Vec::new()), "{run:?}");
    office.verify().await;
}

/// Nothing is known yet, and the other files show all the same what one of them lacks.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_read_is_held_where_one_file_lacks_what_protects_or_decides_sums() {
    for (column, rows) in [("secret", 3), ("etat", 3), ("montant", 3), ("secret", 20)] {
        let folder = tempfile::tempdir().unwrap();
        let list = |year: u32| {
            let rows = (1..=rows).map(|rank| format!("{year}-{rank};{}\n", sound(year)(rank)));
            format!("{HEADER}\n") + &rows.collect::<String>()
        };
        (2023..=2024).for_each(|year| write(folder.path(), year, &list(year)));
        write(folder.path(), 2025, &without(column, &list(2025)));
        let office = Office::open_without_base(&yearly(folder.path())).await;
        let run = office.sync().await;
        assert_eq!(run.outcome, SyncOutcome::Held, "{column}, {rows}: {run:?}");
        assert!(told(&run).iter().any(|(_, field, about, held)| (*field, *about, *held) == (column, "2025.csv", true)));
    }
    // One list alone, of which the manifest says that a column keeps its sums from others.
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 2025, &without("secret", &list(HEADER, 2025, sound(2025))));
    let office = Office::open_without_base(&yearly(folder.path())).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)[0].0, told(&run)[0].1), (SyncOutcome::Held, "COLUMN_MISSING", "secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_a_small_file_lost_and_that_holds_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let list = |year: u32| {
        let rows = (1..=4).map(|rank| format!("{year}-{rank};{}\n", sound(year)(rank)));
        format!("{HEADER}\n") + &rows.collect::<String>()
    };
    (2023..=2025).for_each(|year| write(folder.path(), year, &list(year)));
    let office = Office::open_without_base(&yearly(folder.path())).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    write(folder.path(), 2025, &without("jour", &list(2025)));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("COLUMN_VANISHED", "jour", "2025", false)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_most_records_of_one_year_say_otherwise_is_told_of_that_year() {
    let (office, folder) = three_years().await;
    let shifted =
        |rank: u32| sound(2025)(rank).replace(&format!("Projet {rank} de"), &format!("Atelier {} de", rank + 1));
    write(folder.path(), 2025, &list(HEADER, 2025, shifted));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("TITLE_CHANGED", "", "2025", false)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_whose_dates_begin_with_the_month_holds_beside_long_ones() {
    let (office, folder) = three_years().await;
    let other = |rank: u32| format!("Projet {rank} de 2024;2024;voté;{};2030-01-01;01/11/2024", 3_000 + rank);
    let rows = (1..=1_000)
        .map(|rank| format!("2024-{rank};{}\n", if rank > 20 { other(rank) } else { sound(2024)(rank) }))
        .collect::<String>();
    write(folder.path(), 2024, &format!("{HEADER}\n{rows}"));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    let month_first = |rank: u32| {
        let day = if rank < 5 { 12 + rank } else { rank % 9 + 1 };
        sound(2025)(rank).rsplit_once(';').unwrap().0.to_owned() + &format!(";11/{day:02}/2025")
    };
    write(folder.path(), 2025, &list(HEADER, 2025, month_first));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("DATES_MONTH_FIRST", "", "2025.csv", true)]));
}

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

/// Projects of these numbers, and what follows them.
fn projects(ranks: impl Iterator<Item = u32>, end: &str) -> String {
    ranks
        .map(|rank| format!("{rank};Projet {rank};{}\n", 1_000 + rank))
        .fold("id;titre;montant\n".to_owned(), |all, row| all + &row)
        + end
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_row_that_always_stood_there_keeps_no_withdrawn_record() {
    let office = Office::open(&manifest(CSV), file(projects(1..=30, ";;46500\n"))).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.answer(file(projects(2..=30, ";;46500\n")));
    let run = office.sync_full().await;
    assert_eq!((counts(&run)[6], told(&run)), (1, Vec::new()), "{run:?}");
    // Another one may be the record that did not come, today and for as long as it stands there.
    office.answer(file(projects(3..=30, ";Projet 2;1002\n")));
    for _ in 0..2 {
        let run = office.sync_full().await;
        assert_eq!((run.outcome, counts(&run)[6]), (SyncOutcome::Succeeded, 0), "{run:?}");
        assert_eq!(told(&run), [("RECORDS_REJECTED", "", "desk", false)]);
        let said = &run.findings[0].message.en;
        assert!(said.contains("1 known record(s) did not come, and 1 row(s)"), "{said}");
        assert_eq!(office.stale(), ["2"]);
    }
    office.answer(file(projects(3..=30, "")));
    let run = office.sync_full().await;
    assert_eq!((counts(&run)[6], told(&run)), (1, Vec::new()), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_records_may_leave_a_list_all_at_once() {
    let staged = "stage = { from = \"etat\", values = { \"voté\" = \"ATTRIBUE\", \"refusé\" = \"REFUSE\" } }";
    let manifest = manifest(CSV).replace("stage = { value = \"ATTRIBUE\" }", staged);
    let row = |rank: u32| {
        let state = if rank <= 30 { "refusé" } else { "voté" };
        format!("{rank};Projet {rank};{};{state}\n", 1_000 + rank)
    };
    let list = |ranks: std::ops::RangeInclusive<u32>| {
        ranks.fold("id;titre;montant;etat\n".to_owned(), |all, rank| all + &row(rank))
    };
    let office = Office::open(&manifest, file(list(1..=60))).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.answer(file(list(31..=60)));
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)[6]), (SyncOutcome::Succeeded, 30), "{run:?}");
    assert_eq!(told(&run), [("RECORDS_VANISHED", "", "desk", false)], "it is told");
    office.answer(file(list(45..=60)));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Held, "grants are means");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_in_other_letters_is_the_same_header() {
    let office = Office::open(&manifest(CSV), file(projects(1..=30, ""))).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    for header in ["ID;TITRE;MONTANT", "Id;Titre;Montant"] {
        office.answer(file(projects(1..=30, "").replace("id;titre;montant", header)));
        let run = office.sync().await;
        assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
    }
}

/// Each year is read from a file of its own: what stands of the year before is in the ledger.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_is_last_years_file_is_told_though_each_is_read_by_itself() {
    let again = |rank: u32| sound(2024)(rank).replacen(";2024;", ";2025;", 1);
    let renewed = |rank: u32| again(rank).replace("/11/2024", "/12/2024");
    for (row, findings) in [(&again as &dyn Fn(u32) -> String, 1), (&renewed, 0)] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 2024, &list(HEADER, 2024, sound(2024)));
        let office = Office::open_without_base(&yearly(folder.path())).await;
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        write(&elsewhere, 2025, &list(HEADER, 2025, row));
        let run = office.sync_from(&elsewhere.join("2025.csv")).await;
        let repeated: Vec<_> = told(&run).into_iter().filter(|(kind, ..)| *kind == "RECORDS_REPEATED").collect();
        assert_eq!(repeated.len(), findings, "{run:?}");
        assert!(repeated.iter().all(|(_, _, about, held)| (*about, *held) == ("2025", false)), "{repeated:?}");
    }
}

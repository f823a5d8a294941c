//! A list that may go on in another sheet of its workbook: half a list is no full read.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use rust_xlsxwriter::Workbook;

/// A workbook of two sheets of three grants each, under these headers.
fn workbook(sheets: [(&str, [&str; 3]); 2]) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let mut workbook = Workbook::new();
    for (name, header) in sheets {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, header).unwrap();
        for row in 1_u32..=3 {
            sheet
                .write_row(row, 0, [format!("{name}-{row}"), format!("Projet {row}"), (100 * row).to_string()])
                .unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    move |_| ([("content-type", "application/octet-stream")], bytes.clone()).into_response()
}

fn told(run: &SyncRun) -> Vec<(&str, Option<&str>, bool)> {
    run.findings.iter().map(|one| (one.kind.as_str(), one.about.as_deref(), one.held)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_of_the_same_columns_that_is_not_read_waits_until_a_person_says_what_it_is() {
    let same = ["id", "titre", "montant"];
    let driver = "kind = \"spreadsheet\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.xlsx\"\nsheet = 1";
    let office = Office::open(&manifest(driver), workbook([("FEDER", same), ("FSE", same)])).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("PARTITION_NOT_READ", Some("FSE"), true)]));
    assert!(office.sums().is_empty(), "{run:?}");
    let run = office.accept(&run.id).await;
    assert_eq!((run.outcome, office.sums().len()), (SyncOutcome::Succeeded, 3), "{run:?}");
    let run = office.sync_full().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("PARTITION_NOT_READ", Some("FSE"), false)]));
    office.answer(workbook([("FEDER", same), ("Notice", ["mot", "sens", "montant"])]));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
    office.verify().await;
    // A digest and a list of codes are no rest of the list.
    for other in [["annee", "titre", "montant"], ["code", "titre", "population"]] {
        office.answer(workbook([("FEDER", same), ("Autre", other)]));
        let run = office.sync_full().await;
        assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
    }
    // One column less, and it is the list still.
    office.answer(workbook([("FEDER", same), ("IEJ", ["id", "objet", "montant"])]));
    let run = office.sync_full().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("PARTITION_NOT_READ", Some("IEJ"), true)]));
    // A manifest that names its sheet leaves the others out.
    let named = manifest(&driver.replace("sheet = 1", "sheet = \"FEDER\""));
    let office = Office::open(&named, workbook([("FEDER", same), ("2019", same)])).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("PARTITION_NOT_READ", Some("2019"), false)]));
}

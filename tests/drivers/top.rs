//! What stands above the header: titles, blank rows, a row of groups, another sheet. Read by shipped connectors, which state no row for it.

use crate::contract::{Brought, net, read_by};
use passerelle::connector::Connector;
use rust_xlsxwriter::{Workbook, Worksheet};
use std::io::Write;

async fn read(family: &str, id: &str, bytes: &[u8]) -> Brought {
    let file = format!("{}/connectors/{family}/{id}/connector.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).expect("a manifest");
    let connector = Connector::parse(&file, id, &text).expect("a connector");
    let mut source = tempfile::NamedTempFile::new().expect("a temporary file");
    source.write_all(bytes).expect("written");
    read_by(connector.driver(), &net(), Some(&source.path().to_string_lossy())).await
}

async fn grants(text: &str) -> Brought {
    read("droit-commun", "region-droit-commun", text.as_bytes()).await
}

const HEADER: &str =
    "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;nature";

fn list() -> String {
    let row = |rank: u32| {
        format!(
            "Région;20005374200017;2024-03-0{rank};2024.{rank};Club, {rank};50000000000{rank}00;Été;12 345,6{rank};aide en numéraire\n"
        )
    };
    format!("{HEADER}\n{}", (1..8).map(row).collect::<String>())
}

#[tokio::test]
async fn a_text_is_read_under_what_stands_above_its_header() {
    let plain = grants(&list()).await;
    assert_eq!((plain.records().len(), plain.lines()[0]), (7, 2));
    assert!(plain.notes().is_empty(), "{:?}", plain.notes());
    for (above, rows) in [
        ("Subventions de la Région en 2024\n", 1),
        ("Région, direction des finances\nDonnées essentielles;\n\nÉdition du 12/03/2025;;;\n", 3),
        ("Titre;;;;;;;;\n", 1),
        ("Attribuant;;Convention;;Bénéficiaire;;Subvention;;\n", 1),
        ("Attribuant;Attribuant;Convention;Convention;Tiers;Tiers;Subvention;Subvention;Subvention\n", 1),
    ] {
        let brought = grants(&format!("{above}{}", list())).await;
        assert_eq!(brought.json(), plain.json(), "{above}");
        let lines = above.lines().count() as u64;
        assert_eq!(brought.lines(), plain.lines().iter().map(|line| line + lines).collect::<Vec<_>>());
        let note = format!(
            "the header is at line {}; rows above it that are not read (titles, groups of columns): {rows}",
            lines + 1
        );
        assert!(brought.notes()[0].contains(&note), "{:?}", brought.notes());
    }
    let blank = grants(&format!("\n;;;;;;;;\n{}", list())).await;
    assert_eq!((blank.json(), blank.notes()), (plain.json(), Vec::new()), "what holds nothing is nothing to tell");
}

#[tokio::test]
async fn records_are_not_passed_over() {
    let other = list().replace(HEADER, "a;b;c;d;e;f;g;h;i");
    let brought = grants(&format!("{other}{}", list())).await;
    assert_eq!(brought.lines()[0], 2, "they stand under another header, and are told under its names");
    let (header, rows) =
        list().split_once('\n').map(|(header, rows)| (header.to_owned(), rows.to_owned())).expect("a header");
    let (first, rest) = rows.split_once('\n').expect("rows");
    let brought = grants(&format!("{first}\n{header}\n{rest}")).await;
    assert_eq!(
        (brought.lines()[0], brought.notes()),
        (2, Vec::new()),
        "a record above the header is none of its titles"
    );
}

fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet: &mut Worksheet = workbook.add_worksheet().set_name(*name).expect("a name");
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                sheet.write(row as u32, column as u16, *cell).expect("written");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

const OPERATIONS: [&[&str]; 3] = [
    &["Numéro Opération", "Intitulé du projet", "Nom du bénéficiaire", "Fonds"],
    &["HF1", "Été", "Club", "FEDER"],
    &["HF2", "Hiver", "Ville", "FSE+"],
];

async fn operations(sheets: &[(&str, &[&[&str]])]) -> Brought {
    read("fonds-europeens", "feder", &workbook(sheets)).await
}

#[tokio::test]
async fn a_sheet_is_read_under_what_stands_above_its_header() {
    let [header, first, second] = OPERATIONS;
    let plain = operations(&[("Liste", &OPERATIONS)]).await;
    assert_eq!((plain.json().len(), plain.notes()), (2, Vec::new()));
    let titled =
        operations(&[("Liste", &[&["Liste des opérations"], &["Édition", "03/2025"], header, first, second])]).await;
    assert_eq!((titled.json(), titled.lines()), (plain.json(), vec![4, 5]));
    assert!(titled.notes()[0].contains("the header is at line 3"), "{:?}", titled.notes());
    let numbered = operations(&[("Liste", &[&["Liste"], &["1", "2", "3", "4"], header, first, second])]).await;
    assert_eq!(numbered.json(), plain.json(), "below the numbers of the columns");
    let blank = operations(&[("Liste", &[&[], &[""], header, &[], first, second])]).await;
    assert_eq!((blank.json(), blank.lines(), blank.notes()), (plain.json(), vec![5, 6], Vec::new()));
    let none = operations(&[("Liste", &[&["Réf.", "Quoi"], first])]).await;
    assert_eq!(
        none.json(),
        [r#"{"Réf.":"HF1","Quoi":"Été","column-3":"Club","column-4":"FEDER"}"#],
        "the first row where none is it"
    );
}

#[tokio::test]
async fn a_sheet_of_explanations_stands_before_the_list() {
    let explained: &[&[&str]] = &[&["Lisez-moi"], &["Ce classeur donne la liste des opérations."]];
    let plain = operations(&[("Liste", &OPERATIONS)]).await;
    let brought = operations(&[("Lisez-moi", explained), ("Liste", &OPERATIONS), ("Notes", explained)]).await;
    assert_eq!(brought.json(), plain.json());
    let notes = brought.notes();
    assert!(notes[0].contains("« Liste » is read; « Lisez-moi », which stands before it"), "{notes:?}");
    let renamed: &[&[&str]] = &[&["N° interne", "Intitulé du projet", "Nom du bénéficiaire", "Fonds"], OPERATIONS[1]];
    let first = operations(&[("Données", renamed), ("Archives", &OPERATIONS)]).await;
    assert!(first.json()[0].contains("N° interne"), "the list under another header is the list: {:?}", first.json());
    let digest: &[&[&str]] = &[OPERATIONS[0].get(1..3).unwrap(), &["2024", "12"]];
    let brought = operations(&[("Synthèse", digest), ("Liste", &OPERATIONS)]).await;
    assert_eq!(brought.json(), plain.json(), "a digest of a few columns is not the list");
    let model = operations(&[("Lisez-moi", explained), ("Modèle", &OPERATIONS[..1])]).await;
    assert!(
        !model.notes().iter().any(|note| note.contains("Modèle")),
        "a header alone is no list: {:?}",
        model.notes()
    );
    let two = operations(&[("Lisez-moi", explained), ("2024", &OPERATIONS), ("2025", &OPERATIONS)]).await;
    assert_eq!(two.json().len(), 1, "which of two lists is meant is not guessed");
    let both = operations(&[("2024", &OPERATIONS), ("2025", &OPERATIONS)]).await;
    assert_eq!(both.json(), plain.json());
    assert!(both.notes()[0].contains("« 2025 » has the same columns and is not read"), "{:?}", both.notes());
}

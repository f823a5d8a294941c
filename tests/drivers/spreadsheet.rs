//! Workbooks: the contract in XLSX and ODS, and what spreadsheets hold besides a clean table.

use crate::contract::{Brought, Case, field, hold, limited, read, rows};
use crate::server::serve_body;
use passerelle::connector::driver::settings::{DriverSettings, Limits, Sheet, SpreadsheetSettings};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use std::io::{Cursor, Read, Write};

fn settings(path: &str) -> SpreadsheetSettings {
    SpreadsheetSettings {
        base: None,
        path: path.to_owned(),
        sheet: Some(Sheet::Position(1)),
        header_row: None,
        header_rows: 1,
        totals_row: Vec::new(),
        auth: None,
        join: None,
        limits: Limits::DEFAULT,
    }
}

fn of(path: &str) -> DriverSettings {
    DriverSettings::Spreadsheet(settings(path))
}

/// A file that lasts as long as the value.
fn file(bytes: &[u8]) -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("written");
    let path = file.path().to_string_lossy().into_owned();
    (file, path)
}

pub async fn read_with(bytes: &[u8], change: impl Fn(&mut SpreadsheetSettings)) -> Brought {
    let (_file, path) = file(bytes);
    let mut settings = settings(&path);
    change(&mut settings);
    read(&DriverSettings::Spreadsheet(settings)).await
}

fn workbook(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().expect("a workbook")
}

fn list() -> Vec<u8> {
    workbook(|sheet| {
        for (column, name) in ["id", "nom", "montant"].into_iter().enumerate() {
            sheet.write(0, column as u16, name).expect("written");
        }
        for (row, (id, nom, montant)) in rows().enumerate() {
            let row = row as u32 + 1;
            sheet.write(row, 0, id as f64).expect("written");
            sheet.write(row, 1, nom).expect("written");
            sheet.write(row, 2, montant.parse::<f64>().expect("a number")).expect("written");
        }
    })
}

fn zipped(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

fn open_document() -> Vec<u8> {
    let text = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let number = |value: &str| format!(r#"<table:table-cell office:value-type="float" office:value="{value}"/>"#);
    let mut body = format!("<table:table-row>{}{}{}</table:table-row>", text("id"), text("nom"), text("montant"));
    for (id, nom, montant) in rows() {
        body.push_str(&format!(
            "<table:table-row>{}{}{}</table:table-row>",
            number(&id.to_string()),
            text(&nom),
            number(&montant)
        ));
    }
    ods("", &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds() {
    let (_xlsx, xlsx) = file(&list());
    let (_ods, ods) = file(&open_document());
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let cases = [("XLSX", xlsx), ("ODS", ods), ("XLSX by HTTP", serve_body(kind, list()).await)];
    for (name, path) in cases {
        hold(&Case { name: format!("spreadsheet, {name}"), settings: of(&path), bytes_bounded: true }).await;
    }
}

#[tokio::test]
async fn cells_keep_what_they_hold() {
    let date = Format::new().set_num_format("dd/mm/yyyy");
    let bytes = workbook(|sheet| {
        for (column, name) in ["texte", "nombre", "grand", "date", "douteuse", "oui", "vide"].into_iter().enumerate() {
            sheet.write(2, column as u16, name).expect("written");
        }
        sheet.write(0, 0, "Titre").expect("written");
        sheet.write(4, 0, "=\"10004\" ").expect("written");
        sheet.write(4, 1, 1234.56).expect("written");
        sheet.write(4, 2, 21860194600000.0).expect("written");
        sheet.write_with_format(4, 3, ExcelDateTime::from_ymd(2016, 3, 1).expect("a date"), &date).expect("written");
        sheet.write_with_format(4, 4, 2.0, &date).expect("written");
        sheet.write(4, 5, true).expect("written");
        sheet.write(4, 8, "en marge").expect("written");
        sheet.write(5, 0, "Total").expect("written");
        sheet.write(1_048_575, 6, " ").expect("written");
    });
    let brought = read_with(&bytes, |settings| {
        settings.header_row = Some(3);
        settings.totals_row = vec!["Total".to_owned()];
    })
    .await;
    assert!(brought.complete());
    assert_eq!(
        brought.json(),
        [
            r#"{"texte":"=\"10004\" ","nombre":1234.56,"grand":21860194600000,"date":"2016-03-01","douteuse":2,"oui":true,"vide":null,"column-9":"en marge"}"#
        ]
    );
    assert_eq!(brought.lines(), [5]);
}

/// A workbook of this one sheet.
pub fn of_sheet(sheet: &str) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(workbook(|_| ()))).expect("an archive");
    let mut entries = Vec::new();
    for index in 0..source.len() {
        let mut entry = source.by_index(index).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        if name == "xl/worksheets/sheet1.xml" {
            bytes = sheet.as_bytes().to_vec();
        }
        entries.push((name, bytes));
    }
    let entries: Vec<(&str, Vec<u8>)> = entries.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    zipped(&entries)
}

#[tokio::test]
async fn error_cells_are_read_as_they_are_shown_and_said() {
    let sheet = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c></row><row r="3"><c r="B3" t="e"><v>#REF!</v></c></row></sheetData></worksheet>"#;
    let brought = read_with(&of_sheet(sheet), |_| ()).await;
    assert_eq!(brought.json(), [r##"{"a":1,"b":"#N/A"}"##], "formulas below the list are none of its rows");
    assert!(brought.end.as_ref().expect("an end").notes[0].fr.contains("2 cellules en erreur"));
}

#[tokio::test]
async fn an_error_that_the_library_does_not_know_is_one_cell_in_error_and_no_other() {
    let sheet = |place: &str| {
        let row = |rank: u32, cells: &str| format!(r#"<row r="{rank}">{cells}</row>"#);
        let head =
            row(1, r#"<c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c><c r="C1" t="str"><v>c</v></c>"#);
        let of = |(rank, word): (usize, &&str)| {
            let rank = u32::try_from(rank).expect("few") + 2;
            let at = place.replace('N', &rank.to_string());
            let cells = format!(
                r#"<c r="A{rank}"><v>{rank}</v></c><c {at} t="e"><f>X()</f><v>{word}</v></c><c r="C{rank}"><v>7</v></c>"#
            );
            row(rank, &cells)
        };
        let rows: String = ["#ERROR!", "#N/A", "Err:502", "#QUOI?"].iter().enumerate().map(of).collect();
        let name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        format!(r#"<?xml version="1.0"?><worksheet xmlns="{name}"><sheetData>{head}{rows}</sheetData></worksheet>"#)
    };
    let brought = read_with(&of_sheet(&sheet(r#"r="BN""#)), |_| ()).await;
    assert_eq!(
        brought.json(),
        [
            r##"{"a":2,"b":"#ERROR!","c":7}"##,
            r##"{"a":3,"b":"#N/A","c":7}"##,
            r##"{"a":4,"b":"Err:502","c":7}"##,
            r##"{"a":5,"b":"#VALUE!","c":7}"##,
        ]
    );
    assert!(brought.notes()[0].contains("4 error cells"), "{:?}", brought.notes());
    let unplaced = read_with(&of_sheet(&sheet("")), |_| ()).await;
    assert!(
        unplaced.error().contains("a cell bears the error « #ERROR! »"),
        "what follows would be read in its column"
    );
}

#[tokio::test]
async fn a_sheet_is_found_by_name_or_position() {
    let mut workbook = Workbook::new();
    for name in ["infos", "Données"] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a name");
        sheet.write(0, 0, "feuille").expect("written");
        sheet.write(1, 0, name).expect("written");
    }
    let bytes = workbook.save_to_buffer().expect("a workbook");
    for sheet in [Sheet::Name("Données".to_owned()), Sheet::Position(2)] {
        let brought = read_with(&bytes, |settings| settings.sheet = Some(sheet.clone())).await;
        assert_eq!(brought.json(), [r#"{"feuille":"Données"}"#]);
    }
    let error = read_with(&bytes, |settings| settings.sheet = Some(Sheet::Position(3))).await.error();
    assert!(error.contains("« infos », « Données »"), "{error}");
}

#[tokio::test]
async fn what_is_no_workbook_is_told() {
    let whole = list();
    for bytes in [
        &b"<html>"[..],
        b"",
        b"PK\x03\x04rubbish",
        &whole[..whole.len() / 2],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rubbish",
    ] {
        let error = read_with(bytes, |_| ()).await.error();
        assert!(error.contains("unreadable") || error.contains("failed on this file"), "{error}");
    }
    assert!(read_with(&workbook(|_| ()), |_| ()).await.error().contains("no header"));
    let error = read(&of(&serve_body("text/html", "<html>").await)).await.error();
    assert!(error.contains("« text/html »"), "{error}");
}

#[tokio::test]
async fn a_workbook_that_swells_is_refused_before_it_is_opened() {
    let bytes = zipped(&[("[Content_Types].xml", b"x".to_vec()), ("xl/worksheets/sheet1.xml", vec![b' '; 50_000_000])]);
    assert!(bytes.len() < 200_000);
    let (_file, path) = file(&bytes);
    let error = read(&limited(&of(&path), |limits| limits.bytes_max = 10_000_000)).await.error();
    assert!(error.contains("10000000 bytes"), "{error}");
}

/// An ODS whose table holds this.
pub fn ods(doctype: &str, table: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?>{doctype}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="F">{table}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml", manifest.as_bytes().to_vec()),
        ("content.xml", content.into_bytes()),
    ])
}

fn ods_cell(attributes: &str, text: &str) -> String {
    format!(r#"<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>"#)
}

/// A few hundred bytes that stand for millions of cells.
#[tokio::test]
async fn an_ods_that_repeats_rows_or_cells_without_end_is_refused_before_it_is_opened() {
    let header = format!("<table:table-row>{}</table:table-row>", ods_cell("", "id"));
    let rows = format!(
        r#"{header}<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>"#,
        ods_cell(r#"table:number-columns-repeated="90""#, "x")
    );
    let wide = format!(
        "{header}<table:table-row>{}</table:table-row>",
        ods_cell(r#"table:number-columns-repeated="16384""#, &"x".repeat(100_000))
    );
    let apart = format!(
        r#"<table:table-row>{}</table:table-row><table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>{header}"#,
        (0..90).map(|at| ods_cell("", &format!("c{at}"))).collect::<String>()
    );
    for (name, table) in [("rows", rows), ("cells", wide), ("nothing between", apart)] {
        let error = read_with(&ods("", &table), |_| ()).await.error();
        assert!(error.contains("268435456 bytes"), "{name}: {error}");
    }
    // What ordinary programs write: a million empty rows and a thousand empty cells at the end.
    let usual = format!(
        r#"{header}<table:table-row>{}<table:table-cell table:number-columns-repeated="16383"/></table:table-row><table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#,
        ods_cell("", "7")
    );
    let brought = read_with(&ods("", &usual), |_| ()).await;
    assert_eq!(brought.json(), [r#"{"id":"7"}"#]);
}

/// Entities that unfold into a thousand million letters are not unfolded, in either format.
#[tokio::test]
async fn entities_are_not_unfolded() {
    let mut doctype = r#"<!DOCTYPE x [<!ENTITY a0 "ha">"#.to_owned();
    for level in 1..30 {
        doctype.push_str(&format!(r#"<!ENTITY a{level} "&a{0};&a{0};">"#, level - 1));
    }
    doctype.push_str("]>");
    let table = format!(
        "<table:table-row>{}</table:table-row><table:table-row>{}</table:table-row>",
        ods_cell("", "id"),
        ods_cell("", "&a29;")
    );
    let told = |brought: Brought| match &brought.end {
        Ok(_) => brought.json().concat(),
        Err(_) => brought.error(),
    };
    let of_ods = told(read_with(&ods(&doctype, &table), |_| ()).await);
    assert!(of_ods.len() < 1_000, "{} bytes", of_ods.len());
    let sheet = workbook(|sheet| {
        sheet.write(0, 0, "id").expect("written");
        sheet.write(1, 0, "LAUGH").expect("written");
    });
    let mut archive = zip::ZipArchive::new(Cursor::new(sheet)).expect("an archive");
    let entries: Vec<(String, Vec<u8>)> = (0..archive.len())
        .map(|at| {
            let mut entry = archive.by_index(at).expect("an entry");
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("XML");
            let name = entry.name().expect("a name").to_string();
            if name.ends_with("sharedStrings.xml") {
                text = text.replace("<sst", &format!("{doctype}<sst")).replace("LAUGH", "&a29;");
                assert!(text.contains("&a29;"));
            }
            (name, text.into_bytes())
        })
        .collect();
    let entries: Vec<(&str, Vec<u8>)> = entries.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let of_xlsx = told(read_with(&zipped(&entries), |_| ()).await);
    assert!(of_xlsx.len() < 1_000, "{} bytes", of_xlsx.len());
}

/// One text of a megabyte, which the workbook holds once, in each of a thousand cells of one row.
#[tokio::test]
async fn a_shared_text_in_every_cell_of_a_row_is_refused() {
    let text = "x".repeat(30_000);
    let bytes = workbook(|sheet| {
        for column in 0..1_000_u16 {
            sheet.write(0, column, format!("c{column}")).expect("written");
            sheet.write(1, column, text.as_str()).expect("written");
        }
    });
    assert!(bytes.len() < 200_000, "{}", bytes.len());
    let (_file, path) = file(&bytes);
    let error = read(&limited(&of(&path), |limits| limits.bytes_max = 10_000_000)).await.error();
    assert!(error.contains("10000000 bytes"), "{error}");
}

#[tokio::test]
async fn real_files_are_read_whole() {
    let Some(data) = crate::net::real_data() else { return };
    let read = |file: &str, sheet: Sheet, header_row: u32, header_rows: u32| {
        let settings = SpreadsheetSettings {
            sheet: Some(sheet),
            header_row: Some(header_row),
            header_rows,
            ..settings(&format!("{data}/{file}"))
        };
        async move { read(&DriverSettings::Spreadsheet(settings)).await }
    };
    // 24 811 projects in a sheet that declares 1 048 576 rows: the figure of the README of the data.
    let dotations = "droit_commun/dgcl_anct_dotations_investissement_2019.xlsx";
    let brought = read(dotations, Sheet::Position(2), 1, 1).await;
    assert_eq!((brought.complete(), brought.records().len()), (true, 24_811));
    let feder = "fonds_ue/fr_liste_operations_feder_fse_2014_2020_au_20160711.xls";
    let brought = read(feder, Sheet::Position(1), 1, 1).await;
    assert_eq!((brought.complete(), brought.records().len()), (true, 1_834));
    let first = &brought.records()[0].node;
    assert_eq!(field(first, "Total dépenses éligibles"), "71403.54");
    assert_eq!(field(first, "Date de programmation"), "2014-12-09");
    // The serial number 2 in a date cell is no date that anyone meant.
    let line = |line| brought.records().into_iter().find(|record| record.location.line == Some(line)).expect("a row");
    assert_eq!(field(&line(1_834).node, "Date de programmation"), "2");
    let brought = read("exports_si/osiris_suivi_actions.xls", Sheet::Position(1), 1, 2).await;
    let first = &brought.records()[0].node;
    assert_eq!(field(first, "Bénéficiaire Type structure"), "Association");
    assert_eq!(field(first, "Dossier/action Exercice fin"), "2021");
}

/// 12 shown as « 12 k€ » is not twelve euros: a number is read with the unit that is shown, and no amount takes it for euros.
#[tokio::test]
async fn numbers_are_read_with_the_unit_that_is_shown() {
    let names = ["milliers", "euros", "divise", "part", "dollars", "nu"];
    let formats = ["0.0\" k€\"", "# ##0.00\\ \"€\"", "#,##0,\" k€\"", "0 %", "[$$-409]#,##0.00", "General"];
    let numbers = [12.5, 1234.56, 12500.0, 0.455, 99.0, 7.0];
    let bytes = workbook(|sheet| {
        for (column, name) in names.into_iter().enumerate() {
            sheet.write(0, column as u16, name).expect("written");
            let format = Format::new().set_num_format(formats[column]);
            sheet.write_with_format(1, column as u16, numbers[column], &format).expect("written");
        }
        sheet.write(2, 0, 3.0).expect("written");
    });
    let shown = r#"{"milliers":"12.5 k€","euros":1234.56,"divise":12500,"part":"45.5 %","dollars":"99 $","nu":7}"#;
    let plain = r#"{"milliers":3,"euros":null,"divise":null,"part":null,"dollars":null,"nu":null}"#;
    assert_eq!(read_with(&bytes, |_| ()).await.json(), [shown, plain]);

    let number = |kind: &str, value: &str, text: &str| {
        format!(
            r#"<table:table-cell office:value-type="{kind}" office:value="{value}"><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    let header: String = names.iter().map(|name| ods_cell("", name)).collect();
    let cells = [
        number("float", "12.5", "12,5 k€"),
        number(r#"currency" office:currency="EUR"#, "1234.56", "1 234,56 €"),
        number("float", "12500", "13 k€"),
        number("percentage", "0.455", "45,5 %"),
        number(r#"currency" office:currency="USD"#, "99", "99,00 $"),
        number("float", "7", "7"),
    ]
    .concat();
    let table = format!("<table:table-row>{header}</table:table-row><table:table-row>{cells}</table:table-row>");
    let brought = read_with(&ods("", &table), |_| ()).await;
    assert_eq!(brought.json(), [shown.replace("99 $", "99 USD")]);
}

/// A unit shown by cells that are repeated without end takes no more memory than the table itself may.
#[tokio::test]
async fn units_of_repeated_cells_are_bounded() {
    let cell =
        r#"<table:table-cell office:value-type="percentage" office:value="1" table:number-columns-repeated="5"/>"#;
    let table = format!(
        r#"<table:table-row>{}</table:table-row><table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>"#,
        ods_cell("", "id")
    );
    let error = read_with(&ods("", &table), |_| ()).await.error();
    assert!(error.contains("2000000+ cells") || error.contains("bytes"), "{error}");
}

/// A list that comes as a workbook one year and as CSV the next is the same list.
#[tokio::test]
async fn a_table_exported_as_text_is_read_in_the_place_of_its_workbook() {
    let text = "\u{feff}Opérations;;\nid;nom;montant\n1;\"Café; thé\";\"12,50\"\nTotal;;12,50\n";
    let brought = read_with(text.as_bytes(), |settings| {
        settings.header_row = Some(2);
        settings.totals_row = vec!["Total".to_owned()];
        settings.sheet = Some(Sheet::Position(2));
    })
    .await;
    assert!(brought.complete());
    assert_eq!(brought.json(), [r#"{"id":"1","nom":"Café; thé","montant":"12,50"}"#]);
    let brought = read(&of(&serve_body("text/csv", "id,nom\n1,A\n").await)).await;
    assert_eq!(brought.json(), [r#"{"id":"1","nom":"A"}"#]);
    for bytes in ["<!DOCTYPE html><html><p>a;b</p>", "  <html>;", "un texte sans colonnes\nrien\n"] {
        let error = read_with(bytes.as_bytes(), |_| ()).await.error();
        assert!(error.contains("unreadable"), "{bytes}: {error}");
    }
}

/// A workbook of these sheets: a name, whether it is hidden, its rows.
fn of_sheets(sheets: &[(&str, bool, &[[&str; 3]])]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, hidden, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).expect("a name");
        if *hidden {
            sheet.set_hidden(true);
        } else {
            sheet.set_active(true).set_first_tab(true);
        }
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write(row as u32, column as u16, *cell).expect("written");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

#[tokio::test]
async fn a_position_counts_the_sheets_that_are_seen() {
    let header = ["id", "cout", "montant"];
    let bytes =
        of_sheets(&[("Ancien", true, &[header, ["Z", "9", "1"]]), ("Liste", false, &[header, ["A", "9", "2"]])]);
    let brought = read_with(&bytes, |_| ()).await;
    assert_eq!(brought.json(), [r#"{"id":"A","cout":"9","montant":"2"}"#]);
    assert!(brought.notes().iter().any(|note| note.contains("« Ancien », which is hidden")), "{:?}", brought.notes());
    let brought = read_with(&bytes, |settings| settings.sheet = Some(Sheet::Name("Ancien".to_owned()))).await;
    assert_eq!(brought.json(), [r#"{"id":"Z","cout":"9","montant":"1"}"#]);
}

#[tokio::test]
async fn a_list_that_goes_on_in_another_sheet_is_told() {
    let header = ["id", "cout", "montant"];
    let list: &[[&str; 3]] = &[header, ["A", "9", "2"]];
    let of = |other: &'static str, rows: &'static [[&'static str; 3]]| {
        of_sheets(&[("Liste", false, list), (other, false, rows)])
    };
    let notes = |bytes: Vec<u8>| async move { read_with(&bytes, |_| ()).await.notes() };
    let told = notes(of("Suite", &[["montant", "id", "cout"], ["3", "B", "9"]])).await;
    assert!(told.iter().any(|note| note.contains("« Suite » has the same columns")), "{told:?}");
    assert_eq!(
        notes(of("Notice", &[["id", "Identifiant", ""], ["cout", "Coût total", ""]])).await,
        Vec::<String>::new()
    );
    assert_eq!(notes(of("Modèle", &[["id", "cout", "montant"]])).await, Vec::<String>::new(), "an empty one");
}

#[tokio::test]
async fn a_header_that_comes_again_is_no_record() {
    let header = ["id", "cout", "montant"];
    let rows = [header, ["A", "9", "1"], header, ["B", "9", "2"], ["id", "montant", "cout"], ["C", "3", "9"]];
    let brought = read_with(&of_sheets(&[("Liste", false, &rows)]), |_| ()).await;
    assert!(brought.complete());
    let lines = [
        r#"{"id":"A","cout":"9","montant":"1"}"#,
        r#"{"id":"B","cout":"9","montant":"2"}"#,
        r#"{"id":"C","montant":"3","cout":"9"}"#,
    ];
    assert_eq!(brought.json(), lines);
}

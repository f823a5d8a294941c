//! What a workbook holds and a table cannot show: it is told, and no amount is taken from it.

use crate::spreadsheet::{ods, of_sheet, read_with};

fn sheet(rows: &str, after: &str) -> Vec<u8> {
    let header = r#"<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>montant</v></c></row>"#;
    of_sheet(&format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{header}{rows}</sheetData>{after}</worksheet>"#
    ))
}

#[tokio::test]
async fn a_formula_that_was_never_worked_out_is_no_empty_cell() {
    let rows = r#"<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>2*3</f></c></row><row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>2*3</f><v>6</v></c></row><row r="4"><c r="A4"><v>3</v></c><c r="B4"/></row><row r="5"><c r="A5"><v>4</v></c><c r="B5"><f>2*3</f><v/></c></row>"#;
    let brought = read_with(&sheet(rows, ""), |_| ()).await;
    assert_eq!(
        brought.json(),
        [
            r#"{"id":1,"montant":"formule sans valeur"}"#,
            r#"{"id":2,"montant":6}"#,
            r#"{"id":3,"montant":null}"#,
            r#"{"id":4,"montant":"formule sans valeur"}"#
        ]
    );
    assert!(brought.end.as_ref().expect("an end").notes[0].fr.contains("2 formules"), "{:?}", brought.end);
    let cell = |attributes: &str, text: &str| format!("<table:table-cell {attributes}>{text}</table:table-cell>");
    let text = |text: &str| cell(r#"office:value-type="string""#, &format!("<text:p>{text}</text:p>"));
    let table = format!(
        "<table:table-row>{}{}</table:table-row><table:table-row>{}{}</table:table-row>",
        text("id"),
        text("montant"),
        text("1"),
        cell(r#"table:formula="of:=2*3""#, "")
    );
    let brought = read_with(&ods("", &table), |_| ()).await;
    assert!(brought.end.as_ref().expect("an end").notes[0].en.contains("1 formulas"), "{:?}", brought.end);
}

#[tokio::test]
async fn a_cell_over_several_rows_is_told() {
    let rows = r#"<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>90</v></c></row><row r="3"><c r="A3"><v>2</v></c><c r="B3"/></row>"#;
    let merged = r#"<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="B2:B3"/></mergeCells>"#;
    let brought = read_with(&sheet(rows, merged), |_| ()).await;
    assert_eq!(brought.json(), [r#"{"id":1,"montant":90}"#, r#"{"id":2,"montant":null}"#]);
    assert!(brought.end.as_ref().expect("an end").notes[0].en.contains("1 cells lie over several rows"));
    let across = read_with(&sheet(rows, r#"<mergeCells><mergeCell ref="A1:B1"/></mergeCells>"#), |_| ()).await;
    assert!(across.end.expect("an end").notes.is_empty());
}

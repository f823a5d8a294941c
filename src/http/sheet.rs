//! How a list is written: as CSV (RFC 4180, UTF-8), or as a workbook of one sheet for whoever opens it with a click.

use crate::domain::Instant;
use crate::domain::money::Cents;
use axum::http::Uri;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// The cells of one row; those of the first are the names of the columns.
pub(super) type Row = Vec<String>;

/// The columns of amounts, euros: numbers in a workbook.
const AMOUNTS: [&str; 7] =
    ["reported", "target", "available", "consumed", "unattributed", "remaining", "remainingAtMost"];
/// Digits of a number that a spreadsheet keeps.
const DIGITS_MAX: usize = 15;

/// The form of a list, told by the end of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Xlsx,
}

impl Form {
    pub(super) fn of(uri: &Uri) -> Self {
        if uri.path().ends_with(".xlsx") { Form::Xlsx } else { Form::Csv }
    }

    /// The name of a list in this form.
    pub(super) fn named(self, list: &str) -> String {
        let end = match self {
            Form::Csv => "csv",
            Form::Xlsx => "xlsx",
        };
        format!("{list}.{end}")
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Form::Csv => "text/csv; charset=utf-8; header=present",
            Form::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The bytes, as made at an instant.
    ///
    /// # Errors
    /// What a workbook cannot hold.
    pub(super) fn written(self, rows: &[Row], at: Instant) -> Result<Vec<u8>, XlsxError> {
        match self {
            Form::Csv => Ok(csv(rows)),
            Form::Xlsx => workbook(rows, at),
        }
    }
}

fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| inert(cell))).expect("a vector takes every row");
    }
    writer.into_inner().expect("a vector takes every row")
}

/// A cell that no spreadsheet takes for a formula. An amount below nothing is none: it has its two decimals.
fn inert(cell: &str) -> String {
    let is_amount = cell.contains('.') && Cents::parse(cell).is_ok();
    if !is_amount && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Texts are texts there: nothing is taken for a formula, no code loses its zeros.
fn workbook(rows: &[Row], at: Instant) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(at.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let (bold, euros) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    let sheet = workbook.add_worksheet();
    let names = rows.first().map_or(&[][..], Vec::as_slice);
    for (line, row) in (0u32..).zip(rows) {
        for ((column, cell), name) in (0u16..).zip(row).zip(names) {
            let number = number(cell).filter(|_| line > 0 && AMOUNTS.contains(&&**name));
            match number {
                Some(number) => sheet.write_number_with_format(line, column, number, &euros)?,
                None if line == 0 => sheet.write_string_with_format(line, column, cell, &bold)?,
                None if cell.is_empty() => continue,
                None => sheet.write_string(line, column, cell)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if let (Some(last_row), Some(last_column)) = (rows.len().checked_sub(1), names.len().checked_sub(1)) {
        let last = (u32::try_from(last_row).unwrap_or(u32::MAX), u16::try_from(last_column).unwrap_or(u16::MAX));
        sheet.autofilter(0, 0, last.0, last.1)?;
    }
    sheet.autofit();
    workbook.save_to_buffer()
}

/// An amount as a workbook holds numbers; one of more digits than it keeps stays a text.
fn number(cell: &str) -> Option<f64> {
    let is_kept = cell.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX;
    if is_kept && Cents::parse(cell).is_ok() { cell.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+33", "-2", "@SUM(A1)", "\tx"] {
            assert_eq!(inert(cell), format!("'{cell}"));
        }
        for cell in ["Square = jardin", "-100.25"] {
            assert_eq!(inert(cell), cell);
        }
    }

    #[test]
    fn an_amount_is_a_number_as_far_as_a_workbook_keeps_it() {
        assert_eq!(number("-1234567.89"), Some(-1_234_567.89));
        for text in ["", "NC", "12345678901234.56", "inf", "1e3"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}

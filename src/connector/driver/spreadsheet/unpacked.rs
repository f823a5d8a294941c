//! How much a zipped workbook holds once unpacked, measured before anything parses it: what the archive says of itself
//! is not believed. An ODS may also say of a row or a cell that it stands a million times: what its table would fill is
//! counted too.

use super::super::error::ReadError;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

/// Entries that a workbook may have.
const ENTRIES_MAX: usize = 10_000;

/// Unpacks into nothing, refusing more than `bytes_max` in all. Tells an ODS from an XLSX on the way.
pub(super) fn is_open_document(file: File, bytes_max: u64, resource: &str) -> Result<bool, ReadError> {
    let unreadable = |error: &dyn std::fmt::Display| {
        ReadError::form(
            resource,
            format!("archive illisible ({error}) : fichier tronqué ou abîmé"),
            format!("unreadable archive ({error}): a file cut short or damaged"),
        )
    };
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| unreadable(&error))?;
    if archive.len() > ENTRIES_MAX {
        return Err(unreadable(&format_args!("{} entries", archive.len())));
    }
    let mut left = bytes_max;
    let mut open_document = false;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let is_content = entry.name().is_ok_and(|name| name == "content.xml");
        open_document |= is_content;
        let mut entry = entry.take(left.saturating_add(1));
        let swells = || ReadError::TooLarge { resource: resource.to_owned(), bytes_max };
        if is_content && !Table::of(BufReader::new(&mut entry), bytes_max).map_err(|error| unreadable(&error))? {
            return Err(swells());
        }
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(|error| unreadable(&error))?;
        let unpacked = left.saturating_add(1) - entry.limit();
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| ReadError::TooLarge { resource: resource.to_owned(), bytes_max })?;
    }
    Ok(open_document)
}

/// Bytes that a parsed cell takes, its text aside.
const CELL_BYTES: u64 = 32;

/// What a table of an ODS would fill: the rectangle up to its last cell, and its texts.
#[derive(Default)]
struct Table {
    filled: u64,
    rows: u64,
    rows_told: u64,
    width: u64,
    row: Row,
}

/// The row that is met.
#[derive(Default)]
struct Row {
    times: u64,
    columns: u64,
    columns_told: u64,
    text: u64,
    cell: Option<(u64, u64)>,
}

impl Table {
    /// Does the content fill no more than `bytes_max`?
    fn of(content: impl BufRead, bytes_max: u64) -> Result<bool, quick_xml::Error> {
        let (mut reader, mut buffer, mut table) = (Reader::from_reader(content), Vec::new(), Table::default());
        loop {
            match reader.read_event_into(&mut buffer)? {
                Event::Eof => return Ok(true),
                Event::Start(tag) => table.begins(&tag),
                Event::Empty(tag) => {
                    table.begins(&tag);
                    table.ends(tag.name().as_ref());
                }
                Event::Text(text) => table.text(text.len()),
                Event::CData(text) => table.text(text.len()),
                Event::End(tag) => table.ends(tag.name().as_ref()),
                _ => {}
            }
            if table.fills() > bytes_max {
                return Ok(false);
            }
            buffer.clear();
        }
    }

    fn begins(&mut self, tag: &BytesStart<'_>) {
        match tag.name().as_ref() {
            "table:table-row" => {
                self.row = Row { times: times(tag, "table:number-rows-repeated"), ..Row::default() };
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let told = tag.attributes().flatten().filter(|one| one.key.as_ref().starts_with("office:"));
                let told: usize = told.map(|one| one.value.len()).sum();
                self.row.cell = Some((times(tag, "table:number-columns-repeated"), told as u64));
            }
            _ => {}
        }
    }

    fn text(&mut self, length: usize) {
        if let Some((_, text)) = &mut self.row.cell {
            *text += length as u64;
        }
    }

    fn ends(&mut self, tag: &str) {
        match tag {
            "table:table-cell" | "table:covered-table-cell" => {
                let Some((times, text)) = self.row.cell.take() else { return };
                self.row.columns = self.row.columns.saturating_add(times);
                if text > 0 {
                    self.row.columns_told = self.row.columns;
                    self.row.text = self.row.text.saturating_add(text.saturating_mul(times));
                }
            }
            "table:table-row" => {
                self.rows = self.rows.saturating_add(self.row.times);
                if self.row.columns_told > 0 {
                    self.rows_told = self.rows;
                    self.width = self.width.max(self.row.columns_told);
                    self.filled = self.filled.saturating_add(self.row.text.saturating_mul(self.row.times));
                }
                self.row = Row::default();
            }
            "table:table" => {
                *self = Table { filled: self.fills(), ..Table::default() };
            }
            _ => {}
        }
    }

    fn fills(&self) -> u64 {
        let row = self.row.text.saturating_add(self.row.columns_told.saturating_mul(CELL_BYTES));
        let told = self.rows_told.saturating_mul(self.width).saturating_mul(CELL_BYTES);
        self.filled.saturating_add(told).saturating_add(row.saturating_mul(self.row.times.max(1)))
    }
}

/// How often the element is said to stand; what is no number is for the parser to refuse.
fn times(tag: &BytesStart<'_>, name: &str) -> u64 {
    let found = tag.attributes().flatten().find(|one| one.key.as_ref() == name);
    found.and_then(|one| one.value.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zipped(name: &str, length: u64) -> File {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let mut writer = zip::ZipWriter::new(&mut file);
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        writer.start_file(name, options).expect("an entry");
        std::io::copy(&mut std::io::repeat(b' ').take(length), &mut writer).expect("written");
        writer.finish().expect("an archive").flush().expect("written");
        file
    }

    #[test]
    fn what_swells_is_refused() {
        assert_eq!(is_open_document(zipped("content.xml", 1_000), 1_000, "f"), Ok(true));
        assert!(is_open_document(zipped("content.xml", 1_001), 1_000, "f").is_err());
        assert_eq!(is_open_document(zipped("xl/workbook.xml", 1_000), 1_000, "f"), Ok(false));
        let refused = is_open_document(zipped("xl/workbook.xml", 50_000_000), 1_000_000, "f");
        assert_eq!(refused, Err(ReadError::TooLarge { resource: "f".to_owned(), bytes_max: 1_000_000 }));
    }
}

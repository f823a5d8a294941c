//! How much a zipped workbook holds once unpacked, measured before anything parses it: what the archive says of itself
//! is not believed.

use super::super::error::ReadError;
use std::fs::File;
use std::io::{BufReader, Read};

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
        open_document |= entry.name().is_ok_and(|name| name == "content.xml");
        let unpacked = std::io::copy(&mut entry.take(left.saturating_add(1)), &mut std::io::sink());
        let unpacked = unpacked.map_err(|error| unreadable(&error))?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| ReadError::TooLarge { resource: resource.to_owned(), bytes_max })?;
    }
    Ok(open_document)
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
        assert_eq!(is_open_document(zipped("xl/workbook.xml", 1_000), 1_000, "f"), Ok(false));
        let refused = is_open_document(zipped("xl/workbook.xml", 50_000_000), 1_000_000, "f");
        assert_eq!(refused, Err(ReadError::TooLarge { resource: "f".to_owned(), bytes_max: 1_000_000 }));
    }
}

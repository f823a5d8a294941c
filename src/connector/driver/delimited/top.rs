//! The top of a text: the row of its header, which may be looked for.

use super::super::error::ReadError;
use super::super::top::{ROWS_LOOKED_AT, Sought};
use super::encoding::Encoding;
use super::records::{Next, RecordReader};
use super::{dialect, of_io};
use std::borrow::Cow;
use std::io::Cursor;

/// Where the header was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The delimiter by which it is one.
    pub(super) delimiter: u8,
    /// The rows of the text above it.
    pub(super) rank: usize,
    /// Of these, the ones that hold something.
    pub(super) above: usize,
}

/// The header that is sought, in the sample after so many lines: by the delimiter that is stated, or by the likeliest that shows it.
pub(super) fn found(
    sample: &[u8],
    (stated, lines): (Option<u8>, u32),
    (encoding, sought): (Encoding, &Sought),
) -> Option<Found> {
    let candidates = stated.map_or_else(|| dialect::CANDIDATES.to_vec(), |delimiter| vec![delimiter]);
    candidates.into_iter().find_map(|delimiter| {
        let mut reader = RecordReader::new(Box::new(Cursor::new(sample.to_vec())), delimiter);
        reader.skip_lines(lines).ok()?;
        let (mut rows, mut ranks) = (Vec::new(), Vec::new());
        for rank in 0.. {
            let Ok(Next::Record { .. }) = reader.next() else { break };
            if reader.is_blank() {
                continue;
            }
            let cells = reader.fields().map(|field| encoding.text(field).unwrap_or_default().into_owned());
            rows.push(cells.collect::<Vec<String>>());
            ranks.push(rank);
            if rows.len() == ROWS_LOOKED_AT {
                break;
            }
        }
        let above = sought.among(&rows)?;
        Some(Found { delimiter, rank: ranks[above], above })
    })
}

/// The rows of the header, `rows` of them, and the line of the first: after so many rows; else the first that are not blank.
pub(super) fn header(
    reader: &mut RecordReader,
    (rank, rows): (Option<usize>, u32),
    (encoding, resource): (Encoding, &str),
) -> Result<(Vec<Vec<String>>, u64), ReadError> {
    let mut next = || match reader.next().map_err(|error| of_io(resource, &error))? {
        Next::Record { line } => Ok((line, reader.is_blank(), texts(reader, encoding))),
        Next::Cut { .. } | Next::TooLong { .. } | Next::End => Err(nothing(resource)),
    };
    for _ in 0..rank.unwrap_or(0) {
        next()?;
    }
    let mut first = next()?;
    while rank.is_none() && first.1 {
        first = next()?;
    }
    let (line, _, top) = first;
    let mut header = vec![top];
    for _ in 1..rows {
        header.push(next()?.2);
    }
    let header: Option<Vec<_>> = header.into_iter().collect();
    let header = header.ok_or_else(|| {
        ReadError::form(
            resource,
            "l'en-tête n'est pas du texte dans cet encodage : indiquez encoding dans le manifeste",
            "the header is no text in this encoding: state encoding in the manifest",
        )
    })?;
    Ok((header, line))
}

/// The cells of a row; `None` where one is no text.
fn texts(reader: &RecordReader, encoding: Encoding) -> Option<Vec<String>> {
    let cells = reader.fields().map(|field| encoding.text(field).map(Cow::into_owned));
    cells.collect::<Option<Vec<String>>>().filter(|cells| !cells.iter().any(|cell| cell.contains('\0')))
}

/// That there is no header.
pub(super) fn nothing(resource: &str) -> ReadError {
    ReadError::form(
        resource,
        "aucune ligne d'en-tête : fichier vide, ou header-row trop grand dans le manifeste",
        "no header row: an empty file, or header-row too large in the manifest",
    )
}

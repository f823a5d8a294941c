//! Which character stands between the fields.

use super::super::error::ReadError;
use csv_core::ReadRecordResult;
use std::collections::HashMap;

/// Delimiters that are looked for, the likeliest first.
pub(super) const CANDIDATES: [u8; 4] = [b';', b',', b'\t', b'|'];
/// Rows looked at.
const ROWS_MAX: usize = 100;

/// The delimiter that the manifest states; `None` for `auto`.
pub(in super::super) fn stated(word: &str) -> Result<Option<u8>, ReadError> {
    match (word, word.as_bytes()) {
        ("auto", _) => Ok(None),
        ("tab" | "\\t", _) => Ok(Some(b'\t')),
        (_, [byte]) if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\r' | b'\n') => {
            Ok(Some(*byte))
        }
        _ => Err(ReadError::setting(
            "delimiter",
            format!("« {word} » n'est pas un séparateur : un caractère, « tab » ou « auto »"),
            format!("« {word} » is no delimiter: one character, « tab » or « auto »"),
        )),
    }
}

/// The delimiter that the first line is nothing but the announcement of (`sep=;`), as spreadsheets write and read it.
pub(super) fn announced(sample: &[u8]) -> Option<u8> {
    let text = sample.strip_prefix("\u{feff}".as_bytes()).unwrap_or(sample);
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [name @ .., b'=', delimiter] if name.eq_ignore_ascii_case(b"sep") && CANDIDATES.contains(delimiter) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// The candidate by which the header, the row of this rank, has the most fields, where most rows have about as many: a comma within amounts stands
/// in every row, and in no header. Where none has, the one by which the most rows fall into one and the same number of fields, two at
/// least; a file of a single column has none, and is read as well by the first.
pub(super) fn detected(sample: &[u8], header: usize) -> u8 {
    let counts = CANDIDATES.map(|delimiter| (delimiter, counts(sample, delimiter)));
    let by = |score: &dyn Fn(&[usize]) -> (usize, usize)| {
        let scored = counts.iter().map(|(delimiter, counts)| (*delimiter, score(counts)));
        // Of equal ones the first.
        let best = scored.rev().max_by_key(|(_, score)| *score)?;
        (best.1 > (0, 0)).then_some(best.0)
    };
    by(&|counts| by_header(counts, header)).or_else(|| by(&commonest)).unwrap_or(CANDIDATES[0])
}

/// How many fields the header has, where it has two at least and most rows have about as many; and how many rows those are.
fn by_header(counts: &[usize], header: usize) -> (usize, usize) {
    let Some(fields) = counts.get(header).copied().filter(|fields| *fields > 1) else { return (0, 0) };
    let below = counts.get(header + 1..).unwrap_or_default();
    // A row may end with one separator more than the header, or leave out its last cells, which are empty.
    let fits = |count: &&usize| **count > 1 && **count * 2 >= fields && **count <= fields + 1;
    let alike = below.iter().filter(fits).count();
    if alike * 2 > below.len() { (fields, alike) } else { (0, 0) }
}

/// How many rows share the commonest number of fields, and that number.
fn commonest(counts: &[usize]) -> (usize, usize) {
    let mut times: HashMap<usize, usize> = HashMap::new();
    counts.iter().for_each(|fields| *times.entry(*fields).or_default() += 1);
    let commonest = times.into_iter().filter(|(fields, _)| *fields > 1).map(|(fields, times)| (times, fields)).max();
    commonest.unwrap_or((0, 0))
}

/// The number of fields of each row, quotes respected; the last row of a sample may be cut and is left out.
fn counts(mut sample: &[u8], delimiter: u8) -> Vec<usize> {
    let mut core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut text, mut ends) = (vec![0; sample.len() + 1], vec![0; sample.len() + 1]);
    let mut counts = Vec::new();
    while counts.len() < ROWS_MAX {
        let (result, read, _, ended) = core.read_record(sample, &mut text, &mut ends);
        sample = &sample[read..];
        match result {
            ReadRecordResult::Record => counts.push(ended),
            ReadRecordResult::InputEmpty if counts.is_empty() => {
                // One row alone, without a line end.
                let (_, _, _, last) = core.read_record(&[], &mut text, &mut ends[ended..]);
                counts.push(ended + last);
                break;
            }
            _ => break,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_outside_quotes() {
        let detected = |sample: &[u8]| detected(sample, 0);
        assert_eq!(detected(b"nom;montant\n\"a, b, c\";1,5\nd;2,5\n"), b';');
        assert_eq!(detected(b"nom,montant\n\"a; b\",1.5\n"), b',');
        assert_eq!(detected(b"a\tb\tc\n1,5\t2\t3\n"), b'\t');
        assert_eq!(detected(b"a|b\n1|2\n"), b'|');
        assert_eq!(detected(b"a,b"), b',');
        assert_eq!(detected(b"seule\n1\n"), b';');
        assert_eq!(detected(b""), b';');
    }

    #[test]
    fn the_header_tells_the_delimiter_where_some_rows_are_broken() {
        let rows = |broken: usize| {
            let row = |rank: usize| {
                let stray = if rank < broken { "; " } else { "" };
                format!("{rank};A{stray};1 234,56 EUR;3 703,68 EUR\n")
            };
            format!("n;nom;voté;coût\n{}", (0..20).map(row).collect::<String>())
        };
        assert_eq!([0, 2, 9].map(|broken| detected(rows(broken).as_bytes(), 0)), [b';'; 3]);
        let titled = format!("Subventions, 2025\n{}", rows(2));
        assert_eq!(detected(titled.as_bytes(), 1), b';');
        assert_eq!(detected(b"montant (HT, EUR);taux, %\n1;2\n3;4\n", 0), b';');
        assert_eq!(detected(b"Liste des subventions\nnom,montant\na,1\nb,2\n", 0), b',', "titles above are no header");
    }

    #[test]
    fn rows_that_end_otherwise_than_the_header_do_not_turn_the_delimiter() {
        let trailing = |rank: usize| format!("{rank};A{};1 234,56;3 703,68;\n", if rank < 2 { "; " } else { "" });
        let text = format!("n;nom;voté;coût\n{}", (0..20).map(trailing).collect::<String>());
        assert_eq!(detected(text.as_bytes(), 0), b';');
        let ragged = |rank: usize| format!("{rank};A;1 234,56{}\n", if rank < 8 { ";3 703,68;oui" } else { "" });
        let text = format!("n;nom;voté;coût;solde\n{}", (0..20).map(ragged).collect::<String>());
        assert_eq!(detected(text.as_bytes(), 0), b';');
    }

    #[test]
    fn a_first_line_may_announce_the_delimiter() {
        assert_eq!(announced(b"sep=;\na;b\n"), Some(b';'));
        assert_eq!(announced("\u{feff}\"SEP=\t\"\r\na\tb".as_bytes()), Some(b'\t'));
        assert_eq!(announced(b"sep=;;\na;b\n"), None);
        assert_eq!(announced(b"sep;montant\n"), None);
        assert_eq!(announced(b""), None);
    }

    #[test]
    fn a_word_that_is_no_delimiter_is_refused() {
        assert_eq!(stated("tab"), Ok(Some(b'\t')));
        assert_eq!(stated(";"), Ok(Some(b';')));
        assert_eq!(stated("auto"), Ok(None));
        assert!(stated("a").is_err() && stated("\"").is_err() && stated("").is_err() && stated("é").is_err());
    }
}

//! What commands print: aligned columns for people, JSON for machines.

use crate::domain::text::is_deceptive;
use serde::Serialize;
use std::io::Write as _;

/// Prints one line of data. A reader that went away (`| head`) ends the program quietly.
pub fn line(text: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if out.write_fmt(text).and_then(|()| out.write_all(b"\n")).is_err() {
        std::process::exit(i32::from(super::EXIT_OK));
    }
}

/// Prints one line of data, in the manner of `println!`.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::output::line(format_args!($($text)*)) };
}
pub(crate) use say;

/// Prints `data` as indented JSON.
///
/// # Errors
/// Never for the types printed here; serde's word otherwise.
pub fn json(data: &impl Serialize) -> Result<(), serde_json::Error> {
    say!("{}", serde_json::to_string_pretty(data)?);
    Ok(())
}

/// A text whose control characters, and those that turn the direction of writing, are written out.
pub fn without_controls(text: &str) -> String {
    let written = |letter: char| match is_deceptive(letter) {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(written).collect()
}

/// Prints rows under a header, each column as wide as its widest cell.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .chain(std::iter::once(header[column].chars().count()))
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let print = |cells: &[String]| {
        // Columns hold what tokens and sources say: no escape of a terminal, no line break is printed.
        let shown = cells.iter().map(|cell| without_controls(cell)).zip(&widths);
        let line: Vec<String> = shown.map(|(cell, width)| format!("{cell:<width$}")).collect();
        say!("{}", line.join("  ").trim_end());
    };
    print(&header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    rows.iter().for_each(|row| print(row));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_moves_the_cursor_or_begins_a_line() {
        assert_eq!(without_controls("bob\u{202e}eve\u{2069}"), "bob\\u{202e}eve\\u{2069}");
        assert_eq!(without_controls("é a\n1 \u{1b}[2K"), "é a\\n1 \\u{1b}[2K");
    }
}

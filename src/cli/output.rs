//! What commands print: aligned columns for people, JSON for machines.

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
        let line: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        say!("{}", line.join("  ").trim_end());
    };
    print(&header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    rows.iter().for_each(|row| print(row));
}

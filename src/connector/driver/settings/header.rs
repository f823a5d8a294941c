//! Where the header of a table stands, as far as the manifest says.

use super::{DelimitedSettings, Sheet, SpreadsheetSettings};

impl Sheet {
    /// The one that is read where none is stated.
    pub const FIRST: Sheet = Sheet::Position(1);
}

/// The row at which the header stands whatever the rows hold. `None`: it is looked for. A header of two rows is not known by its names:
/// they are made of both.
const fn fixed_row(row: Option<u32>, rows: u32) -> Option<u32> {
    match (row, rows) {
        (None, 0 | 1) => None,
        (None | Some(0), _) => Some(1),
        (stated, _) => stated,
    }
}

impl DelimitedSettings {
    /// The row of the header, from 1, where it is not looked for.
    pub const fn fixed_header_row(&self) -> Option<u32> {
        fixed_row(self.header_row, self.header_rows)
    }
}

impl SpreadsheetSettings {
    /// The row of the header, from 1, where it is not looked for.
    pub const fn fixed_header_row(&self) -> Option<u32> {
        fixed_row(self.header_row, self.header_rows)
    }

    /// The sheet that is read, unless another one has the header.
    pub fn first_sheet(&self) -> &Sheet {
        self.sheet.as_ref().unwrap_or(&Sheet::FIRST)
    }
}

//! A quote too many takes whole rows into one cell, and the grammar of quotes does not mind: where it is closed below in the same column,
//! the counts of fields fit, and the row would hold the cells of another one.

/// Tables of fewer columns than this have no lines that could be told from text.
const WIDTH_MIN: usize = 3;

/// Does a cell hold lines that are rows of a table of so many columns?
pub(super) fn swallows<'f>(fields: impl Iterator<Item = &'f [u8]>, width: usize, delimiter: u8) -> bool {
    if width < WIDTH_MIN {
        return false;
    }
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    // Nearly every cell is one line, and no row: asked of each of them.
    let mut long = fields.take(width).enumerate().filter(|(_, field)| field.iter().any(is_end));
    long.any(|(column, field)| {
        let mut lines = field.split(is_end).map(|line| Line::of(line, delimiter));
        let (Some(first), Some(last)) = (lines.next(), lines.next_back()) else { return false };
        // The rest of the row that opened the quote, and the beginning of the one that closes it.
        let both = Line { delimiters: first.delimiters + last.delimiters, spaced: first.spaced + last.spaced };
        let are_ends = first.delimiters + column + 1 >= width && last.delimiters >= column && both.is_of_cells();
        are_ends || lines.any(|line| line.delimiters + 1 >= width && line.is_of_cells())
    })
}

/// A line of a cell, as rows are cut.
struct Line {
    delimiters: usize,
    /// Of these, those before a blank, as commas and semicolons of a sentence stand.
    spaced: usize,
}

impl Line {
    fn of(line: &[u8], delimiter: u8) -> Line {
        let met = |with: &dyn Fn(&[u8]) -> bool| line.windows(2).filter(|two| two[0] == delimiter && with(two)).count();
        let at_end = usize::from(line.last() == Some(&delimiter));
        Line { delimiters: met(&|_| true) + at_end, spaced: met(&|two| two[1] == b' ') }
    }

    /// Rows, and no sentences: few of its delimiters stand before a blank.
    fn is_of_cells(&self) -> bool {
        self.spaced * 2 < self.delimiters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_swallowed(fields: &[&str]) -> bool {
        swallows(fields.iter().map(|field| field.as_bytes()), fields.len(), b',')
    }

    #[test]
    fn rows_within_a_cell_are_seen() {
        assert!(is_swallowed(&["Q3", "59", "Ecole 3,300,2024\nQ4,59,Ecole 4", "400", "2024"]));
        assert!(is_swallowed(&["Q3", "59", "Ecole 3,300,2024\r\nQ4,59,x,400,2024\r\nQ5,59,y", "400", "2024"]));
        assert!(is_swallowed(&["Q3,59,Ecole,300,2024\nQ4", "59", "Ecole 4", "400", "2024"]), "in the first column");
        assert!(is_swallowed(&["Q3", "59", "Ecole", "300", "2024\nQ4,59,Ecole 4,400,2024"]), "in the last column");
    }

    #[test]
    fn a_text_of_several_lines_is_one() {
        assert!(!is_swallowed(&["Q3", "59", "Ecole,\nannexe, cour, préau\net jardin", "300", "2024"]));
        assert!(!is_swallowed(&["Q3", "59", "x\nun, deux, trois, quatre, cinq\ny", "300", "2024"]), "a sentence");
        assert!(!is_swallowed(&["Q3\nbis", "59", "x\ny", "300", "2024\n2025"]));
        assert!(!is_swallowed(&["", "\n", ",,,,,,", "300", "2024"]), "one line");
        assert!(!is_swallowed(&["a", "b,c\nd,e"]), "two columns tell nothing");
    }
}

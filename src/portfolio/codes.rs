//! A column of codes, as narrow as its values allow: what is read in whole passes should be short.

/// The codes of one dimension, one for each commitment or project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Codes {
    /// Up to 256 values.
    Byte(Vec<u8>),
    /// Up to 65 536 values.
    Short(Vec<u16>),
    /// More.
    Wide(Vec<u32>),
}

/// Does one thing with the list of codes, whatever its width.
macro_rules! whatever_width {
    ($codes:expr, $list:ident => $done:expr) => {
        match $codes {
            Codes::Byte($list) => $done,
            Codes::Short($list) => $done,
            Codes::Wide($list) => $done,
        }
    };
}
pub(crate) use whatever_width;

/// A code of a column, at its full width.
#[inline]
pub(crate) fn wide(code: impl Into<u32>) -> u32 {
    code.into()
}

impl Codes {
    /// An empty column for codes below `cardinality`, with room for `count` of them.
    pub(crate) fn with_room(cardinality: usize, count: usize) -> Self {
        if cardinality <= 1 << 8 {
            Codes::Byte(Vec::with_capacity(count))
        } else if cardinality <= 1 << 16 {
            Codes::Short(Vec::with_capacity(count))
        } else {
            Codes::Wide(Vec::with_capacity(count))
        }
    }

    /// Adds a code, which is below the cardinality that the column was made for.
    pub(crate) fn push(&mut self, code: u32) {
        const TOLD: &str = "a code is below the cardinality of its dimension";
        match self {
            Codes::Byte(list) => list.push(u8::try_from(code).expect(TOLD)),
            Codes::Short(list) => list.push(u16::try_from(code).expect(TOLD)),
            Codes::Wide(list) => list.push(code),
        }
    }

    /// The code at a position.
    pub(crate) fn get(&self, at: usize) -> u32 {
        whatever_width!(self, list => wide(list[at]))
    }

    /// All codes, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    pub(crate) fn len(&self) -> usize {
        whatever_width!(self, list => list.len())
    }

    pub(crate) fn memory(&self) -> usize {
        whatever_width!(self, list => size_of_val(list.as_slice()))
    }
}

impl Default for Codes {
    fn default() -> Self {
        Codes::Byte(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_largest_code_needs() {
        for (cardinality, bytes) in [(1, 1), (256, 1), (257, 2), (65_536, 2), (65_537, 4)] {
            let mut codes = Codes::with_room(cardinality, 2);
            let last = u32::try_from(cardinality - 1).expect("small");
            codes.push(0);
            codes.push(last);
            assert_eq!((codes.iter().collect::<Vec<_>>(), codes.memory()), (vec![0, last], 2 * bytes), "{cardinality}");
        }
    }
}

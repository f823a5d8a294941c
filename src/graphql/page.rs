//! Pages of lists: Relay connections with opaque cursors bound to an identifier, not to a position.

use super::error::{ApiError, Code};
use async_graphql::SimpleObject;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Length of a page when the caller does not say.
pub const PAGE_LENGTH_DEFAULT: usize = 50;
/// Longest page.
pub const PAGE_LENGTH_MAX: usize = 200;
/// Longest cursor read, in bytes.
const CURSOR_BYTES_MAX: usize = 400;

/// The arguments of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageArguments {
    /// So many from the beginning, or after `after`.
    pub first: Option<i32>,
    /// The cursor to begin after.
    pub after: Option<String>,
    /// So many from the end, or before `before`.
    pub last: Option<i32>,
    /// The cursor to end before.
    pub before: Option<String>,
}

/// Where a page stands in its list.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct PageInfo {
    /// Is there more after this page?
    has_next_page: bool,
    /// Is there more before this page?
    has_previous_page: bool,
    /// Cursor of the first item of the page.
    start_cursor: Option<String>,
    /// Cursor of the last item of the page.
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Of a page whose first and last items have these identifiers.
    pub fn new(has_next_page: bool, has_previous_page: bool, ends: Option<(&str, &str)>) -> Self {
        PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: ends.map(|(first, _)| cursor_of(first)),
            end_cursor: ends.map(|(_, last)| cursor_of(last)),
        }
    }
}

/// Writes the cursor of the item with this identifier.
pub fn cursor_of(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// Reads a cursor back.
pub fn id_of(cursor: &str) -> Result<String, ApiError> {
    let sound = (cursor.len() <= CURSOR_BYTES_MAX).then(|| URL_SAFE_NO_PAD.decode(cursor).ok()).flatten();
    sound.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(stray_cursor)
}

/// The error for a cursor that leads nowhere in this list.
pub fn stray_cursor() -> ApiError {
    ApiError::new(Code::BadInput, "this cursor is of no item of this list: begin again without it")
}

/// The part of a list of `length` that the arguments ask for, as a range of positions. `find` gives the position
/// of the item with an identifier.
///
/// # Errors
/// Both `first` and `last`, a length below nothing or above [`PAGE_LENGTH_MAX`], a cursor that leads nowhere.
pub fn cut(
    arguments: &PageArguments,
    length: usize,
    find: impl Fn(&str) -> Option<usize>,
) -> Result<std::ops::Range<usize>, ApiError> {
    let place = |cursor: &str| id_of(cursor).and_then(|id| find(&id).ok_or_else(stray_cursor));
    let start = arguments.after.as_deref().map(place).transpose()?.map_or(0, |at| at + 1);
    let end = arguments.before.as_deref().map(place).transpose()?.unwrap_or(length).max(start);
    match (arguments.first, arguments.last) {
        (Some(_), Some(_)) => Err(ApiError::new(Code::BadInput, "give either `first` or `last`, not both")),
        (None, Some(last)) => Ok(end - page_length("last", last)?.min(end - start)..end),
        (Some(first), None) => Ok(start..start + page_length("first", first)?.min(end - start)),
        (None, None) => Ok(start..start + PAGE_LENGTH_DEFAULT.min(end - start)),
    }
}

/// Checks the length of a page.
///
/// # Errors
/// Below nothing or above [`PAGE_LENGTH_MAX`].
pub fn page_length(name: &str, asked: i32) -> Result<usize, ApiError> {
    usize::try_from(asked).ok().filter(|length| *length <= PAGE_LENGTH_MAX).ok_or_else(|| {
        ApiError::new(Code::BadInput, format!("`{name}` is {asked}: give a number from 0 to {PAGE_LENGTH_MAX}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(id: &str) -> Option<usize> {
        id.parse().ok().filter(|at| *at < 10)
    }

    fn cut_ten(
        first: Option<i32>,
        after: Option<usize>,
        last: Option<i32>,
        before: Option<usize>,
    ) -> Option<Vec<usize>> {
        let cursor = |at: Option<usize>| at.map(|at| cursor_of(&at.to_string()));
        let arguments = PageArguments { first, after: cursor(after), last, before: cursor(before) };
        cut(&arguments, 10, find).ok().map(|range| range.collect())
    }

    #[test]
    fn pages_from_both_ends() {
        assert_eq!(cut_ten(Some(2), None, None, None), Some(vec![0, 1]));
        assert_eq!(cut_ten(Some(2), Some(8), None, None), Some(vec![9]));
        assert_eq!(cut_ten(None, None, Some(2), None), Some(vec![8, 9]));
        assert_eq!(cut_ten(None, None, Some(3), Some(1)), Some(vec![0]));
        assert_eq!(cut_ten(Some(5), Some(3), None, Some(6)), Some(vec![4, 5]));
        assert_eq!(cut_ten(Some(5), Some(6), None, Some(3)), Some(vec![]));
        assert_eq!(cut_ten(Some(0), None, None, None), Some(vec![]));
        assert_eq!(cut_ten(None, None, None, None), Some((0..10).collect()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(cut_ten(Some(1), None, Some(1), None), None);
        assert_eq!(cut_ten(Some(-1), None, None, None), None);
        assert_eq!(cut_ten(Some(201), None, None, None), None);
        assert_eq!(cut_ten(None, None, Some(-1), None), None);
        assert_eq!(cut_ten(Some(1), Some(10), None, None), None);
        assert!(id_of("***").is_err() && id_of(&"A".repeat(1_000)).is_err());
    }

    proptest! {
        #[test]
        fn walking_forward_meets_every_item_once(step in 1i32..12) {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = cut_ten(Some(step), after, None, None).expect("a sound page");
                let Some(last) = page.last().copied() else { break };
                after = Some(last);
                seen.extend(page);
            }
            prop_assert_eq!(seen, (0..10).collect::<Vec<_>>());
        }
        #[test]
        fn a_cursor_is_read_back(id in "\\PC{0,80}") {
            prop_assert_eq!(id_of(&cursor_of(&id)).ok(), Some(id));
        }
    }
}

//! What a run leaves to the next read of its source, so that it may ask for less.

use super::chain::Digest;
use serde::{Deserialize, Serialize};

/// What a run leaves to the next read of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Only what had changed since a cursor was asked for. First, so that a query knows it by how the text begins.
    #[serde(default, skip_serializing_if = "is_false")]
    pub increment: bool,
    /// A person named the place that was read: it may be one part of the source, and tells nothing of the next read. Second, for the
    /// same reason.
    #[serde(default, skip_serializing_if = "is_false")]
    pub elsewhere: bool,
    /// Digest of the manifest and the place: marks made under another are of no use.
    pub under: Digest,
    /// What each body that was applied is known by; empty where one of them has nothing to be known by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<Validator>,
    /// What is known up to this value of the source's own field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The run that read the body which the source says that it still has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// How the last row of a delimited list ended: a list that ends otherwise the next time may be cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_row: Option<LastRow>,
    /// What the pages of the list say of the next one: a list that says less the next time may be cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<NextPage>,
    /// How the list ended, where its pages are asked for by number: one that ends otherwise the next time may be cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_end: Option<ListEnd>,
}

/// How a list ended that is read page after page by number and does not state how long it is, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListEnd {
    /// By a page without records.
    Empty,
    /// By the answer that there is no further page.
    Refused,
    /// By its last page, shorter than those before, given again.
    Repeated,
    /// By its only page, given again: the number of the page is not listened to, it may be.
    Alone,
}

/// What the pages of a list that is read page after page say of the next one, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextPage {
    /// Where it is, and the last one that there is none; or the list states how long it is.
    Said,
    /// Where it is, and the last one nothing.
    LeftOut,
    /// Nothing, from the first one on.
    Unsaid,
}

/// How the last row of delimited text ends, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastRow {
    /// By a line end.
    Ended,
    /// By the end of the text.
    Open,
    /// By the end of the text, with fewer fields than the header has.
    Torn,
}

/// What one body is known by (RFC 9110, 8.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validator {
    /// Digest of the URL that gave it, after redirects: a URL may hold what is not to be shown.
    pub place: String,
    /// Its `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Marks {
    /// Marks of a part of a source that was asked for, of no use to another read.
    pub fn of_increment(under: Digest) -> Marks {
        Marks { increment: true, ..Marks::none(under) }
    }

    /// Marks of a read of a place that a person named, of no use to another read.
    pub fn of_elsewhere() -> Marks {
        Marks { elsewhere: true, ..Marks::none(Digest::default()) }
    }

    fn none(under: Digest) -> Marks {
        Marks {
            increment: false,
            elsewhere: false,
            under,
            validators: Vec::new(),
            cursor: None,
            same_as: None,
            last_row: None,
            next_page: None,
            list_end: None,
        }
    }

    /// What a held run leaves: what waits for a person is no ground for the next read, but for how the list ends and what it says of
    /// its pages, which stands once the person lets it through.
    pub fn of_held(self) -> Option<Marks> {
        let last_row = self.last_row.filter(|last_row| *last_row > LastRow::Ended);
        let next_page = self.next_page.filter(|next_page| *next_page > NextPage::Said);
        let list_end = self.list_end.filter(|list_end| *list_end > ListEnd::Empty);
        let (increment, elsewhere) = (self.increment, self.elsewhere);
        let kept = increment || elsewhere || last_row.is_some() || next_page.is_some() || list_end.is_some();
        kept.then(|| Marks { increment, elsewhere, last_row, next_page, list_end, ..Marks::none(self.under) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_increment_is_known_by_how_its_text_begins() {
        let increment = Marks::of_increment(Digest::default());
        let text = serde_json::to_string(&increment).expect("JSON");
        assert!(text.starts_with(r#"{"increment""#), "{text}");
        let elsewhere = serde_json::to_string(&Marks::of_elsewhere()).expect("JSON");
        assert!(elsewhere.starts_with(r#"{"elsewhere""#), "{elsewhere}");
        let full = Marks { increment: false, cursor: Some(r#"{"increment":"#.to_owned()), ..increment };
        let text = serde_json::to_string(&full).expect("JSON");
        assert!(!text.starts_with(r#"{"increment""#), "{text}");
        assert_eq!(serde_json::from_str::<Marks>(&text).expect("marks"), full);
    }
}

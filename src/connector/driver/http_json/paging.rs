//! How one page leads to the next, and when a list has ended. A short page is not taken for the last one where no
//! total is stated: a system that caps its pages would lose records without a word. One page more is asked for.

use super::super::error::ReadError;
use super::super::settings::{OffsetPaging, Paging};
use super::document::{Document, Next};
use crate::connector::node::Node;
use crate::domain::marks::{ListEnd, NextPage};
use crate::domain::message::Message;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use url::Url;

/// What a document brings.
#[derive(Debug)]
pub(super) enum Step {
    /// Records, and where the next ones are.
    Page {
        /// The records.
        records: Vec<Node>,
        /// Bytes that one of them weighs.
        bytes: usize,
        /// The next page, if there is one.
        next: Option<Url>,
    },
    /// Nothing new: the list has ended before.
    Past,
}

/// Follows one list.
#[derive(Debug)]
pub(super) struct Pager<'a> {
    paging: &'a Paging,
    first: Url,
    pages: u64,
    received: u64,
    total: Option<u64>,
    /// The total that the first page stated.
    total_first: Option<u64>,
    /// The page before had fewer records than asked for.
    was_short: bool,
    /// It had as many as any page had, or as were asked for: it may be full.
    was_full: bool,
    /// Records of the longest page.
    longest: u64,
    /// Cursors and links met, as text.
    met: HashSet<String>,
    contents: Contents,
    /// What the first page says of the next one, and the last one too, where pages name it.
    next_page: Option<NextPage>,
    /// How the list ended, where its pages are asked for by number and it states no total.
    list_end: Option<ListEnd>,
}

impl<'a> Pager<'a> {
    pub(super) fn new(paging: &'a Paging, first: Url) -> Self {
        let met = HashSet::from([first.to_string()]);
        Pager {
            paging,
            first,
            pages: 0,
            received: 0,
            total: None,
            total_first: None,
            was_short: false,
            was_full: false,
            longest: 0,
            met,
            contents: Contents::default(),
            next_page: None,
            list_end: None,
        }
    }

    /// Pages taken.
    pub(super) fn pages(&self) -> u64 {
        self.pages
    }

    /// Are pages asked for by number?
    fn goes_by_number(&self) -> bool {
        matches!(self.paging, Paging::Offset(_) | Paging::Page(_))
    }

    /// Has the list perhaps ended, so that a refusal of the next page with `status` tells no more than that? Without a total only where
    /// the page before was shorter than what was asked for and than another one, or the only one; and a request that is refused as
    /// such (400) tells nothing of the list.
    pub(super) fn may_end_with(&self, status: u16) -> bool {
        let is_over = match self.total {
            Some(_) => self.has_all() && matches!(status, 400 | 404 | 416),
            None => matches!(status, 404 | 416) && self.was_short && (self.pages == 1 || !self.was_full),
        };
        self.goes_by_number() && self.pages > 0 && is_over
    }

    /// How a list has ended that states no total and gives its last page again: beyond its end, a list may do so. So does a system that
    /// does not know the parameter of the page, whose only page that is.
    fn given_again(&self, records: &[Node]) -> Option<ListEnd> {
        let is_last = self.goes_by_number() && self.was_short && self.contents.were_last(records);
        match (self.total, self.pages) {
            (None, 1) if is_last => Some(ListEnd::Alone),
            (None, _) if is_last && !self.was_full => Some(ListEnd::Repeated),
            _ => None,
        }
    }

    /// Why a list is not whole of which the page after the stated total was asked for and refused with `status`. That there is no such page
    /// (404, 416) is how a list ends; a request that is refused as such (400) is how a system refuses to count, or to page, further.
    pub(super) fn refused(&mut self, status: u16) -> Option<Message> {
        self.list_end = self.total.is_none().then_some(ListEnd::Refused);
        let total = self.total.filter(|_| status == 400)?;
        Some(Message::new(
            format!(
                "la source annonce {total} enregistrements, les donne, et refuse la page suivante au lieu de la dire vide : elle compte                  peut-être moins qu'elle n'en a ; lisez son export, ou admettez la liste si elle est entière"
            ),
            format!(
                "the source states {total} records, gives them, and refuses the next page instead of calling it empty: it may count                  fewer than it has; read its export, or let the list through if it is whole"
            ),
        ))
    }

    /// URL of the first page.
    pub(super) fn first(&self) -> Url {
        match self.paging {
            Paging::None | Paging::NextLink(_) => self.first.clone(),
            Paging::Offset(offset) => {
                let url = with(&self.first, &offset.size_param, &offset.size.to_string());
                with(&url, &offset.offset_param, "0")
            }
            Paging::Page(page) => self.page_url(&page.page_param, u64::from(page.first)),
            Paging::Cursor(cursor) => match (&cursor.size_param, cursor.size) {
                (Some(param), Some(size)) => with(&self.first, param, &size.to_string()),
                _ => self.first.clone(),
            },
        }
    }

    /// Takes the records of a document and finds out where the next ones are.
    pub(super) fn take(&mut self, document: Document, pointer: &str) -> Result<Step, ReadError> {
        if self.has_all() && self.goes_by_number() && document.is_empty(pointer) {
            // As it should be: whatever it says of the total besides.
            return Ok(Step::Past);
        }
        if let Some(pointer) = self.total_pointer() {
            self.total = Some(document.total(pointer)?);
            self.total_first = self.total_first.or(self.total);
        }
        let after = self.named_next(&document)?;
        let name = document.name.clone();
        let (records, bytes) = document.records(pointer)?;
        if self.contents.has(&records) {
            self.list_end = self.given_again(&records);
            let is_past = self.list_end.is_some() || self.goes_by_number() && self.pages > 0 && self.has_all();
            return if is_past { Ok(Step::Past) } else { Err(comes_again(&name)) };
        }
        self.pages += 1;
        self.received += records.len() as u64;
        let length = records.len() as u64;
        self.was_short = self.size().is_some_and(|size| length < size);
        self.was_full = if self.pages == 1 { !self.was_short } else { length >= self.longest };
        self.longest = self.longest.max(length);
        if records.is_empty() && self.total.is_none() && self.goes_by_number() {
            self.list_end = Some(ListEnd::Empty);
        }
        let next = match self.paging {
            // Many systems stop counting at a round number: only a page that is not full shows that the total is the end.
            Paging::Offset(_) | Paging::Page(_) if records.is_empty() || self.has_all() && !self.was_full => None,
            Paging::Offset(offset) if self.is_out_of_reach(offset) => None,
            Paging::Offset(offset) => Some(with(&self.first(), &offset.offset_param, &self.received.to_string())),
            Paging::Page(page) => Some(self.page_url(&page.page_param, u64::from(page.first) + self.pages)),
            Paging::None | Paging::Cursor(_) | Paging::NextLink(_) => after,
        };
        Ok(Step::Page { records, bytes, next })
    }

    /// Does the system refuse the next page, whatever it holds?
    fn is_out_of_reach(&self, offset: &OffsetPaging) -> bool {
        offset.reach.is_some_and(|reach| self.received + u64::from(offset.size) > reach)
    }

    /// What the pages say of the next one; `None` where they are asked for by number.
    pub(super) fn next_page(&self) -> Option<NextPage> {
        // A list that states how long it is cannot be cut short unseen.
        self.next_page.map(|said| if self.total.is_some() { NextPage::Said } else { said })
    }

    /// How the list ended, where its pages are asked for by number and it states no total.
    pub(super) fn list_end(&self) -> Option<ListEnd> {
        self.list_end
    }

    /// Why the list is not whole, when it states another total than was received, or than it stated before.
    pub(super) fn shortfall(&self, received: u64) -> Option<Message> {
        if let Some(note) = changed(self.total_first, self.total) {
            return Some(note);
        }
        let is_out_of_reach = matches!(self.paging, Paging::Offset(offset) if self.is_out_of_reach(offset));
        if self.total == Some(received) && is_out_of_reach && self.was_full {
            return Some(Message::new(
                format!(
                    "la source annonce {received} enregistrements, tout ce qu'elle donne par pages, et la dernière page est pleine : elle ne compte peut-être pas plus loin ; lisez son export, ou admettez la liste si elle est entière"
                ),
                format!(
                    "the source states {received} records, all that it gives by pages, and the last page is full: it may count no further; read its export, or let the list through if it is whole"
                ),
            ));
        }
        let total = self.total.filter(|total| *total != received)?;
        if is_out_of_reach {
            return Some(Message::new(
                format!(
                    "la source annonce {total} enregistrements et n'en donne que {received} par pages : lisez son export"
                ),
                format!("the source states {total} records and gives {received} by pages only: read its export"),
            ));
        }
        Some(Message::new(
            format!("la source annonce {total} enregistrements et en a donné {received}"),
            format!("the source states {total} records and gave {received}"),
        ))
    }

    /// The next page that the document itself names.
    fn named_next(&mut self, document: &Document) -> Result<Option<Url>, ReadError> {
        let (pointer, param) = match self.paging {
            Paging::None | Paging::Offset(_) | Paging::Page(_) => return Ok(None),
            Paging::Cursor(cursor) => (&cursor.next, Some(&cursor.cursor_param)),
            Paging::NextLink(link) => (&link.next, None),
        };
        let next = document.next(pointer)?;
        self.next_page = Some(match (self.next_page, next == Next::Unsaid) {
            (_, false) => NextPage::Said,
            (None, true) => NextPage::Unsaid,
            (Some(_), true) => NextPage::LeftOut,
        });
        let Next::Named(text) = next else { return Ok(None) };
        let url = match param {
            Some(param) => with(&self.first(), param, text),
            None => self.linked(document, text)?,
        };
        if !self.met.insert(url.to_string()) {
            return Err(loop_error(&document.name, "la page suivante a déjà été lue", "its next page was read before"));
        }
        Ok(Some(url))
    }

    /// A link, set against the page that names it. Another origin is another system: the manifest did not name it.
    fn linked(&self, document: &Document, text: &str) -> Result<Url, ReadError> {
        let from = document.url.as_ref().unwrap_or(&self.first);
        let url = from.join(text).ok().filter(|url| url.origin() == self.first.origin());
        url.ok_or_else(|| {
            ReadError::form(
                &document.name,
                "le lien vers la page suivante mène à un autre système (hôte, port ou protocole)",
                "the link to the next page leads to another system (host, port or scheme)",
            )
        })
    }

    fn page_url(&self, param: &str, number: u64) -> Url {
        let url = with(&self.first, param, &number.to_string());
        match self.paging {
            Paging::Page(page) => match &page.size_param {
                Some(size_param) => with(&url, size_param, &page.size.to_string()),
                None => url,
            },
            _ => url,
        }
    }

    fn has_all(&self) -> bool {
        self.total.is_some_and(|total| self.received >= total)
    }

    fn size(&self) -> Option<u64> {
        match self.paging {
            Paging::Offset(offset) => Some(offset.size.into()),
            Paging::Page(page) => Some(page.size.into()),
            Paging::None | Paging::Cursor(_) | Paging::NextLink(_) => None,
        }
    }

    fn total_pointer(&self) -> Option<&'a str> {
        match self.paging {
            Paging::None => None,
            Paging::Offset(offset) => offset.total.as_deref(),
            Paging::Page(page) => page.total.as_deref(),
            Paging::Cursor(cursor) => cursor.total.as_deref(),
            Paging::NextLink(link) => link.total.as_deref(),
        }
    }
}

/// The URL with `param` set to `value`, whatever it was.
pub(super) fn with(url: &Url, param: &str, value: &str) -> Url {
    let mut url = url.clone();
    let others: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != param).map(|(name, value)| (name.into(), value.into())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(param, value);
    url
}

/// The contents of the pages met, whatever the order of their records.
#[derive(Debug, Default)]
pub(in crate::connector::driver) struct Contents {
    met: HashSet<u64>,
    last: u64,
}

impl Contents {
    /// Did a page of these records come before? One that brings no record at all is no page that comes again.
    pub(in crate::connector::driver) fn has(&mut self, records: &[Node]) -> bool {
        let digest = digest(records);
        if digest != 0 && !self.met.insert(digest) {
            return true;
        }
        self.last = digest;
        false
    }

    /// Were these the records of the last page that did not come before?
    fn were_last(&self, records: &[Node]) -> bool {
        self.last == digest(records)
    }
}

/// The same for the same records in any order; zero for none.
fn digest(records: &[Node]) -> u64 {
    records.iter().filter(|record| **record != Node::Null).fold(0_u64, |sum, record| {
        let mut hasher = DefaultHasher::new();
        record.hash(&mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}

/// A page that comes again: somewhere among its kind, another one did not come.
pub(in crate::connector::driver) fn comes_again(name: &str) -> ReadError {
    loop_error(name, "la même page revient", "the same page comes again")
}

/// What is told of a list that states two totals while it is read: what moved meanwhile may have been passed over, or come twice.
pub(in crate::connector::driver) fn changed(first: Option<u64>, last: Option<u64>) -> Option<Message> {
    let (before, after) = first.zip(last).filter(|(before, after)| before != after)?;
    Some(Message::new(
        format!("la liste a changé pendant la lecture par pages : {before} enregistrements, puis {after}"),
        format!("the list changed while its pages were read: {before} records, then {after}"),
    ))
}

fn loop_error(name: &str, fr: &str, en: &str) -> ReadError {
    ReadError::form(
        name,
        format!("pagination sans fin : {fr} ; voyez paging dans le manifeste"),
        format!("endless paging: {en}; see paging in the manifest"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_set_once() {
        let url = Url::parse("http://x/l?page=7&statut=vot%C3%A9").expect("a URL");
        assert_eq!(with(&url, "page", "8").as_str(), "http://x/l?statut=vot%C3%A9&page=8");
    }
}

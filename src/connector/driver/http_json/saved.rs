//! Pages of a list that were saved as files. One of them is not the list: what it says of the others is looked at as it would be by HTTP.

use super::super::settings::Paging;
use super::document::{Document, Next};
use crate::domain::message::Message;

/// What the files of a read say of the whole list.
#[derive(Debug)]
pub(super) struct Saved<'a> {
    paging: &'a Paging,
    files: u64,
    /// Files that name a page after them.
    followed: u64,
    /// The greatest number of records that one states.
    total: Option<u64>,
}

impl<'a> Saved<'a> {
    pub(super) fn new(paging: &'a Paging) -> Self {
        Saved { paging, files: 0, followed: 0, total: None }
    }

    /// Looks at a file. One that says nothing of pages is a list that somebody made, and no page.
    pub(super) fn meet(&mut self, document: &Document) {
        let (total, next) = match self.paging {
            Paging::None => (None, None),
            Paging::Offset(offset) => (offset.total.as_deref(), None),
            Paging::Page(page) => (page.total.as_deref(), None),
            Paging::Cursor(cursor) => (cursor.total.as_deref(), Some(&cursor.next)),
            Paging::NextLink(link) => (link.total.as_deref(), Some(&link.next)),
        };
        self.files += 1;
        self.total = self.total.max(total.and_then(|pointer| document.total(pointer).ok()));
        let is_followed = next.is_some_and(|pointer| matches!(document.next(pointer), Ok(Next::Named(_))));
        self.followed += u64::from(is_followed);
    }

    /// Why the files are not the whole list, where they say so themselves.
    pub(super) fn shortfall(&self, received: u64) -> Option<Message> {
        if let Some(total) = self.total.filter(|total| *total > received) {
            return Some(Message::new(
                format!(
                    "la liste annonce {total} enregistrements et ce qui en a été enregistré en contient {received}"
                ),
                format!("the list states {total} records and what was saved of it holds {received}"),
            ));
        }
        (self.files > 0 && self.followed == self.files).then(|| {
            Message::new(
                "chaque fichier nomme une page suivante : la dernière page de la liste n'est pas parmi eux",
                "each file names a page after it: the last page of the list is not among them",
            )
        })
    }
}

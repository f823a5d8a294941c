//! What is told to the journal of reads: who asked for what, and of which projects more was shown than is public.

use super::Service;
use super::error::HttpError;
use super::request::Asked;
use crate::audit::Journal;
use crate::clock::Clock;
use crate::domain::act::Author;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::reading::{Operation, Reading};
use crate::identity::Scope;
use crate::view::{Door, Notes};
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use std::collections::BTreeSet;

/// Root fields told of one operation.
const FIELDS_MAX: usize = 30;
/// Longest name told, in characters.
const NAME_CHARS_MAX: usize = 100;

/// Tells the journal of what one viewer asked for, as often as it is answered. Nobody is told of the public.
#[derive(Clone)]
pub(super) struct Teller(Option<Telling>);

#[derive(Clone)]
struct Telling {
    journal: Journal,
    clock: Clock,
    reader: Author,
    operation: Operation,
    notes: Notes,
}

impl Service {
    /// A door whose readers note what they show to `scope`, and who tells of it afterwards.
    pub(super) fn noted(&self, scope: &Scope, operation: Operation) -> (Door, Teller) {
        let (Some(journal), Some(reader)) = (self.door.journal(), scope.viewer().author()) else {
            return (self.door.clone(), Teller(None));
        };
        let notes = Notes::new();
        let (journal, clock) = (journal.clone(), self.clock.clone());
        (self.door.noting(&notes), Teller(Some(Telling { journal, clock, reader, operation, notes })))
    }
}

impl Teller {
    /// Tells what was shown since it was last told, before it is given away.
    ///
    /// # Errors
    /// It cannot be written down: then it must not be given.
    pub async fn tell(&self, version: LedgerVersion) -> Result<(), HttpError> {
        self.tell_after(version, LedgerVersion(0)).await
    }

    /// The same of an operation that appended `appended` before; zero: nothing.
    ///
    /// # Errors
    /// It cannot be written down: then it must not be given.
    pub async fn tell_after(&self, version: LedgerVersion, appended: LedgerVersion) -> Result<(), HttpError> {
        let Some(telling) = &self.0 else { return Ok(()) };
        let reading = Reading {
            at: telling.clock.now(),
            reader: telling.reader.clone(),
            operation: telling.operation.clone(),
            version,
            shown: telling.notes.take(),
        };
        telling.journal.record(reading).await.map_err(|error| {
            tracing::error!(%error, "a read could not be written into the journal: its answer is withheld");
            HttpError::Unrecorded { stands: appended > LedgerVersion(0) }
        })
    }
}

/// What is told of the operation that `document` would run.
pub(super) fn operation_of(asked: &Asked, document: &ExecutableDocument) -> Operation {
    let wanted = asked.operation_name.as_deref();
    let mut operations = document.operations.iter();
    let found =
        operations.find(|(name, _)| wanted.is_none_or(|wanted| name.is_some_and(|name| name.as_str() == wanted)));
    let name = found.as_ref().and_then(|(name, _)| name.map(|name| short(name.as_str())));
    let mut fields = BTreeSet::new();
    if let Some((_, operation)) = found {
        let definition: &OperationDefinition = &operation.node;
        root_fields(document, &definition.selection_set.node, (&mut fields, &mut BTreeSet::new()));
    }
    let fields = fields.into_iter().take(FIELDS_MAX).collect();
    Operation { name, fields, document: Digest::of(asked.query.as_bytes()) }
}

/// What is told of a list.
pub(super) fn operation_of_list(name: &str, query: Option<&str>) -> Operation {
    let document = Digest::of(query.unwrap_or_default().as_bytes());
    Operation { name: None, fields: vec![name.to_owned()], document }
}

fn root_fields<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    (fields, spread): (&mut BTreeSet<String>, &mut BTreeSet<&'a str>),
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                fields.insert(short(field.node.name.node.as_str()));
            }
            Selection::InlineFragment(inline) => {
                root_fields(document, &inline.node.selection_set.node, (fields, spread));
            }
            Selection::FragmentSpread(named) => {
                let name = named.node.fragment_name.node.as_str();
                let fragment = document.fragments.get(name).filter(|_| spread.insert(name));
                if let Some(fragment) = fragment {
                    root_fields(document, &fragment.node.selection_set.node, (fields, spread));
                }
            }
        }
    }
}

fn short(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, name: Option<&str>) -> (Option<String>, Vec<String>) {
        let document = async_graphql::parser::parse_query(text).unwrap();
        let asked = Asked {
            query: text.to_owned(),
            operation_name: name.map(str::to_owned),
            variables: async_graphql::Variables::default(),
        };
        let told = operation_of(&asked, &document);
        (told.name, told.fields)
    }

    #[test]
    fn an_operation_is_told_by_its_name_and_its_roots() {
        let text = "query A { a: project(id: 1) { id } ...F ... on Query { totals } } query B { sources { id } } fragment F on Query { ledger ...F }";
        let owned = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
        assert_eq!(told(text, Some("A")), (Some("A".to_owned()), owned(&["ledger", "project", "totals"])));
        assert_eq!(told(text, Some("B")), (Some("B".to_owned()), owned(&["sources"])));
        assert_eq!(told("{ projects { totalCount } }", None), (None, owned(&["projects"])));
        assert_eq!(told(text, Some("C")), (None, owned(&[])));
    }
}

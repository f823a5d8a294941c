//! One JSON document: read whole, its list of records taken out of it.

use super::super::RawRecord;
use super::super::error::ReadError;
use crate::connector::node::{DEPTH_MAX, Node};
use crate::domain::rejection::Location;
use url::Url;

/// A document as it was read.
#[derive(Debug)]
pub(in crate::connector::driver) struct Document {
    /// The file's name, or the URL without its query.
    pub(in crate::connector::driver) name: String,
    /// Where it was read, for one that came by HTTP.
    pub(super) url: Option<Url>,
    node: Node,
    bytes: usize,
}

/// What a page says of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// Its cursor or its link.
    Named(&'a str),
    /// There is none.
    Last,
    /// Nothing: some systems leave the member out after the last page.
    Unsaid,
}

impl Document {
    /// Reads the bytes of a document, within so many levels; UTF-8, as JSON is, with or without a byte order mark.
    pub(in crate::connector::driver) fn parse(
        bytes: Vec<u8>,
        name: &str,
        depth_max: u32,
    ) -> Result<Document, ReadError> {
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            ReadError::form(
                name,
                format!("le JSON n'est pas en UTF-8 (octet {})", error.valid_up_to()),
                format!("the JSON is not in UTF-8 (byte {})", error.valid_up_to()),
            )
        })?;
        let node = Node::parse_json_within(text.trim_start_matches('\u{feff}'), depth_max as usize).map_err(|error| {
            let (line, column) = (error.line, error.column);
            if error.too_deep {
                return ReadError::form(
                    name,
                    format!(
                        "plus de {depth_max} niveaux à la ligne {line}, colonne {column} : relevez depth-max dans le manifeste si c'est attendu ({DEPTH_MAX} au plus)"
                    ),
                    format!(
                        "more than {depth_max} levels at line {line}, column {column}: raise depth-max in the manifest if that is expected ({DEPTH_MAX} at most)"
                    ),
                );
            }
            let cut = if error.truncated {
                ("document tronqué", "document cut short")
            } else {
                ("JSON illisible", "unreadable JSON")
            };
            ReadError::form(
                name,
                format!("{} à la ligne {line}, colonne {column} ({})", cut.0, error.reason),
                format!("{} at line {line}, column {column} ({})", cut.1, error.reason),
            )
        })?;
        Ok(Document { name: name.to_owned(), url: None, node, bytes: bytes.len() })
    }

    /// What the document says at `pointer` of the page after it: a text or digits name one, null, false and an empty text say
    /// that there is none. Anything else is not understood, and must not be taken for the end.
    pub(super) fn next(&self, pointer: &str) -> Result<Next<'_>, ReadError> {
        match self.node.pointer(pointer) {
            None => Ok(Next::Unsaid),
            Some(Node::Null | Node::Bool(false)) => Ok(Next::Last),
            Some(Node::Text(text) | Node::Number(text)) if text.is_empty() => Ok(Next::Last),
            Some(Node::Text(text) | Node::Number(text)) => Ok(Next::Named(text)),
            Some(Node::Bool(true) | Node::List(_) | Node::Object(_)) => Err(ReadError::form(
                &self.name,
                format!(
                    "ni texte ni null en « {pointer} », où la page suivante est nommée : voyez next dans le manifeste"
                ),
                format!(
                    "neither a text nor null at « {pointer} », which names the next page: see next in the manifest"
                ),
            )),
        }
    }

    /// The number of records that the document states at `pointer`.
    pub(in crate::connector::driver) fn total(&self, pointer: &str) -> Result<u64, ReadError> {
        let stated = self.node.pointer(pointer).and_then(Node::scalar).and_then(|text| text.parse().ok());
        stated.ok_or_else(|| {
            ReadError::form(
                &self.name,
                format!("pas de nombre entier d'enregistrements en « {pointer} » : voyez total dans le manifeste"),
                format!("no whole number of records at « {pointer} »: see total in the manifest"),
            )
        })
    }

    /// What a look-up brought: the record at `pointer`, or the records of the list there. A null says that the source
    /// does not show it.
    pub(in crate::connector::driver) fn looked_up(self, pointer: &str) -> Result<Vec<RawRecord>, ReadError> {
        let name = self.name.clone();
        let records = (0..).zip(self.one_or_many(pointer)?).filter(|(_, node)| *node != Node::Null);
        let location = |index| Location { resource: name.as_str().into(), line: None, page: None, index: Some(index) };
        Ok(records.map(|(index, node)| RawRecord { node, location: location(index), is_open: false }).collect())
    }

    /// The record at `pointer`, or the records of the list there; none where it says that there is none.
    fn one_or_many(mut self, pointer: &str) -> Result<Vec<Node>, ReadError> {
        match place_of(&mut self.node, pointer).map(|node| std::mem::replace(node, Node::Null)) {
            Some(Node::Null) => Ok(Vec::new()),
            // `{}`, or the words of an error: no word on the record.
            None => Err(ReadError::form(
                &self.name,
                format!("rien en « {pointer} » : ce n'est pas une réponse sur la fiche"),
                format!("nothing at « {pointer} »: this is no answer about the record"),
            )),
            Some(Node::List(records)) => Ok(records),
            Some(record @ Node::Object(_)) => Ok(vec![record]),
            Some(_) => Err(ReadError::form(
                &self.name,
                format!("ni enregistrement ni liste en « {pointer} » : voyez [lookup] records dans le manifeste"),
                format!("neither a record nor a list at « {pointer} »: see [lookup] records in the manifest"),
            )),
        }
    }

    /// The whole of it.
    pub(in crate::connector::driver) fn node(&self) -> &Node {
        &self.node
    }

    /// The whole of it, and the bytes that it weighs.
    pub(in crate::connector::driver) fn into_node(self) -> (Node, usize) {
        (self.node, self.bytes)
    }

    /// Is the list at `pointer` there, and empty?
    pub(super) fn is_empty(&self, pointer: &str) -> bool {
        let list = if pointer.is_empty() { Some(&self.node) } else { self.node.pointer(pointer) };
        matches!(list, Some(Node::List(records)) if records.is_empty())
    }

    /// The list at `pointer`, and the bytes that one record weighs on average.
    pub(super) fn records(mut self, pointer: &str) -> Result<(Vec<Node>, usize), ReadError> {
        let found = place_of(&mut self.node, pointer).map(|node| std::mem::replace(node, Node::Null));
        let Some(Node::List(records)) = found else {
            return Err(ReadError::form(
                &self.name,
                format!("pas de liste en « {pointer} » : voyez records dans le manifeste"),
                format!("no list at « {pointer} »: see records in the manifest"),
            ));
        };
        let bytes = self.bytes / records.len().max(1);
        Ok((records, bytes))
    }
}

/// Where a JSON Pointer (RFC 6901) points to.
fn place_of<'a>(node: &'a mut Node, pointer: &str) -> Option<&'a mut Node> {
    if pointer.is_empty() {
        return Some(node);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(node, |node, token| {
        let token = token.replace("~1", "/").replace("~0", "~");
        match node {
            Node::Object(entries) => entries.iter_mut().find(|(name, _)| **name == *token).map(|(_, value)| value),
            Node::List(items) => items.get_mut(token.parse::<usize>().ok()?),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(text.as_bytes().to_vec(), "f", 128).expect("JSON")
    }

    #[test]
    fn the_list_is_taken_out() {
        let (records, _) = document(r#"{"a/b":{"rows":[1,2.50]}}"#).records("/a~1b/rows").expect("a list");
        assert_eq!(records, [Node::Number("1".into()), Node::Number("2.50".into())]);
        assert!(document("[]").records("").is_ok_and(|(records, _)| records.is_empty()));
        let error = document(r#"{"rows":{}}"#).records("/rows").expect_err("no list");
        assert!(error.to_string().contains("« /rows »"), "{error}");
    }

    #[test]
    fn half_a_document_is_told_as_such() {
        let error = Document::parse(b"[{\"a\":1},\n{\"a\"".to_vec(), "f", 128).expect_err("half a document");
        assert!(error.to_string().contains("cut short at line 2"), "{error}");
        assert!(Document::parse(b"[\"\xe9\"]".to_vec(), "f", 128).is_err());
    }

    #[test]
    fn a_total_is_a_whole_number() {
        assert_eq!(document(r#"{"total":"12"}"#).total("/total").expect("a total"), 12);
        assert!(document(r#"{"total":null}"#).total("/total").is_err());
    }
}

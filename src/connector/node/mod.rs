//! A raw record as a tree, whatever format it came in. Numbers keep their digits as text: no float on the way.

mod json;
mod path;
mod seal;

use crate::domain::text::trimmed;
pub use json::{DEPTH_MAX, JsonError};
pub use seal::{Personal, REST, seal_at};
use std::sync::Arc;

/// Room for a record that is written out, in bytes: most take less.
const JSON_BYTES: usize = 768;

/// One value of a raw record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// Absent or null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, its digits as the source wrote them.
    Number(Box<str>),
    /// A text, as the source wrote it.
    Text(Box<str>),
    /// A list.
    List(Vec<Node>),
    /// Named values in the source's order. Names are shared between the records of one table.
    Object(Vec<(Arc<str>, Node)>),
}

impl Node {
    /// A text.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Node::Text(text.into())
    }

    /// The value under `name`, for an object that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Object(entries) => entries.iter().find(|(key, _)| &**key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The written text of a text or number, `true` or `false` of a boolean; `None` for what is absent or composed.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Node::Text(text) | Node::Number(text) => Some(text),
            Node::Bool(true) => Some("true"),
            Node::Bool(false) => Some("false"),
            Node::Null | Node::List(_) | Node::Object(_) => None,
        }
    }

    /// Puts what `change` makes of each text, number and name of a member in its place, where it makes something of it.
    pub fn change_texts(&mut self, change: &mut dyn FnMut(&str) -> Option<String>) {
        match self {
            Node::Text(text) => {
                if let Some(changed) = change(text) {
                    *text = changed.into();
                }
            }
            Node::List(items) => items.iter_mut().for_each(|item| item.change_texts(change)),
            Node::Object(entries) => {
                for (name, value) in entries {
                    if let Some(changed) = change(name) {
                        *name = changed.into();
                    }
                    value.change_texts(change);
                }
            }
            Node::Number(digits) => {
                if let Some(changed) = change(digits) {
                    *self = Node::text(changed);
                }
            }
            Node::Null | Node::Bool(_) => {}
        }
    }

    /// Does it hold nothing: null, an empty or blank text, an empty list or object?
    pub fn is_blank(&self) -> bool {
        match self {
            Node::Null => true,
            Node::Text(text) => trimmed(text).is_empty(),
            Node::List(items) => items.is_empty(),
            Node::Object(entries) => entries.is_empty(),
            Node::Bool(_) | Node::Number(_) => false,
        }
    }

    /// Reads a JSON document (RFC 8259). The digits of numbers stay as they are written.
    ///
    /// # Errors
    /// Text that is no JSON document, a name given twice in one object, nesting deeper than [`DEPTH_MAX`]: with
    /// line and column.
    pub fn parse_json(text: &str) -> Result<Node, JsonError> {
        json::parse(text, DEPTH_MAX)
    }

    /// The same of no more than so many levels of lists and objects.
    ///
    /// # Errors
    /// As [`Node::parse_json`].
    pub fn parse_json_within(text: &str, depth_max: usize) -> Result<Node, JsonError> {
        json::parse(text, depth_max)
    }

    /// The JSON text on one line: the source's order, its digits.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(JSON_BYTES);
        json::write(self, &mut out);
        out
    }

    /// The value at a JSON Pointer (RFC 6901); the empty pointer is the value itself.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        path::pointer(self, pointer)
    }

    /// The value at a field path: an exact name first, else the part before a dot and the rest beneath it.
    pub fn at(&self, field: &str) -> Option<&Node> {
        path::at(self, field)
    }
}

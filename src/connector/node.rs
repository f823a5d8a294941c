//! A raw record as a tree, whatever format it came in. Numbers keep their digits as text: no float on the way.

use std::sync::Arc;

/// One value of a raw record.
#[derive(Debug, Clone, PartialEq, Eq)]
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

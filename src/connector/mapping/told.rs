//! What the manifest's author knows of a source and no conversion can tell: records that are refused, or doubted, by a condition.

use super::field::{Scope, Test, all_hold};
use super::notes::{Refusal, quoted};
use crate::connector::node::Node;

/// One `[[map.refuse]]` or `[[map.warn]]`, compiled.
#[derive(Debug)]
pub struct ToldRule {
    /// When it is told.
    pub when: Vec<Test>,
    /// Stable code, kebab-case.
    pub code: Box<str>,
    /// Why, in French.
    pub fr: Box<str>,
    /// Why, in English.
    pub en: Box<str>,
}

impl ToldRule {
    /// What there is to say of the record, if anything: what stands in the field of the first condition is quoted.
    pub fn of(&self, scope: Scope<'_>, absent: &[Box<str>]) -> Option<Refusal> {
        let first = self.when.first().filter(|_| all_hold(&self.when, scope, absent))?;
        let (field, node) = first.looked_at(scope, absent);
        let reason = quoted((&self.fr, &self.en), field, node.and_then(Node::scalar).unwrap_or_default().trim());
        Some(Refusal { field: Some(field.name.clone()), code: self.code.clone(), reason })
    }
}

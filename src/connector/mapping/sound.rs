//! Fields that fill no word of ours and should be sound all the same: what is not is told to the source's owner, with the record.

use super::field::{Field, Listed, Scope};
use super::notes::{Refusal, warning};
use super::reader::Reader;
use super::rule::{COMPOSED, first};
use crate::connector::convert::{Doubt, Raw};
use crate::connector::node::Node;

/// Another word than those that the source may use.
pub const UNEXPECTED: Doubt = Doubt {
    code: "value-unexpected",
    fr: "le mot n'est pas de ceux que cette colonne admet",
    en: "the word is none of those that this column admits",
};

/// What there is to say of a text, if anything.
pub type Judge = fn(Raw<'_>) -> Option<&'static Doubt>;

/// One `[[map.sound]]`, compiled.
#[derive(Debug)]
pub struct SoundRule {
    /// Where to look, in order.
    pub fields: Vec<Field>,
    /// What is asked of the text.
    pub what: Soundness,
}

/// What a text must be.
#[derive(Debug)]
pub enum Soundness {
    /// Readable, by a conversion.
    Read(Judge),
    /// One of these words.
    In(Vec<Listed>),
}

impl SoundRule {
    /// Tells what is not sound; an absent value is.
    pub fn tell(&self, scope: Scope<'_>, reader: &mut Reader<'_>) {
        let Some((field, node)) = first(&self.fields, scope, reader) else { return };
        let Some(text) = node.scalar() else {
            return reader.warn(Refusal::of_value(&COMPOSED, field, "").into_warning());
        };
        let raw = Raw { number: matches!(node, Node::Number(_)), ..Raw::new(text) };
        let doubt = match &self.what {
            Soundness::Read(judge) => judge(raw),
            Soundness::In(words) => (!words.iter().any(|word| word.is(raw.text))).then_some(&UNEXPECTED),
        };
        if let Some(doubt) = doubt {
            reader.warn(warning(doubt, field, raw.text));
        }
    }
}

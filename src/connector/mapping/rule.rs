//! A compiled rule: where a value comes from, and the one conversion that reads it.

use super::field::{Field, Scope};
use super::notes::{Refusal, warning};
use super::reader::Reader;
use crate::connector::convert::{Convert, Doubt, Raw, Read, Reading, scalar};
use crate::connector::manifest::rule::DecimalMark;
use crate::connector::node::Node;
use crate::domain::text::normalised;
use std::collections::HashMap;

/// Several values where one was expected.
pub const COMPOSED: Doubt = Doubt {
    code: "value-composed",
    fr: "une liste ou un objet se trouve là où une seule valeur est attendue",
    en: "a list or an object stands where one value is expected",
};

/// A rule that gives values of type `T`.
#[derive(Debug)]
pub struct Rule<T> {
    /// The word of the vocabulary that it fills, for messages.
    pub target: &'static str,
    /// The same value for every record.
    pub constant: Option<T>,
    /// Where to look, in order.
    pub fields: Vec<Field>,
    /// How it is read.
    pub convert: Convert<T>,
    /// Their words and our values; no conversion takes place where it is there.
    pub words: Option<Words<T>>,
    /// What separates several values in one text.
    pub split: Split,
    /// The decimal separator that the manifest states.
    pub decimal: Option<DecimalMark>,
    /// What an absent value stands for.
    pub default: Option<T>,
    /// Is a record without it rejected?
    pub required: bool,
}

/// What separates several values in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Nothing: the text is one value.
    Never,
    /// Any of `,` `;` and the bar: codes hold none of them.
    Codes,
    /// This text.
    By(Box<str>),
}

/// Their words and our values.
#[derive(Debug)]
pub struct Words<T> {
    /// By the word as written.
    pub exact: HashMap<Box<str>, T>,
    /// By the word without case, accents, punctuation.
    pub alike: HashMap<String, T>,
    /// For any other word.
    pub other: Option<T>,
}

impl<T: Clone> Words<T> {
    /// The value of a word.
    pub fn get(&self, text: &str) -> Option<&T> {
        self.exact.get(text).or_else(|| self.alike.get(&normalised(text))).or(self.other.as_ref())
    }
}

impl<T: Clone> Rule<T> {
    /// The value, `None` when it is absent or (told as a warning) unreadable.
    ///
    /// # Errors
    /// A required value that is absent or unreadable.
    pub fn one(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<T>, Refusal> {
        match self.try_one(scope, reader)? {
            Ok(value) => Ok(value),
            Err(refusal) if self.required => Err(refusal),
            Err(refusal) => {
                reader.warn(refusal.into_warning());
                Ok(None)
            }
        }
    }

    /// Like [`Rule::one`], but what is there and unreadable is left for the caller to judge.
    ///
    /// # Errors
    /// A required value that is absent.
    pub fn try_one(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Result<Option<T>, Refusal>, Refusal> {
        if let Some(constant) = &self.constant {
            return Ok(Ok(Some(constant.clone())));
        }
        let Some((field, node)) = first(&self.fields, scope, reader.absent) else {
            return match (&self.default, self.required) {
                (Some(default), _) => Ok(Ok(Some(default.clone()))),
                (None, true) => Err(Refusal::missing(self.target, &self.fields)),
                (None, false) => Ok(Ok(None)),
            };
        };
        let Some(text) = node.scalar() else {
            return Ok(Err(Refusal::of_value(&COMPOSED, field, "")));
        };
        let raw = Raw { number: matches!(node, Node::Number(_)), decimal: self.decimal, ..Raw::new(text) };
        Ok(match self.read(raw) {
            Ok(Read { value, doubt }) => {
                if let Some(doubt) = doubt {
                    reader.warn(warning(doubt, field, raw.text));
                }
                Ok(Some(value))
            }
            Err(doubt) => Err(Refusal::of_value(doubt, field, raw.text)),
        })
    }

    fn read(&self, raw: Raw<'_>) -> Reading<T> {
        match &self.words {
            Some(words) => {
                let value = words.get(raw.text).ok_or(&scalar::WORD)?;
                Ok(Read { value: value.clone(), doubt: None })
            }
            None => (self.convert)(raw),
        }
    }
}

impl<T: Clone + PartialEq> Rule<T> {
    /// Every value: the elements of a list, the parts of a text. What is unreadable is left out with a warning, and
    /// so is what comes twice.
    ///
    /// # Errors
    /// A required rule that gives no value.
    pub fn many(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Vec<T>, Refusal> {
        let mut values = Vec::new();
        if let Some(constant) = &self.constant {
            values.push(constant.clone());
        }
        match first(&self.fields, scope, reader.absent) {
            Some((field, Node::List(items))) => {
                items.iter().for_each(|item| self.parts((field, item), reader, &mut values));
            }
            Some(found) => self.parts(found, reader, &mut values),
            None => values.extend(self.default.clone()),
        }
        if values.is_empty() && self.required {
            return Err(Refusal::missing(self.target, &self.fields));
        }
        Ok(values)
    }

    fn parts(&self, (field, node): (&Field, &Node), reader: &mut Reader<'_>, values: &mut Vec<T>) {
        let Some(text) = node.scalar() else {
            if !node.is_blank() {
                reader.warn(warning(&COMPOSED, field, ""));
            }
            return;
        };
        let text = Raw::new(text).text;
        let parts: &mut dyn Iterator<Item = &str> = match &self.split {
            Split::Never => &mut std::iter::once(text),
            Split::Codes => &mut text.split([',', ';', '|']),
            Split::By(separator) => &mut text.split(&**separator),
        };
        let absent = reader.absent;
        let there = |part: &&str| !part.is_empty() && !absent.iter().any(|one| **one == **part);
        for part in parts.map(str::trim).filter(there) {
            let raw = Raw { number: matches!(node, Node::Number(_)), decimal: self.decimal, ..Raw::new(part) };
            match self.read(raw) {
                Ok(Read { value, doubt }) => {
                    if let Some(doubt) = doubt {
                        reader.warn(warning(doubt, field, part));
                    }
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                Err(doubt) => reader.warn(warning(doubt, field, part)),
            }
        }
    }
}

/// The first of `fields` that holds something.
pub fn first<'f, 'n>(fields: &'f [Field], scope: Scope<'n>, absent: &[Box<str>]) -> Option<(&'f Field, &'n Node)> {
    fields.iter().find_map(|field| {
        let node = field.find(scope)?;
        let there = match node.scalar() {
            Some(text) => {
                let text = text.trim();
                !text.is_empty() && !absent.iter().any(|one| **one == *text)
            }
            None => !node.is_blank(),
        };
        there.then_some((field, node))
    })
}

//! A compiled rule: where a value comes from, and the one conversion that reads it.

use super::field::{Field, Scope};
use super::notes::{Refusal, plain_warning, warning};
use super::reader::Reader;
use crate::connector::convert::{
    CELL_ERROR, Convert, Doubt, Raw, Read, Reading, date, is_cell_error, mojibake, scalar,
};
use crate::connector::manifest::rule::DecimalMark;
use crate::connector::node::Node;
use crate::domain::text::{normalised_word, trimmed};
use std::collections::HashMap;

/// Several values where one was expected.
pub const COMPOSED: Doubt = Doubt {
    code: "value-composed",
    fr: "une liste ou un objet se trouve là où une seule valeur est attendue",
    en: "a list or an object stands where one value is expected",
};

/// The first column of a name is empty, a later one is not.
const TWIN: Doubt = Doubt {
    code: "column-twice",
    fr: "la colonne est en double ; la première est vide, la suivante est lue",
    en: "the column stands twice; the first is empty, the later one is read",
};
/// Two columns of a name hold different things.
const TWINS_DIFFER: Doubt = Doubt {
    code: "column-twice-differs",
    fr: "la colonne est en double et ses valeurs diffèrent : à trancher par le propriétaire de la source",
    en: "the column stands twice and its values differ: for the source's owner to settle",
};
/// Columns that may each hold the value hold different ones.
const COLUMNS_DIFFER: Doubt = Doubt {
    code: "columns-differ",
    fr: "une autre colonne de la ligne porte une autre valeur : à trancher par le propriétaire de la source",
    en: "another column of the row holds another value: for the source's owner to settle",
};
/// Several codes without anything between them.
const GLUED: Doubt = Doubt {
    code: "codes-glued",
    fr: "plusieurs codes étaient écrits ensemble, sans le séparateur prévu ; ils sont séparés",
    en: "several codes were written together, without the separator expected; they are taken apart",
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
    /// By the word without case, accents, punctuation; other signs (`+`, `?`) may change what it says, and stay.
    pub alike: HashMap<String, T>,
    /// For any other word.
    pub other: Option<T>,
}

impl<T: Clone> Words<T> {
    /// The value of a word.
    pub fn get(&self, text: &str) -> Option<&T> {
        self.known(text).or(self.other.as_ref())
    }

    /// The value of a word that the manifest names.
    pub fn known(&self, text: &str) -> Option<&T> {
        self.exact.get(text).or_else(|| self.alike.get(&normalised_word(text)))
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
        let Some((field, node)) = first(&self.fields, scope, reader) else {
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
            // What a source does not say is absent, not unreadable.
            Err(doubt) if *doubt == date::UNSAID && !self.required => Ok(self.default.clone()),
            Err(doubt) => Err(Refusal::of_value(doubt, field, raw.text)),
        })
    }

    /// Columns of the same name, in whatever spelling, that hold different texts: which one is meant is not guessed.
    pub fn contradiction(&self, scope: Scope<'_>, absent: &[Box<str>]) -> Option<Refusal> {
        self.fields.iter().find_map(|field| {
            let text = |node: &Node| node.scalar().map(|text| text.trim().to_owned());
            let twins = field.twins(scope).chain(field.respelled(scope));
            let mut twins = twins.filter(|node| is_there(node, absent)).peekable();
            twins.peek()?;
            let first = field.find(scope).filter(|node| is_there(node, absent)).or_else(|| twins.next())?;
            twins.any(|twin| text(twin) != text(first)).then(|| Refusal::of_value(&TWINS_DIFFER, field, ""))
        })
    }

    /// The fields that hold something, each with its rank among all, in order: the first is the one that is read.
    pub fn filled<'f, 'n>(
        &'f self,
        scope: Scope<'n>,
        absent: &'f [Box<str>],
    ) -> impl Iterator<Item = (usize, (&'f Field, &'n Node))> {
        self.fields.iter().enumerate().filter_map(move |(rank, field)| {
            let own = field.find(scope).filter(|node| is_there(node, absent));
            let node = own.or_else(|| field.twins(scope).find(|twin| is_there(twin, absent)))?;
            Some((rank, (field, node)))
        })
    }

    fn read(&self, raw: Raw<'_>) -> Reading<T> {
        if is_cell_error(raw.text) {
            return Err(&CELL_ERROR);
        }
        match &self.words {
            Some(words) => {
                if let Some(value) = words.known(raw.text) {
                    return Ok(Read { value: value.clone(), doubt: None });
                }
                if let Some(meant) = mojibake::repaired(raw.text)
                    && let Some(value) = words.known(&meant)
                {
                    return Ok(Read { value: value.clone(), doubt: Some(&mojibake::REPAIRED) });
                }
                let value = words.other.as_ref().ok_or(&scalar::WORD)?;
                Ok(Read { value: value.clone(), doubt: None })
            }
            None => (self.convert)(raw),
        }
    }
}

impl<T: Clone + PartialEq> Rule<T> {
    /// Fields that hold different values: which one is meant is not guessed. What cannot be read is not compared.
    pub fn disagreement(&self, scope: Scope<'_>, absent: &[Box<str>]) -> Option<Refusal> {
        // Most rows fill one of these columns.
        self.filled(scope, absent).nth(1)?;
        let mut values = self.filled(scope, absent).filter_map(|(_, (field, node))| {
            let raw =
                Raw { number: matches!(node, Node::Number(_)), decimal: self.decimal, ..Raw::new(node.scalar()?) };
            Some((field, raw.text, self.read(raw).ok()?.value))
        });
        let (_, _, first) = values.next()?;
        let (field, text, _) = values.find(|(_, _, value)| *value != first)?;
        Some(Refusal::of_value(&COLUMNS_DIFFER, field, text))
    }

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
        match first(&self.fields, scope, reader) {
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
        for part in parts.map(trimmed).filter(there) {
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
                Err(doubt) => match self.unglued(raw) {
                    Some(codes) => {
                        reader.warn(warning(&GLUED, field, part));
                        codes.into_iter().for_each(|code| {
                            if !values.contains(&code) {
                                values.push(code)
                            }
                        });
                    }
                    None => reader.warn(warning(doubt, field, part)),
                },
            }
        }
    }

    /// `CV380CV384`, `QP059001 et QN05972M` as two codes: every piece is a code of its own, but for what joins them.
    fn unglued(&self, raw: Raw<'_>) -> Option<Vec<T>> {
        if self.words.is_some() {
            return None;
        }
        let read = |piece: &str| {
            let read = (self.convert)(Raw { text: piece, ..raw }).ok().filter(|read| read.doubt.is_none());
            read.map(|read| read.value)
        };
        let mut codes = Vec::new();
        for piece in pieces_joined(raw.text) {
            match read(&piece) {
                Some(code) => codes.push(code),
                None => codes.extend(pieces_alike(&piece)?.into_iter().map(read).collect::<Option<Vec<T>>>()?),
            }
        }
        (codes.len() > 1).then_some(codes)
    }
}

/// What stands between joints, signs or words: `A / B`, `A et B`, `A and B`.
fn pieces_joined(text: &str) -> Vec<String> {
    let spaced = text.replace(['/', '+', '&'], " et ");
    let is_joint = |word: &&str| word.eq_ignore_ascii_case("et") || word.eq_ignore_ascii_case("and");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.split(is_joint).map(|piece| piece.join(" ")).filter(|piece| !piece.is_empty()).collect()
}

/// Pieces that begin with the same two letters, as a text does that begins with them.
fn pieces_alike(text: &str) -> Option<Vec<&str>> {
    let prefix = text.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_alphabetic()))?;
    let starts: Vec<usize> = text.match_indices(prefix).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    (starts.len() > 1).then(|| starts.iter().zip(ends).map(|(start, end)| text[*start..end].trim_end()).collect())
}

/// The first of `fields` that holds something. Of columns of the same name, the first that does, and that is told.
pub fn first<'f, 'n>(fields: &'f [Field], scope: Scope<'n>, reader: &mut Reader<'_>) -> Option<(&'f Field, &'n Node)> {
    for field in fields {
        let Some(node) = field.find(scope) else { continue };
        if is_there(node, reader.absent) {
            return Some((field, node));
        }
        if let Some(twin) = field.twins(scope).find(|twin| is_there(twin, reader.absent)) {
            reader.warn(plain_warning(&TWIN, Some(field)));
            return Some((field, twin));
        }
    }
    None
}

/// Does the node hold something?
pub fn is_there(node: &Node, absent: &[Box<str>]) -> bool {
    match node.scalar() {
        Some(text) => {
            let text = trimmed(text);
            !text.is_empty() && !absent.iter().any(|one| **one == *text)
        }
        None => !node.is_blank(),
    }
}

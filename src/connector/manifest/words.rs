//! The closed vocabularies of the domain as they stand in the exported schema of a manifest.

use crate::domain::vocabulary::{Family, Form, Nature, Objective, QuartierKind, Stage, TaxBasis};
use schemars::{Schema, SchemaGenerator, json_schema};

/// Families of credits.
pub fn family(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<&str> = Family::ALL.iter().map(|word| word.as_str()).collect();
    json_schema!({ "type": ["string", "null"], "enum": words })
}

/// A list of natures.
pub fn natures(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<&str> = Nature::ALL.iter().map(|word| word.as_str()).collect();
    json_schema!({ "type": "array", "items": { "type": "string", "enum": words } })
}

/// The words of a closed vocabulary of the domain.
pub trait Word: Copy + Sized + 'static {
    /// Every word, in the order of the public schema.
    const WORDS: &'static [Self];

    /// Reads the word, letter for letter.
    fn read(text: &str) -> Option<Self>;

    /// The word as it is written.
    fn written(self) -> &'static str;
}

macro_rules! word {
    ($($type:ty),+) => {
        $(impl Word for $type {
            const WORDS: &'static [Self] = <$type>::ALL;

            fn read(text: &str) -> Option<Self> {
                <$type>::parse(text).ok()
            }

            fn written(self) -> &'static str {
                self.as_str()
            }
        })+
    };
}
word!(Family, Form, Nature, Objective, QuartierKind, Stage, TaxBasis);

//! What a mapping has to say: warnings on what it keeps, refusals of what it cannot take. A personal value is never
//! quoted.

use super::field::Field;
use super::organisation::PERSON_TOLD;
use crate::connector::convert::Doubt;
use crate::domain::facts::Warning;
use crate::domain::message::Message;

/// Characters of a value that a message quotes at most.
const QUOTED_MAX: usize = 80;

/// Fields that a message names at most.
const NAMED_MAX: usize = 3;

/// Why a record cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The field at fault, as the source calls it.
    pub field: Option<Box<str>>,
    /// Stable code, kebab-case.
    pub code: Box<str>,
    /// Why, in both languages.
    pub reason: Message,
}

impl Refusal {
    /// A refusal of what stands in `field`.
    pub fn of_value(doubt: &Doubt, field: &Field, value: &str) -> Self {
        Refusal { field: Some(field.name.clone()), code: doubt.code.into(), reason: about(doubt, field, value) }
    }

    /// A refusal because `target` is absent; `fields` are where it was looked for.
    pub fn missing(target: &str, fields: &[Field]) -> Self {
        let names: Vec<&str> = fields.iter().take(NAMED_MAX).map(|field| &*field.name).collect();
        let names = names.join(", ") + if fields.len() > NAMED_MAX { "…" } else { "" };
        Refusal {
            field: fields.first().map(|field| field.name.clone()),
            code: format!("{target}-missing").into(),
            reason: Message::new(
                format!("« {target} » est obligatoire et le champ {names} est vide ou absent"),
                format!("{target} is required and the field {names} is empty or absent"),
            ),
        }
    }

    /// The same as a warning.
    pub fn into_warning(self) -> Warning {
        Warning { code: self.code, field: self.field, message: self.reason }
    }
}

/// A warning about what stands in `field`.
pub fn warning(doubt: &Doubt, field: &Field, value: &str) -> Warning {
    Refusal::of_value(doubt, field, value).into_warning()
}

/// A warning that quotes no value.
pub fn plain_warning(doubt: &Doubt, field: Option<&Field>) -> Warning {
    Warning {
        code: doubt.code.into(),
        field: field.map(|field| field.name.clone()),
        message: Message::new(doubt.fr, doubt.en),
    }
}

fn about(doubt: &Doubt, field: &Field, value: &str) -> Message {
    quoted((doubt.fr, doubt.en), field, value)
}

/// Takes the quote out of a warning on a field of which this record says that it names a natural person.
pub fn without_persons(warning: &mut Warning, persons: &[&str]) {
    let names_one = warning.field.as_deref().is_some_and(|field| persons.contains(&field));
    if names_one && *warning.code != *PERSON_TOLD.code {
        warning.message = unquoted(&warning.code);
    }
}

fn unquoted(code: &str) -> Message {
    Message::new(
        format!("ce champ nomme une personne physique et n'est pas cité ({code})"),
        format!("this field names a natural person and is not quoted ({code})"),
    )
}

impl Refusal {
    /// The same without its quote, where it is about a field of which this record says that it names a natural person.
    #[must_use]
    pub fn without_persons(self, persons: &[&str]) -> Self {
        match self.field.as_deref().is_some_and(|field| persons.contains(&field)) {
            true => Refusal { reason: unquoted(&self.code), ..self },
            false => self,
        }
    }
}

/// A sentence about what stands in `field`, which it quotes where it is not personal.
pub fn quoted((fr, en): (&str, &str), field: &Field, value: &str) -> Message {
    if field.personal {
        return Message::new(
            format!("champ {} (donnée personnelle, non citée) : {}", field.name, fr),
            format!("field {} (personal, not quoted): {}", field.name, en),
        );
    }
    if value.is_empty() {
        return Message::new(format!("champ {} : {}", field.name, fr), format!("field {}: {}", field.name, en));
    }
    let quoted: String = value.chars().take(QUOTED_MAX).collect();
    let cut = if quoted.len() < value.len() { "…" } else { "" };
    Message::new(
        format!("champ {}, « {quoted}{cut} » : {}", field.name, fr),
        format!("field {}, \"{quoted}{cut}\": {}", field.name, en),
    )
}

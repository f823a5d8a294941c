//! A message in both languages of the product.

use super::Date;
use super::vocabulary::Language;

/// The same sentence in French and in English.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// A day as it stands in a French sentence: `12/03/2026`. English sentences keep the ISO form.
pub fn french_day(day: Date) -> String {
    day.format("%d/%m/%Y").to_string()
}

impl Message {
    /// A message from its two forms.
    pub fn new(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Message { fr: fr.into(), en: en.into() }
    }

    /// The form in `language`.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Fr => &self.fr,
            Language::En => &self.en,
        }
    }
}

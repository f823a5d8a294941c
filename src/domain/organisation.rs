//! Who: legal persons, European funds, groups of legal persons, and those of whom only a text is known.

use super::place::DepartementCode;
use super::siren::{Siren, Siret};
use super::text::{SourceId, normalised};
use super::{ParseError, text_serde};
use std::fmt;

/// How the identity of the State in a département begins.
const ETAT: &str = "financeur:etat-";

/// The identity of an organisation, written `siren:200053742`, `eu:FEDER`, `financeur:etat-59`,
/// `person:<keyed hash>` for a natural person, or `text:<source>:<normalised name>` where only a name or an
/// identifier that failed its check is known: such an identity is not trusted outside its source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationId(Box<str>);

/// What kind of identity stands behind an [`OrganisationId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationKind {
    /// A legal person known by its SIREN.
    Siren,
    /// A European fund or a foreign authority without SIREN.
    European,
    /// A named group of legal persons, such as the State in a département.
    Financeur,
    /// A natural person, pseudonymous.
    Person,
    /// Only a text is known.
    Text,
}

impl OrganisationId {
    /// Reads the written form. A `siret:` is accepted and brought back to its legal person.
    ///
    /// # Errors
    /// An unknown prefix, or an identifier whose check fails.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = || {
            ParseError::new(
                text,
                "organisation (siren:200053742, siret:…, eu:FEDER, financeur:etat-59, person:…, text:…)",
            )
        };
        let (prefix, rest) = text.split_once(':').ok_or_else(refuse)?;
        let plain = !rest.trim().is_empty() && rest.len() <= 300 && !rest.chars().any(char::is_control);
        match prefix {
            "siren" => Siren::parse(rest).map(OrganisationId::from).map_err(|_| refuse()),
            "siret" => Siret::parse(rest).map(|siret| siret.siren().into()).map_err(|_| refuse()),
            "eu" | "financeur" | "person" | "text" if plain => Ok(OrganisationId(text.into())),
            _ => Err(refuse()),
        }
    }

    /// An organisation of which `source` gives only `name` (or an identifier that failed its check).
    /// `None` when the name holds no letter and no digit.
    pub fn from_text(source: &SourceId, name: &str) -> Option<Self> {
        let mut name = normalised(name);
        name.truncate(name.char_indices().nth(200).map_or(name.len(), |(end, _)| end));
        (!name.is_empty()).then(|| OrganisationId(format!("text:{source}:{name}").into()))
    }

    /// The State in a département.
    pub fn etat(departement: &DepartementCode) -> Self {
        OrganisationId(format!("{ETAT}{departement}").into())
    }

    /// The département in which it is the State; `None` for any other body.
    pub fn departement_of_etat(&self) -> Option<DepartementCode> {
        DepartementCode::parse(self.0.strip_prefix(ETAT)?).ok()
    }

    /// The written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of identity.
    pub fn kind(&self) -> OrganisationKind {
        match self.0.split(':').next() {
            Some("siren") => OrganisationKind::Siren,
            Some("eu") => OrganisationKind::European,
            Some("financeur") => OrganisationKind::Financeur,
            Some("person") => OrganisationKind::Person,
            _ => OrganisationKind::Text,
        }
    }

    /// The SIREN, for a legal person.
    pub fn siren(&self) -> Option<Siren> {
        self.0.strip_prefix("siren:").and_then(|digits| Siren::parse(digits).ok())
    }
}

impl From<Siren> for OrganisationId {
    fn from(siren: Siren) -> Self {
        OrganisationId(["siren:", siren.as_str()].concat().into())
    }
}

impl fmt::Display for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
text_serde!(OrganisationId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_establishment_is_its_legal_person() {
        let region = OrganisationId::parse("siren:200053742").expect("sound");
        assert_eq!(region.siren().map(|siren| siren.to_string()).as_deref(), Some("200053742"));
        let bretagne = OrganisationId::parse("siret:23350001600040").expect("sound");
        assert_eq!(bretagne.as_str(), "siren:233500016");
        assert!(OrganisationId::parse("siren:123456789").is_err());
        assert!(OrganisationId::parse("javascript:x").is_err());
    }

    #[test]
    fn a_name_is_trusted_within_its_source_only() {
        let here = SourceId::parse("pic").expect("sound");
        let there = SourceId::parse("nqe").expect("sound");
        assert_eq!(OrganisationId::from_text(&here, "Les Amis "), OrganisationId::from_text(&here, "les amis"));
        assert_ne!(OrganisationId::from_text(&here, "Les Amis"), OrganisationId::from_text(&there, "Les Amis"));
        assert_eq!(OrganisationId::from_text(&here, " - "), None);
    }
}

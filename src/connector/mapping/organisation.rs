//! Who: the identity of an organisation out of what a record says of it.

use super::field::{Field, Scope, Test, TestOf, all_hold};
use super::notes::{Refusal, plain_warning, warning};
use super::reader::Reader;
use super::rule::{COMPOSED, Words, first};
use crate::connector::convert::identifier::{self, Legal};
use crate::connector::convert::placeholder::{NAMES_NOBODY, names_nobody};
use crate::connector::convert::{CELL_ERROR, Doubt, Raw, is_cell_error, mojibake, person};
use crate::connector::node::Node;
use crate::domain::facts::OrganisationFacts;
use crate::domain::organisation::OrganisationId;
use crate::domain::text::normalised;

/// What is shown in place of a natural person's name.
pub const PERSON_MASK: &str = "personne physique";

/// The word of the vocabulary whose identity decides what counts once.
const FUNDER: &str = "funder";
/// The source has a place for an identifier and leaves it empty.
const IDENTIFIER_MISSING: Doubt = Doubt {
    code: "identifier-missing",
    fr: "l'identifiant du financeur est vide ; son nom n'est retenu que comme texte",
    en: "the funder's identifier is empty; its name is kept as text only",
};
/// A name that `values` does not know: kept as a text.
const UNMAPPED: Doubt = Doubt {
    code: "organisation-unmapped",
    fr: "le nom n'est pas prévu par le manifeste ; l'identité n'est retenue que comme texte",
    en: "the manifest does not provide for this name; the identity is kept as text only",
};

/// Nothing says whether the name is that of a natural person.
const PERSON_UNTOLD: Doubt = Doubt {
    code: "person-untold",
    fr: "rien ne dit s'il s'agit d'une personne physique ou morale ; le nom est tenu pour celui d'une personne physique et masqué",
    en: "nothing says whether this is a natural or a legal person; the name is taken for that of a natural person and masked",
};

/// Nobody said that the field may hold persons, and the name says that it is one.
pub const PERSON_TOLD: Doubt = Doubt {
    code: "person-told",
    fr: "le nom dit lui-même qu'il est celui d'une personne physique (civilité, entrepreneur individuel) ; il est masqué",
    en: "the name says itself that it is a natural person's (a title, a sole trader); it is masked",
};

/// A compiled rule for an organisation.
#[derive(Debug)]
pub struct OrganisationRule {
    /// The word of the vocabulary that it fills, for messages.
    pub target: &'static str,
    /// The same for every record.
    pub constant: Option<OrganisationId>,
    /// Fields of our written form.
    pub id: Vec<Field>,
    /// Fields of a SIRET.
    pub siret: Vec<Field>,
    /// Fields of a SIREN.
    pub siren: Vec<Field>,
    /// Fields of the name.
    pub name: Vec<Field>,
    /// Their names and our identities.
    pub words: Option<Words<OrganisationId>>,
    /// When it is a natural person; empty: whenever the name is personal. Where neither this nor a sound SIREN tells, it is one.
    pub person_when: Vec<Test>,
    /// Is a record without it rejected?
    pub required: bool,
}

impl OrganisationRule {
    /// The identity, `None` when the record says nothing of it. The organisation met is kept by the reader.
    ///
    /// # Errors
    /// A required identity that is absent.
    pub fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<OrganisationId>, Refusal> {
        if let Some(constant) = &self.constant {
            return Ok(Some(constant.clone()));
        }
        let name = named(&self.name, scope, reader);
        let meant = name.and_then(|(_, name)| mojibake::repaired(name));
        let name = match (name, &meant) {
            (Some((field, broken)), Some(meant)) => {
                reader.warn(warning(&mojibake::REPAIRED, field, broken));
                Some((field, meant.as_str()))
            }
            (name, _) => name,
        };
        let nameless = name.filter(|(_, name)| names_nobody(name) && !self.is_word(name));
        if let Some((field, nobody)) = nameless {
            reader.warn(warning(&NAMES_NOBODY, field, nobody));
        }
        let name = if nameless.is_some() { None } else { name };
        let (legal, failed) = self.legal(scope, reader);
        let told_apart = failed.filter(|text| identifier::tells_apart(text) && !names_nobody(text));
        let has_siren = legal.is_some();
        let person =
            self.is_person(has_siren, name, (scope, reader)) || self.is_told_person(has_siren, name, (scope, reader));
        let id = match legal {
            // A sole trader's number tells who it is, to anybody who looks it up.
            Some(legal) if person => pseudonym(legal.siren.as_str(), reader),
            Some(legal) => Some(OrganisationId::from(legal.siren)),
            None if person => name.and_then(|(_, name)| pseudonym(name, reader)),
            None => self
                .by_word(name, scope, reader)
                .or_else(|| OrganisationId::from_text(reader.source, name.map(|(_, name)| name).or(told_apart)?)),
        };
        match id {
            Some(id) => {
                if let Some((_, name)) = name {
                    let name = if person { PERSON_MASK } else { name }.to_owned();
                    let siret = legal.filter(|_| !person).and_then(|legal| legal.siret);
                    reader.meet(OrganisationFacts { id: id.clone(), name, siret });
                }
                Ok(Some(id))
            }
            // Somebody is written there, and nobody can tell who: the sum is not lost.
            None if self.target == FUNDER
                && (nameless.or(named(&self.id, scope, reader)).is_some() || failed.is_some()) =>
            {
                Ok(Some(nobody(reader)))
            }
            None if self.required => Err(self.missing()),
            None => Ok(None),
        }
    }

    /// Is it a natural person? Where the manifest names persons, only a condition that tells legal persons by their own word
    /// (`not-in`) or a sound SIREN says that it is none: a word that nobody provided for must not publish a name.
    fn is_person(
        &self,
        has_siren: bool,
        name: Option<(&Field, &str)>,
        (scope, reader): (Scope<'_>, &mut Reader<'_>),
    ) -> bool {
        if !self.name.iter().any(|field| field.personal) {
            return false;
        }
        if all_hold(&self.person_when, scope, reader.absent) {
            return true;
        }
        let refutes = |test: &Test| matches!(test.what, TestOf::NotIn(_)) && !test.holds(scope, reader.absent);
        if has_siren || self.person_when.iter().any(refutes) {
            return false;
        }
        if let Some((field, _)) = name {
            reader.warn(plain_warning(&PERSON_UNTOLD, Some(field)));
        }
        true
    }

    /// Does the name say itself that it is a natural person's, where the manifest does not, or says that it is none?
    fn is_told_person(
        &self,
        has_siren: bool,
        name: Option<(&Field, &str)>,
        (scope, reader): (Scope<'_>, &mut Reader<'_>),
    ) -> bool {
        let Some((field, name)) = name.filter(|(_, name)| person::is_told(name, has_siren)) else { return false };
        let id = named(&self.id, scope, reader).map(|(_, id)| id);
        if self.is_word(name) || id.is_some_and(|id| self.is_word(id) || OrganisationId::parse(id).is_ok()) {
            return false;
        }
        reader.warn(plain_warning(&PERSON_TOLD, Some(field)));
        true
    }

    fn is_word(&self, word: &str) -> bool {
        self.words.as_ref().is_some_and(|words| words.get(word).is_some())
    }

    /// The fields of one record that tell who it is, where the name says itself that it is a natural person's: none of them may stay
    /// in clear, though the manifest does not call them personal.
    pub fn told_person(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> impl Iterator<Item = &Field> {
        let name = named(&self.name, scope, reader);
        let meant = name.and_then(|(_, name)| mojibake::repaired(name));
        let name = name.map(|(field, name)| (field, meant.as_deref().unwrap_or(name)));
        let may_be = name.is_some_and(|(_, name)| person::is_told(name, false));
        let told = may_be && {
            let has_siren = self.legal(scope, reader).0.is_some();
            self.is_told_person(has_siren, name, (scope, reader))
        };
        self.name.iter().chain(self.identifiers()).filter(move |_| told)
    }

    /// The fields that tell an organisation from all others.
    pub fn identifiers(&self) -> impl Iterator<Item = &Field> {
        self.siret.iter().chain(&self.siren).chain(&self.id)
    }

    /// The refusal of a record that does not say it.
    pub fn missing(&self) -> Refusal {
        let fields = [&self.siret, &self.siren, &self.id, &self.name].into_iter().find(|fields| !fields.is_empty());
        Refusal::missing(self.target, fields.map_or(&[], Vec::as_slice))
    }

    /// The legal person by its SIRET, else by its SIREN; and the first identifier that failed its check.
    fn legal<'n>(&self, scope: Scope<'n>, reader: &mut Reader<'_>) -> (Option<Legal>, Option<&'n str>) {
        let (mut failed, mut stated) = (None, false);
        for fields in [&self.siret, &self.siren] {
            let Some((field, raw)) = raw(fields, scope, reader) else { continue };
            if identifier::is_absent(raw.text) {
                continue;
            }
            stated = true;
            match identifier::legal(raw) {
                Ok(read) => {
                    if let Some(doubt) = read.doubt {
                        reader.warn(warning(doubt, field, raw.text));
                    }
                    return (Some(read.value), failed);
                }
                Err(doubt) => {
                    reader.warn(warning(doubt, field, raw.text));
                    failed = failed.or(Some(raw.text));
                }
            }
        }
        if let Some(field) = self.siret.first().or(self.siren.first())
            && !stated
            && self.target == FUNDER
            && self.words.is_none()
        {
            reader.warn(plain_warning(&IDENTIFIER_MISSING, Some(field)));
        }
        (None, failed)
    }

    /// The identity that the record writes in our form, or that the manifest gives to its code or name; else the
    /// code as text, where there is no name.
    fn by_word(
        &self,
        name: Option<(&Field, &str)>,
        scope: Scope<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<OrganisationId> {
        let id = named(&self.id, scope, reader);
        if let Some((_, id)) = id
            && let Ok(id) = OrganisationId::parse(id)
        {
            return Some(id);
        }
        let words = self.words.as_ref();
        if let Some(known) = [id, name].into_iter().flatten().find_map(|(_, word)| words?.get(word)) {
            return Some(known.clone());
        }
        let (field, word) = id.or(name)?;
        if words.is_some() || id.is_some() {
            reader.warn(warning(&UNMAPPED, field, word));
        }
        let tells = name.is_none() && !names_nobody(word) && identifier::tells_apart(word);
        tells.then(|| OrganisationId::from_text(reader.source, word)).flatten()
    }
}

/// The first text in `fields`.
fn named<'f, 'n>(fields: &'f [Field], scope: Scope<'n>, reader: &mut Reader<'_>) -> Option<(&'f Field, &'n str)> {
    raw(fields, scope, reader).map(|(field, raw)| (field, raw.text))
}

fn raw<'f, 'n>(fields: &'f [Field], scope: Scope<'n>, reader: &mut Reader<'_>) -> Option<(&'f Field, Raw<'n>)> {
    let (field, node) = first(fields, scope, reader)?;
    let Some(text) = node.scalar() else {
        reader.warn(warning(&COMPOSED, field, ""));
        return None;
    };
    let raw = Raw { number: matches!(node, Node::Number(_)), ..Raw::new(text) };
    // The error of a spreadsheet names nobody.
    if is_cell_error(raw.text) {
        reader.warn(warning(&CELL_ERROR, field, raw.text));
        return None;
    }
    Some((field, raw))
}

/// Nobody, for a name without a letter.
fn pseudonym(name: &str, reader: &Reader<'_>) -> Option<OrganisationId> {
    let name = normalised(name);
    let known = !name.is_empty();
    known.then(|| OrganisationId::parse(&format!("person:{}", reader.pseudonymiser.pseudonym(&name))).ok()).flatten()
}

/// The funder of what nobody could read.
pub fn nobody(reader: &mut Reader<'_>) -> OrganisationId {
    const UNNAMED: &str = "Financeur non précisé";
    let id = OrganisationId::from_text(reader.source, UNNAMED).expect("the name holds letters");
    reader.meet(OrganisationFacts { id: id.clone(), name: UNNAMED.to_owned(), siret: None });
    id
}

/// A line of a plan that names no funder: its sum is kept under this name.
pub fn unnamed(field: Option<&Field>, reader: &mut Reader<'_>) -> OrganisationId {
    const MISSING: Doubt = Doubt {
        code: "funder-missing",
        fr: "la ligne ne nomme pas de financeur ; sa somme est gardée sous « financeur non précisé »",
        en: "the line names no funder; its sum is kept under an unnamed funder",
    };
    reader.warn(plain_warning(&MISSING, field));
    nobody(reader)
}

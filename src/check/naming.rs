//! Whom the rules name: known though nothing else speaks of them, so that nobody who is expected is left out in silence.

use super::rulebook::{Rulebook, Who};
use crate::domain::facts::OrganisationFacts;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::Language;

/// What stands for whom a row means by his part in the project where nothing says who that is: an identity that no source can
/// write, and its name in both languages.
struct Unnamed {
    who: Who,
    id: &'static str,
    fr: &'static str,
    en: &'static str,
}

static UNNAMED: [Unnamed; 3] = [
    Unnamed {
        who: Who::Holder,
        id: "text:*:porteur",
        fr: "Le porteur du projet (que rien ne nomme)",
        en: "The holder of the project (whom nothing names)",
    },
    Unnamed {
        who: Who::Pilot,
        id: "text:*:pilote",
        fr: "Le pilote du contrat de ville (que rien ne nomme)",
        en: "The body that pilots the contrat de ville (which nothing names)",
    },
    Unnamed {
        who: Who::Etat,
        id: "text:*:etat",
        fr: "L'État (dans un département que rien ne dit)",
        en: "The State (in a département that nothing tells)",
    },
];

/// What stands for a part in the project that nothing says who has; `None` for a body, which names itself.
pub(super) fn unnamed(who: &Who) -> Option<OrganisationId> {
    let found = UNNAMED.iter().find(|one| one.who == *who)?;
    OrganisationId::parse(found.id).ok()
}

/// How it is called; `None` for whoever has a name of its own.
pub(super) fn name_of_unnamed(id: &OrganisationId, language: Language) -> Option<&'static str> {
    let found = UNNAMED.iter().find(|one| one.id == id.as_str())?;
    Some(if language == Language::Fr { found.fr } else { found.en })
}

/// Every organisation that the rules name. One to which they give no name has none here, and goes by its identifier until a source
/// gives one.
pub(super) fn organisations(book: &Rulebook, named: Vec<OrganisationFacts>) -> Vec<OrganisationFacts> {
    let body = |who: &Who| match who {
        Who::Body(id) => Some(id.clone()),
        part => unnamed(part),
    };
    let expected = book.expected.iter().filter_map(|row| body(&row.funder));
    let proxies = book.proxies.iter().flat_map(|row| [Some(&row.funder), row.by.as_ref()]).flatten().cloned();
    let of_sheets = book.sheets().iter().filter_map(|sheet| sheet.funder.clone());
    let mut all = named;
    for id in expected.chain(proxies).chain(of_sheets) {
        if !all.iter().any(|known| known.id == id) {
            let name = name_of_unnamed(&id, Language::Fr).unwrap_or_default().to_owned();
            all.push(OrganisationFacts { id, name, siret: None });
        }
    }
    all
}

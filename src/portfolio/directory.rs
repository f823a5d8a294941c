//! Names of organisations: the one observed last; an EPCI has the name of the reference table.

use super::case::{Mention, ProjectCase};
use super::index::{OrganisationIx, TextIx};
use super::lexicon::Lexicon;
use crate::domain::Instant;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use std::sync::Arc;

/// How a natural person is shown.
const PERSON: &str = "Personne physique";

/// An organisation, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organisation<'a> {
    /// Its identity.
    pub id: &'a OrganisationId,
    /// Its name; where no source gives one, what its identity tells.
    pub name: &'a str,
    /// Its establishment, where all sources that give one give the same.
    pub siret: Option<&'a str>,
}

/// A name given by a record that belongs to no project.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LooseMention {
    pub(crate) mention: Mention,
    pub(crate) observed_at: Instant,
}

#[derive(Debug, Clone, Copy, Default)]
struct Card {
    name: Option<(Instant, TextIx)>,
    siret: Option<TextIx>,
    several_sirets: bool,
}

/// The names, by organisation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory(Vec<Card>);

impl Directory {
    pub(crate) fn of(lexicon: &Lexicon, cases: &[Arc<ProjectCase>], loose: &[LooseMention]) -> Self {
        let mut cards = vec![Card::default(); lexicon.organisations.len()];
        for case in cases {
            for mention in &case.mentions {
                let observed_at = case.records[mention.record as usize].observed_at;
                enter(lexicon, &mut cards, LooseMention { mention: *mention, observed_at });
            }
        }
        for mention in loose {
            enter(lexicon, &mut cards, *mention);
        }
        Directory(cards)
    }

    pub(crate) fn show<'a>(&self, lexicon: &'a Lexicon, organisation: OrganisationIx) -> Organisation<'a> {
        let id = &lexicon.organisations[organisation.get()];
        let card = self.0.get(organisation.get()).copied().unwrap_or_default();
        let text = |text: TextIx| &*lexicon.texts[text.get()];
        let epci = id.siren().and_then(|siren| lexicon.atlas.epcis.get(&siren)).filter(|epci| epci.known);
        let name = epci.map(|epci| &*epci.name).or_else(|| card.name.map(|(_, name)| text(name)));
        Organisation {
            id,
            name: name.unwrap_or_else(|| told_by(id)),
            siret: card.siret.filter(|_| !card.several_sirets).map(text),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.0.len() * size_of::<Card>()
    }
}

fn enter(lexicon: &Lexicon, cards: &mut [Card], LooseMention { mention, observed_at }: LooseMention) {
    let card = &mut cards[mention.organisation.get()];
    let text = |text: TextIx| &lexicon.texts[text.get()];
    let later = card.name.is_none_or(|(at, name)| (at, text(name)) < (observed_at, text(mention.name)));
    if later && !text(mention.name).is_empty() {
        card.name = Some((observed_at, mention.name));
    }
    if let Some(siret) = mention.siret {
        card.several_sirets |= card.siret.is_some_and(|known| known != siret);
        card.siret = card.siret.or(Some(siret));
    }
}

/// The part of an identity that a person can read.
fn told_by(id: &OrganisationId) -> &str {
    let rest = id.as_str().split_once(':').map_or(id.as_str(), |(_, rest)| rest);
    match id.kind() {
        OrganisationKind::Person => PERSON,
        OrganisationKind::Text => rest.split_once(':').map_or(rest, |(_, name)| name),
        OrganisationKind::Siren => id.as_str(),
        OrganisationKind::European | OrganisationKind::Financeur => rest,
    }
}

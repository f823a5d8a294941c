//! Names of organisations: the one observed last; an EPCI has the name of the reference table.

use super::atlas::Departement;
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
pub(crate) struct Directory {
    cards: Vec<Card>,
    /// Whether anything that is seen speaks of it; without entries, everybody is known.
    known: Vec<bool>,
}

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
        Directory { cards, known: Vec::new() }
    }

    pub(crate) fn show<'a>(&self, lexicon: &'a Lexicon, organisation: OrganisationIx) -> Organisation<'a> {
        let id = &lexicon.organisations[organisation.get()];
        let card = self.cards.get(organisation.get()).copied().unwrap_or_default();
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
        self.cards.len() * size_of::<Card>() + self.known.len()
    }

    /// Knows from now on only those that these projects, sources, tables and rules speak of.
    pub(crate) fn forget_strangers(&mut self, lexicon: &Lexicon, cases: &[Arc<ProjectCase>], loose: &[LooseMention]) {
        let mut known = vec![false; lexicon.organisations.len()];
        let mut knows = |organisation: OrganisationIx| known[organisation.get()] = true;
        for case in cases {
            case.holder.into_iter().for_each(&mut knows);
            case.mentions.iter().for_each(|mention| knows(mention.organisation));
            case.statements.iter().for_each(|statement| knows(statement.funder));
        }
        loose.iter().for_each(|one| knows(one.mention.organisation));
        let departements = || lexicon.atlas.departements.values();
        let etat = |one: &Departement| lexicon.organisations.get_index_of(&OrganisationId::etat(&one.code));
        let etats: Vec<_> = departements().map(|one| etat(one).map(OrganisationIx::at)).collect();
        let listed = departements().zip(&etats).filter(|(one, _)| one.known).filter_map(|(_, etat)| *etat);
        let placed = cases.iter().flat_map(|case| case.places.departements.iter()).filter_map(|ix| etats[ix.get()]);
        listed.chain(placed).for_each(&mut knows);
        lexicon.atlas.epcis.values().for_each(|epci| knows(epci.organisation));
        let contrats = lexicon.atlas.contrats.values();
        contrats.flat_map(|one| one.pilot.iter().chain(&one.signatories)).copied().for_each(&mut knows);
        let funders = lexicon.sources.values().flat_map(|image| &image.profile.speaks_for);
        let funders = funders.filter_map(|scope| lexicon.organisations.get_index_of(&scope.funder));
        funders.map(OrganisationIx::at).for_each(&mut knows);
        self.known = known;
    }

    /// Does anything that is seen speak of it?
    pub(crate) fn knows(&self, organisation: OrganisationIx) -> bool {
        self.known.get(organisation.get()).copied().unwrap_or(self.known.is_empty())
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

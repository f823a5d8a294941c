//! What the records of a project say of the project itself: the most authoritative that says something has the word.

use super::abridged::PublicForm;
use super::case::{DisagreementField, ProjectCase, ProjectDisagreement, ProjectPlaces, RecordEntry};
use super::index::{OrganisationIx, QuartierIx};
use super::lexicon::Lexicon;
use super::otherwise::{Days, Otherwise};
use super::own_words::OwnWords;
use super::survey::sorted;
use crate::domain::facts::{Budget, ProjectFacts};
use crate::domain::money::BasisPoints;
use crate::domain::organisation::OrganisationKind;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::source::Standing;
use crate::domain::text::{ActionCode, normalised};
use crate::domain::vocabulary::Objective;
use crate::domain::{Date, Instant};
use std::cmp::Reverse;

/// A record and how much its word weighs: own first, systems of record before publications, the oldest first.
pub(crate) struct Ranked<'a> {
    pub(crate) at: usize,
    pub(crate) rank: (bool, Standing),
    pub(crate) observed_at: Instant,
    pub(crate) facts: Option<&'a ProjectFacts>,
}

/// A project as its records describe it.
pub(crate) struct Portrait {
    title: Box<str>,
    holder: Option<OrganisationIx>,
    objectives: Vec<Objective>,
    action: Option<ActionCode>,
    references: Vec<Reference>,
    starts_on: Option<Date>,
    ends_on: Option<Date>,
    year: Option<u16>,
    renews: Option<Reference>,
    fund: Option<Reference>,
    budget: Option<Budget>,
    shares: Box<[(QuartierIx, BasisPoints)]>,
    disagreements: Vec<ProjectDisagreement>,
    otherwise: Otherwise,
    sought: Box<str>,
}

struct Voice<'a> {
    at: usize,
    standing: Standing,
    observed_at: Instant,
    facts: &'a ProjectFacts,
}

impl Portrait {
    /// From its records, in any order; every holder has its place in the lexicon.
    pub(crate) fn of(lexicon: &Lexicon, mut ranked: Vec<Ranked<'_>>) -> Self {
        ranked.sort_by_key(|one| (one.rank, one.at));
        let voices: Vec<Voice<'_>> = ranked
            .iter()
            .filter_map(|one| {
                Some(Voice { at: one.at, standing: one.rank.1, observed_at: one.observed_at, facts: one.facts? })
            })
            .collect();
        let first = |wanted: fn(&ProjectFacts) -> Option<Date>| voices.iter().find_map(|voice| wanted(voice.facts));
        let mut disagreements = Vec::new();
        let action = agreed(&voices, |facts| facts.action.as_ref()).unwrap_or_else(|records| {
            disagreements.push(ProjectDisagreement { field: DisagreementField::Action, records });
            None
        });
        if let Err(records) = agreed(&voices, |facts| facts.year.as_ref()) {
            disagreements.push(ProjectDisagreement { field: DisagreementField::Year, records });
        }
        let mut otherwise = Otherwise::default();
        let days = (first(|facts| facts.starts_on), first(|facts| facts.ends_on));
        otherwise.days = other_days(&voices, days);
        Portrait {
            title: voices
                .iter()
                .map(|voice| &voice.facts.title)
                .find(|title| !title.is_empty())
                .map_or_else(Box::default, |title| title.as_str().into()),
            holder: holder(lexicon, &voices, (&mut disagreements, &mut otherwise)),
            objectives: sorted(voices.iter().flat_map(|voice| voice.facts.objectives.iter().copied())),
            action: action.cloned(),
            references: sorted(voices.iter().flat_map(|voice| voice.facts.references.iter().cloned())),
            starts_on: days.0,
            ends_on: days.1,
            year: voices.iter().find_map(|voice| voice.facts.year),
            renews: voices.iter().find_map(|voice| voice.facts.renews.clone()),
            fund: voices.iter().find_map(|voice| voice.facts.fund.clone()),
            budget: budget(&voices, (&mut disagreements, &mut otherwise)),
            shares: shares(lexicon, &voices, &mut disagreements),
            disagreements,
            otherwise,
            sought: sought(&voices),
        }
    }

    /// A person's word on the action stands before that of records.
    pub(crate) fn classify(&mut self, action: Option<&ActionCode>) {
        if let Some(action) = action {
            self.action = Some(action.clone());
            self.disagreements.retain(|one| one.field != DisagreementField::Action);
        }
    }

    pub(crate) fn into_case(self, id: ProjectId, places: ProjectPlaces, records: Vec<RecordEntry>) -> ProjectCase {
        ProjectCase {
            id,
            title: self.title,
            holder: self.holder,
            objectives: self.objectives.into(),
            action: self.action,
            references: self.references.into(),
            places: ProjectPlaces { shares: self.shares, ..places },
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            year: self.year,
            renews: self.renews,
            fund: self.fund,
            budget: self.budget,
            disagreements: self.disagreements.into(),
            otherwise: Some(self.otherwise).filter(|one| *one != Otherwise::default()).map(Box::new),
            records: records.into(),
            commitments: Box::default(),
            statements: Box::default(),
            nothings_at: 0,
            mentions: Box::default(),
            own_words: OwnWords::default(),
            sought: self.sought,
            abridged: false,
            public_form: PublicForm::default(),
            behind: None,
        }
    }
}

/// The one value that the records state, if they state one; the records that state one, when they differ.
fn agreed<'a, T: PartialEq>(
    voices: &[Voice<'a>],
    part: impl Fn(&'a ProjectFacts) -> Option<&'a T>,
) -> Result<Option<&'a T>, Box<[u32]>> {
    let stated: Vec<(usize, &T)> =
        voices.iter().filter_map(|voice| part(voice.facts).map(|value| (voice.at, value))).collect();
    if stated.windows(2).all(|pair| pair[0].1 == pair[1].1) {
        Ok(stated.first().map(|(_, value)| *value))
    } else {
        Err(positions(stated.iter().map(|(at, _)| *at)))
    }
}

fn positions(records: impl Iterator<Item = usize>) -> Box<[u32]> {
    sorted(records.filter_map(|at| u32::try_from(at).ok())).into()
}

/// A trusted identity before a text, then the most authoritative record.
fn holder(
    lexicon: &Lexicon,
    voices: &[Voice<'_>],
    (disagreements, otherwise): (&mut Vec<ProjectDisagreement>, &mut Otherwise),
) -> Option<OrganisationIx> {
    let trust = |kind: OrganisationKind| match kind {
        OrganisationKind::Siren | OrganisationKind::European | OrganisationKind::Financeur => 0,
        OrganisationKind::Person => 1,
        OrganisationKind::Text => 2,
    };
    let stated: Vec<_> =
        voices.iter().filter_map(|voice| voice.facts.holder.as_ref().map(|holder| (voice.at, holder))).collect();
    let trusted: Vec<_> = stated.iter().filter(|(_, holder)| trust(holder.kind()) == 0).collect();
    if trusted.windows(2).any(|pair| pair[0].1 != pair[1].1) {
        let records = positions(trusted.iter().map(|(at, _)| *at));
        disagreements.push(ProjectDisagreement { field: DisagreementField::Holder, records });
    }
    let chosen = stated.iter().min_by_key(|(_, holder)| trust(holder.kind()));
    let place = |holder| lexicon.organisations.get_index_of(holder).map(OrganisationIx::at);
    let chosen = chosen.and_then(|(_, holder)| place(*holder));
    let others = trusted.iter().filter_map(|(_, holder)| place(*holder)).filter(|one| Some(*one) != chosen);
    otherwise.holders = sorted(others).into();
    chosen
}

/// First and last days of records that state one of them otherwise: what a record leaves open is as the project goes by.
fn other_days(voices: &[Voice<'_>], chosen: Days) -> Box<[Days]> {
    let stated = voices.iter().map(|voice| (voice.facts.starts_on.or(chosen.0), voice.facts.ends_on.or(chosen.1)));
    sorted(stated.filter(|days| *days != chosen)).into()
}

/// The statement of the system of record observed last.
fn budget(
    voices: &[Voice<'_>],
    (disagreements, otherwise): (&mut Vec<ProjectDisagreement>, &mut Otherwise),
) -> Option<Budget> {
    if let Err(records) = agreed(voices, |facts| facts.budget.as_ref()) {
        disagreements.push(ProjectDisagreement { field: DisagreementField::Budget, records });
    }
    let stated = voices.iter().filter(|voice| voice.facts.budget.is_some());
    let chosen = stated.min_by_key(|voice| (voice.standing, Reverse(voice.observed_at), voice.at));
    let chosen = chosen.and_then(|voice| voice.facts.budget);
    let mut others: Vec<Budget> = Vec::new();
    for budget in voices.iter().filter_map(|voice| voice.facts.budget).filter(|one| Some(*one) != chosen) {
        if !others.contains(&budget) {
            others.push(budget);
        }
    }
    otherwise.budgets = others.into();
    chosen
}

/// The stated shares, when all records that state some state the same, and they make the whole at most.
fn shares(
    lexicon: &Lexicon,
    voices: &[Voice<'_>],
    disagreements: &mut Vec<ProjectDisagreement>,
) -> Box<[(QuartierIx, BasisPoints)]> {
    let part = |facts: &'_ ProjectFacts| -> Vec<(QuartierIx, BasisPoints)> {
        let mut shares: Vec<_> = facts
            .places
            .shares
            .iter()
            .filter_map(|one| Some((QuartierIx::at(lexicon.atlas.quartiers.get_index_of(&one.quartier)?), one.share)))
            .collect();
        shares.sort_unstable();
        shares
    };
    let stated: Vec<_> =
        voices.iter().map(|voice| (voice.at, part(voice.facts))).filter(|(_, shares)| !shares.is_empty()).collect();
    let Some((_, shares)) = stated.first() else { return Box::default() };
    let whole: u64 = shares.iter().map(|(_, share)| u64::from(share.get())).sum();
    let distinct = shares.windows(2).all(|pair| pair[0].0 != pair[1].0);
    let same = stated.windows(2).all(|pair| pair[0].1 == pair[1].1);
    if same && distinct && whole <= u64::from(BasisPoints::WHOLE.get()) {
        return shares.clone().into();
    }
    let records = positions(stated.iter().map(|(at, _)| *at));
    disagreements.push(ProjectDisagreement { field: DisagreementField::Shares, records });
    Box::default()
}

/// What a search looks in: all titles, all references.
fn sought(voices: &[Voice<'_>]) -> Box<str> {
    let titles = voices.iter().map(|voice| voice.facts.title.as_str());
    let references = voices.iter().flat_map(|voice| &voice.facts.references).map(|reference| &*reference.value);
    let texts = sorted(titles.chain(references)).into_iter().map(normalised).filter(|text| !text.is_empty());
    sorted(texts).join(" | ").into()
}

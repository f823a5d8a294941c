//! What the matcher knows of an atom: the records that certain references make one, brought to what can be compared.

use super::super::Portfolio;
use super::super::atlas::Atlas;
use super::super::case::ProjectPlaces;
use super::super::index::{CommuneIx, QuartierIx};
use super::super::places::StatedPlaces;
use super::gazetteer::{Gazetteer, Named};
use super::words::{Word, Words, core_name};
use crate::domain::Date;
use crate::domain::facts::{Facts, ProjectFacts};
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{DispositifCode, SourceId, normalised};
use crate::domain::vocabulary::Form;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// A sum that a funder puts: what several systems write of one grant.
pub(super) type Sum = (u32, i64);

/// The words of a title that tell something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Title {
    /// Without the places that it names: what is done.
    pub(super) what: Vec<Word>,
    /// Those of the places that it names.
    pub(super) places: Vec<Word>,
}

/// An atom, ready to be compared. Everything in it is sorted and stands once.
#[derive(Debug)]
pub(super) struct Atom {
    pub(super) id: ProjectId,
    pub(super) sources: Vec<u32>,
    /// Legal persons that carry it.
    pub(super) holders: Vec<u32>,
    /// Core names of who carries it.
    pub(super) names: Vec<u32>,
    pub(super) titles: Vec<Title>,
    pub(super) places: ProjectPlaces,
    /// Quartiers stated, under their present codes.
    pub(super) quartiers: Vec<QuartierIx>,
    /// Communes and quartiers that its titles name.
    pub(super) named: Named,
    /// Budget years of the project itself.
    pub(super) years: Vec<u16>,
    pub(super) days: Vec<(Date, Option<Date>)>,
    /// Budget years of its sums.
    pub(super) sum_years: Vec<u16>,
    pub(super) sums: Vec<Sum>,
    /// Funders of these sums, with the scheme where it is told.
    pub(super) grants: Vec<(u32, Option<u32>)>,
    pub(super) budgets: Vec<i64>,
    pub(super) references: Vec<Reference>,
    /// Other projects that it names: the edition that it renews, the fund that gives on to it.
    pub(super) others: Vec<Reference>,
}

/// All atoms, the oldest first, and how often what they say is said.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    pub(super) list: Vec<Atom>,
    pub(super) words: Words,
    /// Core names, by number.
    pub(super) names: Vec<Box<str>>,
    pub(super) sums: FxHashMap<Sum, u32>,
    pub(super) budgets: FxHashMap<i64, u32>,
    pub(super) holders: FxHashMap<u32, u32>,
    /// Names with a year in which one system lists several operations of the bearer.
    pub(super) crowded: FxHashSet<(u32, u16)>,
    /// Names with a year, and the systems that list an operation of the bearer.
    listed: FxHashSet<(u32, u16, u32)>,
}

/// Numbers for whatever comes, in the order in which it comes.
#[derive(Debug)]
struct Numbering<T>(FxHashMap<T, u32>);

impl<T: std::hash::Hash + Eq> Numbering<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(value).or_insert(next)
    }
}

impl<T> Default for Numbering<T> {
    fn default() -> Self {
        Numbering(FxHashMap::default())
    }
}

impl Atoms {
    /// The atoms of all open records, as `portfolio`, built from the same records, knows their places.
    pub(super) fn of(portfolio: &Portfolio, records: &[RecordVersion]) -> Self {
        let mut making = Making {
            atlas: &portfolio.lexicon.atlas,
            gazetteer: Gazetteer::of(&portfolio.lexicon.atlas),
            known_names: names_by_organisation(records),
            atoms: Atoms::default(),
            sources: Numbering::default(),
            organisations: Numbering::default(),
            schemes: Numbering::default(),
            names: Numbering::default(),
        };
        let mut places: FxHashMap<&ProjectId, usize> = FxHashMap::default();
        let mut groups: Vec<(&ProjectId, Vec<&RecordVersion>)> = Vec::new();
        for record in records.iter().filter(|record| record.state != RecordState::Closed) {
            let Some(atom) = portfolio.redirects.atom(record) else { continue };
            let place = *places.entry(atom).or_insert_with(|| {
                groups.push((atom, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(record);
        }
        for (id, records) in groups {
            making.add(id, &records);
        }
        making.finish()
    }
}

/// The core names that records give to each legal person.
fn names_by_organisation(records: &[RecordVersion]) -> FxHashMap<&OrganisationId, BTreeSet<String>> {
    let mut names: FxHashMap<&OrganisationId, BTreeSet<String>> = FxHashMap::default();
    let mut seen: FxHashSet<(&OrganisationId, &str)> = FxHashSet::default();
    for organisation in records.iter().flat_map(|record| &record.facts.organisations) {
        if seen.insert((&organisation.id, &organisation.name)) {
            names.entry(&organisation.id).or_default().insert(core_name(&organisation.name));
        }
    }
    names
}

struct Making<'a> {
    atlas: &'a Atlas,
    gazetteer: Gazetteer,
    known_names: FxHashMap<&'a OrganisationId, BTreeSet<String>>,
    atoms: Atoms,
    sources: Numbering<&'a SourceId>,
    organisations: Numbering<&'a OrganisationId>,
    schemes: Numbering<&'a DispositifCode>,
    names: Numbering<String>,
}

impl<'a> Making<'a> {
    fn add(&mut self, id: &ProjectId, records: &[&'a RecordVersion]) {
        let mut atom = Atom::named(id.clone());
        let mut stated = StatedPlaces::default();
        // A declaration is of a project that stands already: it tells nothing of which operation it is.
        let records: Vec<&&RecordVersion> = records.iter().filter(|record| record.facts.project.is_some()).collect();
        for record in &records {
            atom.sources.push(self.sources.number(&record.source));
            self.sums(&mut atom, &record.facts);
            if let Some(project) = &record.facts.project {
                stated.add(self.atlas, &project.places);
                self.project(&mut atom, project);
            }
        }
        for record in &records {
            self.title(&mut atom, record.facts.project.as_ref());
        }
        atom.places = stated.close(self.atlas, Box::default());
        atom.quartiers = self.present(&atom.places.quartiers);
        atom.named.quartiers = self.present(&atom.named.quartiers);
        atom.sort();
        self.count(&atom);
        self.atoms.list.push(atom);
    }

    fn project(&mut self, atom: &mut Atom, project: &'a ProjectFacts) {
        if let Some(holder) = &project.holder {
            if holder.kind() != OrganisationKind::Text {
                atom.holders.push(self.organisations.number(holder));
            }
            let names = self.known_names.get(holder).cloned().unwrap_or_default();
            atom.names.extend(names.into_iter().filter(|name| !name.is_empty()).map(|name| self.names.number(name)));
        }
        atom.years.extend(project.year);
        atom.days.extend(project.starts_on.map(|first| (first, project.ends_on)));
        let budget = project.budget.unwrap_or_default();
        let costs = [budget.investissement, budget.fonctionnement, budget.non_precise];
        atom.budgets.extend(costs.into_iter().flatten().map(|cost| cost.get()).filter(|cost| *cost > 0));
        atom.references.extend(project.references.iter().cloned());
        atom.others.extend(project.renews.iter().chain(&project.fund).cloned());
    }

    fn sums(&mut self, atom: &mut Atom, facts: &'a Facts) {
        for statement in &facts.statements {
            atom.sum_years.extend(statement.year);
            let amount = statement.amount.map(|amount| amount.get()).filter(|cents| *cents > 0);
            if let (Some(cents), true) = (amount, statement.form == Form::Subvention) {
                let funder = self.organisations.number(&statement.funder);
                let scheme = statement.dispositif.as_ref().map(|code| self.schemes.number(code));
                atom.sums.push((funder, cents));
                atom.grants.push((funder, scheme));
            }
        }
    }

    /// The title of one record, unless it is only the name of who carries the project.
    fn title(&mut self, atom: &mut Atom, project: Option<&ProjectFacts>) {
        let Some(project) = project else { return };
        let text = normalised(&project.title);
        let known = self.names.0.get(&core_name(&project.title));
        if known.is_some_and(|name| atom.names.contains(name)) {
            return;
        }
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let (named, left) = self.gazetteer.read(&words);
        atom.named.communes.extend(named.communes);
        atom.named.quartiers.extend(named.quartiers);
        let title = Title {
            what: self.atoms.words.telling(&left),
            places: self
                .atoms
                .words
                .telling(&words.iter().filter(|word| !left.contains(word)).copied().collect::<Vec<_>>()),
        };
        if !title.what.is_empty() {
            atom.titles.push(title);
        }
    }

    /// Quartiers under the codes of their successors, where they have any.
    fn present(&self, quartiers: &[QuartierIx]) -> Vec<QuartierIx> {
        let present = |one: &QuartierIx| match &*self.atlas.quartiers[one.get()].successors {
            [] => vec![*one],
            successors => successors.to_vec(),
        };
        quartiers.iter().flat_map(present).collect()
    }

    fn count(&mut self, atom: &Atom) {
        atom.sums.iter().for_each(|sum| *self.atoms.sums.entry(*sum).or_default() += 1);
        atom.budgets.iter().for_each(|cost| *self.atoms.budgets.entry(*cost).or_default() += 1);
        atom.holders.iter().for_each(|holder| *self.atoms.holders.entry(*holder).or_default() += 1);
        for (name, year) in atom.names.iter().flat_map(|name| atom.active().into_iter().map(|year| (*name, year))) {
            let known = atom.sources.iter().map(|source| self.atoms.listed.insert((name, year, *source)));
            if known.fold(false, |again, new| again | !new) {
                self.atoms.crowded.insert((name, year));
            }
        }
    }

    fn finish(self) -> Atoms {
        let by_number: BTreeMap<u32, String> = self.names.0.into_iter().map(|(name, number)| (number, name)).collect();
        Atoms { names: by_number.into_values().map(String::into_boxed_str).collect(), ..self.atoms }
    }
}

impl Atom {
    fn named(id: ProjectId) -> Self {
        Atom {
            id,
            sources: Vec::new(),
            holders: Vec::new(),
            names: Vec::new(),
            titles: Vec::new(),
            places: ProjectPlaces::default(),
            quartiers: Vec::new(),
            named: Named::default(),
            years: Vec::new(),
            days: Vec::new(),
            sum_years: Vec::new(),
            sums: Vec::new(),
            grants: Vec::new(),
            budgets: Vec::new(),
            references: Vec::new(),
            others: Vec::new(),
        }
    }

    fn sort(&mut self) {
        sorted(&mut self.sources);
        sorted(&mut self.holders);
        sorted(&mut self.names);
        sorted(&mut self.titles);
        sorted(&mut self.quartiers);
        sorted(&mut self.named.quartiers);
        sorted(&mut self.named.communes);
        sorted(&mut self.years);
        sorted(&mut self.days);
        sorted(&mut self.sum_years);
        sorted(&mut self.sums);
        sorted(&mut self.grants);
        sorted(&mut self.budgets);
        sorted(&mut self.references);
        sorted(&mut self.others);
    }

    /// The years that it is about: its own, those of its sums, that of its first day.
    pub(super) fn active(&self) -> Vec<u16> {
        use chrono::Datelike;
        let of_days = self.days.iter().filter_map(|(first, _)| u16::try_from(first.year()).ok());
        let mut years: Vec<u16> = self.years.iter().chain(&self.sum_years).copied().chain(of_days).collect();
        sorted(&mut years);
        years
    }

    /// Communes that it is known to lie in, else those that its titles name.
    pub(super) fn communes(&self) -> (&[CommuneIx], bool) {
        if self.places.communes.is_empty() { (&self.named.communes, true) } else { (&self.places.communes, false) }
    }
}

fn sorted<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

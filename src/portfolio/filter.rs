//! Filters of projects and commitments. Values are in the words of the schema; what is in no table matches nothing.

use super::Portfolio;
use super::case::Commitment;
use super::columns::OF_COMMITMENT;
use super::index::{CommitmentIx, OrganisationIx, ProjectIx};
use super::postings::Postings;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::project::ProjectId;
use crate::domain::siren::Siren;
use crate::domain::text::{DispositifCode, SourceId, normalised};
use crate::domain::vocabulary::{Dimension, Family, Form, Nature, Objective, Stage};

/// Where, by code. An empty list does not restrict; a place matches when the project lies in it with certainty,
/// if perhaps elsewhere too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceFilter {
    /// Quartiers.
    pub quartier: Vec<String>,
    /// Contrats de ville.
    pub contrat: Vec<String>,
    /// EPCI, by SIREN.
    pub epci: Vec<String>,
    /// Communes.
    pub commune: Vec<String>,
    /// Départements.
    pub departement: Vec<String>,
}

/// Which commitments. Empty lists and `None` do not restrict; all that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitmentFilter {
    /// Of one project; redirects are followed.
    pub project: Option<String>,
    /// Of projects there.
    pub places: PlaceFilter,
    /// Of projects with one of these objectives.
    pub objective: Vec<Objective>,
    /// Of projects that one of these carries, by identity.
    pub holder: Vec<String>,
    /// Of projects into which one of these funders puts something that is decided, by identity; whoever funds the commitment.
    pub beside: Vec<String>,
    /// Family of credits.
    pub family: Vec<Family>,
    /// Source whose statement has the last word.
    pub source: Vec<String>,
    /// Funder, by identity.
    pub funder: Vec<String>,
    /// Dispositif, by code.
    pub dispositif: Vec<String>,
    /// Nature.
    pub nature: Option<Nature>,
    /// Form.
    pub form: Vec<Form>,
    /// Stage.
    pub stage: Vec<Stage>,
    /// This stage or a later one; REFUSE and ABANDONNE are never later.
    pub stage_at_least: Option<Stage>,
    /// Budget year.
    pub year: Vec<u16>,
    /// Known amounts from here.
    pub amount_min: Option<Cents>,
    /// Known amounts up to here.
    pub amount_max: Option<Cents>,
}

/// Which projects. Empty lists do not restrict; all that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectFilter {
    /// Words that titles and references of the project hold, all of them, without regard to case and accents.
    pub search: Option<String>,
    /// There.
    pub places: PlaceFilter,
    /// With one of these objectives.
    pub objective: Vec<Objective>,
    /// Carried by one of these, by identity.
    pub holder: Vec<String>,
    /// With one commitment of these families, funders and dispositifs at once.
    pub family: Vec<Family>,
    /// See `family`.
    pub funder: Vec<String>,
    /// See `family`.
    pub dispositif: Vec<String>,
    /// Its own year, or that of such a commitment.
    pub year: Vec<u16>,
}

/// Codes that pass, by dimension of the commitment; `None` does not restrict.
pub(crate) struct Sieve {
    allowed: [Option<Vec<bool>>; OF_COMMITMENT.len()],
    projects: Option<Vec<bool>>,
    amount_min: i64,
    amount_max: i64,
    by_amount: bool,
    decided: bool,
}

impl Sieve {
    pub(crate) fn project(&self, project: usize) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects[project])
    }

    /// For each project: may its commitments pass? `None` does not restrict.
    pub(crate) fn projects(&self) -> Option<&[bool]> {
        self.projects.as_deref()
    }

    /// Restricts stages to those decided. What has no stage passes all the same: see [`Sieve::is_decided_only`].
    pub(crate) fn decided_only(&mut self) {
        let mut allowed = stages(|stage| stage.is_decided());
        allowed[0] = true;
        self.allowed[6] = Some(allowed);
        self.decided = true;
    }

    /// Is only what is decided to count? What passes without a stage is then weighed by `Flags::decided`.
    pub(crate) fn is_decided_only(&self) -> bool {
        self.decided
    }

    /// The columns that restrict, with their codes that pass.
    pub(crate) fn restrictions(&self) -> Vec<(usize, &[bool])> {
        let all = self.allowed.iter().enumerate();
        all.filter_map(|(column, allowed)| allowed.as_deref().map(|allowed| (column, allowed))).collect()
    }

    /// Does it look at amounts?
    pub(crate) fn by_amount(&self) -> bool {
        self.by_amount
    }

    /// Does an amount pass? `None` is unknown.
    pub(crate) fn amount(&self, cents: Option<i64>) -> bool {
        !self.by_amount || cents.is_some_and(|cents| (self.amount_min..=self.amount_max).contains(&cents))
    }
}

fn stages(wanted: impl Fn(Stage) -> bool) -> Vec<bool> {
    std::iter::once(false).chain(Stage::ALL.iter().map(|stage| wanted(*stage))).collect()
}

/// A bit per code, set for the values at `positions`.
fn codes(cardinality: usize, positions: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut allowed = vec![false; cardinality];
    for position in positions {
        if let Some(bit) = allowed.get_mut(position + 1) {
            *bit = true;
        }
    }
    allowed
}

impl Portfolio {
    /// The commitments that pass, in order of project.
    pub fn commitments_where(&self, filter: &CommitmentFilter) -> Vec<CommitmentIx> {
        let sieve = self.sieve(filter);
        let restrictions = sieve.restrictions();
        let mut found = Vec::new();
        for project in 0..self.cases.len() {
            if !sieve.project(project) {
                continue;
            }
            for at in self.columns.starts[project] as usize..self.columns.starts[project + 1] as usize {
                let known = self.columns.flags[at].known().then_some(self.columns.cents[at]);
                let passes = restrictions
                    .iter()
                    .all(|(column, allowed)| allowed[self.columns.by_commitment[*column].get(at) as usize]);
                if passes && sieve.amount(known) {
                    found.push(CommitmentIx::at(at));
                }
            }
        }
        found
    }

    /// The projects that pass, in order.
    pub fn projects_where(&self, filter: &ProjectFilter) -> Vec<ProjectIx> {
        let by_commitment = CommitmentFilter {
            family: filter.family.clone(),
            funder: filter.funder.clone(),
            dispositif: filter.dispositif.clone(),
            places: filter.places.clone(),
            objective: filter.objective.clone(),
            holder: filter.holder.clone(),
            ..CommitmentFilter::default()
        };
        let sieve = self.sieve(&by_commitment);
        let restrictions = sieve.restrictions();
        let words: Vec<String> = filter
            .search
            .iter()
            .flat_map(|text| normalised(text).split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let passes = |project: &usize| {
            let case = &self.cases[*project];
            let some_commitment = |year_too: bool| {
                (self.columns.starts[*project] as usize..self.columns.starts[*project + 1] as usize).any(|at| {
                    restrictions
                        .iter()
                        .all(|(column, allowed)| allowed[self.columns.by_commitment[*column].get(at) as usize])
                        && (!year_too
                            || self
                                .commitment(CommitmentIx::at(at))
                                .1
                                .year
                                .is_some_and(|year| filter.year.contains(&year)))
                })
            };
            let own_year = filter.year.is_empty() || case.year.is_some_and(|year| filter.year.contains(&year));
            sieve.project(*project)
                && words.iter().all(|word| case.sought.contains(word.as_str()))
                && (own_year && restrictions.is_empty() || some_commitment(!own_year))
        };
        (0..self.cases.len()).filter(passes).map(ProjectIx::at).collect()
    }

    pub(crate) fn sieve(&self, filter: &CommitmentFilter) -> Sieve {
        let mut allowed: [Option<Vec<bool>>; OF_COMMITMENT.len()] = std::array::from_fn(|_| None);
        let mut restrict = |column: usize, given: bool, positions: Vec<usize>| {
            if given {
                let cardinality = self.columns.cardinality(OF_COMMITMENT[column]);
                allowed[column] = Some(codes(cardinality, positions.into_iter()));
            }
        };
        let lexicon = &self.lexicon;
        restrict(0, !filter.family.is_empty(), filter.family.iter().map(|one| *one as usize).collect());
        let source = |id: &String| lexicon.sources.get_index_of(&SourceId::parse(id).ok()?);
        restrict(1, !filter.source.is_empty(), filter.source.iter().filter_map(source).collect());
        let funder = |id: &String| self.organisation_by_id(id).map(OrganisationIx::get);
        restrict(2, !filter.funder.is_empty(), filter.funder.iter().filter_map(funder).collect());
        let dispositif = |code: &String| lexicon.atlas.dispositifs.get_index_of(&DispositifCode::parse(code).ok()?);
        restrict(3, !filter.dispositif.is_empty(), filter.dispositif.iter().filter_map(dispositif).collect());
        restrict(4, filter.nature.is_some(), filter.nature.iter().map(|one| *one as usize).collect());
        restrict(5, !filter.form.is_empty(), filter.form.iter().map(|one| *one as usize).collect());
        let year = |year: &u16| self.columns.years.binary_search(year).ok();
        restrict(7, !filter.year.is_empty(), filter.year.iter().filter_map(year).collect());
        if !filter.stage.is_empty() || filter.stage_at_least.is_some() {
            allowed[6] = Some(stages(|stage| {
                (filter.stage.is_empty() || filter.stage.contains(&stage))
                    && filter.stage_at_least.is_none_or(|floor| stage.at_least(floor))
            }));
        }
        Sieve {
            allowed,
            projects: self.project_sieve(filter),
            amount_min: filter.amount_min.map_or(i64::MIN, Cents::get),
            amount_max: filter.amount_max.map_or(i64::MAX, Cents::get),
            by_amount: filter.amount_min.is_some() || filter.amount_max.is_some(),
            decided: false,
        }
    }

    fn project_sieve(&self, filter: &CommitmentFilter) -> Option<Vec<bool>> {
        let mut sieve: Option<Vec<bool>> = None;
        let mut keep = |projects: Vec<ProjectIx>| {
            let mut passes = vec![false; self.cases.len()];
            for project in projects {
                passes[project.get()] = sieve.as_ref().is_none_or(|before| before[project.get()]);
            }
            sieve = Some(passes);
        };
        if let Some(project) = &filter.project {
            let found = ProjectId::parse(project).ok().and_then(|id| self.project_by_id(&id));
            keep(found.into_iter().collect());
        }
        let atlas = &self.lexicon.atlas;
        let quartier = |code: &str| atlas.quartiers.get_index_of(&QuartierCode::parse(code).ok()?);
        let contrat = |code: &str| atlas.contrats.get_index_of(&ContratCode::parse(code).ok()?);
        let epci = |code: &str| atlas.epcis.get_index_of(&Siren::parse(code).ok()?);
        let commune = |code: &str| atlas.communes.get_index_of(&CommuneCode::parse(code).ok()?);
        let departement = |code: &str| atlas.departements.get_index_of(&DepartementCode::parse(code).ok()?);
        type Find<'a> = &'a dyn Fn(&str) -> Option<usize>;
        let places: [(&[String], &Postings, Find<'_>); 5] = [
            (&filter.places.quartier, &self.whereabouts.quartiers, &quartier),
            (&filter.places.contrat, &self.whereabouts.contrats, &contrat),
            (&filter.places.epci, &self.whereabouts.epcis, &epci),
            (&filter.places.commune, &self.whereabouts.communes, &commune),
            (&filter.places.departement, &self.whereabouts.departements, &departement),
        ];
        for (codes, postings, find) in places {
            if !codes.is_empty() {
                let found = codes.iter().filter_map(|code| find(code));
                keep(found.flat_map(|key| postings.get(key).iter().copied()).collect());
            }
        }
        if !filter.objective.is_empty() {
            let has =
                |at: &usize| self.cases[*at].objectives.iter().any(|objective| filter.objective.contains(objective));
            keep((0..self.cases.len()).filter(has).map(ProjectIx::at).collect());
        }
        if !filter.holder.is_empty() {
            let holders: Vec<OrganisationIx> =
                filter.holder.iter().filter_map(|id| self.organisation_by_id(id)).collect();
            let carried = |at: &usize| self.cases[*at].holder.is_some_and(|holder| holders.contains(&holder));
            keep((0..self.cases.len()).filter(carried).map(ProjectIx::at).collect());
        }
        if !filter.beside.is_empty() {
            let funders: Vec<OrganisationIx> =
                filter.beside.iter().filter_map(|id| self.organisation_by_id(id)).collect();
            let puts = |one: &Commitment| {
                funders.contains(&one.funder) && one.counts() && one.stage.is_some_and(Stage::is_decided)
            };
            let funded = |at: &usize| self.cases[*at].commitments.iter().any(puts);
            keep((0..self.cases.len()).filter(funded).map(ProjectIx::at).collect());
        }
        sieve
    }

    /// The organisation of an identity as written (`siren:…`, `siret:…`, `eu:…`); a SIREN may stand for itself.
    pub fn organisation_by_id(&self, id: &str) -> Option<OrganisationIx> {
        let id = OrganisationId::parse(id).ok().or_else(|| id.parse::<Siren>().ok().map(OrganisationId::from))?;
        self.organisation_of(&id)
    }
}

/// Is it one of those that the commitment has from its project?
pub(crate) fn is_of_project(dimension: Dimension) -> bool {
    !OF_COMMITMENT.contains(&dimension)
}

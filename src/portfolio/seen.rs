//! A portfolio as somebody may see it: some projects whole, some only as far as they are public, some not at all. Sums,
//! lists, names and indexes are made anew from what is left, so that nothing of the rest shows through them.

use super::abridged::abridged;
use super::case::ProjectCase;
use super::index::{ContratIx, OrganisationIx};
use super::{Portfolio, ProjectIx};
use crate::domain::clearance::Clearance;
use crate::domain::governance::Act;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use std::sync::Arc;

/// What may be seen of one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everything.
    Whole,
    /// What is public of it.
    Abridged,
    /// Not even that it is there.
    Nothing,
}

/// A clearance in the positions of one portfolio.
struct Keys {
    bodies: Vec<OrganisationIx>,
    contrats: Vec<ContratIx>,
}

impl Portfolio {
    /// What may be seen of a project with a clearance.
    pub fn sight(&self, project: ProjectIx, clearance: &Clearance) -> Sight {
        let Some(keys) = self.keys(clearance) else { return Sight::Whole };
        let case = &self.cases[project.get()];
        match () {
            () if self.opens(case, &keys) => Sight::Whole,
            () if abridged(&self.lexicon, case).is_some() => Sight::Abridged,
            () => Sight::Nothing,
        }
    }

    /// May everything that happens in a contract be seen with a clearance?
    pub fn opens_contrat(&self, contrat: ContratIx, clearance: &Clearance) -> bool {
        self.keys(clearance).is_none_or(|keys| keys.contrats.contains(&contrat))
    }

    /// Is this project shown only as far as it is public?
    pub fn is_abridged(&self, project: ProjectIx) -> bool {
        self.project(project).abridged
    }

    /// This portfolio as it is seen with a clearance; `None` where it is seen as it is. Who may see what is told by `today`,
    /// whatever version this one is of.
    pub fn seen(&self, clearance: &Clearance, today: &Portfolio) -> Option<Portfolio> {
        let (now, then) = (today.keys(clearance)?, self.keys(clearance)?);
        let is_whole = |case: &ProjectCase| match today.project_by_id(&case.id) {
            Some(project) => today.opens(&today.cases[project.get()], &now),
            None => self.opens(case, &then),
        };
        let seen = |case: &Arc<ProjectCase>| match is_whole(case) {
            true => Some(Arc::clone(case)),
            false => abridged(&self.lexicon, case),
        };
        let cases: Vec<Arc<ProjectCase>> = self.cases.iter().filter_map(seen).collect();
        let whole = |id: &_| {
            let at = cases.binary_search_by(|case| case.id.cmp(id));
            at.is_ok_and(|at| !cases[at].abridged)
        };
        let acts = self.acts.of_projects(whole);
        Some(self.with_cases(acts, cases))
    }

    /// The positions of a clearance here; `None`: it opens everything.
    fn keys(&self, clearance: &Clearance) -> Option<Keys> {
        let Clearance::Part { bodies, contrats } = clearance else { return None };
        let bodies: Vec<OrganisationIx> = bodies.iter().filter_map(|id| self.organisation_of(id)).collect();
        let named = |code: &ContratCode| contrats.contains(code);
        let signs = |organisation: &OrganisationIx| bodies.contains(organisation);
        let entries = self.lexicon.atlas.contrats.values().enumerate();
        let opened = entries.filter(|(_, contrat)| {
            let epcis = contrat.epcis.iter().map(|epci| self.lexicon.atlas.epcis[epci.get()].organisation);
            named(&contrat.code) || contrat.pilot.iter().any(signs) || epcis.into_iter().any(|one| signs(&one))
        });
        let contrats = opened.map(|(at, _)| ContratIx::at(at)).collect();
        Some(Keys { bodies, contrats })
    }

    /// Is a project in one of the contracts, or held or funded by one of the bodies? What a body declares of itself opens
    /// nothing to it; that the pilot or the Région admits it does.
    fn opens(&self, case: &ProjectCase, keys: &Keys) -> bool {
        let is_body = |organisation: &OrganisationIx| keys.bodies.contains(organisation);
        let by_others = |record: u32| !self.is_of_declarations(case.records[record as usize].source);
        case.places.contrats.iter().any(|contrat| keys.contrats.contains(contrat))
            || case.holder.iter().any(is_body)
            || case.statements.iter().any(|one| is_body(&one.funder) && by_others(one.record))
            || (!keys.bodies.is_empty() && self.admits_one(case, keys))
    }

    fn admits_one(&self, case: &ProjectCase, keys: &Keys) -> bool {
        let is_body = |id: &OrganisationId| keys.bodies.iter().any(|body| self.identity(*body) == id);
        let mut acts = self.acts.about(&case.id);
        acts.any(|entry| matches!(&entry.act, Act::Admitted { funder, .. } if is_body(funder)))
    }
}

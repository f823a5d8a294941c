//! What an act asks of a project before it decides.

use super::Portfolio;
use super::case::{Commitment, ProjectCase, Statement};
use super::index::{ContratIx, OrganisationIx, ProjectIx, SourceIx};
use super::plan_version::{PlanKey, version};
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActEntry, PlanContent, PlanVersion, SharedPlan};
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::source::Standing;
use std::collections::BTreeMap;

/// The version of a plan of nothing.
pub fn version_of_no_plan(key: PlanKey<'_>) -> PlanVersion {
    version(&PlanContent::default(), key)
}

impl Portfolio {
    /// Every statement of a project, those that a funder puts nothing too.
    pub fn statements_of(&self, project: ProjectIx) -> &[Statement] {
        &self.project(project).statements
    }

    /// The reference of the grant that a statement is about.
    pub fn grant_reference(&self, statement: &Statement) -> Option<&str> {
        statement.reference.map(|reference| &*self.lexicon.texts[reference.get()])
    }

    /// The version of a project's plan.
    pub fn plan_version(&self, project: ProjectIx, key: PlanKey<'_>) -> PlanVersion {
        version(&self.plan_content(project), key)
    }

    /// Acts that name a version of a plan which was made under another key: those of a workroom that was lost, or of another gateway.
    pub fn acts_under_another_key(&self, key: PlanKey<'_>) -> usize {
        let is_other = |plan: &PlanVersion, content: &PlanContent| version(content, key) != *plan;
        let is_other_list = |plans: &[SharedPlan]| {
            plans.iter().any(|one| one.content.as_ref().is_some_and(|content| is_other(&one.plan, content)))
        };
        let others = self.acts.all().iter().filter(|entry| match &entry.act {
            Act::Acknowledged { plan, content, .. } | Act::Attested { plan, content: Some(content), .. } => {
                is_other(plan, content)
            }
            Act::Minutes { plans, .. } | Act::SmallGrants { plans, .. } => is_other_list(plans),
            _ => false,
        });
        others.count()
    }

    /// The signed texts of all attestations.
    pub fn signed_texts(&self) -> impl Iterator<Item = &str> {
        self.acts.all().iter().filter_map(|entry| match &entry.act {
            Act::Attested { jws, .. } => Some(&**jws),
            _ => None,
        })
    }

    /// Attestations of projects of which no record is left, the last of each: the project and the act.
    pub fn attested_and_gone(&self) -> Vec<(&ProjectId, &ActEntry)> {
        let attested = |entry: &&ActEntry| matches!(entry.act, Act::Attested { .. });
        let mut last: BTreeMap<&ProjectId, &ActEntry> = BTreeMap::new();
        for entry in self.acts.all().iter().filter(attested) {
            last.extend(entry.act.projects().into_iter().map(|project| (self.resolve(project), entry)));
        }
        last.into_iter().filter(|(project, _)| self.project_by_id(project).is_none()).collect()
    }

    /// Does this source hold what funders declare through the gateway itself?
    pub fn is_of_declarations(&self, source: SourceIx) -> bool {
        self.source(source).profile.standing == Standing::Declarations
    }

    /// Is this body named on a project by anybody but itself through a declaration: as its holder, by a record of any
    /// other source, or because it was admitted?
    pub fn is_named_on(&self, project: ProjectIx, body: &OrganisationId) -> bool {
        let case = self.project(project);
        let is_body = |organisation: OrganisationIx| self.organisation(organisation).id == body;
        let admitted = |entry: &ActEntry| matches!(&entry.act, Act::Admitted { funder, .. } if funder == body);
        let by_others = |statement: &Statement| !self.is_of_declarations(case.record(statement).source);
        case.holder.is_some_and(is_body)
            || self.statements_of(project).iter().any(|one| is_body(one.funder) && by_others(one))
            || self.acts_about(project).any(admitted)
    }

    /// Does this body pilot the contract?
    pub fn pilots(&self, body: &OrganisationId, contrat: ContratIx) -> bool {
        self.contrat(contrat).pilot.is_some_and(|pilot| self.organisation(pilot).id == body)
    }

    /// The acts of bodies that one append made, taken back since or not.
    pub fn acts_of_version(&self, version: LedgerVersion) -> impl Iterator<Item = &ActEntry> {
        self.acts.all().iter().filter(move |entry| entry.version == version)
    }
}

impl ProjectCase {
    /// The statement that has the last word on a commitment of this project.
    pub fn deciding(&self, commitment: &Commitment) -> &Statement {
        &self.statements[commitment.deciding as usize]
    }
}

//! A project that nobody filed yet, consolidated as a real one would be, on a picture of that one project.

use super::Portfolio;
use super::consolidate::{Told, consolidate};
use super::index::{DispositifIx, OrganisationIx};
use super::parts::Parts;
use super::peoples_word::PeoplesWord;
use crate::domain::chain::Digest;
use crate::domain::facts::{Facts, ProjectFacts, StatementFacts};
use crate::domain::place::DepartementCode;
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{RecordKey, SourceId};
use std::sync::Arc;

/// The source of a project that is only imagined: it speaks for nobody.
const SOURCE: &str = "orientation";

impl Portfolio {
    /// A picture of a project that would be filed like this. Never written anywhere.
    pub fn imagining(&self, project: ProjectFacts, statements: Vec<StatementFacts>) -> Portfolio {
        let mut lexicon = self.lexicon.clone();
        let id = ProjectId::from_bytes([0; 8]);
        let record = RecordVersion {
            source: SourceId::parse(SOURCE).expect("a sound identifier"),
            key: RecordKey::parse(SOURCE).expect("a sound key"),
            partition: Box::default(),
            project: Some(id.clone()),
            version: self.head.version,
            observed_at: self.head.at,
            good_at: self.head.at,
            first_seen: self.head.at,
            state: RecordState::Open,
            hash: Digest::of(b""),
            facts: Facts { project: Some(project), statements, ..Facts::default() },
        };
        let told = Told { records: &[&record], parts: &Parts::default() };
        let case = consolidate(&mut lexicon, &id, &told, &PeoplesWord::default());
        self.of_one(lexicon, Arc::new(case.expect("a project with a record")))
    }

    /// The funders that are known to speak of a funding scheme in one of these départements, by the sources that speak for them;
    /// anywhere, where no département is told.
    pub fn funders_under(&self, dispositif: DispositifIx, departements: &[DepartementCode]) -> Vec<OrganisationIx> {
        let code = &self.dispositif(dispositif).code;
        let scopes = self.lexicon.sources.values().flat_map(|image| &image.profile.speaks_for);
        let there = |listed: &[DepartementCode]| {
            listed.is_empty() || departements.is_empty() || listed.iter().any(|one| departements.contains(one))
        };
        let concerned = scopes.filter(|scope| scope.dispositifs.contains(code) && there(&scope.departements));
        let mut funders: Vec<OrganisationIx> =
            concerned.filter_map(|scope| self.organisation_of(&scope.funder)).collect();
        funders.sort_unstable();
        funders.dedup();
        funders
    }
}

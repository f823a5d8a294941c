//! What makes records one project, and what might, in the schema.

use super::Project;
use crate::domain::act;
use crate::domain::project::ProjectId;
use crate::view::{self, LinkedBy};
use async_graphql::{Enum, ID, Object, SimpleObject};

/// One comparison and what it speaks for.
#[derive(SimpleObject)]
pub struct MatchTerm {
    /// What was compared: holder, title, place, time, sums, budget; prior for what is expected before.
    name: String,
    /// How it came out: same-quartier, contradicted, unstated…
    level: String,
    /// In bits (logarithm to the base of two of the odds); above zero speaks for one project.
    weight: f64,
}

/// The terms of a score, in bits.
fn terms(score: &act::Score) -> Vec<MatchTerm> {
    let term = |term: &act::Term| MatchTerm {
        name: term.name.to_string(),
        level: term.level.to_string(),
        weight: bits(term.weight),
    };
    score.terms.iter().map(term).collect()
}

fn bits(thousandths: i32) -> f64 {
    f64::from(thousandths) / 1_000.0
}

/// A handle on a project that may be one with another.
pub struct MatchCandidate(pub view::Candidate);

/// A project that may be one with the project asked about: too likely to pass over, not certain enough to link without a
/// person.
#[Object]
impl MatchCandidate {
    /// The other project.
    async fn project(&self) -> Project {
        Project(self.0.project())
    }

    /// The sum of the terms, in bits: the logarithm to the base of two of the odds that the two are one project, by weights
    /// that were estimated offline.
    async fn score(&self) -> f64 {
        bits(self.0.score().total)
    }

    /// What the score is the sum of.
    async fn terms(&self) -> Vec<MatchTerm> {
        terms(self.0.score())
    }

    /// The edition of the weights.
    async fn weights(&self) -> &str {
        &self.0.score().weights
    }
}

/// A handle on two projects that may be one.
pub struct MatchProposal(pub view::Proposed);

/// Two projects that may be one: too likely to pass over, not certain enough to link without a person. Decided by linkProjects or
/// keepApart.
#[Object]
impl MatchProposal {
    /// Both projects, the older first.
    async fn projects(&self) -> Vec<Project> {
        self.0.projects.iter().cloned().map(Project).collect()
    }

    /// The sum of the terms, in bits.
    async fn score(&self) -> f64 {
        bits(self.0.score.total)
    }

    /// What the score is the sum of.
    async fn terms(&self) -> Vec<MatchTerm> {
        terms(&self.0.score)
    }

    /// The edition of the weights.
    async fn weights(&self) -> &str {
        &self.0.score.weights
    }
}

/// Who joined two projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum LinkAuthor {
    /// The matcher, by a score.
    Matcher,
    /// A person, for a reason.
    Person,
}

/// What made two projects one, beyond references that their records share.
#[derive(SimpleObject)]
pub struct ProjectLink {
    /// The identifier that gave way: it leads here as long as the link stands.
    from: ID,
    /// The identifier that it was joined to.
    to: ID,
    /// Who joined them.
    by: LinkAuthor,
    /// The person's reason; null for the matcher.
    reason: Option<String>,
    /// The matcher's score, in bits; null for a person.
    score: Option<f64>,
    /// The terms of the score; empty for a person.
    terms: Vec<MatchTerm>,
}

impl ProjectLink {
    /// The link as the schema shows it.
    pub fn of(from: &ProjectId, to: &ProjectId, by: &LinkedBy) -> Self {
        let (from, to) = (ID(from.to_string()), ID(to.to_string()));
        match by {
            LinkedBy::Matcher(score) => {
                let (score, terms) = (Some(bits(score.total)), terms(score));
                ProjectLink { from, to, by: LinkAuthor::Matcher, reason: None, score, terms }
            }
            LinkedBy::Person(reason) => {
                let reason = Some(reason.clone());
                ProjectLink { from, to, by: LinkAuthor::Person, reason, score: None, terms: Vec::new() }
            }
        }
    }
}

//! A verdict that is no longer what it was, in the schema.

use super::{Organisation, Project, Source, int};
use crate::graphql::scalar::DateTime;
use crate::graphql::vocabulary::{Knowledge, Language, Nature, VerdictReasonKind};
use crate::view;
use async_graphql::{Object, SimpleObject};

/// The verdict of a check, in short.
#[derive(SimpleObject)]
pub struct Verdict {
    /// May the Region vote?
    ready: bool,
    /// Are all means known and shared?
    knowledge: Knowledge,
    /// The version of the plan.
    plan_version: String,
}

impl From<view::Verdict> for Verdict {
    fn from(verdict: view::Verdict) -> Self {
        let view::Verdict { ready, knowledge, plan } = verdict;
        Verdict { ready, knowledge: knowledge.into(), plan_version: plan.to_string() }
    }
}

/// A change of a verdict.
pub struct VerdictChange(pub view::VerdictChange);

/// The check of a project no longer says what it said.
#[Object]
impl VerdictChange {
    /// The project, at the version and the instant of the check.
    async fn project(&self) -> Project {
        Project(self.0.project.clone())
    }

    /// What it said.
    async fn before(&self) -> Verdict {
        self.0.before.clone().into()
    }

    /// What it says.
    async fn after(&self) -> Verdict {
        self.0.after.clone().into()
    }

    /// It was attested, and no longer says what was attested.
    async fn attested(&self) -> bool {
        self.0.attested
    }

    /// What changed, from whom, since when.
    async fn changed(&self) -> Vec<VerdictReason> {
        self.0.reasons.iter().cloned().map(VerdictReason).collect()
    }

    /// The version of the ledger that was checked.
    async fn version(&self) -> i32 {
        int(self.0.head.version.0)
    }

    /// The instant of the check.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}

/// A reason.
pub struct VerdictReason(pub view::VerdictReason);

/// What changed between two checks of a project.
#[Object]
impl VerdictReason {
    /// What kind of change it is.
    async fn kind(&self) -> VerdictReasonKind {
        self.0.kind().into()
    }

    /// From whom; null: from no single funder.
    async fn funder(&self) -> Option<Organisation> {
        self.0.funder().map(Organisation)
    }

    /// Section of the budget, where it is about a line.
    async fn nature(&self) -> Option<Nature> {
        self.0.nature().map(Into::into)
    }

    /// The code of the rule, where it is about one.
    async fn rule(&self) -> Option<&str> {
        self.0.rule()
    }

    /// The source whose word, or whose silence, makes it; null where none does alone, or that is not known for certain.
    async fn source(&self) -> Option<Source> {
        self.0.source().map(Source)
    }

    /// Since when it is so without a break: since a word was read or said, or since a reading grew too old. null: that is not known for
    /// certain. What comes of a rule has an instant where one thing alone changed between the two checks.
    async fn since(&self) -> Option<DateTime> {
        self.0.since().map(DateTime)
    }

    /// One sentence.
    async fn message(
        &self,
        #[graphql(desc = "Language of the sentence.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.message().text(lang.unwrap_or(Language::Fr).into())
    }
}

//! The co-financing check in the schema.

use super::{Record, Statement};
use crate::graphql::scalar::DateTime;
use crate::graphql::vocabulary::{Knowledge, Language, Severity};
use crate::view;
use async_graphql::{Enum, Object};

/// A handle on a check.
pub struct Check(pub view::Check);

/// One answer before funding: are all means of a project, by every partner, in investment and in operation, known and
/// shared? Never surer than the facts: what is not known is never taken for met.
#[Object]
impl Check {
    /// May the Region vote? Only when knowledge is KNOWN_AND_SHARED and no finding blocks.
    async fn ready(&self) -> bool {
        self.0.is_ready()
    }

    /// The first that applies of UNVERIFIABLE, INCOMPLETE, KNOWN_NOT_SHARED, KNOWN_AND_SHARED.
    async fn knowledge(&self) -> Knowledge {
        self.0.knowledge().into()
    }

    /// Rules that are broken, or of which a fact is missing: the gravest first.
    async fn findings(&self) -> Vec<Finding> {
        self.0.findings().into_iter().map(Finding).collect()
    }

    /// What came of every rule that concerns the project, met ones too, in the order of the rulebook.
    async fn rules(&self) -> Vec<RuleOutcome> {
        self.0.outcomes().into_iter().map(RuleOutcome).collect()
    }

    /// How the verdict came about, cell by cell and rule by rule, fit to be read aloud in a committee. Plain text, one line for
    /// each thing.
    async fn explain(
        &self,
        #[graphql(desc = "Language of the account.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> String {
        self.0.explain(lang.unwrap_or(Language::Fr).into())
    }

    /// It says what would be under the assumptions that were asked, rather than what is.
    async fn assumed(&self) -> bool {
        self.0.is_assumed()
    }

    /// The version of the plan that was checked: what partners acknowledge.
    async fn plan_version(&self) -> String {
        self.0.plan_version()
    }

    /// When the first of the readings that the verdict rests on grows too old; null when it rests on none.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.valid_until().map(DateTime)
    }

    /// What names the state of the rules that were held against the project.
    async fn rulebook(&self) -> &str {
        self.0.rulebook()
    }

    /// The version of the ledger that was checked.
    async fn ledger_version(&self) -> i32 {
        super::int(self.0.ledger_version().0)
    }

    /// The instant at which ages were measured and rules held.
    async fn checked_at(&self) -> DateTime {
        DateTime(self.0.checked_at())
    }
}

/// What comes of a rule.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "view::RuleVerdict")]
pub enum RuleVerdict {
    /// What it asks is so.
    Met,
    /// What it asks is not so.
    Broken,
    /// A fact is missing: never taken for met.
    Unknown,
    /// Broken or unknown, and lifted by an act that stands in the ledger.
    Lifted,
}

/// What came of a rule.
pub struct RuleOutcome(view::RuleOutcome);

/// What came of one rule on one project.
#[Object]
impl RuleOutcome {
    /// The code of the rule.
    async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// What it asks, in a few words.
    async fn title(
        &self,
        #[graphql(desc = "Language of the title.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.title.text(lang.unwrap_or(Language::Fr).into())
    }

    /// What came of it.
    async fn verdict(&self) -> RuleVerdict {
        self.0.verdict.into()
    }
}

/// A handle on a finding.
pub struct Finding(view::Finding);

/// A rule that is broken, or of which a fact is missing.
#[Object]
impl Finding {
    /// The code of the rule.
    async fn rule(&self) -> &str {
        self.0.rule()
    }

    /// What it means for the vote; a missing fact is a warning at most.
    async fn severity(&self) -> Severity {
        self.0.severity().into()
    }

    /// A fact is missing; else the rule is broken.
    async fn unknown(&self) -> bool {
        self.0.is_unknown()
    }

    /// One sentence: who, what, how much, what to do.
    async fn message(
        &self,
        #[graphql(desc = "Language of the sentence.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> String {
        self.0.message(lang.unwrap_or(Language::Fr).into())
    }

    /// The text that the rule comes from; null where it is the gateway's own.
    async fn legal_source(&self) -> Option<&str> {
        self.0.legal_source()
    }

    /// What a lawyer must confirm before money is decided on this rule; null where nothing is.
    async fn to_confirm(&self) -> Option<&str> {
        self.0.to_confirm()
    }

    /// The records behind it.
    async fn evidence(&self) -> Vec<Record> {
        self.0.evidence().map(Record).collect()
    }

    /// The statements behind it.
    async fn statements(&self) -> Vec<Statement> {
        self.0.statements().map(Statement).collect()
    }
}

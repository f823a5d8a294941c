//! The co-financing check of a project, as it stands at the instant of the reader.

use super::ViewError;
use super::plan::Examined;
use super::project::{Project, Statement};
use super::record::Record;
use crate::check::{self, Verdict};
use crate::domain::Instant;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::message::Message;
use crate::domain::vocabulary::{Knowledge, Language, Severity};
use std::sync::Arc;

/// The check of a project.
#[derive(Clone)]
pub struct Check {
    project: Project,
    examined: Examined,
    check: Arc<check::Check>,
    assumed: bool,
}

impl Check {
    pub(super) fn of(project: &Project, max_age_s: Option<u64>) -> Result<Self, ViewError> {
        Ok(Check::made(project, Examined::of(project, max_age_s)?, false))
    }

    /// The check of a picture of what is assumed of a real project, as `real` has it.
    pub(super) fn assuming(picture: &Project, max_age_s: Option<u64>, real: &Check) -> Result<Self, ViewError> {
        let examined = Examined::of(picture, max_age_s)?.undecided_like(&real.examined);
        Ok(Check::made(picture, examined, true))
    }

    fn made(project: &Project, examined: Examined, assumed: bool) -> Self {
        let check = Arc::new(examined.check());
        Check { project: project.clone(), examined, check, assumed }
    }

    pub(super) fn examined(&self) -> &Examined {
        &self.examined
    }

    pub(super) fn checked(&self) -> &check::Check {
        &self.check
    }

    pub(super) fn project(&self) -> &Project {
        &self.project
    }

    /// Does it say what would be, rather than what is?
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// May the Region vote?
    pub fn is_ready(&self) -> bool {
        self.check.ready
    }

    /// Are all means known and shared?
    pub fn knowledge(&self) -> Knowledge {
        self.check.knowledge
    }

    /// The version of the plan that was checked. Of one that is only assumed another name: by that of a plan, whoever may assume
    /// could try which sum is kept from them.
    pub fn plan_version(&self) -> String {
        let version = self.examined.plan_version();
        if !self.assumed {
            return version.to_owned();
        }
        Digest::of(format!("assumed {} {version}", self.examined.reader.assumption_salt()).as_bytes()).to_string()
    }

    /// When the first of the readings that it rests on grows too old.
    pub fn valid_until(&self) -> Option<Instant> {
        self.check.valid_until
    }

    /// The ledger version that was checked.
    pub fn ledger_version(&self) -> LedgerVersion {
        self.examined.reader.head().version
    }

    /// The instant of ages and rules.
    pub fn checked_at(&self) -> Instant {
        self.examined.reader.now()
    }

    /// What names the state of the rules.
    pub fn rulebook(&self) -> &'static str {
        &self.examined.reader.rulebook().edition
    }

    /// What a committee has to look at, the gravest first.
    pub fn findings(&self) -> Vec<Finding> {
        let case = self.examined.case();
        let day = case.today();
        let mut findings = Vec::new();
        for finding in self.check.findings(&case) {
            findings.push(Finding {
                check: self.clone(),
                sheet: self
                    .examined
                    .reader
                    .rulebook()
                    .sheet(&finding.sheet.code, day)
                    .expect("a finding is of its rulebook"),
                outcome: finding.outcome.clone(),
            });
        }
        findings
    }

    /// What came of every rule that concerns the project.
    pub fn outcomes(&self) -> Vec<RuleOutcome> {
        let case = self.examined.case();
        let outcomes = self.check.outcomes(&case).map(|one| RuleOutcome {
            rule: one.sheet.code.as_str().to_owned(),
            title: one.sheet.title.clone(),
            verdict: match one.outcome.verdict {
                Verdict::Met => RuleVerdict::Met,
                Verdict::Broken => RuleVerdict::Broken,
                Verdict::Unknown => RuleVerdict::Unknown,
                Verdict::Lifted { .. } => RuleVerdict::Lifted,
            },
        });
        outcomes.collect()
    }

    /// The account of how the verdict came about, to be read aloud.
    pub fn explain(&self, language: Language) -> String {
        let account = check::explain(&self.examined.case(), &self.check, language);
        let supposed = match language {
            Language::Fr => "Hypothèse : rien de ce qui y est supposé n'est dit par personne ni inscrit au registre.\n",
            Language::En => "Assumption: nobody said what is supposed here, and it stands nowhere in the ledger.\n",
        };
        if self.assumed { format!("{supposed}{account}") } else { account }
    }
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The code of the rule.
    pub rule: String,
    /// What it asks.
    pub title: Message,
    /// What came of it.
    pub verdict: RuleVerdict,
}

/// What comes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleVerdict {
    /// What it asks is so.
    Met,
    /// What it asks is not so.
    Broken,
    /// A fact is missing.
    Unknown,
    /// Broken or unknown, and lifted by an act.
    Lifted,
}

/// A rule that is broken or unknown.
#[derive(Clone)]
pub struct Finding {
    check: Check,
    sheet: &'static check::Sheet,
    outcome: check::Outcome,
}

impl Finding {
    fn finding(&self) -> check::Finding<'_> {
        check::Finding { sheet: self.sheet, outcome: &self.outcome }
    }

    /// The code of the rule.
    pub fn rule(&self) -> &str {
        self.sheet.code.as_str()
    }

    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.finding().severity()
    }

    /// Is a fact missing, rather than the rule broken?
    pub fn is_unknown(&self) -> bool {
        self.outcome.verdict == Verdict::Unknown
    }

    /// The sentence.
    pub fn message(&self, language: Language) -> String {
        self.finding().sentence(&self.check.examined.case(), language)
    }

    /// The text that the rule comes from.
    pub fn legal_source(&self) -> Option<&str> {
        self.sheet.legal.as_deref()
    }

    /// What a lawyer must confirm.
    pub fn to_confirm(&self) -> Option<&str> {
        self.sheet.confirm.as_deref()
    }

    /// The records behind it; what is only assumed has none.
    pub fn evidence(&self) -> impl Iterator<Item = Record> {
        let all = self.outcome.records.iter().map(|at| *at as usize);
        let held = all.filter(|at| self.check.project.holds_record(*at));
        held.map(|at| Record::new(self.check.project.clone(), at))
    }

    /// The statements behind it.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        self.outcome.statements.iter().map(|at| self.check.project.statement(*at as usize))
    }
}

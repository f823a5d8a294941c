//! What comes of a rule on a case, and the sentence that says it, made only when somebody reads it.

use super::case::Case;
use super::rulebook::Sheet;
use crate::domain::governance::ActId;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Language, Nature, Severity};
use crate::domain::{Date, Instant};
use crate::portfolio::{OrganisationIx, SourceIx};

/// What comes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What it asks is so.
    Met,
    /// What it asks is not so.
    Broken,
    /// A fact is missing: never taken for met.
    Unknown,
    /// Lifted by an act.
    Lifted {
        /// The act.
        by: ActId,
        /// Was it a fact that was missing? Else what the rule asks is not so.
        unknown: bool,
    },
}

impl Verdict {
    /// Is a fact missing, were the rule lifted?
    fn lacks_a_fact(self) -> bool {
        matches!(self, Verdict::Unknown | Verdict::Lifted { unknown: true, .. })
    }
}

/// What comes of a rule on a case, once for each thing that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What comes of it.
    pub verdict: Verdict,
    /// What stands in the places of the sentence.
    pub words: Vec<(&'static str, Word)>,
    /// Records behind it, by position in the project's records.
    pub records: Vec<u32>,
    /// Statements behind it, by position in the project's statements.
    pub statements: Vec<u32>,
    /// It rests on a sum that is kept from the reader: only whether the rule holds is told.
    pub veiled: bool,
    /// What is missing is told once, by the rule that asks for it, and not by each rule that cannot do without.
    pub told_elsewhere: bool,
}

/// What stands in a place of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// An amount.
    Amount(Cents),
    /// A rate, in basis points.
    Rate(i64),
    /// A number.
    Number(i64),
    /// A day.
    Day(Date),
    /// An instant.
    At(Instant),
    /// An organisation, by its name.
    Body(OrganisationIx),
    /// A section of the budget, or that it is left open.
    Nature(Option<Nature>),
    /// A source, by its title.
    Source(SourceIx),
    /// What changed in the plan since an act.
    ChangesSince(ActId),
    /// A text that is the same in both languages.
    Text(Box<str>),
    /// A text with both its forms.
    Said(Message),
}

impl Outcome {
    /// An outcome with nothing in its sentence and no evidence.
    pub fn bare(verdict: Verdict) -> Self {
        Outcome {
            verdict,
            words: Vec::new(),
            records: Vec::new(),
            statements: Vec::new(),
            veiled: false,
            told_elsewhere: false,
        }
    }

    /// The same to whoever a sum behind it is kept from: whether the rule holds, and no more.
    pub(super) fn behind_a_veil(&self) -> Self {
        Outcome { veiled: true, ..Outcome::bare(self.verdict) }
    }

    /// What a rule comes to that a sum may decide, for whoever that sum is kept from.
    pub(super) fn unweighed() -> Self {
        Outcome { veiled: true, ..Outcome::bare(Verdict::Unknown) }
    }

    /// The rule is met.
    pub fn met() -> Self {
        Outcome::bare(Verdict::Met)
    }

    /// The rule is broken.
    pub fn broken() -> Self {
        Outcome::bare(Verdict::Broken)
    }

    /// A fact is missing.
    pub fn unknown() -> Self {
        Outcome::bare(Verdict::Unknown)
    }

    /// A fact is missing for which another rule asks.
    pub(super) fn told_elsewhere() -> Self {
        Outcome { told_elsewhere: true, ..Outcome::unknown() }
    }

    /// The same, with a word in the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, word: Word) -> Self {
        self.words.push((name, word));
        self
    }

    /// The same, resting on these statements of the project and on their records.
    #[must_use]
    pub fn resting_on(mut self, case: &Case<'_>, statements: impl IntoIterator<Item = u32>) -> Self {
        for at in statements {
            self.statements.push(at);
            self.records.push(case.facts().all_statements()[at as usize].record);
        }
        self.records.sort_unstable();
        self.records.dedup();
        self
    }

    /// The same, resting on these records of the project.
    #[must_use]
    pub fn seen_in(mut self, records: impl IntoIterator<Item = u32>) -> Self {
        self.records.extend(records);
        self.records.sort_unstable();
        self.records.dedup();
        self
    }
}

/// A rule that is broken or unknown on a case: what a committee has to look at.
#[derive(Debug, Clone, Copy)]
pub struct Finding<'a> {
    /// The rule.
    pub sheet: &'a Sheet,
    /// What came of it.
    pub outcome: &'a Outcome,
}

impl Finding<'_> {
    /// How grave it is: unknown is a warning at most.
    pub fn severity(&self) -> Severity {
        match self.outcome.verdict {
            Verdict::Unknown if self.sheet.severity == Severity::Blocking => Severity::Warning,
            _ => self.sheet.severity,
        }
    }

    /// The sentence.
    pub fn sentence(&self, case: &Case<'_>, language: Language) -> String {
        if self.outcome.veiled {
            return self.bare_sentence(language);
        }
        let is_of_others = self.outcome.words.iter().any(|(name, _)| *name == "another");
        let between = self.sheet.between.as_ref().filter(|_| is_of_others);
        let unknown = self.sheet.unknown.as_ref().filter(|_| self.outcome.verdict.lacks_a_fact());
        let told = between.or(unknown).unwrap_or(&self.sheet.broken);
        super::explain::fill(told.text(language), case, &self.outcome.words, language)
    }

    /// What is said to whom a sum behind it is kept from.
    fn bare_sentence(&self, language: Language) -> String {
        let title = self.sheet.title.text(language);
        match (language, self.outcome.verdict.lacks_a_fact()) {
            (Language::Fr, false) => format!("{title} : non. Ce qui le montre est sous embargo."),
            (Language::Fr, true) => format!("{title} : non pesé pour vous. Une part est sous embargo."),
            (Language::En, false) => format!("{title}: no. What shows it is under embargo."),
            (Language::En, true) => format!("{title}: not weighed for this reader. A share is under embargo."),
        }
    }
}

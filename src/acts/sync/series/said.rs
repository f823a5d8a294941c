//! What one record says, as far as loads are compared.

use super::amounts::Voice;
use super::granted::is_granted;
use crate::domain::facts::StatementFacts;
use crate::domain::money::Cents;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::source::Scope;
use crate::domain::vocabulary::{Form, Stage};
use rustc_hash::FxHasher;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

/// What a record states at each stage: the sum of the amounts that are there, nothing where none is.
pub type Stages = BTreeMap<Option<Stage>, Option<i128>>;

/// What a record says: its part of the source, its sums, whose they are, in which form.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The part of the source that it stands in.
    pub partition: Box<str>,
    /// All its sums.
    pub all: Stages,
    /// Those that the source speaks for.
    pub own: Stages,
    /// How many amounts are granted: of all its sums, and of those that the source speaks for.
    grants: (u32, u32),
    /// How many sums it states, known or not.
    lines: u64,
    funders: Vec<u64>,
    /// Each funder with each form of its sums.
    forms: Vec<u64>,
    unidentified: bool,
}

impl Said {
    /// What a record of a part of the source says, nothing so far.
    pub fn within(partition: &str) -> Self {
        Said { partition: partition.into(), ..Said::default() }
    }

    /// What a record as it was read says, of a source that speaks for these.
    pub fn of(partition: &str, statements: &[StatementFacts], speaks_for: &[Scope]) -> Self {
        let mut said = Said::within(partition);
        for one in statements {
            said.word(&one.funder, one.form);
            said.sum(one.stage, one.amount, speaks_for.iter().any(|scope| scope.covers(one.into())));
        }
        said
    }

    /// It says something of a funder, in a form.
    pub fn word(&mut self, funder: &OrganisationId, form: Form) {
        self.lines += 1;
        let mut hasher = FxHasher::default();
        funder.hash(&mut hasher);
        let by_funder = hasher.finish();
        form.as_str().hash(&mut hasher);
        let by_form = hasher.finish();
        if !self.funders.contains(&by_funder) {
            self.funders.push(by_funder);
            self.unidentified |= funder.kind() == OrganisationKind::Text;
        }
        if !self.forms.contains(&by_form) {
            self.forms.push(by_form);
        }
    }

    /// It states a sum at a stage; `None`: an amount that is unknown.
    pub fn sum(&mut self, stage: Option<Stage>, amount: Option<Cents>, own: bool) {
        let into = |stages: &mut Stages| {
            let sum = stages.entry(stage).or_default();
            if let Some(amount) = amount {
                *sum = Some(sum.unwrap_or_default() + i128::from(amount.get()));
            }
        };
        into(&mut self.all);
        if own {
            into(&mut self.own);
        }
        if amount.is_some() && stage.is_some_and(is_granted) {
            self.grants = (self.grants.0 + 1, self.grants.1 + u32::from(own));
        }
    }

    /// Its sums, as they are weighed.
    pub(super) fn stages(&self, voice: Voice) -> &Stages {
        match voice {
            Voice::All => &self.all,
            Voice::Own => &self.own,
        }
    }

    /// How many sums it states, known or not.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of its amounts are granted.
    pub(super) fn grants(&self, voice: Voice) -> u32 {
        match voice {
            Voice::All => self.grants.0,
            Voice::Own => self.grants.1,
        }
    }

    /// Does it say nothing any more of a funder of whom it spoke?
    pub(super) fn leaves_funder(&self, now: &Said) -> bool {
        !now.funders.is_empty() && self.funders.iter().any(|funder| !now.funders.contains(funder))
    }

    /// Does it speak of somebody who is not identified, and did not before?
    pub(super) fn loses_identity(&self, now: &Said) -> bool {
        now.unidentified && !self.unidentified
    }

    /// Has it left a form in which a funder, whom it still names, put something?
    pub(super) fn leaves_form(&self, now: &Said) -> bool {
        !self.leaves_funder(now) && !now.forms.is_empty() && self.forms.iter().any(|form| !now.forms.contains(form))
    }

    /// Is all that it stated refused or given up now: its own sums where it has some?
    pub(super) fn is_refused(&self, now: &Said) -> bool {
        let (stated, states) = if self.own.is_empty() { (&self.all, &now.all) } else { (&self.own, &now.own) };
        let outside = |stages: &Stages| stages.keys().all(|stage| stage.is_some_and(|one| one.rank().is_none()));
        !stated.is_empty() && !states.is_empty() && outside(states) && !outside(stated)
    }
}

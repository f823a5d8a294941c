//! The sums of an attested line, as the version of its plan has them; and what attestations of before were without.

use super::attested::{Attested, FORM, FORM_WITHOUT_SUMS};
use super::case::Case;
use super::terms;
use crate::domain::governance::PlanEntry;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Form, TaxBasis};
use crate::portfolio::PlanLine;
use serde::{Deserialize, Serialize};

/// A sum that counts on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedSum {
    /// Form of the means.
    pub form: Form,
    /// Budget year; left out where none is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Tax basis of the amount.
    pub tax_basis: TaxBasis,
    /// Voted, or later?
    pub decided: bool,
    /// Its amount in cents, where the amount of the line is public; that of the others is part of the digest of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cents: Option<i64>,
}

/// The sums of a line, in the order of the version of the plan.
pub(super) fn sums(case: &Case<'_>, (line, public): (&PlanLine, bool)) -> Vec<AttestedSum> {
    let sum = |entry: &PlanEntry| AttestedSum {
        form: entry.form,
        year: entry.year,
        tax_basis: entry.tax_basis,
        decided: entry.decided,
        cents: entry.amount.filter(|_| public).map(Cents::get),
    };
    terms::of_line(&case.plan.content, (case.identity(line.funder), line.nature)).into_iter().map(sum).collect()
}

impl Attested {
    /// Is it of a form that this version reads?
    pub fn is_of_a_known_form(&self) -> bool {
        [FORM, FORM_WITHOUT_SUMS].contains(&self.form.as_str())
    }

    /// The same content in a form of before; `None`: in a form that there never was.
    #[must_use]
    pub fn in_form(mut self, form: &str) -> Option<Self> {
        match form {
            FORM => Some(self),
            FORM_WITHOUT_SUMS => {
                form.clone_into(&mut self.form);
                self.plan.lines.iter_mut().for_each(|line| line.sums.clear());
                self.plan.budget.iter_mut().for_each(|budget| budget.tax_basis = None);
                Some(self)
            }
            _ => None,
        }
    }
}

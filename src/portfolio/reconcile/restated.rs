//! Sums that state again what others count already: a total beside the sums that make it up, or the parts of a whole (a
//! grant spread over several years, of which one system lists the whole and another one the tranches).
//!
//! Only figures that agree to the cent prove it. What does not is left in doubt, as it was.

use super::Key;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Form, TaxBasis};
use crate::portfolio::index::OrganisationIx;

/// What of a sum tells whether it states others again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restating {
    pub(crate) funder: OrganisationIx,
    pub(crate) form: Form,
    pub(crate) key: Key,
    pub(crate) tax_basis: TaxBasis,
    /// `None`: unknown, or given up.
    pub(crate) amount: Option<Cents>,
    /// It was set aside as maybe the same as another.
    pub(crate) uncertain: bool,
    /// Refused or given up.
    pub(crate) outside: bool,
}

impl Restating {
    /// May both be about the same money?
    fn meets(&self, other: &Restating) -> bool {
        let basis = self.tax_basis == other.tax_basis
            || self.tax_basis == TaxBasis::NonPrecise
            || other.tax_basis == TaxBasis::NonPrecise;
        basis && (self.funder, self.form) == (other.funder, other.form) && self.key.compatible(other.key)
    }
}

/// For each sum: does it state again, in all or in part, what others count?
pub(crate) fn restated(sums: &[Restating]) -> Vec<bool> {
    let mut found = vec![false; sums.len()];
    let aside = || (0..sums.len()).filter(|at| sums[*at].uncertain && !sums[*at].outside);
    let counted = |one: &Restating| !one.uncertain && !one.outside;
    let met_by = |at: usize| -> Vec<usize> {
        (0..sums.len()).filter(|other| counted(&sums[*other]) && sums[*other].meets(&sums[at])).collect()
    };
    let mut parts_of: Vec<Vec<usize>> = vec![Vec::new(); sums.len()];
    for at in aside() {
        match met_by(at).as_slice() {
            [] => {}
            [whole] => parts_of[*whole].push(at),
            parts => found[at] = adds_up(sums, parts, at),
        }
    }
    for (whole, parts) in parts_of.iter().enumerate() {
        let apart = parts
            .iter()
            .enumerate()
            .all(|(rank, one)| parts[rank + 1..].iter().all(|other| !sums[*one].key.compatible(sums[*other].key)));
        if parts.len() > 1 && apart && adds_up(sums, parts, whole) {
            parts.iter().for_each(|part| found[*part] = true);
        }
    }
    found
}

fn adds_up(sums: &[Restating], parts: &[usize], whole: usize) -> bool {
    let sum: Option<Cents> = parts.iter().map(|part| sums[*part].amount).sum();
    sum.is_some() && sum == sums[whole].amount
}

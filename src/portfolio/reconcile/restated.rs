//! Sums that state again what others count already: a total beside the sums that make it up, or the parts of a whole (a
//! grant spread over several years, of which one system lists the whole and another one the tranches).
//!
//! Only figures that agree to the cent prove it. What does not is left in doubt, as it was.
//!
//! The same euro twice in another way: the abatement of a tax, which the State and the collectivités forgo, and the programme
//! that the landlord pays with it.

use super::Key;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Form, Nature, TaxBasis};
use crate::portfolio::index::OrganisationIx;
use std::collections::BTreeMap;

/// What of a sum tells whether it states others again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restating {
    pub(crate) funder: OrganisationIx,
    pub(crate) form: Form,
    pub(crate) key: Key,
    /// The record that states it as a part of a sum granted to several.
    pub(crate) part_of: Option<u32>,
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

    /// Are both sums of their own? Parts of a sum granted to several are, each told by its row.
    fn is_apart(&self, other: &Restating) -> bool {
        let parts = self.part_of.zip(other.part_of).is_some_and(|(one, other)| one != other);
        parts || !self.key.compatible(other.key)
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
    let mut shared: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for at in aside() {
        let met = met_by(at);
        match met.as_slice() {
            [] => {}
            [whole] => parts_of[*whole].push(at),
            _ if sums[at].part_of.is_some() => shared.entry(met).or_default().push(at),
            parts => found[at] = adds_up(sums, parts, at),
        }
    }
    // The parts of one decision, and the sums that their funder lists of it, come to the same.
    for (listed, parts) in shared {
        let total = |all: &[usize]| all.iter().map(|at| sums[*at].amount).sum::<Option<Cents>>();
        if total(&parts).is_some() && total(&parts) == total(&listed) {
            parts.iter().for_each(|part| found[*part] = true);
        }
    }
    for (whole, parts) in parts_of.iter().enumerate() {
        let apart = parts
            .iter()
            .enumerate()
            .all(|(rank, one)| parts[rank + 1..].iter().all(|other| sums[*one].is_apart(&sums[*other])));
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

/// How a sum stands beside the abatement of a tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It has nothing to do with one.
    None,
    /// It is what the abatement pays for: the abatement counts.
    Covered,
    /// More is used than is abated, or a sum is unknown: what of it is money beside the abatement, nobody says.
    Unclear,
}

/// For each sum: is it the use of an abatement that counts beside it? `under` tells the sums of the scheme of the abatement.
pub(crate) fn used(sums: &[Restating], under: impl Fn(&Restating) -> bool) -> Vec<Use> {
    let counted = |one: &&Restating| !one.uncertain && !one.outside;
    let abated: Vec<&Restating> = sums.iter().filter(counted).filter(|one| one.form == Form::Exoneration).collect();
    let is_use = |one: &Restating| one.form != Form::Exoneration && under(one) && counted(&one);
    if abated.is_empty() {
        return vec![Use::None; sums.len()];
    }
    let of = |nature: Option<Nature>| -> Use {
        let same = |one: &&Restating| one.key.nature == nature;
        let total = |all: &mut dyn Iterator<Item = &Restating>| all.map(|one| one.amount).sum::<Option<Cents>>();
        let forgone = total(&mut abated.iter().copied().filter(same));
        let spent = total(&mut sums.iter().filter(|one| is_use(one)).filter(same));
        match (forgone, spent) {
            (Some(forgone), Some(spent)) if spent <= forgone => Use::Covered,
            _ => Use::Unclear,
        }
    };
    sums.iter().map(|one| if is_use(one) { of(one.key.nature) } else { Use::None }).collect()
}

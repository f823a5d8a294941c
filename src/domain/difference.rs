//! What differs between two lists of statements: which of the one is which of the other, and which is new or gone.

use super::facts::StatementFacts;

/// A statement before and after; one side is missing where it appeared or went. Never both the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementDifference {
    /// What was said; `None`: nothing.
    pub before: Option<StatementFacts>,
    /// What is said; `None`: nothing.
    pub after: Option<StatementFacts>,
}

/// May two statements be about one sum? Each is asked in turn, the surest first.
type Alike = fn(&StatementFacts, &StatementFacts) -> bool;

/// The funder never differs: another funder is another sum.
const ALIKE: [Alike; 5] = [
    |one, other| one == other,
    |one, other| {
        same_grant(one, other) && one.nature == other.nature && one.stage == other.stage && one.reference.is_some()
    },
    |one, other| same_grant(one, other) && one.nature == other.nature && one.stage == other.stage,
    |one, other| same_grant(one, other) && (one.nature == other.nature || one.stage == other.stage),
    |one, other| one.funder == other.funder && one.form == other.form && one.nothing == other.nothing,
];

fn same_grant(one: &StatementFacts, other: &StatementFacts) -> bool {
    one.funder == other.funder
        && one.form == other.form
        && one.dispositif == other.dispositif
        && one.scheme == other.scheme
        && one.year == other.year
        && one.reference == other.reference
        && one.nothing == other.nothing
}

/// What differs, in the order of `after`, then what is gone, in the order of `before`. Statements are brought together where
/// funder, form, nature, dispositif, year, reference and stage agree, then where less does; those that are the same are
/// left out.
pub fn differences(before: &[StatementFacts], after: &[StatementFacts]) -> Vec<StatementDifference> {
    let mut partner: Vec<Option<usize>> = vec![None; after.len()];
    let mut taken = vec![false; before.len()];
    for alike in ALIKE {
        for (at, now) in after.iter().enumerate().filter(|(at, _)| partner[*at].is_none()).collect::<Vec<_>>() {
            let free = (0..before.len()).find(|was| !taken[*was] && alike(&before[*was], now));
            if let Some(was) = free {
                taken[was] = true;
                partner[at] = Some(was);
            }
        }
    }
    let met = after
        .iter()
        .zip(&partner)
        .map(|(now, was)| StatementDifference { before: was.map(|was| before[was].clone()), after: Some(now.clone()) });
    let gone = before.iter().zip(&taken).filter(|(_, taken)| !**taken);
    let gone = gone.map(|(was, _)| StatementDifference { before: Some(was.clone()), after: None });
    met.chain(gone).filter(|one| said(one.before.as_ref()) != said(one.after.as_ref())).collect()
}

/// What is told of a statement: the decision of a row without a share only tells which rows stand together.
fn said(one: Option<&StatementFacts>) -> Option<StatementFacts> {
    one.map(|one| StatementFacts { decision: None, ..one.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Cents;
    use crate::domain::organisation::OrganisationId;
    use crate::domain::vocabulary::{Form, Stage, TaxBasis};
    use proptest::prelude::*;

    fn said(funder: &str, stage: Stage, cents: i64) -> StatementFacts {
        StatementFacts {
            funder: OrganisationId::parse(funder).expect("sound"),
            nature: None,
            form: Form::Subvention,
            stage: Some(stage),
            amount: Some(Cents::new(cents)),
            tax_basis: TaxBasis::Ht,
            dispositif: None,
            scheme: None,
            family: None,
            year: Some(2026),
            decided_on: None,
            reference: None,
            nothing: false,
            de_minimis: None,
            part: None,
            decision: None,
            not_public_until: None,
            granted_more: false,
            asked_apart: false,
        }
    }

    const ONE: &str = "eu:FEDER";
    const OTHER: &str = "eu:FSE";

    #[test]
    fn an_amount_that_changed_is_one_sum_before_and_after() {
        let (asked, voted, less) =
            (said(ONE, Stage::Sollicite, 9), said(ONE, Stage::Attribue, 8), said(ONE, Stage::Attribue, 7));
        let found = differences(&[asked.clone(), voted.clone()], &[less.clone(), asked.clone()]);
        assert_eq!(found, [StatementDifference { before: Some(voted.clone()), after: Some(less) }]);
        let moved = said(ONE, Stage::Engage, 8);
        let found = differences(&[asked, voted.clone()], &[said(ONE, Stage::Sollicite, 9), moved.clone()]);
        assert_eq!(found, [StatementDifference { before: Some(voted), after: Some(moved) }]);
    }

    #[test]
    fn another_funder_is_another_sum() {
        let (one, other) = (said(ONE, Stage::Attribue, 8), said(OTHER, Stage::Attribue, 8));
        let found = differences(std::slice::from_ref(&one), std::slice::from_ref(&other));
        let appeared = StatementDifference { before: None, after: Some(other) };
        assert_eq!(found, [appeared, StatementDifference { before: Some(one), after: None }]);
    }

    fn any_said() -> impl Strategy<Value = StatementFacts> {
        let funder = prop::sample::select(vec![ONE, OTHER]);
        (funder, prop::sample::select(Stage::ALL), 0_i64..3)
            .prop_map(|(funder, stage, cents)| said(funder, stage, cents))
    }

    proptest! {
        #[test]
        fn every_statement_is_told_at_most_once_and_none_is_lost(
            before in prop::collection::vec(any_said(), 0..6),
            after in prop::collection::vec(any_said(), 0..6),
        ) {
            let found = differences(&before, &after);
            let same = |list: &[StatementFacts], told: usize| list.len() - told;
            let (was, is) = (found.iter().flat_map(|one| &one.before).count(), found.iter().flat_map(|one| &one.after).count());
            prop_assert_eq!(same(&before, was), same(&after, is), "what is left out is the same on both sides");
            for one in &found {
                prop_assert_ne!(&one.before, &one.after);
                if let (Some(was), Some(is)) = (&one.before, &one.after) {
                    prop_assert_eq!(&was.funder, &is.funder);
                }
            }
            prop_assert!(differences(&after, &after).is_empty());
        }
    }
}

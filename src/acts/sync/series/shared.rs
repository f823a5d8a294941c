//! Sums of which rows state a share, beside those of the other beneficiaries of the decision: what of them is each one's own the rows of a
//! decision tell together, once all of them are met.

use super::said::hash;
use crate::domain::facts::StatementFacts;
use crate::domain::money::{BasisPoints, Cents};
use crate::portfolio::borne_out;
use foldhash::{HashMap, HashSet};

/// What a row states of a sum granted to several: its amount, and its share.
type StatedShare = (Option<Cents>, Option<BasisPoints>);

/// The rows of decisions that were granted to several, as they are met.
#[derive(Debug, Default)]
pub struct Shared(Vec<Row>);

/// The amount that a row of a decision states, and the share beside it.
#[derive(Debug)]
struct Row {
    decision: u64,
    amount: Option<Cents>,
    share: Option<BasisPoints>,
}

/// The decision that a row has in common with those of other beneficiaries; `None` where it states no share, or not of what.
pub fn decision(statement: &StatementFacts) -> Option<u64> {
    let of = statement.part.as_ref()?.of.as_deref()?;
    Some(hash((&statement.funder, statement.form.as_str(), statement.stage, statement.year, of)))
}

impl Shared {
    /// A sum was stated.
    pub fn meet(&mut self, statement: &StatementFacts) {
        if let Some((part, decision)) = statement.part.as_ref().zip(decision(statement)) {
            self.0.push(Row { decision, amount: statement.amount, share: part.share });
        }
    }

    /// Of these decisions, the amounts of which the rows tell what is whose.
    pub fn borne_out(&self, wanted: &HashSet<u64>) -> HashSet<(u64, Cents)> {
        let mut decisions: HashMap<u64, Vec<StatedShare>> = HashMap::default();
        for row in self.0.iter().filter(|row| wanted.contains(&row.decision)) {
            decisions.entry(row.decision).or_default().push((row.amount, row.share));
        }
        let of = |(decision, rows): (u64, Vec<_>)| borne_out(&rows).into_iter().map(move |cents| (decision, cents));
        decisions.into_iter().flat_map(of).collect()
    }
}

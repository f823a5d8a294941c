//! The weights: estimated once on records of which the truth is known, frozen in a dated file, never learned while running.

use super::compare::{Levels, TERMS};
use crate::domain::act::{Score, Term};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The file, as it stands in the product.
const FILE: &str = include_str!("../../../rules/matching.toml");

/// The weights of the product.
pub(super) static WEIGHTS: LazyLock<Weights> =
    LazyLock::new(|| Weights::parse(FILE).expect("rules/matching.toml is read by a test before it is built in"));

/// Weights of every level, and the bounds. All in thousandths of a bit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// The edition: a date and a number.
    pub edition: Box<str>,
    /// Expected of a pair before anything is compared.
    pub prior: i32,
    /// A pair of this score or more is linked by itself.
    pub automatic: i32,
    /// A pair of this score or more is proposed to people.
    pub proposal: i32,
    /// By so much a link must exceed the next best that excludes it.
    pub margin: i32,
    /// The weight of each level of each comparison.
    pub terms: BTreeMap<String, BTreeMap<String, i32>>,
}

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The text is not of the form described on [`Weights`].
    #[error("the weights cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// A level has no weight.
    #[error("the weights say nothing of {term} = {level}: give every level a weight")]
    Missing {
        /// The comparison.
        term: &'static str,
        /// Its level.
        level: &'static str,
    },
}

impl Weights {
    /// The weights of the product.
    pub fn of_the_product() -> &'static Weights {
        &WEIGHTS
    }

    /// Reads weights from TOML.
    ///
    /// # Errors
    /// A text of another form, or without a weight for each level.
    pub fn parse(text: &str) -> Result<Self, WeightsError> {
        let weights: Weights = toml::from_str(text)?;
        for (term, levels) in TERMS {
            let known = weights.terms.get(term);
            for level in levels {
                if known.and_then(|known| known.get(*level)).is_none() {
                    return Err(WeightsError::Missing { term, level });
                }
            }
        }
        Ok(weights)
    }

    pub(super) fn total(&self, levels: &Levels) -> i32 {
        let weights = TERMS.iter().zip(levels).map(|((term, _), level)| self.weight(term, level));
        self.prior + weights.sum::<i32>()
    }

    pub(super) fn score(&self, levels: &Levels) -> Score {
        let prior = Term { name: "prior".into(), level: "".into(), weight: self.prior };
        let terms = TERMS.iter().zip(levels).map(|((term, _), level)| Term {
            name: (*term).into(),
            level: (*level).into(),
            weight: self.weight(term, level),
        });
        let terms = std::iter::once(prior).chain(terms).collect();
        Score { weights: self.edition.clone(), total: self.total(levels), terms }
    }

    fn weight(&self, term: &str, level: &str) -> i32 {
        self.terms.get(term).and_then(|levels| levels.get(level)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_the_product_are_whole() {
        let weights = Weights::parse(FILE).unwrap_or_else(|error| panic!("{error}"));
        assert!(weights.proposal < weights.automatic && weights.margin > 0);
        let known: usize = weights.terms.values().map(BTreeMap::len).sum();
        assert_eq!(known, TERMS.iter().map(|(_, levels)| levels.len()).sum::<usize>(), "a weight that nobody uses");
    }
}

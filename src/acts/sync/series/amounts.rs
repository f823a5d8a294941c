//! The amounts of one part of a source, those that it speaks for apart from those that it only reports.

use super::SERIES_MIN;
use super::granted::{is_asked, is_granted};
use crate::domain::money::Cents;
use crate::domain::vocabulary::Stage;
use foldhash::HashMap;

/// Different amounts that are counted apart within one partition.
const AMOUNTS_MAX: usize = 512;

/// Amounts, and how often each stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amounts {
    pub(super) count: u64,
    pub(super) total: i128,
    times: HashMap<i64, u64>,
}

impl Amounts {
    /// Takes an amount into account.
    pub fn add(&mut self, amount: Cents) {
        self.count += 1;
        self.total += i128::from(amount.get());
        self.stand(amount.get(), 1);
    }

    fn stand(&mut self, amount: i64, times: u64) {
        if self.times.len() < AMOUNTS_MAX || self.times.contains_key(&amount) {
            *self.times.entry(amount).or_default() += times;
        }
    }

    /// Together with others.
    pub(super) fn with(&self, others: &Amounts) -> Amounts {
        let mut all = self.clone();
        (all.count, all.total) = (self.count + others.count, self.total + others.total);
        others.times.iter().for_each(|(amount, times)| all.stand(*amount, *times));
        all
    }

    /// The commonest amount, and how often it stands; nothing where there are too few to tell.
    pub(super) fn commonest(&self) -> Option<(i64, u64)> {
        let commonest = self.times.iter().map(|(amount, times)| (*times, *amount)).max();
        commonest.filter(|_| self.count >= SERIES_MIN).map(|(times, amount)| (amount, times))
    }

    /// The amount in the middle, where it is above zero and enough are there to tell; of very many different ones, of those met first.
    pub(super) fn middle(&self) -> Option<i64> {
        let mut times: Vec<_> = self.times.iter().collect();
        times.sort();
        let half = times.iter().map(|(_, times)| **times).sum::<u64>().div_ceil(2);
        let mut met = 0;
        let middle = times.into_iter().find(|(_, times)| {
            met += **times;
            met >= half
        });
        middle.map(|(amount, _)| *amount).filter(|amount| *amount > 0 && self.count >= SERIES_MIN / 2)
    }

    /// The least and the greatest that are above zero.
    pub(super) fn bounds(&self) -> Option<(i64, i64)> {
        let above = || self.times.keys().copied().filter(|amount| *amount > 0);
        Some((above().min()?, above().max()?))
    }

    /// The amount that stands in so many per cent of them at least.
    pub(super) fn constant(&self, percent: u64) -> Option<i64> {
        self.commonest().filter(|(_, times)| times * 100 >= self.count * percent).map(|(amount, _)| amount)
    }

    /// Per cent of them that are the commonest one.
    pub(super) fn commonest_percent(&self) -> u64 {
        self.commonest().map_or(0, |(_, times)| times * 100 / self.count)
    }
}

/// The amounts of one partition.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// What the source speaks for.
    pub own: Amounts,
    /// What it says of others.
    pub reported: Amounts,
    /// Of both, what is granted (payments aside).
    granted: Sides,
    /// Of both, what is asked or proposed.
    asked: Sides,
}

/// What the source speaks for, and what it says of others.
#[derive(Debug, Clone, Default)]
struct Sides {
    own: Amounts,
    reported: Amounts,
}

impl Sides {
    fn add(&mut self, amount: Cents, own: bool) {
        if own { self.own.add(amount) } else { self.reported.add(amount) }
    }
}

impl Part {
    /// Takes an amount into account.
    pub fn add(&mut self, amount: Cents, own: bool) {
        if own { self.own.add(amount) } else { self.reported.add(amount) }
    }

    /// An amount that was taken into account is at a stage: what is granted, and what is asked, is weighed by itself too.
    pub fn stage(&mut self, stage: Option<Stage>, amount: Cents, own: bool) {
        match stage {
            Some(stage) if is_granted(stage) => self.granted.add(amount, own),
            Some(stage) if is_asked(stage) => self.asked.add(amount, own),
            _ => {}
        }
    }

    /// How many amounts are in question, and their total in cents.
    pub(super) fn sum(&self, voice: Voice) -> (u64, i128) {
        sum((&self.own, &self.reported), voice)
    }

    /// The same of those that are granted.
    pub(super) fn granted(&self, voice: Voice) -> (u64, i128) {
        sum((&self.granted.own, &self.granted.reported), voice)
    }

    /// The amounts in question.
    pub(super) fn at(&self, stated: Stated, voice: Voice) -> Amounts {
        let (own, reported) = match stated {
            Stated::Any => (&self.own, &self.reported),
            Stated::Granted => (&self.granted.own, &self.granted.reported),
            Stated::Asked => (&self.asked.own, &self.asked.reported),
        };
        if voice == Voice::All { own.with(reported) } else { own.clone() }
    }
}

fn sum((own, reported): (&Amounts, &Amounts), voice: Voice) -> (u64, i128) {
    match voice {
        Voice::All => (own.count + reported.count, own.total + reported.total),
        Voice::Own => (own.count, own.total),
    }
}

/// At which stages sums are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// At any.
    Any,
    /// What is granted: many lists keep what was asked beside it.
    Granted,
    /// What is asked.
    Asked,
}

/// Whose sums are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// All that the source states.
    All,
    /// What it speaks for, beside much that it only reports.
    Own,
}

impl Voice {
    /// Of whose amounts something is said.
    pub(super) fn in_french(self) -> &'static str {
        match self {
            Voice::All => "les montants",
            Voice::Own => "les montants propres de la source",
        }
    }

    pub(super) fn in_english(self) -> &'static str {
        match self {
            Voice::All => "the amounts",
            Voice::Own => "the amounts that the source speaks for",
        }
    }
}

impl Stated {
    /// Of which amounts something is said.
    pub(super) fn in_french(self, voice: Voice) -> String {
        let adjective = match self {
            Stated::Any => "",
            Stated::Granted => " accordés",
            Stated::Asked => " demandés",
        };
        voice.in_french().replacen("les montants", &format!("les montants{adjective}"), 1)
    }

    pub(super) fn in_english(self, voice: Voice) -> String {
        let adjective = match self {
            Stated::Any => "",
            Stated::Granted => "granted ",
            Stated::Asked => "requested ",
        };
        voice.in_english().replacen("the amounts", &format!("the {adjective}amounts"), 1)
    }
}

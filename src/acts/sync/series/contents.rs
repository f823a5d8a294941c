//! What records say but for their key, apart from the years that they say it of: next year's renewal says the same of another one, and was
//! decided on another day. The beneficiary is in the key of many lists, and is not said so: but the rows of one decision, each with a share,
//! differ by theirs alone.

use super::said::hash;
use crate::connector::node::Node;
use crate::domain::facts::StatementFacts;
use crate::domain::organisation::OrganisationId;
use foldhash::{HashMap, HashSet};
use rustc_hash::FxHasher;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

/// How often each content came, in each part of the source and of each of its years.
#[derive(Debug, Default)]
pub struct Contents {
    times: HashMap<(u64, u32), u32>,
    /// The same of rows that state a share of a decision, of each beneficiary: those of one decision say the same of all of them.
    shared: HashMap<(u64, u32, u64), u32>,
    /// The part of each group of years, and whether its sums say on which day they were decided.
    groups: Vec<(Box<str>, bool)>,
    places: HashMap<u64, u32>,
    last: (u64, u32),
    /// What records of parts say that stand before those that came.
    before: BTreeMap<Box<str>, HashSet<u64>>,
}

/// The content of one record, cell by cell.
#[derive(Default)]
pub struct Content {
    said: FxHasher,
    years: FxHasher,
    says: bool,
    is_dated: bool,
    /// Whose row it is, where it states a share of a decision.
    beneficiary: Option<u64>,
}

impl Content {
    /// Takes a cell into account.
    pub fn cell(&mut self, value: &Node) {
        if is_year(value) {
            value.hash(&mut self.years);
            self.said.write_u8(0);
        } else {
            value.hash(&mut self.said);
        }
        self.says |= !value.is_blank();
    }

    /// Takes one of its sums into account, which goes to the holder of the record.
    pub fn sum(&mut self, sum: &StatementFacts, holder: Option<&OrganisationId>) {
        sum.year.hash(&mut self.years);
        if sum.part.is_some() {
            self.beneficiary = Some(hash(holder));
        }
        self.is_dated |= sum.decided_on.is_some();
    }
}

fn is_year(value: &Node) -> bool {
    let (Node::Text(text) | Node::Number(text)) = value else { return false };
    let text = text.as_bytes();
    text.len() == 4 && matches!(&text[..2], b"19" | b"20") && text[2..].iter().all(u8::is_ascii_digit)
}

impl Contents {
    /// A record came, of this part of the source.
    pub fn meet(&mut self, content: &Content, partition: &str) {
        if content.says {
            let group = self.group(content, partition);
            let said = content.said.finish();
            *match content.beneficiary {
                Some(beneficiary) => self.shared.entry((said, group, beneficiary)).or_default(),
                None => self.times.entry((said, group)).or_default(),
            } += 1;
        }
    }

    fn group(&mut self, content: &Content, partition: &str) -> u32 {
        let mut years = content.years.clone();
        (partition, content.is_dated).hash(&mut years);
        let years = years.finish();
        if !self.groups.is_empty() && self.last.0 == years {
            return self.last.1;
        }
        let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        let group = *self.places.entry(years).or_insert(next);
        if group == next {
            self.groups.push((partition.into(), content.is_dated));
        }
        self.last = (years, group);
        group
    }

    /// The parts that came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|(part, _)| &**part)
    }

    /// A record of a part that did not come says this.
    pub fn stood(&mut self, partition: &str, content: &Content) {
        self.before.entry(partition.into()).or_default().insert(content.said.clone().finish());
    }

    /// What those say.
    pub fn before(&self) -> impl Iterator<Item = (&str, &HashSet<u64>)> {
        self.before.iter().map(|(part, said)| (&**part, said))
    }

    /// How often each content came.
    pub fn times(&self) -> impl Iterator<Item = u32> + Clone {
        self.times.values().chain(self.shared.values()).copied()
    }

    /// What each part of the source says of which days, whatever the year, and how many records it has in all.
    pub fn parts(&self) -> BTreeMap<&str, (HashMap<u64, u32>, u64)> {
        let mut parts: BTreeMap<&str, (HashMap<u64, u32>, u64)> = BTreeMap::new();
        let whole = self.times.iter().map(|((said, group), times)| (said, group, times));
        let shared = self.shared.iter().map(|((said, group, _), times)| (said, group, times));
        for (said, group, times) in whole.chain(shared) {
            let Some((part, is_dated)) = self.groups.get(*group as usize) else { continue };
            let (dated, all) = parts.entry(part).or_default();
            *all += u64::from(*times);
            if *is_dated {
                *dated.entry(*said).or_default() += times;
            }
        }
        parts
    }
}

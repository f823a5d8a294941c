//! Which projects are another picture than before, whichever way the two portfolios were built.

use super::Portfolio;
use super::case::ProjectCase;
use crate::domain::project::ProjectId;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

impl Portfolio {
    /// The identifiers of the projects that are not as they were in `before`: new ones, gone ones, and those whose records,
    /// places or sums are others. In order. The age of what was read again and found the same is no change.
    pub fn changed_since(&self, before: &Portfolio) -> Vec<ProjectId> {
        let mut changed = Vec::new();
        let (mut old, mut new) = (before.cases.iter().peekable(), self.cases.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return changed,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(one), Some(other)) => one.id.cmp(&other.id),
            };
            let was = if order.is_le() { old.next() } else { None };
            let is = if order.is_ge() { new.next() } else { None };
            match (was, is) {
                (Some(was), Some(is)) if Arc::ptr_eq(was, is) => {}
                (Some(was), Some(is)) if before.likeness(was) == self.likeness(is) => {}
                (was, is) => changed.extend(is.or(was).map(|case| case.id.clone())),
            }
        }
    }

    /// A digest of what can differ between two pictures of one project. Positions in a lexicon are not part of it: they differ
    /// between two builds. What a record says is in its version; what tables and profiles make of it stands beside.
    fn likeness(&self, case: &ProjectCase) -> u64 {
        let mut hasher = DefaultHasher::new();
        case.title.hash(&mut hasher);
        format!("{:?}", (case.year, &case.action, &case.budget, &case.renews, &case.fund)).hash(&mut hasher);
        case.holder.map(|ix| self.organisation(ix).id).hash(&mut hasher);
        self.places_of(case, &mut hasher);
        for record in &case.records {
            let source = &self.source(record.source).profile.id;
            (source, &record.key, record.version, record.state as u8).hash(&mut hasher);
        }
        for statement in &case.statements {
            (statement.authority, statement.family, statement.disputed).hash(&mut hasher);
        }
        for commitment in &case.commitments {
            let what = (commitment.id, commitment.family, commitment.stage, commitment.amount.map(|sum| sum.get()));
            let doubts = commitment.doubts;
            let doubts = (
                doubts.disagreement,
                doubts.disputed,
                doubts.uncertain,
                doubts.unanswered,
                doubts.restated,
                doubts.gone_bad,
                doubts.untold,
            );
            (what, commitment.authority, doubts, commitment.statements.range().len()).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn places_of(&self, case: &ProjectCase, hasher: &mut DefaultHasher) {
        let places = &case.places;
        // A count before each list, so that a code that passes from one to the other is a difference.
        let mut list = |codes: &mut dyn ExactSizeIterator<Item = &str>| {
            codes.len().hash(hasher);
            let mut codes: Vec<&str> = codes.collect();
            codes.sort_unstable();
            codes.hash(hasher);
        };
        list(&mut places.quartiers.iter().map(|ix| self.quartier(*ix).code.as_str()));
        list(&mut places.communes.iter().map(|ix| self.commune(*ix).code.as_str()));
        list(&mut places.contrats.iter().map(|ix| self.contrat(*ix).code.as_str()));
        list(&mut places.departements.iter().map(|ix| self.departement(*ix).code.as_str()));
        let epcis: Vec<String> = places.epcis.iter().map(|ix| self.epci(*ix).siren.to_string()).collect();
        list(&mut epcis.iter().map(String::as_str));
        list(&mut places.shares.iter().map(|(ix, _)| self.quartier(*ix).code.as_str()));
    }
}

//! Which projects are another picture than before, whichever way the two portfolios were built.

use super::Portfolio;
use super::case::{ProjectCase, Statement};
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
                (Some(was), Some(is)) if Arc::ptr_eq(was, is) && before.said_of(was).eq(self.said_of(is)) => {}
                (Some(was), Some(is)) if before.likeness(was) == self.likeness(is) => {}
                (was, is) => changed.extend(is.or(was).map(|case| case.id.clone())),
            }
        }
    }

    /// A digest of what can differ between two pictures of one project. Positions in a lexicon are not part of it: they differ
    /// between two builds. What a record says is in its version; what tables and profiles make of it stands beside. Where only what is
    /// public is seen, the version tells too much: it moves with what is hidden of the record, so that what is seen is compared itself.
    fn likeness(&self, case: &ProjectCase) -> u64 {
        let mut hasher = DefaultHasher::new();
        case.title.hash(&mut hasher);
        format!("{:?}", (case.year, &case.action, &case.budget, &case.renews, &case.fund)).hash(&mut hasher);
        case.holder.map(|ix| self.organisation(ix).id).hash(&mut hasher);
        self.places_of(case, &mut hasher);
        for record in &case.records {
            let source = &self.source(record.source).profile.id;
            let version = Some(record.version).filter(|_| !case.abridged);
            (source, &record.key, version, record.state as u8).hash(&mut hasher);
        }
        for statement in &case.statements {
            (statement.authority, statement.family, statement.disputed).hash(&mut hasher);
            if case.abridged {
                self.words_of(statement).hash(&mut hasher);
            }
        }
        if !case.abridged {
            // What bodies said of it is for whoever sees it whole, and tells nothing of what is kept.
            self.said_of(case).for_each(|act| act.hash(&mut hasher));
        }
        if case.abridged {
            format!("{:?}", (case.starts_on, case.ends_on, &case.objectives, &case.references)).hash(&mut hasher);
            let bodies = case.statements.iter().map(|one| one.funder).chain(case.holder);
            bodies.for_each(|ix| (self.organisation(ix).name, self.organisation(ix).siret).hash(&mut hasher));
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

    /// The acts about a project.
    fn said_of(&self, case: &ProjectCase) -> impl Iterator<Item = u64> {
        self.acts.about(&case.id).map(|entry| entry.id.0)
    }

    /// What a statement says, in words that are the same in every build.
    fn words_of(&self, one: &Statement) -> String {
        let dispositif = one.dispositif.map(|ix| &self.dispositif(ix).code);
        let texts = [one.scheme, one.reference].map(|text| text.map(|ix| &self.lexicon.texts[ix.get()]));
        let sum =
            (one.nature, one.form, one.stage, one.amount, one.tax_basis, one.year, one.decided_on, one.de_minimis);
        format!("{} {sum:?} {dispositif:?} {texts:?} {}", self.identity(one.funder), one.nothing)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chain::LedgerVersion;
    use crate::domain::clearance::Clearance;
    use crate::domain::facts::{Budget, StatementFacts};
    use crate::domain::money::Cents;
    use crate::domain::record::RecordVersion;
    use crate::portfolio::fixture::*;

    #[test]
    fn to_the_public_a_change_of_what_is_hidden_of_a_voted_record_is_none() {
        let row = |cents: i64, version: u64| {
            let sum = StatementFacts { amount: Some(Cents::new(cents)), ..grant(REGION) };
            RecordVersion { version: LedgerVersion(version), ..record("region", "r", vec![sum]) }
        };
        let told = |after: RecordVersion| {
            let day = moment(0).now.date_naive();
            let [before, after] = [row(10_000, 1), after].map(|one| portfolio(vec![one]));
            let public = |whole: &Portfolio| whole.seen(&Clearance::public(), (whole, day)).expect("something");
            (after.changed_since(&before).len(), public(&after).changed_since(&public(&before)).len())
        };
        let mut dearer = row(10_000, 2);
        let budget = Budget { non_precise: Some(Cents::new(99_999)), ..Budget::default() };
        dearer.facts.project.get_or_insert_default().budget = Some(budget);
        assert_eq!(told(dearer), (1, 0), "the cost is not public");
        assert_eq!(told(row(10_000, 2)), (1, 0), "nor what nothing is read from");
        assert_eq!(told(row(20_000, 2)), (1, 1), "the sum is");
    }
}

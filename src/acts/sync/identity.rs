//! Which project a record belongs to, decided by exact shared references only: certain links. Pure.
//!
//! A record that shares a reference with a known project joins it; one that shares references with two projects
//! makes them one, and the older identifier stays. Anything less certain is not decided here.

use super::standing::Standing;
use crate::domain::act::Decision;
use crate::domain::chain::{FieldHasher, LedgerVersion};
use crate::domain::project::{ProjectId, Reference};
use crate::domain::text::{RecordKey, SourceId};
use foldhash::{HashMap, HashSet};

/// What is known of identities before a batch is applied, and what the batch adds.
#[derive(Debug, Default)]
pub struct Identities {
    standing: Standing,
    by_reference: HashMap<Reference, ProjectId>,
    // Place in the order of age; what the ledger held before comes before what the batch adds.
    ages: HashMap<ProjectId, u64>,
    // References of too many holders to be those of one project.
    common: HashSet<Reference>,
    decisions: Vec<Decision>,
    joined: u64,
}

/// A record as far as its identity is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Appearance<'a> {
    /// Its source.
    pub source: &'a SourceId,
    /// Its key there.
    pub key: &'a RecordKey,
    /// The project that an earlier version of it was given, under this key or the one that it had before.
    pub known: Option<&'a ProjectId>,
    /// Alike in all but its key to a record that a person separated: its references join nothing either.
    pub is_apart: bool,
    /// It bears another number than before.
    pub is_restated: bool,
    /// The references that it shares with other systems.
    pub references: &'a [Reference],
}

impl Identities {
    /// Older than what a batch adds, and younger than all of which the age is known.
    pub const AGE_UNKNOWN: u64 = u64::MAX / 4;

    /// Starts from where records stand and from the identifiers in which those stand that bear references, with the ages of these.
    pub fn new(standing: Standing, known: Vec<(Reference, ProjectId, u64)>) -> Self {
        let mut identities = Identities { standing, ..Identities::default() };
        for (_, project, age) in &known {
            let oldest = identities.ages.entry(project.clone()).or_insert(*age);
            *oldest = *age.min(oldest);
        }
        for (reference, project, _) in known {
            let project = identities.standing.root(&project).clone();
            identities.by_reference.entry(reference).or_insert(project);
        }
        identities
    }

    /// Makes these references join nothing: each stands in records of too many holders to be that of one project.
    pub fn without(self, common: HashSet<Reference>) -> Self {
        Identities { common, ..self }
    }

    /// The same, with the ages of other projects that the ledger holds.
    pub fn aged(mut self, ages: Vec<(ProjectId, u64)>) -> Self {
        self.ages.extend(ages);
        self
    }

    /// The project of a record, as it is to be written in the record's row. New redirects are noted.
    /// `taken` tells whether an identifier already means another project.
    pub fn place(&mut self, record: Appearance<'_>, taken: impl Fn(&ProjectId) -> bool) -> ProjectId {
        if let Some(known) = record.known
            && self.standing.is_separated(record.source, record.key)
        {
            return known.clone();
        }
        if record.is_apart {
            return record.known.cloned().unwrap_or_else(|| self.born(record, taken));
        }
        let mut joined: Vec<(ProjectId, Option<&Reference>)> = Vec::new();
        if let Some(known) = record.known {
            joined.push((self.root(self.standing.given(record.source, record.key, known)), None));
        }
        let references: Vec<&Reference> =
            record.references.iter().filter(|reference| !self.common.contains(reference)).collect();
        for &reference in &references {
            let given_back = reference.given_back().filter(&taken);
            if let Some(project) = self.by_reference.get(reference).or(given_back.as_ref()) {
                let project = self.root(project);
                if joined.iter().all(|(other, _)| *other != project) {
                    joined.push((project, Some(reference)));
                }
            }
        }
        joined.sort_by_key(|(project, _)| self.ages.get(project).copied().unwrap_or(Self::AGE_UNKNOWN));
        let mut joined = joined.into_iter();
        let oldest = match joined.next() {
            Some((project, _)) => project,
            None => self.born(record, taken),
        };
        for (newer, reference) in joined {
            let reason = match reference.or(references.first().copied()) {
                Some(shared) => format!("{} {} is carried by both", shared.scheme, shared.value),
                None => "one record belongs to both".to_owned(),
            };
            self.joined += u64::from(record.is_restated && !self.is_of_the_batch(&newer));
            let redirect = Decision::Redirect { from: newer, to: oldest.clone(), reason };
            self.standing.take(LedgerVersion(u64::MAX), &redirect);
            self.decisions.push(redirect);
        }
        for reference in references {
            self.by_reference.insert(reference.clone(), oldest.clone());
        }
        record.known.cloned().unwrap_or(oldest)
    }

    fn is_of_the_batch(&self, project: &ProjectId) -> bool {
        self.ages.get(project).is_some_and(|age| *age > Self::AGE_UNKNOWN)
    }

    /// The redirects that the batch adds, oldest first, and how many of them made known projects one by a number that a known record did
    /// not bear before, in the place of another.
    pub fn into_decisions(self) -> (Vec<Decision>, u64) {
        (self.decisions, self.joined)
    }

    /// A new project, named after its first record so that the same first read gives the same name.
    fn born(&mut self, record: Appearance<'_>, taken: impl Fn(&ProjectId) -> bool) -> ProjectId {
        let name = |attempt: u64| {
            let mut hasher = FieldHasher::new();
            hasher.field(record.source.as_str().as_bytes()).field(record.key.as_str().as_bytes());
            if attempt > 0 {
                hasher.field(&attempt.to_be_bytes());
            }
            let digest = hasher.finish().0;
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&digest[..8]);
            ProjectId::from_bytes(bytes)
        };
        let mut attempt = 0;
        let mut project = name(attempt);
        while self.ages.contains_key(&project) || taken(&project) {
            attempt += 1;
            project = name(attempt);
        }
        // Younger than whatever the ledger held: its ages are row numbers, far below this half of the range.
        self.ages.insert(project.clone(), (u64::MAX / 2) + self.ages.len() as u64);
        project
    }

    fn root(&self, project: &ProjectId) -> ProjectId {
        self.standing.root(project).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(value: &str) -> Reference {
        Reference { scheme: "dauphin".into(), value: value.into() }
    }

    fn place(identities: &mut Identities, source: &str, key: &str, references: &[&str]) -> ProjectId {
        let source = SourceId::parse(source).expect("a source");
        let key = RecordKey::parse(key).expect("a key");
        let references: Vec<Reference> = references.iter().map(|value| reference(value)).collect();
        let record = Appearance {
            source: &source,
            key: &key,
            known: None,
            is_apart: false,
            is_restated: false,
            references: &references,
        };
        identities.place(record, |_| false)
    }

    #[test]
    fn a_shared_reference_joins_and_nothing_else_does() {
        let mut identities = Identities::default();
        let one = place(&mut identities, "ftu", "1", &["A"]);
        let same = place(&mut identities, "programmation", "9", &["A", "B"]);
        let other = place(&mut identities, "programmation", "10", &[]);
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_eq!(place(&mut identities, "nqe", "3", &["B"]), one);
        assert!(identities.into_decisions().0.is_empty());
    }

    #[test]
    fn a_record_that_carries_two_references_makes_two_projects_one_and_the_older_stays() {
        let mut identities = Identities::default();
        let older = place(&mut identities, "ftu", "1", &["A"]);
        let newer = place(&mut identities, "nqe", "2", &["B"]);
        assert_ne!(older, newer);
        assert_eq!(place(&mut identities, "programmation", "3", &["B", "A"]), older);
        assert_eq!(place(&mut identities, "pic", "4", &["B"]), older);
        let decisions = identities.into_decisions().0;
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0].projects(), [&newer, &older]);
    }

    #[test]
    fn a_reference_of_too_many_joins_nothing_and_leaves_the_others_to_join() {
        let common = std::iter::once(reference("EN ATTENTE DE LA CP")).collect();
        let mut identities = Identities::default().without(common);
        let one = place(&mut identities, "scdl", "1", &["EN ATTENTE DE LA CP"]);
        let other = place(&mut identities, "scdl", "2", &["EN ATTENTE DE LA CP", "B"]);
        assert_ne!(one, other);
        assert_eq!(place(&mut identities, "ftu", "3", &["B", "EN ATTENTE DE LA CP"]), other);
        assert!(identities.into_decisions().0.is_empty());
    }

    #[test]
    fn a_known_record_keeps_its_own_identifier_while_its_project_is_redirected() {
        let known = ProjectId::from_bytes([1; 8]);
        let old = ProjectId::from_bytes([2; 8]);
        let seen = vec![(reference("A"), old.clone(), 1), (reference("B"), known.clone(), 7)];
        let mut identities = Identities::new(Standing::default(), seen);
        let source = SourceId::parse("ftu").expect("a source");
        let key = RecordKey::parse("1").expect("a key");
        let references = [reference("A")];
        let record = Appearance {
            source: &source,
            key: &key,
            known: Some(&known),
            is_apart: false,
            is_restated: false,
            references: &references,
        };
        assert_eq!(identities.place(record, |_| false), known);
        let decisions = identities.into_decisions().0;
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0].projects(), [&known, &old], "the older identifier stays");
    }

    #[test]
    fn what_is_like_a_separated_record_joins_nothing_and_a_renumbered_one_stays_separated() {
        let project = ProjectId::from_bytes([1; 8]);
        let source = SourceId::parse("ville").expect("a source");
        let [first, second] = ["a", "b"].map(|key| RecordKey::parse(key).expect("a key"));
        let separated = Decision::Separated {
            source: source.clone(),
            key: first.clone(),
            from: project.clone(),
            to: ProjectId::from_bytes([2; 8]),
            reason: "vu".into(),
        };
        let renumbered = Decision::Renumbered {
            source: source.clone(),
            key: second.clone(),
            former: first.clone(),
            from: project.clone(),
            to: ProjectId::from_bytes([2; 8]),
        };
        let seen = vec![(reference("A"), ProjectId::from_bytes([3; 8]), 1)];
        let mut identities =
            Identities::new(Standing::of([(LedgerVersion(1), &separated), (LedgerVersion(2), &renumbered)]), seen);
        let references = [reference("A")];
        let renumbered = Appearance {
            source: &source,
            key: &second,
            known: Some(&project),
            is_apart: false,
            is_restated: false,
            references: &references,
        };
        assert_eq!(identities.place(renumbered, |_| false), project);
        let alike = RecordKey::parse("c").expect("a key");
        let alike = Appearance {
            source: &source,
            key: &alike,
            known: None,
            is_apart: true,
            is_restated: false,
            references: &references,
        };
        assert_ne!(identities.place(alike, |_| false), ProjectId::from_bytes([3; 8]));
        assert!(identities.into_decisions().0.is_empty());
    }

    #[test]
    fn an_identifier_given_back_is_a_certain_link_if_it_is_one() {
        let mut identities = Identities::default();
        let project = place(&mut identities, "ftu", "1", &[]);
        let back = Reference { scheme: "cofinancement".into(), value: project.as_str().into() };
        let elsewhere = Reference { scheme: "dauphin".into(), value: project.as_str().into() };
        let source = SourceId::parse("region").expect("a source");
        let mut placed = |key: &str, reference: &Reference, known: bool| {
            let key = RecordKey::parse(key).expect("a key");
            let references = [reference.clone()];
            let record = Appearance {
                source: &source,
                key: &key,
                known: None,
                is_apart: false,
                is_restated: false,
                references: &references,
            };
            identities.place(record, |id| known && *id == project)
        };
        assert_eq!(placed("2", &back, true), project);
        assert_ne!(placed("3", &elsewhere, true), project, "another numbering, whatever it looks like");
        let unknown = Reference { value: "p00000000000000ff".into(), ..back.clone() };
        assert_ne!(placed("4", &unknown, true).as_str(), "p00000000000000ff", "an identifier that we never gave");
    }

    #[test]
    fn the_same_first_read_gives_the_same_names() {
        let first = place(&mut Identities::default(), "ftu", "1", &[]);
        assert_eq!(first, place(&mut Identities::default(), "ftu", "1", &["Z"]));
    }
}

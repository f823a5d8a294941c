//! What only a reference made certain ends when it is given up. The records of one atom that still share references stay together; each
//! other group of them goes by an identifier of its own: the one that it had before it was joined, or a new one. Pure.

use crate::domain::act::Decision;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::text::{RecordKey, SourceId};
use crate::portfolio::Certain;
use foldhash::HashMap;
use std::collections::BTreeMap;

/// A record of an atom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Its source.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
    /// The identifier that it stands in.
    pub given: ProjectId,
    /// The references that it bears once what was read is applied. One without any stays with the first record of its identifier: a person
    /// said what project it is of, or the record tells nothing against it.
    pub bears: Vec<Reference>,
}

/// An atom of which a record gave a reference up.
#[derive(Debug, Clone, Copy)]
pub struct Atom<'a> {
    /// The identifier that all others lead to for certain.
    pub root: &'a ProjectId,
    /// All of its identifiers, the root too, in order.
    pub ids: &'a [ProjectId],
    /// Its records, in the order in which they were given their identifiers.
    pub bearers: &'a [Bearer],
    /// Why it is looked at.
    pub reason: &'a str,
}

/// What ends: links of identifiers that no reference bears any more, and the place of records in a project that was never theirs alone.
/// `fresh` names a group that has no identifier of its own, by its oldest record.
pub fn part(atom: Atom<'_>, certain: &Certain, mut fresh: impl FnMut(&Bearer) -> ProjectId) -> Vec<Decision> {
    let groups = Groups::of(atom.bearers);
    // The first record of an identifier is what it means.
    let main = groups.of_id(atom.root).unwrap_or_default();
    let mut ends: BTreeMap<usize, ProjectId> = BTreeMap::from([(main, atom.root.clone())]);
    for (at, bearer) in atom.bearers.iter().enumerate() {
        if groups.anchors.get(&bearer.given) == Some(&at) {
            ends.entry(groups.end(at)).or_insert_with(|| bearer.given.clone());
        }
    }
    for (at, bearer) in atom.bearers.iter().enumerate() {
        ends.entry(groups.end(at)).or_insert_with(|| fresh(bearer));
    }
    let (mut ended, mut joined) = (Vec::new(), Vec::new());
    for id in atom.ids {
        let Some((group, next)) = groups.of_id(id).zip(certain.next(id)) else { continue };
        if groups.of_id(next) == Some(group) {
            continue;
        }
        let reason = atom.reason.to_owned();
        ended.push(Decision::Unredirected { from: id.clone(), to: atom.root.clone(), reason });
        if *id != ends[&group] {
            let reason = "they were one before".to_owned();
            joined.push(Decision::Redirect { from: id.clone(), to: ends[&group].clone(), reason });
        }
    }
    ended.extend(joined);
    let gone = atom.bearers.iter().enumerate().filter(|(at, one)| groups.of_id(&one.given) != Some(groups.end(*at)));
    ended.extend(gone.map(|(at, bearer)| Decision::Parted {
        source: bearer.source.clone(),
        key: bearer.key.clone(),
        from: atom.root.clone(),
        to: ends[&groups.end(at)].clone(),
        reason: atom.reason.to_owned(),
    }));
    ended
}

/// Records that share references, by their places.
struct Groups<'a> {
    towards: Vec<usize>,
    anchors: HashMap<&'a ProjectId, usize>,
}

impl<'a> Groups<'a> {
    fn of(bearers: &'a [Bearer]) -> Self {
        let mut anchors: HashMap<&ProjectId, usize> = HashMap::default();
        for (at, bearer) in bearers.iter().enumerate() {
            anchors.entry(&bearer.given).or_insert(at);
        }
        let mut groups = Groups { towards: (0..bearers.len()).collect(), anchors };
        let mut first: HashMap<&Reference, usize> = HashMap::default();
        for (at, bearer) in bearers.iter().enumerate() {
            if bearer.bears.is_empty() {
                groups.join(at, groups.anchors[&bearer.given]);
            }
            for reference in &bearer.bears {
                groups.join(at, *first.entry(reference).or_insert(at));
                let given_back = reference.given_back().and_then(|id| groups.anchors.get(&id).copied());
                groups.join(at, given_back.unwrap_or(at));
            }
        }
        groups
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.end(one), self.end(other));
        self.towards[one.max(other)] = one.min(other);
    }

    fn end(&self, at: usize) -> usize {
        let mut end = at;
        while self.towards[end] != end {
            end = self.towards[end];
        }
        end
    }

    /// The group that an identifier means; `None` where no record stands in it.
    fn of_id(&self, id: &ProjectId) -> Option<usize> {
        self.anchors.get(id).map(|at| self.end(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::standing::Standing;
    use super::*;
    use crate::domain::chain::LedgerVersion;

    fn id(byte: u8) -> ProjectId {
        ProjectId::from_bytes([byte; 8])
    }

    fn bearer(key: &str, given: u8, bears: &[&str]) -> Bearer {
        let reference = |value: &&str| Reference { scheme: "dossier".into(), value: (*value).into() };
        Bearer {
            source: SourceId::parse("desk").unwrap(),
            key: RecordKey::parse(key).unwrap(),
            given: id(given),
            bears: bears.iter().map(reference).collect(),
        }
    }

    fn redirect(from: u8, to: u8) -> Decision {
        Decision::Redirect { from: id(from), to: id(to), reason: String::new() }
    }

    /// Where each record stands after its atom, of the root 1, was looked at.
    fn after(before: &[Decision], ids: &[u8], bearers: &[Bearer]) -> (usize, Vec<(String, ProjectId)>) {
        let ids: Vec<ProjectId> = ids.iter().map(|one| id(*one)).collect();
        let atom = Atom { root: &id(1), ids: &ids, bearers, reason: "" };
        let ended = part(atom, &Certain::of(before), |_| id(99));
        let all: Vec<Decision> = before.iter().chain(&ended).cloned().collect();
        let standing = Standing::of(all.iter().map(|decision| (LedgerVersion(1), decision)));
        let stand = bearers.iter().map(|one| {
            let given = standing.given(&one.source, &one.key, &one.given);
            (one.key.to_string(), standing.root(given).clone())
        });
        (ended.len(), stand.collect())
    }

    fn stand(expected: &[(&str, u8)]) -> Vec<(String, ProjectId)> {
        expected.iter().map(|(key, byte)| ((*key).to_owned(), id(*byte))).collect()
    }

    #[test]
    fn what_still_shares_a_reference_stays() {
        let shared = [bearer("a", 1, &["A"]), bearer("b", 2, &["B", "A"]), bearer("c", 2, &["B"])];
        assert_eq!(after(&[redirect(2, 1)], &[1, 2], &shared), (0, stand(&[("a", 1), ("b", 1), ("c", 1)])));
    }

    #[test]
    fn a_project_that_was_joined_gets_its_identifier_back_with_all_that_is_its_own() {
        let apart = [bearer("a", 1, &["A"]), bearer("b", 2, &["B"]), bearer("c", 3, &["B"]), bearer("d", 2, &[])];
        let before = [redirect(3, 2), redirect(2, 1)];
        assert_eq!(after(&before, &[1, 2, 3], &apart), (1, stand(&[("a", 1), ("b", 2), ("c", 2), ("d", 2)])));
        // The same where each was joined to the oldest by itself.
        let before = [redirect(2, 1), redirect(3, 1)];
        assert_eq!(after(&before, &[1, 2, 3], &apart), (3, stand(&[("a", 1), ("b", 2), ("c", 2), ("d", 2)])));
    }

    #[test]
    fn a_record_that_was_born_into_a_project_leaves_it_for_one_of_its_own() {
        let apart = [bearer("a", 1, &["A"]), bearer("b", 1, &["B"]), bearer("c", 1, &["B"]), bearer("d", 1, &[])];
        assert_eq!(after(&[], &[1], &apart), (2, stand(&[("a", 1), ("b", 99), ("c", 99), ("d", 1)])));
        // Or for the one to which what it bears is joined.
        let apart = [bearer("a", 1, &["A"]), bearer("b", 1, &["B"]), bearer("c", 2, &["B"])];
        assert_eq!(after(&[redirect(2, 1)], &[1, 2], &apart), (2, stand(&[("a", 1), ("b", 2), ("c", 2)])));
    }

    #[test]
    fn an_identifier_given_back_means_its_first_record() {
        let back = Reference { scheme: "cofinancement".into(), value: id(1).as_str().into() };
        let borne = Bearer { bears: vec![back], ..bearer("c", 1, &[]) };
        let apart = [bearer("a", 1, &["A"]), bearer("b", 1, &["B"]), borne];
        assert_eq!(after(&[], &[1], &apart), (1, stand(&[("a", 1), ("b", 99), ("c", 1)])));
    }
}

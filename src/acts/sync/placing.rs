//! The project of each record to write, and what follows for those that are known: what numbers make one, and what they make one no more.

use super::identity::Identities;
use super::parting::{Atom, Bearer, part};
use super::restated::{Bearers, Moves, Restated, gives_up, over};
use super::standing::Standing;
use super::survey::{Known, Survey, place};
use super::{Read, Sync, SyncError};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::chain::{FieldHasher, LedgerVersion};
use crate::domain::project::{ProjectId, Reference};
use crate::domain::source_finding::SourceFinding;
use crate::domain::text::{RecordKey, SourceId};
use crate::ledger::Member;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Where the records of a read stand.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// The project of each record to write; `None` for a source of reference data.
    pub projects: Option<Vec<ProjectId>>,
    /// What is decided with them.
    pub decisions: Vec<Decision>,
    /// What is told of known records that bear another number than before.
    pub told: Option<SourceFinding>,
}

impl Sync<'_> {
    /// The project of each record to write.
    pub(super) async fn placed(
        &self,
        connector: &Connector,
        (read, known, found, common): (&Read, &Known, &Survey, HashSet<Reference>),
        (at, version): (Instant, LedgerVersion),
    ) -> Result<Placed, SyncError> {
        if !connector.has_project() {
            return Ok(Placed::default());
        }
        let (source, ledger) = (connector.id(), self.gateway.ledger());
        let mut decisions = self.renumbered(source, known, &found.successions);
        let decided = ledger.decided(version).await?;
        let mut standing = Standing::of(decided.iter().map(|one| (one.version, &one.decision)));
        let next = LedgerVersion(version.0 + 1);
        decisions.iter().for_each(|decision| standing.take(next, decision));
        let restated = self.restated(source, (read, known, found), version).await?;
        let left = restated.values().flat_map(|numbers| numbers.left());
        let asked: BTreeSet<&Reference> = found.references.keys().chain(left).collect();
        let asked: Vec<Reference> = asked.into_iter().cloned().collect();
        let bearers = Bearers::of(ledger.bearers(&asked, version).await?, &standing);
        let mut moves = Moves::of(&restated, &bearers, source);
        let parted = self.parted((source, known), (&restated, &bearers, &standing), version).await?;
        moves.parted = count_parted(&parted);
        parted.iter().for_each(|decision| standing.take(next, decision));
        decisions.extend(parted);
        let seen = bearers.projects(&restated, source, &standing);
        let changed = restated.keys().filter_map(|key| known.get(key)?.project.clone()).collect::<BTreeSet<_>>();
        let ages = ledger.ages(&changed.into_iter().collect::<Vec<_>>(), version).await?;
        let identities = Identities::new(standing, seen).without(common).aged(ages);
        let portfolio = self.gateway.current();
        let taken = |project: &ProjectId| portfolio.project_by_id(project).is_some();
        let placed = place((read, known, found), (source, &restated), identities, taken)?;
        decisions.extend(placed.decisions);
        moves.joined = placed.joined;
        if moves.changed > 0 {
            // Those that are gone bore one too, and tell nothing of how many there are.
            moves.bearing = ledger.bearing(source, version).await?.min(found.look.held_open);
        }
        let told = moves.finding(&restated, connector, at);
        Ok(Placed { projects: Some(placed.projects), decisions, told })
    }

    /// What ends because known records gave a number up that they shared.
    async fn parted(
        &self,
        (source, known): (&SourceId, &Known),
        (restated, bearers, standing): (&Restated, &Bearers, &Standing),
        version: LedgerVersion,
    ) -> Result<Vec<Decision>, SyncError> {
        // Of each atom that is to be looked at, a number that was given up.
        let mut atoms: BTreeMap<ProjectId, &Reference> = BTreeMap::new();
        for (key, numbers) in restated.iter().filter(|(key, _)| gives_up(restated, key)) {
            let is_shared = |one: &&Reference| bearers.is_shared(one, (source, key)) || one.given_back().is_some();
            let Some(left) = numbers.left().find(is_shared).filter(|_| !standing.is_separated(source, key)) else {
                continue;
            };
            let Some(project) = known.get(key).and_then(|known| known.project.as_ref()) else { continue };
            atoms.insert(standing.root(standing.given(source, key, project)).clone(), left);
        }
        if atoms.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids: BTreeMap<&ProjectId, BTreeSet<ProjectId>> =
            atoms.keys().map(|root| (root, BTreeSet::from([root.clone()]))).collect();
        for id in standing.certain().former() {
            if let Some(ids) = ids.get_mut(standing.root(id)) {
                ids.insert(id.clone());
            }
        }
        let all: Vec<ProjectId> = ids.values().flatten().cloned().collect();
        let members = self.gateway.ledger().members(&all, version).await?;
        let mut of_atom = self.bearers_of(members, (source, restated, standing), (&atoms, version)).await?;
        let portfolio = self.gateway.current();
        let mut named: BTreeSet<ProjectId> = BTreeSet::new();
        let mut decisions = Vec::new();
        for (root, left) in &atoms {
            let ids: Vec<ProjectId> = ids.remove(root).unwrap_or_default().into_iter().collect();
            let bearers = of_atom.remove(root).unwrap_or_default();
            let reason = format!("{} {} is carried by both no more", left.scheme, left.value);
            let atom = Atom { root, ids: &ids, bearers: &bearers, reason: &reason };
            decisions.extend(part(atom, standing.certain(), |bearer| {
                let names = (0..).map(|attempt| name(bearer, version, attempt));
                let mut free = names.filter(|id| portfolio.project_by_id(id).is_none() && !named.contains(id));
                let name = free.next().expect("identifiers without end");
                named.insert(name.clone());
                name
            }));
        }
        Ok(decisions)
    }

    /// The records of each of these atoms with what they bear when the read is applied, the oldest first.
    async fn bearers_of(
        &self,
        members: Vec<Member>,
        (source, restated, standing): (&SourceId, &Restated, &Standing),
        (atoms, version): (&BTreeMap<ProjectId, &Reference>, LedgerVersion),
    ) -> Result<HashMap<ProjectId, Vec<Bearer>>, SyncError> {
        let moved = standing.moved_to(|to| atoms.contains_key(standing.root(to)));
        // In the order in which they were given their identifiers.
        let moved =
            moved.into_iter().map(|((source, key), moved)| (moved.at, 0, source.clone(), key.clone(), &moved.to));
        let given = members.iter().map(|one| {
            let since = standing.moved(&one.source, &one.key).map_or(one.since, |moved| moved.at);
            (since, one.born, one.source.clone(), one.key.clone(), &one.project)
        });
        let mut all: Vec<(LedgerVersion, u64, SourceId, RecordKey, &ProjectId)> = given.chain(moved).collect();
        all.sort();
        let keys: BTreeSet<_> = all.iter().map(|(_, _, source, key, _)| (source.clone(), key.clone())).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let mut borne: HashMap<(SourceId, RecordKey), Vec<Reference>> = HashMap::default();
        for (record, reference) in self.gateway.ledger().borne_by(&keys, version).await? {
            borne.entry(record).or_default().push(reference);
        }
        let mut places: HashMap<(SourceId, RecordKey), usize> = HashMap::default();
        let mut found: HashMap<ProjectId, Vec<Bearer>> = HashMap::default();
        for (_, _, one, key, project) in all {
            // A record that was renumbered is one, under all of its keys.
            let key_now = standing.key_now(&one, &key).unwrap_or(&key).clone();
            let given = standing.given(&one, &key_now, project).clone();
            let root = standing.root(&given).clone();
            if !atoms.contains_key(&root) {
                continue;
            }
            let mut bears = borne.remove(&(one.clone(), key)).unwrap_or_default();
            if one == *source
                && let Some(numbers) = restated.get(&key_now)
            {
                bears.clone_from(&numbers.now);
            }
            if standing.is_separated(&one, &key_now) {
                bears.clear();
            }
            let of_root = found.entry(root).or_default();
            if let Some(at) = places.get(&(one.clone(), key_now.clone())) {
                let earlier = std::mem::take(&mut of_root[*at].bears);
                of_root[*at].bears = over(earlier, bears);
            } else {
                places.insert((one.clone(), key_now.clone()), of_root.len());
                of_root.push(Bearer { source: one, key: key_now, given, bears });
            }
        }
        Ok(found)
    }
}

/// A new name for a group of records, by the oldest of them.
fn name(bearer: &Bearer, version: LedgerVersion, attempt: u64) -> ProjectId {
    let mut hasher = FieldHasher::new();
    hasher.field(b"parted").field(bearer.source.as_str().as_bytes()).field(bearer.key.as_str().as_bytes());
    hasher.field(&version.0.to_be_bytes()).field(&attempt.to_be_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finish().0[..8]);
    ProjectId::from_bytes(bytes)
}

/// How many projects go by an identifier of their own again.
fn count_parted(decisions: &[Decision]) -> u64 {
    let own = decisions.iter().filter_map(|decision| match decision {
        Decision::Unredirected { from, .. } => Some(from),
        Decision::Parted { to, .. } => Some(to),
        _ => None,
    });
    own.collect::<BTreeSet<_>>().len() as u64
}

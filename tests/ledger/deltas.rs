//! A delta applied to an image gives the next image.

use crate::fixture::{Fixture, at, changed, entry, facts, record, redirect, state};
use passerelle::domain::act::Decision;
use passerelle::domain::chain::LedgerVersion;
use passerelle::domain::image::{LedgerDelta, LedgerImage};
use passerelle::domain::project::ProjectId;
use passerelle::domain::record::{RecordState, RecordVersion};
use passerelle::ledger::{NewEntry, NewRecord, NewRow};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet};

const VERSIONS: u64 = 14;
const KEYS: u64 = 30;
const PROJECTS: u64 = 12;

/// A history by chance (of a fixed seed), then every delta between two of its versions.
pub async fn a_delta_is_the_difference_of_two_images(fixture: Fixture) {
    let mut chance = StdRng::seed_from_u64(7);
    let mut known: BTreeMap<u64, (NewRecord, RecordState)> = BTreeMap::new();
    for number in 1..=VERSIONS {
        let (entry, rows) = random_append(&mut chance, &mut known, i64::try_from(number).unwrap());
        fixture.append(entry, rows).await;
    }
    let mut images = Vec::new();
    for version in 0..=VERSIONS {
        images.push(fixture.ledger.image(LedgerVersion(version)).await.unwrap());
    }
    let (mut compared, mut whole) = (0, 0);
    for from in 0..=VERSIONS {
        for to in from..=VERSIONS {
            let delta = fixture.ledger.delta(LedgerVersion(from), LedgerVersion(to)).await.unwrap();
            if delta.references_changed {
                whole += 1;
                continue;
            }
            check(&images[usize::try_from(from).unwrap()], &delta, &images[usize::try_from(to).unwrap()]);
            compared += 1;
        }
    }
    assert!(compared > 20 && whole > 5, "{compared} deltas compared, {whole} that ask for a whole build");
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None);
}

fn check(before: &LedgerImage, delta: &LedgerDelta, after: &LedgerImage) {
    let touched: BTreeSet<&ProjectId> = delta.projects.iter().collect();
    let of_touched = |record: &&RecordVersion| record.project.as_ref().is_some_and(|one| touched.contains(one));
    let at = format!("from {} to {}", before.head.version, after.head.version);
    let expected: Vec<_> = after.records.iter().filter(of_touched).collect();
    assert_eq!(delta.records.iter().collect::<Vec<_>>(), expected, "{at}");
    let untouched =
        |image: &LedgerImage| image.records.iter().filter(|one| !of_touched(one)).cloned().collect::<Vec<_>>();
    assert_eq!(untouched(before), untouched(after), "{at}: what the delta does not touch is as before");
    assert_eq!(
        (&delta.head, &delta.decisions, &delta.sources),
        (&after.head, &after.decisions, &after.sources),
        "{at}"
    );
    for [from, to] in after.decisions.iter().map(Decision::projects) {
        assert_eq!(touched.contains(from), touched.contains(to), "{at}: joined projects are touched together");
    }
}

fn random_append(
    chance: &mut StdRng,
    known: &mut BTreeMap<u64, (NewRecord, RecordState)>,
    seconds: i64,
) -> (NewEntry, Vec<NewRow>) {
    let mut entry = entry(seconds);
    let mut rows = Vec::new();
    let mut used = BTreeSet::new();
    for _ in 0..chance.random_range(0..4) {
        let number = chance.random_range(0..KEYS);
        if !used.insert(number) {
            continue;
        }
        let name = format!("k{number}");
        match known.get(&number).cloned() {
            None => {
                let mut new = record(&name, chance.random_range(0..PROJECTS), seconds);
                if number == 3 {
                    new.project = None;
                    new.facts = facts(&name, "0.01");
                }
                known.insert(number, (new.clone(), RecordState::Open));
                rows.push(NewRow::Record(new));
            }
            Some((old, RecordState::Open)) if chance.random_bool(0.4) => {
                let to = if chance.random_bool(0.5) { RecordState::Closed } else { RecordState::Bad };
                known.insert(number, (old, to));
                rows.push(state(&name, to, seconds));
            }
            Some((old, before)) => {
                let mut new = changed(old, &format!("{seconds}.00"));
                new.replaces = Some(before);
                new.observed_at = at(seconds);
                known.insert(number, (new.clone(), RecordState::Open));
                rows.push(NewRow::Record(new));
            }
        }
    }
    if chance.random_bool(0.3) {
        let (one, other) = (chance.random_range(0..PROJECTS), chance.random_range(0..PROJECTS));
        if one != other {
            entry.decisions.push(redirect(one.max(other), one.min(other)));
        }
    }
    (entry, rows)
}

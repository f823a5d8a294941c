//! Natures that change, and of what known records speak.

use super::*;
use crate::domain::facts::{Places, ProjectFacts};
use crate::domain::place::CommuneCode;

/// Forty grants in operation and a third of each in investment, or one of both, and what known records say of them now.
fn turned(count: usize, was: &[(Nature, i64)], is: &[(Nature, i64)]) -> Vec<(SourceFindingKind, bool)> {
    let (mut before, mut now) = (Before::default(), read(&[]));
    for (rank, _, cents) in different(40) {
        let says = |sums: &[(Nature, i64)]| {
            let of = |(nature, share): &(Nature, i64)| StatementFacts {
                nature: Some(*nature),
                stage: Some(Stage::Attribue),
                ..statement(cents * share)
            };
            sums.iter().map(of).collect::<Vec<_>>()
        };
        *before.records.entry("2025".into()).or_default() += 1;
        *before.lines.entry("2025".into()).or_default() += was.len() as u64;
        let part = before.partitions.entry("2025".into()).or_default();
        for amount in says(was).iter().filter_map(|one| one.amount) {
            part.add(amount, false);
            part.stage(Some(Stage::Attribue), amount, false);
        }
        now.know("2025");
        if rank < count {
            before.changed.insert(key(rank), Said::of("2025", &says(was), &[]));
            now.changed(&key(rank), "2025", &says(is));
        }
    }
    told(&before, &now)
}

#[test]
fn amounts_that_change_their_nature_hold_as_exchanged_ones_do() {
    use Nature::{Fonctionnement, Investissement};
    let changed = |held| vec![(SourceFindingKind::NatureChanged, held)];
    let flipped = |count| turned(count, &[(Fonctionnement, 1)], &[(Investissement, 1)]);
    assert_eq!(flipped(40), changed(true), "a section of which the words were exchanged");
    assert_eq!(flipped(18), changed(true));
    assert_eq!(flipped(10), changed(false), "a quarter of the grants");
    assert_eq!(flipped(9), []);
    let columns = [(Investissement, 3), (Fonctionnement, 1)];
    let labels = turned(40, &columns, &[(Investissement, 1), (Fonctionnement, 3)]);
    assert_eq!(labels, changed(true), "two columns of which the labels were exchanged");
    let raised = turned(40, &columns, &[(Investissement, 3), (Fonctionnement, 2)]);
    assert!(raised.iter().all(|(kind, _)| *kind == SourceFindingKind::TotalMoved), "{raised:?}");
}

/// What most of forty known records, of which nothing else changed, say of their projects now.
fn described(turn: impl Fn(usize) -> ProjectFacts) -> Vec<(SourceFindingKind, bool)> {
    let (mut before, mut now) = (Before::default(), read(&[]));
    for rank in 0..40 {
        *before.records.entry("2025".into()).or_default() += 1;
        now.know("2025");
        let mut was = said("2025", 1_000);
        let of = project(rank);
        was.describe(of.holder.as_ref(), Some(&of.title), &of.places);
        before.changed.insert(key(rank), was);
        now.changed(&key(rank), "2025", &[statement(1_000)]);
        now.describe(&key(rank), &turn(rank));
    }
    told(&before, &now)
}

fn project(rank: usize) -> ProjectFacts {
    let code = CommuneCode::parse(&format!("59{:03}", 100 + rank)).expect("sound");
    ProjectFacts {
        title: format!("Action {rank} du quartier"),
        holder: OrganisationId::parse(&format!("text:desk:ASSOCIATION {rank}")).ok(),
        places: Places { communes: vec![code], ..Places::default() },
        ..ProjectFacts::default()
    }
}

#[test]
fn what_most_known_records_say_of_another_project_is_told() {
    let other = |rank: usize| project((rank + 1) % 40);
    assert_eq!(described(project), []);
    let holders = described(|rank| ProjectFacts { holder: other(rank).holder, ..project(rank) });
    assert_eq!(holders, [(SourceFindingKind::HolderChanged, false)]);
    let titles = described(|rank| ProjectFacts { title: other(rank).title, ..project(rank) });
    assert_eq!(titles, [(SourceFindingKind::TitleChanged, false)]);
    let places = described(|rank| ProjectFacts { places: other(rank).places, ..project(rank) });
    assert_eq!(places, [(SourceFindingKind::PlacesChanged, false)]);
    let some = |rank: usize| if rank < 15 { other(rank) } else { project(rank) };
    assert_eq!(described(some), [], "some may");
    // The column of the SIRET came.
    let named = OrganisationId::parse("siren:215901398").ok();
    assert_eq!(described(|rank| ProjectFacts { holder: named.clone(), ..project(rank) }), []);
    let title = |rank| format!("{} - édition 2025", project(rank).title.to_uppercase());
    assert_eq!(described(|rank| ProjectFacts { title: title(rank), ..project(rank) }), [], "it says more of the same");
}

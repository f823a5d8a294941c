//! One real project: its place, its holder, its numbers. What is put into it stands in `funding`.

use super::chance::Chance;
use super::funding;
use super::geography::Geography;
use super::organisations::{self, Funder, Holder};
use super::programme::Programme;
use super::truth::{Commitment, Numbers, Project, Scheme};
use super::wording;
use crate::domain::Date;
use crate::domain::money::Cents;

/// Share of the projects that each scheme makes, out of a hundred.
const SCHEMES: [(Scheme, usize); 7] = [
    (Scheme::Nqe, 23),
    (Scheme::Pic, 13),
    (Scheme::Programmation, 32),
    (Scheme::Ftu, 12),
    (Scheme::Npnru, 7),
    (Scheme::DroitCommun, 8),
    (Scheme::Europe, 5),
];
/// Rank, in the first of each hundred, of the contribution to the centre of resources.
const IREV_RANK: usize = 5;
/// Years in which it is paid.
const IREV_YEARS: usize = 3;
/// Rank, in each hundred, of the first project of the Union, and how far apart they are.
const UNION_RANK: usize = 11;
const UNION_STEP: usize = 11;
/// Share of the operating projects that renew last year's edition, out of a hundred.
const RENEWED_PERCENT: usize = 35;
/// Share of the projects whose shared number is written by the other systems too, out of a hundred.
const SHARED_PERCENT: usize = 60;

/// The project of that rank; it may renew one of those before it.
pub fn generate(seed: u64, rank: usize, geography: &Geography, before: &[Project]) -> Project {
    let mut chance = Chance::new(seed, rank as u64);
    let drawn = scheme(&mut chance);
    let scheme = rare(rank).unwrap_or(drawn);
    let mut project =
        renewal(scheme, rank, &mut chance, before).unwrap_or_else(|| fresh(scheme, rank, geography, &mut chance));
    project.id = format!("T{:06}", rank + 1);
    project.numbers = numbers(rank, project.year, &mut chance);
    project.commitments = funding::commitments(&project, geography, &mut chance);
    let committed: Cents = project.commitments.iter().map(|one| one.voted.unwrap_or(one.amount)).sum();
    let gap = if chance.percent(40) { chance.euros(500, 20_000) * 100 } else { 0 };
    project.budget = (committed + Cents::new(gap)).max(least_cost(&project));
    project
}

/// A European fund pays a part: 60 % at most in a region in transition.
fn least_cost(project: &Project) -> Cents {
    let european = |one: &&Commitment| matches!(one.funder, Funder::Feder | Funder::FsePlus | Funder::Union(_));
    let shares = project.commitments.iter().filter(european).map(|one| one.voted.unwrap_or(one.amount).max(one.amount));
    shares.max().map_or(Cents::ZERO, |share| Cents::new(share.get() / 60 * 100))
}

fn scheme(chance: &mut Chance) -> Scheme {
    let mut drawn = chance.below(100);
    for (scheme, share) in SCHEMES {
        if drawn < share {
            return scheme;
        }
        drawn -= share;
    }
    Scheme::Programmation
}

/// The schemes that come at fixed ranks: eight projects of the Union in a hundred, and the yearly contribution to the
/// centre of resources.
fn rare(rank: usize) -> Option<Scheme> {
    if rank % 100 == IREV_RANK && rank / 100 < IREV_YEARS {
        return Some(Scheme::Irev);
    }
    let at = (rank % 100).checked_sub(UNION_RANK).filter(|at| at.is_multiple_of(UNION_STEP))?;
    Programme::ALL.get(at / UNION_STEP).copied().map(Scheme::Union)
}

/// The next edition of an earlier project of the same scheme, which nobody has renewed yet.
fn renewal(scheme: Scheme, rank: usize, chance: &mut Chance, before: &[Project]) -> Option<Project> {
    let operating = matches!(scheme, Scheme::Nqe | Scheme::Pic | Scheme::Programmation);
    if !operating || !chance.percent(RENEWED_PERCENT) {
        return None;
    }
    let start = rank.saturating_sub(300);
    let renewed = |earlier: usize| before[start..].iter().any(|one| one.renews == Some(earlier));
    let earlier = (start..before.len())
        .rev()
        .find(|at| before[*at].scheme == scheme && before[*at].year < 2026 && !renewed(*at))?;
    let mut next = before[earlier].clone();
    next.renews = Some(earlier);
    next.year += 1;
    next.starts_on = later(next.starts_on);
    next.ends_on = later(next.ends_on);
    next.appearances = Vec::new();
    Some(next)
}

fn later(day: Date) -> Date {
    day.checked_add_months(chrono::Months::new(12)).unwrap_or(day)
}

fn fresh(scheme: Scheme, rank: usize, geography: &Geography, chance: &mut Chance) -> Project {
    let quartier = chance.below(geography.quartiers.len());
    let place = &geography.quartiers[quartier];
    let commune = *chance.pick(&place.communes);
    let contrat = *chance.pick(&place.contrats);
    let whole_commune = chance.percent(6);
    let mut quartiers = if whole_commune { Vec::new() } else { vec![quartier] };
    if !whole_commune && chance.percent(12) {
        let near = geography.quartiers.iter().position(|one| one.communes.contains(&commune) && one.code != place.code);
        quartiers.extend(near);
    }
    let (action, objective) = wording::action(scheme, chance);
    let drawn = chance.below(3);
    let year = 2024 + u16::try_from(if scheme == Scheme::Irev { rank / 100 } else { drawn }).unwrap_or(0);
    let (starts_on, ends_on) = period(scheme, year, chance);
    let name = &geography.communes[commune].name;
    Project {
        id: String::new(),
        scheme,
        action,
        place: if whole_commune { (*name).to_owned() } else { format!("{} ({name})", place.name) },
        holder: holder(scheme, geography, commune, chance),
        commune,
        quartiers,
        contrat,
        objective,
        year,
        starts_on,
        ends_on,
        budget: Cents::ZERO,
        commitments: Vec::new(),
        renews: None,
        numbers: Numbers::default(),
        appearances: Vec::new(),
    }
}

fn holder(scheme: Scheme, geography: &Geography, commune: usize, chance: &mut Chance) -> Holder {
    let association = |chance: &mut Chance| {
        let rank = chance.below(organisations::ASSOCIATIONS_PER_COMMUNE);
        organisations::association(geography, commune, rank)
    };
    let public = |chance: &mut Chance| {
        if chance.percent(60) {
            organisations::commune(geography, commune)
        } else {
            organisations::epci(geography, geography.communes[commune].epci)
        }
    };
    match scheme {
        Scheme::Pic if chance.percent(40) => organisations::resident(chance),
        Scheme::Nqe | Scheme::Pic | Scheme::DroitCommun => association(chance),
        Scheme::Programmation if chance.percent(15) => organisations::commune(geography, commune),
        Scheme::Programmation => association(chance),
        Scheme::Irev => organisations::irev(),
        Scheme::Npnru | Scheme::Europe if chance.percent(40) => organisations::landlord(chance),
        Scheme::Ftu | Scheme::Npnru | Scheme::Europe | Scheme::Union(_) => public(chance),
    }
}

fn period(scheme: Scheme, year: u16, chance: &mut Chance) -> (Date, Date) {
    let day = |year: i32, month: u32, day: u32| Date::from_ymd_opt(year, month, day).expect("a day of the calendar");
    let year = i32::from(year);
    match scheme {
        Scheme::Nqe => (day(year, 7, 1), day(year, 8, 31)),
        Scheme::Pic | Scheme::Programmation | Scheme::DroitCommun | Scheme::Irev => {
            (day(year, 1, 1), day(year, 12, 31))
        }
        Scheme::Ftu | Scheme::Npnru | Scheme::Europe | Scheme::Union(_) => {
            let month = 1 + u32::try_from(chance.below(12)).unwrap_or(0);
            let years = 1 + i32::try_from(chance.below(3)).unwrap_or(0);
            (day(year, month, 1), day(year + years, month, 15))
        }
    }
}

fn numbers(rank: usize, year: u16, chance: &mut Chance) -> Numbers {
    let short = year % 100;
    Numbers {
        dauphin: format!("DA{short}{:06}", 100_000 + rank),
        convention: format!("{year}-CR-{:06}", rank + 1),
        synergie: format!("HDF{:07}", 40_000 + rank),
        dotation: format!("di{short}_{:06}", rank + 1),
        shared: std::array::from_fn(|_| chance.percent(SHARED_PERCENT)),
    }
}

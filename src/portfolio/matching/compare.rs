//! Two atoms compared: six comparisons with few levels each, and what speaks against one project for certain.

use super::atom::{Atom, Atoms, Title};
use super::words::similar_names;
use crate::domain::project::Reference;

/// What is compared, and how each comparison may come out. The weights name each of these.
pub const TERMS: [(&str, &[&str]); 6] = [
    ("holder", &["same-only", "same-rare", "same-common", "same-name", "similar-name", "different-name", "unstated"]),
    ("title", &["same", "close", "near", "far", "unstated"]),
    (
        "place",
        &[
            "same-quartier",
            "named-quartier",
            "same-commune",
            "named-commune",
            "same-territory",
            "elsewhere",
            "unstated",
        ],
    ),
    ("time", &["same-days", "same-year", "year-within", "overlapping", "unstated"]),
    ("sums", &["several", "one-rare", "one-common", "contradicted", "unstated"]),
    ("budget", &["same", "different", "unstated"]),
];

/// The level of a comparison that one of the two leaves open.
pub const UNSTATED: &str = "unstated";

/// Atoms that a legal person carries, up to which carrying it tells much.
const RARE_HOLDER: u32 = 6;
/// Atoms that know of one sum, up to which knowing of it tells much: several systems write one grant down.
const RARE_SUM: u32 = 4;
/// Likeness of titles, in hundredths, for each level.
const TITLE_LEVELS: [(u32, &str); 3] = [(92, "same"), (75, "close"), (55, "near")];

/// How two atoms compare: the level of each of [`TERMS`].
pub(super) type Levels = [&'static str; 6];

/// The levels of a pair; nothing where the two are certainly not one project.
pub(super) fn compare(atoms: &Atoms, one: &Atom, other: &Atom) -> Option<Levels> {
    if are_two(one, other) {
        return None;
    }
    let time = time(one, other)?;
    let place = place(one, other)?;
    let holder = holder(atoms, one, other)?;
    Some([holder, title(atoms, one, other), place, time, sums(atoms, one, other), budget(one, other)])
}

/// Can the two not be one project, whatever else they share?
pub(super) fn exclude_each_other(atoms: &Atoms, one: &Atom, other: &Atom) -> bool {
    are_two(one, other)
        || time(one, other).is_none()
        || place(one, other).is_none()
        || holder(atoms, one, other).is_none()
}

/// Does something say for certain that these are two projects? One system lists one operation under one key; different
/// numbers of one numbering are different dossiers; an edition is not the one that it renews, nor a micro-project its fund.
fn are_two(one: &Atom, other: &Atom) -> bool {
    let names = |one: &Atom, other: &Atom| meet(&one.others, &other.references);
    meet(&one.sources, &other.sources) || names(one, other) || names(other, one) || numbered_apart(one, other)
}

fn numbered_apart(one: &Atom, other: &Atom) -> bool {
    // Atoms that share a number are one atom, so that one numbering in both means two numbers.
    let theirs = |reference: &&Reference| reference.given_back().is_none();
    let apart = |mine: &Reference| {
        other.references.iter().filter(theirs).any(|its| mine.scheme == its.scheme && mine.value != its.value)
    };
    one.references.iter().filter(theirs).any(apart)
}

fn holder(atoms: &Atoms, one: &Atom, other: &Atom) -> Option<&'static str> {
    let years = one.active();
    let only = |name: &u32| {
        let shared = other.active().into_iter().filter(|year| years.contains(year));
        other.names.contains(name) && shared.into_iter().any(|year| !atoms.crowded.contains(&(*name, year)))
    };
    if one.names.iter().any(only) {
        return Some("same-only");
    }
    if let Some(shared) = one.holders.iter().find(|holder| other.holders.contains(holder)) {
        let times = atoms.holders.get(shared).copied().unwrap_or_default();
        return Some(if times <= RARE_HOLDER { "same-rare" } else { "same-common" });
    }
    if meet(&one.names, &other.names) {
        return Some("same-name");
    }
    if one.names.is_empty() || other.names.is_empty() {
        return Some(UNSTATED);
    }
    let name = |number: &u32| &*atoms.names[*number as usize];
    if one.names.iter().any(|mine| other.names.iter().any(|its| similar_names(name(mine), name(its)))) {
        return Some("similar-name");
    }
    // Two legal persons, each known by its number.
    let both_known = !one.holders.is_empty() && !other.holders.is_empty();
    (!both_known).then_some("different-name")
}

fn title(atoms: &Atoms, one: &Atom, other: &Atom) -> &'static str {
    let likeness = |mine: &Title, its: &Title| {
        // A place that is read in one title alone is misspelled in the other: it tells where, there too, and not what.
        if mine.places == its.places {
            return atoms.words.likeness(&mine.what, &its.what);
        }
        let (mine, its) = (atoms.words.without(&mine.what, &its.places), atoms.words.without(&its.what, &mine.places));
        atoms.words.likeness(&mine, &its)
    };
    let best = |mine: &Title| other.titles.iter().map(|its| likeness(mine, its)).max();
    match one.titles.iter().filter_map(best).max() {
        None => UNSTATED,
        Some(best) => TITLE_LEVELS.iter().find(|(least, _)| best >= *least).map_or("far", |(_, level)| level),
    }
}

fn place(one: &Atom, other: &Atom) -> Option<&'static str> {
    let named = |title: &Atom, place: &Atom| meet(&title.named.quartiers, &place.quartiers);
    let both_named = meet(&one.named.quartiers, &other.named.quartiers);
    let ((communes, by_name), (its, its_by_name)) = (one.communes(), other.communes());
    let told = !communes.is_empty() && !its.is_empty();
    let by_name = by_name || its_by_name;
    if meet(&one.quartiers, &other.quartiers) {
        return Some("same-quartier");
    }
    if told && !meet(communes, its) {
        // A name may be another place's too; a code is not.
        return by_name.then_some("elsewhere");
    }
    if named(one, other) || named(other, one) || both_named && told {
        return Some("named-quartier");
    }
    if told {
        return Some(if by_name { "named-commune" } else { "same-commune" });
    }
    let (mine, its) = (&one.places, &other.places);
    if apart(&mine.departements, &its.departements)
        || apart(&mine.epcis, &its.epcis)
        || apart(&mine.contrats, &its.contrats)
    {
        return None;
    }
    let territory = meet(&mine.epcis, &its.epcis) || meet(&mine.contrats, &its.contrats);
    Some(if territory { "same-territory" } else { UNSTATED })
}

fn time(one: &Atom, other: &Atom) -> Option<&'static str> {
    use chrono::Datelike;
    if one.days.iter().any(|days| days.1.is_some() && other.days.contains(days)) {
        return Some("same-days");
    }
    if !one.years.is_empty() && !other.years.is_empty() {
        // An exercise is a project of its own.
        return meet(&one.years, &other.years).then_some("same-year");
    }
    let overlap = |mine: &(_, Option<_>), its: &(_, Option<_>)| {
        mine.1.is_none_or(|end| its.0 <= end) && its.1.is_none_or(|end| mine.0 <= end)
    };
    if !one.days.is_empty() && !other.days.is_empty() {
        let overlapping = one.days.iter().any(|mine| other.days.iter().any(|its| overlap(mine, its)));
        return overlapping.then_some("overlapping");
    }
    let year_of = |day: crate::domain::Date| u16::try_from(day.year()).unwrap_or_default();
    let within = |years: &[u16], days: &[(crate::domain::Date, Option<crate::domain::Date>)]| {
        let covers = |year: &u16| {
            days.iter().any(|(first, last)| year_of(*first) <= *year && last.is_none_or(|last| *year <= year_of(last)))
        };
        years.iter().any(covers)
    };
    for (years, days) in [(&one.years, &other.days), (&other.years, &one.days)] {
        if !years.is_empty() && !days.is_empty() {
            return within(years, days).then_some("year-within");
        }
    }
    let (mine, its) = (one.years.iter().chain(&one.sum_years), other.years.iter().chain(&other.sum_years));
    let its: Vec<&u16> = its.collect();
    Some(if mine.into_iter().any(|year| its.contains(&year)) { "same-year" } else { UNSTATED })
}

fn sums(atoms: &Atoms, one: &Atom, other: &Atom) -> &'static str {
    let shared: Vec<_> = one.sums.iter().filter(|sum| other.sums.binary_search(sum).is_ok()).collect();
    let rare = |sum: &(u32, i64)| atoms.sums.get(sum).is_some_and(|times| *times <= RARE_SUM);
    match shared.as_slice() {
        [_, _, ..] => "several",
        [one] if rare(one) => "one-rare",
        [_] => "one-common",
        [] if one.grants.iter().any(|mine| other.grants.iter().any(|its| is_of_one_grant(mine, its))) => "contradicted",
        [] => UNSTATED,
    }
}

/// Two schemes of one funder are two grants.
fn is_of_one_grant(mine: &(u32, Option<u32>), its: &(u32, Option<u32>)) -> bool {
    mine.0 == its.0 && (mine.1 == its.1 || mine.1.is_none() || its.1.is_none())
}

fn budget(one: &Atom, other: &Atom) -> &'static str {
    match (one.budgets.as_slice(), other.budgets.as_slice()) {
        ([], _) | (_, []) => UNSTATED,
        (mine, its) if meet(mine, its) => "same",
        _ => "different",
    }
}

/// Have two lists something in common? They are short.
fn meet<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.iter().any(|value| other.contains(value))
}

/// Are both told, and have they nothing in common?
fn apart<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    !one.is_empty() && !other.is_empty() && !meet(one, other)
}

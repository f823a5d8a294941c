//! Records that came twice or more: under one key, or with one content under several.

use super::{SERIES_MIN, Series, Terms};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use foldhash::HashSet;
use std::collections::BTreeMap;

/// Fewer repeated records than this are not told, nor fewer than one in a hundred.
const REPEATED_MIN: u64 = 3;
/// Per cent of the records that stand more than once but for their key, from which a list is one that was loaded several times.
/// Twins are many in some lists (three in four posts of adultes-relais have one), but never nearly all.
const COPIES_PERCENT: u64 = 95;
/// Per cent from which copies are told: the units of a scheme that are doubled are one in four at most.
const COPIES_TOLD_PERCENT: u64 = 30;
/// Per cent of the copies that stand the same number of times, or a multiple of it: so a file repeats, and twins do not.
const REGULAR_PERCENT: u64 = 90;
/// How often a part of a file may have been loaded; four times is twice, six times is three times.
const LOADED: [u32; 4] = [2, 3, 5, 7];

/// Records that came twice: under one key, or nearly all of them under others.
pub(super) fn repeated(now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let read = now.accepted + now.again + now.clashes;
    let limit = u64::from(terms.limits.repeat_limit_percent);
    let copies = if terms.twins && limit < 100 { Copies::of(now) } else { Copies::default() };
    if copies.is_file() {
        let message = Message::new(
            format!(
                "{} des {read} enregistrements ne diffèrent d'un autre que par leur clé : le fichier semble chargé plusieurs fois ; rien n'est appliqué",
                copies.count
            ),
            format!(
                "{} of the {read} records differ from another one by their key alone: the file seems to be loaded several times; nothing is applied",
                copies.count
            ),
        );
        let finding = terms.finding(SourceFindingKind::RecordsRepeated, "", message);
        return Some(SourceFinding { held: true, ..finding });
    }
    let again = now.again;
    let Some((held, (fr, en))) =
        weighed((again, read), limit, (" ; chacun ne compte qu'une fois", "; each counts once"))
    else {
        return copies.told(read, terms);
    };
    let message = Message::new(
        format!("{again} des {read} enregistrements sont venus deux fois à l'identique{fr}"),
        format!("{again} of the {read} records came twice, identical{en}"),
    );
    let finding = terms.finding(SourceFindingKind::RecordsRepeated, "", message);
    Some(SourceFinding { held, ..finding })
}

/// Records that stand more than once but for their key.
#[derive(Debug, Default)]
struct Copies {
    /// Of so many.
    accepted: u64,
    /// How many they are.
    count: u64,
    /// Of these, those that stand a number of times that loading a file so often would give.
    regular: u64,
}

impl Copies {
    fn of(now: &Series) -> Self {
        let standing = |every: u32| {
            let times = now.contents.times().filter(move |times| *times > 1 && times.is_multiple_of(every));
            times.map(u64::from).sum()
        };
        let regular = LOADED.into_iter().map(standing).max().unwrap_or_default();
        Copies { accepted: now.accepted, count: standing(1), regular }
    }

    fn is_file(&self) -> bool {
        self.accepted >= SERIES_MIN && self.count * 100 >= self.accepted * COPIES_PERCENT
    }

    fn told(&self, read: u64, terms: &Terms<'_>) -> Option<SourceFinding> {
        let many = self.accepted >= SERIES_MIN && self.count * 100 >= self.accepted * COPIES_TOLD_PERCENT;
        if !many || self.regular * 100 < self.count * REGULAR_PERCENT {
            return None;
        }
        let count = self.count;
        let message = Message::new(
            format!(
                "{count} des {read} enregistrements ne diffèrent d'un autre que par leur clé : une partie du fichier est peut-être chargée plusieurs fois ; à vérifier auprès de son propriétaire"
            ),
            format!(
                "{count} of the {read} records differ from another one by their key alone: a part of the file may be loaded several times; to be checked with its owner"
            ),
        );
        Some(terms.finding(SourceFindingKind::RecordsRepeated, "", message))
    }
}

/// Parts of which nearly every record says what one of the part before says, but for its key and its years, and was decided on the same
/// day: one year's file may have been given for another's. A renewal is decided on another day than what it renews.
pub(super) fn of_the_part_before(now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let is_one = now.contents.before().next().is_none() && now.parts().all(|part| Some(part) == now.parts().next());
    if is_one || !terms.twins || terms.limits.repeat_limit_percent >= 100 {
        return Vec::new();
    }
    let parts = now.contents.parts();
    let mut said: BTreeMap<&str, HashSet<u64>> =
        parts.iter().map(|(part, (is, _))| (*part, is.keys().copied().collect())).collect();
    said.extend(now.contents.before().map(|(part, was)| (part, was.clone())));
    let repeated = parts.iter().filter_map(|(part, (is, all))| {
        let (before, was) = said.range::<&str, _>(..*part).next_back()?;
        let again = is.iter().filter(|(content, _)| was.contains(*content));
        let count: u64 = again.map(|(_, times)| u64::from(*times)).sum();
        // Of a scheme of units many records say one thing.
        let is_told = is.len() as u64 >= SERIES_MIN && count * 100 >= all * COPIES_PERCENT;
        is_told.then(|| {
            let message = Message::new(
                format!(
                    "{count} des {all} enregistrements de « {part} » disent, à leur clé et à leur année près, ce que disent ceux de « {before} », décidé les mêmes jours : le fichier de l'un est peut-être celui de l'autre ; à vérifier auprès de son propriétaire"
                ),
                format!(
                    "{count} of the {all} records of « {part} » say, but for their key and their year, what those of « {before} » say, decided on the same days: the file of one may be that of the other; to be checked with its owner"
                ),
            );
            terms.finding(SourceFindingKind::RecordsRepeated, part, message)
        })
    });
    repeated.collect()
}

/// Records under the key of another one, with another content: the key tells them not apart.
pub(super) fn clashing(now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let (clashes, read) = (now.clashes, now.accepted + now.again + now.clashes);
    let limit = u64::from(terms.limits.repeat_limit_percent);
    let kept = (" ; chacun est rejeté, le premier compte", "; each is rejected, the first one counts");
    let (held, (fr, en)) = weighed((clashes, read), limit, kept)?;
    let message = Message::new(
        format!(
            "{clashes} des {read} enregistrements portent la clé d'un autre avec un autre contenu{fr} ; voyez `key` dans le manifeste"
        ),
        format!(
            "{clashes} of the {read} records have the key of another one and another content{en}; see `key` in the manifest"
        ),
    );
    let finding = terms.finding(SourceFindingKind::RecordsRepeated, "", message);
    Some(SourceFinding { held, ..finding })
}

/// Are so many of the records held, and in which words; nothing where they are too few to be told.
fn weighed((count, read): (u64, u64), limit: u64, (fr, en): (&str, &str)) -> Option<(bool, (String, String))> {
    if count < REPEATED_MIN || count * 100 < read {
        return None;
    }
    let held = count >= SERIES_MIN / 2 && count * 100 > read * limit;
    let words = if held {
        (
            format!(" : plus que la limite de {limit} %, rien n'est appliqué"),
            format!(": more than the limit of {limit} %, nothing is applied"),
        )
    } else {
        (fr.to_owned(), en.to_owned())
    };
    Some((held, words))
}

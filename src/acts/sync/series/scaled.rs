//! Amounts in another unit: known ones that change by one same factor of a hundred or a thousand, as when thousands of euros or cents
//! come in the place of euros. Few of them move no total. Those of a new part of the source are held against the parts before.

use super::amounts::Stated;
use super::{Before, Part, SERIES_MIN, Said, Series, Terms, Voice, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::BTreeMap;

/// The factors between units: cents, thousands.
const FACTORS: [i128; 2] = [100, 1_000];
/// One that changes so is a slip that was mended.
const TOLD_MIN: u64 = 2;
/// Fewer hold where they are most.
const HELD_MIN: u64 = 3;
/// The middle amount of a new part this far from all others: no year differs so from another.
const FAR: i64 = 33;

/// Known amounts of which several changed by one factor: held where they are ten, or three and most of the records, or where the total
/// that they move holds the run: what is not applied is not told of the source for a month.
pub(super) fn scaled(before: &Before, now: &Series, terms: &Terms<'_>, is_held: bool) -> Option<SourceFinding> {
    let mut counts: BTreeMap<(i128, bool), u64> = BTreeMap::new();
    for (key, says) in &now.changed {
        let factor = before.changed.get(key).and_then(|said| factor(said, says));
        if let Some(factor) = factor {
            *counts.entry(factor).or_default() += 1;
        }
    }
    let ((factor, is_more), count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    if count < TOLD_MIN {
        return None;
    }
    let held = is_held || count >= SERIES_MIN / 2 || count >= HELD_MIN && count * 2 > now.known;
    let (than_fr, than_en) = if is_more { ("grands", "larger") } else { ("petits", "smaller") };
    let (fr, en) = if held { ("rien n'est appliqué", "nothing is applied") } else { CHECKED };
    let message = Message::new(
        format!(
            "{count} fiches connues donnent des montants {factor} fois plus {than_fr} qu'avant, dans une autre unité semble-t-il : {fr}"
        ),
        format!(
            "{count} known records state amounts {factor} times {than_en} than before, in another unit as it seems: {en}"
        ),
    );
    Some(SourceFinding { held, ..terms.finding(SourceFindingKind::AmountsScaled, "", message) })
}

const CHECKED: (&str, &str) = ("à vérifier auprès de son propriétaire", "to be checked with its owner");

/// The factor, but for what is rounded to whole units, by which an amount of a record changed at a stage, and whether it is more now.
fn factor(said: &Said, says: &Said) -> Option<(i128, bool)> {
    let of_voice = |voice: Voice| {
        let pairs =
            said.stages(voice).iter().filter_map(|(stage, was)| Some(((*was)?, (*says.stages(voice).get(stage)?)?)));
        pairs.into_iter().find_map(|(was, is)| {
            let (small, large) = (was.min(is), was.max(is));
            let near = |factor: &&i128| small > 0 && (large - *factor * small).abs() * 5 <= *factor * small;
            FACTORS.iter().find(near).map(|factor| (*factor, is > was))
        })
    };
    of_voice(Voice::All).or_else(|| of_voice(Voice::Own))
}

/// A new part of which the middle amount is far from that of each part that is known, of all its sums or of those that are granted. It
/// may be so: it is told and holds nothing.
pub(super) fn new_parts(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let new = now.partitions.iter().filter(|(name, _)| !before.partitions.contains_key(*name));
    let is_far_at = |part: &Part, stated: Stated| {
        let Some(middle) = part.at(stated, Voice::All).middle() else { return false };
        let known = before.partitions.values().filter_map(|part| part.at(stated, Voice::All).middle());
        bounds(known).is_some_and(|known| is_far(middle, known))
    };
    let far = new.filter(|(_, part)| is_far_at(part, Stated::Any) || is_far_at(part, Stated::Granted));
    far.map(|(name, _)| out_of_proportion((in_french(name), in_english(name)), name, terms)).collect()
}

/// Amounts of records that are not known, whatever their part, of which the middle one is far from that of each part that is known; of
/// fewer than tell a middle, three at least, all of which are far from each amount that is known. The same of what is granted.
pub(super) fn new_rows(before: &Before, now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let is_far_at = |stated: Stated| -> Option<bool> {
        let added = now.added.at(stated, Voice::All);
        let known = || before.partitions.values().map(|part| part.at(stated, Voice::All));
        match added.middle() {
            Some(middle) => Some(is_far(middle, bounds(known().filter_map(|amounts| amounts.middle()))?)),
            None => {
                let (least, most) = added.bounds().filter(|_| added.count >= HELD_MIN)?;
                let known: Vec<(i64, i64)> = known().filter_map(|amounts| amounts.bounds()).collect();
                let known = bounds(known.into_iter().flat_map(|(least, most)| [least, most]))?;
                Some(is_far(least, known) && is_far(most, known))
            }
        }
    };
    let told = is_far_at(Stated::Any) == Some(true) || is_far_at(Stated::Granted) == Some(true);
    let words = (" des fiches nouvelles".to_owned(), " of new records".to_owned());
    told.then(|| out_of_proportion(words, "", terms))
}

/// The least of them and the greatest.
fn bounds(amounts: impl Iterator<Item = i64>) -> Option<(i64, i64)> {
    amounts.fold(None, |bounds, amount| {
        let (least, most) = bounds.unwrap_or((amount, amount));
        Some((amount.min(least), amount.max(most)))
    })
}

/// Is an amount far below all of these, or far above?
fn is_far(amount: i64, (least, most): (i64, i64)) -> bool {
    amount.saturating_mul(FAR) < least || amount > most.saturating_mul(FAR)
}

fn out_of_proportion((of_fr, of_en): (String, String), name: &str, terms: &Terms<'_>) -> SourceFinding {
    let message = Message::new(
        format!(
            "les montants{of_fr} sont sans commune mesure avec ceux d'avant, dans une autre unité semble-t-il : {}",
            CHECKED.0
        ),
        format!(
            "the amounts{of_en} are out of all proportion to those before, in another unit as it seems: {}",
            CHECKED.1
        ),
    );
    terms.finding(SourceFindingKind::AmountsScaled, name, message)
}

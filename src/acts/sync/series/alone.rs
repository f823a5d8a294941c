//! Rows of a second table that belong to nobody knows which record, or name one that is not there. Some lists have such rows every day:
//! they are told. Where known records lack as many lines as stand alone now, the rows were theirs, and without them a plan looks whole.

use super::{Before, Series, Terms, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::BTreeMap;

/// Fewer lines than this may well have been dropped by the source itself.
const LINES_MIN: u64 = 10;

/// What is to be known of rows that stand alone: held where known records of a part lost more lines than may vanish of it.
pub(super) fn alone(before: &Before, now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let rows = now.alone;
    if rows == 0 {
        return None;
    }
    let mut lost: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, says) in &now.changed {
        let Some(said) = before.changed.get(key) else { continue };
        *lost.entry(&*said.partition).or_default() += said.lines().saturating_sub(says.lines());
    }
    let limit = u64::from(terms.vanish_limit_bp);
    let exceeds = |(partition, lost): &(&str, u64)| {
        let of = before.lines.get(*partition).copied().unwrap_or_default();
        let theirs = rows.min(*lost);
        theirs >= LINES_MIN && u128::from(theirs) * 10_000 > u128::from(of) * u128::from(limit)
    };
    let worst = lost.into_iter().filter(exceeds).max_by_key(|(_, lost)| *lost);
    let message = match worst {
        Some((partition, lost)) => Message::new(
            format!(
                "{rows} ligne(s) de la seconde table ne nomment aucun enregistrement qui soit là, et les fiches connues{} ont perdu {lost} lignes, plus que la limite de {} % : rien n'est appliqué",
                in_french(partition),
                limit / 100
            ),
            format!(
                "{rows} row(s) of the second table name no record that is there, and known records{} lost {lost} lines, more than the limit of {} %: nothing is applied",
                in_english(partition),
                limit / 100
            ),
        ),
        None => Message::new(
            format!(
                "{rows} ligne(s) de la seconde table sont illisibles ou ne nomment aucun enregistrement qui soit là : il manque peut-être à l'un d'eux ce qu'elles disent"
            ),
            format!(
                "{rows} row(s) of the second table cannot be read or name no record that is there: some record may lack what they say"
            ),
        ),
    };
    Some(SourceFinding { held: worst.is_some(), ..terms.finding(SourceFindingKind::RowsUnattached, "", message) })
}

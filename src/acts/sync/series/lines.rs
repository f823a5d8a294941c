//! Lines of plans that known records lost: what is only asked, or unknown, is little beside votes or nothing, and without it all means seem
//! to be known.

use super::{Before, Series, Terms, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::BTreeMap;

/// Fewer lines than this may well have been dropped; parts that hold fewer count together.
const LINES_MIN: u64 = 10;

/// The parts in which known records lost lines: told from half of what may vanish on, held beyond it.
pub(super) fn vanished(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut lost: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, says) in &now.changed {
        let Some(said) = before.changed.get(key) else { continue };
        let lines = said.lost_lines(says);
        if lines > 0 {
            let of = before.lines.get(&said.partition).copied().unwrap_or_default();
            *lost.entry(if of < LINES_MIN { "" } else { &*said.partition }).or_default() += lines;
        }
    }
    let small =
        || before.lines.iter().filter(|(name, of)| name.is_empty() || **of < LINES_MIN).map(|(_, of)| *of).sum();
    let stood =
        |part: &str| if part.is_empty() { small() } else { before.lines.get(part).copied().unwrap_or_default() };
    lost.into_iter().filter_map(|(part, lost)| finding(part, (lost, stood(part)), terms)).collect()
}

fn finding(partition: &str, (lost, of): (u64, u64), terms: &Terms<'_>) -> Option<SourceFinding> {
    let limit = u64::from(terms.vanish_limit_bp);
    if lost < LINES_MIN || u128::from(lost) * 20_000 <= u128::from(of) * u128::from(limit) {
        return None;
    }
    let held = u128::from(lost) * 10_000 > u128::from(of) * u128::from(limit);
    let (fr, en) = if held {
        let limit = limit / 100;
        (
            format!("plus que la limite de {limit} %, rien n'est appliqué"),
            format!("more than the limit of {limit} %, nothing is applied"),
        )
    } else {
        ("à vérifier auprès de son propriétaire".to_owned(), "to be checked with its owner".to_owned())
    };
    let message = Message::new(
        format!("les fiches connues{} ont perdu {lost} de {of} lignes de financement : {fr}", in_french(partition)),
        format!("known records{} lost {lost} of {of} lines of funding: {en}", in_english(partition)),
    );
    Some(SourceFinding { held, ..terms.finding(SourceFindingKind::LinesVanished, partition, message) })
}

//! Amounts that change their nature: two columns of which the headers were exchanged, a section that was sorted alone. The total stands,
//! and half of what is told of each sum is wrong.

use super::moved::{Moved, movements};
use super::{Before, Part, SERIES_MIN, Said, Series, Terms, Voice, graver, in_english, in_french, is_granted};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::vocabulary::Stage;

/// Partitions in which known records state another nature of their amounts, all of them, what is granted or what the source speaks for:
/// weighed as amounts that are exchanged among records, told from half of the limit on and held beyond it.
pub(super) fn natures(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let of = |voice: Voice, granted: bool| {
        let wanted = move |stage: Option<Stage>| !granted || stage.is_some_and(is_granted);
        let movement = move |was: &Said, is: &Said| was.renatured(is, voice, wanted);
        let sum = move |part: &Part| if granted { part.granted(voice) } else { part.sum(voice) };
        let moved = movements(before, now, (movement, sum));
        moved.iter().filter_map(|moved| finding(moved, terms)).collect::<Vec<_>>()
    };
    let ways = [(Voice::All, true), (Voice::Own, false), (Voice::Own, true)];
    ways.into_iter().fold(of(Voice::All, false), |all, (voice, granted)| graver(of(voice, granted), all))
}

fn finding(moved: &Moved<'_>, terms: &Terms<'_>) -> Option<SourceFinding> {
    let limit = i128::from(terms.limits.moved_limit_percent);
    let Moved { partition, records, moved, total, count, .. } = *moved;
    let weight = moved * 100 / total;
    if records < SERIES_MIN / 2 || count < SERIES_MIN / 2 || weight * 2 <= limit {
        return None;
    }
    let held = weight > limit;
    let (fr, en) = if held {
        ("rien n'est appliqué", "nothing is applied")
    } else {
        ("à vérifier auprès de son propriétaire", "to be checked with its owner")
    };
    let message = Message::new(
        format!(
            "{records} fiches connues{} donnent une autre nature à leurs montants, une grande part du total : {fr}",
            in_french(partition)
        ),
        format!(
            "{records} known records{} give their amounts another nature, much of the total: {en}",
            in_english(partition)
        ),
    );
    Some(SourceFinding { held, ..terms.finding(SourceFindingKind::NatureChanged, partition, message) })
}

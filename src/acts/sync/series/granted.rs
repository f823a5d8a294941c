//! How what is granted moves by itself.

use super::amounts::Voice;
use super::said::{Said, Stages};
use crate::domain::vocabulary::Stage;

/// Is it granted? What is paid of it grows as it is paid, and is a figure of its own.
pub fn is_granted(stage: Stage) -> bool {
    matches!(stage, Stage::Attribue | Stage::Engage)
}

/// Is it asked, or proposed?
pub(super) fn is_asked(stage: Stage) -> bool {
    !stage.is_decided() && stage.rank().is_some()
}

/// Is it paid?
pub(super) fn is_paid(stage: Stage) -> bool {
    stage.is_decided() && !is_granted(stage)
}

/// The greatest figure that a record grants; `None`: it states none.
pub(super) fn greatest(stages: &Stages) -> Option<i128> {
    stages.iter().filter(|(stage, _)| stage.is_some_and(is_granted)).filter_map(|(_, sum)| *sum).max()
}

/// By how much what one record states as granted moved. A vote that newly appears, or that follows a request of the record, moves
/// nothing, nor does a grant that goes on to a later figure (engaged, paid); one that is gone, or only asked again, is lost.
pub(super) fn movement(said: &Said, says: &Said, voice: Voice) -> i128 {
    let (stated, states) = (said.stages(voice), says.stages(voice));
    let (mut grown, mut shrunk, mut lost) = (0, 0, 0);
    for (stage, was) in stated.iter().filter(|(stage, _)| stage.is_some_and(is_granted)) {
        let was = was.unwrap_or_default();
        match states.get(stage).map(|is| is.unwrap_or_default() - was) {
            Some(moved) if moved > 0 => grown += moved,
            Some(moved) => shrunk -= moved,
            None => lost += was,
        }
    }
    let answered = (sum(stated, is_asked) - sum(states, is_asked)).max(0);
    let appears = |stage: &Option<Stage>| !stated.contains_key(stage) && stage.is_none_or(Stage::is_decided);
    // What says no stage may be decided, and is told by itself.
    let goes_on = grown > 0 || states.keys().any(appears) || sum(states, is_paid) > sum(stated, is_paid);
    let more = if says.grants(voice) > said.grants(voice) { 0 } else { (grown - answered - lost).max(0) };
    more - shrunk - if goes_on { 0 } else { lost }
}

fn sum(stages: &Stages, wanted: impl Fn(Stage) -> bool) -> i128 {
    let of = stages.iter().filter(|(stage, _)| stage.is_some_and(&wanted));
    of.filter_map(|(_, sum)| *sum).sum()
}

//! Decided sums that say no stage any more: a column that vanished or was emptied, words that the manifest does not know. None of them
//! counts as decided then, and the decided euros are lost without any amount that moves.

use super::said::{Said, Stages};
use super::{Before, Series, Terms};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::vocabulary::Stage;
use std::collections::BTreeMap;

/// One record alone may be misspelt: it tells that itself.
const RECORDS_MIN: u64 = 2;

/// Parts of the source in which decided sums have lost their stage: told from half of the limit of totals on, held beyond it.
pub(super) fn unstaged(before: &Before, now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let mut lost: BTreeMap<&str, (u64, i128)> = BTreeMap::new();
    for (key, is) in &now.changed {
        let Some(was) = before.changed.get(key) else { continue };
        if let Some(cents) = stage_lost(was, is) {
            let entry = lost.entry(&was.partition).or_default();
            *entry = (entry.0 + 1, entry.1 + cents);
        }
    }
    let limit = i128::from(terms.limits.moved_limit_percent);
    let (mut records, mut cents, mut of) = (0, 0, 0);
    for (partition, (count, part)) in lost {
        let decided = before.decided.get(partition).copied().unwrap_or_default();
        if part * 200 > decided * limit {
            (records, cents, of) = (records + count, cents + part, of + decided);
        }
    }
    (records >= RECORDS_MIN).then(|| finding((records, cents * 100 > of * limit), terms))
}

/// What a record stated as decided, where it now says a sum of no stage and none that is decided.
fn stage_lost(was: &Said, is: &Said) -> Option<i128> {
    let is_decided = |stages: &Stages| stages.keys().any(|stage| stage.is_some_and(Stage::is_decided));
    let is_lost = is.all.contains_key(&None) && !was.all.contains_key(&None) && !is_decided(&is.all);
    let decided = was.all.iter().filter(|(stage, _)| stage.is_some_and(Stage::is_decided));
    let cents: i128 = decided.filter_map(|(_, cents)| *cents).sum();
    (is_lost && cents > 0).then_some(cents)
}

fn finding((records, held): (u64, bool), terms: &Terms<'_>) -> SourceFinding {
    let limit = terms.limits.moved_limit_percent;
    let (fr, en) = if held {
        (
            format!("plus que la limite de {limit} % des euros décidés, rien n'est appliqué"),
            format!("more than the limit of {limit} % of the decided euros, nothing is applied"),
        )
    } else {
        ("à vérifier auprès de son propriétaire".to_owned(), "to be checked with its owner".to_owned())
    };
    let message = Message::new(
        format!(
            "{records} fiches connues ne disent plus à quel stade en sont leurs montants décidés (colonne absente, vide, ou mots que values ne prévoit pas) : {fr}"
        ),
        format!(
            "{records} known records no longer say at which stage their decided sums stand (a column that is gone or empty, or words that values does not name): {en}"
        ),
    );
    SourceFinding { held, ..terms.finding(SourceFindingKind::StageLost, "", message) }
}

//! Is the project whole: does nothing wait to be recognised as the same?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::project::ProjectId;

/// How many projects a sentence names.
const NAMED_MAX: usize = 5;

/// Projects that the matcher proposes to be one with this one, and of which nobody decided: their means may be means of this one.
/// Told to whoever may know of them alone.
pub(super) fn pending(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let Some(undecided) = &case.undecided else { return };
    if undecided.is_empty() {
        found.push(Outcome::met());
        return;
    }
    let named: Vec<&str> = undecided.iter().take(NAMED_MAX).map(ProjectId::as_str).collect();
    let more = if undecided.len() > NAMED_MAX { "…" } else { "" };
    found.push(Outcome::broken().with("projects", Word::Text(format!("{}{more}", named.join(", ")).into())));
}

//! What people said of one project that changes what its records say: the action, a nature left open, who is admitted.

use crate::domain::governance::{Act, ActEntry};
use crate::domain::organisation::OrganisationId;
use crate::domain::record::RecordVersion;
use crate::domain::text::ActionCode;
use crate::domain::vocabulary::Nature;

/// The acts about one project, the oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeoplesWord<'a>(Vec<&'a ActEntry>);

impl<'a> PeoplesWord<'a> {
    /// Those among the acts about one project that change what its records say.
    pub(crate) fn of(acts: impl Iterator<Item = &'a ActEntry>) -> Self {
        let tells = |act: &Act| matches!(act, Act::Classified { .. } | Act::NatureStated { .. } | Act::Admitted { .. });
        PeoplesWord(acts.filter(|entry| tells(&entry.act)).collect())
    }

    /// The action that was said last.
    pub(crate) fn action(&self) -> Option<&'a ActionCode> {
        self.0.iter().rev().find_map(|entry| match &entry.act {
            Act::Classified { action, .. } => Some(action),
            _ => None,
        })
    }

    /// The nature that was said last of a statement that leaves it open.
    pub(crate) fn nature(&self, record: &RecordVersion, statement: u16) -> Option<Nature> {
        self.0.iter().rev().find_map(|entry| match &entry.act {
            Act::NatureStated { source, key, ordinal, nature, .. } => {
                (*source == record.source && *key == record.key && *ordinal == statement).then_some(*nature)
            }
            _ => None,
        })
    }

    /// Is this body admitted?
    pub(crate) fn admits(&self, body: &OrganisationId) -> bool {
        self.0.iter().any(|entry| matches!(&entry.act, Act::Admitted { funder, .. } if funder == body))
    }
}

//! What was touched lately, in bounded memory: the last changes one by one, the older ones merged into one.

use super::Change;
use crate::domain::chain::LedgerVersion;
use crate::domain::project::ProjectId;
use std::collections::{BTreeSet, VecDeque};

/// Changes told one by one; those before are merged, each project once.
const CHANGES_APART: usize = 256;

/// The changes since this gateway was opened, the oldest first.
#[derive(Debug, Default)]
pub(super) struct News(VecDeque<Change>);

impl News {
    /// Adds the newest change.
    pub fn add(&mut self, change: Change) {
        self.0.push_back(change);
        if self.0.len() > CHANGES_APART
            && let (Some(oldest), Some(next)) = (self.0.pop_front(), self.0.front_mut())
        {
            let both: BTreeSet<ProjectId> = oldest.projects.iter().chain(next.projects.iter()).cloned().collect();
            next.projects = both.into_iter().collect();
        }
    }

    /// The projects touched after `version`. Whoever asks from before what is kept apart may be told more than was touched
    /// since, never less.
    pub fn since(&self, version: LedgerVersion) -> BTreeSet<ProjectId> {
        let later = self.0.iter().rev().take_while(|change| change.version > version);
        later.flat_map(|change| change.projects.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Instant;

    fn change(version: u64, project: u8) -> Change {
        let projects = [ProjectId::from_bytes([project; 8])].into();
        Change { version: LedgerVersion(version), at: Instant::UNIX_EPOCH, projects }
    }

    #[test]
    fn old_changes_are_merged_and_none_is_lost() {
        let mut news = News::default();
        let last = CHANGES_APART as u64 * 3;
        for version in 1..=last {
            news.add(change(version, u8::try_from(version % 5).expect("small")));
        }
        assert_eq!(news.0.len(), CHANGES_APART);
        assert_eq!(news.since(LedgerVersion(last)).len(), 0);
        assert_eq!(news.since(LedgerVersion(last - 1)).len(), 1);
        assert_eq!(news.since(LedgerVersion(last - 2)).len(), 2);
        assert_eq!(news.since(LedgerVersion(1)).len(), 5, "each once, however often it was touched");
    }
}

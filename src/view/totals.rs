//! Totals, with natural persons masked.

use super::organisation::PERSON_NAME;
use super::{CommitmentFilter, Reader};
use crate::domain::vocabulary::Dimension;
use crate::portfolio::TotalRow;

impl Reader {
    /// The sums of the commitments that a filter lets through, by dimensions. A row that rests on one project tells that project's
    /// sums, however many stand beside it: it is noted.
    pub fn totals(&self, filter: &CommitmentFilter, by: &[Dimension]) -> Vec<TotalRow> {
        self.note_filter(filter);
        let mut rows = self.portfolio().totals(filter, by);
        rows.iter().filter_map(|row| row.only_project).for_each(|project| self.note_project(project));
        let values = rows.iter_mut().flat_map(|row| &mut row.key);
        for value in values.filter(|value| value.dimension == Dimension::Funder) {
            if value.value.as_deref().is_some_and(|id| id.starts_with("person:")) {
                PERSON_NAME.clone_into(&mut value.label);
            }
        }
        rows
    }
}

//! What one source states, sum by sum, in the records that stand.

use super::Portfolio;
use super::index::SourceIx;
use crate::domain::money::Cents;
use crate::domain::record::RecordState;
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::Stage;

/// A sum that a record states.
#[derive(Debug, Clone, Copy)]
pub struct StatedSum<'a> {
    /// The part of the source that is read as a whole.
    pub partition: &'a str,
    /// The record.
    pub key: &'a RecordKey,
    /// The stage.
    pub stage: Option<Stage>,
    /// The amount.
    pub amount: Cents,
}

impl Portfolio {
    /// The sums that a source states in records that are open, of the amounts that are known.
    pub fn stated_in(&self, source: SourceIx) -> impl Iterator<Item = StatedSum<'_>> {
        let of_case = move |case: &'_ std::sync::Arc<super::ProjectCase>| {
            case.records.iter().any(|record| record.source == source)
        };
        self.cases.iter().filter(move |case| of_case(case)).flat_map(move |case| {
            case.all_statements().iter().filter_map(move |statement| {
                let record = case.record(statement);
                // Of a sum granted to several the record may state another amount than its own part.
                let stands = record.source == source && record.state == RecordState::Open && !statement.is_part;
                let amount = statement.amount.filter(|_| stands)?;
                let partition = &self.lexicon.texts[record.partition.get()];
                Some(StatedSum { partition, key: &record.key, stage: statement.stage, amount })
            })
        })
    }
}

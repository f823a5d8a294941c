//! Single rows by key: those of the driver's own SELECT, so that a row has the form that it has in the list.

use super::super::error::ReadError;
use super::super::settings::Limits;
use super::super::{Batch, RawRecord, Reading};
use super::{Query, Sql};
use crate::domain::text::RecordKey;
use std::time::Duration;
use tokio::sync::mpsc;

/// Batches on their way at most.
const BATCHES: usize = 4;

/// The rows that are wanted: the column that holds their key, and the keys.
#[derive(Clone, Copy)]
pub(super) struct Keyed<'a> {
    column: &'a str,
    pub(super) keys: &'a [RecordKey],
}

impl Keyed<'_> {
    /// The SELECT around `query` that keeps the rows of the keys; `placeholder` writes the one of a position from 1 on, of which
    /// `before` are taken. The column is qualified: SQLite would else take a name that there is not for a text.
    pub(super) fn around(&self, query: &str, before: usize, placeholder: impl Fn(usize) -> String) -> String {
        let column = self.column.replace('"', "\"\"");
        let places: Vec<String> = (1..=self.keys.len()).map(|at| placeholder(before + at)).collect();
        let places = places.join(", ");
        // The line break ends a comment at the end of the query.
        format!("SELECT * FROM ({query}\n) AS listed WHERE CAST(listed.\"{column}\" AS TEXT) IN ({places})")
    }
}

impl Sql {
    /// The rows of some keys. What is there and is no record is left out, as what is not there.
    pub(in super::super) async fn look_up(
        &self,
        reading: &Reading<'_>,
        (column, keys): (&str, &[RecordKey]),
        timeout_ms: u64,
    ) -> Result<Vec<RawRecord>, ReadError> {
        let query = Query { keyed: Some(Keyed { column, keys }), ..self.query(reading)? };
        let seconds_max = timeout_ms.div_ceil(1_000).min(self.settings.limits.seconds_max);
        let limits = Limits { seconds_max, ..self.settings.limits };
        let (out, mut batches) = mpsc::channel::<Batch>(BATCHES);
        let gather = async {
            let mut found = Vec::new();
            while let Some(mut batch) = batches.recv().await {
                found.append(&mut batch.records);
            }
            found
        };
        let read = async {
            let end = self.rows(reading, query, (&out, limits)).await;
            drop(out);
            end
        };
        let both = async { tokio::join!(read, gather) };
        let (end, found) = tokio::time::timeout(Duration::from_millis(timeout_ms), both)
            .await
            .map_err(|_| ReadError::TooLong { seconds_max })?;
        end.map(|_| found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_the_keys_alone_are_kept() {
        let keys = ["a", "b"].map(|key| RecordKey::parse(key).expect("a key"));
        let keyed = Keyed { column: "co\"de", keys: &keys };
        let text = keyed.around("SELECT 1 -- fin", 1, |at| format!("?{at}"));
        let expected =
            "SELECT * FROM (SELECT 1 -- fin\n) AS listed WHERE CAST(listed.\"co\"\"de\" AS TEXT) IN (?2, ?3)";
        assert_eq!(text, expected);
    }
}

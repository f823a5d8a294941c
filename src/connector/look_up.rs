//! Looking single records up live, by key.

use super::driver::{Batch, LookUp, Question, RawRecord, ReadError, Reading};
use super::manifest::{KeyKind, Lookup};
use super::{Connector, Mapped, Pseudonymiser};
use crate::domain::text::RecordKey;
use serde_json::{Map, Value};
use url::form_urlencoded::byte_serialize;

/// Keys asked for by one request at most, whatever a manifest says: a URL has its bounds.
const KEYS_AT_ONCE_MAX: u32 = 100;

/// A record that was looked up: its key, and its content as the connector reshapes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The key.
    pub key: RecordKey,
    /// The record.
    pub record: RawRecord,
}

impl Connector {
    /// How many keys one look-up takes; `None` where the manifest knows no look-up.
    pub fn keys_at_once(&self) -> Option<usize> {
        let lookup = self.manifest.lookup.as_ref()?;
        Some(lookup.keys_max.clamp(1, KEYS_AT_ONCE_MAX) as usize)
    }

    /// Asks the source for the records of `keys`, in one request. What it does not show is left out of the answer, and
    /// so is what was not asked for.
    ///
    /// # Errors
    /// The source cannot be read, or the manifest knows no look-up.
    pub async fn look_up(
        &self,
        reading: &Reading<'_>,
        keys: &[RecordKey],
        timeout_ms: u64,
    ) -> Result<Vec<RawRecord>, ReadError> {
        let Some(lookup) = &self.manifest.lookup else {
            return Err(ReadError::setting("lookup", "manque dans le manifeste", "is missing in the manifest"));
        };
        let (url, variables) = (in_place(lookup, keys), in_variable(lookup, keys));
        let question = match (&lookup.query, &lookup.column) {
            (Some(query), _) => Question::Query(query, &variables),
            (None, Some(column)) => Question::Rows(column, keys),
            (None, None) => Question::Url(&url),
        };
        self.driver().look_up(reading, &LookUp { question, pointer: &lookup.records, timeout_ms }).await
    }

    /// Reshapes what was looked up and finds out which of `keys` each record is. Blocks the calling thread where a
    /// program runs.
    pub fn recognise(&self, records: Vec<RawRecord>, keys: &[RecordKey]) -> Vec<Looked> {
        let no_pseudonym = |_: &str| String::new();
        let batch = self.reshape(Batch { records, broken: Vec::new() });
        let recognised = batch.records.into_iter().filter_map(|record| {
            let key = match self.map(&record, &no_pseudonym as &dyn Pseudonymiser) {
                Mapped::Accepted { key, .. } => key,
                Mapped::Rejected { key, .. } => RecordKey::parse(&key?).ok()?,
                Mapped::Skipped { .. } => return None,
            };
            keys.contains(&key).then_some(Looked { key, record })
        });
        recognised.collect()
    }
}

/// The URL with the keys in it; empty for a look-up by query or by column.
fn in_place(lookup: &Lookup, keys: &[RecordKey]) -> String {
    let written: Vec<String> = keys.iter().map(|key| in_url(key.as_str())).collect();
    lookup.url.as_deref().unwrap_or_default().replace("{key}", &written.join(","))
}

/// The keys as a variable: one where the source takes one at a time, else a list.
fn in_variable(lookup: &Lookup, keys: &[RecordKey]) -> Map<String, Value> {
    let one = |key: &RecordKey| match (lookup.key_kind, key.as_str().parse::<i64>()) {
        (KeyKind::Integer, Ok(number)) => Value::from(number),
        // What is no number the source refuses in its own words.
        _ => Value::from(key.as_str()),
    };
    let value: Value = match keys {
        [key] if lookup.keys_max == 1 => one(key),
        _ => keys.iter().map(one).collect(),
    };
    lookup.variable.iter().map(|name| (name.clone(), value.clone())).collect()
}

/// A key as it stands in a path or a query: a blank is `%20` in both.
fn in_url(key: &str) -> String {
    byte_serialize(key.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_to_its_place_in_the_url() {
        assert_eq!(in_url("FTU/2026/000 1?x&y=é,z"), "FTU%2F2026%2F000%201%3Fx%26y%3D%C3%A9%2Cz");
        assert_eq!(in_url("../secret"), "..%2Fsecret");
    }
}

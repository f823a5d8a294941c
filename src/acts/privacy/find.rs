//! Finding somebody in what is sealed: for whoever asks what is kept of them (Regulation (EU) 2016/679, article 15).

use super::{Privacy, PrivacyError};
use crate::domain::Instant;
use crate::domain::erasure::Sealed;
use crate::domain::text::{SourceId, normalised};
use crate::ledger::SealedIn;
use crate::workroom::{SEALED, Sealer, Staged};
use futures_util::TryStreamExt as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::pin;

/// Shortest text that somebody is looked for by, in letters and digits.
const LETTERS_MIN: usize = 3;

/// What holds something of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// A version of a record, in the ledger.
    Record,
    /// A rejected record, in the ledger.
    Rejection,
    /// A batch that waits for a person, in the workroom.
    Batch,
}

/// A record that speaks of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What its fields are sealed under.
    pub of: Sealed,
    /// In what it is held.
    pub held: BTreeSet<Held>,
    /// Rows that hold it: versions of the record, rejections, items of batches that wait.
    pub rows: u64,
    /// When the last of them was observed.
    pub last_at: Instant,
    /// The sealed fields in which a word that was looked for stands, as last read.
    pub fields: BTreeMap<String, String>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The records.
    pub found: Vec<Found>,
    /// Sealed fields that were looked at.
    pub opened: u64,
    /// Sealed fields that were erased.
    pub erased: u64,
    /// Sealed fields that no key opens: the workroom is not the one that sealed them.
    pub unreadable: u64,
    /// The sources that they are of: nothing else is looked into.
    pub sources: BTreeSet<SourceId>,
}

/// A raw form that may hold sealed fields.
pub(super) struct Row {
    pub of: Sealed,
    held: Held,
    pub at: Instant,
    pub raw: String,
}

impl Privacy {
    /// The records in whose sealed fields every word of `text` stands, each in any of them, whatever case, accents and order: in the
    /// ledger, and in batches that wait for a person.
    ///
    /// # Errors
    /// A text that is too short, the ledger or the workroom.
    pub async fn find(&self, text: &str) -> Result<Search, PrivacyError> {
        let wanted = normalised(text);
        if wanted.chars().filter(|letter| letter.is_alphanumeric()).count() < LETTERS_MIN {
            return Err(PrivacyError::Short);
        }
        let wanted: Vec<&str> = wanted.split(' ').collect();
        let (mut sealers, mut looking) =
            (HashMap::new(), Looking { wanted, search: Search::default(), found: BTreeMap::new() });
        let mut rows = pin!(self.ledger().sealed_rows(SEALED).await?);
        while let Some(row) = rows.try_next().await? {
            let held = match row.held {
                SealedIn::Records => Held::Record,
                SealedIn::Rejections => Held::Rejection,
            };
            let row = Row { of: row.of, held, at: row.at, raw: row.raw };
            looking.look(&row, self.sealer(&mut sealers, &row.of.source).await?);
        }
        for row in self.waiting().await? {
            looking.look(&row, self.sealer(&mut sealers, &row.of.source).await?);
        }
        Ok(Search { found: looking.found.into_values().collect(), ..looking.search })
    }

    /// The fields of these records that stand in clear and repeat a text that is sealed in the same row: in the ledger, and in batches
    /// that wait for a person.
    pub(super) async fn repeated(
        &self,
        records: &BTreeSet<&Sealed>,
    ) -> Result<BTreeMap<Sealed, BTreeSet<String>>, PrivacyError> {
        let (mut sealers, mut found) = (HashMap::new(), BTreeMap::<Sealed, BTreeSet<String>>::new());
        let mut rows = pin!(self.ledger().sealed_rows(SEALED).await?);
        while let Some(row) = rows.try_next().await? {
            if records.contains(&row.of) {
                let fields = repeated_in(&row.raw, (&row.of, self.sealer(&mut sealers, &row.of.source).await?));
                if !fields.is_empty() {
                    found.entry(row.of).or_default().extend(fields);
                }
            }
        }
        for row in self.waiting().await?.into_iter().filter(|row| records.contains(&row.of)) {
            let fields = repeated_in(&row.raw, (&row.of, self.sealer(&mut sealers, &row.of.source).await?));
            if !fields.is_empty() {
                found.entry(row.of).or_default().extend(fields);
            }
        }
        Ok(found)
    }

    async fn sealer<'a>(
        &self,
        sealers: &'a mut HashMap<SourceId, Sealer>,
        source: &SourceId,
    ) -> Result<&'a Sealer, PrivacyError> {
        if !sealers.contains_key(source) {
            sealers.insert(source.clone(), self.workroom.sealer(source).await?);
        }
        Ok(&sealers[source])
    }

    /// What batches that wait for a person hold, each observed when its batch was held.
    pub(super) async fn waiting(&self) -> Result<Vec<Row>, PrivacyError> {
        let mut rows = Vec::new();
        for batch in self.workroom.held().await? {
            let (batch, spool) = self.workroom.accept(&batch.run).await?;
            for item in spool.read()? {
                let (record, raw) = match item? {
                    Staged::Record(record) => (record.head.key.as_str().to_owned(), record.raw),
                    Staged::Rejection(rejection) => (rejection.key.unwrap_or(rejection.location), rejection.raw),
                    Staged::Unchanged { .. } | Staged::LeftOut { .. } => continue,
                };
                let of = Sealed { source: batch.source.clone(), record: record.into() };
                rows.push(Row { of, held: Held::Batch, at: batch.created_at, raw });
            }
        }
        Ok(rows)
    }
}

#[derive(Default)]
struct Looking<'a> {
    wanted: Vec<&'a str>,
    search: Search,
    found: BTreeMap<Sealed, Found>,
}

impl Looking<'_> {
    fn look(&mut self, row: &Row, sealer: &Sealer) {
        let wanted = self.wanted.clone();
        let (mut fields, mut met) = (BTreeMap::new(), vec![false; wanted.len()]);
        self.open(&row.raw, (&row.of, sealer), &mut |path, plain| {
            let here = normalised(plain);
            // A first and a last name often stand in two fields.
            let stand: Vec<bool> = wanted.iter().map(|word| here.contains(word)).collect();
            if stand.contains(&true) {
                fields.insert(path.to_owned(), plain.to_owned());
            }
            met.iter_mut().zip(stand).for_each(|(met, stands)| *met |= stands);
        });
        if met.contains(&false) {
            return;
        }
        let (of, last_at) = (row.of.clone(), row.at);
        let none = || Found { of, held: BTreeSet::new(), rows: 0, last_at, fields: BTreeMap::new() };
        let one = self.found.entry(row.of.clone()).or_insert_with(none);
        one.held.insert(row.held);
        one.rows += 1;
        one.last_at = one.last_at.max(row.at);
        one.fields.extend(fields);
    }

    /// Opens every sealed text of a raw record, and those within what it opens: earlier builds sealed some texts several times.
    fn open(&mut self, raw: &str, (of, sealer): (&Sealed, &Sealer), see: &mut impl FnMut(&str, &str)) {
        let mut sealed = Vec::new();
        take_sealed(&mut serde_json::from_str(raw).unwrap_or_default(), "", &mut sealed);
        if !sealed.is_empty() {
            self.search.sources.insert(of.source.clone());
        }
        let mut next = 0;
        while let Some((path, text)) = sealed.get(next).cloned() {
            next += 1;
            match sealer.open(&of.record, &text) {
                Ok(Some(plain)) => {
                    self.search.opened += 1;
                    let (before, mut within) = (sealed.len(), serde_json::from_str(&plain).unwrap_or_default());
                    take_sealed(&mut within, &path, &mut sealed);
                    match &within {
                        _ if sealed.len() == before => see(&path, &plain),
                        // It was another sealed text, and nothing else.
                        Value::Null => {}
                        left => see(&path, &left.to_string()),
                    }
                }
                Ok(None) => self.search.erased += 1,
                Err(_) => self.search.unreadable += 1,
            }
        }
    }
}

/// The fields in clear of a raw record in which a text stands that is sealed in it.
fn repeated_in(raw: &str, (of, sealer): (&Sealed, &Sealer)) -> BTreeSet<String> {
    let (mut looking, mut texts) = (Looking::default(), BTreeSet::new());
    looking.open(raw, (of, sealer), &mut |_, plain| {
        see_texts(&serde_json::from_str(plain).unwrap_or_default(), "", &mut |_, text| {
            let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
            if letters >= LETTERS_MIN {
                texts.insert(format!(" {} ", normalised(text)));
            }
        });
    });
    let mut clear: Value = serde_json::from_str(raw).unwrap_or_default();
    take_sealed(&mut clear, "", &mut Vec::new());
    let mut fields = BTreeSet::new();
    see_texts(&clear, "", &mut |path, text| {
        let here = format!(" {} ", normalised(text));
        if texts.iter().any(|one| here.contains(one.as_str())) {
            fields.insert(path.to_owned());
        }
    });
    fields
}

/// Every text of a raw record, with its path.
fn see_texts(node: &Value, path: &str, see: &mut impl FnMut(&str, &str)) {
    match node {
        Value::String(text) => see(path, text),
        Value::Array(all) => all.iter().for_each(|one| see_texts(one, path, see)),
        Value::Object(fields) => fields.iter().for_each(|(name, one)| {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            see_texts(one, &below, see);
        }),
        _ => {}
    }
}

/// Takes every sealed text out, with its path.
fn take_sealed(node: &mut Value, path: &str, into: &mut Vec<(String, String)>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match node {
        Value::String(text) if text.starts_with(SEALED) => {
            into.push((path.to_owned(), std::mem::take(text)));
            *node = Value::Null;
        }
        Value::Array(all) => all.iter_mut().for_each(|one| take_sealed(one, path, into)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, one)| take_sealed(one, &below(name), into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workroom::Workroom;

    /// What seals the records of a source, as long as its directory is there.
    async fn sealing() -> (tempfile::TempDir, SourceId, Sealer) {
        let directory = tempfile::tempdir().unwrap();
        let source = SourceId::parse("pic").unwrap();
        let sealer = Workroom::open(directory.path()).await.unwrap().sealer(&source).await.unwrap();
        (directory, source, sealer)
    }

    #[tokio::test]
    async fn what_stands_in_clear_beside_its_seal_is_told() {
        let (_directory, source, sealer) = sealing().await;
        let seal = |value: &Value| Value::String(sealer.seal("1", &value.to_string()).unwrap());
        let of = Sealed { source, record: "1".into() };
        let told = |title: &str| {
            let (name, code) = (seal(&Value::from("Jeanne Alpha")), seal(&Value::from("59000")));
            let raw =
                serde_json::json!({ "porteur": name, "cp": code, "action": { "titre": title }, "ville": "59000" });
            repeated_in(&raw.to_string(), (&of, &sealer)).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(told("Le jardin de JEANNE ALPHA"), ["action.titre"]);
        assert!(told("Le jardin de Jeanne Alphand").is_empty(), "another name");
        assert!(told("Le jardin").is_empty());
    }

    /// An earlier build sealed a text that stood in the place of an object once for each of its personal fields.
    #[tokio::test]
    async fn what_was_sealed_several_times_is_found() {
        let (_directory, source, sealer) = sealing().await;
        let seal = |value: &Value| Value::String(sealer.seal("1", &value.to_string()).unwrap());
        let thrice = seal(&seal(&seal(&Value::from("Zoé Ünal"))));
        let rest = seal(&serde_json::json!({ "Prénom": "Jeanne", "nom (2)": seal(&Value::from("Dupont")) }));
        let raw = serde_json::json!({ "porteur": thrice, "sealed:rest": rest }).to_string();
        let of = Sealed { source, record: "1".into() };
        let row = Row { of, held: Held::Record, at: Instant::UNIX_EPOCH, raw };
        for (wanted, fields) in [
            ("ünal ZOE", &[("porteur", "\"Zoé Ünal\"")][..]),
            ("jeanne", &[("sealed:rest", r#"{"Prénom":"Jeanne","nom (2)":null}"#)]),
            ("dupont", &[("sealed:rest.nom (2)", "\"Dupont\"")]),
        ] {
            let (wanted, search, found) = (normalised(wanted), Search::default(), BTreeMap::new());
            let mut looking = Looking { wanted: wanted.split(' ').collect(), search, found };
            looking.look(&row, &sealer);
            let found: Vec<_> = looking.found.values().flat_map(|one| &one.fields).collect();
            let found: Vec<_> = found.iter().map(|(path, plain)| (path.as_str(), plain.as_str())).collect();
            assert_eq!((found.as_slice(), looking.search.opened, looking.search.unreadable), (fields, 5, 0));
        }
    }
}

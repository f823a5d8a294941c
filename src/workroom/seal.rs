//! Sealing: personal fields encrypted with a key per record. Destroying the key erases the field everywhere, while
//! the ledger, which only ever held the sealed form, still verifies.

use super::{KeyedHash, Workroom, WorkroomError};
use crate::database;
use crate::domain::text::SourceId;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sea_orm::{ConnectionTrait as _, Value};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What stands in place of a field of a record whose key was destroyed.
pub const ERASED: &str = "sealed:erased";

/// In front of every sealed field; the number is that of the form.
pub const SEALED: &str = "sealed:1:";
/// Length of a key, in bytes.
const KEY_BYTES: usize = 32;
/// Keys written by one statement.
const KEYS_AT_ONCE: usize = 500;

/// A key, or the mark that it was destroyed.
type Key = Option<[u8; KEY_BYTES]>;

/// Seals and opens the fields of one source. New keys are kept in memory until [`Sealer::save`], which must come before
/// the append: what is sealed with a lost key is lost.
#[derive(Debug)]
pub struct Sealer {
    workroom: Workroom,
    source: SourceId,
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    known: HashMap<[u8; 16], Key>,
    fresh: Vec<[u8; 16]>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Workroom {
    /// The sealer of a source, with the keys that its records have already.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn sealer(&self, source: &SourceId) -> Result<Sealer, WorkroomError> {
        let doing = "reading sealing keys";
        let source_value = Value::String(Some(source.as_str().to_owned()));
        let select = Workroom::statement("SELECT record, bytes FROM sealing_key WHERE source = $1", [source_value]);
        let rows = self.db.query_all_raw(select).await.map_err(WorkroomError::database(doing))?;
        let mut known = HashMap::with_capacity(rows.len());
        for row in rows {
            let record: Vec<u8> = row.try_get_by_index(0).map_err(WorkroomError::database(doing))?;
            let bytes: Option<Vec<u8>> = row.try_get_by_index(1).map_err(WorkroomError::database(doing))?;
            let damaged = |_| WorkroomError::Cipher("reading a sealing key");
            let key = bytes.map(TryInto::try_into).transpose().map_err(damaged)?;
            known.insert(record.try_into().map_err(damaged)?, key);
        }
        let keys = Mutex::new(Keys { known, fresh: Vec::new() });
        Ok(Sealer { workroom: self.clone(), source: source.clone(), keys })
    }
}

impl Sealer {
    /// Seals one field of a record; [`ERASED`] for a record whose key was destroyed.
    ///
    /// # Errors
    /// The machine's source of chance or its cipher fails.
    pub fn seal(&self, key: &str, plain: &str) -> Result<String, WorkroomError> {
        let Some(secret) = self.key_for_sealing(key)? else { return Ok(ERASED.to_owned()) };
        let mut bytes = plain.as_bytes().to_vec();
        let cipher = cipher(&secret)?;
        let sealed = cipher.seal_in_place_append_tag(self.bound_to(key), &mut bytes);
        let nonce = sealed.map_err(|_| WorkroomError::Cipher("sealing"))?;
        let mut all = nonce.as_ref().to_vec();
        all.append(&mut bytes);
        Ok(format!("{SEALED}{}", STANDARD_NO_PAD.encode(all)))
    }

    /// Opens one field of a record. `None`: it was erased.
    ///
    /// # Errors
    /// A field that was altered or belongs to another record.
    pub fn open(&self, key: &str, sealed: &str) -> Result<Option<String>, WorkroomError> {
        if sealed == ERASED {
            return Ok(None);
        }
        let refuse = || WorkroomError::Sealed { source_id: self.source.to_string(), key: key.to_owned() };
        let record = self.workroom.keyed.record(self.source.as_str(), key);
        let Some(secret) = self.keys().known.get(&record).copied().ok_or_else(refuse)? else { return Ok(None) };
        let encoded = sealed.strip_prefix(SEALED).ok_or_else(refuse)?;
        let mut bytes = STANDARD_NO_PAD.decode(encoded).map_err(|_| refuse())?;
        let nonce = bytes.get(..NONCE_LEN).ok_or_else(refuse)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refuse())?;
        let opened = cipher(&secret)?.open_in_place(nonce, self.bound_to(key), &mut bytes[NONCE_LEN..]);
        let plain = opened.map_err(|_| refuse())?.to_vec();
        String::from_utf8(plain).map(Some).map_err(|_| refuse())
    }

    /// Writes the keys made since the last time.
    ///
    /// # Errors
    /// The database does not answer, or another process sealed, or erased, one of these records meanwhile: what was
    /// sealed with these keys must not be appended.
    pub async fn save(&self) -> Result<(), WorkroomError> {
        let doing = "writing sealing keys";
        let fresh: Vec<([u8; 16], Key)> = {
            let keys = self.keys();
            keys.fresh.iter().map(|record| (*record, keys.known.get(record).copied().flatten())).collect()
        };
        if fresh.is_empty() {
            return Ok(());
        }
        let transaction = database::begin(&self.workroom.db).await.map_err(WorkroomError::database(doing))?;
        for chunk in fresh.chunks(KEYS_AT_ONCE) {
            let rows: Vec<String> =
                (0..chunk.len()).map(|row| format!("($1, ${}, ${})", 2 * row + 2, 2 * row + 3)).collect();
            let sql = format!(
                "INSERT INTO sealing_key (source, record, bytes) VALUES {} ON CONFLICT DO NOTHING",
                rows.join(", ")
            );
            let mut values = vec![Value::String(Some(self.source.as_str().to_owned()))];
            for (record, key) in chunk {
                values.extend([Value::Bytes(Some(record.to_vec())), Value::Bytes(key.map(|key| key.to_vec()))]);
            }
            let insert = Workroom::statement(&sql, values);
            let written = transaction.execute_raw(insert).await.map_err(WorkroomError::database(doing))?;
            if written.rows_affected() != chunk.len() as u64 {
                return Err(WorkroomError::SealedElsewhere(self.source.to_string()));
            }
        }
        transaction.commit().await.map_err(WorkroomError::database(doing))?;
        let mut keys = self.keys();
        keys.fresh.drain(..fresh.len());
        Ok(())
    }

    fn key_for_sealing(&self, key: &str) -> Result<Key, WorkroomError> {
        let record = self.keyed().record(self.source.as_str(), key);
        let mut keys = self.keys();
        if let Some(known) = keys.known.get(&record) {
            return Ok(*known);
        }
        let mut fresh = [0; KEY_BYTES];
        aws_lc_rs::rand::fill(&mut fresh).map_err(|_| WorkroomError::Cipher("the source of chance"))?;
        keys.known.insert(record, Some(fresh));
        keys.fresh.push(record);
        Ok(Some(fresh))
    }

    /// The key of a record, as a test looks for it in files.
    #[cfg(test)]
    pub(super) fn key_of(&self, key: &str) -> Key {
        self.keys().known.get(&self.keyed().record(self.source.as_str(), key)).copied().flatten()
    }

    fn keyed(&self) -> &KeyedHash {
        &self.workroom.keyed
    }

    /// A sealed field opens only in the record that it was sealed for.
    fn bound_to(&self, key: &str) -> Aad<Vec<u8>> {
        Aad::from(self.keyed().record(self.source.as_str(), key).to_vec())
    }

    /// A thread that panicked while it held the lock left at worst a key without its place among the fresh ones: none.
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> Result<RandomizedNonceKey, WorkroomError> {
    RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| WorkroomError::Cipher("making a cipher"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn workroom() -> (tempfile::TempDir, Workroom) {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        (directory, workroom)
    }

    fn source() -> SourceId {
        SourceId::parse("fonjep").unwrap()
    }

    #[tokio::test]
    async fn a_sealed_field_opens_in_its_record_alone() {
        let (_directory, workroom) = workroom().await;
        let sealer = workroom.sealer(&source()).await.unwrap();
        let sealed = sealer.seal("a", "Zoé Ünal").unwrap();
        sealer.seal("b", "Ali").unwrap();
        assert!(!sealed.contains("Zoé") && !sealed.contains(" "), "{sealed}");
        assert_ne!(
            sealed,
            sealer.seal("a", "Zoé Ünal").unwrap(),
            "two sealed forms of one text do not show that they are"
        );
        assert!(matches!(sealer.open("b", &sealed), Err(WorkroomError::Sealed { .. })));
        assert!(matches!(sealer.open("c", &sealed), Err(WorkroomError::Sealed { .. })));
        assert!(matches!(
            sealer.open("a", &sealed.replace("sealed:1:", "sealed:1:AAAA")),
            Err(WorkroomError::Sealed { .. })
        ));
        assert!(matches!(sealer.open("a", "Zoé Ünal"), Err(WorkroomError::Sealed { .. })));

        sealer.save().await.unwrap();
        let later = workroom.sealer(&source()).await.unwrap();
        assert_eq!(later.open("a", &sealed).unwrap().as_deref(), Some("Zoé Ünal"));
        let again = later.seal("a", "Zoé").unwrap();
        later.save().await.unwrap();
        assert_eq!(sealer.open("a", &again).unwrap().as_deref(), Some("Zoé"), "one key per record");
    }

    #[tokio::test]
    async fn two_that_seal_one_new_record_do_not_lose_a_key() {
        let (_directory, workroom) = workroom().await;
        let one = workroom.sealer(&source()).await.unwrap();
        let other = workroom.sealer(&source()).await.unwrap();
        one.seal("a", "Zoé").unwrap();
        other.seal("a", "Zoé").unwrap();
        one.save().await.unwrap();
        one.save().await.unwrap();
        assert!(matches!(other.save().await, Err(WorkroomError::SealedElsewhere(_))));
    }
}

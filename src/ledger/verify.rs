//! Verification: every digest computed again from the rows, every head from the digests.

use super::append::content_of;
use super::row::{Row, integer};
use super::table::{TABLES, Table};
use super::{Ledger, LedgerError};
use crate::domain::chain::{Digest, FieldHasher, LedgerVersion, Link};
use crate::domain::image::Head;
use crate::domain::message::Message;
use futures_util::TryStreamExt as _;
use sea_orm::{QueryResult, StreamTrait as _, Value};
use std::collections::HashMap;

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The head as stored: compare it with one that was kept outside, for a ledger cut short at its end is sound in itself.
    pub head: Head,
    /// Entries verified.
    pub entries: u64,
    /// Rows verified.
    pub rows: u64,
    /// What is wrong in the first version where something is. `None`: nothing.
    pub fault: Option<Fault>,
}

/// Something that was changed after it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The first version concerned.
    pub version: LedgerVersion,
    /// What is wrong, in both languages.
    pub message: Message,
}

/// Versions whose digests are held in memory at once.
const VERSIONS_AT_ONCE: u64 = 10_000;

impl Ledger {
    /// Computes every content digest and every head anew, reading row by row, and stops at the first fault.
    ///
    /// # Errors
    /// The database does not answer. A fault is no error: it stands in the report.
    pub async fn verify(&self) -> Result<VerifyReport, LedgerError> {
        let head = self.head().await?;
        let mut report = VerifyReport { head, entries: 0, rows: 0, fault: None };
        let mut previous = Digest::default();
        for first in (1..=head.version.0).step_by(usize::try_from(VERSIONS_AT_ONCE).unwrap_or(usize::MAX)) {
            let last = head.version.0.min(first + VERSIONS_AT_ONCE - 1);
            previous = self.verify_block((first, last), previous, &mut report).await?;
            if report.fault.is_some() {
                return Ok(report);
            }
        }
        report.fault = self.strangers(head.version).await?;
        Ok(report)
    }

    async fn verify_block(
        &self,
        (first, last): (u64, u64),
        mut previous: Digest,
        report: &mut VerifyReport,
    ) -> Result<Digest, LedgerError> {
        let mut tables = Vec::with_capacity(TABLES.len());
        let mut fault = None;
        for table in TABLES {
            let digests = self.digests(table, (first, last)).await?;
            fault = earlier(fault, digests.fault.clone());
            tables.push(digests);
        }
        let sql = "SELECT version, at_us, kind, author, reason, content, previous, head FROM entry
                   WHERE version BETWEEN $1 AND $2 ORDER BY version";
        let entries = self.rows("reading entries", sql, [integer(first), integer(last)]).await?;
        let mut entries = entries.iter();
        for version in first..=last {
            if fault.as_ref().is_some_and(|fault: &Fault| fault.version.0 <= version) {
                break;
            }
            let checked = check_entry(LedgerVersion(version), entries.next(), previous, &tables);
            match checked {
                Ok(head) => previous = head,
                Err(message) => {
                    fault = earlier(fault, Some(Fault { version: LedgerVersion(version), message }));
                    break;
                }
            }
            report.entries += 1;
            report.rows += tables.iter().filter_map(|one| one.of.get(&version)).map(|(rows, _)| rows).sum::<u64>();
        }
        report.fault = fault;
        Ok(previous)
    }

    /// The digest of the rows of `table`, by version.
    async fn digests(&self, table: &'static Table, (first, last): (u64, u64)) -> Result<TableDigests, LedgerError> {
        let doing = "reading rows to verify them";
        let sql = format!(
            "SELECT {} FROM {} WHERE version BETWEEN $1 AND $2 ORDER BY version, id",
            table.column_list(),
            table.name
        );
        let statement = self.statement(sql, [integer(first), integer(last)]);
        let mut rows = self.db.stream_raw(statement).await.map_err(LedgerError::database(doing))?;
        let mut digests = TableDigests { table, of: HashMap::new(), fault: None };
        let mut running: Option<(u64, u64, FieldHasher)> = None;
        while let Some(row) = rows.try_next().await.map_err(LedgerError::database(doing))? {
            let version = u64::try_from(row.try_get_by_index::<i64>(1).unwrap_or_default()).unwrap_or_default();
            if running.as_ref().is_none_or(|(current, ..)| *current != version) {
                digests.close(running.replace((version, 0, FieldHasher::new())));
            }
            let (_, count, hasher) = running.as_mut().expect("it was just begun");
            match checked_row(table, &row) {
                Ok(values) => table.hash_row(hasher, &values),
                Err(message) => {
                    digests.fault = earlier(digests.fault, Some(Fault { version: LedgerVersion(version), message }));
                }
            }
            *count += 1;
        }
        digests.close(running);
        Ok(digests)
    }

    /// Rows of versions that no entry made.
    async fn strangers(&self, head: LedgerVersion) -> Result<Option<Fault>, LedgerError> {
        for table in TABLES {
            let sql = format!("SELECT COUNT(*) FROM {} WHERE version < 1 OR version > $1", table.name);
            if self.number("looking for rows without an entry", sql, [integer(head.0)]).await? > 0 {
                let name = table.name;
                let message = Message::new(
                    format!("la table {name} contient des lignes qu'aucune écriture n'a ajoutées"),
                    format!("table {name} holds rows that no entry appended"),
                );
                return Ok(Some(Fault { version: LedgerVersion(head.0 + 1), message }));
            }
        }
        Ok(None)
    }
}

struct TableDigests {
    table: &'static Table,
    /// Rows and digest, by version.
    of: HashMap<u64, (u64, Digest)>,
    fault: Option<Fault>,
}

impl TableDigests {
    fn close(&mut self, running: Option<(u64, u64, FieldHasher)>) {
        if let Some((version, rows, hasher)) = running {
            self.of.insert(version, (rows, hasher.finish()));
        }
    }
}

fn earlier(one: Option<Fault>, other: Option<Fault>) -> Option<Fault> {
    [one, other].into_iter().flatten().min_by_key(|fault| fault.version)
}

/// The row as it stands, if its raw form still has the digest that stands beside it.
fn checked_row(table: &Table, row: &QueryResult) -> Result<Vec<Value>, Message> {
    let id: i64 = row.try_get_by_index(0).unwrap_or_default();
    let name = table.name;
    let values = table.read_row(row).map_err(|error| {
        Message::new(
            format!("table {name}, ligne {id} : illisible ({error})"),
            format!("table {name}, row {id}: unreadable ({error})"),
        )
    })?;
    match table.raw_and_hash(&values) {
        Some((raw, hash)) if Digest::of(raw.as_bytes()).0 != *hash => Err(Message::new(
            format!("table {name}, ligne {id} : la fiche brute ne correspond plus à son empreinte"),
            format!("table {name}, row {id}: the raw record no longer has its digest"),
        )),
        _ => Ok(values),
    }
}

/// The head after the entry, if it is what its fields and rows make.
fn check_entry(
    version: LedgerVersion,
    row: Option<&QueryResult>,
    previous: Digest,
    tables: &[TableDigests],
) -> Result<Digest, Message> {
    let broken =
        |fr: &str, en: &str| Err(Message::new(format!("version {version} : {fr}"), format!("version {version}: {en}")));
    let Some(entry) = row.and_then(|row| Entry::read(row).ok()) else {
        return broken("l'écriture manque ou est illisible", "the entry is missing or unreadable");
    };
    if entry.version != version {
        return broken("l'écriture manque", "the entry is missing");
    }
    let mut content = FieldHasher::new();
    for one in tables {
        let nothing = || (0, FieldHasher::new().finish());
        content_of(&mut content, one.table, one.of.get(&version.0).copied().unwrap_or_else(nothing));
    }
    if content.finish() != entry.content {
        return broken(
            "une ligne a été modifiée, ajoutée ou supprimée, ou l'empreinte du contenu a été modifiée",
            "a row was changed, added or deleted, or the content digest was changed",
        );
    }
    if entry.previous != previous {
        return broken(
            "la chaîne est rompue avec la version précédente",
            "the chain with the version before is broken",
        );
    }
    let head = entry.link().head();
    if head != entry.head {
        return broken("l'en-tête de l'écriture a été modifié", "a field of the entry was changed");
    }
    Ok(head)
}

struct Entry {
    version: LedgerVersion,
    at: crate::domain::Instant,
    kind: String,
    author: String,
    reason: String,
    content: Digest,
    previous: Digest,
    head: Digest,
}

impl Entry {
    fn read(row: &QueryResult) -> Result<Self, LedgerError> {
        let row = Row::new("entry", row);
        Ok(Entry {
            version: LedgerVersion(row.count(0, "version")?),
            at: row.instant(1, "at_us")?,
            kind: row.get(2, "kind")?,
            author: row.get(3, "author")?,
            reason: row.get(4, "reason")?,
            content: row.digest(5, "content")?,
            previous: row.digest(6, "previous")?,
            head: row.digest(7, "head")?,
        })
    }

    fn link(&self) -> Link<'_> {
        Link {
            previous: self.previous,
            version: self.version,
            at: self.at,
            kind: &self.kind,
            author: &self.author,
            reason: &self.reason,
            content: self.content,
        }
    }
}

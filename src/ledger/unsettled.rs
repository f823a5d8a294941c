//! Held runs that nothing settled yet: neither a person, nor a later read of what they had read.

use super::row::{Row, text, version_value};
use super::run::{NO_INCREMENT, RUN_COLUMNS, read_run};
use super::{Ledger, LedgerError};
use crate::domain::chain::LedgerVersion;
use crate::domain::run::SyncRun;
use crate::domain::text::SourceId;
use std::collections::BTreeSet;

/// True of a run of a place that a person named, which may be one part of the source (a file a year).
const ELSEWHERE: &str = "COALESCE(marks, '') LIKE '{\"elsewhere\"%'";

impl Ledger {
    /// The held runs of `source` at `version` that nothing settled, oldest first. A full read of the place of the settings
    /// settles all that came before it, and so does a batch of it that a person lets through. One of a place that a person named
    /// settles what it read too: itself, and the runs of which it brought all parts that were ever read.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn unsettled(&self, source: &SourceId, version: LedgerVersion) -> Result<Vec<SyncRun>, LedgerError> {
        let doing = "looking for held runs";
        let at = || [text(source.as_str()), version_value(version)];
        let later = format!(
            "source = $1 AND version <= $2 AND keys = '[]' AND version >
               (SELECT COALESCE(MAX(version), 0) FROM sync_run WHERE source = $1 AND version <= $2 AND keys = '[]'
                  AND outcome = 'SUCCEEDED' AND (accepts IS NOT NULL OR {NO_INCREMENT}) AND NOT ({ELSEWHERE}))"
        );
        let runs = async |condition: &str| {
            let sql = format!("SELECT {RUN_COLUMNS} FROM sync_run WHERE {later} AND {condition} ORDER BY version, id");
            self.rows(doing, sql, at()).await?.iter().map(read_run).collect::<Result<Vec<_>, LedgerError>>()
        };
        let mut held = runs("outcome = 'HELD'").await?;
        if held.is_empty() {
            return Ok(held);
        }
        let settling = runs(&format!("outcome = 'SUCCEEDED' AND {ELSEWHERE}")).await?;
        let sql = "SELECT DISTINCT partition FROM partition_read WHERE source = $1 AND version <= $2";
        let rows = self.rows(doing, sql, at()).await?;
        let read = rows.iter().map(|row| Row::new("partition_read", row).get(0, "partition"));
        let read: BTreeSet<String> = read.collect::<Result<_, LedgerError>>()?;
        held.retain(|held| !settling.iter().any(|run| settles(run, held, &read)));
        Ok(held)
    }
}

/// Does the read `run` settle what was held? `read`: all parts that were ever read. One that never was (a wrong name) is not waited for,
/// and a file without any record holds nothing that could be missed.
fn settles(run: &SyncRun, held: &SyncRun, read: &BTreeSet<String>) -> bool {
    let brought = |part: &String| run.partitions.contains(part);
    let is_later = run.started_at >= held.started_at;
    let is_empty = held.full && held.partitions.is_empty();
    let brings_it = || {
        held.partitions.iter().any(brought) && held.partitions.iter().all(|part| brought(part) || !read.contains(part))
    };
    run.accepts.as_ref() == Some(&held.id) || is_later && (is_empty || brings_it())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::{Counts, SyncOutcome};

    fn run(id: &str, partitions: &[&str]) -> SyncRun {
        SyncRun {
            id: id.to_owned(),
            source: SourceId::parse("fonjep").expect("an identifier"),
            started_at: chrono::DateTime::UNIX_EPOCH,
            ended_at: None,
            outcome: SyncOutcome::Succeeded,
            counts: Counts::default(),
            full: true,
            partitions: partitions.iter().map(|part| (*part).to_owned()).collect(),
            message: None,
            batch: None,
            accepts: None,
            keys: Vec::new(),
            marks: None,
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_read_settles_what_it_read_and_nothing_else() {
        let read: BTreeSet<String> = ["2022", "2023", "2024"].map(str::to_owned).into();
        let held = run("h", &["2023", "20233"]);
        for (partitions, settled) in
            [(&["2023"][..], true), (&["2024"], false), (&["2023", "2024"], true), (&[], false)]
        {
            assert_eq!(settles(&run("s", partitions), &held, &read), settled, "{partitions:?}");
        }
        assert!(!settles(&run("s", &["2023"]), &run("h", &["2022", "2023"]), &read), "a part of it");
        assert!(settles(&run("s", &["2023"]), &run("h", &[]), &read), "an empty file");
        let increment = SyncRun { full: false, ..run("h", &[]) };
        assert!(!settles(&run("s", &["2023"]), &increment, &read), "what it read nobody knows");
        assert!(settles(&SyncRun { accepts: Some("h".to_owned()), ..run("s", &[]) }, &increment, &read));
        let earlier =
            SyncRun { started_at: chrono::DateTime::UNIX_EPOCH - chrono::TimeDelta::hours(1), ..run("s", &["2023"]) };
        assert!(!settles(&earlier, &held, &read));
    }
}

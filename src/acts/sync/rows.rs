//! The rows of an append, made one by one from the spool.

use super::erased::Erased;
use super::reading::DUPLICATE_KEY;
use super::survey::{Fate, Known, Survey, fate, fingerprint};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::facts::{Facts, Warning};
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordState;
use crate::domain::rejection::Rejection;
use crate::domain::text::SourceId;
use crate::ledger::{NewRecord, NewRow, StateChange};
use crate::workroom::{Spool, Staged, StagedRecord, StagedRejection, WorkroomError};

/// What the rows are made with.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    /// The source.
    pub source: &'a SourceId,
    /// The run.
    pub run: &'a str,
    /// When what is lost was found lost.
    pub observed_at: Instant,
    /// What the ledger knows.
    pub known: &'a Known,
    /// What was found in the batch.
    pub survey: &'a Survey,
    /// The projects of the records to write, in order; `None` for a source of reference data.
    pub projects: Option<&'a [ProjectId]>,
    /// What is erased as it comes.
    pub erased: &'a Erased,
}

impl<'a> Making<'a> {
    /// The rows: records and rejections in the order in which they were read, then what was lost.
    ///
    /// # Errors
    /// The spool cannot be read; later, one by one, an item of it.
    pub fn rows(
        self,
        spool: &Spool,
    ) -> Result<impl Iterator<Item = Result<NewRow, WorkroomError>> + Send + 'a, WorkroomError> {
        let mut rank = 0;
        let read = spool.read()?.filter_map(move |item| match item {
            Err(error) => Some(Err(error)),
            Ok(Staged::Unchanged { .. } | Staged::LeftOut { .. }) => None,
            Ok(Staged::Rejection(rejection)) => Some(Ok(self.rejection(rejection))),
            Ok(Staged::Record(record)) => self.record(record, &mut rank).transpose(),
        });
        let lost = self.survey.lost.iter().map(|(key, state)| (key, *state));
        let bad = self.survey.turned_bad.iter().map(|key| (key, RecordState::Bad));
        let changes = lost.chain(bad).map(move |(key, state)| {
            let (source, observed_at) = (self.source.clone(), self.observed_at);
            Ok(NewRow::State(StateChange { source, key: key.clone(), state, observed_at }))
        });
        let erased = self.erased.iter().map(|(of, cause)| Ok(NewRow::Erasure(of.clone(), *cause)));
        Ok(read.chain(changes).chain(erased))
    }

    fn record(self, record: StagedRecord, rank: &mut usize) -> Result<Option<NewRow>, WorkroomError> {
        let before = self.known.get(&record.head.key);
        let disputed = self.survey.disputed.contains(&record.head.key);
        if !matches!(fate(&record.head, before, disputed), Fate::Added | Fate::Changed) {
            return Ok(None);
        }
        let project = self.projects.map(|projects| projects[*rank].clone());
        *rank += 1;
        let facts = if disputed { doubted(&record)? } else { record.facts };
        let former = self.survey.successions.former(&record.head.key).and_then(|former| self.known.get(former));
        let head = record.head;
        Ok(Some(NewRow::Record(NewRecord {
            source: self.source.clone(),
            project,
            observed_at: head.observed_at,
            first_seen: before.or(former).map_or(head.observed_at, |before| before.first_seen),
            fingerprint: fingerprint(&head, disputed),
            facts,
            raw: record.raw,
            hash: Digest(record.hash),
            replaces: before.map(|before| before.state),
            partition: head.partition,
            references: head.references,
            key: head.key,
        })))
    }

    fn rejection(self, rejection: StagedRejection) -> NewRow {
        let references = rejection.references;
        let rejection = Rejection {
            source: self.source.clone(),
            run: self.run.to_owned(),
            key: rejection.key,
            raw: rejection.raw,
            location: rejection.location,
            field: rejection.field,
            code: rejection.code,
            reason: rejection.reason,
            at: rejection.at,
        };
        NewRow::Rejection(rejection, references)
    }
}

/// The facts of a record whose key came twice with different contents, with a warning that says so.
fn doubted(record: &StagedRecord) -> Result<String, WorkroomError> {
    let refuse = |_| WorkroomError::unwritable(&record.head.key);
    let mut facts: Facts = serde_json::from_str(&record.facts).map_err(refuse)?;
    facts.warnings.push(Warning {
        code: DUPLICATE_KEY.into(),
        field: None,
        message: Message::new(
            "la source donne deux fois cette clé, avec des contenus différents : la somme n'est pas sûre",
            "the source gives this key twice, with different contents: the sum is not sure",
        ),
    });
    serde_json::to_string(&facts).map_err(refuse)
}

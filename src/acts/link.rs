//! The acts of people on identity: several projects are one, two are two, a record is not of its project. All stay in the ledger, each
//! with its author and reason; the contrary act undoes them.

use super::CONFLICTS_MAX;
use crate::clock::Clock;
use crate::domain::act::{Author, Decision};
use crate::domain::chain::{FieldHasher, LedgerVersion};
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{RecordKey, SourceId, written};
use crate::gateway::{Gateway, Turn};
use crate::ledger::{LedgerError, NewEntry};
use crate::portfolio::Portfolio;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Projects that one act may link.
pub const PROJECTS_MAX: usize = 20;
/// Characters of a reason.
pub const REASON_MAX: usize = 1_000;
/// Links and separates, for those who may.
#[derive(Clone)]
pub struct Linker {
    gateway: Arc<Gateway>,
    clock: Clock,
}

/// What an act came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The project that it is about.
    pub project: ProjectId,
    /// The ledger version after.
    pub version: LedgerVersion,
}

/// Why an act is refused.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No reason, or too long a one.
    #[error(
        "a reason is needed, of 1 to {REASON_MAX} characters, none that controls or turns the writing: it stays in the ledger"
    )]
    Reason,
    /// Fewer than two projects, or too many.
    #[error("name two to {PROJECTS_MAX} different projects that are not one yet; {0} found")]
    Count(usize),
    /// Two identifiers of one project.
    #[error("name two different projects; these are one: a record is taken out of it by unlinkRecord")]
    One,
    /// A project that is not there.
    #[error("there is no project {0}")]
    NoProject(String),
    /// A record that is not there, or is of no project.
    #[error("source {source_id} has no record {key} that is of a project")]
    NoRecord {
        /// The source.
        source_id: SourceId,
        /// The key.
        key: RecordKey,
    },
    /// A record that stands alone already.
    #[error(
        "record {key} of {source_id} is the only one of its project: there is nothing to separate it from; that its project is not \
         another one is said by keepApart"
    )]
    Alone {
        /// The source.
        source_id: SourceId,
        /// The key.
        key: RecordKey,
    },
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Linker {
    /// A linker on `gateway`.
    pub fn new(gateway: Arc<Gateway>, clock: Clock) -> Self {
        Linker { gateway, clock }
    }

    /// These projects are one from now on: the oldest stays, the others redirect to it.
    ///
    /// # Errors
    /// What is asked makes no sense, or the ledger refuses it.
    pub async fn link(&self, author: &Author, projects: &[String], reason: &str) -> Result<Done, LinkError> {
        let reason = reason_of(reason)?;
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            let portfolio = self.gateway.current();
            let (to, newer) = oldest_first(&portfolio, projects)?;
            let linked = |from| Decision::Linked { from, to: to.clone(), reason: reason.clone() };
            let decisions = newer.into_iter().map(linked).collect();
            if let Some(version) = self.append(&turn, (author, &reason), decisions).await? {
                return Ok(Done { project: to, version });
            }
        }
        Err(self.conflict())
    }

    /// These two projects are two: the matcher neither links nor proposes them from now on. Gives the older one.
    ///
    /// # Errors
    /// What is asked makes no sense, or the ledger refuses it.
    pub async fn keep_apart(&self, author: &Author, projects: [&str; 2], reason: &str) -> Result<Done, LinkError> {
        let reason = reason_of(reason)?;
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            let portfolio = self.gateway.current();
            let (to, newer) = oldest_first(&portfolio, &projects.map(str::to_owned)).map_err(|error| match error {
                LinkError::Count(_) => LinkError::One,
                other => other,
            })?;
            let apart = |[from, to]: [ProjectId; 2]| Decision::KeptApart { from, to, reason: reason.clone() };
            let pairs = portfolio.proposed_pairs([&newer[0], &to]);
            let decisions = pairs.into_iter().chain([[newer[0].clone(), to.clone()]]).map(apart).collect();
            if let Some(version) = self.append(&turn, (author, &reason), decisions).await? {
                return Ok(Done { project: to, version });
            }
        }
        Err(self.conflict())
    }

    /// This record is not of its project: it stands in one of its own from now on, which is given back.
    ///
    /// # Errors
    /// What is asked makes no sense, or the ledger refuses it.
    pub async fn unlink(
        &self,
        author: &Author,
        (source, key): (&SourceId, &RecordKey),
        reason: &str,
    ) -> Result<Done, LinkError> {
        let reason = reason_of(reason)?;
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            let portfolio = self.gateway.current();
            let image = self.gateway.ledger().image(portfolio.head().version).await?;
            let open: Vec<&RecordVersion> =
                image.records.iter().filter(|record| record.state != RecordState::Closed).collect();
            let record = open.iter().find(|record| record.source == *source && record.key == *key);
            let none = || LinkError::NoRecord { source_id: source.clone(), key: key.clone() };
            let record = record.ok_or_else(none)?;
            let from = portfolio.project_of(record).ok_or_else(none)?.clone();
            if open.iter().filter(|one| portfolio.project_of(one) == Some(&from)).count() < 2 {
                return Err(LinkError::Alone { source_id: source.clone(), key: key.clone() });
            }
            let own = portfolio.own_identifier(record, &open).cloned();
            let to = own.unwrap_or_else(|| fresh(&portfolio, record));
            let decision = Decision::Separated {
                source: source.clone(),
                key: key.clone(),
                from,
                to: to.clone(),
                reason: reason.clone(),
            };
            if let Some(version) = self.append(&turn, (author, &reason), vec![decision]).await? {
                return Ok(Done { project: to, version });
            }
        }
        Err(self.conflict())
    }

    async fn turn(&self) -> Result<Turn<'_>, LedgerError> {
        let turn = self.gateway.turn().await;
        turn.catch_up().await?;
        Ok(turn)
    }

    /// The version after; nothing when another process appended in between.
    async fn append(
        &self,
        turn: &Turn<'_>,
        (author, reason): (&Author, &str),
        decisions: Vec<Decision>,
    ) -> Result<Option<LedgerVersion>, LedgerError> {
        let entry = NewEntry {
            base: self.gateway.current().head().version,
            kind: "link".to_owned(),
            author: author.clone(),
            reason: reason.to_owned(),
            at: self.clock.now(),
            profile: None,
            run: None,
            decisions,
            acts: Vec::new(),
        };
        match turn.append_alone(entry).await {
            Err(LedgerError::Conflict { .. }) => Ok(None),
            other => other.map(|head| Some(head.version)),
        }
    }

    fn conflict(&self) -> LinkError {
        let version = self.gateway.current().head().version;
        LedgerError::Conflict { expected: version, found: version }.into()
    }
}

fn reason_of(reason: &str) -> Result<String, LinkError> {
    written(reason, REASON_MAX).map(str::to_owned).ok_or(LinkError::Reason)
}

/// The oldest of the projects, and the others.
fn oldest_first(portfolio: &Portfolio, asked: &[String]) -> Result<(ProjectId, Vec<ProjectId>), LinkError> {
    let mut found = BTreeSet::new();
    for id in asked.iter().take(PROJECTS_MAX + 1) {
        let project = ProjectId::parse(id).ok().and_then(|id| portfolio.project_by_id(&id));
        let case = portfolio.project(project.ok_or_else(|| LinkError::NoProject(id.clone()))?);
        let born = case.records.iter().map(|record| record.first_seen).min();
        // What a separation made is younger than what it was made from, however old its record.
        found.insert((portfolio.is_of_a_separation(&case.id), born, case.id.clone()));
    }
    if asked.len() > PROJECTS_MAX || found.len() < 2 {
        return Err(LinkError::Count(asked.len().min(found.len())));
    }
    let mut projects = found.into_iter().map(|(_, _, id)| id);
    let oldest = projects.next().expect("two projects at least");
    Ok((oldest, projects.collect()))
}

/// A new identifier for a record that stands alone.
fn fresh(portfolio: &Portfolio, record: &RecordVersion) -> ProjectId {
    let name = |attempt: u64| {
        let mut hasher = FieldHasher::new();
        hasher.field(record.source.as_str().as_bytes()).field(record.key.as_str().as_bytes());
        hasher.field(&portfolio.head().version.0.to_be_bytes()).field(&attempt.to_be_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finish().0[..8]);
        ProjectId::from_bytes(bytes)
    };
    let mut names = (0..).map(name);
    names.find(|id| portfolio.project_by_id(id).is_none()).expect("identifiers without end")
}

//! What the framework requires of a contract. Whether all means were known at a vote follows from attestations, held against the past as
//! it was when the day of the vote began: what changed since and back, what turned with the calendar, what could not be read then, is not
//! told by what stands today.

use super::{Contrat, Reader, ViewError};
use crate::check::{self, AttestedVote, Condition, Refuted};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use crate::domain::text::SourceId;
use crate::portfolio::ProjectIx;
use std::collections::BTreeSet;

/// Stands for the evidence of a contract that the viewer has no part in.
const WITHHELD: [&str; 2] = [
    "réservé aux signataires du contrat, à son comité et à la Région",
    "for the signatories of the contract, its committee and the Région",
];

/// Pictures of the past that one answer may need; each is made of the whole ledger.
const PASTS_MAX: usize = 20;

impl Contrat {
    async fn held_reads(&self) -> Result<Vec<(SourceId, LedgerVersion)>, ViewError> {
        Ok(self.reader().ledger().held_reads(self.reader().head().version).await?)
    }

    /// What the framework requires of it: six conditions, with their evidence; neither met nor not for whoever does not see
    /// everything that happens in it.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn conditions(&self) -> Result<Vec<Condition>, ViewError> {
        let (reader, today) = (self.reader(), self.reader().now().date_naive());
        let opens = reader.opens_contrat(self.ix());
        let mut refuted = Refuted::new();
        if opens {
            let held = self.held_reads().await?;
            let mut votes = check::attested_votes(reader.portfolio(), self.ix(), today);
            // One picture of the past after the other, the newest first: each is made once.
            votes.sort_by_key(|vote| std::cmp::Reverse(began(vote)));
            let mut pasts = BTreeSet::new();
            for vote in votes {
                let is_told = is_one_of(&mut pasts, reader, &vote).await?;
                if !is_told || !is_borne_out(reader, vote, &held).await? {
                    refuted.insert((vote.project, vote.voted));
                }
            }
        }
        let mut conditions = check::conditions(reader.portfolio(), self.ix(), today, &refuted);
        if !opens {
            for condition in &mut conditions {
                (condition.met, condition.evidence) = (None, Some(Message::new(WITHHELD[0], WITHHELD[1])));
            }
        }
        Ok(conditions)
    }
}

/// When the day of the vote began, or what was attested on that day was.
fn began(vote: &AttestedVote) -> Option<Instant> {
    let begins = vote.voted.date_naive().and_hms_opt(0, 0, 0)?.and_utc();
    Some(begins.max(vote.attested_at))
}

/// Is the past before a vote one of those that are looked at? Of the votes before, nothing is known.
async fn is_one_of(
    pasts: &mut BTreeSet<LedgerVersion>,
    reader: &Reader,
    vote: &AttestedVote,
) -> Result<bool, ViewError> {
    let Some(begins) = began(vote) else { return Ok(false) };
    let Some(version) = reader.ledger().version_at(begins).await? else { return Ok(false) };
    Ok(pasts.contains(&version) || pasts.len() < PASTS_MAX && pasts.insert(version))
}

/// Was the project so when the day of the vote began, did nothing of it move that day but the Region's own money, which the vote changes, and
/// is the vote that of the plan that stood then?
async fn is_borne_out(
    reader: &Reader,
    vote: AttestedVote,
    held: &[(SourceId, LedgerVersion)],
) -> Result<bool, ViewError> {
    let day = vote.voted.date_naive();
    let Some(begins) = began(&vote) else { return Ok(false) };
    let then = match reader.at_instant(begins).await {
        Ok(then) => then,
        Err(ViewError::BeforeFirst { .. } | ViewError::Future { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let case = reader.portfolio().project(vote.project);
    let Some(project) = then.project(case.id.as_str()) else { return Ok(false) };
    let is_so = project.check(None)?.is_some_and(|check| check.is_ready() == vote.ready);
    if !is_so || !vote.ready {
        return Ok(is_so);
    }
    let past = Past::of(reader, &case.id).await?;
    let before = then.head().version;
    let is_planned =
        check::is_vote_of_the_plan((then.portfolio(), project.ix()), (reader.portfolio(), vote.project), day)
            && is_of_its_cost((reader, vote.project), &past.records, before);
    Ok(is_planned && !is_moved(reader, (&vote, before), (&past, held)).await?)
}

/// What the ledger holds of a project and of those that were joined with it.
struct Past {
    /// Every version of their records.
    records: Vec<RecordVersion>,
    /// When they were joined or parted.
    joined: Vec<LedgerVersion>,
}

impl Past {
    async fn of(reader: &Reader, id: &ProjectId) -> Result<Self, ViewError> {
        let version = reader.head().version;
        let mut decided = reader.ledger().decisions_about(id, version).await?;
        decided.retain(|one| one.decision.joins_or_parts());
        let ids: BTreeSet<&ProjectId> = decided.iter().flat_map(|one| one.decision.projects()).chain([id]).collect();
        let records = reader.ledger().record_versions(&ids.into_iter().collect::<Vec<_>>(), version).await?;
        Ok(Past {
            records: records.into_iter().map(|(_, record)| record).collect(),
            joined: decided.iter().map(|one| one.version).collect(),
        })
    }
}

/// Does the record by which the Region votes state the total cost that it stated before, where it states one?
fn is_of_its_cost((reader, project): (&Reader, ProjectIx), records: &[RecordVersion], before: LedgerVersion) -> bool {
    let cost = |record: &RecordVersion| record.facts.project.as_ref().and_then(|project| project.budget);
    let own = || records.iter().filter(|record| check::is_regions_own(reader.portfolio(), project, record));
    own().filter(|record| record.version > before).all(|record| {
        let place = (&record.source, &record.key);
        let earlier = own().rfind(|one| one.version <= before && (&one.source, &one.key) == place);
        earlier.is_none_or(|earlier| cost(earlier) == cost(record))
    })
}

/// Did something of it move on the day of the vote, or wait for a person, or could it not be read?
async fn is_moved(
    reader: &Reader,
    (vote, before): (&AttestedVote, LedgerVersion),
    (past, held): (&Past, &[(SourceId, LedgerVersion)]),
) -> Result<bool, ViewError> {
    let (portfolio, ledger, version) = (reader.portfolio(), reader.ledger(), reader.head().version);
    let case = portfolio.project(vote.project);
    let others = past.records.iter().filter(|record| !check::is_regions_own(portfolio, vote.project, record));
    let mut told: BTreeSet<LedgerVersion> = others.map(|record| record.version).collect();
    told.extend(&past.joined);
    told.extend(ledger.unread_about(&case.references, version).await?);
    told.extend(held.iter().filter(|(source, _)| portfolio.may_bear_on(source, vote.project)).map(|(_, at)| *at));
    let later: Vec<LedgerVersion> = told.into_iter().filter(|version| *version > before).collect();
    let appenders = ledger.appenders(&later).await?;
    let on_that_day = |at: Instant| at <= vote.voted;
    Ok(appenders.values().any(|appender| on_that_day(appender.at)))
}

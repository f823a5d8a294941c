//! What the framework requires of a contract. Whether all means were known at a vote follows from attestations, and from what moved
//! between the two: the ledger tells that, for what a record says by now does not.

use super::{Contrat, Reader, ViewError};
use crate::check::{self, Condition, Moved, Moves};
use crate::domain::chain::LedgerVersion;
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::text::SourceId;
use crate::portfolio::ProjectIx;
use std::collections::BTreeSet;

/// Stands for the evidence of a contract that the viewer has no part in.
const WITHHELD: [&str; 2] = [
    "réservé aux signataires du contrat, à son comité et à la Région",
    "for the signatories of the contract, its committee and the Région",
];

impl Contrat {
    /// What the framework requires of it: six conditions, with their evidence; neither met nor not for whoever does not see
    /// everything that happens in it.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn conditions(&self) -> Result<Vec<Condition>, ViewError> {
        let (reader, today) = (self.reader(), self.reader().now().date_naive());
        let opens = reader.opens_contrat(self.ix());
        let attested = match opens {
            true => check::attested_before_votes(reader.portfolio(), self.ix(), today),
            false => Vec::new(),
        };
        let moves = moves(reader, attested).await?;
        let mut conditions = check::conditions(reader.portfolio(), self.ix(), today, &moves);
        if !opens {
            for condition in &mut conditions {
                (condition.met, condition.evidence) = (None, Some(Message::new(WITHHELD[0], WITHHELD[1])));
            }
        }
        Ok(conditions)
    }
}

async fn moves(reader: &Reader, projects: Vec<ProjectIx>) -> Result<Moves, ViewError> {
    let mut moves = Moves::new();
    if projects.is_empty() {
        return Ok(moves);
    }
    let held = reader.ledger().held_reads(reader.head().version).await?;
    for project in projects {
        moves.insert(project, moved(reader, project, &held).await?);
    }
    Ok(moves)
}

/// Every version that changed what stands in a project, but for the Region's own money alone, which its vote changes; and every one in
/// which something of it could not be read.
async fn moved(
    reader: &Reader,
    project: ProjectIx,
    held: &[(SourceId, LedgerVersion)],
) -> Result<Vec<Moved>, ViewError> {
    let (portfolio, ledger, version) = (reader.portfolio(), reader.ledger(), reader.head().version);
    let case = portfolio.project(project);
    let decided = ledger.decisions_about(&case.id, version).await?;
    let mut told = BTreeSet::new();
    let mut ids = BTreeSet::<&ProjectId>::from([&case.id]);
    for one in decided.iter().filter(|one| one.decision.joins_or_parts()) {
        told.insert((one.version, false));
        ids.extend(one.decision.projects());
    }
    let records = ledger.record_versions(&ids.into_iter().collect::<Vec<_>>(), version).await?;
    let others = records.iter().filter(|(_, record)| !check::is_regions_own(portfolio, project, record));
    told.extend(others.map(|(_, record)| (record.version, false)));
    told.extend(ledger.unread_about(&case.references, version).await?.into_iter().map(|version| (version, true)));
    let held = held.iter().filter(|(source, _)| portfolio.may_bear_on(source, project));
    told.extend(held.map(|(_, version)| (*version, true)));
    let versions: Vec<LedgerVersion> = told.iter().map(|(version, _)| *version).collect();
    let appenders = ledger.appenders(&versions).await?;
    let at = |(version, unsettled): (LedgerVersion, bool)| {
        appenders.get(&version).map(|appender| Moved { version, at: appender.at, unsettled })
    };
    Ok(told.into_iter().filter_map(at).collect())
}

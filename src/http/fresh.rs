//! What an operation wants fresher than it is, looked up before it runs.
//!
//! The operation is first read once by a reader that only notes which projects it asks a `maxAge` of: arguments,
//! variables, directives, fragments and pages are then exactly those of the operation itself. One look-up follows, and
//! the operation runs on the version after it.

use super::Service;
use super::error::HttpError;
use super::graphql::{execute, request};
use super::guard::{self, Refusal};
use super::request::Asked;
use crate::acts::freshen::{BREAK, Freshener, UNREADABLE, Unanswered, Wanted};
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::message::Message;
use crate::domain::run::SyncOutcome;
use crate::domain::text::SourceId;
use crate::identity::Scope;
use crate::view::LateRecords;
use async_graphql::parser::types::{ExecutableDocument, OperationType};

/// Records that one operation may have looked up.
pub const RECORDS_LOOKED_UP_MAX: usize = 200;
/// The argument that asks for it.
const MAX_AGE: &str = "maxAge";

/// A source whose records are older than the operation asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LateSource {
    /// The source.
    pub source: SourceId,
    /// When the oldest of the records concerned was read.
    pub read_at: Instant,
    /// How old that is, in seconds.
    pub age_s: i64,
    /// Stable code of the reason, kebab-case.
    pub code: &'static str,
    /// The reason.
    pub reason: Message,
}

/// Looks up what the operation wants fresher: `None` when it wants nothing, else the sources that did not give it all.
///
/// # Errors
/// The operation cannot be read through; the inner one: it wants more records than may be looked up.
pub(super) async fn look_up(
    service: &Service,
    (asked, document): (&Asked, &ExecutableDocument),
    scope: &Scope,
) -> Result<Result<Option<Vec<LateSource>>, Refusal>, HttpError> {
    let is_query = guard::operation_type(document, asked.operation_name.as_deref()) == Some(OperationType::Query);
    let author = scope.viewer().author().filter(|_| scope.may_ask_fresher());
    let (Some(freshener), Some(author)) = (&service.freshener, author) else { return Ok(Ok(None)) };
    if !is_query || !asked.query.contains(MAX_AGE) {
        return Ok(Ok(None));
    }
    let reader = service.door.open_gathering(scope.clone(), service.clock.now());
    // Its answer is that of the version before: nobody sees it.
    drop(execute(service, request(asked.clone(), document.clone(), reader.clone())).await?);
    let late = reader.wanted();
    let count = late.iter().map(|one| one.keys.len()).sum::<usize>();
    if count > RECORDS_LOOKED_UP_MAX {
        let (found, most) = (count as u64, RECORDS_LOOKED_UP_MAX as u64);
        return Ok(Err(Refusal::Limit { limit: "records to look up for `maxAge`", found, most }));
    }
    let late = ask(service, freshener, &author, late).await;
    Ok(Ok(Some(late.into_iter().map(|late| shown(late, scope)).collect())))
}

/// Why a source could not be read names addresses and may quote it, why an answer is not taken may weigh hidden sums: whoever does not see everything is told of what kind it is, as for
/// its runs.
fn shown(late: LateSource, scope: &Scope) -> LateSource {
    let outcome = match late.code {
        UNREADABLE => SyncOutcome::Failed,
        // What moved, and by how much, may be a sum that is kept from the viewer.
        BREAK => SyncOutcome::Held,
        _ => return late,
    };
    let in_general = outcome.in_general().filter(|_| !scope.sees_everything());
    let reason = in_general.unwrap_or(late.reason);
    LateSource { reason, ..late }
}

async fn ask(service: &Service, freshener: &Freshener, author: &Author, late: Vec<LateRecords>) -> Vec<LateSource> {
    let wanted = late.iter().map(|one| Wanted { source: one.source.clone(), keys: one.keys.clone() }).collect();
    let unanswered = freshener.freshen(author, wanted).await;
    let now = service.clock.now();
    let told = |one: Unanswered| {
        let read_at = late.iter().find(|late| late.source == one.source)?.read_at;
        let age_s = (now - read_at).num_seconds().max(0);
        Some(LateSource { source: one.source, read_at, age_s, code: one.code, reason: one.reason })
    };
    unanswered.into_iter().filter_map(told).collect()
}

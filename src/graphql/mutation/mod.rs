//! The root of all acts that the schema knows.

mod acts;
mod attestations;
mod conditions;
mod declarations;
mod links;
mod sources;

use super::error::ApiError;
use crate::acts::caller::Caller;
use crate::acts::registrar::Registrar;
use crate::domain::chain::LedgerVersion;
use crate::view::Reader;
use async_graphql::{Context, MergedObject};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The newest ledger version that the acts of one operation appended: the answer states it. Zero: none did.
#[derive(Debug, Clone, Default)]
pub struct Appended(Arc<AtomicU64>);

impl Appended {
    /// The version.
    pub fn version(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Notes that the answer is of this version.
    pub(super) fn note(&self, version: LedgerVersion) {
        self.0.fetch_max(version.0, Ordering::AcqRel);
    }
}

/// All acts. Each is appended to the ledger with its author and its reason, and is undone by the contrary act, never
/// erased.
#[derive(MergedObject, Default)]
pub struct Mutation(
    links::Links,
    declarations::Declarations,
    acts::Acts,
    conditions::Conditions,
    attestations::Attestations,
    sources::Sources,
);

/// Notes what an act appended, and gives the picture after it.
fn appended(context: &Context<'_>, version: LedgerVersion) -> Result<Reader, ApiError> {
    if let Some(appended) = context.data_opt::<Appended>() {
        appended.note(version);
    }
    reader(context).map(Reader::renewed)
}

fn reader<'a>(context: &'a Context<'_>) -> Result<&'a Reader, ApiError> {
    let missing = || ApiError::internal(&std::io::Error::other("an operation was executed without a reader"));
    context.data_opt::<Reader>().ok_or_else(missing)
}

/// The registrar, and the organisation that asks it.
fn who_says<'a>(context: &'a Context<'_>) -> Result<(&'a Registrar, Caller), ApiError> {
    let caller = Caller::of(reader(context)?.scope().viewer())?;
    let missing = || ApiError::internal(&std::io::Error::other("an operation was executed without a registrar"));
    Ok((context.data_opt::<Registrar>().ok_or_else(missing)?, caller))
}

/// The same, of these projects: noted as shown before anything is answered, for a refusal may tell what stands in their plans (the
/// present version, an embargo).
fn who_says_of<'a, 'b>(
    context: &'a Context<'_>,
    projects: impl IntoIterator<Item = &'b str>,
) -> Result<(&'a Registrar, Caller), ApiError> {
    note(reader(context)?, projects);
    who_says(context)
}

/// Notes that these projects are shown; a project is noted as it is opened, where this viewer sees it whole.
fn note<'a>(reader: &Reader, projects: impl IntoIterator<Item = &'a str>) {
    projects.into_iter().for_each(|id| drop(reader.project(id)));
}

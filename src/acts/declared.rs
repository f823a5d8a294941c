//! What may be declared, and the record that a declaration becomes. Pure: decided on one picture.

use super::refusal::Refusal;
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::declaration::{Declaration, Declared, source};
use crate::domain::facts::{Facts, OrganisationFacts, Warning};
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordState;
use crate::domain::text::RecordKey;
use crate::ledger::{LedgerError, NewRecord, NewRow};
use crate::portfolio::{Portfolio, ProjectCase, ProjectIx, UNEXPECTED_BODY};

/// Does the declaration make sense by itself?
pub(super) fn check(declared: &Declared) -> Result<(), Refusal> {
    declared.fault().map_or(Ok(()), |fault| Err(Refusal::BadInput(fault)))
}

/// Does the declaration fit the project, in the form in which its funder sees it, and what its funder declared of it before? `but`: the
/// one that it takes the place of.
pub(super) fn check_against(
    portfolio: &Portfolio,
    (project, seen): (ProjectIx, &ProjectCase),
    declaration: &Declaration,
    but: Option<&RecordKey>,
) -> Result<(), Refusal> {
    if let Some(misfit) = portfolio.misfit(seen, (&declaration.funder, &declaration.declared)) {
        return Err(Refusal::BadInput(misfit));
    }
    match opposed(portfolio, project, declaration, but) {
        None => Ok(()),
        Some(key) => Err(already(key)),
    }
}

/// The funder's own declaration that speaks against this one, or says the same.
pub(super) fn opposed<'a>(
    portfolio: &'a Portfolio,
    project: ProjectIx,
    declaration: &Declaration,
    but: Option<&RecordKey>,
) -> Option<&'a RecordKey> {
    let opposed = portfolio.opposed(project, (&declaration.funder, &declaration.declared));
    let mut keys = opposed.map(|said| portfolio.project(project).key_of(said));
    keys.find(|key| Some(*key) != but)
}

/// The refusal that names the declaration that stands against a new one.
fn already(key: &RecordKey) -> Refusal {
    Refusal::conflict(
        format!(
            "vous avez déjà déclaré autrement, ou la même chose ({key}) : modifiez cette déclaration \
             (amendDeclaration) ou retirez-la d'abord (withdrawDeclaration) ; deux subventions distinctes se distinguent \
             par « reference »"
        ),
        format!(
            "you declared otherwise already, or the same ({key}): amend that declaration (amendDeclaration) or withdraw \
             it first (withdrawDeclaration); two distinct grants are told apart by `reference`"
        ),
    )
}

/// Where the record of a declaration stands.
pub(super) struct Place {
    /// Its key.
    pub key: RecordKey,
    /// The project given to it.
    pub project: Option<ProjectId>,
    /// When it was first declared.
    pub first_seen: Instant,
    /// Does it take the place of an earlier version?
    pub replaces: Option<RecordState>,
}

/// The row of a declaration.
pub(super) fn row(
    portfolio: &Portfolio,
    declaration: &Declaration,
    place: Place,
    now: Instant,
) -> Result<NewRow, LedgerError> {
    let written = |error: serde_json::Error| LedgerError::Rows(error.into());
    let raw = serde_json::to_string(declaration).map_err(written)?;
    let hash = Digest::of(raw.as_bytes());
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&hash.0[..16]);
    Ok(NewRow::Record(NewRecord {
        source: source().id,
        key: place.key,
        partition: String::new(),
        project: place.project,
        observed_at: now,
        first_seen: place.first_seen,
        fingerprint,
        facts: serde_json::to_string(&facts(portfolio, declaration)).map_err(written)?,
        raw,
        hash,
        references: Vec::new(),
        replaces: place.replaces,
    }))
}

fn facts(portfolio: &Portfolio, declaration: &Declaration) -> Facts {
    let known = portfolio.organisation_by_id(declaration.funder.as_str()).map(|ix| portfolio.organisation(ix));
    let named = known.filter(|known| declaration.funder.as_str() != known.name);
    let organisation =
        named.map(|known| OrganisationFacts { id: known.id.clone(), name: known.name.to_owned(), siret: None });
    Facts {
        statements: vec![declaration.statement()],
        organisations: organisation.into_iter().collect(),
        warnings: if declaration.expected { Vec::new() } else { vec![unexpected()] },
        ..Facts::default()
    }
}

fn unexpected() -> Warning {
    Warning {
        code: UNEXPECTED_BODY.into(),
        field: None,
        message: Message::new(
            "cet organisme n'est pas attendu sur ce projet : sa déclaration ne compte pas tant que le pilote du contrat ou \
             la Région ne l'y admet pas (admitFunder)",
            "this body is not expected on this project: its declaration counts for nothing until the contract's pilot or \
             the Région admits it there (admitFunder)",
        ),
    }
}

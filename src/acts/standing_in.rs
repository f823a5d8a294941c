//! Who may speak of a project or a contract in the name of all: the pilot of the contract, the Région.

use super::caller::Caller;
use super::refusal::Refusal;
use crate::portfolio::{ContratIx, Portfolio, ProjectIx};

/// Does the caller's organisation pilot this contract? A committee speaks for the contracts that its token names.
pub(super) fn pilots(portfolio: &Portfolio, caller: &Caller, contrat: ContratIx) -> bool {
    caller.may_act_in(&portfolio.contrat(contrat).code) && portfolio.pilots(&caller.body(), contrat)
}

/// Does the caller's organisation pilot a contract that the project is in for certain?
pub(super) fn pilots_a_contrat_of(portfolio: &Portfolio, caller: &Caller, project: ProjectIx) -> bool {
    portfolio.project(project).places.contrats.iter().any(|contrat| pilots(portfolio, caller, *contrat))
}

/// # Errors
/// Neither the pilot of a contract of the project nor the Région.
pub(super) fn pilot_or_region(portfolio: &Portfolio, caller: &Caller, project: ProjectIx) -> Result<(), Refusal> {
    if caller.is_region() || pilots_a_contrat_of(portfolio, caller, project) {
        return Ok(());
    }
    let id = &portfolio.project(project).id;
    Err(Refusal::forbidden(
        format!("seuls le pilote d'un contrat de ville du projet {id} et la Région (rôle REGION) peuvent le dire"),
        format!("only the pilot of a contrat de ville of project {id} and the Région (role REGION) may say it"),
    ))
}

/// # Errors
/// Not the Région.
pub(super) fn region(caller: &Caller) -> Result<(), Refusal> {
    if caller.is_region() {
        return Ok(());
    }
    Err(Refusal::forbidden(
        "seule la Région peut le dire : un jeton de rôle REGION, au SIREN de la Région",
        "only the Région may say it: a token of role REGION, with the SIREN of the Région",
    ))
}

//! The act of stating whether a contrat de ville meets a condition of the framework.

use super::caller::Caller;
use super::refusal::Refusal;
use super::registrar::{Decided, Registrar, WORDS_MAX, words};
use crate::check::is_stated_condition;
use crate::domain::governance::{Act, ActEntry};
use crate::portfolio::Portfolio;

/// What is stated.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    /// Code of the contract.
    pub contrat: &'a str,
    /// Code of the condition.
    pub code: &'a str,
    /// Is it met?
    pub met: bool,
    /// On what that rests.
    pub evidence: &'a str,
}

impl Registrar {
    /// Keeps what the Region says of a condition of a contract.
    ///
    /// # Errors
    /// Another body than the Region, an unknown contract or condition, no evidence.
    pub async fn state_condition(&self, caller: &Caller, stated: &Stated<'_>) -> Result<ActEntry, Refusal> {
        if !caller.is_region() {
            return Err(Refusal::forbidden(
                "les conditions du cadre d'intervention sont constatées par la Région : un jeton de rôle REGION",
                "the conditions of the framework are stated by the Région: a token of role REGION",
            ));
        }
        self.act(("condition", caller), |portfolio| decide(portfolio, stated)).await
    }
}

fn decide(portfolio: &Portfolio, stated: &Stated<'_>) -> Result<Decided, Refusal> {
    let contrat = portfolio.contrat_by_code(stated.contrat).ok_or_else(|| {
        Refusal::not_found(
            "ce contrat de ville n'existe pas : prenez un identifiant que donne la requête `contratsDeVille`",
            "there is no such contrat de ville: take an id that the query `contratsDeVille` gives",
        )
    })?;
    if !is_stated_condition(stated.code) {
        return Err(Refusal::bad_input(
            "la condition est C1, C2, C3, C4 ou C5 ; C6 découle des attestations",
            "the condition is C1, C2, C3, C4 or C5; C6 follows from attestations",
        ));
    }
    let evidence = words("evidence", stated.evidence, WORDS_MAX)?;
    let act = Act::Condition {
        contrat: portfolio.contrat(contrat).code.clone(),
        code: stated.code.into(),
        met: stated.met,
        evidence: evidence.clone(),
    };
    Ok(Decided::New(act, evidence.into()))
}

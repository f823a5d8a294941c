//! A body amends or withdraws what it declared: a new version of the same record, never an edit. What it said before stays
//! in the ledger, and `asOf` shows it.

use super::CONFLICTS_MAX;
use super::caller::Caller;
use super::declare::{Part, Taken};
use super::declared::{Place, check, check_against, row};
use super::refusal::Refusal;
use super::registrar::{Append, Registrar, WORDS_MAX, project_named, words};
use crate::domain::chain::LedgerVersion;
use crate::domain::declaration::{Declaration, Declared, DeclaredSum, source};
use crate::domain::record::RecordState;
use crate::domain::text::{RecordKey, quoted};
use crate::ledger::{Current, LedgerError, NewRow, StateChange};
use crate::portfolio::Portfolio;

/// A declaration that stands.
struct Standing {
    key: RecordKey,
    current: Current,
    declaration: Declaration,
}

impl Registrar {
    /// Another word in the place of a declared sum. `change` makes it out of what was declared.
    ///
    /// # Errors
    /// There is no such declaration of this body, or what it would say makes no sense.
    pub async fn amend(
        &self,
        caller: &Caller,
        id: &str,
        (change, reason): (impl Fn(DeclaredSum) -> DeclaredSum, &str),
    ) -> Result<Taken, Refusal> {
        caller.for_its_own_means()?;
        let reason = words("reason", reason, WORDS_MAX)?;
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            let portfolio = self.gateway.current();
            let standing = self.standing(&portfolio, caller, (id, id)).await?;
            let declaration = self.amended((caller, &portfolio), &standing, &change)?;
            let part = Part {
                key: standing.key.clone(),
                project: declaration.project.clone(),
                expected: declaration.expected,
            };
            let place = Place {
                key: standing.key,
                project: standing.current.project,
                first_seen: standing.current.first_seen,
                replaces: Some(standing.current.state),
            };
            let rows = vec![row(&portfolio, &declaration, place, self.clock.now())?];
            if let Some(version) = self.append_declared(&turn, (caller, &reason), ("amendment", rows)).await? {
                return Ok(Taken { parts: vec![part], in_bulk: false, left_out: Vec::new(), version });
            }
        }
        Err(self.conflict().into())
    }

    /// Takes a declaration back; all that stands of a bulk one, by its own identifier.
    ///
    /// # Errors
    /// There is no such declaration of this body, or it was withdrawn already.
    pub async fn withdraw(&self, caller: &Caller, id: &str, reason: &str) -> Result<Taken, Refusal> {
        caller.for_its_own_means()?;
        let reason = words("reason", reason, WORDS_MAX)?;
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            let portfolio = self.gateway.current();
            let (mut parts, mut rows) = (Vec::new(), Vec::new());
            let bulk = bulk_version(id);
            let keys = bulk.map_or_else(|| vec![id.to_owned()], |version| keys_of(&portfolio, version));
            if keys.is_empty() {
                return Err(no_declaration(id));
            }
            for key in keys {
                let Standing { key, declaration, .. } = self.standing(&portfolio, caller, (&key, id)).await?;
                let (state, observed_at) = (RecordState::Closed, self.clock.now());
                rows.push(NewRow::State(StateChange { source: source().id, key: key.clone(), state, observed_at }));
                parts.push(Part { key, project: declaration.project, expected: declaration.expected });
            }
            if let Some(version) = self.append_declared(&turn, (caller, &reason), ("withdrawal", rows)).await? {
                return Ok(Taken { parts, in_bulk: bulk.is_some(), left_out: Vec::new(), version });
            }
        }
        Err(self.conflict().into())
    }

    fn amended(
        &self,
        (caller, portfolio): (&Caller, &Portfolio),
        standing: &Standing,
        change: impl Fn(DeclaredSum) -> DeclaredSum,
    ) -> Result<Declaration, Refusal> {
        let before = &standing.declaration;
        let Declared::Commitment(sum) = &before.declared else {
            return Err(Refusal::bad_input(
                "ne rien engager ne se modifie pas : retirez cette déclaration (withdrawDeclaration), puis déclarez la somme",
                "a declaration of nothing is not amended: withdraw it (withdrawDeclaration), then declare the sum",
            ));
        };
        let declared = Declared::Commitment(change(sum.clone()));
        if declared == before.declared {
            return Err(Refusal::bad_input(
                format!("la déclaration {} dit déjà cela : donnez ce qui change", standing.key),
                format!("declaration {} says so already: give what changes", standing.key),
            ));
        }
        check(&declared)?;
        let project = standing.current.project.as_ref().unwrap_or(&before.project);
        let project = project_named(portfolio, project.as_str())?;
        let after = Declaration {
            declared,
            // Judged anew: who was expected when it declared may not be any more.
            expected: (self.tenets.is_expected)(portfolio, project, &before.funder),
            ..before.clone()
        };
        let case = self.case_seen(caller, (portfolio, project));
        let case = case.as_deref().unwrap_or_else(|| portfolio.project(project));
        check_against(portfolio, (project, case), &after, Some(&standing.key))?;
        Ok(after)
    }

    /// The declaration of this key, which stands and is this body's own; `asked` is the identifier that was given. That of another
    /// body is none: whether there is one, and whose, is told to nobody who tries identifiers out.
    async fn standing(
        &self,
        portfolio: &Portfolio,
        caller: &Caller,
        (key, asked): (&str, &str),
    ) -> Result<Standing, Refusal> {
        let none = || no_declaration(asked);
        let key = RecordKey::parse(key).map_err(|_| none())?;
        let version = portfolio.head().version;
        let mut found = self.gateway.ledger().current_of(&source().id, std::slice::from_ref(&key), version).await?;
        let current = found.remove(&key).ok_or_else(none)?;
        let declaration = self.declaration(&key, version).await?.ok_or_else(none)?;
        caller.speaks_as(Some(&declaration.funder), &self.members).map_err(|_| none())?;
        if current.state == RecordState::Closed {
            return Err(Refusal::conflict(
                format!("la déclaration {key} a été retirée : déclarez de nouveau"),
                format!("declaration {key} was withdrawn: declare anew"),
            ));
        }
        Ok(Standing { key, current, declaration })
    }

    async fn append_declared(
        &self,
        turn: &crate::gateway::Turn<'_>,
        (caller, reason): (&Caller, &str),
        (kind, rows): (&'static str, Vec<NewRow>),
    ) -> Result<Option<LedgerVersion>, LedgerError> {
        let append =
            Append { kind, author: caller.author(), reason: reason.to_owned(), profile: None, acts: Vec::new() };
        Ok(self.append(turn, append, rows).await?.map(|head| head.version))
    }
}

/// The identifier of a bulk declaration: `b` and the ledger version that holds it.
pub fn bulk_id(version: LedgerVersion) -> String {
    format!("b{version}")
}

fn bulk_version(id: &str) -> Option<LedgerVersion> {
    let digits = id.strip_prefix('b').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().map(LedgerVersion)
}

/// What stands of a bulk declaration; a part that was amended since is a word of its own.
fn keys_of(portfolio: &Portfolio, version: LedgerVersion) -> Vec<String> {
    let records = portfolio.projects().flat_map(|(_, case)| case.records.iter());
    let of_bulk = records.filter(|record| record.version == version && portfolio.is_of_declarations(record.source));
    of_bulk.map(|record| record.key.to_string()).collect()
}

fn no_declaration(id: &str) -> Refusal {
    let id = quoted(id);
    Refusal::not_found(
        format!("il n'y a pas de déclaration {id} de votre organisme : prenez l'identifiant que sa mutation a donné"),
        format!("there is no declaration {id} of your organisation: take the identifier that its mutation gave"),
    )
}

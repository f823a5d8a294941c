//! What may be declared, and the record that a declaration becomes. Pure: decided on one picture.

use super::refusal::Refusal;
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::declaration::{Declaration, Declared, DeclaredSum, source};
use crate::domain::facts::{Facts, OrganisationFacts, Warning};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordState;
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::{Form, Stage};
use crate::ledger::{LedgerError, NewRecord, NewRow};
use crate::portfolio::{Portfolio, ProjectIx, Statement, UNEXPECTED_BODY};

/// Budget years that make sense.
const YEARS: std::ops::RangeInclusive<u16> = 1990..=2100;

/// Does the declaration make sense by itself?
pub(super) fn check(declared: &Declared) -> Result<(), Refusal> {
    let year = match declared {
        Declared::Nothing { year, .. } => *year,
        Declared::Commitment(sum) => {
            check_sum(sum)?;
            sum.year
        }
    };
    match year.filter(|year| !YEARS.contains(year)) {
        None => Ok(()),
        Some(year) => Err(Refusal::bad_input(
            format!("{year} n'est pas un exercice : de 1990 à 2100"),
            format!("{year} is no budget year: from 1990 to 2100"),
        )),
    }
}

fn check_sum(sum: &DeclaredSum) -> Result<(), Refusal> {
    if sum.amount == Cents::ZERO {
        return Err(Refusal::bad_input(
            "un montant nul ne se déclare pas : dites declareNothing, qui veut dire que vous n'engagez rien",
            "an amount of zero is not declared: say declareNothing, which means that you commit nothing",
        ));
    }
    if sum.amount < Cents::ZERO {
        return Err(Refusal::bad_input(
            "un montant négatif ne se déclare pas : modifiez (amendDeclaration) ou retirez (withdrawDeclaration) la \
             déclaration qu'il corrige",
            "a negative amount is not declared: amend (amendDeclaration) or withdraw (withdrawDeclaration) the \
             declaration that it corrects",
        ));
    }
    if sum.stage == Stage::Sollicite {
        return Err(Refusal::bad_input(
            "SOLLICITE est la parole du demandeur : un financeur déclare ce qu'il envisage, propose, attribue ou refuse",
            "SOLLICITE is the applicant's word: a funder declares what it considers, proposes, grants or refuses",
        ));
    }
    Ok(())
}

/// Does the declaration fit the project, and what its funder declared of it before? `but`: the one that it takes the place of.
pub(super) fn check_against(
    portfolio: &Portfolio,
    project: ProjectIx,
    declaration: &Declaration,
    but: Option<&RecordKey>,
) -> Result<(), Refusal> {
    fits(portfolio, project, declaration)?;
    match opposed(portfolio, project, declaration, but) {
        None => Ok(()),
        Some(key) => Err(already(std::slice::from_ref(key))),
    }
}

fn fits(portfolio: &Portfolio, project: ProjectIx, declaration: &Declaration) -> Result<(), Refusal> {
    let case = portfolio.project(project);
    match &declaration.declared {
        Declared::Nothing { year: Some(year), .. } if case.year != Some(*year) => Err(Refusal::bad_input(
            format!(
                "le projet {} n'est pas celui du seul exercice {year} : ne rien engager en {year} ne dit rien des autres \
                 années. Sans « year », la déclaration vaut pour tout le projet",
                case.id
            ),
            format!(
                "project {} is not of the one budget year {year}: committing nothing in {year} says nothing of the other \
                 years. Without `year`, the declaration is about the whole project",
                case.id
            ),
        )),
        Declared::Commitment(DeclaredSum { form: Form::Autofinancement | Form::Recettes, .. })
            if !is_holder(portfolio, project, &declaration.funder) =>
        {
            Err(Refusal::bad_input(
                format!(
                    "l'autofinancement et les recettes sont au porteur du projet, que {} n'est pas",
                    declaration.funder
                ),
                format!("own funds and receipts are the project holder's, which {} is not", declaration.funder),
            ))
        }
        _ => Ok(()),
    }
}

fn is_holder(portfolio: &Portfolio, project: ProjectIx, body: &OrganisationId) -> bool {
    portfolio.project(project).holder.is_some_and(|holder| portfolio.organisation(holder).id == body)
}

/// The funder's own declaration that speaks against this one, or says the same.
pub(super) fn opposed<'a>(
    portfolio: &'a Portfolio,
    project: ProjectIx,
    declaration: &Declaration,
    but: Option<&RecordKey>,
) -> Option<&'a RecordKey> {
    let mut standing = declared_of(portfolio, project, &declaration.funder).filter(|(key, _)| Some(*key) != but);
    let found = standing.find(|(_, said)| speaks_against(portfolio, said, &declaration.declared));
    found.map(|(key, _)| key)
}

/// What a funder declared of a project and did not withdraw.
fn declared_of<'a>(
    portfolio: &'a Portfolio,
    project: ProjectIx,
    funder: &OrganisationId,
) -> impl Iterator<Item = (&'a RecordKey, &'a Statement)> {
    let case = portfolio.project(project);
    let own = move |statement: &&Statement| {
        portfolio.is_of_declarations(case.record(statement).source)
            && portfolio.organisation(statement.funder).id == funder
    };
    portfolio.statements_of(project).iter().filter(own).map(|statement| (&case.record(statement).key, statement))
}

/// A sum and nothing of one nature speak against each other. Nothing twice, or one sum twice at one stage, says the same
/// again; another stage of one sum is one more figure of it.
fn speaks_against(portfolio: &Portfolio, said: &Statement, declared: &Declared) -> bool {
    if said.nature != Some(declared.nature()) {
        return false;
    }
    let is_outside = |stage: Option<Stage>| matches!(stage, Some(Stage::Refuse | Stage::Abandonne));
    match declared {
        Declared::Nothing { .. } => said.nothing || !is_outside(said.stage),
        Declared::Commitment(sum) if said.nothing => !is_outside(Some(sum.stage)),
        Declared::Commitment(sum) => {
            let dispositif = said.dispositif.map(|ix| &portfolio.dispositif(ix).code);
            said.form == sum.form
                && said.stage == Some(sum.stage)
                && said.year == sum.year
                && dispositif == sum.dispositif.as_ref()
                && portfolio.grant_reference(said) == sum.reference.as_deref()
        }
    }
}

/// The refusal that names the declarations that stand against a new one.
pub(super) fn already(keys: &[RecordKey]) -> Refusal {
    let listed = keys.iter().take(5).map(RecordKey::as_str).collect::<Vec<_>>().join(", ");
    Refusal::conflict(
        format!(
            "vous avez déjà déclaré autrement, ou la même chose ({listed}) : modifiez cette déclaration \
             (amendDeclaration) ou retirez-la d'abord (withdrawDeclaration) ; deux subventions distinctes se distinguent \
             par « reference »"
        ),
        format!(
            "you declared otherwise already, or the same ({listed}): amend that declaration (amendDeclaration) or withdraw \
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

//! What a person settles about a project: its action, a nature left open, who is admitted, a derogation given elsewhere; and
//! what takes an act back.

use super::caller::Caller;
use super::minutes::past;
use super::refusal::Refusal;
use super::registrar::{Decided, Registrar, WORDS_MAX, line, words};
use super::standing_in::{pilot_or_region, region};
use crate::domain::Date;
use crate::domain::governance::{Act, ActEntry, ActId, RuleCode};
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::place::DepartementCode;
use crate::domain::project::ProjectId;
use crate::domain::text::{ActionCode, quoted};
use crate::domain::vocabulary::Nature;
use crate::identity::Role;
use crate::portfolio::{Commitment, Portfolio, ProjectIx};

/// A derogation to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derogation {
    /// The project.
    pub project: String,
    /// The code of the rule.
    pub rule: String,
    /// Who gave it: the State in the département, whose prefect did.
    pub authority: String,
    /// Its reference.
    pub reference: String,
    /// Day on which it was given.
    pub given_on: Date,
}

impl Registrar {
    /// Records a derogation from a rule, given outside the gateway by the prefect of a département of the project.
    ///
    /// # Errors
    /// It lifts no such rule, is no prefect's, makes no sense otherwise, or is not for this body to record.
    pub async fn record_derogation(&self, caller: &Caller, asked: &Derogation) -> Result<ActEntry, Refusal> {
        let rule = self.rule(&asked.rule)?;
        let derogable = (self.tenets.derogable)(self.today());
        if !derogable.contains(&rule) {
            return Err(lifts_nothing(&rule, &derogable));
        }
        let reference = line("reference", &asked.reference)?;
        past("givenOn", asked.given_on, self.clock.now())?;
        self.act(("derogation", caller), |portfolio| {
            let project = self.project_seen(caller, (portfolio, &asked.project))?;
            pilot_or_region(portfolio, caller, project)?;
            let authority = prefect_of(portfolio, project, &asked.authority)?;
            let act = Act::Derogation {
                project: portfolio.project(project).id.clone(),
                rule: rule.clone(),
                authority: authority.as_str().into(),
                reference: reference.clone(),
                given_on: asked.given_on,
            };
            Ok(Decided::New(act, String::new()))
        })
        .await
    }

    /// Says which action of the dividing lines a project is.
    ///
    /// # Errors
    /// It is no action, or not for this body to say.
    pub async fn classify(
        &self,
        caller: &Caller,
        project: &str,
        (action, reason): (&str, &str),
    ) -> Result<ActEntry, Refusal> {
        region(caller)?;
        let reason = words("reason", reason, WORDS_MAX)?;
        let action = ActionCode::parse(action).map_err(|error| {
            Refusal::bad_input("« action » n'est pas un code d'action (par exemple EMP-1)", error.to_string())
        })?;
        if !(self.tenets.is_action)(&action, self.today()) {
            return Err(Refusal::bad_input(
                format!("{action} n'est l'action d'aucune ligne de partage (par exemple EMP-1)"),
                format!("{action} is the action of no dividing line (for example EMP-1)"),
            ));
        }
        self.act(("classification", caller), |portfolio| {
            let project = portfolio.project(self.project_seen(caller, (portfolio, project))?).id.clone();
            let act = Act::Classified { project, action: action.clone(), reason: reason.clone() };
            Ok(Decided::New(act, reason.to_string()))
        })
        .await
    }

    /// Says which nature a sum has whose deciding record leaves it open.
    ///
    /// # Errors
    /// There is no such sum, its record says its nature, or it is not for this body to say.
    pub async fn state_nature(
        &self,
        caller: &Caller,
        commitment: &str,
        (nature, reason): (Nature, &str),
    ) -> Result<ActEntry, Refusal> {
        let reason = words("reason", reason, WORDS_MAX)?;
        self.act(("nature", caller), |portfolio| {
            let (project, found) = self.commitment_seen(caller, (portfolio, commitment))?;
            let funder = portfolio.organisation(found.funder).id;
            if !caller.is_region() {
                caller.for_its_own_means()?;
                caller.speaks_as(Some(funder), &self.members)?;
            }
            let act = nature_stated(portfolio, (project, found), nature, &reason)?;
            Ok(Decided::New(act, reason.to_string()))
        })
        .await
    }

    /// Admits that a body which nobody expected puts something into a project.
    ///
    /// # Errors
    /// It is no body, or not for this one to say.
    pub async fn admit(
        &self,
        caller: &Caller,
        project: &str,
        (funder, reason): (&OrganisationId, &str),
    ) -> Result<ActEntry, Refusal> {
        let reason = words("reason", reason, WORDS_MAX)?;
        if matches!(funder.kind(), OrganisationKind::Person | OrganisationKind::Text) {
            return Err(Refusal::bad_input(
                format!("{funder} n'est pas un organisme identifié (siren:…, financeur:…, eu:…)"),
                format!("{funder} is no identified body (siren:…, financeur:…, eu:…)"),
            ));
        }
        self.act(("admission", caller), |portfolio| {
            let project = self.project_seen(caller, (portfolio, project))?;
            pilot_or_region(portfolio, caller, project)?;
            let said = |entry: &&ActEntry| matches!(&entry.act, Act::Admitted { funder: one, .. } if one == funder);
            if let Some(stands) = portfolio.acts_about(project).find(said) {
                return Ok(Decided::Stands(stands.clone()));
            }
            let project = portfolio.project(project).id.clone();
            let act = Act::Admitted { project, funder: funder.clone(), reason: reason.clone() };
            Ok(Decided::New(act, reason.to_string()))
        })
        .await
    }

    /// Takes an act back.
    ///
    /// # Errors
    /// There is no such act, it was taken back already, or it is another organisation's.
    pub async fn take_back(&self, caller: &Caller, id: &str, reason: &str) -> Result<ActEntry, Refusal> {
        let reason = words("reason", reason, WORDS_MAX)?;
        self.act(("take-back", caller), |portfolio| {
            let none = || {
                let id = quoted(id);
                Refusal::not_found(
                    format!("il n'y a pas d'acte {id} : prenez l'identifiant que donne `Project.acts`"),
                    format!("there is no act {id}: take the identifier that `Project.acts` gives"),
                )
            };
            let found = ActId::parse(id).ok().and_then(|id| portfolio.act(id));
            let found = found.filter(|entry| !matches!(entry.act, Act::TakenBack { .. })).ok_or_else(none)?;
            if found.author.organisation != Some(caller.siren()) {
                let seen = |id: &ProjectId| self.project_seen_whole(caller, (portfolio, id.as_str())).is_ok();
                // Of a project that it does not see, nobody learns that something was said.
                if !found.act.projects().into_iter().any(seen) {
                    return Err(none());
                }
                return Err(Refusal::forbidden(
                    format!("l'acte {} est d'un autre organisme : lui seul le reprend", found.id),
                    format!("act {} is another organisation's: it alone takes it back", found.id),
                ));
            }
            may_unsay(portfolio, caller, found)?;
            if matches!(found.act, Act::Attested { .. }) {
                return Err(Refusal::conflict(
                    "une attestation ne se reprend pas : elle dit ce qui était su ; attestez de nouveau",
                    "an attestation is not taken back: it says what was known; attest again",
                ));
            }
            if portfolio.is_taken_back(found.id) {
                return Err(Refusal::conflict(
                    format!("l'acte {} a déjà été repris", found.id),
                    format!("act {} was taken back already", found.id),
                ));
            }
            Ok(Decided::New(Act::TakenBack { act: found.id, reason: reason.clone() }, reason.to_string()))
        })
        .await
    }
}

impl Registrar {
    /// The commitment that is named, by the identifier of its project and its own.
    fn commitment_seen<'a>(
        &self,
        caller: &Caller,
        (portfolio, id): (&'a Portfolio, &str),
    ) -> Result<(ProjectIx, &'a Commitment), Refusal> {
        let none = || {
            let id: String = id.chars().take(60).collect();
            Refusal::not_found(
                format!("il n'y a pas d'engagement {id} : prenez l'identifiant que donne `commitments`"),
                format!("there is no commitment {id}: take the identifier that `commitments` gives"),
            )
        };
        let (project, own) = id.split_once('-').ok_or_else(none)?;
        let project = self.project_seen_whole(caller, (portfolio, project)).map_err(|_| none())?;
        let ix = portfolio.commitment_by_id(project, own).ok_or_else(none)?;
        Ok((project, portfolio.commitment(ix).1))
    }
}

/// May the caller take back this act of its organisation? Who may not say a thing does not unsay it: what the Région said is for
/// its role, its own means are for who may commit them, and a committee keeps to the contracts of its token.
fn may_unsay(portfolio: &Portfolio, caller: &Caller, entry: &ActEntry) -> Result<(), Refusal> {
    if entry.author.role == Role::Region.as_str() {
        region(caller)?;
    }
    if matches!(entry.act, Act::Acknowledged { .. } | Act::NatureStated { .. }) {
        caller.for_its_own_means()?;
    }
    let projects = entry.act.projects().into_iter().filter_map(|id| portfolio.project_by_id(id));
    let places = projects.flat_map(|project| portfolio.project(project).places.contrats.iter());
    let contrats = places.map(|contrat| &portfolio.contrat(*contrat).code).chain(entry.act.contrat());
    if caller.may_act_in_one_of(contrats) {
        return Ok(());
    }
    Err(Refusal::forbidden(
        format!("l'acte {} n'est pas d'un contrat de ville de ce jeton", entry.id),
        format!("act {} is of no contrat de ville of this token", entry.id),
    ))
}

/// The refusal of a derogation from a rule that none lifts: it names those that one does.
fn lifts_nothing(rule: &RuleCode, derogable: &[RuleCode]) -> Refusal {
    let codes: Vec<&str> = derogable.iter().map(|code| code.as_str()).collect();
    let (fr, en) = match codes.as_slice() {
        [] => ("aucune règle ne se lève ainsi".to_owned(), "no rule is lifted so".to_owned()),
        codes => {
            let codes = codes.join(", ");
            (format!("une dérogation ne peut lever que {codes}"), format!("a derogation may lift {codes} alone"))
        }
    };
    Refusal::bad_input(format!("aucune dérogation ne lève {rule} : {fr}"), format!("no derogation lifts {rule}: {en}"))
}

/// A derogation is the prefect's, who represents the State in the département: one of the project, where its départements are known.
///
/// # Errors
/// Any other body.
fn prefect_of(portfolio: &Portfolio, project: ProjectIx, authority: &str) -> Result<OrganisationId, Refusal> {
    let places = &portfolio.project(project).places;
    let known = || places.departements.iter().map(|ix| &portfolio.departement(*ix).code);
    let is_open = places.departements.is_empty() || places.open.departement;
    let is_of_project = |code: DepartementCode| is_open || known().any(|known| *known == code);
    let etat = OrganisationId::parse(authority).ok();
    if let Some(etat) = etat.filter(|etat| etat.departement_of_etat().is_some_and(is_of_project)) {
        return Ok(etat);
    }
    let authority: String = authority.chars().take(64).collect();
    let prefects: Vec<String> = known().map(|code| OrganisationId::etat(code).to_string()).collect();
    let named = if is_open { "financeur:etat-59".to_owned() } else { prefects.join(", ") };
    let (fr, en) = if is_open { ("par exemple ", "for example ") } else { ("", "") };
    Err(Refusal::bad_input(
        format!(
            "« authority » : {authority} n'est pas l'État dans un département du projet. C'est le préfet qui accorde la \
             dérogation : nommez l'État dans ce département ({fr}{named})"
        ),
        format!(
            "`authority`: {authority} is not the State in a département of the project. The prefect gives the derogation: name \
             the State in that département ({en}{named})"
        ),
    ))
}

fn nature_stated(
    portfolio: &Portfolio,
    (project, commitment): (ProjectIx, &Commitment),
    nature: Nature,
    reason: &str,
) -> Result<Act, Refusal> {
    let case = portfolio.project(project);
    let deciding = case.deciding(commitment);
    let record = case.record(deciding);
    let source_id = &portfolio.source(record.source).profile.id;
    let said = |entry: &&ActEntry| {
        matches!(&entry.act, Act::NatureStated { source, key, ordinal, .. }
            if source == source_id && *key == record.key && *ordinal == deciding.ordinal)
    };
    if let Some(stands) = portfolio.acts_about(project).find(said) {
        return Err(Refusal::conflict(
            format!("la nature en a déjà été dite par l'acte {} : reprenez-le d'abord (takeBack)", stands.id),
            format!("its nature was stated already by act {}: take that back first (takeBack)", stands.id),
        ));
    }
    if let Some(stated) = deciding.nature {
        return Err(Refusal::bad_input(
            format!("l'enregistrement qui fait foi dit {stated} : c'est à sa source de le corriger"),
            format!("the record that has the last word says {stated}: it is for its source to correct"),
        ));
    }
    Ok(Act::NatureStated {
        project: case.id.clone(),
        source: source_id.clone(),
        key: record.key.clone(),
        ordinal: deciding.ordinal,
        nature,
        reason: reason.into(),
    })
}

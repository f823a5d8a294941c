//! What a committee has before it is shared by those present: the minutes (relevé de décisions) of a contrat de ville, and
//! small grants shared as a list. By the pilot of the contract; minutes by the Région only where no source says who the pilot
//! is. A plan counts in the version that it has when the minutes are recorded: if it changed since the meeting, it was not
//! this one that was before the committee.

use super::acknowledge::{plan_version, under_embargo};
use super::caller::Caller;
use super::refusal::Refusal;
use super::registrar::{Decided, Registrar, line};
use super::standing_in::pilots;
use crate::check::{Meeting, came_later};
use crate::domain::clearance::Clearance;
use crate::domain::governance::{Act, ActEntry, PlanVersion, SharedPlan};
use crate::domain::message::french_day;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::project::ProjectId;
use crate::domain::text::DispositifCode;
use crate::domain::{Date, Instant};
use crate::portfolio::{ContratIx, PlaceKey, Portfolio, ProjectIx};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Bodies that minutes may name.
pub const PRESENT_MAX: usize = 200;
/// Plans that minutes may be about.
pub const PLANS_MAX: usize = 500;
/// Funding schemes whose grants are small enough to be shared as a list.
pub const SMALL_GRANTS: [&str; 2] = ["PIC", "NQE"];

/// Minutes to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    /// Code of the contract.
    pub contrat: String,
    /// Day of the meeting.
    pub held_on: Date,
    /// Their reference.
    pub reference: String,
    /// Bodies present.
    pub present: Vec<OrganisationId>,
    /// Projects, each with the version of its plan.
    pub plans: Vec<(String, String)>,
}

/// Small grants to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallGrants {
    /// Code of the contract.
    pub contrat: String,
    /// Code of the funding scheme.
    pub dispositif: String,
    /// Budget year.
    pub year: u16,
    /// Reference of the list.
    pub reference: String,
}

impl Registrar {
    /// Records the minutes of a committee.
    ///
    /// # Errors
    /// They make no sense, speak of a plan that changed, or are not for this body to record.
    pub async fn record_minutes(&self, caller: &Caller, asked: &Minutes) -> Result<ActEntry, Refusal> {
        let reference = line("reference", &asked.reference)?;
        past("heldOn", asked.held_on, self.clock.now())?;
        let present = bodies_present(&asked.present)?;
        if asked.plans.is_empty() || asked.plans.len() > PLANS_MAX {
            return Err(Refusal::bad_input(
                format!("nommez de 1 à {PLANS_MAX} projets, chacun avec la version de son plan"),
                format!("name 1 to {PLANS_MAX} projects, each with the version of its plan"),
            ));
        }
        let decide = |portfolio: &Portfolio| {
            let (ix, contrat) = self.contrat_seen(caller, (portfolio, &asked.contrat))?;
            let unpiloted = portfolio.contrat(ix).pilot.is_none() && caller.is_region();
            if !unpiloted && !pilots(portfolio, caller, ix) {
                return Err(pilot_only(contrat.as_str()));
            }
            let plans = self.plans_of(caller, (portfolio, ix), &asked.plans)?;
            // Whoever was present did not see what was kept from them that day.
            let kept = plans.iter().filter_map(|(project, _)| kept_until(portfolio, *project, asked.held_on)).max();
            kept.map_or(Ok(()), |until| Err(under_embargo(until)))?;
            self.present(portfolio, &plans)?;
            let meeting = Meeting { held_on: asked.held_on, recorded_at: self.clock.now() };
            let mut late = plans.iter().filter_map(|(project, _)| later(portfolio, *project, meeting));
            late.next().map_or(Ok(()), Err)?;
            Ok((contrat, shared(portfolio, plans)))
        };
        // What stood before is looked for once all else is sound, and for the versions that are decided on below.
        let current = self.gateway.current();
        let (_, named) = decide(&current)?;
        let projects: Vec<ProjectId> = named.into_iter().map(|one| one.project).collect();
        self.stood(&current, &projects, asked.held_on).await?;
        self.act(("minutes", caller), |portfolio| {
            let (contrat, plans) = decide(portfolio)?;
            let (held_on, reference, present) = (asked.held_on, reference.clone(), present.clone());
            Ok(Decided::New(Act::Minutes { contrat, held_on, reference, present, plans }, String::new()))
        })
        .await
    }

    /// Shares the small grants of a contract, scheme and year: the plans of all its projects that have one, as they stand.
    ///
    /// # Errors
    /// Another scheme, no such grant, or not for this body to share.
    pub async fn share_small_grants(&self, caller: &Caller, asked: &SmallGrants) -> Result<ActEntry, Refusal> {
        let reference = line("reference", &asked.reference)?;
        let small = SMALL_GRANTS.contains(&asked.dispositif.as_str());
        let dispositif = DispositifCode::parse(&asked.dispositif).ok().filter(|_| small).ok_or_else(|| {
            let listed = SMALL_GRANTS.join(", ");
            Refusal::bad_input(
                format!("seules les petites subventions ({listed}) se partagent en liste"),
                format!("only small grants ({listed}) are shared as a list"),
            )
        })?;
        self.act(("small-grants", caller), |portfolio| {
            let (ix, contrat) = self.contrat_seen(caller, (portfolio, &asked.contrat))?;
            if !caller.is_region() && !pilots(portfolio, caller, ix) {
                return Err(pilot_only(contrat.as_str()));
            }
            let version = |project: ProjectIx| (project, portfolio.plan_version(project, self.plan_key()));
            // A plan of which a sum is kept from others is shared with nobody.
            let has_one = |project: &ProjectIx| {
                has_grant(portfolio, *project, (&dispositif, asked.year))
                    && kept_until(portfolio, *project, self.today()).is_none()
            };
            let plans: Vec<(ProjectIx, PlanVersion)> =
                portfolio.projects_of(PlaceKey::Contrat(ix)).iter().copied().filter(has_one).map(version).collect();
            if plans.is_empty() {
                return Err(Refusal::bad_input(
                    format!(
                        "le contrat {contrat} n'a aucun projet au titre de {dispositif} en {} : rien à partager",
                        asked.year
                    ),
                    format!("contract {contrat} has no project under {dispositif} in {}: nothing to share", asked.year),
                ));
            }
            let plans = shared(portfolio, plans);
            let (dispositif, reference) = (dispositif.clone(), reference.clone());
            let act = Act::SmallGrants { contrat, dispositif, year: asked.year, reference, plans };
            Ok(Decided::New(act, String::new()))
        })
        .await
    }
}

/// The last day on which a sum of a project is kept from anybody, as of a day.
fn kept_until(portfolio: &Portfolio, project: ProjectIx, day: Date) -> Option<Date> {
    portfolio.kept_until(project, (&Clearance::public(), day))
}

/// The refusal of a version of a plan that cannot have been before a meeting: it holds a sum that came later.
fn later(portfolio: &Portfolio, project: ProjectIx, meeting: Meeting) -> Option<Refusal> {
    let case = portfolio.project(project);
    let funder = portfolio.organisation(came_later(portfolio, case, meeting)?.funder).name;
    let (id, day, jour) = (&case.id, meeting.held_on, french_day(meeting.held_on));
    Some(Refusal::conflict(
        format!(
            "le plan du projet {id} n'a pas pu être examiné tel quel le {jour} : une somme de {funder} a été déclarée, décidée ou \
             connue plus tard. Ceux que ce plan concerne en accusent lecture (acknowledgePlan), ou une réunion plus récente \
             l'examine"
        ),
        format!(
            "the plan of project {id} cannot have been before a meeting of {day} as it stands: a sum of {funder} was declared, \
             decided or met later. Those whom the plan concerns acknowledge it (acknowledgePlan), or a later meeting looks at it"
        ),
    ))
}

/// A day that is not to come. French legal time is two hours ahead of universal time at most.
///
/// # Errors
/// A day to come.
pub(super) fn past(name: &str, day: Date, now: Instant) -> Result<(), Refusal> {
    if day <= (now + TimeDelta::hours(2)).date_naive() {
        return Ok(());
    }
    Err(Refusal::bad_input(
        format!("« {name} » : le {} n'est pas encore venu", french_day(day)),
        format!("`{name}`: {day} has not come yet"),
    ))
}

fn bodies_present(present: &[OrganisationId]) -> Result<Vec<OrganisationId>, Refusal> {
    let each: BTreeSet<&OrganisationId> = present.iter().collect();
    let stranger = each.iter().find(|body| matches!(body.kind(), OrganisationKind::Person | OrganisationKind::Text));
    if let Some(stranger) = stranger {
        return Err(Refusal::bad_input(
            format!("« present » : {stranger} n'est pas un organisme identifié (siren:…, financeur:…, eu:…)"),
            format!("`present`: {stranger} is no identified body (siren:…, financeur:…, eu:…)"),
        ));
    }
    if each.is_empty() || each.len() > PRESENT_MAX {
        return Err(Refusal::bad_input(
            format!("« present » : nommez de 1 à {PRESENT_MAX} organismes présents"),
            format!("`present`: name 1 to {PRESENT_MAX} bodies that were present"),
        ));
    }
    Ok(each.into_iter().cloned().collect())
}

impl Registrar {
    /// The projects that are named, each seen by the caller, each once and each of the contract.
    fn plans_of(
        &self,
        caller: &Caller,
        (portfolio, contrat): (&Portfolio, ContratIx),
        named: &[(String, String)],
    ) -> Result<Vec<(ProjectIx, PlanVersion)>, Refusal> {
        let mut met = BTreeSet::new();
        let mut plans = Vec::with_capacity(named.len());
        for (id, version) in named {
            let project = self.project_seen(caller, (portfolio, id))?;
            let case = portfolio.project(project);
            if !case.places.contrats.contains(&contrat) || !met.insert(project) {
                return Err(Refusal::bad_input(
                    format!("le projet {} n'est pas de ce contrat pour certain, ou il est nommé deux fois", case.id),
                    format!("project {} is not of this contract for certain, or it is named twice", case.id),
                ));
            }
            plans.push((project, plan_version(version)?));
        }
        Ok(plans)
    }
}

fn has_grant(portfolio: &Portfolio, project: ProjectIx, (dispositif, year): (&DispositifCode, u16)) -> bool {
    portfolio.project(project).commitments.iter().any(|commitment| {
        let code = commitment.dispositif.map(|ix| &portfolio.dispositif(ix).code);
        commitment.counts() && code == Some(dispositif) && commitment.year == Some(year)
    })
}

fn shared(portfolio: &Portfolio, plans: Vec<(ProjectIx, PlanVersion)>) -> Vec<SharedPlan> {
    let shared = |(project, plan): (ProjectIx, PlanVersion)| SharedPlan {
        project: portfolio.project(project).id.clone(),
        plan,
        content: Some(portfolio.plan_content(project)),
    };
    plans.into_iter().map(shared).collect()
}

fn pilot_only(contrat: &str) -> Refusal {
    Refusal::forbidden(
        format!("c'est au pilote du contrat {contrat} de le dire (à la Région où aucun pilote n'est connu)"),
        format!("it is for the pilot of the contract {contrat} to say (for the Région where no pilot is known)"),
    )
}

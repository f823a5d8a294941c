//! A body acknowledges a plan: it has read this very version, and agrees that the plan shows all it knows. Who has a line in
//! the plan or is expected to, who carries the project, who answers for a funder; nobody else. What the version is made of is kept with the act.

use super::caller::Caller;
use super::refusal::Refusal;
use super::registrar::{Decided, Registrar};
use crate::domain::Date;
use crate::domain::governance::{Act, ActEntry, PlanVersion};
use crate::domain::message::french_day;
use crate::domain::organisation::OrganisationId;
use crate::portfolio::{Moment, Plan, Portfolio, ProjectIx};

impl Registrar {
    /// Acknowledges the plan of a project at a version.
    ///
    /// # Errors
    /// The plan is at another version by now, or is not this body's to acknowledge.
    pub async fn acknowledge(
        &self,
        caller: &Caller,
        (project, version): (&str, &str),
        behalf: Option<&OrganisationId>,
    ) -> Result<ActEntry, Refusal> {
        caller.for_its_own_means()?;
        let version = plan_version(version)?;
        self.act(("acknowledgement", caller), |portfolio| {
            let project = self.project_seen_whole(caller, (portfolio, project))?;
            self.without_what_is_kept(caller, (portfolio, project))?;
            let moment = Moment { now: self.clock.now(), max_age_s: None };
            let plan = portfolio.plan(project, moment, (self.plan_key(), &[]));
            if plan.version != version {
                return Err(plan_changed(portfolio, &[(project, plan.version)]));
            }
            let by = self.concerned(portfolio, (project, &plan), (caller, behalf))?;
            let said = |entry: &&ActEntry| matches!(&entry.act, Act::Acknowledged { plan, by: who, .. } if *plan == version && *who == by);
            if let Some(stands) = portfolio.acts_about(project).find(said) {
                return Ok(Decided::Stands(stands.clone()));
            }
            let act = Act::Acknowledged {
                project: portfolio.project(project).id.clone(),
                plan: version.clone(),
                content: portfolio.plan_content(project),
                by,
            };
            Ok(Decided::New(act, String::new()))
        })
        .await
    }

    /// Nobody agrees to a plan of which a sum is kept from it.
    fn without_what_is_kept(
        &self,
        caller: &Caller,
        (portfolio, project): (&Portfolio, ProjectIx),
    ) -> Result<(), Refusal> {
        let clearance = self.clearance(caller);
        portfolio.kept_until(project, (&clearance, self.today())).map_or(Ok(()), |until| Err(under_embargo(until)))
    }

    /// The body that the plan concerns, among those that the caller may speak for.
    fn concerned(
        &self,
        portfolio: &Portfolio,
        (project, plan): (ProjectIx, &Plan),
        (caller, behalf): (&Caller, Option<&OrganisationId>),
    ) -> Result<OrganisationId, Refusal> {
        let funders: Vec<&OrganisationId> =
            plan.lines.iter().map(|line| portfolio.organisation(line.funder).id).collect();
        let holder = portfolio.project(project).holder.map(|holder| portfolio.organisation(holder).id);
        let is_concerned = |body: &OrganisationId| {
            funders.contains(&body)
                || holder == Some(body)
                || (self.tenets.is_expected)(portfolio, project, body)
                || funders.iter().any(|funder| (self.tenets.answers_for)(body, funder))
        };
        let may_speak = match behalf {
            Some(_) => vec![caller.speaks_as(behalf, &self.members)?],
            None => caller.bodies(&self.members).collect(),
        };
        let mut concerned = may_speak.into_iter().filter(is_concerned);
        match (concerned.next(), concerned.next()) {
            // Itself comes first, and needs no choice.
            (Some(body), None) => Ok(body),
            (Some(body), Some(_)) if body == caller.body() => Ok(body),
            (Some(_), Some(_)) => Err(Refusal::bad_input(
                "vous parlez pour plusieurs financeurs de ce plan : dites pour lequel par « onBehalfOf »",
                "you speak for several funders of this plan: say for which by `onBehalfOf`",
            )),
            (None, _) => Err(Refusal::forbidden(
                "ce plan ne nomme pas votre organisme : en prennent acte ceux qui y ont une ligne, le porteur, et qui répond \
                 d'un financeur",
                "this plan does not name your organisation: it is acknowledged by those who have a line in it, by the holder, \
                 and by who answers for a funder",
            )),
        }
    }

    /// Are these the versions that the plans have now?
    ///
    /// # Errors
    /// Those that changed, with their present version.
    pub(super) fn present(&self, portfolio: &Portfolio, plans: &[(ProjectIx, PlanVersion)]) -> Result<(), Refusal> {
        let now = plans.iter().map(|(project, _)| (*project, portfolio.plan_version(*project, self.plan_key())));
        let changed: Vec<(ProjectIx, PlanVersion)> =
            now.zip(plans).filter(|(now, asked)| now.1 != asked.1).map(|(now, _)| now).collect();
        if changed.is_empty() { Ok(()) } else { Err(plan_changed(portfolio, &changed)) }
    }
}

/// Nobody shares a plan of which a sum is kept from it.
pub(super) fn under_embargo(until: Date) -> Refusal {
    Refusal::conflict(
        format!(
            "un montant de ce plan est sous embargo jusqu'au {} : il se partage quand chacun le voit",
            french_day(until)
        ),
        format!("a sum of this plan is under embargo until {until}: it is shared once everybody sees it"),
    )
}

/// Reads the version of a plan.
///
/// # Errors
/// A text that is none.
pub(super) fn plan_version(text: &str) -> Result<PlanVersion, Refusal> {
    PlanVersion::parse(text).map_err(|error| {
        Refusal::bad_input(
            "« planVersion » n'est pas la version d'un plan : prenez celle de `fundingPlan { version }`",
            format!("{error}: take that of `fundingPlan {{ version }}`"),
        )
    })
}

fn plan_changed(portfolio: &Portfolio, now: &[(ProjectIx, PlanVersion)]) -> Refusal {
    let told =
        |(project, version): &(ProjectIx, PlanVersion)| format!("{} ({version})", portfolio.project(*project).id);
    let listed = now.iter().take(5).map(told).collect::<Vec<_>>().join(", ");
    let more = if now.len() > 5 { "…" } else { "" };
    Refusal::conflict(
        format!("le plan a changé ; voici sa version présente : {listed}{more}. Relisez-le, puis dites-le de nouveau"),
        format!("the plan changed; this is its present version: {listed}{more}. Read it again, then say so anew"),
    )
}

//! What would be missing if funders declared what is assumed.

use super::check::Check;
use super::project::Project;
use super::{Reader, ViewError};
use crate::check;
use crate::domain::declaration::Declared;
use crate::domain::message::Message;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::portfolio::{Assumed, Portfolio, ProjectIx};
use std::sync::Arc;

/// How much may be assumed at once.
pub const ASSUMPTIONS_MAX: usize = 20;

/// That a funder declares something of a project, and perhaps acknowledges the plan that results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The funder.
    pub funder: OrganisationId,
    /// What it declares.
    pub declared: Declared,
    /// Does it acknowledge the plan that results?
    pub acknowledged: bool,
}

impl Project {
    /// The check as it would be if funders declared what is assumed: computed on what this viewer sees, kept nowhere. `None`:
    /// not for this viewer.
    ///
    /// # Errors
    /// What no funder could declare; fresher figures than may be asked.
    pub fn check_assuming(&self, max_age_s: Option<u64>, assumed: &[Assumption]) -> Result<Option<Check>, ViewError> {
        let as_it_is = match self.check(max_age_s)? {
            Some(as_it_is) if !assumed.is_empty() => as_it_is,
            other => return Ok(other),
        };
        let (portfolio, project) = (self.reader.portfolio(), self.ix());
        let assumed = fitting(portfolio, project, assumed, &self.reader)?;
        let picture = portfolio.assuming(project, &assumed, (self.reader.plan_key(), self.reader.now()));
        let there = Project::new(&self.reader.supposing(Arc::new(picture)), ProjectIx::first());
        Check::assuming(&there, max_age_s, &as_it_is).map(Some)
    }
}

/// What funders could declare, each told whether it is expected on the project.
fn fitting(
    portfolio: &Portfolio,
    project: ProjectIx,
    assumed: &[Assumption],
    reader: &Reader,
) -> Result<Vec<Assumed>, ViewError> {
    let refuse = |fr: String, en: String| Err(ViewError::BadInput(Message::new(fr, en)));
    if assumed.len() > ASSUMPTIONS_MAX {
        return refuse(
            format!("plus de {ASSUMPTIONS_MAX} hypothèses à la fois : supposez-en moins"),
            format!("more than {ASSUMPTIONS_MAX} assumptions at once: assume fewer"),
        );
    }
    let mut all = Vec::with_capacity(assumed.len());
    for one in assumed {
        if matches!(one.funder.kind(), OrganisationKind::Person | OrganisationKind::Text) {
            return refuse(
                format!("{} n'est pas un organisme identifié (siren:…, financeur:…, eu:…)", one.funder),
                format!("{} is no identified body (siren:…, financeur:…, eu:…)", one.funder),
            );
        }
        let misfit =
            one.declared.fault().or_else(|| portfolio.misfit(portfolio.project(project), (&one.funder, &one.declared)));
        if let Some(message) = misfit {
            return Err(ViewError::BadInput(message));
        }
        let (book, day) = (reader.rulebook(), reader.now().date_naive());
        all.push(Assumed {
            funder: one.funder.clone(),
            declared: one.declared.clone(),
            expected: portfolio.is_named_on(project, &one.funder)
                || check::is_expected(portfolio, project, book, (&one.funder, day)),
            acknowledged: one.acknowledged,
        });
    }
    Ok(all)
}

//! A body gives its opinion on what a rule is about: the pilot of a contract of the project, a direction or the instructing
//! service of the Région; nobody else.

use super::caller::Caller;
use super::minutes::past;
use super::refusal::Refusal;
use super::registrar::{Decided, Registrar, WORDS_MAX, line, words_if_any};
use super::standing_in::pilots_a_contrat_of;
use crate::domain::Date;
use crate::domain::governance::{Act, ActEntry, OpinionOf, RuleCode};
use crate::portfolio::{Portfolio, ProjectIx};

/// An opinion to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opining {
    /// The project.
    pub project: String,
    /// The code of the rule.
    pub rule: String,
    /// Is it in favour?
    pub favourable: bool,
    /// In the body's own words.
    pub text: Option<String>,
    /// Reference of the document that holds it.
    pub reference: Option<String>,
    /// Day on which it was given; the day of recording where it is not said.
    pub given_on: Option<Date>,
    /// In which quality; by default that of the pilot, where the body is one, else of a direction of the Région.
    pub quality: Option<OpinionOf>,
}

impl Registrar {
    /// Records an opinion.
    ///
    /// # Errors
    /// It is no rule, not for this body to say, or of a day to come.
    pub async fn opine(&self, caller: &Caller, asked: &Opining) -> Result<ActEntry, Refusal> {
        let rule = self.rule(&asked.rule)?;
        let text = words_if_any("text", asked.text.as_deref(), WORDS_MAX)?;
        let reference = asked.reference.as_deref().filter(|text| !text.trim().is_empty());
        let reference = reference.map(|text| line("reference", text)).transpose()?;
        if let Some(day) = asked.given_on {
            past("givenOn", day, self.clock.now())?;
        }
        self.act(("opinion", caller), |portfolio| {
            let project = self.project_seen_whole(caller, (portfolio, &asked.project))?;
            let act = Act::Opinion {
                project: portfolio.project(project).id.clone(),
                rule: rule.clone(),
                by: caller.body(),
                quality: quality(portfolio, (caller, project), asked.quality)?,
                favourable: asked.favourable,
                text: text.clone(),
                reference: reference.clone(),
                given_on: asked.given_on,
                action: portfolio.project(project).action.clone(),
            };
            Ok(Decided::New(act, String::new()))
        })
        .await
    }

    /// The rule of a code.
    ///
    /// # Errors
    /// It is the code of none.
    pub(super) fn rule(&self, code: &str) -> Result<RuleCode, Refusal> {
        let rule = RuleCode::parse(code).ok().filter(|rule| (self.tenets.is_rule)(rule));
        rule.ok_or_else(|| {
            let code: String = code.chars().take(64).collect();
            Refusal::bad_input(
                format!("« {code} » n'est le code d'aucune règle (par exemple EMP-1)"),
                format!("« {code} » is the code of no rule (for example EMP-1)"),
            )
        })
    }
}

fn quality(
    portfolio: &Portfolio,
    (caller, project): (&Caller, ProjectIx),
    asked: Option<OpinionOf>,
) -> Result<OpinionOf, Refusal> {
    let is_pilot = pilots_a_contrat_of(portfolio, caller, project);
    match asked {
        Some(OpinionOf::Pilot) | None if is_pilot => Ok(OpinionOf::Pilot),
        Some(quality @ (OpinionOf::Direction | OpinionOf::Service)) if caller.is_region() => Ok(quality),
        None if caller.is_region() => Ok(OpinionOf::Direction),
        _ => Err(Refusal::forbidden(
            "l'avis est au pilote d'un contrat de ville du projet, ou à une direction ou au service de la Région (rôle REGION)",
            "the opinion is for the pilot of a contrat de ville of the project, or for a direction or the service of the \
             Région (role REGION)",
        )),
    }
}

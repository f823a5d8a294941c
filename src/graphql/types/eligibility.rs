//! Orientation before any money in the schema.

use super::{Dispositif, Organisation};
use crate::graphql::vocabulary::{Language, Lift, LineKind, Standing};
use crate::view;
use async_graphql::Object;

/// An action of the dividing lines.
pub struct Action(pub view::Action);

/// An action of the dividing lines between droit commun and the credits specific to the politique de la ville.
#[Object]
impl Action {
    /// Its code, for `eligibility` and `classifyProject`.
    async fn code(&self) -> &str {
        self.0.code()
    }

    /// What it is.
    async fn title(
        &self,
        #[graphql(desc = "Language of the title.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.title().text(lang.unwrap_or(Language::Fr).into())
    }

    /// What the line asks.
    async fn line(&self) -> LineKind {
        self.0.line().into()
    }

    /// The text that it comes from.
    async fn legal_source(&self) -> Option<&str> {
        self.0.legal()
    }
}

/// An orientation.
pub struct Eligibility(pub view::Orientation);

/// Which credits may come to a project that nobody filed yet: the rulebook held against it, as it will be against the real one.
/// An orientation, not a decision: what amounts, dates and opinions will tell is not known yet.
#[Object]
impl Eligibility {
    /// The action that was asked about.
    async fn action(&self) -> Action {
        Action(self.0.action())
    }

    /// Every credit that is known, those to ask first first, those that are excluded last.
    async fn credits(&self) -> Vec<CreditStanding> {
        self.0.credits().map(CreditStanding).collect()
    }

    /// Whose word is needed before the vote: opinions, criteria that a service judges, ANRU's answer; and the opinions that may lift
    /// what alone excludes a credit, each with the rule that it lifts (`liftedBy` says whose).
    async fn opinions_needed(&self) -> Vec<EligibilityReason> {
        self.0.hearings().iter().cloned().map(EligibilityReason).collect()
    }
}

/// How a credit stands.
pub struct CreditStanding(view::Credit);

/// A credit, and how it stands towards the project.
#[Object]
impl CreditStanding {
    /// The funding scheme.
    async fn dispositif(&self) -> Dispositif {
        Dispositif(self.0.dispositif())
    }

    /// Who gives it; null where no source says.
    async fn funder(&self) -> Option<Organisation> {
        self.0.funder().map(Organisation)
    }

    /// How it stands.
    async fn standing(&self) -> Standing {
        self.0.standing().into()
    }

    /// Why, or what is still to be met.
    async fn reasons(&self) -> Vec<EligibilityReason> {
        self.0.reasons().iter().cloned().map(EligibilityReason).collect()
    }
}

/// A reason.
pub struct EligibilityReason(view::Reason);

/// What a rule has to say.
#[Object]
impl EligibilityReason {
    /// The code of the rule; null: the reference table of funding schemes.
    async fn rule(&self) -> Option<&str> {
        self.0.rule.as_ref().map(|rule| rule.as_str())
    }

    /// One sentence.
    async fn message(
        &self,
        #[graphql(desc = "Language of the sentence.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.message.text(lang.unwrap_or(Language::Fr).into())
    }

    /// The text that the rule comes from; null where it is the gateway's own.
    async fn legal_source(&self) -> Option<&str> {
        self.0.legal.as_deref()
    }

    /// What may lift it.
    async fn lifted_by(&self) -> Vec<Lift> {
        self.0.lifted_by.iter().map(|lift| (*lift).into()).collect()
    }
}

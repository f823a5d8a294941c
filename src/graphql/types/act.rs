//! What bodies said of projects, in the schema.

use super::{Organisation, Project, int};
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::vocabulary::Language;
use crate::view;
use async_graphql::{Enum, ID, Object, SimpleObject};

/// What kinds of acts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "view::ActKind")]
pub enum ActKind {
    /// A body has read a version of a plan, and agrees that it shows all it knows.
    Acknowledgement,
    /// An opinion on what a rule is about.
    Opinion,
    /// The minutes (relevé de décisions) of a committee of a contrat de ville.
    Minutes,
    /// Small grants of a contrat, shared as a list.
    SmallGrants,
    /// A derogation from a rule, given by the prefect.
    Derogation,
    /// The action of the dividing lines that a project is.
    Classification,
    /// The nature of a sum that its record leaves open.
    Nature,
    /// A body that nobody expected is admitted to a project.
    Admission,
    /// Whether a contrat de ville meets a condition of the framework.
    Condition,
    /// A check was frozen and signed.
    Attestation,
    /// An act is taken back.
    TakeBack,
}

/// A handle on an act.
pub struct ActOfBody(pub view::ActOfBody);

/// What a body said of projects: kept with its author and its instant, never edited, taken back by a later act.
#[Object]
impl ActOfBody {
    /// Identifier: takes it back (takeBack).
    async fn id(&self) -> ID {
        ID(self.0.id().to_string())
    }

    /// What kind of act it is.
    async fn kind(&self) -> ActKind {
        self.0.kind().into()
    }

    /// The organisation whose act it is; null where the ledger names none.
    async fn by(&self) -> Option<Organisation> {
        self.0.by().map(Organisation)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at())
    }

    /// The version of the ledger that holds it.
    async fn ledger_version(&self) -> i32 {
        int(self.0.version().0)
    }

    /// The signed text (compact JWS), where it is an attestation; null otherwise.
    async fn jws(&self) -> Option<&str> {
        self.0.jws()
    }

    /// What it says, as a sentence.
    async fn text(
        &self,
        #[graphql(desc = "Language of the sentence.", default_with = "Language::Fr")] lang: Language,
    ) -> String {
        self.0.sentence().text(lang.into()).to_owned()
    }

    /// The projects that it is about.
    async fn projects(&self) -> Vec<Project> {
        self.0.projects().into_iter().map(Project).collect()
    }

    /// Was it taken back since?
    async fn taken_back(&self) -> bool {
        self.0.is_taken_back()
    }
}

/// A body has read this very plan (its version) and agrees that it shows all it knows. A plan that changes later has another
/// version, which this says nothing of.
#[derive(SimpleObject)]
pub struct Acknowledgement {
    /// Identifier: takes it back (takeBack).
    pub id: ID,
    /// The project.
    pub project: Project,
    /// The version of its plan.
    pub plan_version: String,
    /// The body.
    pub by: Organisation,
    /// When.
    pub at: DateTime,
    /// The version of the ledger that holds it.
    pub ledger_version: i32,
}

/// The opinion of a body on what a rule is about.
#[derive(SimpleObject)]
pub struct Opinion {
    /// Identifier: takes it back (takeBack).
    pub id: ID,
    /// The project.
    pub project: Project,
    /// The body.
    pub by: Organisation,
    /// Code of the rule.
    pub rule: String,
    /// Is it in favour?
    pub favourable: bool,
    /// In the body's own words; null when it gave none.
    pub text: Option<String>,
    /// Reference of the document that holds it; null when none is named.
    pub reference: Option<String>,
    /// Day on which it was given.
    pub given_on: Date,
    /// The action of the dividing lines that the project was then: a direction's opinion is on that action, and on no other. Null
    /// where it was not classified.
    pub action: Option<String>,
    /// When it was recorded.
    pub at: DateTime,
    /// The version of the ledger that holds it.
    pub ledger_version: i32,
}

impl Acknowledgement {
    /// The acknowledgement that an act is; `None` where it is none.
    pub fn of(act: &view::ActOfBody) -> Option<Self> {
        Some(Acknowledgement {
            id: ID(act.id().to_string()),
            project: Project(act.projects().into_iter().next()?),
            plan_version: act.plan_version()?.to_string(),
            by: Organisation(act.by()?),
            at: DateTime(act.at()),
            ledger_version: int(act.version().0),
        })
    }
}

impl Opinion {
    /// The opinion that an act is; `None` where it is none.
    pub fn of(act: &view::ActOfBody) -> Option<Self> {
        let opinion = act.opinion()?;
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(Opinion {
            id: ID(act.id().to_string()),
            project: Project(act.projects().into_iter().next()?),
            by: Organisation(act.by()?),
            rule: act.rule()?.to_string(),
            favourable: opinion.favourable,
            text: text(opinion.text),
            reference: text(opinion.reference),
            given_on: Date(opinion.given_on),
            action: text(opinion.action),
            at: DateTime(act.at()),
            ledger_version: int(act.version().0),
        })
    }
}

//! A verdict that is no longer what it was: what changed, from whom, since when.

use super::check::Check;
use super::organisation::Organisation;
use super::past::Stood;
use super::project::Project;
use super::source::Source;
use super::{Reader, ViewError};
use crate::check::{self, Agreed, ChangeKind};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActId, PlanContent, PlanVersion};
use crate::domain::image::Head;
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordState;
use crate::domain::vocabulary::{Knowledge, Nature};
use crate::portfolio::{ProjectIx, version_of_no_plan};

/// One change between two checks of a project.
#[derive(Clone)]
pub struct VerdictReason {
    reader: Reader,
    change: check::Change,
}

impl VerdictReason {
    /// What kind of change.
    pub fn kind(&self) -> ChangeKind {
        self.change.kind
    }

    /// From whom; `None`: from no single funder.
    pub fn funder(&self) -> Option<Organisation> {
        self.change.funder.as_ref().map(|funder| Organisation::of_identity(&self.reader, funder))
    }

    /// Section of the budget, where it is about a line.
    pub fn nature(&self) -> Option<Nature> {
        self.change.nature
    }

    /// The rule, where it is about one.
    pub fn rule(&self) -> Option<&str> {
        self.change.rule.as_ref().map(|rule| rule.as_str())
    }

    /// The source whose word, or whose silence, makes it.
    pub fn source(&self) -> Option<Source> {
        let ix = self.reader.portfolio().source_by_id(self.change.source.as_ref()?.as_str())?;
        Some(Source::new(&self.reader, ix))
    }

    /// Since when; `None`: that is not known for certain.
    pub fn since(&self) -> Option<Instant> {
        self.change.since
    }

    /// One sentence.
    pub fn message(&self) -> &Message {
        &self.change.message
    }
}

/// What changed from one check to another.
///
/// # Errors
/// The ledger cannot be read.
pub(super) async fn reasons(was: &Check, is: &Check) -> Result<Vec<VerdictReason>, ViewError> {
    let reader = &is.examined().reader;
    let stood = Stood::of(was.project().id(), is).await?;
    let past = stood.as_ref().map(|stood| (stood.course(), reader.plan_key()));
    let (before, after) = (was.examined().case(), is.examined().case());
    let found = check::changes((&before, was.checked()), (&after, is.checked()), past);
    Ok(found.into_iter().map(|change| VerdictReason { reader: reader.clone(), change }).collect())
}

impl Project {
    /// What changed since its last attestation, from whom, since when; empty where the check is what was attested. `None`:
    /// nobody attested it, or not for this viewer.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn since_attestation(&self) -> Result<Option<Vec<VerdictReason>>, ViewError> {
        let (Some(last), Some(now)) = (last_attestation(&self.reader, self.ix()), self.check(None)?) else {
            return Ok(None);
        };
        let then = self.reader.at(last.checked).await?;
        let Some(before) = then.project(last.project.as_str()) else { return Ok(None) };
        let Some(was) = before.check(None)? else { return Ok(None) };
        let mut found = reasons(&was, &now).await?;
        let is_whole = |one: &Project| !one.reader.portfolio().project(one.ix()).is_told_in_part();
        if is_whole(self) && is_whole(&before) && !last.is_of(&was) && !last.is_of(&now) {
            found.insert(0, self.reader.reason_of_rules(&last));
        }
        Ok(Some(found))
    }
}

/// What is told of a check in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// May the Region vote?
    pub ready: bool,
    /// Are all means known and shared?
    pub knowledge: Knowledge,
    /// The version of the plan.
    pub plan: PlanVersion,
}

/// A verdict that is no longer what it was.
#[derive(Clone)]
pub struct VerdictChange {
    /// The project.
    pub project: Project,
    /// The verdict before.
    pub before: Verdict,
    /// The verdict now.
    pub after: Verdict,
    /// It was attested, and no longer says what was attested.
    pub attested: bool,
    /// What changed.
    pub reasons: Vec<VerdictReason>,
    /// The version that was checked.
    pub head: Head,
    /// The instant of the check.
    pub at: Instant,
}

impl Reader {
    /// Has nobody any record of this project any more, whoever asks? Not where it gave way to another one.
    pub(super) fn is_gone(&self, id: &ProjectId) -> bool {
        self.today().0.project_by_id(id).is_none()
    }

    /// What is known of the means of a project of which no record is left: nothing.
    pub(super) fn verdict_of_nothing(&self) -> Verdict {
        Verdict { ready: false, knowledge: Knowledge::Incomplete, plan: version_of_no_plan(self.plan_key()) }
    }

    /// Why the verdict of such a project is another.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(super) async fn reason_gone(&self, id: &ProjectId) -> Result<VerdictReason, ViewError> {
        let message = Message::new(
            "Plus aucune source ne tient de fiche de ce projet : on ne sait plus rien de ses moyens.",
            "No source holds a record of this project any more: nothing is known of its means.",
        );
        let change = check::Change {
            kind: ChangeKind::ProjectGone,
            funder: None,
            nature: None,
            rule: None,
            source: None,
            since: self.gone_since(id).await?,
            message,
        };
        Ok(VerdictReason { reader: self.clone(), change })
    }

    /// Why the facts that were attested no longer come to what was attested of them.
    fn reason_of_rules(&self, last: &LastAttestation) -> VerdictReason {
        let (then, now) = (&last.rulebook, &self.rulebook().edition);
        let message = if then == now {
            Message::new(
                "Les faits d'alors ne donnent plus ce qui fut attesté : les tables ou les réglages de la passerelle ont changé depuis.",
                "The facts of then no longer come to what was attested: the tables or the settings of the gateway have changed since.",
            )
        } else {
            Message::new(
                format!("Les règles ou leurs tables ont changé depuis l'attestation : {then} alors, {now} à présent."),
                format!("The rules or their tables have changed since the attestation: {then} then, {now} now."),
            )
        };
        let change = check::Change {
            kind: ChangeKind::Rules,
            funder: None,
            nature: None,
            rule: None,
            source: None,
            since: None,
            message,
        };
        VerdictReason { reader: self.clone(), change }
    }

    /// When the last record of such a project was closed; `None`: its last record was not, here.
    async fn gone_since(&self, id: &ProjectId) -> Result<Option<Instant>, ViewError> {
        let steps = self.ledger().record_steps(&[id], self.head().version).await?;
        let Some(last) = steps.last().filter(|step| step.state == RecordState::Closed) else { return Ok(None) };
        Ok(self.ledger().appenders(&[last.version]).await?.get(&last.version).map(|appender| appender.at))
    }
}

pub(super) fn check_of(reader: &Reader, id: &ProjectId) -> Option<Check> {
    let project = reader.project(id.as_str())?;
    project.check(None).ok().flatten()
}

pub(super) fn verdict_of(check: &Check) -> Verdict {
    let plan = check.examined().plan_version_typed().clone();
    Verdict { ready: check.is_ready(), knowledge: check.knowledge(), plan }
}

/// What was attested last of a project.
pub(super) struct LastAttestation {
    /// The act.
    pub(super) act: ActId,
    /// The project that it was made about, which may have given way to another since.
    pub(super) project: ProjectId,
    /// What it says.
    verdict: Verdict,
    /// What that version of the plan was made of.
    content: Option<PlanContent>,
    /// The version and the instant of the check.
    pub(super) checked: (LedgerVersion, Instant),
    /// It weighs what is kept from the viewer, were it no more.
    is_kept: bool,
    /// What names the rules that it was made by.
    rulebook: Box<str>,
}

/// The last attestation of a project; `None`: nobody attested it, or not for this viewer.
pub(super) fn last_attestation(reader: &Reader, project: ProjectIx) -> Option<LastAttestation> {
    reader.portfolio().acts_about(project).rev().find_map(|entry| match &entry.act {
        Act::Attested { project, ready, knowledge, plan, content, checked, checked_at, rulebook, .. } => {
            Some(LastAttestation {
                act: entry.id,
                project: project.clone(),
                verdict: Verdict { ready: *ready, knowledge: *knowledge, plan: plan.clone() },
                content: content.clone(),
                checked: (*checked, *checked_at),
                is_kept: reader.act(entry.clone()).weighs_what_is_kept(),
                rulebook: rulebook.clone(),
            })
        }
        _ => None,
    })
}

impl LastAttestation {
    /// Is a verdict of this viewer's what was attested? To whom something of it is kept from, what the viewer saw then: whether the plan is
    /// that of the attestation would tell what the hidden sum was, or that it was amended.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(super) async fn holds(
        &self,
        reader: &Reader,
        (verdict, agreed): (&Verdict, &Agreed),
    ) -> Result<bool, ViewError> {
        if !self.is_kept {
            return Ok(self.says(verdict, agreed));
        }
        let then = reader.at(self.checked).await?;
        Ok(check_of(&then, &self.project).is_some_and(|was| verdict_of(&was) == *verdict))
    }

    /// By what the version of its plan is made of, too: another workroom names the same plan otherwise.
    fn says(&self, verdict: &Verdict, agreed: &Agreed) -> bool {
        let Verdict { ready, knowledge, plan } = &self.verdict;
        (*ready, *knowledge) == (verdict.ready, verdict.knowledge) && agreed.is(plan, self.content.as_ref())
    }

    fn is_of(&self, check: &Check) -> bool {
        self.says(&verdict_of(check), &check.examined().agreed())
    }
}

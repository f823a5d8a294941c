//! What whoever was told before is to be told now: attested verdicts, held against what was told last.

use super::verdict::{check_of, last_attestation, reasons, verdict_of};
use super::{Project, ProjectFilter, Reader, Verdict, VerdictReason, ViewError};
use crate::domain::governance::{Act, ActEntry, ActId};
use crate::domain::project::ProjectId;
use std::collections::BTreeMap;

/// What was told last of an attested project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastTold {
    /// [`Verdict::word`] of then.
    pub verdict: String,
    /// The version of the plan.
    pub plan: String,
    /// It said what was attested.
    pub as_attested: bool,
}

/// How an attested verdict stands, where it is another than was told last.
#[derive(Clone)]
pub struct Told {
    /// The project.
    pub project: Project,
    /// The attestation.
    pub attestation: ActId,
    /// What the check said then, as this viewer sees it.
    pub attested: Verdict,
    /// What it says now.
    pub now: Verdict,
    /// The check says what was attested.
    pub as_attested: bool,
    /// Is it to be told, or only to be noted?
    pub is_news: bool,
    /// What changed since the attestation.
    pub reasons: Vec<VerdictReason>,
}

impl Verdict {
    /// Ready or not, and what is known, as one word to compare.
    pub fn word(&self) -> String {
        format!("{} {}", self.ready, self.knowledge)
    }
}

impl Told {
    /// What to note of it.
    pub fn noted(&self) -> LastTold {
        let plan = self.now.plan.to_string();
        LastTold { verdict: self.now.word(), plan, as_attested: self.as_attested }
    }
}

impl Reader {
    /// The attested projects that this viewer sees whole and whose verdict is another than `last`, by attestation, says;
    /// of those of which nothing was told, another than what was attested.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn turned(&self, last: &BTreeMap<String, LastTold>) -> Result<Vec<Told>, ViewError> {
        if !self.scope().sees_checks() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let projects = self.projects(&ProjectFilter::default());
        for project in (0..projects.len()).map(|at| projects.at(at)).filter(Project::is_whole) {
            found.extend(self.turned_one(project, last).await?);
        }
        let (whole, _) = self.today();
        for (project, entry) in whole.attested_and_gone() {
            found.extend(self.gone_one(project, entry, last).await?);
        }
        Ok(found)
    }

    /// How a verdict that was attested stands now, news or not. `None`: the project is not, or no more, one that this viewer sees whole, or
    /// another attestation came since.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn told_of(&self, project: &str, attestation: &str) -> Result<Option<Told>, ViewError> {
        if !self.scope().sees_checks() {
            return Ok(None);
        }
        let nothing = BTreeMap::new();
        if let Some(project) = self.project(project).filter(Project::is_whole) {
            let told = self.turned_one(project, &nothing).await?;
            return Ok(told.filter(|told| told.attestation.to_string() == attestation));
        }
        let (whole, _) = self.today();
        let gone = whole.attested_and_gone().into_iter().find(|(_, entry)| entry.id.to_string() == attestation);
        match gone {
            Some((project, entry)) => self.gone_one(project, entry, &nothing).await,
            None => Ok(None),
        }
    }

    /// Of a project of which no record is left: as this viewer saw it when it was attested, by the rights of today.
    async fn gone_one(
        &self,
        project: &ProjectId,
        entry: &ActEntry,
        last: &BTreeMap<String, LastTold>,
    ) -> Result<Option<Told>, ViewError> {
        let Act::Attested { checked, checked_at, .. } = &entry.act else { return Ok(None) };
        let (now, before) = (self.verdict_of_nothing(), last.get(&entry.id.to_string()));
        if before.is_some_and(|before| before.verdict == now.word() && before.plan == now.plan.to_string()) {
            return Ok(None);
        }
        let then = self.at((*checked, *checked_at)).await?;
        let Some(was) = check_of(&then, project) else { return Ok(None) };
        Ok(Some(Told {
            project: was.project().clone(),
            attestation: entry.id,
            attested: verdict_of(&was),
            now,
            as_attested: false,
            is_news: true,
            reasons: vec![self.reason_gone(project).await?],
        }))
    }

    async fn turned_one(&self, project: Project, last: &BTreeMap<String, LastTold>) -> Result<Option<Told>, ViewError> {
        let Some(attested) = last_attestation(self, project.ix()) else { return Ok(None) };
        let Some(check) = check_of(self, project.id()) else { return Ok(None) };
        let now = verdict_of(&check);
        let before = last.get(&attested.act.to_string());
        if before.is_some_and(|before| before.verdict == now.word() && before.plan == now.plan.to_string()) {
            return Ok(None);
        }
        // As this viewer sees it: a sum that is kept from them changes the version of the plan for them, then as now.
        let then = self.at(attested.checked).await?;
        let Some(was) = check_of(&then, &attested.project) else { return Ok(None) };
        let was_said = verdict_of(&was);
        let as_attested = was_said == now;
        let left = before.is_none_or(|before| before.as_attested) && !as_attested;
        let turned = before.is_some_and(|before| before.verdict != now.word());
        let reasons = match as_attested {
            true => Vec::new(),
            false => reasons(&was, &check).await?,
        };
        let attestation = attested.act;
        Ok(Some(Told { project, attestation, attested: was_said, now, as_attested, is_news: left || turned, reasons }))
    }
}

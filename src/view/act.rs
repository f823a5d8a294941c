//! What bodies said of projects: acknowledgements, opinions, minutes, derogations, classifications, admissions.

use super::Reader;
use super::organisation::Organisation;
use super::project::Project;
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActEntry, ActId, OpinionOf, PlanVersion, RecordThen, RuleCode};
use crate::domain::message::{Message, french_day};
use crate::domain::organisation::OrganisationId;
use crate::domain::{Date, Instant};

/// A handle on an act.
#[derive(Clone)]
pub struct ActOfBody {
    reader: Reader,
    entry: ActEntry,
}

/// What an opinion says.
#[derive(Debug, Clone, Copy)]
pub struct OpinionSaid<'a> {
    /// Is it in favour?
    pub favourable: bool,
    /// In the body's own words.
    pub text: Option<&'a str>,
    /// Reference of the document that holds it.
    pub reference: Option<&'a str>,
    /// Day on which it was given.
    pub given_on: Date,
    /// The action that the project was then.
    pub action: Option<&'a str>,
}

/// What kinds of acts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActKind {
    /// A plan is acknowledged.
    Acknowledgement,
    /// An opinion on what a rule is about.
    Opinion,
    /// The minutes of a committee.
    Minutes,
    /// Small grants shared as a list.
    SmallGrants,
    /// A derogation from a rule.
    Derogation,
    /// The action of a project.
    Classification,
    /// The nature of a sum that its record leaves open.
    Nature,
    /// A body is admitted.
    Admission,
    /// A condition of a contrat de ville.
    Condition,
    /// A check is attested.
    Attestation,
    /// An act is taken back.
    TakeBack,
}

impl ActOfBody {
    /// Its identifier.
    pub fn id(&self) -> ActId {
        self.entry.id
    }

    /// What kind of act it is.
    pub fn kind(&self) -> ActKind {
        match &self.entry.act {
            Act::Acknowledged { .. } => ActKind::Acknowledgement,
            Act::Opinion { .. } => ActKind::Opinion,
            Act::Minutes { .. } => ActKind::Minutes,
            Act::SmallGrants { .. } => ActKind::SmallGrants,
            Act::Derogation { .. } => ActKind::Derogation,
            Act::Classified { .. } => ActKind::Classification,
            Act::NatureStated { .. } => ActKind::Nature,
            Act::Admitted { .. } => ActKind::Admission,
            Act::Condition { .. } => ActKind::Condition,
            Act::Attested { .. } => ActKind::Attestation,
            Act::TakenBack { .. } => ActKind::TakeBack,
        }
    }

    /// The organisation whose act it is; `None` where the ledger names none.
    pub fn by(&self) -> Option<Organisation> {
        let identity = match &self.entry.act {
            Act::Acknowledged { by, .. } | Act::Opinion { by, .. } => Some(by.clone()),
            _ => self.entry.author.organisation.map(OrganisationId::from),
        };
        identity.map(|identity| Organisation::of_identity(&self.reader, &identity))
    }

    /// When it was appended.
    pub fn at(&self) -> Instant {
        self.entry.at
    }

    /// The version of the ledger that holds it.
    pub fn version(&self) -> LedgerVersion {
        self.entry.version
    }

    /// The projects that it is about.
    pub fn projects(&self) -> Vec<Project> {
        let projects = self.entry.act.projects().into_iter();
        projects.filter_map(|id| self.reader.project(id.as_str())).collect()
    }

    /// Was it taken back since?
    pub fn is_taken_back(&self) -> bool {
        self.reader.portfolio().is_taken_back(self.entry.id)
    }

    /// The version of the plan, where it acknowledges one.
    pub fn plan_version(&self) -> Option<&PlanVersion> {
        match &self.entry.act {
            Act::Acknowledged { plan, .. } => Some(plan),
            _ => None,
        }
    }

    /// The rule, where it is an opinion on one or a derogation from one.
    pub fn rule(&self) -> Option<&RuleCode> {
        match &self.entry.act {
            Act::Opinion { rule, .. } | Act::Derogation { rule, .. } => Some(rule),
            _ => None,
        }
    }

    /// What it says, where it is an opinion.
    pub fn opinion(&self) -> Option<OpinionSaid<'_>> {
        match &self.entry.act {
            Act::Opinion { favourable, text, reference, given_on, action, .. } => Some(OpinionSaid {
                favourable: *favourable,
                text: text.as_deref(),
                reference: reference.as_deref(),
                given_on: given_on.unwrap_or_else(|| self.entry.at.date_naive()),
                action: action.as_ref().map(|action| action.as_str()),
            }),
            _ => None,
        }
    }

    /// The signed text, where it is an attestation. It tells what came of rules that weigh every sum: not to whom one of them is kept
    /// from, nor what the matcher proposes to who may not know of it.
    pub fn jws(&self) -> Option<&str> {
        match &self.entry.act {
            Act::Attested { jws, .. } if !self.weighs_what_is_kept() => Some(jws),
            _ => None,
        }
    }

    /// Does an attestation rest on something that is kept from the viewer? What the matcher proposes is for those who see links; a sum that its funder dropped since stays kept until its
    /// day, and a record that left for a project which the viewer does not see took with it what it said.
    pub(super) fn weighs_what_is_kept(&self) -> bool {
        let Act::Attested { kept, rests_on, tells_links, .. } = &self.entry.act else { return false };
        if *tells_links && !self.reader.scope().sees_links() {
            return true;
        }
        let (today, day) = self.reader.today();
        let projects = self.projects();
        let stands = |record: &&RecordThen| projects.iter().any(|project| project.holds((&record.source, &record.key)));
        let left: Vec<_> = rests_on.iter().filter(|one| !stands(one)).map(|one| (&one.source, &one.key)).collect();
        projects.iter().any(Project::is_told_in_part)
            || kept.iter().any(|sum| day < sum.until && !self.reader.sees_what_is_kept(&sum.by))
            || !left.is_empty() && !today.closed_among(left, self.reader.clearance()).is_empty()
    }

    /// What it says, as a sentence. What an attestation came to rests on every sum: it is not told to whom one of them is kept from.
    pub fn sentence(&self) -> Message {
        if let Act::Attested { checked, .. } = &self.entry.act
            && self.weighs_what_is_kept()
        {
            return Message::new(
                format!("attestation sur la version {checked} du registre"),
                format!("attestation on version {checked} of the ledger"),
            );
        }
        sentence(&self.entry.act, self.projects().len())
    }
}

impl Reader {
    /// An act as this reader sees it.
    pub fn act(&self, entry: ActEntry) -> ActOfBody {
        ActOfBody { reader: self.clone(), entry }
    }
}

impl Project {
    /// What bodies said of it, the oldest first; what was taken back is left out.
    pub fn acts(&self) -> impl Iterator<Item = ActOfBody> {
        self.reader.portfolio().acts_about(self.ix()).map(|entry| self.reader.act(entry.clone()))
    }
}

/// What an act says, to somebody who sees so many of its projects: how many others there are is not told.
fn sentence(act: &Act, seen: usize) -> Message {
    match act {
        // Its version is told apart: it changes with a sum that may be kept from whoever reads this.
        Act::Acknowledged { by, .. } => {
            Message::new(format!("{by} a pris acte du plan"), format!("{by} acknowledged the plan"))
        }
        Act::Opinion { by, rule, quality, favourable, .. } => opinion(by, rule, (*quality, *favourable)),
        Act::Minutes { contrat, held_on, reference, present, .. } => Message::new(
            format!(
                "relevé de décisions {reference} du contrat {contrat}, réunion du {} : {seen} plan(s) devant {} organisme(s)",
                french_day(*held_on),
                present.len()
            ),
            format!(
                "minutes {reference} of the contract {contrat}, meeting of {held_on}: {seen} plan(s) before {} body(ies)",
                present.len()
            ),
        ),
        Act::SmallGrants { contrat, dispositif, year, reference, .. } => Message::new(
            format!(
                "{reference} : les {seen} projets au titre de {dispositif} en {year} du contrat {contrat}, partagés en liste"
            ),
            format!(
                "{reference}: the {seen} projects under {dispositif} in {year} of the contract {contrat}, shared as a list"
            ),
        ),
        Act::Derogation { rule, authority, reference, given_on, .. } => Message::new(
            format!("dérogation à {rule} par {authority}, {reference} du {}", french_day(*given_on)),
            format!("derogation from {rule} by {authority}, {reference} of {given_on}"),
        ),
        Act::Classified { action, reason, .. } => {
            Message::new(format!("action {action} : {reason}"), format!("action {action}: {reason}"))
        }
        Act::NatureStated { source, key, nature, reason, .. } => Message::new(
            format!("{nature} pour la somme de {source} {key} : {reason}"),
            format!("{nature} for the sum of {source} {key}: {reason}"),
        ),
        Act::Admitted { funder, reason, .. } => {
            Message::new(format!("{funder} est admis : {reason}"), format!("{funder} is admitted: {reason}"))
        }
        Act::Condition { contrat, code, met, evidence } => {
            let (fr, en) = if *met { ("remplie", "met") } else { ("non remplie", "not met") };
            Message::new(
                format!("condition {code} du contrat {contrat} {fr} : {evidence}"),
                format!("condition {code} of contract {contrat} {en}: {evidence}"),
            )
        }
        Act::Attested { ready, knowledge, checked, .. } => {
            let (fr, en) = if *ready { ("prêt", "ready") } else { ("pas prêt", "not ready") };
            Message::new(
                format!("attestation sur la version {checked} du registre : {fr}, {knowledge}"),
                format!("attestation on version {checked} of the ledger: {en}, {knowledge}"),
            )
        }
        Act::TakenBack { act, reason } => {
            Message::new(format!("l'acte {act} est repris : {reason}"), format!("act {act} is taken back: {reason}"))
        }
    }
}

fn opinion(by: &OrganisationId, rule: &RuleCode, (quality, favourable): (OpinionOf, bool)) -> Message {
    let (fr, en) = match quality {
        OpinionOf::Pilot => ("pilote", "pilot"),
        OpinionOf::Direction => ("direction", "direction"),
        OpinionOf::Service => ("service instructeur", "instructing service"),
    };
    let (is_fr, is_en) = if favourable { ("favorable", "favourable") } else { ("défavorable", "unfavourable") };
    Message::new(format!("avis {is_fr} de {by} ({fr}) sur {rule}"), format!("{is_en} opinion of {by} ({en}) on {rule}"))
}

//! What the Region requires of each contrat de ville (framework 2024-2030): six conditions, each met, not met, or unknown, with
//! its evidence. The first five are stated by the pilot's committee or the Region; the sixth follows from what was attested.

use crate::domain::chain::LedgerVersion;
use crate::domain::facts::StatementFacts;
use crate::domain::governance::{Act, ActEntry, RegionsShare, VoteFound, VoteOn};
use crate::domain::message::{Message, french_day};
use crate::domain::money::Cents;
use crate::domain::record::RecordVersion;
use crate::domain::vocabulary::{Authority, Form, Knowledge, Language, Nature, TaxBasis};
use crate::domain::{Date, Instant};
use crate::portfolio::{Commitment, ContratIx, PlaceKey, Portfolio, ProjectIx, REGION, StageFigure, Statement, agree};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// The code of the condition that the check itself answers.
pub const ALL_MEANS: &str = "C6";

/// Codes and what each requires.
const CONDITIONS: [(&str, &str, &str); 6] = [
    (
        "C1",
        "Pilotage stratégique ouvert à tous les partenaires et aux habitants",
        "Strategic steering open to all partners and inhabitants",
    ),
    (
        "C2",
        "Partenariat avec l'EPCI par une feuille de route pour son territoire",
        "Partnership with the EPCI through a roadmap for its territory",
    ),
    (
        "C3",
        "Évaluation dès la signature, clause de revoyure, bilan à mi-parcours",
        "Evaluation from signature, review clause, mid-term review",
    ),
    (
        "C4",
        "NPNRU et contrat de ville rapprochés (moyens, gouvernance, ingénierie)",
        "NPNRU and the contract brought together (means, governance, engineering)",
    ),
    (
        "C5",
        "Contrat intégrateur : DPV, cités éducatives, abattement TFPB, réussite éducative, réseau emploi, animation estivale",
        "An integrating contract: DPV, Cités éducatives, TFPB abatement, réussite éducative, employment network, summer animation",
    ),
    (
        ALL_MEANS,
        "Tous les moyens, en investissement et en fonctionnement, de tous les partenaires, connus et partagés",
        "All means, in investment and in operation, of all partners, known and shared",
    ),
];

/// One condition of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `C1` to `C6`.
    pub code: &'static str,
    /// What it requires.
    pub label: Message,
    /// Met, not met; `None`: unknown.
    pub met: Option<bool>,
    /// On what that rests.
    pub evidence: Option<Message>,
}

/// A vote of the Region of which an attestation tells, as far as the records of today and the acts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttestedVote {
    /// The project.
    pub project: ProjectIx,
    /// The end of the day of the vote.
    pub voted: Instant,
    /// When it was attested.
    pub attested_at: Instant,
    /// What was attested.
    pub ready: bool,
}

/// The votes before which the past does not bear out what was attested: see [`attested_votes`].
pub type Refuted = BTreeSet<(ProjectIx, Instant)>;

/// Is this the code of a condition that bodies state?
pub fn is_stated_condition(code: &str) -> bool {
    code != ALL_MEANS && CONDITIONS.iter().any(|(known, ..)| *known == code)
}

/// The votes for the projects of a contract of which attestations tell: each is to be held against the past as it was when the day of
/// the vote began, for what changed and changed back is not told by what stands today, nor what turned with the calendar.
pub fn attested_votes(portfolio: &Portfolio, contrat: ContratIx, today: Date) -> Vec<AttestedVote> {
    let of = |project: &ProjectIx| {
        let project = *project;
        let told = move |voted: Instant| {
            let (ready, attested_at) = attested_by(portfolio, project, Some(voted))?;
            Some(AttestedVote { project, voted, attested_at, ready })
        };
        votes(portfolio, project, today).into_iter().flatten().filter_map(told).collect::<Vec<_>>()
    };
    portfolio.projects_of(PlaceKey::Contrat(contrat)).iter().flat_map(of).collect()
}

/// Is what the Region voted by a day what the plan held of it before: of that form, nature, scheme, year and tax basis, as far as both
/// say, and no more?
pub fn is_vote_of_the_plan(
    (then, before): (&Portfolio, ProjectIx),
    (now, project): (&Portfolio, ProjectIx),
    voted_on: Date,
) -> bool {
    let scheme =
        |portfolio: &Portfolio, one: &Commitment| one.dispositif.map(|ix| portfolio.dispositif(ix).code.clone());
    let held = || {
        let all = then.project(before).commitments.iter();
        all.filter(|one| one.counts() && then.identity(one.funder).as_str() == REGION)
    };
    let by_then = || voted(now, project).filter(|(_, figure)| figure.decided_on.is_some_and(|day| day <= voted_on));
    let is_held = |one: &Commitment| {
        held().any(|before| {
            (before.form, before.nature) == (one.form, one.nature)
                && agree(before.year, one.year)
                && agree(scheme(then, before), scheme(now, one))
                && (before.tax_basis == one.tax_basis
                    || [before.tax_basis, one.tax_basis].contains(&TaxBasis::NonPrecise))
        })
    };
    let is_within = |line: (Form, Option<Nature>)| {
        let stated = by_then().filter(|(one, _)| (one.form, one.nature) == line).map(|(_, figure)| figure.amount);
        let planned = held().filter(|one| (one.form, one.nature) == line).map(|one| one.amount);
        let (stated, planned): (Option<Cents>, Option<Cents>) = (stated.sum(), planned.sum());
        stated.zip(planned).is_some_and(|(stated, planned)| stated <= planned)
    };
    by_then().all(|(one, _)| is_held(one) && is_within((one.form, one.nature)))
}

/// The six conditions of a contract, as of a day.
pub fn conditions(portfolio: &Portfolio, contrat: ContratIx, today: Date, refuted: &Refuted) -> Vec<Condition> {
    let of = |(code, fr, en): &(&'static str, &str, &str)| {
        let (met, evidence) = if *code == ALL_MEANS {
            all_means(portfolio, contrat, today, refuted)
        } else {
            stated(portfolio, contrat, code)
        };
        Condition { code, label: Message::new(*fr, *en), met, evidence }
    };
    CONDITIONS.iter().map(of).collect()
}

/// The last word of a body on a condition.
fn stated(portfolio: &Portfolio, contrat: ContratIx, wanted: &str) -> (Option<bool>, Option<Message>) {
    let code = &portfolio.contrat(contrat).code;
    let said = portfolio.acts_on_contrat(code).filter_map(|entry| match &entry.act {
        Act::Condition { code, met, evidence, .. } if **code == *wanted => Some((*met, evidence, entry.at)),
        _ => None,
    });
    match said.last() {
        Some((met, evidence, at)) => {
            let day = at.date_naive();
            let told = Message::new(
                format!("{evidence} (constaté le {})", french_day(day)),
                format!("{evidence} (stated on {day})"),
            );
            (Some(met), Some(told))
        }
        None => (None, None),
    }
}

/// Broken when a project voted by the Region was not ready at its vote, met when none and at least one was, else unknown. What
/// proves it is the last attestation before the vote: what nobody attested is not known, nor what changed since.
fn all_means(
    portfolio: &Portfolio,
    contrat: ContratIx,
    today: Date,
    refuted: &Refuted,
) -> (Option<bool>, Option<Message>) {
    let (mut ready, mut not_ready, mut unproven) = (0, Vec::new(), 0);
    for project in portfolio.projects_of(PlaceKey::Contrat(contrat)) {
        let votes = votes(portfolio, *project, today);
        if votes.is_empty() {
            continue;
        }
        // Every vote is made knowing all means, not the first alone.
        let proves = |voted: Option<Instant>| {
            let is_borne_out = voted.is_some_and(|voted| !refuted.contains(&(*project, voted)));
            attested_by(portfolio, *project, voted).filter(|_| is_borne_out).map(|(ready, _)| ready)
        };
        let proven: Vec<Option<bool>> = votes.into_iter().map(proves).collect();
        if proven.contains(&Some(false)) {
            not_ready.push(portfolio.project(*project).id.as_str());
        } else if proven.contains(&None) {
            unproven += 1;
        } else {
            ready += 1;
        }
    }
    if let Some(first) = not_ready.first() {
        let count = not_ready.len();
        let fr = format!(
            "{count} projet(s) voté(s) par la Région sans que tous les moyens soient connus et partagés, dont {first}"
        );
        let en = format!(
            "{count} project(s) voted by the Region while not all means were known and shared, among them {first}"
        );
        return (Some(false), Some(Message::new(fr, en)));
    }
    if ready + unproven == 0 {
        return (None, Some(Message::new("aucun projet voté par la Région", "no project voted by the Region")));
    }
    let fr = format!(
        "{ready} projet(s) voté(s) avec attestation, {unproven} sans attestation antérieure qui vaille encore au jour du vote"
    );
    let en = format!(
        "{ready} project(s) voted with an attestation, {unproven} without an earlier one that still held on the day of the vote"
    );
    ((unproven == 0).then_some(true), Some(Message::new(fr, en)))
}

/// The ends of the days on which the Region voted money for a project, each once; `None` for a vote of which no day is told. By
/// its own word alone: what others report of it, and what is dated on a day to come, is no vote yet.
fn votes(portfolio: &Portfolio, project: ProjectIx, today: Date) -> BTreeSet<Option<Instant>> {
    let voted = voted(portfolio, project).map(|(_, figure)| figure.decided_on);
    let so_far = voted.filter(|day| day.is_none_or(|day| day <= today));
    so_far.map(|day| day?.and_hms_opt(23, 59, 59).map(|end| end.and_utc())).collect()
}

/// Each sum that the Region voted, by its own word, with the figure of the vote.
fn voted(portfolio: &Portfolio, project: ProjectIx) -> impl Iterator<Item = (&Commitment, StageFigure)> {
    let case = portfolio.project(project);
    let of_region = case.commitments.iter().filter(|one| portfolio.identity(one.funder).as_str() == REGION);
    // The day of the vote is that of the first stage that is decided: what was engaged or paid came after it.
    of_region.filter_map(|one| Some((one, case.own_figures(one).into_iter().find(|figure| figure.stage.is_decided())?)))
}

/// What the Region has voted by the end of a day, in all; `None` where an amount is not known.
fn voted_by(portfolio: &Portfolio, project: ProjectIx, end: Instant) -> Option<RegionsShare> {
    let day = end.date_naive();
    let so_far = voted(portfolio, project).filter(|(_, figure)| figure.decided_on.is_some_and(|on| on <= day));
    so_far
        .into_iter()
        .try_fold(RegionsShare::default(), |all, (one, figure)| Some(all.with(one.nature, figure.amount?)))
}

/// What an attestation of this day finds of the Region's money: votes that may have been before it, and what the plan holds of it.
pub fn vote_found(portfolio: &Portfolio, project: ProjectIx, day: Date) -> VoteFound {
    let votes = votes(portfolio, project, day);
    let voted = if votes.iter().flatten().any(|end| end.date_naive() == day) {
        VoteOn::OfTheDay
    } else if votes.contains(&None) {
        VoteOn::Undated
    } else {
        VoteOn::Neither
    };
    let content = portfolio.plan_content(project);
    let mut own = content.entries.iter().filter(|entry| entry.funder.as_str() == REGION);
    let plan = own.try_fold(RegionsShare::default(), |all, entry| Some(all.with(entry.nature, entry.amount?)));
    VoteFound { voted, plan }
}

/// Days before a vote for which an attestation still tells of it.
const ATTESTED_DAYS_MAX: i64 = 31;

/// What the last attestation shortly before the vote says, and when it was made; `None` without a day or an attestation, where it may be of
/// after the vote, or where the verdict may have turned between the two: something that it may rest on was said, or a reading grew too old.
/// One of the day of the vote may stand before or after it, so that it tells only where nothing that day turned the verdict before it either.
/// What all shared was a plan with what it held of the Region: a vote of more was not made knowing that.
fn attested_by(portfolio: &Portfolio, project: ProjectIx, voted: Option<Instant>) -> Option<(bool, Instant)> {
    let voted = voted?;
    // What was known long before a vote says nothing of the day of the vote: sources grow old, plans change.
    let before = |entry: &&ActEntry| entry.at <= voted && voted - entry.at <= TimeDelta::days(ATTESTED_DAYS_MAX);
    let mut attested = portfolio.acts_about(project).filter(before).filter_map(Attestation::of);
    let Attestation { at: attested_at, ready, checked, vote, .. } =
        attested.rfind(|one| !one.is_after(voted)).filter(|one| one.still_told_at(voted))?;
    let of_that_day = |at: Instant| at.date_naive() == voted.date_naive();
    let came_between = |version, at| version > checked && at <= voted;
    let came_before = |version, at| of_that_day(attested_at) && of_that_day(at) && version <= checked;
    let turned = |version, at, act: &Act| {
        came_between(version, at) && turns(act, ready) || came_before(version, at) && turns(act, !ready)
    };
    let came = |version, at| came_between(version, at) || came_before(version, at);
    let is_moved = said_of(portfolio, project).any(|(version, at)| came(version, at))
        || portfolio.acts_about(project).any(|entry| turned(entry.version, entry.at, &entry.act))
        || portfolio.acts_withdrawn_about(project).any(|entry| came(entry.version, entry.at));
    let shared = vote.and_then(|vote| vote.plan).zip(voted_by(portfolio, project, voted));
    let is_shared = !ready || shared.is_some_and(|(shared, voted)| voted.is_within(&shared));
    (!is_moved && is_shared).then_some((ready, attested_at))
}

/// What an attestation says of a vote to come.
struct Attestation {
    at: Instant,
    ready: bool,
    knowledge: Knowledge,
    checked: LedgerVersion,
    valid_until: Option<Instant>,
    vote: Option<VoteFound>,
}

impl Attestation {
    fn of(entry: &ActEntry) -> Option<Self> {
        match &entry.act {
            Act::Attested { ready, knowledge, checked, valid_until, vote, .. } => Some(Attestation {
                at: entry.at,
                ready: *ready,
                knowledge: *knowledge,
                checked: *checked,
                valid_until: *valid_until,
                vote: *vote,
            }),
            _ => None,
        }
    }

    /// Did it find the vote of that day already? What was mended after a vote says nothing of it.
    fn is_after(&self, voted: Instant) -> bool {
        self.vote.is_some_and(|found| found.voted == VoteOn::OfTheDay) && self.at.date_naive() == voted.date_naive()
    }

    /// Does it tell of the vote, by itself? Where all was known, as long as its readings were in time; where something was missing,
    /// unless a reading alone may have brought it.
    fn still_told_at(&self, voted: Instant) -> bool {
        let is_before = match self.vote {
            Some(found) => found.voted == VoteOn::Neither,
            None => self.at.date_naive() < voted.date_naive(),
        };
        let holds = if self.ready {
            self.vote.is_some() && self.valid_until.is_none_or(|until| voted <= until)
        } else {
            self.knowledge != Knowledge::Unverifiable
        };
        is_before && holds
    }
}

/// When the records of a project said what they say, but for those in which the Region states its own money and nothing of others: its vote
/// changes them.
fn said_of(portfolio: &Portfolio, project: ProjectIx) -> impl Iterator<Item = (LedgerVersion, Instant)> {
    let case = portfolio.project(project);
    let is_own =
        |one: &&Statement| one.authority == Authority::Own && portfolio.identity(one.funder).as_str() == REGION;
    let (own, of_others): (Vec<&Statement>, Vec<&Statement>) = case.all_statements().iter().partition(is_own);
    let of_others: BTreeSet<u32> = of_others.into_iter().map(|one| one.record).collect();
    let own: BTreeSet<u32> = own.into_iter().map(|one| one.record).collect();
    let is_own = move |at: &u32| own.contains(at) && !of_others.contains(at);
    let others = (0_u32..).zip(&case.records).filter(move |(at, _)| !is_own(at));
    others.map(|(_, record)| (record.version, record.observed_at))
}

/// Does this version of a record state the Region's own money and nothing of others?
pub fn is_regions_own(portfolio: &Portfolio, project: ProjectIx, record: &RecordVersion) -> bool {
    let Some(source) = portfolio.source_by_id(record.source.as_str()) else { return false };
    let departements: Vec<_> = portfolio.departements_of(project).cloned().collect();
    let profile = &portfolio.source(source).profile;
    let stated = &record.facts.statements;
    let is_own =
        |one: &StatementFacts| one.funder.as_str() == REGION && profile.authority(one, &departements) == Authority::Own;
    !stated.is_empty() && stated.iter().all(is_own)
}

/// May this act turn a check that is so before it? Who acknowledges makes nothing less ready.
fn turns(act: &Act, ready: bool) -> bool {
    match act {
        Act::Attested { .. } => false,
        Act::Acknowledged { .. } | Act::Minutes { .. } | Act::SmallGrants { .. } => !ready,
        _ => true,
    }
}

impl Condition {
    /// What it rests on, in one language.
    pub fn evidence_in(&self, language: Language) -> Option<&str> {
        self.evidence.as_ref().map(|message| message.text(language))
    }
}

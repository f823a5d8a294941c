//! Aid that a body received and that is, or may be, de minimis aid: what funders themselves decided, over all its projects.

use super::Portfolio;
use super::case::{Commitment, ProjectCase};
use super::index::{OrganisationIx, ProjectIx};
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::project::ProjectId;
use crate::domain::vocabulary::{Authority, Form, Stage};
use chrono::Datelike as _;

/// The days of a period: after the first, up to the last.
pub type Period = (Date, Date);

/// De minimis aid of one body in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeMinimis {
    /// What is known to be: granted as such, with its amount, for certain in the period. A loan, whose advantage nobody
    /// computed, is left out.
    pub known: Cents,
    /// The most that it can be, where that is known: whatever is not said to be something else, loans in full. `None`: an
    /// amount is unknown, or not for this viewer.
    pub at_most: Option<Cents>,
}

/// One aid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Aid {
    amount: Option<Cents>,
    decided_on: Option<Date>,
    year: Option<u16>,
    de_minimis: Option<bool>,
    is_loan: bool,
    /// Granted, or proposed for the decision that is weighed; not only asked or thought of, of no stage, maybe a sum that counts already, or
    /// to one of several whom records name as the holder.
    is_sure: bool,
}

impl Aid {
    /// Of a project of which this picture does not hold everything, nobody can say what it is at most.
    const UNSEEN: Aid =
        Aid { amount: None, decided_on: None, year: None, de_minimis: None, is_loan: false, is_sure: false };

    /// What a commitment of a project brings its holder. With a day, it is the project that is weighed on that day: what is not
    /// decided yet, or dated on a later day, would be granted then.
    fn of(case: &ProjectCase, commitment: &Commitment, (holder, day): (OrganisationIx, Option<Date>)) -> Option<Aid> {
        let stage = commitment.stage;
        let is_decided = stage.is_some_and(Stage::is_decided);
        let is_certain = commitment.counts();
        let counts = (is_certain || commitment.may_count_beside()) && (is_decided || stage.is_none() || day.is_some());
        let own_means = matches!(commitment.form, Form::Autofinancement | Form::Recettes);
        if !counts || own_means || commitment.funder == holder {
            return None;
        }
        let is_proposed = day.is_some() && stage == Some(Stage::Propose);
        let is_holder = day.is_some() || case.certain_holder() == Some(holder);
        let own = case.statements(commitment).iter().filter(|one| one.authority == Authority::Own);
        let said: Vec<bool> = own.filter_map(|one| one.de_minimis).collect();
        Some(Aid {
            amount: commitment.amount,
            decided_on: if is_decided || stage.is_none() { earlier(commitment.decided_on, day) } else { day },
            year: commitment.year,
            // Whoever says that it is has the word: the ceiling is the beneficiary's, whoever else forgot it.
            de_minimis: said.iter().copied().max(),
            is_loan: commitment.form == Form::Pret,
            is_sure: is_certain && is_holder && (is_decided || is_proposed),
        })
    }

    /// Does it lie in the period for certain, and may it? What is decided was decided on some day up to the last, whatever later year
    /// it is budgeted for. Where a grant of the last day is weighed, one that is dated later comes beside it within three years.
    fn lies_in(&self, (after, until): Period, is_weighed: bool) -> (bool, bool) {
        let within = |day: Date| after < day && day <= until;
        match (self.decided_on, self.year) {
            (Some(day), _) => (within(day), within(day) || is_weighed && day > until),
            (None, Some(year)) => {
                let first = Date::from_ymd_opt(i32::from(year), 1, 1);
                let last = Date::from_ymd_opt(i32::from(year), 12, 31);
                (first.is_some_and(within) && last.is_some_and(within), i32::from(year) >= after.year())
            }
            (None, None) => (false, true),
        }
    }
}

impl Commitment {
    /// May it be money beside what counts: its funder's own word, set aside because it may be a sum that counts already? What is to stay
    /// under a ceiling stays there with it too.
    pub fn may_count_beside(&self) -> bool {
        let doubts = self.doubts;
        let is_aside = doubts.uncertain && !doubts.restated && !doubts.unadmitted && !doubts.denied;
        is_aside && !self.is_outside() && self.authority == Authority::Own
    }
}

impl Portfolio {
    /// The de minimis aid of a body in a period, as far as this picture tells. `weighed`: the project of which the body is taken for
    /// the holder, and whose sums would be granted on the last day of the period: what is proposed for certain, what is asked perhaps. What
    /// is dated on a later day, elsewhere, may then make it too much.
    pub fn de_minimis(&self, holder: OrganisationIx, period: Period, weighed: Option<ProjectIx>) -> DeMinimis {
        let mut sum = DeMinimis { known: Cents::ZERO, at_most: Some(Cents::ZERO) };
        let weighed = weighed.map(|project| self.project(project));
        let mut aids = self.aids_but(holder, weighed.map(|case| &case.id));
        aids.extend(weighed.into_iter().flat_map(|case| aids_of(case, (holder, Some(period.1)))));
        for aid in aids.iter().filter(|aid| aid.de_minimis != Some(false)) {
            let (certain, possible) = aid.lies_in(period, weighed.is_some());
            if certain && aid.is_sure && aid.de_minimis == Some(true) && !aid.is_loan {
                sum.known = sum.known + aid.amount.unwrap_or_default();
            }
            if possible {
                sum.at_most = sum.at_most.zip(aid.amount).map(|(most, amount)| most + amount);
            }
        }
        sum
    }

    /// The aids to the holder of a case, whoever of several it is, that stand in other projects: what a picture of this case alone has to
    /// know of them.
    pub(super) fn aids_beyond(&self, case: &ProjectCase) -> Vec<(OrganisationIx, Aid)> {
        let holders = case.holder.iter().chain(case.other_holders());
        let of_holder = |holder| self.aids_but(holder, Some(&case.id)).into_iter().map(move |aid| (holder, aid));
        holders.copied().flat_map(of_holder).collect()
    }

    /// Every aid to a body but that of one project: that of its projects here, and of those that this picture of one project leaves out.
    fn aids_but(&self, holder: OrganisationIx, left_out: Option<&ProjectId>) -> Vec<Aid> {
        let beyond = self.elsewhere.iter().filter(|(body, _)| *body == holder).map(|(_, aid)| *aid);
        let mut aids: Vec<Aid> = beyond.collect();
        let its_own = self.whereabouts.held.get(holder.get()).iter().map(|ix| self.project(*ix));
        let others = its_own.filter(|case| Some(&case.id) != left_out);
        aids.extend(others.flat_map(|case| aids_of(case, (holder, None))));
        aids
    }
}

/// The earlier of both days, where the first is told.
fn earlier(decided_on: Option<Date>, day: Option<Date>) -> Option<Date> {
    decided_on.map(|decided| day.map_or(decided, |day| decided.min(day)))
}

/// The aids that a project brings its holder.
fn aids_of(case: &ProjectCase, to: (OrganisationIx, Option<Date>)) -> impl Iterator<Item = Aid> {
    let told = case.commitments.iter().filter_map(move |one| Aid::of(case, one, to));
    told.chain(Some(Aid::UNSEEN).filter(|_| case.abridged))
}

//! Aid that a body received and that is, or may be, de minimis aid: what funders themselves decided, over all its projects.

use super::Portfolio;
use super::case::{Commitment, ProjectCase};
use super::index::OrganisationIx;
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::project::ProjectId;
use crate::domain::vocabulary::{Authority, Form};
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
}

impl Aid {
    /// Of a project of which this picture does not hold everything, nobody can say what it is at most.
    const UNSEEN: Aid = Aid { amount: None, decided_on: None, year: None, de_minimis: None, is_loan: false };

    fn of(case: &ProjectCase, commitment: &Commitment) -> Option<Aid> {
        let decided = commitment.counts() && commitment.stage.is_some_and(|stage| stage.is_decided());
        let own_means = matches!(commitment.form, Form::Autofinancement | Form::Recettes);
        if !decided || own_means || Some(commitment.funder) == case.holder {
            return None;
        }
        let own = case.statements(commitment).iter().filter(|one| one.authority == Authority::Own);
        let said: Vec<bool> = own.filter_map(|one| one.de_minimis).collect();
        Some(Aid {
            amount: commitment.amount,
            decided_on: commitment.decided_on,
            year: commitment.year,
            // Whoever says that it is has the word: the ceiling is the beneficiary's, whoever else forgot it.
            de_minimis: said.iter().copied().max(),
            is_loan: commitment.form == Form::Pret,
        })
    }

    /// Does it lie in the period for certain, and may it?
    fn lies_in(&self, (after, until): Period) -> (bool, bool) {
        let within = |day: Date| after < day && day <= until;
        match (self.decided_on, self.year) {
            (Some(day), _) => (within(day), within(day)),
            (None, Some(year)) => {
                let first = Date::from_ymd_opt(i32::from(year), 1, 1);
                let last = Date::from_ymd_opt(i32::from(year), 12, 31);
                (
                    first.is_some_and(within) && last.is_some_and(within),
                    i32::from(year) >= after.year() && i32::from(year) <= until.year(),
                )
            }
            (None, None) => (false, true),
        }
    }
}

impl Portfolio {
    /// The de minimis aid of a body in a period, as far as this picture tells.
    pub fn de_minimis(&self, holder: OrganisationIx, period: Period) -> DeMinimis {
        let mut sum = DeMinimis { known: Cents::ZERO, at_most: Some(Cents::ZERO) };
        for aid in self.aids(holder).iter().filter(|aid| aid.de_minimis != Some(false)) {
            let (certain, possible) = aid.lies_in(period);
            if certain && aid.de_minimis == Some(true) && !aid.is_loan {
                sum.known = sum.known + aid.amount.unwrap_or_default();
            }
            if possible {
                sum.at_most = sum.at_most.zip(aid.amount).map(|(most, amount)| most + amount);
            }
        }
        sum
    }

    /// Every aid to a body: that of its projects here, and of those that this picture of one project leaves out.
    fn aids(&self, holder: OrganisationIx) -> Vec<Aid> {
        self.aids_but(holder, None)
    }

    /// The aids to the holder of a case that stand in other projects: what a picture of this case alone has to know of them.
    pub(super) fn aids_beyond(&self, case: &ProjectCase) -> Vec<Aid> {
        case.holder.map(|holder| self.aids_but(holder, Some(&case.id))).unwrap_or_default()
    }

    fn aids_but(&self, holder: OrganisationIx, left_out: Option<&ProjectId>) -> Vec<Aid> {
        let mut aids = self.elsewhere.to_vec();
        let its_own = self.whereabouts.held.get(holder.get()).iter().map(|ix| self.project(*ix));
        for case in its_own.filter(|case| Some(&case.id) != left_out) {
            aids.extend(case.commitments.iter().filter_map(|one| Aid::of(case, one)));
            aids.extend(Some(Aid::UNSEEN).filter(|_| case.abridged));
        }
        aids
    }
}

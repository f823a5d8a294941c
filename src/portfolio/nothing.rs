//! What a funder's word that it puts nothing is about. One that names a year, a dispositif, a form or a reference speaks of that
//! alone: it silences nothing else. One dated on a day to come is not said yet.

use super::case::{Commitment, DisagreementField, ProjectCase, Statement};
use super::freshness::Moment;
use super::headline::{Bench, day_in_france};
use super::reconcile::Period;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Authority, Form, Nature, Stage};

/// A commitment and what is stated of it.
type Sum<'a> = (&'a Commitment, &'a [Statement]);

/// The funder's own word that it puts nothing stands before what others say of it.
pub(super) fn is_denied((case, bench): (&ProjectCase, &Bench<'_>), sum: Sum<'_>, nothings: &[Statement]) -> bool {
    nothings.iter().any(|one| !bench.is_ahead(one) && case.denies(one, sum))
}

/// Does the form of a "nothing" name means of one kind? Where none is named it is that of a grant: it speaks of all.
fn names_form(nothing: &Statement) -> bool {
    nothing.form != Form::Subvention
}

impl Statement {
    /// Is it said at that moment: not dated on a day to come?
    pub fn is_said(&self, moment: Moment) -> bool {
        self.decided_on.is_none_or(|day| day <= day_in_france(moment.now))
    }
}

impl ProjectCase {
    /// When all of its records together say that it takes place. Where they contradict each other about the exercice, its days tell.
    pub(super) fn period(&self) -> Period {
        let is_told = self.disagreements.iter().all(|one| one.field != DisagreementField::Year);
        Period::of(self.year.filter(|_| is_told), (self.starts_on, self.ends_on))
    }

    /// May a sum of this nature and of that budget year be one of the project, as far as it says when it takes place?
    pub fn may_be_of(&self, year: u16, nature: Option<Nature>) -> bool {
        self.period().may_hold(year, nature)
    }

    /// Does a "nothing" speak of all that its funder may put of its nature?
    pub fn speaks_of_all(&self, nothing: &Statement) -> bool {
        nothing.dispositif.is_none()
            && nothing.reference.is_none()
            && !names_form(nothing)
            && nothing.year.is_none_or(|year| self.period().is_all_of(year))
    }

    /// Is it the funder's word that it does not put this sum, for certain? What the sum leaves open may be another thing.
    fn denies(&self, nothing: &Statement, (sum, stated): Sum<'_>) -> bool {
        let year = |year: u16| match sum.year {
            Some(of) => of == year,
            None => self.period().is_all_of(year),
        };
        is_word_of_nothing(nothing)
            && nothing.funder == sum.funder
            && nothing.nature == sum.nature
            && nothing.dispositif.is_none_or(|one| sum.dispositif == Some(one))
            && nothing.reference.is_none_or(|one| stated.iter().any(|said| said.reference == Some(one)))
            && (!names_form(nothing) || nothing.form == sum.form)
            && nothing.year.is_none_or(year)
    }

    /// Does the funder itself say, at that moment, that it does not put what others say of it?
    pub fn is_denied_at(&self, sum: &Commitment, moment: Moment) -> bool {
        // What the funder says itself, or its signed plan, nothing denies: it is contradicted.
        let spoken = |one: &Statement| one.is_funders_word();
        let stated = self.statements(sum);
        sum.doubts.denied
            || !stated.iter().any(spoken)
                && Some(sum.funder) != self.holder
                && self.nothings().iter().any(|one| one.is_said(moment) && self.denies(one, (sum, stated)))
    }

    /// Is it a sum of zero, unpaid, of which its funder says by its own "nothing", at that moment, that it puts none?
    pub(super) fn is_zero_of_nothing(&self, sum: &Commitment, nothings: &[&Statement], moment: Moment) -> bool {
        let stated = self.statements(sum);
        sum.amount == Some(Cents::ZERO)
            && !stated.iter().any(Statement::is_own_payment)
            && nothings.iter().any(|one| one.is_said(moment) && self.denies(one, (sum, stated)))
    }

    /// Is it a sum of zero, beside which its funder says that it puts nothing, or refuses?
    pub(super) fn is_zero_answered(&self, sum: &Commitment, moment: Moment) -> bool {
        let is_refusal = |one: &&Commitment| {
            (one.funder, one.nature) == (sum.funder, sum.nature)
                && one.stage == Some(Stage::Refuse)
                && one.authority == Authority::Own
                && self.statements[one.deciding as usize].is_said(moment)
        };
        let nothings: Vec<&Statement> = self.nothings().iter().collect();
        self.is_zero_of_nothing(sum, &nothings, moment)
            || sum.amount == Some(Cents::ZERO) && self.commitments.iter().any(|one| is_refusal(&one))
    }

    /// Does a "nothing" of the funder speak of some sum of this cell?
    pub(super) fn denies_any<'a>(&self, nothing: &Statement, mut sums: impl Iterator<Item = &'a Commitment>) -> bool {
        sums.any(|one| self.denies(nothing, (one, self.statements(one))))
    }

    /// May a "nothing" of the funder be about a sum? Not where it decided on the sum later.
    pub fn contradicts(&self, nothing: &Statement, sum: &Commitment) -> bool {
        let stated = self.statements(sum);
        let meets = |one: &Statement| {
            apart(nothing.dispositif, one.dispositif)
                || apart(nothing.reference, one.reference)
                || apart(nothing.year, one.year)
        };
        let later = sum.decided_on.zip(nothing.decided_on).is_some_and(|(voted, denied)| voted > denied);
        nothing.authority == Authority::Own
            && nothing.funder == sum.funder
            && !apart(nothing.nature, sum.nature)
            && !stated.iter().any(meets)
            && nothing.year.is_none_or(|year| sum.year.is_some() || self.may_be_of(year, sum.nature))
            && (!names_form(nothing) || nothing.form == sum.form)
            && !later
    }

    /// The funder's own sums that its "nothing" contradicts: proposed, decided or of no stage, and not of zero.
    pub fn contradicted_by<'a>(&'a self, nothing: &'a Statement) -> impl Iterator<Item = &'a Commitment> {
        let puts = |one: &Statement| {
            one.is_funders_word()
                && one.stage.is_none_or(|stage| stage.at_least(Stage::Propose))
                && one.amount != Some(Cents::ZERO)
        };
        self.commitments
            .iter()
            .filter(|one| !one.is_outside() && one.amount != Some(Cents::ZERO) && !one.doubts.unadmitted)
            .filter(move |one| self.statements(one).iter().any(puts))
            .filter(move |one| self.contradicts(nothing, one))
    }

    /// What the funder announced on a sum that stands, for a day to come when it was observed: that it refuses it, or gives it up.
    fn announced<'a>(&'a self, sum: &'a Commitment) -> impl Iterator<Item = &'a Statement> {
        let ended = |one: &&Statement| {
            let outside = one.stage.is_some_and(|stage| stage.rank().is_none());
            let observed_on = day_in_france(self.record(one).observed_at);
            one.authority == Authority::Own && outside && one.decided_on.is_some_and(|day| day > observed_on)
        };
        self.statements(sum).iter().filter(move |one| !sum.is_outside() && ended(one))
    }

    /// Did the day come on which the funder said that it would refuse a sum, or give it up, while the sum still stands?
    pub fn is_overtaken(&self, sum: &Commitment, moment: Moment) -> bool {
        self.announced(sum).any(|one| one.is_said(moment))
    }

    /// Does the funder say, of a day that has not come, that it will refuse a sum that stands, or that it puts nothing?
    pub fn is_to_end(&self, sum: &Commitment, moment: Moment) -> bool {
        let mut denied = self.nothings().iter().filter(|one| !one.is_said(moment));
        self.announced(sum).any(|one| !one.is_said(moment))
            || denied.any(|one| self.contradicted_by(one).any(|other| other.id == sum.id))
    }
}

/// The funder's own word, in a record that is not in doubt, and that counts.
fn is_word_of_nothing(nothing: &Statement) -> bool {
    nothing.authority == Authority::Own && !nothing.disputed && !nothing.unadmitted
}

/// Are both stated, and two things?
fn apart<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

//! What nobody is told from whom a sum is kept: whether its funder contradicts itself, whether it answered all that is asked of it,
//! whether a sum counts already. Where the hidden amount, or its day, may decide one of these, they are told as not known, whatever it
//! is: what others see of a project is the same for every amount that could stand there.

use super::case::{Commitment, ProjectCase, Statement};
use super::index::OrganisationIx;
use crate::domain::Date;
use crate::domain::vocabulary::{Authority, Form, Stage};

impl Statement {
    /// Does its funder keep it from others on this day?
    pub fn is_kept_on(&self, day: Date) -> bool {
        self.not_public_until.is_some_and(|until| day < until)
    }
}

impl ProjectCase {
    /// Is some amount of it kept from whoever this picture is for?
    pub fn is_veiled(&self) -> bool {
        self.statements.iter().any(|one| one.veiled)
    }

    /// Does something of it rest on less than all that is known, because it is kept from whoever this picture is for?
    pub fn is_told_in_part(&self) -> bool {
        self.behind.is_some()
    }

    /// Does this funder keep a sum of it from whoever this picture is for?
    pub fn keeps_of(&self, funder: OrganisationIx) -> bool {
        self.statements.iter().any(|one| one.veiled && one.funder == funder)
    }
}

/// Marks the sums of which a hidden amount may decide something. What is asked several times, and what may be a total of others, is in
/// doubt already: an amount that is not there adds up to nothing.
pub(super) fn tell_untold(case: &mut ProjectCase) {
    if !case.is_veiled() {
        return;
    }
    let untold: Vec<bool> = case.commitments.iter().map(|one| is_untold(case, one)).collect();
    let twice: Vec<bool> = case.commitments.iter().map(|one| may_be_said_twice(case, one)).collect();
    for ((one, untold), twice) in case.commitments.iter_mut().zip(untold).zip(twice) {
        one.doubts.untold = untold || twice;
        one.doubts.uncertain |= twice && !one.veiled;
    }
}

fn is_untold(case: &ProjectCase, one: &Commitment) -> bool {
    let stated = case.statements(one);
    let others_beside = || stated.iter().any(|one| one.veiled) && stated.len() > 1;
    // The holder's own means are held against the plan that it signed.
    let is_held_against_plan = || case.holder == Some(one.funder) && one.form.is_holders_means() && others_beside();
    refuses_some(case, one.funder)
        || is_held_against_plan()
        || is_compared(stated)
        || is_asked_of_what_is_kept(stated)
        || is_proposed_beside(stated)
}

/// Does a funder that keeps a sum refuse one, or give one up? Which sum that is about is told by the amounts and the days.
fn refuses_some(case: &ProjectCase, funder: OrganisationIx) -> bool {
    let is_ended =
        |one: &Statement| one.authority == Authority::Own && one.stage.is_some_and(|stage| stage.rank().is_none());
    case.keeps_of(funder) && case.statements.iter().any(|one| one.funder == funder && is_ended(one))
}

/// Is a hidden figure held against another one of its funder: of the same stage, or paid or settled, or of no stage?
fn is_compared(stated: &[Statement]) -> bool {
    let own = || stated.iter().enumerate().filter(|(_, one)| one.authority == Authority::Own);
    let is_bounded = |one: &Statement| matches!(one.stage, None | Some(Stage::Verse | Stage::Solde));
    own().filter(|(_, one)| one.veiled).any(|(at, kept)| {
        own().any(|(other, one)| at != other && (one.stage == kept.stage || is_bounded(one) || is_bounded(kept)))
    })
}

/// Is what is asked held against a figure that is hidden? One that is lower than the grant has no answer.
fn is_asked_of_what_is_kept(stated: &[Statement]) -> bool {
    let is_kept = |one: &Statement| one.veiled && one.is_funders_word();
    stated.iter().any(is_kept) && stated.iter().any(Statement::is_request)
}

/// Is the amount or the day of what a funder proposes, or of what it granted or paid, hidden? What it proposes after it is another sum.
fn is_proposed_beside(stated: &[Statement]) -> bool {
    let own = || stated.iter().filter(|one| one.authority == Authority::Own);
    let mut proposed = own().filter(|one| matches!(one.stage, Some(Stage::Envisage | Stage::Propose)));
    let granted = || own().filter(|one| one.stage.is_some_and(Stage::is_decided));
    proposed.any(|one| granted().any(|grant| one.veiled || grant.veiled && one.decided_on.is_some()))
}

/// May a grant that the holder gives itself be what it puts as its own funds, where one of both is hidden?
fn may_be_said_twice(case: &ProjectCase, one: &Commitment) -> bool {
    let is_own_funds = |other: &Commitment| {
        matches!(other.form, Form::Autofinancement | Form::Recettes)
            && (other.funder, other.nature) == (one.funder, one.nature)
            && !other.is_outside()
            && (other.veiled || one.veiled)
    };
    case.holder == Some(one.funder)
        && one.form == Form::Subvention
        && !one.is_outside()
        && case.commitments.iter().any(is_own_funds)
}

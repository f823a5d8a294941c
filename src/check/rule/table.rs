//! What the reference table says of the funding scheme of each sum: the natures that it funds, when it is open, and of the NPNRU, where.
//! Orientation excludes by the same words.

use super::super::case::Case;
use super::super::opening::{Opening, opening};
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::lines::positions;
use super::territory::is_of_npnru;
use crate::domain::Date;
use crate::domain::message::Message;
use crate::domain::validity::Validity;
use crate::domain::vocabulary::{Family, Nature, Stage};
use crate::portfolio::{Commitment, Dispositif};

/// Does the scheme fund this nature, as far as the table tells?
pub(in crate::check) fn funds(scheme: &Dispositif, nature: Nature) -> bool {
    scheme.natures.is_empty() || scheme.natures.contains(&nature)
}

/// A sum is of a nature that its scheme funds. What has a rule of its own is left to it.
pub(super) fn natures(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let is_ruled = |scheme: &Dispositif| {
        let mut sheets = case.rulebook.sheets().iter().filter(|sheet| sheet.holds_on(case.today()));
        sheets.any(|sheet| &*sheet.formula == "scheme-nature" && sheet.dispositif.as_ref() == Some(&scheme.code))
    };
    of_each(case, found, |scheme, one| {
        if scheme.natures.is_empty() || is_ruled(scheme) {
            return None;
        }
        Some(match one.nature {
            Some(nature) if funds(scheme, nature) => Outcome::met(),
            Some(_) => Outcome::broken(),
            None if Nature::ALL.iter().all(|nature| funds(scheme, *nature)) => Outcome::met(),
            // That the nature is missing is told of its line.
            None => Outcome::told_elsewhere(),
        })
    });
}

/// A sum is asked for, or decided, while its scheme is open.
pub(super) fn open(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    of_each(case, found, |scheme, one| {
        let validity = &scheme.validity;
        if *validity == Validity::default() {
            return None;
        }
        let is_decided = one.stage.is_some_and(Stage::is_decided);
        Some(if is_decided { decided(validity, one) } else { pending(validity, case) })
    });
}

/// What is decided was asked for before: after the end it may have been asked for in time.
fn decided(validity: &Validity, one: &Commitment) -> Outcome {
    let year = one.year.map(i32::from);
    let of_year = |month, day| year.and_then(|year| Date::from_ymd_opt(year, month, day));
    let (first, last) = (one.decided_on.or_else(|| of_year(1, 1)), one.decided_on.or_else(|| of_year(12, 31)));
    if last.zip(validity.from).is_some_and(|(last, from)| last < from) {
        return Outcome::broken().with("why", Word::Said(not_open()));
    }
    let is_after = |from: Date| first.is_some_and(|first| from <= first);
    let is_before = |to: Date| last.is_some_and(|last| last < to);
    if validity.from.is_none_or(is_after) && validity.to.is_none_or(is_before) {
        return Outcome::met();
    }
    Outcome::unknown().with(
        "why",
        Word::Said(Message::new(
            "rien ne dit qu'elle ait été demandée tant qu'il était ouvert",
            "nothing says that it was asked for while it was open",
        )),
    )
}

fn pending(validity: &Validity, case: &Case<'_>) -> Outcome {
    let (outcome, why) = match opening(validity, case.days, case.today()) {
        Opening::Open => return Outcome::met(),
        Opening::Shut => (Outcome::broken(), not_open()),
        Opening::From(day) => {
            let fr = format!("il n'ouvre que le {}", day.format("%d/%m/%Y"));
            (Outcome::unknown(), Message::new(fr, format!("it opens on {day} only")))
        }
        Opening::Until(day) => {
            let fr = format!("il ferme le {}, avant que le projet ne commence", day.format("%d/%m/%Y"));
            (Outcome::unknown(), Message::new(fr, format!("it closes on {day}, before the project begins")))
        }
    };
    outcome.with("why", Word::Said(why))
}

fn not_open() -> Message {
    Message::new("il n'est pas ouvert à cette date", "it is not open on this day")
}

/// A sum of the NPNRU lies in a quartier of the programme. Where the link is not verified, what ANRU answers tells, and the rule that
/// asks for its answer says so.
pub(super) fn npnru(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let quartiers = case.facts().places.quartiers.iter();
    let linked: Vec<Option<bool>> = quartiers.map(|ix| case.portfolio.quartier(*ix).npnru).collect();
    for one in case.live().filter(|one| one.family == Family::Npnru) {
        let outcome = match is_of_npnru(&linked) {
            Some(true) => Outcome::met(),
            Some(false) => Outcome::broken(),
            None => Outcome::told_elsewhere(),
        };
        found.push(outcome.with("funder", Word::Body(one.funder)).resting_on(case, positions(case, &[one])));
    }
}

/// What comes of each sum that states a scheme: what is not as it should be, each once; else that all is.
fn of_each(case: &Case<'_>, found: &mut Vec<Outcome>, judge: impl Fn(&Dispositif, &Commitment) -> Option<Outcome>) {
    let mut is_any = false;
    for one in case.live() {
        let Some(scheme) = one.dispositif.map(|ix| case.portfolio.dispositif(ix)) else { continue };
        let Some(outcome) = judge(scheme, one) else { continue };
        is_any = true;
        if outcome.verdict != super::super::outcome::Verdict::Met {
            let told = outcome.with("scheme", Word::Text(scheme.code.as_str().into()));
            let told = told.with("nature", Word::Nature(one.nature)).with("funder", Word::Body(one.funder));
            found.push(told.resting_on(case, positions(case, &[one])));
        }
    }
    if is_any && found.is_empty() {
        found.push(Outcome::met());
    }
}

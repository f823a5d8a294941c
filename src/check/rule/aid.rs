//! State aid of small amounts: de minimis.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::schemes::{Bearer, bearer};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::portfolio::Commitment;
use chrono::Months;

/// The name of the formula, and of its value in the sheet: a ceiling in cents.
pub const DE_MINIMIS: &str = "de-minimis";
pub const DE_MINIMIS_CEILING: &str = "most-cents";

/// The period of the ceiling: three years, looking back from a day (règlement (UE) 2023/2831, art. 3(2)).
pub const DE_MINIMIS_PERIOD: Months = Months::new(36);

/// De minimis aid to one undertaking stays under a ceiling over three years, looking back from the day, on which what the project
/// proposes would be granted. Of whoever is of public law nothing is asked. Only what is known can break it; it is met only where all
/// that it may be stays under the ceiling.
pub(super) fn de_minimis(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let day = case.today();
    let (Some(holder), Some(most)) = (case.holder, sheet.value(DE_MINIMIS_CEILING, day)) else { return };
    let from_others = |one: &Commitment| one.funder != holder && one.counts();
    if !matches!(bearer(case), Bearer::Private | Bearer::Association | Bearer::Undertaking)
        || !case.live().any(from_others)
    {
        return;
    }
    let Some(after) = day.checked_sub_months(DE_MINIMIS_PERIOD) else { return };
    let aid = case.portfolio.de_minimis(holder, (after, day), Some(case.project));
    let over = |cents: Cents| cents.get() > most;
    let outcome = match aid.at_most {
        _ if over(aid.known) => Outcome::broken(),
        Some(at_most) if !over(at_most) => Outcome::met(),
        Some(_) => Outcome::unknown().with("why", Word::Said(may_be())),
        None => Outcome::unknown().with("why", Word::Said(unseen())),
    };
    let outcome = outcome.with("known", Word::Amount(aid.known));
    found.push(outcome.with("holder", Word::Body(holder)).with("most", Word::Amount(Cents::new(most))));
}

fn may_be() -> Message {
    Message::new(
        "des aides décidées pour lui, ou prévues pour ce projet, dont personne ne dit qu'elles ne sont pas de minimis, le dépassent",
        "aid decided for it, or planned for this project, that nobody says to be other than de minimis exceeds it",
    )
}

fn unseen() -> Message {
    Message::new(
        "un montant de ses aides n'est pas connu, ou pas visible ici",
        "an amount of its aid is not known, or not to be seen here",
    )
}

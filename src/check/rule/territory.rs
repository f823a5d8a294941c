//! Where the project lies, and the opinions that a project of a contract needs.

use super::super::case::Case;
use super::super::outcome::{Outcome, Verdict, Word};
use super::super::rulebook::Sheet;
use super::schemes::{by_opinion, by_opinion_on};
use crate::domain::governance::{Act, ActEntry, OpinionOf, RuleCode};
use crate::domain::message::{Message, french_day};
use crate::domain::vocabulary::{Nature, Stage};
use crate::portfolio::{ContratIx, OrganisationIx, Quartier, RecordEntry};

/// In a quartier of the NPNRU, an investment needs ANRU's answer, were it that it puts nothing.
pub(super) fn npnru(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let facts = case.facts();
    let quartiers = facts.places.quartiers.iter().map(|ix| case.portfolio.quartier(*ix));
    let invests = case.live().any(|one| one.nature == Some(Nature::Investissement));
    let may_invest = invests || case.live().any(|one| one.nature.is_none());
    let links: Vec<Option<bool>> = quartiers.map(|quartier| quartier.npnru).collect();
    // Placed by its contract or its commune alone, it may lie in a quartier of the programme.
    let untold = links.is_empty() && (!facts.places.contrats.is_empty() || may_lie_in_one(case));
    if !may_invest || !untold && links.iter().all(|link| *link == Some(false)) {
        return;
    }
    let anru = sheet.funder.as_ref().and_then(|id| case.portfolio.organisation_of(id));
    // Its own word on the investment: a sum from a proposal on, a refusal, or that it puts nothing. What others ask of it is none.
    let answered = facts.all_statements().iter().any(|one| {
        let of_anru = Some(one.funder) == anru && !one.unadmitted && one.is_funders_word() && one.is_said(case.moment);
        let answers = if one.nothing {
            facts.speaks_of_all(one)
        } else {
            one.stage.is_some_and(|stage| stage == Stage::Refuse || stage.at_least(Stage::Propose))
        };
        let is_of_project = one.year.is_none_or(|year| facts.may_be_of(year, Some(Nature::Investissement)));
        of_anru && answers && is_of_project && one.nature != Some(Nature::Fonctionnement)
    });
    found.push(if answered {
        Outcome::met()
    } else if invests && links.contains(&Some(true)) {
        Outcome::broken()
    } else {
        let (fr, en) = if untold {
            ("son quartier n'est pas dit", "its quartier is not stated")
        } else if invests {
            (
                "le lien entre son quartier et le NPNRU n'est pas vérifié",
                "the link of its quartier and the NPNRU is not verified",
            )
        } else {
            ("la nature d'une somme n'est pas dite", "the nature of a sum is not stated")
        };
        Outcome::unknown().with("why", Word::Said(Message::new(fr, en)))
    });
}

/// Do quartiers with these links lie in the NPNRU: one of them, or none for certain? `None`: a link is not verified, or there is none.
pub(in crate::check) fn is_of_npnru(links: &[Option<bool>]) -> Option<bool> {
    if links.contains(&Some(true)) {
        Some(true)
    } else {
        (!links.is_empty() && !links.contains(&None)).then_some(false)
    }
}

/// Is a commune of the project one in which a quartier of the programme lies, or may lie?
fn may_lie_in_one(case: &Case<'_>) -> bool {
    let communes = &case.facts().places.communes;
    let in_one = |one: &Quartier| one.npnru != Some(false) && one.communes.iter().any(|ix| communes.contains(ix));
    !communes.is_empty() && case.portfolio.quartiers().any(in_one)
}

/// Every quartier of the project is in a perimeter that a contract retained: the State's, or one that the Region recognises. A
/// perimeter that no longer held when the project begins, or did not hold yet when it ended, tells nothing: the code may be another one
/// for the same place. Nor is anything known of a code that could not be read.
pub(super) fn perimeter(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let places = &case.facts().places;
    let quartiers = || places.quartiers.iter().map(|ix| case.portfolio.quartier(*ix));
    let contrats = || places.contrats.iter().map(|ix| case.portfolio.contrat(*ix));
    let strange = quartiers().filter(|one| !one.known).map(|one| one.code.as_str());
    let outside: Vec<&str> = strange.chain(contrats().filter(|one| !one.known).map(|one| one.code.as_str())).collect();
    let begins = case.days.0.unwrap_or_else(|| case.moment.now.date_naive());
    // Under its former and its present code, a place is told by the present one.
    let is_replaced = |one: &Quartier| one.successors.iter().any(|successor| places.quartiers.contains(successor));
    let is_over = |one: &Quartier| one.validity.to.is_some_and(|end| end <= begins);
    let former = quartiers().filter(|one| is_over(one) && !is_replaced(one));
    let former: Vec<&str> = former.map(|one| one.code.as_str()).collect();
    let ends = case.days.1.filter(|ends| *ends >= begins);
    // A place that bears its former code too is told by that one until then.
    let is_named_before = |one: &Quartier| {
        quartiers().any(|former| former.successors.iter().any(|ix| case.portfolio.quartier(*ix).code == one.code))
    };
    let is_to_come = |one: &Quartier| one.validity.from.zip(ends).is_some_and(|(from, ends)| ends < from);
    let to_come = quartiers().filter(|one| is_to_come(one) && !is_named_before(one));
    let to_come: Vec<&str> = to_come.map(|one| one.code.as_str()).collect();
    let is_unread = |record: &RecordEntry| record.warnings.iter().any(|one| &*one.code == "quartier-unreadable");
    let somewhere = !places.quartiers.is_empty() || !places.contrats.is_empty();
    found.push(if !outside.is_empty() {
        Outcome::broken().with("codes", Word::Text(outside.join(", ").into()))
    } else if !former.is_empty() {
        let codes = former.join(", ");
        Outcome::unknown().with(
            "why",
            Word::Said(Message::new(
                format!("{codes} ne valait plus au début du projet ({})", french_day(begins)),
                format!("{codes} held no more when the project begins ({begins})"),
            )),
        )
    } else if let Some(ends) = ends.filter(|_| !to_come.is_empty()) {
        let codes = to_come.join(", ");
        Outcome::unknown().with(
            "why",
            Word::Said(Message::new(
                format!("{codes} ne valait pas encore à la fin du projet ({})", french_day(ends)),
                format!("{codes} did not hold yet when the project ended ({ends})"),
            )),
        )
    } else if case.facts().records.iter().any(is_unread) {
        Outcome::unknown().with(
            "why",
            Word::Said(Message::new(
                "une fiche porte un code de quartier qui ne se lit pas",
                "a record bears a quartier code that cannot be read",
            )),
        )
    } else if somewhere {
        Outcome::met()
    } else {
        Outcome::unknown().with(
            "why",
            Word::Said(Message::new(
                "aucune fiche ne dit dans quel quartier ni quel contrat il se trouve",
                "no record says in which quartier or contract it lies",
            )),
        )
    });
}

/// A project of a contract is shared after the opinion of the body that pilots it; one of two contracts after that of both.
pub(super) fn pilots_opinion(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let is_specific = case.specific_credits().next().is_some();
    if !is_specific && case.unsaid_credits().next().is_none() {
        return;
    }
    for contrat in &case.facts().places.contrats {
        let pilot = case.portfolio.contrat(*contrat).pilot;
        let of_pilot = |entry: &ActEntry| match &entry.act {
            Act::Opinion { quality: OpinionOf::Pilot, by, .. } => pilot.is_none_or(|pilot| case.identity(pilot) == by),
            _ => false,
        };
        let outcome = if_specific(is_specific, by_opinion(case, sheet, of_pilot));
        let unnamed = || Word::Said(Message::new("le pilote du contrat", "the body that pilots the contract"));
        found.push(outcome.with("pilot", pilot.map_or_else(unnamed, Word::Body)));
    }
    if case.facts().places.open.contrat {
        found.push(if_specific(is_specific, one_of_several(case, sheet)));
    }
}

/// The opinion of a pilot that no rule asks for, the Region's credits not being of those that need it: one that is not in favour is told.
pub(super) fn pilots_word(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    if case.specific_credits().next().is_some() {
        return;
    }
    let asks = |rule: &RuleCode| {
        case.rulebook.sheet(rule, case.today()).is_some_and(|sheet| &*sheet.formula == "pilots-opinion")
    };
    let mut pilots: Vec<OrganisationIx> = case
        .acts()
        .filter_map(|entry| match &entry.act {
            Act::Opinion { quality: OpinionOf::Pilot, by, .. } => case.portfolio.organisation_of(by),
            _ => None,
        })
        .collect();
    pilots.sort_unstable();
    pilots.dedup();
    for pilot in pilots {
        let of_pilot = |entry: &ActEntry| match &entry.act {
            Act::Opinion { quality: OpinionOf::Pilot, by, .. } => case.identity(pilot) == by,
            _ => false,
        };
        let outcome = by_opinion_on(case, asks, of_pilot);
        if outcome.verdict != Verdict::Unknown {
            found.push(outcome.with("pilot", Word::Body(pilot)));
        }
    }
}

/// Where it lies in one of several contracts and nothing tells in which: met where each of their pilots is in favour, else nobody
/// knows whose opinion counts.
fn one_of_several(case: &Case<'_>, sheet: &Sheet) -> Outcome {
    let places = &case.facts().places;
    let quartiers = places.quartiers.iter().map(|ix| &case.portfolio.quartier(*ix).contrats);
    let open = quartiers.filter(|contrats| !contrats.iter().any(|one| places.contrats.contains(one)));
    let mut contrats: Vec<ContratIx> = open.flatten().copied().collect();
    contrats.sort_unstable();
    contrats.dedup();
    let pilots: Vec<Option<OrganisationIx>> = contrats.iter().map(|ix| case.portfolio.contrat(*ix).pilot).collect();
    let is_in_favour = |pilot: &Option<OrganisationIx>| {
        let Some(pilot) = pilot else { return false };
        let of_pilot = |entry: &ActEntry| match &entry.act {
            Act::Opinion { quality: OpinionOf::Pilot, by, .. } => case.identity(*pilot) == by,
            _ => false,
        };
        by_opinion(case, sheet, of_pilot).verdict == Verdict::Met
    };
    let all = !pilots.is_empty() && pilots.iter().all(is_in_favour);
    let name = |pilot: &Option<OrganisationIx>, unnamed: &'static str| {
        pilot.map_or(unnamed, |pilot| case.portfolio.organisation(pilot).name).to_owned()
    };
    let names = |unnamed, or: &str| pilots.iter().map(|one| name(one, unnamed)).collect::<Vec<_>>().join(or);
    let (fr, en) = (names("un pilote que rien ne nomme", " ou "), names("a pilot whom nothing names", " or "));
    let outcome = if all { Outcome::met() } else { Outcome::unknown() };
    outcome.with("pilot", Word::Said(Message::new(fr, en)))
}

/// What an opinion comes to where nobody says whether the Region's credits are of those that need it: not met is unknown.
fn if_specific(is_specific: bool, outcome: Outcome) -> Outcome {
    if is_specific || outcome.verdict == Verdict::Met { outcome } else { Outcome::told_elsewhere() }
}

/// The service seeks the opinion of the competent direction for a project in its theme. One that was given while the project was
/// another action, or none, may be that of another direction. What a direction says on the dividing line of the action is its
/// opinion on the project too, whatever the project was classified as then: the line that it names is the one that it lifts.
pub(super) fn directions_opinion(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let is_specific = case.specific_credits().next().is_some();
    let may_be = is_specific || case.unsaid_credits().next().is_some();
    if let Some(action) = case.action.filter(|_| may_be) {
        let line = |rule: &RuleCode| case.rulebook.sheet(rule, case.today()).and_then(|line| line.action.as_ref());
        let is_line = |rule: &RuleCode| line(rule) == Some(action);
        let of_direction = |entry: &ActEntry| match &entry.act {
            Act::Opinion { quality: OpinionOf::Direction, action: then, rule, .. } => {
                then.as_ref() == Some(action) || is_line(rule)
            }
            _ => false,
        };
        let outcome = by_opinion_on(case, |rule| *rule == sheet.code || is_line(rule), of_direction);
        let outcome = if_specific(is_specific, outcome);
        found.push(outcome.with("action", Word::Text(action.as_str().into())));
    }
}

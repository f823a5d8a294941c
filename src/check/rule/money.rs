//! Contradictions, the holder's own share.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::lines::positions;
use super::schemes::{Bearer, bearer, bearer_of};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationKind;
use crate::domain::tax::{Agreement, compared};
use crate::domain::vocabulary::{Authority, CellState, Form, Nature, Stage};
use crate::portfolio::{Commitment, DisagreementField, OrganisationIx, PlanLine, Statement};

/// A whole, in basis points.
pub(super) const WHOLE: i128 = 10_000;

/// What others report of a sum differs from what its funder says at the same stage; where it says nothing, from what others report.
pub(super) fn reports_differ(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let tolerance = sheet.value("tolerance-cents", case.today()).unwrap_or(0);
    let before = found.len();
    let is_denied = |one: &Commitment| case.facts().is_denied_at(one, case.moment);
    for one in case.live().filter(|one| is_denied(one)) {
        let reported = case.facts().statements(one).iter().find_map(|said| said.amount).unwrap_or_default();
        put_by_others_alone(case, (one, reported), found);
    }
    ended_and_reported(case, found);
    put_and_reported_ended(case, found);
    for one in case.live().filter(|one| !is_denied(one)) {
        let statements = case.facts().statements(one);
        let (own, others): (Vec<&Statement>, Vec<&Statement>) =
            statements.iter().filter(|said| said.amount.is_some()).partition(|said| said.is_funders_word());
        let reported = |said: &&&Statement| said.authority == Authority::Reported;
        let pairs = others.iter().filter(reported).flat_map(|other| {
            own.iter().filter(|own| own.stage == other.stage).filter_map(|own| {
                let (said, reported) = (own.amount?, other.amount?);
                let agreement = compared((said, own.tax_basis), (reported, other.tax_basis), tolerance);
                (agreement != Agreement::Same).then_some((agreement, said, reported))
            })
        });
        // What differs for certain before what a tax may explain.
        let pair = pairs.min_by_key(|(agreement, ..)| *agreement != Agreement::Different);
        if let Some((agreement, said, reported)) = pair {
            let outcome = if agreement == Agreement::Different { Outcome::broken() } else { Outcome::unknown() };
            let outcome = outcome.with("funder", Word::Body(one.funder)).with("own", Word::Amount(said));
            found.push(outcome.with("reported", Word::Amount(reported)).resting_on(case, positions(case, &[one])));
        } else if sheet.between.is_some() {
            others_differ(case, (one, tolerance), found);
        }
    }
    totals_differ(case, tolerance, found);
    met_if_nothing(case, found, before);
}

/// Others report two figures of a sum on which its funder has no word, or a grant and its end.
fn others_differ(case: &Case<'_>, (one, tolerance): (&Commitment, i64), found: &mut Vec<Outcome>) {
    let facts = case.facts();
    let (outcome, reported, another, behind) = if let Some(two) = facts.reported_otherwise(one, tolerance) {
        let is_certain = two.agreement == Agreement::Different;
        let outcome = if is_certain { Outcome::broken() } else { Outcome::unknown() };
        (outcome, Word::Amount(two.amounts.0), Word::Amount(two.amounts.1), vec![one])
    } else if let Some(ended) = facts.reported_ended(one) {
        let reported = one
            .amount
            .map_or_else(|| Word::Said(Message::new("une somme non dite", "a sum that is not stated")), Word::Amount);
        let another = Message::new("un refus ou un abandon", "a refusal or a renunciation");
        (Outcome::broken(), reported, Word::Said(another), vec![one, ended])
    } else {
        return;
    };
    let outcome = outcome.with("funder", Word::Body(one.funder)).with("reported", reported);
    found.push(outcome.with("another", another).resting_on(case, positions(case, &behind)));
}

/// What others say that a funder puts, and it says that it does not.
fn put_by_others_alone(case: &Case<'_>, (one, reported): (&Commitment, Cents), found: &mut Vec<Outcome>) {
    let outcome = Outcome::broken().with("funder", Word::Body(one.funder)).with("own", Word::Amount(Cents::ZERO));
    found.push(outcome.with("reported", Word::Amount(reported)).resting_on(case, positions(case, &[one])));
}

/// May two sums be one, as far as they say of whom, in which form, of which nature, scheme and year they are?
fn are_alike(one: &Commitment, other: &Commitment) -> bool {
    let agree = |one: Option<u64>, other: Option<u64>| one.zip(other).is_none_or(|(one, other)| one == other);
    let year = |of: &Commitment| of.year.map(u64::from);
    let nature = |of: &Commitment| of.nature.map(|nature| nature as u64);
    let dispositif = |of: &Commitment| of.dispositif.map(|ix| ix.get() as u64);
    (one.funder, one.form) == (other.funder, other.form)
        && agree(year(one), year(other))
        && agree(nature(one), nature(other))
        && agree(dispositif(one), dispositif(other))
}

/// What its funder puts, and others say that it was refused or given up: the very sum, or no amount is said, and no later day of the
/// funder's word answers it.
fn put_and_reported_ended(case: &Case<'_>, found: &mut Vec<Outcome>) {
    let facts = case.facts();
    let is_ended = |said: &&Statement| {
        let is_outside = said.stage.is_some_and(|stage| stage.rank().is_none());
        is_outside && said.authority == Authority::Reported && said.is_said(case.moment)
    };
    let is_put = |one: &&Commitment| {
        let is_firm = one.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
        one.authority == Authority::Own && is_firm && one.amount.is_some()
    };
    for one in case.live().filter(is_put) {
        let voted = facts.deciding(one).decided_on;
        let is_of_it = |said: &&Statement| {
            let is_answered = voted.zip(said.decided_on).is_some_and(|(voted, ended)| voted > ended);
            said.amount.is_none_or(|ended| one.amount == Some(ended)) && !is_answered
        };
        let ends = |other: &&Commitment| {
            let is_alike = other.id == one.id
                || other.authority == Authority::Reported && other.is_outside() && are_alike(one, other);
            is_alike && facts.statements(other).iter().filter(is_ended).any(|said| is_of_it(&said))
        };
        let Some(other) = facts.commitments.iter().find(ends) else { continue };
        let reported = Message::new("un refus ou un abandon", "a refusal or a renunciation");
        let own = one.amount.unwrap_or_default();
        let outcome = Outcome::broken().with("funder", Word::Body(one.funder)).with("own", Word::Amount(own));
        let behind = if other.id == one.id { vec![one] } else { vec![one, other] };
        found.push(outcome.with("reported", Word::Said(reported)).resting_on(case, positions(case, &behind)));
    }
}

/// What others report as decided, and its funder refused or gave up: the very sum, or one of another amount that it may be.
fn ended_and_reported(case: &Case<'_>, found: &mut Vec<Outcome>) {
    let facts = case.facts();
    let is_own = |one: &&Commitment| one.authority == Authority::Own && facts.deciding(one).is_said(case.moment);
    let all = facts.commitments.iter().filter(|one| !one.doubts.unadmitted);
    let ended: Vec<&Commitment> = all.clone().filter(|one| one.is_outside()).filter(is_own).collect();
    for one in all {
        let is_voted = |said: &&Statement| {
            said.authority == Authority::Reported && said.stage.is_some_and(Stage::is_decided) && said.amount.is_some()
        };
        let Some(reported) = facts.statements(one).iter().find(is_voted).and_then(|said| said.amount) else { continue };
        let stands_alone =
            one.authority == Authority::Reported && !one.is_outside() && !facts.is_denied_at(one, case.moment);
        if ended.iter().any(|other| other.id == one.id || stands_alone && are_alike(one, other)) {
            put_by_others_alone(case, (one, reported), found);
        }
    }
}

/// What others report as decided, and may be several sums of a funder at once, is neither their total nor one of them.
fn totals_differ(case: &Case<'_>, tolerance: i64, found: &mut Vec<Outcome>) {
    let decided = |one: &Commitment| one.stage.is_some_and(|stage| stage.at_least(Stage::Attribue));
    for one in case.live().filter(|one| one.doubts.uncertain && one.authority == Authority::Reported && decided(one)) {
        let same = |other: &&Commitment| {
            (other.funder, other.nature, other.form) == (one.funder, one.nature, one.form)
                && other.authority == Authority::Own
                && other.counts()
                && decided(other)
        };
        let own: Option<Vec<Cents>> = case.live().filter(same).map(|other| other.amount).collect();
        let (Some(own), Some(reported)) = (own.filter(|own| !own.is_empty()), one.amount) else { continue };
        let total: Cents = own.iter().copied().sum();
        let near = |amount: Cents| (amount.get() - reported.get()).abs() <= tolerance;
        if !near(total) && !own.iter().any(|amount| near(*amount)) {
            let outcome = Outcome::broken().with("funder", Word::Body(one.funder)).with("own", Word::Amount(total));
            found.push(outcome.with("reported", Word::Amount(reported)).resting_on(case, positions(case, &[one])));
        }
    }
}

/// Records contradict each other about the project itself.
pub(super) fn records_differ(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let before = found.len();
    for one in case.facts().disagreements.iter().filter(|one| one.field != DisagreementField::Action) {
        let (fr, en) = match one.field {
            DisagreementField::Holder => ("le porteur", "the holder"),
            DisagreementField::Action => ("l'action", "the action"),
            DisagreementField::Year => ("l'exercice", "the budget year"),
            DisagreementField::Budget => ("le coût total", "the total cost"),
            DisagreementField::Shares => ("la répartition par quartier", "the shares by quartier"),
        };
        let outcome = Outcome::broken().with("what", Word::Said(Message::new(fr, en)));
        found.push(outcome.seen_in(one.records.iter().copied()));
    }
    met_if_nothing(case, found, before);
}

/// Amounts before and with tax in one plan.
pub(super) fn taxes_mixed(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    use crate::domain::vocabulary::TaxBasis;
    let bases = |wanted: fn(&Commitment) -> bool| -> Vec<TaxBasis> {
        let sums = case.live().filter(|one| wanted(one)).map(|one| one.tax_basis);
        sums.chain(case.budget.and_then(|budget| budget.tax_basis)).collect()
    };
    let counted = bases(Commitment::counts);
    let all = bases(|one| one.counts() || one.may_count_beside());
    let has = |basis| all.contains(&basis);
    if case.plan.lines.is_empty() {
        return;
    }
    // One amount alone agrees with itself.
    let unstated = has(TaxBasis::NonPrecise) && all.len() > 1;
    let mixes = |all: &[TaxBasis]| all.contains(&TaxBasis::Ht) && all.contains(&TaxBasis::Ttc);
    found.push(if mixes(&counted) {
        Outcome::broken()
    } else if mixes(&all) {
        let why = Message::new("une somme peut être la même qu'une autre", "a sum may be the same as another");
        Outcome::unknown().with("why", Word::Said(why))
    } else if unstated {
        let why = Message::new("certains ne le disent pas", "some do not say");
        Outcome::unknown().with("why", Word::Said(why))
    } else {
        Outcome::met()
    });
}

/// A collectivité that carries an investment pays itself at least a part of all public financing (CGCT L1111-10 III). Loans and
/// what comes in kind are no financing by public persons.
pub(super) fn own_share(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let money = |one: &&Commitment| {
        matches!(one.form, Form::Subvention | Form::Autofinancement) && one.nature != Some(Nature::Fonctionnement)
    };
    let counted: Vec<&Commitment> = case.live().filter(money).filter(|one| one.counts()).collect();
    let maybe = case.live().filter(money).filter(|one| one.may_count_beside());
    // Where no nature is told, an investment may be among the sums.
    let may_invest = counted.iter().any(|one| one.nature != Some(Nature::Fonctionnement));
    if bearer(case) != Bearer::Collectivite || !may_invest {
        return;
    }
    let Some(least) = sheet.value("least-basis-points", case.today()) else { return };
    let public = |one: &&&Commitment| is_public(case, one.funder);
    let all: Option<Cents> = counted.iter().filter(public).map(|one| one.amount).sum();
    // What a SIREN does not tell to be of private law may be public: an EPIC such as the ANRU has one like a company's.
    let may_be_public = |one: &&Commitment| bearer_of(case.identity(one.funder)) != Bearer::Person;
    let at_most: Option<Cents> = counted.iter().copied().chain(maybe).filter(may_be_public).map(|one| one.amount).sum();
    let own = counted.iter().filter(|one| Some(one.funder) == case.holder);
    let own: Vec<Option<Cents>> = own.map(|one| one.amount).collect();
    // What others say of it may break the rule; only its own word, read in time, meets it.
    let of_holder = |line: &&PlanLine| Some(line.funder) == case.holder && line.nature == Some(Nature::Investissement);
    let is_its_word = case.plan.lines.iter().filter(of_holder).all(|line| line.state == CellState::Known);
    let told = own.iter().copied().sum::<Option<Cents>>().filter(|_| !own.is_empty());
    let told = told.or_else(|| puts_nothing(case).then_some(Cents::ZERO).filter(|_| own.is_empty()));
    // What is only asked for, or thought of, may not come: of the public money that stands, the least there is.
    let standing: Option<Cents> =
        counted.iter().filter(public).filter(|one| is_promised(one)).map(|one| one.amount).sum();
    let why = |fr: &str, en: &str| Outcome::unknown().with("why", Word::Said(Message::new(fr, en)));
    let outcome = match (told, all) {
        _ if counted.iter().any(|one| one.nature.is_none()) => {
            why("la nature d'une somme n'est pas dite", "the nature of a sum is not stated")
        }
        _ if mixed_bases(&counted) => why(
            "les montants mêlent HT et TTC, ou ne le disent pas",
            "sums mix amounts before and after tax, or do not say",
        ),
        (None, _) => why("le porteur n'a pas dit sa propre part", "the holder has not stated its own share"),
        (_, None) => why("un montant public n'est pas connu", "a public amount is not known"),
        (Some(own), Some(all)) if all > Cents::ZERO => {
            let share = i128::from(own.get()) * WHOLE;
            let reaches = |base: Cents| share >= i128::from(base.get()) * i128::from(least);
            // What is told is the share in what breaks the rule: of what stands, not of what may never come.
            let short = standing.filter(|standing| *standing > Cents::ZERO && !reaches(*standing));
            let rate = i64::try_from(share / i128::from(short.unwrap_or(all).get())).unwrap_or(i64::MAX);
            let outcome = match at_most {
                _ if short.is_some() => Outcome::broken(),
                _ if !reaches(all) => why(
                    "des financements publics ne sont que demandés ou envisagés",
                    "some public sums are only asked for or considered",
                ),
                Some(base) if reaches(base) && is_its_word => Outcome::met(),
                Some(base) if reaches(base) => why(
                    "la part du porteur est citée par d'autres, ou n'a pas été vérifiée à temps",
                    "the holder's share is stated by others, or was not verified in time",
                ),
                _ => why(
                    "un financeur est peut-être public, ou son montant n'est pas connu",
                    "a funder may be public, or its sum is not known",
                ),
            };
            outcome.with("rate", Word::Rate(rate)).with("least", Word::Rate(least)).with("own", Word::Amount(own))
        }
        _ => why("aucun financement public n'est connu", "no public financing is known"),
    };
    found.push(outcome.resting_on(case, positions(case, &counted)));
}

/// Does the holder itself say that it puts nothing into the investment?
fn puts_nothing(case: &Case<'_>) -> bool {
    let of_holder = |line: &&PlanLine| Some(line.funder) == case.holder;
    let mut lines = case.plan.lines.iter().filter(of_holder);
    lines.any(|line| line.nature == Some(Nature::Investissement) && line.state == CellState::Nothing)
}

/// Is a sum more than asked for or thought of? What the holder puts itself has no stage to pass.
pub(super) fn is_promised(one: &Commitment) -> bool {
    let is_own_means = matches!(one.form, Form::Autofinancement | Form::Recettes);
    is_own_means || one.stage.is_none_or(|stage| stage.at_least(Stage::Propose))
}

/// Do sums that are compared stand before tax and with it, or does one of several not say?
fn mixed_bases(counted: &[&Commitment]) -> bool {
    counted.windows(2).any(|pair| pair[0].tax_basis != pair[1].tax_basis)
}

/// A legal person of public law, the State, a European fund. Of other groups of legal persons nobody knows: a CAF is of private law.
fn is_public(case: &Case<'_>, funder: OrganisationIx) -> bool {
    let id = case.identity(funder);
    id.kind() == OrganisationKind::European
        || id.departement_of_etat().is_some()
        || matches!(bearer_of(id), Bearer::Collectivite | Bearer::OtherPublic)
}

pub(super) fn met_if_nothing(case: &Case<'_>, found: &mut Vec<Outcome>, before: usize) {
    let any = case.facts().commitments.iter().any(|one| one.stage != Some(Stage::Abandonne));
    if found.len() == before && any {
        found.push(Outcome::met());
    }
}

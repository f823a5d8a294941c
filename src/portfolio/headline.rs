//! The figures of one commitment: one per stage, and the one that counts.

use super::beyond::{is_beyond_the_grant, is_engaged_otherwise, may_be_the_last_instalment, paid_beyond_the_grant};
use super::case::{Commitment, ProjectCase, RecordEntry, StageFigure, Statement};
use super::index::{OrganisationIx, SourceIx};
use crate::domain::record::RecordState;
use crate::domain::source::Standing;
use crate::domain::tax::{Agreement, compared};
use crate::domain::vocabulary::{Authority, Stage, TaxBasis};
use crate::domain::{Date, Instant};
use chrono::TimeDelta;
use std::cmp::Reverse;

/// The records of a project and the standing of their sources: what the last word depends on.
pub(crate) struct Bench<'a> {
    pub(crate) records: &'a [RecordEntry],
    pub(crate) standing: &'a dyn Fn(SourceIx) -> Standing,
    /// What a source is called.
    pub(crate) source_id: &'a dyn Fn(SourceIx) -> &'a str,
    /// Is this body known by a number of its own (SIREN)? A name alone is spelled in many ways.
    pub(crate) is_numbered: &'a dyn Fn(OrganisationIx) -> bool,
}

impl<'a> Bench<'a> {
    pub(crate) fn record(&self, statement: &Statement) -> &RecordEntry {
        &self.records[statement.record as usize]
    }

    fn source(&self, statement: &Statement) -> SourceIx {
        self.record(statement).source
    }

    fn standing(&self, statement: &Statement) -> Standing {
        (self.standing)(self.source(statement))
    }

    /// Where a statement stands, whatever was read first: what decides between equals.
    pub(super) fn place(&self, statement: &Statement) -> (&'a str, &'a str, u16) {
        let record = &self.records[statement.record as usize];
        ((self.source_id)(record.source), record.key.as_str(), statement.ordinal)
    }

    /// Was it dated on a day to come when it was observed?
    pub(super) fn is_ahead(&self, statement: &Statement) -> bool {
        statement.decided_on.is_some_and(|day| day > day_in_france(self.record(statement).observed_at))
    }

    /// Puts the statements of one commitment in order: the own ones first, systems of record before publications,
    /// the latest observation first.
    pub(crate) fn order(&self, statements: &mut [Statement]) {
        statements.sort_by_cached_key(|statement| {
            (
                statement.authority == Authority::Reported,
                self.standing(statement),
                Reverse(self.record(statement).observed_at),
                self.place(statement),
            )
        });
    }
}

/// The latest day that it may be in France at an instant: legal time is two hours ahead of universal time at most.
pub(super) fn day_in_france(at: Instant) -> Date {
    (at + TimeDelta::hours(2)).date_naive()
}

impl ProjectCase {
    /// One figure per stage that was stated, in the order of stages.
    pub fn figures(&self, commitment: &Commitment) -> Vec<StageFigure> {
        figures(&self.records, self.statements(commitment))
    }

    /// The same, by what the funder itself says alone.
    pub fn own_figures(&self, commitment: &Commitment) -> Vec<StageFigure> {
        let own = self.statements(commitment).iter().filter(|one| one.is_funders_word());
        figures(&self.records, &own.cloned().collect::<Vec<_>>())
    }
}

/// The headline of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Headline {
    /// Position of the statement that has the last word.
    pub(crate) deciding: usize,
    pub(crate) stage: Option<Stage>,
    /// Does the deciding statement's amount stand for the commitment? Not for a payment, a refusal, a renunciation.
    pub(crate) has_figure: bool,
    /// Own statements contradict each other.
    pub(crate) disagreement: bool,
}

/// The figure of each stage that was stated, in the order of stages. `statements` are in order.
pub(crate) fn figures(records: &[RecordEntry], statements: &[Statement]) -> Vec<StageFigure> {
    let stages = super::survey::sorted(statements.iter().filter_map(|statement| statement.stage));
    let figure = |stage: &Stage| {
        let best = &statements[best_at(statements, |statement| statement.stage == Some(*stage))?];
        let amount = best.amount.filter(|_| *stage != Stage::Verse || !paid_in_parts(records, statements, best));
        Some(StageFigure { stage: *stage, amount, decided_on: best.decided_on })
    };
    stages.iter().filter_map(figure).collect()
}

/// The last word among the statements that `wanted` keeps: own first, an amount before none, then in order.
fn best_at(statements: &[Statement], wanted: impl Fn(&Statement) -> bool) -> Option<usize> {
    let all = statements.iter().enumerate().filter(|(_, statement)| wanted(statement));
    all.min_by_key(|(at, statement)| (statement.authority == Authority::Reported, !has_figure(statement), *at))
        .map(|(at, _)| at)
}

/// A figure that is kept from the reader is one.
pub(super) fn has_figure(statement: &Statement) -> bool {
    statement.amount.is_some() || statement.veiled
}

/// Several payments listed by one source: what was paid in all is not told by any of them, were they equal.
fn paid_in_parts(records: &[RecordEntry], statements: &[Statement], best: &Statement) -> bool {
    let source = |statement: &Statement| records[statement.record as usize].source;
    let same = |other: &&Statement| other.stage == best.stage && source(other) == source(best);
    statements.iter().filter(same).count() > 1
}

/// The headline of `statements`, which are in order and not empty.
pub(crate) fn headline(bench: &Bench<'_>, statements: &[Statement]) -> Headline {
    let own = verdict(bench, statements, Authority::Own);
    let chosen = match own {
        Some(verdict) if verdict.stage == Some(Stage::Verse) => {
            // A payment proves a decision but not its sum: somebody else's word on the decided sum fills the gap.
            verdict_decided(bench, statements, Authority::Reported).unwrap_or(verdict)
        }
        Some(verdict) => verdict,
        None => {
            verdict(bench, statements, Authority::Reported).unwrap_or(Verdict { at: 0, stage: None, doubtful: false })
        }
    };
    let has_figure = !matches!(chosen.stage, Some(Stage::Verse | Stage::Refuse | Stage::Abandonne));
    let disagreement = chosen.doubtful
        || contradicted(bench, statements)
        || paid_beyond_the_grant(statements)
        || chosen.stage == Some(Stage::Solde) && may_be_the_last_instalment(bench, statements, &statements[chosen.at])
        || chosen.stage == Some(Stage::Refuse) && statements.iter().any(Statement::is_own_payment);
    Headline { deciding: chosen.at, stage: chosen.stage, has_figure, disagreement }
}

#[derive(Clone, Copy)]
struct Verdict {
    at: usize,
    stage: Option<Stage>,
    /// Refused and granted at once, and no date tells which came last.
    doubtful: bool,
}

fn verdict(bench: &Bench<'_>, statements: &[Statement], authority: Authority) -> Option<Verdict> {
    let at_stage = |stage: Option<Stage>| {
        let at = best_at(statements, |one| one.authority == authority && one.stage == stage)?;
        Some(Verdict { at, stage, doubtful: false })
    };
    // What a funder proposes after it refused is its word as much as a vote: only their days tell which came last.
    let proposed = || at_stage(Some(Stage::Propose)).filter(|_| authority == Authority::Own);
    let stands = verdict_decided(bench, statements, authority).or_else(proposed);
    // What was announced for a day to come when it was observed ends nothing that stands: a new observation says that it came.
    let is_announced = |at: usize| stands.is_some() && bench.is_ahead(&statements[at]);
    let ended = |stage: Stage| {
        let is_it = |one: &&(usize, &Statement)| one.1.authority == authority && one.1.stage == Some(stage);
        let mut all: Vec<_> = statements.iter().enumerate().filter(|one| is_it(&one)).collect();
        all.sort_by_key(|(at, one)| (!has_figure(one), *at));
        all.into_iter().map(move |(at, _)| Verdict { at, stage: Some(stage), doubtful: false })
    };
    // Each is held against what stands: one that it came after says nothing of a later one.
    let endings = ended(Stage::Abandonne).chain(ended(Stage::Refuse)).filter(|outside| !is_announced(outside.at));
    let mut judged = endings.map(|outside| outside_or_decided(statements, outside, stands)).peekable();
    if judged.peek().is_some() {
        let is_outside = |one: &Verdict| matches!(one.stage, Some(Stage::Abandonne | Stage::Refuse));
        return judged.find(is_outside).or(stands);
    }
    verdict_decided(bench, statements, authority)
        .or_else(|| at_stage(Some(Stage::Verse)))
        .or_else(|| at_stage(Some(Stage::Propose)))
        .or_else(|| at_stage(Some(Stage::Sollicite)))
        .or_else(|| at_stage(Some(Stage::Envisage)))
        .or_else(|| at_stage(None))
}

/// The decided sum: the final figure, unless it is above what was granted; else the latest stage that has a figure, else the
/// latest stage. What a list states otherwise than each figure of the funder's own system has no word here.
fn verdict_decided(bench: &Bench<'_>, statements: &[Statement], authority: Authority) -> Option<Verdict> {
    let find = |stage: Stage, with_amount: bool| {
        let wanted = |one: &Statement| {
            (one.authority == authority && one.stage == Some(stage) && (!with_amount || has_figure(one)))
                && !is_published_otherwise(bench, statements, one)
        };
        best_at(statements, wanted).map(|at| Verdict { at, stage: Some(stage), doubtful: false })
    };
    find(Stage::Solde, false)
        .filter(|settled| !is_beyond_the_grant(statements, &statements[settled.at]))
        .or_else(|| find(Stage::Engage, true))
        .or_else(|| find(Stage::Attribue, true))
        .or_else(|| find(Stage::Engage, false))
        .or_else(|| find(Stage::Attribue, false))
}

/// A refusal or renunciation ends what came before it; only a decision dated later stands against it. One of another amount than
/// any that is stated may be about another sum; what is given up of another one leaves open what stands.
fn outside_or_decided(statements: &[Statement], outside: Verdict, decided: Option<Verdict>) -> Verdict {
    let Some(decided) = decided else { return outside };
    let amount = statements[outside.at].amount;
    let is_of_it = amount.is_none() || statements.iter().any(|one| one.stage != outside.stage && one.amount == amount);
    match (statements[outside.at].decided_on, statements[decided.at].decided_on) {
        (Some(ended), Some(voted)) if voted > ended => decided,
        (Some(ended), Some(voted)) if voted < ended && is_of_it => outside,
        // What others say of both is no contradiction of the funder with itself.
        _ => {
            let is_own = statements[outside.at].authority == Authority::Own;
            let ended = &statements[outside.at];
            let is_another = |one: &Statement| one.stage == outside.stage || one.amount.is_none() || differ(one, ended);
            let is_of_none = ended.amount.is_some() && statements.iter().all(is_another);
            let is_refused = outside.stage == Some(Stage::Refuse);
            Verdict { doubtful: is_own && (is_refused || is_of_none), ..outside }
        }
    }
}

/// Does a list that the funder publishes state another sum than each one that the funder itself, in its system or in what it declares,
/// says was granted? A list knows one stage: that of its convention may be the vote as well. What was settled is lower than the vote in
/// the ordinary course: where one side states the vote alone and the other what was settled alone, they are two stages of one sum.
fn is_published_otherwise(bench: &Bench<'_>, statements: &[Statement], listed: &Statement) -> bool {
    let is_granted = |one: &Statement| {
        one.authority == Authority::Own
            && matches!(one.stage, Some(Stage::Attribue | Stage::Engage | Stage::Solde))
            && one.amount.is_some()
    };
    let is_list = |one: &Statement| bench.standing(one) == Standing::Publication;
    if !is_granted(listed) || !is_list(listed) {
        return false;
    }
    let first_hand: Vec<&Statement> = statements.iter().filter(|one| is_granted(one) && !is_list(one)).collect();
    let is_settled = |one: &Statement| one.stage == Some(Stage::Solde);
    let is_other_stage = first_hand.iter().all(|one| is_settled(one) != is_settled(listed));
    let is_alone = first_hand.len() == 1;
    let is_course = |one: &&Statement| {
        let (settled, voted) = if is_settled(listed) { (listed, *one) } else { (*one, listed) };
        let days = settled.decided_on.zip(voted.decided_on);
        let is_before = days.is_some_and(|(settled, voted)| settled < voted);
        settled.amount <= voted.amount && !is_before && are_of_one_grant(settled, voted, is_alone)
    };
    let is_in_course = is_other_stage && first_hand.iter().any(is_course);
    !first_hand.is_empty() && first_hand.iter().all(|one| differ(one, listed)) && !is_in_course
}

/// Does something tell that what was settled is of this vote: its reference, its day, its scheme and year; of one that stands alone, its year?
fn are_of_one_grant(settled: &Statement, voted: &Statement, is_alone: bool) -> bool {
    fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        one.is_some() && one == other
    }
    same(settled.reference, voted.reference)
        || same(settled.decided_on, voted.decided_on)
        || same(settled.year, voted.year) && (is_alone || same(settled.dispositif, voted.dispositif))
}

/// Does a list contradict the funder's own system, do own statements of one stage differ, or does one source state it twice? Payments may be many, requests are the
/// applicant's word: neither is looked at.
fn contradicted(bench: &Bench<'_>, statements: &[Statement]) -> bool {
    let firm = |statement: &&Statement| {
        statement.authority == Authority::Own
            && statement.stage.is_some_and(|stage| stage.at_least(Stage::Propose) && stage != Stage::Verse)
    };
    let own: Vec<&Statement> = statements.iter().filter(firm).collect();
    if own.iter().any(|one| is_published_otherwise(bench, statements, one)) || is_engaged_otherwise(statements) {
        return true;
    }
    own.iter().enumerate().any(|(at, one)| {
        own[at + 1..]
            .iter()
            .any(|other| one.stage == other.stage && (differ(one, other) || bench.source(one) == bench.source(other)))
    })
}

/// Do two amounts of one sum differ, for all that a tax may explain? Where one does not say its basis, nothing explains.
pub(super) fn differ(one: &Statement, other: &Statement) -> bool {
    let (Some(amount), Some(another)) = (one.amount, other.amount) else { return false };
    match compared((amount, one.tax_basis), (another, other.tax_basis), 0) {
        Agreement::Same => false,
        Agreement::Untold => [one.tax_basis, other.tax_basis].contains(&TaxBasis::NonPrecise),
        Agreement::Different => true,
    }
}

/// Did the record that a statement stands in go bad at its source?
pub(crate) fn gone_bad(bench: &Bench<'_>, statement: &Statement) -> bool {
    bench.record(statement).state == RecordState::Bad
}

#[cfg(test)]
mod tests {
    use crate::domain::Date;
    use crate::domain::facts::StatementFacts;
    use crate::domain::money::Cents;
    use crate::domain::record::RecordVersion;
    use crate::domain::vocabulary::{Stage, TaxBasis};
    use crate::portfolio::Commitment;
    use crate::portfolio::fixture::*;

    fn at_stage(stage: Stage, cents: Option<i64>) -> StatementFacts {
        StatementFacts { stage: Some(stage), amount: cents.map(Cents::new), ..grant(REGION) }
    }

    fn only(sources: &[(&str, StatementFacts)]) -> Commitment {
        let mut records: Vec<RecordVersion> = Vec::new();
        for (source, one) in sources {
            match records.iter_mut().find(|record| record.source.as_str() == *source) {
                Some(known) => known.facts.statements.push(one.clone()),
                None => records.push(record(source, source, vec![one.clone()])),
            }
        }
        let portfolio = portfolio(records);
        let [commitment] = commitments(&portfolio) else { panic!("one commitment") };
        commitment.clone()
    }

    fn headline_of(stages: &[(Stage, Option<i64>)]) -> (Option<Stage>, Option<i64>) {
        let rows: Vec<_> = stages.iter().map(|(stage, cents)| ("region", at_stage(*stage, *cents))).collect();
        let commitment = only(&rows);
        (commitment.stage, commitment.amount.map(Cents::get))
    }

    #[test]
    fn what_was_settled_is_lower_than_the_vote_of_the_funders_own_list() {
        use Stage::{Attribue, Engage, Solde};
        let told = |own: &[(Stage, i64)], (stage, cents): (Stage, i64)| {
            let of_year = |stage, cents| StatementFacts { year: Some(2026), ..at_stage(stage, Some(cents)) };
            let mut rows: Vec<_> = own.iter().map(|(stage, cents)| ("region", of_year(*stage, *cents))).collect();
            rows.push(("region-list", of_year(stage, cents)));
            let one = only(&rows);
            (one.stage, one.amount.map(Cents::get), one.doubts.disagreement)
        };
        assert_eq!(told(&[(Solde, 19)], (Attribue, 25)), (Some(Solde), Some(19), false));
        assert_eq!(told(&[(Solde, 19)], (Engage, 25)), (Some(Solde), Some(19), false));
        assert_eq!(told(&[(Attribue, 25)], (Solde, 19)), (Some(Solde), Some(19), false), "the list tells the end");
        assert!(told(&[(Solde, 25)], (Attribue, 19)).2, "more was settled than voted");
        assert!(told(&[(Attribue, 25), (Solde, 19)], (Attribue, 24)).2, "its vote is another than that of the system");
        assert!(told(&[(Solde, 19)], (Solde, 18)).2);
        let untied = |settled: Option<Date>, voted: Option<Date>| {
            let one = |stage, cents, day| StatementFacts { decided_on: day, ..at_stage(stage, Some(cents)) };
            only(&[("region", one(Solde, 19, settled)), ("region-list", one(Attribue, 25, voted))]).doubts.disagreement
        };
        let day = |month| Date::from_ymd_opt(2026, month, 1);
        assert!(untied(None, None) && untied(day(2), day(7)), "nothing tells that it was settled of that vote");
        assert!(!untied(day(2), day(2)));
    }

    #[test]
    fn the_decided_sum_is_the_headline() {
        use Stage::{Abandonne, Attribue, Engage, Propose, Refuse, Solde, Sollicite, Verse};
        type Figure = (Stage, Option<i64>);
        let cases: &[(&[Figure], Figure)] = &[
            (&[(Sollicite, Some(9)), (Propose, Some(8))], (Propose, Some(8))),
            (&[(Sollicite, Some(9)), (Attribue, Some(7)), (Verse, Some(3))], (Attribue, Some(7))),
            (&[(Attribue, Some(7)), (Engage, Some(6))], (Engage, Some(6))),
            (&[(Attribue, Some(7)), (Engage, None)], (Attribue, Some(7))),
            (&[(Attribue, Some(7)), (Solde, Some(5))], (Solde, Some(5))),
            (&[(Attribue, Some(7)), (Solde, None)], (Solde, None)),
            (&[(Attribue, Some(7)), (Solde, Some(9))], (Attribue, Some(7))),
            (&[(Attribue, Some(7)), (Engage, Some(9)), (Solde, Some(9))], (Solde, Some(9))),
            (&[(Verse, Some(3))], (Verse, None)),
            (&[(Sollicite, Some(9)), (Verse, Some(3))], (Verse, None)),
            (&[(Sollicite, Some(9)), (Refuse, Some(9))], (Refuse, None)),
            (&[(Attribue, Some(7)), (Abandonne, None)], (Abandonne, None)),
        ];
        for (stages, (stage, cents)) in cases {
            assert_eq!(headline_of(stages), (Some(*stage), *cents), "{stages:?}");
        }
    }

    #[test]
    fn the_own_word_is_the_last() {
        let reported = at_stage(Stage::Attribue, Some(99));
        let own = at_stage(Stage::Propose, Some(5));
        let commitment = only(&[("application", reported), ("region", own)]);
        assert_eq!((commitment.stage, commitment.amount), (Some(Stage::Propose), Some(Cents::new(5))));
        assert!(!commitment.doubts.disagreement, "what others say is no disagreement of the funder with itself");
    }

    #[test]
    fn a_payment_leaves_the_decided_sum_to_others() {
        let commitment =
            only(&[("application", at_stage(Stage::Attribue, Some(8))), ("region", at_stage(Stage::Verse, Some(3)))]);
        assert_eq!((commitment.stage, commitment.amount), (Some(Stage::Attribue), Some(Cents::new(8))));
        assert_eq!(commitment.authority, crate::domain::vocabulary::Authority::Reported);
    }

    #[test]
    fn two_own_words_on_one_stage_disagree() {
        let one = at_stage(Stage::Attribue, Some(8));
        let other = at_stage(Stage::Attribue, Some(9));
        let disagreeing = only(&[("region", one.clone()), ("region-list", other.clone())]);
        assert!(disagreeing.doubts.disagreement);
        assert_eq!(disagreeing.amount, Some(Cents::new(8)), "the system of record before the publication");
        assert!(!only(&[("region", one.clone()), ("region-list", one.clone())]).doubts.disagreement);
        assert!(only(&[("region", one.clone()), ("region", one.clone())]).doubts.disagreement, "one sum or two?");
        let ht = StatementFacts { tax_basis: TaxBasis::Ht, ..one };
        let ttc = StatementFacts { tax_basis: TaxBasis::Ttc, ..other };
        assert!(!only(&[("region", ht.clone()), ("region-list", ttc.clone())]).doubts.disagreement);
        let far = StatementFacts { amount: Some(Cents::new(90)), ..ttc };
        assert!(only(&[("region", ht), ("region-list", far)]).doubts.disagreement, "no tax makes 90 of 8");
    }

    #[test]
    fn more_paid_or_settled_than_granted_is_a_contradiction() {
        let vote = at_stage(Stage::Attribue, Some(7));
        for (stage, cents, is_told) in
            [(Stage::Verse, 9, true), (Stage::Verse, 7, false), (Stage::Solde, 9, true), (Stage::Solde, 5, false)]
        {
            let paid = at_stage(stage, Some(cents));
            let commitment = only(&[("region", vote.clone()), ("region", paid.clone())]);
            assert_eq!(commitment.doubts.disagreement, is_told, "{stage:?} {cents}");
            let others = only(&[("region", vote.clone()), ("application", paid)]);
            assert_eq!(
                (others.doubts.disagreement, others.amount),
                (false, Some(Cents::new(7))),
                "others' word is none"
            );
        }
        let ht = StatementFacts { tax_basis: TaxBasis::Ht, amount: Some(Cents::new(1_000)), ..vote };
        let ttc = StatementFacts {
            tax_basis: TaxBasis::Ttc,
            amount: Some(Cents::new(1_200)),
            ..at_stage(Stage::Solde, None)
        };
        assert!(!only(&[("region", ht), ("region", ttc)]).doubts.disagreement, "a tax explains it");
    }

    #[test]
    fn a_vote_after_a_refusal_stands() {
        let on = |day, one| StatementFacts { decided_on: Date::from_ymd_opt(2023, 3, day), ..one };
        let refused = on(1, at_stage(Stage::Refuse, None));
        let voted = on(2, at_stage(Stage::Attribue, Some(7)));
        assert_eq!(only(&[("region", refused.clone()), ("region", voted.clone())]).stage, Some(Stage::Attribue));
        let undated = StatementFacts { decided_on: None, ..voted };
        let doubtful = only(&[("region", refused), ("region", undated)]);
        assert_eq!((doubtful.stage, doubtful.doubts.disagreement), (Some(Stage::Refuse), true));
        let refused = on(1, at_stage(Stage::Refuse, None));
        let proposed = at_stage(Stage::Propose, Some(7));
        let later = only(&[("region", refused.clone()), ("region", on(2, proposed.clone()))]);
        assert_eq!((later.stage, later.amount), (Some(Stage::Propose), Some(Cents::new(7))));
        let undated = only(&[("region", refused), ("region", StatementFacts { decided_on: None, ..proposed })]);
        assert_eq!((undated.stage, undated.doubts.disagreement), (Some(Stage::Refuse), true), "nobody can tell");
    }

    #[test]
    fn a_refusal_ends_a_vote_before_it_of_its_amount_once_its_day_has_come() {
        let on = |year, one| StatementFacts { decided_on: Date::from_ymd_opt(year, 3, 1), ..one };
        let voted = || on(2022, at_stage(Stage::Attribue, Some(7)));
        let refused = |year, cents| on(year, at_stage(Stage::Refuse, cents));
        let both = |refused| only(&[("region", voted()), ("region", refused)]);
        let ended = both(refused(2023, Some(7)));
        assert_eq!((ended.stage, ended.doubts.disagreement), (Some(Stage::Refuse), false));
        let apart = portfolio(
            [voted(), refused(2023, Some(900))]
                .map(|one| record("region", one.stage.map_or("", Stage::as_str), vec![one]))
                .into(),
        );
        let counts: Vec<_> = commitments(&apart).iter().map(|one| (one.counts(), one.doubts.disagreement)).collect();
        assert_eq!(counts, [(true, true), (false, true)], "of another sum, maybe");
        let announced = both(refused(2024, Some(7)));
        assert_eq!(
            (announced.stage, announced.amount),
            (Some(Stage::Attribue), Some(Cents::new(7))),
            "observed in 2023"
        );
    }

    #[test]
    fn several_payments_have_no_one_figure() {
        let portfolio = portfolio(vec![
            record("region", "a", vec![at_stage(Stage::Verse, Some(1))]),
            record("region", "b", vec![at_stage(Stage::Verse, Some(2))]),
        ]);
        let case = portfolio.project(crate::portfolio::ProjectIx::at(0));
        assert_eq!(case.figures(&case.commitments[0])[0].amount, None);
    }
}

//! Embargo: a funder keeps a sum of its own from others until a day. Whoever has no part in it sees that something stands
//! there, of whom, of which nature, at which stage; never the amount, nor a figure that it enters. What the plan, the check
//! and the acts say of the project as a whole stays what it is: the veil hides figures, it changes no verdict.

use super::Portfolio;
use super::acts::Acts;
use super::case::{Commitment, ProjectCase, Statement};
use super::index::ProjectIx;
use crate::domain::Date;
use crate::domain::governance::ActEntry;
use crate::domain::organisation::OrganisationId;
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::Form;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What funders keep from others on one day, as the newest picture says: an earlier picture is shown by the embargoes of
/// today.
pub struct Embargoes<'a> {
    today: &'a Portfolio,
    day: Date,
    kept: FxHashSet<(&'a SourceId, &'a RecordKey, &'a OrganisationId)>,
}

impl<'a> Embargoes<'a> {
    /// The embargoes of a day.
    pub fn of(today: &'a Portfolio, day: Date) -> Self {
        let mut kept = FxHashSet::default();
        for case in &today.cases {
            for statement in case.all_statements().iter().filter(|one| one.is_kept_on(day)) {
                let record = case.record(statement);
                kept.insert((&today.source(record.source).profile.id, &record.key, today.identity(statement.funder)));
            }
        }
        Embargoes { today, day, kept }
    }

    /// Is what this record says of this funder kept from others, where the record itself said that it is until `stated`? The
    /// newest word on it decides; where the record stands no more, its own.
    pub fn hold(&self, (source, key): (&SourceId, &RecordKey), funder: &OrganisationId, stated: Option<Date>) -> bool {
        self.kept.contains(&(source, key, funder))
            || stated.is_some_and(|until| self.day < until) && !self.stands((source, key))
    }

    fn stands(&self, (source, key): (&SourceId, &RecordKey)) -> bool {
        let is_it = |case: &Arc<ProjectCase>| {
            case.records.iter().any(|one| one.key == *key && self.today.source(one.source).profile.id == *source)
        };
        self.today.cases.iter().any(is_it)
    }
}

impl Portfolio {
    /// Does a record of a source say until when a funder keeps a sum from others, whether or not that day has come?
    pub fn holds_embargoes(&self, source: super::SourceIx) -> bool {
        let of_it = |case: &&Arc<ProjectCase>| case.records.iter().any(|record| record.source == source);
        let mut cases = self.cases.iter().filter(of_it);
        cases.any(|case| {
            let mut stated = case.all_statements().iter().filter(|one| one.not_public_until.is_some());
            stated.any(|one| case.record(one).source == source)
        })
    }

    /// The picture of this one project without its veil, for what may be told of it without a figure: whether a rule holds,
    /// what is known, who shared. `None` where nothing is veiled.
    pub fn unveiled(&self, project: ProjectIx) -> Option<Portfolio> {
        let behind = self.project(project).behind.clone()?;
        let mut picture = self.of_one(self.lexicon.clone(), behind);
        let standing: Vec<ActEntry> = self.acts_about(project).cloned().collect();
        picture.acts = Acts::of(&standing, &self.redirects);
        Some(picture)
    }

    /// Does its funder keep a statement of one of these projects from others?
    pub(super) fn keeps(&self, embargoes: &Embargoes<'_>, case: &ProjectCase, statement: &Statement) -> bool {
        if embargoes.kept.is_empty() && statement.not_public_until.is_none() {
            return false;
        }
        let record = case.record(statement);
        let key = (&self.source(record.source).profile.id, &record.key);
        embargoes.hold(key, self.identity(statement.funder), statement.not_public_until)
    }
}

/// The case with the amounts of these statements taken out. One whose amount is not known is kept like the others: what was written in its
/// place may be read off a warning, and that it is not known is the funder's too.
pub(super) fn veiled(case: &Arc<ProjectCase>, is_kept: impl Fn(&Statement) -> bool) -> Arc<ProjectCase> {
    let mut veiled = ProjectCase { behind: Some(Arc::clone(case)), ..ProjectCase::clone(case) };
    for statement in veiled.statements.iter_mut().filter(|one| !one.nothing) {
        if is_kept(statement) {
            statement.amount = None;
            statement.decided_on = None;
            statement.veiled = true;
            // What the mapping said of the record may quote it.
            veiled.records[statement.record as usize].warnings = Box::default();
        }
    }
    for commitment in &mut veiled.commitments {
        if veiled.statements[commitment.deciding as usize].veiled {
            commitment.amount = None;
            commitment.decided_on = None;
            commitment.veiled = true;
        }
    }
    // That sums add up to another one, or are covered by it, would tell something of the one that is kept.
    let kept: Vec<_> = veiled.commitments.iter().filter(|one| one.veiled).map(|one| (one.funder, one.form)).collect();
    let told = |one: &Commitment| {
        let tells = |(funder, form): &(_, _)| *funder == one.funder || *form == Form::Exoneration;
        one.doubts.restated && kept.iter().any(tells)
    };
    let told: Vec<usize> = (0..).zip(&veiled.commitments).filter(|(_, one)| told(one)).map(|(at, _)| at).collect();
    if !told.is_empty() {
        // Not even by whether the line is known: that others' sums add up to it would tell it to the cent.
        let mut whole = ProjectCase::clone(case);
        for at in told {
            veiled.commitments[at].doubts.restated = false;
            veiled.commitments[at].doubts.uncertain = true;
            whole.commitments[at].doubts.restated = false;
            whole.commitments[at].doubts.uncertain = true;
            whole.commitments[at].doubts.unanswered = true;
        }
        veiled.behind = Some(Arc::new(whole));
    }
    Arc::new(veiled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clearance::Clearance;
    use crate::domain::facts::{Budget, StatementFacts, Warning};
    use crate::domain::message::Message;
    use crate::domain::money::Cents;
    use crate::domain::vocabulary::{CellState, Dimension, Stage};
    use crate::portfolio::fixture::*;
    use crate::portfolio::{CommitmentFilter, PlanKey};

    fn day(of_march: u32) -> Date {
        Date::from_ymd_opt(2026, 3, of_march).expect("a day")
    }

    /// The Métropole's vote, kept from others until the tenth, beside the Region's.
    fn kept(until: Option<Date>) -> Portfolio {
        let vote = StatementFacts { not_public_until: until, amount: Some(Cents::new(770_077)), ..grant(METROPOLE) };
        let mut one = record("metropole", "m", vec![vote]);
        let investissement = Some(Cents::new(900_000));
        one.facts.project.get_or_insert_default().budget = Some(Budget { investissement, ..Budget::default() });
        portfolio(vec![one, record("region", "r", vec![grant(REGION)])])
    }

    fn of_body(id: &str) -> Clearance {
        Clearance::Part {
            bodies: [OrganisationId::parse(id).expect("sound")].into(),
            contrats: Box::default(),
            expected: Box::default(),
        }
    }

    fn seen(portfolio: &Portfolio, by: &str, on: Date) -> Portfolio {
        portfolio.seen(&of_body(by), (portfolio, on)).expect("not everything")
    }

    #[test]
    fn others_see_that_something_stands_there_and_no_figure_that_it_enters() {
        let whole = kept(Some(day(10)));
        let veiled = seen(&whole, REGION, day(9));
        let all = veiled.totals(&CommitmentFilter::default(), &[]).remove(0);
        assert_eq!((all.amount, all.own_amount, all.count, all.partial), (None, None, 2, true));
        let by_funder = veiled.totals(&CommitmentFilter::default(), &[Dimension::Funder]);
        let told: Vec<Option<Cents>> = by_funder.iter().map(|row| row.amount).collect();
        assert_eq!(told, [Some(Cents::new(10_000)), None]);
        let plan = veiled.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
        let lines: Vec<_> = plan.lines.iter().map(|line| (line.state, line.amount, line.veiled)).collect();
        let known = CellState::Known;
        assert_eq!(lines, [(known, Some(Cents::new(10_000)), false), (known, None, true)]);
        assert_eq!((plan.committed.total, plan.committed.investissement), (None, None));
        assert_eq!((plan.balance.expect("a budget").total, plan.leverage), (None, None));
        assert!(!format!("{:?}", plan).contains("770077"));
        let filter = CommitmentFilter { amount_min: Some(Cents::new(1)), ..CommitmentFilter::default() };
        assert_eq!(veiled.commitments_where(&filter).len(), 1, "a filter on amounts does not find it");
    }

    #[test]
    fn a_kept_sum_that_could_not_be_read_is_kept_with_what_was_told_of_it() {
        let vote = StatementFacts { not_public_until: Some(day(10)), amount: None, ..grant(METROPOLE) };
        let mut one = record("metropole", "m", vec![vote]);
        let message = Message::new("« 7700,7 » n'est pas un nombre", "« 7700,7 » is no number");
        one.facts.warnings = vec![Warning { code: "amount-unreadable".into(), field: None, message }];
        let whole = portfolio(vec![one, record("region", "r", vec![grant(REGION)])]);
        let told = |seen: &Portfolio| {
            let plan = seen.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
            let case = seen.project(ProjectIx::first());
            let warned = case.records.iter().any(|one| !one.warnings.is_empty());
            (plan.lines.iter().map(|line| line.veiled).collect::<Vec<_>>(), warned)
        };
        assert_eq!(told(&seen(&whole, REGION, day(9))), (vec![false, true], false));
        assert_eq!(told(&seen(&whole, METROPOLE, day(9))), (vec![false, false], true));
    }

    #[test]
    fn that_what_others_report_adds_up_to_a_kept_sum_is_not_told_by_the_state_of_its_line() {
        let told = |cents: i64| {
            let vote =
                StatementFacts { not_public_until: Some(day(10)), amount: Some(Cents::new(cents)), ..grant(METROPOLE) };
            let said = |reference: &str, cents| StatementFacts {
                amount: Some(Cents::new(cents)),
                reference: Some(reference.into()),
                ..grant(METROPOLE)
            };
            let plan = vec![said("x", 3_000), said("y", 4_000)];
            let region = record("region", "r", vec![grant(REGION)]);
            let whole = portfolio(vec![record("metropole", "m", vec![vote]), record("application", "a", plan), region]);
            let veiled = seen(&whole, REGION, day(9));
            let behind = veiled.unveiled(ProjectIx::first()).expect("a veil");
            let plan = behind.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
            let own = whole.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
            let state = |plan: &crate::portfolio::Plan, picture: &Portfolio| {
                let of_metropole =
                    |line: &&crate::portfolio::PlanLine| picture.identity(line.funder).as_str() == METROPOLE;
                plan.lines.iter().find(of_metropole).expect("a line").state
            };
            (state(&plan, &behind), state(&own, &whole))
        };
        let (equal, other) = (told(7_000), told(7_001));
        assert_eq!(equal.0, other.0, "whoever does not see the sum");
        assert_eq!((equal.1, other.1), (CellState::Known, CellState::Reported), "whoever does");
    }

    #[test]
    fn its_funder_sees_it_and_from_the_day_everybody_does() {
        let whole = kept(Some(day(10)));
        assert_eq!(picture(&seen(&whole, METROPOLE, day(9))), picture(&whole));
        assert_eq!(picture(&seen(&whole, REGION, day(10))), picture(&whole));
        assert_eq!(whole.kept_until(ProjectIx::first(), (&of_body(REGION), day(9))), Some(day(10)));
        assert_eq!(whole.kept_until(ProjectIx::first(), (&of_body(METROPOLE), day(9))), None);
        assert_eq!(whole.kept_until(ProjectIx::first(), (&of_body(REGION), day(10))), None);
        assert_eq!(whole.kept_until(ProjectIx::first(), (&Clearance::Everything, day(9))), None);
    }

    #[test]
    fn the_public_is_not_even_told_that_it_is_there() {
        let public = |portfolio: &Portfolio, on: Date| {
            let seen = portfolio.seen(&Clearance::public(), (portfolio, on)).expect("not everything");
            seen.commitments_where(&CommitmentFilter::default()).len()
        };
        let whole = kept(Some(day(10)));
        assert_eq!((public(&whole, day(9)), public(&whole, day(10)), public(&whole, day(9))), (1, 2, 1));
    }

    #[test]
    fn what_others_say_is_not_the_funders_to_keep() {
        let said = StatementFacts { not_public_until: Some(day(10)), ..grant(METROPOLE) };
        let whole = portfolio(vec![record("application", "a", vec![said, grant(REGION)])]);
        assert_eq!(picture(&seen(&whole, REGION, day(9))), picture(&whole));
    }

    #[test]
    fn the_past_is_shown_by_the_embargoes_of_today() {
        let (open, shut) = (kept(None), kept(Some(day(10))));
        let amounts = |then: &Portfolio, today: &Portfolio| {
            let seen = then.seen(&of_body(REGION), (today, day(9))).expect("not everything");
            seen.totals(&CommitmentFilter::default(), &[]).remove(0).amount
        };
        assert_eq!(amounts(&open, &shut), None, "kept since");
        assert_eq!(amounts(&shut, &open), Some(Cents::new(780_077)), "told since");
        let gone = portfolio(vec![record("region", "r", vec![grant(REGION)])]);
        assert_eq!(amounts(&shut, &gone), None, "taken back before its day");
    }

    #[test]
    fn behind_the_veil_a_verdict_is_what_it_is() {
        let refused = StatementFacts { stage: Some(Stage::Refuse), ..grant(METROPOLE) };
        let whole = portfolio(vec![
            record("metropole", "m", vec![StatementFacts { not_public_until: Some(day(10)), ..grant(METROPOLE) }]),
            record("region", "r", vec![grant(REGION), refused]),
        ]);
        let veiled = seen(&whole, REGION, day(9));
        let plan = |portfolio: &Portfolio| portfolio.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
        let behind = veiled.unveiled(ProjectIx::first()).expect("a veil");
        assert_eq!(plan(&behind), plan(&whole));
        assert!(whole.unveiled(ProjectIx::first()).is_none());
        assert_ne!(plan(&veiled).version, plan(&whole).version, "a version tells nothing of an amount");
    }
}

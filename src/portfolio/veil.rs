//! Embargo: a funder keeps a sum of its own from others until a day. Whoever has no part in it sees that something stands
//! there, of whom, of which nature, at which stage; never the amount, nor a figure that it enters, nor anything that rests on it: the
//! project is reconciled anew without it. Where it may decide, nothing is told (`untold`).

use super::Portfolio;
use super::acts::Acts;
use super::case::{ProjectCase, RecordEntry, Statement};
use super::consolidate::settle_sums;
use super::index::ProjectIx;
use super::lexicon::Lexicon;
use super::reports::agree;
use crate::domain::Date;
use crate::domain::facts::StatementFacts;
use crate::domain::governance::ActEntry;
use crate::domain::organisation::OrganisationId;
use crate::domain::text::{DispositifCode, RecordKey, SourceId};
use crate::domain::vocabulary::{Authority, Form, Nature, Stage};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What funders keep from others on one day, as the newest picture says: an earlier picture is shown by the embargoes of
/// today.
pub struct Embargoes<'a> {
    today: &'a Portfolio,
    day: Date,
    /// Of each record and funder the sums that are kept.
    kept: FxHashMap<(&'a SourceId, &'a RecordKey, &'a OrganisationId), Vec<Kind<'a>>>,
}

impl<'a> Embargoes<'a> {
    /// The embargoes of a day.
    pub fn of(today: &'a Portfolio, day: Date) -> Self {
        Embargoes::among(today, &today.cases, day)
    }

    /// Those of one case of the newest picture: its records stand in no other.
    pub(super) fn in_case(today: &'a Portfolio, case: &'a Arc<ProjectCase>, day: Date) -> Self {
        Embargoes::among(today, std::slice::from_ref(case), day)
    }

    fn among(today: &'a Portfolio, cases: &'a [Arc<ProjectCase>], day: Date) -> Self {
        let mut kept: FxHashMap<_, Vec<Kind<'_>>> = FxHashMap::default();
        for case in cases {
            for statement in case.all_statements().iter().filter(|one| one.is_kept_on(day)) {
                let record = case.record(statement);
                let place = (&today.source(record.source).profile.id, &record.key, today.identity(statement.funder));
                kept.entry(place).or_default().push(today.kind(statement));
            }
        }
        Embargoes { today, day, kept }
    }

    /// Is what this record says, or said, of a funder's sum kept from others? The newest word on it decides: where it keeps one, so is all
    /// that may be that one, and all but what it states today for everybody as another sum. What it once said is kept
    /// until the day that it named, whether the sum was dropped since, refused or given up, or the record stands no more: only the sums of
    /// that kind which it states today, as many as it stated then, lift that, where it keeps none of its funder any more.
    pub fn hold(&self, (source, key): (&SourceId, &RecordKey), sum: &KeptSum<'_>) -> bool {
        let told = || self.told_openly((source, key), &sum.kind);
        let kept = self.kept.get(&(source, key, sum.kind.funder));
        let is_another = |kept: &[Kind<'_>]| kept.iter().all(|kept| !kept.may_be(&sum.kind)) && told().next().is_some();
        let stands = |one: &&Statement| !one.nothing && is_standing(one.stage);
        kept.is_some_and(|kept| !is_another(kept))
            || sum.until.is_some_and(|until| self.day < until)
                && (kept.is_some() || told().filter(stands).count() < sum.stated)
    }

    /// What this record says today for everybody of sums of a kind: the funder's own word.
    fn told_openly<'k>(
        &'k self,
        (source, key): (&'k SourceId, &'k RecordKey),
        kind: &'k Kind<'_>,
    ) -> impl Iterator<Item = &'k Statement> {
        let is_of_it =
            move |record: &RecordEntry| record.key == *key && self.today.source(record.source).profile.id == *source;
        let holding = self.today.cases.iter().filter(move |case| case.records.iter().any(is_of_it));
        let said = holding.flat_map(move |case| case.statements.iter().filter(move |one| is_of_it(case.record(one))));
        let is_open = |one: &&Statement| one.authority == Authority::Own && !one.is_kept_on(self.day);
        said.filter(is_open).filter(move |one| self.today.kind(one) == *kind)
    }
}

/// Is it neither refused nor given up?
fn is_standing(stage: Option<Stage>) -> bool {
    stage.is_none_or(|stage| stage.rank().is_some())
}

/// What tells the sums of one record apart, but for their amounts, stages and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind<'a> {
    funder: &'a OrganisationId,
    form: Form,
    nature: Option<Nature>,
    dispositif: Option<&'a DispositifCode>,
    year: Option<u16>,
    reference: Option<&'a str>,
}

impl<'a> Kind<'a> {
    /// May both be one sum, for nothing that both say tells them apart?
    fn may_be(&self, other: &Self) -> bool {
        self.form == other.form
            && agree(self.nature, other.nature)
            && agree(self.dispositif, other.dispositif)
            && agree(self.year, other.year)
            && agree(self.reference, other.reference)
    }

    fn of(facts: &'a StatementFacts) -> Self {
        Kind {
            funder: &facts.funder,
            form: facts.form,
            nature: facts.nature,
            dispositif: facts.dispositif.as_ref(),
            year: facts.year,
            reference: facts.reference.as_deref(),
        }
    }
}

/// A sum of which a record says, or said, until when its funder keeps it from others.
pub struct KeptSum<'a> {
    kind: Kind<'a>,
    until: Option<Date>,
    /// How many sums of its kind the record stated, this one too, those that were refused or given up left out.
    stated: usize,
}

impl<'a> KeptSum<'a> {
    /// Whose it is.
    pub fn funder(&self) -> &'a OrganisationId {
        self.kind.funder
    }

    /// A sum that a record stated among `beside`.
    pub fn among(facts: &'a StatementFacts, beside: &'a [StatementFacts]) -> Self {
        let kind = Kind::of(facts);
        let is_one = |one: &&StatementFacts| !one.nothing && is_standing(one.stage) && Kind::of(one) == kind;
        KeptSum { kind, until: facts.not_public_until, stated: beside.iter().filter(is_one).count().max(1) }
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
        picture.acts = Acts::of_one(&self.project(project).id, &standing);
        Some(picture)
    }

    /// Does its funder keep a statement of one of these projects from others?
    pub(super) fn keeps(&self, embargoes: &Embargoes<'_>, case: &ProjectCase, statement: &Statement) -> bool {
        if embargoes.kept.is_empty() && statement.not_public_until.is_none() {
            return false;
        }
        let record = case.record(statement);
        let kind = self.kind(statement);
        let is_one =
            |one: &&Statement| one.record == statement.record && is_standing(one.stage) && self.kind(one) == kind;
        let sums = &case.statements[..case.nothings_at as usize];
        let until = statement.not_public_until;
        let stated = until.map_or(1, |_| sums.iter().filter(is_one).count().max(1));
        let sum = KeptSum { kind, until, stated };
        embargoes.hold((&self.source(record.source).profile.id, &record.key), &sum)
    }

    fn kind(&self, statement: &Statement) -> Kind<'_> {
        Kind {
            funder: self.identity(statement.funder),
            form: statement.form,
            nature: statement.nature,
            dispositif: statement.dispositif.map(|ix| &self.lexicon.atlas.dispositifs[ix.get()].code),
            year: statement.year,
            reference: statement.reference.map(|ix| &*self.lexicon.texts[ix.get()]),
        }
    }
}

/// The case as it is without the amounts of these statements: reconciled anew, so that nothing of it rests on one of them, neither what
/// is joined, nor what counts, nor what is in doubt. One whose amount is not known is kept like the others: what was written in its place
/// may be read off a warning, and that it is not known is the funder's too.
pub(super) fn veiled(
    lexicon: &Lexicon,
    case: &Arc<ProjectCase>,
    is_kept: impl Fn(&Statement) -> bool,
) -> Arc<ProjectCase> {
    let mut veiled = ProjectCase { behind: Some(Arc::clone(case)), ..ProjectCase::clone(case) };
    let (mut nothings, mut sums): (Vec<Statement>, Vec<Statement>) =
        case.statements.iter().cloned().partition(|one| one.nothing);
    for statement in sums.iter_mut().filter(|one| is_kept(one)) {
        statement.amount = None;
        statement.decided_on = None;
        statement.veiled = true;
        if let Some(part) = &mut statement.part {
            part.amount = None;
        }
        // What the mapping said of the record may quote it.
        veiled.records[statement.record as usize].warnings = Box::default();
    }
    // As consolidation meets them: by record, then in the order in which each gives them.
    for list in [&mut sums, &mut nothings] {
        list.sort_by_key(|one| (one.record, one.ordinal));
    }
    settle_sums(lexicon, &mut veiled, sums, nothings);
    Arc::new(veiled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clearance::Clearance;
    use crate::domain::facts::{Budget, Warning};
    use crate::domain::message::Message;
    use crate::domain::money::Cents;
    use crate::domain::vocabulary::{CellState, Dimension, Stage};
    use crate::portfolio::fixture::*;
    use crate::portfolio::{CommitmentFilter, PlanKey, Sight};

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
    fn what_a_record_states_openly_beside_what_it_keeps_is_told_and_what_may_be_the_same_is_not() {
        let of = |nature, cents| {
            let amount = Some(Cents::new(cents));
            StatementFacts { nature, amount, year: Some(2026), ..grant(METROPOLE) }
        };
        let told = |open: StatementFacts| {
            let kept = StatementFacts { not_public_until: Some(day(10)), ..of(Some(Nature::Investissement), 770_077) };
            let mut one = record("metropole", "m", vec![open, kept]);
            let message = Message::new("« 770077 »", "« 770077 »");
            one.facts.warnings = vec![Warning { code: "amount-rounded".into(), field: None, message }];
            let whole = portfolio(vec![one, record("region-list", "r", vec![asked(REGION, 1)])]);
            let (ix, public) = (ProjectIx::first(), Clearance::public());
            let seen = whole.seen(&public, (&whole, day(9))).expect("not everything");
            let sight = whole.sight(ix, (&public, day(9)));
            let amounts = |case: &ProjectCase| {
                let all = case.commitments.iter().map(|one| one.amount.map(Cents::get));
                (all.collect::<Vec<_>>(), case.records.iter().any(|one| !one.warnings.is_empty()))
            };
            let alone = whole.case_seen(ix, (&public, day(9)));
            assert_eq!(alone.as_deref().map(amounts), seen.projects().next().map(|(_, case)| amounts(case)));
            (sight, alone.as_deref().map(amounts))
        };
        let apart = of(Some(Nature::Fonctionnement), 500);
        assert_eq!(told(apart.clone()), (Sight::Abridged, Some((vec![Some(500)], false))), "another nature");
        let earlier = StatementFacts { year: Some(2025), ..of(Some(Nature::Investissement), 500) };
        assert_eq!(told(earlier).0, Sight::Abridged, "another year");
        for same in
            [of(None, 770_077), StatementFacts { stage: Some(Stage::Engage), ..of(Some(Nature::Investissement), 1) }]
        {
            assert_eq!(told(same), (Sight::Nothing, None), "it may be the one that is kept");
        }
        let refused = StatementFacts { stage: Some(Stage::Refuse), ..apart };
        assert_eq!(told(refused), (Sight::Nothing, None));
    }

    #[test]
    fn what_was_openly_given_up_stands_for_nobody_though_its_record_keeps_another_sum() {
        let of = |nature, stage, cents| StatementFacts {
            nature: Some(nature),
            stage: Some(stage),
            amount: Some(Cents::new(cents)),
            year: Some(2026),
            ..grant(METROPOLE)
        };
        let voted = || of(Nature::Fonctionnement, Stage::Attribue, 500);
        let kept = || {
            let until = Some(day(10));
            StatementFacts { not_public_until: until, ..of(Nature::Investissement, Stage::Attribue, 770_077) }
        };
        for ended in [Stage::Abandonne, Stage::Refuse] {
            let said = vec![of(Nature::Fonctionnement, ended, 500), kept()];
            let whole = portfolio(vec![record("metropole", "a", vec![voted()]), record("metropole", "b", said)]);
            for by in [Clearance::public(), of_body(REGION), of_body(METROPOLE)] {
                let seen = whole.seen(&by, (&whole, day(9))).expect("not everything");
                let all = seen.projects().flat_map(|(_, case)| &case.commitments);
                let standing = all.filter(|one| one.nature == Some(Nature::Fonctionnement) && one.amount.is_some());
                assert!(standing.filter(|one| !one.doubts.any()).all(|one| one.is_outside()), "{ended}");
            }
        }
    }

    #[test]
    fn that_another_sum_stands_before_one_in_its_record_is_told_by_no_identifier() {
        let vote = StatementFacts { nature: Some(Nature::Fonctionnement), ..grant(METROPOLE) };
        let before = |one: StatementFacts| StatementFacts { nature: Some(Nature::Investissement), ..one };
        let kept = before(StatementFacts { not_public_until: Some(day(10)), ..grant(METROPOLE) });
        let proposed = before(StatementFacts { stage: Some(Stage::Propose), ..grant(METROPOLE) });
        let id = |said: Vec<StatementFacts>| {
            let whole = portfolio(vec![record("metropole", "m", said)]);
            let seen = whole.seen(&Clearance::public(), (&whole, day(9))).expect("not everything");
            let all: Vec<_> = seen.projects().flat_map(|(_, case)| &case.commitments).map(|one| one.id).collect();
            assert_eq!(all.len(), 1);
            all[0]
        };
        let alone = id(vec![vote.clone()]);
        assert_eq!([id(vec![kept.clone(), vote.clone()]), id(vec![proposed, vote.clone()])], [alone, alone]);
        // When what is kept is told, it takes the name of no other sum; and none is that of a sum of the whole.
        let whole = portfolio(vec![record("metropole", "m", vec![kept, vote])]);
        let seen = whole.seen(&Clearance::public(), (&whole, day(10))).expect("not everything");
        let told: Vec<_> = commitments(&seen).iter().map(|one| (one.nature, one.id)).collect();
        assert!(told.contains(&(Some(Nature::Fonctionnement), alone)), "{told:?}");
        assert_ne!(told[0].1, told[1].1);
        let all: Vec<_> = commitments(&whole).iter().map(|one| one.id).collect();
        assert!(told.iter().all(|(_, id)| !all.contains(id)), "{told:?} {all:?}");
    }

    #[test]
    fn a_sum_is_kept_in_the_past_until_as_many_of_its_kind_are_told_and_none_is_kept() {
        let of = |nature, cents, until| StatementFacts {
            nature: Some(nature),
            amount: Some(Cents::new(cents)),
            not_public_until: until,
            ..grant(METROPOLE)
        };
        let (until, run, built) = (Some(day(10)), Nature::Fonctionnement, Nature::Investissement);
        let told = |then: Vec<StatementFacts>, today: Vec<StatementFacts>| {
            let open = record("region", "r", vec![grant(REGION)]);
            let before = portfolio(vec![record("metropole", "m", then), open.clone()]);
            let mut now = image(vec![record("metropole", "m", today), open]);
            now.head.version = crate::domain::chain::LedgerVersion(now.head.version.0 + 1);
            let now = Portfolio::build(&now);
            let seen = before.seen(&Clearance::public(), (&now, day(9))).expect("not everything");
            let all = seen.projects().flat_map(|(_, case)| case.commitments.iter());
            let of_it = |one: &&crate::portfolio::Commitment| seen.identity(one.funder).as_str() == METROPOLE;
            all.filter(of_it).filter_map(|one| one.amount.map(Cents::get)).collect::<Vec<_>>()
        };
        assert_eq!(told(vec![of(run, 111, until)], vec![of(run, 111, None)]), [111], "lifted");
        let moved = vec![of(built, 111, until), of(run, 5, None)];
        assert!(told(vec![of(run, 111, until)], moved).is_empty(), "it is kept as another sum by now");
        let two = || vec![of(run, 111, until), of(run, 222, until)];
        assert!(told(two(), vec![of(run, 111, None)]).is_empty(), "one of two was dropped");
        assert_eq!(told(two(), vec![of(run, 111, None), of(run, 222, None)]).iter().sum::<i64>() % 111, 0);
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
            let state = |picture: &Portfolio| {
                let plan = picture.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
                let of_metropole =
                    |line: &&crate::portfolio::PlanLine| picture.identity(line.funder).as_str() == METROPOLE;
                plan.lines.iter().find(of_metropole).expect("a line").state
            };
            (state(&veiled), state(&whole))
        };
        let (equal, other) = (told(7_000), told(7_001));
        assert_eq!(equal.0, other.0, "whoever does not see the sum");
        assert_eq!((equal.1, other.1), (CellState::Known, CellState::Reported), "whoever does");
    }

    #[test]
    fn the_day_of_a_kept_payment_is_not_told_by_what_becomes_of_a_later_proposal() {
        let told = |paid_on: u32| {
            let of = |stage, cents, on: Option<u32>| StatementFacts {
                stage: Some(stage),
                amount: Some(Cents::new(cents)),
                decided_on: on.map(day),
                ..grant(METROPOLE)
            };
            let paid = StatementFacts { not_public_until: Some(day(10)), ..of(Stage::Verse, 5_000, Some(paid_on)) };
            let said = vec![of(Stage::Attribue, 5_000, None), of(Stage::Propose, 8_000, Some(5)), paid];
            let whole = portfolio(vec![record("metropole", "m", said), record("region", "r", vec![grant(REGION)])]);
            let shown = |picture: &Portfolio| {
                let plan = picture.plan(ProjectIx::first(), moment(10), (PlanKey(b"key"), &[]));
                let lines: Vec<_> = plan.lines.iter().map(|line| (line.state, line.amount, line.reported)).collect();
                let commitments = picture.project(ProjectIx::first()).commitments.iter();
                (lines, commitments.map(|one| (one.amount, one.stage, one.doubts)).collect::<Vec<_>>())
            };
            (shown(&seen(&whole, REGION, day(9))), shown(&whole))
        };
        let (before, after) = (told(3), told(7));
        assert_ne!(before.1, after.1, "whoever sees it");
        assert_eq!(before.0, after.0, "whoever does not");
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
    fn a_sum_that_was_kept_and_dropped_since_stays_kept() {
        let vote = || StatementFacts { amount: Some(Cents::new(770_077)), year: Some(2026), ..grant(METROPOLE) };
        let of = |statements: Vec<StatementFacts>| {
            portfolio(vec![record("metropole", "m", statements), record("region", "r", vec![grant(REGION)])])
        };
        let kept = || StatementFacts { not_public_until: Some(day(10)), ..vote() };
        let small = || StatementFacts { nature: None, amount: Some(Cents::new(7)), ..vote() };
        let tells = |then: Vec<StatementFacts>, today: Vec<StatementFacts>, on| {
            let (then, today) = (of(then), of(today));
            [REGION, ETAT].map(|body| {
                let seen = then.seen(&of_body(body), (&today, day(on))).expect("not everything");
                format!("{:?}", seen.projects().map(|(_, case)| &case.statements).collect::<Vec<_>>())
                    .contains("770077")
            })
        };
        let ended = |stage| StatementFacts { stage: Some(stage), amount: None, ..vote() };
        let nothing = StatementFacts { nothing: true, stage: None, amount: None, ..vote() };
        let other = StatementFacts { reference: Some("2".into()), ..vote() };
        for today in [vec![], vec![nothing], vec![ended(Stage::Refuse)], vec![ended(Stage::Abandonne)], vec![other]] {
            assert_eq!(tells(vec![kept()], today.clone(), 9), [false, false], "{today:?}");
            assert_eq!(tells(vec![kept()], today.clone(), 10), [true, true], "from the day: {today:?}");
        }
        for beside in [small(), StatementFacts { amount: Some(Cents::new(7)), ..vote() }] {
            assert_eq!(tells(vec![kept(), beside.clone()], vec![beside], 9), [false, false], "it stood there before");
        }
        let lifted = StatementFacts { amount: Some(Cents::new(8)), ..vote() };
        assert_eq!(tells(vec![kept()], vec![lifted], 9), [true, true], "amended, and told");
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

//! What stands apart from the vote that it may be of: a renunciation, a final figure, an engagement, under another year or number, in
//! another file, beside a list that repeats one vote of two.

use super::later::{KNOWN, OPEN, line, list, named, on};
use super::*;
use crate::domain::Date;
use crate::domain::record::RecordVersion;
use crate::domain::source::Standing;
use crate::domain::vocabulary::CellState;

pub(super) fn given_up(cents: i64) -> StatementFacts {
    at_stage(Stage::Abandonne, cents)
}

pub(super) fn settled(cents: i64) -> StatementFacts {
    at_stage(Stage::Solde, cents)
}

pub(super) fn engaged(cents: i64) -> StatementFacts {
    at_stage(Stage::Engage, cents)
}

fn paid(cents: i64) -> StatementFacts {
    at_stage(Stage::Verse, cents)
}

fn untold(stage: Stage) -> StatementFacts {
    StatementFacts { amount: None, ..at_stage(stage, 0) }
}

pub(super) fn of(year: u16, one: StatementFacts) -> StatementFacts {
    StatementFacts { year: Some(year), ..one }
}

pub(super) fn day(text: &str, one: StatementFacts) -> StatementFacts {
    StatementFacts { decided_on: Some(text.parse::<Date>().expect("a day")), ..one }
}

/// Each in a record of its own of one source.
pub(super) fn rows(source: &str, all: &[StatementFacts]) -> Vec<RecordVersion> {
    all.iter().enumerate().map(|(at, one)| record(source, &format!("{source}-{at}"), vec![one.clone()])).collect()
}

/// The files of the Region's system.
pub(super) fn files(all: &[StatementFacts]) -> Vec<RecordVersion> {
    rows("region", all)
}

/// What the line of the Region says, where a list of its payments and what it declares are sources too.
fn told(records: Vec<RecordVersion>) -> (CellState, Option<i64>) {
    let mut image = image(records);
    image.sources.push(source("payments", Standing::SystemOfRecord, &[REGION]));
    image.sources.push(source("declared", Standing::Declarations, &[REGION]));
    let plan = plan_at(&Portfolio::build(&image), moment(10));
    let [line] = plan.lines.as_slice() else { panic!("one line: {:?}", plan.lines) };
    (line.state, line.amount.map(Cents::get))
}

pub(super) fn both(mut one: Vec<RecordVersion>, other: Vec<RecordVersion>) -> (CellState, Option<i64>) {
    one.extend(other);
    told(one)
}

#[test]
fn a_list_that_repeats_one_of_two_votes_does_not_hang_what_was_given_up_on_the_other() {
    let unsaid = |one: StatementFacts| StatementFacts { nature: None, ..one };
    let lists: Vec<fn(StatementFacts) -> StatementFacts> =
        vec![|one| one, |one| StatementFacts { nature: None, ..one }, |one| under("FTU", one), |one| {
            named("DEL-9", one)
        }];
    let dated = [on(3, of(2023, vote(70_000))), on(2, of(2023, vote(31_309))), on(6, of(2023, given_up(70_000)))];
    let plain = dated.clone().map(|one| StatementFacts { decided_on: None, ..one });
    let mut later = dated.clone();
    later[1] = on(8, of(2023, vote(31_309)));
    for said in [dated, plain, later] {
        for form in &lists {
            let listed = rows("region-list", &[form(said[0].clone())]);
            assert_eq!(both(files(&said), listed).0, OPEN, "{said:?}");
        }
        let listed = rows("region-list", &[unsaid(said[0].clone()), unsaid(said[1].clone())]);
        let all = portfolio([files(&said), listed].concat());
        assert!(plan_at(&all, moment(10)).lines.iter().all(|line| line.state == OPEN), "{said:?}");
    }
    let engaged = [of(2023, vote(79_856)), of(2023, engaged(71_871)), of(2023, request(89_000))];
    assert_eq!(both(files(&engaged), rows("region-list", &[under("FTU", of(2023, vote(79_856)))])).0, OPEN);
    let ended = [of(2023, vote(70_000)), of(2023, given_up(70_000))];
    assert_ne!(both(files(&ended), rows("region-list", &[unsaid(of(2023, vote(70_000)))])).0, KNOWN);
}

#[test]
fn files_that_ask_for_two_amounts_are_two_whoever_repeats_one() {
    let file =
        |key: &str, asked, one: StatementFacts| record("region", key, vec![of(2023, request(asked)), of(2023, one)]);
    let list = || rows("region-list", &[named("DEL-9", of(2023, vote(70_000)))]);
    let beside = |one| both(vec![file("a", 70_000, vote(70_000)), one], list());
    assert_eq!(beside(file("b", 29_000, engaged(13_541))), (KNOWN, Some(83_541)));
    assert_eq!(beside(file("b", 70_000, engaged(65_000))).0, OPEN, "asked alike");
    assert_eq!(beside(file("b", 75_000, given_up(70_000))).0, OPEN, "of the very amount");
    let given_up =
        vec![file("a", 70_000, vote(70_000)), file("b", 32_000, vote(31_309)), file("c", 71_000, given_up(70_000))];
    assert_eq!(both(given_up, list()).0, OPEN, "several files");
}

#[test]
fn what_is_given_up_beside_a_vote_of_another_amount_is_of_the_one_of_its_amount() {
    let one = |said: Vec<StatementFacts>| record("region", "one", said);
    let other = || files(&[under("FTU", on(3, vote(70_000)))]);
    let beside = |said: Vec<StatementFacts>| both(other(), vec![one(said)]).0;
    assert_eq!(beside(vec![on(2, vote(31_309)), on(6, given_up(70_000))]), OPEN);
    assert_eq!(beside(vec![on(8, vote(31_309)), on(6, given_up(70_000))]), OPEN, "voted later");
    assert_eq!(beside(vec![vote(31_309), given_up(70_000)]), OPEN);
    assert_eq!(beside(vec![on(2, vote(31_309)), on(6, given_up(6_000))]), OPEN, "in part, of nobody knows which");
    assert_eq!(beside(vec![on(2, vote(31_309)), on(6, given_up(31_309))]), KNOWN);
    assert_eq!(beside(vec![on(2, vote(31_309)), on(6, untold(Stage::Abandonne))]), KNOWN);
}

#[test]
fn a_stage_of_one_reference_is_of_its_vote_whatever_year_it_was_written_in() {
    let told = |first: StatementFacts, then: StatementFacts| {
        let (first, then) = (named("Z", of(2022, first)), named("Z", of(2023, then)));
        let here = line(files(&[first.clone(), then.clone()]));
        assert_eq!(
            both(files(std::slice::from_ref(&first)), rows("payments", std::slice::from_ref(&then))),
            here,
            "two systems"
        );
        assert_eq!(
            line([list(vec![first]), record("region", "r", vec![then])].into()).1,
            here.1,
            "a list and a system"
        );
        here
    };
    assert_eq!(told(vote(52_000), settled(47_000)), (KNOWN, Some(47_000)));
    assert_eq!(told(vote(52_000), settled(52_000)), (KNOWN, Some(52_000)));
    assert_eq!(told(vote(52_000), engaged(52_000)), (KNOWN, Some(52_000)));
    assert_eq!(told(proposal(41_000), vote(40_000)), (KNOWN, Some(40_000)));
    assert_eq!(told(engaged(52_000), settled(47_000)), (KNOWN, Some(47_000)));
    for ended in [given_up(52_000), untold(Stage::Abandonne)] {
        assert_eq!(told(vote(52_000), ended.clone()), (OPEN, None));
        assert_eq!(told(proposal(52_000), ended), (OPEN, None));
    }
    assert_eq!(
        line(files(&[named("Z", of(2022, vote(52_000))), named("Z", of(2023, engaged(47_000)))])).1,
        Some(47_000)
    );
}

fn proposal(cents: i64) -> StatementFacts {
    at_stage(Stage::Propose, cents)
}

#[test]
fn slices_of_a_programme_of_several_years_stay_several() {
    let slices = |all: &[(u16, StatementFacts)]| {
        let all: Vec<_> = all.iter().map(|(year, one)| named("Z", of(*year, one.clone()))).collect();
        line(files(&all))
    };
    assert_eq!(slices(&[(2021, vote(30)), (2022, vote(30)), (2023, vote(30))]), (KNOWN, Some(90)));
    assert_eq!(slices(&[(2021, engaged(30)), (2022, engaged(30)), (2023, engaged(30))]), (KNOWN, Some(90)));
    assert_eq!(
        slices(&[(2021, settled(28)), (2022, engaged(30)), (2023, vote(30))]),
        (KNOWN, Some(88)),
        "as each stands"
    );
    let each = [(2021, vote(30)), (2021, settled(28)), (2022, vote(30)), (2022, settled(29))];
    assert_eq!(slices(&each), (KNOWN, Some(57)));
    let whole = |rest| [(2021, vote(90)), (2021, engaged(30)), (2022, engaged(30)), (2023, engaged(rest))];
    assert_eq!(slices(&whole(30)), (KNOWN, Some(90)), "engaged by slices");
    assert_eq!(slices(&whole(31)).0, OPEN, "more than was voted");
    assert_eq!(slices(&[(2021, vote(90)), (2022, engaged(45)), (2023, engaged(45))]).0, OPEN);
    let anew = [(2022, vote(30)), (2023, request(40)), (2023, engaged(35))];
    assert_eq!(slices(&anew), (KNOWN, Some(65)), "asked anew");
    assert_eq!(slices(&[(2022, vote(30)), (2023, proposal(35))]), (KNOWN, Some(65)), "the next slice");
    let two = [(2021, vote(60)), (2022, vote(40))];
    let with = |one: StatementFacts| slices(&[two.to_vec(), vec![(2023, one)]].concat()).0;
    assert_eq!(with(settled(95)), OPEN, "of which");
    assert_eq!(with(untold(Stage::Abandonne)), OPEN);
    let paid = [two.to_vec(), vec![(2021, paid(20)), (2022, paid(35)), (2022, paid(5))]].concat();
    assert_eq!(slices(&paid), (KNOWN, Some(100)), "paid in instalments");
}

#[test]
fn without_a_reference_a_final_figure_of_another_year_is_in_doubt() {
    let told = |said: &[StatementFacts]| line(files(said)).0;
    let vote = || of(2021, vote(46_000));
    assert_eq!(told(&[vote(), of(2023, settled(45_018))]), OPEN);
    assert_eq!(told(&[vote(), day("2023-10-10", settled(45_018))]), OPEN);
    assert_eq!(told(&[vote(), of(2023, given_up(46_000))]), OPEN);
    assert_eq!(told(&[vote(), of(2023, untold(Stage::Abandonne))]), OPEN);
    assert_eq!(told(&[of(2023, settled(45_018)), of(2021, named("A", vote()))]), OPEN, "one side alone is numbered");
    assert_eq!(line(files(&[vote(), of(2023, settled(47_000))])), (KNOWN, Some(93_000)), "more than was voted");
    assert_eq!(line(files(&[vote(), of(2020, settled(45_000))])), (KNOWN, Some(91_000)), "before it");
    assert_eq!(told(&[named("A", vote()), named("B", of(2023, settled(45_018)))]), KNOWN, "two files");
    assert_eq!(told(&[named("A", vote()), named("B", of(2023, untold(Stage::Abandonne)))]), KNOWN, "two files");
    let own = record("region", "own", vec![of(2023, at_stage(Stage::Attribue, 48_000)), of(2023, settled(45_018))]);
    assert_eq!(both(files(&[vote()]), vec![own]), (KNOWN, Some(91_018)), "it has its own vote");
    let asked = record("region", "own", vec![of(2023, request(48_000)), of(2023, settled(45_018))]);
    assert_eq!(both(files(&[vote()]), vec![asked]), (KNOWN, Some(91_018)), "or its own request");
    let ended = record("region", "own", vec![vote(), of(2021, settled(44_000))]);
    assert_eq!(
        both(files(&[of(2023, settled(45_018))]), vec![ended]),
        (KNOWN, Some(89_018)),
        "the other one is settled"
    );
    let two = portfolio(files(&[vote(), of(2023, settled(45_018))]));
    assert_eq!(counted(&two), [46_000], "one of both counts");
}

#[test]
fn what_is_settled_may_be_the_last_instalment() {
    let paid_and = |payments: &[i64], last| {
        let payments: Vec<_> = payments.iter().map(|cents| named("C", paid(*cents))).collect();
        let list = [payments, vec![named("C", settled(last))]].concat();
        both(files(&[named("C", vote(46_000))]), rows("payments", &list))
    };
    for (payments, last) in
        [(vec![36_800], 9_200), (vec![23_000], 23_000), (vec![23_000, 23_000], 0), (vec![30_000], 10_000)]
    {
        // An amount of zero is no amount.
        assert_eq!(paid_and(&payments, last), (OPEN, Some(last).filter(|last| *last > 0)), "{payments:?}");
    }
    for (payments, last) in
        [(vec![46_000], 40_000), (vec![46_000], 46_000), (vec![23_000], 40_000), (vec![20_000, 20_000], 40_000)]
    {
        assert_eq!(paid_and(&payments, last), (KNOWN, Some(last)), "{payments:?}");
    }
    let unvoted = |last| told(rows("payments", &[named("C", paid(36_800)), named("C", settled(last))]));
    assert_eq!(unvoted(9_200), (OPEN, Some(9_200)));
    assert_eq!(unvoted(46_000), (KNOWN, Some(46_000)));
    let years =
        [of(2022, named("C", vote(46_000))), of(2022, named("C", paid(36_800))), of(2023, named("C", settled(9_200)))];
    assert_eq!(line(files(&years)).0, OPEN, "over two years");
}

#[test]
fn two_decisions_of_one_reference_are_not_two_sums_because_the_year_turned() {
    let amended = |first: i64, then: i64, reference: Option<&str>| {
        let dated = [day("2022-11-28", vote(first)), day("2023-02-10", vote(then))];
        let operating = |one| StatementFacts { nature: Some(Nature::Fonctionnement), ..one };
        let of = |one| StatementFacts { reference: reference.map(Into::into), ..operating(one) };
        line(files(&dated.map(of)))
    };
    assert_eq!(amended(41_000, 33_000, Some("K")).0, OPEN);
    assert_eq!(amended(41_000, 41_000, Some("K")).0, OPEN);
    let stated = [day("2022-11-28", of(2022, named("K", vote(41_000)))), day("2023-02-10", named("K", vote(33_000)))];
    assert_eq!(line(files(&stated)).0, OPEN, "one of them states no year");
    assert_eq!(counted(&portfolio(files(&stated))), [41_000]);
    let years =
        stated.map(|one| StatementFacts { year: one.decided_on.map(|day| chrono::Datelike::year(&day) as u16), ..one });
    assert_eq!(line(files(&years)), (KNOWN, Some(74_000)), "slices of two years");
    let engaged = [day("2022-12-01", named("K", vote(38_000))), day("2023-01-10", named("K", engaged(38_000)))];
    assert_eq!(line(files(&engaged)), (KNOWN, Some(38_000)));
}

/// A vote of December, in a record of the exercice of the year after.
fn of_next_exercice(all: Vec<StatementFacts>) -> RecordVersion {
    let mut own = record("region", "r", all);
    own.facts.project.get_or_insert_default().year = Some(2023);
    own
}

#[test]
fn a_funder_that_declares_the_sum_that_its_system_dates_of_that_year_declares_the_same_sum() {
    let operating = |one| StatementFacts { nature: Some(Nature::Fonctionnement), ..one };
    let own = || of_next_exercice(vec![operating(day("2022-12-12", vote(14_000)))]);
    let declared = |one| record("declared", "d", vec![operating(one)]);
    let same = told(vec![own(), declared(of(2022, vote(14_000)))]);
    assert_eq!(same, (KNOWN, Some(14_000)));
    let earlier = told(vec![own(), declared(of(2021, vote(14_000)))]);
    assert_eq!(earlier.0, OPEN, "of a year that the day does not let expect, and the other states none");
    assert_eq!(told(vec![own(), declared(of(2022, vote(15_000)))]).1, Some(29_000), "nor of that amount");
    let asked = |year| record("application", "a", vec![StatementFacts { year, ..operating(request(14_000)) }]);
    assert_eq!(told(vec![own(), declared(of(2022, vote(14_000))), asked(None)]), (KNOWN, Some(14_000)));
    let another = told(vec![own(), declared(of(2022, vote(14_000))), asked(Some(2023))]);
    assert_eq!(another, (OPEN, Some(14_000)), "what is asked of the year after has no answer");
}

#[test]
fn a_funder_that_refuses_all_that_is_asked_and_declares_a_sum_contradicts_itself() {
    let refused = |one: StatementFacts| files(&[of(2023, one)]);
    let asked = |all: &[i64]| {
        let all = all.iter().map(|cents| of(2023, request(*cents))).collect();
        vec![record("application", "a", all)]
    };
    let declared = |one: StatementFacts| rows("declared", &[of(2023, one)]);
    let refusal = || at_stage(Stage::Refuse, 14_000);
    let told = |all: [Vec<RecordVersion>; 3]| told(all.concat()).0;
    assert_eq!(told([refused(refusal()), asked(&[14_000]), declared(vote(16_000))]), OPEN);
    assert_eq!(
        told([refused(on(3, refusal())), asked(&[14_000]), declared(on(5, vote(16_000)))]),
        KNOWN,
        "the later word"
    );
    assert_eq!(told([refused(refusal()), asked(&[14_000, 16_000]), declared(vote(16_000))]), KNOWN, "it was asked");
    let own = files(&[of(2023, refusal()), of(2023, vote(16_000))]);
    assert_eq!(told([own, asked(&[14_000]), vec![]]), KNOWN, "two files of one system");
}

#[test]
fn one_decision_under_the_numbers_of_two_systems_is_in_doubt() {
    let row = |reference: &str, date: &str, cents| day(date, of(2023, named(reference, vote(cents))));
    let own = || files(&[row("DOS-8812", "2023-05-05", 46_000)]);
    let beside = |listed: &[StatementFacts]| both(own(), rows("region-list", listed));
    assert_eq!(beside(&[row("2023-0412-CP", "2023-05-05", 46_000)]).0, OPEN);
    assert_eq!(beside(&[row("2023-0412-CP", "2023-06-15", 46_000)]).0, OPEN, "the day of the convention");
    let elsewhere = |date| both(own(), rows("payments", &[row("2023-0412-CP", date, 46_000)]));
    assert_eq!(elsewhere("2023-05-05").0, OPEN, "two systems");
    assert_eq!(elsewhere("2023-05-06"), (KNOWN, Some(92_000)), "of another day");
    let later = of(2022, row("2023-0412-CP", "2022-05-06", 46_000));
    assert_eq!(beside(&[later]), (KNOWN, Some(92_000)), "of another year");
    assert_eq!(beside(&[row("2023-0412-CP", "2023-05-05", 45_000)]), (KNOWN, Some(91_000)), "of another amount");
    let two = [row("2023-0412-CP", "2023-05-05", 46_000), row("DOS-8812", "2023-05-05", 46_000)];
    assert_eq!(beside(&two), (KNOWN, Some(92_000)), "one numbering");
    let files = files(&[row("A", "2023-05-05", 46_000), row("B", "2023-05-05", 46_000)]);
    assert_eq!(told(files.clone()), (KNOWN, Some(92_000)), "two files of one system");
    assert_eq!(both(files, rows("region-list", &[row("C", "2023-05-05", 46_000)])).0, OPEN);
    let doubted = portfolio([own(), rows("region-list", &[row("2023-0412-CP", "2023-05-05", 46_000)])].concat());
    assert_eq!(counted(&doubted), [46_000]);
}

#[test]
fn what_is_ended_under_a_number_that_nothing_else_bears_may_be_of_another() {
    let own = || named("A", on(5, vote(46_000)));
    let ended = |one: StatementFacts| line(files(&[own(), named("CP-77", on(8, one))])).0;
    assert_eq!(ended(given_up(46_000)), OPEN);
    assert_eq!(ended(given_up(45_000)), KNOWN, "of another amount");
    assert_eq!(ended(settled(45_000)), KNOWN, "two files of one system");
    let before = line(files(&[own(), named("CP-77", on(3, given_up(46_000)))])).0;
    assert_eq!(before, KNOWN, "given up before the vote");
    let numbered = [own(), named("CP-77", request(46_000)), named("CP-77", on(8, given_up(46_000)))];
    assert_eq!(line(files(&numbered)).0, KNOWN, "the number is that of another request");
    let elsewhere = |cents, mine: &[StatementFacts]| {
        both(files(&[own()]), rows("payments", &[vec![named("M-2", settled(cents))], mine.to_vec()].concat()))
    };
    assert_eq!(elsewhere(45_000, &[]).0, OPEN, "a number of a list of payments");
    assert_eq!(elsewhere(47_000, &[]), (KNOWN, Some(93_000)), "more than was voted");
    assert_eq!(elsewhere(45_000, &[named("M-1", vote(9_000))]), (KNOWN, Some(100_000)), "that source votes too");
}

proptest::proptest! {
    /// A list that repeats one vote of the funder's system, in whatever form, tells nothing of what else that system says.
    #[test]
    fn who_repeats_a_vote_makes_nothing_surer(
        said in proptest::collection::vec((0_usize..7, 0_usize..3, 0_u16..2, 0_u32..3), 1..5),
        form in 0_usize..4,
    ) {
        use Stage::{Abandonne, Attribue, Engage, Propose, Solde, Sollicite};
        let stages = [Attribue, Attribue, Abandonne, Engage, Solde, Propose, Sollicite];
        let one = |(stage, amount, year, month): &(usize, usize, u16, u32)| {
            let one = at_stage(stages[*stage], [70_000, 31_309, 20_000][*amount]);
            let one = if *month == 0 { one } else { on(*month * 3, one) };
            if *year == 0 { of(2023, one) } else { one }
        };
        let said: Vec<_> = said.iter().map(one).collect();
        let Some(vote) = said.iter().find(|one| one.stage == Some(Stage::Attribue)) else { return Ok(()) };
        let listed = match form {
            0 => vote.clone(),
            1 => StatementFacts { nature: None, ..vote.clone() },
            2 => under("FTU", vote.clone()),
            _ => named("DEL-9", vote.clone()),
        };
        let is_known = |records| {
            let portfolio = portfolio(records);
            plan_at(&portfolio, moment(10)).lines.iter().all(|line| line.state == KNOWN)
        };
        let surer = is_known([files(&said), rows("region-list", &[listed])].concat());
        proptest::prop_assert!(!surer || is_known(files(&said)));
    }

    /// Whatever stages follow on the one vote of a reference, in whatever years and systems, what is known is no more than the vote.
    #[test]
    fn one_vote_of_a_reference_is_known_once(
        then in proptest::collection::vec((0_usize..5, 1_i64..=4, 0_u16..3, 0_usize..3), 0..4),
    ) {
        use Stage::{Abandonne, Engage, Propose, Solde, Verse};
        let sources = ["region", "region-list", "payments"];
        let mut records = vec![record("region", "vote", vec![named("Z", of(2021, vote(40_000)))])];
        for (at, (stage, quarters, years, source)) in then.into_iter().enumerate() {
            let stage = [Propose, Engage, Verse, Solde, Abandonne][stage];
            let year = if stage == Propose { 2021 - years } else { 2021 + years };
            let one = named("Z", of(year, at_stage(stage, quarters * 10_000)));
            records.push(record(sources[source], &format!("then-{at}"), vec![one]));
        }
        let (state, amount) = told(records);
        proptest::prop_assert!(state != KNOWN || amount.is_some_and(|amount| amount <= 40_000), "{amount:?}");
    }
}

mod apart;
mod asked;
mod ends;
mod in_doubt;
mod later;
mod parted;
mod published;
mod said_once;
mod words;

use crate::domain::facts::StatementFacts;
use crate::domain::money::Cents;
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::{Authority, Form, Nature, Stage};
use crate::portfolio::{Commitment, Portfolio, fixture::*};
use words::{at_stage, request, vote};

fn under(dispositif: &str, statement: StatementFacts) -> StatementFacts {
    StatementFacts { dispositif: DispositifCode::parse(dispositif).ok(), ..statement }
}

#[test]
fn a_euro_seen_in_three_systems_counts_once() {
    let portfolio = portfolio(vec![
        record("application", "a", vec![asked(REGION, 12_000)]),
        record("region", "r", vec![under("FTU", grant(REGION))]),
        record("region-list", "l", vec![StatementFacts { nature: None, ..grant(REGION) }]),
    ]);
    let [commitment] = commitments(&portfolio) else { panic!("one commitment") };
    assert_eq!(commitment.amount, Some(Cents::new(10_000)));
    assert_eq!(commitment.authority, Authority::Own);
    let statements = portfolio.project(crate::portfolio::ProjectIx::at(0)).statements(commitment);
    let order: Vec<_> = statements.iter().map(|one| one.authority).collect();
    assert_eq!(order, [Authority::Own, Authority::Own, Authority::Reported]);
}

#[test]
fn between_two_grants_nothing_is_guessed() {
    let portfolio = portfolio(vec![
        record("region", "ftu", vec![under("FTU", grant(REGION))]),
        record("region", "nqe", vec![under("NQE", grant(REGION))]),
        record("application", "a", vec![asked(REGION, 19_000)]),
    ]);
    let doubts: Vec<_> = commitments(&portfolio).iter().map(|one| (one.authority, one.doubts.uncertain)).collect();
    assert_eq!(
        doubts,
        [(Authority::Reported, true), (Authority::Own, false), (Authority::Own, false)],
        "the reported sum is shown, and counts for nothing beside the two"
    );
}

#[test]
fn the_funders_own_word_counts_before_finer_reports() {
    let yearly = |year| StatementFacts { year: Some(year), ..grant(REGION) };
    let portfolio = portfolio(vec![
        record("region", "whole", vec![grant(REGION)]),
        record("application", "a", vec![yearly(2024), yearly(2025)]),
    ]);
    let counted: Vec<_> = commitments(&portfolio).iter().filter(|one| one.counts()).map(|one| one.authority).collect();
    assert_eq!(counted, [Authority::Own]);
}

#[test]
fn what_each_leaves_out_the_other_fills() {
    let portfolio = portfolio(vec![
        record("region", "r", vec![StatementFacts { year: Some(2024), nature: None, ..grant(REGION) }]),
        record("application", "a", vec![asked(REGION, 10_000)]),
    ]);
    let [commitment] = commitments(&portfolio) else { panic!("one commitment") };
    assert_eq!((commitment.year, commitment.nature), (Some(2024), Some(Nature::Investissement)));
    assert_eq!(commitment.stage, Some(Stage::Attribue));
}

#[test]
fn the_unclear_one_is_set_aside_not_the_clear_ones() {
    let yearly = StatementFacts { nature: None, year: Some(2024), ..grant(REGION) };
    let operating = StatementFacts { nature: Some(Nature::Fonctionnement), ..grant(REGION) };
    let portfolio = portfolio(vec![
        record("region", "r", vec![grant(REGION), operating]),
        record("region-list", "l", vec![yearly]),
    ]);
    let counted = commitments(&portfolio).iter().filter(|one| one.counts());
    assert_eq!(counted.filter_map(|one| one.nature).count(), 2);
    assert_eq!(commitments(&portfolio).len(), 3);
}

#[test]
fn three_that_all_agree_are_one() {
    let bare = StatementFacts { nature: None, ..grant(REGION) };
    let portfolio = portfolio(vec![
        record("region", "r", vec![grant(REGION)]),
        record("metropole", "m", vec![bare.clone()]),
        record("region-list", "l", vec![StatementFacts { year: Some(2024), ..bare }]),
    ]);
    assert_eq!(commitments(&portfolio).len(), 1);
}

#[test]
fn natures_forms_funders_and_references_tell_sums_apart() {
    let reference = |text: &str| StatementFacts { reference: Some(text.into()), ..grant(REGION) };
    let portfolio = portfolio(vec![record(
        "region",
        "r",
        vec![
            reference("1"),
            reference("2"),
            StatementFacts { nature: Some(Nature::Fonctionnement), ..reference("1") },
            StatementFacts { form: Form::Pret, ..reference("1") },
            grant(METROPOLE),
        ],
    )]);
    assert_eq!(commitments(&portfolio).len(), 5);
}

/// A grant of the Region of so many cents, of a year where one is stated, at a stage.
fn sum(cents: i64, year: Option<u16>, stage: Stage) -> StatementFacts {
    StatementFacts { amount: Some(Cents::new(cents)), year, stage: Some(stage), ..grant(REGION) }
}

/// Amounts that count, then those that state them again; none in doubt.
fn sorted_out(portfolio: &Portfolio) -> (Vec<i64>, Vec<i64>) {
    let cents = |wanted: fn(&Commitment) -> bool| -> Vec<i64> {
        let mut found: Vec<i64> = commitments(portfolio)
            .iter()
            .filter(|one| wanted(one))
            .filter_map(|one| one.amount)
            .map(Cents::get)
            .collect();
        found.sort_unstable();
        found
    };
    assert!(commitments(portfolio).iter().all(|one| !one.doubts.any()), "{:?}", commitments(portfolio));
    (cents(Commitment::counts), cents(|one| one.doubts.restated))
}

#[test]
fn a_total_that_others_report_beside_the_partial_sums_of_the_funder_is_evidence() {
    let portfolio = portfolio(vec![
        record("region", "ftu", vec![under("FTU", grant(REGION))]),
        record("region", "nqe", vec![under("NQE", grant(REGION))]),
        record("application", "a", vec![asked(REGION, 20_000)]),
    ]);
    assert_eq!(sorted_out(&portfolio), (vec![10_000, 10_000], vec![20_000]));
}

#[test]
fn a_grant_spread_over_years_counts_once_whoever_tells_the_whole() {
    let tranches = || [2024, 2025, 2026].map(|year| sum(3_000, Some(year), Stage::Engage)).to_vec();
    let by_tranches = portfolio(vec![
        record("region", "t", tranches()),
        record("region-list", "whole", vec![sum(9_000, None, Stage::Attribue)]),
    ]);
    assert_eq!(sorted_out(&by_tranches), (vec![3_000, 3_000, 3_000], vec![9_000]));
    let whole_first = portfolio(vec![
        record("region", "whole", vec![sum(9_000, None, Stage::Attribue)]),
        record("application", "t", tranches()),
    ]);
    assert_eq!(sorted_out(&whole_first), (vec![9_000], vec![3_000, 3_000, 3_000]));
}

#[test]
fn a_cent_too_much_and_it_stays_in_doubt() {
    let portfolio = portfolio(vec![
        record("region", "t", [2024, 2025].map(|year| sum(3_000, Some(year), Stage::Engage)).to_vec()),
        record("region-list", "whole", vec![sum(6_001, None, Stage::Attribue)]),
    ]);
    assert!(commitments(&portfolio).iter().any(|one| one.doubts.uncertain));
    let counted: i64 =
        commitments(&portfolio).iter().filter(|one| one.counts()).filter_map(|one| one.amount).map(Cents::get).sum();
    assert_eq!(counted, 6_000, "never both");
}

#[test]
fn payments_of_several_years_are_a_stage_of_their_grant() {
    let portfolio = portfolio(vec![
        record("region", "vote", vec![sum(9_000, None, Stage::Attribue)]),
        record("region", "p24", vec![sum(3_000, Some(2024), Stage::Verse)]),
        record("region", "p25", vec![sum(3_000, Some(2025), Stage::Verse)]),
    ]);
    let [grant] = commitments(&portfolio) else { panic!("one grant: {:?}", commitments(&portfolio)) };
    assert_eq!((grant.amount, grant.stage, grant.year), (Some(Cents::new(9_000)), Some(Stage::Attribue), None));
    assert!(!grant.doubts.any() && grant.counts());
    let figures = portfolio.project(crate::portfolio::ProjectIx::at(0)).figures(grant);
    let paid = figures.iter().find(|figure| figure.stage == Stage::Verse).expect("paid");
    assert_eq!(paid.amount, None, "two payments: neither tells what was paid in all");
}

#[test]
fn a_payment_follows_the_reference_of_its_grant_into_another_year() {
    let of = |reference: &str, one: StatementFacts| StatementFacts { reference: Some(reference.into()), ..one };
    let portfolio = portfolio(vec![
        record("region", "a", vec![of("EJ-A", sum(9_000, Some(2024), Stage::Attribue))]),
        record("region", "b", vec![of("EJ-B", sum(5_000, Some(2025), Stage::Attribue))]),
        record("region", "paid", vec![of("EJ-A", sum(4_000, Some(2025), Stage::Verse))]),
    ]);
    assert_eq!(sorted_out(&portfolio), (vec![5_000, 9_000], vec![]));
    assert_eq!(commitments(&portfolio).len(), 2);
}

#[test]
fn a_payment_is_of_the_grant_of_its_year_else_of_the_only_earlier_one() {
    let paid_into = |years: &[u16], paid: u16| -> Vec<Option<u16>> {
        let votes = years
            .iter()
            .map(|year| record("region", &format!("v{year}"), vec![sum(9_000, Some(*year), Stage::Attribue)]));
        let payment = record("region", "paid", vec![sum(4_000, Some(paid), Stage::Verse)]);
        let portfolio = portfolio(votes.chain([payment]).collect());
        let case = portfolio.project(crate::portfolio::ProjectIx::at(0));
        let is_paid = |one: &&Commitment| case.statements(one).iter().any(|said| said.stage == Some(Stage::Verse));
        case.commitments.iter().filter(is_paid).map(|one| one.year).collect()
    };
    assert_eq!(paid_into(&[2024, 2025], 2025), [Some(2025)]);
    assert_eq!(paid_into(&[2024], 2026), [Some(2024)]);
    assert_eq!(paid_into(&[2024, 2025], 2026), [Some(2026)], "of neither: it stands alone");
}

#[test]
fn between_two_grants_a_payment_is_of_neither() {
    let portfolio = portfolio(vec![
        record("region", "ftu", vec![under("FTU", sum(9_000, None, Stage::Attribue))]),
        record("region", "nqe", vec![under("NQE", sum(5_000, None, Stage::Attribue))]),
        record("region", "paid", vec![sum(4_000, Some(2025), Stage::Verse)]),
    ]);
    assert_eq!(commitments(&portfolio).len(), 3);
    let counted = commitments(&portfolio).iter().filter(|one| one.counts()).filter_map(|one| one.amount);
    assert_eq!(counted.map(Cents::get).sum::<i64>(), 14_000);
}

#[test]
fn an_abatement_counts_once_and_the_programme_of_the_landlord_is_its_use() {
    const LANDLORD: &str = "siren:783707003";
    let forgone = |cents| StatementFacts { form: Form::Exoneration, ..under("TFPB", voted(REGION, cents)) };
    let programme = |cents| under("TFPB", voted(LANDLORD, cents));
    let counted = |portfolio: &Portfolio| -> Vec<i64> {
        commitments(portfolio).iter().filter(|one| one.counts()).filter_map(|one| one.amount).map(Cents::get).collect()
    };
    let both = |spent| {
        portfolio(vec![
            record("region", "abatement", vec![forgone(9_000)]),
            record("application", "programme", vec![programme(spent)]),
        ])
    };
    assert_eq!(counted(&both(8_000)), [9_000], "what is left of it is not used yet");
    assert!(commitments(&both(8_000)).iter().any(|one| one.doubts.restated));
    let more = both(9_001);
    assert_eq!(counted(&more), [9_000]);
    assert!(commitments(&more).iter().any(|one| one.doubts.uncertain), "a cent that no abatement pays");
    let alone = portfolio(vec![record("application", "programme", vec![programme(8_000)])]);
    assert_eq!(counted(&alone), [8_000]);
}

/// A voted sum of so many cents.
fn voted(funder: &str, cents: i64) -> StatementFacts {
    StatementFacts { amount: Some(Cents::new(cents)), ..grant(funder) }
}

/// Product rule: a plan that was acknowledged stays acknowledged whatever is paid.
#[test]
fn paying_changes_no_plan() {
    let vote = |year| record("region", "vote", vec![sum(9_000, year, Stage::Attribue)]);
    let paid = |key: &str, year| record("region", key, vec![sum(3_000, Some(year), Stage::Verse)]);
    let content = |records| {
        let portfolio = portfolio(records);
        portfolio.plan_content(crate::portfolio::ProjectIx::at(0))
    };
    for year in [None, Some(2024)] {
        let before = content(vec![vote(year)]);
        assert_eq!(content(vec![vote(year), paid("p24", 2024)]), before, "{year:?}");
        assert_eq!(content(vec![vote(year), paid("p24", 2024), paid("p26", 2026)]), before, "{year:?}, paid later");
    }
    assert_ne!(
        content(vec![vote(Some(2024)), paid("p23", 2023)]),
        content(vec![vote(Some(2024))]),
        "not before it was voted"
    );
    assert_eq!(content(vec![vote(None), paid("p24", 2024), paid("p25", 2025)]), content(vec![vote(None)]));
}

fn referred(reference: &str, one: StatementFacts) -> StatementFacts {
    StatementFacts { reference: Some(reference.into()), ..one }
}

fn counted(portfolio: &Portfolio) -> Vec<i64> {
    let counts = commitments(portfolio).iter().filter(|one| one.counts());
    counts.filter_map(|one| one.amount).map(Cents::get).collect()
}

#[test]
fn one_reference_is_one_sum_whatever_year_its_decision_lets_expect() {
    let day = crate::domain::Date::from_ymd_opt(2025, 12, 15).expect("a day");
    let vote = |year| {
        let nature = Some(Nature::Fonctionnement);
        referred("ARR-1", StatementFacts { nature, decided_on: Some(day), ..sum(40_000, year, Stage::Attribue) })
    };
    let mut own = record("region", "r", vec![vote(None)]);
    own.facts.project.get_or_insert_default().year = Some(2026);
    // The year of the list is that of the day of the decision, as SCDL has it.
    let listed = |one: StatementFacts| {
        let both = portfolio(vec![own.clone(), record("region-list", "l", vec![one])]);
        (counted(&both), commitments(&both).len())
    };
    assert_eq!(listed(vote(Some(2025))), (vec![40_000], 1));
    let unreferred = StatementFacts { reference: None, ..vote(Some(2025)) };
    assert_eq!(listed(unreferred.clone()), (vec![40_000], 1), "one decision to the day and the cent");
    let another = StatementFacts { amount: Some(Cents::new(30_000)), ..unreferred };
    assert_eq!(listed(another).1, 2, "of another exercice");
}

#[test]
fn the_stages_that_one_record_gives_of_one_reference_are_one_sum_beside_whatever_is_asked() {
    let day = crate::domain::Date::from_ymd_opt(2026, 9, 15);
    for reference in [Some("G-1"), None] {
        let of = |stage, cents, decided_on| {
            let one = under("NQE", StatementFacts { nature: None, decided_on, ..sum(cents, None, stage) });
            StatementFacts { reference: reference.map(Into::into), ..one }
        };
        let operating = StatementFacts { nature: Some(Nature::Fonctionnement), ..under("NQE", asked(REGION, 10_000)) };
        let portfolio = portfolio(vec![
            record("region", "r", vec![of(Stage::Attribue, 9_000, day), of(Stage::Solde, 8_000, None)]),
            record("application", "a", vec![StatementFacts { year: Some(2026), ..asked(REGION, 50_000) }, operating]),
        ]);
        let counted = counted(&portfolio);
        assert!(counted.contains(&8_000) && !counted.contains(&9_000), "{reference:?}: {counted:?}");
    }
}

#[test]
fn rows_of_one_reference_are_one_sum_though_a_request_may_be_of_either() {
    let list = |one: StatementFacts| StatementFacts { nature: None, ..one };
    let portfolio = portfolio(vec![
        record("region", "r0", vec![referred("G-0", sum(10_000, Some(2025), Stage::Attribue))]),
        record("region", "r1", vec![referred("G-1", sum(30_000, Some(2026), Stage::Attribue))]),
        record(
            "region-list",
            "l0",
            vec![under("NQE", referred("G-0", list(sum(10_000, Some(2025), Stage::Attribue))))],
        ),
        record("region-list", "l1", vec![under("NQE", referred("G-1", list(sum(30_000, None, Stage::Attribue))))]),
        record(
            "application",
            "a",
            vec![under("NQE", sum(10_000, Some(2025), Stage::Sollicite)), sum(30_000, Some(2026), Stage::Sollicite)],
        ),
    ]);
    assert_eq!(sorted_out(&portfolio), (vec![10_000, 30_000], vec![]));
    assert_eq!(commitments(&portfolio).len(), 2);
}

/// A file has one row in its desk, which says how far it is: another row is another file, unless a reference says that it is the same.
#[test]
fn two_records_of_one_system_at_two_stages_are_not_taken_for_one_sum() {
    let two = |one: StatementFacts, other: StatementFacts| {
        let portfolio = portfolio(vec![record("region", "k0", vec![one]), record("region", "k1", vec![other])]);
        let doubted = commitments(&portfolio).iter().filter(|one| one.doubts.any()).count();
        (commitments(&portfolio).len(), counted(&portfolio), doubted)
    };
    let vote = || sum(35_000, Some(2026), Stage::Attribue);
    assert_eq!(two(sum(50_000, Some(2026), Stage::Sollicite), vote()), (2, vec![35_000], 1));
    assert_eq!(two(under("FTU", sum(29_000, Some(2026), Stage::Propose)), vote()), (2, vec![35_000], 1));
    assert_eq!(two(vote(), sum(30_000, None, Stage::Solde)), (2, vec![35_000], 1));
    assert_eq!(two(vote(), StatementFacts { amount: None, ..sum(0, None, Stage::Abandonne) }).2, 2);
    let refused = StatementFacts { amount: None, ..sum(0, Some(2026), Stage::Refuse) };
    assert_eq!(two(vote(), refused.clone()), (2, vec![35_000], 2));
    assert_eq!(two(sum(20_000, Some(2026), Stage::Sollicite), refused), (2, vec![20_000], 0), "it is still asked");
    let named = |one| referred("D-1", one);
    assert_eq!(two(named(sum(50_000, Some(2026), Stage::Sollicite)), named(vote())), (1, vec![35_000], 0));
    assert_eq!(two(vote(), sum(10_000, Some(2026), Stage::Verse)), (1, vec![35_000], 0), "a payment is of its grant");
}

#[test]
fn paying_a_grant_that_two_systems_state_in_other_words_changes_no_plan() {
    let vote = || referred("G-0", under("FTU", sum(35_000, Some(2026), Stage::Attribue)));
    let listed = || referred("G-0", StatementFacts { nature: None, ..sum(35_000, Some(2026), Stage::Attribue) });
    let requests = || vec![sum(35_000, Some(2026), Stage::Sollicite), sum(9_000, Some(2025), Stage::Sollicite)];
    let content = |paid: Vec<StatementFacts>| {
        let mut records = vec![
            record("region", "r", vec![vote()]),
            record("region-list", "l", vec![listed()]),
            record("application", "a", requests()),
        ];
        let payments = paid.into_iter().enumerate();
        records.extend(payments.map(|(at, one)| record("region", &format!("p{at}"), vec![one])));
        let portfolio = portfolio(records);
        (portfolio.plan_content(crate::portfolio::ProjectIx::at(0)), commitments(&portfolio).len())
    };
    let before = content(Vec::new());
    let bare = |year| referred("G-0", StatementFacts { nature: None, ..sum(8_750, year, Stage::Verse) });
    for paid in [bare(None), bare(Some(2027)), referred("G-0", under("FTU", sum(8_750, Some(2027), Stage::Verse)))] {
        assert_eq!(content(vec![paid.clone()]), before, "{paid:?}");
    }
    assert_eq!(content(vec![bare(Some(2026)), bare(Some(2027))]), before);
}

//! Envelopes, with figures worked out by hand.

use super::fixture::*;
use super::{EnvelopeFilter, Portfolio};
use crate::domain::Date;
use crate::domain::envelope::{EnvelopeFacts, EnvelopeTransferFacts};
use crate::domain::facts::{Places, QuartierShare, ReferenceFacts, StatementFacts};
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, QuartierCode};
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::siren::Siren;
use crate::domain::text::{DispositifCode, EnvelopeCode};
use crate::domain::vocabulary::{Form, Nature, QuartierKind, Stage, TaxBasis};

/// Two EPCI: the first has the quartier QN05901M, the second QN06201M; QN05903M lies in both.
const EPCI: [&str; 2] = ["200093201", "200053742"];

fn siren(at: usize) -> Siren {
    Siren::parse(EPCI[at]).expect("sound")
}

fn tables() -> Vec<RecordVersion> {
    let commune = |code: &str| CommuneCode::parse(code).expect("sound");
    let within =
        |code: &str, at| ReferenceFacts::Commune { code: commune(code), name: code.into(), epci: Some(siren(at)) };
    let quartier = |code: &str, communes: &[&str]| ReferenceFacts::Quartier {
        code: QuartierCode::parse(code).expect("sound"),
        name: code.into(),
        kind: QuartierKind::Qpv,
        npnru: None,
        communes: communes.iter().map(|code| commune(code)).collect(),
        epcis: Vec::new(),
        contrats: Vec::new(),
        predecessors: Vec::new(),
    };
    let all = [
        within("59001", 0),
        within("62001", 1),
        quartier("QN05901M", &["59001"]),
        quartier("QN06201M", &["62001"]),
        quartier("QN05903M", &["59001", "62001"]),
    ];
    all.into_iter().map(reference).collect()
}

/// An envelope of the Region in 2026: for an EPCI, FTU, investment, of 1,000 euros.
fn envelope(code: &str, epci: Option<usize>) -> EnvelopeFacts {
    EnvelopeFacts {
        code: EnvelopeCode::parse(code).expect("sound"),
        funder: OrganisationId::parse(REGION).expect("sound"),
        epci: epci.map(siren),
        dispositif: DispositifCode::parse("FTU").ok(),
        year: 2026,
        until_year: None,
        nature: Some(Nature::Investissement),
        amount: Some(Cents::new(100_000)),
        fungible: Some("A".into()),
    }
}

fn transfer(from: &str, to: &str, cents: i64, day: &str) -> EnvelopeTransferFacts {
    EnvelopeTransferFacts {
        from: EnvelopeCode::parse(from).expect("sound"),
        to: EnvelopeCode::parse(to).expect("sound"),
        amount: Some(Cents::new(cents)),
        decided_on: day.parse::<Date>().ok(),
        reference: None,
    }
}

/// A grant of the Region under FTU in 2026, of so much.
fn ftu(cents: i64) -> StatementFacts {
    StatementFacts {
        dispositif: DispositifCode::parse("FTU").ok(),
        year: Some(2026),
        amount: Some(Cents::new(cents)),
        ..grant(REGION)
    }
}

fn on(codes: &[&str]) -> Places {
    let quartiers = codes.iter().map(|code| QuartierCode::parse(code).expect("sound")).collect();
    Places { quartiers, ..Places::default() }
}

/// One project for each grant.
fn world(
    envelopes: Vec<EnvelopeFacts>,
    transfers: Vec<EnvelopeTransferFacts>,
    grants: Vec<(StatementFacts, Places)>,
) -> Portfolio {
    let mut records = tables();
    records.extend(envelopes.into_iter().map(|one| reference(ReferenceFacts::Envelope(Box::new(one)))));
    records.extend(transfers.into_iter().map(|one| reference(ReferenceFacts::EnvelopeTransfer(Box::new(one)))));
    for (at, (grant, places)) in grants.into_iter().enumerate() {
        let mut record = with_places(record("region", &format!("r{at}"), vec![grant]), places);
        record.project = Some(project(u8::try_from(at + 1).expect("few")));
        records.push(record);
    }
    portfolio(records)
}

/// Of one envelope: what it has, what is consumed, what is told apart and how often, what remains, and at most.
type Figures = (Option<i64>, Option<i64>, Option<i64>, u32, Option<i64>, Option<i64>);

fn figures(portfolio: &Portfolio, code: &str) -> Figures {
    let balance = portfolio.balance(portfolio.envelope_by_code(code).expect("an envelope"), moment(10));
    let cents = |amount: Option<Cents>| amount.map(Cents::get);
    assert_eq!(balance.remaining.is_some(), balance.available.is_some() && !balance.partial);
    (
        cents(balance.available),
        cents(balance.consumed),
        cents(balance.unattributed),
        balance.unattributed_count,
        cents(balance.remaining),
        cents(balance.remaining_at_most),
    )
}

fn warnings(portfolio: &Portfolio, code: &str) -> Vec<String> {
    let found = portfolio.envelope_warnings(portfolio.envelope_by_code(code).expect("an envelope"), moment(10));
    let ours = found.into_iter().map(|one| one.code.to_string());
    ours.filter(|code| code != "epci-unknown" && code != "dispositif-unknown").collect()
}

#[test]
fn what_is_decided_in_it_is_consumed_and_more_than_it_has_is_told() {
    let here = || on(&["QN05901M"]);
    let grants = vec![
        (ftu(30_000), here()),
        (StatementFacts { stage: Some(Stage::Engage), ..ftu(20_000) }, here()),
        (StatementFacts { stage: Some(Stage::Propose), ..ftu(1_000) }, here()),
        (StatementFacts { stage: Some(Stage::Sollicite), ..ftu(7) }, here()),
        (StatementFacts { stage: Some(Stage::Refuse), ..ftu(7) }, here()),
        (StatementFacts { form: Form::Pret, ..ftu(7) }, here()),
        (StatementFacts { nature: Some(Nature::Fonctionnement), ..ftu(7) }, here()),
        (StatementFacts { year: Some(2025), ..ftu(7) }, here()),
        (StatementFacts { dispositif: DispositifCode::parse("NQE").ok(), ..ftu(7) }, here()),
        (ftu(110_001), on(&["QN06201M"])),
    ];
    let portfolio = world(vec![envelope("A", Some(0)), envelope("B", Some(1))], Vec::new(), grants);
    assert_eq!(figures(&portfolio, "A"), (Some(100_000), Some(50_000), None, 0, Some(50_000), Some(50_000)));
    assert_eq!(figures(&portfolio, "B"), (Some(100_000), Some(110_001), None, 0, Some(-10_001), Some(-10_001)));
    let balance = portfolio.balance(portfolio.envelope_by_code("A").expect("there"), moment(10));
    assert_eq!((balance.reserved, balance.count, balance.partial), (Some(Cents::new(1_000)), 2, false));
    let of_b = EnvelopeFilter { epci: vec![EPCI[1].to_owned()], year: vec![2026], ..EnvelopeFilter::default() };
    let found = portfolio.envelopes_where(&of_b);
    assert_eq!(found, [portfolio.envelope_by_code("B").expect("there")]);
}

#[test]
fn what_may_be_its_own_is_told_apart_and_nothing_is_sure_to_remain() {
    let a_and_b = || vec![envelope("A", Some(0)), envelope("B", Some(1))];
    let both: Figures = (Some(100_000), Some(0), Some(10), 1, None, Some(100_000));
    let none: Figures = (Some(100_000), Some(0), None, 0, Some(100_000), Some(100_000));
    let of_one = |grant: StatementFacts, places| {
        let portfolio = world(a_and_b(), Vec::new(), vec![(grant, places)]);
        (figures(&portfolio, "A"), figures(&portfolio, "B"))
    };
    assert_eq!(of_one(ftu(10), on(&["QN05901M", "QN06201M"])), (both, both), "in several EPCI");
    assert_eq!(of_one(ftu(10), on(&["QN05903M"])), (both, both), "in one of two EPCI");
    assert_eq!(of_one(ftu(10), Places::default()), (both, both), "nowhere");
    assert_eq!(of_one(ftu(10), on(&["QN05901M", "QN08001M"])), (both, both), "one of its quartiers is nowhere");
    let here = || on(&["QN05901M"]);
    assert_eq!(of_one(StatementFacts { nature: None, ..ftu(10) }, here()), (both, none));
    assert_eq!(of_one(StatementFacts { year: None, ..ftu(10) }, here()), (both, none));
    assert_eq!(of_one(StatementFacts { dispositif: None, ..ftu(10) }, here()), (both, none));
    assert_eq!(of_one(StatementFacts { stage: None, ..ftu(10) }, here()), (both, none));
    // An unknown amount is surely its own: what is consumed is not known, what remains is less than that.
    let unknown = of_one(StatementFacts { amount: None, ..ftu(10) }, here()).0;
    assert_eq!(unknown, (Some(100_000), None, None, 0, None, Some(100_000)));
    // A reduction that may be its own: nobody knows how much remains at most.
    let reduced = of_one(StatementFacts { nature: None, ..ftu(-10) }, here()).0;
    assert_eq!((reduced.4, reduced.5), (None, None));
}

#[test]
fn stated_shares_split_a_sum_between_epci() {
    let share = |code: &str, share| QuartierShare {
        quartier: QuartierCode::parse(code).expect("sound"),
        share: BasisPoints::new(share),
    };
    let shares = vec![share("QN05901M", 6_000), share("QN06201M", 2_500)];
    let places = Places { shares, ..on(&["QN05901M", "QN06201M"]) };
    let portfolio = world(vec![envelope("A", Some(0)), envelope("B", Some(1))], Vec::new(), vec![(ftu(1_000), places)]);
    assert_eq!(figures(&portfolio, "A"), (Some(100_000), Some(600), Some(150), 1, None, Some(99_400)));
    assert_eq!(figures(&portfolio, "B"), (Some(100_000), Some(250), Some(150), 1, None, Some(99_750)));
}

#[test]
fn the_most_specific_envelope_takes_a_sum_and_two_that_overlap_take_none() {
    let wide = EnvelopeFacts { nature: None, dispositif: None, until_year: Some(2028), ..envelope("W", None) };
    let here = || on(&["QN05901M"]);
    let grants = vec![(ftu(10), here()), (StatementFacts { year: Some(2027), ..ftu(300) }, here())];
    let portfolio = world(vec![envelope("A", Some(0)), wide.clone()], Vec::new(), grants.clone());
    assert_eq!(figures(&portfolio, "A").1, Some(10));
    assert_eq!(figures(&portfolio, "W"), (Some(100_000), Some(300), None, 0, Some(99_700), Some(99_700)));
    // One for the EPCI whatever the dispositif, one for the dispositif wherever: neither is narrower.
    let of_epci = EnvelopeFacts { dispositif: None, ..envelope("E", Some(0)) };
    let overlapping = vec![of_epci, envelope("F", None), wide];
    let portfolio = world(overlapping, Vec::new(), grants);
    for code in ["E", "F"] {
        assert_eq!(figures(&portfolio, code), (Some(100_000), Some(0), Some(10), 1, None, Some(100_000)), "{code}");
        assert_eq!(warnings(&portfolio, code), ["sum-between-envelopes"]);
    }
    assert_eq!(figures(&portfolio, "W").1, Some(300));
    assert!(warnings(&portfolio, "W").is_empty());
    // A narrower one that a sum may be of leaves the wider one in doubt.
    let any_nature = EnvelopeFacts { nature: None, ..envelope("N", Some(0)) };
    let unstated = StatementFacts { nature: None, ..ftu(10) };
    let portfolio = world(vec![any_nature, envelope("A", Some(0))], Vec::new(), vec![(unstated, here())]);
    assert_eq!((figures(&portfolio, "N").1, figures(&portfolio, "N").2), (Some(0), Some(10)));
    assert_eq!((figures(&portfolio, "A").1, figures(&portfolio, "A").2), (Some(0), Some(10)));
}

#[test]
fn a_transfer_counts_where_it_may_be() {
    let three = || vec![envelope("A", Some(0)), envelope("B", Some(1)), envelope("C", None)];
    // In the order of decisions: B gives on what it has from A.
    let chain = vec![transfer("B", "C", 130_000, "2026-05-01"), transfer("A", "B", 40_000, "2026-03-01")];
    let portfolio = world(three(), chain, Vec::new());
    let has = |code| figures(&portfolio, code).0;
    assert_eq!((has("A"), has("B"), has("C")), (Some(60_000), Some(10_000), Some(230_000)));
    assert!(warnings(&portfolio, "B").is_empty());
    assert_eq!(figures(&portfolio, "B").4, Some(10_000));
}

/// Each with a transfer that may not be.
#[test]
fn a_transfer_that_may_not_be_is_told_and_does_not_count() {
    let other_funder =
        EnvelopeFacts { funder: OrganisationId::parse(METROPOLE).expect("sound"), ..envelope("B", None) };
    let cases = [
        (envelope("B", Some(1)), transfer("A", "B", 100_001, "2026-03-01")),
        (envelope("B", Some(1)), transfer("A", "A", 1, "2026-03-01")),
        (envelope("B", Some(1)), EnvelopeTransferFacts { amount: None, ..transfer("A", "B", 1, "2026-03-01") }),
        (EnvelopeFacts { year: 2027, ..envelope("B", Some(1)) }, transfer("A", "B", 1, "2026-03-01")),
        (EnvelopeFacts { fungible: None, ..envelope("B", Some(1)) }, transfer("A", "B", 1, "2026-03-01")),
        (EnvelopeFacts { fungible: Some("Z".into()), ..envelope("B", Some(1)) }, transfer("A", "B", 1, "2026-03-01")),
        (other_funder, transfer("A", "B", 1, "2026-03-01")),
        (envelope("B", Some(1)), transfer("A", "Z", 1, "2026-03-01")),
    ];
    for (other, transfer) in cases {
        let told = format!("{other:?} {transfer:?}");
        let to_other = transfer.to.as_str() == "B";
        let portfolio = world(vec![envelope("A", Some(0)), other], vec![transfer], Vec::new());
        assert_eq!(warnings(&portfolio, "A"), ["transfer-not-counted"], "{told}");
        let (has, .., remains, _) = figures(&portfolio, "A");
        assert_eq!((has, remains), (Some(100_000), None), "{told}");
        if to_other {
            assert!(warnings(&portfolio, "B").contains(&"transfer-not-counted".to_owned()), "{told}");
            assert_eq!((figures(&portfolio, "B").0, figures(&portfolio, "B").5), (Some(100_000), None), "{told}");
        }
        let refused = portfolio.transfers_of(portfolio.envelope_by_code("A").expect("there")).next();
        assert!(refused.is_some_and(|one| one.refused.is_some()), "{told}");
    }
}

#[test]
fn an_unknown_target_is_no_zero_and_an_unread_funder_is_told() {
    let untold = EnvelopeFacts { amount: None, ..envelope("A", Some(0)) };
    let of_etat = EnvelopeFacts { funder: OrganisationId::parse(ETAT).expect("sound"), ..envelope("E", Some(0)) };
    let portfolio = world(vec![untold, of_etat], Vec::new(), vec![(ftu(10), on(&["QN05901M"]))]);
    assert_eq!(figures(&portfolio, "A"), (None, Some(10), None, 0, None, None));
    assert_eq!(figures(&portfolio, "E"), (Some(100_000), None, None, 0, None, Some(100_000)));
    assert_eq!(warnings(&portfolio, "E"), ["funder-unread"]);
}

#[test]
fn what_remains_is_not_told_of_a_funder_that_was_not_read_in_time() {
    let mut image = image(vec![reference(ReferenceFacts::Envelope(Box::new(envelope("A", Some(0)))))]);
    let told = |portfolio: &Portfolio, second| {
        let ix = portfolio.envelope_by_code("A").expect("there");
        let codes = portfolio.envelope_warnings(ix, moment(second)).into_iter().map(|one| one.code.to_string());
        let late = codes.filter(|code| code == "funder-late").count();
        let balance = portfolio.balance(ix, moment(second));
        (balance.remaining.map(Cents::get), balance.consumed.map(Cents::get), balance.partial, late)
    };
    let late = i64::try_from(MAX_AGE_S).expect("small") + 1;
    let portfolio = Portfolio::build(&image);
    assert_eq!(told(&portfolio, 10), (Some(100_000), Some(0), false, 0));
    assert_eq!(told(&portfolio, late), (None, None, true, 1));
    image.sources.iter_mut().for_each(|source| source.held = true);
    assert_eq!(told(&Portfolio::build(&image), 10), (None, None, true, 1));
}

#[test]
fn mixed_tax_bases_rows_that_are_gone_and_codes_that_come_twice() {
    let here = || on(&["QN05901M"]);
    let grants = vec![(ftu(1), here()), (StatementFacts { tax_basis: TaxBasis::Ht, ..ftu(2) }, here())];
    let portfolio = world(vec![envelope("A", Some(0))], Vec::new(), grants);
    assert!(portfolio.balance(portfolio.envelope_by_code("A").expect("there"), moment(10)).mixed_tax_basis);
    let row = |facts| reference(ReferenceFacts::Envelope(Box::new(facts)));
    let closed = RecordVersion { state: RecordState::Closed, ..row(envelope("A", Some(0))) };
    let older = row(envelope("B", Some(0)));
    let newer = RecordVersion { observed_at: at(9), ..row(EnvelopeFacts { amount: None, ..envelope("B", Some(0)) }) };
    let portfolio = super::fixture::portfolio(vec![newer, closed, older]);
    assert_eq!(portfolio.envelope_by_code("A"), None);
    assert_eq!(figures(&portfolio, "B").0, None, "the row observed last has the word");
    assert_eq!(warnings(&portfolio, "B"), ["envelope-twice"]);
}

//! What holds for any ledger: the order of records, the way that a portfolio was reached, and the dimensions of
//! totals change nothing of what is counted.

mod read_first;

use super::fixture::*;
use super::*;
use crate::domain::act::{Decision, Score};
use crate::domain::envelope::EnvelopeFacts;
use crate::domain::facts::{Places, QuartierShare, ReferenceFacts, StatementFacts};
use crate::domain::image::{LedgerDelta, LedgerImage};
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, ContratCode, QuartierCode};
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::siren::Siren;
use crate::domain::text::{DispositifCode, EnvelopeCode};
use crate::domain::vocabulary::{CellState, Dimension, Family, Form, Nature, QuartierKind, Stage, TaxBasis};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::BTreeSet;

const SOURCES: [&str; 4] = ["region", "region-list", "metropole", "application"];
const QUARTIERS: [&str; 4] = ["QN05901M", "QN05902M", "QN05903M", "QP059001"];

pub(super) fn statement() -> impl Strategy<Value = StatementFacts> {
    let what = (
        select(vec![REGION, METROPOLE, ETAT]),
        of(select(Nature::ALL)),
        select(vec![Form::Subvention, Form::Subvention, Form::Pret, Form::EnNature]),
        of(select(Stage::ALL)),
        of(0_i64..1_000),
    );
    let how = (
        select(TaxBasis::ALL),
        of(select(vec!["FTU", "NQE"])),
        of(2024_u16..2026),
        of(select(vec!["1", "2"])),
        prop::bool::weighted(0.1),
    );
    (what, how).prop_map(|((funder, nature, form, stage, cents), (tax_basis, dispositif, year, reference, nothing))| {
        StatementFacts {
            nature,
            form,
            stage,
            amount: cents.map(Cents::new),
            tax_basis,
            dispositif: dispositif.and_then(|code| DispositifCode::parse(code).ok()),
            year,
            reference: reference.map(Into::into),
            nothing,
            ..grant(funder)
        }
    })
}

fn places() -> impl Strategy<Value = Places> {
    let quartiers = prop::sample::subsequence(QUARTIERS.to_vec(), 0..=2);
    (quartiers, of(0_u32..6_000), any::<bool>()).prop_map(|(codes, share, commune)| {
        let quartiers: Vec<_> = codes.iter().filter_map(|code| QuartierCode::parse(code).ok()).collect();
        let shares = share
            .map(BasisPoints::new)
            .into_iter()
            .flat_map(|share| quartiers.clone().into_iter().map(move |quartier| QuartierShare { quartier, share }));
        Places {
            shares: shares.collect(),
            communes: if commune { vec![CommuneCode::parse("59350").expect("sound")] } else { Vec::new() },
            quartiers,
            ..Places::default()
        }
    })
}

/// A record of one of four sources, four projects; its key tells the source's records apart, and has one project, though
/// it be closed and come back: as in the ledger.
fn any_record() -> impl Strategy<Value = RecordVersion> {
    let head = (0..SOURCES.len(), 0_u8..6, 0_i64..4);
    (head, vec(statement(), 0..4), places(), prop::bool::weighted(0.1)).prop_map(
        |((rank, key, second), statements, places, bad)| {
            let source = SOURCES[rank];
            let mut one = with_places(record(source, &format!("{source}-{key}"), statements), places);
            one.project = Some(project(1 + (key + u8::try_from(rank).expect("few")) % 4));
            one.first_seen = at(second);
            one.observed_at = at(second + 1);
            one.state = if bad { RecordState::Bad } else { RecordState::Open };
            one
        },
    )
}

fn tables() -> Vec<RecordVersion> {
    let epci = Siren::parse("200093201").expect("sound");
    let communes = ["59350", "59009"].map(|code| CommuneCode::parse(code).expect("sound"));
    let contrat = ContratCode::parse("CN05911M").expect("sound");
    let quartier = |code: &str, communes: &[CommuneCode], predecessors: &[&str]| ReferenceFacts::Quartier {
        code: QuartierCode::parse(code).expect("sound"),
        name: format!("Quartier {code}"),
        kind: QuartierKind::Qpv,
        npnru: None,
        communes: communes.to_vec(),
        epcis: Vec::new(),
        contrats: Vec::new(),
        predecessors: predecessors.iter().filter_map(|code| QuartierCode::parse(code).ok()).collect(),
    };
    let mut all = vec![
        ReferenceFacts::Epci { siren: epci, name: "Métropole".to_owned() },
        ReferenceFacts::Contrat {
            code: contrat,
            name: "Contrat".to_owned(),
            pilot: Some(epci.into()),
            epcis: vec![epci],
            communes: Vec::new(),
            signatories: Vec::new(),
        },
        quartier("QN05901M", &communes[..1], &["QP059001"]),
        quartier("QN05902M", &communes, &[]),
        ReferenceFacts::Dispositif {
            code: DispositifCode::parse("FTU").expect("sound"),
            name: "Fonds".to_owned(),
            family: Family::Npnru,
            natures: vec![Nature::Investissement],
        },
    ];
    for code in communes {
        all.push(ReferenceFacts::Commune { code, name: "Commune".to_owned(), epci: Some(epci) });
    }
    all.extend(envelopes());
    all.into_iter().map(reference).collect()
}

/// Envelopes of the Region that overlap: of the EPCI, of a dispositif, of a nature, of several years.
fn envelopes() -> Vec<ReferenceFacts> {
    let envelope = |code: &str, epci, dispositif: Option<&str>| EnvelopeFacts {
        code: EnvelopeCode::parse(code).expect("sound"),
        funder: OrganisationId::parse(REGION).expect("sound"),
        epci,
        dispositif: dispositif.and_then(|code| DispositifCode::parse(code).ok()),
        year: 2024,
        until_year: Some(2026),
        nature: None,
        amount: Some(Cents::new(1_000)),
        fungible: None,
    };
    let epci = Siren::parse("200093201").ok();
    let all = [
        envelope("A", epci, None),
        envelope("B", None, Some("FTU")),
        EnvelopeFacts { nature: Some(Nature::Investissement), ..envelope("C", epci, Some("FTU")) },
        EnvelopeFacts { until_year: None, ..envelope("D", None, None) },
    ];
    all.into_iter().map(|one| ReferenceFacts::Envelope(Box::new(one))).collect()
}

/// A ledger with one record for each source and key.
pub(super) fn any_image() -> impl Strategy<Value = LedgerImage> {
    vec(any_record(), 0..14).prop_map(|records| {
        let mut all = tables();
        for record in records {
            if !all.iter().any(|known| (&known.source, &known.key) == (&record.source, &record.key)) {
                all.push(record);
            }
        }
        image(all)
    })
}

/// One append: records put in the place of those with their key, or closed; perhaps a word about two projects.
#[derive(Debug, Clone)]
struct Append {
    put: Vec<RecordVersion>,
    close: Vec<Index>,
    said: Option<(u8, u8, u8)>,
}

fn any_append() -> impl Strategy<Value = Append> {
    (vec(any_record(), 0..4), vec(any::<Index>(), 0..3), prop::option::weighted(0.5, (2_u8..5, 1_u8..3, 0_u8..8)))
        .prop_map(|(put, close, said)| Append { put, close, said })
}

/// Whatever may be said of two projects; a separation or a parting takes the first record of the one.
fn decision((from, to, kind): (u8, u8, u8), image: &LedgerImage) -> Option<Decision> {
    let (from, to, reason) = (project(from), project(to), String::new());
    let score = || Score { weights: "test".into(), total: 0, terms: Vec::new() };
    Some(match kind {
        0 => Decision::Redirect { from, to, reason },
        1 => Decision::Matched { from, to, score: score() },
        2 => Decision::Proposed { from, to, score: score() },
        3 => Decision::Withdrawn { from, to },
        4 => Decision::Linked { from, to, reason },
        5 => Decision::Unredirected { from, to, reason },
        _ => {
            let record = image.records.iter().find(|record| record.project.as_ref() == Some(&from))?;
            let (source, key) = (record.source.clone(), record.key.clone());
            match kind {
                6 => Decision::Parted { source, key, from, to: project(8), reason },
                _ => Decision::Separated { source, key, from, to: project(9), reason },
            }
        }
    })
}

/// The ledger after an append, and what the append changed.
fn append(before: &LedgerImage, step: &Append) -> (LedgerImage, LedgerDelta) {
    let mut after = before.clone();
    let mut touched: BTreeSet<ProjectId> = BTreeSet::new();
    for index in &step.close {
        let open: Vec<usize> = (0..after.records.len()).filter(|at| after.records[*at].project.is_some()).collect();
        if !open.is_empty() {
            touched.extend(after.records.remove(*index.get(&open)).project);
        }
    }
    for record in &step.put {
        let key = |one: &RecordVersion| (one.source.clone(), one.key.clone());
        match after.records.iter_mut().find(|known| key(known) == key(record)) {
            // A key keeps the project and the instant that it was first seen with.
            Some(known) => {
                let kept = (known.project.clone(), known.first_seen);
                *known = record.clone();
                (known.project, known.first_seen) = kept;
                touched.extend(known.project.clone());
            }
            None => {
                touched.extend(record.project.clone());
                after.records.push(record.clone());
            }
        }
    }
    if let Some(decision) = step.said.and_then(|said| decision(said, &after)) {
        touched.extend(decision.projects().map(Clone::clone));
        after.decisions.push(decision);
    }
    after.head.version.0 += 1;
    for source in &mut after.sources {
        source.partitions = vec![(String::new(), at(i64::try_from(after.head.version.0).expect("small")))];
    }
    let spoken_of = touched.iter().cloned().collect();
    // As the ledger does: all that a decision was ever about together with what is touched.
    while let Some(decision) = after.decisions.iter().find(|one| {
        let [from, to] = one.projects();
        touched.contains(from) != touched.contains(to)
    }) {
        touched.extend(decision.projects().map(Clone::clone));
    }
    let concerned = |record: &&RecordVersion| record.project.as_ref().is_some_and(|project| touched.contains(project));
    let delta = LedgerDelta {
        head: after.head,
        touched: spoken_of,
        projects: touched.iter().cloned().collect(),
        records: after.records.iter().filter(concerned).cloned().collect(),
        sources: after.sources.clone(),
        decisions: after.decisions.clone(),
        acts: after.acts.clone(),
        references_changed: false,
    };
    (after, delta)
}

fn sum(amounts: impl Iterator<Item = Option<Cents>>) -> Option<Cents> {
    amounts.flatten().fold(None, |sum: Option<Cents>, one| Some(sum.unwrap_or_default() + one))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_an_append_changed_is_enough(start in any_image(), steps in vec(any_append(), 1..5)) {
        let mut image = start;
        let mut portfolio = Portfolio::build(&image);
        for step in &steps {
            let (after, delta) = append(&image, step);
            portfolio = portfolio.apply(&delta).expect("no table changed");
            image = after;
            prop_assert_eq!(picture(&portfolio), picture(&Portfolio::build(&image)));
        }
    }

    #[test]
    fn what_became_another_is_told_whichever_way_it_was_built(start in any_image(), step in any_append()) {
        let before = Portfolio::build(&start);
        let (after, delta) = append(&start, &step);
        let (applied, built) = (before.apply(&delta).expect("no table changed"), Portfolio::build(&after));
        let told = applied.changed_since(&before);
        prop_assert_eq!(&told, &built.changed_since(&before), "positions in a lexicon are no change");
        let named: BTreeSet<ProjectId> =
            delta.projects.iter().flat_map(|id| [id.clone(), built.resolve(id).clone()]).collect();
        prop_assert!(told.iter().all(|id| named.contains(id)), "{:?} beside {:?}", told, named);
        prop_assert!(built.changed_since(&applied).is_empty());
    }

    #[test]
    fn the_order_of_records_changes_nothing(image in any_image(), seed in any::<u64>()) {
        let mut shuffled = image.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.records.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            shuffled.records.swap(at, usize::try_from(state % (at as u64 + 1)).expect("small"));
        }
        prop_assert_eq!(picture(&Portfolio::build(&image)), picture(&Portfolio::build(&shuffled)));
    }

    #[test]
    fn no_sum_is_consumed_twice(image in any_image()) {
        let portfolio = Portfolio::build(&image);
        let figures: Vec<_> = portfolio.envelopes_where(&EnvelopeFilter::default()).into_iter().map(|ix| portfolio.balance(ix, moment(500))).collect();
        let of_region = |one: &&Commitment| portfolio.identity(one.funder).as_str() == REGION && one.counts();
        let decided: Vec<&Commitment> = portfolio.projects().flat_map(|(_, case)| &case.commitments)
            .filter(of_region)
            .filter(|one| one.form == Form::Subvention && one.stage.is_some_and(Stage::is_decided))
            .collect();
        let whole: i64 = decided.iter().filter_map(|one| one.amount).map(Cents::get).sum();
        let consumed: i64 = figures.iter().filter_map(|one| one.consumed).map(Cents::get).sum();
        prop_assert!(consumed <= whole, "{consumed} of {whole}");
        for one in &figures {
            let at_most = one.remaining_at_most.zip(one.remaining).is_none_or(|(most, is)| most == is);
            prop_assert!(at_most && (one.remaining.is_none() || !one.partial));
        }
    }

    #[test]
    fn what_a_funder_paid_never_stands_where_it_puts_nothing(image in any_image()) {
        let portfolio = Portfolio::build(&image);
        for (ix, case) in portfolio.projects() {
            let plan = portfolio.plan(ix, moment(500), (PlanKey(b"key"), &[]));
            let none = plan.lines.iter().filter(|line| line.state == CellState::Nothing);
            for one in none.flat_map(|line| &line.commitments).map(|ix| portfolio.commitment(*ix).1) {
                prop_assert!(!case.statements(one).iter().any(Statement::is_own_payment), "{:?}", one);
            }
        }
    }

    #[test]
    fn totals_by_any_dimensions_make_the_whole(image in any_image(), by in vec(select(Dimension::ALL), 1..4)) {
        let portfolio = Portfolio::build(&image);
        let filter = CommitmentFilter { stage: Stage::ALL.to_vec(), ..CommitmentFilter::default() };
        let whole = portfolio.totals(&filter, &[]).remove(0);
        let rows = portfolio.totals(&filter, &by);
        prop_assert_eq!(sum(rows.iter().map(|row| row.amount)), whole.amount);
        prop_assert_eq!(sum(rows.iter().map(|row| row.loans)), whole.loans);
        prop_assert_eq!(sum(rows.iter().map(|row| row.in_kind)), whole.in_kind);
        prop_assert_eq!(sum(rows.iter().map(|row| row.reported_only_loans)), whole.reported_only_loans);
        let parts = rows.iter().flat_map(|row| [row.own_amount, row.reported_only_amount]);
        prop_assert_eq!(sum(parts), whole.amount);
        prop_assert_eq!(rows.iter().any(|row| row.partial), whole.partial);
        if !by.contains(&Dimension::Quartier) {
            prop_assert_eq!(rows.iter().map(|row| row.count).sum::<u32>(), whole.count);
        }
        let keys: BTreeSet<String> = rows.iter().map(|row| format!("{:?}", row.key)).collect();
        prop_assert_eq!(keys.len(), rows.len(), "no two rows have the same key");
    }

    #[test]
    fn a_euro_stated_many_times_counts_once(
        cents in 1_i64..1_000_000,
        said in vec((select(SOURCES.to_vec()), any::<bool>(), any::<bool>()), 1..8),
    ) {
        let records: Vec<RecordVersion> = said
            .iter()
            .enumerate()
            .map(|(at, (source, nature, year))| {
                let one = StatementFacts {
                    amount: Some(Cents::new(cents)),
                    nature: nature.then_some(Nature::Investissement),
                    year: year.then_some(2024),
                    ..grant(REGION)
                };
                record(source, &format!("k{at}"), vec![one])
            })
            .collect();
        let sources: BTreeSet<&str> = said.iter().map(|(source, _, _)| *source).collect();
        let portfolio = Portfolio::build(&image(records));
        let total = portfolio.totals(&CommitmentFilter::default(), &[]).remove(0);
        let times = said.iter().fold(std::collections::BTreeMap::<&str, BTreeSet<(bool, bool)>>::new(), |mut all, one| {
            all.entry(one.0).or_default().insert((one.1, one.2));
            all
        });
        // One source that lists a sum under two keys lists two sums; any number of sources with one key list one.
        if times.values().all(|keys| keys.len() == 1) {
            prop_assert_eq!(total.amount, Some(Cents::new(cents)), "{:?}", sources);
            prop_assert_eq!(total.count, 1);
        }
    }
}

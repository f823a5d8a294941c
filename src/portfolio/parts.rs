//! Sums granted to several beneficiaries, each on a row of its own beside the share that is his (SCDL
//! `pourcentageSubvention`): what of each row's amount is its own project's.
//!
//! The standard has the whole amount repeated on every row; real files also hold rows whose amount is the part already. One
//! row does not tell which. The rows of one decision together do, where their shares make a whole: amounts that are all
//! the same while shares differ are the whole, repeated; amounts that stand to each other as the shares do are parts. What
//! fits neither, or both, is in doubt: it is never known, and where several rows may repeat one sum the share of it counts,
//! so that the whole is never overstated. A row on which no share is written has the whole of its amount, unless the shares of other
//! rows of its decision make no whole: what is missing may be its own.

use super::case::Statement;
use super::index::TextIx;
use super::left_over::{Beside, Shares, is_left_over};
use super::lexicon::Lexicon;
use crate::domain::facts::{PartFacts, StatementFacts, Warning};
use crate::domain::message::Message;
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::organisation::OrganisationId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Form, Stage};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How far a share written with two decimals may be from the true one, in basis points.
pub(super) const ROUNDING_POINTS: i128 = 50;
/// How far a part may be from its share of the sum of all parts, in basis points, and still stand to the others as the
/// shares do.
pub(super) const PROPORTION_POINTS: i128 = 100;

/// One statement of one record.
type Place<'a> = (&'a SourceId, &'a RecordKey, usize);

/// What of an amount is its own project's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The amount; `None`: unknown.
    pub(crate) amount: Option<Cents>,
    /// Do the rows of the decision bear it out?
    pub(crate) certain: bool,
}

/// The parts of all sums that were granted to several.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a>(FxHashMap<Place<'a>, Part>);

/// What the rows of one grant have in common.
type Grant<'a> = (&'a SourceId, &'a OrganisationId, Form, Option<Stage>, Option<u16>, &'a str);

/// The same of whatever stage and year.
type Decision<'a> = (&'a SourceId, &'a OrganisationId, Form, &'a str);

fn decision_of<'a>((source, funder, form, _, _, of): Grant<'a>) -> Decision<'a> {
    (source, funder, form, of)
}

/// What a row states of a sum granted to several, as it stands there: what of it is its own project's follows from all rows that are
/// seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatedPart {
    /// The decision that the rows have in common.
    pub(super) of: Option<TextIx>,
    pub(super) share: Option<BasisPoints>,
    /// It has the whole of its amount: no share is written on it, though its source has shares.
    pub(super) beside: bool,
    pub(super) amount: Option<Cents>,
    /// Its record is in doubt for another reason.
    pub(super) disputed: bool,
}

/// The share that a statement states, or that it has none beside others, before it is known what the other rows say.
pub(crate) fn stated_part(lexicon: &mut Lexicon, facts: &StatementFacts, disputed: bool) -> Option<Box<StatedPart>> {
    let (of, share, beside) = match (&facts.part, &facts.decision) {
        (Some(part), _) => (part.of.as_ref(), part.share, false),
        (None, Some(of)) => (Some(of), None, true),
        (None, None) => return None,
    };
    let of = of.map(|of| lexicon.text(of));
    Some(Box::new(StatedPart { of, share, beside, amount: facts.amount, disputed }))
}

impl Statement {
    /// Does it state a share of a sum granted to several, or may it have one?
    pub(crate) fn is_part(&self) -> bool {
        self.part.as_ref().is_some_and(|part| !part.beside || self.disputed != part.disputed)
    }
}

/// The code of the warning that what is shown is not what the record states.
pub(super) const PART_TAKEN: &str = "part-of-shared-sum";

/// What is shown differs from what the record states: it says why.
pub(crate) fn part_taken() -> Warning {
    let message = Message::new(
        "le montant de la fiche est celui de toute la décision, répété pour chaque bénéficiaire : seule la part de \
         celui-ci compte ici",
        "the amount of the record is that of the whole decision, repeated for each beneficiary: only the part of this one \
         counts here",
    );
    Warning { code: PART_TAKEN.into(), field: None, message }
}

/// One row of a grant. Places are in the order of source, key and ordinal: the odd cents of a division always go to the same ones.
#[derive(Clone, Copy)]
pub(super) struct Row<P> {
    pub(super) place: P,
    pub(super) amount: Option<Cents>,
    pub(super) share: Option<BasisPoints>,
}

impl<'a> Parts<'a> {
    /// Of the records that are open.
    pub(crate) fn of(records: &'a [RecordVersion]) -> Self {
        let mut parts = Parts::default();
        let mut grants: BTreeMap<Grant<'a>, Vec<Row<Place<'a>>>> = BTreeMap::new();
        let (mut beside, mut kept) = (Vec::new(), FxHashSet::default());
        for record in records.iter().filter(|record| record.state != RecordState::Closed) {
            for (ordinal, facts) in record.facts.statements.iter().enumerate() {
                if let Some(of) = facts.decision.as_deref() {
                    beside.push((grant_under(record, facts, of), (&record.source, &record.key, ordinal), facts.amount));
                }
                let of = facts.part.as_ref().map_or(facts.decision.as_deref(), |part| part.of.as_deref());
                if let Some(of) = of.filter(|_| facts.not_public_until.is_some()) {
                    kept.insert(decision_of(grant_under(record, facts, of)));
                }
                let Some(part) = &facts.part else { continue };
                let row =
                    Row { place: (&record.source, &record.key, ordinal), amount: facts.amount, share: part.share };
                match common(record, facts, part) {
                    Some(grant) => grants.entry(grant).or_default().push(row),
                    None => parts.0.extend([alone(row)]),
                }
            }
        }
        let mut shared: FxHashMap<Decision<'a>, Vec<Shares<'_, Place<'a>>>> = FxHashMap::default();
        for (grant, rows) in &grants {
            shared.entry(decision_of(*grant)).or_default().push((grant.4, rows));
        }
        for (grant, place, amount) in beside {
            let decision = decision_of(grant);
            let row = Beside { year: grant.4, amount, is_kept: kept.contains(&decision) };
            if shared.get(&decision).is_some_and(|rows| is_left_over(row, rows)) {
                parts.0.insert(place, Part { amount, certain: false });
            }
        }
        grants.into_values().for_each(|rows| parts.0.extend(settled(rows)));
        parts
    }

    /// The part that this statement of the record states; `None` where it states none.
    pub(crate) fn get(&self, record: &'a RecordVersion, ordinal: usize) -> Option<Part> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(&record.source, &record.key, ordinal)).copied()
    }
}

/// A row of which nobody says with which others it stands.
pub(super) fn alone<P>(row: Row<P>) -> (P, Part) {
    (row.place, Part { amount: row.amount, certain: false })
}

/// What of each row of one grant is its own project's.
pub(super) fn settled<P: Ord + Copy>(mut rows: Vec<Row<P>>) -> Vec<(P, Part)> {
    // The odd cents of a division go to the first: always the same ones.
    rows.sort_unstable_by_key(|row| row.place);
    let mut found = Vec::with_capacity(rows.len());
    let mut by_amount: BTreeMap<Option<Cents>, Vec<Row<P>>> = BTreeMap::new();
    rows.iter().for_each(|row| by_amount.entry(row.amount).or_default().push(*row));
    let mut open = Vec::new();
    for (amount, group) in by_amount {
        let repeated = amount.filter(|_| group.len() > 1).and_then(|whole| divided(whole, &group));
        match repeated {
            Some(parts) => {
                let certain = !are_parts(&group);
                let cut = group.iter().zip(parts);
                found.extend(cut.map(|(row, part)| (row.place, Part { amount: Some(part), certain })));
            }
            None => open.push(group),
        }
    }
    let rest: Vec<Row<P>> = open.iter().flatten().copied().collect();
    if rest.len() > 1 && are_parts(&rest) {
        found.extend(rest.into_iter().map(|row| (row.place, Part { amount: row.amount, certain: true })));
        return found;
    }
    for group in open {
        for row in &group {
            let share_of = |amount: Cents| row.share.map_or(amount, |share| proportion(amount, share));
            let amount = if group.len() > 1 { row.amount.map(share_of) } else { row.amount };
            found.push((row.place, Part { amount, certain: false }));
        }
    }
    found
}

/// The amounts of rows of one decision, each with the share beside it, of which the rows tell what is whose.
pub(crate) fn borne_out(rows: &[(Option<Cents>, Option<BasisPoints>)]) -> Vec<Cents> {
    let placed = rows.iter().enumerate().map(|(place, (amount, share))| Row { place, amount: *amount, share: *share });
    let certain = settled(placed.collect()).into_iter().filter(|(_, part)| part.certain);
    certain.filter_map(|(place, _)| rows[place].0).collect()
}

fn common<'a>(record: &'a RecordVersion, facts: &'a StatementFacts, part: &'a PartFacts) -> Option<Grant<'a>> {
    Some(grant_under(record, facts, part.of.as_deref()?))
}

fn grant_under<'a>(record: &'a RecordVersion, facts: &'a StatementFacts, of: &'a str) -> Grant<'a> {
    (&record.source, &facts.funder, facts.form, facts.stage, facts.year, of)
}

pub(super) fn points(share: BasisPoints) -> i128 {
    i128::from(share.get())
}

pub(super) fn cents(amount: Cents) -> i128 {
    i128::from(amount.get())
}

fn to_cents(amount: i128) -> Cents {
    Cents::new(i64::try_from(amount).expect("a part of an amount is not more than the amount"))
}

fn proportion(amount: Cents, share: BasisPoints) -> Cents {
    to_cents(cents(amount) * points(share) / points(BasisPoints::WHOLE))
}

/// The shares of all rows, where they make a whole.
pub(super) fn whole<P>(rows: &[Row<P>]) -> Option<Vec<i128>> {
    let shares: Vec<i128> = rows.iter().map(|row| row.share.map(points)).collect::<Option<_>>()?;
    let (count, sum) = (i128::try_from(rows.len()).ok()?, shares.iter().sum::<i128>());
    ((sum - points(BasisPoints::WHOLE)).abs() <= count * ROUNDING_POINTS && sum > 0).then_some(shares)
}

/// The amount cut by the shares of the rows, to the cent; `None` where the shares make no whole.
fn divided<P>(amount: Cents, rows: &[Row<P>]) -> Option<Vec<Cents>> {
    let shares = whole(rows)?;
    let sum: i128 = shares.iter().sum();
    let mut parts: Vec<i128> = shares.iter().map(|share| cents(amount) * share / sum).collect();
    let left = cents(amount) - parts.iter().sum::<i128>();
    let step = left.signum();
    let odd = usize::try_from(left.abs()).unwrap_or_default();
    parts.iter_mut().take(odd).for_each(|part| *part += step);
    Some(parts.into_iter().map(to_cents).collect())
}

/// Do the amounts stand to each other as the shares do?
fn are_parts<P>(rows: &[Row<P>]) -> bool {
    let amounts: Option<Vec<i128>> = rows.iter().map(|row| row.amount.map(cents)).collect();
    let (Some(shares), Some(amounts)) = (whole(rows), amounts) else { return false };
    let sum: i128 = amounts.iter().sum();
    let points = points(BasisPoints::WHOLE);
    sum > 0
        && amounts
            .iter()
            .zip(shares)
            .all(|(amount, share)| (amount * points - share * sum).abs() <= PROPORTION_POINTS * sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::image::LedgerDelta;
    use crate::portfolio::Portfolio;
    use crate::portfolio::fixture::*;
    use proptest::prelude::*;

    /// Rows of one decision: cents, and the share in basis points.
    fn rows(stated: &[(i64, Option<u32>)]) -> Vec<RecordVersion> {
        let row = |(rank, (amount, share)): (usize, &(i64, Option<u32>))| {
            let part = PartFacts { of: Some("2025.1".into()), share: share.map(BasisPoints::new) };
            let statement = StatementFacts { amount: Some(Cents::new(*amount)), part: Some(part), ..grant(REGION) };
            let mut record = record("region", &format!("row-{rank:02}"), vec![statement]);
            record.project = Some(project(u8::try_from(rank + 1).expect("few rows")));
            record
        };
        stated.iter().enumerate().map(row).collect()
    }

    /// An append of these records, which touches one project, to a ledger of those rows.
    fn append(rows: &[RecordVersion], records: &[RecordVersion], touched: u8) -> LedgerDelta {
        let image = image(rows.to_vec());
        LedgerDelta {
            head: image.head,
            touched: vec![project(touched)],
            projects: vec![project(touched)],
            records: records.to_vec(),
            sources: image.sources,
            decisions: Vec::new(),
            acts: Vec::new(),
            references_changed: false,
        }
    }

    fn settled(stated: &[(i64, Option<u32>)]) -> Vec<(i64, bool)> {
        let records = rows(stated);
        let parts = Parts::of(&records);
        let part = |record| parts.get(record, 0).expect("a part");
        records.iter().map(part).map(|part| (part.amount.expect("stated").get(), part.certain)).collect()
    }

    #[test]
    fn the_whole_on_each_row_counts_once() {
        assert_eq!(settled(&[(100_000, Some(4_500)), (100_000, Some(5_500))]), [(45_000, true), (55_000, true)]);
        assert_eq!(
            settled(&[(1_000, Some(3_300)), (1_000, Some(4_300)), (1_000, Some(2_400))]),
            [(330, true), (430, true), (240, true)]
        );
    }

    #[test]
    fn parts_already_are_taken_as_they_are() {
        // Région Bretagne's example of the standard: 22 000.80 at 0.8, 5 500.20 at 0.2.
        assert_eq!(settled(&[(2_200_080, Some(8_000)), (550_020, Some(2_000))]), [(2_200_080, true), (550_020, true)]);
    }

    #[test]
    fn what_fits_both_is_in_doubt_and_never_overstated() {
        assert_eq!(settled(&[(100_000, Some(5_000)), (100_000, Some(5_000))]), [(50_000, false), (50_000, false)]);
    }

    #[test]
    fn one_row_alone_or_shares_that_make_no_whole_are_in_doubt() {
        assert_eq!(settled(&[(100_000, Some(5_000))]), [(100_000, false)]);
        assert_eq!(settled(&[(100_000, None)]), [(100_000, false)], "a share that cannot be read");
        assert_eq!(settled(&[(100_000, Some(4_000)), (100_000, Some(3_000))]), [(40_000, false), (30_000, false)]);
        assert_eq!(settled(&[(100_000, Some(4_000)), (70_000, Some(6_000))]), [(100_000, false), (70_000, false)]);
    }

    #[test]
    fn other_years_and_other_decisions_are_other_grants() {
        let mut records = rows(&[(100_000, Some(4_500)), (100_000, Some(5_500))]);
        records[1].facts.statements[0].year = Some(1999);
        let parts = Parts::of(&records);
        assert!(records.iter().all(|record| !parts.get(record, 0).expect("a part").certain));
        records[1].state = RecordState::Closed;
        assert_eq!(Parts::of(&records).get(&records[1], 0), None, "what is closed tells nothing");
    }

    #[test]
    fn a_row_without_a_share_is_whole_unless_the_others_leave_one_over() {
        let beside = |stated: &[(i64, Option<u32>)], year: Option<u16>| {
            let mut records = rows(stated);
            let last = records.last_mut().expect("one at least");
            last.facts.statements[0] = StatementFacts {
                part: None,
                decision: Some("2025.1".into()),
                year,
                ..last.facts.statements[0].clone()
            };
            Parts::of(&records).get(records.last().expect("one"), 0)
        };
        let left = Some(Part { amount: Some(Cents::new(100_000)), certain: false });
        assert_eq!(beside(&[(100_000, Some(3_000)), (100_000, Some(3_000)), (100_000, None)], None), left);
        assert_eq!(beside(&[(42_857, Some(3_000)), (100_000, None)], None), left, "the part that is missing");
        assert_eq!(beside(&[(100_000, None), (100_000, None)], None), left, "a share that cannot be read");
        assert_eq!(
            beside(&[(30_000, Some(3_000)), (100_000, None)], None),
            left,
            "the whole of which the other says its part"
        );
        assert_eq!(beside(&[(20_000, Some(3_000)), (100_000, None)], None), None, "neither the whole nor the part");
        assert_eq!(beside(&[(100_000, Some(4_500)), (100_000, Some(5_500)), (100_000, None)], None), None, "a whole");
        let two = [
            (100_000, Some(4_500)),
            (100_000, Some(5_500)),
            (50_000, Some(3_000)),
            (50_000, Some(7_000)),
            (100_000, None),
        ];
        assert_eq!(beside(&two, None), None, "two sums of one decision, each of them whole");
        let records = rows(&[(100_000, Some(3_000)), (100_000, None)]);
        let year = records[0].facts.statements[0].year;
        assert_eq!(year, None);
        assert_eq!(beside(&[(100_000, Some(3_000)), (100_000, None)], Some(1999)), left, "no year may be any");
        assert_eq!(beside(&[(100_000, None)], None), None, "nobody states a share");
    }

    #[test]
    fn no_amount_that_is_kept_is_told_by_a_row_without_a_share() {
        let beside = |cents: i64, keeps: usize| {
            let mut records = rows(&[(cents, Some(3_000)), (100_000, None)]);
            let last = &mut records[1].facts.statements[0];
            (last.part, last.decision) = (None, Some("2025.1".into()));
            records[keeps].facts.statements[0].not_public_until = crate::domain::Date::from_ymd_opt(2030, 1, 1);
            Parts::of(&records).get(&records[1], 0).map(|part| part.certain)
        };
        for keeps in [0, 1] {
            for cents in [100_000, 50_000, 30_000, 1] {
                assert_eq!(beside(cents, keeps), Some(false), "{cents} kept by row {keeps}");
            }
        }
    }

    #[test]
    fn a_row_without_a_share_that_comes_beside_one_is_built_whole() {
        let mut rows = rows(&[(100_000, Some(4_500)), (100_000, None)]);
        let last = &mut rows[1].facts.statements[0];
        (last.part, last.decision) = (None, Some("2025.1".into()));
        let delta = |records: &[RecordVersion]| append(&rows, records, 2);
        let before = Portfolio::build(&image(rows[..1].to_vec()));
        assert!(before.apply(&delta(&rows[1..])).is_none());
        let mut other = rows[1].clone();
        other.facts.statements[0].decision = Some("2025.2".into());
        assert!(before.apply(&delta(&[other])).is_some(), "of another decision");
        let both = Portfolio::build(&image(rows.clone()));
        let all = both.projects().flat_map(|(_, case)| &case.commitments);
        let doubts: Vec<bool> = all.map(|one| one.doubts.disputed).collect();
        assert_eq!(doubts, [true, true]);
    }

    #[test]
    fn a_row_without_a_share_that_is_kept_no_more_is_built_whole() {
        let mut rows = rows(&[(100_000, None), (50_000, None), (77_700, Some(3_000))]);
        for row in &mut rows[..2] {
            (row.facts.statements[0].part, row.facts.statements[0].decision) = (None, Some("2025.1".into()));
        }
        rows[1].facts.statements[0].not_public_until = crate::domain::Date::from_ymd_opt(2030, 1, 1);
        let before = Portfolio::build(&image(rows.clone()));
        assert!(before.apply(&append(&rows, &[], 2)).is_none(), "the kept row bore on the first");
        let mut other = rows[1].clone();
        other.facts.statements[0].decision = Some("2025.2".into());
        assert!(before.apply(&append(&rows, &[other], 2)).is_none(), "and is of another decision by now");
    }

    #[test]
    fn an_append_that_bears_on_other_projects_is_built_whole() {
        let rows = rows(&[(100_000, Some(4_500)), (100_000, Some(5_500))]);
        let delta = |records: &[RecordVersion], touched: u8| append(&rows, records, touched);
        let before = Portfolio::build(&image(rows[..1].to_vec()));
        assert!(before.apply(&delta(&rows[1..], 2)).is_none(), "the second row settles the first");
        let both = Portfolio::build(&image(rows.clone()));
        assert!(both.apply(&delta(&[], 2)).is_none(), "without the second row the first is in doubt");
        assert!(both.apply(&delta(&[], 3)).is_some(), "another project says nothing of them");
    }

    #[test]
    fn parts_within_one_project_add_up() {
        let mut rows = rows(&[(100_000, Some(4_500)), (100_000, Some(5_500))]);
        rows[1].project = Some(project(1));
        let portfolio = Portfolio::build(&image(rows));
        let counted: i64 = commitments(&portfolio)
            .iter()
            .filter(|one| one.counts() && !one.doubts.any())
            .filter_map(|one| one.amount)
            .map(Cents::get)
            .sum();
        assert_eq!(counted, 100_000);
    }

    #[test]
    fn parts_of_one_project_and_their_whole_under_a_reference_count_once() {
        let own = |key: &str, cents| {
            let one = StatementFacts { amount: Some(Cents::new(cents)), ..grant(REGION) };
            record("region", key, vec![StatementFacts { reference: Some(key.into()), ..one }])
        };
        let listed = |reference: Option<&str>| {
            let mut rows = rows(&[(100_000, Some(6_000)), (100_000, Some(4_000))]);
            for row in &mut rows {
                row.source = "region-list".parse().expect("sound");
                row.project = Some(project(1));
                row.facts.statements[0].reference = reference.map(Into::into);
            }
            rows
        };
        let counted = |own: Vec<RecordVersion>, reference| {
            let portfolio = Portfolio::build(&image(own.into_iter().chain(listed(reference)).collect()));
            assert!(commitments(&portfolio).iter().all(|one| !one.doubts.any()), "{:?}", commitments(&portfolio));
            let counted = commitments(&portfolio).iter().filter(|one| one.counts()).filter_map(|one| one.amount);
            counted.map(Cents::get).sum::<i64>()
        };
        assert_eq!(counted(vec![own("ARR-9", 100_000)], None), 100_000);
        assert_eq!(counted(vec![own("ARR-9", 100_000)], Some("ARR-9")), 100_000);
        assert_eq!(counted(vec![own("ARR-7", 60_000), own("ARR-8", 40_000)], None), 100_000);
        assert_eq!(counted(Vec::new(), Some("ARR-9")), 100_000, "they bear one reference, and are two rows");
    }

    proptest! {
        #[test]
        fn a_repeated_sum_is_cut_to_the_cent(amount in 1_i64..10_000_000_000, cut in prop::collection::vec(1_u32..=100, 2..9)) {
            let sum: u32 = cut.iter().sum();
            let shares: Vec<Option<u32>> = cut.iter().map(|part| Some(part * 10_000 / sum)).collect();
            let stated: Vec<(i64, Option<u32>)> = shares.into_iter().map(|share| (amount, share)).collect();
            let parts = settled(&stated);
            prop_assert_eq!(parts.iter().map(|(part, _)| part).sum::<i64>(), amount);
        }

        #[test]
        fn no_part_is_more_than_what_its_row_states(stated in prop::collection::vec((0_i64..1_000, prop::option::of(0_u32..10_000)), 1..8)) {
            for ((part, _), (amount, _)) in settled(&stated).into_iter().zip(&stated) {
                prop_assert!((0..=*amount).contains(&part));
            }
        }
    }
}

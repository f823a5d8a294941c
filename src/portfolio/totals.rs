//! Totals by any dimensions, in one pass over the columns.

use super::Portfolio;
use super::codes::{Codes, whatever_width, wide};
use super::columns::{Columns, OF_COMMITMENT, OF_PROJECT};
use super::filter::{CommitmentFilter, Sieve};
use super::labels::Place;
use super::shares::split;
use super::sum::{Sum, TotalRow};
use crate::domain::vocabulary::Dimension;
use rustc_hash::FxHashMap;
use std::ops::{Add, AddAssign, Mul, Range};

/// Up to this many possible rows, a row is found by arithmetic in one array (16 MB at most, of which only what is
/// touched costs anything); beyond, by hashing.
const DENSE_ROWS_MAX: u128 = 1 << 22;

/// Commitments taken at once: what is worked out for them stays in the nearest cache.
const BLOCK: usize = 2_048;

/// How the codes of a commitment make the number of its row: each column with the weight of its code.
struct Grouping<'a> {
    by: Vec<Dimension>,
    of_commitment: Vec<(&'a Codes, u128)>,
    of_project: Vec<(&'a Codes, u128)>,
    /// The quartier stands apart: stated shares split sums there.
    quartier: Option<(&'a Codes, u128)>,
    rows: u128,
}

impl<'a> Grouping<'a> {
    fn of(columns: &'a Columns, asked: &[Dimension]) -> Self {
        let mut by: Vec<Dimension> = Vec::new();
        for dimension in asked {
            if !by.contains(dimension) {
                by.push(*dimension);
            }
        }
        let mut grouping =
            Grouping { by: Vec::new(), of_commitment: Vec::new(), of_project: Vec::new(), quartier: None, rows: 1 };
        for dimension in by.iter().rev() {
            let weight = grouping.rows;
            let of_project = OF_PROJECT.iter().position(|one| one == dimension);
            let of_project = of_project.map(|at| (&columns.by_project[at], weight));
            if *dimension == Dimension::Quartier {
                grouping.quartier = of_project;
            } else {
                grouping.of_project.extend(of_project);
            }
            if let Some(at) = OF_COMMITMENT.iter().position(|one| one == dimension) {
                grouping.of_commitment.push((&columns.by_commitment[at], weight));
            }
            grouping.rows *= columns.cardinality(*dimension) as u128;
        }
        grouping.by = by;
        grouping
    }

    /// The codes of a row, in the order asked.
    fn codes(&self, columns: &Columns, mut row: u128) -> Vec<u32> {
        let mut codes: Vec<u32> = self
            .by
            .iter()
            .rev()
            .map(|dimension| {
                let cardinality = columns.cardinality(*dimension) as u128;
                let code = u32::try_from(row % cardinality).unwrap_or(0);
                row /= cardinality;
                code
            })
            .collect();
        codes.reverse();
        codes
    }
}

/// How a row is found from its number.
trait Rows {
    /// Wide enough for every number that can occur.
    type Number: Copy + Default + AddAssign + Add<Output = Self::Number> + Mul<Output = Self::Number> + From<u32>;

    /// A weight, which is smaller than the number of possible rows.
    fn weight(weight: u128) -> Self::Number;

    /// The row of a number, empty when it is met for the first time.
    fn row(&mut self, number: Self::Number) -> &mut Sum;
}

/// Rows found by arithmetic: for each number, which of the sums is its row, plus one.
struct Dense {
    slots: Vec<u32>,
    sums: Vec<(u128, Sum)>,
}

impl Rows for Dense {
    type Number = u32;

    fn weight(weight: u128) -> u32 {
        u32::try_from(weight).unwrap_or(0)
    }

    #[inline]
    fn row(&mut self, number: u32) -> &mut Sum {
        let slot = &mut self.slots[number as usize];
        if *slot == 0 {
            self.sums.push((u128::from(number), Sum::EMPTY));
            *slot = u32::try_from(self.sums.len()).unwrap_or(u32::MAX);
        }
        &mut self.sums[*slot as usize - 1].1
    }
}

impl Rows for FxHashMap<u128, Sum> {
    type Number = u128;

    fn weight(weight: u128) -> u128 {
        weight
    }

    fn row(&mut self, number: u128) -> &mut Sum {
        self.entry(number).or_insert(Sum::EMPTY)
    }
}

impl Portfolio {
    /// Totals of the commitments that pass, one row per combination of values that occurs, in a stable order; one row
    /// when `by` is empty. Without a stage in the filter or among the dimensions: what is decided.
    pub fn totals(&self, filter: &CommitmentFilter, by: &[Dimension]) -> Vec<TotalRow> {
        let mut sieve = self.sieve(filter);
        let by_stage = by.contains(&Dimension::Stage);
        if filter.stage.is_empty() && filter.stage_at_least.is_none() && !by_stage {
            sieve.decided_only();
        }
        let grouping = Grouping::of(&self.columns, by);
        let mut sums: Vec<(u128, Sum)> = if grouping.rows <= DENSE_ROWS_MAX {
            let possible = usize::try_from(grouping.rows).unwrap_or(1);
            let mut rows = Dense { slots: vec![0; possible], sums: Vec::new() };
            self.sum_up(&sieve, &grouping, &mut rows);
            rows.sums
        } else {
            let mut rows = FxHashMap::default();
            self.sum_up(&sieve, &grouping, &mut rows);
            rows.into_iter().collect()
        };
        // A row of nothing but what nobody admitted is none.
        sums.retain(|(_, sum)| !sum.is_bare());
        if grouping.by.is_empty() && sums.is_empty() {
            sums.push((0, Sum::EMPTY));
        }
        let mut rows: Vec<(Vec<Place>, TotalRow)> = sums
            .into_iter()
            .map(|(number, sum)| {
                let codes = grouping.codes(&self.columns, number);
                let values = grouping.by.iter().zip(codes).map(|(dimension, code)| self.value(*dimension, code));
                let (key, places) = values.unzip();
                (places, sum.row(key))
            })
            .collect();
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Block by block, column by column: what passes, which row it adds to, then one pass over what passes.
    fn sum_up<R: Rows>(&self, sieve: &Sieve, grouping: &Grouping<'_>, rows: &mut R) {
        let count = self.columns.cents.len();
        // Stated shares are looked for project by project: then there is one block.
        let block = if grouping.quartier.is_some() { count.max(1) } else { BLOCK };
        let (mut passes, mut numbers) = (Vec::with_capacity(block), Vec::with_capacity(block));
        for from in (0..count).step_by(block) {
            let range = from..count.min(from + block);
            self.passes(sieve, range.clone(), &mut passes);
            self.numbers::<R>(grouping, range.clone(), &mut numbers);
            if let Some((column, weight)) = grouping.quartier {
                let weight = R::weight(weight);
                self.sum_up_shares::<R>((&numbers, weight), (&mut passes, sieve), rows);
                add_by_project(&mut numbers, column, &self.columns.projects[range.clone()], weight);
            }
            self.add_up(range, (&passes, &numbers, sieve), rows);
        }
    }

    /// The number of the row of each commitment, without its quartier.
    fn numbers<R: Rows>(&self, grouping: &Grouping<'_>, range: Range<usize>, numbers: &mut Vec<R::Number>) {
        numbers.clear();
        numbers.resize(range.len(), R::Number::default());
        for (column, weight) in &grouping.of_commitment {
            let weight = R::weight(*weight);
            whatever_width!(column, list => {
                for (number, code) in numbers.iter_mut().zip(&list[range.clone()]) {
                    *number += R::Number::from(wide(*code)) * weight;
                }
            });
        }
        for (column, weight) in &grouping.of_project {
            add_by_project(numbers, column, &self.columns.projects[range.clone()], R::weight(*weight));
        }
    }

    /// Adds what passes to its rows.
    fn add_up<R: Rows>(
        &self,
        range: Range<usize>,
        (passes, numbers, sieve): (&[bool], &[R::Number], &Sieve),
        rows: &mut R,
    ) {
        let decided = sieve.is_decided_only();
        let columns = &self.columns;
        // Slices of one stated length: the compiler then checks no bound within the loop.
        let count = range.len();
        let (passes, numbers) = (&passes[..count], &numbers[..count]);
        let (flags, cents, projects) =
            (&columns.flags[range.clone()], &columns.cents[range.clone()], &columns.projects[range]);
        for at in 0..count {
            if passes[at] {
                let flags = if decided { flags[at].decided() } else { flags[at] };
                rows.row(numbers[at]).add(projects[at], flags, cents[at]);
            }
        }
    }

    /// The sums that stated shares split between quartiers; they then no longer pass whole.
    fn sum_up_shares<R: Rows>(
        &self,
        (numbers, weight): (&[R::Number], R::Number),
        (passes, sieve): (&mut [bool], &Sieve),
        rows: &mut R,
    ) {
        let columns = &self.columns;
        let last = columns.cardinality(Dimension::Quartier) - 1;
        let split_cases = self.cases.iter().enumerate().filter(|(_, case)| !case.places.shares.is_empty());
        for (project, case) in split_cases {
            for at in columns.starts[project] as usize..columns.starts[project + 1] as usize {
                if !std::mem::take(&mut passes[at]) {
                    continue;
                }
                let flags = columns.flags[at];
                let flags = if sieve.is_decided_only() { flags.decided() } else { flags };
                for (quartier, cents) in split(columns.cents[at], &case.places.shares) {
                    let code = quartier.map_or(last, |quartier| quartier.get() + 1);
                    let code = R::Number::from(u32::try_from(code).unwrap_or(0)) * weight;
                    rows.row(numbers[at] + code).add(columns.projects[at], flags, cents);
                }
            }
        }
    }

    /// For each commitment of the range: does it pass?
    fn passes(&self, sieve: &Sieve, range: Range<usize>, passes: &mut Vec<bool>) {
        let columns = &self.columns;
        passes.clear();
        passes.resize(range.len(), true);
        for (column, allowed) in sieve.restrictions() {
            whatever_width!(&columns.by_commitment[column], list => {
                for (pass, code) in passes.iter_mut().zip(&list[range.clone()]) {
                    *pass &= allowed[wide(*code) as usize];
                }
            });
        }
        if let Some(projects) = sieve.projects() {
            for (pass, project) in passes.iter_mut().zip(&columns.projects[range.clone()]) {
                *pass &= projects[*project as usize];
            }
        }
        if sieve.by_amount() {
            for (pass, at) in passes.iter_mut().zip(range) {
                *pass &= sieve.amount(columns.flags[at].known().then_some(columns.cents[at]));
            }
        }
    }
}

/// Adds what a dimension of the project weighs in the numbers of its commitments' rows.
fn add_by_project<N>(numbers: &mut [N], column: &Codes, projects: &[u32], weight: N)
where
    N: Copy + AddAssign + Mul<Output = N> + From<u32>,
{
    whatever_width!(column, list => {
        for (number, project) in numbers.iter_mut().zip(projects) {
            *number += N::from(wide(list[*project as usize])) * weight;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::{Places, QuartierShare, StatementFacts};
    use crate::domain::money::{BasisPoints, Cents};
    use crate::domain::place::QuartierCode;
    use crate::domain::record::RecordVersion;
    use crate::domain::vocabulary::{Form, Stage, TaxBasis};
    use crate::portfolio::fixture::*;

    /// Each row as (values, amount in cents).
    fn rows(portfolio: &Portfolio, filter: &CommitmentFilter, by: &[Dimension]) -> Vec<(String, Option<i64>)> {
        let shown = |row: TotalRow| {
            let values: Vec<String> = row.key.iter().map(|one| one.value.clone().unwrap_or_default()).collect();
            (values.join(" "), row.amount.map(Cents::get))
        };
        portfolio.totals(filter, by).into_iter().map(shown).collect()
    }

    fn of_form(form: Form, cents: i64) -> StatementFacts {
        StatementFacts { form, amount: Some(Cents::new(cents)), ..grant(REGION) }
    }

    #[test]
    fn without_a_stage_only_what_is_decided_counts() {
        let portfolio = portfolio(vec![record("region", "r", vec![grant(REGION), asked(METROPOLE, 7)])]);
        let decided = portfolio.totals(&CommitmentFilter::default(), &[]).remove(0);
        assert_eq!((decided.amount, decided.count, decided.projects), (Some(Cents::new(10_000)), 1, 1));
        let asked = CommitmentFilter { stage: vec![Stage::Sollicite], ..CommitmentFilter::default() };
        assert_eq!(rows(&portfolio, &asked, &[]), [(String::new(), Some(7))]);
        let by_stage = rows(&portfolio, &CommitmentFilter::default(), &[Dimension::Stage]);
        assert_eq!(by_stage, [("SOLLICITE".to_owned(), Some(7)), ("ATTRIBUE".to_owned(), Some(10_000))]);
    }

    #[test]
    fn forms_are_never_one_figure_and_unknown_is_never_zero() {
        let unknown = StatementFacts { amount: None, year: Some(2024), ..grant(METROPOLE) };
        let means = vec![
            of_form(Form::Subvention, 1),
            of_form(Form::Autofinancement, 2),
            of_form(Form::Pret, 4),
            of_form(Form::Ingenierie, 8),
        ];
        let known = portfolio(vec![record("region", "r", means)]).totals(&CommitmentFilter::default(), &[]).remove(0);
        assert_eq!((known.amount, known.loans), (Some(Cents::new(3)), Some(Cents::new(4))));
        assert_eq!((known.in_kind, known.exemptions, known.partial), (Some(Cents::new(8)), None, false));
        let unknown = portfolio(vec![record("metropole", "m", vec![unknown])]);
        let unknown = unknown.totals(&CommitmentFilter::default(), &[]).remove(0);
        assert_eq!((unknown.amount, unknown.count, unknown.partial), (None, 1, true));
        let empty = portfolio(Vec::new()).totals(&CommitmentFilter::default(), &[]).remove(0);
        assert_eq!((empty.amount, empty.count, empty.partial), (None, 0, false));
    }

    #[test]
    fn a_sum_on_which_a_funders_sources_contradict_each_other_makes_the_total_partial() {
        let said = |source, cents| record(source, source, vec![of_form(Form::Subvention, cents)]);
        let mut twice = image(vec![said("region", 4_000_000), said("region-list", 40_000_000)]);
        twice.sources.push(source("region-list", crate::domain::source::Standing::SystemOfRecord, &[REGION]));
        let row = |image: &crate::domain::image::LedgerImage| {
            Portfolio::build(image).totals(&CommitmentFilter::default(), &[]).remove(0)
        };
        assert_eq!((row(&twice).count, row(&twice).partial), (1, true));
        twice.records.truncate(1);
        assert_eq!((row(&twice).amount, row(&twice).partial), (Some(Cents::new(4_000_000)), false));
    }

    #[test]
    fn a_grant_of_which_nobody_knows_whether_it_is_decided_makes_the_total_partial() {
        let untold = StatementFacts { stage: None, year: Some(2024), ..grant(REGION) };
        let shown = |statements: Vec<StatementFacts>| {
            let row =
                portfolio(vec![record("region", "r", statements)]).totals(&CommitmentFilter::default(), &[]).remove(0);
            (row.amount.map(Cents::get), row.count, row.partial)
        };
        let before = StatementFacts { year: Some(2023), ..grant(REGION) };
        assert_eq!(shown(vec![before, untold.clone()]), (Some(10_000), 1, true));
        assert_eq!(shown(vec![untold.clone()]), (None, 0, true));
        let reported = StatementFacts { funder: grant(METROPOLE).funder, ..untold.clone() };
        assert_eq!(
            shown(vec![grant(REGION), reported]),
            (Some(10_000), 1, false),
            "what others report settles nothing of a total"
        );
        let staged = portfolio(vec![record("region", "r", vec![untold])]);
        let staged = staged.totals(&CommitmentFilter::default(), &[Dimension::Stage]).remove(0);
        assert_eq!((staged.amount.map(Cents::get), staged.count), (Some(10_000), 1));
    }

    #[test]
    fn refused_money_counts_for_nothing() {
        let refused = StatementFacts { stage: Some(Stage::Refuse), ..grant(REGION) };
        let portfolio = portfolio(vec![record("region", "r", vec![refused])]);
        let row = portfolio.totals(&CommitmentFilter::default(), &[Dimension::Stage]).remove(0);
        assert_eq!((row.amount, row.count, row.partial), (None, 1, false));
        assert!(rows(&portfolio, &CommitmentFilter::default(), &[Dimension::Family]).is_empty());
    }

    #[test]
    fn a_row_says_what_rests_on_reports_and_when_tax_bases_mix() {
        let reported = StatementFacts { tax_basis: TaxBasis::Ttc, ..grant(METROPOLE) };
        let own = StatementFacts { tax_basis: TaxBasis::Ht, ..grant(REGION) };
        let portfolio = portfolio(vec![record("region", "r", vec![own, reported])]);
        let row = portfolio.totals(&CommitmentFilter::default(), &[]).remove(0);
        assert_eq!(row.own_amount, Some(Cents::new(10_000)));
        assert_eq!(row.reported_only_amount, Some(Cents::new(10_000)));
        assert!(row.mixed_tax_basis);
    }

    #[test]
    fn sums_of_one_basis_are_not_mixed_because_some_are_reported() {
        let said = vec![grant(METROPOLE), of_form(Form::Pret, 70), grant(REGION)];
        let row = portfolio(vec![record("region", "r", said)]).totals(&CommitmentFilter::default(), &[]).remove(0);
        assert!(row.reported_only_amount.is_some() && !row.mixed_tax_basis);
    }

    #[test]
    fn each_figure_says_what_of_it_rests_on_reports_alone() {
        let told = |form, cents| StatementFacts { form, amount: Some(Cents::new(cents)), ..grant(METROPOLE) };
        let said =
            vec![told(Form::Pret, 70), told(Form::EnNature, 7), told(Form::Exoneration, 9), of_form(Form::Pret, 30)];
        let row = portfolio(vec![record("region", "r", said)]).totals(&CommitmentFilter::default(), &[]).remove(0);
        let cents = |cents| Some(Cents::new(cents));
        assert_eq!((row.loans, row.reported_only_loans), (cents(100), cents(70)));
        assert_eq!((row.reported_only_in_kind, row.reported_only_exemptions), (cents(7), cents(9)));
        assert_eq!((row.own_amount, row.reported_only_amount), (None, None));
    }

    #[test]
    fn only_stated_shares_split_a_sum_by_quartier() {
        let codes = ["QN05901M", "QN05902M"].map(|code| QuartierCode::parse(code).expect("sound"));
        let on = |shares: &[u32]| {
            let share = |(quartier, share): (&QuartierCode, &u32)| QuartierShare {
                quartier: quartier.clone(),
                share: BasisPoints::new(*share),
            };
            let places = Places {
                quartiers: codes.to_vec(),
                shares: codes.iter().zip(shares).map(share).collect(),
                ..Places::default()
            };
            let portfolio = portfolio(vec![with_places(record("region", "r", vec![grant(REGION)]), places)]);
            rows(&portfolio, &CommitmentFilter::default(), &[Dimension::Quartier])
        };
        let row = |value: &str, cents| (value.to_owned(), Some(cents));
        assert_eq!(on(&[]), [row("PLUSIEURS", 10_000)]);
        assert_eq!(on(&[6_000, 4_000]), [row("QN05901M", 6_000), row("QN05902M", 4_000)]);
        assert_eq!(on(&[2_500]), [row("QN05901M", 2_500), row("PLUSIEURS", 7_500)]);
        assert_eq!(on(&[9_000, 4_000]), [row("PLUSIEURS", 10_000)], "more than the whole is no split");
    }

    #[test]
    fn a_bucket_without_a_value_has_a_name() {
        let portfolio = portfolio(vec![record("region", "r", vec![grant(REGION)])]);
        let label = |dimension| portfolio.totals(&CommitmentFilter::default(), &[dimension])[0].key[0].label.clone();
        assert_eq!(label(Dimension::Epci), "non localisé");
        assert_eq!(label(Dimension::Quartier), "non localisé");
        assert_eq!(label(Dimension::Year), "non précisé");
        assert_eq!(label(Dimension::Family), "Politique de la ville");
    }

    #[test]
    fn what_lies_somewhere_is_not_told_to_lie_nowhere() {
        let commune = |code| vec![crate::domain::place::CommuneCode::parse(code).expect("sound")];
        let places = Places { communes: commune("59350"), ..Places::default() };
        let there = with_places(record("region", "r", vec![grant(REGION)]), places);
        let nowhere =
            RecordVersion { project: Some(project(2)), ..record("region", "n", vec![of_form(Form::Subvention, 7)]) };
        let portfolio = portfolio(vec![there, nowhere]);
        let found = rows(&portfolio, &CommitmentFilter::default(), &[Dimension::Quartier]);
        assert_eq!(found, [("LOCALISE".to_owned(), Some(10_000)), (String::new(), Some(7))]);
        let labels = portfolio.totals(&CommitmentFilter::default(), &[Dimension::Quartier]);
        let labels: Vec<&str> = labels.iter().map(|row| row.key[0].label.as_str()).collect();
        assert_eq!(labels, ["localisé, quartier non précisé", "non localisé"]);
    }

    #[test]
    fn all_dimensions_at_once_are_one_row_for_each_kind_of_sum() {
        let portfolio = portfolio(vec![record("region", "r", vec![grant(REGION), grant(METROPOLE)])]);
        let found = rows(&portfolio, &CommitmentFilter::default(), Dimension::ALL);
        assert_eq!(found.len(), 2);
        assert!(found[0].0.contains(METROPOLE) || found[1].0.contains(METROPOLE));
    }
}

//! What others say: of a sum on which its funder has no word, where they do not say the same; and of a funder and nature in all.

use super::Portfolio;
use super::case::{Commitment, ProjectCase, Statement};
use super::headline::{Bench, headline};
use super::index::SourceIx;
use crate::domain::money::Cents;
use crate::domain::tax::{Agreement, compared};
use crate::domain::vocabulary::{Authority, Stage, TaxBasis};
use std::collections::BTreeMap;

/// An application states whole euros: two figures that are no further apart, in cents, are one.
const ROUNDED: i64 = 100;

/// Two figures of others that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoReports {
    /// What the figure of the sum rests on, and the other one.
    pub amounts: (Cents, Cents),
    /// Do they differ for certain, or may a tax lie between them?
    pub agreement: Agreement,
}

impl ProjectCase {
    /// Of a sum whose figure is the word of others, what another record says otherwise at its stage: each record with all that it lists
    /// of it. What differs for certain before what a tax may explain. `tolerance` is in cents.
    pub fn reported_otherwise(&self, sum: &Commitment, tolerance: i64) -> Option<TwoReports> {
        let deciding = self.deciding(sum);
        if deciding.authority != Authority::Reported || sum.is_outside() {
            return None;
        }
        let mut listed: BTreeMap<u32, (Option<Cents>, TaxBasis)> = BTreeMap::new();
        let same = |one: &&Statement| one.authority == Authority::Reported && one.stage == deciding.stage;
        for one in self.statements(sum).iter().filter(same) {
            let (all, _) = listed.entry(one.record).or_insert((Some(Cents::ZERO), one.tax_basis));
            *all = all.zip(one.amount).map(|(all, one)| all + one);
        }
        let known = |(amount, basis): (Option<Cents>, TaxBasis)| amount.map(|amount| (amount, basis));
        let told = known(*listed.get(&deciding.record)?)?;
        let others = listed.into_iter().filter(|(record, _)| *record != deciding.record);
        let pairs = others
            .filter_map(|(_, other)| known(other))
            .map(|other| TwoReports { amounts: (told.0, other.0), agreement: compared(told, other, tolerance) });
        let differing = pairs.filter(|pair| pair.agreement != Agreement::Same);
        differing.min_by_key(|pair| pair.agreement != Agreement::Different)
    }

    /// Of a sum that only others say was decided, what others say: that it was refused, or given up. Neither is the later word, or one
    /// would have ended there.
    pub fn reported_ended(&self, sum: &Commitment) -> Option<&Commitment> {
        let is_reported = |one: &Commitment| self.deciding(one).authority == Authority::Reported;
        let is_decided = sum.stage.is_some_and(Stage::is_decided);
        let agree = |one: Option<usize>, other: Option<usize>| one.zip(other).is_none_or(|(one, other)| one == other);
        let meets = |other: &Commitment| {
            (other.funder, other.form) == (sum.funder, sum.form)
                && agree(other.nature.map(|one| one as usize), sum.nature.map(|one| one as usize))
                && agree(other.year.map(usize::from), sum.year.map(usize::from))
                && agree(other.dispositif.map(|ix| ix.get()), sum.dispositif.map(|ix| ix.get()))
        };
        let is_of_it = |other: &Commitment| self.deciding(other).amount.is_none_or(|ended| sum.amount == Some(ended));
        let mut ended = self.commitments.iter().filter(|one| one.is_outside() && is_reported(one));
        (is_reported(sum) && is_decided)
            .then(|| ended.find(|other| meets(other) && self.statements(other).len() == 1 && is_of_it(other)))
            .flatten()
    }

    /// Do others contradict each other about it, and no word of its funder decides?
    pub(super) fn is_reported_in_two_ways(&self, sum: &Commitment) -> bool {
        self.reported_otherwise(sum, ROUNDED).is_some() || self.reported_ended(sum).is_some()
    }
}

/// The sum of what others say, when all of it has a figure. What two sources list in one amount is one, were it with two sums of the
/// funder; what one source lists twice is two.
pub(super) fn reported(portfolio: &Portfolio, case: &ProjectCase, standing: &[&Commitment]) -> Option<Cents> {
    let rank = |source: SourceIx| portfolio.source(source).profile.standing;
    let is_numbered = |body| portfolio.lexicon.is_numbered(body);
    let source_id = |source: SourceIx| portfolio.source(source).profile.id.as_str();
    let bench = Bench { records: &case.records, standing: &rank, source_id: &source_id, is_numbered: &is_numbered };
    let figure = |commitment: &&Commitment| {
        let others = case.statements(commitment).iter().filter(|one| !one.is_funders_word());
        let (told, asked): (Vec<Statement>, Vec<Statement>) =
            others.cloned().partition(|one| one.authority == Authority::Reported);
        let said = if told.is_empty() { asked } else { told };
        (!said.is_empty()).then(|| {
            let headline = headline(&bench, &said);
            let deciding = &said[headline.deciding];
            // One record that lists several sums at one stage says all of them; another one of its source says them again.
            let listed = said.iter().filter(|one| (one.stage, one.record) == (deciding.stage, deciding.record));
            let listed: Vec<Statement> = listed.cloned().collect();
            headline.has_figure.then_some(listed)
        })
    };
    let (again, once): (Vec<&Commitment>, Vec<&Commitment>) = standing.iter().partition(|one| one.doubts.restated);
    let mut figures: Vec<Option<Vec<Statement>>> = once.iter().filter_map(figure).collect();
    if figures.is_empty() {
        figures = again.iter().filter_map(figure).collect();
    }
    if figures.is_empty() {
        None
    } else {
        let mut lists = figures.into_iter().collect::<Option<Vec<_>>>()?;
        lists.sort_by_cached_key(|rows: &Vec<Statement>| rows.first().map(|one| bench.place(one)));
        told_once(case, lists)
    }
}

/// What these lists come to, of which a row of one and a row of another may be one sum that two sources state.
fn told_once(case: &ProjectCase, lists: Vec<Vec<Statement>>) -> Option<Cents> {
    let source = |one: &Statement| case.record(one).source;
    let may_be_one = |one: &Statement, other: &Statement| {
        one.amount == other.amount
            && one.amount.is_some()
            && one.form == other.form
            && source(one) != source(other)
            && agree(one.year, other.year)
            && agree(one.dispositif, other.dispositif)
            && agree(one.reference, other.reference)
    };
    let mut counted: Vec<Statement> = Vec::new();
    for list in lists {
        let mut met = vec![false; counted.len()];
        let mut more = Vec::new();
        for row in list {
            let known = (0..counted.len()).find(|at| !met[*at] && may_be_one(&counted[*at], &row));
            match known {
                Some(at) => met[at] = true,
                None => more.push(row),
            }
        }
        counted.extend(more);
    }
    counted.iter().map(|one| one.amount).sum()
}

/// Do both say the same, as far as both say something?
pub(crate) fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use crate::domain::facts::StatementFacts;
    use crate::domain::money::Cents;
    use crate::domain::record::RecordVersion;
    use crate::domain::vocabulary::Stage;
    use crate::portfolio::fixture::*;
    use crate::portfolio::{CommitmentFilter, TotalRow};

    fn said(key: &str, stage: Stage, cents: i64) -> RecordVersion {
        let one = StatementFacts { stage: Some(stage), amount: Some(Cents::new(cents)), ..grant(METROPOLE) };
        record("application", key, vec![one])
    }

    /// The one line of the plan, as others tell it, and the whole of the totals.
    fn told(records: Vec<RecordVersion>) -> (Option<i64>, TotalRow) {
        let portfolio = portfolio(records);
        let plan = plan_at(&portfolio, moment(1));
        let mut lines = plan.lines.iter().filter(|line| portfolio.identity(line.funder).as_str() == METROPOLE);
        let line = lines.next().expect("a line");
        (line.reported.map(Cents::get), portfolio.totals(&CommitmentFilter::default(), &[]).remove(0))
    }

    #[test]
    fn a_sum_that_two_applications_report_is_one_on_the_line_as_in_totals() {
        let (line, whole) = told(vec![said("a", Stage::Attribue, 30_000), said("b", Stage::Attribue, 30_000)]);
        assert_eq!((line, whole.amount, whole.partial), (Some(30_000), Some(Cents::new(30_000)), false));
    }

    #[test]
    fn two_reports_that_differ_make_a_total_partial() {
        let (line, whole) = told(vec![said("a", Stage::Attribue, 30_000), said("b", Stage::Attribue, 50_000)]);
        assert_eq!((line, whole.partial), (whole.amount.map(Cents::get), true), "one figure, on the line as in totals");
        let (line, whole) = told(vec![said("a", Stage::Attribue, 30_000), said("b", Stage::Attribue, 30_050)]);
        assert_eq!((line, whole.partial), (whole.amount.map(Cents::get), false), "rounded to the euro");
    }

    #[test]
    fn a_grant_that_another_report_says_refused_stands_and_its_total_is_partial() {
        let (line, whole) = told(vec![said("a", Stage::Attribue, 30_000), said("b", Stage::Refuse, 30_000)]);
        assert_eq!((line, whole.amount, whole.partial), (Some(30_000), Some(Cents::new(30_000)), true));
    }

    #[test]
    fn a_report_in_a_record_that_is_in_doubt_makes_a_total_partial() {
        let (_, sound) = told(vec![said("a", Stage::Attribue, 30_000)]);
        let (line, whole) = told(vec![disputed(said("a", Stage::Attribue, 30_000))]);
        assert_eq!((line, whole.amount), (Some(30_000), Some(Cents::new(30_000))));
        assert_eq!((sound.partial, whole.partial), (false, true));
    }
}

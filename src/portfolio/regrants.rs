//! Re-grants: what a fund (PIC, FTU) gives on to micro-projects was put into the fund before, and counts once: where the fund
//! stands.
//!
//! A micro-project's record names its fund by a reference. Its sum is *given on* where its dispositif is one under which the fund
//! itself counts a decided and known grant, of the same funder or held by the body that now gives: a sum that only its funder has
//! in common with the fund may be, and is left out as what may count already is. A fund within a fund is not followed.

use super::Portfolio;
use super::case::{Commitment, ProjectCase};
use super::index::{CommitmentIx, DispositifIx, OrganisationIx, ProjectIx};
use super::named::Named;
use crate::domain::vocabulary::{Form, Stage};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a sum of a micro-project is to the sums of its fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenOn {
    /// It was put into the fund before, and counts there.
    Sure,
    /// The same, but what is given on is more than what the fund holds.
    Overdrawn,
    /// It may be: nothing says of which dispositif it is.
    Maybe,
}

/// Which micro-projects are given what by which fund.
#[derive(Debug, Clone, Default)]
pub(crate) struct Regrants {
    funds: Named,
    /// By project and position among its commitments.
    given: FxHashMap<(ProjectIx, u32), GivenOn>,
}

impl Regrants {
    /// From all cases of a ledger.
    pub(crate) fn of(cases: &[Arc<ProjectCase>]) -> Self {
        let named = Named::of(cases, |case| case.fund.as_ref());
        let last = |(_, fund): &&(ProjectIx, ProjectIx)| named.named_by(*fund).is_none();
        Regrants::settled(Named::from_pairs(named.pairs().iter().filter(last).copied().collect()), cases)
    }

    /// The same funds among fewer cases, or less of them: what a public form does not hold, a reference, is no reason to count
    /// twice.
    pub(crate) fn among(&self, whole: &[Arc<ProjectCase>], cases: &[Arc<ProjectCase>]) -> Self {
        let there = |project: ProjectIx| {
            let id = &whole[project.get()].id;
            cases.binary_search_by(|case| case.id.cmp(id)).ok().map(ProjectIx::at)
        };
        let pairs = self.funds.pairs().iter().filter_map(|(micro, fund)| there(*micro).zip(there(*fund)));
        Regrants::settled(Named::from_pairs(pairs.collect()), cases)
    }

    fn settled(funds: Named, cases: &[Arc<ProjectCase>]) -> Self {
        let mut given = FxHashMap::default();
        let mut by_fund: FxHashMap<ProjectIx, Vec<ProjectIx>> = FxHashMap::default();
        for (micro, fund) in funds.pairs() {
            by_fund.entry(*fund).or_default().push(*micro);
        }
        for (fund, micros) in by_fund {
            settle(&cases[fund.get()], &micros, cases, &mut given);
        }
        Regrants { funds, given }
    }

    /// What a commitment is to a fund; `None`: nothing.
    pub(crate) fn given(&self, project: ProjectIx, position: usize) -> Option<GivenOn> {
        if self.given.is_empty() {
            return None;
        }
        self.given.get(&(project, u32::try_from(position).ok()?)).copied()
    }

    pub(crate) fn memory(&self) -> usize {
        self.funds.memory() + self.given.capacity() * size_of::<((ProjectIx, u32), GivenOn)>()
    }
}

/// A grant that is decided, and counts in the project where it stands.
fn stands(commitment: &Commitment) -> bool {
    let doubts = &commitment.doubts;
    let counts = !(doubts.unadmitted || doubts.denied || doubts.restated || doubts.uncertain);
    counts && commitment.form == Form::Subvention && commitment.stage.is_some_and(Stage::is_decided)
}

/// What a fund was given under one dispositif.
#[derive(Default)]
struct Held {
    cents: i64,
    funders: Vec<OrganisationIx>,
    /// What it gives on, as far as it is known, and the sums.
    given: i64,
    sums: Vec<(ProjectIx, u32)>,
}

fn settle(
    fund: &ProjectCase,
    micros: &[ProjectIx],
    cases: &[Arc<ProjectCase>],
    given: &mut FxHashMap<(ProjectIx, u32), GivenOn>,
) {
    let mut held: FxHashMap<DispositifIx, Held> = FxHashMap::default();
    for sum in fund.commitments.iter().filter(|one| stands(one)) {
        if let (Some(dispositif), Some(amount)) = (sum.dispositif, sum.amount) {
            let held = held.entry(dispositif).or_default();
            held.cents = held.cents.saturating_add(amount.get());
            held.funders.push(sum.funder);
        }
    }
    let gives = |held: &Held, funder: OrganisationIx| held.funders.contains(&funder) || fund.holder == Some(funder);
    for micro in micros {
        for (at, sum) in (0_u32..).zip(&cases[micro.get()].commitments).filter(|(_, one)| stands(one)) {
            match sum.dispositif {
                Some(dispositif) => {
                    if let Some(held) = held.get_mut(&dispositif).filter(|held| gives(held, sum.funder)) {
                        held.given = held.given.saturating_add(sum.amount.map_or(0, |amount| amount.get()));
                        held.sums.push((*micro, at));
                    }
                }
                None if held.values().any(|held| gives(held, sum.funder)) => {
                    given.insert((*micro, at), GivenOn::Maybe);
                }
                None => {}
            }
        }
    }
    for held in held.into_values() {
        let what = if held.given > held.cents { GivenOn::Overdrawn } else { GivenOn::Sure };
        given.extend(held.sums.into_iter().map(|sum| (sum, what)));
    }
}

impl Portfolio {
    /// The fund that gives on to a micro-project, where its record names it and exactly one project bears that reference.
    pub fn fund(&self, project: ProjectIx) -> Option<ProjectIx> {
        self.regrants.funds.named_by(project)
    }

    /// The micro-projects that a fund gives on to, in the order of identifiers.
    pub fn gives_on_to(&self, project: ProjectIx) -> impl Iterator<Item = ProjectIx> + use<'_> {
        self.regrants.funds.naming(project)
    }

    /// What a commitment is to the fund that its project names; `None`: nothing.
    pub fn given_on(&self, commitment: CommitmentIx) -> Option<GivenOn> {
        let project = self.columns.projects[commitment.get()] as usize;
        self.regrants.given(ProjectIx::at(project), commitment.get() - self.columns.starts[project] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clearance::Clearance;
    use crate::domain::facts::StatementFacts;
    use crate::domain::money::Cents;
    use crate::domain::project::Reference;
    use crate::domain::record::RecordVersion;
    use crate::domain::text::DispositifCode;
    use crate::domain::vocabulary::Dimension;
    use crate::portfolio::CommitmentFilter;
    use crate::portfolio::fixture::*;

    fn sum(funder: &str, dispositif: Option<&str>, cents: i64) -> StatementFacts {
        let dispositif = dispositif.map(|code| DispositifCode::parse(code).expect("sound"));
        StatementFacts { dispositif, amount: Some(Cents::new(cents)), ..grant(funder) }
    }

    /// A project that bears a number, and names the number of a fund.
    fn bearing(rank: u8, number: &str, fund: Option<&str>, said: Vec<StatementFacts>) -> RecordVersion {
        let mut record = record("region", number, said);
        record.project = Some(project(rank));
        let reference = |number: &str| Reference { scheme: "convention".into(), value: number.into() };
        let facts = record.facts.project.get_or_insert_default();
        facts.references = vec![reference(number)];
        facts.fund = fund.map(reference);
        record
    }

    fn total(portfolio: &Portfolio) -> (Option<i64>, Option<i64>, u32, bool) {
        let row = portfolio.totals(&CommitmentFilter::default(), &[]).remove(0);
        (row.amount.map(Cents::get), row.regranted.map(Cents::get), row.projects, row.partial)
    }

    fn fund(cents: i64) -> RecordVersion {
        bearing(1, "FONDS", None, vec![sum(REGION, Some("PIC"), cents)])
    }

    fn micro(rank: u8, dispositif: Option<&str>, cents: i64) -> RecordVersion {
        bearing(rank, &format!("PIC-{rank}"), Some("FONDS"), vec![sum(REGION, dispositif, cents)])
    }

    #[test]
    fn what_a_fund_gives_on_counts_once_and_is_told() {
        let whole = portfolio(vec![fund(5_000), micro(2, Some("PIC"), 900), micro(3, Some("PIC"), 100)]);
        assert_eq!(total(&whole), (Some(5_000), Some(1_000), 3, false));
        let linked = |at| (whole.fund(ProjectIx::at(at)), whole.gives_on_to(ProjectIx::at(at)).count());
        assert_eq!([linked(0), linked(1)], [(None, 2), (Some(ProjectIx::at(0)), 0)]);
        let rows = whole.totals(&CommitmentFilter::default(), &[Dimension::Funder]);
        assert_eq!((rows.len(), rows[0].regranted), (1, Some(Cents::new(1_000))));
    }

    #[test]
    fn the_public_sees_no_reference_and_counts_as_little_twice() {
        let whole = portfolio(vec![fund(5_000), micro(2, Some("PIC"), 900)]);
        let day = crate::domain::Date::MIN;
        let public = whole.seen(&Clearance::public(), (&whole, day)).expect("not everything");
        assert_eq!(total(&public), (Some(5_000), Some(900), 2, false));
    }

    #[test]
    fn another_scheme_or_funder_or_a_fund_of_which_nothing_is_known_gives_nothing_on() {
        let other = portfolio(vec![fund(5_000), micro(2, Some("NQE"), 900)]);
        assert_eq!(total(&other), (Some(5_900), None, 2, false));
        let town = bearing(2, "PIC-2", Some("FONDS"), vec![sum(METROPOLE, Some("PIC"), 900)]);
        assert_eq!(total(&portfolio(vec![fund(5_000), town])), (Some(5_900), None, 2, false));
        let unknown = StatementFacts { amount: None, ..sum(REGION, Some("PIC"), 0) };
        let fund = bearing(1, "FONDS", None, vec![unknown]);
        assert_eq!(total(&portfolio(vec![fund, micro(2, Some("PIC"), 900)])), (Some(900), None, 2, true));
        assert_eq!(
            total(&portfolio(vec![micro(2, Some("PIC"), 900)])),
            (Some(900), None, 1, false),
            "no fund is there"
        );
    }

    #[test]
    fn whoever_holds_the_fund_gives_on_in_its_own_name() {
        let mut fund = fund(5_000);
        fund.facts.project.get_or_insert_default().holder =
            Some(crate::domain::organisation::OrganisationId::parse(METROPOLE).expect("sound"));
        let given = bearing(2, "PIC-2", Some("FONDS"), vec![sum(METROPOLE, Some("PIC"), 900)]);
        assert_eq!(total(&portfolio(vec![fund, given])), (Some(5_000), Some(900), 2, false));
    }

    #[test]
    fn what_may_be_given_on_is_left_out_and_more_than_the_fund_holds_is_partial() {
        let unsaid = portfolio(vec![fund(5_000), micro(2, None, 900)]);
        assert_eq!(total(&unsaid), (Some(5_000), None, 1, true));
        let overdrawn = portfolio(vec![fund(500), micro(2, Some("PIC"), 900)]);
        assert_eq!(total(&overdrawn), (Some(500), Some(900), 2, true));
    }

    #[test]
    fn funds_that_name_each_other_lose_nothing() {
        let one = bearing(1, "A", Some("B"), vec![sum(REGION, Some("PIC"), 500)]);
        let other = bearing(2, "B", Some("A"), vec![sum(REGION, Some("PIC"), 700)]);
        assert_eq!(total(&portfolio(vec![one, other])), (Some(1_200), None, 2, false));
    }
}

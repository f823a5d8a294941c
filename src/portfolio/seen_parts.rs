//! Parts of sums granted to several, in a picture of less than all: what of a row is its own project's is told by the other rows of its
//! grant. Of a project that is shown only as far as it is public, a row that is not seen tells nothing, not even through the rows that
//! are; where these do not settle it, the part is unknown. Whoever sees a project whole is told the part that all rows make of it, for
//! it is that of the plan which it acknowledges; but not where a funder keeps, or kept, one of these rows.

use super::Portfolio;
use super::case::{ProjectCase, Statement};
use super::consolidate::settle_sums;
use super::index::{OrganisationIx, SourceIx, TextIx};
use super::parts::{PART_TAKEN, Part, Row, alone, part_taken, settled};
use crate::domain::facts::Warning;
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Form, Stage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A statement that states a part: its source, its record and its place there, then its case and its position.
type Place<'a> = (&'a SourceId, &'a RecordKey, u16, usize, usize);

/// What the rows of one grant have in common.
type Grant = (SourceIx, OrganisationIx, Form, Option<Stage>, Option<u16>, TextIx);

impl Portfolio {
    /// These cases, in which the parts of sums granted to several rest on the rows that may tell them.
    pub(super) fn with_parts_of_what_is_seen(&self, mut cases: Vec<Arc<ProjectCase>>) -> Vec<Arc<ProjectCase>> {
        let mut changed: BTreeMap<usize, Vec<(usize, Part)>> = BTreeMap::new();
        let kept = self.grants_kept();
        for ((.., case, at), part) in self.parts_seen(&cases) {
            let (holding, one) = (&cases[case], &cases[case].statements[at]);
            if !holding.abridged && grant(holding, one).is_none_or(|grant| !kept.contains(&grant)) {
                continue;
            }
            let amount = if part.certain || !holding.abridged { part.amount } else { None };
            let part = Part { amount, ..part };
            if !says(&cases[case].statements[at], part) {
                changed.entry(case).or_default().push((at, part));
            }
        }
        for (case, parts) in changed {
            cases[case] = self.resettled(&cases[case], &parts);
        }
        cases
    }

    /// The grants of which a funder keeps a row from others, or once did.
    fn grants_kept(&self) -> BTreeSet<Grant> {
        let all = self.cases.iter().flat_map(|case| case.statements.iter().map(move |one| (case, one)));
        all.filter(|(_, one)| one.not_public_until.is_some()).filter_map(|(case, one)| grant(case, one)).collect()
    }

    fn parts_seen<'a>(&'a self, cases: &'a [Arc<ProjectCase>]) -> Vec<(Place<'a>, Part)> {
        let mut grants: BTreeMap<Grant, Vec<Row<Place<'a>>>> = BTreeMap::new();
        let mut found = Vec::new();
        for (at_case, case) in cases.iter().enumerate() {
            for (at, one) in case.statements.iter().enumerate() {
                let Some(part) = &one.part else { continue };
                let record = case.record(one);
                let source = &self.source(record.source).profile.id;
                let place = (source, &record.key, one.ordinal, at_case, at);
                let row = Row { place, amount: part.amount.filter(|_| !one.veiled), share: part.share };
                match grant(case, one) {
                    Some(grant) => grants.entry(grant).or_default().push(row),
                    None => found.push(alone(row)),
                }
            }
        }
        found.extend(grants.into_values().flat_map(settled));
        found
    }

    /// The case with these parts in the place of what they were, reconciled anew.
    fn resettled(&self, case: &Arc<ProjectCase>, parts: &[(usize, Part)]) -> Arc<ProjectCase> {
        let whole = case.behind.clone().or_else(|| (!case.abridged).then(|| Arc::clone(case)));
        let mut seen = ProjectCase { behind: whole, ..ProjectCase::clone(case) };
        for (at, part) in parts {
            let one = &mut seen.statements[*at];
            one.amount = part.amount;
            one.disputed = !part.certain || one.part.as_ref().is_some_and(|part| part.disputed);
        }
        tell_parts_taken(&mut seen);
        let (mut nothings, mut sums): (Vec<Statement>, Vec<Statement>) =
            seen.statements.iter().cloned().partition(|one| one.nothing);
        // As consolidation meets them: by record, then in the order in which each gives them.
        for list in [&mut sums, &mut nothings] {
            list.sort_by_key(|one| (one.record, one.ordinal));
        }
        settle_sums(&self.lexicon, &mut seen, sums, nothings);
        Arc::new(seen)
    }
}

fn grant(case: &ProjectCase, one: &Statement) -> Option<Grant> {
    let of = one.part.as_ref()?.of?;
    Some((case.record(one).source, one.funder, one.form, one.stage, one.year, of))
}

fn says(one: &Statement, part: Part) -> bool {
    let disputed = !part.certain || one.part.as_ref().is_some_and(|part| part.disputed);
    (one.amount, one.disputed) == (part.amount, disputed)
}

/// Each record says where what is shown is not what it states.
fn tell_parts_taken(case: &mut ProjectCase) {
    for (at, record) in (0..).zip(&mut case.records) {
        let rows = case.statements.iter().filter(|one| one.record == at && !one.veiled);
        let taken = rows.filter(|one| one.part.as_ref().is_some_and(|part| part.amount != one.amount)).count();
        let is_other = |one: &&Warning| &*one.code != PART_TAKEN;
        let told = record.warnings.iter().filter(is_other).cloned();
        record.warnings = told.chain((0..taken).map(|_| part_taken())).collect();
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Date;
    use crate::domain::clearance::Clearance;
    use crate::domain::facts::{PartFacts, Places, StatementFacts};
    use crate::domain::money::{BasisPoints, Cents};
    use crate::domain::record::RecordVersion;
    use crate::domain::vocabulary::Stage;
    use crate::portfolio::fixture::*;
    use crate::portfolio::{Portfolio, ProjectIx};

    const DAY: Date = Date::MIN;

    fn row(number: u8, (cents, share): (i64, u32), stage: Stage) -> RecordVersion {
        let part = Some(PartFacts { of: Some("2025.1".into()), share: Some(BasisPoints::new(share)) });
        let one = StatementFacts { amount: Some(Cents::new(cents)), part, stage: Some(stage), ..grant(REGION) };
        let mut one = record("region", &format!("row-{number}"), vec![one]);
        one.project = Some(project(number));
        one
    }

    fn contrat(code: &str) -> Clearance {
        Clearance::Part {
            bodies: Box::default(),
            contrats: [code.parse().expect("sound")].into(),
            expected: Box::default(),
        }
    }

    /// What is seen of the sum of the first project: its amount, and whether it is in doubt.
    fn first(portfolio: &Portfolio, clearance: &Clearance) -> (Option<i64>, bool, usize) {
        let seen = portfolio.seen(clearance, (portfolio, DAY)).expect("not everything");
        let case = seen.project(ProjectIx::at(0));
        let [only] = &*case.commitments else { panic!("one sum") };
        (only.amount.map(Cents::get), only.doubts.disputed, case.records[0].warnings.len())
    }

    #[test]
    fn a_row_that_is_not_seen_tells_nothing_through_one_that_is() {
        let told = |hidden: i64| {
            let mut other = row(2, (hidden, 5_500), Stage::Attribue);
            other.facts.statements[0].not_public_until = Date::from_ymd_opt(2030, 1, 1);
            first(&portfolio(vec![row(1, (1_000, 4_500), Stage::Attribue), other]), &Clearance::public())
        };
        let unknown = (None, true, 1);
        assert_eq!((told(1_000), told(777)), (unknown, unknown));
    }

    #[test]
    fn whoever_sees_a_project_whole_is_told_what_all_rows_make_of_it_unless_one_is_kept() {
        let told = |hidden: i64, until: Option<Date>, by: &Clearance| {
            let at = |record, code: &str| {
                let contrats = vec![code.parse().expect("sound")];
                with_places(record, Places { contrats, ..Places::default() })
            };
            let one = at(row(1, (2_000, 4_500), Stage::Propose), "CN05911M");
            let mut other = at(row(2, (hidden, 5_500), Stage::Propose), "CN06202M");
            other.facts.statements[0].not_public_until = until;
            first(&portfolio(vec![one, other]), by)
        };
        let lille = contrat("CN05911M");
        assert_eq!(told(2_000, None, &lille), (Some(900), false, 1));
        let until = Date::from_ymd_opt(2030, 1, 1);
        let doubt = (Some(2_000), true, 0);
        assert_eq!((told(2_000, until, &lille), told(1_777, until, &lille)), (doubt, doubt));
    }

    #[test]
    fn rows_that_are_all_seen_settle_each_other() {
        let rows = vec![row(1, (1_000, 4_500), Stage::Attribue), row(2, (1_000, 5_500), Stage::Attribue)];
        let whole = portfolio(rows);
        assert_eq!(commitments(&whole)[0].amount, Some(Cents::new(450)));
        assert_eq!(first(&whole, &Clearance::public()), (Some(450), false, 1));
    }
}

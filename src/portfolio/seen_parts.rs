//! Parts of sums granted to several, in a picture of less than all: what of a row is its own project's is told by the other rows of its
//! grant. Of a project that is shown only as far as it is public, a row that is not seen tells nothing, not even through the rows that
//! are; where these do not settle it, the part is unknown. So with a row that has no share: its amount is its own, and in doubt where the
//! rows that are seen leave a share over. Whoever sees a project whole is told the part that all rows make of it, for
//! it is that of the plan which it acknowledges; but where a funder keeps, or kept, one of these rows, and not all of them are seen, each row
//! as it stands, in doubt: nothing turns on what is kept, and nobody is told more than is so.

use super::Portfolio;
use super::case::{ProjectCase, Statement};
use super::consolidate::settle_sums;
use super::index::{OrganisationIx, ProjectIx, SourceIx, TextIx};
use super::left_over::{Beside, Shares, is_left_over};
use super::parts::{PART_TAKEN, Part, Row, alone, part_taken, settled};
use crate::domain::Date;
use crate::domain::facts::Warning;
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Form, Stage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A statement that states a part: its source, its record and its place there, then its case and its position.
type Place<'a> = (&'a SourceId, &'a RecordKey, u16, usize, usize);

/// What the rows of one grant have in common: the decision, the stage, the year.
type Grant = (Decision, Option<Stage>, Option<u16>);

type Decision = (SourceIx, OrganisationIx, Form, TextIx);

impl Portfolio {
    /// These cases, in which the parts of sums granted to several rest on the rows that may tell them. `is_kept` tells the statements
    /// that a funder keeps from others.
    pub(super) fn with_parts_of_what_is_seen(
        &self,
        mut cases: Vec<Arc<ProjectCase>>,
        is_kept: impl Fn(&ProjectCase, &Statement) -> bool,
    ) -> Vec<Arc<ProjectCase>> {
        let mut changed: BTreeMap<usize, Vec<(usize, Part)>> = BTreeMap::new();
        let hidden = self.decisions_hidden(&cases, is_kept);
        for ((.., case, at), part) in self.parts_seen(&cases) {
            let (holding, one) = (&cases[case], &cases[case].statements[at]);
            if holding.abridged {
                let is_told = part.certain || is_beside(one);
                let part = Part { amount: part.amount.filter(|_| is_told), ..part };
                if !says(one, part) {
                    changed.entry(case).or_default().push((at, part));
                }
            } else if grant(holding, one).is_some_and(|(decision, ..)| hidden.contains(&decision)) {
                // As its row states it, whatever the others say: it is made anew, so that it is known to rest on what is kept.
                let stated = one.part.as_ref().and_then(|part| part.amount).filter(|_| !one.veiled);
                changed.entry(case).or_default().push((at, Part { amount: stated, certain: false }));
            }
        }
        for (case, parts) in changed {
            cases[case] = self.resettled(&cases[case], &parts);
        }
        cases
    }

    /// The decisions of which a funder keeps a row from others, or once did, and of which not all rows are seen in these cases.
    fn decisions_hidden(
        &self,
        seen: &[Arc<ProjectCase>],
        is_kept: impl Fn(&ProjectCase, &Statement) -> bool,
    ) -> BTreeSet<Decision> {
        let kept =
            self.rows_of_decisions().filter(|(_, (case, one))| one.not_public_until.is_some() || is_kept(case, one));
        let mut unseen: BTreeMap<Decision, usize> = kept.map(|(decision, _)| (decision, 0)).collect();
        let mut count = |decision: Decision, by: fn(usize) -> usize| {
            unseen.entry(decision).and_modify(|rows| *rows = by(*rows));
        };
        self.rows_of_decisions().for_each(|(decision, _)| count(decision, |rows| rows + 1));
        let told = rows_of_decisions(seen).filter(|(_, (_, one))| !one.veiled);
        told.for_each(|(decision, _)| count(decision, |rows| rows.saturating_sub(1)));
        unseen.into_iter().filter(|(_, rows)| *rows > 0).map(|(decision, _)| decision).collect()
    }

    fn rows_of_decisions(&self) -> impl Iterator<Item = (Decision, (&ProjectCase, &Statement))> {
        rows_of_decisions(&self.cases)
    }

    /// The rows that a funder keeps from others on a day and that bear on a project, for they are of a decision of which it has a row.
    pub(super) fn kept_beside(&self, project: ProjectIx, day: Date) -> impl Iterator<Item = &Statement> {
        let cases = std::slice::from_ref(&self.cases[project.get()]);
        let decisions: BTreeSet<Decision> = rows_of_decisions(cases).map(|(decision, _)| decision).collect();
        let all = if decisions.is_empty() { &[][..] } else { &self.cases[..] };
        let kept = rows_of_decisions(all).filter(move |(_, (_, one))| one.is_kept_on(day));
        kept.filter(move |(decision, _)| decisions.contains(decision)).map(|(_, (_, one))| one)
    }

    fn parts_seen<'a>(&'a self, cases: &'a [Arc<ProjectCase>]) -> Vec<(Place<'a>, Part)> {
        let mut grants: BTreeMap<Grant, Vec<Row<Place<'a>>>> = BTreeMap::new();
        let (mut found, mut beside) = (Vec::new(), Vec::new());
        for (at_case, case) in cases.iter().enumerate() {
            for (at, one) in case.statements.iter().enumerate() {
                let Some(part) = &one.part else { continue };
                let record = case.record(one);
                let source = &self.source(record.source).profile.id;
                let place = (source, &record.key, one.ordinal, at_case, at);
                let row = Row { place, amount: part.amount.filter(|_| !one.veiled), share: part.share };
                match grant(case, one) {
                    Some(grant) if part.beside => beside.push((grant, row)),
                    Some(grant) => grants.entry(grant).or_default().push(row),
                    None => found.push(alone(row)),
                }
            }
        }
        let mut shared: BTreeMap<Decision, Vec<Shares<'_, Place<'a>>>> = BTreeMap::new();
        for ((decision, _, year), rows) in &grants {
            shared.entry(*decision).or_default().push((*year, rows));
        }
        for ((decision, _, year), row) in beside {
            // Those of which an amount is kept are told otherwise.
            let stated = Beside { year, amount: row.amount, is_kept: false };
            let is_left = shared.get(&decision).is_some_and(|rows| is_left_over(stated, rows));
            found.push((row.place, Part { amount: row.amount, certain: !is_left }));
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
    Some(((case.record(one).source, one.funder, one.form, of), one.stage, one.year))
}

/// The rows of these cases that are of a decision, with a share or beside one.
fn rows_of_decisions(cases: &[Arc<ProjectCase>]) -> impl Iterator<Item = (Decision, (&ProjectCase, &Statement))> {
    let all = cases.iter().flat_map(|case| case.all_statements().iter().map(move |one| (&**case, one)));
    all.filter_map(|(case, one)| Some((grant(case, one)?.0, (case, one))))
}

fn is_beside(one: &Statement) -> bool {
    one.part.as_ref().is_some_and(|part| part.beside)
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

    /// A row of the decision on which no share is written.
    fn beside(number: u8, cents: i64) -> RecordVersion {
        let mut one = row(number, (cents, 0), Stage::Attribue);
        let stated = &mut one.facts.statements[0];
        (stated.part, stated.decision) = (None, Some("2025.1".into()));
        one
    }

    #[test]
    fn a_row_without_a_share_is_doubted_only_by_rows_that_are_seen() {
        let kept = |mut one: RecordVersion| {
            one.facts.statements[0].not_public_until = Date::from_ymd_opt(2030, 1, 1);
            one
        };
        let told = |others: Vec<RecordVersion>| {
            let rows = [beside(1, 1_000)].into_iter().chain(others).collect();
            first(&portfolio(rows), &Clearance::public())
        };
        let (sure, doubted) = ((Some(1_000), false, 0), (Some(1_000), true, 0));
        assert_eq!(told(Vec::new()), sure);
        let part = |number, share, stage| row(number, (1_000, share), stage);
        for unseen in [part(2, 3_000, Stage::Propose), kept(part(2, 3_000, Stage::Attribue)), kept(beside(2, 1_000))] {
            assert_eq!(told(vec![unseen]), sure, "a share that is not seen leaves nothing over");
        }
        assert_eq!(told(vec![part(2, 3_000, Stage::Attribue)]), doubted);
        for unseen in [part(3, 7_000, Stage::Propose), kept(part(3, 7_000, Stage::Attribue))] {
            let seen = part(2, 3_000, Stage::Attribue);
            assert_eq!(told(vec![seen, unseen]), doubted, "nor does it make the others whole");
        }
        let both = vec![part(2, 3_000, Stage::Attribue), part(3, 7_000, Stage::Attribue)];
        assert_eq!(told(both), sure);
    }

    #[test]
    fn whoever_sees_a_row_without_a_share_whole_is_told_what_all_rows_make_of_it_and_no_amount_that_is_kept() {
        let told = |cents: i64, until: Option<Date>, by: &Clearance| {
            let at = |record, code: &str| {
                let contrats = vec![code.parse().expect("sound")];
                with_places(record, Places { contrats, ..Places::default() })
            };
            let mut other = row(2, (cents, 3_000), Stage::Propose);
            other.facts.statements[0].not_public_until = until;
            first(&portfolio(vec![at(beside(1, 1_000), "CN05911M"), at(other, "CN06202M")]), by)
        };
        let (lille, until) = (contrat("CN05911M"), Date::from_ymd_opt(2030, 1, 1));
        assert_eq!(told(1_000, None, &lille), (Some(1_000), true, 0));
        assert_eq!(told(777, None, &lille), (Some(1_000), false, 0));
        assert_eq!(told(1_000, until, &lille), told(777, until, &lille));
    }

    #[test]
    fn nobody_who_does_not_see_a_row_that_is_kept_is_told_more_than_whoever_does() {
        let at = |record, code: &str| {
            let contrats = vec![code.parse().expect("sound")];
            with_places(record, Places { contrats, ..Places::default() })
        };
        let until = Date::from_ymd_opt(2030, 1, 1);
        let whole = |own: Vec<RecordVersion>, cents: i64, share: u32| {
            let mut other = row(9, (cents, share), Stage::Attribue);
            other.facts.statements[0].not_public_until = until;
            let own = own.into_iter().map(|one| at(one, "CN05911M"));
            portfolio(own.chain([at(other, "CN06202M")]).collect())
        };
        let part = |number, share| row(number, (1_000, share), Stage::Attribue);
        let all = [
            vec![beside(1, 1_000)],
            vec![part(1, 4_500)],
            vec![part(1, 4_500), part(2, 5_500)],
            vec![part(1, 4_500), part(2, 5_500), beside(3, 1_000)],
        ];
        for own in all {
            for (cents, share) in [(1_000, 5_500), (777, 5_500), (1_000, 3_000)] {
                let whole = whole(own.clone(), cents, share);
                let seen = whole.seen(&contrat("CN05911M"), (&whole, DAY)).expect("not everything");
                for (_, case) in seen.projects().filter(|(_, case)| !case.abridged) {
                    let [only] = &*case.commitments else { panic!("one sum") };
                    assert_eq!((only.amount, only.doubts.disputed), (Some(Cents::new(1_000)), true));
                    assert!(case.is_told_in_part(), "{own:?} beside {cents} at {share}");
                }
                let kept = whole.kept_until(ProjectIx::at(0), (&contrat("CN05911M"), DAY));
                assert_eq!(kept, until, "it bears on the plan");
                assert!(!whole.keepers(ProjectIx::at(0), DAY).is_empty());
            }
        }
        let other = whole(vec![beside(1, 1_000)], 1_000, 5_500);
        assert_eq!(other.kept_until(ProjectIx::at(0), (&contrat("CN05911M"), until.expect("a day"))), None);
    }

    #[test]
    fn rows_that_are_all_seen_settle_each_other() {
        let rows = vec![row(1, (1_000, 4_500), Stage::Attribue), row(2, (1_000, 5_500), Stage::Attribue)];
        let whole = portfolio(rows);
        assert_eq!(commitments(&whole)[0].amount, Some(Cents::new(450)));
        assert_eq!(first(&whole, &Clearance::public()), (Some(450), false, 1));
    }
}

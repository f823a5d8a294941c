//! What holds for any ledger of pictures that are not the whole one: what the public sees, and what is only assumed.

use super::consolidate::UNEXPECTED_BODY;
use super::fixture::*;
use super::properties::{any_image, statement};
use super::*;
use crate::domain::clearance::Clearance;
use crate::domain::declaration::{Declaration, Declared, DeclaredSum};
use crate::domain::facts::{StatementFacts, Warning};
use crate::domain::image::LedgerImage;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Form, Nature, Stage, TaxBasis};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_what_is_not_public_shows_in_what_is(
        image in any_image(),
        others in vec(statement(), 8),
        reported in any::<bool>(),
    ) {
        // Whatever is asked, intended or said by others: another funder aside, it may be anything else.
        let mut changed = image.clone();
        let mut others = others.iter().cycle();
        for record in &mut changed.records {
            let own = |one: &StatementFacts| match record.source.as_str() {
                "region" | "region-list" => one.funder.as_str() == REGION,
                "metropole" => one.funder.as_str() == METROPOLE,
                _ => false,
            };
            for statement in &mut record.facts.statements {
                let before_a_vote = statement.stage.is_none_or(|stage| !stage.at_least(Stage::Attribue))
                    && !matches!(statement.stage, Some(Stage::Refuse | Stage::Abandonne));
                let other = others.next().expect("without end");
                if own(statement) && before_a_vote && !reported {
                    let stage = Some(Stage::Sollicite);
                    *statement = StatementFacts { funder: statement.funder.clone(), stage, nothing: false, ..other.clone() };
                } else if !own(statement) && reported {
                    *statement = StatementFacts { funder: statement.funder.clone(), ..other.clone() };
                }
            }
        }
        let seen = |image: &LedgerImage| {
            let whole = Portfolio::build(image);
            picture(&whole.seen(&Clearance::public(), (&whole, crate::domain::Date::MIN)).expect("not everything"))
        };
        prop_assert_eq!(seen(&image), seen(&changed));
    }

    #[test]
    fn nothing_of_a_sum_under_embargo_shows_to_others(start in any_image(), more in 1_i64..1_000) {
        // Every word of the Métropole on what it puts, and the same with other figures.
        let kept = |image: &LedgerImage, more: i64| {
            let mut image = image.clone();
            for record in image.records.iter_mut().filter(|one| one.source.as_str() == "metropole") {
                for one in record.facts.statements.iter_mut().filter(|one| one.funder.as_str() == METROPOLE) {
                    one.not_public_until = crate::domain::Date::from_ymd_opt(2030, 1, 1);
                    one.amount = one.amount.map(|amount| amount + Cents::new(more));
                }
            }
            image
        };
        let day = crate::domain::Date::from_ymd_opt(2029, 12, 31).expect("a day");
        let bodies = [ETAT, REGION].map(|id| OrganisationId::parse(id).expect("sound"));
        let state = Clearance::Part { bodies: bodies.into(), contrats: Box::default() };
        for clearance in [Clearance::public(), state] {
            let seen = |image: LedgerImage| {
                let whole = Portfolio::build(&image);
                picture(&whole.seen(&clearance, (&whole, day)).expect("not everything"))
            };
            prop_assert_eq!(seen(kept(&start, 0)), seen(kept(&start, more)));
        }
    }

    #[test]
    fn what_is_assumed_is_what_it_would_be_if_it_were_declared(
        start in any_image(),
        said in (select(vec![REGION, METROPOLE, ETAT]), select(Nature::ALL), of(1_i64..1_000), of(2024_u16..2026)),
        expected in any::<bool>(),
    ) {
        let (funder, nature, cents, year) = said;
        let funder = OrganisationId::parse(funder).expect("sound");
        let declared = match cents {
            None => Declared::Nothing { nature, year },
            Some(cents) => Declared::Commitment(DeclaredSum {
                nature,
                form: Form::Subvention,
                stage: Stage::Attribue,
                amount: Cents::new(cents),
                tax_basis: TaxBasis::NonPrecise,
                year,
                dispositif: None,
                reference: None,
                not_public_until: None,
            }),
        };
        let before = Portfolio::build(&start);
        let Some((ix, case)) = before.projects().next() else { return Ok(()) };
        let id = case.id.clone();
        let assumed = Assumed { funder: funder.clone(), declared: declared.clone(), expected, acknowledged: false };
        let then = before.assuming(ix, &[assumed], (PlanKey(b"key"), at(100)));
        let mut after = start;
        after.sources.push(source("declarations", Standing::Declarations, &[]));
        let mut record = record("declarations", "d1", vec![Declaration::states(&funder, &declared)]);
        (record.project, record.first_seen, record.observed_at) = (Some(id.clone()), at(100), at(100));
        record.facts.project = None;
        if !expected {
            let message = Message::new("", "");
            record.facts.warnings.push(Warning { code: UNEXPECTED_BODY.into(), field: None, message });
        }
        after.records.push(record);
        let after = Portfolio::build(&after);
        let seen = |portfolio: &Portfolio, ix: ProjectIx| {
            let plan = portfolio.plan(ix, moment(200), (PlanKey(b"key"), &[]));
            let lines: Vec<_> = plan.lines.iter().map(|line| {
                (portfolio.identity(line.funder).clone(), line.nature, line.state, line.amount, line.reported)
            }).collect();
            let sums: Vec<_> = portfolio.project(ix).commitments.iter().map(|one| {
                (portfolio.identity(one.funder).clone(), one.nature, one.stage, one.amount, one.authority, one.doubts)
            }).collect();
            (plan.version, plan.committed, plan.balance, lines, sums)
        };
        let real = after.project_by_id(&id).expect("it is still there");
        prop_assert_eq!(seen(&then, ProjectIx::first()), seen(&after, real));
    }
}

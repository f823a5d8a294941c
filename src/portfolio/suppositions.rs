//! What holds for any ledger of pictures that are not the whole one: what the public sees, and what is only assumed.

use super::consolidate::UNEXPECTED_BODY;
use super::fixture::*;
use super::properties::{any_image, statement};
use super::*;
use crate::domain::Date;
use crate::domain::clearance::Clearance;
use crate::domain::declaration::{Declaration, Declared, DeclaredSum};
use crate::domain::facts::{Budget, OrganisationFacts, Places, ProjectFacts, QuartierShare, StatementFacts, Warning};
use crate::domain::image::LedgerImage;
use crate::domain::message::Message;
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::organisation::OrganisationId;
use crate::domain::place::QuartierCode;
use crate::domain::project::Reference;
use crate::domain::source::Standing;
use crate::domain::text::ActionCode;
use crate::domain::vocabulary::{Form, Nature, Objective, Stage, TaxBasis};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// What a record may say of its project, all of it unlike what the others say.
fn project_of_another_kind(key: &str) -> ProjectFacts {
    let quartiers: Vec<_> = QuartierCode::parse("QN05902M").into_iter().collect();
    let share = |quartier: &QuartierCode| QuartierShare { quartier: quartier.clone(), share: BasisPoints::new(2_500) };
    ProjectFacts {
        title: format!("Autre {key}"),
        holder: OrganisationId::parse(ETAT).ok(),
        objectives: Objective::ALL.to_vec(),
        action: ActionCode::parse("CUL-4").ok(),
        references: vec![Reference { scheme: "dossier".into(), value: key.into() }],
        places: Places { shares: quartiers.iter().map(share).collect(), quartiers, ..Places::default() },
        starts_on: Date::from_ymd_opt(2021, 1, 1),
        ends_on: Date::from_ymd_opt(2031, 1, 1),
        year: Some(2031),
        renews: Some(Reference { scheme: "dossier".into(), value: "avant".into() }),
        fund: Some(Reference { scheme: "dossier".into(), value: "fonds".into() }),
        budget: Some(Budget { investissement: Some(Cents::new(7)), ..Budget::default() }),
    }
}

fn named(id: &str) -> OrganisationFacts {
    OrganisationFacts {
        id: OrganisationId::parse(id).expect("sound"),
        name: "Un nom que rien ne rend public".to_owned(),
        siret: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_what_is_not_public_shows_in_what_is(
        image in any_image(),
        others in vec(statement(), 8),
        reported in any::<bool>(),
        described_otherwise in any::<bool>(),
    ) {
        // Whatever is asked, intended or said by others: another funder aside, it may be anything else; and
        // whatever a record of which nothing is public says of the project.
        let mut changed = image.clone();
        let mut others = others.iter().cycle();
        for record in &mut changed.records {
            let own = |one: &StatementFacts| match record.source.as_str() {
                "region" | "region-list" => one.funder.as_str() == REGION,
                "metropole" => one.funder.as_str() == METROPOLE,
                _ => false,
            };
            let says_in_public = |one: &StatementFacts| {
                let ended = matches!(one.stage, Some(Stage::Refuse | Stage::Abandonne));
                own(one) && (ended || one.stage.is_some_and(|stage| stage.at_least(Stage::Attribue)))
            };
            if record.project.is_some() && !record.facts.statements.iter().any(says_in_public) {
                record.facts.project = described_otherwise.then(|| project_of_another_kind(record.key.as_str()));
                record.facts.organisations = vec![named(REGION), named(ETAT)];
            }
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
            picture(&whole.seen(&Clearance::public(), (&whole, Date::MIN)).expect("not everything"))
        };
        prop_assert_eq!(seen(&image), seen(&changed));
    }

    #[test]
    fn where_something_of_every_record_is_public_the_project_is_described_as_it_is(start in any_image()) {
        let mut image = start;
        let told = image.records.iter_mut().filter(|one| one.project.is_some() && one.facts.statements.len() % 2 == 1);
        for record in told {
            record.facts.project = Some(project_of_another_kind(record.key.as_str()));
        }
        let whole = Portfolio::build(&image);
        let public = whole.seen(&Clearance::public(), (&whole, Date::MIN)).expect("not everything");
        let description = |case: &ProjectCase| {
            let days = (case.starts_on, case.ends_on, case.year);
            (case.title.clone(), case.holder, case.objectives.clone(), case.places.clone(), days)
        };
        for (_, seen) in public.projects() {
            let case = whole.project(whole.project_by_id(&seen.id).expect("it is there"));
            if case.records.len() == seen.records.len() {
                prop_assert_eq!(description(seen), description(case));
            }
        }
    }

    #[test]
    fn nothing_of_a_sum_under_embargo_shows_to_others(start in any_image(), more in 1_i64..1_000) {
        // Every word of the Métropole on what it puts, and the same with other figures.
        let kept = |image: &LedgerImage, more: i64| {
            let mut image = image.clone();
            for record in image.records.iter_mut().filter(|one| one.source.as_str() == "metropole") {
                for one in record.facts.statements.iter_mut().filter(|one| one.funder.as_str() == METROPOLE) {
                    one.not_public_until = Date::from_ymd_opt(2030, 1, 1);
                    one.amount = one.amount.map(|amount| amount + Cents::new(more));
                }
            }
            image
        };
        let day = Date::from_ymd_opt(2029, 12, 31).expect("a day");
        let bodies = [ETAT, REGION].map(|id| OrganisationId::parse(id).expect("sound"));
        let state = Clearance::Part { bodies: bodies.into(), contrats: Box::default(), expected: Box::default() };
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

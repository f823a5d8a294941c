//! What changed between two checks: every case held against every other, as if one were the morrow of the other.

use super::{KEY, case, world};
use passerelle::check::{Case, Change, ChangeKind, Check, Rulebook, Verdict, changes};
use passerelle::domain::act::Author;
use passerelle::domain::chain::LedgerVersion;
use passerelle::domain::facts::{Facts, StatementFacts};
use passerelle::domain::governance::{Act, ActEntry, ActId};
use passerelle::domain::money::Cents;
use passerelle::domain::record::RecordVersion;
use passerelle::domain::vocabulary::{Language, Nature, Stage};
use passerelle::portfolio::{Moment, Portfolio};
use std::collections::BTreeSet;

/// One case, built.
struct Told {
    name: String,
    portfolio: Portfolio,
    now: passerelle::domain::Instant,
}

impl Told {
    fn all() -> Vec<Told> {
        let book = Rulebook::of_the_product();
        let built = case::all().into_iter().map(|read| Told {
            portfolio: Portfolio::build_naming(&read.image, book.organisations()),
            name: read.name,
            now: read.now,
        });
        built.collect()
    }

    fn case(&self) -> Case<'_> {
        let (project, _) = self.portfolio.projects().next().expect("a case has a project");
        let moment = Moment { now: self.now, max_age_s: None };
        Case::of(&self.portfolio, project, (Rulebook::of_the_product(), KEY), moment)
    }
}

/// Whom and what a change is about.
fn subjects(found: &[Change], kind: ChangeKind) -> BTreeSet<String> {
    let of_kind = found.iter().filter(|change| change.kind == kind);
    of_kind.map(|change| format!("{:?} {:?} {:?}", change.funder, change.nature, change.rule)).collect()
}

/// What the check says that people act upon.
fn said(case: &Case<'_>, check: &Check) -> (bool, String, BTreeSet<String>) {
    let missed = check.findings(case).filter(|one| one.outcome.verdict != Verdict::Met);
    (check.ready, check.knowledge.to_string(), missed.map(|one| one.sheet.code.to_string()).collect())
}

#[test]
fn a_check_that_says_something_else_has_a_change_that_tells_it_and_one_that_stands_has_none() {
    let told = Told::all();
    let held: Vec<(&str, Case<'_>, Check)> = told
        .iter()
        .map(|one| {
            let case = one.case();
            let check = Check::of(&case);
            (one.name.as_str(), case, check)
        })
        .collect();
    let mut kinds: Vec<ChangeKind> = Vec::new();
    for (was_name, was, before) in &held {
        assert_eq!(changes((was, before), (was, before)), [], "{was_name}");
        for (name, is, now) in &held {
            let found = changes((was, before), (is, now));
            kinds.extend(found.iter().map(|change| change.kind));
            let (then, since) = (said(was, before), said(is, now));
            assert!(then == since || !found.is_empty(), "{was_name} -> {name}: nothing told of {then:?} -> {since:?}");
            let back = changes((is, now), (was, before));
            for (there, gone) in [
                (ChangeKind::LineAppeared, ChangeKind::LineGone),
                (ChangeKind::Shared, ChangeKind::ShareLapsed),
                (ChangeKind::FindingAppeared, ChangeKind::FindingGone),
                (ChangeKind::FindingChanged, ChangeKind::FindingChanged),
                (ChangeKind::LineAmount, ChangeKind::LineAmount),
                (ChangeKind::LineState, ChangeKind::LineState),
                (ChangeKind::Budget, ChangeKind::Budget),
            ] {
                assert_eq!(subjects(&found, there), subjects(&back, gone), "{was_name} -> {name}: {there:?}");
            }
        }
    }
    for kind in [
        ChangeKind::LineAppeared,
        ChangeKind::LineState,
        ChangeKind::LineAmount,
        ChangeKind::Shared,
        ChangeKind::Budget,
        ChangeKind::FindingAppeared,
        ChangeKind::FindingChanged,
    ] {
        assert!(kinds.contains(&kind), "the cases show {kind:?}");
    }
}

#[test]
fn a_change_says_who_what_and_since_when_in_both_languages() {
    let told = Told::all();
    let one = |name: &str| {
        let found = told.iter().find(|one| one.name.contains(name));
        found.unwrap_or_else(|| panic!("no case « {name} »")).case()
    };
    let (was, is) = (one("les moyens égalent le coût"), one("quelques euros d'arrondi"));
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let budget: Vec<&Change> = found.iter().filter(|change| change.kind == ChangeKind::Budget).collect();
    assert_eq!(budget.len(), 1, "{found:#?}");

    let (was, is) = (one("coût total non dit"), one("un montant du plan n'est pas connu"));
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let amount =
        found.iter().find(|change| change.kind == ChangeKind::LineAmount).expect("an amount is not known any more");
    assert_eq!(amount.funder.as_ref().map(ToString::to_string).as_deref(), Some("siren:200093201"));
    assert_eq!(amount.source.as_ref().map(ToString::to_string).as_deref(), Some("metropole"));
    assert!(
        amount.message.fr.contains("2\u{202f}000,00") && amount.message.fr.contains("montant inconnu"),
        "{amount:#?}"
    );
    assert!(amount.message.en.contains("amount unknown"), "{amount:#?}");
    assert!(amount.since <= is.moment.now, "nothing changes after it is looked at");
}

#[test]
fn what_grew_old_is_told_since_it_did_and_of_the_source_that_is_late() {
    let told = Told::all();
    // The same pictures, looked at while every reading was still in time.
    let before = Told::all().into_iter().map(|one| Told { now: one.now - chrono::TimeDelta::days(80), ..one });
    let mut seen = 0;
    for (late, earlier) in told.iter().zip(before) {
        let is = late.case();
        let now = Check::of(&is);
        let was = earlier.case();
        for change in changes((&was, &Check::of(&was)), (&is, &now)) {
            let is_stale =
                change.kind == ChangeKind::LineState && change.message.en.ends_with("now not verified in time.");
            if is_stale {
                seen += 1;
                assert!(change.source.is_some(), "{}: {change:#?}", late.name);
                assert!(was.moment.now < change.since && change.since <= is.moment.now, "{}: {change:#?}", late.name);
                assert!(!change.message.text(Language::Fr).is_empty());
            }
        }
    }
    assert!(seen > 0, "no case has a source that is late");
}

/// A share lapses because somebody changed the plan: since that change, and from the source that brought it, not since the sum was said.
#[test]
fn a_share_that_lapses_is_told_since_the_plan_changed() {
    let read = case::all().into_iter().find(|one| one.name.contains("la Métropole a accusé lecture"));
    let read = read.expect("a case in which a plan is acknowledged");
    let book = Rulebook::of_the_product();
    let later = read.now + chrono::TimeDelta::hours(1);
    let mut image = read.image.clone();
    let statement = StatementFacts {
        stage: Some(Stage::Attribue),
        amount: Some(Cents::new(70_000)),
        ..StatementFacts::bare("siren:215903501".parse().expect("an organisation"), Nature::Fonctionnement)
    };
    let facts = Facts { statements: vec![statement], ..Facts::default() };
    let brought = RecordVersion { observed_at: later, ..world::record(("commune", "brought"), facts) };
    image.records.push(brought);
    let (before, after) = (
        Portfolio::build_naming(&read.image, book.organisations()),
        Portfolio::build_naming(&image, book.organisations()),
    );
    let of = |portfolio| Told { name: String::new(), portfolio, now: read.now };
    let (was, is) = (of(before), Told { now: read.now + chrono::TimeDelta::hours(2), ..of(after) });
    let (was, is) = (was.case(), is.case());
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let lapsed = found.iter().find(|change| change.kind == ChangeKind::ShareLapsed);
    let lapsed = lapsed.unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!(lapsed.funder.as_ref().map(ToString::to_string).as_deref(), Some("siren:200093201"));
    assert_eq!(lapsed.source.as_ref().map(ToString::to_string).as_deref(), Some("commune"), "who changed the plan");
    assert_eq!(lapsed.since, later);
    assert!(lapsed.message.fr.contains("le plan a changé"), "{lapsed:?}");
}

#[test]
fn a_share_that_was_taken_back_lapses_for_that_and_not_for_a_source() {
    let read = case::all().into_iter().find(|read| read.name.contains("les moyens dépassent le coût")).expect("a case");
    let book = Rulebook::of_the_product();
    let back = ActEntry {
        id: ActId(2),
        version: LedgerVersion(10),
        at: read.now + chrono::TimeDelta::hours(1),
        author: Author::system("case"),
        act: Act::TakenBack { act: ActId(1), reason: "une erreur".into() },
    };
    let mut image = read.image.clone();
    image.acts.push(back.clone());
    let of = |image| Told {
        name: String::new(),
        portfolio: Portfolio::build_naming(image, book.organisations()),
        now: read.now,
    };
    let (was, is) = (of(&read.image), Told { now: read.now + chrono::TimeDelta::hours(2), ..of(&image) });
    let (was, is) = (was.case(), is.case());
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let lapsed = found.iter().find(|change| change.kind == ChangeKind::ShareLapsed);
    let lapsed = lapsed.unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!((lapsed.source.as_ref(), lapsed.since), (None, back.at), "no source said anything");
    assert!(lapsed.message.fr.contains("a été repris") && lapsed.message.en.contains("taken back"), "{lapsed:?}");
}

//! What changed between two checks: every case held against every other, as if one were the morrow of the other.

use super::{KEY, case, world};
use passerelle::check::{self, Case, Change, ChangeKind, Check, Course, Rulebook, Verdict};
use passerelle::domain::Instant;
use passerelle::domain::act::Author;
use passerelle::domain::chain::LedgerVersion;
use passerelle::domain::facts::{Facts, ProjectFacts, StatementFacts};
use passerelle::domain::governance::{Act, ActEntry, ActId};
use passerelle::domain::image::LedgerImage;
use passerelle::domain::money::Cents;
use passerelle::domain::project::ProjectId;
use passerelle::domain::record::RecordVersion;
use passerelle::domain::vocabulary::{Form, Language, Nature, Stage, TaxBasis};
use passerelle::portfolio::{Moment, Past, Portfolio};
use std::collections::BTreeSet;

/// One case, built.
struct Told {
    name: String,
    portfolio: Portfolio,
    records: Vec<RecordVersion>,
    now: Instant,
}

impl Told {
    fn all() -> Vec<Told> {
        let book = Rulebook::of_the_product();
        let built = case::all().into_iter().map(|read| Told {
            portfolio: Portfolio::build_naming(&read.image, book.organisations()),
            records: read.image.records,
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

fn changes(was: (&Case<'_>, &Check), is: (&Case<'_>, &Check)) -> Vec<Change> {
    check::changes(was, is, None)
}

/// The same, with the past in which each version of the ledger was appended when its first record was observed.
fn changes_since(was: (&Case<'_>, &Check), is: (&Case<'_>, &Check), records: &[RecordVersion]) -> Vec<Change> {
    let project: ProjectId = world::PROJECT.parse().expect("sound");
    let records: Vec<RecordVersion> =
        records.iter().filter(|record| record.project.as_ref() == Some(&project)).cloned().collect();
    let past = Past { project: &project, decided: &[], records: &records };
    let (picture, courses) = is.0.portfolio.courses(&[past]);
    let course = courses[0].as_ref().expect("a course");
    let at = |version: LedgerVersion| {
        let record = records.iter().find(|record| record.version == version);
        record.map_or(is.0.portfolio.head().at, |record| record.observed_at)
    };
    let steps: Vec<_> = course.steps.iter().map(|(version, project)| (at(*version), *project)).collect();
    let course = Course { picture: &picture, steps: &steps, is_cut: course.is_cut };
    check::changes(was, is, Some((course, KEY)))
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
                (ChangeKind::LineTerms, ChangeKind::LineTerms),
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
        ChangeKind::LineTerms,
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
    assert_eq!((amount.source.as_ref(), amount.since), (None, None), "without the past nobody knows");
    assert!(
        amount.message.fr.contains("2\u{202f}000,00") && amount.message.fr.contains("montant inconnu"),
        "{amount:#?}"
    );
    assert!(amount.message.en.contains("amount unknown"), "{amount:#?}");
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
        for change in changes_since((&was, &Check::of(&was)), (&is, &now), &late.records) {
            let is_stale =
                change.kind == ChangeKind::LineState && change.message.en.ends_with("now not verified in time.");
            if is_stale {
                seen += 1;
                assert!(change.source.is_some(), "{}: {change:#?}", late.name);
                let since = change.since.unwrap_or_else(|| panic!("{}: {change:#?}", late.name));
                assert!(was.moment.now < since && since <= is.moment.now, "{}: {change:#?}", late.name);
                assert!(!change.message.text(Language::Fr).is_empty());
            }
        }
    }
    assert!(seen > 0, "no case has a source that is late");
}

/// What brings the Métropole's acknowledgement to lapse, and what comes after it.
struct Lapse {
    before: Told,
    after: Told,
    changed: Instant,
}

impl Lapse {
    fn shown() -> Lapse {
        let read = case::all().into_iter().find(|one| one.name.contains("la Métropole a accusé lecture"));
        let mut read = read.expect("a case in which a plan is acknowledged");
        let book = Rulebook::of_the_product();
        let changed = read.now + chrono::TimeDelta::hours(1);
        let before = Portfolio::build_naming(&read.image, book.organisations());
        let before = Told { name: String::new(), portfolio: before, records: Vec::new(), now: read.now };
        let statement = StatementFacts {
            stage: Some(Stage::Attribue),
            amount: Some(Cents::new(70_000)),
            ..StatementFacts::bare("siren:215903501".parse().expect("an organisation"), Nature::Fonctionnement)
        };
        let brought = |title: &str| {
            let project = ProjectFacts { title: title.to_owned(), ..ProjectFacts::default() };
            let facts = Facts { statements: vec![statement.clone()], project: Some(project), ..Facts::default() };
            world::record(("commune", "brought"), facts)
        };
        let first = RecordVersion { observed_at: changed, version: LedgerVersion(10), ..brought("Projet du cas") };
        let later = changed + chrono::TimeDelta::days(1);
        let other = RecordVersion { observed_at: later, version: LedgerVersion(11), ..brought("Un autre titre") };
        let mut records = read.image.records.clone();
        records.extend([first, other.clone()]);
        read.image.records.push(other);
        read.image.head.version = LedgerVersion(11);
        let after = Portfolio::build_naming(&read.image, book.organisations());
        let after = Told { portfolio: after, records, name: String::new(), now: later + chrono::TimeDelta::hours(2) };
        Lapse { before, after, changed }
    }
}

/// A share lapses because somebody changed the plan: since that change, and from the source that brought it, not since the sum was said,
/// nor since the newest reading of anything else.
#[test]
fn a_share_that_lapses_is_told_since_the_plan_changed() {
    let lapse = Lapse::shown();
    let (was, is) = (lapse.before.case(), lapse.after.case());
    let found = changes_since((&was, &Check::of(&was)), (&is, &Check::of(&is)), &lapse.after.records);
    let of = |kind| found.iter().find(|change| change.kind == kind).unwrap_or_else(|| panic!("{kind:?}: {found:#?}"));
    let lapsed = of(ChangeKind::ShareLapsed);
    assert_eq!(lapsed.funder.as_ref().map(ToString::to_string).as_deref(), Some("siren:200093201"));
    assert_eq!(lapsed.source.as_ref().map(ToString::to_string).as_deref(), Some("commune"), "who changed the plan");
    assert_eq!(lapsed.since, Some(lapse.changed));
    assert!(lapsed.message.fr.contains("le plan a changé"), "{lapsed:?}");
    let line = of(ChangeKind::LineAppeared);
    assert_eq!((line.since, line.source.as_ref()), (Some(lapse.changed), lapsed.source.as_ref()));
    let finding = of(ChangeKind::FindingAppeared);
    assert_eq!((finding.since, finding.source.as_ref()), (None, None), "two readings changed something: {finding:?}");
    // Before the title was another one, one thing alone had changed.
    let alone = &lapse.after.records[..lapse.after.records.len() - 1];
    let found = changes_since((&was, &Check::of(&was)), (&is, &Check::of(&is)), alone);
    let finding = found.iter().find(|change| change.kind == ChangeKind::FindingAppeared).expect("a finding");
    assert_eq!(finding.since, Some(lapse.changed), "{finding:?}");
}

/// The Region's own share needs no act: it lapses as its word grows old, and not as others change the plan.
#[test]
fn a_share_that_needs_no_act_lapses_with_what_is_known_of_it() {
    let mut lapse = Lapse::shown();
    lapse.after.now += chrono::TimeDelta::days(40);
    let (was, is) = (lapse.before.case(), lapse.after.case());
    let found = changes_since((&was, &Check::of(&was)), (&is, &Check::of(&is)), &lapse.after.records);
    let is_regions = |one: &&Change| one.funder.as_ref().is_some_and(|funder| funder.as_str() == "siren:200053742");
    let lapsed = found.iter().filter(is_regions).find(|change| change.kind == ChangeKind::ShareLapsed);
    let lapsed = lapsed.unwrap_or_else(|| panic!("{found:#?}"));
    assert!(!lapsed.message.fr.contains("le plan a changé"), "{lapsed:?}");
    assert_eq!(lapsed.source.as_ref().map(ToString::to_string).as_deref(), Some("region"));
    assert!(lapsed.since.is_some_and(|since| since > lapse.changed + chrono::TimeDelta::days(20)), "{lapsed:?}");
}

#[test]
fn of_two_funders_that_do_not_share_both_are_named() {
    let read = case::all().into_iter().find(|one| one.name.contains("la Métropole a accusé lecture")).expect("a case");
    let book = Rulebook::of_the_product();
    let mut image = read.image.clone();
    image.acts.clear();
    for funder in ["siren:215903501", "financeur:etat-59"] {
        let statement = StatementFacts {
            stage: Some(Stage::Attribue),
            amount: Some(Cents::new(70_000)),
            ..StatementFacts::bare(funder.parse().expect("an organisation"), Nature::Fonctionnement)
        };
        let source = if funder.starts_with("siren") { "commune" } else { "etat" };
        image.records.push(world::record((source, "more"), Facts { statements: vec![statement], ..Facts::default() }));
    }
    let of = |image| Told {
        name: String::new(),
        portfolio: Portfolio::build_naming(image, book.organisations()),
        records: Vec::new(),
        now: read.now,
    };
    let (was, is) = (of(&read.image), of(&image));
    let (was, is) = (was.case(), is.case());
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let told = found.iter().find(|one| one.rule.as_ref().is_some_and(|rule| rule.as_str() == "MEANS-NOT-SHARED"));
    let told = told.unwrap_or_else(|| panic!("{found:#?}"));
    let names = is.plan.lines.iter().zip(&*is.shared).filter(|(_, shared)| shared.is_none());
    let names: Vec<&str> = names.map(|(line, _)| is.portfolio.organisation(line.funder).name).collect();
    assert!(names.len() > 1 && names.iter().all(|name| told.message.fr.contains(name)), "{names:?}: {told:?}");
}

#[test]
fn a_plan_of_which_a_sum_was_only_voted_says_so() {
    let read = case::all().into_iter().find(|one| one.name.contains("la Métropole a accusé lecture")).expect("a case");
    let book = Rulebook::of_the_product();
    let told = |image: &LedgerImage| Told {
        name: String::new(),
        portfolio: Portfolio::build_naming(image, book.organisations()),
        records: Vec::new(),
        now: read.now,
    };
    let mut proposed = read.image.clone();
    for record in proposed.records.iter_mut().filter(|record| record.source.as_str() == "region") {
        record.facts.statements.iter_mut().for_each(|one| one.stage = Some(Stage::Propose));
    }
    let present = told(&proposed).case().plan.version.clone();
    for entry in &mut proposed.acts {
        if let Act::Acknowledged { plan, .. } = &mut entry.act {
            *plan = present.clone();
        }
    }
    let voted = LedgerImage { acts: proposed.acts.clone(), ..read.image.clone() };
    let (was, is) = (told(&proposed), told(&voted));
    let (was, is) = (was.case(), is.case());
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let lapsed = found.iter().find(|change| change.kind == ChangeKind::ShareLapsed);
    let lapsed = lapsed.unwrap_or_else(|| panic!("{found:#?}"));
    assert!(lapsed.message.fr.contains("votée depuis, et rien d'autre n'a changé"), "{lapsed:?}");
    let back = changes((&is, &Check::of(&is)), (&was, &Check::of(&was)));
    assert!(back.iter().all(|change| !change.message.en.contains("nothing else")), "{back:#?}");
}

/// What makes the plan another version though no amount is another is told of its line.
#[test]
fn another_form_year_or_tax_basis_of_a_sum_is_told() {
    let read = case::all().into_iter().find(|one| one.name.contains("la Métropole a accusé lecture")).expect("a case");
    let book = Rulebook::of_the_product();
    let told = |change: fn(&mut StatementFacts)| {
        let mut image = read.image.clone();
        for record in image.records.iter_mut().filter(|record| record.source.as_str() == "region") {
            record.facts.statements.iter_mut().for_each(change);
        }
        let portfolio = Portfolio::build_naming(&image, book.organisations());
        Told { name: String::new(), portfolio, records: Vec::new(), now: read.now }
    };
    let before = told(|_| ());
    let terms = |change: fn(&mut StatementFacts)| {
        let after = told(change);
        let (was, is) = (before.case(), after.case());
        assert_ne!(was.plan.version, is.plan.version);
        let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
        let of_kind: Vec<Change> = found.iter().filter(|one| one.kind == ChangeKind::LineTerms).cloned().collect();
        let [one] = of_kind.as_slice() else { panic!("one: {found:#?}") };
        assert_eq!(one.funder.as_ref().map(ToString::to_string).as_deref(), Some("siren:200053742"));
        (one.message.fr.clone(), one.message.en.clone())
    };
    let is_told = |(fr, en): (String, String), words: [&str; 2]| {
        assert!(fr.contains(words[0]) && en.contains(words[1]), "{fr} / {en}");
    };
    is_told(
        terms(|one| one.year = Some(2026)),
        ["exercice non dit, à présent 2026.", "budget year not stated, now 2026."],
    );
    is_told(
        terms(|one| one.tax_basis = TaxBasis::Ttc),
        ["base de taxe NON_PRECISE, à présent TTC.", "tax basis NON_PRECISE, now TTC."],
    );
    is_told(terms(|one| one.form = Form::Pret), ["forme SUBVENTION, à présent PRET.", "form SUBVENTION, now PRET."]);
    is_told(
        terms(|one| one.stage = Some(Stage::Propose)),
        ["vote décidé, à présent pas encore décidé.", "vote decided, now not decided yet."],
    );
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
        records: Vec::new(),
        now: read.now,
    };
    let (was, is) = (of(&read.image), Told { now: read.now + chrono::TimeDelta::hours(2), ..of(&image) });
    let (was, is) = (was.case(), is.case());
    let found = changes((&was, &Check::of(&was)), (&is, &Check::of(&is)));
    let lapsed = found.iter().find(|change| change.kind == ChangeKind::ShareLapsed);
    let lapsed = lapsed.unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!((lapsed.source.as_ref(), lapsed.since), (None, Some(back.at)), "no source said anything");
    assert!(lapsed.message.fr.contains("a été repris") && lapsed.message.en.contains("taken back"), "{lapsed:?}");
}

//! The rules of the check, held to cases that a lawyer can read: tests/check/cases/*.toml. Each case is one project on one
//! day, what sources say of its means, what bodies said of it, and what must come of one rule.

mod case;
mod changes;
mod conditions;
mod expected;
mod orientation;
mod world;

use case::{Read, Shown};
use passerelle::check::{Case, Check, Finding, Rulebook, RulebookError, Verdict, explain};
use passerelle::domain::vocabulary::Language;
use passerelle::portfolio::{Moment, PlanKey, Portfolio};
use std::collections::{BTreeMap, BTreeSet};

const KEY: PlanKey<'static> = PlanKey(b"cases");

/// What comes of a case: every outcome of its rule, with both sentences; and the verdict of the whole.
struct Came {
    verdicts: Vec<Verdict>,
    sentences: Vec<String>,
    knowledge: String,
    ready: bool,
    account: [String; 2],
}

fn held(read: &Read) -> Came {
    let book = Rulebook::of_the_product();
    let portfolio = Portfolio::build_naming(&read.image, book.organisations());
    let (project, _) = portfolio.projects().next().expect("a case has a project");
    let case = Case::of(&portfolio, project, (book, KEY), Moment { now: read.now, max_age_s: None })
        .beside_those_undecided(read.undecided.clone());
    let check = Check::of(&case);
    let of_rule = |one: &Finding<'_>| one.sheet.code.as_str() == read.rule;
    let outcomes: Vec<Finding<'_>> = check.outcomes(&case).filter(of_rule).collect();
    let both = |one: &Finding<'_>| [Language::Fr, Language::En].map(|language| one.sentence(&case, language));
    Came {
        verdicts: outcomes.iter().map(|one| one.outcome.verdict).collect(),
        sentences: outcomes.iter().filter(|one| one.outcome.verdict != Verdict::Met).flat_map(both).collect(),
        knowledge: check.knowledge.to_string(),
        ready: check.ready,
        account: [Language::Fr, Language::En].map(|language| explain(&case, &check, language)),
    }
}

#[test]
fn every_case_comes_out_as_it_is_written() {
    let mut wrong = Vec::new();
    for read in case::all() {
        let came = held(&read);
        let fits = |verdict: &Verdict| match read.shows {
            Shown::Respectee => *verdict == Verdict::Met,
            Shown::Enfreinte | Shown::NonLevee => *verdict == Verdict::Broken,
            Shown::Inconnue => *verdict == Verdict::Unknown,
            Shown::Levee => matches!(verdict, Verdict::Lifted { .. }),
            Shown::SansObjet => false,
        };
        let told = match read.shows {
            Shown::SansObjet => came.verdicts.is_empty(),
            // A derogation that lifts nothing leaves what was unknown unknown, too.
            Shown::NonLevee => came.verdicts.iter().any(|one| fits(one) || *one == Verdict::Unknown),
            // One part that is not as it should be is enough; to be met, all must be.
            Shown::Respectee => !came.verdicts.is_empty() && came.verdicts.iter().all(fits),
            _ => came.verdicts.iter().any(fits),
        };
        if !told {
            wrong.push(format!("{}: {:?} was expected, {:?} came", read.name, read.shows, came.verdicts));
        }
        if let Some(knowledge) = read.knowledge.as_ref().filter(|wanted| **wanted != came.knowledge) {
            wrong.push(format!("{}: {knowledge} was expected, {} came", read.name, came.knowledge));
        }
        if read.ready.is_some_and(|wanted| wanted != came.ready) {
            wrong.push(format!("{}: ready is {}", read.name, came.ready));
        }
        if let Some(said) =
            read.says.as_ref().filter(|said| !came.sentences.iter().any(|one| one.contains(said.as_str())))
        {
            wrong.push(format!("{}: nothing says « {said} »: {:?}", read.name, came.sentences));
        }
        if let Some(told) = read.account.as_ref().filter(|told| !came.account.iter().any(|one| one.contains(*told))) {
            wrong.push(format!("{}: the account lacks « {told} »: {}", read.name, came.account.concat()));
        }
        // A bare unknown is told by the rule that asks for the action.
        let open = |text: &&String| text.contains(['{', '}']) && !read.is_bare;
        wrong.extend(came.sentences.iter().filter(open).map(|text| format!("{}: a place is open: {text}", read.name)));
        wrong.extend(
            came.sentences.iter().filter(|text| text.trim().is_empty()).map(|_| format!("{}: empty", read.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_its_cases() {
    let mut shown: BTreeMap<String, BTreeSet<Shown>> = BTreeMap::new();
    let cases = case::all();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    for read in &cases {
        shown.entry(read.rule.clone()).or_default().insert(read.shows);
    }
    let book = Rulebook::of_the_product();
    let mut missing = Vec::new();
    for sheet in book.sheets() {
        let has = shown.remove(sheet.code.as_str()).unwrap_or_default();
        let mut wanted = vec![Shown::Respectee];
        // Its formula never says broken: what is not classified is unknown.
        if &*sheet.formula != "project-unclassified" {
            wanted.push(Shown::Enfreinte);
        }
        if sheet.unknown.is_some() {
            wanted.push(Shown::Inconnue);
        }
        wanted.push(if sheet.lifted_by.is_empty() { Shown::NonLevee } else { Shown::Levee });
        missing.extend(wanted.iter().filter(|one| !has.contains(one)).map(|one| format!("{}: {one:?}", sheet.code)));
    }
    assert!(missing.is_empty(), "without a case: {}", missing.join(", "));
    assert!(shown.is_empty(), "cases of no rule: {:?}", shown.keys());
}

#[test]
fn a_mistake_in_a_rule_is_told_with_its_place() {
    let sheet = "edition = \"x\"\n[[rule]]\ncode = \"A\"\nformula = \"no-means\"\nseverity = \"BLOCKING\"\n\
                 title = { fr = \"a\", en = \"a\" }\nbroken = { fr = \"a\", en = \"a\" }\n";
    assert!(Rulebook::read(&[("rules/a.toml", sheet)]).is_ok());
    let again = sheet.split_once('\n').expect("lines").1;
    let twice = Rulebook::read(&[("rules/a.toml", &format!("{sheet}{again}"))]).expect_err("twice on one day");
    assert!(matches!(twice, RulebookError::Twice { .. }) && twice.to_string().contains("`to`"), "{twice}");
    let dated = |to: &str, from: &str| {
        let (until, since) = (format!("{sheet}to = \"{to}\"\n"), format!("{again}from = \"{from}\"\n"));
        Rulebook::read(&[("rules/a.toml", &format!("{until}{since}"))])
    };
    assert!(matches!(dated("2026-03-02", "2026-03-01"), Err(RulebookError::Twice { .. })), "one day is of both");
    assert!(dated("2026-03-01", "2026-03-01").is_ok(), "`to` is the first day that is not of the one");
    let formula = Rulebook::read(&[("rules/a.toml", &sheet.replace("no-means", "none"))]).expect_err("no such formula");
    assert!(formula.to_string().contains("rules/a.toml") && formula.to_string().contains("cell-silent"), "{formula}");
    let wrong = Rulebook::read(&[("rules/a.toml", &sheet.replace("BLOCKING", "FATAL"))]).expect_err("no such severity");
    assert!(wrong.to_string().contains("line 5"), "{wrong}");
    let stray = Rulebook::read(&[("rules/a.toml", &sheet.replace("severity", "gravity"))]).expect_err("no such field");
    assert!(stray.to_string().contains("gravity"), "{stray}");
}

#[test]
fn what_holds_on_no_day_and_two_values_on_one_are_refused_by_their_place() {
    let refused = |text: &str| Rulebook::read(&[("rules/a.toml", text)]).map(|_| ()).map_err(|error| error.to_string());
    let proxy = |days: &str| {
        let row = "[[proxy]]\nfunder = \"eu:LIFE\"\nbecause = \"x\"\n";
        refused(&format!("edition = \"x\"\n{row}{row}{days}\n"))
    };
    let expected = |days: &str| {
        let row = "[[expected]]\nfunder = \"siren:453678252\"\nnature = \"INVESTISSEMENT\"\nbecause = \"x\"\n";
        refused(&format!("edition = \"x\"\n{row}{days}\n"))
    };
    let told = |answer: Result<(), String>, words: &[&str]| {
        let error = answer.expect_err("it is refused");
        assert!(words.iter().all(|word| error.contains(word)), "{words:?}: {error}");
    };
    let backwards = "from = \"2026-03-01\"\nto = \"2026-02-01\"";
    let days = ["rules/a.toml", "`to` (2026-02-01)", "`from` (2026-03-01)", "correct one"];
    told(proxy(backwards), &[&days[..], &["[[proxy]] number 2 (eu:LIFE)"]].concat());
    told(expected(backwards), &[&days[..], &["[[expected]] number 1"]].concat());
    told(refused(&CHANGED.replacen("to = \"2026-03-01\"", backwards, 1)), &[&days[..], &["rule A"]].concat());
    told(proxy("from = \"2026-03-01\"\nto = \"2026-03-01\""), &["holds on no day"]);
    assert_eq!(proxy("from = \"2026-03-01\"\nto = \"2026-03-02\""), Ok(()));
    assert_eq!(expected("to = \"2026-03-02\""), Ok(()));

    let values = |first: &str, second: &str| {
        let value = |days: &str| format!("[[rule.value]]\nname = \"most\"\nvalue = 1\n{days}\n");
        refused(&format!("{CHANGED}{}{}", value(first), value(second)))
    };
    told(values(backwards, ""), &[&days[..], &["value most of rule A"]].concat());
    told(
        values("from = \"2026-01-01\"", "to = \"2026-01-02\""),
        &["rules/a.toml", "rule A", "two values `most`", "`to`"],
    );
    assert_eq!(values("from = \"2026-01-01\"", "to = \"2026-01-01\""), Ok(()));
}

/// A rule of which what is said, how grave it is and what lifts it change on a day.
const CHANGED: &str = r#"
edition = "x"
[[rule]]
code = "A"
formula = "no-means"
severity = "WARNING"
to = "2026-03-01"
lifted-by = ["derogation"]
title = { fr = "avant", en = "before" }
broken = { fr = "avant", en = "before" }
[[rule]]
code = "A"
formula = "no-means"
severity = "BLOCKING"
from = "2026-03-01"
title = { fr = "après", en = "after" }
broken = { fr = "après", en = "after" }
"#;

#[test]
fn a_rule_that_changes_keeps_its_past() {
    let book = Rulebook::read(&[("rules/a.toml", CHANGED)]).expect("two versions of one rule");
    let read = case::all().into_iter().find(|read| read.name.contains("aucun moyen cité")).expect("a case");
    let portfolio = Portfolio::build_naming(&read.image, book.organisations());
    let (project, _) = portfolio.projects().next().expect("a project");
    let on = |day: &str| {
        let now = format!("{day}T10:00:00Z").parse().expect("an instant");
        let case = Case::of(&portfolio, project, (&book, KEY), Moment { now, max_age_s: None });
        let check = Check::of(&case);
        let found: Vec<(String, String)> =
            check.findings(&case).map(|one| (one.severity().to_string(), one.sentence(&case, Language::Fr))).collect();
        found
    };
    assert_eq!(on("2026-02-28"), [("WARNING".to_owned(), "avant".to_owned())]);
    assert_eq!(on("2026-03-01"), [("BLOCKING".to_owned(), "après".to_owned())]);
}

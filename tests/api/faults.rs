//! The rule above all: never surer than the facts. A source in every kind of trouble, while a check is asked and before; what
//! was known and shared is no longer, and is again once the source was read.

use crate::desk::{BY_TWO, Mood, Town, manifest};
use passerelle::acts::sync::Sync;
use passerelle::connector::Connector;
use passerelle::domain::act::Author;
use passerelle::domain::run::SyncOutcome;
use passerelle::identity::Role;
use serde_json::Value;

const TROUBLES: [Mood; 10] = [
    Mood::Broken,
    Mood::Failing,
    Mood::Expired,
    Mood::Busy,
    Mood::Nonsense,
    Mood::Page,
    Mood::CutShort,
    Mood::Silent,
    Mood::Moved,
    Mood::Empty,
];

/// The Region's own project: known and shared as long as its system is read in time.
async fn town() -> Town {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    assert_eq!(told(&town.ask(CHECK, true).await), ("KNOWN_AND_SHARED".to_owned(), true));
    town
}

const CHECK: &str = "{ projects { nodes { check { knowledge ready findings { rule severity } } } } }";
const FRESH: &str = "{ projects { nodes { check(maxAge: \"PT2M\") { knowledge ready findings { rule severity } } } } }";

fn told(answer: &Value) -> (String, bool) {
    let check = &answer["data"]["projects"]["nodes"][0]["check"];
    let knowledge = check["knowledge"].as_str().unwrap_or_else(|| panic!("{answer:#}"));
    (knowledge.to_owned(), check["ready"] == true)
}

fn blocking(answer: &Value) -> usize {
    let findings = answer["data"]["projects"]["nodes"][0]["check"]["findings"].as_array().expect("findings");
    findings.iter().filter(|one| one["severity"] == "BLOCKING").count()
}

const UNVERIFIABLE: &str = "UNVERIFIABLE";

#[tokio::test(flavor = "multi_thread")]
async fn a_source_in_trouble_during_a_check_makes_it_unverifiable() {
    for mood in TROUBLES {
        let town = town().await;
        town.later(600);
        town.is(mood);
        let answer = town.ask(FRESH, true).await;
        assert_eq!(told(&answer), (UNVERIFIABLE.to_owned(), false), "{mood:?}: {answer:#}");
        assert!(blocking(&answer) > 0, "{mood:?}: the findings say why: {answer:#}");
        assert_eq!(answer["extensions"]["sources"][0]["id"], "desk", "{mood:?}: {answer:#}");
        // At its ordinary rhythm the source is not late yet, and nothing that was not read is taken for read.
        // But of what it did not show when it was asked for it, nobody knows until it is read again.
        let known = if matches!(mood, Mood::Empty) { (UNVERIFIABLE, false) } else { ("KNOWN_AND_SHARED", true) };
        assert_eq!(told(&town.ask(CHECK, true).await), (known.0.to_owned(), known.1), "{mood:?}");
        town.is(Mood::Well);
        town.later(120);
        let again = town.ask(FRESH, true).await;
        // A host that failed may be left alone for a while: then it is still not known.
        if again["extensions"].get("sources").is_none() {
            assert_eq!(told(&again), ("KNOWN_AND_SHARED".to_owned(), true), "{mood:?}: {again:#}");
        } else {
            assert_eq!(told(&again), (UNVERIFIABLE.to_owned(), false), "{mood:?}: {again:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_read_no_more_makes_what_was_known_unverifiable_once_it_is_too_old() {
    for mood in TROUBLES {
        let town = town().await;
        town.is(mood);
        town.later(3_600);
        let run = town.try_sync().await;
        assert_ne!(run.outcome, SyncOutcome::Succeeded, "{mood:?}: {run:?}");
        let answer = town.ask(CHECK, true).await;
        if run.outcome == SyncOutcome::Held {
            assert_eq!(told(&answer), (UNVERIFIABLE.to_owned(), false), "{mood:?}: held, nobody knows: {answer:#}");
        }
        town.later(86_400);
        let late = town.ask(CHECK, true).await;
        assert_eq!(told(&late), (UNVERIFIABLE.to_owned(), false), "{mood:?}: {late:#}");
        assert!(blocking(&late) > 0, "{mood:?}");
    }
}

/// A clock that was set back makes nothing younger than it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_makes_no_reading_fresh() {
    let town = town().await;
    town.later(-7_200);
    let answer = town.ask(CHECK, true).await;
    assert_eq!(told(&answer), (UNVERIFIABLE.to_owned(), false), "{answer:#}");
}

/// A second system of the same funder that nobody has read yet: what it may say is not known, from the moment it is a source.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_never_read_makes_what_it_speaks_for_unverifiable() {
    let town = town().await;
    let text = manifest(BY_TWO).replace("\"desk\"", "\"guichet-neuf\"");
    let second = Connector::parse("guichet-neuf", "guichet-neuf", &text).unwrap_or_else(|error| panic!("{error}"));
    let Town { gateway, workroom, net, clock, .. } = &town;
    let sync = Sync { gateway, workroom, net, clock, author: Author::system("test") };
    sync.announce(&second).await.expect("appended");
    let answer = town.ask(CHECK, true).await;
    assert_eq!(told(&answer), (UNVERIFIABLE.to_owned(), false), "{answer:#}");
    let source = town.ask("{ source(id: \"guichet-neuf\") { reachable age lastRun { id } records } }", true).await;
    let source = &source["data"]["source"];
    assert_eq!((&source["reachable"], &source["age"], &source["lastRun"]), (&false.into(), &Value::Null, &Value::Null));
    let head = gateway.current().head().version;
    sync.announce(&second).await.expect("nothing to append");
    assert_eq!(gateway.current().head().version, head, "it is announced once");
    let before = town.ask(&format!("{{ asOf(version: {}) {CHECK} }}", head.0 - 1), true).await;
    let before = serde_json::json!({ "data": before["data"]["asOf"] });
    assert_eq!(told(&before), ("KNOWN_AND_SHARED".to_owned(), true), "then it was no source");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_answers_and_where_it_stands_is_not_for_the_public() {
    const RUN: &str = "{ sources { id lastRun { outcome fr: message en: message(lang: EN) } } }";
    let town = town().await;
    town.is(Mood::Failing);
    assert_eq!(town.try_sync().await.outcome, SyncOutcome::Failed);
    let run = async |role: Option<Role>| {
        let answer = match role {
            Some(role) => town.ask_as(role, RUN).await,
            None => town.ask(RUN, false).await,
        };
        let sources = answer["data"]["sources"].as_array().cloned().unwrap_or_default();
        sources.into_iter().find(|one| one["id"] == "desk").map(|one| one["lastRun"].clone()).expect("the desk")
    };
    let public = run(None).await;
    assert_eq!(public["outcome"], "FAILED");
    assert_eq!(public["en"], "the source could not be read: its owner is told why");
    assert_eq!(public["fr"], "la source n'a pas pu être lue : la raison est dite à son responsable");
    for role in [Role::Admin, Role::Auditor, Role::Region] {
        assert!(run(Some(role)).await["en"].as_str().is_some_and(|told| told.contains("127.0.0.1")), "{role}");
    }
}

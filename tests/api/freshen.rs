//! `maxAge`: records looked up live before the operation runs, against a real local source that counts its requests.

use crate::desk::{BY_TWO, Mood, Town};
use passerelle::identity::Role;
use passerelle::ledger::PageRequest;
use serde_json::{Value, json};

const PLANS: &str = "{ projects { nodes { fundingPlan(maxAge: \"PT2M\") { lines { state amount readAt } } } } }";

fn lines(answer: &Value) -> Vec<(String, String)> {
    let nodes = answer["data"]["projects"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    let lines = nodes.iter().flat_map(|node| node["fundingPlan"]["lines"].as_array().cloned().unwrap_or_default());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.map(|line| (text(&line["state"]), text(&line["amount"]))).collect()
}

fn pair(state: &str, amount: &str) -> (String, String) {
    (state.to_owned(), amount.to_owned())
}

#[tokio::test]
async fn what_changed_since_the_last_read_is_in_the_very_answer_and_in_the_ledger() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "P"), ("c", "1", "P")]).await;
    assert_eq!(lines(&town.ask(PLANS, true).await), [pair("KNOWN", "111.00")]);
    assert!(town.asked().is_empty(), "nothing is older than two minutes");
    let before = town.version();
    town.later(600);
    town.set("b", "20", "P");
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("KNOWN", "121.00")]);
    assert_eq!(answer["data"]["projects"]["nodes"][0]["fundingPlan"]["lines"][0]["readAt"], "2026-03-01T08:10:00Z");
    assert_eq!((answer["extensions"]["ledgerVersion"].as_u64(), town.version()), (Some(before + 1), before + 1));
    assert_eq!(answer["extensions"].get("sources"), None);
    assert_eq!(town.asked().len(), 2, "three keys, two at a time");
    // Seen a moment ago: nobody is asked again, and nothing is appended.
    assert_eq!(lines(&town.ask(PLANS, true).await), [pair("KNOWN", "121.00")]);
    assert!(town.asked().is_empty() && town.version() == before + 1);
    let version = town.gateway.current().head().version;
    let runs = town.gateway.ledger().runs(town.connector.id(), version, PageRequest { offset: 0, limit: 9 }).await;
    let run = &runs.expect("the ledger answers").items[0];
    assert!(run.is_look_up() && !run.full && run.counts.balance(), "{run:?}");
    assert_eq!((run.counts.read, run.counts.changed, run.counts.unchanged, run.counts.gone), (3, 1, 2, 0));
    // The past stays what it was, and is not looked up.
    town.later(600);
    let past = format!("{{ asOf(version: {before}) {} }}", PLANS);
    let past = town.ask(&past, true).await["data"]["asOf"].clone();
    assert_eq!(lines(&json!({ "data": past })), [pair("KNOWN", "111.00")]);
    assert!(town.asked().is_empty());
}

#[tokio::test]
async fn many_fields_make_one_look_up_and_many_operations_share_it() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "P")]).await;
    town.later(600);
    let many: String = (0..40).map(|rank| format!("p{rank}: {}", &PLANS[1..PLANS.len() - 1])).collect();
    let many = format!("{{ {many} }}");
    let (one, other) = tokio::join!(town.ask(&many, true), town.ask(PLANS, true));
    assert_eq!(one["data"]["p39"]["nodes"][0]["fundingPlan"]["lines"][0]["state"], "KNOWN", "{one:#}");
    assert_eq!(lines(&other), [pair("KNOWN", "110.00")]);
    assert_eq!(town.asked().len(), 1, "both keys in one request, for both operations");
}

async fn unanswered(mood: Mood) {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    let before = town.version();
    town.later(3_600);
    town.is(mood);
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("STALE", "100.00")], "{answer:#}");
    let named = &answer["extensions"]["sources"][0];
    assert_eq!((named["id"].as_str(), named["code"].as_str()), (Some("desk"), Some("unreadable")), "{answer:#}");
    assert_eq!((named["age"].as_i64(), named["readAt"].as_str()), (Some(3_600), Some("2026-03-01T08:00:00.000000Z")));
    assert!(named["reason"]["fr"].is_string() && named["reason"]["en"].is_string(), "{named:#}");
    assert_eq!(town.version(), before);
}

#[tokio::test]
async fn a_source_in_trouble_is_named_and_its_lines_are_stale() {
    unanswered(Mood::Broken).await;
}

/// The address of a system is for whoever sees everything; others are told that it could not be read.
#[tokio::test]
async fn why_a_source_could_not_be_read_is_told_with_its_address_to_those_who_see_everything() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(3_600);
    town.is(Mood::Broken);
    for (role, told) in [(Role::Region, true), (Role::Partner, false)] {
        let answer = town.ask_as(role, PLANS).await;
        let reason =
            answer["extensions"]["sources"][0]["reason"]["en"].as_str().unwrap_or_else(|| panic!("{answer:#}"));
        assert_eq!(reason.contains("127.0.0.1"), told, "{role}: {reason}");
    }
}

#[tokio::test]
async fn half_a_document_is_no_answer() {
    unanswered(Mood::Nonsense).await;
}

#[tokio::test]
async fn a_record_that_the_source_does_not_show_is_not_closed() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "Q")]).await;
    town.later(600);
    town.desk.lock().expect("unpoisoned").records.remove("b");
    let answer = town.ask(PLANS, true).await;
    let mut found = lines(&answer);
    found.sort();
    assert_eq!(found, [pair("KNOWN", "100.00"), pair("STALE", "10.00")], "{answer:#}");
    assert_eq!(answer["extensions"]["sources"][0]["code"], "not-shown");
    // Nor is it known to whoever asks afterwards, until the source shows it again.
    let mut now = still(&town).await;
    now.sort();
    assert_eq!(now, found);
    town.set("b", "10", "Q");
    town.sync().await;
    assert_eq!(still(&town).await.iter().filter(|(state, _)| state == "KNOWN").count(), 2);
}

/// The lines for whoever asks for nothing fresh.
async fn still(town: &Town) -> Vec<(String, String)> {
    lines(&town.ask(&PLANS.replace("(maxAge: \"PT2M\")", ""), true).await)
}

#[tokio::test]
async fn a_source_without_look_up_is_named() {
    let town = Town::with("", &[("a", "100", "P")]).await;
    town.later(600);
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("STALE", "100.00")]);
    assert_eq!(answer["extensions"]["sources"][0]["code"], "no-look-up");
    assert_eq!(answer["extensions"]["sources"][0]["age"], 600);
}

#[tokio::test]
async fn the_public_and_the_impatient_make_no_look_up() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(600);
    let public = town.ask(PLANS, false).await;
    assert_eq!(public["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let impatient = town.ask(&PLANS.replace("PT2M", "PT59S"), true).await;
    assert_eq!(impatient["errors"][0]["extensions"]["code"], "BAD_INPUT");
    let left_out = "{ projects { nodes { id fundingPlan(maxAge: \"PT2M\") @skip(if: true) { version } } } }";
    assert!(town.ask(left_out, true).await.get("errors").is_none());
    assert!(town.asked().is_empty());
}

#[tokio::test]
async fn a_record_that_turned_bad_keeps_its_last_good_version_stale() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(600);
    town.set("a", "beaucoup", "P");
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("STALE", "100.00")], "{answer:#}");
    let named = &answer["extensions"]["sources"][0];
    assert_eq!((named["id"].as_str(), named["code"].as_str()), (Some("desk"), Some("rejected")), "{answer:#}");
    assert_eq!((named["age"].as_i64(), named["readAt"].as_str()), (Some(600), Some("2026-03-01T08:00:00.000000Z")));
    assert!(!named["reason"].to_string().contains("beaucoup"), "what a record holds is for those who see rejections");
    // The source is good again: a later operation asks it, and has the good record.
    town.asked();
    town.later(600);
    town.set("a", "120", "P");
    // An answer serves others who ask for the same for two seconds.
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let answer = town.ask(PLANS, true).await;
    assert_eq!((lines(&answer), town.asked().len()), (vec![pair("KNOWN", "120.00")], 1), "{answer:#}");
    assert_eq!(answer["extensions"].get("sources"), None);
}

#[tokio::test]
async fn more_records_than_may_be_looked_up_are_refused() {
    let records: Vec<(String, String)> = (0..201).map(|rank| (format!("k{rank}"), format!("P{rank}"))).collect();
    let records: Vec<(&str, &str, &str)> = records.iter().map(|(key, project)| (&**key, "1", &**project)).collect();
    let town = Town::with(BY_TWO, &records).await;
    town.later(600);
    let all = PLANS.replace("projects {", "projects(first: 200) {");
    assert!(town.ask(&all, true).await.get("errors").is_none());
    assert_eq!(town.asked().len(), 100);
    town.later(600);
    let two = format!(
        "{{ a: {} b: {} }}",
        &all[1..all.len() - 1],
        "projects(last: 1) { nodes { fundingPlan(maxAge: \"PT2M\") { version } } }"
    );
    let refused = town.ask(&two, true).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{refused:#}");
    assert!(town.asked().is_empty());
}

/// The list is still the one of this morning; what was looked up is newer than it, and does not make it any newer.
#[tokio::test]
async fn a_list_that_did_not_change_is_no_ground_once_something_was_looked_up() {
    const RUN: &str = "{ sources { age rejected lastRun { full sameAs read unchanged } } }";
    let town = Town::with(BY_TWO, &[("a", "100.00", "P1")]).await;
    town.later(600);
    town.sync().await;
    let answer = town.ask(RUN, false).await;
    let source = &answer["data"]["sources"][0];
    assert!(source["lastRun"]["sameAs"].is_string(), "{answer:#}");
    assert_eq!((&source["lastRun"]["full"], &source["lastRun"]["unchanged"]), (&json!(true), &json!(1)), "{answer:#}");
    assert_eq!(source["age"], 0, "{answer:#}");
    town.later(600);
    town.set("a", "250.00", "P1");
    assert_eq!(lines(&town.ask(PLANS, true).await)[0].1, "250.00");
    town.sync().await;
    let conditions = town.desk.lock().expect("unpoisoned").conditions.clone();
    assert_eq!(conditions, [None, Some("\"today\"".to_owned()), None]);
    assert!(town.ask(RUN, false).await["data"]["sources"][0]["lastRun"]["sameAs"].is_null());
}

/// Lines and the code of the source named, once `change` was made to the desk and ten minutes went by.
async fn after(town: &Town, change: impl FnOnce(&mut crate::desk::Desk)) -> (Vec<(String, String)>, Value) {
    town.later(600);
    change(&mut town.desk.lock().expect("unpoisoned"));
    let answer = town.ask(PLANS, true).await;
    (lines(&answer), answer["extensions"]["sources"][0]["code"].clone())
}

#[tokio::test]
async fn what_a_held_read_kept_out_is_not_let_in_by_a_look_up() {
    let records: Vec<(String, String)> = (0..30).map(|rank| (format!("k{rank}"), (100 + rank).to_string())).collect();
    let borrowed: Vec<(&str, &str, &str)> = records.iter().map(|(key, amount)| (&**key, &**amount, "P")).collect();
    let town = Town::with(BY_TWO, &borrowed).await;
    let sum: u32 = (0..30).map(|rank| 100 + rank).sum();
    // Before any read of everything: what it would hold for is not taken either.
    let swell = |desk: &mut crate::desk::Desk| {
        desk.editions += 1;
        for (key, amount) in &records {
            desk.records.get_mut(key).expect("known")["montant"] = json!(format!("{amount}00"));
        }
    };
    let stale = vec![pair("STALE", &format!("{sum}.00"))];
    assert_eq!(after(&town, swell).await, (stale.clone(), json!("break")));
    assert_eq!(still(&town).await, stale, "what it says is doubted by whoever asks next");
    let version = town.version();
    let told = town.ask_as(Role::Partner, PLANS).await["extensions"]["sources"][0].clone();
    assert_eq!(town.version(), version, "the same answer is not written down once more");
    assert!(told["code"] == "break" && !told.to_string().contains('%'), "by how much sums move: {told}");
    assert_eq!(town.try_sync().await.outcome, passerelle::domain::run::SyncOutcome::Held);
    assert_eq!(after(&town, |_| ()).await, (stale.clone(), json!("held")));
    // One good record more does not pass either, as long as it stands held.
    let mend = |desk: &mut crate::desk::Desk| desk.records.get_mut("k0").expect("known")["montant"] = json!("101");
    assert_eq!(after(&town, mend).await, (stale, json!("held")));
}

/// What breaks the series is not taken; what says what it said breaks nothing.
#[tokio::test]
async fn of_what_would_be_held_only_what_says_otherwise_is_doubted() {
    let records: Vec<[String; 3]> =
        (0..12).map(|rank| [format!("k{rank}"), (100 + rank).to_string(), format!("P{rank}")]).collect();
    let borrowed: Vec<(&str, &str, &str)> =
        records.iter().map(|[key, amount, of]| (&**key, &**amount, &**of)).collect();
    let town = Town::with(BY_TWO, &borrowed).await;
    let swell = |desk: &mut crate::desk::Desk| {
        desk.records.get_mut("k3").expect("known")["montant"] = json!("103000");
    };
    let (found, code) = after(&town, swell).await;
    assert_eq!((code, found.len()), (json!("break"), 12), "{found:?}");
    let stale = |lines: &[(String, String)]| -> Vec<String> {
        lines.iter().filter(|(state, _)| state == "STALE").map(|(_, amount)| amount.clone()).collect()
    };
    assert_eq!(stale(&found), ["103.00"]);
    assert_eq!(stale(&still(&town).await), ["103.00"]);
}

/// A record that could never be read speaks of the project whose reference it bears: what its source says of that one nobody knows.
#[tokio::test]
async fn a_record_that_is_rejected_when_it_is_first_met_leaves_the_cell_of_its_project_stale() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "Q"), ("c", "7", "Q")]).await;
    let said = "{ projects { nodes { fundingPlan { lines { state amount } }
                  check { knowledge findings { rule message(lang: EN) } } } } }";
    let told = async || {
        let answer = town.ask(said, true).await;
        let nodes = answer["data"]["projects"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")).clone();
        let mut told: Vec<(String, Value, String)> = Vec::new();
        for node in nodes {
            let findings = node["check"]["findings"].as_array().expect("findings").iter();
            let late = findings.filter(|one| one["rule"] == "SOURCE-LATE").map(|one| one["message"].to_string());
            let line = &node["fundingPlan"]["lines"][0];
            told.push((line["amount"].to_string(), line["state"].clone(), late.collect()));
        }
        told.sort_by(|one, other| one.0.cmp(&other.0));
        told
    };
    assert!(told().await.iter().all(|(_, state, late)| state == "KNOWN" && late.is_empty()));
    let list = |amount| {
        town.set("d", amount, "P");
        town.desk.lock().expect("unpoisoned").editions += 1;
    };
    list("douze");
    town.sync().await;
    let [(_, p, late), (_, q, none)] = told().await.try_into().expect("two projects");
    assert_eq!((p, q, none), (json!("STALE"), json!("KNOWN"), String::new()));
    assert!(late.contains("bears a reference of this project, could not be read"), "{late}");
    // As soon as it can be read, or is gone, all is known.
    list("12");
    town.sync().await;
    assert!(told().await.iter().all(|(_, state, late)| state == "KNOWN" && late.is_empty()));
}

#[tokio::test]
async fn a_record_without_a_column_that_it_had_is_not_taken() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "P")]).await;
    let lose = |desk: &mut crate::desk::Desk| {
        desk.records.get_mut("a").and_then(Value::as_object_mut).expect("an object").remove("montant");
    };
    assert_eq!(after(&town, lose).await, (vec![pair("STALE", "110.00")], json!("incomplete")));
    assert_eq!(still(&town).await, [pair("STALE", "110.00")]);
    town.set("a", "100", "P");
    town.sync().await;
    assert_eq!(still(&town).await, [pair("KNOWN", "110.00")]);
}

/// Without the list of lines, or without what hides or sorts them, a plan would be known and told that is not.
#[tokio::test]
async fn a_record_without_the_lines_that_it_had_is_not_taken() {
    for field in ["plan", "secret", "type"] {
        let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
        let line = json!({"siren": "225900018", "type": "AUTRE", "part": "50", "secret": "2030-01-01"});
        let edition = |desk: &mut crate::desk::Desk| {
            desk.editions += 1;
            desk.records.get_mut("a").expect("known")["plan"] = json!([line]);
        };
        edition(&mut town.desk.lock().expect("unpoisoned"));
        town.sync().await;
        let lose = |desk: &mut crate::desk::Desk| {
            let record = desk.records.get_mut("a").expect("known");
            let holder = if field == "plan" { record } else { &mut record["plan"][0] };
            holder.as_object_mut().expect("an object").remove(field);
            desk.editions += 1;
        };
        let (lines, code) = after(&town, lose).await;
        assert_eq!((lines.len(), &lines[0], code), (2, &pair("STALE", "100.00"), json!("incomplete")), "{field}");
        assert_eq!(town.try_sync().await.outcome, passerelle::domain::run::SyncOutcome::Held, "{field}");
    }
}

#[tokio::test]
async fn two_records_under_one_key_are_no_answer_unless_they_are_alike() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    let again = |amount: &'static str| {
        move |desk: &mut crate::desk::Desk| {
            let twin = json!({"id": "a", "titre": "Square", "projet": "P", "montant": amount});
            desk.twins = vec![twin];
        }
    };
    assert_eq!(after(&town, again("900")).await, (vec![pair("STALE", "100.00")], json!("unreadable")));
    // An answer that failed is kept for a moment: another gateway asks.
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    assert_eq!(after(&town, again("100")).await, (vec![pair("KNOWN", "100.00")], Value::Null));
}

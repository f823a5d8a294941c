//! A message that waits says, whenever it is sent, what is so by then, to who its receiver is by then.

use crate::region::{SUD, now};
use crate::webhooks::{LILLE, MEL, REGION, Room, SECRET, STRANGER, id};
use chrono::TimeDelta;
use passerelle::identity::Role;
use passerelle::workroom::Workroom;
use serde_json::json;

const AMEND: &str =
    "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) { id } }";

#[tokio::test]
async fn a_sum_that_is_kept_from_the_receiver_since_is_sent_no_more() {
    let shows = |text: &str| ["2\u{202f}500,25", "2,500.25"].iter().any(|form| text.contains(form));
    let room = Room::start().await;
    room.change("1000.00", None).await;
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    room.say(Role::Region, REGION, (attest, json!({"id": SUD}))).await;
    let running = room.run_for((Role::Partner, LILLE), &[SECRET]).await;
    running.turn().await;
    assert!(room.got().is_empty(), "it says what was attested");
    let declared = room.change("1500.25", None).await;
    room.answers(&[(502, &[])]);
    running.turn().await;
    let first = room.got();
    assert!(first.len() == 1 && shows(&first[0].1), "{first:?}");
    let until = (now() + TimeDelta::days(30)).date_naive().to_string();
    let kept = json!({"id": declared, "input": {"notPublicUntil": until, "reason": "Pas encore"}});
    room.say(Role::Partner, MEL, (AMEND, kept)).await;
    room.later(10);
    running.turn().await;
    let again = room.got();
    assert!(!again.is_empty() && again.iter().all(|one| !shows(&one.1)), "{again:?}");
    assert!(again.iter().all(|one| id(one) != id(&first[0])), "another message: whoever took the first reads it too");
}

#[tokio::test]
async fn a_message_of_another_receiver_is_not_sent_to_who_has_its_name_since() {
    let room = Room::start().await;
    room.change("1500.25", None).await;
    room.answers(&[(502, &[])]);
    let region = room.run_for((Role::Region, REGION), &[SECRET]).await;
    region.turn().await;
    assert_eq!(room.got().len(), 1);
    drop(region);
    room.later(10);
    let stranger = room.run_for((Role::Partner, STRANGER), &[SECRET]).await;
    for _ in 0..3 {
        stranger.turn().await;
        room.later(1_000);
    }
    assert!(room.got().is_empty(), "it sees nothing of the project");
}

/// Made due at once, beside news of the same attestation: it is as old as it was.
#[tokio::test]
async fn a_message_that_is_sent_beside_a_newer_one_of_its_attestation_is_weighed_too() {
    let shows = |text: &str| ["2\u{202f}500,25", "2,500.25"].iter().any(|form| text.contains(form));
    let room = Room::start().await;
    room.change("1000.00", None).await;
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    room.say(Role::Region, REGION, (attest, json!({"id": SUD}))).await;
    let declared = room.change("1500.25", None).await;
    let running = room.run_for((Role::Partner, LILLE), &[SECRET]).await;
    room.answers(&[(502, &[])]);
    running.turn().await;
    assert!(room.got().iter().all(|one| shows(&one.1)));
    let until = (now() + TimeDelta::days(30)).date_naive().to_string();
    let kept = json!({"id": declared, "input": {"notPublicUntil": until, "reason": "Pas encore"}});
    room.say(Role::Partner, MEL, (AMEND, kept)).await;
    // A body that has said nothing: what is known is another, which is news.
    let admit = "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée\") { id } }";
    room.say(Role::Region, REGION, (admit, json!({"p": SUD, "f": format!("siren:{STRANGER}")}))).await;
    let workroom = Workroom::open(&room.directory.path().join("workroom")).await.expect("the workroom");
    assert_eq!(workroom.retry_letters("n").await.expect("made due"), 1);
    running.turn().await;
    let got = room.got();
    assert!(!got.is_empty() && got.iter().all(|one| !shows(&one.1)), "{got:?}");
    let ids: std::collections::BTreeSet<&str> = got.iter().map(id).collect();
    assert_eq!(ids.len(), got.len());
    assert_eq!(workroom.letter_counts("n").await.expect("counts").pending, 0);
}

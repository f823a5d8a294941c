//! Several receivers of webhooks: each has its own pace, and its own eyes.

use crate::webhooks::{LILLE, MEL, REGION, Room, SECRET};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use passerelle::acts::webhook::{Hook, Secrets};
use passerelle::identity::{Role, Scope, Viewer};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

fn hook(name: &str, url: &str) -> Hook {
    let secrets = Secrets::parse([SECRET]).expect("a secret");
    Hook { name: name.to_owned(), url: url.parse().expect("a URL"), secrets }
}

fn scope(role: Role, name: &str, siren: &str, contrats: &[&str]) -> Scope {
    let contrats: Vec<_> = contrats.iter().map(|code| code.parse().expect("a contrat")).collect();
    let siren = siren.parse().expect("a SIREN");
    Scope::of(Viewer::receiver(role, name, (Some(siren), &contrats)).expect("a receiver"))
}

/// A receiver that says nothing until it is let.
struct Silent {
    url: String,
    /// One for each message that came.
    came: Arc<Semaphore>,
    /// One for each message that it may answer.
    may_answer: Arc<Semaphore>,
}

impl Silent {
    async fn start() -> Silent {
        let (came, may_answer) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (told, let_go) = (Arc::clone(&came), Arc::clone(&may_answer));
        let answer = move || {
            let (told, let_go) = (Arc::clone(&told), Arc::clone(&let_go));
            async move {
                told.add_permits(1);
                let_go.acquire().await.expect("open").forget();
                StatusCode::NO_CONTENT
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/hook", post(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Silent { url, came, may_answer }
    }
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_keeps_no_other_waiting() {
    let (room, silent) = (Room::start().await, Silent::start().await);
    let region = |name| scope(Role::Region, name, REGION, &[]);
    // The silent one has its turn first.
    let hooks = vec![(hook("silent", &silent.url), region("silent")), (hook("prompt", &room.url), region("prompt"))];
    let running = Arc::new(room.run_hooks(&room.directory, hooks).await);
    running.turn().await;
    room.change("15000.00", None).await;
    let turn = tokio::spawn({
        let running = Arc::clone(&running);
        async move { running.turn().await }
    });
    silent.came.acquire().await.expect("open").forget();
    let mut got = room.got();
    while got.is_empty() && !turn.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        got = room.got();
    }
    assert_eq!(got.len(), 1, "told while the silent one has not answered");
    assert!(!turn.is_finished(), "the silent one still holds its message");
    silent.may_answer.add_permits(1);
    turn.await.expect("a turn");
    // Had the other waited for this one's time to run out, its message would come again.
    room.later(1_000);
    running.turn().await;
    assert!(room.got().is_empty() && silent.came.try_acquire().is_err(), "each was told once");
}

#[tokio::test]
async fn a_committee_is_told_of_its_contrats_alone() {
    let room = Room::start().await;
    room.change("15000.00", None).await;
    for (contrat, is_told) in [("CN06201M", false), ("CN05911M", true)] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let eyes = scope(Role::Committee, "committee", MEL, &[contrat]);
        room.run_hooks(&directory, vec![(hook("committee", &room.url), eyes)]).await.turn().await;
        assert_eq!(room.got().len(), usize::from(is_told), "{contrat}");
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    let eyes = scope(Role::Committee, "nobody", LILLE, &[]);
    room.run_hooks(&directory, vec![(hook("nobody", &room.url), eyes)]).await.turn().await;
    assert!(room.got().is_empty(), "a committee without a contrat sees no check");
}

//! Figures about the hosts that the gateway calls.

use crate::app::TestApp;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use passerelle::net::{Net, NetSettings, Request};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A host that fails until it is told not to, and its address.
async fn host() -> (Arc<AtomicBool>, String) {
    let sound = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&sound);
    let answer = move || {
        let status = if told.load(Ordering::SeqCst) { StatusCode::OK } else { StatusCode::NOT_IMPLEMENTED };
        std::future::ready(status)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/x", get(answer))).await });
    (sound, address)
}

/// A client that leaves a host alone for so long after two failures.
fn net(circuit_pause_ms: u64) -> Arc<Net> {
    let private_hosts = BTreeSet::from(["127.0.0.1".to_owned()]);
    let settings = NetSettings { private_hosts, circuit_failures_max: 2, circuit_pause_ms, ..NetSettings::default() };
    Arc::new(Net::new(settings).expect("a client"))
}

async fn call(net: &Net, address: &str) {
    let url = format!("http://{address}/x").parse().expect("a URL");
    // What comes back is told by the figures.
    let _ = net.get(&Request::get(url, 1_000, 2_000)).await;
}

/// What the figures say of the hosts: how many are called, left alone, and tried by one call; and their failures.
async fn told(app: &TestApp, addresses: &[&str]) -> ([String; 3], String) {
    let figures = app.send(app.client().get(app.url("/metrics"))).await.body;
    let figures = figures.as_str().expect("a text").to_owned();
    for address in addresses {
        assert!(!figures.contains(address), "anybody reads this");
    }
    let last = |begin: &str| {
        let line = figures.lines().find(|line| line.starts_with(begin));
        line.and_then(|line| line.split(' ').next_back()).unwrap_or_default().to_owned()
    };
    let states = ["closed", "open", "half-open"].map(|word| last(&format!("passerelle_hosts{{state=\"{word}\"}}")));
    (states, last("passerelle_host_failures_total"))
}

fn so_many(states: [&str; 3], failures: &str) -> ([String; 3], String) {
    (states.map(str::to_owned), failures.to_owned())
}

#[tokio::test]
async fn a_host_that_is_left_alone_is_seen() {
    let ((_, failing), (sound, well), net) = (host().await, host().await, net(3_600_000));
    sound.store(true, Ordering::SeqCst);
    let app = TestApp::start_calling(Arc::clone(&net)).await;
    let both = [&*failing, &*well];
    assert_eq!(told(&app, &both).await, so_many(["0", "0", "0"], "0"), "none was called yet");
    call(&net, &failing).await;
    call(&net, &well).await;
    assert_eq!(told(&app, &both).await, so_many(["2", "0", "0"], "1"));
    for _ in 0..3 {
        call(&net, &failing).await;
    }
    assert_eq!(told(&app, &both).await, so_many(["1", "1", "0"], "2"), "what is not called cannot fail");
}

#[tokio::test]
async fn a_host_that_may_be_tried_is_half_open_until_it_answers() {
    let ((sound, address), net) = (host().await, net(0));
    let app = TestApp::start_calling(Arc::clone(&net)).await;
    call(&net, &address).await;
    call(&net, &address).await;
    assert_eq!(told(&app, &[&address]).await, so_many(["0", "0", "1"], "2"));
    sound.store(true, Ordering::SeqCst);
    call(&net, &address).await;
    assert_eq!(told(&app, &[&address]).await, so_many(["1", "0", "0"], "2"), "its failures stay counted");
}

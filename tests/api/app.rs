//! A gateway of one's own: a ledger in a temporary directory, a real server, a client.

use crate::region;
use passerelle::acts::attest::Attester;
use passerelle::acts::link::Linker;
use passerelle::acts::registrar::{Registrar, Tenets};
use passerelle::audit::Journal;
use passerelle::check::Rulebook;
use passerelle::clock::Clock;
use passerelle::domain::Instant;
use passerelle::gateway::Gateway;
use passerelle::http::budget::Budget;
use passerelle::http::{Connections, KeyKeeper, Limits, Service, router, serve};
use passerelle::identity::Members;
use passerelle::identity::{Grant, Role, Scope, Signer, TokenKey, TokenSettings, Verifier};
use passerelle::ledger::Ledger;
use passerelle::net::Net;
use passerelle::view::{Door, PlanSecret};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

/// The legal person that speaks for the State in the Nord.
pub const PREFECTURE: &str = "000000018";
/// What plan versions are made with.
pub const PLAN_SECRET: [u8; 32] = [1; 32];

/// A running gateway.
pub struct TestApp {
    address: SocketAddr,
    client: reqwest::Client,
    verifier: Verifier,
    now: Instant,
    /// The URL of its ledger.
    place: String,
    directory: tempfile::TempDir,
    stop: tokio::sync::watch::Sender<bool>,
}

/// An answer: its status, its media type, its body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Value,
}

impl Answer {
    /// The data of an answer without errors.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        &self.body["data"]
    }

    /// The code of the first error.
    #[track_caller]
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error: {:#}", self.body))
    }
}

fn settings() -> TokenSettings {
    TokenSettings { issuer: "passerelle-test".to_owned(), audience: "passerelle".to_owned() }
}

fn verifier() -> Verifier {
    Verifier::new(TokenKey::from_bytes(&[42; 32]).expect("long enough"), settings())
}

/// The scope of an auditor: it sees everything.
pub fn everything() -> Scope {
    scope_of(Role::Auditor, &[])
}

/// The scope of a role in these contrats de ville.
pub fn scope_of(role: Role, contrats: &[&str]) -> Scope {
    let contrats = contrats.iter().map(|code| code.parse().expect("a contrat")).collect();
    let grant = Grant { role, subject: "bob".to_owned(), organisation: None, contrats, lifetime_s: 3_600 };
    let token = verifier().mint(&grant, region::now()).expect("a token");
    Scope::of(verifier().verify(&token, region::now()).expect("valid"))
}

/// What a gateway stands on, where it is not the usual.
struct Over {
    connections: Connections,
    /// The ledger; `None`: an empty one.
    place: Option<String>,
    plan_secret: [u8; 32],
    book: &'static Rulebook,
}

impl Default for Over {
    fn default() -> Self {
        let (connections, book) = (Connections::default(), Rulebook::of_the_product());
        Over { connections, place: None, plan_secret: PLAN_SECRET, book }
    }
}

impl TestApp {
    /// A gateway over the small region, with ordinary limits.
    pub async fn start() -> TestApp {
        Self::start_with(Limits::default()).await
    }

    /// A gateway over the small region, with other limits.
    pub async fn start_with(limits: Limits) -> TestApp {
        Self::start_as(limits, |service| service).await
    }

    /// A gateway over the small region whose time is told by `clock`.
    pub async fn start_timed(limits: Limits, clock: Clock) -> TestApp {
        Self::start_at(limits, clock, |service| service).await
    }

    /// A gateway over the small region that is about to stop once `stop` holds true.
    pub async fn start_stopping(stop: tokio::sync::watch::Receiver<bool>) -> TestApp {
        Self::start_as(Limits::default(), |service| service.with_stop(stop)).await
    }

    /// A gateway over the small region that tells how the hosts stand that `net` calls.
    pub async fn start_calling(net: Arc<Net>) -> TestApp {
        Self::start_as(Limits::default(), |service| service.with_net(net)).await
    }

    async fn start_as(limits: Limits, change: impl FnOnce(Service) -> Service) -> TestApp {
        Self::start_at(limits, Clock::fixed(region::now()), change).await
    }

    /// A gateway over the small region that trusts as `verifier` does.
    pub async fn start_trusting(verifier: Verifier) -> TestApp {
        let trusted = (Limits::default(), Clock::fixed(region::now()), verifier);
        Self::start_on(region::fill, trusted, |service| service).await
    }

    /// The same, in which each asker has a budget.
    pub async fn start_trusting_within(verifier: Verifier, budget: Budget) -> TestApp {
        let trusted = (Limits::default(), Clock::fixed(region::now()), verifier);
        Self::start_on(region::fill, trusted, |service| service.with_budget(&budget).expect("a sound budget")).await
    }

    /// A gateway over the small region that trusts as `verifier` does, whose keys `keeper` fetches by the same clock.
    pub async fn start_keeping(verifier: Verifier, keeper: Arc<KeyKeeper>, clock: Clock) -> TestApp {
        let trusted = (Limits::default(), clock, verifier);
        Self::start_on(region::fill, trusted, |service| service.with_keys(keeper)).await
    }

    /// A gateway over the small region in which each asker has a budget.
    pub async fn start_budgeted(budget: Budget, clock: Clock) -> TestApp {
        Self::start_at(Limits::default(), clock, |service| service.with_budget(&budget).expect("a sound budget")).await
    }

    async fn start_at(limits: Limits, clock: Clock, change: impl FnOnce(Service) -> Service) -> TestApp {
        Self::start_on(region::fill, (limits, clock, verifier()), change).await
    }

    /// A gateway over another ledger.
    pub async fn start_over(fill: impl AsyncFnOnce(&Ledger)) -> TestApp {
        let usual = (Limits::default(), Clock::fixed(region::now()), verifier());
        Self::start_on(fill, usual, |service| service).await
    }

    /// A gateway over the small region in an empty database.
    pub async fn start_in(place: String) -> TestApp {
        let usual = (Limits::default(), Clock::fixed(region::now()), verifier());
        Self::start_through(Over { place: Some(place), ..Over::default() }, region::fill, usual, |service| service)
            .await
    }

    /// Another gateway over the same ledger, with a workroom of its own.
    pub async fn start_beside(&self) -> TestApp {
        let usual = (Limits::default(), Clock::fixed(region::now()), verifier());
        let over = Over { place: Some(self.place.clone()), plan_secret: [2; 32], ..Over::default() };
        Self::start_through(over, async |_: &Ledger| (), usual, |service| service).await
    }

    /// Another gateway over the ledger of this one, which holds it against other rules.
    pub async fn start_again(&self, book: &'static Rulebook) -> TestApp {
        let usual = (Limits::default(), Clock::fixed(region::now()), verifier());
        let over = Over { place: Some(self.place.clone()), book, ..Over::default() };
        Self::start_through(over, async |_: &Ledger| {}, usual, |service| service).await
    }

    /// A gateway over the small region whose connections are bounded otherwise.
    pub async fn start_bounded(connections: Connections, limits: Limits) -> TestApp {
        let usual = (limits, Clock::fixed(region::now()), verifier());
        Self::start_through(Over { connections, ..Over::default() }, region::fill, usual, |service| service).await
    }

    async fn start_on(
        fill: impl AsyncFnOnce(&Ledger),
        trusted: (Limits, Clock, Verifier),
        change: impl FnOnce(Service) -> Service,
    ) -> TestApp {
        Self::start_through(Over::default(), fill, trusted, change).await
    }

    async fn start_through(
        Over { connections, place: asked, plan_secret, book }: Over,
        fill: impl AsyncFnOnce(&Ledger),
        (limits, clock, trusted): (Limits, Clock, Verifier),
        change: impl FnOnce(Service) -> Service,
    ) -> TestApp {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = match asked {
            Some(place) => place,
            None => place(directory.path()).await,
        };
        let ledger = Ledger::open(&place).await.expect("a ledger");
        fill(&ledger).await;
        let gateway = Gateway::open_naming(ledger, book.organisations()).await.expect("a gateway");
        let now = region::now();
        let gateway = Arc::new(gateway);
        let groups = [("financeur:etat-59".to_owned(), vec![PREFECTURE.to_owned()])];
        let members = Members::parse(&groups.into()).expect("sound");
        let shown_to = members.clone();
        let registrar = Registrar::new(Arc::clone(&gateway), clock.clone(), plan_secret).with_members(members);
        let registrar = registrar.with_tenets(Tenets::of(book, &clock));
        let pem = Signer::new_pem().expect("a key");
        let signer = Signer::from_pems([pem.as_bytes()]).expect("sound");
        let attester = Attester::new(Arc::clone(&gateway), clock.clone(), signer, &plan_secret);
        let linker = Linker::new(Arc::clone(&gateway), clock.clone());
        let journal = Journal::open(&directory.path().join("journal.sqlite")).await.expect("a journal");
        let door = Door::new(gateway, PlanSecret::from_bytes(plan_secret)).with_members(shown_to).with_journal(journal);
        let door = door.with_rulebook(book);
        let service = Service::new(door, Some(trusted), clock, limits).with_linker(linker);
        let service = change(service.with_registrar(registrar).with_attester(attester));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopping) = tokio::sync::watch::channel(false);
        tokio::spawn(serve(listener, router(service), connections, stopping));
        TestApp { address, client: reqwest::Client::new(), verifier: verifier(), now, place, directory, stop }
    }

    /// Stops it, as a signal would.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// The same, whose tokens are made at another instant.
    pub fn at(self, now: Instant) -> TestApp {
        TestApp { now, ..self }
    }

    /// The address of `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Its ledger, as another process reaches it.
    pub async fn ledger(&self) -> Ledger {
        Ledger::open(&self.place).await.expect("a ledger")
    }

    /// The file of its journal of reads.
    pub fn journal(&self) -> std::path::PathBuf {
        self.directory.path().join("journal.sqlite")
    }

    /// A token for somebody who sees everything, raw records too.
    pub fn auditor(&self) -> String {
        self.token(Role::Auditor)
    }

    /// A token for an administrator.
    pub fn admin(&self) -> String {
        self.token(Role::Admin)
    }

    /// A token for a role; that of the Région carries its SIREN.
    pub fn token(&self, role: Role) -> String {
        self.token_of(role, Some("200053742").filter(|_| role == Role::Region), &[])
    }

    /// A token for a role, an organisation by SIREN, and contrats de ville.
    pub fn token_of(&self, role: Role, siren: Option<&str>, contrats: &[&str]) -> String {
        let organisation = siren.map(|siren| siren.parse().expect("a SIREN"));
        let contrats = contrats.iter().map(|code| code.parse().expect("a contrat")).collect();
        let grant = Grant { role, subject: "alice".to_owned(), organisation, contrats, lifetime_s: 3_600 };
        self.verifier.mint(&grant, self.now).expect("a token")
    }

    /// Asks as somebody who sees everything.
    pub async fn ask(&self, query: &str) -> Answer {
        self.see(query, json!({})).await
    }

    /// The same, with variables.
    pub async fn see(&self, query: &str, variables: Value) -> Answer {
        self.ask_with(query, variables, Some(&self.auditor())).await
    }

    /// Asks without a token.
    pub async fn ask_as_public(&self, query: &str) -> Answer {
        self.ask_with(query, json!({}), None).await
    }

    /// Asks with variables, perhaps with a token.
    pub async fn ask_with(&self, query: &str, variables: Value, token: Option<&str>) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        let mut request = self.client.post(self.url("/graphql")).header("content-type", "application/json").body(body);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request).await
    }

    /// Sends any request to the gateway.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the gateway answers");
        let status = response.status().as_u16();
        let header = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = header.unwrap_or_default().to_owned();
        let text = response.text().await.expect("a body");
        Answer { status, content_type, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }
}

/// Names the server on which each gateway has a database of its own, instead of a file: see `postgres.rs`.
pub const POSTGRES: &str = "PASSERELLE_TEST_POSTGRES";

/// Where a new ledger is to be.
#[expect(clippy::disallowed_methods, reason = "a test asks its environment on what it runs")]
async fn place(directory: &std::path::Path) -> String {
    let Ok(server) = std::env::var(POSTGRES) else {
        return format!("sqlite:{}?mode=rwc", directory.join("ledger.sqlite").display());
    };
    let name = format!("t{:032x}", rand::random::<u128>());
    let connection = sea_orm::Database::connect(format!("{server}/postgres")).await.expect("a server");
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
    connection.close().await.expect("closed");
    format!("{server}/{name}")
}

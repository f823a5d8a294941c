//! A gateway with its clock in the test's hand, over one real local source that counts its requests and can be in any trouble.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use passerelle::acts::freshen::{Freshener, LookedUpSource};
use passerelle::acts::refresh::Refresher;
use passerelle::acts::sync::{Sync, Target};
use passerelle::clock::Clock;
use passerelle::connector::Connector;
use passerelle::domain::Instant;
use passerelle::domain::act::Author;
use passerelle::domain::run::{SyncOutcome, SyncRun};
use passerelle::gateway::Gateway;
use passerelle::http::{Limits, Service, router};
use passerelle::identity::{Grant, Role, TokenKey, TokenSettings, Verifier};
use passerelle::ledger::Ledger;
use passerelle::net::{Net, NetSettings};
use passerelle::view::{Door, PlanSecret};
use passerelle::workroom::Workroom;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// What the source answers, and what it was asked.
#[derive(Default)]
pub struct Desk {
    pub records: BTreeMap<String, Value>,
    pub mood: Mood,
    /// Records that come after those that are looked up.
    pub twins: Vec<Value>,
    pub asked: Vec<String>,
    /// How often the list was made anew: 0 is the list of today.
    pub editions: u32,
    /// The conditions under which the list was asked for.
    pub conditions: Vec<Option<String>>,
}

/// How the source is. In trouble, it answers every request so.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub enum Mood {
    #[default]
    Well,
    /// 501.
    Broken,
    /// 500.
    Failing,
    /// 401: what lets the gateway in has expired.
    Expired,
    /// 429, for longer than anybody waits.
    Busy,
    /// Half a document.
    Nonsense,
    /// The page of a portal, with 200.
    Page,
    /// Fewer bytes than promised, then the end of the connection.
    CutShort,
    /// Nothing at all, ever.
    Silent,
    /// Elsewhere.
    Moved,
    /// An empty list.
    Empty,
}

impl Mood {
    /// The trouble; `None` where there is none.
    async fn trouble(self) -> Option<Response> {
        let json = |body: &'static str| ([("content-type", "application/json")], body).into_response();
        Some(match self {
            Mood::Well => return None,
            Mood::Broken => StatusCode::NOT_IMPLEMENTED.into_response(),
            Mood::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Mood::Expired => StatusCode::UNAUTHORIZED.into_response(),
            Mood::Busy => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")]).into_response(),
            Mood::Nonsense => json("{\"rows\": ["),
            Mood::Page => ([("content-type", "text/html")], "<html><body>Connexion</body></html>").into_response(),
            Mood::CutShort => {
                let parts = [Ok("{\"rows\": ["), Err(std::io::Error::other("the line is cut"))];
                let body = axum::body::Body::from_stream(futures_util::stream::iter(parts));
                ([("content-type", "application/json")], body).into_response()
            }
            Mood::Silent => std::future::pending().await,
            Mood::Moved => axum::response::Redirect::temporary("http://169.254.169.254/latest").into_response(),
            Mood::Empty => json("{\"rows\": []}"),
        })
    }
}

pub type Shared = Arc<Mutex<Desk>>;

/// The list is made once a day: it knows nothing of what changed since.
async fn list(State(desk): State<Shared>, headers: HeaderMap) -> Response {
    let mood = desk.lock().expect("unpoisoned").mood;
    if let Some(trouble) = mood.trouble().await {
        return trouble;
    }
    let mut desk = desk.lock().expect("unpoisoned");
    let unless = headers.get("if-none-match").and_then(|value| value.to_str().ok()).map(str::to_owned);
    desk.conditions.push(unless.clone());
    let tag = if desk.editions == 0 { "\"today\"".to_owned() } else { format!("\"edition {}\"", desk.editions) };
    if unless.as_ref() == Some(&tag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let records: Vec<Value> = desk.records.values().cloned().collect();
    ([("etag", tag)], axum::Json(json!({ "rows": records }))).into_response()
}

async fn some(State(desk): State<Shared>, Path(keys): Path<String>) -> Response {
    let mood = {
        let mut desk = desk.lock().expect("unpoisoned");
        desk.asked.push(keys.clone());
        desk.mood
    };
    if let Some(trouble) = mood.trouble().await {
        return trouble;
    }
    let desk = desk.lock().expect("unpoisoned");
    let found: Vec<&Value> = keys.split(',').filter_map(|key| desk.records.get(key)).chain(&desk.twins).collect();
    axum::Json(json!({ "rows": found })).into_response()
}

fn record(key: &str, montant: &str, project: &str) -> Value {
    json!({"id": key, "titre": "Square", "projet": project, "montant": montant})
}

pub fn manifest(lookup: &str) -> String {
    format!(
        r#"
id = "desk"
family = "POLITIQUE_DE_LA_VILLE"
title = "Guichet"
standing = "system-of-record"
max-age = "P1D"
[[speaks-for]]
funder = "siren:200053742"
[driver]
kind = "http-json"
base = "http://127.0.0.1/"
url = "rows"
records = "/rows"
{lookup}
[map]
key = "id"
[map.project]
title = "titre"
references = [{{ scheme = "cofinancement", from = "projet" }}]
[[map.statement]]
funder = {{ value = "siren:200053742" }}
nature = {{ value = "INVESTISSEMENT" }}
form = {{ value = "SUBVENTION" }}
stage = {{ value = "ATTRIBUE" }}
amount = "montant"
reference = "id"
[[map.statement]]
each = "plan"
when = {{ field = "type", in = ["AUTRE"] }}
funder = {{ siren = "siren" }}
form = {{ value = "SUBVENTION" }}
stage = {{ value = "SOLLICITE" }}
amount = "part"
not-public-until = "secret"
"#
    )
}

pub const BY_TWO: &str = "[lookup]\nurl = \"rows/{key}\"\nrecords = \"/rows\"\nkeys-max = 2";

/// A gateway over the desk, its clock in the test's hand.
pub struct Town {
    pub desk: Shared,
    pub gateway: Arc<Gateway>,
    pub seconds: Arc<AtomicI64>,
    pub url: String,
    pub client: reqwest::Client,
    pub connector: Arc<Connector>,
    pub workroom: Arc<Workroom>,
    pub net: Arc<Net>,
    pub clock: Clock,
    pub base: String,
    pub refresher: Refresher,
    _directory: tempfile::TempDir,
}

fn start() -> Instant {
    "2026-03-01T08:00:00Z".parse().expect("an instant")
}

impl Town {
    pub async fn with(lookup: &str, records: &[(&str, &str, &str)]) -> Town {
        let desk: Shared = Arc::default();
        for (key, montant, project) in records {
            desk.lock().expect("unpoisoned").records.insert((*key).to_owned(), record(key, montant, project));
        }
        let routes = Router::new().route("/rows", get(list)).route("/rows/{keys}", get(some));
        let base = served(routes.with_state(Arc::clone(&desk))).await + "/";
        let directory = tempfile::tempdir().expect("a temporary directory");
        let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.expect("a ledger");
        let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
        let workroom = Arc::new(Workroom::open(&directory.path().join("workroom")).await.expect("a workroom"));
        let private_hosts = BTreeSet::from(["127.0.0.1".to_owned()]);
        let net =
            Net::new(NetSettings { private_hosts, backoff_ms: 1, read_timeout_ms: 300, ..NetSettings::default() })
                .expect("a client");
        let net = Arc::new(net);
        let seconds = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&seconds);
        let clock = Clock::told_by(move || start() + TimeDelta::seconds(told.load(Ordering::SeqCst)));
        let connector = Connector::parse("connector.toml", "desk", &manifest(lookup)).expect("a sound manifest");
        let connector = Arc::new(connector);
        let place = LookedUpSource { connector: Arc::clone(&connector), base: Some(base.clone()) };
        let sources = BTreeMap::from([(connector.id().clone(), place)]);
        let state = (Arc::clone(&gateway), Arc::clone(&workroom));
        let refresher = Refresher::new(state.clone(), Arc::clone(&net), clock.clone(), sources.clone());
        let freshener = Freshener::new(state, Arc::clone(&net), clock.clone(), sources);
        let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes([1; 32]));
        let service = Service::new(door, Some(verifier()), clock.clone(), Limits::default()).with_freshener(freshener);
        let service = service.with_refresher(refresher.clone());
        let url = served(router(service)).await + "/graphql";
        let client = reqwest::Client::new();
        let _directory = directory;
        let town =
            Town { desk, gateway, seconds, url, client, connector, workroom, net, clock, base, refresher, _directory };
        town.sync().await;
        town
    }

    /// Reads the list, which is well.
    pub async fn sync(&self) {
        let run = self.try_sync().await;
        assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    }

    /// Reads the list, however the source is.
    pub async fn try_sync(&self) -> SyncRun {
        let Town { gateway, workroom, net, clock, connector, .. } = self;
        let sync = Sync { gateway, workroom, net, clock, author: Author::system("test") };
        let target = Target { connector, base: Some(&self.base), place: None, full: false };
        sync.run(target).await.expect("recorded")
    }

    pub fn is(&self, mood: Mood) {
        self.desk.lock().expect("unpoisoned").mood = mood;
    }

    pub fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn set(&self, key: &str, montant: &str, project: &str) {
        self.desk.lock().expect("unpoisoned").records.insert(key.to_owned(), record(key, montant, project));
    }

    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.desk.lock().expect("unpoisoned").asked)
    }

    /// A token of this role, valid from now.
    fn token(&self, role: Role) -> String {
        let (subject, contrats) = ("alice".to_owned(), Vec::new());
        let organisation = matches!(role, Role::Region | Role::Partner).then(|| "200053742".parse().expect("a SIREN"));
        let grant = Grant { role, subject, organisation, contrats, lifetime_s: 7_200 };
        verifier().mint(&grant, self.clock.now()).expect("a token")
    }

    /// Asks as an auditor, or as the public.
    pub async fn ask(&self, query: &str, token: bool) -> Value {
        self.ask_as(if token { Role::Auditor } else { Role::Public }, query).await
    }

    /// Asks as a viewer of this role.
    pub async fn ask_as(&self, role: Role, query: &str) -> Value {
        let mut request = self.client.post(&self.url).header("content-type", "application/json");
        if role != Role::Public {
            request = request.header("authorization", format!("Bearer {}", self.token(role)));
        }
        let response = request.body(json!({ "query": query }).to_string()).send().await.expect("an answer");
        serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
    }

    pub fn version(&self) -> u64 {
        self.gateway.current().head().version.0
    }
}

fn verifier() -> Verifier {
    let settings = TokenSettings { issuer: "test".to_owned(), audience: "passerelle".to_owned() };
    Verifier::new(TokenKey::from_bytes(&[42; 32]).expect("long enough"), settings)
}

async fn served(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

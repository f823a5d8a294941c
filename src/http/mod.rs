//! HTTP: the only way in for people. One router: GraphQL, its explorer, its schema, health, figures.

mod accept;
mod auth;
pub mod budget;
mod error;
mod explorer;
mod fresh;
mod graphql;
pub mod guard;
mod head;
mod health;
mod issuer_keys;
mod journal;
mod key_files;
mod keys;
mod lists;
mod metrics;
mod order;
mod request;
mod respond;
mod rooms;
mod server;
mod shares;
mod sheet;
mod stream;
mod webhooks;

pub use issuer_keys::{KeyFetchError, KeyKeeper, KeyPlace};
pub use key_files::{KeyFileError, KeyFiles};
pub use server::{
    CONNECTIONS_MAX, CONNECTIONS_OF_ONE_MAX, Connections, HEAD_BYTES_MAX, HEAD_WAIT_MAX, IDLE_WAIT_MAX, serve,
};
pub use webhooks::{Herald, TurnError};

use crate::acts::attest::Attester;
use crate::acts::freshen::Freshener;
use crate::acts::link::Linker;
use crate::acts::refresh::Refresher;
use crate::acts::registrar::Registrar;
use crate::clock::Clock;
use crate::graphql::{Schema, schema, schema_builder, schema_sdl};
use crate::identity::{Scope, Verifier, Viewer};
use crate::net::Net;
use crate::view::{Door, Reader};
use axum::http::{HeaderValue, Method, header};
use axum::routing::get;
use axum::{Router, middleware};
use budget::{Budget, Budgets, BurstTooSmall, Payer};
use error::HttpError;
use metrics::Metrics;
use rooms::Rooms;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// Longest request body: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Operations executed at once.
pub const OPERATIONS_AT_ONCE_MAX: usize = 64;
/// How long an operation may wait for its turn.
pub const QUEUE_WAIT_MAX: Duration = Duration::from_secs(2);
/// How long a body may take to come.
pub const BODY_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long an operation may run, unless [`Limits`] says otherwise.
pub const OPERATION_TIME_MAX: Duration = Duration::from_secs(10);

/// WebSockets and streams of events open at once.
pub const LISTENERS_AT_ONCE_MAX: usize = 500;
/// Those of them that the public may hold: the others are left to bearers of tokens, whatever strangers do.
pub const PUBLIC_LISTENERS_AT_ONCE_MAX: usize = 250;
/// Those of them that one bearer of a token, or one address of the public, may hold.
pub const LISTENERS_OF_ONE_MAX: usize = 50;
/// How often a listener's token is looked at again and its connection tried.
pub const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// How often verdicts that grow too old are looked for, for whoever listens.
pub const VERDICTS_EVERY: Duration = Duration::from_secs(10);

/// Limits that an installation, or a test, may set otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long an operation may run.
    pub operation_time: Duration,
    /// Operations executed at once.
    pub operations_at_once: usize,
    /// WebSockets and streams of events open at once.
    pub listeners_at_once: usize,
    /// Those of them that the public may hold.
    pub public_listeners_at_once: usize,
    /// Those of them that one bearer of a token, or one address of the public, may hold.
    pub listeners_of_one: usize,
    /// How often a listener's token is looked at again and its connection tried.
    pub alive_every: Duration,
    /// How often verdicts that grow too old are looked for, for whoever listens.
    pub verdicts_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            operation_time: OPERATION_TIME_MAX,
            operations_at_once: OPERATIONS_AT_ONCE_MAX,
            listeners_at_once: LISTENERS_AT_ONCE_MAX,
            public_listeners_at_once: PUBLIC_LISTENERS_AT_ONCE_MAX,
            listeners_of_one: LISTENERS_OF_ONE_MAX,
            alive_every: ALIVE_EVERY,
            verdicts_every: VERDICTS_EVERY,
        }
    }
}

/// What the HTTP side needs of the gateway.
pub struct Service {
    schema: Schema,
    sdl: String,
    door: Door,
    verifier: Option<Verifier>,
    keys: Option<Arc<KeyKeeper>>,
    clock: Clock,
    limits: Limits,
    turns: Arc<Semaphore>,
    /// The same schema, each message of which waits for its turn.
    told: Schema,
    rooms: Rooms,
    stop: watch::Receiver<bool>,
    metrics: Metrics,
    freshener: Option<Freshener>,
    linker: Option<Linker>,
    refresher: Option<Refresher>,
    attester: Option<Attester>,
    registrar: Option<Registrar>,
    net: Option<Arc<Net>>,
    herald: Option<Arc<Herald>>,
    budgets: Option<Budgets>,
    proxies: Arc<[IpAddr]>,
}

impl Service {
    /// A service behind `door`. Without a verifier, nobody but the public is served.
    pub fn new(door: Door, verifier: Option<Verifier>, clock: Clock, limits: Limits) -> Self {
        Service {
            schema: schema(),
            sdl: schema_sdl(),
            door,
            verifier,
            keys: None,
            clock,
            limits,
            turns: Arc::new(Semaphore::new(limits.operations_at_once)),
            told: schema_builder().extension(stream::InTurn).finish(),
            rooms: Rooms::new(&limits),
            stop: watch::channel(false).1,
            metrics: Metrics::new(),
            freshener: None,
            linker: None,
            refresher: None,
            attester: None,
            registrar: None,
            net: None,
            herald: None,
            budgets: None,
            proxies: Arc::default(),
        }
    }

    /// The same, that looks records up live for `maxAge`. Without, `maxAge` only tightens what counts as stale.
    #[must_use]
    pub fn with_freshener(self, freshener: Freshener) -> Self {
        Service { freshener: Some(freshener), ..self }
    }

    /// The same, through which people may say which records are one project.
    #[must_use]
    pub fn with_linker(self, linker: Linker) -> Self {
        Service { linker: Some(linker), ..self }
    }

    /// The same, through which sources may be read on demand.
    #[must_use]
    pub fn with_refresher(self, refresher: Refresher) -> Self {
        Service { refresher: Some(refresher), ..self }
    }

    /// The same, through which checks may be attested; its public keys are served.
    #[must_use]
    pub fn with_attester(self, attester: Attester) -> Self {
        Service { attester: Some(attester), ..self }
    }

    /// The same, through which bodies may declare and act.
    #[must_use]
    pub fn with_registrar(self, registrar: Registrar) -> Self {
        Service { registrar: Some(registrar), ..self }
    }

    /// The same, that has a key fetched which a token names and which is not held. Without, such a token is refused at once.
    #[must_use]
    pub fn with_keys(self, keys: Arc<KeyKeeper>) -> Self {
        Service { keys: Some(keys), ..self }
    }

    /// The same, that tells how the hosts stand that are called by `net`.
    #[must_use]
    pub fn with_net(self, net: Arc<Net>) -> Self {
        Service { net: Some(net), ..self }
    }

    /// The same, that tells in its figures how many messages wait for receivers of webhooks.
    #[must_use]
    pub fn with_herald(self, herald: Arc<Herald>) -> Self {
        Service { herald: Some(herald), ..self }
    }

    /// The same, in which each asker has a budget of cost. Without, only each operation is limited.
    ///
    /// # Errors
    /// A burst that one operation may exceed.
    pub fn with_budget(self, budget: &Budget) -> Result<Self, BurstTooSmall> {
        let budgets = Some(Budgets::new(budget, self.clock.clone())?);
        Ok(Service { budgets, proxies: budget.trusted_proxies.clone().into(), ..self })
    }

    /// Takes the cost of an operation from whoever pays for it.
    fn charge(&self, payer: &Payer, cost: u64) -> Result<(), HttpError> {
        self.budgets.as_ref().map_or(Ok(()), |budgets| budgets.charge(payer, cost))
    }

    /// The same, whose listeners are sent away once `stop` holds true: they would keep the gateway from stopping.
    #[must_use]
    pub fn with_stop(self, stop: watch::Receiver<bool>) -> Self {
        Service { stop, ..self }
    }

    /// What the public sees now: for figures and health.
    fn public_reader(&self) -> Reader {
        self.door.open(Scope::of(Viewer::public()), self.clock.now())
    }
}

/// The router of the gateway.
pub fn router(service: Service) -> Router {
    // Tokens travel in a header or a message that no browser adds by itself, so that any origin may ask.
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::POST]).allow_headers([
        header::CONTENT_TYPE,
        header::AUTHORIZATION,
        header::ACCEPT,
    ]);
    let proxies = Arc::clone(&service.proxies);
    let service = Arc::new(service);
    let nosniff = HeaderValue::from_static("nosniff");
    Router::new()
        .route("/graphql", get(graphql::by_get).post(graphql::by_post).fallback(graphql::by_another_method))
        .route("/graphiql", get(explorer::page))
        .route("/graphiql/{file}", get(explorer::file))
        .route("/schema.graphql", get(explorer::sdl))
        .route("/.well-known/jwks.json", get(keys::public))
        .route("/lists/projects.csv", get(lists::projects))
        .route("/lists/projects.xlsx", get(lists::projects))
        .route("/lists/awaited.csv", get(lists::awaited))
        .route("/lists/awaited.xlsx", get(lists::awaited))
        .route("/lists/envelopes.csv", get(lists::envelopes))
        .route("/lists/envelopes.xlsx", get(lists::envelopes))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::figures))
        .with_state(Arc::clone(&service))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(service, auth::first))
        .layer(middleware::from_fn_with_state(proxies, budget::note_peer))
        .layer(CompressionLayer::new())
        .layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, nosniff))
        .layer(cors)
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(middleware::from_fn(head::bounded))
}

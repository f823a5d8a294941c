//! `passerelle serve`: the gateway over one's own systems, each read at its rhythm.

use super::compose::{self, Composed, Failure};
use super::issuers::{self, Trusted};
use super::{EXIT_OK, Ended, Settings, signing, sync, webhooks};
use crate::acts::attest::Attester;
use crate::acts::link::Linker;
use crate::acts::matching;
use crate::acts::privacy;
use crate::acts::registrar::{Registrar, Tenets};
use crate::audit::Journal;
use crate::config::{Config, LimitsConfig, LogFormat};
use crate::connector::Connector;
use crate::http::budget::{Allowance, Budget};
use crate::http::{self, Connections, Limits, Service};
use crate::identity::Members;
use crate::identity::{Signer, TokenKey, TokenSettings, Verifier};
use crate::portfolio::PlanKey;
use crate::view::{Door, PlanSecret};
use clap::Args;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How often the gateway looks whether another process appended to its ledger.
const CATCH_UP_EVERY: Duration = Duration::from_secs(2);

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Address to listen on, instead of the one in the settings.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Serve what the ledger holds; read no source.
    #[arg(long)]
    no_sync: bool,
}

/// Runs the command.
pub async fn run(settings: &Settings, arguments: Arguments) -> Ended {
    let mut config = compose::config(settings)?;
    if let Some(listen) = arguments.listen {
        config.listen = listen;
    }
    logs(&config)?;
    // Before any work, and before anything is written: a mistake about who is let in, or an address that is taken, is told at once.
    let trusted = issuers::trusted(&config)?;
    webhooks::receivers(&config)?;
    budget(&config.limits).check().map_err(|error| format!("[limits]: {error}"))?;
    let connectors = compose::sound_connectors(&config)?;
    let listener = listener(config.listen).await?;
    let _alone = alone(&config)?;
    let means = means(&config).await?;
    let composed = Arc::new(compose::compose_with(config, connectors, None).await?);
    announce(&composed, arguments.no_sync).await?;
    if !arguments.no_sync {
        for id in composed.connectors.keys() {
            tokio::spawn(timer(Arc::clone(&composed), id.clone()));
        }
    }
    if let Some(keeper) = &trusted.keeper {
        // An issuer that is not reached now is asked again; until then its tokens are refused, and the public is served.
        keeper.refresh_due().await;
        tokio::spawn(Arc::clone(keeper).follow());
    }
    serve(composed, listener, (trusted, means)).await?;
    Ok(EXIT_OK)
}

/// Keeps a second `serve` off the state directory for as long as what it gives is held: both would read the sources, send what waits for
/// receivers of webhooks, and seal with keys of their own.
///
/// # Errors
/// Another one is there; what the system says.
pub fn alone(config: &Config) -> Result<File, Failure> {
    super::private::directory(&config.state)?;
    let path = config.state.join("serve.lock");
    super::private::file(&path)?;
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::open(&path).map_err(told)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another `serve` uses the state directory {}: stop it first, or name another directory with --state",
            config.state.display()
        )
        .into()),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, file = %path.display(), "nothing here keeps a second `serve` off this state directory");
            Ok(file)
        }
    }
}

/// What the settings name beside the sources.
pub struct Means {
    members: Members,
    journal: Journal,
    signer: Signer,
}

/// Reads and opens it, before the ledger hears of any source: a mistake in it is told at once.
///
/// # Errors
/// A mistake in the settings, a file that cannot be used.
pub async fn means(config: &Config) -> Result<Means, Failure> {
    let members = Members::parse(&config.financeurs).map_err(|error| format!("[financeurs]: {error}"))?;
    super::audit::keep(config)?;
    let signer = compose::signer(config)?;
    let told = |error: &dyn std::fmt::Display| format!("[journal] file: {error}");
    super::private::file(&config.journal()).map_err(|error| told(&error))?;
    let journal = Journal::open(&config.journal()).await.map_err(|error| told(&error))?;
    Ok(Means { members, journal, signer })
}

/// Says which sources there are, before anybody asks: one whose first read fails or lasts, or that nobody has read by hand yet, is one
/// that was not read. One that is disabled and was never read is awaited no more.
async fn announce(composed: &Composed, no_sync: bool) -> Result<(), Failure> {
    let act = sync::act(composed, "serve");
    let enabled = sync::enabled(composed);
    let disabled = composed.connectors.values().filter(|one| !enabled.iter().any(|other| other.id() == one.id()));
    let mut all: Vec<(&Connector, bool)> = disabled.map(|one| (&**one, false)).collect();
    all.extend(enabled.iter().map(|one| (&***one, true)).filter(|(one, _)| one.is_awaited()));
    for (connector, is_enabled) in all {
        let told = if is_enabled { act.announce(connector).await } else { act.dismiss(connector).await };
        match told {
            // A ledger that may only be read is served all the same.
            Err(error) if no_sync => {
                tracing::warn!(source = %connector.id(), %error, "a source that was never read cannot be announced");
            }
            told => told?,
        }
    }
    Ok(())
}

/// Begins to listen.
///
/// # Errors
/// An address that is taken or not ours, said with the address.
pub async fn listener(address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| format!("cannot listen on {address}: {error}; choose another with --listen").into())
}

/// A verifier of the tokens signed with `key`.
///
/// # Errors
/// A key that is too short.
pub fn verifier(config: &Config, key: &[u8]) -> Result<Verifier, Failure> {
    let key = TokenKey::from_bytes(key).ok_or("the key of the tokens is too short: 32 bytes in hexadecimal")?;
    let settings = TokenSettings { issuer: config.auth.issuer.clone(), audience: config.auth.audience.clone() };
    Ok(Verifier::new(key, settings))
}

/// Serves until the process is asked to stop; requests under way are finished.
///
/// # Errors
/// What the system says.
pub async fn serve(
    composed: Arc<Composed>,
    listener: TcpListener,
    (trusted, means): (Trusted, Means),
) -> Result<(), Failure> {
    let Means { members, journal, signer } = means;
    tokio::spawn(catch_up(Arc::clone(&composed)));
    tokio::spawn(matching::follow(Arc::clone(&composed.gateway), composed.clock.clone()));
    tokio::spawn(privacy::follow(composed.privacy(), composed.connectors.clone()));
    let plan_key = composed.workroom.keyed().plan_key();
    tokio::spawn(super::audit::follow(composed.config.clone(), journal.clone(), composed.clock.clone()));
    tell_of_other_workrooms(&composed, PlanKey(&plan_key));
    let door = Door::new(Arc::clone(&composed.gateway), PlanSecret::from_bytes(plan_key)).with_members(members.clone());
    let door = door.with_journal(journal).with_rulebook(composed.rulebook);
    let herald = webhooks::herald(&composed.config, (door.clone(), composed.clock.clone()), &composed.workroom)?;
    let limits = limits(&composed.config.limits);
    let service = Service::new(door, trusted.verifier, composed.clock.clone(), limits);
    let service =
        service.with_budget(&budget(&composed.config.limits)).map_err(|error| format!("[limits]: {error}"))?;
    let service = match herald {
        Some(herald) => {
            tokio::spawn(Arc::clone(&herald).follow());
            service.with_herald(herald)
        }
        None => service,
    };
    let service = match trusted.keeper {
        Some(keeper) => service.with_keys(keeper),
        None => service,
    };
    let linker = Linker::new(Arc::clone(&composed.gateway), composed.clock.clone());
    let tenets = Tenets::of(composed.rulebook, &composed.clock);
    let registrar = Registrar::new(Arc::clone(&composed.gateway), composed.clock.clone(), plan_key);
    let service = service.with_registrar(registrar.with_members(members).with_tenets(tenets));
    let service = service.with_freshener(sync::freshener(&composed)).with_linker(linker);
    let service = service.with_refresher(sync::refresher(&composed));
    let attester = Attester::new(Arc::clone(&composed.gateway), composed.clock.clone(), signer, &plan_key);
    let attester = attester.with_rulebook(composed.rulebook);
    let unproven = attester.unproven(&composed.gateway.current());
    if unproven > 0 {
        tracing::warn!(
            unproven,
            "attestations are signed with keys that are not among those of attestations: nobody can verify them with \
             /.well-known/jwks.json; put the former keys behind the first one ([attestation] keys, or attestation.pem in the state \
             directory)"
        );
    }
    tokio::spawn(signing::follow(composed.config.clone(), attester.clone()));
    let service = service.with_attester(attester);
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let service = service.with_net(Arc::clone(&composed.net)).with_stop(stopping.clone());
    tracing::info!(address = %listener.local_addr()?, "the gateway listens");
    tokio::spawn(async move {
        stopped().await;
        stop.send_replace(true);
    });
    http::serve(listener, http::router(service), connections(&composed.config.limits), stopping).await;
    Ok(())
}

/// Says once that acts name versions of plans which this workroom did not make.
fn tell_of_other_workrooms(composed: &Composed, plan_key: PlanKey<'_>) {
    let acts = composed.gateway.current().acts_under_another_key(plan_key);
    if acts > 0 {
        tracing::warn!(
            acts,
            "acts of this ledger name versions of plans that another workroom made: this one is new, or the ledger is that of another \
             gateway too. What they agreed to stands as long as the plan holds what it held then; what was sealed there can be opened \
             and erased there alone. Put that workroom back where it was lost (docs/privacy.md)"
        );
    }
}

/// What each asker may ask for in a while.
fn budget(limits: &LimitsConfig) -> Budget {
    Budget {
        viewers: Allowance { per_minute: limits.cost_per_minute, burst: limits.cost_burst },
        public: Allowance { per_minute: limits.public_cost_per_minute, burst: limits.public_cost_burst },
        trusted_proxies: limits.trusted_proxies.clone(),
    }
}

/// How many may listen.
fn limits(limits: &LimitsConfig) -> Limits {
    Limits {
        listeners_at_once: limits.listeners,
        public_listeners_at_once: limits.public_listeners,
        listeners_of_one: limits.listeners_per_asker,
        ..Limits::default()
    }
}

/// What is allowed to connections.
fn connections(limits: &LimitsConfig) -> Connections {
    Connections {
        head_wait: Duration::from_secs(limits.head_wait_s.get().into()),
        idle_wait: Duration::from_secs(limits.idle_wait_s.get().into()),
        at_once: limits.connections,
        of_one: limits.connections_per_address,
        proxies: limits.trusted_proxies.clone(),
    }
}

/// Logs to standard error, for people or for machines.
///
/// # Errors
/// A filter that cannot be read.
pub fn logs(config: &Config) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)?;
    let coloured = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(coloured);
    // A reader of the log that went away is told by nothing: saying so on the same stream would end the gateway.
    let builder = builder.log_internal_errors(false);
    match config.log.format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    }
}

async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    let _ = interrupt.await;
}

async fn catch_up(composed: Arc<Composed>) {
    let mut ticks = tokio::time::interval(CATCH_UP_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = composed.gateway.catch_up().await {
            tracing::error!(%error, "cannot catch up with the ledger");
        }
    }
}

/// Reads one source again and again, at the rhythm of its manifest.
async fn timer(composed: Arc<Composed>, id: crate::domain::text::SourceId) {
    let enabled = sync::enabled(&composed).into_iter().any(|connector| *connector.id() == id);
    let Some(connector) = composed.connectors.get(&id).filter(|_| enabled) else { return };
    let Some(every) = connector.every() else { return };
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let base = composed.config.sources.get(id.as_str()).and_then(|source| source.base.as_deref());
        let target = crate::acts::sync::Target { connector, base, place: None, full: false };
        match sync::act(&composed, "timer").run(target).await {
            Ok(run) => tracing::info!(source = %id, outcome = %run.outcome, read = run.counts.read, "source read"),
            Err(error) => tracing::error!(source = %id, %error, "the read could not be recorded"),
        }
    }
}

//! The act of reading one source now, asked for by a person while the gateway serves.
//!
//! The reading goes on whoever still waits for it: a caller who hangs up, or for whom it takes too long, breaks nothing off.
//! Who asks while a reading that a person asked for is under way waits for that one: a source is not asked twice at once.

use super::freshen::LookedUpSource;
use super::sync::{Sync, SyncError, Target, begun};
use crate::clock::Clock;
use crate::domain::act::Author;
use crate::domain::chain::LedgerVersion;
use crate::domain::run::SyncRun;
use crate::domain::text::SourceId;
use crate::gateway::Gateway;
use crate::net::Net;
use crate::workroom::Workroom;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long an answer waits for the end of the reading: less than an operation may take. After that it tells that the
/// run is under way.
pub const REFRESH_WAIT_MAX: Duration = Duration::from_secs(8);

/// Why a source cannot be read now.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RefreshError {
    /// No connector of that name, or one that the settings disable.
    #[error("there is no source {0} that the gateway reads; the query sources lists them")]
    NoSource(String),
    /// The run could not be recorded.
    #[error("the reading of {source_id} could not be recorded: {cause}")]
    Sync {
        /// The source.
        source_id: SourceId,
        /// What the ledger or the workroom says.
        cause: Arc<SyncError>,
    },
    /// The reading stopped in the middle of its own work.
    #[error("the reading of {0} stopped short: see the log")]
    Stopped(SourceId),
}

/// A reading under way, for all who wait for it.
type Reading = Shared<BoxFuture<'static, Result<SyncRun, RefreshError>>>;

/// A reading and what is known of it before its end.
#[derive(Clone)]
struct UnderWay {
    run: SyncRun,
    reading: Reading,
}

/// A source, and the last reading of it that somebody asked for.
type Slot = (LookedUpSource, Mutex<Option<UnderWay>>);

/// Reads sources when somebody asks.
#[derive(Clone)]
pub struct Refresher {
    state: (Arc<Gateway>, Arc<Workroom>),
    net: Arc<Net>,
    clock: Clock,
    sources: Arc<BTreeMap<SourceId, Slot>>,
}

impl Refresher {
    /// Over these sources; those left out (disabled ones) are never read.
    pub fn new(
        state: (Arc<Gateway>, Arc<Workroom>),
        net: Arc<Net>,
        clock: Clock,
        sources: BTreeMap<SourceId, LookedUpSource>,
    ) -> Self {
        let sources = sources.into_iter().map(|(id, place)| (id, (place, Mutex::default()))).collect();
        Refresher { state, net, clock, sources: Arc::new(sources) }
    }

    /// Reads the source in the name of `author` and gives the run: as it ended, failed and held ones too, or `RUNNING` when
    /// it takes longer than `wait`.
    ///
    /// # Errors
    /// A source that is not read here; a run that could not be recorded.
    pub async fn refresh(&self, author: Author, source: &str, wait: Duration) -> Result<SyncRun, RefreshError> {
        let known = SourceId::parse(source).ok().and_then(|id| self.sources.get(&id));
        let (place, slot) = known.ok_or_else(|| RefreshError::NoSource(source.to_owned()))?;
        let under_way = {
            let mut slot = slot.lock().await;
            match slot.as_ref().filter(|one| one.reading.peek().is_none()) {
                Some(under_way) => under_way.clone(),
                None => slot.insert(self.begin(author, place.clone())).clone(),
            }
        };
        match tokio::time::timeout(wait, under_way.reading).await {
            Ok(ended) => ended,
            Err(_) => Ok(under_way.run),
        }
    }

    /// The newest ledger version that is served.
    pub fn version(&self) -> LedgerVersion {
        self.state.0.current().head().version
    }

    fn begin(&self, author: Author, place: LookedUpSource) -> UnderWay {
        let source = place.connector.id().clone();
        let run = begun(&source, self.clock.now());
        let (gateway, workroom) = self.state.clone();
        let (net, clock, at) = (Arc::clone(&self.net), self.clock.clone(), run.started_at);
        let task = tokio::spawn(async move {
            let sync = Sync { gateway: &gateway, workroom: &workroom, net: &net, clock: &clock, author };
            let base = place.base.as_deref();
            sync.run_at(Target { connector: &place.connector, base, place: None, full: false }, at).await
        });
        let reading = async move {
            match task.await {
                Ok(Ok(run)) => Ok(run),
                Ok(Err(cause)) => {
                    tracing::error!(source = %source, error = %cause, "the read could not be recorded");
                    Err(RefreshError::Sync { source_id: source, cause: Arc::new(cause) })
                }
                Err(_) => Err(RefreshError::Stopped(source)),
            }
        };
        UnderWay { run, reading: reading.boxed().shared() }
    }
}

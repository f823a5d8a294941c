//! The state of a running gateway: the ledger, the current portfolio (swapped atomically), the single writer's turn,
//! a few earlier portfolios, and the broadcast of changes. State only: acts decide, views read.

mod news;

use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::OrganisationFacts;
use crate::domain::image::{Head, LedgerImage};
use crate::domain::project::ProjectId;
use crate::ledger::{Ledger, LedgerError, NewEntry, NewRow};
use crate::portfolio::Portfolio;
use arc_swap::ArcSwap;
use news::News;
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as ShortLock, PoisonError};
use tokio::sync::{Mutex, MutexGuard, broadcast};

/// Earlier portfolios kept for `asOf`; each may hold hundreds of megabytes on a large ledger.
const EARLIER_PORTFOLIOS_MAX: usize = 4;
/// Changes that a slow subscriber may lag behind before it loses some.
const CHANGES_KEPT: usize = 256;

/// A running gateway.
pub struct Gateway {
    ledger: Ledger,
    named: Arc<[OrganisationFacts]>,
    current: ArcSwap<Portfolio>,
    earlier: Mutex<VecDeque<Arc<Portfolio>>>,
    writer: Mutex<()>,
    lags: AtomicBool,
    changes: broadcast::Sender<Change>,
    /// Held while the portfolio is swapped, so that a portfolio and what was touched on the way to it fit together.
    news: ShortLock<News>,
}

/// An append, told to those who watch.
#[derive(Debug, Clone)]
pub struct Change {
    /// The version after.
    pub version: LedgerVersion,
    /// When it was appended.
    pub at: Instant,
    /// The projects that the append speaks of or that became another picture by it, by their identifier after redirects;
    /// one that is gone, by its own.
    pub projects: Arc<[ProjectId]>,
}

/// What was touched on the way to a portfolio.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The newest portfolio.
    pub portfolio: Arc<Portfolio>,
    /// The projects touched since, as in [`Change`].
    pub projects: BTreeSet<ProjectId>,
}

impl Gateway {
    /// Opens the gateway on a ledger: builds its current portfolio.
    ///
    /// # Errors
    /// What the ledger says when it cannot be read.
    pub async fn open(ledger: Ledger) -> Result<Gateway, LedgerError> {
        Gateway::open_naming(ledger, &[]).await
    }

    /// The same, that also knows the organisations `named`, though no record may speak of them: those that rules expect.
    ///
    /// # Errors
    /// What the ledger says when it cannot be read.
    pub async fn open_naming(ledger: Ledger, named: &[OrganisationFacts]) -> Result<Gateway, LedgerError> {
        let head = ledger.head().await?;
        let image = ledger.image(head.version).await?;
        let named: Arc<[OrganisationFacts]> = named.into();
        Ok(Gateway {
            current: ArcSwap::from_pointee(build(image, &named).await),
            named,
            ledger,
            earlier: Mutex::new(VecDeque::new()),
            writer: Mutex::new(()),
            lags: AtomicBool::new(false),
            changes: broadcast::channel(CHANGES_KEPT).0,
            news: ShortLock::default(),
        })
    }

    /// From now on what is appended here reaches the portfolio when somebody catches up, not at once: for a process that loads
    /// and ends, and need not hold in memory what it loaded last.
    pub fn lag(&self) {
        self.lags.store(true, Ordering::Release);
    }

    /// The ledger, for what is read by version from SQL: raw records, rejections, history.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The portfolio of the newest version known here.
    pub fn current(&self) -> Arc<Portfolio> {
        self.current.load_full()
    }

    /// The changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The newest portfolio, and the projects touched since `version`. However slow the asker, nothing is lost: what was
    /// appended meanwhile comes as one.
    pub fn touched_since(&self, version: LedgerVersion) -> Touched {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        Touched { portfolio: self.current(), projects: news.since(version) }
    }

    /// The portfolio at an earlier version; `None` when the ledger has not come so far.
    ///
    /// # Errors
    /// What the ledger says when it cannot be read.
    pub async fn at(&self, version: LedgerVersion) -> Result<Option<Arc<Portfolio>>, LedgerError> {
        let current = self.current();
        if version >= current.head().version {
            return Ok((version == current.head().version).then_some(current));
        }
        // Held while building, so that many askers of one version wait for one build.
        let mut earlier = self.earlier.lock().await;
        if let Some(found) = earlier.iter().find(|portfolio| portfolio.head().version == version) {
            return Ok(Some(Arc::clone(found)));
        }
        let built = Arc::new(build(self.ledger.image(version).await?, &self.named).await);
        earlier.truncate(EARLIER_PORTFOLIOS_MAX - 1);
        earlier.push_front(Arc::clone(&built));
        Ok(Some(built))
    }

    /// Keeps a picture that was current a moment ago, so that nobody has to build it again.
    pub async fn keep_earlier(&self, portfolio: Arc<Portfolio>) {
        let mut earlier = self.earlier.lock().await;
        let version = portfolio.head().version;
        if version < self.current().head().version && !earlier.iter().any(|one| one.head().version == version) {
            earlier.truncate(EARLIER_PORTFOLIOS_MAX - 1);
            earlier.push_front(portfolio);
        }
    }

    /// The writer's turn: whoever holds it is the only one in this process to prefetch, decide and append.
    pub async fn turn(&self) -> Turn<'_> {
        Turn { gateway: self, _held: self.writer.lock().await }
    }

    /// Catches up with what another process appended.
    ///
    /// # Errors
    /// What the ledger says when it cannot be read.
    pub async fn catch_up(&self) -> Result<(), LedgerError> {
        self.turn().await.catch_up().await
    }

    async fn advance(&self) -> Result<(), LedgerError> {
        let current = self.current();
        let head = self.ledger.head().await?;
        if head.version <= current.head().version {
            return Ok(());
        }
        let delta = self.ledger.delta(current.head().version, head.version).await?;
        let next = match current.apply(&delta) {
            Some(next) => Arc::new(next),
            None => Arc::new(build(self.ledger.image(head.version).await?, &self.named).await),
        };
        let touched = delta.touched.iter().map(|id| next.resolve(id).clone());
        let projects: BTreeSet<ProjectId> = touched.chain(changed(&current, &next).await).collect();
        let change = Change { version: head.version, at: head.at, projects: projects.into_iter().collect() };
        {
            let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
            news.add(change.clone());
            self.current.store(next);
        }
        // Nobody listening is no error.
        let _ = self.changes.send(change);
        Ok(())
    }
}

/// The turn of the single writer.
pub struct Turn<'a> {
    gateway: &'a Gateway,
    _held: MutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// Catches up with what another process appended.
    ///
    /// # Errors
    /// What the ledger says when it cannot be read.
    pub async fn catch_up(&self) -> Result<(), LedgerError> {
        self.gateway.advance().await
    }

    /// Appends one entry without rows and swaps the portfolio.
    ///
    /// # Errors
    /// What the ledger says; a conflict when another process appended in between.
    pub async fn append_alone(&self, entry: NewEntry) -> Result<Head, LedgerError> {
        let nothing: [Result<NewRow, LedgerError>; 0] = [];
        self.append(entry, nothing).await
    }

    /// Appends one entry with its rows and swaps the portfolio, unless the gateway lags.
    ///
    /// # Errors
    /// What the ledger says; a conflict when another process appended in between.
    pub async fn append<I, E>(&self, entry: NewEntry, rows: I) -> Result<Head, LedgerError>
    where
        I: IntoIterator<Item = Result<NewRow, E>, IntoIter: Send>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let head = self.gateway.ledger.append(entry, rows).await?;
        if !self.gateway.lags.load(Ordering::Acquire) {
            self.gateway.advance().await?;
        }
        Ok(head)
    }
}

/// Builds a portfolio beside the threads that serve: a large one takes a second.
async fn build(image: LedgerImage, named: &Arc<[OrganisationFacts]>) -> Portfolio {
    let named = Arc::clone(named);
    let built = tokio::task::spawn_blocking(move || Portfolio::build_naming(&image, &named)).await;
    built.expect("a build is pure: it neither panics nor is cancelled")
}

/// The projects that are another picture than before. After a full build every project has to be looked at.
async fn changed(before: &Arc<Portfolio>, after: &Arc<Portfolio>) -> Vec<ProjectId> {
    let (before, after) = (Arc::clone(before), Arc::clone(after));
    let compared = tokio::task::spawn_blocking(move || after.changed_since(&before)).await;
    compared.expect("a comparison is pure: it neither panics nor is cancelled")
}

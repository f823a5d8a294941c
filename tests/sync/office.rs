//! One source behind one connector: a server that answers as the test says, a gateway, a clock moved by hand.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use chrono::TimeDelta;
use passerelle::acts::link::Linker;
use passerelle::acts::privacy::Privacy;
use passerelle::acts::sync::{Sync, Target};
use passerelle::clock::Clock;
use passerelle::connector::Connector;
use passerelle::domain::Instant;
use passerelle::domain::act::Author;
use passerelle::domain::image::SourceImage;
use passerelle::domain::run::SyncRun;
use passerelle::domain::text::SourceId;
use passerelle::gateway::Gateway;
use passerelle::ledger::{Ledger, PageRequest};
use passerelle::net::{Net, NetSettings, Secret, SourceAccess};
use passerelle::portfolio::source_read_at;
use passerelle::workroom::Workroom;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// What the source was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub unless: Option<String>,
    pub unless_since: Option<String>,
    pub body: String,
}

/// How the source answers.
type Answering = Box<dyn FnMut(&Asked) -> Response + Send>;

#[derive(Clone)]
struct Desk {
    asked: Arc<Mutex<Vec<Asked>>>,
    answering: Arc<Mutex<Answering>>,
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let text = |name: &str| Some(parts.headers.get(name)?.to_str().unwrap().to_owned());
    let query = parts.uri.query().unwrap_or_default();
    let asked = Asked {
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        unless: text("if-none-match"),
        unless_since: text("if-modified-since"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    desk.asked.lock().unwrap().push(asked.clone());
    (desk.answering.lock().unwrap())(&asked)
}

/// The source, its connector and the gateway.
pub struct Office {
    desk: Desk,
    seconds: Arc<AtomicI64>,
    gateway: Arc<Gateway>,
    workroom: Arc<Workroom>,
    net: Net,
    clock: Clock,
    connector: Arc<Connector>,
    base: Option<String>,
    directory: tempfile::TempDir,
}

/// When every test begins.
pub fn start() -> Instant {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

impl Office {
    /// A source of this manifest that answers so.
    pub async fn open(manifest: &str, answering: impl FnMut(&Asked) -> Response + Send + 'static) -> Office {
        Self::open_by(Arc::new(AtomicI64::new(0)), manifest, answering).await
    }

    /// A source at the place that its manifest names.
    pub async fn open_without_base(manifest: &str) -> Office {
        Office { base: None, ..Self::open(manifest, |_| Response::default()).await }
    }

    /// The same, its clock told by seconds that the answers may move.
    pub async fn open_by(
        seconds: Arc<AtomicI64>,
        manifest: &str,
        answering: impl FnMut(&Asked) -> Response + Send + 'static,
    ) -> Office {
        let desk = Desk { asked: Arc::default(), answering: Arc::new(Mutex::new(Box::new(answering))) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let routes = Router::new().fallback(answer).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let directory = tempfile::tempdir().unwrap();
        let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.unwrap();
        let private_hosts = BTreeSet::from(["127.0.0.1".to_owned()]);
        let secrets = BTreeMap::from([("cle".to_owned(), Ok(Secret::new("une-cle-secrete")))]);
        let sources = BTreeMap::from([("desk".to_owned(), SourceAccess { secrets, ..SourceAccess::default() })]);
        let told = Arc::clone(&seconds);
        Office {
            desk,
            gateway: Arc::new(Gateway::open(ledger).await.unwrap()),
            workroom: Arc::new(Workroom::open(&directory.path().join("workroom")).await.unwrap()),
            net: Net::new(NetSettings { private_hosts, sources, backoff_ms: 1, ..NetSettings::default() }).unwrap(),
            clock: Clock::told_by(move || start() + TimeDelta::seconds(told.load(Ordering::SeqCst))),
            seconds,
            connector: connector(manifest),
            base: Some(base),
            directory,
        }
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, answering: impl FnMut(&Asked) -> Response + Send + 'static) {
        *self.desk.answering.lock().unwrap() = Box::new(answering);
    }

    /// The manifest is another one from now on.
    pub fn rewrite(&mut self, manifest: &str) {
        self.connector = connector(manifest);
    }

    /// Lets time pass.
    pub fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Reads the source a minute later.
    pub async fn sync(&self) -> SyncRun {
        self.read(false).await
    }

    /// Reads everything a minute later.
    pub async fn sync_full(&self) -> SyncRun {
        self.read(true).await
    }

    async fn read(&self, full: bool) -> SyncRun {
        self.later(60);
        let target = Target { connector: &self.connector, base: self.base.as_deref(), place: None, full };
        self.act().run(target).await.unwrap()
    }

    /// Reads, a minute later, a file that a person names, as `passerelle sync ID --from FILE` does.
    pub async fn sync_from(&self, file: &std::path::Path) -> SyncRun {
        self.later(60);
        let place = file.to_str().unwrap();
        let target = Target { connector: &self.connector, base: None, place: Some(place), full: false };
        self.act().run(target).await.unwrap()
    }

    /// Reads, a minute later, what the server answers as another source.
    pub async fn sync_other(&self, id: &str, manifest: &str) -> SyncRun {
        self.later(60);
        let connector = Connector::parse("connector.toml", id, manifest).unwrap_or_else(|error| panic!("{error}"));
        let target = Target { connector: &Arc::new(connector), base: self.base.as_deref(), place: None, full: false };
        self.act().run(target).await.unwrap()
    }

    /// What finds and erases personal data here.
    pub fn privacy(&self) -> Privacy {
        Privacy::new(Arc::clone(&self.gateway), Arc::clone(&self.workroom), self.clock.clone())
    }

    /// The one connector.
    pub fn connectors(&self) -> BTreeMap<SourceId, Arc<Connector>> {
        BTreeMap::from([(self.connector.id().clone(), Arc::clone(&self.connector))])
    }

    /// Lets a held batch through.
    pub async fn accept(&self, held: &str) -> SyncRun {
        self.later(60);
        self.act().accept(&self.connector, held).await.unwrap()
    }

    /// The same, where it may be refused.
    pub async fn try_accept(&self, held: &str) -> Result<SyncRun, passerelle::acts::sync::SyncError> {
        self.act().accept(&self.connector, held).await
    }

    /// The runs whose batches wait, the oldest first.
    pub async fn held(&self) -> Vec<String> {
        self.workroom.held().await.unwrap().into_iter().map(|batch| batch.run).collect()
    }

    fn act(&self) -> Sync<'_> {
        let Office { gateway, workroom, net, clock, .. } = self;
        Sync { gateway, workroom, net, clock, author: Author::system("test") }
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.desk.asked.lock().unwrap())
    }

    /// The source as the ledger knows it.
    pub async fn source(&self) -> SourceImage {
        let version = self.gateway.current().head().version;
        self.gateway.ledger().image(version).await.unwrap().sources.remove(0)
    }

    /// How long ago the source was read, in seconds.
    pub async fn age_s(&self) -> i64 {
        (self.clock.now() - source_read_at(&self.source().await).unwrap()).num_seconds()
    }

    /// The codes of what its last read rejected.
    pub async fn rejections(&self) -> Vec<String> {
        self.rejected().await.into_iter().map(|one| one.code).collect()
    }

    /// What its last read rejected.
    pub async fn rejected(&self) -> Vec<passerelle::domain::rejection::Rejection> {
        let version = self.gateway.current().head().version;
        let page = PageRequest { offset: 0, limit: 10 };
        let found = self.gateway.ledger().rejections(self.connector.id(), version, page).await.unwrap();
        assert_eq!(found.total, found.items.len() as u64);
        found.items
    }

    /// The keys of its open records with their raw form, and how long ago each is known to have been so.
    pub async fn records(&self) -> BTreeMap<String, (String, i64)> {
        let portfolio = self.gateway.current();
        let image = self.gateway.ledger().image(portfolio.head().version).await.unwrap();
        let mut found = BTreeMap::new();
        for record in image.records {
            let covered = self
                .source()
                .await
                .partitions
                .iter()
                .filter(|(one, _)| **one == *record.partition)
                .map(|(_, at)| *at)
                .max();
            let at = covered.into_iter().fold(record.observed_at, Instant::max);
            let title = record.facts.project.unwrap().title.to_string();
            found.insert(record.key.to_string(), (title, (self.clock.now() - at).num_seconds()));
        }
        found
    }

    /// Does any file of the ledger or of the workroom hold this text?
    pub fn holds(&self, text: &str) -> bool {
        fn files(place: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
            for entry in std::fs::read_dir(place).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { files(&path, found) } else { found.push(path) }
            }
        }
        let mut all = Vec::new();
        files(self.directory.path(), &mut all);
        let holds = |bytes: Vec<u8>| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        all.iter().any(|path| holds(std::fs::read(path).unwrap()))
    }

    /// The sum of each project, in cents, and whether it is in doubt, in the order of titles.
    pub fn sums(&self) -> Vec<(String, Option<i64>, bool)> {
        let portfolio = self.gateway.current();
        let each = portfolio.projects().flat_map(|(_, case)| {
            let sum = |one: &passerelle::portfolio::Commitment| one.amount.map(|amount| amount.get());
            case.commitments.iter().map(move |one| (case.title.to_string(), sum(one), one.doubts.disputed))
        });
        let mut found: Vec<_> = each.collect();
        found.sort();
        found
    }

    /// Who links and separates here.
    pub fn linker(&self) -> Linker {
        Linker::new(Arc::clone(&self.gateway), self.clock.clone())
    }

    /// The gateway.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The keys of the records that bear this warning in the picture.
    pub fn warned(&self, code: &str) -> Vec<String> {
        let portfolio = self.gateway.current();
        let records = portfolio.projects().flat_map(|(_, case)| case.records.iter());
        let warned = records.filter(|record| record.warnings.iter().any(|one| &*one.code == code));
        let mut keys: Vec<String> = warned.map(|record| record.key.to_string()).collect();
        keys.sort();
        keys
    }

    /// The keys of the records that are no longer as they are known, in the picture.
    pub fn stale(&self) -> Vec<String> {
        let portfolio = self.gateway.current();
        let records = portfolio.projects().flat_map(|(_, case)| case.records.iter());
        let stale = records.filter(|record| record.state == passerelle::domain::record::RecordState::Bad);
        let mut keys: Vec<String> = stale.map(|record| record.key.to_string()).collect();
        keys.sort();
        keys
    }

    /// The chain holds.
    pub async fn verify(&self) {
        let report = self.gateway.ledger().verify().await.unwrap();
        assert!(report.fault.is_none(), "{report:?}");
    }
}

fn connector(manifest: &str) -> Arc<Connector> {
    Arc::new(Connector::parse("connector.toml", "desk", manifest).unwrap_or_else(|error| panic!("{error}")))
}

/// A manifest with this driver.
pub fn manifest(driver: &str) -> String {
    format!(
        r#"
id = "desk"
family = "POLITIQUE_DE_LA_VILLE"
title = "Guichet"
standing = "system-of-record"
max-age = "P1D"
vanish-limit-percent = 40
[[speaks-for]]
funder = "siren:200053742"
[driver]
{driver}
[map]
key = "id"
[map.project]
title = "titre"
[[map.statement]]
funder = {{ value = "siren:200053742" }}
nature = {{ value = "INVESTISSEMENT" }}
form = {{ value = "SUBVENTION" }}
stage = {{ value = "ATTRIBUE" }}
amount = "montant"
"#
    )
}

/// The counts of a run: read, added, changed, unchanged, skipped, rejected, gone.
pub fn counts(run: &SyncRun) -> [u64; 7] {
    assert!(run.counts.balance(), "{run:?}");
    let counts = run.counts;
    [counts.read, counts.added, counts.changed, counts.unchanged, counts.skipped, counts.rejected, counts.gone]
}

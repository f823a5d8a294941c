//! Connections: how they are taken, how long one may be silent, how many there may be, of one address too.
//!
//! `axum::serve` bounds none of these, and refuses a long header before anybody could say in a log whose token it was.

use super::budget::network;
use super::shares::{Share, Shares};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use axum::serve::Listener;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Longest head of a request, in bytes: room for a token of a megabyte, so that it is refused as what it is (401, one line in the
/// log) and not as a header. Above it is 431.
pub const HEAD_BYTES_MAX: u32 = 2 * 1024 * 1024;
/// How long the head of the first request of a connection may take to come.
pub const HEAD_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a connection may stand without a request after that.
pub const IDLE_WAIT_MAX: Duration = Duration::from_secs(75);
/// Connections at once.
pub const CONNECTIONS_MAX: usize = 2_000;
/// Connections of one address at once.
pub const CONNECTIONS_OF_ONE_MAX: usize = 256;
/// Requests at once on one connection of HTTP/2.
const STREAMS_MAX: u32 = 64;
/// How long a connection that is told to end may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// What is allowed to connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connections {
    /// How long the head of the first request may take to come, whole.
    pub head_wait: Duration,
    /// How long there may be no request after that.
    pub idle_wait: Duration,
    /// At once.
    pub at_once: usize,
    /// Of one address at once; an IPv6 network of 64 bits is one.
    pub of_one: usize,
    /// Addresses that have no share of their own: behind them are many.
    pub proxies: Vec<IpAddr>,
}

impl Default for Connections {
    fn default() -> Self {
        Connections {
            head_wait: HEAD_WAIT_MAX,
            idle_wait: IDLE_WAIT_MAX,
            at_once: CONNECTIONS_MAX,
            of_one: CONNECTIONS_OF_ONE_MAX,
            proxies: Vec::new(),
        }
    }
}

/// Serves over HTTP/1 and HTTP/2 until `stop` holds true; requests under way are finished.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    connections: Connections,
    mut stop: watch::Receiver<bool>,
) {
    let doors = Doors { all: Arc::new(Semaphore::new(connections.at_once)), shares: Shares::of(connections.of_one) };
    let mut held = JoinSet::new();
    loop {
        let (stream, address) = tokio::select! {
            // What the system refuses is tried again there.
            accepted = Listener::accept(&mut listener) => accepted,
            Some(_) = held.join_next(), if !held.is_empty() => continue,
            () = stopped(&mut stop) => break,
        };
        // Whoever is refused here is not heard at all: to answer is work, and this is where there is too much of it.
        let Some(entered) = doors.enter(address.ip(), &connections.proxies) else { continue };
        let (answers, busy) = Answers::new(router.clone(), address);
        let waits = (connections.head_wait, connections.idle_wait);
        let stop = stop.clone();
        held.spawn(async move {
            hold(stream, answers, (busy, waits), stop).await;
            drop(entered);
        });
    }
    drop(listener);
    while held.join_next().await.is_some() {}
}

/// Ends when `stop` holds true, and never where nobody will say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Who may come in.
struct Doors {
    all: Arc<Semaphore>,
    shares: Shares<IpAddr>,
}

/// Somebody who came in, until this is dropped.
struct Entered {
    _permit: tokio::sync::OwnedSemaphorePermit,
    _share: Option<Share<IpAddr>>,
}

impl Doors {
    fn enter(&self, address: IpAddr, proxies: &[IpAddr]) -> Option<Entered> {
        let share = match proxies.contains(&address.to_canonical()) {
            true => None,
            false => Some(self.shares.take(network(address))?),
        };
        Some(Entered { _permit: Arc::clone(&self.all).try_acquire_owned().ok()?, _share: share })
    }
}

/// Holds one connection until it ends, says nothing for too long, or the gateway stops.
async fn hold(
    stream: TcpStream,
    answers: Answers,
    (mut busy, (head_wait, idle_wait)): (watch::Receiver<usize>, (Duration, Duration)),
    mut stop: watch::Receiver<bool>,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(HEAD_BYTES_MAX as usize);
    builder.http2().max_header_list_size(HEAD_BYTES_MAX).max_concurrent_streams(STREAMS_MAX);
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), answers));
    let mut is_ending = false;
    let mut wait = head_wait;
    loop {
        let mut silence = pin!(silence(&mut busy, wait));
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            was_busy = &mut silence => match (is_ending, was_busy) {
                (true, false) => return,
                (_, true) => {
                    wait = if is_ending { GOODBYE } else { idle_wait };
                    continue;
                }
                (false, false) => None,
            },
            () = stopped(&mut stop), if !is_ending => None,
        };
        if let Some(ended) = ended {
            return ended.err().into_iter().for_each(|error| tell(error.as_ref()));
        }
        connection.as_mut().graceful_shutdown();
        (is_ending, wait) = (true, GOODBYE);
    }
}

/// Waits until nothing was under way for `wait` (false), or something was (true).
async fn silence(busy: &mut watch::Receiver<usize>, wait: Duration) -> bool {
    let begun = *busy.borrow_and_update() > 0;
    if !begun && timeout(wait, busy.changed()).await.is_err() {
        return false;
    }
    // An error means that the connection is gone: it ends by itself.
    let _ = busy.wait_for(|under_way| *under_way == 0).await;
    true
}

/// One line for a head that is too long; all else that ends a connection is the client's own affair.
fn tell(error: &(dyn std::error::Error + Send + Sync + 'static)) {
    let too_large = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large);
    if too_large {
        tracing::info!("a request is refused: its head has too many fields, or more than {HEAD_BYTES_MAX} bytes");
    }
}

/// The router for one connection, that knows where it comes from and counts what is under way.
struct Answers {
    router: TowerToHyperService<Router>,
    address: SocketAddr,
    busy: Arc<watch::Sender<usize>>,
}

impl Answers {
    fn new(router: Router, address: SocketAddr) -> (Self, watch::Receiver<usize>) {
        let (busy, seen) = watch::channel(0);
        (Answers { router: TowerToHyperService::new(router), address, busy: Arc::new(busy) }, seen)
    }
}

impl hyper::service::Service<Request<Incoming>> for Answers {
    type Response = Response<Counted>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.address));
        let under_way = UnderWay::begin(&self.busy);
        let answer = self.router.call(request);
        Box::pin(async move {
            let Ok(response) = answer.await;
            Ok(response.map(|body| Counted { body, _under_way: under_way }))
        })
    }
}

/// A request under way, until its answer is sent or nobody waits for it any more.
struct UnderWay(Arc<watch::Sender<usize>>);

impl UnderWay {
    fn begin(busy: &Arc<watch::Sender<usize>>) -> Self {
        busy.send_modify(|count| *count += 1);
        UnderWay(Arc::clone(busy))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// The body of an answer that is under way.
struct Counted {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

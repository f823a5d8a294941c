//! What each asker may ask for in a while, in the units of cost that documents are weighed in. One asker's requests use up nobody
//! else's budget, and a request that is refused uses up nothing.

use super::error::HttpError;
use super::guard::COST_MAX;
use crate::clock::Clock;
use crate::domain::siren::Siren;
use crate::identity::{Role, Viewer};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

/// Askers remembered before those are forgotten whose budget is full again.
const ASKERS_KEPT: usize = 20_000;
/// What a list costs: every project is judged for it.
pub(super) const LIST_COST: u64 = 50_000;

/// So many units of cost in a minute, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Given back in a minute.
    pub per_minute: NonZeroU32,
    /// At most at once: what an asker has who was silent for a while.
    pub burst: NonZeroU32,
}

/// What is allowed to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// To each bearer of a token.
    pub viewers: Allowance,
    /// To each address from which the public asks; an IPv6 network of 64 bits is one.
    pub public: Allowance,
    /// Proxies whose word on the address of who asks is taken (`X-Forwarded-For`).
    pub trusted_proxies: Vec<IpAddr>,
}

impl Budget {
    /// Is any operation within what is allowed at once?
    ///
    /// # Errors
    /// A burst that the dearest operation is beyond.
    pub fn check(&self) -> Result<(), BurstTooSmall> {
        let small = [self.viewers, self.public].into_iter().find(|one| u64::from(one.burst.get()) < COST_MAX);
        small.map_or(Ok(()), |one| Err(BurstTooSmall(one.burst)))
    }
}

/// Why a budget makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a burst of {0} units is less than one operation may cost ({COST_MAX}): give more")]
pub struct BurstTooSmall(NonZeroU32);

/// Who pays: the bearer of a token, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Payer {
    /// Role, organisation, issuer and subject: what one issuer's person spends is not that of another's of the same name.
    Bearer(Box<Bearer>),
    /// The address that the public asks from.
    Address(Option<IpAddr>),
}

/// The bearer of a token, whichever token it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bearer {
    role: Role,
    organisation: Option<Siren>,
    issuer: Option<Box<str>>,
    subject: Box<str>,
}

impl Payer {
    pub(super) fn of(viewer: &Viewer, peer: Peer) -> Self {
        match viewer.subject() {
            Some(subject) => Payer::Bearer(Box::new(Bearer {
                role: viewer.role(),
                organisation: viewer.organisation(),
                issuer: viewer.issuer().map(Into::into),
                subject: subject.into(),
            })),
            None => Payer::stranger(peer),
        }
    }

    /// Somebody of whom no more is known than where they come from.
    pub(super) fn stranger(peer: Peer) -> Self {
        Payer::Address(peer.0.map(network))
    }
}

/// Whoever holds an IPv6 network has all of its addresses.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The address that a request comes from, as far as it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Peer(Option<IpAddr>);

/// Notes where a request comes from.
pub(super) async fn note_peer(State(proxies): State<Arc<[IpAddr]>>, mut request: Request, next: Next) -> Response {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let peer = Peer(connected.map(|address| behind(address, request.headers(), &proxies)));
    request.extensions_mut().insert(peer);
    next.run(request).await
}

/// The last address that no trusted proxy has: what stands before it, anybody may have written.
fn behind(connected: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.contains(&address.to_canonical());
    if !is_proxy(connected) {
        return connected;
    }
    let told = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let told: Vec<&str> = told.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut from = connected;
    for address in told.into_iter().rev().map_while(|text| text.parse::<IpAddr>().ok()) {
        from = address;
        if !is_proxy(address) {
            break;
        }
    }
    from
}

/// The gateway's clock in the units of the limiter: the time that passed since it was made. A clock that is set back stands still once, or
/// everybody would wait until it is where it was.
#[derive(Clone)]
struct Ticks {
    clock: Clock,
    /// What the clock told last, and how much time had passed by then, in nanoseconds.
    told: Arc<Mutex<(u64, u64)>>,
}

impl Ticks {
    fn new(clock: Clock) -> Self {
        let told = Arc::new(Mutex::new((nanos(&clock), 0)));
        Ticks { clock, told }
    }
}

fn nanos(clock: &Clock) -> u64 {
    u64::try_from(clock.now().timestamp_nanos_opt().unwrap_or(i64::MAX)).unwrap_or(0)
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (last, passed) = *told;
        let now = nanos(&self.clock);
        *told = (now, passed.saturating_add(now.saturating_sub(last)));
        told.1.into()
    }
}

type Limiter = RateLimiter<Payer, DefaultKeyedStateStore<Payer>, Ticks, NoOpMiddleware<Nanos>>;

/// The budgets of all askers.
pub(super) struct Budgets {
    viewers: Limiter,
    public: Limiter,
    ticks: Ticks,
}

impl Budgets {
    pub(super) fn new(budget: &Budget, clock: Clock) -> Result<Self, BurstTooSmall> {
        budget.check()?;
        let ticks = Ticks::new(clock);
        let limiter = |allowed: Allowance| {
            let quota = Quota::per_minute(allowed.per_minute).allow_burst(allowed.burst);
            RateLimiter::new(quota, DefaultKeyedStateStore::default(), ticks.clone())
        };
        Ok(Budgets { viewers: limiter(budget.viewers), public: limiter(budget.public), ticks: ticks.clone() })
    }

    /// Takes the cost from the budget of whoever pays.
    ///
    /// # Errors
    /// It is used up for now; nothing is taken then.
    pub(super) fn charge(&self, payer: &Payer, cost: u64) -> Result<(), HttpError> {
        let limiter = match payer {
            Payer::Bearer(_) => &self.viewers,
            Payer::Address(_) => &self.public,
        };
        if limiter.len() > ASKERS_KEPT {
            limiter.retain_recent();
        }
        let cost = u32::try_from(cost.clamp(1, COST_MAX)).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(payer, cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.ticks.now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Err(HttpError::OverBudget { seconds: seconds.max(1) })
            }
            // A burst holds whatever one operation may cost.
            Err(_) => Err(HttpError::Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_holds_whatever_one_operation_may_cost() {
        let units = |units| NonZeroU32::new(units).expect("not zero");
        let most = u32::try_from(COST_MAX).expect("small");
        for (burst, sound) in [(most, true), (most - 1, false)] {
            let allowed = Allowance { per_minute: units(1), burst: units(burst) };
            let budget = Budget { viewers: allowed, public: allowed, trusted_proxies: Vec::new() };
            let clock = Clock::fixed(crate::domain::Instant::UNIX_EPOCH);
            assert_eq!(Budgets::new(&budget, clock).err(), Some(BurstTooSmall(units(burst))).filter(|_| !sound));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_for_it() {
        use std::sync::atomic::{AtomicI64, Ordering};
        let units = |units| NonZeroU32::new(units).expect("not zero");
        let most = u32::try_from(COST_MAX).expect("small");
        let allowed = Allowance { per_minute: units(most), burst: units(most) };
        let budget = Budget { viewers: allowed, public: allowed, trusted_proxies: Vec::new() };
        let seconds = Arc::new(AtomicI64::new(1_800_000));
        let told_by = Arc::clone(&seconds);
        let clock = Clock::told_by(move || {
            crate::domain::Instant::UNIX_EPOCH + chrono::TimeDelta::seconds(told_by.load(Ordering::SeqCst))
        });
        let budgets = Budgets::new(&budget, clock).expect("sound");
        let payer = Payer::Address("1.1.1.1".parse().ok());
        let whole = || budgets.charge(&payer, u64::from(most)).is_ok();
        assert!(whole() && !whole(), "a burst, and no more");
        seconds.fetch_sub(1_800_000, Ordering::SeqCst);
        assert!(!whole(), "no time passed");
        seconds.fetch_add(60, Ordering::SeqCst);
        assert!(whole(), "a minute later, by the clock as it goes now");
    }

    #[test]
    fn an_address_is_believed_as_far_as_trusted_proxies_tell_it() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let told = |headers: &[&str], connected: &str| {
            let mut map = HeaderMap::new();
            for value in headers {
                map.append("x-forwarded-for", value.parse().expect("a header value"));
            }
            behind(address(connected), &map, &[address("10.0.0.1"), address("10.0.0.2")]).to_string()
        };
        assert_eq!(told(&["1.1.1.1"], "9.9.9.9"), "9.9.9.9", "anybody may write the header");
        assert_eq!(told(&["1.1.1.1"], "10.0.0.1"), "1.1.1.1");
        assert_eq!(told(&["6.6.6.6, 1.1.1.1", "10.0.0.2"], "10.0.0.1"), "1.1.1.1", "what stands before is hearsay");
        assert_eq!(told(&["nonsense"], "10.0.0.1"), "10.0.0.1");
        assert_eq!(told(&[], "10.0.0.1"), "10.0.0.1");
        assert_eq!(network(address("2001:db8:1:2:3:4:5:6")), address("2001:db8:1:2::"));
        assert_eq!(network(address("::ffff:1.2.3.4")), address("1.2.3.4"));
    }
}

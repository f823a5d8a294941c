//! Resolves names for the client and drops what may not be connected to: what was checked is what is connected to,
//! so a name that changes its address between a check and a call gains nothing.

use super::address::{Refused, check_address};
use super::settings::NetSettings;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;
use url::{Host, Url};

/// The client's resolver.
pub(super) struct GuardedResolver {
    settings: Arc<NetSettings>,
}

impl GuardedResolver {
    pub(super) fn new(settings: Arc<NetSettings>) -> Self {
        GuardedResolver { settings }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let settings = Arc::clone(&self.settings);
        Box::pin(async move {
            let host = name.as_str();
            // Port 0 stands for the port of the URL.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let addresses = allowed(found, host, &settings)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A proxy resolves names itself. What this machine knows of a name is checked all the same; a name that it does not
/// know is for the proxy to judge.
pub(super) async fn check_behind_proxy(url: &Url, settings: &NetSettings) -> Result<(), Refused> {
    let Some(Host::Domain(host)) = url.host().filter(|_| url.host_str().is_some_and(|host| settings.is_proxied(host)))
    else {
        return Ok(());
    };
    match tokio::net::lookup_host((host, 0)).await {
        Ok(found) => allowed(found.collect(), host, settings).map(|_| ()),
        Err(_) => Ok(()),
    }
}

/// The addresses that may be connected to; the reason when there is none.
pub(super) fn allowed(found: Vec<SocketAddr>, host: &str, settings: &NetSettings) -> Result<Vec<SocketAddr>, Refused> {
    let mut refused = None;
    let kept: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| match check_address(address.ip(), host, settings) {
            Ok(()) => true,
            Err(reason) => {
                refused = Some(reason);
                false
            }
        })
        .collect();
    match refused {
        Some(reason) if kept.is_empty() => Err(reason),
        _ => Ok(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_reached_is_dropped() {
        let found = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("an address")).collect::<Vec<_>>();
        let settings = NetSettings::default();
        assert_eq!(allowed(found(&["127.0.0.1:0"]), "rebound.example", &settings), Err(Refused::Private));
        let mixed = found(&["169.254.169.254:0", "8.8.8.8:0"]);
        assert_eq!(allowed(mixed, "mixed.example", &settings), Ok(found(&["8.8.8.8:0"])));
    }
}

//! PostgreSQL databases: reached by the rules of addresses that hold for what is read by HTTP. A name is resolved here, and it is
//! the address that was checked which is connected to. The password comes from the settings of the source, by name.

use super::address::{Refused, check_address};
use super::error::{NetError, shown};
use super::{Net, NetSettings, resolver};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::net::IpAddr;
use url::Url;

/// The name of a database's password in `[sources.ID.secrets]`.
const PASSWORD: &str = "password";

impl Net {
    /// How the database at `url` may be connected to: by each address that its host lies at, in order. Where the certificate must
    /// name the host (`sslmode=verify-full`), by that name, once its addresses were checked: another machine cannot show it.
    ///
    /// # Errors
    /// What the URL says is no connection, the settings do not allow its host or its socket, or give no password where they name one.
    pub async fn postgres(&self, url: &Url) -> Result<Vec<PgConnectOptions>, NetError> {
        let mut options = PgConnectOptions::from_url(url).map_err(|_| wrong())?;
        if let Some(held) = self.access.as_ref().and_then(|access| access.secrets.get(PASSWORD)) {
            let secret = held.as_ref().map_err(|absent| NetError::no_secret(PASSWORD, &absent.fr, &absent.en))?;
            options = encrypted(options.password(secret.expose()), &self.settings, url)?;
        }
        // The URL may name another host among its options, and the environment of this process a host where it names none.
        let host = options.get_host().to_lowercase();
        let socket = options.get_socket().map(|socket| socket.to_string_lossy().into_owned());
        if let Some(socket) = socket.or_else(|| Some(host.clone()).filter(|host| host.starts_with('/'))) {
            let named = self.settings.allows_private(socket.trim_end_matches('/'));
            return if named { Ok(vec![options]) } else { Err(NetError::refused(url, Refused::Socket)) };
        }
        let addresses = self.addresses(&host, options.get_port(), url).await?;
        if matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
            return Ok(vec![options]);
        }
        Ok(addresses.into_iter().map(|address| options.clone().host(&address.to_string())).collect())
    }

    /// The addresses of `host` that may be connected to: one at least.
    async fn addresses(&self, host: &str, port: u16, url: &Url) -> Result<Vec<IpAddr>, NetError> {
        let refused = |reason| NetError::refused(url, reason);
        let settings = &self.settings;
        if !settings.allows(host) || settings.is_proxy(host) && !settings.allows_private(host) {
            return Err(refused(Refused::Host));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            check_address(address, host, settings).map_err(refused)?;
            return Ok(vec![address]);
        }
        let found = tokio::net::lookup_host((bare, port)).await;
        let unreachable = |error: std::io::Error| NetError::Unreachable { url: shown(url), detail: error.to_string() };
        let allowed = resolver::allowed(found.map_err(unreachable)?.collect(), host, settings).map_err(refused)?;
        Ok(allowed.into_iter().map(|address| address.ip()).collect())
    }
}

/// A password that the settings name travels encrypted, or to a host of this network that they name.
fn encrypted(options: PgConnectOptions, settings: &NetSettings, url: &Url) -> Result<PgConnectOptions, NetError> {
    if settings.allows_private(&options.get_host().to_lowercase()) || options.get_socket().is_some() {
        return Ok(options);
    }
    match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow => Err(NetError::refused(url, Refused::SecretInClear)),
        PgSslMode::Prefer => Ok(options.ssl_mode(PgSslMode::Require)),
        _ => Ok(options),
    }
}

/// What the library says of a URL that it cannot use repeats parts of it, and a password may be any of them.
fn wrong() -> NetError {
    NetError::setting(
        "l'adresse de la base n'est pas une connexion PostgreSQL : vérifiez hôte, port et options (sslmode…)",
        "the address of the database is no PostgreSQL connection: check host, port and options (sslmode…)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Hosts, Secret, SourceAccess};
    use std::collections::{BTreeMap, BTreeSet};

    fn set(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    async fn hosts(url: &str, hosts: Hosts, private: &[&str]) -> Result<Vec<String>, String> {
        let settings = NetSettings { hosts, private_hosts: set(private), ..NetSettings::default() };
        let net = Net::new(settings).expect("a client");
        let ways = net.postgres(&Url::parse(url).expect("a URL")).await.map_err(|error| error.to_string())?;
        Ok(ways.iter().map(|options| options.get_host().to_owned()).collect())
    }

    #[tokio::test]
    async fn a_database_is_reached_by_the_rules_of_all_hosts() {
        let refused = async |url: &str, private: &[&str]| hosts(url, Hosts::Public, private).await.expect_err(url);
        for url in ["127.0.0.1", "[::1]", "2130706433", "localhost", "10.1.2.3", "a.example/?host=127.0.0.1"] {
            let told = refused(&format!("postgres://me@{url}"), &[]).await;
            assert!(told.contains("private-hosts"), "{url}: {told}");
        }
        let never = refused("postgres://me@169.254.169.254/x", &["169.254.169.254"]).await;
        assert!(never.contains("never read"), "{never}");
        for url in ["postgres:///x?host=/run/pg", "postgres://me@%2Frun%2Fpg/x", "postgres://a.example/x?host=/run/pg"]
        {
            assert!(refused(url, &[]).await.contains("socket"), "{url}");
            assert!(hosts(url, Hosts::Public, &["/run/pg"]).await.is_ok(), "{url}");
        }
        let only = || Hosts::Only(set(&["a.example"]));
        let told = hosts("postgres://me@8.8.8.8/x", only(), &[]).await.expect_err("not named");
        assert!(told.contains("[net] hosts"), "{told}");
        let local = hosts("postgres://me@LOCALHOST/x", only(), &["localhost"]).await.expect("named");
        assert!(!local.is_empty() && local.iter().all(|host| host.parse::<IpAddr>().is_ok()), "{local:?}");
        let verified = hosts("postgres://me@localhost/x?sslmode=verify-full", only(), &["localhost"]).await;
        assert_eq!(verified, Ok(vec!["localhost".to_owned()]));
    }

    #[tokio::test]
    async fn the_password_is_named_by_the_settings_and_never_shown() {
        let secrets = BTreeMap::from([(PASSWORD.to_owned(), Ok(Secret::new("PWofthebase")))]);
        let sources = BTreeMap::from([("a".to_owned(), SourceAccess { secrets, ..SourceAccess::default() })]);
        let settings = NetSettings { private_hosts: set(&["127.0.0.1"]), sources, ..NetSettings::default() };
        let net = Net::new(settings).expect("a client").of("a").expect("a client");
        let url = |text: &str| Url::parse(text).expect("a URL");
        let ways = net.postgres(&url("postgres://me@127.0.0.1/x")).await.expect("a way");
        assert!(ways[0].to_url_lossy().as_str().contains("PWofthebase"));
        let ways = net.postgres(&url("postgres://me@8.8.8.8/x")).await.expect("a way");
        assert!(matches!(ways[0].get_ssl_mode(), PgSslMode::Require), "a password goes encrypted");
        let clear = net.postgres(&url("postgres://me@8.8.8.8/x?sslmode=disable")).await.expect_err("in clear");
        assert!(clear.to_string().contains("a secret is sent"), "{clear}");
        let wrong = net.postgres(&url("postgres://me:PWx@127.0.0.1/x?sslmode=PWx")).await.expect_err("no such mode");
        assert!(!wrong.to_string().contains("PWx") && !wrong.in_french().contains("PWx"), "{wrong}");
    }
}

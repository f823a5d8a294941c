//! Which addresses may be connected to. A name is judged by what it resolves to, at the moment of connecting.

use super::error::NetError;
use super::settings::NetSettings;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// What an address is to a gateway that must not be turned against its own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// On the public internet.
    Public,
    /// Loopback or private: reached only for a host that the settings name.
    Private,
    /// Never reached: link-local and the metadata services of clouds, multicast, unspecified, reserved.
    Never,
}

/// Why a URL, an address or a redirect is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Neither http nor https.
    #[error("only http and https are read")]
    Scheme,
    /// A user or a password in the URL would end in logs.
    #[error("a URL may hold no user and no password")]
    Credentials,
    /// The settings do not name the host.
    #[error("the host is not one that the settings allow ([net] hosts)")]
    Host,
    /// Loopback or private, and not allowed for this host.
    #[error(
        "the host lies at a loopback or private address, which the settings do not allow for it ([net] private-hosts)"
    )]
    Private,
    /// Never reached.
    #[error("the host lies at a link-local, metadata, multicast or reserved address, which is never read")]
    Never,
    /// A socket of this machine.
    #[error("it is a socket of this machine, whose directory the settings do not name ([net] private-hosts)")]
    Socket,
    /// A redirect to a redirect, without end.
    #[error("too many redirects follow each other")]
    TooManyRedirects,
    /// A redirect to nowhere.
    #[error("its Location is no URL")]
    NoLocation,
    /// A key or a token would be read on the way.
    #[error(
        "a secret is sent by https only (to a database: sslmode=require), or to a host of [net] private-hosts, through no proxy that is none"
    )]
    SecretInClear,
    /// A redirect that would take what was sent elsewhere, or leave it behind.
    #[error("it would take the document that was sent to another place: state the final address")]
    MovesDocument,
    /// A redirect that gives up encryption.
    #[error("it leaves https for http")]
    LeavesHttps,
}

impl Refused {
    /// The error, whether the place was asked for or came out of a redirect.
    pub(super) fn at(self, url: &Url, asked: &Url) -> NetError {
        if url == asked { NetError::refused(url, self) } else { NetError::redirect(asked, self) }
    }

    /// The same reason in French.
    pub(super) fn in_french(self) -> &'static str {
        match self {
            Refused::Scheme => "seuls http et https sont lus",
            Refused::Credentials => "une URL ne peut porter ni utilisateur ni mot de passe",
            Refused::Host => "l'hôte n'est pas de ceux que les réglages permettent ([net] hosts)",
            Refused::Private => {
                "l'hôte est à une adresse locale ou privée, que les réglages ne lui permettent pas ([net] private-hosts)"
            }
            Refused::Never => "l'hôte est à une adresse de lien local, de métadonnées, multidiffusée ou réservée",
            Refused::Socket => {
                "c'est une socket de cette machine, dont les réglages ne nomment pas le répertoire ([net] private-hosts)"
            }
            Refused::TooManyRedirects => "trop de redirections se suivent",
            Refused::NoLocation => "son en-tête Location n'est pas une URL",
            Refused::SecretInClear => {
                "un secret ne part qu'en https (vers une base : sslmode=require), ou vers un hôte de [net] private-hosts, sans proxy qui n'y figure pas"
            }
            Refused::MovesDocument => "elle porterait ailleurs le document envoyé : indiquez l'adresse définitive",
            Refused::LeavesHttps => "elle quitte https pour http",
        }
    }
}

/// Checks what can be known before a name is resolved: scheme, host, an address written as such.
pub(super) fn check_url(url: &Url, settings: &NetSettings) -> Result<(), Refused> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Credentials);
    }
    let host = url.host_str().ok_or(Refused::Host)?;
    if settings.is_proxy(host) && !settings.allows_private(host) {
        return Err(Refused::Host);
    }
    // An address written out never passes by the resolver.
    match url.host() {
        Some(Host::Ipv4(address)) => check_address(address.into(), host, settings)?,
        Some(Host::Ipv6(address)) => check_address(address.into(), host, settings)?,
        Some(Host::Domain(_)) | None => {}
    }
    if settings.allows(host) { Ok(()) } else { Err(Refused::Host) }
}

/// Checks one address that `host` lies at.
pub(super) fn check_address(address: IpAddr, host: &str, settings: &NetSettings) -> Result<(), Refused> {
    match reach(address) {
        Reach::Public => Ok(()),
        // The proxy is named by the settings, and called by no manifest.
        Reach::Private if settings.allows_private(host) || settings.is_proxy(host) => Ok(()),
        Reach::Private => Err(Refused::Private),
        Reach::Never => Err(Refused::Never),
    }
}

fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, ..) | (10, ..) | (192, 168, _) => Reach::Private,
        (172, 16..=31, _) | (100, 64..=127, _) => Reach::Private,
        // "This network", link-local, protocol assignments, documentation, benchmarks, multicast, reserved.
        (0, ..) | (169, 254, _) | (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) => Reach::Never,
        (198, 51, 100) | (203, 0, 113) | (224.., ..) => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        // IPv4 in the clothes of IPv6: mapped, translated (NAT64), tunnelled (6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Metadata service of one cloud, inside the private range.
        [0xfd00, 0x0ec2, ..] => Reach::Never,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        [0x2001, 0xdb8, ..] => Reach::Never,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_are_told_apart() {
        for text in ["8.8.8.8", "2a01:c910::1", "::ffff:8.8.8.8"] {
            assert_eq!(reach(address(text)), Reach::Public, "{text}");
        }
        for text in
            ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"]
        {
            assert_eq!(reach(address(text)), Reach::Private, "{text}");
        }
        let never = [
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "ff02::1",
            "::",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ];
        for text in never {
            assert_eq!(reach(address(text)), Reach::Never, "{text}");
        }
    }

    #[test]
    fn a_private_address_is_reached_only_where_the_settings_name_its_host() {
        let closed = NetSettings::default();
        let open = NetSettings { private_hosts: BTreeSet::from(["127.0.0.1".to_owned()]), ..NetSettings::default() };
        let check = |text: &str, settings| check_url(&Url::parse(text).expect("a URL"), settings);
        assert_eq!(check("http://127.0.0.1:8080/x", &closed), Err(Refused::Private));
        assert_eq!(check("http://127.0.0.1:8080/x", &open), Ok(()));
        // Other ways of writing the same address are read by the URL parser first.
        assert_eq!(check("http://2130706433/", &closed), Err(Refused::Private));
        assert_eq!(check("http://0x7f.1/", &closed), Err(Refused::Private));
        assert_eq!(check("http://169.254.169.254/latest", &open), Err(Refused::Never));
        assert_eq!(check("ftp://example.org/", &open), Err(Refused::Scheme));
        assert_eq!(check("http://me:secret@example.org/", &open), Err(Refused::Credentials));
        assert_eq!(check("https://example.org/", &open), Ok(()));
    }

    #[test]
    fn only_the_hosts_named_are_reached() {
        use super::super::settings::Hosts;
        let settings =
            NetSettings { hosts: Hosts::Only(BTreeSet::from(["example.org".to_owned()])), ..NetSettings::default() };
        let check = |text: &str| check_url(&Url::parse(text).expect("a URL"), &settings);
        assert_eq!(check("https://EXAMPLE.org/x"), Ok(()));
        assert_eq!(check("https://example.org.evil.net/x"), Err(Refused::Host));
    }
}

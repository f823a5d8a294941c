//! Encryption and proxies, against real servers: authorities of one's own, certificates of clients, what a proxy is sent.

use crate::contract::net_with;
use passerelle::net::{Auth, Net, NetError, NetSettings, Proxy, Request, Secret, SourceAccess};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};

/// An authority of one's own.
struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    Authority { pem: certificate.pem(), der: certificate.der().clone(), issuer: Issuer::new(params, key) }
}

impl Authority {
    /// A certificate and its key.
    fn signs(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate"), key)
    }

    fn client_pem(&self) -> String {
        let (certificate, key) = self.signs("passerelle", ExtendedKeyUsagePurpose::ClientAuth);
        format!("{}\n{}", certificate.pem(), key.serialize_pem())
    }

    /// Serves `ok` over TLS; to clients that this authority knows, where `asks` says so.
    async fn serve(&self, asks: bool) -> String {
        let (certificate, key) = self.signs("127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth);
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = builder.expect("protocol versions");
        let builder = if asks {
            let mut roots = RootCertStore::empty();
            roots.add(self.der.clone()).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = builder.with_single_cert(vec![certificate.der().clone()], key).expect("a configuration");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let root = format!("https://{}/", listener.local_addr().expect("a bound address"));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(connection) = acceptor.accept(connection).await {
                        answer(connection).await;
                    }
                });
            }
        });
        root
    }
}

/// Reads one call and answers `ok`; the head of the call.
async fn answer(mut connection: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let mut asked = vec![0; 4_096];
    let length = connection.read(&mut asked).await.unwrap_or(0);
    let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
    let _ = connection.shutdown().await;
    String::from_utf8_lossy(&asked[..length]).into_owned()
}

async fn get(net: &Net, url: &str) -> Result<Vec<u8>, NetError> {
    let request = Request::get(url.parse().expect("a URL"), 1_000, 5_000);
    net.fetch(&request, passerelle::net::Body::bytes).await
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_where_the_settings_name_it() {
    let own = authority();
    let root = own.serve(false).await;
    assert_eq!(get(&net_with(|_| ()), &root).await.expect_err("not trusted").code(), "UPSTREAM_UNREACHABLE");
    let trusting = net_with(|settings| settings.authorities.push(own.pem.clone()));
    assert_eq!(get(&trusting, &root).await.as_deref(), Ok(&b"ok"[..]));
    let wrong = NetSettings { authorities: vec!["no PEM".to_owned()], ..NetSettings::default() };
    assert!(Net::new(wrong).expect_err("no authority").to_string().contains("ca-files"));
}

#[tokio::test]
async fn a_certificate_is_shown_for_the_source_that_has_one() {
    let own = authority();
    let root = own.serve(true).await;
    let net = net_with(|settings| {
        settings.authorities.push(own.pem.clone());
        let given = |pem: &str| SourceAccess { identity: Some(Ok(Secret::new(pem))), ..SourceAccess::default() };
        settings.sources.insert("known".to_owned(), given(&own.client_pem()));
        settings.sources.insert("stranger".to_owned(), given(&authority().client_pem()));
        settings.sources.insert("broken".to_owned(), given("s3cr3t"));
        let (one, other) = (own.client_pem(), own.client_pem());
        let (certificate, key) = (one.find("-----BEGIN PRIVATE").expect("a key"), other.find("-----BEGIN PRIVATE"));
        let mixed = one[..certificate].to_owned() + &other[key.expect("a key")..];
        settings.sources.insert("mixed".to_owned(), given(&mixed));
    });
    assert!(get(&net, &root).await.is_err(), "no certificate is shown");
    assert!(get(&net.of("stranger").expect("a client"), &root).await.is_err(), "not one of theirs");
    assert_eq!(get(&net.of("known").expect("a client"), &root).await.as_deref(), Ok(&b"ok"[..]));
    let error = net.of("broken").expect_err("no certificate").to_string();
    assert!(error.contains("certificate") && !error.contains("s3cr3t"), "{error}");
    let error = net.of("mixed").expect_err("the key of another one").to_string();
    assert!(error.contains("do not go together"), "{error}");
}

/// A system that names another host does not tell it who we are.
#[tokio::test]
async fn a_certificate_is_shown_to_nobody_to_whom_a_redirect_leads() {
    let own = authority();
    let root = own.serve(true).await;
    let elsewhere = root.clone();
    let from = crate::server::serve_bytes(
        format!("HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into(),
    )
    .await;
    let net = net_with(|settings| {
        settings.authorities.push(own.pem.clone());
        let access = SourceAccess { identity: Some(Ok(Secret::new(&own.client_pem()))), ..SourceAccess::default() };
        settings.sources.insert("known".to_owned(), access);
    });
    let known = net.of("known").expect("a client");
    assert!(get(&known, &from).await.is_err(), "shown on the way of a redirect");
    assert_eq!(get(&known, &root).await.as_deref(), Ok(&b"ok"[..]), "shown where it is asked for");
}

/// A proxy that answers everything itself, and what it was asked.
async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a bound address"));
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let head = answer(connection).await;
            seen.lock().expect("unharmed").push(head);
        }
    });
    (url, heads)
}

/// What is not encrypted is read by the proxy, wherever it goes.
#[tokio::test]
async fn a_secret_goes_in_clear_through_no_proxy_that_the_settings_do_not_name() {
    let (url, heads) = proxy().await;
    let net = |private: &[&str]| {
        let net = net_with(|settings| {
            settings.private_hosts = private.iter().map(|host| (*host).to_owned()).collect();
            settings.proxy =
                Some(Proxy { url: url.parse().expect("a URL"), login: None, direct_hosts: BTreeSet::new() });
            let secrets = BTreeMap::from([("cle".to_owned(), Ok(Secret::new("s3cr3t")))]);
            settings.sources.insert("source".to_owned(), SourceAccess { secrets, ..SourceAccess::default() });
        });
        net.of("source").expect("a client")
    };
    let asked = async |net: &Net| {
        let auth = Some(Arc::new(Auth::Bearer { secret: "cle".to_owned() }));
        let request = Request::get("http://source.invalid/".parse().expect("a URL"), 1_000, 5_000).with_auth(auth);
        net.get(&request).await.map(drop)
    };
    let error = asked(&net(&["source.invalid"])).await.expect_err("refused");
    assert!(error.to_string().contains("proxy"), "{error}");
    assert!(heads.lock().expect("unharmed").is_empty());
    assert_eq!(asked(&net(&["source.invalid", "127.0.0.1"])).await, Ok(()));
}

#[tokio::test]
async fn a_proxy_is_called_and_reaches_nothing_that_is_refused() {
    let (url, heads) = proxy().await;
    let direct = crate::server::serve_body("text/plain", "direct").await;
    let net = net_with(|settings| {
        settings.private_hosts = BTreeSet::new();
        let login = Some(("moi".to_owned(), Ok(Secret::new("s3cr3t"))));
        settings.proxy = Some(Proxy { url: url.parse().expect("a URL"), login, direct_hosts: BTreeSet::new() });
    });
    assert_eq!(get(&net, "http://source.invalid/liste?x=1").await.as_deref(), Ok(&b"ok"[..]));
    {
        let heads = heads.lock().expect("unharmed");
        assert!(heads[0].starts_with("GET http://source.invalid/liste?x=1 "), "{heads:?}");
        assert!(heads[0].contains("roxy-authorization: Basic bW9pOnMzY3IzdA=="), "{heads:?}");
    }
    for refused in ["http://169.254.169.254/", "http://localhost/", "http://10.0.0.1/", &format!("{url}/")] {
        let error = get(&net, refused).await.expect_err("refused");
        assert_eq!(error.code(), "UPSTREAM_ADDRESS_REFUSED", "{refused}: {error}");
    }
    assert_eq!(heads.lock().expect("unharmed").len(), 1);
    let beside = net_with(|settings| {
        let direct_hosts = BTreeSet::from(["127.0.0.1".to_owned()]);
        settings.proxy = Some(Proxy { url: url.parse().expect("a URL"), login: None, direct_hosts });
    });
    assert_eq!(get(&beside, &direct).await.as_deref(), Ok(&b"direct"[..]));
    assert!(!format!("{net:?}").contains("s3cr3t"));
}

//! Tokens as the program itself takes them: a real `serve`, its settings, its log.

use super::program::Program;
use super::served::{ISSUER, SUBJECT, Served, pair, settings, token};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

/// A piece of a token of this length could be found again.
const TELLING: usize = 10;

#[test]
fn a_token_signed_with_a_key_of_ones_own_opens_the_gateway_that_has_its_public_key() {
    let program = Program::new();
    pair(&program, "ed", &rcgen::PKCS_ED25519);
    pair(&program, "ec", &rcgen::PKCS_ECDSA_P256_SHA256);
    pair(&program, "rsa", &rcgen::PKCS_RSA_SHA256);
    let all = [("ed", "1"), ("ec", "2"), ("rsa", "3")];
    let served = Served::start(&program, &settings(&program, r#""EdDSA", "ES256", "RS256""#, &all));
    for (name, kid) in all {
        let bearer = |token: String| served.status(&format!("Bearer {token}"));
        assert_eq!(bearer(token(&program, name, &["--kid", kid])), Some(200), "{name}");
        assert_eq!(bearer(token(&program, name, &[])), Some(200), "{name}: the only key of its kind");
        assert_eq!(bearer(token(&program, name, &["--kid", "4"])), Some(401), "{name}");
    }
    served.end();
    let wrong = |arguments: &[&str]| program.run(arguments).status.code();
    let public = program.path("ed.pub.pem");
    let key = ["token", "--role", "REGION", "--key", public.to_str().unwrap()];
    assert_eq!(wrong(&key), Some(2), "--issuer and --audience are needed");
    assert_eq!(
        wrong(&[&key[..], &["--issuer", "a", "--audience", "b"]].concat()),
        Some(1),
        "a public key signs nothing"
    );
    assert_eq!(wrong(&["token", "--role", "REGION", "--kid", "1"]), Some(2), "--kid is of no use without --key");
}

/// A server that answers these paths, for as long as the test runs; its URL.
fn office(answers: impl Fn(&str) -> Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = answers(&url);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = String::new();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut asked).unwrap();
            let path = asked.split(' ').nth(1).unwrap_or_default();
            let found = answers.iter().find(|(known, _)| *known == path);
            let (status, body) = found.map_or(("404 Not Found", ""), |(_, body)| ("200 OK", body));
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            // Whoever went meanwhile is not told.
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

#[test]
fn the_keys_of_an_issuer_are_fetched_by_url_or_by_discovery_within_the_rules_of_the_way_out() {
    let program = Program::new();
    pair(&program, "ec", &rcgen::PKCS_ECDSA_P256_SHA256);
    let pem = std::fs::read(program.path("ec.pem")).unwrap();
    let key = EncodingKey::from_ec_pem(&pem).unwrap();
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some("1".to_owned());
    let keys = serde_json::json!({ "keys": [jwk] }).to_string();
    let url = office(|url| {
        let configuration = serde_json::json!({"issuer": url, "jwks_uri": format!("{url}/keys")}).to_string();
        vec![("/keys", keys.clone()), ("/.well-known/openid-configuration", configuration)]
    });
    let own = program.path("ec.pem");
    let mut asked = vec!["token", "--role", "REGION", "--issuer", &url, "--audience", "essai", "--kid", "1", "--key"];
    asked.push(own.to_str().unwrap());
    let token = program.json(&asked)["token"].as_str().unwrap().to_owned();
    let served = |net: &str, keys: &str| {
        let issuer =
            format!("issuer = \"{url}\"\naudience = \"essai\"\nalgorithms = [\"ES256\"]\nroles = [\"REGION\"]");
        let served = Served::start(&program, &format!("{net}\n[[auth.issuers]]\n{issuer}\n{keys}\n"));
        let status = served.status(&format!("Bearer {token}"));
        (status, served.end())
    };
    let (open, by_url) = ("[net]\nprivate-hosts = [\"127.0.0.1\"]", format!("jwks-url = \"{url}/keys\""));
    assert_eq!(served(open, "oidc = true").0, Some(200));
    assert_eq!(served(open, &by_url).0, Some(200));
    for (net, keys) in [("", by_url.as_str()), ("", "oidc = true"), (open, &format!("jwks-url = \"{url}/absent\""))] {
        let (status, said) = served(net, keys);
        assert_eq!(status, Some(401), "{net} {keys}");
        assert_eq!(said.matches("were not fetched").count(), 1, "one line, although a token asked too: {said}");
    }
}

#[test]
fn no_token_reaches_the_log_neither_whole_nor_in_part() {
    let program = Program::new();
    pair(&program, "ed", &rcgen::PKCS_ED25519);
    pair(&program, "other", &rcgen::PKCS_ED25519);
    let served = Served::start(&program, &settings(&program, r#""EdDSA""#, &[("ed", "1")]));
    let good = token(&program, "ed", &["--kid", "1"]);
    let demo = program.json(&["token", "--role", "ADMIN"])["token"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = good.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let jku = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"1","jku":"https://evil.example.org/keys"}"#);
    let long = "a-token-without-end".repeat(500);
    let refused = [
        demo,
        token(&program, "other", &["--kid", "1"]),
        token(&program, "ed", &["--kid", "a-key-that-nobody-knows"]),
        format!("{none}.{}.", parts[1]),
        format!("{jku}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([7; 64])),
        format!("{}.{}", parts[0], parts[1]),
        "not-even-three-parts-but-a-secret".to_owned(),
        long,
    ];
    assert_eq!(served.status(&format!("Bearer {good}")), Some(200));
    for token in &refused {
        assert_eq!(served.status(&format!("Bearer {token}")), Some(401), "{token}");
    }
    assert_eq!(served.status(&format!("Basic {good}")), Some(401), "another scheme");
    let said = served.end();
    let lines = said.lines().filter(|line| line.contains("a token is refused")).count();
    assert_eq!(lines, refused.len(), "one line for each: {said}");
    assert_eq!(said.matches("an Authorization header is refused").count(), 1, "{said}");
    for token in refused.iter().chain([&good]) {
        let piece = token.as_bytes().windows(TELLING).map(|piece| std::str::from_utf8(piece).unwrap());
        let found: Vec<&str> = piece.filter(|piece| said.contains(piece)).collect();
        assert!(found.is_empty(), "{found:?} of a token are in the log: {said}");
    }
    for claim in [SUBJECT, "200053742", "a-key-that-nobody-knows", "evil.example.org"] {
        assert!(!said.contains(claim), "{claim} is in the log: {said}");
    }
}

/// The status of an answer over HTTP/2 to this value of `Authorization`.
async fn status_by_http_2(served: &Served, authorization: &str) -> u16 {
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let url = format!("http://{}/graphql?query=%7B__typename%7D", served.address());
    let answer = client.get(url).header("authorization", authorization).send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    answer.status().as_u16()
}

#[tokio::test]
async fn a_token_of_a_megabyte_is_refused_in_one_line_and_the_gateway_goes_on() {
    let program = Program::new();
    pair(&program, "ed", &rcgen::PKCS_ED25519);
    let served = Served::start(&program, &settings(&program, r#""EdDSA""#, &[("ed", "1")]));
    let good = format!("Bearer {}", token(&program, "ed", &["--kid", "1"]));
    let lengths = [2_000_000, 1_048_576, 1_000_000, 100_000, 9_000];
    for length in lengths {
        let long = format!("Bearer {}", "a".repeat(length));
        assert_eq!(served.status(&long), Some(401), "{length} bytes");
        assert_eq!(served.status(&good), Some(200), "after {length} bytes");
        assert_eq!(status_by_http_2(&served, &long).await, 401, "{length} bytes over HTTP/2");
        assert_eq!(status_by_http_2(&served, &good).await, 200, "after {length} bytes over HTTP/2");
    }
    // Longer still it does not come to be read as a token: that is told in one line too.
    let status = served.status(&format!("Bearer {}", "a".repeat(3_000_000)));
    assert!(matches!(status, Some(431) | None), "{status:?}");
    assert_eq!(served.status(&good), Some(200));
    let said = served.end();
    assert_eq!(said.matches("a token is refused").count(), 2 * lengths.len(), "{said}");
    assert_eq!(said.matches("a request is refused: its head").count(), 1, "{said}");
}

#[test]
fn serve_refuses_the_key_of_the_demo_and_issuers_that_are_not_clear() {
    let program = Program::new();
    pair(&program, "ed", &rcgen::PKCS_ED25519);
    program.file("keys.json", b"{\"keys\": []}");
    program.json(&["token", "--role", "ADMIN"]);
    let refused = |text: &str| {
        let config = program.file("refused.toml", text.as_bytes());
        let arguments = ["serve", "--no-sync", "--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()];
        let output = program.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{text}");
        String::from_utf8(output.stderr).unwrap()
    };
    let key = program.path("state/token.key");
    let told = refused(&format!("[auth]\nkey-file = {:?}\n", key.to_str().unwrap()));
    assert!(told.contains("[[auth.issuers]]") && told.contains("demo"), "{told}");
    let issuer = |more: &str| {
        refused(&format!(
            "[[auth.issuers]]\nissuer = \"{ISSUER}\"\naudience = \"a\"\nalgorithms = [\"EdDSA\"]\nroles = [\"REGION\"]\n{more}\n"
        ))
    };
    let file = format!("jwks-file = {:?}", program.path("keys.json").to_str().unwrap());
    let pem = |name: &str| format!("pem-files = [{{ file = {:?} }}]", program.path(name).to_str().unwrap());
    let url = "jwks-url = \"https://identite.example.org/keys\"";
    for (more, told) in [
        (String::new(), "exactly one of jwks-url"),
        (format!("oidc = true\n{url}"), "exactly one of jwks-url"),
        (format!("{file}\n{}", pem("ed.pub.pem")), "exactly one of jwks-url"),
        (file, "no key in it fits"),
        (pem("ed.pem"), "private key"),
        (pem("keys.json"), "no public key in PEM"),
        (pem("absent.pem"), "absent.pem"),
        ("jwks-url = \"http://identite.example.org/keys\"".to_owned(), "by https"),
        (format!("{url}\nkeys-max-age-s = 3600\nkeys-stale-max-s = 60"), "keys-stale-max-s"),
        (format!("{url}\nkeys-retry-s = 0"), "keys-retry-s"),
    ] {
        let said = issuer(&more);
        assert!(said.contains(told) && said.contains("[[auth.issuers]]"), "{more}: {said}");
    }
}

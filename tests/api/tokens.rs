//! Who is let in: tokens of identity providers, and the ways in which one is forged.

use crate::app::TestApp;
use crate::region;
use crate::socket::Socket;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use passerelle::audit::Journal;
use passerelle::http::budget::Budget;
use passerelle::identity::{
    ClaimPlaces, Issuer, IssuerError, IssuerSettings, KeySetError, PemKey, Role, Signer, TokenError, Verifier,
};
use passerelle::ledger::PageRequest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const ISSUER: &str = "https://identite.example.org";
const SIREN: &str = "200093201";
const CONTRAT: &str = "CN05911M";

/// A key of an issuer.
pub struct Pair {
    key: EncodingKey,
    algorithm: Algorithm,
}

impl Pair {
    pub fn ed() -> Pair {
        let pem = Signer::new_pem().expect("a key");
        Pair { key: EncodingKey::from_ed_pem(pem.as_bytes()).expect("sound"), algorithm: Algorithm::EdDSA }
    }

    fn made(kind: &'static rcgen::SignatureAlgorithm, algorithm: Algorithm) -> Pair {
        let pem = rcgen::KeyPair::generate_for(kind).expect("a key").serialize_pem();
        let rsa = EncodingKey::from_rsa_pem(pem.as_bytes());
        let key = rsa.or_else(|_| EncodingKey::from_ec_pem(pem.as_bytes())).expect("sound");
        Pair { key, algorithm }
    }

    pub fn jwk(&self, kid: &str) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("a public key");
        jwk.common.key_id = Some(kid.to_owned());
        jwk.common.key_algorithm = None;
        serde_json::to_value(jwk).expect("JSON")
    }

    pub fn token(&self, header: &Value, claims: &Value) -> String {
        self.signed(&header.to_string(), &claims.to_string())
    }

    fn signed(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm).expect("signed");
        format!("{message}.{signature}")
    }
}

pub fn settings(issuer: &str, algorithms: &[&str]) -> IssuerSettings {
    IssuerSettings {
        issuer: issuer.to_owned(),
        audience: "passerelle".to_owned(),
        algorithms: algorithms.iter().map(|name| (*name).to_owned()).collect(),
        places: ClaimPlaces {
            role: "/access/roles".to_owned(),
            organisation: "siret".to_owned(),
            contrats: "contrats".to_owned(),
        },
        contrat_words: std::collections::BTreeMap::new(),
        role_words: [("partenaire".to_owned(), Role::Partner)].into(),
        roles: vec![Role::Partner],
        sirens: vec![SIREN.parse().expect("a SIREN")],
        contrats: vec![CONTRAT.parse().expect("a contrat")],
        lifetime_s_max: 3_600,
        nbf_required: true,
    }
}

fn issuer(name: &str, algorithms: &[&str], keys: &[Value]) -> Result<Issuer, IssuerError> {
    Issuer::new(settings(name, algorithms), &json!({"keys": keys}).to_string())
}

fn claims() -> Value {
    claims_of(ISSUER, region::now().timestamp())
}

/// What a good token of `issuer` made at `at` says.
pub fn claims_of(issuer: &str, at: i64) -> Value {
    json!({
        "iss": issuer, "aud": ["account", "passerelle"], "sub": "bob", "nbf": at, "iat": at, "exp": at + 600,
        "access": {"roles": ["offline_access", "partenaire"]}, "siret": SIREN, "contrats": [CONTRAT],
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[test]
fn a_good_token_of_each_family_of_algorithms_is_taken() {
    use Algorithm as A;
    let (rsa, p256, p384) = (&rcgen::PKCS_RSA_SHA256, &rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384);
    for (name, pair) in [
        ("RS256", Pair::made(rsa, A::RS256)),
        ("PS384", Pair::made(rsa, A::PS384)),
        ("ES256", Pair::made(p256, A::ES256)),
        ("ES384", Pair::made(p384, A::ES384)),
        ("EdDSA", Pair::ed()),
    ] {
        let verifier = Verifier::of_issuers(vec![issuer(ISSUER, &[name], &[pair.jwk("a")]).expect(name)]).expect(name);
        for header in [json!({"alg": name, "kid": "a", "typ": "JWT"}), json!({"alg": name})] {
            let viewer = verifier.verify(&pair.token(&header, &claims()), region::now()).expect(name);
            assert_eq!(viewer.role(), Role::Partner, "{name}");
            assert_eq!(viewer.organisation().map(|siren| siren.to_string()).as_deref(), Some(SIREN), "{name}");
            assert_eq!(viewer.contrats().len(), 1, "{name}");
        }
        let token = pair.token(&json!({"alg": name, "kid": "a"}), &claims());
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        let nothing = URL_SAFE_NO_PAD.encode([0; 64]);
        for forged in ["", nothing.as_str(), &signature[..signature.len() - 4]] {
            assert!(verifier.verify(&format!("{message}.{forged}"), region::now()).is_err(), "{name}: « {forged} »");
        }
    }
}

#[test]
fn a_provider_may_have_its_own_words_for_territories() {
    let pair = Pair::ed();
    let of = |words: &[(&str, &str)]| {
        let word = |(word, code): &(&str, &str)| ((*word).to_owned(), vec![code.parse().expect("a contrat")]);
        let settings =
            IssuerSettings { contrat_words: words.iter().map(word).collect(), ..settings(ISSUER, &["EdDSA"]) };
        Issuer::new(settings, &json!({"keys": [pair.jwk("a")]}).to_string())
    };
    let header = json!({"alg": "EdDSA", "kid": "a"});
    let verifier =
        Verifier::of_issuers(vec![of(&[("/territoires/mel", CONTRAT)]).expect("sound")]).expect("one issuer");
    let seen = |claim: Value| {
        let token = pair.token(&header, &with("contrats", claim));
        verifier.verify(&token, region::now()).map(|viewer| viewer.contrats().len())
    };
    assert_eq!(seen(json!(["/autre/service", "/territoires/mel", "/territoires/mel"])), Ok(1));
    assert_eq!(seen(json!([CONTRAT])), Ok(0), "a code is no word of this provider");
    assert!(seen(json!([{"id": CONTRAT}])).is_err());
    let beyond = of(&[("/territoires/autre", "CN05912M")]);
    assert!(matches!(beyond, Err(IssuerError::Territory(word, _)) if word == "/territoires/autre"));
}

/// Tokens that must be refused, each with what is wrong.
fn forged(pair: &Pair, other: &Pair) -> Vec<(String, String)> {
    let (at, sound) = (region::now().timestamp(), json!({"alg": "EdDSA", "kid": "a"}));
    let mut all = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "RS256", "ES256", "eddsa"] {
        all.push((format!("alg {alg}"), pair.token(&json!({"alg": alg, "kid": "a"}), &claims())));
    }
    let secret = EncodingKey::from_secret(pair.jwk("a")["x"].as_str().expect("a point").as_bytes());
    let confused = Pair { key: secret, algorithm: Algorithm::HS256 };
    all.push(("the public key as a secret".into(), confused.token(&json!({"alg": "HS256", "kid": "a"}), &claims())));
    let long = "a".repeat(4_000);
    for kid in ["../../dev/null", "a' OR '1'='1", "https://evil.example.org/keys", "", long.as_str()] {
        all.push((format!("kid {kid}"), pair.token(&json!({"alg": "EdDSA", "kid": kid}), &claims())));
    }
    for name in ["jku", "x5u", "x5c", "jwk", "crit"] {
        let value = if name == "jwk" { other.jwk("a") } else { json!("https://evil.example.org/keys") };
        all.push((name.to_owned(), pair.token(&json!({"alg": "EdDSA", "kid": "a", name: value}), &claims())));
    }
    for (name, value) in [
        ("exp", json!((at + 60).to_string())),
        ("exp", json!(1e18)),
        ("exp", json!(-1)),
        ("exp", json!(at - 31)),
        ("exp", json!(at + 3_601)),
        ("exp", json!(u64::MAX)),
        ("exp", Value::Null),
        ("nbf", json!(at + 31)),
        ("nbf", json!("0")),
        ("iat", json!(at + 31)),
        ("iat", json!(0.5)),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("iss", json!("https://autre.example.org")),
        ("iss", json!([ISSUER])),
        ("aud", json!("autre")),
        ("aud", json!(["autre"])),
        ("aud", json!([7, "passerelle"])),
        ("access", json!({"roles": ["ADMIN"]})),
        ("access", json!({"roles": []})),
        ("siret", json!("552100554")),
        ("siret", json!("123456789")),
        ("siret", json!([SIREN, SIREN])),
        ("contrats", json!([CONTRAT, "CN05912M"])),
    ] {
        all.push((format!("{name} {value}"), pair.token(&sound, &with(name, value))));
    }
    for name in ["iss", "aud", "sub", "exp", "nbf", "access", "siret"] {
        let mut claims = claims();
        claims.as_object_mut().expect("an object").shift_remove(name);
        all.push((format!("without {name}"), pair.token(&sound, &claims)));
    }
    let (text, header) = (claims().to_string(), sound.to_string());
    let twice = text.replacen('{', &format!("{{\"exp\":{},", at + 60), 1);
    all.push(("exp twice".into(), pair.signed(&header, &twice)));
    all.push(("roles twice".into(), pair.signed(&header, &text.replace("\"roles\":", "\"roles\":[],\"roles\":"))));
    all.push(("alg twice".into(), pair.signed(&header.replacen('{', "{\"alg\":\"none\",", 1), &text)));
    all.push(("another key".into(), other.token(&sound, &claims())));
    all.push(("another typ".into(), pair.token(&json!({"alg": "EdDSA", "kid": "a", "typ": "dpop+jwt"}), &claims())));
    all
}

#[tokio::test]
async fn no_forged_token_is_taken_over_http_and_none_of_the_other_issuer() {
    let (pair, other) = (Pair::ed(), Pair::ed());
    let ours = issuer(ISSUER, &["EdDSA"], &[pair.jwk("a")]).expect("sound");
    let second = issuer("https://second.example.org", &["EdDSA"], &[other.jwk("b")]).expect("sound");
    let app = TestApp::start_trusting(Verifier::of_issuers(vec![ours, second]).expect("two issuers")).await;
    let query = "{ __typename }";
    let good = pair.token(&json!({"alg": "EdDSA", "kid": "a"}), &claims());
    app.ask_with(query, json!({}), Some(&good)).await.data();
    let mut all = forged(&pair, &other);
    all.push(("the second as the first".into(), other.token(&json!({"alg": "EdDSA", "kid": "b"}), &claims())));
    all.push(("long".into(), "a".repeat(20_000)));
    for (what, token) in all {
        let answer = app.ask_with(query, json!({}), Some(&token)).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{what}");
        let events = app.client().post(app.url("/graphql")).header("content-type", "application/json");
        let events = events.header("accept", "text/event-stream").header("authorization", format!("Bearer {token}"));
        let answer = app.send(events.body(json!({"query": query}).to_string())).await;
        assert_eq!(answer.status, 401, "{what}, as events");
        let mut socket = Socket::open(&app, Some("graphql-transport-ws")).await.expect("opened");
        socket.say(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})).await;
        assert_eq!(socket.closed().await, 4403, "{what}, over a socket");
    }
}

/// Whoever lists two bodies and two roles for an issuer did not mean each body in each role.
#[tokio::test]
async fn the_role_of_the_region_is_borne_by_the_region_alone() {
    let pair = Pair::ed();
    let roles = vec![Role::Partner, Role::Region, Role::Auditor, Role::Admin];
    let settings = IssuerSettings { roles, role_words: [].into(), ..settings(ISSUER, &["EdDSA"]) };
    let issuer = Issuer::new(settings, &json!({"keys": [pair.jwk("a")]}).to_string()).expect("sound");
    let app = TestApp::start_trusting(Verifier::of_issuers(vec![issuer]).expect("one issuer")).await;
    let token = |role: &str, siren: Option<&str>| {
        let mut claims = with("access", json!({"roles": [role]}));
        match siren {
            Some(siren) => claims["siret"] = json!(siren),
            None => drop(claims.as_object_mut().expect("an object").shift_remove("siret")),
        }
        pair.token(&json!({"alg": "EdDSA", "kid": "a"}), &claims)
    };
    let ask = async |token: &str| app.ask_with("{ ledger { version } }", json!({}), Some(token)).await;
    for other in [Some(SIREN), None] {
        let answer = ask(&token("REGION", other)).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{other:?}");
        assert!(answer.body["errors"][0]["message"].as_str().is_some_and(|told| told.contains("SIREN")), "{answer:?}");
    }
    // Listed by its role alone: there is one body that bears it.
    ask(&token("REGION", Some("200053742"))).await.data();
    let answer = ask(&token("PARTNER", Some("200053742"))).await;
    assert_eq!(answer.status, 401, "not listed in another role");
    // A body opens nothing to those who read or run the gateway, and they say nothing for it.
    let project = crate::region::SUD;
    let acts = [
        format!("declareNothing(input: {{project: \"{project}\", nature: INVESTISSEMENT}}) {{ id }}"),
        format!(
            "declareCommitment(input: {{project: \"{project}\", nature: INVESTISSEMENT, stage: ATTRIBUE, amount: \"5.00\"}}) {{ id }}"
        ),
        format!("acknowledgePlan(project: \"{project}\", planVersion: \"{}\") {{ id }}", "00".repeat(32)),
        format!("recordOpinion(input: {{project: \"{project}\", rule: \"EMP-1\", favourable: true}}) {{ id }}"),
        format!("linkProjects(projects: [\"{project}\", \"p00000000000000ff\"], reason: \"r\") {{ id }}"),
        format!("keepApart(project: \"{project}\", other: \"p00000000000000ff\", reason: \"r\") {{ id }}"),
        format!("issueAttestation(project: \"{project}\", asStatementOfGaps: true) {{ id }}"),
    ];
    for role in ["AUDITOR", "ADMIN"] {
        let (with_body, without) = (token(role, Some(SIREN)), token(role, None));
        for act in &acts {
            let answer = app.ask_with(&format!("mutation {{ {act} }}"), json!({}), Some(&with_body)).await;
            assert_eq!(answer.code(), "FORBIDDEN", "{role}: {act}");
        }
        let seen = "{ projects { nodes { id records { raw hash } commitments { amount stage } } } sources { records rejections { totalCount } } }";
        let of = async |token: &str| app.ask_with(seen, json!({}), Some(token)).await.body;
        assert_eq!(of(&with_body).await, of(&without).await, "{role}");
    }
}

#[test]
fn a_key_set_gives_only_public_keys_each_under_one_name() {
    let (pair, other) = (Pair::ed(), Pair::ed());
    let refused = |keys: &[Value]| issuer(ISSUER, &["EdDSA"], keys).err();
    let keys = |error| Some(IssuerError::Keys(error));
    assert_eq!(refused(&[pair.jwk("a"), other.jwk("a")]), keys(KeySetError::Twice("a".to_owned())));
    assert_eq!(refused(&[json!({"kty": "oct", "k": "c2VjcmV0", "kid": "a"})]), keys(KeySetError::None));
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let mut private = pair.jwk("a");
        private[member] = json!("c2VjcmV0");
        assert_eq!(refused(&[private]), keys(KeySetError::Private), "{member}");
    }
    let mut encrypts = pair.jwk("a");
    encrypts["use"] = json!("enc");
    assert_eq!(refused(&[encrypts]), keys(KeySetError::None));
    for alg in ["HS256", "none", "rs256"] {
        let error = issuer(ISSUER, &[alg], &[pair.jwk("a")]).err();
        assert_eq!(error, Some(IssuerError::Algorithm(alg.to_owned())));
    }
    let two = Verifier::of_issuers(vec![issuer(ISSUER, &["EdDSA"], &[pair.jwk("a"), other.jwk("b")]).expect("sound")]);
    let unnamed = pair.token(&json!({"alg": "EdDSA"}), &claims());
    assert!(two.expect("one issuer").verify(&unnamed, region::now()).is_err(), "two keys could be meant");
}

#[test]
fn a_token_without_nbf_is_taken_only_where_the_settings_say_so_and_then_has_iat() {
    let pair = Pair::ed();
    let keys = json!({"keys": [pair.jwk("a")]}).to_string();
    let of = |nbf_required| {
        let settings = IssuerSettings { nbf_required, ..settings(ISSUER, &["EdDSA"]) };
        Verifier::of_issuers(vec![Issuer::new(settings, &keys).expect("sound")]).expect("one issuer")
    };
    let verdict = |nbf_required, absent: &[&str], changed: Option<(&str, Value)>| {
        let mut claims = claims();
        let members = claims.as_object_mut().expect("an object");
        absent.iter().for_each(|name| drop(members.shift_remove(*name)));
        members.extend(changed.map(|(name, value)| (name.to_owned(), value)));
        let token = pair.token(&json!({"alg": "EdDSA", "kid": "a"}), &claims);
        of(nbf_required).verify(&token, region::now()).map(drop)
    };
    let at = region::now().timestamp();
    assert_eq!(verdict(true, &["nbf"], None), Err(TokenError::Malformed));
    assert_eq!(verdict(false, &["nbf"], None), Ok(()));
    assert_eq!(verdict(false, &[], None), Ok(()));
    assert_eq!(verdict(false, &["iat"], None), Ok(()));
    assert_eq!(verdict(false, &["nbf", "iat"], None), Err(TokenError::Malformed));
    assert_eq!(verdict(false, &["nbf"], Some(("iat", json!("0")))), Err(TokenError::Malformed));
    assert_eq!(verdict(false, &["nbf"], Some(("iat", json!(at + 31)))), Err(TokenError::NotYetValid));
    assert_eq!(verdict(false, &["nbf"], Some(("iat", json!(at - 3_001)))), Err(TokenError::LongLived));
    assert_eq!(verdict(false, &[], Some(("nbf", Value::Null))), Err(TokenError::Malformed), "stated, and wrong");
}

#[test]
fn public_keys_in_pem_are_taken_with_the_algorithms_of_their_kind_and_curve() {
    use Algorithm as A;
    let kinds = [
        ("RS256", &rcgen::PKCS_RSA_SHA256, A::RS256),
        ("PS256", &rcgen::PKCS_RSA_SHA256, A::PS256),
        ("ES256", &rcgen::PKCS_ECDSA_P256_SHA256, A::ES256),
        ("ES384", &rcgen::PKCS_ECDSA_P384_SHA384, A::ES384),
        ("EdDSA", &rcgen::PKCS_ED25519, A::EdDSA),
    ];
    for (name, kind, algorithm) in kinds {
        let made = rcgen::KeyPair::generate_for(kind).expect("a key");
        let private = made.serialize_pem();
        let rsa = EncodingKey::from_rsa_pem(private.as_bytes());
        let any = rsa.or_else(|_| EncodingKey::from_ec_pem(private.as_bytes()));
        let key = any.or_else(|_| EncodingKey::from_ed_pem(private.as_bytes())).expect("sound");
        let pair = Pair { key, algorithm };
        let pem = |pem: &str, kid: &str| PemKey { pem: pem.to_owned(), kid: Some(kid.to_owned()) };
        let of = |algorithm: &str, pems: &[PemKey]| Issuer::with_pems(settings(ISSUER, &[algorithm]), pems);
        let public = made.public_key_pem();
        let verifier = Verifier::of_issuers(vec![of(name, &[pem(&public, "a")]).expect(name)]).expect(name);
        let token = |kid: &str| pair.token(&json!({"alg": name, "kid": kid}), &claims());
        assert!(verifier.verify(&token("a"), region::now()).is_ok(), "{name}");
        assert_eq!(verifier.verify(&token("b"), region::now()), Err(TokenError::UnknownKey), "{name}");
        let refused = |pems: &[PemKey], algorithm: &str| of(algorithm, pems).err();
        let keys = |error| Some(IssuerError::Keys(error));
        assert_eq!(refused(&[pem(&private, "a")], name), keys(KeySetError::Private), "{name}");
        assert_eq!(refused(&[pem(&public, "a"), pem(&public, "a")], name), keys(KeySetError::Twice("a".to_owned())));
        assert_eq!(refused(&[pem(&format!("{public}{public}"), "a")], name), keys(KeySetError::Pem), "{name}");
        assert_eq!(refused(&[pem("-----BEGIN PUBLIC KEY-----", "a")], name), keys(KeySetError::Pem));
        assert_eq!(refused(&[], name), keys(KeySetError::None));
        let is_rsa = |name: &str| name.starts_with("RS") || name.starts_with("PS");
        let others = kinds.iter().map(|(other, ..)| *other).filter(|other| *other != name);
        for other in others.filter(|other| !(is_rsa(other) && is_rsa(name))) {
            assert_eq!(refused(&[pem(&public, "a")], other), keys(KeySetError::None), "{name} as {other}");
        }
    }
}

/// Whatever else is wrong with a request, a token that is refused is told first.
#[tokio::test]
async fn a_refused_token_is_told_before_anything_else_is_looked_at() {
    let app = TestApp::start().await;
    let (client, long) = (app.client(), "x".repeat(2 * 1024 * 1024));
    let json = "application/json";
    let wrong = [
        ("a parameter of a list", client.get(app.url("/lists/projects.csv?contrat=x&nothing=1"))),
        ("no parameter of a list", client.get(app.url("/lists/awaited.csv"))),
        ("a year", client.get(app.url("/lists/envelopes.csv?year=x"))),
        ("the method of a list", client.delete(app.url("/lists/projects.csv"))),
        ("no list", client.get(app.url("/lists/nothing.csv"))),
        ("the method", client.put(app.url("/graphql")).body("x")),
        ("a long body", client.post(app.url("/graphql")).header("content-type", json).body(long)),
        ("a long body of another kind", client.post(app.url("/graphql")).body("x".repeat(2 * 1024 * 1024))),
        ("no JSON", client.post(app.url("/graphql")).header("content-type", json).body("{")),
        ("another type", client.post(app.url("/graphql")).header("accept", "image/png").body("x")),
        ("events", client.post(app.url("/graphql")).header("accept", "text/event-stream").body("x")),
    ];
    for (what, request) in wrong {
        let answer =
            request.bearer_auth("nobody").header("origin", "https://a.example").send().await.expect("an answer");
        assert_eq!(answer.status(), 401, "{what}");
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(header("www-authenticate").as_deref(), Some("Bearer error=\"invalid_token\""), "{what}");
        assert!(header("access-control-allow-origin").is_some() && header("x-request-id").is_some(), "{what}");
    }
    for open in ["/health/live", "/metrics", "/schema.graphql"] {
        let answer = client.get(app.url(open)).bearer_auth("nobody").send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{open}: nobody is asked for a token there");
    }
}

/// Two providers may know two persons by one subject: neither spends what the other may, nor passes for the other.
#[tokio::test]
async fn one_subject_of_two_issuers_is_two_askers() {
    const OTHER: &str = "https://identite.example.com";
    let (pair, other) = (Pair::ed(), Pair::ed());
    let issuers = [(ISSUER, &pair), (OTHER, &other)]
        .map(|(name, pair)| issuer(name, &["EdDSA"], &[pair.jwk("a")]).expect("sound"));
    let units = crate::budget::allowance(200_000);
    let budget = Budget { viewers: units, public: units, trusted_proxies: Vec::new() };
    let verifier = Verifier::of_issuers(issuers.into()).expect("two issuers");
    let app = TestApp::start_trusting_within(verifier, budget).await;
    let at = region::now().timestamp();
    let header = json!({"alg": "EdDSA", "kid": "a"});
    let [one, two] = [(ISSUER, &pair), (OTHER, &other)].map(|(name, pair)| pair.token(&header, &claims_of(name, at)));

    let declare = |token: &str, nature: &str| {
        let document = format!(
            "mutation {{ declareNothing(input: {{project: \"{}\", nature: {nature}, idempotencyKey: \"k\"}}) {{ id }} }}",
            region::SUD
        );
        let (app, token) = (&app, token.to_owned());
        async move { app.ask_with(&document, json!({}), Some(&token)).await }
    };
    let first = declare(&one, "FONCTIONNEMENT").await.data()["declareNothing"]["id"].clone();
    assert_eq!(declare(&one, "FONCTIONNEMENT").await.data()["declareNothing"]["id"], first, "the same request again");
    let second = declare(&two, "INVESTISSEMENT").await;
    assert_ne!(second.data()["declareNothing"]["id"], first, "a key of another's choice");

    let dear = "{ a: asOf(version: 1) { ledger { version } } b: asOf(version: 1) { ledger { version } } }";
    let mut answered = 0;
    while app.ask_with(dear, json!({}), Some(&one)).await.status == 200 {
        answered += 1;
        assert!(answered < 100, "its budget ends");
    }
    assert_eq!(app.ask_with(dear, json!({}), Some(&two)).await.status, 200, "the other one's is its own");

    let journal = Journal::open(&app.journal()).await.expect("a journal");
    let entries = journal.log(None, 100).await.expect("read").entries;
    let readers: std::collections::BTreeSet<_> = entries.iter().map(|one| one.reading.reader.issuer.clone()).collect();
    assert_eq!(readers, [Some(ISSUER.to_owned()), Some(OTHER.to_owned())].into());
    assert!(entries.iter().all(|one| one.reading.reader.subject == "bob"), "{entries:?}");
    let page = PageRequest { offset: 0, limit: 10 };
    let log = app.ledger().await.log(page).await.expect("read").items;
    let authors: Vec<_> = log.iter().take(2).map(|entry| entry.author.issuer.clone()).collect();
    assert_eq!(authors, [Some(OTHER.to_owned()), Some(ISSUER.to_owned())], "the newest first");
}

/// What one request over a connection that is kept is answered, head and body; the body of the request comes once the head is read, or
/// never.
async fn refused_before_its_body(app: &TestApp, body: Option<&str>) -> (String, tokio::net::TcpStream) {
    let mut stream = tokio::net::TcpStream::connect(app.address()).await.expect("a connection");
    let length = body.map_or(10, str::len);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer no.token\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    // A packet of its own.
    tokio::task::yield_now().await;
    if let Some(body) = body {
        stream.write_all(body.as_bytes()).await.expect("sent");
    }
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("\"errors\"") {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.expect("read");
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..read]);
    }
    (String::from_utf8_lossy(&answer).to_lowercase(), stream)
}

#[tokio::test]
async fn a_refused_token_leaves_the_connection_to_the_next_request_or_says_that_it_is_closed() {
    let app = TestApp::start().await;
    let body = json!({ "query": format!("{{ __typename }} # {}", "x".repeat(100_000)) }).to_string();
    let (answer, mut stream) = refused_before_its_body(&app, Some(&body)).await;
    assert!(answer.starts_with("http/1.1 401") && !answer.contains("connection: close"), "{answer}");
    let next = "GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream.write_all(next.as_bytes()).await.expect("the connection is kept");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("answered");
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let (answer, _) = refused_before_its_body(&app, None).await;
    assert!(answer.starts_with("http/1.1 401") && answer.contains("connection: close"), "{answer}");
}

//! Keys in files that change while the gateway runs: no restart, and never without keys.

use super::program::Program;
use super::served::{ISSUER, PATIENCE, Served, pair, settings, token};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use std::time::Instant;

/// Puts a file in place as one should: whole.
fn put(program: &Program, name: &str, bytes: &[u8]) {
    let new = program.file(&format!("{name}.new"), bytes);
    std::fs::rename(new, program.path(name)).unwrap();
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn a_public_key_in_a_file_is_followed_and_a_bad_file_changes_nothing() {
    let program = Program::new();
    pair(&program, "old", &rcgen::PKCS_ED25519);
    pair(&program, "next", &rcgen::PKCS_ED25519);
    let served = Served::start(&program, &settings(&program, r#""EdDSA""#, &[("old", "1")]));
    let [old, new] = ["old", "next"].map(|key| format!("Bearer {}", token(&program, key, &["--kid", "1"])));
    assert_eq!((served.status(&old), served.status(&new)), (Some(200), Some(401)));
    put(&program, "old.pub.pem", &std::fs::read(program.path("next.pub.pem")).unwrap());
    until("the new key is taken", || served.status(&new) == Some(200));
    assert_eq!(served.status(&old), Some(401), "a key that went opens nothing, though its token was verified before");
    for wrong in ["", "-----BEGIN PUBLIC KEY-----\n"] {
        std::fs::write(program.path("old.pub.pem"), wrong).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(6));
        assert_eq!(served.status(&new), Some(200), "« {wrong} »");
    }
    std::fs::remove_file(program.path("old.pub.pem")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert_eq!(served.status(&new), Some(200), "without a file");
    put(&program, "old.pub.pem", &std::fs::read(program.path("next.pub.pem")).unwrap());
    let said = served.end();
    assert_eq!(said.matches("the keys of an issuer are new").count(), 1, "{said}");
    assert_eq!(said.matches("could not be read again").count(), 2, "one line for each mistake: {said}");
}

#[test]
fn a_token_that_names_a_new_key_has_the_file_read_at_once() {
    let program = Program::new();
    let set = |keys: &[&str]| {
        let jwk = |name: &&str| {
            let pem = std::fs::read(program.path(&format!("{name}.pem"))).unwrap();
            let mut jwk = Jwk::from_encoding_key(&EncodingKey::from_ec_pem(&pem).unwrap(), Algorithm::ES256).unwrap();
            jwk.common.key_id = Some((*name).to_owned());
            jwk
        };
        serde_json::json!({"keys": keys.iter().map(jwk).collect::<Vec<_>>()}).to_string()
    };
    pair(&program, "old", &rcgen::PKCS_ECDSA_P256_SHA256);
    pair(&program, "next", &rcgen::PKCS_ECDSA_P256_SHA256);
    let file = program.file("keys.json", set(&["old"]).as_bytes());
    let served = Served::start(
        &program,
        &format!(
            "[[auth.issuers]]\nissuer = \"{ISSUER}\"\naudience = \"essai\"\nalgorithms = [\"ES256\"]\njwks-file = {:?}\nroles = [\"REGION\"]\n",
            file.to_str().unwrap()
        ),
    );
    let bearer = |key: &str| format!("Bearer {}", token(&program, key, &["--kid", key]));
    assert_eq!(served.status(&bearer("old")), Some(200));
    put(&program, "keys.json", set(&["old", "next"]).as_bytes());
    until("the new key beside the old one", || served.status(&bearer("next")) == Some(200));
    assert_eq!(served.status(&bearer("old")), Some(200));
    put(&program, "keys.json", set(&["next"]).as_bytes());
    until("the old key is gone", || served.status(&bearer("old")) == Some(401));
    served.end();
}

#[test]
fn the_key_of_attestations_is_followed() {
    let program = Program::new();
    pair(&program, "old", &rcgen::PKCS_ED25519);
    pair(&program, "first", &rcgen::PKCS_ECDSA_P256_SHA256);
    pair(&program, "second", &rcgen::PKCS_ECDSA_P256_SHA256);
    let [signs, before] = ["signs.pem", "before.pem"].map(|name| program.path(name));
    let first = std::fs::read(program.path("first.pem")).unwrap();
    put(&program, "signs.pem", &first);
    put(&program, "before.pem", &first);
    let keys = format!("[attestation]\nkeys = [{{ file = {signs:?} }}, {{ file = {before:?} }}]\n");
    let served = Served::start(&program, &format!("{}{keys}", settings(&program, r#""EdDSA""#, &[("old", "1")])));
    let public = || -> Vec<String> {
        let set: serde_json::Value = serde_json::from_str(&served.get("/.well-known/jwks.json")).unwrap();
        let keys = set["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let old = public()[0].clone();
    put(&program, "signs.pem", &std::fs::read(program.path("second.pem")).unwrap());
    until("another key signs", || public()[0] != old);
    let new = public();
    assert_eq!(new[1], old, "the one before stays public");
    std::fs::remove_file(&signs).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert_eq!(public(), new);
    let said = served.end();
    assert_eq!(said.matches("the keys of attestations are new").count(), 1, "{said}");
    assert_eq!(said.matches("the keys of attestations could not be read again").count(), 1, "{said}");
}

//! A real identity provider beside a real `serve`: `npm ci` in tests/audit brings it.

use super::program::Program;
use super::served::Served;
use crate::skipped::skipped;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The provider; it ends with the test.
struct Provider {
    child: Child,
    said: Value,
}

impl Provider {
    /// `None` where its packages are missing, which is said.
    fn start() -> Option<Provider> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit");
        if !folder.join("node_modules/oidc-provider").exists() {
            skipped("no packages in tests/audit: run `npm ci` there");
            return None;
        }
        let mut node = Command::new("node");
        node.arg("identity-provider.mjs").current_dir(folder);
        let mut child =
            node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("node is there");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        // The provider speaks of its own settings first.
        let said = lines.find(|line| line.starts_with('{')).expect("it says what it gave");
        Some(Provider { child, said: serde_json::from_str(&said).expect("one line of JSON") })
    }

    fn issuer(&self) -> &str {
        self.said["issuer"].as_str().expect("its name")
    }

    fn bearer(&self, client: &str) -> String {
        format!("Bearer {}", self.said["tokens"][client].as_str().expect("a token"))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_tokens_of_an_identity_provider_are_taken_by_discovery_in_its_own_words() {
    let Some(provider) = Provider::start() else { return };
    let issuer = provider.issuer();
    let settings = format!(
        "[net]\nprivate-hosts = [\"127.0.0.1\"]\n[[auth.issuers]]\nissuer = \"{issuer}\"\noidc = true\naudience = \"passerelle\"\nalgorithms = [\"RS256\"]\n\
         nbf-required = false\nroles = [\"PARTNER\"]\nsirens = [\"200093201\"]\ncontrats = [\"CN05911M\"]\n\
         role-claim = \"/realm_access/roles\"\nrole-words = {{ \"passerelle-partner\" = \"PARTNER\" }}\n\
         organisation-claim = \"/organisation/siret\"\ncontrats-claim = \"groups\"\n\
         contrat-words = {{ \"/territoires/mel\" = [\"CN05911M\"] }}\n"
    );
    let program = Program::new();
    let served = Served::start(&program, &settings);
    assert_eq!(served.status(&provider.bearer("agglo")), Some(200));
    assert_eq!(served.status(&provider.bearer("elsewhere")), Some(401), "an organisation that it may not assert");
    assert_eq!(served.status(&provider.bearer("auditor")), Some(401), "a role that it may not assert");
    let forged = provider.bearer("agglo");
    let (message, _) = forged.rsplit_once('.').expect("three parts");
    let (_, other) =
        provider.said["tokens"]["auditor"].as_str().and_then(|token| token.rsplit_once('.')).expect("three");
    assert_eq!(served.status(&format!("{message}.{other}")), Some(401), "the signature of another token");
    served.end();
}

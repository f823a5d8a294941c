//! Settings of webhooks: who is told of changed verdicts, and with which secrets.

use super::SecretPlace;
use serde::Deserialize;

/// One receiver.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WebhookConfig {
    /// Its name: in logs, figures and commands.
    pub name: String,
    /// Where it is called: https, or http for a host of `[net] private-hosts`.
    pub url: String,
    /// Where its secrets are, `whsec_` and base64 of 24 to 64 bytes; several while one takes the place of another.
    pub secret: SecretPlaces,
    /// Whose eyes it sees with: PARTNER, COMMITTEE or REGION.
    pub role: String,
    /// The organisation that it is for, by SIREN.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The contrats de ville that it is for, by code.
    #[serde(default)]
    pub contrats: Vec<String>,
}

/// One place of a secret, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum SecretPlaces {
    /// One.
    One(SecretPlace),
    /// Several: each signs.
    Several(Vec<SecretPlace>),
}

impl SecretPlaces {
    /// All of them.
    pub fn all(&self) -> &[SecretPlace] {
        match self {
            SecretPlaces::One(place) => std::slice::from_ref(place),
            SecretPlaces::Several(places) => places,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn one_secret_or_several_and_no_unknown_word() {
        let hook = |secret: &str, more: &str| {
            let text = format!(
                "[[webhooks]]\nname = \"n\"\nurl = \"https://a.example/\"\nrole = \"REGION\"\nsecret = {secret}\n{more}"
            );
            toml::from_str::<Config>(&text)
        };
        let count = |secret| hook(secret, "").expect("settings").webhooks[0].secret.all().len();
        assert_eq!(count("{ env = \"A\" }"), 1);
        assert_eq!(count("[{ env = \"A\" }, { file = \"/b\" }]"), 2);
        let wrong = hook("{ env = \"A\" }", "adress = \"x\"").expect_err("unknown").to_string();
        assert!(wrong.contains("adress") && wrong.contains("organisation"), "{wrong}");
    }
}

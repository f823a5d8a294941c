//! `passerelle webhooks`: the receivers of the settings; what waits for them; again; a try.

use super::compose::Failure;
use super::output::say;
use super::{EXIT_NOT_GREEN, EXIT_OK, Ended, Settings, compose, output, outward};
use crate::acts::webhook::{Answer, Hook, Post, Secrets};
use crate::clock::Clock;
use crate::config::{Config, SecretPlace, WebhookConfig};
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::http::Herald;
use crate::identity::{Role, Scope, Viewer};
use crate::view::Door;
use crate::workroom::Workroom;
use clap::Subcommand;
use serde_json::json;
use std::sync::Arc;
use url::Url;

/// What to do with receivers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the receivers: messages that wait, were taken, were given up; the last error.
    List,
    /// Send what waits or was given up at the next turn of `serve`.
    Retry {
        /// The receiver.
        name: String,
    },
    /// Send a signed `webhook.test` now, and tell what the receiver says. Exit code 3 when it does not take it.
    Test {
        /// The receiver.
        name: String,
    },
}

/// Runs the command.
pub async fn run(settings: &Settings, command: Command) -> Ended {
    let config = compose::config(settings)?;
    let receivers = receivers(&config)?;
    let workroom = Workroom::open(&config.workroom()).await?;
    match command {
        Command::List => list(settings, &receivers, &workroom).await,
        Command::Retry { name } => {
            let (hook, _) = named(receivers, &name)?;
            let due = workroom.retry_letters(&hook.name).await?;
            say!("{due} messages are due (to a receiver that answered 410, once the gateway starts again)");
            Ok(EXIT_OK)
        }
        Command::Test { name } => {
            let (hook, _) = named(receivers, &name)?;
            test(&Post::new(workroom, outward::webhooks_net(&config)?, Clock::system()), &hook).await
        }
    }
}

async fn list(settings: &Settings, receivers: &[(Hook, Scope)], workroom: &Workroom) -> Ended {
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for (hook, scope) in receivers {
        let counts = workroom.letter_counts(&hook.name).await?;
        let url = crate::net::shown(&hook.url);
        let role = scope.viewer().role().to_string();
        objects.push(json!({"name": hook.name, "url": url, "role": role, "pending": counts.pending,
            "delivered": counts.delivered, "dead": counts.dead, "lastError": counts.last_error}));
        let numbers = [counts.pending, counts.delivered, counts.dead].map(|count| count.to_string());
        let mut row = vec![hook.name.clone(), role];
        row.extend(numbers);
        row.extend([url, counts.last_error.unwrap_or_default()]);
        rows.push(row);
    }
    if settings.json {
        output::json(&objects)?;
    } else {
        output::table(&["name", "role", "pending", "delivered", "dead", "url", "last error"], &rows);
    }
    Ok(EXIT_OK)
}

async fn test(post: &Post, hook: &Hook) -> Ended {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes")?;
    let body = json!({"type": "webhook.test", "timestamp": post.now().to_rfc3339(), "data": {"hook": hook.name}});
    match post.send(hook, &format!("msg_{}", hex::encode(bytes)), &body.to_string()).await {
        Answer::Taken => {
            say!("{} took the message", hook.name);
            Ok(EXIT_OK)
        }
        Answer::Gone(error) | Answer::NotTaken(error, _) => {
            say!("{} did not take the message: {error}", hook.name);
            Ok(EXIT_NOT_GREEN)
        }
    }
}

fn named(receivers: Vec<(Hook, Scope)>, name: &str) -> Result<(Hook, Scope), Failure> {
    let known = receivers.iter().map(|(hook, _)| hook.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = receivers.into_iter().find(|(hook, _)| hook.name == name);
    found.ok_or_else(|| format!("[[webhooks]] names no {name:?}; it names: {known}").into())
}

/// Who tells the receivers of the settings; `None` where there are none.
///
/// # Errors
/// What is wrong in the settings; a client that cannot be made.
pub fn herald(
    config: &Config,
    (door, clock): (Door, Clock),
    workroom: &Workroom,
) -> Result<Option<Arc<Herald>>, Failure> {
    let receivers = receivers(config)?;
    if receivers.is_empty() {
        return Ok(None);
    }
    let post = Post::new(workroom.clone(), outward::webhooks_net(config)?, clock);
    Ok(Some(Arc::new(Herald::new(door, post, receivers))))
}

/// The receivers of the settings, each with what it may see.
///
/// # Errors
/// Which one cannot be used, and why.
pub fn receivers(config: &Config) -> Result<Vec<(Hook, Scope)>, Failure> {
    let mut all: Vec<(Hook, Scope)> = Vec::new();
    for stated in &config.webhooks {
        let wrong = |error: Failure| Failure::from(format!("[[webhooks]] {:?}: {error}", stated.name));
        if stated.name.is_empty() || all.iter().any(|(hook, _)| hook.name == stated.name) {
            return Err(wrong("each has a name of its own".into()));
        }
        all.push(receiver(config, stated).map_err(wrong)?);
    }
    Ok(all)
}

fn receiver(config: &Config, stated: &WebhookConfig) -> Result<(Hook, Scope), Failure> {
    let url = Url::parse(&stated.url).map_err(|error| format!("url: {error}"))?;
    let is_private = url.host_str().is_some_and(|host| config.net.private_hosts.iter().any(|known| known == host));
    if url.scheme() != "https" && !(url.scheme() == "http" && is_private) {
        return Err("url: https, or http for a host of [net] private-hosts".into());
    }
    let texts = stated.secret.all().iter().map(SecretPlace::read).collect::<Result<Vec<String>, _>>()?;
    let secrets = Secrets::parse(texts.iter().map(String::as_str))?;
    let role = Role::parse(&stated.role).map_err(|error| format!("role: {error}"))?;
    let organisation = stated.organisation.as_deref().map(Siren::parse).transpose();
    let organisation = organisation.map_err(|error| format!("organisation: {error}"))?;
    let contrats = stated.contrats.iter().map(|code| ContratCode::parse(code)).collect::<Result<Vec<_>, _>>();
    let contrats = contrats.map_err(|error| format!("contrats: {error}"))?;
    let viewer = Viewer::receiver(role, &stated.name, (organisation, &contrats))?;
    Ok((Hook { name: stated.name.clone(), url, secrets }, Scope::of(viewer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str, more: &str) -> String {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("written");
        let path = file.path().display();
        let text = format!(
            "[net]\nprivate-hosts = [\"localhost\"]\n[[webhooks]]\nname = \"n\"\nurl = \"{url}\"\nsecret = {{ file = \"{path}\" }}\n{more}"
        );
        let config: Config = toml::from_str(&text).expect("settings");
        receivers(&config).map_or_else(|error| error.to_string(), |all| format!("{:?}", all[0].1.viewer().role()))
    }

    #[test]
    fn a_receiver_is_called_by_https_and_has_a_role_that_verdicts_are_for() {
        let partner = "role = \"PARTNER\"\norganisation = \"200093201\"";
        assert_eq!(told("https://a.example/", partner), "Partner");
        assert_eq!(told("http://localhost:1/", partner), "Partner");
        assert!(told("http://a.example/", partner).contains("https"));
        assert!(told("https://a.example/", "role = \"PARTNER\"").contains("SIREN"));
        assert!(told("https://a.example/", "role = \"AUDITOR\"").contains("PARTNER, COMMITTEE or REGION"));
        assert!(told("https://a.example/", "role = \"REGION\"\norganisation = \"1\"").contains("organisation:"));
    }
}

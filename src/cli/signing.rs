//! The keys that attestations are signed with, read again for as long as the gateway runs.

use super::compose;
use crate::acts::attest::Attester;
use crate::config::Config;
use std::time::Duration;

/// How often they are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Signs with what the settings name, as it is now. What cannot be used is told once, and the last good keys serve.
pub async fn follow(config: Config, attester: Attester) {
    let mut told = None;
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let read = config.clone();
        // A file may be on a disk that lets one wait.
        let read =
            tokio::task::spawn_blocking(move || compose::signer_there(&read).map_err(|error| error.to_string())).await;
        match read.map_err(|failure| failure.to_string()).and_then(|signer| signer) {
            Ok(signer) => {
                told = None;
                let (before, after) = (attester.public_keys(), signer.public_keys());
                if before.kids().eq(after.kids()) {
                    continue;
                }
                let gone: Vec<&str> = before.kids().filter(|kid| after.kids().all(|other| other != *kid)).collect();
                let signs = after.kids().next().unwrap_or_default();
                tracing::info!(
                    signs,
                    ?gone,
                    "the keys of attestations are new; whoever verifies needs those that are gone"
                );
                attester.sign_with(signer);
            }
            Err(error) => {
                if told.as_ref() != Some(&error) {
                    tracing::warn!(error, "the keys of attestations could not be read again: the last good ones sign");
                }
                told = Some(error);
            }
        }
    }
}

//! `passerelle demo`: a simulated region, its systems served for real, read through the ordinary connectors.

use super::compose::{self, Composed, Failure};
use super::issuers::Trusted;
use super::output::say;
use super::{EXIT_OK, Ended, Settings, serve, sync};
use crate::acts::matching;
use crate::config::{Config, SourceConfig};
use crate::demo::{self, Region, Running};
use crate::domain::run::SyncOutcome;
use clap::Args;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Directory of the demo's state where none is named.
const STATE: &str = "demo-state";

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Projects of the region.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    projects: usize,
    /// Seed of the region: the same seed gives the same bytes.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Read the sources, tell what was read, and end.
    #[arg(long)]
    once: bool,
}

/// Runs the command.
pub async fn run(settings: &Settings, arguments: Arguments) -> Ended {
    let begun = Instant::now();
    let settings =
        Settings { state: Some(settings.state.clone().unwrap_or_else(|| PathBuf::from(STATE))), ..settings.clone() };
    let mut config = compose::config(&settings)?;
    config.listen = arguments.listen;
    config.auth.key_file = Some(config.state.join("token.key"));
    serve::logs(&config)?;
    // Before any work: an address that is taken should be told at once.
    let listener = serve::listener(config.listen).await?;
    let _alone = serve::alone(&config)?;
    let (composed, running) = prepare(config, arguments.seed, arguments.projects).await?;
    let address = listener.local_addr()?;
    let (mut read, mut rejected, mut failed) = (0, 0, 0);
    for connector in sync::enabled(&composed) {
        let bar = sync::progress(&format!("reading {}", connector.id()));
        let run = sync::read(&composed, connector, (None, false)).await?;
        bar.finish_and_clear();
        read += run.counts.read;
        rejected += run.counts.rejected;
        failed += usize::from(run.outcome != SyncOutcome::Succeeded);
    }
    matching::pass(&composed.gateway, &composed.clock).await?;
    let portfolio = composed.gateway.current();
    say!(
        "{} projects, {} commitments from {read} records ({rejected} rejected, {failed} sources not read), ready in {:.1} s",
        portfolio.projects().len(),
        portfolio.commitment_count(),
        begun.elapsed().as_secs_f64()
    );
    if arguments.once {
        running.shutdown().await;
        return Ok(EXIT_OK);
    }
    let state = composed.config.state.display();
    say!("GraphQL    http://{address}/graphql");
    say!("GraphiQL   http://{address}/graphiql");
    say!("The truth  {state}/truth.json");
    say!("A token    passerelle token --role REGION --siren 200053742 --state {state}");
    let key = compose::token_key(&composed.config.state.join("token.key"))?;
    let verifier = serve::verifier(&composed.config, &key)?;
    let composed = Arc::new(composed);
    let means = serve::means(&composed.config).await?;
    serve::serve(composed, listener, (Trusted { verifier: Some(verifier), keeper: None }, means)).await?;
    running.shutdown().await;
    Ok(EXIT_OK)
}

/// Writes the region out, serves its systems, and composes a gateway over them.
///
/// # Errors
/// A state directory that holds another region; what any part says.
pub async fn prepare(mut config: Config, seed: u64, projects: usize) -> Result<(Composed, Running), Failure> {
    same_region(&config.state, seed, projects)?;
    let region = Region::generate(seed, projects);
    let mut bases = demo::write_files(&region, &config.state).await?;
    let running = demo::serve(&region).await?;
    bases.extend(running.bases.clone());
    for (group, siren) in demo::organisations::members(&region.geography) {
        config.financeurs.insert(group, vec![siren]);
    }
    drop(region);
    let connectors = compose::sound_connectors(&config)?;
    for id in connectors.keys() {
        let base = bases.get(id.as_str()).cloned();
        let disabled = base.is_none();
        config.sources.insert(id.to_string(), SourceConfig { base, disabled, ..SourceConfig::default() });
    }
    config.net.private_hosts = vec!["127.0.0.1".to_owned()];
    write_settings(&config)?;
    Ok((compose::compose_with(config, connectors, None).await?, running))
}

/// A state directory holds one region: another would look like a mass disappearance.
fn same_region(state: &Path, seed: u64, projects: usize) -> Result<(), Failure> {
    let (path, stamp) = (state.join("region"), format!("seed {seed}, {projects} projects\n"));
    super::private::directory(state)?;
    match std::fs::read_to_string(&path) {
        Ok(found) if found == stamp => Ok(()),
        Ok(found) => Err(format!(
            "{} holds another region ({}): name another directory with --state, or remove it",
            state.display(),
            found.trim()
        )
        .into()),
        Err(_) => Ok(std::fs::write(&path, stamp)?),
    }
}

/// The settings of the demo, so that other commands find its systems while it runs.
fn write_settings(config: &Config) -> Result<(), Failure> {
    let mut text = String::from("# Written by `passerelle demo`.\n[net]\nprivate-hosts = [\"127.0.0.1\"]\n");
    text.push_str(
        "\n# Invented: who may speak for each group of legal persons, `passerelle token --role PARTNER --siren …`.\n",
    );
    text.push_str(&toml::to_string(&BTreeMap::from([("financeurs", &config.financeurs)]))?);
    for (id, source) in &config.sources {
        text.push_str(&format!("\n[sources.{id}]\n"));
        match &source.base {
            Some(base) => text.push_str(&format!("base = {}\n", toml::Value::String(base.clone()))),
            None => text.push_str("disabled = true\n"),
        }
    }
    std::fs::write(config.state.join("passerelle.toml"), text)?;
    Ok(())
}

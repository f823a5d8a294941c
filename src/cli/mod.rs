//! The commands: parse, compose, run, print. The composition root of the product.

mod attestation;
mod audit;
mod bench;
mod compose;
mod connector;
mod demo;
mod issuers;
mod ledger;
mod matching;
mod output;
mod outward;
mod privacy;
mod private;
mod rejections;
mod rules;
mod schema;
mod serve;
mod signing;
mod sources;
mod sync;
mod token;
mod webhooks;

use crate::connector::reshape;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Everything went as asked.
pub const EXIT_OK: u8 = 0;
/// The command could not be carried out.
pub const EXIT_ERROR: u8 = 1;
/// The arguments are wrong (clap's own code).
pub const EXIT_USAGE: u8 = 2;
/// At least one run failed or was held, one connector is not green, or an exported file has drifted.
pub const EXIT_NOT_GREEN: u8 = 3;
/// The chain of the ledger, or of the journal of reads, does not hold.
pub const EXIT_BROKEN_CHAIN: u8 = 4;
/// How long a process that ends waits for its databases to be closed.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// GraphQL gateway over the means that public partners commit to projects in the quartiers of Hauts-de-France.
///
/// Exit codes: 0 done; 1 could not be carried out; 2 wrong arguments; 3 a run failed or was held, a connector is not
/// green, an exported file has drifted; 4 the chain of the ledger or of the journal of reads does not hold.
#[derive(Debug, Parser)]
#[command(name = "passerelle", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Settings that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// File of settings (passerelle.example.toml shows them all).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the ledger and the workroom, instead of the one in the settings.
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Directory of the connectors, instead of the one in the settings.
    #[arg(long, global = true, value_name = "DIR")]
    connectors: Option<PathBuf>,
    /// Directory of the rules of the check, instead of the one in the settings.
    #[arg(long, global = true, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Print data as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate a region, serve its systems, read them, and serve the gateway over them.
    Demo(demo::Arguments),
    /// Serve the gateway and read its sources at their rhythm.
    Serve(serve::Arguments),
    /// Read sources now, all or those named.
    Sync(sync::Arguments),
    /// Show the sources: last run, age, records, rejections.
    Sources,
    /// Show the records that a source's last read could not take, with the reason.
    Rejections(rejections::Arguments),
    /// Print a token signed by the key of the state directory.
    Token(token::Arguments),
    /// List, check, preview or begin connectors.
    #[command(subcommand)]
    Connector(connector::Command),
    /// Show or verify the ledger.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Match records that are probably one project; review, evaluate.
    #[command(subcommand)]
    Match(matching::Command),
    /// The journal of reads: who was shown what that is not public.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Personal data: report, find, erase.
    #[command(subcommand)]
    Privacy(privacy::Command),
    /// Export the schemas.
    #[command(subcommand)]
    Schema(schema::Command),
    /// Verify an attestation, offline.
    #[command(subcommand)]
    Attestation(attestation::Command),
    /// Show, send again or try webhooks.
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Measure: load, build, totals, one project.
    Bench(bench::Arguments),
    /// Run the jq program of a connector over records, in a process that may be lost: for the gateway itself.
    #[command(name = reshape::COMMAND, hide = true)]
    ReshapeRecords,
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ReshapeRecords) {
        // Without a runtime: its memory is bounded, and the threads of one would take their part.
        let served = reshape::child::serve(std::io::stdin().lock(), std::io::stdout().lock());
        return ExitCode::from(served.map_or(EXIT_ERROR, |()| EXIT_OK));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("passerelle: cannot start: {error}");
            return ExitCode::from(EXIT_ERROR);
        }
    };
    let ended = runtime.block_on(async {
        let ended = dispatch(cli).await;
        // Whoever still reads at the end of the process does not hold it up.
        let _ = tokio::time::timeout(CLOSED_WITHIN, compose::close()).await;
        ended
    });
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("passerelle: {error}");
            let mut cause = error.source();
            while let Some(inner) = cause {
                eprintln!("  because: {inner}");
                cause = inner.source();
            }
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// What a command ends with: its exit code, or why it could not be carried out.
type Ended = Result<u8, Box<dyn std::error::Error + Send + Sync>>;

async fn dispatch(cli: Cli) -> Ended {
    let settings = &cli.settings;
    match cli.command {
        Command::Demo(arguments) => demo::run(settings, arguments).await,
        Command::Serve(arguments) => serve::run(settings, arguments).await,
        Command::Sync(arguments) => sync::run(settings, arguments).await,
        Command::Sources => sources::run(settings).await,
        Command::Rejections(arguments) => rejections::run(settings, arguments).await,
        Command::Token(arguments) => token::run(settings, &arguments),
        Command::Connector(command) => connector::run(settings, command).await,
        Command::Ledger(command) => ledger::run(settings, command).await,
        Command::Match(command) => matching::run(settings, command).await,
        Command::Audit(command) => audit::run(settings, command).await,
        Command::Privacy(command) => privacy::run(settings, command).await,
        Command::Schema(command) => schema::run(settings, &command),
        Command::Attestation(command) => attestation::run(settings, &command),
        Command::Webhooks(command) => webhooks::run(settings, command).await,
        Command::Bench(arguments) => bench::run(settings, arguments).await,
        Command::ReshapeRecords => Ok(EXIT_OK),
    }
}

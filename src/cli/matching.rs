//! `passerelle match`: which records are probably one project.

use super::compose::{self, Failure};
use super::output::say;
use super::rejections::harmless;
use super::{EXIT_OK, Ended, Settings, output};
use crate::acts::matching;
use crate::config::Config;
use crate::domain::act::Score;
use crate::domain::image::LedgerImage;
use crate::domain::text::{RecordKey, SourceId};
use crate::portfolio::Portfolio;
use crate::portfolio::matching::{Estimate, Evaluation, Truth, UNSTATED, Weights};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Name of the truth in a state directory of the demo.
const TRUTH: &str = "truth.json";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Match the records of the ledger now, and append what is new. Every sync does it too.
    Run,
    /// Show what is proposed to people: pairs of projects that may be one, the likeliest first, with the terms of each
    /// score. A link is made by the mutation linkProjects.
    Review {
        /// How many.
        #[arg(long, default_value_t = 20)]
        first: usize,
    },
    /// Print, for each record of a source, the identifier of its project: what its owner carries as `idCofinancement` (SCDL)
    /// in its own system. Read back in that field, it is a certain link. CSV: key, idCofinancement.
    Identifiers {
        /// The source.
        #[arg(value_parser = |text: &str| SourceId::parse(text))]
        source: SourceId,
    },
    /// Compare the projects of the ledger with the truth about its records: precision and recall over pairs of records.
    Evaluate {
        /// The truth, as `demo` writes it; that of the state directory where no file is named.
        #[arg(long, value_name = "FILE", num_args = 0..=1, required = true)]
        truth: Option<PathBuf>,
    },
    /// Estimate the weights of the matcher on demo regions, of which the truth is known, and print them as TOML.
    Estimate {
        /// Name of the edition.
        #[arg(long, default_value = "estimate")]
        edition: String,
        /// State directories of demo regions.
        #[arg(required = true)]
        states: Vec<PathBuf>,
    },
}

/// Runs the command.
pub async fn run(settings: &Settings, command: Command) -> Ended {
    match command {
        Command::Run => now(settings).await,
        Command::Review { first } => review(settings, first).await,
        Command::Identifiers { source } => identifiers(settings, &source).await,
        Command::Evaluate { truth } => evaluate(settings, truth).await,
        Command::Estimate { edition, states } => estimate(&edition, &states).await,
    }
}

async fn now(settings: &Settings) -> Ended {
    let composed = compose::compose(compose::config(settings)?, None).await?;
    let said = matching::pass(&composed.gateway, &composed.clock).await?;
    if settings.json {
        output::json(&said)?;
    } else {
        say!("{} linked, {} proposed, {} taken back", said.linked, said.proposed, said.withdrawn);
    }
    Ok(EXIT_OK)
}

async fn review(settings: &Settings, first: usize) -> Ended {
    let (portfolio, _) = opened(&compose::config(settings)?).await?;
    let proposals = portfolio.proposals();
    let shown = proposals.iter().take(first);
    if settings.json {
        let list: Vec<_> = shown
            .map(|one| {
                let project = |at| {
                    let case = portfolio.project(at);
                    json!({ "id": case.id, "title": case.title })
                };
                json!({ "projects": one.projects.map(project), "score": one.score })
            })
            .collect();
        output::json(&json!({ "proposals": list, "total": proposals.len() }))?;
        return Ok(EXIT_OK);
    }
    for one in shown {
        say!("{} {}", odds(&one.score), terms(&one.score));
        for at in one.projects {
            let case = portfolio.project(at);
            say!("    {}  {}", case.id, case.title);
        }
    }
    say!("{} proposals in all", proposals.len());
    Ok(EXIT_OK)
}

async fn identifiers(settings: &Settings, source: &SourceId) -> Ended {
    let (portfolio, image) = opened(&compose::config(settings)?).await?;
    let records = image.records.iter().filter(|record| record.source == *source);
    let rows: Vec<_> = records.filter_map(|record| Some((&record.key, portfolio.project_of(record)?))).collect();
    if rows.is_empty() {
        return Err(
            format!("the ledger holds no record of {source} that is of a project: see `passerelle sources`").into()
        );
    }
    if settings.json {
        let list: Vec<_> = rows.iter().map(|(key, id)| json!({ "key": key, "idCofinancement": id })).collect();
        output::json(&list)?;
        return Ok(EXIT_OK);
    }
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["key", "idCofinancement"])?;
    for (key, id) in rows {
        csv.write_record([&harmless(key.as_str()), id.as_str()])?;
    }
    let text = String::from_utf8(csv.into_inner()?)?;
    say!("{}", text.trim_end());
    Ok(EXIT_OK)
}

fn odds(score: &Score) -> String {
    format!("{:+.1} bits", f64::from(score.total) / 1_000.0)
}

fn terms(score: &Score) -> String {
    let term = |term: &crate::domain::act::Term| {
        format!("{} {} {:+.1}", term.name, term.level, f64::from(term.weight) / 1_000.0)
    };
    score.terms.iter().map(term).collect::<Vec<_>>().join(", ")
}

async fn evaluate(settings: &Settings, truth: Option<PathBuf>) -> Ended {
    let config = compose::config(settings)?;
    let truth = read_truth(&truth.unwrap_or_else(|| config.state.join(TRUTH)))?;
    let (portfolio, image) = opened(&config).await?;
    let found = portfolio.evaluate(&image.records, &truth);
    let (precision, recall) = (share(found.joined_right, found.joined), share(found.joined_right, found.right));
    if settings.json {
        output::json(&Shares { precision, recall, counts: found })?;
        return Ok(EXIT_OK);
    }
    let [certain, certain_right] = found.certain;
    say!("precision  {precision:.4}  {} of {} pairs joined are right", found.joined_right, found.joined);
    say!("recall     {recall:.4}  {} of {} right pairs are joined", found.joined_right, found.right);
    say!("of which by certain references: {certain_right} right of {certain}");
    say!("projects that hold records of several: {}", found.mixed_projects);
    Ok(EXIT_OK)
}

/// Shares beside the counts that they come from.
#[derive(Serialize)]
struct Shares {
    /// Share of the pairs joined that are right, 0 to 1; 1 where none is joined.
    precision: f64,
    /// Share of the right pairs that are joined, 0 to 1; 1 where there is none.
    recall: f64,
    #[serde(flatten)]
    counts: Evaluation,
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

async fn estimate(edition: &str, states: &[PathBuf]) -> Ended {
    let mut estimate = Estimate::default();
    for state in states {
        let config = Config { state: state.clone(), ..Config::read(None)? };
        let truth = read_truth(&state.join(TRUTH))?;
        let (portfolio, image) = opened(&config).await?;
        estimate.learn(&portfolio, &image.records, &truth);
    }
    say!("{}", toml::to_string(&weights(&estimate, edition))?.trim_end());
    Ok(EXIT_OK)
}

/// The weights that follow from the counts, with the bounds of the product.
fn weights(estimate: &Estimate, edition: &str) -> Weights {
    let [matches, others] = estimate.pairs();
    let terms = estimate.outcomes().map(|(term, levels)| {
        let told = |which: usize| levels.iter().map(|(_, counts)| counts[which]).sum::<u64>();
        // Half a pair more each: what was never met is rare, not impossible.
        let of = |count: u64, all: u64| (count as f64 + 0.5) / (all as f64 + 0.5 * (levels.len() + 1) as f64);
        let weight = |counts: &[u64; 2]| thousandths(of(counts[0], told(0)) / of(counts[1], told(1)));
        let known = levels.iter().map(|(level, counts)| ((*level).to_owned(), weight(counts)));
        (term.to_owned(), known.chain([(UNSTATED.to_owned(), 0)]).collect())
    });
    Weights {
        edition: edition.into(),
        prior: thousandths((matches as f64 + 0.5) / (others as f64 + 0.5)),
        terms: terms.collect(),
        ..Weights::of_the_product().clone()
    }
}

/// The logarithm to the base of two, in thousandths, to the nearest fifty: more digits would claim more than counts tell.
fn thousandths(odds: f64) -> i32 {
    ((odds.log2() * 20.0).round() as i32) * 50
}

async fn opened(config: &Config) -> Result<(Portfolio, LedgerImage), Failure> {
    let ledger = compose::existing_ledger(config).await?;
    let image = ledger.image(ledger.head().await?.version).await?;
    Ok((Portfolio::build(&image), image))
}

/// The part of the truth that is about identity.
#[derive(Deserialize)]
struct TruthFile {
    projects: Vec<TruthProject>,
}

#[derive(Deserialize)]
struct TruthProject {
    records: Vec<TruthRecord>,
}

#[derive(Deserialize)]
struct TruthRecord {
    source: SourceId,
    key: RecordKey,
}

fn read_truth(path: &Path) -> Result<Truth, Failure> {
    let said = |error: &dyn std::fmt::Display| {
        format!("cannot read the truth {}: {error}; `passerelle demo` writes one", path.display())
    };
    let text = std::fs::read_to_string(path).map_err(|error| said(&error))?;
    let file: TruthFile = serde_json::from_str(&text).map_err(|error| said(&error))?;
    let mut truth = Truth::default();
    for (number, project) in (0..).zip(file.projects) {
        project.records.into_iter().for_each(|record| truth.tell(record.source, record.key, number));
    }
    Ok(truth)
}

//! `passerelle attestation verify`: offline, with the public keys alone.

use super::output::say;
use super::{EXIT_BROKEN_CHAIN, EXIT_OK, Ended, Settings};
use crate::check::{Attested, AttestedSum, FORM, FORM_WITHOUT_SUMS};
use crate::domain::money::Cents;
use crate::domain::vocabulary::{CellState, Knowledge};
use crate::identity::{ATTESTATION, PublicKeys, SIGNED_BYTES_MAX};
use clap::{Args, Subcommand};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What may be done with attestations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verify the signature of an attestation, offline, and say in words what it proves.
    Verify(Verify),
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// File that holds the attestation (compact JWS).
    file: PathBuf,
    /// File that holds the public keys (JWK Set), as served at /.well-known/jwks.json.
    #[arg(long, value_name = "FILE")]
    jwks: PathBuf,
}

/// Runs the command. Ends with 4 when the signature does not hold.
pub fn run(settings: &Settings, command: &Command) -> Ended {
    let Command::Verify(arguments) = command;
    let keys = PublicKeys::parse(&read(&arguments.jwks)?).map_err(|error| in_file(&arguments.jwks, &error))?;
    let signed = match keys.verify(ATTESTATION, &read(&arguments.file)?) {
        Ok(signed) => signed,
        Err(error) => {
            eprintln!("{}: NOT PROVEN: {error}", arguments.file.display());
            return Ok(EXIT_BROKEN_CHAIN);
        }
    };
    let content: Attested = serde_json::from_slice(&signed.text).map_err(|error| {
        in_file(&arguments.file, &format!("signed, but of a form that this version does not read: {error}"))
    })?;
    // Two readers of a text that is not in its one form could take it for two things.
    let value: serde_json::Value = serde_json::from_slice(&signed.text)?;
    if !serde_json_canonicalizer::to_vec(&value).is_ok_and(|canonical| canonical == signed.text) {
        return Err(in_file(&arguments.file, &"signed, but its content is not canonical JSON (RFC 8785)").into());
    }
    if !content.is_of_a_known_form() {
        let known = format!("signed, but its form is {}, not {FORM} or {FORM_WITHOUT_SUMS}", content.form);
        return Err(in_file(&arguments.file, &known).into());
    }
    if settings.json {
        say!("{}", String::from_utf8_lossy(&signed.text));
        return Ok(EXIT_OK);
    }
    say!("{}", words(&content, &signed.kid));
    Ok(EXIT_OK)
}

fn in_file(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn read(path: &Path) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let file = std::fs::File::open(path).map_err(|error| in_file(path, &error))?;
    let mut text = String::new();
    file.take(SIGNED_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(|error| in_file(path, &error))?;
    Ok(text)
}

fn words(content: &Attested, kid: &str) -> String {
    let mut lines = vec![
        "The signature holds: not a byte was changed since the gateway signed it.".to_owned(),
        format!("Signed with key {kid}."),
    ];
    let title = content.project.title.as_deref().unwrap_or("(title not shown)");
    lines.push(format!(
        "It proves what the gateway answered on {} about project {}, {title}:",
        content.checked_at, content.project.id
    ));
    let answer = if content.ready {
        "yes, the Region may vote"
    } else {
        "no, the Region may not vote yet (a statement of gaps)"
    };
    lines.push(format!("  {answer}; {}.", knowledge(content.knowledge)));
    lines.push(format!("  Plan {}", content.plan.version));
    for line in &content.plan.lines {
        let nature = line.nature.map_or("nature not stated", |nature| nature.as_str());
        let amount = match (line.state, line.cents, &line.digest) {
            (CellState::Nothing, ..) => "nothing".to_owned(),
            (_, Some(cents), _) => format!("EUR {}", Cents::new(cents)),
            (_, None, Some(digest)) => format!("an amount that is not public (digest {digest})"),
            (_, None, None) => "amount unknown".to_owned(),
        };
        let shared = line.shared.as_deref().map_or("not shared".to_owned(), |how| format!("shared ({how})"));
        lines.push(format!("  - {} ({}), {nature}: {}, {amount}, {shared}", line.name, line.funder, line.state));
        lines.extend(line.sums.iter().map(sum));
    }
    if content.form == FORM_WITHOUT_SUMS {
        lines.push(
            "  (Its form is that of before: of which form, year and tax basis these sums are, it does not tell.)"
                .to_owned(),
        );
    }
    for finding in &content.findings {
        let legal = finding.legal.as_deref().map(|legal| format!(" [{legal}]")).unwrap_or_default();
        let verdict = match finding.verdict.as_deref() {
            Some("BROKEN") => "broken",
            Some("UNKNOWN") => "not known",
            _ => "broken or not known",
        };
        lines.push(format!(
            "  {} {}, {verdict}; what it asks: « {} »{legal}",
            finding.severity, finding.rule, finding.title
        ));
    }
    for lift in &content.lifted {
        lines.push(format!(
            "  {} would not hold, and was lifted by {} of {} ({}).",
            lift.rule, lift.by, lift.on, lift.act
        ));
    }
    lines.push(format!(
        "Known then: ledger version {}, head of its chain {}.",
        content.ledger.version, content.ledger.head
    ));
    lines.push(format!("Rules: {}.", content.rulebook));
    if let Some(until) = &content.valid_until {
        lines.push(format!("The readings that it rests on were to be renewed by {until}."));
    }
    lines.push("It does not prove that nothing changed since, nor that what the sources said was true.".to_owned());
    lines.join("\n")
}

/// A sum of a line, as the version of the plan has it.
fn sum(sum: &AttestedSum) -> String {
    let year = sum.year.map_or("no year stated".to_owned(), |year| year.to_string());
    let decided = if sum.decided { "decided" } else { "not decided yet" };
    let amount = sum.cents.map(|cents| format!("EUR {}, ", Cents::new(cents))).unwrap_or_default();
    format!("      of which: {amount}form {}, {year}, tax basis {}, {decided}", sum.form, sum.tax_basis)
}

fn knowledge(knowledge: Knowledge) -> &'static str {
    match knowledge {
        Knowledge::KnownAndShared => "all means were known and shared",
        Knowledge::KnownNotShared => "all means were known, not all were shared",
        Knowledge::Incomplete => "not all means were known",
        Knowledge::Unverifiable => "it could not be verified: a source that was needed had not been read in time",
    }
}

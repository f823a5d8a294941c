//! `passerelle schema export`: the public SDL and the schema of a connector's manifest, exported from the code.

use super::output::say;
use super::{EXIT_NOT_GREEN, EXIT_OK, Ended, Settings};
use clap::Args;
use std::path::PathBuf;

/// What to do with the schemas.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write schema/passerelle.graphql and schema/connector.schema.json.
    Export(Export),
}

/// Arguments of `schema export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Compare with the files instead of writing them; exit code 3 when one differs.
    #[arg(long)]
    check: bool,
    /// Directory of the exported files.
    #[arg(long, value_name = "DIR", default_value = "schema")]
    dir: PathBuf,
}

/// Runs the command.
pub fn run(_settings: &Settings, command: &Command) -> Ended {
    let Command::Export(export) = command;
    let exported = [
        ("passerelle.graphql", crate::graphql::schema_sdl()),
        ("connector.schema.json", crate::connector::schema::connector_schema()),
    ];
    let mut code = EXIT_OK;
    for (name, text) in exported {
        let path = export.dir.join(name);
        if export.check {
            if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                eprintln!("{} is not what the code exports: run `passerelle schema export`", path.display());
                code = EXIT_NOT_GREEN;
            }
        } else {
            std::fs::create_dir_all(&export.dir)?;
            std::fs::write(&path, text)?;
            say!("{}", path.display());
        }
    }
    Ok(code)
}

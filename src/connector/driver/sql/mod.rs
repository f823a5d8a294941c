//! One SELECT in an SQLite file or a PostgreSQL database, on a connection that can only read; rows are streamed.

mod look_up;
mod postgres;
mod select;
mod sqlite;

use super::emitter::{Emitter, Flow, Item, cut};
use super::error::ReadError;
use super::place;
use super::settings::{CursorKind, Limits, SinceSettings, SqlSettings};
use super::{Batch, BrokenRecord, Driver, Legible, RawRecord, ReadEnd, Reading};
use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use look_up::Keyed;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// Reads databases.
#[derive(Debug, Clone)]
pub struct Sql {
    settings: SqlSettings,
}

impl Sql {
    /// The driver for what a manifest says.
    pub fn new(settings: SqlSettings) -> Self {
        Sql { settings }
    }
}

impl Driver for Sql {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        self.rows(reading, self.query(reading)?, (out, self.settings.limits)).await
    }
}

impl Sql {
    /// The rows of a query, within these limits.
    async fn rows(
        &self,
        reading: &Reading<'_>,
        query: Query<'_>,
        (out, limits): (&Sender<Batch>, Limits),
    ) -> Result<ReadEnd, ReadError> {
        let database = self.database(reading)?;
        let emitter = Emitter::new(out, limits);
        let deadline = emitter.deadline().into();
        let mut rows = Rows { resource: database.name(), emitter, names: Vec::new(), end: ReadEnd::default() };
        rows.end = ReadEnd { complete: true, resources: vec![rows.resource.clone()], ..ReadEnd::default() };
        let read = async {
            match &database {
                Database::Sqlite(path) => sqlite::read(path, &query, &mut rows).await,
                Database::Postgres(url) => postgres::read((reading.net, url), &query, &mut rows).await,
            }
        };
        let too_long = ReadError::TooLong { seconds_max: limits.seconds_max };
        tokio::time::timeout_at(deadline, read).await.unwrap_or(Err(too_long))?;
        rows.emitter.flush().await?;
        Ok(rows.end)
    }
}

/// What is asked: one SELECT, its parameter where it has one, and the keys where single rows are wanted.
struct Query<'a> {
    text: &'a str,
    since: Option<Parameter<'a>>,
    keyed: Option<Keyed<'a>>,
}

/// The parameter that receives the value since when changes are asked for; null in a read of everything.
struct Parameter<'a> {
    name: &'a str,
    kind: CursorKind,
    value: Option<&'a str>,
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Database {
    Sqlite(PathBuf),
    Postgres(url::Url),
}

impl Sql {
    fn query<'a>(&'a self, reading: &Reading<'a>) -> Result<Query<'a>, ReadError> {
        let parameter =
            |since: &'a SinceSettings| Parameter { name: &since.into, kind: since.written, value: reading.ask.since };
        let since = self.settings.since.as_ref().map(parameter);
        Ok(Query { text: select::only(&self.settings.query)?, since, keyed: None })
    }

    /// The database that a person names, else that of the configuration, else that of the manifest. A base that is a
    /// database stands for it; one that is a directory holds the file.
    fn database(&self, reading: &Reading<'_>) -> Result<Database, ReadError> {
        if let Some(place) = reading.place {
            return Database::parse(place);
        }
        let base = reading.base.or(self.settings.base.as_deref()).filter(|base| !base.is_empty());
        let url = self.settings.url.as_str();
        match base {
            Some(base) if url.is_empty() || (reading.base.is_some() && is_database(base)) => Database::parse(base),
            Some(base) if !is_database(url) => {
                Database::parse(&Path::new(base).join(url.trim_start_matches('/')).to_string_lossy())
            }
            _ => Database::parse(url),
        }
    }
}

impl Database {
    fn parse(text: &str) -> Result<Database, ReadError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = url::Url::parse(text).map_err(|error| {
                let (fr, en) = (format!("n'est pas une URL ({error})"), format!("is no URL ({error})"));
                ReadError::setting("url", fr, en)
            })?;
            return Ok(Database::Postgres(url));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
        let path = path.split('?').next().unwrap_or(path);
        if place::as_url(path).is_some() {
            return Err(ReadError::setting(
                "url",
                "un fichier SQLite ou une URL postgres:// est attendu",
                "an SQLite file or a postgres:// URL is expected",
            ));
        }
        if !Path::new(path).is_file() {
            return Err(ReadError::NoFile { pattern: path.to_owned() });
        }
        Ok(Database::Sqlite(PathBuf::from(path)))
    }

    /// As it stands in locations: the file's name, or host and name of the database.
    fn name(&self) -> String {
        match self {
            Database::Sqlite(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Database::Postgres(url) => format!("{}{}", url.host_str().unwrap_or(""), url.path()),
        }
    }
}

fn is_database(text: &str) -> bool {
    ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Rows on their way to batches.
struct Rows {
    resource: String,
    emitter: Emitter,
    names: Vec<Arc<str>>,
    end: ReadEnd,
}

impl Rows {
    /// Names the columns, once.
    fn name_columns<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        if self.names.is_empty() {
            let mut columns = super::table::columns(names, &self.resource);
            self.names = columns.names;
            self.end.notes.append(&mut columns.notes);
        }
    }

    /// Hands one row on: a record, or where one of its cells is no value, what can be read of it.
    async fn push(&mut self, values: Vec<Result<Node, BadCell>>) -> Result<Flow, ReadError> {
        let index = Some(self.emitter.read());
        let location = Location { resource: self.resource.as_str().into(), line: None, page: None, index };
        let bad: Vec<(Arc<str>, BadKind)> = self
            .names
            .iter()
            .zip(&values)
            .filter_map(|(name, value)| Some((name.clone(), value.as_ref().err()?.kind)))
            .collect();
        let values = values.into_iter().map(|value| value.unwrap_or_else(|bad| Node::text(bad.shown)));
        let node = Node::Object(self.names.iter().cloned().zip(values).collect());
        let bytes = match &node {
            Node::Object(values) => values.iter().map(|(_, node)| 24 + node.scalar().map_or(0, str::len)).sum(),
            _ => 0,
        };
        let item = match bad.first() {
            None => Item::Record(RawRecord { node, location, is_open: false }),
            Some((name, kind)) => {
                let (code, reason) = kind.told(name);
                let fields = bad.iter().map(|(name, _)| Arc::clone(name)).collect();
                let legible = Some(Box::new(Legible { node: node.clone(), fields }));
                Item::Broken(BrokenRecord { raw: cut(&node.to_json()), location, code, reason, cells: None, legible })
            }
        };
        let flow = self.emitter.push(item, bytes).await?;
        if flow == Flow::Full {
            self.end.complete = false;
            self.end.notes.push(self.emitter.full_note());
        }
        Ok(flow)
    }

    /// What the database refused.
    fn failed(&self, error: &sea_orm::sqlx::Error) -> ReadError {
        // A connection error may repeat the settings of the connection; that of the server never does.
        let detail = match error {
            sea_orm::sqlx::Error::Database(refusal) => refusal.message().to_owned(),
            sea_orm::sqlx::Error::Io(error) => return self.broke_off(error),
            sea_orm::sqlx::Error::Configuration(_) => "wrong connection settings".to_owned(),
            other => other.to_string(),
        };
        ReadError::form(
            &self.resource,
            format!("la base a refusé ({detail}) : vérifiez url, les droits et query dans le manifeste"),
            format!("the database refused ({detail}): check url, the rights and query in the manifest"),
        )
    }
}

impl Rows {
    /// The file is no whole database.
    fn damaged(&self, found: &str) -> ReadError {
        ReadError::form(
            &self.resource,
            format!("le fichier est coupé ou abîmé ({found}) : rien n'en est pris ; déposez-le de nouveau, entier"),
            format!("the file is cut or damaged ({found}): nothing of it is taken; put it there anew, whole"),
        )
    }

    /// The line was cut, or there is none: nothing is wrong with the manifest, unless it names another place.
    fn broke_off(&self, error: &std::io::Error) -> ReadError {
        use std::io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, NotFound};
        if matches!(
            error.kind(),
            ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable | NotFound
        ) {
            return ReadError::form(
                &self.resource,
                format!("la base ne peut être jointe ({error}) : vérifiez url, et que le serveur est en service"),
                format!("the database cannot be reached ({error}): check url, and whether the server is up"),
            );
        }
        ReadError::form(
            &self.resource,
            format!("la connexion à la base s'est interrompue ({error}) : lisez la source à nouveau"),
            format!("the connection to the database broke off ({error}): read the source again"),
        )
    }
}

/// A cell that no record can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BadCell {
    kind: BadKind,
    /// The beginning of it, in a form that a text can hold.
    shown: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BadKind {
    Binary,
    NoText,
}

/// Bytes of such a cell that are shown.
const CELL_BYTES_MAX: usize = 64;

impl BadCell {
    fn of(kind: BadKind, bytes: &[u8]) -> BadCell {
        let start = &bytes[..bytes.len().min(CELL_BYTES_MAX)];
        let rest = if start.len() < bytes.len() { "…" } else { "" };
        BadCell { kind, shown: format!("\\x{}{rest}", hex::encode(start)) }
    }

    /// One that the database writes in hexadecimal itself.
    fn written(kind: BadKind, text: &str) -> BadCell {
        let mut shown: String = text.chars().take(2 + 2 * CELL_BYTES_MAX).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        BadCell { kind, shown }
    }
}

impl BadKind {
    fn told(self, name: &str) -> (&'static str, Message) {
        match self {
            BadKind::Binary => (
                "binary-value",
                Message::new(
                    format!("la colonne « {name} » contient des octets et non du texte : convertissez-la dans query"),
                    format!("the column « {name} » holds bytes and no text: convert it in query"),
                ),
            ),
            BadKind::NoText => (
                "undecodable",
                Message::new(
                    format!("la colonne « {name} » contient un texte qui n'est pas en UTF-8"),
                    format!("the column « {name} » holds a text that is not UTF-8"),
                ),
            ),
        }
    }
}

//! A list of an upstream GraphQL API, page after page by cursor; or files that hold its answers.

mod answer;

use super::auth::Access;
use super::emitter::{Emitter, Flow, Item};
use super::error::ReadError;
use super::http_json::{Contents, Document, changed, comes_again, headers, is_json, pages_note};
use super::place::{self, Place};
use super::settings::GraphqlSettings;
use super::{Batch, BrokenRecord, Driver, LookUp, RawRecord, ReadEnd, Reading};
use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use crate::net::{Body, Net, Request, shown};
use answer::Page;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::path::PathBuf;
use tokio::sync::mpsc::Sender;
use url::Url;

/// Reads lists of GraphQL APIs.
#[derive(Debug, Clone)]
pub struct Graphql {
    settings: GraphqlSettings,
}

impl Graphql {
    /// The driver for what a manifest says.
    pub fn new(settings: GraphqlSettings) -> Self {
        Graphql { settings }
    }
}

impl Driver for Graphql {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        let text = place::locate(reading, self.settings.base.as_deref(), &self.settings.url)?;
        let place = place::place(&text)?;
        let mut emitter = Emitter::new(out, self.settings.limits);
        let deadline = emitter.deadline().into();
        let read = async {
            match place {
                Place::Files(files) => self.read_files(reading.net, files, &mut emitter).await,
                Place::Url(url) => self.read_pages(self.asked(url, reading)?, reading, &mut emitter).await,
            }
        };
        let too_long = ReadError::TooLong { seconds_max: self.settings.limits.seconds_max };
        tokio::time::timeout_at(deadline, read).await.unwrap_or(Err(too_long))
    }
}

impl Graphql {
    async fn read_files(&self, net: &Net, files: Vec<PathBuf>, emitter: &mut Emitter) -> Result<ReadEnd, ReadError> {
        place::check_count(&files, &self.settings.limits)?;
        let mut pages = Pages::default();
        for path in files {
            let resource = place::of_file(path, &self.settings.limits)?;
            let bytes = std::fs::read(&resource.path).map_err(|error| ReadError::file(&resource.name, &error))?;
            let page = self.page(Document::parse(bytes, &resource.name, self.settings.limits.depth_max)?, net)?;
            pages.end.resources.push(resource.name.clone());
            pages.more = page.next.is_some();
            if pages.emit(page, &resource.name, emitter).await? == Flow::Full {
                break;
            }
        }
        pages.finish(emitter).await
    }

    /// One request, one answer: the record at the pointer, or the records of the list there. An answer with errors is a
    /// failure, whatever data comes beside them.
    pub(super) async fn look_up(
        &self,
        reading: &Reading<'_>,
        (query, keys): (&str, &Map<String, Value>),
        asked: &LookUp<'_>,
    ) -> Result<Vec<RawRecord>, ReadError> {
        let text = place::locate(reading, self.settings.base.as_deref(), &self.settings.url)?;
        let request = self.asked(place::looked_up(&text)?, reading)?.within(asked.timeout_ms);
        let variables: Map<String, Value> = self.settings.variables.clone().into_iter().chain(keys.clone()).collect();
        let posted = json!({ "query": query, "variables": variables }).to_string();
        let document = self.fetch(&request, posted, reading.net).await?;
        answer::without_errors(&document, &|text| reading.net.without_secrets(text))?;
        document.looked_up(asked.pointer).inspect_err(|_| reading.net.malformed(&request.url))
    }

    /// What every page is asked with, the document aside.
    fn asked(&self, url: Url, reading: &Reading<'_>) -> Result<Request, ReadError> {
        let settings = &self.settings;
        let access = Access { base: settings.base.as_deref(), path: &settings.url, auth: settings.auth.as_ref() };
        let auth = access.at(&url, reading)?;
        Ok(place::request(url, &settings.limits).with_headers(headers(&settings.headers)?).with_auth(auth))
    }

    async fn read_pages(
        &self,
        asked: Request,
        reading: &Reading<'_>,
        emitter: &mut Emitter,
    ) -> Result<ReadEnd, ReadError> {
        let mut pages = Pages::default();
        pages.end.resources.push(shown(&asked.url));
        let mut cursor: Option<String> = None;
        let mut met = HashSet::new();
        loop {
            let posted = self.document(cursor.as_deref(), reading.ask.since);
            let document = self.fetch(&asked, posted, reading.net).await?;
            let name = document.name.clone();
            let page = self.page(document, reading.net);
            let mut page = page.inspect_err(|_| reading.net.malformed(&asked.url))?;
            let next = page.next.take();
            if pages.emit(page, &name, emitter).await? == Flow::Full {
                break;
            }
            let Some(next) = next else { break };
            if !met.insert(next.clone()) {
                reading.net.malformed(&asked.url);
                return Err(ReadError::form(
                    &name,
                    "pagination sans fin : le même curseur revient",
                    "endless paging: the same cursor comes again",
                ));
            }
            if pages.count >= self.settings.limits.pages_max {
                pages.end.notes.push(pages_note(self.settings.limits.pages_max));
                pages.more = true;
                break;
            }
            cursor = Some(next);
        }
        pages.finish(emitter).await
    }

    fn page(&self, document: Document, net: &Net) -> Result<Page, ReadError> {
        let places = (self.settings.records.as_str(), self.settings.total.as_deref());
        answer::page(document, places, &|text| net.without_secrets(text))
    }

    async fn fetch(&self, asked: &Request, posted: String, net: &Net) -> Result<Document, ReadError> {
        let asked = asked.clone().with_json(posted);
        let take = |body: Body| async move {
            body.expect("JSON", is_json)?;
            Ok((shown(body.url()), body.bytes().await?))
        };
        let (name, bytes) = net.fetch(&asked, take).await?;
        let depth_max = self.settings.limits.depth_max;
        let parsed = tokio::task::spawn_blocking(move || Document::parse(bytes, &name, depth_max)).await;
        parsed.expect("the JSON reader does not panic").inspect_err(|_| net.malformed(&asked.url))
    }

    /// What is posted: the query, and its variables with the cursor among them, and the value since when changes are
    /// asked for: null in a read of everything.
    fn document(&self, cursor: Option<&str>, since: Option<&str>) -> String {
        let settings = &self.settings;
        let mut variables: Map<String, Value> = settings.variables.clone().into_iter().collect();
        variables.insert(settings.cursor_variable.clone(), cursor.map_or(Value::Null, Value::from));
        if let Some(settings) = &settings.since {
            variables.insert(settings.into.clone(), since.map_or(Value::Null, Value::from));
        }
        if let (Some(variable), Some(size)) = (&settings.size_variable, settings.size) {
            variables.insert(variable.clone(), size.into());
        }
        json!({ "query": settings.query, "variables": variables }).to_string()
    }
}

/// What is known of a list while it is read.
#[derive(Debug, Default)]
struct Pages {
    end: ReadEnd,
    count: u64,
    total: Option<u64>,
    /// The total that the first page stated.
    total_first: Option<u64>,
    contents: Contents,
    /// A page follows that was not read.
    more: bool,
}

impl Pages {
    async fn emit(&mut self, page: Page, name: &str, emitter: &mut Emitter) -> Result<Flow, ReadError> {
        self.count += 1;
        self.total = page.total.or(self.total);
        self.total_first = self.total_first.or(self.total);
        if self.contents.has(&page.records) {
            return Err(comes_again(name));
        }
        for (index, node) in page.records.into_iter().enumerate() {
            let location =
                Location { resource: name.into(), line: None, page: Some(self.count), index: Some(index as u64) };
            let item = match node {
                Node::Null => Item::Broken(nothing(location)),
                node => Item::Record(RawRecord { node, location, is_open: false }),
            };
            if emitter.push(item, page.bytes).await? == Flow::Full {
                self.end.notes.push(emitter.full_note());
                self.more = true;
                return Ok(Flow::Full);
            }
        }
        Ok(Flow::On)
    }

    async fn finish(mut self, emitter: &mut Emitter) -> Result<ReadEnd, ReadError> {
        emitter.flush().await?;
        let received = emitter.read();
        if let Some(note) = changed(self.total_first, self.total) {
            self.end.notes.push(note);
            self.more = true;
        }
        self.end.complete = !self.more && self.total.is_none_or(|total| total == received);
        if !self.end.complete && self.end.notes.is_empty() {
            let stated = self.total.map_or_else(|| "?".to_owned(), |total| total.to_string());
            self.end.notes.push(Message::new(
                format!("la source annonce {stated} enregistrements et en a donné {received}"),
                format!("the source states {stated} records and gave {received}"),
            ));
        }
        Ok(self.end)
    }
}

/// The API gives null where a record should stand: something is there that it did not give.
fn nothing(location: Location) -> BrokenRecord {
    let reason = Message::new(
        "la source donne null à la place d'un enregistrement : un droit manque, ou une erreur n'est pas dite",
        "the source gives null in place of a record: a right is missing, or an error is not told",
    );
    BrokenRecord { raw: "null".to_owned(), location, code: "null-record", reason, cells: None, legible: None }
}

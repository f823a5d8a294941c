//! Lists of JSON records, by HTTP, paged or not, or in local files. Digits of numbers stay as they are written.

mod document;
mod paging;

use super::emitter::{Emitter, Flow, Item, joined};
use super::error::ReadError;
use super::place::{self, Place};
use super::settings::{HttpJsonSettings, Paging};
use super::{Batch, Driver, RawRecord, ReadEnd, Reading};
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use crate::net::{Net, NetError, shown};
pub(super) use document::Document;
use paging::{Pager, Step};
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::sync::mpsc::Sender;
use url::Url;

/// Reads lists of JSON records.
#[derive(Debug, Clone)]
pub struct HttpJson {
    settings: HttpJsonSettings,
}

impl HttpJson {
    /// The driver for what a manifest says.
    pub fn new(settings: HttpJsonSettings) -> Self {
        HttpJson { settings }
    }
}

impl Driver for HttpJson {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        let text = place::locate(reading, self.settings.base.as_deref(), &self.settings.url)?;
        let mut emitter = Emitter::new(out, self.settings.limits);
        match place::place(&text)? {
            Place::Files(files) => {
                place::check_count(&files, &self.settings.limits)?;
                self.read_files(files, emitter).await
            }
            Place::Url(url) => {
                let deadline = emitter.deadline().into();
                let read = tokio::time::timeout_at(deadline, self.read_pages(url, reading.net, &mut emitter)).await;
                let too_long = ReadError::TooLong { seconds_max: self.settings.limits.seconds_max };
                read.unwrap_or(Err(too_long))
            }
        }
    }
}

impl HttpJson {
    async fn read_files(&self, files: Vec<PathBuf>, mut emitter: Emitter) -> Result<ReadEnd, ReadError> {
        let settings = self.settings.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut end = ReadEnd { complete: true, ..ReadEnd::default() };
            for path in files {
                let resource = place::of_file(path, &settings.limits)?;
                let bytes = std::fs::read(&resource.path).map_err(|error| ReadError::file(&resource.name, &error))?;
                let document = Document::parse(bytes, &resource.name)?;
                let flow = emit_file(document, &settings.records, &mut emitter)?;
                end.resources.push(resource.name);
                if flow == Flow::Full {
                    end.complete = false;
                    end.notes.push(emitter.full_note());
                    break;
                }
            }
            emitter.blocking_flush()?;
            Ok(end)
        });
        joined(read.await, "JSON")
    }

    async fn read_pages(&self, first: Url, net: &Net, emitter: &mut Emitter) -> Result<ReadEnd, ReadError> {
        let headers = headers(&self.settings.headers)?;
        let mut end = ReadEnd { complete: true, notes: Vec::new(), resources: vec![shown(&first)] };
        let mut pager = Pager::new(&self.settings.paging, first);
        let mut next = Some(pager.first());
        while let Some(url) = next {
            if pager.pages() >= self.settings.limits.pages_max {
                end.complete = false;
                end.notes.push(pages_note(self.settings.limits.pages_max));
                break;
            }
            let document = match self.fetch(url, net, &headers).await {
                // Some systems have no page after the last one.
                Err(ReadError::Net(NetError::Status { status: 400 | 404 | 416, .. }))
                    if pager.may_be_past_the_end() =>
                {
                    break;
                }
                other => other?,
            };
            let name = document.name.clone();
            let page = pager.take(document, &self.settings.records)?;
            let Step::Page { records, bytes, next: after } = page else { break };
            let number = self.is_paged().then_some(pager.pages());
            for (index, node) in records.into_iter().enumerate() {
                let location =
                    Location { resource: name.as_str().into(), line: None, page: number, index: Some(index as u64) };
                if emitter.push(Item::Record(RawRecord { node, location }), bytes).await? == Flow::Full {
                    end.notes.push(emitter.full_note());
                    end.complete = false;
                    emitter.flush().await?;
                    return Ok(end);
                }
            }
            next = after;
        }
        emitter.flush().await?;
        if let Some(note) = pager.shortfall(emitter.read()) {
            end.complete = false;
            end.notes.push(note);
        }
        Ok(end)
    }

    async fn fetch(&self, url: Url, net: &Net, headers: &[(HeaderName, HeaderValue)]) -> Result<Document, ReadError> {
        let body = place::get(net, url, headers.to_vec(), &self.settings.limits).await?;
        body.expect("JSON", is_json)?;
        let (url, name) = (body.url().clone(), shown(body.url()));
        let bytes = body.bytes().await?;
        let parsed = tokio::task::spawn_blocking(move || Document::parse(bytes, &name)).await;
        let mut document = parsed.expect("the JSON reader does not panic")?;
        document.url = Some(url);
        Ok(document)
    }

    fn is_paged(&self) -> bool {
        self.settings.paging != Paging::None
    }
}

/// The headers of every request: JSON is asked for, and what the manifest states is sent along.
pub(super) fn headers(stated: &BTreeMap<String, String>) -> Result<Vec<(HeaderName, HeaderValue)>, ReadError> {
    let mut headers = vec![(ACCEPT, HeaderValue::from_static("application/json"))];
    for (name, value) in stated {
        let pair = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        headers.push(pair.ok_or_else(|| {
            let (fr, en) = (format!("« {name} » n'est pas un en-tête HTTP"), format!("« {name} » is no HTTP header"));
            ReadError::setting("headers", fr, en)
        })?);
    }
    Ok(headers)
}

/// What servers call JSON; files served as such are known by their content alone.
pub(super) fn is_json(essence: Option<&str>) -> bool {
    let Some(essence) = essence else { return true };
    essence.ends_with("+json")
        || matches!(
            essence,
            "application/json" | "text/json" | "text/plain" | "application/octet-stream" | "binary/octet-stream"
        )
}

fn emit_file(document: Document, pointer: &str, emitter: &mut Emitter) -> Result<Flow, ReadError> {
    let name = document.name.clone();
    let (records, bytes) = document.records(pointer)?;
    for (index, node) in records.into_iter().enumerate() {
        let location = Location { resource: name.as_str().into(), line: None, page: None, index: Some(index as u64) };
        if emitter.blocking_push(Item::Record(RawRecord { node, location }), bytes)? == Flow::Full {
            return Ok(Flow::Full);
        }
    }
    Ok(Flow::On)
}

pub(super) fn pages_note(pages_max: u64) -> Message {
    Message::new(
        format!("lecture arrêtée à {pages_max} pages : relevez pages-max dans le manifeste si c'est attendu"),
        format!("reading stopped at {pages_max} pages: raise pages-max in the manifest if that is expected"),
    )
}

//! Lists of JSON records, by HTTP, paged or not, or in local files. Digits of numbers stay as they are written.

mod document;
mod paging;
mod saved;

use super::auth::Access;
use super::emitter::{Emitter, Flow, Item, joined};
use super::error::ReadError;
use super::place::{self, Place};
use super::settings::{HttpJsonSettings, Paging};
use super::unpack::{Unpacking, is_packed};
use super::{Batch, Driver, LookUp, RawRecord, ReadEnd, Reading};
use crate::domain::marks::Validator;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use crate::net::{self, Auth, Body, Fetched, Net, NetError, Request, shown};
pub(super) use document::Document;
pub(super) use paging::{Contents, changed, comes_again};
use paging::{Pager, Step, with};
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use saved::Saved;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
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
        let mut emitter = Emitter::new(out, self.settings.limits);
        let (mut files, mut lists) = (Vec::new(), Vec::new());
        for path in self.paths(reading) {
            match place::place(&place::locate(reading, self.settings.base.as_deref(), path)?)? {
                Place::Files(found) => files.extend(found),
                Place::Url(url) => lists.push((path, url)),
            }
        }
        if lists.is_empty() {
            place::check_count(&files, &self.settings.limits)?;
            return self.read_files(files, emitter).await;
        }
        if !files.is_empty() {
            let (fr, en) = ("mêle des fichiers et des URL", "mixes files and URLs");
            return Err(ReadError::setting("also", fr, en));
        }
        let deadline = emitter.deadline().into();
        let read = tokio::time::timeout_at(deadline, self.read_lists(lists, reading, &mut emitter)).await;
        let too_long = ReadError::TooLong { seconds_max: self.settings.limits.seconds_max };
        read.unwrap_or(Err(too_long))
    }
}

/// How each page is asked for.
struct Asking<'a> {
    net: &'a Net,
    headers: Vec<(HeaderName, HeaderValue)>,
    auth: Option<Arc<Auth>>,
    /// Bodies that are known already.
    known: Arc<[net::Validator]>,
    total_timeout_ms: u64,
}

/// What one answer holds: one document, or the files of an archive.
struct Documents {
    all: Vec<Document>,
    has_members: bool,
    /// What the answer is known by.
    validator: Option<Validator>,
}

impl HttpJson {
    /// What is read: the list and the further ones, or only what a person names.
    fn paths(&self, reading: &Reading<'_>) -> impl Iterator<Item = &str> {
        let further = if reading.place.is_some() { &[] } else { self.settings.also.as_slice() };
        std::iter::once(self.settings.url.as_str()).chain(further.iter().map(String::as_str))
    }

    /// One list after the other, until one is cut short. Whether several are still what they were no one answer can tell: nothing
    /// is asked for under a condition then.
    async fn read_lists(
        &self,
        lists: Vec<(&str, Url)>,
        reading: &Reading<'_>,
        emitter: &mut Emitter,
    ) -> Result<ReadEnd, ReadError> {
        let is_alone = lists.len() == 1;
        let mut whole = ReadEnd { complete: true, ..ReadEnd::default() };
        for (path, url) in lists {
            let mut asking = self.asking(path, &url, reading)?;
            if is_alone && !self.is_paged() {
                asking.known = place::known(reading.ask.unless);
            }
            let mut end = self.read_pages(self.since(url, reading), &asking, emitter).await?;
            if is_alone {
                return Ok(end);
            }
            whole.complete &= end.complete;
            whole.resources.append(&mut end.resources);
            whole.notes.append(&mut end.notes);
            whole.next_page = whole.next_page.max(end.next_page);
            whole.list_end = whole.list_end.max(end.list_end);
            if !whole.complete {
                break;
            }
        }
        Ok(whole)
    }

    /// How what the manifest calls `path` is asked for at `url`.
    fn asking<'a>(&self, path: &str, url: &Url, reading: &Reading<'a>) -> Result<Asking<'a>, ReadError> {
        let settings = &self.settings;
        let access = Access { base: settings.base.as_deref(), path, auth: settings.auth.as_ref() };
        let total_timeout_ms = settings.limits.seconds_max.saturating_mul(1_000);
        Ok(Asking {
            auth: access.at(url, reading)?,
            headers: headers(&settings.headers)?,
            known: Arc::default(),
            net: reading.net,
            total_timeout_ms,
        })
    }

    /// The list, or what of it changed since the value that is asked for.
    fn since(&self, url: Url, reading: &Reading<'_>) -> Url {
        match (&self.settings.since, reading.ask.since) {
            (Some(since), Some(value)) => with(&url, &since.into, value),
            _ => url,
        }
    }

    async fn read_files(&self, files: Vec<PathBuf>, mut emitter: Emitter) -> Result<ReadEnd, ReadError> {
        let settings = self.settings.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut end = ReadEnd { complete: true, ..ReadEnd::default() };
            let unpacking = Unpacking { member: settings.member.as_deref(), limits: &settings.limits };
            let mut saved = Saved::new(&settings.paging);
            let found = files.into_iter().map(|path| unpacking.files(place::of_file(path, &settings.limits)?));
            for resource in found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
                let bytes = std::fs::read(&resource.path).map_err(|error| ReadError::file(&resource.name, &error))?;
                let document = Document::parse(bytes, &resource.name, settings.limits.depth_max)?;
                saved.meet(&document);
                let flow = emit_file(document, &settings.records, &mut emitter)?;
                end.resources.push(resource.name);
                if flow == Flow::Full {
                    end.complete = false;
                    end.notes.push(emitter.full_note());
                    break;
                }
            }
            let shortfall = saved.shortfall(emitter.read());
            end.complete &= shortfall.is_none();
            end.notes.extend(shortfall);
            emitter.blocking_flush()?;
            Ok(end)
        });
        joined(read.await, "JSON")
    }

    async fn read_pages(&self, first: Url, asking: &Asking<'_>, emitter: &mut Emitter) -> Result<ReadEnd, ReadError> {
        let mut end = ReadEnd { complete: true, resources: vec![shown(&first)], ..ReadEnd::default() };
        let mut pager = Pager::new(&self.settings.paging, first);
        let before = emitter.read();
        let mut next = Some(pager.first());
        while let Some(url) = next {
            if pager.pages() >= self.settings.limits.pages_max {
                end.complete = false;
                end.notes.push(pages_note(self.settings.limits.pages_max));
                break;
            }
            let documents = match self.fetch(url.clone(), asking).await {
                Ok(None) => return Ok(ReadEnd::known()),
                Ok(Some(documents)) => documents,
                // Some systems have no page after the last one.
                Err(ReadError::Net(NetError::Status { status, .. })) if pager.may_end_with(status) => {
                    let note = pager.refused(status);
                    end.complete &= note.is_none();
                    end.notes.extend(note);
                    break;
                }
                Err(error) => return Err(error),
            };
            if !self.is_paged() {
                end.validators.extend(documents.validator);
            }
            let malformed = |error| judged(error, asking.net, &url);
            if documents.has_members && !self.is_paged() {
                end.resources.clear();
                for document in documents.all {
                    end.resources.push(document.name.clone());
                    if emit(document, &self.settings.records, emitter).await.map_err(malformed)? == Flow::Full {
                        return full(end, emitter).await;
                    }
                }
                break;
            }
            let document = one(documents.all).map_err(malformed)?;
            let name = document.name.clone();
            let page = pager.take(document, &self.settings.records).map_err(malformed)?;
            let Step::Page { records, bytes, next: after } = page else { break };
            let number = self.is_paged().then_some(pager.pages());
            for (index, node) in records.into_iter().enumerate() {
                let location =
                    Location { resource: name.as_str().into(), line: None, page: number, index: Some(index as u64) };
                if emitter.push(Item::Record(RawRecord { node, location, is_open: false }), bytes).await? == Flow::Full
                {
                    return full(end, emitter).await;
                }
            }
            next = after;
        }
        emitter.flush().await?;
        (end.next_page, end.list_end) = (pager.next_page(), pager.list_end());
        if let Some(note) = pager.shortfall(emitter.read() - before) {
            end.complete = false;
            end.notes.push(note);
        }
        Ok(end)
    }

    /// One request, one document: the record at the pointer, or the records of the list there.
    pub(super) async fn look_up(
        &self,
        reading: &Reading<'_>,
        (path, asked): (&str, &LookUp<'_>),
    ) -> Result<Vec<RawRecord>, ReadError> {
        let url = place::looked_up(&place::locate(reading, self.settings.base.as_deref(), path)?)?;
        let asking = Asking { total_timeout_ms: asked.timeout_ms, ..self.asking(path, &url, reading)? };
        let documents = match self.fetch(url.clone(), &asking).await {
            Err(ReadError::Net(NetError::Status { status: 404 | 410, .. })) => return Ok(Vec::new()),
            Ok(None) => return Ok(Vec::new()),
            Ok(Some(documents)) => documents.all,
            Err(error) => return Err(error),
        };
        let found = one(documents).and_then(|document| document.looked_up(asked.pointer));
        found.map_err(|error| judged(error, asking.net, &url))
    }

    /// What one URL gives; `None` where it is known already.
    async fn fetch(&self, url: Url, asking: &Asking<'_>) -> Result<Option<Documents>, ReadError> {
        let request = Request::get(url, self.settings.limits.bytes_max, asking.total_timeout_ms)
            .with_headers(asking.headers.clone())
            .with_auth(asking.auth.clone())
            .unless(Arc::clone(&asking.known));
        let take = |body: Body| async move {
            body.expect("JSON", |essence| is_packed(essence) || is_json(essence))?;
            Ok((body.url().clone(), body.validator(), body.bytes().await?))
        };
        let Fetched::New((url, validator, bytes)) = asking.net.fetch_new(&request, take).await? else {
            return Ok(None);
        };
        let name = shown(&url);
        let settings = self.settings.clone();
        let parsed = tokio::task::spawn_blocking(move || {
            let unpacking = Unpacking { member: settings.member.as_deref(), limits: &settings.limits };
            let files = unpacking.documents(bytes, &name)?;
            let has_members = files.iter().any(|(file, _)| *file != name);
            let parsed =
                files.into_iter().map(|(name, bytes)| Document::parse(bytes, &name, settings.limits.depth_max));
            Ok::<_, ReadError>((parsed.collect::<Result<Vec<_>, _>>()?, has_members))
        });
        let parsed = parsed.await.expect("the JSON reader does not panic");
        let (mut all, has_members) = parsed.map_err(|error| judged(error, asking.net, &request.url))?;
        all.iter_mut().for_each(|document| document.url = Some(url.clone()));
        let validator = validator.and_then(|one| place::kept(one, asking.auth.is_some()));
        Ok(Some(Documents { all, has_members, validator }))
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

/// The records of a document that is no page of a list.
fn items(document: Document, pointer: &str) -> Result<(impl Iterator<Item = Item>, usize), ReadError> {
    let name = document.name.clone();
    let (records, bytes) = document.records(pointer)?;
    let items = (0..).zip(records).map(move |(index, node)| {
        let location = Location { resource: name.as_str().into(), line: None, page: None, index: Some(index) };
        Item::Record(RawRecord { node, location, is_open: false })
    });
    Ok((items, bytes))
}

fn emit_file(document: Document, pointer: &str, emitter: &mut Emitter) -> Result<Flow, ReadError> {
    let (items, bytes) = items(document, pointer)?;
    for item in items {
        if emitter.blocking_push(item, bytes)? == Flow::Full {
            return Ok(Flow::Full);
        }
    }
    Ok(Flow::On)
}

async fn emit(document: Document, pointer: &str, emitter: &mut Emitter) -> Result<Flow, ReadError> {
    let (items, bytes) = items(document, pointer)?;
    for item in items {
        if emitter.push(item, bytes).await? == Flow::Full {
            return Ok(Flow::Full);
        }
    }
    Ok(Flow::On)
}

/// The end of a read that the limit of records cuts short.
async fn full(mut end: ReadEnd, emitter: &mut Emitter) -> Result<ReadEnd, ReadError> {
    end.notes.push(emitter.full_note());
    end.complete = false;
    emitter.flush().await?;
    Ok(end)
}

/// The only document of an answer: a page, or what is looked up, is no archive of several files.
fn one(mut documents: Vec<Document>) -> Result<Document, ReadError> {
    match documents.pop() {
        Some(document) if documents.is_empty() => Ok(document),
        other => Err(ReadError::form(
            other.as_ref().map_or("", |document| &document.name),
            "une archive de plusieurs fichiers là où un seul document est attendu : précisez member",
            "an archive of several files where one document is expected: have member name one",
        )),
    }
}

/// What came from a host and is not what was asked for counts as that host's failure.
fn judged(error: ReadError, net: &Net, url: &Url) -> ReadError {
    if matches!(error, ReadError::Form { .. }) {
        net.malformed(url);
    }
    error
}

pub(super) fn pages_note(pages_max: u64) -> Message {
    Message::new(
        format!("lecture arrêtée à {pages_max} pages : relevez pages-max dans le manifeste si c'est attendu"),
        format!("reading stopped at {pages_max} pages: raise pages-max in the manifest if that is expected"),
    )
}

//! The simulated systems, served for real: one HTTP server each on the loopback, on a port that the system gives.

use super::Region;
use super::api;
use super::native::{self, anru, dotations, droit_commun, feder, irev, keep, union};
use super::programme::Programme;
use super::system::System;
use crate::domain::chain::Digest;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Records in a page where the reader does not say.
const PAGE_SIZE_DEFAULT: usize = 100;
/// Records in a page at most, whatever the reader asks.
const PAGE_SIZE_MAX: usize = 1_000;

/// Records in a page at most, of a portal of open data.
const EXPLORE_SIZE_MAX: usize = 100;

/// The servers while they run. They stop when this is dropped, or by [`Running::shutdown`].
pub struct Running {
    /// The base URL of each source that is served.
    pub bases: BTreeMap<String, String>,
    stop: watch::Sender<bool>,
    servers: JoinSet<std::io::Result<()>>,
}

impl Running {
    /// Stops every server and waits for the answers under way.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while self.servers.join_next().await.is_some() {}
    }
}

/// Serves every system of the region that answers over HTTP.
///
/// # Errors
/// No port can be had on the loopback, or the workbook cannot be written.
pub async fn serve(region: &Region) -> std::io::Result<Running> {
    let (stop, stopped) = watch::channel(false);
    let mut running = Running { bases: BTreeMap::new(), stop, servers: JoinSet::new() };
    for system in System::ALL.into_iter().filter(|system| *system != System::Npnru) {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let base = format!("http://{}/", listener.local_addr()?);
        let router = router(region, system, &base)?;
        let mut stopped = stopped.clone();
        let until = async move {
            // An error means that the sender is gone: time to stop too.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        running.servers.spawn(async move { axum::serve(listener, router).with_graceful_shutdown(until).await });
        running.bases.insert(system.source().to_owned(), base);
    }
    Ok(running)
}

fn router(region: &Region, system: System, base: &str) -> std::io::Result<Router> {
    const CSV: &str = "text/csv";
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let those = |path: &'static str, form, keep: fn(&str) -> bool| {
        let records = native::json_records(region, system).into_iter().filter(|(number, _)| keep(number));
        let (numbers, values): (Vec<_>, Vec<_>) = records.unzip();
        let changed = values.iter().map(|one| one["modifie_le"].as_str().map(str::to_owned)).collect();
        let records = values.iter().map(ToString::to_string).collect();
        list(path, List { numbers, records, changed, form, here: format!("{base}{}", &path[1..]) })
    };
    let listed = |path, form| those(path, form, |_| true);
    Ok(match system {
        System::Nqe => listed("/api/v1/dossiers", Form::Page),
        System::Pic => listed("/projets", Form::Offset),
        System::Ftu => listed("/v2/operations", Form::NextLink),
        System::Programmation => listed("/actions", Form::Cursor),
        System::Postes => {
            let relays = those("/adultes-relais.json", Form::Bare, |number| !number.starts_with('D'));
            those("/postes-fonjep.json", Form::Bare, |number| number.starts_with('D')).merge(relays)
        }
        System::Dauphin => listed("/demandes.json", Form::Whole),
        System::DroitCommun => file("/subventions.csv", CSV, droit_commun::file(region)),
        System::Dotations => file("/dotations.csv", CSV, dotations::file(region)),
        System::DroitCommunOds => listed("/api/explore/v2.1/catalog/datasets/subventions/records", Form::Explore),
        System::Partner => api::partner::router(region),
        System::Demarche => api::demarche::router(region),
        System::Feder => {
            file("/liste_operations.xlsx", XLSX, feder::file(region, system).map_err(std::io::Error::other)?)
        }
        System::FsePlus => {
            let list = feder::file(region, system).map_err(std::io::Error::other)?;
            file("/liste_operations_conventionnees.xlsx", XLSX, list)
        }
        System::Anru => file("/tableau_operations.xlsx", XLSX, anru::file(region).map_err(std::io::Error::other)?),
        System::Irev => file("/contributions.csv", CSV, irev::file(region)),
        System::Union(Programme::Horizon) => file("/project.csv", CSV, union::horizon_projects(region)).merge(file(
            "/organization.csv",
            CSV,
            union::horizon_participants(region),
        )),
        System::Union(Programme::Life) => file("/beneficiaries.csv", CSV, union::life(region)),
        System::Union(Programme::Neb) => file("/projects.csv", CSV, union::neb(region)),
        System::Union(Programme::Eui) => listed("/projects", Form::Projects),
        System::Union(Programme::InterregFwvl) => {
            file("/projects.csv", CSV, keep::projects(region)).merge(file("/partners.csv", CSV, keep::partners(region)))
        }
        System::Union(programme) => {
            file("/export.xlsx", XLSX, keep::workbook(region, programme).map_err(std::io::Error::other)?)
        }
        System::Npnru => Router::new(),
    })
}

/// A file, sent to those who do not have it yet.
fn file(path: &str, kind: &'static str, bytes: Vec<u8>) -> Router {
    let etag = format!("\"{}\"", Digest::of(&bytes));
    let bytes = Bytes::from(bytes);
    let answer = move |headers: HeaderMap| {
        let is_known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
        std::future::ready(match is_known {
            true => (StatusCode::NOT_MODIFIED, [(ETAG, etag.clone())]).into_response(),
            false => ([(CONTENT_TYPE, kind), (ETAG, &etag)], bytes.clone()).into_response(),
        })
    };
    Router::new().route(path, get(answer))
}

/// How a list is cut into pages.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// `page` from 1 and `taille`, with the total.
    Page,
    /// `debut` and `nombre`, with the total.
    Offset,
    /// Each page gives the address of the next.
    NextLink,
    /// Each page gives an opaque cursor.
    Cursor,
    /// `page` from 1 and `size`, with the total.
    Projects,
    /// `offset` and `limit`, with the total, as the portals of open data do.
    Explore,
    /// One document, the list under a name.
    Whole,
    /// One document, the list itself.
    Bare,
}

/// A list of records ready to be sent.
struct List {
    numbers: Vec<String>,
    records: Vec<String>,
    /// When each record changed, where the system says so.
    changed: Vec<Option<String>>,
    form: Form,
    here: String,
}

/// The list by pages, and one record by its number beneath it.
fn list(path: &str, list: List) -> Router {
    Router::new().route(path, get(page)).route(&format!("{path}/{{*number}}"), get(single)).with_state(Arc::new(list))
}

/// A look-up: the document of the list, with the record asked for alone, or with none.
async fn single(State(list): State<Arc<List>>, Path(number): Path<String>) -> impl IntoResponse {
    let found = list.numbers.iter().position(|one| *one == number);
    let alone = List {
        numbers: Vec::new(),
        changed: found.map(|rank| list.changed[rank].clone()).into_iter().collect(),
        records: found.map(|rank| list.records[rank].clone()).into_iter().collect(),
        form: list.form,
        here: String::new(),
    };
    ([(CONTENT_TYPE, "application/json")], alone.page(&BTreeMap::new()))
}

async fn page(State(list): State<Arc<List>>, Query(query): Query<BTreeMap<String, String>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], list.page(&query))
}

impl List {
    fn page(&self, query: &BTreeMap<String, String>) -> String {
        let number = |name: &str, default: usize| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let size = |name: &str| number(name, PAGE_SIZE_DEFAULT).clamp(1, PAGE_SIZE_MAX);
        let total = self.records.len();
        match self.form {
            Form::Page => {
                let (page, size) = (number("page", 1).max(1), size("taille"));
                let part = self.part((page - 1).saturating_mul(size), size);
                format!(r#"{{"total":{total},"page":{page},"dossiers":[{part}]}}"#)
            }
            Form::Offset => {
                let part = self.part(number("debut", 0), size("nombre"));
                format!(r#"{{"projets":[{part}],"compte":{{"total":{total}}}}}"#)
            }
            Form::NextLink => {
                let (from, size) = (number("depuis", 0), PAGE_SIZE_DEFAULT);
                let part = self.part(from, size);
                let next = match from.saturating_add(size) {
                    next if next < total => format!(r#""{}?depuis={next}""#, self.here),
                    _ => "null".to_owned(),
                };
                format!(r#"{{"operations":[{part}],"total":{total},"liens":{{"suivant":{next}}}}}"#)
            }
            Form::Cursor => {
                let records = self.changed_since(query.get("modifie-depuis"));
                let total = records.len();
                let from = query.get("curseur").and_then(|cursor| usize::from_str_radix(cursor, 36).ok()).unwrap_or(0);
                let size = size("limite");
                let end = from.saturating_add(size).min(total);
                let part = records[from.min(end)..end].join(",");
                let next = match from.saturating_add(size) {
                    next if next < total => format!(r#""{}""#, base_36(next)),
                    _ => "null".to_owned(),
                };
                format!(r#"{{"actions":[{part}],"suite":{next}}}"#)
            }
            Form::Projects => {
                let (page, size) = (number("page", 1).max(1), size("size"));
                let part = self.part((page - 1).saturating_mul(size), size);
                format!(r#"{{"total":{total},"page":{page},"projects":[{part}]}}"#)
            }
            Form::Explore => {
                let part = self.part(number("offset", 0), size("limit").min(EXPLORE_SIZE_MAX));
                format!(r#"{{"total_count":{total},"results":[{part}]}}"#)
            }
            Form::Whole => format!(r#"{{"demandes":[{}]}}"#, self.part(0, total)),
            Form::Bare => format!("[{}]", self.part(0, total)),
        }
    }

    /// The records that changed at this instant or later; all of them where none is asked for.
    fn changed_since(&self, since: Option<&String>) -> Vec<&str> {
        let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
        let since = since.and_then(|since| instant(since));
        let is_meant = |at: &Option<String>| since.is_none() || at.as_deref().and_then(instant) >= since;
        let dated = self.records.iter().zip(&self.changed);
        dated.filter(|(_, at)| is_meant(at)).map(|(record, _)| record.as_str()).collect()
    }

    fn part(&self, from: usize, size: usize) -> String {
        let from = from.min(self.records.len());
        let end = from.saturating_add(size).min(self.records.len());
        self.records[from..end].join(",")
    }
}

/// A cursor that does not look like the offset that it is.
pub(super) fn base_36(mut number: usize) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.extend(char::from_digit(digit, 36));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

//! Lists for people who chase, as CSV or as a workbook: projects with what the check says of them, what is awaited from a body, target
//! envelopes. The same view, the same rights and the same turns as GraphQL.

use super::budget::{LIST_COST, Payer, Peer};
use super::error::HttpError;
use super::journal::operation_of_list;
use super::sheet::{Form, Row};
use super::{QUEUE_WAIT_MAX, Service, auth};
use crate::domain::ParseError;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::place::{ContratCode, QuartierCode};
use crate::domain::reading::Operation;
use crate::domain::siren::Siren;
use crate::domain::text::{DispositifCode, quoted};
use crate::domain::vocabulary::{Knowledge, Language, Severity};
use crate::identity::Scope;
use crate::view::{EnvelopeFilter, Judgement, PlaceFilter, Project, ProjectFilter, Reader, ViewError};
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use std::str::FromStr;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Rows of one list.
const ROWS_MAX: usize = 20_000;

/// `GET /lists/projects.csv`, `.xlsx`: projects, narrowed by `contrat`, `quartier`, `epci`, `knowledge`, `attestedButChanged`.
pub(super) async fn projects(
    State(service): State<Arc<Service>>,
    (uri, headers): (Uri, HeaderMap),
    Extension(peer): Extension<Peer>,
    RawQuery(query): RawQuery,
) -> Result<Response, HttpError> {
    let (filter, judgement) = projects_asked(query.as_deref())?;
    let form = Form::of(&uri);
    let operation = operation_of_list(&form.named("lists/projects"), query.as_deref());
    list((&service, form), (&headers, peer), operation, move |reader| projects_in(reader, &filter, &judgement)).await
}

/// `GET /lists/awaited.csv?organisation=ID`, `.xlsx`: what is awaited from a body, the longest awaited first.
pub(super) async fn awaited(
    State(service): State<Arc<Service>>,
    (uri, headers): (Uri, HeaderMap),
    Extension(peer): Extension<Peer>,
    RawQuery(query): RawQuery,
) -> Result<Response, HttpError> {
    let mut body = None;
    for (name, value) in parameters(query.as_deref()) {
        match &*name {
            "organisation" if body.is_none() => body = Some(value),
            _ => return Err(unknown(&name, "organisation, once")),
        }
    }
    let body = body.ok_or_else(|| HttpError::malformed("name the body: ?organisation=siren:…"))?;
    let form = Form::of(&uri);
    let operation = operation_of_list(&form.named("lists/awaited"), query.as_deref());
    list((&service, form), (&headers, peer), operation, move |reader| awaited_from(reader, &body)).await
}

/// `GET /lists/envelopes.csv`, `.xlsx`: target envelopes, narrowed by `funder`, `epci`, `dispositif`, `year`.
pub(super) async fn envelopes(
    State(service): State<Arc<Service>>,
    (uri, headers): (Uri, HeaderMap),
    Extension(peer): Extension<Peer>,
    RawQuery(query): RawQuery,
) -> Result<Response, HttpError> {
    let mut filter = EnvelopeFilter::default();
    for (name, value) in parameters(query.as_deref()) {
        let wrong = |_| HttpError::malformed(format!("the parameter `{name}` is no year"));
        match &*name {
            "funder" => filter.funder.push(value),
            "epci" => filter.epci.push(sound::<Siren>(value)?),
            "dispositif" => filter.dispositif.push(sound::<DispositifCode>(value)?),
            "year" => filter.year.push(value.parse().map_err(wrong)?),
            _ => return Err(unknown(&name, "funder, epci, dispositif, year")),
        }
    }
    let form = Form::of(&uri);
    let operation = operation_of_list(&form.named("lists/envelopes"), query.as_deref());
    list((&service, form), (&headers, peer), operation, move |reader| envelopes_in(reader, &filter)).await
}

/// Makes a list beside the threads that serve, in turn with everything else.
async fn list(
    (service, form): (&Arc<Service>, Form),
    (headers, peer): (&HeaderMap, Peer),
    operation: Operation,
    rows: impl FnOnce(&Reader) -> Result<Vec<Row>, HttpError> + Send + 'static,
) -> Result<Response, HttpError> {
    let viewer = auth::viewer(headers, service).await?;
    service.charge(&Payer::of(&viewer, peer), LIST_COST)?;
    let now = service.clock.now();
    let turn = timeout(QUEUE_WAIT_MAX, Arc::clone(&service.turns).acquire_owned());
    let turn = turn.await.map_err(|_| HttpError::Busy)?.map_err(|_| HttpError::Busy)?;
    let scope = Scope::of(viewer);
    let (door, teller) = service.noted(&scope, operation);
    let made = tokio::task::spawn_blocking(move || {
        let _held = turn;
        let reader = door.open(scope, now);
        rows(&reader).map(|rows| (form.written(&rows, now), reader.head().version))
    });
    let made = timeout(service.limits.operation_time, made).await;
    let made = made.map_err(|_| HttpError::Deadline { seconds: service.limits.operation_time.as_secs() })?;
    let (bytes, version) = made.map_err(|failure| failed(&failure))??;
    let bytes = bytes.map_err(|failure| failed(&failure))?;
    teller.tell(version).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

fn failed(failure: &dyn std::fmt::Display) -> HttpError {
    let id = format!("{:016x}", rand::random::<u64>());
    tracing::error!(id, error = %failure, "a list failed");
    HttpError::Internal { id }
}

fn parameters(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn unknown(name: &str, known: &str) -> HttpError {
    let name = quoted(name);
    HttpError::malformed(format!("the parameter `{name}` is not understood here; there is: {known}"))
}

/// A code as it is written: one that is none by its form lets nothing through, and an empty list would read as an answer.
fn sound<T: FromStr<Err = ParseError>>(value: String) -> Result<String, HttpError> {
    value.parse::<T>().map_err(|error| HttpError::malformed(error.to_string()))?;
    Ok(value)
}

fn projects_asked(query: Option<&str>) -> Result<(ProjectFilter, Judgement), HttpError> {
    let (mut places, mut judgement) = (PlaceFilter::default(), Judgement::default());
    for (name, value) in parameters(query) {
        let wrong = || HttpError::malformed(format!("the parameter `{name}` has a value that it may not have"));
        match &*name {
            "contrat" => places.contrat.push(sound::<ContratCode>(value)?),
            "quartier" => places.quartier.push(sound::<QuartierCode>(value)?),
            "epci" => places.epci.push(sound::<Siren>(value)?),
            "knowledge" => judgement.knowledge.push(Knowledge::parse(&value).map_err(|_| wrong())?),
            "attestedButChanged" => judgement.attested_but_changed = Some(value.parse().map_err(|_| wrong())?),
            _ => return Err(unknown(&name, "contrat, quartier, epci, knowledge, attestedButChanged")),
        }
    }
    Ok((ProjectFilter { places, ..ProjectFilter::default() }, judgement))
}

fn refused(error: ViewError) -> HttpError {
    match error {
        ViewError::Forbidden(why) => HttpError::Forbidden(why),
        other => HttpError::malformed(other.to_string()),
    }
}

fn header_of(names: &[&str]) -> Row {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn projects_in(reader: &Reader, filter: &ProjectFilter, judgement: &Judgement) -> Result<Vec<Row>, HttpError> {
    // Lists are made beside the threads that serve: what is read of the past is waited for here.
    let found = Handle::current().block_on(reader.projects_judged(filter, judgement)).map_err(refused)?;
    if found.len() > ROWS_MAX {
        return Err(HttpError::malformed(format!("{} projects, more than {ROWS_MAX}: name a contrat", found.len())));
    }
    let mut rows = vec![header_of(&[
        "project",
        "title",
        "holder",
        "holderName",
        "contrats",
        "year",
        "knowledge",
        "ready",
        "blocking",
        "validUntil",
    ])];
    for at in 0..found.len() {
        let project = found.at(at);
        let mut row = about(&project);
        row.push(project.year().map(|year| year.to_string()).unwrap_or_default());
        let check = project.check(None).map_err(refused)?;
        row.extend(match &check {
            None => [const { String::new() }; 4],
            Some(check) => {
                let grave = check.findings().into_iter().filter(|one| one.severity() == Severity::Blocking);
                let codes: Vec<String> = grave.map(|one| one.rule().to_owned()).collect();
                let until = check.valid_until().map(|at| at.to_rfc3339()).unwrap_or_default();
                [check.knowledge().to_string(), check.is_ready().to_string(), codes.join(" "), until]
            }
        });
        rows.push(row);
    }
    Ok(rows)
}

fn awaited_from(reader: &Reader, body: &str) -> Result<Vec<Row>, HttpError> {
    let none =
        Message::new("cet organisme n'est pas connu", "this body is not known: take an id that `organisation` gives");
    let known = reader.organisation(body).ok_or_else(|| HttpError::malformed(none.text(Language::En)))?;
    let awaited = Handle::current()
        .block_on(known.awaited())
        .map_err(refused)?
        .ok_or(HttpError::Forbidden("what is awaited is for partners, committees, the Région and auditors"))?;
    if awaited.len() > ROWS_MAX {
        return Err(HttpError::malformed(format!("{} answers, more than {ROWS_MAX}: ask by project", awaited.len())));
    }
    let mut rows = vec![header_of(&[
        "project",
        "title",
        "holder",
        "holderName",
        "contrats",
        "nature",
        "state",
        "reported",
        "since",
        "funder",
        "toAcknowledge",
    ])];
    rows.extend(awaited.iter().map(|one| {
        let mut row = about(one.project());
        row.push(one.nature().map(|nature| nature.to_string()).unwrap_or_default());
        row.push(one.state().to_string());
        row.push(one.reported().map(|sum| sum.to_string()).unwrap_or_default());
        row.push(one.since().map(|at| at.to_rfc3339()).unwrap_or_default());
        row.push(one.funder().id().to_owned());
        row.push(one.is_to_acknowledge().to_string());
        row
    }));
    Ok(rows)
}

fn envelopes_in(reader: &Reader, filter: &EnvelopeFilter) -> Result<Vec<Row>, HttpError> {
    let found = reader.envelopes(filter);
    if found.len() > ROWS_MAX {
        return Err(HttpError::malformed(format!("{} envelopes, more than {ROWS_MAX}: name an epci", found.len())));
    }
    let mut rows = vec![header_of(&[
        "envelope",
        "funder",
        "epci",
        "epciName",
        "dispositif",
        "years",
        "nature",
        "target",
        "available",
        "consumed",
        "unattributed",
        "remaining",
        "remainingAtMost",
        "partial",
    ])];
    rows.extend(found.all().iter().map(|one| {
        let (facts, balance) = (one.facts(), one.balance());
        let text = |amount: Option<Cents>| amount.map(|amount| amount.to_string()).unwrap_or_default();
        let (from, until) = facts.years();
        vec![
            one.code().to_owned(),
            facts.funder.to_string(),
            facts.epci.map(|siren| siren.to_string()).unwrap_or_default(),
            one.epci().map(|epci| epci.name().to_owned()).unwrap_or_default(),
            facts.dispositif.as_ref().map(ToString::to_string).unwrap_or_default(),
            if from == until { from.to_string() } else { format!("{from}-{until}") },
            facts.nature.map(|nature| nature.to_string()).unwrap_or_default(),
            text(facts.amount),
            text(balance.available),
            text(balance.consumed),
            text(balance.unattributed),
            text(balance.remaining),
            text(balance.remaining_at_most),
            balance.partial.to_string(),
        ]
    }));
    Ok(rows)
}

/// Which project: identifier, title, holder, contracts.
fn about(project: &Project) -> Row {
    let contrats: Vec<String> = project.contrats().map(|contrat| contrat.code().to_owned()).collect();
    let holder = project.holder();
    vec![
        project.id().to_string(),
        project.title().to_owned(),
        holder.as_ref().map(|one| one.id().to_owned()).unwrap_or_default(),
        holder.as_ref().map(|one| one.name().to_owned()).unwrap_or_default(),
        contrats.join(" "),
    ]
}

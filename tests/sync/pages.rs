//! A list that moves while its pages are read closes nothing: what moved up may have been passed over.

use crate::office::{Asked, Office, manifest};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use serde_json::json;

const PAGED: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"\nrecords = \"/rows\"\n\
    paging = { kind = \"offset\", offset-param = \"offset\", size-param = \"limit\", size = 10, total = \"/total\" }";

/// A desk of thirty grants that changes once its first page was given: one is put before all others, or the first is taken out.
fn desk(moves: Option<bool>) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let mut ids: Vec<u32> = (1..=30).collect();
    let mut is_first = true;
    // A desk that counts no more than it says: its total is the one of its first page.
    move |asked| {
        let offset: usize = asked.query["offset"].parse().unwrap();
        if !std::mem::take(&mut is_first) {
            match moves.filter(|_| offset == 10) {
                Some(true) => ids.insert(0, 999),
                Some(false) => drop(ids.remove(0)),
                None => {}
            }
        }
        let rows: Vec<_> = ids.iter().skip(offset).take(10).collect();
        let rows: Vec<_> = rows
            .into_iter()
            .map(|id| json!({"id": id, "titre": format!("Action {id}"), "montant": 1_000 + id}))
            .collect();
        let total = if moves == Some(true) { 30 } else { ids.len() };
        axum::Json(json!({"rows": rows, "total": total})).into_response()
    }
}

async fn next(office: &Office, moves: Option<bool>) -> SyncRun {
    office.later(3_600);
    office.answer(desk(moves));
    office.sync().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_moves_between_two_pages_is_not_whole() {
    let office = Office::open(&manifest(PAGED), desk(None)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.counts.added), (SyncOutcome::Succeeded, 30), "{run:?}");
    for (moves, told) in [(true, "came again on another page"), (false, "30 records, then 29")] {
        let run = next(&office, Some(moves)).await;
        assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Held, 0), "{run:?}");
        assert!(run.message.as_ref().is_some_and(|message| message.en.contains(told)), "{run:?}");
        assert_eq!(office.records().await.len(), 30, "nothing is closed");
    }
    let run = next(&office, None).await;
    assert_eq!((run.outcome, run.counts.unchanged), (SyncOutcome::Succeeded, 30), "{run:?}");
}

const JSON: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"\nrecords = \"/rows\"";
const GRAPHQL: &str = "kind = \"graphql\"\nbase = \"http://127.0.0.1/\"\nurl = \"graphql\"\nrecords = \"/data/l\"\n\
    query = \"query($after: String) { l(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }\"";

/// The ways to go from page to page that the pages themselves name.
fn led() -> [String; 5] {
    [
        format!("{JSON}\npaging = {{ kind = \"cursor\", cursor-param = \"c\", next = \"/next\", total = \"/total\" }}"),
        format!("{JSON}\npaging = {{ kind = \"cursor\", cursor-param = \"c\", next = \"/next\" }}"),
        format!("{JSON}\npaging = {{ kind = \"next-link\", next = \"/link\" }}"),
        format!("{GRAPHQL}\ntotal = \"/data/l/totalCount\""),
        GRAPHQL.to_owned(),
    ]
}

fn grant(id: usize) -> serde_json::Value {
    json!({"id": id, "titre": format!("Action {id}"), "montant": 1_000 + id})
}

/// A desk of thirty grants on three pages, each of which names the next one in every way; the page that begins at a place, and the
/// total that it states, are what `page` says.
fn leading(page: fn(usize) -> (Vec<usize>, u64)) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |asked| {
        let posted: serde_json::Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let cursor = asked.query.get("c").map(String::as_str).or(posted["variables"]["after"].as_str());
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let (ids, total) = page(from);
        let rows: Vec<_> = ids.into_iter().map(grant).collect();
        let next = (from < 20).then(|| (from + 10).to_string());
        let link = next.as_ref().map(|next| format!("liste?c={next}"));
        let end = json!({"hasNextPage": next.is_some(), "endCursor": next});
        let list = json!({"nodes": rows, "pageInfo": end, "totalCount": total});
        axum::Json(json!({"rows": rows, "total": total, "next": next, "link": link, "data": {"l": list}}))
            .into_response()
    }
}

fn whole(from: usize) -> (Vec<usize>, u64) {
    ((from + 1..=from + 10).collect(), 30)
}

/// The second page gives nine records of the first one again.
fn overlapping(from: usize) -> (Vec<usize>, u64) {
    if from == 10 { ((2..=11).collect(), 30) } else { whole(from) }
}

/// The second page is the first one in another order.
fn repeated(from: usize) -> (Vec<usize>, u64) {
    if from == 10 { ((1..=10).rev().collect(), 30) } else { whole(from) }
}

/// Two records go while the list is read.
fn shrinking(from: usize) -> (Vec<usize>, u64) {
    if from == 20 { ((21..=28).collect(), 28) } else { whole(from) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_which_pages_come_again_or_whose_total_changes_is_not_whole() {
    for driver in led() {
        let office = Office::open(&manifest(&driver), leading(whole)).await;
        let run = office.sync().await;
        assert_eq!((run.outcome, run.counts.added), (SyncOutcome::Succeeded, 30), "{driver}: {run:?}");
        let mut moves: Vec<(fn(usize) -> _, _, _)> = vec![
            (overlapping, SyncOutcome::Held, "came again on another page"),
            (repeated, SyncOutcome::Failed, "the same page comes again"),
        ];
        if driver.contains("total") {
            moves.push((shrinking, SyncOutcome::Held, "30 records, then 28"));
        }
        for (page, outcome, told) in moves {
            office.later(3_600);
            office.answer(leading(page));
            let run = office.sync().await;
            assert_eq!((run.outcome, run.counts.gone), (outcome, 0), "{driver}, {told}: {run:?}");
            assert!(run.message.as_ref().is_some_and(|message| message.en.contains(told)), "{driver}: {run:?}");
            assert_eq!(office.records().await.len(), 30, "{driver}: nothing is closed");
        }
        office.answer(leading(whole));
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "{driver}");
    }
}

/// One page of twenty, which says so of the next one.
fn first_of(next: serde_json::Value) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |asked| {
        let ids = if asked.query.contains_key("c") { 21..=30 } else { 1..=20 };
        let rows: Vec<_> = ids.map(grant).collect();
        let mut page = json!({ "rows": rows });
        if !asked.query.contains_key("c") {
            page.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        }
        axum::Json(page).into_response()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_page_that_no_longer_says_what_follows_waits_for_a_person() {
    let office = Office::open(&manifest(&led()[1]), first_of(json!({"next": "20"}))).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.counts.added), (SyncOutcome::Succeeded, 30), "{run:?}");
    for next in [json!({"next": {"href": "20"}}), json!({"next": ["20"]}), json!({"next": true})] {
        office.answer(first_of(next));
        let run = office.sync().await;
        assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Failed, 0), "{run:?}");
        assert!(run.message.unwrap().en.contains("neither a text nor null at « /next »"));
    }
    // The member goes by another name.
    office.answer(first_of(json!({"suivant": "20"})));
    for _ in 0..2 {
        let run = office.sync().await;
        assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Held, 0), "{run:?}");
        assert!(run.message.unwrap().en.contains("no longer says whether another one follows"));
        assert_eq!(office.records().await.len(), 30, "nothing is closed");
    }
    // A person knows that the list is that short: from then on the system is one that says nothing after its last page.
    let held = office.sync().await;
    assert_eq!(office.accept(&held.id).await.outcome, SyncOutcome::Succeeded);
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    // One that never said anything is told once.
    let other = Office::open(&manifest(&led()[1]), first_of(json!({"suivant": "20"}))).await;
    let said = |run: SyncRun| {
        (run.outcome, run.message.is_some_and(|message| message.en.contains("taken for the whole list")))
    };
    assert_eq!(said(other.sync().await), (SyncOutcome::Succeeded, true));
    assert_eq!(said(other.sync().await), (SyncOutcome::Succeeded, false));
    // One that says that nothing follows is believed.
    office.answer(first_of(json!({"next": null})));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.verify().await;
}

const BY_NUMBER: &str = "paging = { kind = \"page\", page-param = \"page\", size-param = \"taille\", size = 10 }";

/// A desk of this many grants, by pages of ten, and what it answers beyond the last page.
fn numbered(count: usize, beyond: fn(usize) -> Response) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |asked| {
        let page: usize = asked.query["page"].parse().unwrap();
        let rows: Vec<_> = (1..=count).skip((page - 1) * 10).take(10).map(grant).collect();
        if rows.is_empty() { beyond(count) } else { axum::Json(json!({ "rows": rows })).into_response() }
    }
}

fn empty(_: usize) -> Response {
    axum::Json(json!({ "rows": [] })).into_response()
}

fn none(_: usize) -> Response {
    StatusCode::NOT_FOUND.into_response()
}

fn bad(_: usize) -> Response {
    StatusCode::BAD_REQUEST.into_response()
}

/// The last page once more.
fn again(count: usize) -> Response {
    let rows: Vec<_> = (1..=count).skip((count - 1) / 10 * 10).map(grant).collect();
    axum::Json(json!({ "rows": rows })).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_total_ends_as_it_did_or_waits_for_a_person() {
    let driver = format!("{JSON}\n{BY_NUMBER}");
    let told = |run: &SyncRun| run.message.as_ref().map_or(String::new(), |message| message.en.clone());
    let ends: [fn(usize) -> Response; 3] = [empty, none, again];
    for (rank, end) in ends.into_iter().enumerate() {
        let office = Office::open(&manifest(&driver), numbered(28, end)).await;
        let run = office.sync().await;
        assert_eq!((run.outcome, run.counts.added), (SyncOutcome::Succeeded, 28), "{rank}: {run:?}");
        assert_eq!(told(&run).contains("no empty page says"), rank > 0, "{rank}: {run:?}");
        assert_eq!(told(&office.sync().await), "", "{rank}: it is told once");
        // One page is short for once, and the next one is refused, or given again.
        for (other, other_end) in ends.into_iter().enumerate() {
            let office = Office::open(&manifest(&driver), numbered(28, end)).await;
            office.sync().await;
            office.answer(numbered(19, other_end));
            let run = office.sync().await;
            if other == 0 || other == rank {
                assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Succeeded, 9), "{rank}, {other}: {run:?}");
                continue;
            }
            assert_eq!(
                (run.outcome, office.records().await.len()),
                (SyncOutcome::Held, 28),
                "{rank}, {other}: {run:?}"
            );
            assert!(told(&run).contains("no longer ends as it did"), "{run:?}");
            assert_eq!(office.accept(&run.id).await.outcome, SyncOutcome::Succeeded);
            assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "a person knows that it ends so");
        }
        office.answer(numbered(19, bad));
        assert_eq!(office.sync().await.outcome, SyncOutcome::Failed, "a request that is refused ends no list");
        office.verify().await;
    }
}

/// A system that caps its pages, and does not know the parameter of the page.
#[tokio::test(flavor = "multi_thread")]
async fn an_only_page_that_comes_again_waits_for_a_person() {
    let driver = format!("{JSON}\n{BY_NUMBER}");
    let office = Office::open(&manifest(&driver), numbered(5, again)).await;
    for _ in 0..2 {
        let run = office.sync().await;
        assert_eq!((run.outcome, office.sums().len()), (SyncOutcome::Held, 0), "{run:?}");
        assert!(run.message.unwrap().en.contains("may not know the parameter of the page"));
    }
    let held = office.sync().await;
    assert_eq!(office.accept(&held.id).await.outcome, SyncOutcome::Succeeded);
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "a person knows that the list is that short");
    // Capped pages of which the last one may be full: another one may follow.
    let capped = |beyond: fn(usize) -> Response| {
        move |asked: &Asked| {
            let page: usize = asked.query["page"].parse().unwrap();
            let rows: Vec<_> = (1..=8).skip((page - 1) * 4).take(4).map(grant).collect();
            if rows.is_empty() { beyond(8) } else { axum::Json(json!({ "rows": rows })).into_response() }
        }
    };
    for (beyond, outcome) in [
        (empty as fn(usize) -> Response, SyncOutcome::Succeeded),
        (none, SyncOutcome::Failed),
        (bad, SyncOutcome::Failed),
    ] {
        let office = Office::open(&manifest(&driver), capped(beyond)).await;
        assert_eq!(office.sync().await.outcome, outcome);
    }
}

//! The systems that have a GraphQL API, served for real: each with a schema of its own and a list that is read by cursor.

pub mod demarche;
pub mod partner;

use super::serve::base_36;
use async_graphql::{EmptyMutation, EmptySubscription, ObjectType, Schema, SimpleObject};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use std::ops::Range;

/// Nodes in a page where the reader does not say.
const PAGE_SIZE_DEFAULT: i32 = 100;
/// Selections that one operation may nest.
const DEPTH_MAX: usize = 8;

type Api<Query> = Schema<Query, EmptyMutation, EmptySubscription>;

#[derive(SimpleObject)]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// Which of `total` nodes the page holds that is asked for, of `size_max` nodes at most.
fn page(
    (first, after): (Option<i32>, Option<String>),
    total: usize,
    size_max: i32,
) -> async_graphql::Result<(Range<usize>, PageInfo)> {
    let from = match after.as_deref() {
        None => 0,
        Some(cursor) => usize::from_str_radix(cursor, 36).map_err(|_| "curseur inconnu")?,
    };
    let size = first.unwrap_or(PAGE_SIZE_DEFAULT).clamp(1, size_max);
    let from = from.min(total);
    let end = from.saturating_add(usize::try_from(size)?).min(total);
    Ok((from..end, PageInfo { has_next_page: end < total, end_cursor: (end > from).then(|| base_36(end)) }))
}

/// `POST` to `path`, answered over `query`.
fn router<Query: ObjectType + 'static>(path: &str, query: Query) -> Router {
    let api = Schema::build(query, EmptyMutation, EmptySubscription).limit_depth(DEPTH_MAX).finish();
    Router::new().route(path, post(answer::<Query>)).with_state(api)
}

/// A body that is no request is answered like a request that is wrong: by its error.
async fn answer<Query: ObjectType + 'static>(State(api): State<Api<Query>>, body: Bytes) -> impl IntoResponse {
    let answer = match serde_json::from_slice::<async_graphql::Request>(&body) {
        Ok(request) => api.execute(request).await,
        Err(error) => async_graphql::Response::from_errors(vec![async_graphql::ServerError::new(
            format!("the body is no GraphQL request: {error}"),
            None,
        )]),
    };
    let body = serde_json::to_vec(&answer).expect("an answer is made of text, numbers, lists and objects");
    ([(CONTENT_TYPE, "application/graphql-response+json")], body)
}

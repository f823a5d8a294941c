//! The GraphQL API of a département, served for real: a schema of its own, and a list that is read by cursor.

use super::Region;
use super::native::partner::{self, Grant};
use super::serve::base_36;
use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use std::collections::HashSet;
use std::sync::Arc;

/// Grants in a page where the reader does not say.
const PAGE_SIZE_DEFAULT: i32 = 100;
/// Grants in a page at most, whatever the reader asks.
const PAGE_SIZE_MAX: i32 = 1_000;
/// Numbers that one look-up may name.
const NUMBERS_MAX: usize = 50;
/// Selections that one operation may nest.
const DEPTH_MAX: usize = 8;

type Api = Schema<Query, EmptyMutation, EmptySubscription>;

struct Query {
    grants: Arc<[Grant]>,
}

/// A page of grants.
#[derive(SimpleObject)]
struct Grants {
    total_count: usize,
    page_info: PageInfo,
    nodes: Vec<Grant>,
}

#[derive(SimpleObject)]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[Object]
impl Query {
    /// The grants of these numbers, in the order of the list; a number that no grant has is left out.
    async fn subventions_par_numero(&self, numeros: Vec<String>) -> async_graphql::Result<Vec<Grant>> {
        if numeros.len() > NUMBERS_MAX {
            return Err(format!("{NUMBERS_MAX} numéros au plus").into());
        }
        let numbers: HashSet<&str> = numeros.iter().map(String::as_str).collect();
        Ok(self.grants.iter().filter(|grant| numbers.contains(grant.number())).cloned().collect())
    }

    /// Every grant, page after page.
    async fn subventions(&self, first: Option<i32>, after: Option<String>) -> async_graphql::Result<Grants> {
        let from = match after.as_deref() {
            None => 0,
            Some(cursor) => usize::from_str_radix(cursor, 36).map_err(|_| "curseur inconnu")?,
        };
        let size = first.unwrap_or(PAGE_SIZE_DEFAULT).clamp(1, PAGE_SIZE_MAX);
        let total = self.grants.len();
        let from = from.min(total);
        let end = from.saturating_add(usize::try_from(size)?).min(total);
        Ok(Grants {
            total_count: total,
            page_info: PageInfo { has_next_page: end < total, end_cursor: (end > from).then(|| base_36(end)) },
            nodes: self.grants[from..end].to_vec(),
        })
    }
}

/// `POST /graphql` over the grants of the département.
pub fn router(region: &Region) -> Router {
    let api = Schema::build(Query { grants: partner::grants(region).into() }, EmptyMutation, EmptySubscription)
        .limit_depth(DEPTH_MAX)
        .finish();
    Router::new().route("/graphql", post(answer)).with_state(api)
}

/// A body that is no request is answered like a request that is wrong: by its error.
async fn answer(State(api): State<Api>, body: Bytes) -> impl IntoResponse {
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

//! The API of a département over its grants.

use super::{PageInfo, page, router as over};
use crate::demo::Region;
use crate::demo::native::partner::{self, Grant};
use async_graphql::{Object, SimpleObject};
use axum::Router;
use std::collections::HashSet;
use std::sync::Arc;

/// Grants in a page at most, whatever the reader asks.
const PAGE_SIZE_MAX: i32 = 1_000;
/// Numbers that one look-up may name.
const NUMBERS_MAX: usize = 50;

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
        let total_count = self.grants.len();
        let (part, page_info) = page((first, after), total_count, PAGE_SIZE_MAX)?;
        Ok(Grants { total_count, page_info, nodes: self.grants[part].to_vec() })
    }
}

/// `POST /graphql` over the grants of the département.
pub fn router(region: &Region) -> Router {
    over("/graphql", Query { grants: partner::grants(region).into() })
}

//! The API of Démarche numérique over one form: the demands of DETR, DSIL and DPV.

use super::{PageInfo, page, router as over};
use crate::demo::Region;
use crate::demo::native::demarche::{self, Dossier};
use async_graphql::{ErrorExtensions as _, Object, SimpleObject};
use axum::Router;
use std::sync::Arc;

/// Dossiers in a page at most, as the real desk has it.
const PAGE_SIZE_MAX: i32 = 100;
/// The number of the form: the one that the manifest of the connector holds until a prefecture writes its own there.
const FORM: i32 = 0;

struct Query {
    dossiers: Arc<[Dossier]>,
}

struct Form {
    dossiers: Arc<[Dossier]>,
}

/// A page of dossiers.
#[derive(SimpleObject)]
#[graphql(name = "DossierConnection")]
struct Dossiers {
    page_info: PageInfo,
    nodes: Vec<Dossier>,
}

#[Object]
impl Query {
    /// One form, by its number.
    async fn demarche(&self, number: i32) -> async_graphql::Result<Form> {
        let known = (number == FORM).then(|| Form { dossiers: Arc::clone(&self.dossiers) });
        known.ok_or_else(|| not_found("Demarche not found"))
    }

    /// One dossier, by its number.
    async fn dossier(&self, number: i32) -> async_graphql::Result<Dossier> {
        let found = self.dossiers.iter().find(|dossier| dossier.number == number);
        found.cloned().ok_or_else(|| not_found("Dossier not found"))
    }
}

fn not_found(message: &str) -> async_graphql::Error {
    async_graphql::Error::new(message).extend_with(|_, extensions| extensions.set("code", "not_found"))
}

#[Object(name = "Demarche")]
impl Form {
    /// Its dossiers, page after page.
    async fn dossiers(&self, first: Option<i32>, after: Option<String>) -> async_graphql::Result<Dossiers> {
        let (part, page_info) = page((first, after), self.dossiers.len(), PAGE_SIZE_MAX)?;
        Ok(Dossiers { page_info, nodes: self.dossiers[part].to_vec() })
    }
}

/// `POST /graphql` over the dossiers of the desk.
pub fn router(region: &Region) -> Router {
    over("/graphql", Query { dossiers: demarche::dossiers(region).into() })
}

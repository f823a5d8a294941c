//! The explorer of the schema (GraphiQL), from files inside the binary, and the schema itself as text.

use super::Service;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};
use std::sync::Arc;

static ASSETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/graphiql");

/// The page may load nothing but what this gateway serves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src data:; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The page.
pub(super) async fn page() -> Response {
    asset("index.html")
}

/// One of its files.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    asset(&name)
}

/// The schema, as text.
pub(super) async fn sdl(State(service): State<Arc<Service>>) -> Response {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], service.sdl.clone()).into_response()
}

/// A file inside the binary: only names that were there when it was built.
fn asset(name: &str) -> Response {
    let Some(file) = ASSETS.get_file(name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY.to_owned()),
        (header::CACHE_CONTROL, "public, max-age=3600".to_owned()),
    ];
    (headers, file.contents()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_only_files_that_are_there() {
        let page = ASSETS.get_file("index.html").and_then(|file| file.contents_utf8()).expect("the page");
        let mut named = 0;
        for part in page.split("\"/graphiql/").skip(1) {
            let name = part.split('"').next().expect("a name");
            assert!(ASSETS.get_file(name).is_some(), "{name}");
            named += 1;
        }
        assert!(named >= 5, "the page names its files");
        assert!(!page.contains("http"), "the page needs no internet");
        assert_eq!(asset("../Cargo.toml").status(), StatusCode::NOT_FOUND);
    }
}

//! What a body is known by, so that it is sent again only when it changed (RFC 9110, 8.8 and 13.1).

use reqwest::header::{
    DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use sha2::{Digest as _, Sha256};
use url::Url;

/// Longest validator that is kept.
const CHARACTERS_MAX: usize = 512;
/// A body that changed less than this before it was sent may change again within the same second of its
/// `Last-Modified`, unseen; the clocks of the machines behind one address may differ too.
const MODIFIED_SECONDS_MIN: i64 = 60;

/// What one body is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    /// Digest of the URL that gave it, after redirects: a URL may hold what is not to be shown.
    pub place: String,
    /// Its `ETag`, weak or strong.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub modified: Option<String>,
}

impl Validator {
    /// What the answer of `url` with these headers is known by; `None` where it states nothing to rely on.
    pub(super) fn of(url: &Url, headers: &HeaderMap) -> Option<Validator> {
        let etag = text(headers, &ETAG).filter(|etag| is_tag(etag)).map(str::to_owned);
        let modified = text(headers, &LAST_MODIFIED).filter(|modified| is_settled(modified, text(headers, &DATE)));
        let modified = modified.map(str::to_owned);
        (etag.is_some() || modified.is_some()).then(|| Validator { place: place(url), etag, modified })
    }

    /// Was the body given by this URL? Another one is another body, whatever its validators.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.place == place(url)
    }

    /// The headers that ask for another body only.
    pub(super) fn conditions(&self) -> HeaderMap {
        let stated = [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.modified)];
        let value = |text: &Option<String>| HeaderValue::from_str(text.as_deref()?).ok();
        stated.into_iter().filter_map(|(name, text)| Some((name, value(text)?))).collect()
    }

    /// Does an answer 304 speak of this body? One that names another `ETag` does not.
    pub(super) fn is_meant(&self, headers: &HeaderMap) -> bool {
        let (Some(named), Some(own)) = (text(headers, &ETAG), self.etag.as_deref()) else { return true };
        opaque(named) == opaque(own)
    }
}

/// The part of an `ETag` that a weak comparison compares.
fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

/// Is it the tag of one body (RFC 9110, 8.8.3)? `*`, sent back, would ask for a body only where there is none at all.
fn is_tag(etag: &str) -> bool {
    let quoted = opaque(etag).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    quoted.is_some_and(|tag| !tag.contains('"'))
}

fn place(url: &Url) -> String {
    hex::encode(Sha256::digest(url.as_str().as_bytes()))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty() && text.len() <= CHARACTERS_MAX)
}

fn is_settled(modified: &str, date: Option<&str>) -> bool {
    let instant = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok();
    let Some((modified, date)) = instant(modified).zip(date.and_then(instant)) else { return false };
    (date - modified).num_seconds() >= MODIFIED_SECONDS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn a_body_is_known_by_its_etag_or_by_a_date_that_has_settled() {
        let (now, before) = ("Wed, 21 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 2026 07:27:30 GMT");
        let found = |pairs: &[_]| Validator::of(&url("http://a/x?k=1"), &headers(pairs));
        assert_eq!(found(&[(DATE, now)]), None);
        assert_eq!(found(&[(DATE, now), (LAST_MODIFIED, now)]), None, "it may change within the second");
        assert_eq!(found(&[(LAST_MODIFIED, before)]), None, "nobody knows how long before");
        assert_eq!(found(&[(DATE, now), (LAST_MODIFIED, before)]).and_then(|v| v.modified).as_deref(), Some(before));
        for none in ["*", "a", "\"", "\"a\", \"b\"", "W/*"] {
            assert_eq!(found(&[(ETAG, none)]), None, "{none} is no tag");
        }
        let weak = found(&[(ETAG, "W/\"1\"")]).expect("a weak one is good");
        assert_eq!(weak.conditions().get(IF_NONE_MATCH).map(HeaderValue::as_bytes), Some(&b"W/\"1\""[..]));
        assert!(
            !weak.place.contains("k=1") && weak.is_at(&url("http://a/x?k=1")) && !weak.is_at(&url("http://a/x?k=2"))
        );
    }

    #[test]
    fn an_answer_that_names_another_body_is_not_meant() {
        let known = Validator { place: String::new(), etag: Some("\"1\"".to_owned()), modified: None };
        assert!(known.is_meant(&headers(&[])) && known.is_meant(&headers(&[(ETAG, "W/\"1\"")])));
        assert!(!known.is_meant(&headers(&[(ETAG, "\"2\"")])));
    }
}

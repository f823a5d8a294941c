//! The media type of an answer, by what the client accepts (GraphQL over HTTP).

use axum::http::{HeaderMap, header};

/// The two media types of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: always 200 for a well-formed request, for clients of old.
    Json,
    /// `application/graphql-response+json`: the status tells a refused document from an answer.
    GraphqlResponse,
}

impl Media {
    /// Both, the preferred one of a tie first.
    const OFFERED: [Media; 2] = [Media::GraphqlResponse, Media::Json];

    /// The value of Content-Type.
    pub fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    fn essence(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::GraphqlResponse => "application/graphql-response+json",
        }
    }
}

/// The media type to answer with; `None` when the client accepts neither.
/// Without a wish (no header, or a wildcard) it is JSON.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
    let mut ranges = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        ranges.extend(value.to_str().ok()?.split(',').filter_map(range));
    }
    if ranges.is_empty() {
        return Some(Media::Json);
    }
    let (mut best, mut chosen) = ((0, 0), None);
    for media in Media::OFFERED {
        let (specificity, quality) = wish(&ranges, media);
        // A wildcard is no wish for the newer type.
        if specificity < 3 && media == Media::GraphqlResponse {
            continue;
        }
        if quality > 0 && (quality, specificity) > best {
            best = (quality, specificity);
            chosen = Some(media);
        }
    }
    chosen
}

/// Does the client ask for server-sent events? Only by name: a wildcard is no wish for a stream.
pub(super) fn wants_events(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = values.flat_map(|value| value.split(',')).filter_map(range);
    ranges.any(|(range, quality)| range == "text/event-stream" && quality > 0)
}

/// How well the most specific range fits, and its quality in thousandths.
fn wish(ranges: &[(String, u16)], media: Media) -> (u8, u16) {
    let fit = |range: &str| match range {
        "*/*" => 1,
        "application/*" => 2,
        exact if exact == media.essence() => 3,
        _ => 0,
    };
    ranges.iter().map(|(range, quality)| (fit(range), *quality)).filter(|(fit, _)| *fit > 0).max().unwrap_or((0, 0))
}

/// A media range and its quality in thousandths.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = quality.map_or(1_000, |text| {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        match (whole, format!("{decimals:0<3}").get(..3).and_then(|digits| digits.parse().ok())) {
            ("1", _) => 1_000,
            ("0", Some(thousandths)) => thousandths,
            _ => 0,
        }
    });
    Some((range, quality))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header value"));
        negotiate(&headers)
    }

    #[test]
    fn the_clients_wish_is_followed() {
        assert_eq!(negotiate(&HeaderMap::new()), Some(Media::Json));
        for (accept, expected) in [
            ("*/*", Some(Media::Json)),
            ("application/*", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            ("application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json;q=0.5, application/json", Some(Media::Json)),
            ("application/graphql-response+json; charset=utf-8, */*;q=0.1", Some(Media::GraphqlResponse)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(Media::Json)),
            ("application/json;q=0, application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(of(accept), expected, "{accept}");
        }
    }
}

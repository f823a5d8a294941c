//! A GraphQL request as it comes over HTTP, read strictly: each parameter has one type.

use super::error::HttpError;
use crate::identity::members_once;
use async_graphql::Variables;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// A request, well-formed.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
}

/// Reads the body of a POST. A body sent as a form or as plain text needs no preflight in a browser,
/// and is refused for that.
pub(super) fn from_post(headers: &HeaderMap, body: &[u8]) -> Result<Asked, HttpError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !is_json(content_type) {
        return Err(HttpError::MediaType);
    }
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(HttpError::MediaType);
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(parameters)) => {
            once(body)?;
            from_parameters(parameters)
        }
        Ok(Value::Array(_)) => {
            Err(HttpError::malformed("several requests in one array are not accepted: send them one by one"))
        }
        Ok(_) => Err(HttpError::malformed("the body is no JSON object with `query`")),
        Err(error) => Err(HttpError::malformed(format!("the body is no JSON: {error}"))),
    }
}

fn once(json: &[u8]) -> Result<(), HttpError> {
    members_once(json).map_err(|error| HttpError::malformed(format!("the request says two things: {error}")))
}

/// Reads the query string of a GET.
pub(super) fn from_get(query: Option<&str>) -> Result<Asked, HttpError> {
    let mut parameters = Map::new();
    for (name, text) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let value = match &*name {
            "query" | "operationName" => Value::String(text.into_owned()),
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => {
                let value = serde_json::from_str(&text)
                    .map_err(|error| HttpError::malformed(format!("the parameter `{name}` is no JSON: {error}")))?;
                once(text.as_bytes())?;
                value
            }
            _ => continue,
        };
        if parameters.insert(name.to_string(), value).is_some() {
            return Err(HttpError::malformed(format!("the parameter `{name}` is given twice")));
        }
    }
    from_parameters(parameters)
}

/// Reads the parameters of a request, however they came.
pub(super) fn from_parameters(mut parameters: Map<String, Value>) -> Result<Asked, HttpError> {
    let wrong = |name: &str, expected: &str| HttpError::malformed(format!("the parameter `{name}` is no {expected}"));
    let query = match parameters.remove("query") {
        Some(Value::String(query)) => query,
        Some(_) => return Err(wrong("query", "text")),
        None => return Err(HttpError::malformed("the parameter `query` is missing")),
    };
    let operation_name = match parameters.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(wrong("operationName", "text")),
    };
    let variables = match parameters.remove("variables") {
        None | Some(Value::Null) => Variables::default(),
        Some(object @ Value::Object(_)) => Variables::from_json(object),
        Some(_) => return Err(wrong("variables", "JSON object")),
    };
    match parameters.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => Ok(Asked { query, operation_name, variables }),
        Some(_) => Err(wrong("extensions", "JSON object")),
    }
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    essence
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                let value = value.trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(content_type: &str, body: &str) -> Result<Asked, HttpError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().expect("a header value"));
        from_post(&headers, body.as_bytes())
    }

    #[test]
    fn a_post_is_json_and_one_request() {
        let asked = post("application/json; charset=utf-8", r#"{"query": "{a}", "operationName": null}"#);
        assert_eq!(asked.expect("sound").query, "{a}");
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/json; charset=utf-16",
        ] {
            assert!(matches!(post(content_type, r#"{"query": "{a}"}"#), Err(HttpError::MediaType)), "{content_type}");
        }
        for body in ["", "[]", r#"[{"query": "{a}"}]"#, "1", "{}", r#"{"query": 1}"#, r#"{"query":"","variables":[]}"#]
        {
            assert!(matches!(post("application/json", body), Err(HttpError::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn a_get_names_its_operation_as_the_specification_does() {
        let asked = from_get(Some("query=query+B%7Ba%7D&operationName=B&variables=%7B%22x%22%3A1%7D")).expect("sound");
        assert_eq!((asked.query.as_str(), asked.operation_name.as_deref()), ("query B{a}", Some("B")));
        assert_eq!(asked.variables.len(), 1);
        assert!(from_get(None).is_err());
        assert!(from_get(Some("query=a&query=b")).is_err());
        assert!(from_get(Some("query=a&variables={")).is_err());
    }
}

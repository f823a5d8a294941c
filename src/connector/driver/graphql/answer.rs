//! One answer of a GraphQL API. An answer with errors is a failure, whatever data comes beside them: half a list that
//! looks whole would be taken for all there is.

use super::super::error::ReadError;
use super::super::http_json::Document;
use crate::connector::node::Node;

/// What one answer brings.
#[derive(Debug)]
pub(super) struct Page {
    /// Its records; null where the API gives none in a place of the list.
    pub(super) records: Vec<Node>,
    /// Bytes that one of them weighs.
    pub(super) bytes: usize,
    /// Where the next page begins, if there is one.
    pub(super) next: Option<String>,
    /// The total that the answer states.
    pub(super) total: Option<u64>,
}

/// Takes the page at `pointer` out of an answer.
pub(super) fn page(
    document: Document,
    (pointer, total): (&str, Option<&str>),
    tell: Tell<'_>,
) -> Result<Page, ReadError> {
    without_errors(&document, tell)?;
    let total = total.map(|total| document.total(total)).transpose()?;
    let name = document.name.clone();
    let (answer, bytes) = document.into_node();
    let list = answer.pointer(pointer).filter(|list| matches!(list, Node::Object(_))).ok_or_else(|| {
        ReadError::form(
            &name,
            format!("pas de liste en « {pointer} » : voyez records dans le manifeste"),
            format!("no list at « {pointer} »: see records in the manifest"),
        )
    })?;
    let records = nodes(list).ok_or_else(|| {
        ReadError::form(
            &name,
            format!("la liste « {pointer} » n'a ni nodes ni edges : demandez-les dans query"),
            format!("the list « {pointer} » has neither nodes nor edges: ask for them in query"),
        )
    })?;
    let next = next(list, &name)?;
    Ok(Page { bytes: bytes / records.len().max(1), records, next, total })
}

/// Refuses an answer that tells an error; what stands there and is no list is understood by nobody, and is one.
pub(super) fn without_errors(document: &Document, tell: Tell<'_>) -> Result<(), ReadError> {
    match document.node().get("errors") {
        None | Some(Node::Null) => Ok(()),
        Some(Node::List(errors)) if errors.is_empty() => Ok(()),
        Some(errors) => Err(refused(&document.name, errors, tell)),
    }
}

fn nodes(list: &Node) -> Option<Vec<Node>> {
    if let Some(Node::List(nodes)) = list.get("nodes") {
        return Some(nodes.clone());
    }
    let Some(Node::List(edges)) = list.get("edges") else { return None };
    Some(edges.iter().map(|edge| edge.get("node").cloned().unwrap_or(Node::Null)).collect())
}

/// The cursor of the next page; none where the list says that it has ended.
fn next(list: &Node, name: &str) -> Result<Option<String>, ReadError> {
    let cursor = list.pointer("/pageInfo/endCursor").and_then(Node::scalar).filter(|cursor| !cursor.is_empty());
    match (list.pointer("/pageInfo/hasNextPage"), cursor) {
        (Some(Node::Bool(false)), _) => Ok(None),
        (Some(Node::Bool(true)), Some(cursor)) => Ok(Some(cursor.to_owned())),
        (Some(Node::Bool(true)), None) => Err(ReadError::form(
            name,
            "la liste annonce une page suivante sans endCursor : demandez-le dans query",
            "the list states a next page without endCursor: ask for it in query",
        )),
        _ => Err(ReadError::form(
            name,
            "la liste ne dit pas si elle est finie : demandez pageInfo { hasNextPage endCursor } dans query",
            "the list does not say whether it has ended: ask for pageInfo { hasNextPage endCursor } in query",
        )),
    }
}

/// How the words of an API are told: an error may repeat the secret that was sent with the question.
pub(super) type Tell<'a> = &'a dyn Fn(&str) -> String;

/// The first error of the answer, in the words of the API.
fn refused(name: &str, errors: &Node, tell: Tell<'_>) -> ReadError {
    let message = tell(errors.pointer("/0/message").and_then(Node::scalar).unwrap_or("?"));
    let message: String = message.chars().take(MESSAGE_CHARACTERS_MAX).collect();
    ReadError::Refused { resource: name.to_owned(), said: message }
}

/// Characters of an upstream error that are told.
const MESSAGE_CHARACTERS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Result<Page, ReadError> {
        page(Document::parse(text.as_bytes().to_vec(), "f", 128).expect("JSON"), ("/data/l", None), &str::to_owned)
    }

    #[test]
    fn nodes_and_edges_are_one_list() {
        let end = r#""pageInfo":{"hasNextPage":true,"endCursor":"c"}"#;
        let one = taken(&format!(r#"{{"data":{{"l":{{"nodes":[1,null],{end}}}}}}}"#)).expect("a page");
        let other = taken(&format!(r#"{{"data":{{"l":{{"edges":[{{"node":1}},{{"node":null}}],{end}}}}}}}"#));
        assert_eq!(one.records, [Node::Number("1".into()), Node::Null]);
        assert_eq!(one.next.as_deref(), Some("c"));
        assert_eq!(other.expect("a page").records, one.records);
    }

    #[test]
    fn what_a_source_says_in_an_error_is_kept_from_who_must_not_have_it() {
        let error = taken(r#"{"errors":[{"message":"no grant of Jeanne Dupont"}]}"#).expect_err("an error");
        assert!(error.message().fr.contains("Jeanne") && error.to_string().contains("Jeanne"));
        let error = error.without_words();
        assert!(!error.message().fr.contains("Jeanne") && !error.to_string().contains("Jeanne"), "{error}");
    }

    #[test]
    fn what_is_not_sure_is_refused() {
        for (answer, told) in [
            (r#"{"errors":[{"message":"no"}],"data":{"l":{"nodes":[1],"pageInfo":{"hasNextPage":false}}}}"#, "« no »"),
            (r#"{"errors":{},"data":{"l":{"nodes":[1],"pageInfo":{"hasNextPage":false}}}}"#, "« ? »"),
            (r#"{"data":{"l":null}}"#, "no list"),
            (r#"{"data":{"l":{"pageInfo":{"hasNextPage":false}}}}"#, "neither nodes nor edges"),
            (r#"{"data":{"l":{"nodes":[]}}}"#, "whether it has ended"),
            (r#"{"data":{"l":{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":null}}}}"#, "without endCursor"),
        ] {
            let error = taken(answer).expect_err("refused").to_string();
            assert!(error.contains(told), "{answer}: {error}");
        }
        let kept = taken(r#"{"errors":[],"data":{"l":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}"#);
        assert!(kept.is_ok_and(|page| page.next.is_none()));
    }
}

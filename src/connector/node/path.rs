//! Ways into a node: JSON Pointers and field paths.

use super::Node;
use std::borrow::Cow;

/// The value at a JSON Pointer.
pub fn pointer<'a>(node: &'a Node, pointer: &str) -> Option<&'a Node> {
    if pointer.is_empty() {
        return Some(node);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(node, |node, token| {
        let token = if token.contains('~') {
            Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
        } else {
            Cow::Borrowed(token)
        };
        step(node, &token)
    })
}

/// The value at a field path: the exact name wins over a dotted reading of it.
pub fn at<'a>(node: &'a Node, field: &str) -> Option<&'a Node> {
    if let Some(found) = step(node, field) {
        return Some(found);
    }
    let dots = field.match_indices('.');
    dots.into_iter().find_map(|(dot, _)| at(step(node, &field[..dot])?, &field[dot + 1..]))
}

fn step<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match node {
        Node::Object(_) => node.get(name),
        Node::List(items) => position(name).and_then(|index| items.get(index)),
        _ => None,
    }
}

/// The position in a list that a step of a path names.
pub fn position(name: &str) -> Option<usize> {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| name.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Node {
        Node::parse_json(r#"{"a.b": 1, "a": {"b": 2, "c": [{"nom": "x"}, {"nom": null}]}, "m~n": {"/": 3}}"#).unwrap()
    }

    #[test]
    fn an_exact_name_wins_over_a_path() {
        let record = record();
        assert_eq!(record.at("a.b").and_then(Node::scalar), Some("1"));
        assert_eq!(record.at("a.c.0.nom").and_then(Node::scalar), Some("x"));
        assert_eq!(record.at("a.c.7.nom"), None);
    }

    #[test]
    fn a_pointer_unescapes() {
        assert_eq!(record().pointer("/m~0n/~1").and_then(Node::scalar), Some("3"));
        assert_eq!(record().pointer("").map(Node::is_blank), Some(false));
        assert_eq!(record().pointer("a"), None);
    }
}

//! Ways into a node: JSON Pointers, field paths, and the replacement of what must be sealed.

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

fn position(name: &str) -> Option<usize> {
    name.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.parse().ok()).flatten()
}

/// Replaces what stands at `path` by the sealed form of its JSON text.
pub fn replace(node: &mut Node, path: &str, seal: &mut dyn FnMut(&str) -> String) {
    if let Node::List(items) = node {
        if path == "*" {
            items.iter_mut().for_each(|item| replace_whole(item, seal));
        } else if let Some(rest) = path.strip_prefix("*.") {
            items.iter_mut().for_each(|item| replace(item, rest, seal));
        }
    }
    if let Some(found) = step_mut(node, path) {
        replace_whole(found, seal);
        return;
    }
    for (dot, _) in path.match_indices('.') {
        if let Some(inner) = step_mut(node, &path[..dot]) {
            replace(inner, &path[dot + 1..], seal);
        }
    }
}

fn replace_whole(node: &mut Node, seal: &mut dyn FnMut(&str) -> String) {
    if *node != Node::Null {
        *node = Node::Text(seal(&node.to_json()).into());
    }
}

fn step_mut<'a>(node: &'a mut Node, name: &str) -> Option<&'a mut Node> {
    match node {
        Node::Object(entries) => entries.iter_mut().find(|(key, _)| &**key == name).map(|(_, value)| value),
        Node::List(items) => position(name).and_then(|index| items.get_mut(index)),
        _ => None,
    }
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

    #[test]
    fn sealing_reaches_every_element_and_leaves_the_absent_alone() {
        let mut node = record();
        let mut seen = Vec::new();
        node.seal(&["a.c.*.nom".into(), "zzz".into()], &mut |text| {
            seen.push(text.to_owned());
            "sealed".to_owned()
        });
        assert_eq!(seen, [r#""x""#]);
        assert_eq!(node.at("a.c.0.nom").and_then(Node::scalar), Some("sealed"));
        assert_eq!(node.at("a.c.1.nom"), Some(&Node::Null));
    }
}

//! Ways into a node: JSON Pointers, field paths, and the replacement of what must be sealed.

use super::Node;
use crate::domain::text::{compact, is_compacted_to};
use std::borrow::Cow;
use std::sync::Arc;

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
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| name.parse().ok()).flatten()
}

/// Replaces what stands at `path` by the sealed form of its JSON text. Names count in any spelling, and the later columns of a
/// doubled name with them. What has another form than the path expects is not left in clear: a text where an object was expected
/// is replaced whole, each element of a list that was not expected is looked into, and a lone object stands for a list of one.
pub fn replace(node: &mut Node, path: &str, seal: &mut dyn FnMut(&str) -> String) {
    match node {
        Node::Null => {}
        Node::List(items) => match element_of(path) {
            Some((position, rest)) => {
                let meant = items.iter_mut().enumerate().filter(|(at, _)| position.is_none_or(|meant| meant == *at));
                meant.for_each(|(_, item)| replace_rest(item, rest, seal));
            }
            None => items.iter_mut().for_each(|item| replace(item, path, seal)),
        },
        Node::Object(entries) => {
            let is_there = replace_named(entries, path, seal);
            if let Some((_, rest)) = element_of(path).filter(|_| !is_there) {
                replace_rest(node, rest, seal);
            }
        }
        Node::Text(_) | Node::Number(_) | Node::Bool(_) => {
            if !node.is_blank() {
                replace_whole(node, seal);
            }
        }
    }
}

/// The element of a list that a path begins with, none for every one, and the path beneath it.
fn element_of(path: &str) -> Option<(Option<usize>, &str)> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    if first == "*" { Some((None, rest)) } else { position(first).map(|position| (Some(position), rest)) }
}

fn replace_rest(node: &mut Node, rest: &str, seal: &mut dyn FnMut(&str) -> String) {
    if rest.is_empty() { replace_whole(node, seal) } else { replace(node, rest, seal) }
}

/// Replaces within an object; tells whether a name of it was meant. The whole path as a name wins over a dotted reading of it.
fn replace_named(entries: &mut [(Arc<str>, Node)], path: &str, seal: &mut dyn FnMut(&str) -> String) -> bool {
    let mut is_there = false;
    for (_, value) in entries.iter_mut().filter(|(name, _)| is_named(name, path)) {
        replace_whole(value, seal);
        is_there = true;
    }
    if is_there {
        return true;
    }
    for (dot, _) in path.match_indices('.') {
        for (_, value) in entries.iter_mut().filter(|(name, _)| is_named(name, &path[..dot])) {
            replace(value, &path[dot + 1..], seal);
            is_there = true;
        }
    }
    is_there
}

/// Is `name` this one, in any spelling, or what a table calls a later column of it: `name (2)`?
fn is_named(name: &str, meant: &str) -> bool {
    let first = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    let first = first.filter(|(_, rank)| position(rank).is_some()).map(|(first, _)| first);
    [Some(name), first].into_iter().flatten().any(|name| {
        name == meant || {
            let meant = compact(meant);
            !meant.is_empty() && is_compacted_to(name, &meant)
        }
    })
}

fn replace_whole(node: &mut Node, seal: &mut dyn FnMut(&str) -> String) {
    if *node != Node::Null {
        *node = Node::Text(seal(&node.to_json()).into());
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

    #[test]
    fn no_other_spelling_or_form_leaves_it_in_clear() {
        let paths = ["porteur.nom".into(), "contacts.*.nom".into(), "a.b".into(), "plan.0.qui".into()];
        for record in [
            r#"{"porteur": "SECRET"}"#,
            r#"{"porteur": 5553}"#,
            r#"{"porteur": [{"nom": "SECRET", "ville": "Lens"}, "SECRET"]}"#,
            r#"{"Porteur": {"NOM": "SECRET", "nom (2)": "SECRET", "ville": "Lens"}}"#,
            r#"{"porteur.nom": "SECRET", "Porteur.Nom (3)": "SECRET"}"#,
            r#"{"contacts": {"nom": "SECRET", "ville": "Lens"}}"#,
            r#"{"contacts": ["SECRET", [{"nom": "SECRET"}]]}"#,
            r#"{"contacts": "SECRET"}"#,
            r#"{"a": {"b": {"c": "SECRET"}}, "ville": "Lens"}"#,
            r#"{"plan": [{"qui": "SECRET"}, {"qui": "Lens"}]}"#,
        ] {
            let mut node = Node::parse_json(record).unwrap();
            node.seal(&paths, &mut |_| "sealed".to_owned());
            let sealed = node.to_json();
            assert!(!sealed.contains("SECRET") && !sealed.contains("5553"), "{record}: {sealed}");
            assert_eq!(sealed.matches("Lens").count(), record.matches("Lens").count(), "{record}: {sealed}");
        }
        let mut apart = Node::parse_json(r#"{"a": "Lens", "a.b": "x", "porteur": " ", "noms": "y"}"#).unwrap();
        apart.seal(&paths, &mut |_| "sealed".to_owned());
        assert_eq!(apart.to_json(), r#"{"a":"Lens","a.b":"sealed","porteur":" ","noms":"y"}"#);
    }
}

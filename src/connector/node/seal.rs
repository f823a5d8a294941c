//! What of a record is sealed before it is stored: the fields that may hold a person and, where one of them is not there, whatever
//! nobody knows to be something else.

use super::Node;
use super::path::position;
use crate::domain::text::{compact, is_compacted_to};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The member in which what nobody knows stands, sealed with its names.
pub const REST: &str = "sealed:rest";

/// The fields of a source that may hold a person, beside those that its map takes for something else.
#[derive(Debug, Default)]
pub struct Personal {
    paths: Vec<Box<str>>,
    known: Known,
}

/// What the manifest names, step by step of its path.
#[derive(Debug, Default)]
struct Known {
    /// The map takes its value, which is none of a person.
    is_field: bool,
    below: HashMap<Box<str>, Known>,
}

impl Personal {
    /// Of the fields at `paths`; `*` in a path means every element of a list. `fields` are what else the map looks at.
    pub fn new<'a>(paths: &'a [String], fields: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = Known::default();
        paths.iter().for_each(|path| known.insert(path, false));
        fields.into_iter().for_each(|field| known.insert(field, true));
        Personal { paths: paths.iter().map(|path| path.as_str().into()).collect(), known }
    }

    /// The fields that may hold a person.
    pub fn paths(&self) -> &[Box<str>] {
        &self.paths
    }

    /// Does the manifest name this column, or something in it? It may name what is in a list as if it were in its one element.
    pub fn knows(&self, column: &str) -> bool {
        self.known.leads(column)
    }

    /// Replaces what stands at each of the paths by the text that `seal` makes of its JSON form. What is null or blank stays so.
    /// Where one of them leads nowhere, or all that are there are blank, the person may stand under another name: then whatever the
    /// manifest does not name is sealed too, names and all, for a name may be the value of a row that was taken for a header.
    pub fn seal(&self, node: &mut Node, seal: &mut dyn FnMut(&str) -> String) {
        let mut sealing = Sealing { seal, done: HashSet::new(), has_blank: false };
        let mut is_there = true;
        for path in &self.paths {
            is_there &= sealing.replace(node, path);
        }
        if !is_there || sealing.has_blank && sealing.done.is_empty() {
            sealing.keep_known(node, &self.known);
        }
    }
}

/// Replaces what stands at each of these paths of one record, and nothing else.
pub fn seal_at(node: &mut Node, paths: &[String], seal: &mut dyn FnMut(&str) -> String) {
    let mut sealing = Sealing { seal, done: HashSet::new(), has_blank: false };
    for path in paths {
        sealing.replace(node, path);
    }
}

impl Known {
    fn insert(&mut self, path: &str, is_field: bool) {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut into = |step: Box<str>| {
            let below = self.below.entry(step).or_default();
            match rest {
                Some(rest) => below.insert(rest, is_field),
                None => below.is_field |= is_field,
            }
        };
        into(step(first));
        if position(first).is_some() {
            into("*".into());
        }
    }

    /// What the manifest names under the name of a member, which may hold dots itself.
    fn find(&self, name: &str) -> Option<&Known> {
        name.split('.').try_fold(self, |known, one| known.below.get(&step(one)))
    }

    /// Does a path lead somewhere? `*` stands for the elements of a list.
    fn leads<'a>(&'a self, path: &str) -> bool {
        let below =
            |known: &'a Known, one| if one == "*" { Some(known.element()) } else { known.below.get(&step(one)) };
        path.split('.').try_fold(self, below).is_some()
    }

    fn element(&self) -> &Known {
        self.below.get("*").unwrap_or(self)
    }
}

/// One spelling for all of a name; what is left of nothing but signs is the name itself.
fn step(name: &str) -> Box<str> {
    let compacted = compact(name);
    if compacted.is_empty() { name.into() } else { compacted.into() }
}

/// The sealing of one record.
struct Sealing<'a> {
    seal: &'a mut dyn FnMut(&str) -> String,
    /// The sealed forms: several paths may lead to one place, which is sealed once.
    done: HashSet<Box<str>>,
    /// Something is there that may hold a person, and is blank.
    has_blank: bool,
}

impl Sealing<'_> {
    /// Replaces what stands at `path` by the sealed form of its JSON text; tells whether the path led somewhere wherever it began.
    /// Names count in any spelling, and the later columns of a doubled name with them. What has another form than the path expects is
    /// not left in clear: a text where an object was expected is replaced whole, each element of a list that was not expected is
    /// looked into, and a lone object stands for a list of one.
    fn replace(&mut self, node: &mut Node, path: &str) -> bool {
        match node {
            Node::List(items) => match element_of(path) {
                Some((meant, rest)) => {
                    let items = items.iter_mut().enumerate().filter(|(at, _)| meant.is_none_or(|meant| meant == *at));
                    items.fold(true, |is_there, (_, item)| self.replace_rest(item, rest) && is_there)
                }
                // Each of them is replaced, whether the others led somewhere or not.
                None => items.iter_mut().map(|item| self.replace(item, path)).filter(|is_there| !is_there).count() == 0,
            },
            Node::Object(entries) => match self.replace_named(entries, path) {
                Some(is_there) => is_there,
                None => element_of(path).is_some_and(|(_, rest)| self.replace_rest(node, rest)),
            },
            Node::Null | Node::Text(_) | Node::Number(_) | Node::Bool(_) => {
                let holds = !node.is_blank();
                if holds {
                    self.whole(node);
                }
                holds
            }
        }
    }

    fn replace_rest(&mut self, node: &mut Node, rest: &str) -> bool {
        if !rest.is_empty() {
            return self.replace(node, rest);
        }
        self.whole(node);
        true
    }

    /// Replaces within an object; `None` where no name of it is meant. The whole path as a name wins over a dotted reading of it.
    fn replace_named(&mut self, entries: &mut [(Arc<str>, Node)], path: &str) -> Option<bool> {
        let mut found = None;
        for (_, value) in entries.iter_mut().filter(|(name, _)| is_named(name, path)) {
            self.whole(value);
            found = Some(true);
        }
        if found.is_some() {
            return found;
        }
        for (dot, _) in path.match_indices('.') {
            for (_, value) in entries.iter_mut().filter(|(name, _)| is_named(name, &path[..dot])) {
                found = Some(self.replace(value, &path[dot + 1..]) && found.unwrap_or(true));
            }
        }
        found
    }

    /// Seals whatever the manifest does not name and is not sealed yet.
    fn keep_known(&mut self, node: &mut Node, known: &Known) {
        match node {
            Node::Object(entries) => {
                let (mut kept, mut rest) = (Vec::with_capacity(entries.len()), Vec::new());
                for (name, mut value) in std::mem::take(entries) {
                    match known.find(&name) {
                        Some(known) => {
                            self.keep_known(&mut value, known);
                            kept.push((name, value));
                        }
                        None if self.is_done(&value) => kept.push((name, value)),
                        None => rest.push((name, value)),
                    }
                }
                if !rest.is_empty() {
                    let mut rest = Node::Object(rest);
                    self.whole(&mut rest);
                    kept.push((REST.into(), rest));
                }
                *entries = kept;
            }
            Node::List(items) => items.iter_mut().for_each(|item| self.keep_known(item, known.element())),
            _ if known.is_field || node.is_blank() => {}
            _ => self.whole(node),
        }
    }

    fn whole(&mut self, node: &mut Node) {
        if node.is_blank() {
            self.has_blank = true;
        } else if !self.is_done(node) {
            let sealed: Box<str> = (self.seal)(&node.to_json()).into();
            self.done.insert(sealed.clone());
            *node = Node::Text(sealed);
        }
    }

    fn is_done(&self, node: &Node) -> bool {
        matches!(node, Node::Text(text) if self.done.contains(text))
    }
}

/// The element of a list that a path begins with, none for every one, and the path beneath it.
fn element_of(path: &str) -> Option<(Option<usize>, &str)> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    if first == "*" { Some((None, rest)) } else { position(first).map(|position| (Some(position), rest)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: [&str; 5] = ["porteur.nom", "contacts.*.nom", "a.b", "plan.0.qui", "ville"];

    /// The record sealed under these paths by a manifest that looks at `fields` too, and what was sealed.
    fn sealed(record: &str, paths: &[&str], fields: &[&str]) -> (String, Vec<String>) {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let (mut node, mut seen) = (Node::parse_json(record).unwrap(), Vec::new());
        Personal::new(&paths, fields.iter().copied()).seal(&mut node, &mut |plain| {
            seen.push(plain.to_owned());
            format!("#{}", seen.len())
        });
        (node.to_json(), seen)
    }

    #[test]
    fn sealing_reaches_every_element_and_leaves_what_is_null_alone() {
        let record = r#"{"a.b": 1, "a": {"b": 2, "c": [{"nom": "x"}, {"nom": null}]}, "m~n": {"/": 3}}"#;
        let (sealed, seen) = sealed(record, &["a.c.*.nom"], &[]);
        assert_eq!(seen, [r#""x""#]);
        assert_eq!(sealed, r##"{"a.b":1,"a":{"b":2,"c":[{"nom":"#1"},{"nom":null}]},"m~n":{"/":3}}"##);
    }

    #[test]
    fn no_other_spelling_or_form_leaves_it_in_clear() {
        for record in [
            r#"{"porteur": "SECRET"}"#,
            r#"{"porteur": 5553}"#,
            r#"{"porteur": [{"nom": "SECRET", "ville": "Lens"}, "SECRET"]}"#,
            r#"{"Porteur": {"NOM": "SECRET", "nom (2)": "SECRET", "ville": "Lens"}}"#,
            r#"{"porteur.nom": "SECRET", "Porteur.Nom (3)": "SECRET"}"#,
        ] {
            let (sealed, _) = sealed(record, &["porteur.nom"], &[]);
            assert!(!sealed.contains("SECRET") && !sealed.contains("5553"), "{record}: {sealed}");
            assert_eq!(sealed.matches("Lens").count(), record.matches("Lens").count(), "{record}: {sealed}");
        }
        for (record, path) in [
            (r#"{"contacts": {"nom": "SECRET", "ville": "Lens"}}"#, "contacts.*.nom"),
            (r#"{"contacts": ["SECRET", [{"nom": "SECRET"}]]}"#, "contacts.*.nom"),
            (r#"{"contacts": "SECRET"}"#, "contacts.*.nom"),
            (r#"{"a": {"b": {"c": "SECRET"}}, "ville": "Lens"}"#, "a.b"),
            (r#"{"plan": [{"qui": "SECRET"}, {"qui": "Lens"}]}"#, "plan.0.qui"),
        ] {
            let (sealed, _) = sealed(record, &[path], &[]);
            assert!(!sealed.contains("SECRET"), "{record}: {sealed}");
            assert_eq!(sealed.matches("Lens").count(), record.matches("Lens").count(), "{record}: {sealed}");
        }
        let fields = ["a", "porteur", "noms"];
        let (apart, _) = sealed(r#"{"a": "Lens", "a.b": "x", "porteur": " ", "noms": "y"}"#, &NAMED, &fields);
        assert_eq!(apart, r##"{"a":"Lens","a.b":"#1","porteur":" ","noms":"y"}"##);
    }

    /// Several personal fields of one object, and a text in its place: one layer, which whoever looks for a person opens.
    #[test]
    fn one_place_is_sealed_once() {
        let paths = ["porteur.nom", "porteur.courriel", "porteur.siret"];
        let (once, seen) = sealed(r#"{"id": 1, "porteur": "Zoé Ünal"}"#, &paths, &["id"]);
        assert_eq!((once.as_str(), seen.len()), (r##"{"id":1,"porteur":"#1"}"##, 1));
        let (_, seen) = sealed(r#"{"porteur": ["Zoé", {"nom": "Ali", "courriel": "x", "siret": null}]}"#, &paths, &[]);
        assert_eq!(seen, [r#""Zoé""#, r#""Ali""#, r#""x""#]);
    }

    #[test]
    fn where_a_personal_field_is_not_there_what_nobody_knows_is_sealed_with_its_names() {
        let (paths, fields) = (["nom", "courriel"], ["num", "objet", "lieu.insee", "plan", "plan.*.part"]);
        let good = r##"{"num":1,"objet":"Fête","nom":null,"courriel":"#1","libre":"x"}"##;
        let given = good.replace("#1", "a@b");
        assert_eq!(sealed(&given, &paths, &fields).0, good, "all are there: nothing else is sealed");

        let renamed = r#"{"num":1,"Objet":"Fête","Nom de famille":"Zoé","courriel":"a@b","Libre":null}"#;
        let (wide, seen) = sealed(renamed, &paths, &fields);
        assert_eq!(wide, r##"{"num":1,"Objet":"Fête","courriel":"#1","sealed:rest":"#2"}"##);
        assert_eq!(seen[1], r#"{"Nom de famille":"Zoé","Libre":null}"#);

        let headless = r#"{"C1":"C2","Zoé":"Ali","Zoé (2)":"Ali"}"#;
        assert_eq!(sealed(headless, &paths, &fields).0, r##"{"sealed:rest":"#1"}"##);

        let nested =
            r#"{"num":1,"lieu":{"insee":"59350","qui":"Zoé"},"plan":[{"part":3,"qui":"Zoé"},"Zoé"],"courriel":""}"#;
        assert_eq!(
            sealed(nested, &paths, &fields).0,
            r##"{"num":1,"lieu":{"insee":"59350","sealed:rest":"#1"},"plan":[{"part":3,"sealed:rest":"#2"},"#3"],"courriel":""}"##
        );
    }

    /// An export that renames a column often keeps the old header, blank, and brings the names under a new one.
    #[test]
    fn where_all_personal_fields_are_blank_what_nobody_knows_is_sealed_too() {
        let (paths, fields) = (["nom", "contact.courriel"], ["num"]);
        for blank in [r#""nom":"","contact":{"courriel":" "}"#, r#""nom":null,"contact":{"courriel":null}"#] {
            let moved = format!(r#"{{"num":1,{blank},"Identite":"SECRET"}}"#);
            assert_eq!(sealed(&moved, &paths, &fields).0, format!(r##"{{"num":1,{blank},"sealed:rest":"#1"}}"##));
        }
        let usual = r#"{"num":1,"nom":"SECRET","contact":{"courriel":""},"libre":"Lens"}"#;
        assert_eq!(
            sealed(usual, &paths, &fields).0,
            r##"{"num":1,"nom":"#1","contact":{"courriel":""},"libre":"Lens"}"##,
            "one of them is there"
        );
    }

    #[test]
    fn a_person_who_moved_out_of_an_object_is_sealed_where_he_is() {
        let (paths, fields) = (["porteur.nom", "contacts.*.nom"], ["id", "porteur.type"]);
        let moved = r#"{"id":1,"porteur":{"type":"HABITANT","prenom":"Zoé"},"nom_porteur":"Zoé","contacts":[]}"#;
        assert_eq!(
            sealed(moved, &paths, &fields).0,
            r##"{"id":1,"porteur":{"type":"HABITANT","sealed:rest":"#1"},"contacts":[],"sealed:rest":"#2"}"##
        );
        for record in [
            r#"{"id":1,"porteur":null,"x":"SECRET","contacts":[]}"#,
            r#"{"id":1,"titulaire":{"nom":"SECRET"},"contacts":[]}"#,
            r#"{"id":1,"porteur":{"nom":"SECRET"},"contacts":[{"nom":"SECRET"},{"Nom complet":"SECRET"}]}"#,
        ] {
            let (sealed, _) = sealed(record, &paths, &fields);
            assert!(!sealed.contains("SECRET"), "{sealed}");
        }
        let usual = r#"{"id":1,"porteur":{"nom":"SECRET"},"contacts":[],"libre":"Lens"}"#;
        assert!(sealed(usual, &paths, &fields).0.contains("Lens"), "an empty list lacks nothing");
    }
}

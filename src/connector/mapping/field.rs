//! Finding a field in a record, and the conditions on fields.

use super::layout::{Layout, Place};
use super::rule::is_there;
use crate::connector::node::Node;
use crate::domain::text::{compact, is_compacted_to, normalised, trimmed};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a rule looks at: the record, and the element of a list where a block is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The record.
    pub record: &'a Node,
    /// The element, or the record itself.
    pub element: &'a Node,
    /// The layout of the record.
    pub layout: Layout,
}

impl<'a> Scope<'a> {
    /// The record as a whole.
    pub fn of(record: &'a Node, layout: Layout) -> Self {
        Scope { record, element: record, layout }
    }

    /// One element of the record.
    pub fn within(self, element: &'a Node) -> Self {
        Scope { element, ..self }
    }

    /// What a field is looked for in, and its layout.
    fn node(self, of_record: bool) -> (&'a Node, Layout) {
        if of_record || std::ptr::eq(self.record, self.element) {
            (self.record, self.layout)
        } else {
            (self.element, Layout::UNKNOWN)
        }
    }
}

/// A field as a manifest names it.
#[derive(Debug)]
pub struct Field {
    /// The name as written, for messages.
    pub name: Box<str>,
    /// Is it sealed in what is stored? Its content is then never quoted.
    pub personal: bool,
    path: Box<str>,
    of_record: bool,
    /// The name without case, accents, blanks and signs.
    alike: Box<str>,
    place: Place,
    /// Of the first later column of the same name.
    twin: Place,
    /// Of the first other column whose name differs by its spelling only.
    respelled: Place,
    trace: Arc<Trace>,
}

/// Whether a field was ever looked for, and ever there: a name that no record has is a mistake of the manifest, or a record that
/// its sample lacks.
#[derive(Debug, Default)]
pub struct Trace {
    asked: AtomicBool,
    met: AtomicBool,
}

impl Trace {
    /// Was it looked for?
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Was it there, were it empty?
    pub fn was_met(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }

    fn note(&self, met: bool) {
        // A store costs every thread that reads beside; a look costs none.
        if !self.was_asked() {
            self.asked.store(true, Ordering::Relaxed);
        }
        if met && !self.was_met() {
            self.met.store(true, Ordering::Relaxed);
        }
    }
}

impl Field {
    /// A field: `name`, `a.b.0`, `^name` for the record's, `.` for the element itself.
    pub fn new(name: &str, personal: bool) -> Self {
        let path = name.strip_prefix('^');
        Field {
            name: name.into(),
            personal,
            path: path.unwrap_or(name).into(),
            of_record: path.is_some(),
            alike: compact(path.unwrap_or(name)).into(),
            place: Place::default(),
            twin: Place::default(),
            respelled: Place::default(),
            trace: Arc::default(),
        }
    }

    /// Is it the record's, whatever element is looked at?
    pub fn is_of_record(&self) -> bool {
        self.of_record
    }

    /// What is noted of it while records are mapped.
    pub fn trace(&self) -> &Arc<Trace> {
        &self.trace
    }

    /// What stands there.
    pub fn find<'a>(&self, scope: Scope<'a>) -> Option<&'a Node> {
        let found = self.look(scope);
        self.trace.note(found.is_some());
        found
    }

    fn look<'a>(&self, scope: Scope<'a>) -> Option<&'a Node> {
        let (node, layout) = scope.node(self.of_record);
        let Node::Object(entries) = node else {
            return if &*self.path == "." { Some(node) } else { node.at(&self.path) };
        };
        if let Some(place) = self.place.known(layout) {
            return place.map(|at| &entries[at].1);
        }
        if let Some(at) = entries.iter().position(|(name, _)| **name == *self.path) {
            self.place.note(layout, Some(at));
            return Some(&entries[at].1);
        }
        if &*self.path == "." {
            return Some(node);
        }
        // What is nested depends on the values, not on the names alone.
        if self.path.contains('.') {
            return node.at(&self.path).or_else(|| self.alike(entries).map(|at| &entries[at].1));
        }
        let found = self.alike(entries);
        self.place.note(layout, found);
        found.map(|at| &entries[at].1)
    }

    /// The place of a column whose name differs by case, accents, blanks and signs only. Two of them are none: which is meant
    /// is not guessed.
    fn alike(&self, entries: &[(Arc<str>, Node)]) -> Option<usize> {
        if self.alike.is_empty() {
            return None;
        }
        let mut found = None;
        for (at, (name, _)) in entries.iter().enumerate() {
            if is_compacted_to(name, &self.alike) && found.replace(at).is_some() {
                return None;
            }
        }
        found
    }

    /// Is `name` what a table calls a later column of this header, in whatever spelling?
    fn is_twin(&self, name: &str) -> bool {
        let Some((first, rank)) = name.strip_suffix(')').and_then(|name| name.rsplit_once(" (")) else { return false };
        let is_rank = !rank.is_empty() && rank.bytes().all(|byte| byte.is_ascii_digit());
        is_rank && (*first == *self.path || (!self.alike.is_empty() && is_compacted_to(first, &self.alike)))
    }

    /// What stands in the later columns of the same name, as a table calls them: `name (2)`, `name (3)`.
    pub fn twins<'f, 'n>(&'f self, scope: Scope<'n>) -> impl Iterator<Item = &'n Node> + use<'f, 'n> {
        let (node, layout) = scope.node(self.of_record);
        let entries = if let Node::Object(entries) = node { entries.as_slice() } else { &[] };
        let first = self.twin.known(layout).unwrap_or_else(|| {
            let first = entries.iter().position(|(name, _)| self.is_twin(name));
            self.twin.note(layout, first);
            first
        });
        let later = first.map_or(&entries[..0], |first| &entries[first..]);
        later.iter().filter(|(name, _)| self.is_twin(name)).map(|(_, node)| node)
    }

    /// What stands in other columns whose names differ from this one's by their spelling only, where this one is there to the letter.
    pub fn respelled<'f, 'n>(&'f self, scope: Scope<'n>) -> impl Iterator<Item = &'n Node> + use<'f, 'n> {
        let (node, layout) = scope.node(self.of_record);
        let entries = if let Node::Object(entries) = node { entries.as_slice() } else { &[] };
        let is_other = |name: &str| *name != *self.path && is_compacted_to(name, &self.alike);
        let first = self.respelled.known(layout).unwrap_or_else(|| {
            let is_there = !self.alike.is_empty() && entries.iter().any(|(name, _)| **name == *self.path);
            let first = entries.iter().position(|(name, _)| is_there && is_other(name));
            self.respelled.note(layout, first);
            first
        });
        let other = first.map_or(&entries[..0], |first| &entries[first..]);
        other.iter().filter(move |(name, _)| is_other(name)).map(|(_, node)| node)
    }
}

/// The one column of a record that has this name, to the letter or in another spelling.
pub fn column_of<'n>(record: &'n Node, name: &str) -> Option<&'n str> {
    let Node::Object(entries) = record else { return None };
    if let Some((column, _)) = entries.iter().find(|(column, _)| **column == *name) {
        return Some(column);
    }
    let alike = compact(name);
    let mut columns = entries.iter().filter(|(column, _)| !alike.is_empty() && is_compacted_to(column, &alike));
    match (columns.next(), columns.next()) {
        (Some((column, _)), None) => Some(column),
        _ => None,
    }
}

/// A condition on one field.
#[derive(Debug)]
pub struct Test {
    /// The field.
    pub field: Field,
    /// Those that are looked at, in order, where it holds nothing.
    pub others: Vec<Field>,
    /// What must hold.
    pub what: TestOf,
    /// What separates several texts in one cell.
    pub split: Vec<Box<str>>,
}

/// What a condition asks of its field.
#[derive(Debug)]
pub enum TestOf {
    /// One of these texts.
    In(Vec<Listed>),
    /// None of these texts.
    NotIn(Vec<Listed>),
    /// Something, and nothing but these texts.
    OnlyIn(Vec<Listed>),
    /// These words first, each as [`normalised`] gives it.
    BeginsWith(Vec<Box<str>>),
    /// Something, or nothing.
    Present(bool),
}

/// A text of a condition, met in any spelling of a name: `Hauts de France` is « HAUTS-DE-FRANCE ».
#[derive(Debug)]
pub struct Listed {
    text: Box<str>,
    alike: Box<str>,
}

impl Listed {
    /// The text as a manifest writes it.
    pub fn new(text: &str) -> Self {
        Listed { text: text.trim().into(), alike: compact(text).into() }
    }

    /// Is it this text, in any spelling?
    pub fn is(&self, text: &str) -> bool {
        *self.text == *text || (!self.alike.is_empty() && is_compacted_to(text, &self.alike))
    }
}

impl Test {
    /// Does it hold?
    pub fn holds(&self, scope: Scope<'_>, absent: &[Box<str>]) -> bool {
        let (_, node) = self.looked_at(scope, absent);
        let text = node.and_then(Node::scalar).map(trimmed).filter(|text| !text.is_empty());
        let among = |texts: &[Listed]| {
            let listed = |text: &str| texts.iter().any(|one| one.is(text));
            text.is_some_and(|text| listed(text) || self.parts(text).any(listed))
        };
        let is_absent = || text.is_some_and(|text| absent.iter().any(|one| **one == *text));
        match &self.what {
            TestOf::In(texts) => among(texts),
            TestOf::NotIn(texts) => !among(texts),
            TestOf::OnlyIn(texts) => text.is_some_and(|text| self.is_only_in(text, texts)),
            TestOf::BeginsWith(words) => {
                text.is_some_and(|text| may_begin_with(text, words) && begins_with(&normalised(text), words))
            }
            TestOf::Present(expected) => {
                let there = node.is_some_and(|node| !node.is_blank()) && !is_absent();
                there == *expected
            }
        }
    }
}

impl Test {
    /// The fields in which it may find what it asks for.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        std::iter::once(&self.field).chain(&self.others)
    }

    /// Does it hold where none of its fields is there?
    pub fn holds_of_nothing(&self) -> bool {
        matches!(self.what, TestOf::NotIn(_) | TestOf::Present(false))
    }

    /// The field that is looked at, the first that holds something, and what stands there.
    pub fn looked_at<'f, 'n>(&'f self, scope: Scope<'n>, absent: &[Box<str>]) -> (&'f Field, Option<&'n Node>) {
        let first = self.field.find(scope);
        if self.others.is_empty() || first.is_some_and(|node| is_there(node, absent)) {
            return (&self.field, first);
        }
        let held = |field: &'f Field| Some((field, Some(field.find(scope).filter(|node| is_there(node, absent))?)));
        self.others.iter().find_map(held).unwrap_or((&self.field, first))
    }

    fn is_only_in(&self, text: &str, texts: &[Listed]) -> bool {
        let listed = |text: &str| texts.iter().any(|one| one.is(text));
        let mut parts = self.parts(text).peekable();
        listed(text) || (parts.peek().is_some() && parts.all(listed))
    }

    /// The texts of a cell that holds several; none where they are not told apart.
    fn parts<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let separators = &self.split;
        let mut parts = vec![text];
        for separator in separators {
            parts = parts.into_iter().flat_map(|part| part.split(&**separator)).collect();
        }
        let several = parts.len() > 1;
        parts.into_iter().filter(move |part| several && !part.trim().is_empty())
    }
}

/// May one of these be the first words of the text, once it is normalised? What begins with another plain letter or digit begins with none
/// of them.
fn may_begin_with(text: &str, words: &[Box<str>]) -> bool {
    match text.as_bytes().first() {
        Some(first) if first.is_ascii_alphanumeric() => {
            let first = first.to_ascii_uppercase();
            words.iter().any(|word| word.as_bytes().first() == Some(&first))
        }
        _ => true,
    }
}

/// Are these the first words of the text? A word that goes on is another one.
fn begins_with(text: &str, words: &[Box<str>]) -> bool {
    let begins = |word: &str| text.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    words.iter().any(|word| !word.is_empty() && begins(word))
}

/// Do all the conditions hold? No condition always holds.
pub fn all_hold(tests: &[Test], scope: Scope<'_>, absent: &[Box<str>]) -> bool {
    tests.iter().all(|test| test.holds(scope, absent))
}

#[cfg(test)]
mod tests {
    use super::super::layout::Layouts;
    use super::*;

    fn text(field: &Field, scope: Scope<'_>) -> Option<String> {
        field.find(scope).and_then(Node::scalar).map(str::to_owned)
    }

    fn whole(record: &Node) -> Scope<'_> {
        Scope::of(record, Layout::UNKNOWN)
    }

    #[test]
    fn a_field_is_found_wherever_the_record_has_it() {
        let (field, layouts) = (Field::new("Année", false), Layouts::default());
        for record in [
            r#"{"Année":"1","x":2}"#,
            r#"{"Année":"2","x":2}"#,
            r#"{"x":2,"y":3,"Année":"4"}"#,
            r#"{"x":1}"#,
            r#"{"x":2}"#,
            r#"{"Année":"5"}"#,
        ] {
            let record = Node::parse_json(record).unwrap();
            let expected = record.get("Année").and_then(Node::scalar).map(str::to_owned);
            assert_eq!(text(&field, Scope::of(&record, layouts.of(&record))), expected);
        }
    }

    #[test]
    fn what_is_noted_of_a_layout_is_what_would_be_found() {
        let layouts = Layouts::default();
        let fields = ["annee", "a.b", ".", "montant", "absent"].map(|name| Field::new(name, false));
        let records = [
            r#"{"Année": "1", "a": {"b": "2"}, "montant": "3", "Montant (2)": "4", "montant (3)": "5"}"#,
            r#"{"Année": "6", "a": {"c": "7"}, "montant": "8", "Montant (2)": null, "montant (3)": "9"}"#,
            r#"{"Année": "6", "a": "x", "montant": "8", "Montant (2)": null, "montant (3)": "9"}"#,
            r#"{"Année": "1", "annee": "2", "absent": "3"}"#,
            r#"{"Année": "1", "ANNEE": "2", "absent": "3"}"#,
            r#"{"Année": "1", "ANNEE": "2", "absent": "3"}"#,
        ];
        for record in records {
            let record = Node::parse_json(record).unwrap();
            let noted = Scope::of(&record, layouts.of(&record));
            for field in &fields {
                let afresh = Field::new(&field.name, false);
                for _ in 0..2 {
                    assert_eq!(field.find(noted), afresh.find(whole(&record)), "{} of {record:?}", field.name);
                    let twins: Vec<_> = field.twins(noted).collect();
                    assert_eq!(twins, afresh.twins(whole(&record)).collect::<Vec<_>>(), "{}", field.name);
                    let respelled: Vec<_> = field.respelled(noted).collect();
                    assert_eq!(respelled, afresh.respelled(whole(&record)).collect::<Vec<_>>(), "{}", field.name);
                }
            }
        }
    }

    #[test]
    fn an_element_reaches_up_to_its_record() {
        let record = Node::parse_json(r#"{"an": 2024, "plan": [{"an": 1, "a": {"b": 2}}, "seul"]}"#).unwrap();
        let Some(Node::List(lines)) = record.get("plan") else { panic!("a list") };
        let scope = whole(&record).within(&lines[0]);
        assert_eq!(text(&Field::new("an", false), scope).as_deref(), Some("1"));
        assert_eq!(text(&Field::new("^an", false), scope).as_deref(), Some("2024"));
        assert_eq!(text(&Field::new("a.b", false), scope).as_deref(), Some("2"));
        let alone = whole(&record).within(&lines[1]);
        assert_eq!(text(&Field::new(".", false), alone).as_deref(), Some("seul"));
    }

    #[test]
    fn conditions() {
        let record = Node::parse_json(r#"{"etat": " VOTE ", "vide": "", "nc": "NC"}"#).unwrap();
        let holds = |field, what| {
            Test { field: Field::new(field, false), others: Vec::new(), what, split: Vec::new() }
                .holds(whole(&record), &["NC".into()])
        };
        assert!(holds("etat", TestOf::In(vec![Listed::new("VOTE")])));
        assert!(!holds("etat", TestOf::NotIn(vec![Listed::new("VOTE")])));
        assert!(
            holds("etat", TestOf::In(vec![Listed::new("voté")]))
                && Listed::new("Hauts-de-France").is("HAUTS DE FRANCE")
        );
        assert!(!Listed::new("FSE+").is("FSE") && !Listed::new("-").is(""));
        let regions =
            Node::parse_json(r#"{"region": "Normandie, Hauts de France", "deux": "Normandie;Bretagne"}"#).unwrap();
        let here = |field, what: fn(Vec<Listed>) -> TestOf| {
            let what = what(vec![Listed::new("Hauts-de-France")]);
            let split = vec![",".into(), ";".into()];
            Test { field: Field::new(field, false), others: Vec::new(), what, split }.holds(whole(&regions), &[])
        };
        assert!(here("region", TestOf::In) && !here("region", TestOf::NotIn));
        assert!(!here("deux", TestOf::In) && here("deux", TestOf::NotIn));
        let split = || vec![",".into(), ";".into(), " et ".into()];
        let only = |text: &str| {
            let record = Node::Object(vec![("r".into(), Node::text(text))]);
            let what = TestOf::OnlyIn(vec![Listed::new("Normandie"), Listed::new("Grand Est")]);
            Test { field: Field::new("r", false), others: Vec::new(), what, split: split() }.holds(whole(&record), &[])
        };
        assert!(only("normandie") && only("Normandie, Grand Est") && only("Grand Est et Normandie;"));
        assert!(!only("Normandie et NC") && !only("") && !only("Hauts-de-France et Normandie") && !only("NC"));
        let words: [Box<str>; 2] = ["TOTAL".into(), "SOUS TOTAL".into()];
        let total = |text: &str| {
            let begins = begins_with(&normalised(text), &words);
            assert!(may_begin_with(text, &words) || !begins, "{text}");
            begins
        };
        assert!(total("Total") && total("TOTAL : FEDER") && total("Sous-total axe 1"));
        assert!(!total("Totalement") && !total("Le total") && !total("") && total("« Total »") && total("\u{a0}total"));
        assert!(holds("absent", TestOf::NotIn(vec![Listed::new("VOTE")])));
        assert!(holds("vide", TestOf::Present(false)));
        assert!(holds("nc", TestOf::Present(false)));
        assert!(holds("etat", TestOf::Present(true)));
        let either = |first, what| {
            let others = vec![Field::new("etat", false)];
            Test { field: Field::new(first, false), others, what, split: Vec::new() }
                .holds(whole(&record), &["NC".into()])
        };
        for first in ["absent", "vide", "nc"] {
            assert!(either(first, TestOf::In(vec![Listed::new("VOTE")])), "{first}");
        }
        assert!(!either("vide", TestOf::Present(false)));
    }
}

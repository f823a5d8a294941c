//! The columns of the records of a source, those of nested objects and of the elements of lists too: in how many records
//! each stood and what it held. Asked of every record, so that it allocates for a new column only.

use super::manner::Manners;
use crate::connector::names_person;
use crate::connector::node::{Node, REST};
use crate::domain::text::compact;
use std::collections::HashMap;
use std::sync::Arc;

/// Columns that are watched at most, all levels together.
const COLUMNS_MAX: usize = 2_000;
/// Levels below the record that are watched.
const DEPTH_MAX: usize = 4;
/// Steps of a path that is watched to its end.
pub const WATCHED_DEPTH: usize = DEPTH_MAX + 1;
/// Elements of one list that are looked at.
const ELEMENTS_MAX: usize = 20;
/// Letters of a value that is kept to be shown.
const EXAMPLE_LETTERS: usize = 80;
/// The name under which the elements of a list stand.
const ELEMENT: &str = "*";
/// Kinds of values, one bit each, with their words.
const KINDS: [(u8, &str, &str); 5] = [
    (1, "nombre", "number"),
    (2, "texte", "text"),
    (4, "oui ou non", "yes or no"),
    (8, "liste", "list"),
    (16, "objet", "object"),
];

/// The columns of some records.
#[derive(Debug)]
pub struct Columns {
    /// Those of the records themselves.
    pub top: Level,
    room: usize,
    element: Arc<str>,
}

/// The columns of the objects that stand at one place.
#[derive(Debug, Default)]
pub struct Level {
    /// How many objects were met.
    pub objects: u64,
    /// In some of them columns are sealed, names and all.
    pub has_rest: bool,
    columns: Vec<Column>,
    places: HashMap<Arc<str>, usize>,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its name; `*` for the elements of a list.
    pub name: Arc<str>,
    /// In how many objects it stood.
    pub times: u64,
    /// A value that it held.
    pub example: Option<Box<str>>,
    /// What stands within it.
    pub inner: Option<Box<Level>>,
    /// How often it held something.
    pub filled: u64,
    /// How its texts are written.
    pub manners: Manners,
    kinds: u8,
}

impl Default for Columns {
    fn default() -> Self {
        Columns { top: Level::default(), room: COLUMNS_MAX, element: ELEMENT.into() }
    }
}

impl Columns {
    /// The columns of stored records.
    pub fn of(raws: &[String]) -> Self {
        let mut columns = Columns::default();
        raws.iter().filter_map(|raw| Node::parse_json(raw).ok()).for_each(|node| columns.meet(&node));
        columns
    }

    /// Takes the header of a table into account of which no row could be taken.
    pub fn meet_header(&mut self, names: &[Arc<str>]) {
        if !names.is_empty() {
            self.meet(&Node::Object(names.iter().map(|name| (Arc::clone(name), Node::Null)).collect()));
        }
    }

    /// Are there more columns than are watched?
    pub fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Takes the columns of other records into account.
    pub fn add(&mut self, others: &Columns) {
        self.top.add(&others.top, &mut self.room);
        if others.is_full() {
            self.room = 0;
        }
    }

    /// Takes one record into account.
    pub fn meet(&mut self, record: &Node) {
        if let Node::Object(entries) = record {
            self.top.object(entries, 0, (&mut self.room, &self.element));
        }
    }
}

/// Columns that may still be added, and the name of an element.
type Means<'a> = (&'a mut usize, &'a Arc<str>);

impl Level {
    /// A column, by name.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.places.get(name).map(|place| &self.columns[*place])
    }

    /// All columns, in the order in which they were met.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter()
    }

    /// A column by its name, or by another spelling of it, under which the map reads it as well.
    pub fn like(&self, name: &str) -> Option<&Column> {
        self.get(name).or_else(|| {
            let name = compact(name);
            self.columns.iter().find(|column| !name.is_empty() && compact(&column.name) == name)
        })
    }

    fn add(&mut self, others: &Level, room: &mut usize) {
        self.objects += others.objects;
        self.has_rest |= others.has_rest;
        for other in &others.columns {
            if let Some(place) = self.place((usize::MAX, &other.name), room) {
                self.columns[place].add(other, room);
            }
        }
    }

    fn object(&mut self, entries: &[(Arc<str>, Node)], depth: usize, (room, element): Means<'_>) {
        self.objects += 1;
        for (position, (name, value)) in entries.iter().enumerate() {
            if &**name == REST {
                self.has_rest = true;
            } else if let Some(place) = self.place((position, name), room) {
                self.columns[place].times += 1;
                self.columns[place].value(value, depth, (room, element));
            }
        }
    }

    fn list(&mut self, items: &[Node], depth: usize, (room, element): Means<'_>) {
        self.objects += 1;
        if let Some(place) = self.place((0, element), room) {
            self.columns[place].times += 1;
            items.iter().take(ELEMENTS_MAX).for_each(|item| self.columns[place].value(item, depth, (room, element)));
        }
    }

    /// Records of one table share their names and their order: most names are found without being compared.
    fn place(&mut self, (position, name): (usize, &Arc<str>), room: &mut usize) -> Option<usize> {
        if self.columns.get(position).is_some_and(|column| Arc::ptr_eq(&column.name, name)) {
            return Some(position);
        }
        if let Some(place) = self.places.get(name) {
            return Some(*place);
        }
        *room = room.checked_sub(1)?;
        self.columns.push(Column::new(name));
        self.places.insert(Arc::clone(name), self.columns.len() - 1);
        Some(self.columns.len() - 1)
    }
}

impl Column {
    fn new(name: &Arc<str>) -> Self {
        let (name, manners) = (Arc::clone(name), Manners::default());
        Column { name, times: 0, example: None, inner: None, filled: 0, manners, kinds: 0 }
    }

    /// The one kind of value that it held, in French and in English; nothing for an empty or a mixed one.
    pub fn word(&self) -> Option<(&'static str, &'static str)> {
        KINDS.iter().find(|(bit, ..)| *bit == self.kinds).map(|(_, fr, en)| (*fr, *en))
    }

    fn add(&mut self, other: &Column, room: &mut usize) {
        if other.kinds & !self.kinds != 0 {
            self.kinds |= other.kinds;
            self.example.clone_from(&other.example);
        }
        self.times += other.times;
        self.filled += other.filled;
        self.manners.add(&other.manners);
        if let Some(inner) = &other.inner {
            self.inner.get_or_insert_default().add(inner, room);
        }
    }

    fn value(&mut self, value: &Node, depth: usize, means: Means<'_>) {
        let kind = kind(value);
        if kind & !self.kinds != 0 {
            self.kinds |= kind;
            // What names a natural person is nobody's example.
            let shown = value.scalar().filter(|text| !names_person(text));
            self.example = shown.map(|text| text.chars().take(EXAMPLE_LETTERS).collect());
        }
        self.filled += u64::from(kind != 0);
        if depth == DEPTH_MAX || kind == 0 {
            return;
        }
        match value {
            Node::Text(text) => self.manners.meet(text),
            Node::Object(entries) => self.inner.get_or_insert_default().object(entries, depth + 1, means),
            Node::List(items) => self.inner.get_or_insert_default().list(items, depth + 1, means),
            _ => {}
        }
    }
}

fn kind(value: &Node) -> u8 {
    match value {
        _ if value.is_blank() => 0,
        Node::Null => 0,
        Node::Number(_) => 1,
        Node::Text(_) => 2,
        Node::Bool(_) => 4,
        Node::List(_) => 8,
        Node::Object(_) => 16,
    }
}

//! The first stage: TOML text into a manifest as written. Serde stops at the first fault, so the faulty entry is
//! taken away and the rest is read again, until every fault of shape is known.

use super::Manifest;
use super::problem::{Fault, Path, Problem, listed};
use crate::connector::driver::auth::AuthSettings;
use crate::connector::driver::settings::{DriverSettings, Paging};
use serde::Deserialize as _;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Faults told in one run; a file with more is no manifest.
const FAULTS_MAX: usize = 50;

/// A manifest's text, to find lines and columns in.
pub struct Written<'a> {
    text: &'a str,
    tree: Option<DeTable<'a>>,
}

/// What the first stage gives: the manifest if it can be read at all, its faults of shape, and whether positions in
/// lists still are those of the text.
pub struct Shape {
    /// The manifest, without its faulty entries.
    pub manifest: Option<Manifest>,
    /// Faults of shape.
    pub faults: Vec<Fault>,
    /// No element of a list was taken away.
    pub positions_hold: bool,
}

impl<'a> Written<'a> {
    /// Reads the text of a manifest.
    pub fn read(text: &'a str) -> (Self, Shape) {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let mut written = Written { text, tree: None };
        if !errors.is_empty() {
            let faults = errors.iter().map(|error| written.fault(error.span(), error.message())).collect();
            return (written, Shape { manifest: None, faults, positions_hold: false });
        }
        let shape = written.shape(tree.clone());
        written.tree = Some(tree.into_inner());
        (written, shape)
    }

    /// The fault at the place of a problem, or at its nearest ancestor that the text has.
    pub fn locate(&self, problem: Problem) -> Fault {
        let span = self.tree.as_ref().and_then(|tree| span_of(tree, &problem.path));
        self.fault(span, &problem.what)
    }

    fn fault(&self, span: Option<Range<usize>>, what: &str) -> Fault {
        let mut start = span.map_or(0, |span| span.start).min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Fault {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: what.trim().replace('\n', ", "),
        }
    }

    fn shape(&self, mut tree: Spanned<DeTable<'a>>) -> Shape {
        let mut shape = Shape { manifest: None, faults: Vec::new(), positions_hold: true };
        let mut taken: Vec<String> = Vec::new();
        for (span, what) in choose_kinds(tree.get_mut()) {
            shape.faults.push(self.fault(Some(span), &what));
            taken.push("driver".to_owned());
        }
        while shape.faults.len() < FAULTS_MAX {
            let error = match Manifest::deserialize(toml::Deserializer::from(tree.clone())) {
                Ok(manifest) => {
                    shape.manifest = Some(manifest);
                    break;
                }
                Err(error) => error,
            };
            // An entry taken away is then missed: that is no fault of its own.
            let missed = |name: &String| error.message().trim() == format!("missing field `{name}`");
            if !taken.iter().any(missed) {
                shape.faults.push(self.fault(error.span(), error.message()));
            }
            let Some(removed) = error.span().and_then(|span| remove(tree.get_mut(), &span)) else { break };
            shape.positions_hold &= !removed.of_list;
            taken.push(removed.name);
        }
        shape
    }
}

/// What was taken away.
struct Removed {
    name: String,
    of_list: bool,
}

/// `kind` chooses the struct of `[driver]`, of its `paging` and its `auth`: `{ kind = "x", … }` becomes
/// `{ x = { … } }`, the form that serde reads without losing lines and columns.
fn choose_kinds(root: &mut DeTable<'_>) -> Vec<(Range<usize>, String)> {
    let mut faults = Vec::new();
    let Some(driver) = entry(root, "driver") else { return faults };
    if let DeValue::Table(table) = driver.get_mut() {
        for (name, kinds) in [("paging", Paging::KINDS), ("auth", AuthSettings::KINDS)] {
            if let Some(fault) = entry(table, name).and_then(|value| choose_kind(value, kinds)) {
                faults.push(fault);
                table.remove(name);
            }
        }
    }
    if let Some(fault) = choose_kind(driver, DriverSettings::KINDS) {
        faults.push(fault);
        root.remove("driver");
    }
    faults
}

fn entry<'t, 'i>(table: &'t mut DeTable<'i>, name: &str) -> Option<&'t mut Spanned<DeValue<'i>>> {
    table.iter_mut().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

fn choose_kind(value: &mut Spanned<DeValue<'_>>, kinds: &[&str]) -> Option<(Range<usize>, String)> {
    let span = value.span();
    let DeValue::Table(table) = value.get_mut() else { return None };
    let allowed = listed(kinds.iter().copied());
    let Some(kind) = table.remove("kind") else {
        return Some((span, format!("`kind` is missing; allowed: {allowed}")));
    };
    let (at, kind) = (kind.span(), kind.into_inner());
    let DeValue::String(word) = kind else {
        return Some((at, format!("`kind` must be a text; allowed: {allowed}")));
    };
    if !kinds.contains(&&*word) {
        return Some((at, format!("unknown kind `{word}`; allowed: {allowed}")));
    }
    let inner = std::mem::take(table);
    if inner.is_empty() && word == "none" {
        *value.get_mut() = DeValue::String(word);
        return None;
    }
    let mut chosen = DeTable::new();
    chosen.insert(Spanned::new(at, word), Spanned::new(span, DeValue::Table(inner)));
    *value.get_mut() = DeValue::Table(chosen);
    None
}

/// Takes away the deepest entry at `span`: the one whose key or value it is, else the one that contains it.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>) -> Option<Removed> {
    let holds = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    for (_, value) in table.iter_mut() {
        // A list of tables has the place of its first one.
        if (value.span() != *span || value.get_ref().is_array())
            && let Some(removed) = remove_within(value, span)
        {
            return Some(removed);
        }
    }
    let found = table.iter().find(|(key, value)| key.span() == *span || holds(value.span()) || holds(key.span()));
    let name = found.map(|(key, _)| key.get_ref().to_string())?;
    table.remove(name.as_str());
    Some(Removed { name, of_list: false })
}

fn remove_within(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Removed> {
    match value.get_mut() {
        DeValue::Table(table) => remove(table, span),
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                if item.span() != *span
                    && let Some(removed) = remove_within(item, span)
                {
                    return Some(removed);
                }
            }
            let index = items.iter().position(|item| item.span() == *span)?;
            let mut kept = toml::de::DeArray::new();
            items.iter().enumerate().filter(|(rank, _)| *rank != index).for_each(|(_, item)| kept.push(item.clone()));
            *items = kept;
            Some(Removed { name: String::new(), of_list: true })
        }
        _ => None,
    }
}

/// The place of what `path` leads to: its value, or the key where the value is a table of its own.
fn span_of(root: &DeTable<'_>, path: &Path) -> Option<Range<usize>> {
    let mut span = None;
    let mut table = Some(root);
    let mut list: Option<&toml::de::DeArray<'_>> = None;
    for step in path.steps() {
        let found = match (table, list) {
            (Some(table), _) => table.iter().find(|(key, _)| **key.get_ref() == **step).map(|(key, value)| {
                (
                    if value.get_ref().is_table() || value.get_ref().is_array() { key.span() } else { value.span() },
                    value,
                )
            }),
            (None, Some(list)) => {
                step.parse::<usize>().ok().and_then(|at| list.get(at)).map(|value| (value.span(), value))
            }
            (None, None) => None,
        };
        let Some((place, value)) = found else { break };
        span = Some(place);
        table = value.get_ref().as_table();
        list = value.get_ref().as_array();
    }
    span
}

//! A year in a key or a partition has one spelling. `2023.0` beside `2023` would be another record, or another part of the source
//! that nothing ever closes: each euro of it would count twice.

use super::Compiler;
use crate::connector::manifest::Manifest;
use crate::connector::manifest::problem::{Path, Problem};
use crate::connector::manifest::rule::{Conversion, Rule};
use crate::domain::text::compact;
use std::collections::BTreeSet;

impl Compiler<'_> {
    /// Tells the parts of keys and partitions that are read as texts, where the same field is read as a year elsewhere.
    pub fn untyped_years(&mut self, manifest: &Manifest, at: &Path) {
        let (map, years) = (&manifest.map, years(manifest));
        let alone = map.key.0.len() == 1;
        let place = |rank: usize| if alone { at.key("key") } else { at.key("key").index(rank) };
        let key = map.key.0.iter().enumerate().map(|(rank, rule)| (place(rank), rule));
        let partition = map.partition.iter().map(|rule| (at.key("partition"), rule));
        for (at, rule) in key.chain(partition) {
            if !matches!(rule.0.conversion, None | Some(Conversion::Text)) {
                continue;
            }
            if let Some(year) = fields(rule).find(|name| years.contains(&compact(name))) {
                let what = format!(
                    "`{year}` is read as a year elsewhere: {{ from = \"{year}\", as = \"year\" }} here too, or `2023.0` is another one than `2023`"
                );
                self.problems.push(Problem { path: at, what });
            }
        }
    }
}

/// The fields of the record that are read as years, made compact.
fn years(manifest: &Manifest) -> BTreeSet<String> {
    let map = &manifest.map;
    let mut years = BTreeSet::new();
    let is_year = |rule: &&Rule| matches!(rule.0.conversion, None | Some(Conversion::Year));
    let project = map.project.iter().filter_map(|project| project.year.as_ref());
    let reference = map.reference.iter().filter_map(|table| table.year.as_ref());
    for rule in project.chain(reference).filter(is_year) {
        years.extend(fields(rule).map(compact));
    }
    for block in &map.statement {
        // Within a list, only what reaches up is a field of the record.
        let of_record = |name: &str| match (name.strip_prefix('^'), &block.each) {
            (Some(name), _) => Some(compact(name)),
            (None, None) => Some(compact(name)),
            (None, Some(_)) => None,
        };
        years.extend(block.year.iter().filter(is_year).flat_map(fields).filter_map(of_record));
    }
    years
}

fn fields(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.0.from.iter().flat_map(|names| names.0.iter().map(String::as_str))
}

//! One rule as written becomes one rule that can run.

use super::Compiler;
use super::target::{self, List, Target};
use crate::connector::convert::{Convert, Raw};
use crate::connector::manifest::problem::{Path, listed};
use crate::connector::manifest::rule::{Rule as Written, RuleTable};
use crate::connector::mapping::rule::{Rule, Split, Words};
use crate::domain::text::normalised_word;
use std::collections::{BTreeMap, HashMap};

/// The word of `values` that stands for any other.
const ANY_OTHER: &str = "*";

impl Compiler<'_> {
    /// An optional rule.
    pub fn optional<T: Clone + PartialEq>(
        &mut self,
        at: &Path,
        written: Option<&Written>,
        target: &Target<T>,
    ) -> Option<Rule<T>> {
        written.and_then(|written| self.rule(at, written, target))
    }

    /// A rule. `None` means that at least one problem was told.
    pub fn rule<T: Clone + PartialEq>(&mut self, at: &Path, written: &Written, target: &Target<T>) -> Option<Rule<T>> {
        let (before, table) = (self.problems.len(), &written.0);
        self.coherent(at, table, target);
        let convert = self.conversion(at, table, target);
        let fields = table.from.as_ref().map(|names| self.fields(&at.key("from"), names)).unwrap_or_default();
        if table.default.is_some() || table.optional {
            // Its absence is provided for.
            self.reads.pop();
        }
        self.no_word_as_field(at, table, target);
        for field in fields.iter().filter(|field| field.personal) {
            let what =
                format!("`{}` is personal: it may only name an organisation (name of holder or funder)", field.name);
            self.problem(&at.key("from"), what);
        }
        let constant = table.value.as_ref().and_then(|text| self.constant(&at.key("value"), text, (target, convert)));
        let default =
            table.default.as_ref().and_then(|text| self.constant(&at.key("default"), text, (target, convert)));
        let words = self.words(&at.key("values"), &table.values, (target, convert));
        if self.problems.len() > before {
            return None;
        }
        Some(Rule {
            target: target.word,
            constant,
            fields,
            convert,
            words,
            split: match &table.split {
                Some(separator) => Split::By(separator.as_str().into()),
                None if target.list == List::Codes => Split::Codes,
                None => Split::Never,
            },
            decimal: table.decimal,
            required: (table.required || target.required) && !table.optional,
            default,
        })
    }

    /// Do the words of the rule go together?
    fn coherent<T>(&mut self, at: &Path, table: &RuleTable, target: &Target<T>) {
        match (&table.from, &table.value) {
            (None, None) => {
                self.problem(at, format!("`{}` needs `from` (a field) or `value` (a constant)", target.word))
            }
            (Some(_), Some(_)) => self.problem(&at.key("value"), "`from` and `value` exclude each other"),
            (None, Some(_)) => {
                let idle = [
                    ("values", !table.values.is_empty()),
                    ("split", table.split.is_some()),
                    ("decimal", table.decimal.is_some()),
                    ("default", table.default.is_some()),
                    ("optional", table.optional),
                ];
                for (word, _) in idle.into_iter().filter(|(_, there)| *there) {
                    self.problem(&at.key(word), format!("`{word}` has no effect on a constant"));
                }
            }
            (Some(_), None) => {}
        }
        if table.split.is_some() && target.list == List::No {
            self.problem(&at.key("split"), format!("`{}` is one value: it cannot be split", target.word));
        }
        if table.split.as_deref() == Some("") {
            self.problem(&at.key("split"), "the separator is empty");
        }
        if table.decimal.is_some() && !target.decimal {
            self.problem(&at.key("decimal"), format!("`{}` is no amount: `decimal` has no effect", target.word));
        }
        if table.required && table.default.is_some() {
            self.problem(&at.key("required"), "`required` and `default` exclude each other");
        }
        if table.optional && target.word != target::KEY.word {
            self.problem(&at.key("optional"), "`optional` is for a part of the key: other words are so, or `required`");
        }
        if table.optional && (table.required || table.default.is_some()) {
            self.problem(&at.key("optional"), "`optional`, `required` and `default` exclude each other");
        }
        if target.mapped_only && table.from.is_some() && table.values.is_empty() {
            self.problem(at, format!("`{}` is only taken through `values`", target.word));
        }
    }

    fn conversion<T>(&mut self, at: &Path, table: &RuleTable, target: &Target<T>) -> Convert<T> {
        let Some(conversion) = table.conversion else { return target.plain };
        if let Some((_, convert)) = target.conversions.iter().find(|(allowed, _)| *allowed == conversion) {
            return *convert;
        }
        let what = if target.conversions.is_empty() {
            format!("`{}` is read in one way only: leave `as` out", target.word)
        } else {
            let allowed = listed(target.conversions.iter().map(|(allowed, _)| allowed.as_str()));
            format!("`{}` cannot be read as {}; allowed: {allowed}", target.word, conversion.as_str())
        };
        self.problem(&at.key("as"), what);
        target.plain
    }

    /// `form = "SUBVENTION"` would be a column of that name; who writes it means the word.
    fn no_word_as_field<T>(&mut self, at: &Path, table: &RuleTable, target: &Target<T>) {
        let words = (target.words)();
        let Some(names) = table.from.as_ref() else { return };
        if let Some(name) = names.0.iter().find(|name| words.split(", ").any(|word| !word.is_empty() && word == *name))
        {
            let what =
                format!("`{name}` is one of our words, not a field: write {} = {{ value = \"{name}\" }}", target.word);
            self.problem(at, what);
        }
    }

    fn constant<T>(&mut self, at: &Path, text: &str, (target, convert): (&Target<T>, Convert<T>)) -> Option<T> {
        let trimmed = text.trim();
        let read = (!trimmed.is_empty()).then(|| convert(Raw::new(trimmed)).ok()).flatten();
        if read.is_none() {
            let words = (target.words)();
            let allowed = if words.is_empty() { String::new() } else { format!("; allowed: {words}") };
            self.problem(at, format!("« {text} » is no value of `{}`{allowed}", target.word));
        }
        read.map(|read| read.value)
    }

    fn words<T: Clone + PartialEq>(
        &mut self,
        at: &Path,
        values: &BTreeMap<String, String>,
        reading: (&Target<T>, Convert<T>),
    ) -> Option<Words<T>> {
        let pairs: Vec<(String, T)> = values
            .iter()
            .filter_map(|(theirs, ours)| Some((theirs.clone(), self.constant(&at.key(theirs), ours, reading)?)))
            .collect();
        (!values.is_empty()).then(|| word_table(pairs))
    }
}

/// The lookup table of `values`. Two words that differ only by accents or punctuation and mean two things are told
/// apart letter for letter.
pub fn word_table<T: Clone + PartialEq>(pairs: Vec<(String, T)>) -> Words<T> {
    let (mut exact, mut other) = (HashMap::new(), None);
    let mut alike: HashMap<String, Option<T>> = HashMap::new();
    for (theirs, ours) in pairs {
        if theirs == ANY_OTHER {
            other = Some(ours);
            continue;
        }
        let key = normalised_word(&theirs);
        if !key.is_empty() {
            let entry = alike.entry(key).or_insert_with(|| Some(ours.clone()));
            if entry.as_ref().is_some_and(|known| *known != ours) {
                *entry = None;
            }
        }
        exact.insert(theirs.trim().into(), ours);
    }
    let alike = alike.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    Words { exact, alike, other }
}

//! The shape of the code, held against ARCHITECTURE.md: arrows, sizes, names, words that the core may not use.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines that a file may have, without its tests.
const FILE_LINES_MAX: usize = 400;

/// Names that say nothing about what lies behind them.
const BANNED_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "common", "misc"];

/// Modules without I/O, waiting, clock, chance or floating point.
const PURE_MODULES: &[&str] = &["domain", "portfolio", "check"];
const IMPURE_WORDS: &[&str] = &[
    "async fn",
    ".await",
    "tokio",
    "std::fs",
    "std::net",
    "std::env",
    "std::time",
    "Utc::now",
    "SystemTime",
    "rand::",
    "serde_json",
    "sea_orm",
    "async_graphql",
    "reqwest",
    "f64",
    "f32",
];

#[test]
fn arrows_point_one_way() {
    let allowed = arrows();
    let mut wrong = Vec::new();
    for file in sources() {
        let from = module_of(&file);
        if from == "lib" {
            continue;
        }
        let may = allowed.get(&from).unwrap_or_else(|| panic!("module {from} is not in the table of ARCHITECTURE.md"));
        for to in uses(&code(&file)) {
            if to != from && !may.contains(&to) {
                wrong.push(format!("{} uses {to}, which the table does not allow to {from}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_itself_has_no_circle() {
    let mut left = arrows();
    while !left.is_empty() {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        let leaf = left.iter().find(|(_, may)| may.is_disjoint(&names)).map(|(name, _)| name.clone());
        let leaf = leaf.unwrap_or_else(|| panic!("these modules reach each other: {names:?}"));
        left.remove(&leaf);
    }
}

#[test]
fn files_stay_small_and_well_named() {
    let mut wrong = Vec::new();
    for file in sources() {
        let lines = code(&file).lines().count();
        if lines > FILE_LINES_MAX {
            wrong.push(format!("{} has {lines} lines without its tests, more than {FILE_LINES_MAX}", file.display()));
        }
        let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("source files have names");
        if BANNED_NAMES.contains(&stem) {
            wrong.push(format!("{} says nothing by its name", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for file in sources().into_iter().filter(|file| PURE_MODULES.contains(&module_of(file).as_str())) {
        for (number, line) in code(&file).lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default();
            for word in IMPURE_WORDS.iter().filter(|word| line.contains(*word)) {
                wrong.push(format!("{}:{} speaks of {word}", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_tree_carries_a_path_of_some_machine() {
    let needles = [concat!("/wo", "rk/"), concat!("/tmp/", "bash_jobs"), concat!("shared", "/data")];
    let mut wrong = Vec::new();
    for root in ["src", "connectors", "schema", "rules", "docs"] {
        for file in walk(&root_dir().join(root)) {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            for needle in needles.iter().filter(|needle| text.contains(**needle)) {
                wrong.push(format!("{} names {needle}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table of ARCHITECTURE.md: module -> the modules that it may use.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root_dir().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is readable");
    let rows = text.lines().skip_while(|line| !line.starts_with("| module |")).skip(2);
    let mut table = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let words = |cell: &str| cell.split(',').map(|word| word.trim().to_owned()).collect::<BTreeSet<_>>();
        let may = if cells[1] == "nothing of ours" { BTreeSet::new() } else { words(cells[1]) };
        for module in words(cells[0]) {
            table.insert(module, may.clone());
        }
    }
    assert!(table.len() > 15, "the table of arrows was not found whole");
    table
}

/// The modules named by `crate::…` in `code`, with grouped imports unfolded one level.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let group = rest.strip_prefix('{').map(split_group);
        for path in group.unwrap_or_else(|| vec![rest.to_owned()]) {
            let name: String = path.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            if !name.is_empty() {
                found.insert(name);
            }
        }
    }
    for (at, _) in code.match_indices("passerelle::") {
        let name: String = code[at + "passerelle::".len()..]
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        found.insert(name);
    }
    found
}

/// The paths of an import group, at its first level.
fn split_group(inner: &str) -> Vec<String> {
    let (mut depth, mut paths, mut path) = (0, Vec::new(), String::new());
    for letter in inner.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => paths.push(std::mem::take(&mut path)),
            _ if depth == 0 && !letter.is_whitespace() => path.push(letter),
            _ => {}
        }
    }
    paths.push(path);
    paths
}

fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(root_dir().join("src")).expect("sources lie under src");
    let first =
        inside.components().next().expect("a source file has a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The text of a file without the tests at its end.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("sources are UTF-8");
    match text.find("#[cfg(test)]") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

fn sources() -> Vec<PathBuf> {
    let files: Vec<PathBuf> = walk(&root_dir().join("src"))
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "rs"))
        .collect();
    assert!(files.len() > 10, "the sources were not found");
    files
}

fn walk(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("the tree is readable").path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn root_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

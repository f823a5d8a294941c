//! What is wrong in a manifest, and where: path while it is compiled, line and column when it is told.

use std::fmt;

/// Where in a manifest: the keys and positions that lead there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(Vec<Box<str>>);

impl Path {
    /// The manifest as a whole.
    pub fn root() -> Self {
        Path::default()
    }

    /// What stands under `key`.
    pub fn key(&self, key: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(key.into());
        Path(steps)
    }

    /// The element at `index`, from 0.
    pub fn index(&self, index: usize) -> Self {
        self.key(&index.to_string())
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Box<str>] {
        &self.0
    }
}

/// Something wrong, by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub path: Path,
    /// What is wrong and what is allowed.
    pub what: String,
}

/// Something wrong, by its line and column in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what is allowed.
    pub what: String,
}

/// Everything that is wrong in one manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ManifestError {
    /// The file, as it was given.
    pub file: String,
    /// Its faults, from top to bottom.
    pub faults: Vec<Fault>,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rank, fault) in self.faults.iter().enumerate() {
            if rank > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{}:{}: {}", self.file, fault.line, fault.column, fault.what)?;
        }
        Ok(())
    }
}

/// `a, b, c`: the words allowed, for messages.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

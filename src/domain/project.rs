//! The identity of a consolidated project.

use super::text::text_newtype;
use super::{ParseError, text_serde};
use std::fmt;

text_newtype! {
    /// A project's identifier: `p` and sixteen hexadecimal digits. Given once by the ledger, never recomputed.
    ProjectId, "project id (p and sixteen hexadecimal digits)",
    |text| text.len() == 17 && text.starts_with('p') && text[1..].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl ProjectId {
    /// The identifier made of eight bytes (the beginning of a digest of the first record).
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        ProjectId::parse(&["p", &hex::encode(bytes)].concat()).expect("sixteen hexadecimal digits")
    }
}

/// A reference shared between systems (a convention, a dossier number): certain evidence that two records
/// are about one project. Compared letter for letter within its scheme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Reference {
    /// Whose numbering it is: `dauphin`, `synergie`, `convention-region`, `cofinancement`…
    pub scheme: Box<str>,
    /// The number as written, trimmed.
    pub value: Box<str>,
}

/// The scheme of identifiers common to all co-funders of a project (SCDL: `idCofinancement`), ours among them.
const COFINANCEMENT: &str = "cofinancement";

impl Reference {
    /// The project that it means by the gateway's own identifier, given back by a partner who carries it in its system.
    pub fn given_back(&self) -> Option<ProjectId> {
        (&*self.scheme == COFINANCEMENT).then(|| ProjectId::parse(&self.value).ok()).flatten()
    }
}

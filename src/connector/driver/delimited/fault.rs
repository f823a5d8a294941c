//! What can be wrong with a row of delimited text.

use super::records;
use crate::domain::message::Message;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    TooFew,
    TooMany,
    Undecodable,
    Nul,
    Cut,
    Open,
    TooLong,
    Swallowed,
}

impl Fault {
    /// The code of a row with fewer fields than the header.
    pub(super) const TOO_FEW: &'static str = "too-few-fields";

    /// Its code and its reason.
    pub(super) fn told(self, expected: usize, found: usize) -> (&'static str, Message) {
        match self {
            Fault::TooFew => (Fault::TOO_FEW, counted(expected, found)),
            Fault::TooMany => ("too-many-fields", counted(expected, found)),
            Fault::Undecodable => (
                "undecodable",
                Message::new(
                    "ce n'est pas du texte dans l'encodage du fichier",
                    "this is no text in the encoding of the file",
                ),
            ),
            Fault::Nul => {
                ("control-character", Message::new("la ligne contient un octet nul", "the row holds a NUL character"))
            }
            Fault::Cut => (
                "cut-short",
                Message::new(
                    "un guillemet n'est jamais refermé : fichier tronqué, ou guillemet en trop",
                    "a quote is never closed: a file cut short, or a quote too many",
                ),
            ),
            Fault::Open => (
                "cut-short",
                Message::new(
                    "la réponse s'arrête dans la ligne, sans dire où elle finit : la ligne n'est peut-être pas entière",
                    "the answer stops within the row, without saying where it ends: the row may not be whole",
                ),
            ),
            Fault::Swallowed => (
                "rows-swallowed",
                Message::new(
                    "un guillemet en trop : une case de la ligne contient des lignes entières du tableau ; ni elle ni celles-ci ne sont lues",
                    "a quote too many: a cell of the row holds whole rows of the table; neither it nor these are read",
                ),
            ),
            Fault::TooLong => (
                "row-too-long",
                Message::new(
                    format!("la ligne dépasse {} octets : un guillemet en trop ?", records::ROW_BYTES_MAX),
                    format!("the row is longer than {} bytes: a quote too many?", records::ROW_BYTES_MAX),
                ),
            ),
        }
    }
}

fn counted(expected: usize, found: usize) -> Message {
    Message::new(
        format!("la ligne a {found} champs là où l'en-tête en nomme {expected}"),
        format!("the row has {found} fields where the header names {expected}"),
    )
}

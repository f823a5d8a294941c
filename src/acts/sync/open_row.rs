//! The last row of a file of this machine, where it has no line end: nobody can tell whether it was cut. `98000` cut is `9800`.

use crate::domain::facts::{Facts, Warning};
use crate::domain::message::Message;
use crate::domain::record::RecordState;
use crate::ledger::Current;

/// The warning of a record whose row has no end.
const CODE: &str = "row-open";

/// What such rows were to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OpenRow {
    /// There was none, or its content is known from a read in which it had an end.
    #[default]
    None,
    /// It is taken, with a warning.
    Taken,
    /// It says otherwise than what is known: it may have changed, or been cut.
    Changed,
}

impl OpenRow {
    /// Takes a record into account whose row has no end. It is stored with a warning, under another fingerprint than the same row with an
    /// end, so that it is written again once the row has one.
    pub fn meet(&mut self, (facts, fingerprint): (&mut Facts, &mut [u8; 16]), known: Option<&Current>) {
        let known = known.filter(|known| known.state != RecordState::Closed);
        let is_good = |known: &&Current| known.state == RecordState::Open;
        if known.filter(is_good).is_some_and(|known| known.fingerprint == *fingerprint) {
            return;
        }
        fingerprint[0] ^= 1;
        facts.warnings.push(warning());
        let is_new = known.is_none_or(|known| known.fingerprint == *fingerprint);
        if *self != OpenRow::Changed {
            *self = if is_new { OpenRow::Taken } else { OpenRow::Changed };
        }
    }

    /// Must the read wait for a person?
    pub fn holds(self) -> bool {
        self == OpenRow::Changed
    }

    /// What is told of the run.
    pub fn note(self) -> Option<Message> {
        match self {
            OpenRow::None => None,
            OpenRow::Taken => Some(Message::new(
                "la dernière ligne du fichier n'a pas de fin : le fichier est peut-être tronqué, et la dernière valeur avec lui",
                "the last row of the file has no line end: the file may be cut short, and its last value with it",
            )),
            OpenRow::Changed => Some(Message::new(
                "la dernière ligne du fichier n'a pas de fin et dit autre chose que ce qui est connu : changée, ou tronquée ; finissez-la, \
                 ou admettez la lecture",
                "the last row of the file has no line end and says otherwise than what is known: changed, or cut short; end it, or let \
                 the read through",
            )),
        }
    }
}

fn warning() -> Warning {
    Warning {
        code: CODE.into(),
        field: None,
        message: Message::new(
            "la dernière ligne du fichier n'a pas de fin : sa dernière valeur est peut-être tronquée",
            "the last row of the file has no line end: its last value may be cut short",
        ),
    }
}

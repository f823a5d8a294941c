//! Secrets that a source repeats in what it gives, as an interface does that returns the caller's key with each record. What is
//! appended stays for ever: they are cut out before anything of a record is mapped, staged or told.

use super::driver::Batch;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use crate::net::Cutter;
use std::sync::Arc;

/// Cuts the secrets of one source out of its records, and counts where it did.
pub struct Echoes {
    cutter: Cutter,
    records: u64,
}

impl Echoes {
    /// Nothing met yet.
    pub fn new(cutter: Cutter) -> Self {
        Echoes { cutter, records: 0 }
    }

    /// Puts `***` in the place of each secret in the texts of these records.
    pub fn cut(&mut self, batch: &mut Batch) {
        // Asked for each batch: a token may be given while the source is read.
        if self.cutter.is_idle() {
            return;
        }
        for record in &mut batch.records {
            let mut is_met = false;
            record.node.change_texts(&mut |text| self.cutter.cut(text).inspect(|_| is_met = true));
            is_met |= self.cut_place(&mut record.location);
            self.records += u64::from(is_met);
        }
        for broken in &mut batch.broken {
            let reason = &mut broken.reason;
            let mut is_met = false;
            for text in [&mut broken.raw, &mut reason.fr, &mut reason.en] {
                if let Some(cut) = self.cutter.cut(text) {
                    (*text, is_met) = (cut, true);
                }
            }
            if let Some(legible) = &mut broken.legible {
                legible.node.change_texts(&mut |text| self.cutter.cut(text).inspect(|_| is_met = true));
            }
            is_met |= self.cut_place(&mut broken.location);
            self.records += u64::from(is_met);
        }
    }

    /// The same message without secrets: a source may repeat them in its errors, and in the links that it gives.
    pub fn cut_message(&self, message: Message) -> Message {
        let cut = |text: String| self.cutter.cut(&text).unwrap_or(text);
        Message { fr: cut(message.fr), en: cut(message.en) }
    }

    /// The same name of a column without secrets.
    pub fn cut_name(&self, name: &Arc<str>) -> Arc<str> {
        self.cutter.cut(name).map_or_else(|| Arc::clone(name), Arc::from)
    }

    fn cut_place(&self, location: &mut Location) -> bool {
        let Some(cut) = self.cutter.cut(&location.resource) else { return false };
        location.resource = cut.into();
        true
    }

    /// What is to be told of it, once for a read.
    pub fn note(&self) -> Option<Message> {
        let count = Some(self.records).filter(|count| *count > 0)?;
        Some(Message::new(
            format!(
                "la source répète dans {count} enregistrement(s) un secret qui lui a été donné : il en est retiré (***), \
                 et vu d'elle par qui la lit ; dites-le à son propriétaire"
            ),
            format!(
                "the source repeats in {count} record(s) a secret that it was given: it is cut out (***), and shown by the source \
                 to whoever reads it; tell its owner"
            ),
        ))
    }
}

//! Target envelopes as a viewer sees them. What remains is told to those alone who see every sum: to others a difference could
//! tell a hidden sum, or promise what is spent already.

use super::{Dispositif, EnvelopeFilter, Epci, Organisation, Reader, Source};
use crate::domain::Instant;
use crate::domain::envelope::{EnvelopeFacts, EnvelopeTransferFacts};
use crate::domain::facts::Warning;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::portfolio::{self, Balance, EnvelopeIx, Moment, Origin};

/// A handle on an envelope.
#[derive(Clone)]
pub struct Envelope {
    reader: Reader,
    ix: EnvelopeIx,
}

/// A transfer, as an envelope that it names shows it.
pub struct EnvelopeTransfer {
    reader: Reader,
    transfer: portfolio::Transfer,
}

/// Envelopes, in the order of their codes.
pub struct EnvelopeList {
    reader: Reader,
    items: Vec<EnvelopeIx>,
}

impl Reader {
    /// The envelopes that a filter lets through; none for whoever sees no envelopes.
    pub fn envelopes(&self, filter: &EnvelopeFilter) -> EnvelopeList {
        // Under assumptions there is one project: what an envelope has is a matter of all of them.
        let reader = self.actual().unwrap_or(self).clone();
        let is_seen = reader.scope().sees_envelopes();
        let items = if is_seen { reader.portfolio().envelopes_where(filter) } else { Vec::new() };
        EnvelopeList { reader, items }
    }

    /// Where a row of a reference table stands: its source, its key, and when it was last known to be as it is.
    fn origin(&self, origin: &Origin) -> (Option<Source>, Instant) {
        (self.source(origin.source.as_str()), self.portfolio().origin_read_at(origin))
    }
}

impl EnvelopeList {
    /// How many.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The one at a position below the length.
    pub fn at(&self, position: usize) -> Envelope {
        Envelope { reader: self.reader.clone(), ix: self.items[position] }
    }

    /// All of them.
    pub fn all(&self) -> Vec<Envelope> {
        (0..self.len()).map(|at| self.at(at)).collect()
    }

    /// The position of the envelope with this code.
    pub fn position(&self, code: &str) -> Option<usize> {
        let ix = self.reader.portfolio().envelope_by_code(code)?;
        self.items.binary_search(&ix).ok()
    }
}

impl Envelope {
    fn entry(&self) -> &portfolio::Envelope {
        self.reader.portfolio().envelope(self.ix)
    }

    /// What its source states of it.
    pub fn facts(&self) -> &EnvelopeFacts {
        &self.entry().facts
    }

    /// Its code.
    pub fn code(&self) -> &str {
        self.facts().code.as_str()
    }

    /// Its funder.
    pub fn funder(&self) -> Organisation {
        Organisation::named(&self.reader, &self.facts().funder)
    }

    /// The EPCI that it is for, where anything speaks of it.
    pub fn epci(&self) -> Option<Epci> {
        self.reader.epci(self.facts().epci.as_ref()?.as_str())
    }

    /// The dispositif that it is for, where anything speaks of it.
    pub fn dispositif(&self) -> Option<Dispositif> {
        let ix = self.reader.portfolio().dispositif_by_code(self.facts().dispositif.as_ref()?)?;
        Some(Dispositif::new(&self.reader, ix))
    }

    /// What came by transfers that count.
    pub fn transferred_in(&self) -> Cents {
        self.entry().transferred_in
    }

    /// What went by transfers that count.
    pub fn transferred_out(&self) -> Cents {
        self.entry().transferred_out
    }

    fn moment(&self) -> Moment {
        Moment { now: self.reader.now(), max_age_s: None }
    }

    /// Its figures, of what the viewer sees.
    pub fn balance(&self) -> Balance {
        let balance = self.reader.portfolio().balance(self.ix, self.moment());
        if self.reader.scope().sees_everything() {
            return balance;
        }
        Balance { remaining: None, remaining_at_most: None, partial: true, ..balance }
    }

    /// What is to be known of it.
    pub fn warnings(&self) -> Vec<Warning> {
        self.reader.portfolio().envelope_warnings(self.ix, self.moment())
    }

    /// The transfers that name it; those that do not count too.
    pub fn transfers(&self) -> Vec<EnvelopeTransfer> {
        let transfers = self.reader.portfolio().transfers_of(self.ix);
        transfers.map(|one| EnvelopeTransfer { reader: self.reader.clone(), transfer: one.clone() }).collect()
    }

    /// Its source.
    pub fn source(&self) -> Option<Source> {
        self.reader.origin(&self.entry().origin).0
    }

    /// Its key there.
    pub fn key(&self) -> &str {
        self.entry().origin.key.as_str()
    }

    /// When it was last known to be as it is.
    pub fn read_at(&self) -> Instant {
        self.reader.origin(&self.entry().origin).1
    }
}

impl EnvelopeTransfer {
    /// What its source states of it.
    pub fn facts(&self) -> &EnvelopeTransferFacts {
        &self.transfer.facts
    }

    /// Why it does not count; `None`: it does.
    pub fn refused(&self) -> Option<&Message> {
        self.transfer.refused.as_ref()
    }

    /// Its source.
    pub fn source(&self) -> Option<Source> {
        self.reader.origin(&self.transfer.origin).0
    }

    /// Its key there.
    pub fn key(&self) -> &str {
        self.transfer.origin.key.as_str()
    }

    /// When it was last known to be as it is.
    pub fn read_at(&self) -> Instant {
        self.reader.origin(&self.transfer.origin).1
    }
}

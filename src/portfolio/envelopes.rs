//! Target envelopes and the transfers between them, as the reference tables state them: what a funder means to put
//! somewhere, never what it put. Nothing here enters the atlas, so that whoever may not see envelopes meets no trace of them.

use crate::domain::Instant;
use crate::domain::envelope::{EnvelopeFacts, EnvelopeTransferFacts};
use crate::domain::facts::{ReferenceFacts, Warning};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{EnvelopeCode, RecordKey, SourceId};
use std::collections::BTreeMap;

/// Where a row of a reference table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its source.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
    pub(super) partition: Box<str>,
    pub(super) observed_at: Instant,
    /// Its source gives it in a rejected form now: when the last good version was observed.
    pub(super) went_bad: Option<Instant>,
}

/// An envelope with what was transferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What its source states.
    pub facts: EnvelopeFacts,
    /// Where it stands.
    pub origin: Origin,
    /// What transfers that count brought.
    pub transferred_in: Cents,
    /// What transfers that count took.
    pub transferred_out: Cents,
    /// All transfers that name it, by position; those that do not count too.
    pub(super) transfers: Vec<usize>,
    /// A transfer to it does not count: it may have more than is told here.
    pub(super) in_doubt_in: bool,
    /// A transfer from it does not count: it may have less.
    pub(super) in_doubt_out: bool,
    pub(super) warnings: Vec<Warning>,
}

impl Envelope {
    /// Target, plus what came, less what went; `None` where the target is not told.
    pub fn available(&self) -> Option<Cents> {
        self.facts.amount.map(|target| target + self.transferred_in - self.transferred_out)
    }
}

/// A transfer and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What its source states.
    pub facts: EnvelopeTransferFacts,
    /// Where it stands.
    pub origin: Origin,
    /// Why it does not count; `None`: it does.
    pub refused: Option<Message>,
}

/// All of them: envelopes in the order of their codes, transfers in the order of their decisions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelopes {
    pub(super) all: Vec<Envelope>,
    pub(super) transfers: Vec<Transfer>,
}

impl Envelopes {
    /// Of all reference records that are still there. Of two rows with one code, the one observed last has the word.
    pub(crate) fn of(records: &[RecordVersion]) -> Self {
        let there = records.iter().filter(|one| one.state != RecordState::Closed);
        let mut rows: Vec<(&RecordVersion, &ReferenceFacts)> =
            there.filter_map(|one| Some((one, one.facts.reference.as_ref()?))).collect();
        rows.sort_by(|(a, _), (b, _)| (a.observed_at, &a.source, &a.key).cmp(&(b.observed_at, &b.source, &b.key)));
        let (mut by_code, mut transfers) = (BTreeMap::new(), Vec::new());
        for (record, facts) in rows {
            match facts {
                ReferenceFacts::Envelope(facts) => enter(&mut by_code, record, facts),
                ReferenceFacts::EnvelopeTransfer(facts) => {
                    let (facts, origin) = ((**facts).clone(), origin(record));
                    transfers.push(Transfer { facts, origin, refused: None });
                }
                _ => {}
            }
        }
        // A transfer without a day comes last: it can only have what the others leave.
        transfers.sort_by(|a, b| {
            let order = |one: &Transfer| (one.facts.decided_on.is_none(), one.facts.decided_on);
            let place = |one: &Transfer| (one.origin.source.clone(), one.origin.key.clone());
            order(a).cmp(&order(b)).then_with(|| place(a).cmp(&place(b)))
        });
        let mut envelopes = Envelopes { all: by_code.into_values().collect(), transfers };
        for at in 0..envelopes.transfers.len() {
            envelopes.carry_out(at);
        }
        envelopes
    }

    /// The position of an envelope.
    pub(crate) fn position(&self, code: &str) -> Option<usize> {
        self.all.binary_search_by(|one| one.facts.code.as_str().cmp(code)).ok()
    }

    fn carry_out(&mut self, at: usize) {
        let facts = self.transfers[at].facts.clone();
        let (from, to) = (self.position(facts.from.as_str()), self.position(facts.to.as_str()));
        let verdict = self.judged(&facts, (from, to));
        for end in [from, to].into_iter().flatten() {
            if !self.all[end].transfers.contains(&at) {
                self.all[end].transfers.push(at);
            }
        }
        match verdict {
            Ok((from, to, amount)) => {
                self.all[from].transferred_out = self.all[from].transferred_out + amount;
                self.all[to].transferred_in = self.all[to].transferred_in + amount;
            }
            Err(why) => {
                let told = Message::new(
                    format!("transfert de {} vers {} non compté : {}", facts.from, facts.to, why.fr),
                    format!("transfer from {} to {} not counted: {}", facts.from, facts.to, why.en),
                );
                if let Some(from) = from {
                    self.all[from].in_doubt_out = true;
                    self.all[from].warnings.push(warning("transfer-not-counted", told.clone()));
                }
                if let Some(to) = to {
                    self.all[to].in_doubt_in = true;
                    if from != Some(to) {
                        self.all[to].warnings.push(warning("transfer-not-counted", told));
                    }
                }
                self.transfers[at].refused = Some(why);
            }
        }
    }

    /// May this transfer be? Who gives, who receives, how much; else why not.
    fn judged(
        &self,
        facts: &EnvelopeTransferFacts,
        (from, to): (Option<usize>, Option<usize>),
    ) -> Result<(usize, usize, Cents), Message> {
        let why = |fr: &str, en: &str| Err(Message::new(fr, en));
        let (Some(from), Some(to)) = (from, to) else {
            return why("une des deux enveloppes n'existe pas", "one of the two envelopes does not exist");
        };
        let (giver, receiver) = (&self.all[from], &self.all[to]);
        let group = |one: &Envelope| one.facts.fungible.clone();
        if from == to {
            return why("c'est la même enveloppe", "they are one envelope");
        }
        if giver.facts.funder != receiver.facts.funder {
            return why("les financeurs diffèrent", "the funders differ");
        }
        if giver.facts.years() != receiver.facts.years() {
            return why("les exercices diffèrent", "the years differ");
        }
        if group(giver).is_none() || group(giver) != group(receiver) {
            return why("elles ne sont pas d'un même groupe fongible", "they are not of one fungible group");
        }
        let Some(amount) = facts.amount else {
            return why("son montant n'est pas connu", "its amount is not known");
        };
        match giver.available() {
            None => why("la cible de celle qui donne n'est pas connue", "the target of the giver is not known"),
            Some(available) if available < amount => {
                why("il dépasse ce dont celle qui donne dispose", "it is more than the giver has")
            }
            Some(_) => Ok((from, to, amount)),
        }
    }
}

fn enter(by_code: &mut BTreeMap<EnvelopeCode, Envelope>, record: &RecordVersion, facts: &EnvelopeFacts) {
    let mut warnings = record.facts.warnings.clone();
    if let Some(other) = by_code.get(&facts.code) {
        let (source, key) = (&other.origin.source, &other.origin.key);
        let told = Message::new(
            format!("ce code est aussi celui de la ligne {key} de {source}, qui ne compte pas"),
            format!("this code is also that of the row {key} of {source}, which does not count"),
        );
        warnings.push(warning("envelope-twice", told));
    }
    if record.state == RecordState::Bad {
        let told = Message::new(
            "la source en donne à présent une forme rejetée : voici la dernière bonne",
            "the source now gives it in a rejected form: this is the last good one",
        );
        warnings.push(warning("envelope-stale", told));
    }
    let envelope = Envelope {
        facts: facts.clone(),
        origin: origin(record),
        transferred_in: Cents::ZERO,
        transferred_out: Cents::ZERO,
        transfers: Vec::new(),
        in_doubt_in: false,
        in_doubt_out: false,
        warnings,
    };
    by_code.insert(facts.code.clone(), envelope);
}

fn origin(record: &RecordVersion) -> Origin {
    Origin {
        source: record.source.clone(),
        key: record.key.clone(),
        partition: record.partition.clone(),
        observed_at: record.observed_at,
        went_bad: (record.state == RecordState::Bad).then_some(record.good_at),
    }
}

pub(super) fn warning(code: &str, message: Message) -> Warning {
    Warning { code: code.into(), field: None, message }
}

//! Reading a source into the spool: each record mapped, sealed, compared with what the ledger holds.

use super::findings::Noticed;
use super::legible::Part;
use super::met::Met;
use super::month_first;
use super::notes::{duplicate, judge_pages, moved_up, no_cursor, say_no_more, unlike_before};
use super::open_row::OpenRow;
use super::pieces::Pieces;
use super::series::Series;
use super::way::Way;
use super::{Read, Sync, SyncError, Target};
use crate::connector::driver::{Ask, Batch, BrokenRecord, Driver as _, JOINED_TWICE, RawRecord, ReadEnd, Reading};
use crate::connector::echoes::Echoes;
use crate::connector::node::Node;
use crate::connector::since::Greatest;
use crate::connector::{Connector, Mapped, Pseudonymiser};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::facts::Facts;
use crate::domain::marks::Marks;
use crate::domain::message::Message;
use crate::domain::record::RecordState;
use crate::domain::run::SyncRun;
use crate::domain::text::RecordKey;
use crate::ledger::Current;
use crate::workroom::{
    Change, KeyedHash, RecordHead, Sealer, SpoolWriter, Staged, StagedRecord, StagedRejection, WorkroomError,
};
use chrono::TimeDelta;
use foldhash::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Batches that may wait between the driver and the mapping.
const BATCHES_WAITING_MAX: usize = 4;
/// A key that came twice with the same content.
pub const DUPLICATE_IDENTICAL: &str = "duplicate-identical";
/// A key that came twice with different contents.
pub const DUPLICATE_KEY: &str = "duplicate-key";

/// Reads the source; the inner error is the source's own, told in both languages.
pub(super) async fn read(
    sync: &Sync<'_>,
    (target, way): (&Target<'_>, &Way),
    run: &SyncRun,
    kept: Kept,
) -> Result<Result<Read, Message>, SyncError> {
    let connector = target.connector;
    let net = match sync.net.of(connector.id().as_str()) {
        Ok(net) => net,
        Err(error) => return Ok(Err(Message::new(error.in_french(), error.to_string()))),
    };
    let stage = Stage::begin(sync, connector, run, kept).await?;
    let (sender, receiver) = mpsc::channel(BATCHES_WAITING_MAX);
    let ask = Ask { unless: way.unless(), since: way.since() };
    let reading = Reading { net: &net, base: target.base, place: target.place, ask };
    let here = Arc::clone(connector);
    let staging = tokio::task::spawn_blocking(move || stage.all(&here, receiver));
    let ended = connector.driver().records(&reading, &sender).await;
    drop(sender);
    let mut stage = staging.await.map_err(|_| SyncError::Stopped(connector.id().clone()))??;
    let mut end = match ended {
        Ok(end) => end,
        Err(error) => return Ok(Err(stage.echoes.cut_message(connector.discreet(error).message()))),
    };
    stage.sealer.save().await?;
    stage.series.alone = end.unattached;
    if stage.again_elsewhere > 0 {
        end.complete = false;
        end.notes.insert(0, moved_up(stage.again_elsewhere));
    }
    let known = way.last_row.filter(|_| target.place.is_none());
    if let Some(note) = end.last_row.and_then(|now| unlike_before(now, known)) {
        end.complete = false;
        end.notes.insert(0, note);
    }
    end.complete &= !stage.open_row.holds();
    end.notes.splice(0..0, stage.open_row.note());
    let known = (way.next_page, way.list_end);
    judge_pages(&mut end, if target.place.is_none() { known } else { (None, None) });
    let took = sync.clock.now() - run.started_at;
    end.notes.extend(stage.greatest.as_ref().and_then(|greatest| no_cursor(greatest, took)));
    say_no_more(&mut end, connector, &stage.echoes);
    stage.pieces.unread = std::mem::take(&mut end.unread);
    if stage.pieces.is_empty() && connector.keeps_columns() {
        let columns: Vec<_> = end.columns.iter().map(|name| stage.echoes.cut_name(name)).collect();
        stage.pieces.meet_header(&columns);
    }
    let is_increment = way.since().is_some();
    Ok(Ok(Read {
        marks: stage.marks((way, target.place), &end, took),
        is_known: end.is_known,
        spool: stage.spool.finish()?,
        observed_at: run.started_at,
        skipped: stage.skipped,
        full: end.complete && !is_increment,
        // Of an increment that was cut short, what it brought is true all the same: it closes nothing.
        complete: end.complete || is_increment,
        is_repeated: false,
        is_elsewhere: false,
        notes: end.notes,
        pieces: stage.pieces,
        series: stage.series,
        noticed: Noticed::default(),
    }))
}

/// Stages records that were looked up, reshaped already, and the keys of those that are not as they were known: a part of the source,
/// which closes nothing.
pub(super) async fn looked_up(
    sync: &Sync<'_>,
    connector: &Arc<Connector>,
    run: &SyncRun,
    (records, doubted): (Vec<RawRecord>, &[RecordKey]),
) -> Result<Read, SyncError> {
    let mut stage = Stage::begin(sync, connector, run, Kept::Whole).await?;
    let (here, doubted) = (Arc::clone(connector), doubted.to_vec());
    let staging = tokio::task::spawn_blocking(move || {
        let mut batch = Batch { records, broken: Vec::new() };
        stage.echoes.cut(&mut batch);
        stage.batch(&here, batch)?;
        doubted.into_iter().try_for_each(|key| stage.spool.push(&Staged::LeftOut { key }))?;
        Ok::<_, WorkroomError>(stage)
    });
    let stage = staging.await.map_err(|_| SyncError::Stopped(connector.id().clone()))??;
    stage.sealer.save().await?;
    Ok(Read {
        spool: stage.spool.finish()?,
        observed_at: run.started_at,
        skipped: stage.skipped,
        full: false,
        complete: true,
        is_repeated: false,
        is_elsewhere: false,
        notes: stage.echoes.note().into_iter().collect(),
        marks: None,
        is_known: false,
        pieces: stage.pieces,
        series: stage.series,
        noticed: Noticed::default(),
    })
}

/// What is staged of a record that the ledger holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// That it was seen, which rests on what the ledger holds now: a million of them cost little.
    Seen,
    /// All of it: what becomes of it is decided when the batch is applied, whatever happens meanwhile.
    Whole,
}

/// The mapping side of a read, on its own thread.
struct Stage {
    keyed: KeyedHash,
    echoes: Echoes,
    sealer: Sealer,
    spool: SpoolWriter,
    mapping: Digest,
    observed_at: Instant,
    current: HashMap<RecordKey, Current>,
    kept: Kept,
    met: Met,
    pieces: Pieces,
    series: Series,
    greatest: Option<Greatest>,
    skipped: u64,
    is_increment: bool,
    /// Records that came again on another page.
    again_elsewhere: u64,
    open_row: OpenRow,
}

impl Stage {
    async fn begin(sync: &Sync<'_>, connector: &Connector, run: &SyncRun, kept: Kept) -> Result<Self, SyncError> {
        // A batch that waits may be let through before this one is.
        let waits = sync.workroom.held().await?.iter().any(|held| held.source == *connector.id());
        let version = sync.gateway.ledger().head().await?.version;
        Ok(Stage {
            keyed: sync.workroom.keyed().clone(),
            echoes: Echoes::new(sync.net.of(connector.id().as_str()).map(|net| net.cutter()).unwrap_or_default()),
            sealer: sync.workroom.sealer(connector.id()).await?,
            spool: sync.workroom.spool(&run.id)?,
            mapping: connector.mapping_digest(),
            observed_at: run.started_at,
            current: sync.known(connector, run, version).await?,
            kept: if waits { Kept::Whole } else { kept },
            met: Met::default(),
            pieces: Pieces::default(),
            series: Series::keyed_by(connector.key_fields(), &connector.profile.speaks_for),
            greatest: connector.since.as_ref().map(|since| Greatest::new(since, run.started_at)),
            skipped: 0,
            is_increment: run.is_increment(),
            again_elsewhere: 0,
            open_row: OpenRow::default(),
        })
    }

    fn all(mut self, connector: &Connector, mut batches: mpsc::Receiver<Batch>) -> Result<Self, WorkroomError> {
        while let Some(mut batch) = batches.blocking_recv() {
            self.echoes.cut(&mut batch);
            if let Some(greatest) = &mut self.greatest {
                batch.records.iter().for_each(|record| greatest.meet(&record.node));
                greatest.miss(batch.broken.len());
            }
            let batch = connector.reshape(batch);
            self.batch(connector, batch)?;
        }
        Ok(self)
    }

    /// What the read leaves to the next one; nothing but that, where it read another place than that of the settings.
    fn marks(&self, (way, place): (&Way, Option<&str>), end: &ReadEnd, took: TimeDelta) -> Option<Marks> {
        if place.is_some() {
            return Some(Marks::of_elsewhere());
        }
        let before = way.cursor.clone();
        let cursor = match &self.greatest {
            Some(greatest) if end.complete => greatest.cursor(took, before.as_deref()),
            _ => before,
        };
        let is_increment = way.since().is_some();
        let marks = Marks {
            increment: is_increment,
            elsewhere: false,
            under: way.under,
            validators: if end.complete && !is_increment { end.validators.clone() } else { Vec::new() },
            cursor,
            same_as: None,
            last_row: end.last_row,
            // What changed is a short list, which tells nothing of the whole one.
            next_page: if is_increment { way.next_page } else { end.next_page },
            list_end: if is_increment { way.list_end } else { end.list_end },
        };
        let habits = marks.last_row.is_some() || marks.next_page.is_some() || marks.list_end.is_some();
        let says = is_increment || habits || marks.cursor.is_some() || !marks.validators.is_empty();
        says.then_some(marks)
    }

    fn batch(&mut self, connector: &Connector, batch: Batch) -> Result<(), WorkroomError> {
        let keyed = self.keyed.clone();
        let pseudonym = move |text: &str| keyed.pseudonym(text);
        for broken in batch.broken {
            self.broken(connector, broken)?;
        }
        for record in batch.records {
            let mapped = connector.map(&record, &pseudonym as &dyn Pseudonymiser);
            let is_month_first = month_first::is_met(&mapped);
            is_month_first.into_iter().for_each(|is| self.series.dates.meet(is));
            self.pieces.meet(&record, &mapped, is_month_first);
            self.mapped(connector, record, mapped)?;
        }
        Ok(())
    }

    fn mapped(&mut self, connector: &Connector, record: RawRecord, mapped: Mapped) -> Result<(), WorkroomError> {
        match mapped {
            Mapped::Skipped { key, .. } => {
                self.skipped += 1;
                // A full read closes what it does not bring; an increment says it of nothing else.
                let key = key.filter(|_| self.is_increment);
                key.map_or(Ok(()), |key| self.spool.push(&Staged::LeftOut { key }))
            }
            Mapped::Rejected { key, field, code, reason, references, .. } => {
                let known = key.as_deref().and_then(|key| self.current.get(&RecordKey::parse(key).ok()?));
                self.pieces.know_rejected(known, connector.refuses(&code));
                let sealed_under = key.clone().unwrap_or_else(|| record.location.to_string());
                self.spool.push(&Staged::Rejection(StagedRejection {
                    raw: self.sealed(connector, record.node, &sealed_under)?,
                    location: record.location.to_string(),
                    key,
                    field: field.map(String::from),
                    code: code.into(),
                    reason,
                    at: self.observed_at,
                    references,
                }))
            }
            Mapped::Accepted { key, partition, facts } => self.accepted(connector, record, (key, partition, facts)),
        }
    }

    fn accepted(
        &mut self,
        connector: &Connector,
        record: RawRecord,
        (key, partition, mut facts): (RecordKey, Box<str>, Box<Facts>),
    ) -> Result<(), WorkroomError> {
        let raw = record.node.to_json();
        let hash = Digest::of(raw.as_bytes());
        let may_seal = connector.may_seal(&record.node);
        let mut fingerprint = self.keyed.fingerprint(may_seal, &self.mapping, &hash);
        if let Some((same, place)) = self.met.again(&key, fingerprint, &record.location) {
            if same {
                self.series.meet_again()
            } else {
                self.series.clash()
            }
            self.again_elsewhere += u64::from(place.page != record.location.page);
            let location = record.location.to_string();
            return self.spool.push(&Staged::Rejection(StagedRejection {
                reason: duplicate(key.as_str(), &place, same),
                raw: self.sealed(connector, record.node, key.as_str())?,
                location,
                key: Some(key.as_str().to_owned()),
                field: None,
                code: if same { DUPLICATE_IDENTICAL } else { DUPLICATE_KEY }.to_owned(),
                at: self.observed_at,
                // What stands under its key is told of already.
                references: Vec::new(),
            }));
        }
        let partition = String::from(partition);
        if record.is_open {
            self.open_row.meet((&mut facts, &mut fingerprint), self.current.get(&key));
        }
        let holder = facts.project.as_ref().and_then(|project| project.holder.as_ref());
        self.series.meet(&record.node, &partition, (&facts.statements, holder));
        self.series.communes.meet(&facts);
        let known = self.current.get(&key);
        if known.is_some_and(|known| known.state != RecordState::Closed) {
            self.series.know(&partition);
            self.pieces.know(&key);
        } else if known.is_none() && !self.current.is_empty() {
            self.series.add(&facts.statements);
        }
        let is_known = known.is_some_and(|known| known.state == RecordState::Open && known.fingerprint == fingerprint);
        if is_known && self.kept == Kept::Seen {
            return self.spool.push(&Staged::Unchanged { key, partition, fingerprint });
        }
        if known.is_some() && !is_known {
            self.series.changed(&key, &partition, &facts.statements);
            facts.project.iter().for_each(|project| self.series.describe(&key, project));
        }
        let sealed = may_seal.then(|| self.sealed(connector, record.node, key.as_str())).transpose()?;
        let hash = sealed.as_ref().map_or(hash, |sealed| Digest::of(sealed.as_bytes()));
        let raw = sealed.unwrap_or(raw);
        facts.location = Some(Box::new(record.location));
        let facts_text = serde_json::to_string(&facts).map_err(|_| WorkroomError::unwritable(&key))?;
        let head = RecordHead {
            partition,
            change: if known.is_some() { Change::Changed } else { Change::Added },
            observed_at: self.observed_at,
            fingerprint,
            references: facts.project.map_or_else(Vec::new, |project| project.references),
            key,
        };
        self.spool.push(&Staged::Record(StagedRecord { head, hash: hash.0, facts: facts_text, raw }))
    }

    fn broken(&mut self, connector: &Connector, broken: BrokenRecord) -> Result<(), WorkroomError> {
        let location = broken.location.to_string();
        self.pieces.miss(&broken);
        if broken.code == JOINED_TWICE {
            self.series.meet_again();
        }
        let mut references = Vec::new();
        let (key, field, raw) = match broken.legible {
            Some(legible) => {
                let pseudonym = |text: &str| self.keyed.pseudonym(text);
                let part = Part { connector, legible: &legible, location: &broken.location, pseudonymiser: &pseudonym };
                let key = part.key();
                references = part.references();
                let under = key.as_ref().unwrap_or(&location);
                let field = legible.fields.first().map(|field| String::from(&**field));
                let raw = self.sealed(connector, legible.node, under)?;
                (key, field, raw)
            }
            // What could not be taken apart may hold personal fields anywhere: it is sealed whole.
            None if !connector.personal().is_empty() => {
                (None, None, Node::text(self.sealer.seal(&location, &broken.raw)?).to_json())
            }
            None => (None, None, Node::text(broken.raw).to_json()),
        };
        self.spool.push(&Staged::Rejection(StagedRejection {
            key,
            raw,
            location,
            field,
            code: broken.code.to_owned(),
            reason: broken.reason,
            at: self.observed_at,
            references,
        }))
    }

    fn sealed(&self, connector: &Connector, mut node: Node, under: &str) -> Result<String, WorkroomError> {
        let mut failed = None;
        connector.seal(&mut node, &mut |plain| {
            self.sealer.seal(under, plain).unwrap_or_else(|error| {
                failed = Some(error);
                String::new()
            })
        });
        failed.map_or_else(|| Ok(node.to_json()), Err)
    }
}

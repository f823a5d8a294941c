//! Applying what was read, in the writer's turn: survey, decide, append; anew when another process appended meanwhile.

use super::division::Division;
use super::erased::erased;
use super::held::{Look, reason_to_hold};
use super::holders;
use super::keyless;
use super::rows::Making;
use super::survey::{Known, Survey, survey};
use super::unread;
use super::{CONFLICTS_MAX, Read, Sync, SyncError};
use crate::acts::privacy::carry_out;
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::marks::Marks;
use crate::domain::message::Message;
use crate::domain::run::{SyncOutcome, SyncRun};
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::SourceId;
use crate::ledger::LedgerError;

/// Held batches kept for one source; a source read by a timer would otherwise hold one at every read.
const HELD_KEPT: usize = 5;

/// What became of a read.
pub(super) enum Applied {
    /// It was applied, or held.
    Run(Box<SyncRun>),
    /// It was looked up, and a read that says so would be held: nothing of it is applied.
    Refused(Message),
    /// The ledger moved meanwhile, and the read does not tell any more what is to become of a record.
    Moved,
}

impl Sync<'_> {
    /// Applies what was read, or holds it. What each record is to the ledger is decided here, in the writer's turn, and never by
    /// how the ledger stood when it was staged.
    pub(super) async fn apply(
        &self,
        connector: &Connector,
        run: SyncRun,
        mut read: Read,
    ) -> Result<Applied, SyncError> {
        for _ in 0..CONFLICTS_MAX {
            let turn = self.gateway.turn().await;
            turn.catch_up().await?;
            let version = self.gateway.current().head().version;
            let known = self.seen(connector, &run, version).await?;
            let (parts, joint) = self.parts_read(connector.id(), &read);
            let division = Division {
                is_partitioned: connector.is_partitioned(),
                has_project: connector.has_project(),
                read: &parts,
                joint,
            };
            let stood = self.stood(connector, &read, version).await?;
            let mut found = survey(&read, &known, &connector.profile, (division, stood))?;
            let is_barred = run.is_look_up() && self.is_held(connector.id());
            if found.moved > 0 || is_barred || !read.is_repeated && self.is_overtaken(&run, &found) {
                tracing::info!(source = %run.source, run = %run.id, moved = found.moved, "the ledger moved while the source was read");
                return Ok(Applied::Moved);
            }
            if read.full {
                self.set_refused_apart(connector, &mut found);
                self.look_again(connector, run.started_at, (&mut read, &found, &parts));
            }
            let common = self.common(connector, (&read, &found), version).await?;
            read.noticed.fresh.retain(|finding| finding.kind != SourceFindingKind::ReferenceCommon);
            read.noticed.fresh.extend(holders::findings(&common, connector, run.started_at));
            found.successions = self.successions(connector, (&read, &known, &found), version).await?;
            let inputs = (&read, &known, &found, common);
            let placed = self.placed(connector, inputs, (run.started_at, version)).await?;
            let hold = judged(connector, &run, (&mut read, &found, placed.told));
            let findings = self.findings_after(connector, (&run, &read));
            let run = SyncRun { findings, ..ended(&run, &read, (&found, hold.as_ref()), self.clock.now()) };
            if let Some(hold) = hold.filter(|_| run.accepts.is_none()) {
                drop(turn);
                if run.is_look_up() {
                    return Ok(Applied::Refused(hold));
                }
                return self.hold(connector, run, read).await.map(|run| Applied::Run(Box::new(run)));
            }
            let entry = self.entry(connector, &run, placed.decisions).await?;
            let erased = erased(self.gateway.ledger(), connector.id(), &found.successions).await?;
            let making = Making {
                source: connector.id(),
                run: &run.id,
                observed_at: run.started_at,
                known: &known,
                survey: &found,
                projects: placed.projects.as_deref(),
                erased: &erased,
            };
            let appended = turn.append(entry, making.rows(&read.spool)?).await;
            match appended {
                Err(LedgerError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    if !erased.is_empty() {
                        carry_out::<SyncError>(self.gateway.ledger(), self.workroom).await?;
                    }
                    if !run.is_look_up() && !run.is_increment() {
                        self.forget_older(&run).await?;
                    }
                    return Ok(Applied::Run(Box::new(run)));
                }
            }
        }
        Err(self.conflict().await?)
    }

    /// What a read of everything tells of records that are gone or rejected, beside what the ledger holds now.
    fn look_again(
        &self,
        connector: &Connector,
        at: Instant,
        (read, found, parts): (&mut Read, &Survey, &[(String, Instant)]),
    ) {
        let terms = (connector.id(), connector.profile.vanish_limit_bp);
        let is_anew = [
            SourceFindingKind::RecordsRejected,
            SourceFindingKind::RecordsVanished,
            SourceFindingKind::PartitionNotRead,
        ];
        let sheets = unread::sheets(&read.noticed.pieces.unread, at);
        let sheets = sheets.map(|one| if one.held { self.unless_accepted(connector, one) } else { one });
        let sheets: Vec<SourceFinding> = sheets.collect();
        let rejected = self.rejected(connector, (&read.noticed.pieces, found), at);
        let fresh = &mut read.noticed.fresh;
        fresh.retain(|finding| !is_anew.contains(&finding.kind));
        fresh.extend(unread::findings(&found.tallies, terms, at));
        let rejected = rejected.into_iter().filter(|one| !fresh.iter().any(|told| told.is_about_same(one)));
        fresh.extend(rejected.collect::<Vec<_>>());
        let hidden = found.tallies.values().map(|tally| tally.hidden).sum();
        let waits = keyless::finding((hidden, found.keyless), connector.id(), at);
        let waits = waits.filter(|one| !fresh.iter().any(|told| told.is_about_same(one)));
        fresh.extend(waits);
        fresh.extend(sheets);
        fresh.extend(self.vanished(connector, found, at));
        let known = if read.is_elsewhere { &[][..] } else { parts };
        fresh.extend(unread::missing(known, (&found.partitions, &found.strays, &found.resting), at));
    }

    /// What the ledger holds, each record as of when it was last observed or looked up.
    async fn seen(&self, connector: &Connector, run: &SyncRun, version: LedgerVersion) -> Result<Known, LedgerError> {
        let mut known = self.known(connector, run, version).await?;
        let portfolio = self.gateway.current();
        let source = portfolio.source_by_id(connector.id().as_str()).map(|ix| portfolio.source(ix));
        for (key, at) in source.into_iter().flat_map(|source| &source.looked_up) {
            if let Some(known) = known.get_mut(key) {
                known.observed_at = known.observed_at.max(*at);
            }
        }
        Ok(known)
    }

    /// The parts of the source that were read, each with when it was last; and when its last read began, where that was of the place of
    /// the settings and this one is not.
    fn parts_read(&self, source: &SourceId, read: &Read) -> (Vec<(String, Instant)>, Option<Instant>) {
        let portfolio = self.gateway.current();
        let Some(source) = portfolio.source_by_id(source.as_str()).map(|ix| portfolio.source(ix)) else {
            return (Vec::new(), None);
        };
        let is_elsewhere = |marks: Option<&Marks>| marks.is_some_and(|marks| marks.elsewhere);
        let last = source.last_success.as_ref().filter(|last| !is_elsewhere(last.marks.as_ref()));
        let joint = last.filter(|_| is_elsewhere(read.marks.as_ref())).map(|last| last.started_at);
        (source.partitions.clone(), joint)
    }

    /// Was a part of what this run found read as a whole by one that began later?
    fn is_overtaken(&self, run: &SyncRun, found: &Survey) -> bool {
        let portfolio = self.gateway.current();
        let source = portfolio.source_by_id(run.source.as_str()).map(|ix| portfolio.source(ix));
        let mut later = source.into_iter().flat_map(|source| &source.partitions).filter(|(_, at)| *at > run.started_at);
        later.any(|(partition, _)| found.partitions.contains(partition) || found.strays.contains_key(partition))
    }

    /// What is to be told of the source after this run: a look-up says nothing of it, and a batch that a person lets
    /// through keeps what was told when it was held.
    fn findings_after(&self, connector: &Connector, (run, read): (&SyncRun, &Read)) -> Vec<SourceFinding> {
        match (run.is_look_up(), &run.accepts) {
            (true, _) => Vec::new(),
            (false, Some(_)) => run.findings.clone(),
            (false, None) => read.noticed.after(&self.told(connector), run.started_at),
        }
    }

    /// What the ledger holds of the source; of a look-up's keys only, for a look-up.
    pub(super) async fn known(
        &self,
        connector: &Connector,
        run: &SyncRun,
        version: LedgerVersion,
    ) -> Result<Known, LedgerError> {
        let ledger = self.gateway.ledger();
        match run.keys.as_slice() {
            [] => ledger.current(connector.id(), version).await,
            keys => ledger.current_of(connector.id(), keys, version).await,
        }
    }

    /// Keeps the batch and says so in the ledger: nothing of it is applied.
    async fn hold(&self, connector: &Connector, run: SyncRun, read: Read) -> Result<SyncRun, SyncError> {
        tracing::warn!(source = %run.source, run = %run.id, "the run is held: a person must let it through");
        let batch = self.workroom.hold(&run, read.spool).await?;
        let marks = run.marks.and_then(|marks| marks.of_held());
        let run = SyncRun { outcome: SyncOutcome::Held, batch: Some(batch.to_string()), marks, ..run };
        let held = self.workroom.held().await?;
        let own: Vec<_> = held.iter().filter(|batch| batch.source == run.source).collect();
        for oldest in own.iter().take(own.len().saturating_sub(HELD_KEPT)) {
            self.workroom.release(&oldest.run).await?;
        }
        self.record(connector, run).await
    }

    /// Batches that this run makes pointless: held ones of the same source that were read earlier, but for those of other parts of it.
    pub(super) async fn forget_older(&self, run: &SyncRun) -> Result<(), SyncError> {
        let version = self.gateway.current().head().version;
        let waiting = self.gateway.ledger().unsettled(&run.source, version).await?;
        for held in self.workroom.held().await? {
            let is_older = held.source == run.source && held.created_at <= run.started_at;
            let waits = waiting.iter().any(|waiting| waiting.id == held.run);
            if is_older && !waits && run.accepts.as_ref() != Some(&held.run) {
                self.workroom.release(&held.run).await?;
            }
        }
        Ok(())
    }
}

/// Why the read must wait for a person; what was noticed of keys that changed is told with it.
fn judged(
    connector: &Connector,
    run: &SyncRun,
    (read, found, restated): (&mut Read, &Survey, Option<SourceFinding>),
) -> Option<Message> {
    let fresh = &mut read.noticed.fresh;
    fresh.retain(|finding| !finding.kind.is_of_keys());
    fresh.extend(found.successions.findings(connector, run.started_at));
    fresh.extend(restated);
    let look = Look { renumbered: found.successions.count(), ..found.look };
    let hold = reason_to_hold(&look).or_else(|| read.noticed.hold().cloned());
    // What is not applied did not happen: it is told as long as the batch waits, and then of what is applied.
    if hold.is_some() {
        let ours = read.noticed.fresh.iter_mut().filter(|finding| finding.kind.is_of_keys());
        ours.for_each(|finding| finding.held = true);
    }
    hold
}

fn ended(run: &SyncRun, read: &Read, (found, hold): (&Survey, Option<&Message>), now: Instant) -> SyncRun {
    SyncRun {
        ended_at: Some(now),
        outcome: SyncOutcome::Succeeded,
        counts: found.counts,
        full: read.full,
        partitions: if read.full { found.partitions.iter().cloned().collect() } else { Vec::new() },
        marks: marks(read, found),
        message: told(run, read, hold),
        ..run.clone()
    }
}

/// What is left to the next read. Where the ledger holds something newer than what was read, the bodies are not what stands.
fn marks(read: &Read, found: &Survey) -> Option<Marks> {
    let marks = read.marks.clone()?;
    Some(if found.is_outdated { Marks { validators: Vec::new(), ..marks } } else { marks })
}

/// What is said of the run: why it is held, and of a read that is not whole what the driver noticed. A batch that a person lets
/// through is held no more.
fn told(run: &SyncRun, read: &Read, hold: Option<&Message>) -> Option<Message> {
    let note = read.notes.first();
    match (hold.filter(|_| run.accepts.is_none()), note) {
        (Some(hold), Some(note)) if !read.complete => {
            Some(Message::new(format!("{} ({})", hold.fr, note.fr), format!("{} ({})", hold.en, note.en)))
        }
        (Some(hold), _) => Some(hold.clone()),
        (None, note) => note.cloned(),
    }
}

//! What is told of a source from run to run: what was just noticed, and what still holds of what was told before.

use super::columns::Columns;
use super::drift;
use super::fit::{deciding, misfits};
use super::held::let_through;
use super::lacking::{self, Needs};
use super::persons;
use super::pieces::Pieces;
use super::series::{self, Before, Part, Said, Series, Terms};
use super::{Sync, SyncError};
use crate::connector::Connector;
use crate::connector::node::Node;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::run::SyncRun;
use crate::domain::source::Scope;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::Stage;
use crate::portfolio::{Portfolio, SourceIx};
use crate::workroom::{Change, Spool, Staged};
use chrono::TimeDelta;

/// Days for which a change is told of a source that goes on as it changed: by then, it is what the source is.
const TOLD_DAYS: i64 = 30;
/// Records of an increment that are compared at once with what is known of them.
const KEYS_COMPARED: usize = 200;

/// What a read noticed.
#[derive(Debug, Default)]
pub struct Noticed {
    /// What is so in this read and was not so before.
    pub fresh: Vec<SourceFinding>,
    /// The columns of a read of everything, which tell whether what was told before still holds. A part of a source
    /// tells nothing of it.
    pub columns: Option<Columns>,
    /// The files and parts of it.
    pub pieces: Pieces,
}

impl Noticed {
    /// Why the run must wait for a person.
    pub fn hold(&self) -> Option<&Message> {
        self.fresh.iter().find(|finding| finding.held).map(|finding| &finding.message)
    }

    /// What is to be told of the source after a read that began at `at`.
    pub fn after(&self, before: &[SourceFinding], at: Instant) -> Vec<SourceFinding> {
        let same = |one: &SourceFinding| before.iter().find(|other| other.is_about_same(one));
        let mut all: Vec<SourceFinding> =
            self.fresh.iter().filter(|one| !same(one).is_some_and(|before| self.is_back(before))).cloned().collect();
        // What became of keys happened in this read.
        for finding in all.iter_mut().filter(|finding| !finding.kind.is_of_keys()) {
            finding.since = same(finding).map_or(finding.since, |before| before.since);
        }
        let is_new = |finding: &&SourceFinding| !self.fresh.iter().any(|fresh| fresh.is_about_same(finding));
        let kept: Vec<SourceFinding> =
            before.iter().filter(is_new).filter(|finding| self.is_kept(finding, at)).cloned().collect();
        all.extend(kept);
        // What counts the others of its kind goes with the last that is named.
        let is_named = |finding: &SourceFinding| finding.field.is_some() || finding.about.is_some();
        let named: Vec<_> = all.iter().filter(|finding| is_named(finding)).map(|finding| finding.kind).collect();
        all.retain(|finding| is_named(finding) || named.contains(&finding.kind));
        all.sort_by(|one, other| (one.kind, &one.field, &one.about).cmp(&(other.kind, &other.field, &other.about)));
        all
    }

    /// Is a column of another type again what it was before that was told? That it changed back is nothing new.
    fn is_back(&self, told: &SourceFinding) -> bool {
        let is_told = told.kind == SourceFindingKind::ColumnRetyped && !told.held;
        is_told && self.columns.as_ref().is_some_and(|columns| !self.still_holds(told, columns))
    }

    /// What held a run was not applied: it is so only where it is noticed again.
    fn is_kept(&self, finding: &SourceFinding, at: Instant) -> bool {
        let Some(columns) = &self.columns else { return true };
        !finding.held && at - finding.since <= TimeDelta::days(TOLD_DAYS) && self.still_holds(finding, columns)
    }

    /// Is it still as it was told, of the whole, or of the part or file that it is about? Nobody can tell of one that did not come.
    fn still_holds(&self, finding: &SourceFinding, whole: &Columns) -> bool {
        let Some(about) = finding.about.as_deref().filter(|_| finding.field.is_some()) else {
            return drift::still_holds(finding, whole);
        };
        let mut pieces = self.pieces.of(about).peekable();
        pieces.peek().is_none() || pieces.any(|piece| drift::still_holds(finding, &piece.columns))
    }
}

impl Sync<'_> {
    /// Compares what was read with what the ledger holds: the columns of a sample of its records.
    pub(super) async fn noticed(
        &self,
        connector: &Connector,
        (run, pieces, mut series): (&SyncRun, Pieces, Series),
    ) -> Result<Noticed, SyncError> {
        series.settle();
        let columns = pieces.whole();
        let ledger = self.gateway.ledger();
        let raws = ledger.sample(connector.id(), ledger.head().await?.version).await?;
        // Of a part of a source, no record need show what protects some.
        let guarded = if run.is_increment() { Vec::new() } else { connector.guarded() };
        // But the header of a table names all columns of each of its rows.
        let guards_sealed = !run.is_increment() || connector.keeps_columns() && connector.settings().is_table();
        let mut needed = connector.needed();
        if run.is_increment() {
            // Where every known record had it, and none of the part has it, it went away all the same.
            needed.extend(connector.guarded());
        }
        let (needed, sealed, source) = (&needed, connector.personal(), connector.id());
        let (is_whole, may_tell) = (!run.is_increment(), &|column: &str| connector.may_tell(column));
        let terms = drift::Terms {
            needed,
            guarded: &guarded,
            sealed,
            guards_sealed,
            is_whole,
            is_piece: false,
            may_tell,
            source,
            at: run.started_at,
        };
        let before = Columns::of(&raws);
        let mut fresh = drift::compare(&before, &columns, &terms);
        if before.top.objects == 0 {
            let decides = deciding(&columns, connector.deciding());
            let needed = connector.indispensable().into_iter().chain(decides).collect::<Vec<_>>();
            fresh.extend(misfits(&columns, &needed, run.started_at));
        }
        if run.is_increment() {
            // Some records need not show every column: of a part, only what cannot be mapped is told.
            fresh.retain(|finding| finding.held);
            fresh.extend(self.broken(connector, run, &series).into_iter().filter(|finding| finding.held));
            return Ok(Noticed { fresh, columns: None, pieces });
        }
        let is_first = before.top.objects == 0;
        fresh.extend(self.piecewise(connector, (&pieces, &terms), (&fresh, is_first)).await?);
        self.stands_before(connector, &mut series).await?;
        fresh.extend(self.broken(connector, run, &series));
        if fresh.iter().all(|finding| finding.kind != SourceFindingKind::DatesMonthFirst) {
            fresh.extend(self.month_first_files(connector, &pieces, run.started_at));
        }
        for finding in &fresh {
            tracing::warn!(source = %connector.id(), finding = %finding.kind, message = %finding.message.en, "the source has changed");
        }
        Ok(Noticed { fresh, columns: Some(columns), pieces })
    }

    /// Why an increment waits that brings known records without what each of them had and the map rests on. Whether it was taken away
    /// from these alone, or from all, the full read that follows tells.
    pub(super) async fn lacking(
        &self,
        connector: &Connector,
        run: &SyncRun,
        spool: &Spool,
    ) -> Result<Option<SourceFinding>, SyncError> {
        let ledger = self.gateway.ledger();
        let (needs, version) = (Needs::of(connector), ledger.head().await?.version);
        let changed = spool.read()?.filter_map(|item| match item {
            Ok(Staged::Record(record)) => {
                (record.head.change == Change::Changed).then_some(Ok((record.head.key, record.raw)))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        });
        let mut changed = changed.peekable();
        let (mut count, mut first) = (0_u64, None);
        while changed.peek().is_some() {
            let part: Vec<(RecordKey, String)> = changed.by_ref().take(KEYS_COMPARED).collect::<Result<_, _>>()?;
            let keys: Vec<RecordKey> = part.iter().map(|(key, _)| key.clone()).collect();
            let known = ledger.raws(connector.id(), &keys, version).await?;
            for (key, now) in &part {
                let known = known.get(key).and_then(|raw| Node::parse_json(raw).ok());
                let now = Node::parse_json(now).ok();
                if let Some(lost) = known.zip(now).and_then(|(known, now)| needs.lost(&known, &now)) {
                    count += 1;
                    first.get_or_insert_with(|| lost.to_vec());
                }
            }
        }
        Ok(first.map(|names| lacking::finding((count, &names), run.started_at)))
    }

    /// Where what was read breaks the series of what stands.
    pub(super) fn broken(&self, connector: &Connector, run: &SyncRun, now: &Series) -> Vec<SourceFinding> {
        let portfolio = self.gateway.current();
        let source = portfolio.source_by_id(connector.id().as_str());
        let before = source.map(|source| stood(&portfolio, (source, &connector.profile.speaks_for), now));
        let before = before.unwrap_or_default();
        let (limits, twins) = (&connector.manifest.series, connector.has_project());
        let vanish_limit_bp = connector.profile.vanish_limit_bp;
        let terms = Terms { limits, vanish_limit_bp, at: run.started_at, source: connector.id(), twins };
        if run.is_increment() || run.is_look_up() {
            return series::breaks_of_part(&before, now, &terms);
        }
        let mut found = series::breaks(&before, now, &terms);
        let unlikely = [
            now.communes.finding(connector.id(), run.started_at),
            now.dates.finding(connector.id().as_str(), run.started_at),
        ];
        found.extend(unlikely.into_iter().flatten().map(|finding| self.unless_accepted(connector, finding)));
        found
    }

    /// Postal codes, or dates month first, as it seems: a person who let them through once answered for them.
    pub(super) fn unless_accepted(&self, connector: &Connector, finding: SourceFinding) -> SourceFinding {
        let told = self.told(connector);
        let accepted = told.iter().any(|before| before.is_about_same(&finding) && !before.held);
        if accepted { let_through(finding) } else { SourceFinding { held: true, ..finding } }
    }

    /// What the last run told of the source, in the portfolio as it stands.
    pub(super) fn told(&self, connector: &Connector) -> Vec<SourceFinding> {
        let portfolio = self.gateway.current();
        let last = portfolio.source_by_id(connector.id().as_str()).and_then(|ix| portfolio.source(ix).last_run.clone());
        let findings = last.map_or_else(Vec::new, |run| run.findings);
        persons::told_again(connector, findings)
    }
}

/// The figures of the records of a source that stand; of those that changed now, what they say. One that went bad and comes again is held
/// against what it said last: that it could not be read in between lets no other sum in.
fn stood(portfolio: &Portfolio, (source, speaks_for): (SourceIx, &[Scope]), now: &Series) -> Before {
    let mut before = Before::default();
    for (partition, key) in portfolio.standing_in(source, |key| now.has_changed(key)) {
        match before.records.get_mut(partition) {
            Some(records) => *records += 1,
            None => drop(before.records.insert(partition.into(), 1)),
        }
        if now.has_changed(key) {
            before.changed.insert(key.clone(), Said::within(partition));
        }
    }
    for one in portfolio.stated_in(source, |key| now.has_changed(key)) {
        let own = speaks_for.iter().any(|scope| scope.covers(one.of));
        if one.stage.is_none_or(|stage| stage.rank().is_some()) {
            match before.lines.get_mut(one.partition) {
                Some(lines) => *lines += 1,
                None => drop(before.lines.insert(one.partition.into(), 1)),
            }
        }
        if let Some(amount) = one.amount {
            if !before.partitions.contains_key(one.partition) {
                before.partitions.insert(one.partition.into(), Part::default());
            }
            if let Some(part) = before.partitions.get_mut(one.partition) {
                part.add(amount, own);
                part.stage(one.stage, amount, own);
            }
            if one.stage.is_some_and(Stage::is_decided) {
                match before.decided.get_mut(one.partition) {
                    Some(decided) => *decided += i128::from(amount.get()),
                    None => drop(before.decided.insert(one.partition.into(), amount.get().into())),
                }
            }
        }
        if let Some(said) = before.changed.get_mut(one.key) {
            said.word(one.of.funder, (one.form, one.of.nature, one.stage), one.amount);
            said.natured((one.stage, one.of.nature), one.amount, own);
            // What was unknown and is known now moves no total.
            if one.amount.is_some() {
                said.sum(one.stage, one.amount, own);
            }
        }
    }
    for one in portfolio.described_in(source, |key| now.has_changed(key)) {
        if let Some(said) = before.changed.get_mut(one.key) {
            said.describe(one.holder, one.title, &one.places);
        }
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vanished(field: Option<&str>, day: i64, held: bool) -> SourceFinding {
        SourceFinding {
            kind: SourceFindingKind::ColumnVanished,
            field: field.map(str::to_owned),
            about: None,
            since: Instant::UNIX_EPOCH + TimeDelta::days(day),
            example: None,
            message: Message::new("disparue", "vanished"),
            was: None,
            held,
        }
    }

    /// The fields told after a read on `day` that brought `record` and noticed `fresh`, each with its first day.
    fn after(before: &[SourceFinding], fresh: Vec<SourceFinding>, (record, day): (&str, i64)) -> Vec<(String, i64)> {
        let noticed = Noticed { fresh, columns: Some(Columns::of(&[record.to_owned()])), ..Noticed::default() };
        let told = noticed.after(before, Instant::UNIX_EPOCH + TimeDelta::days(day));
        let first = |finding: &SourceFinding| (finding.since - Instant::UNIX_EPOCH).num_days();
        told.iter().map(|finding| (finding.field.clone().unwrap_or_default(), first(finding))).collect()
    }

    #[test]
    fn a_finding_keeps_its_first_day_until_the_column_is_back_or_a_month_has_passed() {
        let before = [vanished(Some("a"), 1, false), vanished(None, 1, false)];
        let still = [("a".to_owned(), 1), (String::new(), 1)];
        let mut told = after(&before, Vec::new(), (r#"{"b": 1}"#, 31));
        told.sort();
        assert!(still.iter().all(|one| told.contains(one)) && told.len() == 2, "{told:?}");
        assert!(after(&before, Vec::new(), (r#"{"b": 1}"#, 32)).is_empty(), "it is what the source is");
        assert!(after(&before, Vec::new(), (r#"{"a": 1}"#, 2)).is_empty(), "it is back, and the count with it");
        let again = vec![vanished(Some("a"), 9, false)];
        assert_eq!(after(&before[..1], again, (r#"{"b": 1}"#, 9)), [("a".to_owned(), 1)]);
    }

    #[test]
    fn what_held_a_run_goes_unless_it_is_noticed_again() {
        let before = [vanished(Some("a"), 1, true)];
        assert!(after(&before, Vec::new(), (r#"{"b": 1}"#, 2)).is_empty());
        let again = vec![vanished(Some("a"), 2, true)];
        assert_eq!(after(&before, again, (r#"{"b": 1}"#, 2)), [("a".to_owned(), 1)]);
    }

    #[test]
    fn a_part_of_a_source_tells_nothing_of_what_was_told() {
        let before = [vanished(Some("a"), 1, false)];
        let day = Instant::UNIX_EPOCH + TimeDelta::days(90);
        assert_eq!(Noticed::default().after(&before, day), before);
    }
}

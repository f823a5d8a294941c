//! What changed in a project: read from the ledger by version, newest first.

mod change;

pub use change::{FieldDifference, HistoryChange, StatementChange};

use super::project::Project;
use super::{Reader, ViewError};
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::difference::differences;
use crate::domain::facts::Facts;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordState;
use crate::domain::text::{RecordKey, SourceId};
use crate::ledger::{Appender, Decided, RecordStep};
use crate::portfolio::{Embargoes, Given, KeptSum, Lineage};
use change::fields;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKind {
    /// A source gave a record for the first time, or a person stated something.
    RecordAppeared,
    /// A record says something else, or was mended after it went bad.
    RecordChanged,
    /// A source gives a record in a form that is rejected: the last good one stands, stale.
    RecordBad,
    /// A source does not hold a record any more.
    RecordClosed,
    /// A source holds a record again that it did not hold.
    RecordReturned,
    /// A shared reference made two projects one.
    Redirected,
    /// What a shared reference made one is two again: no record bears it any more.
    Unredirected,
    /// A record left the project that a reference had given it, for it bears another one now.
    Parted,
    /// The matcher made two projects one.
    Matched,
    /// The matcher took a link back.
    Unmatched,
    /// A person made two projects one.
    Linked,
    /// A person took a proposal of the matcher up: two projects are one.
    ProposalTaken,
    /// A person took a record out of a project.
    Separated,
    /// A person said of it and of another project that they are two.
    KeptApart,
    /// A source gives a record under another key.
    Renumbered,
}

/// Who is behind a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorKind {
    /// A source, as it was read.
    Source,
    /// A person, known by a token.
    Person,
    /// The matcher.
    Matcher,
    /// The gateway itself, or whoever runs it.
    Gateway,
}

/// The changes of one project, not yet read in full.
pub struct History {
    reader: Reader,
    /// Newest first.
    items: Vec<Item>,
    /// Records of which this viewer is told nothing any more: they stand in a project that is not its to see.
    closed: BTreeSet<(SourceId, RecordKey)>,
}

enum Item {
    /// A record version, and the number of the one before it.
    Record(RecordStep, Option<(u64, RecordState)>),
    /// A decision, and what it was.
    Decision(Decided, HistoryKind),
}

impl Item {
    fn version(&self) -> LedgerVersion {
        match self {
            Item::Record(step, _) => step.version,
            Item::Decision(decided, _) => decided.version,
        }
    }

    /// The record that it is about.
    fn record(&self) -> Option<(&SourceId, &RecordKey)> {
        match self {
            Item::Record(step, _) => Some((&step.source, &step.key)),
            Item::Decision(decided, _) => match &decided.decision {
                Decision::Separated { source, key, .. }
                | Decision::Parted { source, key, .. }
                | Decision::Renumbered { source, key, .. } => Some((source, key)),
                _ => None,
            },
        }
    }

    /// The order within one version: what was read, then what follows from it.
    fn rank(&self) -> (LedgerVersion, bool, u64) {
        match self {
            Item::Record(step, _) => (step.version, false, step.id),
            Item::Decision(decided, _) => (decided.version, true, decided.id),
        }
    }
}

impl Project {
    /// What changed in it, up to the version that is read: in the records that stand or once stood in it, and in what makes
    /// it one project. What stands today in a project that this viewer does not see whole is left out. `None`: not for this
    /// viewer.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn history(&self) -> Result<Option<History>, ViewError> {
        if !self.is_whole() {
            return Ok(None);
        }
        let (reader, version) = (&self.reader, self.reader.head().version);
        let ledger = reader.ledger();
        let mut decided = ledger.decisions_about(self.id(), version).await?;
        // That two were kept apart changes neither, and tells that one was proposed.
        let sees_links = self.reader.scope().sees_links();
        decided.retain(|one| sees_links || !matches!(one.decision, Decision::KeptApart { .. }));
        let dated: Vec<_> = decided.iter().map(|one| (one.version, one.decision.clone())).collect();
        let lineage = Lineage::of(self.id(), &dated);
        let mut related = BTreeSet::from([self.id()]);
        related.extend(decided.iter().flat_map(|one| one.decision.projects()));
        let related: Vec<&ProjectId> = related.into_iter().collect();
        let steps = ledger.record_steps(&related, version).await?;
        let mut items = records(&lineage, steps);
        items.extend(decisions(&lineage, decided));
        items.sort_by_key(|item| std::cmp::Reverse(item.rank()));
        let (today, _) = reader.today();
        let closed: BTreeSet<_> = today
            .closed_among(items.iter().filter_map(Item::record), reader.clearance())
            .into_iter()
            .map(|(source, key)| (source.clone(), key.clone()))
            .collect();
        items.retain(
            |item| !matches!(item, Item::Record(step, _) if closed.contains(&(step.source.clone(), step.key.clone()))),
        );
        Ok(Some(History { reader: reader.clone(), items, closed }))
    }
}

fn records(lineage: &Lineage, steps: Vec<RecordStep>) -> Vec<Item> {
    let mut last: HashMap<(SourceId, RecordKey), (u64, RecordState)> = HashMap::new();
    let mut items = Vec::new();
    for step in steps {
        let before = last.insert((step.source.clone(), step.key.clone()), (step.id, step.state));
        let given = Given { source: &step.source, key: &step.key, project: step.project.as_ref() };
        if lineage.holds_record(given, step.version) {
            items.push(Item::Record(step, before));
        }
    }
    items
}

/// The decisions that made or unmade one project; a proposal by itself did not.
fn decisions(lineage: &Lineage, decided: Vec<Decided>) -> Vec<Item> {
    let pair = |decision: &Decision| {
        let mut ends = decision.projects().map(Clone::clone);
        ends.sort();
        ends
    };
    // What the matcher last said of a pair.
    let mut said: HashMap<[ProjectId; 2], bool> = HashMap::new();
    let mut items = Vec::new();
    for one in decided {
        let kind = match &one.decision {
            Decision::Redirect { .. } => Some(HistoryKind::Redirected),
            Decision::Unredirected { .. } => Some(HistoryKind::Unredirected),
            Decision::Parted { .. } => Some(HistoryKind::Parted),
            Decision::Matched { .. } => {
                said.insert(pair(&one.decision), true);
                Some(HistoryKind::Matched)
            }
            Decision::Proposed { .. } => {
                said.insert(pair(&one.decision), false);
                None
            }
            Decision::Withdrawn { .. } => {
                said.remove(&pair(&one.decision)).filter(|linked| *linked).map(|_| HistoryKind::Unmatched)
            }
            Decision::Linked { .. } if said.get(&pair(&one.decision)) == Some(&false) => {
                Some(HistoryKind::ProposalTaken)
            }
            Decision::Linked { .. } => Some(HistoryKind::Linked),
            Decision::Separated { .. } => Some(HistoryKind::Separated),
            Decision::KeptApart { .. } => Some(HistoryKind::KeptApart),
            Decision::Renumbered { .. } => Some(HistoryKind::Renumbered),
        };
        if let Some(kind) = kind.filter(|_| lineage.holds_decision(&one.decision, one.version)) {
            items.push(Item::Decision(one, kind));
        }
    }
    items
}

impl History {
    /// How many changes.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The identifier of a change: its version, and how many of that version come before it here. The numbers of rows would tell how
    /// much others were told meanwhile.
    fn id(&self, at: usize) -> String {
        let version = self.items[at].version();
        let older = self.items[at + 1..].iter().take_while(|item| item.version() == version);
        format!("{version}.{}", older.count())
    }

    /// The position of the change with this identifier.
    pub fn position(&self, id: &str) -> Option<usize> {
        let (version, older) = id.split_once('.')?;
        let version = LedgerVersion(version.parse().ok()?);
        let first = self.items.iter().rposition(|item| item.version() == version)?;
        let at = first.checked_sub(older.parse().ok()?)?;
        (self.items[at].version() == version).then_some(at)
    }

    /// The changes at these positions, read in full.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn page(&self, range: Range<usize>) -> Result<Vec<HistoryChange>, ViewError> {
        let items = &self.items[range.clone()];
        let (mut rows, mut versions) = (BTreeSet::new(), BTreeSet::new());
        for item in items {
            versions.insert(item.version());
            if let Item::Record(step, before) = item {
                rows.insert(step.id);
                rows.extend(before.map(|(id, _)| id));
            }
        }
        let ledger = self.reader.ledger();
        let facts = ledger.facts_of(&rows.into_iter().collect::<Vec<_>>()).await?;
        let appenders = ledger.appenders(&versions.into_iter().collect::<Vec<_>>()).await?;
        let (today, day) = self.reader.today();
        let embargoes = Embargoes::of(&today, day);
        let whole = |at: usize| {
            let item = &self.items[at];
            let mut change = self.change(at, appenders.get(&item.version())?, &facts);
            self.keep(&mut change, sides_of(item, &facts), &embargoes);
            Some(change)
        };
        Ok(range.filter_map(whole).collect())
    }

    /// Marks what funders keep from this viewer by now, were it said otherwise then.
    fn keep(&self, change: &mut HistoryChange, sides: [Option<&Facts>; 2], embargoes: &Embargoes<'_>) {
        let Some((source, key)) = &change.record else { return };
        let [before, after] = sides.map(|facts| facts.map_or(&[][..], |facts| &facts.statements));
        for (difference, withheld) in &mut change.statements {
            let sums = difference.before.iter().map(|one| KeptSum::among(one, before));
            let mut sums = sums.chain(difference.after.iter().map(|one| KeptSum::among(one, after)));
            *withheld =
                sums.any(|sum| !self.reader.sees_what_is_kept(sum.funder()) && embargoes.hold((source, key), &sum));
        }
    }

    fn change(&self, at: usize, appender: &Appender, facts: &HashMap<u64, Facts>) -> HistoryChange {
        let item = &self.items[at];
        let mut change = HistoryChange {
            reader: self.reader.clone(),
            id: self.id(at),
            version: item.version(),
            at: appender.at,
            kind: HistoryKind::RecordAppeared,
            author: author_of(appender, matches!(item, Item::Record(..))),
            record: None,
            projects: Vec::new(),
            reason: None,
            statements: Vec::new(),
            fields: Vec::new(),
        };
        match item {
            Item::Record(step, before) => {
                change.record = Some((step.source.clone(), step.key.clone()));
                change.kind = kind_of(step.state, before.map(|(_, state)| state));
                let [was, is] = sides_of(item, facts);
                let statements = |one: Option<&Facts>| one.map(|facts| facts.statements.clone()).unwrap_or_default();
                let differences = differences(&statements(was), &statements(is));
                change.statements = differences.into_iter().map(|one| (one, false)).collect();
                change.fields =
                    fields(was.and_then(|one| one.project.as_ref()), is.and_then(|one| one.project.as_ref()));
            }
            Item::Decision(decided, kind) => {
                change.kind = *kind;
                change.projects = decided.decision.projects().map(Clone::clone).to_vec();
                if let Some((source, key)) = item.record() {
                    let record = (source.clone(), key.clone());
                    if self.closed.contains(&record) {
                        // That something was taken out is told, and neither what nor where it went.
                        change.projects.clear();
                        return change;
                    }
                    change.record = Some(record);
                }
                if *kind == HistoryKind::Renumbered {
                    // It joins and parts nothing.
                    change.projects.clear();
                }
                change.reason = match &decided.decision {
                    Decision::Redirect { reason, .. }
                    | Decision::Unredirected { reason, .. }
                    | Decision::Parted { reason, .. }
                    | Decision::Linked { reason, .. }
                    | Decision::Separated { reason, .. }
                    | Decision::KeptApart { reason, .. } => Some(reason.clone()),
                    // A key is no person's word: whoever sees the record sees its key.
                    Decision::Renumbered { former, .. } => Some(format!("its key was {former}")),
                    _ => None,
                };
            }
        }
        change
    }
}

/// What the record said before a step and says after it. What is closed says nothing; a record gone bad still says what it last said.
fn sides_of<'a>(item: &Item, facts: &'a HashMap<u64, Facts>) -> [Option<&'a Facts>; 2] {
    let said = |id: u64, state: RecordState| (state != RecordState::Closed).then(|| facts.get(&id)).flatten();
    match item {
        Item::Record(step, before) => [before.and_then(|(id, state)| said(id, state)), said(step.id, step.state)],
        Item::Decision(..) => [None, None],
    }
}

fn kind_of(state: RecordState, before: Option<RecordState>) -> HistoryKind {
    match (state, before) {
        (RecordState::Closed, _) => HistoryKind::RecordClosed,
        (RecordState::Bad, _) => HistoryKind::RecordBad,
        (RecordState::Open, None) => HistoryKind::RecordAppeared,
        (RecordState::Open, Some(RecordState::Closed)) => HistoryKind::RecordReturned,
        (RecordState::Open, Some(_)) => HistoryKind::RecordChanged,
    }
}

fn author_of(appender: &Appender, is_record: bool) -> AuthorKind {
    const SYSTEM: &str = "SYSTEM";
    match appender.kind.as_str() {
        "sync" if is_record => AuthorKind::Source,
        "match" => AuthorKind::Matcher,
        // What follows from a read is nobody's word.
        "sync" => AuthorKind::Gateway,
        _ if appender.author.role == SYSTEM => AuthorKind::Gateway,
        _ => AuthorKind::Person,
    }
}

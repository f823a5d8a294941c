//! Sources: their health, their age, what they rejected.

use super::organisation::Organisation;
use super::rejection::without_values;
use super::{Reader, ViewError};
use crate::domain::image::SourceImage;
use crate::domain::reading::ShownKind;
use crate::domain::rejection::Rejection;
use crate::domain::run::{SyncOutcome, SyncRun};
use crate::domain::source::{SourceProfile, Standing};
use crate::domain::source_finding::SourceFinding;
use crate::ledger::{Page, PageRequest};
use crate::portfolio::{CLOCKS_DIFFER_S, SourceIx, source_read_at};

/// A handle on a source.
#[derive(Clone)]
pub struct Source {
    reader: Reader,
    ix: SourceIx,
}

impl Source {
    pub(super) fn new(reader: &Reader, ix: SourceIx) -> Self {
        Source { reader: reader.clone(), ix }
    }

    fn image(&self) -> &SourceImage {
        self.reader.portfolio().source(self.ix)
    }

    /// What its manifest says of it.
    pub fn profile(&self) -> &SourceProfile {
        &self.image().profile
    }

    /// The funders for whom it speaks, each once.
    pub fn speaks_for(&self) -> impl Iterator<Item = Organisation> {
        let funders = self.reader.portfolio().speaks_for(self.ix).into_iter();
        funders.map(|ix| Organisation::new(&self.reader, ix))
    }

    /// Does it speak for the viewer?
    pub(super) fn is_owned(&self) -> bool {
        let (portfolio, bodies) = (self.reader.portfolio(), self.reader.bodies());
        let funders = portfolio.speaks_for(self.ix);
        !bodies.is_empty() && funders.into_iter().any(|funder| bodies.contains(portfolio.identity(funder)))
    }

    fn shows_rejections(&self) -> bool {
        self.reader.scope().sees_rejections() || self.is_owned()
    }

    /// Are values that it rejected shown as they were received? Whose sums these are, and in which project, cannot be told of a
    /// record that was not taken: they are for whom alone the source speaks for, and for whoever sees every sum anyway. Whoever
    /// runs the gateway sees those of a source of which no funder keeps anything.
    fn shows_values(&self) -> bool {
        let scope = self.reader.scope();
        let is_seen_anyway = scope.sees_everything() && self.is_owned();
        let tells_nothing_kept = scope.sees_rejections() && !self.knows_embargoes();
        scope.sees_raw() || is_seen_anyway || self.is_owned_alone() || tells_nothing_kept
    }

    /// Does it speak for the viewer and for nobody else, then and today?
    fn is_owned_alone(&self) -> bool {
        let bodies = self.reader.bodies();
        let (today, _) = self.reader.today();
        let alone = |profile: &SourceProfile| {
            let mut funders = profile.speaks_for.iter().map(|scope| &scope.funder).peekable();
            funders.peek().is_some() && funders.all(|funder| bodies.contains(funder))
        };
        alone(self.profile())
            && today.source_by_id(self.profile().id.as_str()).is_none_or(|ix| alone(&today.source(ix).profile))
    }

    /// Does a funder keep sums from others that stand in it, or might one?
    fn knows_embargoes(&self) -> bool {
        let (today, _) = self.reader.today();
        let by_now = today.source_by_id(self.profile().id.as_str());
        self.profile().tells_embargoes
            || by_now.is_some_and(|ix| today.source(ix).profile.tells_embargoes || today.holds_embargoes(ix))
    }

    /// May the viewer know how much it holds? What bodies declare and what funders mean to put is not for everybody, and neither is
    /// how much of it there is. How large any other source is belongs to its health, which is public.
    fn shows_volume(&self) -> bool {
        let scope = self.reader.scope();
        scope.sees_everything()
            || !self.is_the_ledger_itself()
                && (scope.sees_envelopes() || !self.reader.portfolio().holds_envelopes(self.ix))
    }

    /// Its last run; `None` too where the scope may not see how much it holds.
    pub fn last_run(&self) -> Option<SyncRun> {
        self.run_shown(self.image().last_run.as_ref())
    }

    /// Its last run that succeeded; `None` too where the scope may not see how much it holds.
    pub fn last_success(&self) -> Option<SyncRun> {
        self.run_shown(self.image().last_success.as_ref())
    }

    /// What a run has to say may quote the source, and names addresses: others than its owner and those who watch over the
    /// gateway are told of what kind it is.
    fn run_shown(&self, run: Option<&SyncRun>) -> Option<SyncRun> {
        let run = run.filter(|_| self.shows_volume())?.clone();
        let scope = self.reader.scope();
        let sees_all = scope.sees_everything() || self.shows_rejections();
        Some(if sees_all { run } else { SyncRun { message: run.outcome.in_general(), ..run } })
    }

    /// Is the ledger itself the system? What bodies declare is read from nowhere else.
    pub(super) fn is_the_ledger_itself(&self) -> bool {
        self.profile().standing == Standing::Declarations
    }

    /// Did its last run come through? A held run was read.
    pub fn is_reachable(&self) -> bool {
        if self.is_the_ledger_itself() {
            return true;
        }
        let outcome = self.image().last_run.as_ref().map(|run| run.outcome);
        matches!(outcome, Some(SyncOutcome::Succeeded | SyncOutcome::Held))
    }

    /// Does a read of it wait for a person?
    pub fn is_held(&self) -> bool {
        self.image().held
    }

    /// Seconds since it was last read as a whole, or one of its partitions was, at the instant of the reader; `None` of one that was
    /// never read, or by a clock that was ahead.
    pub fn age_s(&self) -> Option<u64> {
        if self.is_the_ledger_itself() {
            return Some(0);
        }
        let read_at = source_read_at(self.image())?;
        let age_s = (self.reader.now() - read_at).num_seconds();
        (age_s >= -CLOCKS_DIFFER_S).then(|| u64::try_from(age_s).unwrap_or(0))
    }

    /// What is to be known of it as a whole: what its last run told. Values of the source are for those who see those of what it
    /// rejected; how far its sums moved, for whoever sees them all.
    pub fn findings(&self) -> Vec<SourceFinding> {
        let told = self.last_run().map_or_else(Vec::new, |run| run.findings);
        let sees = !told.is_empty() && self.shows_values();
        let weighs = sees || self.reader.scope().sees_everything();
        let shown = |finding: SourceFinding| SourceFinding {
            // Who sees every project sees the keys of its records.
            example: finding.example.filter(|_| sees || weighs && finding.kind.is_of_keys()),
            message: finding.kind.in_general().filter(|_| !weighs).unwrap_or(finding.message),
            ..finding
        };
        // Which amounts are what they were, or which part of them, tells of those that are kept from the viewer.
        let tells_kept = !weighs && self.knows_embargoes();
        // That somebody spoke of a record is for those who see every project.
        let is_told = |one: &SourceFinding| {
            weighs || !(one.kind.is_of_what_was_said() || tells_kept && one.kind.weighs_amounts())
        };
        told.into_iter().filter(is_told).map(shown).collect()
    }

    /// Records that it holds, as far as the viewer may see them: of a source whose volume it may not know, those of the projects
    /// that it sees.
    pub fn records(&self) -> u64 {
        self.volume().unwrap_or_else(|| self.reader.portfolio().records_in_projects(self.ix))
    }

    /// All records that it holds; `None` where the scope may not know how many there are.
    pub fn volume(&self) -> Option<u64> {
        self.shows_volume().then(|| self.image().records)
    }

    /// Records that its last read rejected; none of a source whose volume the viewer may not know.
    pub fn rejected(&self) -> u64 {
        if self.shows_volume() { self.image().rejected } else { 0 }
    }

    /// What its last read rejected: `limit` of it from `offset`, without its values where they are not the viewer's to see; `None`
    /// where the scope may not see it at all.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn rejections(&self, offset: u64, limit: usize) -> Result<Option<Page<Rejection>>, ViewError> {
        if !self.shows_rejections() {
            return Ok(None);
        }
        self.reader.note(ShownKind::Rejections);
        let page = PageRequest { offset, limit: limit as u64 };
        let version = self.reader.head().version;
        let found = self.reader.ledger().rejections(&self.profile().id, version, page).await?;
        if self.shows_values() {
            return Ok(Some(found));
        }
        Ok(Some(Page { items: found.items.into_iter().map(without_values).collect(), total: found.total }))
    }
}

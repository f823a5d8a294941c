//! The reader: what one scope sees.

use super::awaited::Judgement;
use super::door::Door;
use super::geography::{Contrat, Dispositif, Epci, Quartier};
use super::list::{CommitmentList, ProjectList};
use super::notes::Notes;
use super::organisation::Organisation;
use super::project::Project;
use super::source::Source;
use super::{CommitmentFilter, ProjectFilter, ViewError};
use crate::audit::Journal;
use crate::check::Rulebook;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::clearance::Clearance;
use crate::domain::image::Head;
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::Family;
use crate::domain::{Date, Instant};
use crate::identity::Scope;
use crate::ledger::Ledger;
use crate::portfolio::{ContratIx, Moment, PlanKey, Portfolio, ProjectIx};
use aws_lc_rs::hmac;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What one scope sees of one portfolio at one instant. Cheap to clone; everything read through it is of one version.
#[derive(Clone)]
pub struct Reader(Arc<Sight>);

struct Sight {
    door: Door,
    /// As the scope sees it.
    portfolio: Arc<Portfolio>,
    scope: Scope,
    clearance: Clearance,
    now: Instant,
    /// The day of the asking, whatever the instant that is asked of: embargoes are those of today.
    day: Date,
    gathering: Option<Gathering>,
    /// Where this is a picture of one project under assumptions: the reader of what is.
    actual: Option<Reader>,
}

/// The projects whose data are wanted at an age, in seconds.
type Gathering = Mutex<BTreeMap<ProjectIx, u64>>;

/// Records that an operation wants fresher than they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateRecords {
    /// Their source.
    pub source: SourceId,
    /// Their keys.
    pub keys: Vec<RecordKey>,
    /// When the oldest of them was read.
    pub read_at: Instant,
}

impl Reader {
    /// What `scope` sees of a portfolio of the gateway behind `door`, at `now`; perhaps noting what it wants fresher.
    pub(super) fn through(
        door: &Door,
        whole: &Arc<Portfolio>,
        (scope, now): (Scope, Instant),
        gathers: bool,
    ) -> Reader {
        let day = now.date_naive();
        let clearance = door.clearance(&scope, day);
        let portfolio = door.pictures.of(whole, (whole, day), &clearance);
        let (door, gathering) = (door.clone(), gathers.then(Mutex::default));
        Reader(Arc::new(Sight { door, portfolio, scope, clearance, now, day, gathering, actual: None }))
    }

    /// Notes that the data of a project are wanted at most that old, where this reader gathers.
    pub(super) fn gather(&self, project: ProjectIx, max_age_s: u64) {
        if let Some(gathering) = &self.0.gathering {
            let mut wanted = gathering.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let age = wanted.entry(project).or_insert(max_age_s);
            *age = max_age_s.min(*age);
        }
    }

    /// What was gathered: the records concerned that are older than was asked, by source.
    pub fn wanted(&self) -> Vec<LateRecords> {
        let Some(gathering) = &self.0.gathering else { return Vec::new() };
        let gathered = gathering.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut late: BTreeMap<&SourceId, LateRecords> = BTreeMap::new();
        for (project, max_age_s) in gathered.iter() {
            let moment = Moment { now: self.now(), max_age_s: Some(*max_age_s) };
            for (source, key, read_at) in self.portfolio().late_records(*project, moment) {
                let none = || LateRecords { source: source.clone(), keys: Vec::new(), read_at };
                let of_source = late.entry(source).or_insert_with(none);
                of_source.keys.push(key.clone());
                of_source.read_at = of_source.read_at.min(read_at);
            }
        }
        late.into_values().collect()
    }

    /// The same viewer on the newest portfolio: what stands after an act.
    pub fn renewed(&self) -> Reader {
        self.0.door.open(self.0.scope.clone(), self.0.now)
    }

    /// The same viewer on a picture of one project under assumptions.
    pub(super) fn supposing(&self, portfolio: Arc<Portfolio>) -> Reader {
        let sight = &self.0;
        Reader(Arc::new(Sight {
            door: sight.door.clone(),
            portfolio,
            scope: sight.scope.clone(),
            clearance: sight.clearance.clone(),
            now: sight.now,
            day: sight.day,
            gathering: None,
            actual: Some(self.clone()),
        }))
    }

    /// The same picture at another instant: ages are those of then.
    pub(super) fn at_present(&self, now: Instant) -> Reader {
        let sight = &self.0;
        Reader(Arc::new(Sight {
            door: sight.door.clone(),
            portfolio: Arc::clone(&sight.portfolio),
            scope: sight.scope.clone(),
            clearance: sight.clearance.clone(),
            now,
            day: sight.day.max(now.date_naive()),
            gathering: None,
            actual: None,
        }))
    }

    /// The reader of what is, from which whatever lies beyond one project is read; none where this is it.
    pub(super) fn actual(&self) -> Option<&Reader> {
        self.0.actual.as_ref()
    }

    /// The version that is read.
    pub fn head(&self) -> Head {
        self.0.portfolio.head()
    }

    /// The instant at which ages are measured.
    pub fn now(&self) -> Instant {
        self.0.now
    }

    /// The scope.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    pub(super) fn clearance(&self) -> &Clearance {
        &self.0.clearance
    }

    pub(super) fn portfolio(&self) -> &Portfolio {
        &self.0.portfolio
    }

    pub(super) fn ledger(&self) -> &Ledger {
        self.0.door.gateway.ledger()
    }

    /// Whose raw records the viewer owns: the bodies that it is.
    pub(super) fn bodies(&self) -> Vec<OrganisationId> {
        self.scope().bodies(&self.0.door.members)
    }

    /// Does the viewer see everything that happens in this contract?
    pub(super) fn opens_contrat(&self, contrat: ContratIx) -> bool {
        self.portfolio().opens_contrat(contrat, &self.0.clearance)
    }

    /// Does the viewer see every figure, whoever keeps it from others?
    pub(super) fn sees_what_is_kept(&self, by: &OrganisationId) -> bool {
        match &self.0.clearance {
            Clearance::Everything => true,
            Clearance::Part { bodies, .. } => bodies.contains(by),
        }
    }

    /// The newest picture, as it is, and the day: what says what funders keep from others by now.
    pub(super) fn today(&self) -> (Arc<Portfolio>, Date) {
        (self.0.door.gateway.current(), self.0.day)
    }

    pub(super) fn notes(&self) -> Option<&Notes> {
        self.0.door.notes.as_ref()
    }

    pub(super) fn journal(&self) -> Option<&Journal> {
        self.0.door.journal()
    }

    pub(super) fn rulebook(&self) -> &'static Rulebook {
        self.0.door.rulebook
    }

    /// What names assumed plans: made from the secret of plan versions, and told to nobody.
    pub(super) fn assumption_salt(&self) -> String {
        hex::encode(&self.0.door.plan_secret.0)
    }

    /// What tells whether a stored form changed, to who does not see it.
    pub(super) fn keyed(&self, hash: &Digest) -> Digest {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0.door.plan_secret.0);
        let tag = hmac::sign(&key, &[b"record:", hash.0.as_slice()].concat());
        Digest(tag.as_ref().try_into().expect("an HMAC of SHA-256 has thirty-two bytes"))
    }

    pub(super) fn plan_key(&self) -> PlanKey<'_> {
        PlanKey(&self.0.door.plan_secret.0)
    }

    /// The same scope on the portfolio of an earlier instant; ages are those of then.
    ///
    /// # Errors
    /// An instant in the future of this reader, or before the first version.
    pub async fn at_instant(&self, asked: Instant) -> Result<Reader, ViewError> {
        if asked > self.now() {
            return Err(ViewError::Future { asked, now: self.now() });
        }
        let version = match self.ledger().version_at(asked).await? {
            Some(version) if version.0 > 0 => version.min(self.head().version),
            _ => return Err(ViewError::BeforeFirst { asked }),
        };
        self.earlier(version, Some(asked)).await
    }

    /// The same scope on the portfolio of an earlier version, at the instant when it was appended.
    ///
    /// # Errors
    /// A version before the first or after that of this reader.
    pub async fn at_version(&self, asked: LedgerVersion) -> Result<Reader, ViewError> {
        let head = self.head().version;
        if asked.0 == 0 || asked > head {
            return Err(ViewError::UnknownVersion { asked, head });
        }
        self.earlier(asked, None).await
    }

    /// The same scope on the portfolio of an earlier version, with the ages and rules of an instant.
    ///
    /// # Errors
    /// A version before the first or after that of this reader.
    pub async fn at(&self, (asked, at): (LedgerVersion, Instant)) -> Result<Reader, ViewError> {
        let head = self.head().version;
        if asked.0 == 0 || asked > head {
            return Err(ViewError::UnknownVersion { asked, head });
        }
        self.earlier(asked, Some(at)).await
    }

    async fn earlier(&self, version: LedgerVersion, at: Option<Instant>) -> Result<Reader, ViewError> {
        let sight = &self.0;
        let portfolio = if version == self.head().version {
            Arc::clone(&sight.portfolio)
        } else {
            let unknown = ViewError::UnknownVersion { asked: version, head: self.head().version };
            let whole = sight.door.gateway.at(version).await?.ok_or(unknown)?;
            sight.door.pictures.of(&whole, (&sight.door.gateway.current(), sight.day), &sight.clearance)
        };
        let now = at.unwrap_or(portfolio.head().at);
        // The past is read as it was known, by today's rights: nothing is looked up for it.
        let (door, scope, clearance) = (sight.door.clone(), sight.scope.clone(), sight.clearance.clone());
        let day = sight.day;
        Ok(Reader(Arc::new(Sight { door, portfolio, scope, clearance, now, day, gathering: None, actual: None })))
    }

    /// A project, by its identifier or one that gave way to it.
    pub fn project(&self, id: &str) -> Option<Project> {
        let ix = self.portfolio().project_by_id(&ProjectId::parse(id).ok()?)?;
        Some(Project::new(self, ix))
    }

    /// The projects that a filter lets through, in the order of their identifiers.
    pub fn projects(&self, filter: &ProjectFilter) -> ProjectList {
        ProjectList::new(self, self.portfolio().projects_where(filter))
    }

    /// The projects that a filter lets through and of which the check says so, in the order of their identifiers: of those that
    /// the viewer sees whole.
    ///
    /// # Errors
    /// A judgement asked by a viewer who sees no checks; the ledger cannot be read.
    pub async fn projects_judged(
        &self,
        filter: &ProjectFilter,
        judgement: &Judgement,
    ) -> Result<ProjectList, ViewError> {
        if !judgement.is_empty() && !self.scope().sees_checks() {
            return Err(ViewError::Forbidden(
                "`knowledge` and `attestedButChanged` are for partners, committees, the Région and auditors: ask without \
                 them, or with a token",
            ));
        }
        let found = self.portfolio().projects_where(filter);
        // Whether it is in the list or not tells how the one that was judged stands.
        if let [only] = found[..] {
            self.note_project(only);
        }
        let mut held = Vec::with_capacity(found.len());
        for project in found {
            if judgement.holds(self, project).await? {
                held.push(project);
            }
        }
        Ok(ProjectList::new(self, held))
    }

    /// The commitments that a filter lets through, in the order of their projects.
    pub fn commitments(&self, filter: &CommitmentFilter) -> CommitmentList {
        self.note_filter(filter);
        CommitmentList::new(self, self.portfolio().commitments_where(filter))
    }

    /// A quartier, by code.
    pub fn quartier(&self, code: &str) -> Option<Quartier> {
        let ix = self.portfolio().quartier_by_code(code)?;
        Some(Quartier::new(self, ix))
    }

    /// A contrat de ville, by code.
    pub fn contrat(&self, code: &str) -> Option<Contrat> {
        let ix = self.portfolio().contrat_by_code(code)?;
        Some(Contrat::new(self, ix))
    }

    /// All contrats de ville, in the order of their codes.
    pub fn contrats(&self) -> Vec<Contrat> {
        self.portfolio().contrats().into_iter().map(|ix| Contrat::new(self, ix)).collect()
    }

    /// An EPCI, by SIREN.
    pub fn epci(&self, siren: &str) -> Option<Epci> {
        let ix = self.portfolio().epci_by_siren(siren)?;
        Some(Epci::new(self, ix))
    }

    /// An organisation, by its id as written.
    pub fn organisation(&self, id: &str) -> Option<Organisation> {
        Some(Organisation::new(self, self.portfolio().organisation_by_id(id)?))
    }

    /// Funding schemes, of one family or all, in the order of their codes.
    pub fn dispositifs(&self, family: Option<Family>) -> Vec<Dispositif> {
        self.portfolio().dispositifs(family).into_iter().map(|ix| Dispositif::new(self, ix)).collect()
    }

    /// A source, by id.
    pub fn source(&self, id: &str) -> Option<Source> {
        Some(Source::new(self, self.portfolio().source_by_id(id)?))
    }

    /// All sources, in the order of their ids.
    pub fn sources(&self) -> Vec<Source> {
        self.portfolio().sources().into_iter().map(|ix| Source::new(self, ix)).collect()
    }
}

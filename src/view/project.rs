//! Projects, their commitments and the statements about them.

use super::check::Check;
use super::geography::{Contrat, Dispositif, Epci, Quartier};
use super::organisation::Organisation;
use super::plan::{FundingPlan, may_ask};
use super::record::Record;
use super::source::Source;
use super::{Reader, ViewError};
use crate::domain::money::Cents;
use crate::domain::project::ProjectId;
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Authority, Family, Form, Nature, Objective, Stage, TaxBasis};
use crate::domain::{Date, Instant};
use crate::portfolio::{self, CommitmentIx, GivenOn, OrganisationIx, ProjectCase, ProjectIx, RecordEntry};

/// A handle on a project.
#[derive(Clone)]
pub struct Project {
    pub(super) reader: Reader,
    ix: ProjectIx,
}

impl Project {
    pub(super) fn new(reader: &Reader, ix: ProjectIx) -> Self {
        reader.note_project(ix);
        Project { reader: reader.clone(), ix }
    }

    pub(super) fn ix(&self) -> ProjectIx {
        self.ix
    }

    fn case(&self) -> &ProjectCase {
        self.reader.portfolio().project(self.ix)
    }

    /// Its identifier.
    pub fn id(&self) -> &ProjectId {
        &self.case().id
    }

    /// Its title; empty when no record gives one.
    pub fn title(&self) -> &str {
        &self.case().title
    }

    /// Who carries it.
    pub fn holder(&self) -> Option<Organisation> {
        self.case().holder.map(|ix| Organisation::new(&self.reader, ix))
    }

    /// Objectives under which it is filed.
    pub fn objectives(&self) -> &[Objective] {
        &self.case().objectives
    }

    /// Budget year.
    pub fn year(&self) -> Option<u16> {
        self.case().year
    }

    /// The edition that it renews.
    pub fn renews(&self) -> Option<Project> {
        self.reader.portfolio().renews(self.ix).map(|ix| Project::new(&self.reader, ix))
    }

    /// The editions that renew it.
    pub fn renewed_by(&self) -> impl Iterator<Item = Project> {
        self.reader.portfolio().renewed_by(self.ix).map(|ix| Project::new(&self.reader, ix))
    }

    /// The fund that gives on to it.
    pub fn fund(&self) -> Option<Project> {
        self.reader.portfolio().fund(self.ix).map(|ix| Project::new(&self.reader, ix))
    }

    /// The micro-projects that it gives on to.
    pub fn gives_on_to(&self) -> impl Iterator<Item = Project> {
        self.reader.portfolio().gives_on_to(self.ix).map(|ix| Project::new(&self.reader, ix))
    }

    /// First day.
    pub fn starts_on(&self) -> Option<Date> {
        self.case().starts_on
    }

    /// Last day.
    pub fn ends_on(&self) -> Option<Date> {
        self.case().ends_on
    }

    /// Its quartiers.
    pub fn quartiers(&self) -> impl Iterator<Item = Quartier> {
        self.case().places.quartiers.iter().map(|ix| Quartier::new(&self.reader, *ix))
    }

    /// Its contrats de ville.
    pub fn contrats(&self) -> impl Iterator<Item = Contrat> {
        self.case().places.contrats.iter().map(|ix| Contrat::new(&self.reader, *ix))
    }

    /// Its EPCI.
    pub fn epcis(&self) -> impl Iterator<Item = Epci> {
        self.case().places.epcis.iter().map(|ix| Epci::new(&self.reader, *ix))
    }

    /// Its commitments.
    pub fn commitments(&self) -> impl Iterator<Item = Commitment> {
        self.reader.portfolio().commitments_of(self.ix).map(|ix| Commitment::new(&self.reader, ix))
    }

    /// Its records.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        (0..self.case().records.len()).map(|at| Record::new(self.clone(), at))
    }

    pub(super) fn record_entry(&self, at: usize) -> &portfolio::RecordEntry {
        &self.case().records[at]
    }

    /// Does the viewer see it whole, and not only what is public of it?
    pub fn is_whole(&self) -> bool {
        !self.case().abridged
    }

    /// The co-financing check; `max_age_s` tightens the age at which a line counts as stale. `None`: not for this viewer.
    ///
    /// # Errors
    /// An age asked by the public, or below the least.
    pub fn check(&self, max_age_s: Option<u64>) -> Result<Option<Check>, ViewError> {
        may_ask(&self.reader, max_age_s)?;
        self.is_whole().then(|| Check::of(self, max_age_s)).transpose()
    }

    /// Is this a record that the ledger holds, and none that is only assumed?
    pub(super) fn holds_record(&self, at: usize) -> bool {
        let actual = self.reader.actual().and_then(|actual| actual.project(self.id().as_str()));
        actual.is_none_or(|actual| at < actual.case().records.len())
    }

    /// Is an amount of it, or one that bears on it, kept from the viewer?
    pub(super) fn is_told_in_part(&self) -> bool {
        self.case().is_told_in_part()
    }

    /// Does this record stand in it, as the viewer sees it?
    pub(super) fn holds(&self, (source, key): (&SourceId, &RecordKey)) -> bool {
        let is_it =
            |one: &RecordEntry| one.key == *key && self.reader.portfolio().source(one.source).profile.id == *source;
        self.case().records.iter().any(is_it)
    }

    /// Is something that a record of it says kept from this viewer?
    pub(super) fn is_veiled_in(&self, record: usize) -> bool {
        self.case().all_statements().iter().any(|one| one.veiled && one.record as usize == record)
    }

    /// The funders that a record of it speaks of.
    pub(super) fn funders_in(&self, record: usize) -> Vec<OrganisationIx> {
        let said = self.case().all_statements().iter().filter(|one| one.record as usize == record);
        said.map(|one| one.funder).collect()
    }

    pub(super) fn statement(&self, at: usize) -> Statement {
        Statement { project: self.clone(), said: self.case().all_statements()[at].clone() }
    }

    /// Its funding plan; `max_age_s` tightens the age at which a line counts as stale. `None`: not for this viewer.
    ///
    /// # Errors
    /// An age asked by the public, or below the least.
    pub fn plan(&self, max_age_s: Option<u64>) -> Result<Option<FundingPlan>, ViewError> {
        may_ask(&self.reader, max_age_s)?;
        self.is_whole().then(|| FundingPlan::of(self, max_age_s)).transpose()
    }
}

/// A handle on a commitment.
#[derive(Clone)]
pub struct Commitment {
    reader: Reader,
    ix: CommitmentIx,
}

impl Commitment {
    pub(super) fn new(reader: &Reader, ix: CommitmentIx) -> Self {
        reader.note_commitment(ix);
        Commitment { reader: reader.clone(), ix }
    }

    fn case(&self) -> (&ProjectCase, &portfolio::Commitment) {
        let (project, own) = self.reader.portfolio().commitment(self.ix);
        (self.reader.portfolio().project(project), own)
    }

    fn own(&self) -> &portfolio::Commitment {
        self.reader.portfolio().commitment(self.ix).1
    }

    /// Its identifier: that of its project, then its own.
    pub fn id(&self) -> String {
        let (case, own) = self.case();
        format!("{}-{}", case.id, own.id)
    }

    /// Its project.
    pub fn project(&self) -> Project {
        Project::new(&self.reader, self.reader.portfolio().commitment(self.ix).0)
    }

    /// Its funder.
    pub fn funder(&self) -> Organisation {
        Organisation::new(&self.reader, self.own().funder)
    }

    /// Family of credits.
    pub fn family(&self) -> Family {
        self.own().family
    }

    /// Funding scheme.
    pub fn dispositif(&self) -> Option<Dispositif> {
        self.own().dispositif.map(|ix| Dispositif::new(&self.reader, ix))
    }

    /// Nature.
    pub fn nature(&self) -> Option<Nature> {
        self.own().nature
    }

    /// Form of the means.
    pub fn form(&self) -> Form {
        self.own().form
    }

    /// Stage of the headline figure.
    pub fn stage(&self) -> Option<Stage> {
        self.own().stage
    }

    /// Headline figure.
    pub fn amount(&self) -> Option<Cents> {
        self.own().amount
    }

    /// One figure per stage that was stated: stage, amount, day.
    pub fn figures(&self) -> Vec<(Stage, Option<Cents>, Option<Date>)> {
        let (case, own) = self.case();
        case.figures(own).iter().map(|figure| (figure.stage, figure.amount, figure.decided_on)).collect()
    }

    /// Is its amount kept from this viewer by the funder?
    pub fn is_withheld(&self) -> bool {
        self.own().veiled
    }

    /// Whether the funder itself states it.
    pub fn authority(&self) -> Authority {
        self.own().authority
    }

    /// Do own statements contradict each other about it, or stand in records in doubt, or the one that its figure rests on, whoever's? Or
    /// may a sum that is kept from the viewer decide it?
    pub fn is_disputed(&self) -> bool {
        let (case, own) = self.case();
        let doubts = own.doubts;
        doubts.disagreement || doubts.disputed || doubts.untold || case.deciding(own).disputed
    }

    /// Does it state again what others of the project count?
    pub fn is_restated(&self) -> bool {
        self.own().doubts.restated
    }

    /// Is it what a fund gives on, and counted where the fund stands?
    pub fn is_regranted(&self) -> bool {
        matches!(self.reader.portfolio().given_on(self.ix), Some(GivenOn::Sure | GivenOn::Overdrawn))
    }

    /// Does its sum count in plans and totals?
    pub fn counts(&self) -> bool {
        self.own().counts()
    }

    /// Tax basis of the headline figure.
    pub fn tax_basis(&self) -> TaxBasis {
        self.own().tax_basis
    }

    /// Budget year.
    pub fn year(&self) -> Option<u16> {
        self.own().year
    }

    /// Day of the decision.
    pub fn decided_on(&self) -> Option<Date> {
        self.own().decided_on
    }

    /// The statements about it, the own ones first.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        let (case, own) = self.case();
        let project = self.project();
        case.statements(own).iter().map(move |said| Statement { project: project.clone(), said: said.clone() })
    }
}

/// A handle on a statement.
#[derive(Clone)]
pub struct Statement {
    project: Project,
    said: portfolio::Statement,
}

impl Statement {
    /// The record that holds it.
    pub fn record(&self) -> Record {
        Record::new(self.project.clone(), self.said.record as usize)
    }

    /// Its source.
    pub fn source(&self) -> Source {
        self.record().source()
    }

    /// The funder that it speaks of.
    pub fn funder(&self) -> Organisation {
        Organisation::new(&self.project.reader, self.said.funder)
    }

    /// Whose word it is.
    pub fn authority(&self) -> Authority {
        self.said.authority
    }

    /// Nature.
    pub fn nature(&self) -> Option<Nature> {
        self.said.nature
    }

    /// Stage.
    pub fn stage(&self) -> Option<Stage> {
        self.said.stage
    }

    /// Amount.
    pub fn amount(&self) -> Option<Cents> {
        self.said.amount
    }

    /// Is its amount kept from this viewer by the funder?
    pub fn is_withheld(&self) -> bool {
        self.said.veiled
    }

    /// The day from which its funder keeps it from nobody.
    pub fn not_public_until(&self) -> Option<Date> {
        self.said.not_public_until
    }

    /// When its source was last read and still said so.
    pub fn read_at(&self) -> Instant {
        self.record().read_at()
    }
}

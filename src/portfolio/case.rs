//! What is consolidated about one project: the types that a portfolio is made of.

use super::abridged::PublicForm;
use super::index::{
    CommuneIx, ContratIx, DepartementIx, DispositifIx, EpciIx, OrganisationIx, QuartierIx, SourceIx, TextIx,
};
use super::otherwise::Otherwise;
use super::own_words::OwnWords;
use super::parts::StatedPart;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::facts::{Budget, Warning};
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::RecordState;
use crate::domain::text::{ActionCode, RecordKey};
use crate::domain::vocabulary::{Authority, Family, Form, Nature, Objective, Stage, TaxBasis};
use crate::domain::{Date, Instant};
use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// One consolidated project.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectCase {
    /// Its identifier: the oldest of those that redirects made one.
    pub id: ProjectId,
    /// Title, from the most authoritative record that gives one; empty when none does.
    pub title: Box<str>,
    /// Who carries it.
    pub holder: Option<OrganisationIx>,
    /// Objectives under which its records file it.
    pub objectives: Box<[Objective]>,
    /// Action of the dividing lines; `None` when unstated, or when records state different ones.
    pub action: Option<ActionCode>,
    /// References shared between systems.
    pub references: Box<[Reference]>,
    /// Where it takes place.
    pub places: ProjectPlaces,
    /// First day.
    pub starts_on: Option<Date>,
    /// Last day.
    pub ends_on: Option<Date>,
    /// Budget year (exercice), for an edition in operation.
    pub year: Option<u16>,
    /// Reference of the edition that this one renews.
    pub renews: Option<Reference>,
    /// Reference of the fund that gives on to it.
    pub fund: Option<Reference>,
    /// Total cost: the statement of the system of record observed last.
    pub budget: Option<Budget>,
    /// Where its records contradict each other about the project itself.
    pub disagreements: Box<[ProjectDisagreement]>,
    /// What some of them state otherwise than it stands above; `None` where they do not.
    pub otherwise: Option<Box<Otherwise>>,
    /// Its records, the oldest key first.
    pub records: Box<[RecordEntry]>,
    /// Its commitments.
    pub commitments: Box<[Commitment]>,
    /// Statements of all commitments, each commitment's together; then those that say that a funder puts nothing.
    pub(crate) statements: Box<[Statement]>,
    /// Where the statements of nothing begin.
    pub(crate) nothings_at: u32,
    /// Names that its records give to organisations.
    pub(crate) mentions: Box<[Mention]>,
    /// What each of its records says of it: for whoever does not see all of them.
    pub(super) own_words: OwnWords,
    /// Normalised titles and references, for search.
    pub(crate) sought: Box<str>,
    /// Only what is public of the project, for whoever may not see it whole.
    pub(crate) abridged: bool,
    pub(crate) public_form: PublicForm,
    /// What stands behind the veil, where some amounts are kept from whoever this picture is for.
    pub(super) behind: Option<Arc<ProjectCase>>,
}

impl ProjectCase {
    /// The statements of a commitment of this project, the own ones first.
    pub fn statements(&self, commitment: &Commitment) -> &[Statement] {
        &self.statements[commitment.statements.range()]
    }

    /// All statements: each commitment's together, then those that say that a funder puts nothing.
    pub fn all_statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The positions of the statements of a commitment among all of the project.
    pub fn positions(&self, commitment: &Commitment) -> std::ops::Range<u32> {
        commitment.statements.from..commitment.statements.to
    }

    /// How many statements the project rests on.
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// Statements that a funder puts nothing.
    pub fn nothings(&self) -> &[Statement] {
        &self.statements[self.nothings_at as usize..]
    }

    /// May it have to do with this year: that of the project, of one of its sums, or one between its first and its last day? A
    /// project of which nobody says a year may have to do with any.
    pub fn concerns_year(&self, year: u16) -> bool {
        let days = [self.starts_on, self.ends_on].into_iter().flatten().map(|day| day.year());
        let stated = self.statements.iter().filter_map(|one| one.year).chain(self.year).map(i32::from);
        let (mut is_dated, mut first, mut last) = (false, i32::MAX, i32::MIN);
        for known in days.clone().chain(stated.clone()) {
            is_dated = true;
            (first, last) = (first.min(known), last.max(known));
        }
        !is_dated || (first..=last).contains(&i32::from(year))
    }

    /// The record that a statement stands in.
    pub fn record(&self, statement: &Statement) -> &RecordEntry {
        &self.records[statement.record as usize]
    }
}

/// Places of a project: those stated, and those that follow from them with certainty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectPlaces {
    /// Quartiers.
    pub quartiers: Box<[QuartierIx]>,
    /// Communes.
    pub communes: Box<[CommuneIx]>,
    /// EPCI.
    pub epcis: Box<[EpciIx]>,
    /// Contrats de ville.
    pub contrats: Box<[ContratIx]>,
    /// Départements.
    pub departements: Box<[DepartementIx]>,
    /// Stated shares by quartier, in basis points: the only ones that split a sum. Together the whole at most.
    pub shares: Box<[(QuartierIx, BasisPoints)]>,
    /// Levels at which it lies in one of several places and nothing says which.
    pub open: OpenLevels,
}

/// Levels at which a project's place is one of several, and nothing says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenLevels {
    /// One of several communes.
    pub commune: bool,
    /// One of several EPCI.
    pub epci: bool,
    /// One of several contracts.
    pub contrat: bool,
    /// One of several départements.
    pub departement: bool,
}

/// What records contradict each other about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DisagreementField {
    /// Who carries the project.
    Holder,
    /// The action of the dividing lines.
    Action,
    /// The budget year.
    Year,
    /// The total cost.
    Budget,
    /// The shares by quartier.
    Shares,
}

/// A contradiction between records about the project itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDisagreement {
    /// What it is about.
    pub field: DisagreementField,
    /// The records that state it, by position in the project's records.
    pub records: Box<[u32]>,
}

/// One record of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// Its source.
    pub source: SourceIx,
    /// Its key there.
    pub key: RecordKey,
    /// The part of the source that is read again as a whole.
    pub(crate) partition: TextIx,
    /// The project that its key was first given, before anything joined it with others.
    pub(crate) given: Option<ProjectId>,
    /// When the key was first observed.
    pub first_seen: Instant,
    /// When this version was observed; of a bad one, when the rejected form was.
    pub observed_at: Instant,
    /// When what it says was observed: of a bad version, when the last good one was.
    pub good_at: Instant,
    /// The ledger version that appended it.
    pub version: LedgerVersion,
    /// Who carries the project, as this record says; `None`: it does not.
    pub(crate) holder: Option<OrganisationIx>,
    /// When the project takes place, as this record says: the exercice of the edition that it is about, or its days.
    pub(crate) period: super::reconcile::Period,
    /// Its state.
    pub state: RecordState,
    /// SHA-256 of its stored raw form.
    pub hash: Digest,
    /// What the mapping had to say about it.
    pub warnings: Box<[Warning]>,
}

/// One statement: what one record says of one sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The record, by position in the project's records.
    pub record: u32,
    /// The place of the statement in its record.
    pub ordinal: u16,
    /// Whose word it is.
    pub authority: Authority,
    /// The funder.
    pub funder: OrganisationIx,
    /// Nature.
    pub nature: Option<Nature>,
    /// Form of the means.
    pub form: Form,
    /// Stage.
    pub stage: Option<Stage>,
    /// Amount; `None`: unknown.
    pub amount: Option<Cents>,
    /// Tax basis of the amount.
    pub tax_basis: TaxBasis,
    /// Funding scheme.
    pub dispositif: Option<DispositifIx>,
    /// The scheme as its source writes it, where no code of it is known.
    pub scheme: Option<TextIx>,
    /// Family, where the record tells it.
    pub family: Option<Family>,
    /// Budget year.
    pub year: Option<u16>,
    /// Day of the decision.
    pub decided_on: Option<Date>,
    /// Reference of the grant itself.
    pub(crate) reference: Option<TextIx>,
    /// It says that the funder puts nothing.
    pub nothing: bool,
    /// Its record is in doubt (its key stands twice, or it states a share that the other rows do not bear out): never known.
    pub disputed: bool,
    /// It states a share of a sum granted to several, or none beside others: what is said of these bears on it.
    pub(crate) part: Option<Box<StatedPart>>,
    /// Declared by a body that nobody expected and that nobody admitted.
    pub unadmitted: bool,
    /// It was granted as de minimis aid, or as something else; `None`: not stated.
    pub de_minimis: Option<bool>,
    /// The funder's own word, which it keeps from others before this day.
    pub not_public_until: Option<Date>,
    /// Its amount is kept from whoever this picture is for.
    pub veiled: bool,
    /// Of a request: the row that states it states a grant that is higher.
    pub(crate) granted_more: bool,
    /// Of a request: another line of its own list states a lower grant of its funder, or its own amount is not told.
    pub(crate) asked_apart: bool,
}

impl Statement {
    /// Is it the funder's own word about what it puts? A request is the applicant's word, whoever's system holds it.
    pub fn is_funders_word(&self) -> bool {
        self.authority == Authority::Own && self.stage != Some(Stage::Sollicite)
    }
}

/// One figure per stage of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageFigure {
    /// The stage.
    pub stage: Stage,
    /// The figure that has the last word at this stage; `None`: unknown.
    pub amount: Option<Cents>,
    /// Day of the decision.
    pub decided_on: Option<Date>,
}

/// A commitment: the statements about one sum, reconciled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Its identifier, made from its oldest statement.
    pub id: CommitmentId,
    /// The funder.
    pub funder: OrganisationIx,
    /// Funding scheme.
    pub dispositif: Option<DispositifIx>,
    /// Family of credits.
    pub family: Family,
    /// Nature; `None`: no source says it.
    pub nature: Option<Nature>,
    /// Form of the means.
    pub form: Form,
    /// Stage of the headline figure.
    pub stage: Option<Stage>,
    /// Headline figure: the decided sum, before any decision the latest asked. `None`: unknown, or given up.
    pub amount: Option<Cents>,
    /// Tax basis of the headline figure.
    pub tax_basis: TaxBasis,
    /// Budget year.
    pub year: Option<u16>,
    /// Day of the decision.
    pub decided_on: Option<Date>,
    /// The source whose statement has the last word.
    pub source: SourceIx,
    /// OWN when the funder itself states it.
    pub authority: Authority,
    /// Why it may not count as known.
    pub doubts: Doubts,
    /// Its amount is kept from whoever this picture is for.
    pub veiled: bool,
    /// The statement that has the last word, by position among the project's statements.
    pub(crate) deciding: u32,
    pub(crate) statements: Span,
}

impl Commitment {
    /// Refused or given up: stands outside the order and counts for nothing.
    pub fn is_outside(&self) -> bool {
        self.stage.is_some_and(|stage| stage.rank().is_none())
    }

    /// Does its sum count in plans and totals? Not when refused, nor when it may be a sum that already counts, nor when it
    /// states others again, nor when it is only declared by a body that nobody expected.
    pub fn counts(&self) -> bool {
        let doubts = self.doubts;
        !self.is_outside() && !doubts.uncertain && !doubts.restated && !doubts.unadmitted && !doubts.denied
    }
}

/// Why a commitment may not count as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Doubts {
    /// Two own statements of one stage differ, or one source states it twice.
    pub disagreement: bool,
    /// An own statement of it stands in a record that is in doubt.
    pub disputed: bool,
    /// It may be the same sum as another commitment of this project, and nothing says of which:
    /// shown, not counted.
    pub uncertain: bool,
    /// More is asked for, or reported, than the funder answers: several sums, of which its word is about one, or nobody can tell which, or
    /// less than it granted. What it says counts; that nothing else is awaited from it is not known.
    pub unanswered: bool,
    /// It states again what others count: their total, or the parts of a whole, to the cent. Evidence: not counted, and no doubt.
    pub restated: bool,
    /// Declared by a body that nobody expected on the project, and admitted by nobody: shown, not counted.
    pub unadmitted: bool,
    /// Only others say it, or it is only asked, and the funder itself says that it puts nothing: shown, not counted.
    pub denied: bool,
    /// The record with the last word went bad at its source.
    pub gone_bad: bool,
    /// A sum that is kept from whoever this picture is for may decide one of the others: none of them is told.
    pub untold: bool,
}

impl Doubts {
    /// Is the commitment's own word contradicted, in doubt, or not to be counted?
    pub fn any(self) -> bool {
        let of_own_word = self.disagreement || self.disputed || self.unanswered || self.untold;
        of_own_word || self.uncertain || self.unadmitted || self.denied
    }
}

/// The identifier of a commitment: `c` and sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitmentId(pub(crate) u64);

impl fmt::Display for CommitmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{:016x}", self.0)
    }
}

/// A run of entries in one of the project's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Span {
    pub(crate) fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

/// A name that a record gives to an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mention {
    pub(crate) organisation: OrganisationIx,
    pub(crate) name: TextIx,
    pub(crate) siret: Option<TextIx>,
    /// The record, by position in the project's records.
    pub(crate) record: u32,
}

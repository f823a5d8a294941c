//! Organisations. A natural person is always masked.

use super::awaited::Awaited;
use super::list::ProjectList;
use super::{CommitmentFilter, Reader, ViewError};
use crate::check;
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::siren::{Siren, Siret};
use crate::portfolio::{self, OrganisationIx, PlaceKey};

/// How a natural person is called.
pub(super) const PERSON_NAME: &str = "Personne physique";

/// What a body received as de minimis aid in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeMinimis {
    /// The period begins after this day.
    pub after: Date,
    /// Its last day.
    pub until: Date,
    /// What is known of it.
    pub known: Cents,
    /// The most that it can be; `None` where nobody can say.
    pub at_most: Option<Cents>,
    /// The ceiling of that day.
    pub ceiling: Option<Cents>,
}

/// A handle on an organisation.
#[derive(Clone)]
pub struct Organisation {
    reader: Reader,
    who: Who,
}

#[derive(Clone)]
enum Who {
    Known(OrganisationIx),
    /// No record speaks of it: only an act does.
    Alone(OrganisationId),
    /// Nobody says who: shown as such, because the schema has a place for somebody here.
    Unstated {
        id: String,
        name: Box<str>,
    },
}

impl Organisation {
    pub(super) fn new(reader: &Reader, ix: OrganisationIx) -> Self {
        if let Some(actual) = reader.actual() {
            return Organisation::of_identity(actual, reader.portfolio().identity(ix));
        }
        Organisation { reader: reader.clone(), who: Who::Known(ix) }
    }

    /// The organisation of an identity, whether any record speaks of it or not.
    pub(super) fn of_identity(reader: &Reader, id: &OrganisationId) -> Self {
        let known = reader.portfolio().organisation_by_id(id.as_str());
        Organisation { reader: reader.clone(), who: known.map_or_else(|| Who::Alone(id.clone()), Who::Known) }
    }

    pub(super) fn unstated(reader: &Reader, id: String, name: &'static str) -> Self {
        Organisation { reader: reader.clone(), who: Who::Unstated { id, name: name.into() } }
    }

    /// The organisation of an identity that this portfolio may not know any more: then its identifier is all that is said.
    pub(super) fn named(reader: &Reader, id: &OrganisationId) -> Self {
        match reader.portfolio().organisation_by_id(id.as_str()) {
            Some(ix) => Organisation::new(reader, ix),
            None if id.kind() == OrganisationKind::Person => {
                Organisation::unstated(reader, id.as_str().to_owned(), PERSON_NAME)
            }
            None => {
                let name = id.as_str().into();
                Organisation { reader: reader.clone(), who: Who::Unstated { id: id.as_str().to_owned(), name } }
            }
        }
    }

    /// The reader that it is seen through.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    fn known(&self) -> Option<portfolio::Organisation<'_>> {
        match &self.who {
            Who::Known(ix) => Some(self.reader.portfolio().organisation(*ix)),
            Who::Unstated { .. } | Who::Alone(_) => None,
        }
    }

    fn identity(&self) -> Option<&OrganisationId> {
        match &self.who {
            Who::Alone(id) => Some(id),
            _ => self.known().map(|known| known.id),
        }
    }

    /// Its identifier as written.
    pub fn id(&self) -> &str {
        match &self.who {
            Who::Known(ix) => self.reader.portfolio().organisation(*ix).id.as_str(),
            Who::Unstated { id, .. } => id,
            Who::Alone(id) => id.as_str(),
        }
    }

    /// Its SIREN, for a legal person.
    pub fn siren(&self) -> Option<Siren> {
        self.identity()?.siren()
    }

    /// Its establishment, where the sources give one and the same.
    pub fn siret(&self) -> Option<Siret> {
        Siret::parse(self.known()?.siret?).ok()
    }

    /// Its name; for a natural person a mask, whatever a source may have let through.
    pub fn name(&self) -> &str {
        match &self.who {
            Who::Unstated { name, .. } => name,
            Who::Alone(id) => id.as_str(),
            Who::Known(ix) => {
                let known = self.reader.portfolio().organisation(*ix);
                if known.id.kind() == OrganisationKind::Person { PERSON_NAME } else { known.name }
            }
        }
    }

    /// Projects that it carries or funds.
    pub fn projects(&self) -> ProjectList {
        let items = match &self.who {
            Who::Known(ix) => self.reader.portfolio().projects_of(PlaceKey::Organisation(*ix)).to_vec(),
            Who::Unstated { .. } | Who::Alone(_) => Vec::new(),
        };
        ProjectList::new(&self.reader, items)
    }

    /// What is awaited from it: the cells of all plans that the viewer sees on which it has to speak, confirm or complete.
    /// `None`: this viewer sees no plans.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn awaited(&self) -> Result<Option<Vec<Awaited>>, ViewError> {
        if !self.reader.scope().sees_checks() {
            return Ok(None);
        }
        match &self.who {
            Who::Known(ix) => Awaited::from(&self.reader, *ix).await.map(Some),
            Who::Unstated { .. } | Who::Alone(_) => Ok(Some(Vec::new())),
        }
    }

    /// How many answers are awaited from it; `None`: this viewer sees no plans.
    pub fn awaited_count(&self) -> Option<usize> {
        self.reader.scope().sees_checks().then(|| match &self.who {
            Who::Known(ix) => Awaited::count(&self.reader, *ix),
            Who::Unstated { .. } | Who::Alone(_) => 0,
        })
    }

    /// Its de minimis aid over the three years up to a day, by default the present one, and the ceiling of that day. `None`: not
    /// for this viewer: what a body received as such is for itself, the Région and auditors; or nobody of whom records speak.
    pub fn de_minimis(&self, on: Option<Date>) -> Option<DeMinimis> {
        let Who::Known(ix) = self.who else { return None };
        let own = || self.reader.bodies().iter().any(|body| body.as_str() == self.id());
        if !self.reader.scope().sees_everything() && !own() {
            return None;
        }
        let until = on.unwrap_or_else(|| self.reader.now().date_naive());
        let after = until.checked_sub_months(check::DE_MINIMIS_PERIOD)?;
        let aid = self.reader.portfolio().de_minimis(ix, (after, until), None);
        let ceiling = self.reader.rulebook().de_minimis_ceiling(until);
        Some(DeMinimis { after, until, known: aid.known, at_most: aid.at_most, ceiling })
    }

    /// The filter for what it puts as a funder.
    pub fn commitments_filter(&self) -> CommitmentFilter {
        CommitmentFilter { funder: vec![self.id().to_owned()], ..CommitmentFilter::default() }
    }
}

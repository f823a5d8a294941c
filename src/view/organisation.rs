//! Organisations. A natural person is always masked.

use super::list::ProjectList;
use super::{CommitmentFilter, Reader};
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::siren::{Siren, Siret};
use crate::portfolio::{self, OrganisationIx, PlaceKey};

/// How a natural person is called.
pub(super) const PERSON_NAME: &str = "Personne physique";

/// A handle on an organisation.
#[derive(Clone)]
pub struct Organisation {
    reader: Reader,
    who: Who,
}

#[derive(Clone)]
enum Who {
    Known(OrganisationIx),
    /// Nobody says who: shown as such, because the schema has a place for somebody here.
    Unstated {
        id: String,
        name: Box<str>,
    },
}

impl Organisation {
    pub(super) fn new(reader: &Reader, ix: OrganisationIx) -> Self {
        Organisation { reader: reader.clone(), who: Who::Known(ix) }
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
            Who::Unstated { .. } => None,
        }
    }

    fn identity(&self) -> Option<&OrganisationId> {
        self.known().map(|known| known.id)
    }

    /// Its identifier as written.
    pub fn id(&self) -> &str {
        match &self.who {
            Who::Known(ix) => self.reader.portfolio().organisation(*ix).id.as_str(),
            Who::Unstated { id, .. } => id,
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
            Who::Unstated { .. } => Vec::new(),
        };
        ProjectList::new(&self.reader, items)
    }

    /// The filter for what it puts as a funder.
    pub fn commitments_filter(&self) -> CommitmentFilter {
        CommitmentFilter { funder: vec![self.id().to_owned()], ..CommitmentFilter::default() }
    }
}

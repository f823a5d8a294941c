//! The lexicon: identifiers and short texts, each held once and named by its position.
//!
//! It only ever grows from one portfolio to the next, so that a project left untouched keeps the positions that it
//! holds. What is no longer used stays until the next full build.

use super::atlas::Atlas;
use super::envelopes::Envelopes;
use super::index::{DispositifIx, OrganisationIx, SourceIx, Table, TextIx};
use crate::domain::Date;
use crate::domain::facts::Places;
use crate::domain::image::SourceImage;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::DepartementCode;
use crate::domain::record::RecordVersion;
use crate::domain::source::{SourceProfile, Standing};
use crate::domain::text::{DispositifCode, SourceId};
use rustc_hash::FxBuildHasher;
use std::sync::Arc;

type Set<T> = indexmap::IndexSet<T, FxBuildHasher>;

/// Shared parts are copied only when something new enters them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lexicon {
    pub(crate) organisations: Arc<Set<OrganisationId>>,
    pub(crate) texts: Arc<Set<Box<str>>>,
    pub(crate) sources: Table<SourceId, SourceImage>,
    pub(crate) atlas: Arc<Atlas>,
    pub(crate) envelopes: Arc<Envelopes>,
}

impl Lexicon {
    /// The lexicon of an image's sources and reference tables, as they hold on a day.
    pub(crate) fn of(sources: &[SourceImage], records: &[RecordVersion], day: Date) -> Self {
        let mut lexicon = Lexicon::default();
        lexicon.renew_sources(sources);
        let atlas = super::survey::survey(records, day, &mut |id| lexicon.organisation(&id));
        lexicon.atlas = Arc::new(atlas);
        lexicon.envelopes = Arc::new(Envelopes::of(records));
        lexicon.enter_etat(0);
        lexicon
    }

    /// Takes the present state of every source; a source's position never changes.
    pub(crate) fn renew_sources(&mut self, sources: &[SourceImage]) {
        for image in sources {
            for scope in &image.profile.speaks_for {
                self.organisation(&scope.funder);
            }
            self.sources.insert(image.profile.id.clone(), image.clone());
        }
    }

    pub(crate) fn organisation(&mut self, id: &OrganisationId) -> OrganisationIx {
        let known = self.organisations.get_index_of(id);
        OrganisationIx::at(known.unwrap_or_else(|| Arc::make_mut(&mut self.organisations).insert_full(id.clone()).0))
    }

    pub(crate) fn text(&mut self, text: &str) -> TextIx {
        let known = self.texts.get_index_of(text);
        TextIx::at(known.unwrap_or_else(|| Arc::make_mut(&mut self.texts).insert_full(text.into()).0))
    }

    /// The position of a source. One that the ledger has records of but no state for speaks for nobody.
    pub(crate) fn source(&mut self, id: &SourceId) -> SourceIx {
        if let Some(position) = self.sources.get_index_of(id) {
            return SourceIx::at(position);
        }
        let profile = SourceProfile {
            id: id.clone(),
            family: None,
            title: id.as_str().to_owned(),
            standing: Standing::Publication,
            speaks_for: Vec::new(),
            max_age_s: 0,
            vanish_limit_bp: 0,
            tells_embargoes: false,
            holds_signed_plans: false,
        };
        let bare = SourceImage {
            profile,
            last_run: None,
            last_success: None,
            partitions: Vec::new(),
            looked_up: Vec::new(),
            held: false,
            records: 0,
            rejected: 0,
            unread: Vec::new(),
        };
        SourceIx::at(self.sources.insert_full(id.clone(), bare).0)
    }

    pub(crate) fn dispositif(&mut self, code: &DispositifCode) -> DispositifIx {
        let known = self.atlas.dispositifs.get_index_of(code).map(DispositifIx::at);
        known.unwrap_or_else(|| Arc::make_mut(&mut self.atlas).dispositif(code))
    }

    /// Gives every stated place an entry.
    pub(crate) fn enter_places(&mut self, places: &Places) {
        if self.atlas.has_places(places) {
            return;
        }
        let departements = self.atlas.departements.len();
        let mut atlas = std::mem::take(&mut self.atlas);
        let entries = Arc::make_mut(&mut atlas);
        for code in &places.quartiers {
            entries.quartier(code);
        }
        for share in &places.shares {
            entries.quartier(&share.quartier);
        }
        for code in &places.communes {
            entries.commune(code);
        }
        for siren in &places.epcis {
            entries.epci(siren, |id| self.organisation(&id));
        }
        for code in &places.contrats {
            entries.contrat(code);
        }
        for code in &places.departements {
            entries.departement(code);
        }
        self.atlas = atlas;
        self.enter_etat(departements);
    }

    /// Gives the State in each département a place among the organisations, from one of them on: rules may expect it where nothing
    /// names it.
    fn enter_etat(&mut self, from: usize) {
        let codes: Vec<DepartementCode> = self.atlas.departements.keys().skip(from).cloned().collect();
        for code in &codes {
            self.organisation(&OrganisationId::etat(code));
        }
    }

    /// Is this body known by a number of its own (SIREN)?
    pub(crate) fn is_numbered(&self, body: OrganisationIx) -> bool {
        self.organisations[body.get()].siren().is_some()
    }

    pub(crate) fn profile(&self, source: SourceIx) -> &SourceProfile {
        &self.sources[source.get()].profile
    }
}

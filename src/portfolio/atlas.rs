//! The atlas: what the reference tables say of territories and dispositifs, joined both ways.
//!
//! A code that a project states but no table knows has a bare entry: it is kept and shown, and nothing follows from it.

use super::index::{CommuneIx, ContratIx, DepartementIx, DispositifIx, EpciIx, OrganisationIx, QuartierIx, Table};
use crate::domain::money::BasisPoints;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::siren::Siren;
use crate::domain::text::DispositifCode;
use crate::domain::validity::Validity;
use crate::domain::vocabulary::{Family, Nature, QuartierKind};

/// A département.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departement {
    /// INSEE code.
    pub code: DepartementCode,
    /// Name; the code where no table gives one.
    pub name: Box<str>,
    /// Is it in a reference table?
    pub known: bool,
}

/// A commune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commune {
    /// INSEE code.
    pub code: CommuneCode,
    /// Name; the code where no table gives one.
    pub name: Box<str>,
    /// Its département, by its code.
    pub departement: DepartementIx,
    /// Its EPCI, where a table says it.
    pub epci: Option<EpciIx>,
    /// Is it in a reference table?
    pub known: bool,
}

/// An EPCI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epci {
    /// SIREN.
    pub siren: Siren,
    /// Name; the SIREN where no table gives one.
    pub name: Box<str>,
    /// It as an organisation.
    pub organisation: OrganisationIx,
    /// Its communes.
    pub communes: Vec<CommuneIx>,
    /// Contracts whose perimeter it or one of its communes is in.
    pub contrats: Vec<ContratIx>,
    /// Is it in a reference table?
    pub known: bool,
}

/// A contrat de ville.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrat {
    /// Code.
    pub code: ContratCode,
    /// Name; the code where no table gives one.
    pub name: Box<str>,
    /// The pilot: an EPCI, sometimes a commune.
    pub pilot: Option<OrganisationIx>,
    /// Whoever signed it, as far as a table says.
    pub signatories: Vec<OrganisationIx>,
    /// EPCI that it covers as a whole.
    pub epcis: Vec<EpciIx>,
    /// Communes that it covers, where it is not a whole EPCI.
    pub communes: Vec<CommuneIx>,
    /// Quartiers that belong to it.
    pub quartiers: Vec<QuartierIx>,
    /// When it holds.
    pub validity: Validity,
    /// Is it in a reference table?
    pub known: bool,
}

/// A quartier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quartier {
    /// Code.
    pub code: QuartierCode,
    /// Name; the code where no table gives one.
    pub name: Box<str>,
    /// Kind of perimeter.
    pub kind: QuartierKind,
    /// Is it a quartier of the NPNRU? `None`: not verified.
    pub npnru: Option<bool>,
    /// Communes that it lies on.
    pub communes: Vec<CommuneIx>,
    /// EPCI that it lies in: as stated, else those of its communes.
    pub epcis: Vec<EpciIx>,
    /// Is the list of its EPCI whole? Not when one of its communes has no known EPCI.
    pub(crate) epcis_whole: bool,
    /// Contracts that it belongs to: as stated, else those of its communes and EPCI.
    pub contrats: Vec<ContratIx>,
    /// Départements that it lies in: those of its communes, else the one in its code.
    pub departements: Vec<DepartementIx>,
    /// Quartiers of the former geography that it comes from.
    pub predecessors: Vec<QuartierIx>,
    /// Quartiers of the later geography that come from it.
    pub successors: Vec<QuartierIx>,
    /// When it holds.
    pub validity: Validity,
    /// Is it in a reference table?
    pub known: bool,
}

/// A funding scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispositif {
    /// Code.
    pub code: DispositifCode,
    /// Name; the code where no table gives one.
    pub name: Box<str>,
    /// Family of credits; `None` where no table knows the code.
    pub family: Option<Family>,
    /// Natures that it may fund.
    pub natures: Vec<Nature>,
    /// When it is open to requests.
    pub validity: Validity,
}

/// What became of a quartier of a former geography, as a table says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crosswalk {
    /// The former quartier.
    pub from: QuartierIx,
    /// The later one, which holds it or a part of it.
    pub to: QuartierIx,
    /// The part of the former, where it is stated.
    pub share: Option<BasisPoints>,
    /// How sure that is, where it is stated.
    pub confidence: Option<BasisPoints>,
    /// When the link holds.
    pub validity: Validity,
}

/// All of them, by code.
#[derive(Debug, Clone, Default)]
pub struct Atlas {
    pub(crate) departements: Table<DepartementCode, Departement>,
    pub(crate) communes: Table<CommuneCode, Commune>,
    pub(crate) epcis: Table<Siren, Epci>,
    pub(crate) contrats: Table<ContratCode, Contrat>,
    pub(crate) quartiers: Table<QuartierCode, Quartier>,
    pub(crate) dispositifs: Table<DispositifCode, Dispositif>,
    /// In the order of the tables.
    pub(crate) crosswalks: Vec<Crosswalk>,
    /// When the entries begin or cease to hold, each once.
    pub(crate) validities: Vec<Validity>,
}

impl Atlas {
    /// Have all these codes an entry already?
    pub(crate) fn has_places(&self, places: &crate::domain::facts::Places) -> bool {
        places.quartiers.iter().all(|code| self.quartiers.contains_key(code))
            && places.shares.iter().all(|share| self.quartiers.contains_key(&share.quartier))
            && places.communes.iter().all(|code| self.communes.contains_key(code))
            && places.epcis.iter().all(|siren| self.epcis.contains_key(siren))
            && places.contrats.iter().all(|code| self.contrats.contains_key(code))
            && places.departements.iter().all(|code| self.departements.contains_key(code))
    }

    pub(crate) fn departement(&mut self, code: &DepartementCode) -> DepartementIx {
        if let Some(position) = self.departements.get_index_of(code) {
            return DepartementIx::at(position);
        }
        let bare = Departement { code: code.clone(), name: code.as_str().into(), known: false };
        DepartementIx::at(self.departements.insert_full(code.clone(), bare).0)
    }

    pub(crate) fn commune(&mut self, code: &CommuneCode) -> CommuneIx {
        if let Some(position) = self.communes.get_index_of(code) {
            return CommuneIx::at(position);
        }
        let departement = self.departement(&code.departement());
        let bare = Commune { code: code.clone(), name: code.as_str().into(), departement, epci: None, known: false };
        CommuneIx::at(self.communes.insert_full(code.clone(), bare).0)
    }

    /// The entry of an EPCI; `organisation` gives its place among the organisations when it is new.
    pub(crate) fn epci(
        &mut self,
        siren: &Siren,
        mut organisation: impl FnMut(OrganisationId) -> OrganisationIx,
    ) -> EpciIx {
        if let Some(position) = self.epcis.get_index_of(siren) {
            return EpciIx::at(position);
        }
        let bare = Epci {
            siren: *siren,
            name: siren.as_str().into(),
            organisation: organisation((*siren).into()),
            communes: Vec::new(),
            contrats: Vec::new(),
            known: false,
        };
        EpciIx::at(self.epcis.insert_full(*siren, bare).0)
    }

    pub(crate) fn contrat(&mut self, code: &ContratCode) -> ContratIx {
        if let Some(position) = self.contrats.get_index_of(code) {
            return ContratIx::at(position);
        }
        let bare = Contrat {
            code: code.clone(),
            name: code.as_str().into(),
            pilot: None,
            signatories: Vec::new(),
            epcis: Vec::new(),
            communes: Vec::new(),
            quartiers: Vec::new(),
            validity: Validity::default(),
            known: false,
        };
        ContratIx::at(self.contrats.insert_full(code.clone(), bare).0)
    }

    pub(crate) fn quartier(&mut self, code: &QuartierCode) -> QuartierIx {
        if let Some(position) = self.quartiers.get_index_of(code) {
            return QuartierIx::at(position);
        }
        let departements = code_departement(code).map(|code| self.departement(&code)).into_iter().collect();
        let bare = Quartier {
            code: code.clone(),
            name: code.as_str().into(),
            kind: code.kind(),
            npnru: None,
            communes: Vec::new(),
            epcis: Vec::new(),
            epcis_whole: false,
            contrats: Vec::new(),
            departements,
            predecessors: Vec::new(),
            successors: Vec::new(),
            validity: Validity::default(),
            known: false,
        };
        QuartierIx::at(self.quartiers.insert_full(code.clone(), bare).0)
    }

    pub(crate) fn dispositif(&mut self, code: &DispositifCode) -> DispositifIx {
        if let Some(position) = self.dispositifs.get_index_of(code) {
            return DispositifIx::at(position);
        }
        let bare = Dispositif {
            code: code.clone(),
            name: code.as_str().into(),
            family: None,
            natures: Vec::new(),
            validity: Validity::default(),
        };
        DispositifIx::at(self.dispositifs.insert_full(code.clone(), bare).0)
    }
}

/// The département that a QPV's code states in its third to fifth characters (`QN05972M`, `QP974026`).
fn code_departement(code: &QuartierCode) -> Option<DepartementCode> {
    let digits = code.as_str().strip_prefix("QN").or_else(|| code.as_str().strip_prefix("QP"))?.get(..3)?;
    DepartementCode::parse(digits.strip_prefix('0').unwrap_or(digits)).ok()
}

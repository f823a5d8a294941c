//! The simulated systems, and what each of them writes down.

use super::organisations::Funder;
use super::programme::Programme;
use super::truth::Commitment;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Nature, Stage};

/// One existing system of the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Nos quartiers d'été, JSON by pages.
    Nqe,
    /// Projets d'initiative citoyenne, JSON by offset.
    Pic,
    /// Fonds de travaux urbains, JSON by next link.
    Ftu,
    /// Programming of the contracts, JSON by cursor.
    Programmation,
    /// Urban renewal grants of the Région, a database.
    Npnru,
    /// Grants of the Région above 23 000 EUR, SCDL.
    DroitCommun,
    /// Operations of the European programme, a workbook.
    Feder,
    /// Posts paid by the State, JSON.
    Postes,
    /// Investment grants of the State, CSV.
    Dotations,
    /// Demands of the same grants on the State's desk of forms, a GraphQL API.
    Demarche,
    /// The State's portal of subsidies, nested JSON.
    Dauphin,
    /// Operations of the NPNRU with the concours of ANRU, a workbook.
    Anru,
    /// Other grants of the Région above 23 000 EUR, by the API of a portal.
    DroitCommunOds,
    /// Operations of the national programme of the European Social Fund, a workbook.
    FsePlus,
    /// Contributions to the centre of resources, CSV.
    Irev,
    /// The system of a département, a GraphQL API.
    Partner,
    /// What a programme of the Union funds directly, or across borders.
    Union(Programme),
}

/// Below this, the obligation to publish a convention does not apply (décret 2017-779).
pub const SCDL_THRESHOLD_CENTS: i64 = 2_300_000;

/// The département whose system is a GraphQL API, by place in the geography: the Nord.
pub const PARTNER_DEPARTEMENT: usize = 1;

/// Is it one of the schemes by which the State pays posts, listed by the ANCT?
pub fn is_post(dispositif: &str) -> bool {
    matches!(dispositif, "FONJEP" | ADULTES_RELAIS)
}

/// Is it one of the schemes by which the State helps communes and their groups to invest?
fn is_state_investment(dispositif: &str) -> bool {
    matches!(dispositif, "DETR" | "DSIL" | "DPV")
}

/// Posts of mediators, paid by the State.
pub const ADULTES_RELAIS: &str = "ADULTES-RELAIS";

impl System {
    /// Every system.
    pub const ALL: [System; 24] = [
        System::Nqe,
        System::Pic,
        System::Ftu,
        System::Programmation,
        System::Npnru,
        System::DroitCommun,
        System::Feder,
        System::Postes,
        System::Dotations,
        System::Demarche,
        System::Dauphin,
        System::Anru,
        System::DroitCommunOds,
        System::FsePlus,
        System::Irev,
        System::Partner,
        System::Union(Programme::Horizon),
        System::Union(Programme::Life),
        System::Union(Programme::Eui),
        System::Union(Programme::Neb),
        System::Union(Programme::InterregEurope),
        System::Union(Programme::InterregNwe),
        System::Union(Programme::InterregNsr),
        System::Union(Programme::InterregFwvl),
    ];

    /// The identifier of the source in the gateway.
    pub const fn source(self) -> &'static str {
        match self {
            System::Nqe => "nqe",
            System::Pic => "pic",
            System::Ftu => "ftu",
            System::Programmation => "programmation",
            System::Npnru => "region-npnru",
            System::DroitCommun => "region-droit-commun",
            System::Feder => "feder",
            System::Postes => "anct-postes",
            System::Dotations => "etat-dotations",
            System::Demarche => "demarche-numerique",
            System::Dauphin => "etat-dauphin",
            System::Anru => "anru-npnru",
            System::DroitCommunOds => "region-droit-commun-ods",
            System::FsePlus => "fse-plus",
            System::Irev => "irev",
            System::Partner => "partner-graphql",
            System::Union(programme) => programme.source(),
        }
    }

    /// Whether the system writes this commitment down at all.
    pub fn tells(self, commitment: &Commitment) -> bool {
        let dispositif = commitment.dispositif;
        match self {
            System::Nqe => matches!(
                commitment.funder,
                Funder::Region | Funder::Commune(_) | Funder::Epci(_) | Funder::Caf(_) | Funder::Etat(_)
            ),
            System::Pic => matches!(commitment.funder, Funder::Region | Funder::Commune(_)),
            System::DroitCommun | System::DroitCommunOds => {
                commitment.funder == Funder::Region && commitment.amount.get() >= SCDL_THRESHOLD_CENTS
            }
            System::Feder => commitment.funder == Funder::Feder,
            System::FsePlus => commitment.funder == Funder::FsePlus,
            System::Postes => dispositif.is_some_and(is_post),
            System::Dotations | System::Demarche => dispositif.is_some_and(is_state_investment),
            System::Irev | System::Union(_) => true,
            System::Partner => commitment.funder == Funder::Departement(PARTNER_DEPARTEMENT),
            System::Npnru | System::Anru => {
                !matches!(commitment.funder, Funder::Feder | Funder::FsePlus | Funder::Etat(_))
            }
            System::Dauphin => !dispositif.is_some_and(is_post) && commitment.stage != Stage::Refuse,
            System::Ftu | System::Programmation => !dispositif.is_some_and(is_post),
        }
    }

    /// Whether the system has the funder's own word about this commitment.
    pub fn speaks_for(self, commitment: &Commitment) -> bool {
        let dispositif = commitment.dispositif;
        match self {
            System::Npnru | System::DroitCommun | System::DroitCommunOds => commitment.funder == Funder::Region,
            System::Feder => commitment.funder == Funder::Feder,
            System::FsePlus => commitment.funder == Funder::FsePlus,
            System::Union(programme) => commitment.funder == Funder::Union(programme),
            System::Anru => matches!(dispositif, Some("NPNRU-ANRU" | "PRET-ACTION-LOGEMENT")),
            System::Irev => dispositif == Some("IREV"),
            System::Partner => commitment.funder == Funder::Departement(PARTNER_DEPARTEMENT),
            System::Nqe => dispositif == Some("NQE"),
            System::Pic => dispositif == Some("PIC"),
            System::Ftu => dispositif == Some("FTU"),
            System::Programmation => dispositif == Some("PROGRAMMATION"),
            System::Postes => dispositif.is_some_and(is_post),
            System::Dotations | System::Demarche => dispositif.is_some_and(is_state_investment),
            System::Dauphin => dispositif == Some("BOP-147"),
        }
    }

    /// The stage and the amount at which the system has a commitment: only the system that closes it knows the
    /// final figure, the others keep what was voted.
    pub fn figure(self, commitment: &Commitment) -> (Stage, Option<Cents>) {
        match commitment.stage {
            Stage::Refuse => (Stage::Refuse, None),
            Stage::Solde if self != System::Nqe => (Stage::Attribue, commitment.voted),
            stage => (stage, Some(commitment.amount)),
        }
    }

    /// The nature that the system states for a commitment; most published lists do not tell.
    pub fn nature(self, commitment: &Commitment) -> Option<Nature> {
        match self {
            System::DroitCommun
            | System::DroitCommunOds
            | System::Feder
            | System::FsePlus
            | System::Dauphin
            | System::Demarche
            | System::Union(_) => None,
            // DPV may fund operation: its list does not tell.
            System::Dotations if commitment.dispositif == Some("DPV") => None,
            _ => Some(commitment.nature),
        }
    }
}

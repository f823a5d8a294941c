//! Who funds and who carries projects. Public bodies are real; associations, landlords and residents are invented.
//!
//! The SIREN made up for an invented body begins with a zero, which INSEE attributes to nobody, and satisfies the
//! check: it can never be mistaken for that of a real one.

use super::chance::Chance;
use super::geography::Geography;
use super::programme::Programme;
use crate::domain::siren::{Siren, Siret};

/// The Région Hauts-de-France.
pub const REGION_SIREN: &str = "200053742";
/// An establishment of the Région with a sound check digit.
pub const REGION_NIC: u16 = 1;
/// The Agence nationale pour la rénovation urbaine.
pub const ANRU_SIREN: &str = "453678252";
/// Action Logement Services, which grants the loans of the NPNRU.
pub const ACTION_LOGEMENT_SIREN: &str = "824541148";

/// Who puts money. Places are those of the [`Geography`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funder {
    /// The Région.
    Region,
    /// The State in a département.
    Etat(usize),
    /// ANRU.
    Anru,
    /// Action Logement.
    ActionLogement,
    /// The caisse d'allocations familiales of a département.
    Caf(usize),
    /// A département's council.
    Departement(usize),
    /// An EPCI.
    Epci(usize),
    /// A commune.
    Commune(usize),
    /// The European fund ERDF.
    Feder,
    /// The European fund ESF+.
    FsePlus,
    /// A programme of the Union.
    Union(Programme),
    /// The holder's own money.
    Holder,
}

impl Funder {
    /// The identity as the gateway writes it.
    pub fn id(self, geography: &Geography, holder: &Holder) -> String {
        match self {
            Funder::Etat(rank) => format!("financeur:etat-{}", geography.departements[rank].code),
            Funder::Caf(rank) => format!("financeur:caf-{}", geography.departements[rank].code),
            Funder::Feder => "eu:FEDER".to_owned(),
            Funder::FsePlus => "eu:FSE+".to_owned(),
            Funder::Union(programme) => format!("eu:{}", programme.code()),
            Funder::Holder if holder.siret.is_none() => format!("person:{}", holder.name),
            other => format!("siren:{}", other.siren(geography, holder).unwrap_or_default()),
        }
    }

    /// The SIREN, for a legal person that has one here.
    pub fn siren(self, geography: &Geography, holder: &Holder) -> Option<String> {
        let known = match self {
            Funder::Region => REGION_SIREN,
            Funder::Anru => ANRU_SIREN,
            Funder::ActionLogement => ACTION_LOGEMENT_SIREN,
            Funder::Departement(rank) => geography.departements[rank].siren,
            Funder::Epci(rank) => geography.epcis[rank].siren,
            Funder::Commune(rank) => geography.communes[rank].siren,
            Funder::Holder => return holder.siret.map(|siret| siret.siren().to_string()),
            Funder::Etat(_) | Funder::Caf(_) | Funder::Feder | Funder::FsePlus | Funder::Union(_) => return None,
        };
        Some(known.to_owned())
    }

    /// The name as a plan de financement writes it.
    pub fn name(self, geography: &Geography, holder: &Holder) -> String {
        match self {
            Funder::Region => "Région Hauts-de-France".to_owned(),
            Funder::Etat(rank) => format!("État - préfecture ({})", geography.departements[rank].name),
            Funder::Anru => "ANRU".to_owned(),
            Funder::ActionLogement => "Action Logement Services".to_owned(),
            Funder::Caf(rank) => format!("CAF ({})", geography.departements[rank].name),
            Funder::Departement(rank) => format!("Département ({})", geography.departements[rank].name),
            Funder::Epci(rank) => geography.epcis[rank].name.to_owned(),
            Funder::Commune(rank) => format!("Commune {}", of(geography.communes[rank].name)),
            Funder::Feder => "FEDER".to_owned(),
            Funder::FsePlus => "FSE+".to_owned(),
            Funder::Union(programme) => programme.code().to_owned(),
            Funder::Holder => holder.name.clone(),
        }
    }

    /// The word by which the simulated systems call this kind of funder.
    pub const fn word(self) -> &'static str {
        match self {
            Funder::Region => "REGION",
            Funder::Etat(_) => "ETAT",
            Funder::Anru => "ANRU",
            Funder::ActionLogement => "ACTION_LOGEMENT",
            Funder::Caf(_) => "CAF",
            Funder::Departement(_) => "DEPARTEMENT",
            Funder::Epci(_) => "EPCI",
            Funder::Commune(_) => "COMMUNE",
            Funder::Feder => "FEDER",
            Funder::FsePlus => "FSE+",
            Funder::Union(programme) => programme.code(),
            Funder::Holder => "PORTEUR",
        }
    }
}

/// Who carries a project.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Name; of an invented person for a resident.
    pub name: String,
    /// Establishment; none for a natural person.
    pub siret: Option<Siret>,
}

impl Holder {
    /// The fourteen digits, empty for a natural person.
    pub fn siret_text(&self) -> &str {
        self.siret.as_ref().map_or("", Siret::as_str)
    }
}

impl Holder {
    /// The nine digits of the legal person, empty for a natural person.
    pub fn siren_text(&self) -> &str {
        self.siret_text().get(..9).unwrap_or_default()
    }
}

const ASSOCIATIONS: &[&str] = &[
    "Les Jardins partagés",
    "Maison pour tous",
    "Centre social",
    "Régie de quartier",
    "Amicale laïque",
    "Club de boxe",
    "Football club",
    "Atelier des possibles",
    "Collectif Femmes et Avenir",
    "La Fabrique numérique",
    "Compagnie du Terril",
    "Compagnie des Passerelles",
    "École de la deuxième chance",
    "Mission locale",
    "Les Petits Bricoleurs",
    "Emploi Solidaire",
    "Ensemble et Citoyens",
    "Cuisine et Partage",
    "Vélo Solidaire",
    "Médiation Santé",
    "Lire et Grandir",
    "Couveuse d'activités",
    "Ressourcerie",
    "Radio des Quartiers",
];
const LANDLORDS: &[&str] = &[
    "Habitat des Deux Rives",
    "Logis du Beffroi",
    "Office de l'habitat du Bassin minier",
    "Toit Picard",
    "Foyer de la Lys",
    "Résidences de la Côte",
    "Logis de l'Oise",
    "Habitat Sambre et Scarpe",
];
const FIRST_NAMES: &[&str] = &[
    "Aïcha", "Bruno", "Camille", "Dounia", "Élise", "Farid", "Gaëlle", "Hugo", "Inès", "Jérôme", "Karima", "Ludovic",
    "Maëva", "Nadir", "Odile", "Paul", "Quentin", "Rachida", "Sylvie", "Thomas",
];
const LAST_NAMES: &[&str] = &[
    "Ferrandier",
    "Delvaquerie",
    "Boutarlin",
    "Vanhoutegem",
    "Lecourtois",
    "Merzougani",
    "Dubrulez",
    "Carpentelle",
    "Nowakowicz",
    "Hadjeraoui",
    "Plancquart",
    "Tellierac",
];

/// An association of a commune; the same rank always gives the same association.
pub fn association(geography: &Geography, commune: usize, rank: usize) -> Holder {
    let name = ASSOCIATIONS[rank % ASSOCIATIONS.len()];
    let place = &geography.communes[commune];
    let serial = 1_000_000 + u32::try_from(commune * 100 + rank % ASSOCIATIONS.len()).unwrap_or(0);
    Holder { name: format!("{name} {}", of(place.name)), siret: Some(invented_siret(serial, 1)) }
}

/// `de Lille`, `d'Arras`, `du Quesnoy`, `des Mureaux`.
fn of(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("Le ") {
        return format!("du {rest}");
    }
    if let Some(rest) = name.strip_prefix("Les ") {
        return format!("des {rest}");
    }
    let first = name.chars().next().unwrap_or('x').to_lowercase().next().unwrap_or('x');
    if matches!(first, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'é' | 'è' | 'ê' | 'î' | 'œ') {
        format!("d'{name}")
    } else {
        format!("de {name}")
    }
}

/// How many associations a commune has.
pub const ASSOCIATIONS_PER_COMMUNE: usize = ASSOCIATIONS.len();

/// A social landlord.
pub fn landlord(chance: &mut Chance) -> Holder {
    let rank = chance.below(LANDLORDS.len());
    let serial = 2_000_000 + u32::try_from(rank).unwrap_or(0);
    Holder { name: LANDLORDS[rank].to_owned(), siret: Some(invented_siret(serial, 1)) }
}

/// The centre of resources of the politique de la ville.
pub fn irev() -> Holder {
    Holder { name: "IREV".to_owned(), siret: Some(invented_siret(3_000_000, 1)) }
}

/// A resident: an invented natural person.
pub fn resident(chance: &mut Chance) -> Holder {
    Holder { name: format!("{} {}", chance.pick(FIRST_NAMES), chance.pick(LAST_NAMES)), siret: None }
}

/// A commune as a holder.
pub fn commune(geography: &Geography, rank: usize) -> Holder {
    let commune = &geography.communes[rank];
    Holder { name: format!("Commune {}", of(commune.name)), siret: Some(establishment(commune.siren, 1)) }
}

/// An EPCI as a holder.
pub fn epci(geography: &Geography, rank: usize) -> Holder {
    let epci = &geography.epcis[rank];
    Holder { name: epci.name.to_owned(), siret: Some(establishment(epci.siren, 1)) }
}

/// The SIRET of one establishment of a legal person: an internal number completed by its check digit.
pub fn establishment(siren: &str, rank: u16) -> Siret {
    let stem = format!("{siren}{rank:04}");
    Siret::parse(&checked(&stem)).expect("the check digit was just computed")
}

fn invented_siret(serial: u32, rank: u16) -> Siret {
    let siren = checked(&format!("0{serial:07}"));
    debug_assert!(Siren::parse(&siren).is_ok());
    establishment(&siren, rank)
}

/// Invented legal persons that may speak for each group of legal persons of the region: one for the State in each
/// département, one for each caisse d'allocations familiales.
pub fn members(geography: &Geography) -> Vec<(String, String)> {
    let nobody = Holder { name: String::new(), siret: None };
    let member = |(rank, funder): (u32, Funder)| {
        (funder.id(geography, &nobody), invented_siret(4_000_000 + rank, 1).siren().to_string())
    };
    let funders = (0..geography.departements.len()).flat_map(|rank| [Funder::Etat(rank), Funder::Caf(rank)]);
    (0..).zip(funders).map(member).collect()
}

/// The digits followed by the one that satisfies Luhn's formula.
fn checked(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(rank, digit)| {
            let value = u32::from(digit - b'0') * if rank % 2 == 0 { 2 } else { 1 };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_sound() {
        let geography = Geography::load();
        assert!(Siren::parse(ANRU_SIREN).is_ok() && Siren::parse(ACTION_LOGEMENT_SIREN).is_ok());
        for rank in 0..geography.communes.len() {
            let holder = commune(&geography, rank);
            assert_eq!(
                holder.siret.map(|siret| siret.siren().to_string()).as_deref(),
                Some(geography.communes[rank].siren)
            );
            assert!(association(&geography, rank, rank).siret_text().starts_with('0'));
        }
        let members = members(&geography);
        assert_eq!(members.len(), 2 * geography.departements.len());
        assert!(members.iter().all(|(group, siren)| group.starts_with("financeur:") && Siren::parse(siren).is_ok()));
        assert_eq!(establishment(REGION_SIREN, REGION_NIC).siren().as_str(), REGION_SIREN);
    }
}

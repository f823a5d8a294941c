//! The real geography of the simulated region: départements, EPCI, communes and quartiers of the politique de
//! la ville of 2024 in Hauts-de-France. Facts, re-expressed in tables of our own.
//!
//! The quartiers de veille and vécus are invented: no public list of them exists.

/// A département.
#[derive(Debug, Clone)]
pub struct Departement {
    /// INSEE code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// SIREN of its council.
    pub siren: &'static str,
}

/// An EPCI that has at least one QPV.
#[derive(Debug, Clone)]
pub struct Epci {
    /// SIREN.
    pub siren: &'static str,
    /// Name.
    pub name: &'static str,
}

/// A commune that has at least one QPV.
#[derive(Debug, Clone)]
pub struct Commune {
    /// INSEE code.
    pub insee: &'static str,
    /// Name.
    pub name: &'static str,
    /// SIREN of the commune.
    pub siren: &'static str,
    /// A postal code, which is not an INSEE code.
    pub postcode: &'static str,
    /// Place of its EPCI in [`Geography::epcis`].
    pub epci: usize,
    /// Place of its département in [`Geography::departements`].
    pub departement: usize,
}

/// A quartier.
#[derive(Debug, Clone)]
pub struct Quartier {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Places of its communes in [`Geography::communes`].
    pub communes: Vec<usize>,
    /// Places of its EPCI in [`Geography::epcis`].
    pub epcis: Vec<usize>,
    /// Places of its contracts in [`Geography::contrats`].
    pub contrats: Vec<usize>,
}

/// A contrat de ville.
#[derive(Debug, Clone)]
pub struct Contrat {
    /// Code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// SIREN of the EPCI that pilots it, or INSEE code of the commune that does.
    pub pilot: &'static str,
    /// INSEE code of its département.
    pub departement: &'static str,
}

/// A quartier of the NPNRU and the QPV that may be it: by name, never verified.
#[derive(Debug, Clone)]
pub struct NpnruQuartier {
    /// Name in the NPNRU.
    pub name: &'static str,
    /// INSEE code of its commune, empty for several sites.
    pub insee: &'static str,
    /// National or regional interest.
    pub interest: &'static str,
    /// Codes of the QPV that bear a like name.
    pub candidates: Vec<&'static str>,
}

/// The whole geography.
#[derive(Debug, Clone)]
pub struct Geography {
    /// The five départements.
    pub departements: Vec<Departement>,
    /// The 39 EPCI.
    pub epcis: Vec<Epci>,
    /// The 161 communes.
    pub communes: Vec<Commune>,
    /// The 39 contracts.
    pub contrats: Vec<Contrat>,
    /// The 204 QPV, then the invented quartiers de veille and vécus.
    pub quartiers: Vec<Quartier>,
    /// The quartiers of the NPNRU.
    pub npnru: Vec<NpnruQuartier>,
}

/// How many of the first quartiers are real QPV.
pub const QPV_COUNT: usize = 204;
/// How many quartiers de veille are invented, and how many quartiers vécus.
const INVENTED_OF_EACH_KIND: usize = 6;

impl Geography {
    /// Reads the embedded tables.
    pub fn load() -> Self {
        let departements: Vec<Departement> = rows(include_str!("geography/departements.tsv"))
            .map(|row| Departement { name: row[0], code: row[1], siren: row[2] })
            .collect();
        let epcis: Vec<Epci> =
            rows(include_str!("geography/epcis.tsv")).map(|row| Epci { name: row[0], siren: row[1] }).collect();
        let place = |siren: &str| place_of(&epcis, |epci: &Epci| epci.siren == siren);
        let communes: Vec<Commune> = rows(include_str!("geography/communes.tsv"))
            .map(|row| Commune {
                epci: place(row[0]),
                insee: row[1],
                siren: row[2],
                postcode: row[3],
                name: row[4],
                departement: place_of(&departements, |one| row[1].starts_with(one.code)),
            })
            .collect();
        let contrats: Vec<Contrat> = rows(include_str!("geography/contrats.tsv"))
            .map(|row| Contrat { code: row[0], pilot: row[1], name: row[2], departement: row[3] })
            .collect();
        let mut quartiers: Vec<Quartier> = rows(include_str!("geography/quartiers.tsv"))
            .map(|row| Quartier {
                code: row[0].to_owned(),
                name: row[4].to_owned(),
                communes: words(row[1], |insee| place_of(&communes, |one| one.insee == insee)),
                epcis: words(row[2], place),
                contrats: words(row[3], |code| place_of(&contrats, |one| one.code == code)),
            })
            .collect();
        let npnru = rows(include_str!("geography/npnru.tsv"))
            .map(|row| NpnruQuartier {
                insee: row[0],
                interest: row[1],
                candidates: row[2].split_whitespace().collect(),
                name: row[3],
            })
            .collect();
        quartiers.extend(invented(&communes, &quartiers));
        Geography { departements, epcis, communes, contrats, quartiers, npnru }
    }
}

/// Quartiers de veille and vécus beside real QPV, in the same commune and contract.
fn invented(communes: &[Commune], quartiers: &[Quartier]) -> Vec<Quartier> {
    let beside = |rank: usize, prefix: &str, kind: &str| {
        let near = &quartiers[rank * 16 % quartiers.len()];
        let commune = &communes[near.communes[0]];
        Quartier {
            code: format!("{prefix}:{}-{rank}", commune.insee),
            name: format!("{kind} simulé {rank} de {}", commune.name),
            communes: vec![near.communes[0]],
            epcis: vec![commune.epci],
            contrats: near.contrats[..1].to_vec(),
        }
    };
    let veille = (1..=INVENTED_OF_EACH_KIND).map(|rank| beside(rank, "VEILLE", "Quartier de veille"));
    let vecu = (1..=INVENTED_OF_EACH_KIND).map(|rank| beside(rank + 6, "VECU", "Quartier vécu"));
    veille.chain(vecu).collect()
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect())
}

fn words(list: &str, place: impl Fn(&str) -> usize) -> Vec<usize> {
    list.split_whitespace().map(place).collect()
}

fn place_of<T>(list: &[T], found: impl Fn(&T) -> bool) -> usize {
    list.iter().position(found).expect("the embedded tables name only what they hold")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::{CommuneCode, ContratCode, QuartierCode};
    use crate::domain::siren::Siren;

    #[test]
    fn the_region_is_whole_and_every_code_is_sound() {
        let geography = Geography::load();
        assert_eq!(geography.departements.len(), 5);
        assert_eq!(geography.epcis.len(), 39);
        assert_eq!(geography.communes.len(), 161);
        assert_eq!(geography.contrats.len(), 39);
        assert_eq!(geography.npnru.len(), 46);
        assert_eq!(geography.quartiers.len(), QPV_COUNT + 2 * INVENTED_OF_EACH_KIND);
        for commune in &geography.communes {
            assert!(CommuneCode::parse(commune.insee).is_ok() && Siren::parse(commune.siren).is_ok(), "{commune:?}");
        }
        for quartier in &geography.quartiers {
            assert!(QuartierCode::parse(&quartier.code).is_ok() && !quartier.contrats.is_empty(), "{quartier:?}");
        }
        let two_contracts = geography.quartiers.iter().filter(|quartier| quartier.contrats.len() == 2).count();
        assert_eq!(two_contracts, 8, "eight QPV lie in two contracts");
        assert!(geography.contrats.iter().all(|contrat| ContratCode::parse(contrat.code).is_ok()));
        assert!(geography.epcis.iter().all(|epci| Siren::parse(epci.siren).is_ok()));
        assert!(geography.departements.iter().all(|one| Siren::parse(one.siren).is_ok()));
    }
}

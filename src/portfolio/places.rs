//! Where a project lies: what its records state, and what follows from that with certainty.
//!
//! A quartier that lies on several communes puts a project in none of them; it still puts it in the EPCI that holds
//! them all.

use super::atlas::Atlas;
use super::case::{OpenLevels, ProjectPlaces};
use super::index::{CommuneIx, ContratIx, DepartementIx, EpciIx, QuartierIx};
use super::survey::sorted;
use crate::domain::facts::Places;
use crate::domain::money::BasisPoints;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Places as stated by the records of one project, together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct StatedPlaces {
    quartiers: Vec<QuartierIx>,
    communes: Vec<CommuneIx>,
    epcis: Vec<EpciIx>,
    contrats: Vec<ContratIx>,
    departements: Vec<DepartementIx>,
}

impl StatedPlaces {
    /// Adds what one record states. Every code has an entry in the atlas.
    pub(crate) fn add(&mut self, atlas: &Atlas, places: &Places) {
        let quartiers = places.quartiers.iter().chain(places.shares.iter().map(|share| &share.quartier));
        self.quartiers.extend(quartiers.filter_map(|code| atlas.quartiers.get_index_of(code)).map(QuartierIx::at));
        let communes = places.communes.iter().filter_map(|code| atlas.communes.get_index_of(code));
        self.communes.extend(communes.map(CommuneIx::at));
        let epcis = places.epcis.iter().filter_map(|siren| atlas.epcis.get_index_of(siren));
        self.epcis.extend(epcis.map(EpciIx::at));
        let contrats = places.contrats.iter().filter_map(|code| atlas.contrats.get_index_of(code));
        self.contrats.extend(contrats.map(ContratIx::at));
        let departements = places.departements.iter().filter_map(|code| atlas.departements.get_index_of(code));
        self.departements.extend(departements.map(DepartementIx::at));
    }

    /// Adds what another record states.
    pub(crate) fn join(&mut self, other: StatedPlaces) {
        self.quartiers.extend(other.quartiers);
        self.communes.extend(other.communes);
        self.epcis.extend(other.epcis);
        self.contrats.extend(other.contrats);
        self.departements.extend(other.departements);
    }

    /// Everything that follows, upwards from the quartier.
    pub(crate) fn close(self, atlas: &Atlas, shares: Box<[(QuartierIx, BasisPoints)]>) -> ProjectPlaces {
        let mut open = OpenLevels::default();
        let quartiers = sorted(self.quartiers.iter().copied());
        let present: Vec<&super::atlas::Quartier> =
            present(atlas, &quartiers).iter().map(|quartier| &atlas.quartiers[quartier.get()]).collect();

        let mut communes = self.communes.clone();
        let mut epcis = self.epcis.clone();
        let mut contrats = self.contrats.clone();
        let mut departements = self.departements.clone();
        let told_epcis: Vec<EpciIx> = self
            .communes
            .iter()
            .filter_map(|commune| atlas.communes[commune.get()].epci)
            .chain(self.epcis.iter().copied())
            .collect();
        let of_communes = self.communes.iter().map(|commune| atlas.communes[commune.get()].departement);
        let told_departements: Vec<DepartementIx> = of_communes.chain(self.departements.iter().copied()).collect();
        for quartier in &present {
            open.commune |= follow(&mut communes, &quartier.communes, &self.communes);
            if quartier.epcis_whole || quartier.epcis.len() > 1 {
                open.epci |= follow(&mut epcis, &quartier.epcis, &told_epcis);
            } else {
                open.epci |= !quartier.epcis.is_empty();
            }
            open.contrat |= follow(&mut contrats, &quartier.contrats, &self.contrats);
            open.departement |= follow(&mut departements, &quartier.departements, &told_departements);
        }
        epcis.extend(communes.iter().filter_map(|commune| atlas.communes[commune.get()].epci));
        epcis.extend(contrats.iter().filter_map(|contrat| only_epci(atlas, *contrat)));
        departements.extend(communes.iter().map(|commune| atlas.communes[commune.get()].departement));
        ProjectPlaces {
            quartiers: quartiers.into(),
            communes: sorted(communes.into_iter()).into(),
            epcis: sorted(epcis.into_iter()).into(),
            contrats: sorted(contrats.into_iter()).into(),
            departements: sorted(departements.into_iter()).into(),
            shares,
            open,
        }
    }
}

/// The quartiers without those whose successor stands beside them: one place under its former and its present code.
pub(crate) fn present<'a>(atlas: &Atlas, quartiers: &'a [QuartierIx]) -> Cow<'a, [QuartierIx]> {
    if quartiers.len() < 2 {
        return quartiers.into();
    }
    let replaced = |quartier: &&QuartierIx| {
        atlas.quartiers[quartier.get()].successors.iter().any(|successor| quartiers.contains(successor))
    };
    quartiers.iter().filter(|quartier| !replaced(quartier)).copied().collect::<Vec<_>>().into()
}

/// Adds the one place that follows. Of several, those that are stated already tell which; true when nothing tells.
fn follow<T: Copy + PartialEq>(found: &mut Vec<T>, possible: &[T], stated: &[T]) -> bool {
    match possible {
        [] => false,
        [one] => {
            found.push(*one);
            false
        }
        several => !several.iter().any(|place| stated.contains(place)),
    }
}

/// The EPCI that holds a contract's whole perimeter, if one does.
fn only_epci(atlas: &Atlas, contrat: ContratIx) -> Option<EpciIx> {
    let contrat = &atlas.contrats[contrat.get()];
    let of_communes: Option<Vec<EpciIx>> =
        contrat.communes.iter().map(|commune| atlas.communes[commune.get()].epci).collect();
    match sorted(contrat.epcis.iter().copied().chain(of_communes?)).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::facts::{Places, ReferenceFacts};
    use crate::domain::place::{CommuneCode, ContratCode, QuartierCode};
    use crate::domain::siren::Siren;
    use crate::domain::vocabulary::{Dimension, QuartierKind};
    use crate::portfolio::fixture::*;
    use crate::portfolio::{CommitmentFilter, PlaceFilter, Portfolio};

    const EPCI: [&str; 2] = ["200093201", "200053742"];

    fn commune(code: &str) -> CommuneCode {
        CommuneCode::parse(code).expect("sound")
    }

    fn quartier(code: &str, communes: &[&str], contrats: &[&str], predecessors: &[&str]) -> ReferenceFacts {
        ReferenceFacts::Quartier {
            code: QuartierCode::parse(code).expect("sound"),
            name: code.to_lowercase(),
            kind: QuartierKind::Qpv,
            npnru: None,
            communes: communes.iter().map(|code| commune(code)).collect(),
            epcis: Vec::new(),
            contrats: contrats.iter().filter_map(|code| ContratCode::parse(code).ok()).collect(),
            predecessors: predecessors.iter().filter_map(|code| QuartierCode::parse(code).ok()).collect(),
        }
    }

    /// Two EPCI: the first has the communes 59001 and 59002, the second 62001; one contract over the first.
    fn world(places: Places) -> Portfolio {
        let epci = |at: usize| Siren::parse(EPCI[at]).expect("sound");
        let within =
            |code: &str, at| ReferenceFacts::Commune { code: commune(code), name: code.into(), epci: Some(epci(at)) };
        let contrat = ReferenceFacts::Contrat {
            code: ContratCode::parse("CN05911M").expect("sound"),
            name: "Contrat".into(),
            pilot: Some(epci(0).into()),
            epcis: vec![epci(0)],
            communes: Vec::new(),
            signatories: Vec::new(),
        };
        let mut records: Vec<_> = [
            quartier("QN05901M", &["59001"], &[], &["QP059001"]),
            quartier("QN05902M", &["59001", "59002"], &[], &[]),
            quartier("QN05903M", &["59002", "62001"], &["CN05911M", "CN06201M"], &[]),
            within("59001", 0),
            within("59002", 0),
            within("62001", 1),
            contrat,
        ]
        .into_iter()
        .map(reference)
        .collect();
        records.push(with_places(record("region", "r", vec![grant(REGION)]), places));
        portfolio(records)
    }

    /// The bucket of the project at each level: commune, EPCI, contrat, département.
    fn buckets(places: Places) -> Vec<String> {
        let portfolio = world(places);
        let bucket = |dimension| {
            let rows = portfolio.totals(&CommitmentFilter::default(), &[dimension]);
            rows[0].key[0].value.clone().unwrap_or_else(|| "-".to_owned())
        };
        [Dimension::Commune, Dimension::Epci, Dimension::Contrat, Dimension::Departement].map(bucket).to_vec()
    }

    fn on(codes: &[&str]) -> Places {
        let quartiers = codes.iter().filter_map(|code| QuartierCode::parse(code).ok()).collect();
        Places { quartiers, ..Places::default() }
    }

    #[test]
    fn a_quartier_leads_up_as_far_as_it_is_certain() {
        assert_eq!(buckets(on(&["QN05901M"])), ["59001", EPCI[0], "CN05911M", "59"]);
        assert_eq!(buckets(on(&["QN05902M"])), ["PLUSIEURS", EPCI[0], "CN05911M", "59"]);
        assert_eq!(buckets(on(&["QN05903M"])), ["PLUSIEURS", "PLUSIEURS", "PLUSIEURS", "PLUSIEURS"]);
        assert_eq!(buckets(on(&[])), ["-", "-", "-", "-"]);
    }

    #[test]
    fn a_stated_commune_tells_which_of_several() {
        let places = Places { communes: vec![commune("59002")], ..on(&["QN05903M"]) };
        assert_eq!(buckets(places), ["59002", EPCI[0], "PLUSIEURS", "59"]);
    }

    #[test]
    fn a_contract_leads_to_the_epci_that_holds_it_and_an_unknown_code_nowhere() {
        let contrats = vec![ContratCode::parse("CN05911M").expect("sound")];
        assert_eq!(buckets(Places { contrats, ..Places::default() }), ["LOCALISE", EPCI[0], "CN05911M", "LOCALISE"]);
        assert_eq!(
            buckets(on(&["QN06299N"])),
            ["LOCALISE", "LOCALISE", "LOCALISE", "62"],
            "the code alone tells its département"
        );
    }

    #[test]
    fn the_former_and_the_present_code_are_one_place() {
        let portfolio = world(on(&["QN05901M", "QP059001"]));
        let rows = portfolio.totals(&CommitmentFilter::default(), &[Dimension::Quartier]);
        assert_eq!(rows[0].key[0].value.as_deref(), Some("QN05901M"));
        let found = portfolio.quartier_by_code("QP059001").expect("a project lies there");
        assert_eq!(portfolio.quartier(found).successors.len(), 1);
    }

    #[test]
    fn a_filter_finds_what_lies_there_with_certainty() {
        let portfolio = world(on(&["QN05902M"]));
        let there = |places| {
            let filter = CommitmentFilter { places, ..CommitmentFilter::default() };
            portfolio.commitments_where(&filter).len()
        };
        let codes = |code: &str| vec![code.to_owned()];
        assert_eq!(there(PlaceFilter { epci: codes(EPCI[0]), ..PlaceFilter::default() }), 1);
        assert_eq!(there(PlaceFilter { commune: codes("59001"), ..PlaceFilter::default() }), 0);
        assert_eq!(there(PlaceFilter { contrat: codes("CN05911M"), ..PlaceFilter::default() }), 1);
        assert_eq!(there(PlaceFilter { quartier: codes("nonsense"), ..PlaceFilter::default() }), 0);
    }
}

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
use std::borrow::Cow;

/// Places as stated by the records of one project, together.
#[derive(Debug, Default)]
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
        for quartier in &present {
            open.commune |= follow(&mut communes, &quartier.communes, &self.communes);
            if quartier.epcis_whole || quartier.epcis.len() > 1 {
                open.epci |= follow(&mut epcis, &quartier.epcis, &epcis_of(atlas, &self.communes, &self.epcis));
            } else {
                open.epci |= !quartier.epcis.is_empty();
            }
            open.contrat |= follow(&mut contrats, &quartier.contrats, &self.contrats);
            open.departement |= follow(&mut departements, &quartier.departements, &self.departements);
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

fn epcis_of(atlas: &Atlas, communes: &[CommuneIx], stated: &[EpciIx]) -> Vec<EpciIx> {
    communes.iter().filter_map(|commune| atlas.communes[commune.get()].epci).chain(stated.iter().copied()).collect()
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

//! Reading the reference tables into the atlas, and what follows from them.

use super::atlas::Atlas;
use super::index::{ContratIx, EpciIx, OrganisationIx, QuartierIx};
use crate::domain::facts::ReferenceFacts;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::QuartierCode;
use crate::domain::record::RecordVersion;

/// Gives an organisation its place.
pub(crate) type Enrol<'a> = &'a mut dyn FnMut(OrganisationId) -> OrganisationIx;

/// The atlas of all reference records. Where two tables give the same code, the one observed last has the word.
pub(crate) fn survey(records: &[RecordVersion], enrol: Enrol<'_>) -> Atlas {
    let mut entries: Vec<&RecordVersion> = records.iter().filter(|record| record.facts.reference.is_some()).collect();
    entries.sort_by(|a, b| (a.observed_at, &a.source, &a.key).cmp(&(b.observed_at, &b.source, &b.key)));
    let mut atlas = Atlas::default();
    let mut links = Vec::new();
    for facts in entries.iter().filter_map(|record| record.facts.reference.as_ref()) {
        if let ReferenceFacts::NpnruLink { quartier: Some(code), verified: true, .. } = facts {
            links.push(code.clone());
        }
        enter_territory(&mut atlas, facts, enrol);
        enter_other(&mut atlas, facts, enrol);
    }
    join(&mut atlas, &links);
    atlas
}

fn enter_territory(atlas: &mut Atlas, facts: &ReferenceFacts, enrol: Enrol<'_>) {
    match facts {
        ReferenceFacts::Departement { code, name } => {
            let at = atlas.departement(code).get();
            let entry = &mut atlas.departements[at];
            entry.name = name.as_str().into();
            entry.known = true;
        }
        ReferenceFacts::Commune { code, name, epci } => {
            let epci = epci.as_ref().map(|siren| atlas.epci(siren, &mut *enrol));
            let at = atlas.commune(code).get();
            let entry = &mut atlas.communes[at];
            entry.name = name.as_str().into();
            entry.epci = epci;
            entry.known = true;
        }
        ReferenceFacts::Epci { siren, name } => {
            let at = atlas.epci(siren, &mut *enrol).get();
            let entry = &mut atlas.epcis[at];
            entry.name = name.as_str().into();
            entry.known = true;
        }
        ReferenceFacts::Contrat { code, name, pilot, epcis, communes, signatories } => {
            let epcis = epcis.iter().map(|siren| atlas.epci(siren, &mut *enrol)).collect();
            let communes = communes.iter().map(|code| atlas.commune(code)).collect();
            let at = atlas.contrat(code).get();
            let entry = &mut atlas.contrats[at];
            entry.name = name.as_str().into();
            entry.pilot = pilot.clone().map(&mut *enrol);
            entry.signatories = signatories.iter().cloned().map(enrol).collect();
            entry.epcis = epcis;
            entry.communes = communes;
            entry.known = true;
        }
        _ => {}
    }
}

fn enter_other(atlas: &mut Atlas, facts: &ReferenceFacts, enrol: Enrol<'_>) {
    match facts {
        ReferenceFacts::Quartier { code, name, kind, npnru, communes, epcis, contrats, predecessors } => {
            let communes = communes.iter().map(|code| atlas.commune(code)).collect();
            let epcis = epcis.iter().map(|siren| atlas.epci(siren, &mut *enrol)).collect();
            let contrats = contrats.iter().map(|code| atlas.contrat(code)).collect();
            let predecessors = predecessors.iter().map(|code| atlas.quartier(code)).collect();
            let at = atlas.quartier(code).get();
            let entry = &mut atlas.quartiers[at];
            entry.name = name.as_str().into();
            entry.kind = *kind;
            entry.npnru = *npnru;
            entry.communes = communes;
            entry.epcis = epcis;
            entry.contrats = contrats;
            entry.predecessors = predecessors;
            entry.known = true;
        }
        ReferenceFacts::Dispositif { code, name, family, natures } => {
            let at = atlas.dispositif(code).get();
            let entry = &mut atlas.dispositifs[at];
            entry.name = name.as_str().into();
            entry.family = Some(*family);
            entry.natures = natures.clone();
        }
        _ => {}
    }
}

/// What follows from the entries, both ways.
fn join(atlas: &mut Atlas, links: &[QuartierCode]) {
    for at in 0..atlas.communes.len() {
        if let Some(epci) = atlas.communes[at].epci {
            atlas.epcis[epci.get()].communes.push(super::index::CommuneIx::at(at));
        }
    }
    for at in 0..atlas.contrats.len() {
        let contrat = ContratIx::at(at);
        let own = &atlas.contrats[at];
        let through = own.communes.iter().filter_map(|commune| atlas.communes[commune.get()].epci);
        for epci in sorted(own.epcis.iter().copied().chain(through)) {
            atlas.epcis[epci.get()].contrats.push(contrat);
        }
    }
    for at in 0..atlas.quartiers.len() {
        join_quartier(atlas, QuartierIx::at(at));
    }
    for code in links {
        let at = atlas.quartier(code).get();
        let entry = &mut atlas.quartiers[at];
        entry.npnru = entry.npnru.or(Some(true));
    }
}

fn join_quartier(atlas: &mut Atlas, quartier: QuartierIx) {
    let own = &atlas.quartiers[quartier.get()];
    let communes = own.communes.clone();
    let epcis_whole =
        !own.epcis.is_empty() || communes.iter().all(|commune| atlas.communes[commune.get()].epci.is_some());
    let epcis = if own.epcis.is_empty() {
        sorted(communes.iter().filter_map(|commune| atlas.communes[commune.get()].epci))
    } else {
        sorted(own.epcis.iter().copied())
    };
    let contrats = if own.contrats.is_empty() {
        contrats_over(atlas, &communes, &epcis)
    } else {
        sorted(own.contrats.iter().copied())
    };
    let departements = sorted(communes.iter().map(|commune| atlas.communes[commune.get()].departement));
    let predecessors = own.predecessors.clone();
    for contrat in &contrats {
        atlas.contrats[contrat.get()].quartiers.push(quartier);
    }
    for predecessor in predecessors {
        atlas.quartiers[predecessor.get()].successors.push(quartier);
    }
    let own = &mut atlas.quartiers[quartier.get()];
    own.epcis = epcis;
    own.epcis_whole = epcis_whole;
    own.contrats = contrats;
    if !departements.is_empty() {
        own.departements = departements;
    }
}

/// The contracts whose perimeter holds one of the communes, or the whole of one of the EPCI.
fn contrats_over(atlas: &Atlas, communes: &[super::index::CommuneIx], epcis: &[EpciIx]) -> Vec<ContratIx> {
    let holds = |at: &usize| {
        let contrat = &atlas.contrats[*at];
        contrat.communes.iter().any(|commune| communes.contains(commune))
            || contrat.epcis.iter().any(|epci| epcis.contains(epci))
    };
    (0..atlas.contrats.len()).filter(holds).map(ContratIx::at).collect()
}

pub(crate) fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

//! Reading the reference tables into the atlas, and what follows from them.

use super::atlas::{Atlas, Crosswalk};
use super::index::{ContratIx, EpciIx, OrganisationIx, QuartierIx};
use crate::domain::Date;
use crate::domain::facts::ReferenceFacts;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::QuartierCode;
use crate::domain::record::RecordVersion;
use crate::domain::validity::Validity;

/// Gives an organisation its place.
pub(crate) type Enrol<'a> = &'a mut dyn FnMut(OrganisationId) -> OrganisationIx;

/// The atlas of all reference records on a day. Where several give the same code, one that holds on the day has the word before
/// one that does not, then the one that began to hold last, then the one observed last.
pub(crate) fn survey(records: &[RecordVersion], day: Date, enrol: Enrol<'_>) -> Atlas {
    let mut entries: Vec<(&RecordVersion, &ReferenceFacts)> =
        records.iter().filter_map(|record| Some((record, record.facts.reference.as_ref()?))).collect();
    entries.sort_by(|(a, _), (b, _)| rank(a, day).cmp(&rank(b, day)));
    let mut atlas = Atlas::default();
    let mut links = Vec::new();
    for (record, facts) in entries {
        match facts {
            ReferenceFacts::NpnruLink { quartier: Some(code), verified: true, .. } => links.push(code.clone()),
            ReferenceFacts::QuartierCrosswalk { from, to, share, confidence } => {
                let (from, to) = (atlas.quartier(from), atlas.quartier(to));
                let (share, confidence, validity) = (*share, *confidence, record.facts.validity);
                atlas.crosswalks.push(Crosswalk { from, to, share, confidence, validity });
            }
            _ => {}
        }
        enter_territory(&mut atlas, record, (facts, &mut *enrol));
        enter_other(&mut atlas, record, (facts, &mut *enrol));
        atlas.validities.push(record.facts.validity);
    }
    atlas.validities.retain(|validity| !validity.is_unstated());
    atlas.validities.sort_unstable_by_key(|validity| (validity.from, validity.to));
    atlas.validities.dedup();
    join(&mut atlas, &links);
    atlas
}

/// Of two entries with one code, the higher one has the word.
fn rank(record: &RecordVersion, day: Date) -> impl Ord + use<'_> {
    let validity = record.facts.validity;
    (validity.holds_on(day), validity.from, (record.observed_at, &record.source, &record.key))
}

fn enter_territory(atlas: &mut Atlas, record: &RecordVersion, (facts, enrol): (&ReferenceFacts, Enrol<'_>)) {
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
            entry.validity = record.facts.validity;
            entry.known = true;
        }
        _ => {}
    }
}

fn enter_other(atlas: &mut Atlas, record: &RecordVersion, (facts, enrol): (&ReferenceFacts, Enrol<'_>)) {
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
            entry.validity = record.facts.validity;
            entry.known = true;
        }
        ReferenceFacts::Dispositif { code, name, family, natures } => {
            let at = atlas.dispositif(code).get();
            let entry = &mut atlas.dispositifs[at];
            entry.name = name.as_str().into();
            entry.family = Some(*family);
            entry.natures = natures.clone();
            entry.validity = record.facts.validity;
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
    for at in 0..atlas.crosswalks.len() {
        let (from, to) = (atlas.crosswalks[at].from, atlas.crosswalks[at].to);
        let own = &mut atlas.quartiers[to.get()];
        if !own.predecessors.contains(&from) {
            own.predecessors.push(from);
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
        contrats_over(atlas, own.validity, (&communes, &epcis))
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

/// The contracts of the same time whose perimeter holds one of the communes, or the whole of one of the EPCI.
fn contrats_over(
    atlas: &Atlas,
    validity: Validity,
    (communes, epcis): (&[super::index::CommuneIx], &[EpciIx]),
) -> Vec<ContratIx> {
    let holds = |at: &usize| {
        let contrat = &atlas.contrats[*at];
        if !contrat.validity.meets(&validity) {
            return false;
        }
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

#[cfg(test)]
mod tests {
    use crate::domain::Date;
    use crate::domain::facts::{Facts, ReferenceFacts};
    use crate::domain::image::{Head, LedgerDelta};
    use crate::domain::money::BasisPoints;
    use crate::domain::place::{CommuneCode, ContratCode, QuartierCode};
    use crate::domain::record::RecordVersion;
    use crate::domain::validity::Validity;
    use crate::domain::vocabulary::QuartierKind;
    use crate::portfolio::Portfolio;
    use crate::portfolio::fixture::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn until_2024() -> Validity {
        Validity { from: Some(day("2015-01-01")), to: Some(day("2024-01-01")) }
    }

    fn since_2024() -> Validity {
        Validity { from: Some(day("2024-01-01")), to: None }
    }

    fn dated(facts: ReferenceFacts, validity: Validity) -> RecordVersion {
        let record = reference(facts);
        RecordVersion { facts: Facts { validity, ..record.facts.clone() }, ..record }
    }

    fn quartier(code: &str, name: &str) -> ReferenceFacts {
        ReferenceFacts::Quartier {
            code: QuartierCode::parse(code).expect("sound"),
            name: name.to_owned(),
            kind: QuartierKind::Qpv,
            npnru: None,
            communes: vec![commune()],
            epcis: Vec::new(),
            contrats: Vec::new(),
            predecessors: Vec::new(),
        }
    }

    fn commune() -> CommuneCode {
        CommuneCode::parse("59350").expect("sound")
    }

    fn contrat(code: &str) -> ReferenceFacts {
        ReferenceFacts::Contrat {
            code: ContratCode::parse(code).expect("sound"),
            name: code.to_owned(),
            pilot: None,
            epcis: Vec::new(),
            communes: vec![commune()],
            signatories: Vec::new(),
        }
    }

    /// The contracts that the quartier of a code belongs to.
    fn contrats_of(portfolio: &Portfolio, code: &str) -> Vec<String> {
        let quartier = portfolio.quartier(portfolio.quartier_by_code(code).expect("known"));
        quartier.contrats.iter().map(|ix| portfolio.contrat(*ix).code.to_string()).collect()
    }

    #[test]
    fn quartiers_and_contracts_of_two_times_do_not_mix() {
        let portfolio = portfolio(vec![
            dated(quartier("QP059001", "Ancien"), until_2024()),
            dated(quartier("QN05901M", "Présent"), since_2024()),
            dated(contrat("CV077"), until_2024()),
            dated(contrat("CN05911M"), since_2024()),
        ]);
        assert_eq!(contrats_of(&portfolio, "QP059001"), ["CV077"]);
        assert_eq!(contrats_of(&portfolio, "QN05901M"), ["CN05911M"]);
    }

    #[test]
    fn of_entries_with_one_code_the_one_that_holds_has_the_word() {
        let names = |records: Vec<RecordVersion>| {
            let portfolio = portfolio(records);
            let found = portfolio.quartier_by_code("QN05901M").expect("known");
            portfolio.quartier(found).name.to_string()
        };
        let of = |name: &str, from: Option<&str>, to: Option<&str>| {
            dated(quartier("QN05901M", name), Validity { from: from.map(day), to: to.map(day) })
        };
        let holds = || of("vaut", Some("1960-01-01"), None);
        let over = || of("ne vaut plus", None, Some("1961-01-01"));
        let coming = || of("vaudra", Some("2030-01-01"), None);
        for records in [vec![holds(), over(), coming()], vec![coming(), over(), holds()]] {
            assert_eq!(names(records), "vaut");
        }
    }

    #[test]
    fn a_crosswalk_is_many_to_many_and_tells_shares_and_how_sure_they_are() {
        let code = |text: &str| QuartierCode::parse(text).expect("sound");
        let walk = |from: &str, to: &str, share: Option<u32>| {
            let share = share.map(BasisPoints::new);
            let confidence = Some(BasisPoints::new(9_000));
            dated(ReferenceFacts::QuartierCrosswalk { from: code(from), to: code(to), share, confidence }, since_2024())
        };
        let portfolio = portfolio(vec![
            reference(quartier("QP059001", "Un")),
            reference(quartier("QN05901M", "Deux")),
            reference(quartier("QN05902M", "Trois")),
            walk("QP059001", "QN05901M", Some(6_200)),
            walk("QP059001", "QN05902M", None),
        ]);
        let at = |code: &str| portfolio.quartier_by_code(code).expect("known");
        assert_eq!(portfolio.quartier(at("QP059001")).successors.len(), 2);
        assert_eq!(portfolio.quartier(at("QN05901M")).predecessors, [at("QP059001")]);
        let mut shares: Vec<Option<u32>> =
            portfolio.crosswalks(at("QP059001")).map(|one| one.share.map(BasisPoints::get)).collect();
        shares.sort_unstable();
        assert_eq!(shares, [None, Some(6_200)]);
        assert_eq!(portfolio.crosswalks(at("QN05902M")).count(), 1);
    }

    #[test]
    fn a_day_on_which_an_entry_begins_to_hold_makes_the_picture_anew() {
        let coming = Validity { from: Some(at(5 * 86_400).date_naive()), to: None };
        let before = portfolio(vec![dated(quartier("QN05901M", "Coming"), coming)]);
        let delta = |days: i64| LedgerDelta {
            head: Head { at: at(days * 86_400), ..before.head() },
            touched: Vec::new(),
            projects: Vec::new(),
            records: Vec::new(),
            sources: Vec::new(),
            decisions: Vec::new(),
            acts: Vec::new(),
            references_changed: false,
        };
        assert!(before.apply(&delta(4)).is_some());
        assert!(before.apply(&delta(5)).is_none());
    }
}

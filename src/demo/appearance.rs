//! Where a project is written down, under which number and title, and what is wrong there.

use super::chance::Chance;
use super::defect::{Defect, DefectRates};
use super::geography::Geography;
use super::organisations::REGION_SIREN;
use super::programme::Programme;
use super::system::{ADULTES_RELAIS, System};
use super::truth::{Appearance, Project, Scheme, Told};
use super::wording;
use crate::domain::money::Cents;
use crate::domain::vocabulary::Stage;

/// Share of the sums reported by others that differ from the funder's own word, out of a hundred.
const DISAGREEMENT_PERCENT: usize = 4;

/// Every record about the project, the one of the system where it was born first.
pub fn appearances(
    project: &Project,
    rank: usize,
    (geography, rates): (&Geography, &DefectRates),
    chance: &mut Chance,
) -> Vec<Appearance> {
    let systems = systems(project, rank, chance);
    let mut list: Vec<Appearance> = systems
        .iter()
        .enumerate()
        .map(|(place, system)| {
            let told = project.commitments.iter().enumerate().filter(|(_, one)| system.tells(one));
            let told = told.map(|(commitment, one)| Told { commitment, amount: system.figure(one).1 }).collect();
            let title = wording::retitled(project, *system, place == 0, chance);
            let number = number(*system, project, rank);
            Appearance { system: *system, key: String::new(), number, title, defect: None, told }
        })
        .collect();
    list.retain(|appearance| !appearance.told.is_empty());
    for appearance in &mut list {
        appearance.defect = defect(project, appearance.system, (geography, rates), chance);
        spoil(project, appearance);
        appearance.key = key(project, appearance);
    }
    disagree(project, &mut list, chance);
    list
}

/// The systems that hold something about the project.
fn systems(project: &Project, rank: usize, chance: &mut Chance) -> Vec<System> {
    // Two data sets of the Région, one a file and one behind an API: no grant stands in both.
    let ordinary = if rank.is_multiple_of(3) { System::DroitCommunOds } else { System::DroitCommun };
    let funded = |dispositif: &str| project.commitments.iter().any(|one| one.dispositif == Some(dispositif));
    let contracted = project.commitments.iter().any(|one| System::DroitCommun.tells(one) && one.stage == Stage::Engage);
    let european = project.commitments.iter().any(|one| System::Feder.tells(one));
    let social = project.commitments.iter().any(|one| System::FsePlus.tells(one));
    let renewed = project.commitments.iter().any(|one| System::Anru.speaks_for(one));
    let partnered = project.commitments.iter().any(|one| System::Partner.tells(one));
    let granted = project.commitments.iter().any(|one| System::Dotations.tells(one));
    let mut list = vec![match project.scheme {
        Scheme::Nqe => System::Nqe,
        Scheme::Pic => System::Pic,
        Scheme::Programmation => System::Programmation,
        Scheme::Ftu => System::Ftu,
        Scheme::Npnru => System::Npnru,
        Scheme::DroitCommun => ordinary,
        Scheme::Europe => System::Feder,
        Scheme::Union(programme) => System::Union(programme),
        Scheme::Irev => System::Irev,
    }];
    let mut also = |system: System, held: bool, percent: usize| {
        if held && !list.contains(&system) && chance.percent(percent) {
            list.push(system);
        }
    };
    let operating = matches!(project.scheme, Scheme::Nqe | Scheme::Programmation);
    also(System::Dauphin, operating && funded("BOP-147"), 68);
    also(System::Programmation, project.scheme == Scheme::Nqe, 30);
    also(System::Postes, funded("FONJEP") || funded(ADULTES_RELAIS), 100);
    also(ordinary, contracted && !operating, 85);
    also(System::Feder, european, 100);
    also(System::Dotations, granted, 80);
    also(System::FsePlus, social, 100);
    also(System::Anru, renewed, 100);
    also(System::Partner, partnered, 100);
    // The list of a year is published after it: what it does not hold yet stands on the desk where it was asked.
    let listed = list.contains(&System::Dotations);
    if granted && !listed {
        list.push(System::Demarche);
    }
    list
}

fn number(system: System, project: &Project, rank: usize) -> String {
    let (year, serial) = (project.year, rank + 1);
    match system {
        System::Nqe => format!("NQE-{year}-{serial:06}"),
        System::Pic => format!("PIC{:02}-{serial:06}", year % 100),
        System::Ftu => format!("FTU/{year}/{serial:06}"),
        System::Programmation => format!("PRG-{year}-{serial:06}"),
        System::Npnru => format!("RU-{serial:06}"),
        System::DroitCommun => format!("DEL-{year}.{serial:06}"),
        System::Feder => project.numbers.synergie.clone(),
        // The place, the year, the rank: as the list of adultes-relais numbers its posts.
        System::Postes if is_relay(project) => format!("032{:02}R{serial:06}", year % 100),
        System::Postes => format!("D{serial:06}"),
        System::Dotations => project.numbers.dotation.clone(),
        System::Demarche => format!("17{serial:06}"),
        System::Dauphin => project.numbers.dauphin.clone(),
        System::Anru => format!("ANRU-{serial:06}"),
        System::DroitCommunOds => format!("ODS-{year}.{serial:06}"),
        System::FsePlus => format!("{year}{serial:06}"),
        System::Irev => year.to_string(),
        System::Partner => format!("D59-{year}-{serial:06}"),
        System::Union(programme) => union_number(programme, project, serial),
    }
}

/// Is the post that the State pays to the project one of an adulte-relais?
pub fn is_relay(project: &Project) -> bool {
    project.commitments.iter().any(|one| one.dispositif == Some(ADULTES_RELAIS))
}

/// The number of a project in the list of a programme of the Union.
fn union_number(programme: Programme, project: &Project, serial: usize) -> String {
    match programme {
        Programme::Horizon => format!("101{serial:06}"),
        Programme::Life => format!("102{serial:06}"),
        Programme::Eui => format!("EUI-{serial:06}"),
        Programme::Neb => format!("NEB-{}-{serial:06}", project.year),
        Programme::InterregEurope | Programme::InterregNwe | Programme::InterregNsr => format!("6{serial:06}"),
        Programme::InterregFwvl if project.is_micro() => format!("MP-{serial:06}"),
        Programme::InterregFwvl => format!("FWVL-{serial:06}"),
    }
}

/// The key as the system's connector makes it.
fn key(project: &Project, appearance: &Appearance) -> String {
    let number = &appearance.number;
    match appearance.system {
        System::DroitCommun | System::DroitCommunOds => {
            format!("{number}/{}/{}", signed_on(project), appearance.beneficiary(project))
        }
        System::Irev => format!("{number}/{REGION_SIREN}"),
        System::Union(Programme::Life | Programme::Neb) => format!("{number}/{}", project.holder.siren_text()),
        System::Postes => format!("{number}/{}", project.year),
        _ => number.clone(),
    }
}

/// The day of the convention, as SCDL writes it.
pub fn signed_on(project: &Project) -> String {
    format!("{}-{:02}-{:02}", project.year, 3 + project.commune % 9, 1 + project.contrat % 27)
}

/// One defect at most, drawn at the known rates among those that may occur here.
fn defect(
    project: &Project,
    system: System,
    (geography, rates): (&Geography, &DefectRates),
    chance: &mut Chance,
) -> Option<Defect> {
    let aisne = geography.departements[geography.communes[project.commune].departement].code.starts_with('0');
    let voted = project.commitments.first().is_some_and(|one| matches!(one.stage, Stage::Attribue));
    let possible = |defect: Defect| match defect {
        Defect::ImpossibleSiret => project.holder.siret.is_some(),
        Defect::MissingQuartier => !project.quartiers.is_empty(),
        Defect::LostZero => aisne,
        Defect::UnreadableAmount => system != System::Nqe || voted,
        _ => true,
    };
    Defect::ALL.into_iter().find(|defect| {
        let drawn = chance.per_ten_thousand(rates.rate(*defect));
        drawn && defect.occurs_in(system) && possible(*defect)
    })
}

/// An unreadable amount is the first one that the record writes.
fn spoil(project: &Project, appearance: &mut Appearance) {
    if appearance.has(Defect::UnreadableAmount) {
        let refused = |told: &&mut Told| project.commitments[told.commitment].stage != Stage::Refuse;
        if let Some(first) = appearance.told.iter_mut().find(refused) {
            first.amount = None;
        }
    }
}

/// Some reported sums differ from the funder's own word, where that word stands in another record.
fn disagree(project: &Project, list: &mut [Appearance], chance: &mut Chance) {
    let owned: Vec<usize> = list
        .iter()
        .filter(|appearance| appearance.accepted())
        .flat_map(|appearance| appearance.told.iter().map(move |told| (appearance.system, told)))
        .filter(|(system, told)| told.amount.is_some() && system.speaks_for(&project.commitments[told.commitment]))
        .map(|(_, told)| told.commitment)
        .collect();
    for appearance in list {
        for told in &mut appearance.told {
            let own = appearance.system.speaks_for(&project.commitments[told.commitment]);
            if !own && owned.contains(&told.commitment) && chance.percent(DISAGREEMENT_PERCENT) {
                told.amount = told.amount.map(|amount| Cents::new(amount.get() / 1_000 * 900));
            }
        }
    }
}

//! Titles: what projects are called, and how differently each system calls the same one.

use super::chance::Chance;
use super::system::System;
use super::truth::{Project, Scheme};
use crate::domain::text::normalised;
use crate::domain::vocabulary::Objective;

type Action = (&'static str, Objective);

const SUMMER: &[Action] = &[
    ("Nos quartiers d'été", Objective::Proximite),
    ("Un été sportif et citoyen", Objective::Proximite),
    ("Cinéma en plein air", Objective::Proximite),
    ("Ateliers d'écriture et radio éphémère", Objective::Proximite),
    ("Tournoi des voisins", Objective::Proximite),
    ("Semaine de la nature en ville", Objective::Transition),
];
const MICRO: &[Action] = &[
    ("Repas partagé des habitants", Objective::Proximite),
    ("Jardin au pied de l'immeuble", Objective::Transition),
    ("Fresque collective", Objective::CadreDeVie),
    ("Bourse aux vêtements solidaire", Objective::Proximite),
    ("Sortie familiale à la mer", Objective::Proximite),
    ("Atelier de réparation de vélos", Objective::Transition),
];
const PROGRAMMING: &[Action] = &[
    ("Accompagnement vers l'emploi des jeunes éloignés", Objective::Qualification),
    ("Ateliers sociolinguistiques", Objective::Qualification),
    ("Programme de réussite éducative", Objective::Qualification),
    ("Médiation santé et accès aux droits", Objective::Proximite),
    ("Couveuse d'activités pour créateurs d'entreprise", Objective::TissuEconomique),
    ("Permanences numériques pour tous", Objective::Proximite),
    ("Garage solidaire et mobilité", Objective::Qualification),
    ("Gestion urbaine de proximité", Objective::CadreDeVie),
    ("Animation du conseil citoyen", Objective::CoConstruction),
    ("Lutte contre l'isolement des seniors", Objective::Proximite),
    ("Cuisine partagée et alimentation durable", Objective::Transition),
];
const WORKS: &[Action] = &[
    ("Réhabilitation de la maison de quartier", Objective::CadreDeVie),
    ("Création d'un city-stade", Objective::CadreDeVie),
    ("Aménagement d'une aire de jeux inclusive", Objective::CadreDeVie),
    ("Rénovation énergétique du centre social", Objective::Transition),
    ("Requalification des espaces publics", Objective::CadreDeVie),
    ("Extension de la médiathèque", Objective::Proximite),
];
const RENEWAL: &[Action] = &[
    ("Aménagement d'ensemble des espaces publics du renouvellement urbain", Objective::CadreDeVie),
    ("Requalification de logements locatifs sociaux", Objective::CadreDeVie),
    ("Résidentialisation des immeubles", Objective::CadreDeVie),
    ("Construction d'un équipement public de proximité", Objective::Proximite),
    ("Immobilier à vocation économique en pied d'immeuble", Objective::TissuEconomique),
    ("Traitement de l'habitat ancien dégradé", Objective::CadreDeVie),
];
const ORDINARY: &[Action] = &[
    ("Programme régional de formation vers un métier qualifié", Objective::Qualification),
    ("Accompagnement à la création d'entreprise", Objective::TissuEconomique),
    ("Chaufferie biomasse et réseau de chaleur", Objective::Transition),
    ("Tiers-lieu de quartier et espace partagé", Objective::TissuEconomique),
];
const EUROPEAN: &[Action] = &[
    ("Réhabilitation thermique de logements collectifs", Objective::Transition),
    ("Pôle d'entrepreneuriat des quartiers", Objective::TissuEconomique),
    ("Tiers-lieu numérique et inclusif", Objective::TissuEconomique),
    ("Reconversion d'une friche en parc urbain", Objective::CadreDeVie),
];

const RESOURCES: &[Action] = &[("Contribution statutaire au centre de ressources IREV", Objective::CoConstruction)];

/// What a project of this scheme does, and under which objective.
pub fn action(scheme: Scheme, chance: &mut Chance) -> Action {
    *chance.pick(match scheme {
        Scheme::Nqe => SUMMER,
        Scheme::Pic => MICRO,
        Scheme::Programmation => PROGRAMMING,
        Scheme::Ftu => WORKS,
        Scheme::Npnru => RENEWAL,
        Scheme::DroitCommun => ORDINARY,
        Scheme::Europe | Scheme::Union(_) => EUROPEAN,
        Scheme::Irev => RESOURCES,
    })
}

/// The rank of an ordinary credit's action, which decides its scheme.
pub fn ordinary_rank(action: &str) -> usize {
    ORDINARY.iter().position(|(title, _)| *title == action).unwrap_or(0)
}

const ABBREVIATIONS: &[(&str, &str)] = &[
    ("Réhabilitation", "Réhab."),
    ("Aménagement", "Amén."),
    ("Accompagnement", "Acct"),
    ("Construction", "Constr."),
    ("Rénovation énergétique", "Réno. énerg."),
    ("Requalification", "Requalif."),
    ("espaces publics", "EP"),
    ("quartier", "qtier"),
    ("Programme de réussite éducative", "PRE"),
    ("Ateliers sociolinguistiques", "ASL"),
    ("renouvellement urbain", "RU"),
];

/// The title of a project as one system has it. The system in which it was born keeps it whole.
pub fn retitled(project: &Project, system: System, home: bool, chance: &mut Chance) -> String {
    if home {
        return project.title();
    }
    let (action, place) = (project.action.to_owned(), project.place.as_str());
    let title = match system {
        System::DroitCommun | System::DroitCommunOds => normalised(&format!("{} {place}", abbreviated(&action))),
        System::Feder | System::FsePlus => format!("{action} – {place}"),
        System::Postes => project.holder.name.clone(),
        System::Dauphin if chance.percent(50) => format!("{place} : {action} {}", project.year),
        System::Dotations => format!("{place} : {}", lower_first(&action)),
        _ => format!("{} {place}", abbreviated(&action)),
    };
    if chance.percent(12) { mistyped(&title, chance) } else { title }
}

fn abbreviated(text: &str) -> String {
    ABBREVIATIONS.iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Two neighbouring letters exchanged.
fn mistyped(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() > 4 {
        let at = 1 + chance.below(letters.len() - 3);
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

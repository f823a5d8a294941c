//! What a value of a dimension is called, in French, and in which order values stand.

use super::Portfolio;
use super::index::OrganisationIx;
use crate::domain::vocabulary::{Dimension, Family, Form, Nature, Objective, Stage};

/// The value of what lies in several places, or under several objectives, at once.
pub const SEVERAL: &str = "PLUSIEURS";

/// The value of what lies somewhere, and in no place of the dimension that is known: money of a commune, by quartier.
pub const LOCATED: &str = "LOCALISE";

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimensionValue {
    /// The dimension.
    pub dimension: Dimension,
    /// The value: an identifier, a code, a word of the vocabulary, or [`SEVERAL`]; `None` for what is not stated.
    pub value: Option<String>,
    /// What it is called, in French.
    pub label: String,
}

/// Values in order: those that have one, then several at once, then the located, then the unstated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Word(usize),
    Text(String),
    Several,
    Located,
    Unstated,
}

impl Portfolio {
    /// The value behind a code, and its place in the order.
    pub(crate) fn value(&self, dimension: Dimension, code: u32) -> (DimensionValue, Place) {
        let shown = |value: Option<&str>, label: &str| DimensionValue {
            dimension,
            value: value.map(str::to_owned),
            label: label.to_owned(),
        };
        let Some(at) = (code as usize).checked_sub(1) else {
            return (shown(None, unstated(dimension)), Place::Unstated);
        };
        let several = self.columns.cardinality(dimension) - 1;
        if super::filter::is_of_project(dimension) && code as usize == several {
            return (shown(Some(SEVERAL), several_label(dimension)), Place::Several);
        }
        if let Some(label) = located_label(dimension).filter(|_| code as usize + 1 == several) {
            return (shown(Some(LOCATED), label), Place::Located);
        }
        let word = |value: &str, label: &str| (shown(Some(value), label), Place::Word(at));
        let text = |value: &str, label: &str| (shown(Some(value), label), Place::Text(value.to_owned()));
        let atlas = &self.lexicon.atlas;
        match dimension {
            Dimension::Family => word(Family::ALL[at].as_str(), family_label(Family::ALL[at])),
            Dimension::Nature => word(Nature::ALL[at].as_str(), nature_label(Nature::ALL[at])),
            Dimension::Form => word(Form::ALL[at].as_str(), form_label(Form::ALL[at])),
            Dimension::Stage => word(Stage::ALL[at].as_str(), stage_label(Stage::ALL[at])),
            Dimension::Objective => word(Objective::ALL[at].as_str(), objective_label(Objective::ALL[at])),
            Dimension::Year => {
                let year = self.columns.years[at].to_string();
                word(&year, &year)
            }
            Dimension::Source => {
                let profile = &self.lexicon.sources[at].profile;
                text(profile.id.as_str(), &profile.title)
            }
            Dimension::Funder => {
                let organisation = self.organisation(OrganisationIx::at(at));
                text(organisation.id.as_str(), organisation.name)
            }
            Dimension::Dispositif => text(atlas.dispositifs[at].code.as_str(), &atlas.dispositifs[at].name),
            Dimension::Quartier => text(atlas.quartiers[at].code.as_str(), &atlas.quartiers[at].name),
            Dimension::Contrat => text(atlas.contrats[at].code.as_str(), &atlas.contrats[at].name),
            Dimension::Epci => text(atlas.epcis[at].siren.as_str(), &atlas.epcis[at].name),
            Dimension::Commune => text(atlas.communes[at].code.as_str(), &atlas.communes[at].name),
            Dimension::Departement => text(atlas.departements[at].code.as_str(), &atlas.departements[at].name),
        }
    }
}

fn unstated(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Quartier | Dimension::Contrat | Dimension::Epci | Dimension::Commune | Dimension::Departement => {
            "non localisé"
        }
        _ => "non précisé",
    }
}

/// Of the dimensions of places alone.
fn located_label(dimension: Dimension) -> Option<&'static str> {
    Some(match dimension {
        Dimension::Quartier => "localisé, quartier non précisé",
        Dimension::Contrat => "localisé, contrat de ville non précisé",
        Dimension::Epci => "localisé, EPCI non précisé",
        Dimension::Commune => "localisé, commune non précisée",
        Dimension::Departement => "localisé, département non précisé",
        _ => return None,
    })
}

fn several_label(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Quartier => "plusieurs quartiers",
        Dimension::Contrat => "plusieurs contrats de ville",
        Dimension::Epci => "plusieurs EPCI",
        Dimension::Commune => "plusieurs communes",
        Dimension::Departement => "plusieurs départements",
        _ => "plusieurs objectifs",
    }
}

fn family_label(family: Family) -> &'static str {
    match family {
        Family::Npnru => "NPNRU",
        Family::DroitCommun => "Droit commun",
        Family::FondsEuropeens => "Fonds européens",
        Family::PolitiqueDeLaVille => "Politique de la ville",
        Family::Partenaires => "Partenaires",
    }
}

fn nature_label(nature: Nature) -> &'static str {
    match nature {
        Nature::Investissement => "Investissement",
        Nature::Fonctionnement => "Fonctionnement",
    }
}

fn form_label(form: Form) -> &'static str {
    match form {
        Form::Subvention => "Subvention",
        Form::Pret => "Prêt",
        Form::EnNature => "En nature",
        Form::Ingenierie => "Ingénierie",
        Form::Exoneration => "Exonération",
        Form::Autofinancement => "Autofinancement",
        Form::Recettes => "Recettes",
    }
}

fn stage_label(stage: Stage) -> &'static str {
    match stage {
        Stage::Envisage => "Envisagé",
        Stage::Sollicite => "Sollicité",
        Stage::Propose => "Proposé",
        Stage::Attribue => "Attribué",
        Stage::Engage => "Engagé",
        Stage::Verse => "Versé",
        Stage::Solde => "Soldé",
        Stage::Refuse => "Refusé",
        Stage::Abandonne => "Abandonné",
    }
}

fn objective_label(objective: Objective) -> &'static str {
    match objective {
        Objective::CadreDeVie => "Cadre de vie",
        Objective::Transition => "Transitions",
        Objective::TissuEconomique => "Tissu économique",
        Objective::Qualification => "Qualification",
        Objective::Proximite => "Proximité",
        Objective::CoConstruction => "Co-construction",
    }
}

//! The demands that a prefecture receives on Démarche numérique: one node a dossier, whose fields are a list of labels
//! and values, as the form has them.

use super::{euros, listed};
use crate::demo::Region;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use async_graphql::{ComplexObject, Interface, SimpleObject, Union};

/// One dossier, as the desk shows it to the services that may read it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Dossier", complex)]
pub struct Dossier {
    /// Its number on the desk.
    pub number: i32,
    state: &'static str,
    /// ISO 8601, with the offset of Paris.
    date_depot: String,
    date_traitement: Option<String>,
    groupe_instructeur: Group,
    demandeur: Applicant,
    #[graphql(skip)]
    champs: Vec<(&'static str, String)>,
    #[graphql(skip)]
    annotations: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "GroupeInstructeur")]
struct Group {
    label: String,
}

#[derive(Debug, Clone, Union)]
#[graphql(name = "Demandeur")]
enum Applicant {
    Body(Body),
    Person(Person),
}

#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "PersonneMorale")]
struct Body {
    siret: String,
    entreprise: Company,
}

#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Entreprise")]
struct Company {
    raison_sociale: String,
}

#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "PersonnePhysique")]
struct Person {
    nom: String,
    prenom: String,
}

/// A field of the form, or a note of the instructors.
#[derive(Debug, Clone, Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields of one type")]
#[graphql(name = "Champ", field(name = "label", ty = "&String"), field(name = "string_value", ty = "&String"))]
enum Field {
    Text(TextField),
}

#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "TextChamp")]
struct TextField {
    label: String,
    string_value: String,
}

#[ComplexObject]
impl Dossier {
    /// What the applicant filled in.
    async fn champs(&self) -> Vec<Field> {
        fields(&self.champs)
    }

    /// What the instructors noted.
    async fn annotations(&self) -> Vec<Field> {
        fields(&self.annotations)
    }
}

fn fields(said: &[(&'static str, String)]) -> Vec<Field> {
    let field = |(label, value): &(&'static str, String)| {
        Field::Text(TextField { label: (*label).to_owned(), string_value: value.clone() })
    };
    said.iter().map(field).collect()
}

/// Every dossier of the desk, in its order.
pub fn dossiers(region: &Region) -> Vec<Dossier> {
    listed(region, System::Demarche, dossier).into_iter().map(|(_, dossier)| dossier).collect()
}

fn dossier(region: &Region, project: &Project, appearance: &Appearance) -> Dossier {
    let (own, amount) = project.told(appearance).next().expect("the desk holds demands to the State");
    let place = &region.geography.departements[region.geography.communes[project.commune].departement];
    let name = project.holder.name.clone();
    let applicant = match project.holder.siret {
        Some(siret) => Applicant::Body(Body { siret: siret.to_string(), entreprise: Company { raison_sociale: name } }),
        None => Applicant::Person(Person { nom: name, prenom: String::new() }),
    };
    let (year, sum) = (project.year, amount.map(euros).unwrap_or_default());
    Dossier {
        number: appearance.number.parse().expect("the desk numbers its dossiers in digits"),
        state: "accepte",
        date_depot: format!("{}-11-{:02}T10:09:32+01:00", year - 1, 1 + project.commune % 28),
        date_traitement: Some(format!("{year}-03-{:02}T09:00:00+01:00", 1 + project.contrat % 28)),
        groupe_instructeur: Group { label: "défaut".to_owned() },
        demandeur: applicant,
        champs: vec![
            ("Département et arrondissement du porteur de projet", format!("{} - {}", place.code, place.name)),
            // Invented, like every person of the region: what a form asks for and the gateway must not keep.
            ("Nom du porteur de projet", "Exemple".to_owned()),
            ("Prénom du porteur de projet", "Dominique".to_owned()),
            ("Téléphone", "03 00 00 00 00".to_owned()),
            ("Intitulé du projet", appearance.title.clone()),
            ("Coût total de l'opération (en euros HT)", euros(project.budget)),
            ("Je demande ce montant de subventions", sum.clone()),
            ("Date de commencement de l'opération", project.starts_on.to_string()),
            ("Date prévisionnelle d'achèvement de l'opération", project.ends_on.to_string()),
        ],
        annotations: vec![
            ("Dotation", own.dispositif.unwrap_or_default().to_owned()),
            ("Montant définitif de la subvention", sum),
        ],
    }
}

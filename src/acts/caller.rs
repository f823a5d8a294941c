//! Who says something: an organisation known by a token, and the bodies that it may speak for.

use super::refusal::Refusal;
use crate::domain::ParseError;
use crate::domain::act::Author;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::identity::{Role, Viewer};
use std::collections::{BTreeMap, BTreeSet};

/// The legal persons that may speak for each group of legal persons (`financeur:…`), as the settings list them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(BTreeMap<OrganisationId, BTreeSet<Siren>>);

impl Members {
    /// Reads the groups and their members.
    ///
    /// # Errors
    /// A group that is no `financeur:…`, or a SIREN whose check fails.
    pub fn parse(groups: &BTreeMap<String, Vec<String>>) -> Result<Self, ParseError> {
        let mut members = BTreeMap::new();
        for (group, sirens) in groups {
            let id = OrganisationId::parse(group)?;
            if id.kind() != OrganisationKind::Financeur {
                return Err(ParseError { text: group.clone(), expected: "group of legal persons (financeur:etat-59)" });
            }
            let sirens = sirens.iter().map(|siren| Siren::parse(siren)).collect::<Result<_, _>>()?;
            members.insert(id, sirens);
        }
        Ok(Members(members))
    }

    /// May this legal person speak for the group?
    pub fn has(&self, group: &OrganisationId, siren: Siren) -> bool {
        self.0.get(group).is_some_and(|members| members.contains(&siren))
    }

    /// The groups that a legal person may speak for.
    fn groups_of(&self, siren: Siren) -> impl Iterator<Item = &OrganisationId> {
        self.0.iter().filter(move |(_, members)| members.contains(&siren)).map(|(group, _)| group)
    }
}

/// An organisation that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    author: Author,
    role: Role,
    siren: Siren,
    contrats: Vec<ContratCode>,
}

impl Caller {
    /// The organisation behind a viewer.
    ///
    /// # Errors
    /// A viewer without a token, of a role that says nothing, or without an organisation.
    pub fn of(viewer: &Viewer) -> Result<Self, Refusal> {
        let may_speak = matches!(viewer.role(), Role::Partner | Role::Committee | Role::Region);
        let (author, siren) = (viewer.author().filter(|_| may_speak), viewer.organisation());
        match (author, siren) {
            (Some(author), Some(siren)) => {
                Ok(Caller { author, role: viewer.role(), siren, contrats: viewer.contrats().to_vec() })
            }
            (Some(_), None) => Err(Refusal::forbidden(
                "ce jeton ne nomme aucune organisation : demandez-en un qui porte le SIREN de la vôtre",
                "this token names no organisation: ask for one that carries the SIREN of yours",
            )),
            (None, _) => Err(Refusal::forbidden(
                "seul un partenaire, le comité d'un contrat ou la Région peut le dire : un jeton de rôle PARTNER, \
                 COMMITTEE ou REGION, avec le SIREN de l'organisation",
                "only a partner, the committee of a contract or the Région may say it: a token of role PARTNER, \
                 COMMITTEE or REGION, with the SIREN of the organisation",
            )),
        }
    }

    /// Who is written into the ledger.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// The organisation.
    pub fn siren(&self) -> Siren {
        self.siren
    }

    /// The organisation, as a body.
    pub fn body(&self) -> OrganisationId {
        self.siren.into()
    }

    /// Does it act for the Région, and is it the Région?
    pub fn is_region(&self) -> bool {
        self.role == Role::Region && self.body().as_str() == crate::portfolio::REGION
    }

    /// Sits it on the committee of this contract only, where its token names some?
    pub(super) fn may_act_in(&self, contrat: &ContratCode) -> bool {
        self.role != Role::Committee || self.contrats.contains(contrat)
    }

    /// Does it say something about its own means? A committee does not.
    ///
    /// # Errors
    /// A committee.
    pub(super) fn for_its_own_means(&self) -> Result<(), Refusal> {
        if self.role == Role::Committee {
            return Err(Refusal::forbidden(
                "un comité n'engage aucun moyen : un jeton de rôle PARTNER est nécessaire",
                "a committee commits no means: a token of role PARTNER is needed",
            ));
        }
        Ok(())
    }

    /// The body that it speaks as: itself, or the group named that lists it as a member.
    ///
    /// # Errors
    /// Anybody else.
    pub(super) fn speaks_as(
        &self,
        behalf: Option<&OrganisationId>,
        members: &Members,
    ) -> Result<OrganisationId, Refusal> {
        match behalf {
            None => Ok(self.body()),
            Some(body) if *body == self.body() || members.has(body, self.siren) => Ok(body.clone()),
            Some(body) => Err(Refusal::forbidden(
                format!(
                    "siren:{} ne parle pas pour {body} : une organisation parle pour elle-même, ou pour un financeur \
                     dont les réglages la disent membre ([financeurs])",
                    self.siren
                ),
                format!(
                    "siren:{} does not speak for {body}: an organisation speaks for itself, or for a financeur that the \
                     settings list it as a member of ([financeurs])",
                    self.siren
                ),
            )),
        }
    }

    /// Itself, then the groups that it is a member of.
    pub(super) fn bodies<'a>(&self, members: &'a Members) -> impl Iterator<Item = OrganisationId> + use<'a> {
        std::iter::once(self.body()).chain(members.groups_of(self.siren).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_financeurs_and_members_are_sound() {
        let read = |group: &str, siren: &str| Members::parse(&BTreeMap::from([(group.into(), vec![siren.into()])]));
        let members = read("financeur:etat-59", "200053742").expect("sound");
        let (group, member) = ("financeur:etat-59".parse().expect("sound"), "200053742".parse().expect("sound"));
        assert!(members.has(&group, member) && !members.has(&group, "200093201".parse().expect("sound")));
        assert!(read("siren:200053742", "200053742").is_err() && read("financeur:etat-59", "123456789").is_err());
    }
}

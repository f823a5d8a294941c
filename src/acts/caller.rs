//! Who says something: an organisation known by a token, and the bodies that it may speak for.

use super::refusal::Refusal;
use crate::domain::act::Author;
use crate::domain::clearance::Clearance;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::identity::{Members, Role, Scope, Viewer};

/// An organisation that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    author: Author,
    role: Role,
    siren: Siren,
    contrats: Vec<ContratCode>,
    scope: Scope,
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
                let (contrats, scope) = (viewer.contrats().to_vec(), Scope::of(viewer.clone()));
                Ok(Caller { author, role: viewer.role(), siren, contrats, scope })
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

    /// What it sees.
    pub(super) fn clearance(&self, members: &Members) -> Clearance {
        self.scope.clearance(members)
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
        self.may_act_in_one_of([contrat])
    }

    /// The same of one of these contracts at least.
    pub(super) fn may_act_in_one_of<'a>(&self, contrats: impl IntoIterator<Item = &'a ContratCode>) -> bool {
        self.role != Role::Committee || contrats.into_iter().any(|contrat| self.contrats.contains(contrat))
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
        members.bodies_of(self.siren)
    }
}

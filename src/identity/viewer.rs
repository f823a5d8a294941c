//! The viewer: whoever asks, as far as the gateway knows them.

use super::token::TokenError;
use crate::domain::act::Author;
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::domain::text::is_deceptive;
use crate::domain::{ParseError, text_serde};
use std::fmt;

/// Longest subject of a token: OpenID Connect Core 1.0, section 2, allows no longer one.
const SUBJECT_BYTES_MAX: usize = 255;

/// What a viewer may be. Narrower scopes for each come with the rights of partners; a token that claims a role not listed
/// here is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Anybody, without a token.
    Public,
    /// A body that puts means into projects: declares for itself, acknowledges, gives its opinion as a pilot.
    Partner,
    /// A governance committee of the contracts that its token names: records their minutes for the pilot.
    Committee,
    /// The Région: decides which records are one project, and what only the Région may say.
    Region,
    /// Reads what was known and who said it; says nothing.
    Auditor,
    /// Runs the gateway.
    Admin,
}

impl Role {
    /// The word in a token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Public => "PUBLIC",
            Role::Partner => "PARTNER",
            Role::Committee => "COMMITTEE",
            Role::Region => "REGION",
            Role::Auditor => "AUDITOR",
            Role::Admin => "ADMIN",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        [Role::Public, Role::Partner, Role::Committee, Role::Region, Role::Auditor, Role::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| ParseError::new(text, "role (PUBLIC, PARTNER, COMMITTEE, REGION, AUDITOR, ADMIN)"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
text_serde!(Role);

/// Why the settings name no receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiverError {
    /// Verdicts are not for it.
    #[error("nobody is told of verdicts as {0}: name PARTNER, COMMITTEE or REGION")]
    Role(Role),
    /// For whom?
    #[error("a receiver of role {0} is for an organisation: name its SIREN")]
    NoOrganisation(Role),
    /// The Région is one body.
    #[error("a receiver of role REGION is the Région ({region}): name no other organisation than that, not {0}", region = Siren::REGION)]
    NotTheRegion(Siren),
}

/// Whoever asks. Comes from a verified token, is named by the settings as a receiver, or is the public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    role: Role,
    issuer: Option<Box<str>>,
    subject: Option<Box<str>>,
    organisation: Option<Siren>,
    contrats: Box<[ContratCode]>,
    token: Option<Box<str>>,
}

impl Viewer {
    /// Anybody, without a token.
    pub fn public() -> Self {
        let (role, contrats) = (Role::Public, Box::default());
        Viewer { role, issuer: None, subject: None, organisation: None, contrats, token: None }
    }

    /// Who made its token; `None` for whoever came without one.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Who it is, as its issuer says; `None` for the public. Another issuer may say the same of somebody else.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The bearer of a token of an issuer whose signature and dates were checked.
    ///
    /// # Errors
    /// The role of the Région for another body than the Région, or for none; a subject that could pass for another.
    pub(super) fn verified(
        role: Role,
        (issuer, subject): (&str, &str),
        (organisation, contrats): (Option<Siren>, &[ContratCode]),
    ) -> Result<Self, TokenError> {
        if role == Role::Region && organisation != Some(Siren::REGION) {
            return Err(TokenError::NotTheRegion);
        }
        // It is kept, and printed: a line break, an escape or a turn of direction in it could pass for what somebody else did.
        if subject.len() > SUBJECT_BYTES_MAX || subject.chars().any(is_deceptive) {
            return Err(TokenError::Malformed);
        }
        let viewer = Viewer::named(role, subject, (organisation, contrats));
        Ok(Viewer { issuer: Some(issuer.into()), ..viewer })
    }

    fn named(role: Role, subject: &str, (organisation, contrats): (Option<Siren>, &[ContratCode])) -> Self {
        let (subject, contrats) = (Some(subject.into()), contrats.into());
        Viewer { role, issuer: None, subject, organisation, contrats, token: None }
    }

    /// The same, known by a token of this identifier (`jti`), where it has one.
    pub(super) fn by_token(self, id: Option<&str>) -> Self {
        Viewer { token: id.map(Into::into), ..self }
    }

    /// A receiver that the settings of the gateway name: whoever writes them answers for it, as for the issuers. Only the roles
    /// that verdicts are for.
    ///
    /// # Errors
    /// Another role; a partner or a committee without its organisation; another body in the role of the Région.
    pub fn receiver(
        role: Role,
        name: &str,
        (organisation, contrats): (Option<Siren>, &[ContratCode]),
    ) -> Result<Self, ReceiverError> {
        match (role, organisation) {
            (Role::Public | Role::Auditor | Role::Admin, _) => Err(ReceiverError::Role(role)),
            (Role::Partner | Role::Committee, None) => Err(ReceiverError::NoOrganisation(role)),
            (Role::Region, Some(other)) if other != Siren::REGION => Err(ReceiverError::NotTheRegion(other)),
            _ => Ok(Viewer::named(role, &format!("webhook:{name}"), (organisation, contrats))),
        }
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The organisation spoken for.
    pub fn organisation(&self) -> Option<Siren> {
        self.organisation
    }

    /// The contrats de ville that the token names.
    pub fn contrats(&self) -> &[ContratCode] {
        &self.contrats
    }

    /// Came with a token?
    pub fn is_authenticated(&self) -> bool {
        self.subject.is_some()
    }

    /// Runs the gateway?
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Acts for the Région?
    pub fn is_region(&self) -> bool {
        self.role == Role::Region
    }

    /// The author of an act by this viewer; `None` for the public, who cannot act.
    pub fn author(&self) -> Option<Author> {
        self.subject.as_deref().map(|subject| Author {
            issuer: self.issuer.as_deref().map(str::to_owned),
            subject: subject.to_owned(),
            organisation: self.organisation,
            role: self.role.as_str().to_owned(),
            token: self.token.as_deref().map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_has_a_role_that_verdicts_are_for_and_an_organisation() {
        let siren = Siren::parse("200093201").expect("a SIREN");
        let region =
            |siren| Viewer::receiver(Role::Region, "n", (Some(siren), &[])).map(|viewer| viewer.organisation());
        assert_eq!(region(siren), Err(ReceiverError::NotTheRegion(siren)));
        assert_eq!(region(Siren::REGION), Ok(Some(Siren::REGION)));
        for role in [Role::Public, Role::Auditor, Role::Admin] {
            assert_eq!(Viewer::receiver(role, "n", (Some(siren), &[])), Err(ReceiverError::Role(role)));
        }
        for role in [Role::Partner, Role::Committee] {
            assert_eq!(Viewer::receiver(role, "n", (None, &[])), Err(ReceiverError::NoOrganisation(role)));
            assert_eq!(Viewer::receiver(role, "n", (Some(siren), &[])).map(|viewer| viewer.role()), Ok(role));
        }
        assert!(Viewer::receiver(Role::Region, "n", (None, &[])).is_ok());
    }
}

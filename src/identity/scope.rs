//! The scope: what a viewer may see.

use super::members::Members;
use super::viewer::{Role, Viewer};
use crate::domain::clearance::Clearance;
use crate::domain::organisation::OrganisationId;

/// What a viewer may see. Only had from a viewer; a reader is only had from a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    viewer: Viewer,
}

impl Scope {
    /// The scope of `viewer`.
    pub fn of(viewer: Viewer) -> Self {
        Scope { viewer }
    }

    /// The viewer behind the scope.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Sees every project whole, whoever funds it.
    pub fn sees_everything(&self) -> bool {
        matches!(self.viewer.role(), Role::Region | Role::Auditor)
    }

    /// The bodies that the viewer speaks and sees for: its organisation, and the groups that it is a member of. A committee,
    /// an auditor, whoever runs the gateway are none.
    pub fn bodies(&self, members: &Members) -> Vec<OrganisationId> {
        let own = self.viewer.organisation().filter(|_| matches!(self.viewer.role(), Role::Partner | Role::Region));
        own.into_iter().flat_map(|siren| members.bodies_of(siren)).collect()
    }

    /// What it opens. A partner: the projects of the contracts that its token names or that it pilots or signs, and those that
    /// it holds or funds. A committee: those of the contracts that its token names. To others, what is public. Where rules expect a
    /// body is added by who knows the rules ([`Clearance::with_expected`]).
    pub fn clearance(&self, members: &Members) -> Clearance {
        if self.sees_everything() {
            Clearance::Everything
        } else if self.sees_checks() {
            let (bodies, contrats) = (self.bodies(members).into(), self.viewer.contrats().into());
            Clearance::Part { bodies, contrats, expected: Box::default() }
        } else {
            Clearance::public()
        }
    }

    /// Sees checks, plans and what bodies said, of the projects that it sees whole.
    pub fn sees_checks(&self) -> bool {
        self.sees_everything() || matches!(self.viewer.role(), Role::Partner | Role::Committee)
    }

    /// Sees the records of every source as they were received; others those of their own sources.
    pub fn sees_raw(&self) -> bool {
        self.viewer.role() == Role::Auditor
    }

    /// Sees the rejected records of every source; others those of their own sources.
    pub fn sees_rejections(&self) -> bool {
        matches!(self.viewer.role(), Role::Auditor | Role::Admin)
    }

    /// May see who was shown what.
    pub fn sees_journal(&self) -> bool {
        self.viewer.role() == Role::Auditor
    }

    /// May see what makes records one project, and what might.
    pub fn sees_links(&self) -> bool {
        self.sees_everything()
    }

    /// Sees what funders mean to put somewhere: their target envelopes and the transfers between them. Not the public.
    pub fn sees_envelopes(&self) -> bool {
        self.viewer.role() != Role::Public
    }

    /// May say which records are one project.
    pub fn may_link(&self) -> bool {
        self.viewer.is_region()
    }

    /// May have a check frozen and signed.
    pub fn may_attest(&self) -> bool {
        self.viewer.is_region()
    }

    /// May have a source read now.
    pub fn may_refresh(&self) -> bool {
        self.viewer.role() == Role::Admin
    }

    /// May ask for figures fresher than the gateway's ordinary rhythm.
    pub fn may_ask_fresher(&self) -> bool {
        self.viewer.is_authenticated()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_sees_and_may_nothing_beyond_what_is_public() {
        let scope = Scope::of(Viewer::public());
        assert!(!scope.sees_everything() && !scope.sees_checks() && !scope.sees_links() && !scope.may_link());
        assert!(!scope.sees_raw() && !scope.sees_rejections() && !scope.may_ask_fresher() && !scope.may_attest());
        assert_eq!(scope.viewer().author(), None);
    }

    #[test]
    fn whoever_runs_the_gateway_sees_no_more_of_projects_than_the_public() {
        let scope = Scope::of(Viewer::verified(Role::Admin, ("here", "root"), (None, &[])).expect("sound"));
        assert!(scope.sees_rejections() && !scope.sees_raw() && !scope.sees_checks() && !scope.sees_everything());
        let auditor = Scope::of(Viewer::verified(Role::Auditor, ("here", "cour"), (None, &[])).expect("sound"));
        assert!(auditor.sees_raw() && auditor.sees_everything() && !auditor.may_link() && !auditor.may_attest());
    }
}

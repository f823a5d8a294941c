//! The door: whatever a viewer sees is had through it.

use super::notes::Notes;
use super::reader::Reader;
use super::seen::Pictures;
use crate::audit::Journal;
use crate::check::{Rulebook, expected_on};
use crate::domain::clearance::Clearance;
use crate::domain::{Date, Instant};
use crate::gateway::Gateway;
use crate::identity::{Members, Scope};
use crate::portfolio::Portfolio;
use std::sync::Arc;

/// The secret that makes the versions of funding plans: nobody outside can guess a plan from its version.
#[derive(Clone)]
pub struct PlanSecret(pub(super) Arc<[u8]>);

impl PlanSecret {
    /// A secret of thirty-two bytes, kept with the ledger: with another one, every plan has another version.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        PlanSecret(Arc::new(bytes))
    }
}

/// Where readers come from.
#[derive(Clone)]
pub struct Door {
    pub(super) gateway: Arc<Gateway>,
    pub(super) plan_secret: PlanSecret,
    pub(super) rulebook: &'static Rulebook,
    pub(super) members: Arc<Members>,
    pub(super) pictures: Pictures,
    pub(super) notes: Option<Notes>,
    journal: Option<Journal>,
}

impl Door {
    /// A door to `gateway`; `plan_secret` makes the versions of funding plans.
    pub fn new(gateway: Arc<Gateway>, plan_secret: PlanSecret) -> Self {
        let (members, pictures) = (Arc::default(), Pictures::new());
        Door {
            gateway,
            plan_secret,
            rulebook: Rulebook::of_the_product(),
            members,
            pictures,
            notes: None,
            journal: None,
        }
    }

    /// The same, whose checks follow these rules instead of those of the product.
    #[must_use]
    pub fn with_rulebook(self, rulebook: &'static Rulebook) -> Self {
        Door { rulebook, ..self }
    }

    /// The same, with groups of legal persons whose members see what concerns the group.
    #[must_use]
    pub fn with_members(self, members: Members) -> Self {
        Door { members: Arc::new(members), ..self }
    }

    /// The same, whose journal of reads may be read through it.
    #[must_use]
    pub fn with_journal(self, journal: Journal) -> Self {
        Door { journal: Some(journal), ..self }
    }

    /// The same door, whose readers note what they show.
    #[must_use]
    pub fn noting(&self, notes: &Notes) -> Self {
        Door { notes: Some(notes.clone()), ..self.clone() }
    }

    /// The journal of reads, where one is kept.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// A reader of the newest portfolio, for what `scope` may see, at `now`.
    pub fn open(&self, scope: Scope, now: Instant) -> Reader {
        Reader::through(self, &self.gateway.current(), (scope, now), false)
    }

    /// A reader that notes whose data the operation wants fresher than they are: read by it once, then ask
    /// [`Reader::wanted`], look that up, and [`Door::open`] again.
    pub fn open_gathering(&self, scope: Scope, now: Instant) -> Reader {
        Reader::through(self, &self.gateway.current(), (scope, now), true)
    }

    /// What a scope opens on a day: the projects on which the rules expect its bodies, too.
    pub(super) fn clearance(&self, scope: &Scope, day: Date) -> Clearance {
        scope.clearance(&self.members).with_expected(|bodies| expected_on(self.rulebook, bodies, day))
    }

    /// Does the database of the ledger answer? Takes as long as its driver waits: give it a deadline.
    pub async fn ledger_answers(&self) -> bool {
        self.gateway.ledger().head().await.is_ok()
    }

    pub(super) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// A reader of one portfolio of the gateway.
    pub(super) fn open_on(&self, portfolio: Arc<Portfolio>, scope: Scope, now: Instant) -> Reader {
        Reader::through(self, &portfolio, (scope, now), false)
    }
}

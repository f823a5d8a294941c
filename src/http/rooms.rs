//! Rooms for those who listen: so many in all, so many for one asker, and a part of them that strangers cannot take.

use super::Limits;
use super::budget::{Payer, Peer};
use super::shares::{Share, Shares};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The rooms of a gateway.
pub(super) struct Rooms {
    /// Of everybody who was admitted.
    all: Arc<Semaphore>,
    /// The part of these that the public may take.
    public: Arc<Semaphore>,
    /// Beside these: sockets that have not said yet who they are. They have a few seconds for it.
    waiting: Arc<Semaphore>,
    at_once: usize,
    shares: Shares<Payer>,
}

/// A room, left when this is dropped.
pub(super) struct Room {
    permits: Vec<OwnedSemaphorePermit>,
    share: Share<Payer>,
    is_waiting: bool,
}

impl Rooms {
    pub fn new(limits: &Limits) -> Self {
        let rooms = |count| Arc::new(Semaphore::new(count));
        Rooms {
            all: rooms(limits.listeners_at_once),
            public: rooms(limits.public_listeners_at_once),
            waiting: rooms(limits.listeners_at_once),
            at_once: limits.listeners_at_once,
            shares: Shares::of(limits.listeners_of_one),
        }
    }

    /// A room for whoever pays; `None` where none is left for it.
    pub fn take(&self, payer: &Payer) -> Option<Room> {
        let share = self.shares.take(payer.clone())?;
        Some(Room { permits: self.permits(payer)?, share, is_waiting: false })
    }

    /// A room for a socket from this address that has not said yet who it is; `None` too where it could not stay, whoever it is.
    pub fn wait(&self, peer: Peer) -> Option<Room> {
        if self.all.available_permits() == 0 {
            return None;
        }
        let share = self.shares.take(Payer::stranger(peer))?;
        let permit = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        Some(Room { permits: vec![permit], share, is_waiting: true })
    }

    /// The room of somebody who said who they are becomes one of that payer; `None`, and it stays what it was, where none is left.
    pub fn settle(&self, room: &mut Room, payer: &Payer) -> Option<()> {
        let is_the_same = room.share.is_of(payer);
        if is_the_same && !room.is_waiting {
            return Some(());
        }
        let permits = self.permits(payer)?;
        if !is_the_same {
            room.share = self.shares.take(payer.clone())?;
        }
        (room.permits, room.is_waiting) = (permits, false);
        Some(())
    }

    fn permits(&self, payer: &Payer) -> Option<Vec<OwnedSemaphorePermit>> {
        let mut permits = vec![Arc::clone(&self.all).try_acquire_owned().ok()?];
        if matches!(payer, Payer::Address(_)) {
            permits.push(Arc::clone(&self.public).try_acquire_owned().ok()?);
        }
        Some(permits)
    }

    /// How many are taken, those of whoever waits too.
    pub fn taken(&self) -> usize {
        2 * self.at_once - self.all.available_permits() - self.waiting.available_permits()
    }
}

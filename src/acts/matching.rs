//! The act of matching: what the matcher has to say of the records is appended, with its terms, as one more author.

use super::CONFLICTS_MAX;
use crate::clock::Clock;
use crate::domain::act::{Author, Decision};
use crate::gateway::{Change, Gateway};
use crate::ledger::{LedgerError, NewEntry};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Name of the matcher as an author.
pub const MATCHER: &str = "matcher";

/// What one pass said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Pass {
    /// Links that are new.
    pub linked: usize,
    /// Proposals that are new.
    pub proposed: usize,
    /// Links and proposals taken back.
    pub withdrawn: usize,
}

impl Pass {
    fn of(decisions: &[Decision]) -> Self {
        decisions.iter().fold(Pass::default(), |mut pass, decision| {
            match decision {
                Decision::Matched { .. } => pass.linked += 1,
                Decision::Proposed { .. } => pass.proposed += 1,
                Decision::Withdrawn { .. } => pass.withdrawn += 1,
                Decision::Redirect { .. }
                | Decision::Unredirected { .. }
                | Decision::Parted { .. }
                | Decision::Linked { .. }
                | Decision::Separated { .. }
                | Decision::KeptApart { .. }
                | Decision::Renumbered { .. } => {}
            }
            pass
        })
    }
}

/// Matches the records of the whole ledger. Nothing is appended when nothing is new.
///
/// # Errors
/// What the ledger says; a conflict when other processes keep appending in between.
pub async fn pass(gateway: &Gateway, clock: &Clock) -> Result<Pass, LedgerError> {
    // One system lists one operation once: of a single one there is nothing to match, nor ever was.
    if gateway.ledger().project_sources().await? < 2 {
        return Ok(Pass::default());
    }
    gateway.catch_up().await?;
    let mut again = 0;
    loop {
        // Compared outside the writer's turn: a large ledger takes seconds, and nobody else waits for it.
        let portfolio = gateway.current();
        let base = portfolio.head().version;
        let image = gateway.ledger().image(base).await?;
        let matched = tokio::task::spawn_blocking(move || portfolio.matched(&image.records)).await;
        let decisions = matched.expect("matching is pure: it neither panics nor is cancelled");
        let said = Pass::of(&decisions);
        if decisions.is_empty() {
            return Ok(said);
        }
        let entry = NewEntry {
            base,
            kind: "match".to_owned(),
            author: Author::system(MATCHER),
            reason: format!("{} linked, {} proposed, {} taken back", said.linked, said.proposed, said.withdrawn),
            at: clock.now(),
            profile: None,
            run: None,
            decisions,
            acts: Vec::new(),
        };
        let turn = gateway.turn().await;
        turn.catch_up().await?;
        match turn.append_alone(entry).await {
            Err(LedgerError::Conflict { .. }) if again < CONFLICTS_MAX => again += 1,
            other => return other.map(|_| said),
        }
    }
}

/// Matches once, and then after every change, until the gateway is gone. Leaves the machine to others for longer than it
/// used it itself.
pub async fn follow(gateway: Arc<Gateway>, clock: Clock) {
    const REST: u32 = 4;
    let mut changes = gateway.changes();
    loop {
        let begun = std::time::Instant::now();
        match pass(&gateway, &clock).await {
            Ok(said) if said != Pass::default() => {
                tracing::info!(linked = said.linked, proposed = said.proposed, withdrawn = said.withdrawn, "matched");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the matching could not be recorded"),
        }
        tokio::time::sleep(begun.elapsed() * REST).await;
        if !changed(&mut changes).await {
            return;
        }
    }
}

/// Waits until something changed since it was last asked; false when nothing will any more. What came meanwhile, however
/// much, is one change: the next pass sees it all.
async fn changed(changes: &mut Receiver<Change>) -> bool {
    let mut met = false;
    loop {
        match changes.try_recv() {
            Ok(_) | Err(TryRecvError::Lagged(_)) => met = true,
            Err(TryRecvError::Closed) => return met,
            Err(TryRecvError::Empty) if met => return true,
            Err(TryRecvError::Empty) => return !matches!(changes.recv().await, Err(RecvError::Closed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chain::LedgerVersion;

    #[tokio::test]
    async fn a_change_that_came_during_a_pass_begins_the_next() {
        let (sender, mut changes) = tokio::sync::broadcast::channel(2);
        let change = |number| Change {
            version: LedgerVersion(number),
            at: crate::domain::Instant::UNIX_EPOCH,
            projects: Vec::new().into(),
        };
        for number in 0..5 {
            sender.send(change(number)).expect("somebody listens");
        }
        assert!(changed(&mut changes).await, "more than are kept, and met without waiting");
        let waiting = tokio::spawn(async move { changed(&mut changes).await });
        sender.send(change(6)).expect("somebody listens");
        assert!(waiting.await.expect("it ends"));
        let (sender, mut changes) = tokio::sync::broadcast::channel::<Change>(2);
        drop(sender);
        assert!(!changed(&mut changes).await, "nothing will change any more");
    }
}

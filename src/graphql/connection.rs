//! Relay connections: edges, nodes, totalCount and pageInfo.

use super::error::ApiError;
use super::page::{PAGE_LENGTH_DEFAULT, PageArguments, PageInfo, cursor_of, cut, id_of, page_length, stray_cursor};
use super::types::{AuditEntry, Commitment, Envelope, MatchProposal, Project, ProjectChange, Rejection};
use crate::view;
use async_graphql::Object;

/// Declares a connection and its edge.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident of $node:ident) => {
        $(#[$doc])*
        pub struct $connection {
            items: Vec<(String, $node)>,
            page_info: PageInfo,
            total: usize,
        }

        $(#[$doc])*
        #[Object]
        impl $connection {
            /// The items of this page, each with its cursor.
            async fn edges(&self) -> Vec<$edge<'_>> {
                self.items.iter().map(|(id, node)| $edge { id, node }).collect()
            }

            /// The items of this page.
            async fn nodes(&self) -> Vec<&$node> {
                self.items.iter().map(|(_, node)| node).collect()
            }

            /// Where this page stands in the whole list.
            async fn page_info(&self) -> &PageInfo {
                &self.page_info
            }

            /// Items of the whole list, all pages together.
            async fn total_count(&self) -> i32 {
                i32::try_from(self.total).unwrap_or(i32::MAX)
            }
        }

        $(#[$edge_doc])*
        pub struct $edge<'a> {
            id: &'a str,
            node: &'a $node,
        }

        $(#[$edge_doc])*
        #[Object]
        impl $edge<'_> {
            /// Opaque place of the item in the list, for `after` and `before`.
            async fn cursor(&self) -> String {
                cursor_of(self.id)
            }

            /// The item.
            async fn node(&self) -> &$node {
                self.node
            }
        }

        impl $connection {
            /// A page: its items with their identifiers, what lies around it, and the length of the whole list.
            pub(super) fn new(items: Vec<(String, $node)>, around: (bool, bool), total: usize) -> Self {
                let ends = items.first().zip(items.last());
                let page_info = PageInfo::new(around.1, around.0, ends.map(|((first, _), (last, _))| (first.as_str(), last.as_str())));
                $connection { items, page_info, total }
            }
        }
    };
}

connection! {
    /// Projects, in a stable order.
    ProjectConnection,
    /// A project in a list.
    ProjectEdge of Project
}

connection! {
    /// Commitments, in a stable order.
    CommitmentConnection,
    /// A commitment in a list.
    CommitmentEdge of Commitment
}

connection! {
    /// Rejected records, in the order in which they were met.
    RejectionConnection,
    /// A rejected record in a list.
    RejectionEdge of Rejection
}

connection! {
    /// Changes of a project, the newest first.
    ProjectChangeConnection,
    /// A change of a project in a list.
    ProjectChangeEdge of ProjectChange
}

connection! {
    /// Entries of the journal of reads, the newest first.
    AuditConnection,
    /// An entry of the journal in a list.
    AuditEdge of AuditEntry
}

connection! {
    /// Target envelopes, in the order of their codes.
    EnvelopeConnection,
    /// A target envelope in a list.
    EnvelopeEdge of Envelope
}

connection! {
    /// Pairs of projects that may be one, the likeliest first.
    MatchProposalConnection,
    /// A pair of projects in a list.
    MatchProposalEdge of MatchProposal
}

impl MatchProposalConnection {
    /// The page of all that waits for a decision.
    pub(super) fn of(reader: &view::Reader, arguments: &PageArguments) -> Result<Self, ApiError> {
        let all = reader.proposals()?;
        let range = cut(arguments, all.len(), |id| all.iter().position(|one| one.id() == id))?;
        let (around, total) = ((range.start > 0, range.end < all.len()), all.len());
        let page = all.into_iter().skip(range.start).take(range.len());
        Ok(MatchProposalConnection::new(page.map(|one| (one.id(), MatchProposal(one))).collect(), around, total))
    }
}

impl EnvelopeConnection {
    /// The page of `list` that the arguments ask for.
    pub(super) fn of(list: &view::EnvelopeList, arguments: &PageArguments) -> Result<Self, ApiError> {
        let range = cut(arguments, list.len(), |id| list.position(id))?;
        let around = (range.start > 0, range.end < list.len());
        let items = range.map(|at| list.at(at)).map(|one| (one.code().to_owned(), Envelope(one))).collect();
        Ok(EnvelopeConnection::new(items, around, list.len()))
    }
}

impl AuditConnection {
    /// The page of what the journal says of a project that begins after the cursor `after`.
    pub(super) async fn of(
        reader: &view::Reader,
        project: &str,
        (first, after): (Option<i32>, Option<String>),
    ) -> Result<Self, ApiError> {
        let length = first.map_or(Ok(PAGE_LENGTH_DEFAULT), |first| page_length("first", first))?;
        let before = after.as_deref().map(|cursor| id_of(cursor)?.parse::<u64>().map_err(|_| stray_cursor()));
        let before = before.transpose()?;
        // One more tells whether there is more.
        let mut trail = reader.audit_trail(project, before, length + 1).await?;
        let is_more = trail.entries.len() > length;
        trail.entries.truncate(length);
        let items = trail.entries.into_iter().map(|entry| (entry.id.to_string(), AuditEntry(entry))).collect();
        let total = usize::try_from(trail.total).unwrap_or(usize::MAX);
        Ok(AuditConnection::new(items, (before.is_some(), is_more), total))
    }
}

impl ProjectChangeConnection {
    /// The page of `history` that the arguments ask for.
    pub(in crate::graphql) async fn of(history: &view::History, arguments: &PageArguments) -> Result<Self, ApiError> {
        let range = cut(arguments, history.len(), |id| history.position(id))?;
        let around = (range.start > 0, range.end < history.len());
        let changes = history.page(range).await?;
        let items = changes.into_iter().map(|change| (change.id().to_owned(), ProjectChange(change))).collect();
        Ok(ProjectChangeConnection::new(items, around, history.len()))
    }
}

impl ProjectConnection {
    /// The page of `list` that the arguments ask for.
    pub(super) fn of(list: &view::ProjectList, arguments: &PageArguments) -> Result<Self, ApiError> {
        let range = cut(arguments, list.len(), |id| list.position(id))?;
        let around = (range.start > 0, range.end < list.len());
        let items = range.map(|at| list.at(at)).map(|project| (project.id().to_string(), Project(project))).collect();
        Ok(ProjectConnection::new(items, around, list.len()))
    }
}

impl CommitmentConnection {
    /// The page of `list` that the arguments ask for.
    pub(super) fn of(list: &view::CommitmentList, arguments: &PageArguments) -> Result<Self, ApiError> {
        let range = cut(arguments, list.len(), |id| list.position(id))?;
        let around = (range.start > 0, range.end < list.len());
        let items = range.map(|at| list.at(at)).map(|commitment| (commitment.id(), Commitment(commitment))).collect();
        Ok(CommitmentConnection::new(items, around, list.len()))
    }
}

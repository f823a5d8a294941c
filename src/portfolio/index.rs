//! Small numbers that stand for identifiers inside one portfolio.
//!
//! An index is only meaningful in the portfolio that gave it: what outlives a portfolio (a cursor, a link) carries
//! the identifier itself.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::num::{NonZeroU16, NonZeroU32};

/// A map that keeps the order of insertion, so that a position is a name.
pub(crate) type Table<K, V> = IndexMap<K, V, FxBuildHasher>;

/// Declares an index newtype. It holds the position plus one, so that an optional index takes no more room.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $zero_free:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name($zero_free);

        impl $name {
            /// The position.
            pub const fn get(self) -> usize {
                self.0.get() as usize - 1
            }

            pub(crate) fn at(position: usize) -> Self {
                let held = <$inner>::try_from(position + 1).ok().and_then(<$zero_free>::new);
                $name(held.expect("a portfolio holds fewer entries than its indexes can count"))
            }
        }
    };
}

impl ProjectIx {
    /// The first project of a portfolio that has one.
    pub fn first() -> Self {
        ProjectIx::at(0)
    }
}

index!(/** A project, in the order of project identifiers. */ ProjectIx, u32, NonZeroU32);
index!(/** A commitment, in the order of projects. */ CommitmentIx, u32, NonZeroU32);
index!(/** An organisation. */ OrganisationIx, u32, NonZeroU32);
index!(/** A source. */ SourceIx, u16, NonZeroU16);
index!(/** A funding scheme. */ DispositifIx, u32, NonZeroU32);
index!(/** A quartier. */ QuartierIx, u32, NonZeroU32);
index!(/** A contrat de ville. */ ContratIx, u32, NonZeroU32);
index!(/** An EPCI. */ EpciIx, u32, NonZeroU32);
index!(/** A commune. */ CommuneIx, u32, NonZeroU32);
index!(/** A département. */ DepartementIx, u32, NonZeroU32);
index!(/** An interned text. */ TextIx, u32, NonZeroU32);

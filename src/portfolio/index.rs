//! Small numbers that stand for identifiers inside one portfolio.
//!
//! An index is only meaningful in the portfolio that gave it: what outlives a portfolio (a cursor, a link) carries
//! the identifier itself.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

/// A map that keeps the order of insertion, so that a position is a name.
pub(crate) type Table<K, V> = IndexMap<K, V, FxBuildHasher>;

/// Declares an index newtype over `$inner`.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) $inner);

        impl $name {
            /// The position.
            pub const fn get(self) -> usize {
                self.0 as usize
            }

            pub(crate) fn at(position: usize) -> Self {
                $name(<$inner>::try_from(position).expect("a portfolio holds fewer entries than its indexes can count"))
            }
        }
    };
}

index!(/** A project, in the order of project identifiers. */ ProjectIx, u32);
index!(/** A commitment, in the order of projects. */ CommitmentIx, u32);
index!(/** An organisation. */ OrganisationIx, u32);
index!(/** A source. */ SourceIx, u16);
index!(/** A funding scheme. */ DispositifIx, u32);
index!(/** A quartier. */ QuartierIx, u32);
index!(/** A contrat de ville. */ ContratIx, u32);
index!(/** An EPCI. */ EpciIx, u32);
index!(/** A commune. */ CommuneIx, u32);
index!(/** A département. */ DepartementIx, u32);
index!(/** An interned text. */ TextIx, u32);

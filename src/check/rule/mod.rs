//! The formulas: each a small pure function of a case and the sheet that holds its values. One file for each matter.

mod aid;
mod cells;
mod european;
mod lines;
mod matching;
mod money;
mod own_words;
mod plan;
mod schemes;
mod sharing;
mod table;
mod territory;
mod why;

pub use aid::DE_MINIMIS_PERIOD;
pub(super) use aid::{DE_MINIMIS, DE_MINIMIS_CEILING};
pub(super) use schemes::may_be_collectivite;
pub use schemes::{kind_of_holder, kinds_of_holders};
pub(super) use table::funds;
pub(super) use territory::is_of_npnru;

use super::case::Case;
use super::outcome::Outcome;
use super::rulebook::Sheet;

/// Holds one rule against a case: adds an outcome for each thing that it is about, none where it is about nothing.
pub(super) type Formula = fn(&Case<'_>, &Sheet, &mut Vec<Outcome>);

/// The formulas that hold a sum against the table of funding schemes, by which orientation excludes.
pub(super) const SCHEME_NATURES: &str = "scheme-natures";
pub(super) const SCHEME_OPEN: &str = "scheme-open";
pub(super) const SCHEME_NPNRU: &str = "scheme-npnru";

/// Every formula, by the name that sheets call it.
const FORMULAS: &[(&str, Formula)] = &[
    ("no-means", cells::no_means),
    ("cell-silent", cells::silent),
    ("cell-reported", cells::reported),
    ("cell-stale", cells::stale),
    ("source-late", cells::late),
    ("unexpected-body", cells::unexpected),
    ("match-pending", matching::pending),
    ("not-shared", sharing::not_shared),
    ("under-embargo", sharing::kept),
    (DE_MINIMIS, aid::de_minimis),
    ("plan-changed", sharing::changed),
    ("plan-excess", plan::excess),
    ("plan-short", plan::short),
    ("droit-commun-only", lines::only),
    ("droit-commun-preferred", lines::preferred),
    ("project-unclassified", lines::unclassified),
    ("scheme-unstated", lines::scheme_unstated),
    ("droit-commun-first", lines::droit_commun_first),
    ("scheme-nature", schemes::nature),
    ("scheme-for-collectivites", schemes::for_collectivites),
    ("scheme-for-inhabitants", schemes::for_inhabitants),
    ("scheme-criteria", schemes::criteria),
    ("scheme-summer", schemes::summer),
    (SCHEME_NATURES, table::natures),
    (SCHEME_OPEN, table::open),
    (SCHEME_NPNRU, table::npnru),
    ("own-words-differ", own_words::own_words_differ),
    ("reports-differ", money::reports_differ),
    ("records-differ", money::records_differ),
    ("taxes-mixed", money::taxes_mixed),
    ("own-share", money::own_share),
    ("european-rate", european::european_rate),
    ("european-cumul", european::european_cumul),
    ("npnru-answer", territory::npnru),
    ("perimeter", territory::perimeter),
    ("pilots-opinion", territory::pilots_opinion),
    ("pilots-word", territory::pilots_word),
    ("directions-opinion", territory::directions_opinion),
];

/// Formulas that weigh sums against each other: whether one holds tells a sum that is left out, within the tolerance, and when it
/// turns, to the cent.
const WEIGHING: [&str; 6] = [DE_MINIMIS, "plan-excess", "plan-short", "reports-differ", "own-share", "european-rate"];

/// Does the formula of this name weigh sums?
pub(super) fn weighs(name: &str) -> bool {
    WEIGHING.contains(&name)
}

/// The formula of a name.
pub(super) fn formula(name: &str) -> Option<Formula> {
    FORMULAS.iter().find(|(known, _)| *known == name).map(|(_, formula)| *formula)
}

/// The names of all formulas.
pub(super) fn names() -> Vec<&'static str> {
    FORMULAS.iter().map(|(name, _)| *name).collect()
}

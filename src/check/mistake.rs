//! What is wrong with rules that cannot be used, and what to do.

use crate::domain::Date;
use crate::domain::governance::RuleCode;

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// A file of another form.
    #[error("{file}: {error}")]
    Toml {
        /// The file.
        file: String,
        /// What is wrong, with line and column.
        error: Box<toml::de::Error>,
    },
    /// A rule without formula.
    #[error("{file}: rule {code} names the formula {formula}, which there is not; there are: {known}")]
    Formula {
        /// The file.
        file: String,
        /// The rule.
        code: RuleCode,
        /// The formula.
        formula: Box<str>,
        /// All formulas.
        known: String,
    },
    /// A code that stands twice on one day.
    #[error(
        "{file}: rule {code} stands twice on one day: give each rule its own code, or let the one end (`to`) on the day from \
         which the other holds (`from`)"
    )]
    Twice {
        /// The file.
        file: String,
        /// The code.
        code: RuleCode,
    },
    /// What ends before it begins.
    #[error(
        "{file}: {entry}: `to` ({to}) is not later than `from` ({from}), so that it holds on no day: `from` is the first day on \
         which it holds, `to` the first on which it holds no more; correct one of them, or take the entry out"
    )]
    NoDay {
        /// The file.
        file: String,
        /// Which entry of it.
        entry: String,
        /// The first day.
        from: Date,
        /// The first day after.
        to: Date,
    },
    /// Two values of one name on one day.
    #[error(
        "{file}: rule {code}: two values `{name}` hold on one day: let the one end (`to`) on the day from which the other holds \
         (`from`)"
    )]
    TwoValues {
        /// The file.
        file: String,
        /// The rule.
        code: RuleCode,
        /// The name of the value.
        name: Box<str>,
    },
}

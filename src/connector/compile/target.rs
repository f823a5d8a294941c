//! What each word of the map may be filled with: the conversions allowed, and how a list is split.

use crate::connector::convert::{Convert, Raw, Read, Reading, amount, date, identifier, place, scalar};
use crate::connector::manifest::problem::listed;
use crate::connector::manifest::rule::Conversion;
use crate::connector::manifest::words::Word;
use crate::domain::Date;
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::siren::Siren;
use crate::domain::text::{ActionCode, DispositifCode, EnvelopeCode};
use crate::domain::vocabulary::{Family, Form, Nature, Objective, QuartierKind, Stage, TaxBasis};

/// One word of the map and what may fill it.
pub struct Target<T: 'static> {
    /// The word, for messages and codes.
    pub word: &'static str,
    /// Conversions allowed by name; the first is taken where none is named. Empty: one way only, `plain`.
    pub conversions: &'static [(Conversion, Convert<T>)],
    /// The one way, where there are no names.
    pub plain: Convert<T>,
    /// The closed vocabulary, for messages.
    pub words: fn() -> String,
    /// Is it a list, and how is a text of several values split?
    pub list: List,
    /// Does a decimal separator make sense?
    pub decimal: bool,
    /// A record without it is rejected, whatever the manifest says.
    pub required: bool,
    /// Values only through `values` or a constant.
    pub mapped_only: bool,
}

/// Is a target a list, and how is a text of several values split where the manifest does not say?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// One value.
    No,
    /// A list; a text is one value.
    Whole,
    /// A list of codes, split at what no code holds.
    Codes,
}

/// The words of a closed vocabulary.
pub fn words<T: Word>() -> String {
    listed(T::WORDS.iter().map(|word| word.written()))
}

fn no_words() -> String {
    String::new()
}

impl<T> Target<T> {
    const fn plain(word: &'static str, plain: Convert<T>) -> Self {
        Target {
            word,
            conversions: &[],
            plain,
            words: no_words,
            list: List::No,
            decimal: false,
            required: false,
            mapped_only: false,
        }
    }

    const fn named(word: &'static str, conversions: &'static [(Conversion, Convert<T>)]) -> Self {
        Target { conversions, ..Target::plain(word, conversions[0].1) }
    }

    const fn list(mut self, list: List) -> Self {
        self.list = list;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn decimal(mut self) -> Self {
        self.decimal = true;
        self
    }
}

impl<T: Word> Target<T> {
    const fn word(word: &'static str) -> Self {
        Target { words: words::<T>, ..Target::plain(word, scalar::word::<T>) }
    }
}

fn year_text(raw: Raw<'_>) -> Reading<String> {
    date::year(raw).map(|read| Read { value: read.value.to_string(), doubt: read.doubt })
}

fn date_year_text(raw: Raw<'_>) -> Reading<String> {
    date::date_year(raw).map(|read| Read { value: read.value.to_string(), doubt: read.doubt })
}

const TEXTS: &[(Conversion, Convert<String>)] = &[
    (Conversion::Text, scalar::text),
    (Conversion::Integer, identifier::integer_text),
    (Conversion::Siren, identifier::siren_text),
    (Conversion::Siret, identifier::siret_text),
    (Conversion::Identifier, identifier::identifier_text),
    (Conversion::Year, year_text),
    (Conversion::DateYear, date_year_text),
    (Conversion::Date, date::text),
];
/// Those of keys and partitions: a text is stripped there of what a spreadsheet or a copy leaves in it.
const KEYS: &[(Conversion, Convert<String>)] = &[
    (Conversion::Text, identifier::key_text),
    (Conversion::Integer, identifier::integer_text),
    (Conversion::Siren, identifier::siren_text),
    (Conversion::Siret, identifier::siret_text),
    (Conversion::Identifier, identifier::identifier_text),
    (Conversion::Year, year_text),
    (Conversion::DateYear, date_year_text),
    (Conversion::Date, date::text),
];
const AMOUNTS: &[(Conversion, Convert<Cents>)] =
    &[(Conversion::Amount, amount::amount), (Conversion::Cents, amount::cents)];
const DATES: &[(Conversion, Convert<Date>)] = &[
    (Conversion::Date, date::date),
    (Conversion::DateSerial, date::serial),
    (Conversion::PeriodStart, date::period_start),
    (Conversion::PeriodEnd, date::period_end),
];
const YEARS: &[(Conversion, Convert<u16>)] = &[(Conversion::Year, date::year), (Conversion::DateYear, date::date_year)];
const SHARES: &[(Conversion, Convert<BasisPoints>)] =
    &[(Conversion::Percent, scalar::percent), (Conversion::Share, scalar::share)];
const PARTS: &[(Conversion, Convert<BasisPoints>)] =
    &[(Conversion::Share, scalar::share), (Conversion::Percent, scalar::percent)];
const BOOLEANS: &[(Conversion, Convert<bool>)] = &[(Conversion::Boolean, scalar::boolean)];

/// A text.
pub const fn text(word: &'static str) -> Target<String> {
    Target::named(word, TEXTS)
}

/// An amount.
pub const fn amount(word: &'static str) -> Target<Cents> {
    Target::named(word, AMOUNTS).decimal()
}

/// A date.
pub const fn date(word: &'static str) -> Target<Date> {
    Target::named(word, DATES)
}

/// A code of a place or an EPCI's SIREN, once.
pub const fn code<T>(word: &'static str, plain: Convert<T>) -> Target<T> {
    Target::plain(word, plain)
}

/// A part of the key.
pub const KEY: Target<String> = Target::named("key", KEYS).required();
/// The partition.
pub const PARTITION: Target<String> = Target::named("partition", KEYS).required();
/// A shared reference.
pub const REFERENCES: Target<String> = text("references").list(List::Whole);
/// Objectives.
pub const OBJECTIVES: Target<Objective> = Target::word("objectives").list(List::Whole);
/// The action.
pub const ACTION: Target<ActionCode> = Target { mapped_only: true, ..Target::plain("action", place::action) };
/// Quartiers.
pub const QUARTIERS: Target<QuartierCode> = code("quartiers", place::quartier).list(List::Codes);
/// Former quartiers.
pub const PREDECESSORS: Target<QuartierCode> = code("predecessors", place::quartier).list(List::Codes);
/// Communes.
pub const COMMUNES: Target<CommuneCode> = code("communes", place::commune).list(List::Codes);
/// EPCI.
pub const EPCIS: Target<Siren> = code("epcis", place::epci).list(List::Codes);
/// Contrats de ville.
pub const CONTRATS: Target<ContratCode> = code("contrats", place::contrat).list(List::Codes);
/// Départements.
pub const DEPARTEMENTS: Target<DepartementCode> = code("departements", place::departement).list(List::Codes);
/// Whoever signed a contrat de ville.
pub const SIGNATORIES: Target<OrganisationId> = code("signatories", identifier::organisation).list(List::Codes);
/// A quartier's share.
pub const SHARE: Target<BasisPoints> = share("share");

/// The share that a beneficiary has of a sum: lists of grants write it from 0 to 1.
pub const PART: Target<BasisPoints> = Target::named("share", PARTS);

/// A share of a whole.
pub const fn share(word: &'static str) -> Target<BasisPoints> {
    Target::named(word, SHARES)
}

/// A year.
pub const YEAR: Target<u16> = Target::named("year", YEARS);
/// A family.
pub const FAMILY: Target<Family> = Target::word("family");
/// A nature.
pub const NATURE: Target<Nature> = Target::word("nature");
/// Natures.
pub const NATURES: Target<Nature> = Target::word("natures").list(List::Codes);
/// A form: never guessed.
pub const FORM: Target<Form> = Target::word("form").required();
/// A stage.
pub const STAGE: Target<Stage> = Target::word("stage");
/// A tax basis.
pub const TAX_BASIS: Target<TaxBasis> = Target::word("tax-basis");
/// A kind of quartier.
pub const KIND: Target<QuartierKind> = Target::word("kind");
/// A funding scheme.
pub const DISPOSITIF: Target<DispositifCode> = code("dispositif", place::dispositif);

/// The code of an envelope.
pub const fn envelope(word: &'static str) -> Target<EnvelopeCode> {
    code(word, place::envelope)
}

/// Yes or no.
pub const fn boolean(word: &'static str) -> Target<bool> {
    Target::named(word, BOOLEANS)
}

/// A code or name that a reference table cannot do without.
pub const fn needed<T>(target: Target<T>) -> Target<T> {
    target.required()
}

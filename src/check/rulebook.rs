//! The rulebook: dated data in `rules/*.toml`, one sheet for each rule, and the tables of who is expected and answered for.

use super::dated;
use super::mistake::RulebookError;
use super::rule::{DE_MINIMIS, DE_MINIMIS_CEILING, Formula, formula, weighs};
use crate::domain::Date;
use crate::domain::chain::FieldHasher;
use crate::domain::facts::OrganisationFacts;
use crate::domain::governance::RuleCode;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use crate::domain::text::{ActionCode, DispositifCode};
use crate::domain::vocabulary::{Family, Nature, Objective, Severity};
use serde::Deserialize;
use std::sync::LazyLock;

/// The names of the files that make up a rulebook.
pub const RULE_FILES: [&str; 5] =
    ["co-financing.toml", "dividing-lines.toml", "schemes.toml", "expected.toml", "proxies.toml"];

/// So many hexadecimal digits of the digest of all files stand in the edition of a rulebook.
const DIGEST_DIGITS: usize = 32;

/// The files, as they stand in the product.
const FILES: [(&str, &str); RULE_FILES.len()] = [
    ("rules/co-financing.toml", include_str!("../../rules/co-financing.toml")),
    ("rules/dividing-lines.toml", include_str!("../../rules/dividing-lines.toml")),
    ("rules/schemes.toml", include_str!("../../rules/schemes.toml")),
    ("rules/expected.toml", include_str!("../../rules/expected.toml")),
    ("rules/proxies.toml", include_str!("../../rules/proxies.toml")),
];

static PRODUCT: LazyLock<Rulebook> = LazyLock::new(|| {
    Rulebook::read(&FILES).expect("the rules of the product are read by a test before they are built in")
});

/// All rules, in the order of the files.
#[derive(Debug)]
pub struct Rulebook {
    /// What names this state of the rules: the editions of all files and the digest of what they say, so that an
    /// attestation names the very rules that it rests on, whoever forgot to write a new edition.
    pub edition: Box<str>,
    sheets: Vec<Sheet>,
    pub(super) expected: Vec<Expectation>,
    pub(super) proxies: Vec<Proxy>,
    organisations: Vec<OrganisationFacts>,
}

/// One rule: what it asks, from when, how grave, and what is said when it is not met. A rule of which any of this changes has a sheet
/// for each time, under the same code: the past is read by the sheet of then.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sheet {
    /// Its code.
    pub code: RuleCode,
    /// The name of its formula.
    pub formula: Box<str>,
    /// How grave it is when broken. When unknown it is a warning.
    pub severity: Severity,
    /// What it asks, in a few words.
    pub title: Message,
    /// The text that it comes from.
    pub legal: Option<Box<str>>,
    /// What a lawyer must confirm before money is decided on it.
    pub confirm: Option<Box<str>>,
    /// First day on which it holds.
    pub from: Option<Date>,
    /// First day on which it no longer holds.
    pub to: Option<Date>,
    /// What lifts it.
    #[serde(default)]
    pub lifted_by: Vec<Lift>,
    /// What is said when it is broken; `{names}` stand for facts.
    pub broken: Message,
    /// What is said when a fact is missing.
    pub unknown: Option<Message>,
    /// What is said in the place of both where it is others who do not say the same: what `another` says stands in it.
    pub between: Option<Message>,
    /// For a dividing line: the action.
    pub action: Option<ActionCode>,
    /// For a dividing line: the schemes of droit commun that it names, to be asked first; empty: it names none.
    #[serde(default)]
    pub first: Vec<DispositifCode>,
    /// For a dividing line: other families of credits that it names beside droit commun.
    #[serde(default)]
    pub first_families: Vec<Family>,
    /// For a rule of a funding scheme: the scheme.
    pub dispositif: Option<DispositifCode>,
    /// For a scheme that funds one nature only: the nature.
    pub nature: Option<Nature>,
    /// For a rule about one funder: who.
    pub funder: Option<OrganisationId>,
    /// Dated values.
    #[serde(default, rename = "value")]
    values: Vec<Value>,
    #[serde(skip)]
    pub(super) run: Option<Formula>,
}

/// What lifts a rule that is broken or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lift {
    /// A derogation by the prefect, recorded.
    Derogation,
    /// A favourable opinion of a direction of the Region.
    DirectionOpinion,
    /// A favourable opinion of the body that pilots the contract.
    PilotOpinion,
    /// A favourable opinion of the Region's service that instructs.
    ServiceOpinion,
}

/// A value of a rule, from a day on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    name: Box<str>,
    value: i64,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    to: Option<Date>,
    /// Where the figure was read.
    #[expect(dead_code, reason = "for those who read the file")]
    source: Option<Box<str>>,
}

/// Who is expected on what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectation {
    /// An organisation, or `role:pilot`, `role:holder`, `role:etat` (the State in the project's département).
    pub(super) funder: Who,
    pub(super) nature: Nature,
    #[serde(default)]
    pub(super) contrat: Option<ContratCode>,
    #[serde(default)]
    pub(super) dispositif: Option<DispositifCode>,
    #[serde(default)]
    pub(super) objective: Option<Objective>,
    #[serde(default)]
    pub(super) from: Option<Date>,
    #[serde(default)]
    pub(super) to: Option<Date>,
    /// Why: the text that makes it expected.
    #[expect(dead_code, reason = "for those who read the file")]
    because: Box<str>,
    /// What a lawyer must confirm before money is decided on it.
    #[serde(default)]
    #[expect(dead_code, reason = "for those who read the file, and for the page of the rules")]
    confirm: Option<Box<str>>,
}

/// An organisation by its identity, or by its part in the project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Who {
    Body(OrganisationId),
    Pilot,
    Holder,
    Etat,
}

impl TryFrom<String> for Who {
    type Error = crate::domain::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(match text.as_str() {
            "role:pilot" => Who::Pilot,
            "role:holder" => Who::Holder,
            "role:etat" => Who::Etat,
            id => Who::Body(OrganisationId::parse(id)?),
        })
    }
}

/// Who is answered for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proxy {
    pub(super) funder: OrganisationId,
    /// Who answers; without, what the funder gives is published by law.
    #[serde(default)]
    pub(super) by: Option<OrganisationId>,
    #[serde(default)]
    pub(super) from: Option<Date>,
    #[serde(default)]
    pub(super) to: Option<Date>,
    /// Why: the text that makes it so.
    #[expect(dead_code, reason = "for those who read the file")]
    because: Box<str>,
    /// What a lawyer must confirm before money is decided on it.
    #[serde(default)]
    #[expect(dead_code, reason = "for those who read the file, and for the page of the rules")]
    confirm: Option<Box<str>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Box<str>,
    #[serde(default)]
    rule: Vec<Sheet>,
    #[serde(default)]
    expected: Vec<Expectation>,
    #[serde(default)]
    proxy: Vec<Proxy>,
    #[serde(default)]
    organisation: Vec<OrganisationFacts>,
}

impl Rulebook {
    /// The rules of the product.
    pub fn of_the_product() -> &'static Rulebook {
        &PRODUCT
    }

    /// Reads rules from files: names and texts.
    ///
    /// # Errors
    /// A text of another form, a formula that there is not, a code or a value that stands twice on one day, what holds on no day.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, RulebookError> {
        let mut book = Rulebook {
            edition: Box::default(),
            sheets: Vec::new(),
            expected: Vec::new(),
            proxies: Vec::new(),
            organisations: Vec::new(),
        };
        let (mut editions, mut digest) = (Vec::new(), FieldHasher::new());
        for (name, text) in files {
            digest.field(text.as_bytes());
            let wrong = |error| RulebookError::Toml { file: (*name).to_owned(), error: Box::new(error) };
            let file: File = toml::from_str(text).map_err(wrong)?;
            editions.push(file.edition);
            for sheet in file.rule {
                book.enter(name, sheet)?;
            }
            dated::of_expected(name, &file.expected)?;
            dated::of_proxies(name, &file.proxy)?;
            book.expected.extend(file.expected);
            book.proxies.extend(file.proxy);
            book.organisations.extend(file.organisation);
        }
        let named = std::mem::take(&mut book.organisations);
        book.organisations = super::naming::organisations(&book, named);
        let digest = digest.finish().to_string();
        book.edition = format!("{}#{}", editions.join("+"), &digest[..DIGEST_DIGITS]).into();
        Ok(book)
    }

    fn enter(&mut self, file: &str, mut sheet: Sheet) -> Result<(), RulebookError> {
        dated::of_sheet(file, &sheet)?;
        let (file, code) = (file.to_owned(), sheet.code.clone());
        if self.sheets.iter().any(|one| one.code == code && one.holds_with(&sheet)) {
            return Err(RulebookError::Twice { file, code });
        }
        let found = formula(&sheet.formula);
        let (known, formula) = (super::rule::names().join(", "), sheet.formula.clone());
        sheet.run = Some(found.ok_or(RulebookError::Formula { file, code, formula, known })?);
        self.sheets.push(sheet);
        Ok(())
    }

    /// All rules.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The rule of a code, as it stands on a day.
    pub fn sheet(&self, code: &RuleCode, day: Date) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.code == *code && sheet.holds_on(day))
    }

    /// Is it the code of a rule, on whatever day?
    pub fn knows(&self, code: &RuleCode) -> bool {
        self.sheets.iter().any(|sheet| sheet.code == *code)
    }

    /// The codes of the rules that a derogation lifts on a day.
    pub fn lifted_by_derogation(&self, day: Date) -> impl Iterator<Item = &RuleCode> {
        let sheets = self.sheets.iter().filter(move |sheet| sheet.holds_on(day));
        sheets.filter(|sheet| sheet.lifted_by.contains(&Lift::Derogation)).map(|sheet| &sheet.code)
    }

    /// The ceiling of de minimis aid to one body on a day.
    pub fn de_minimis_ceiling(&self, day: Date) -> Option<Cents> {
        let sheet = self.sheets.iter().find(|sheet| &*sheet.formula == DE_MINIMIS && sheet.holds_on(day))?;
        sheet.value(DE_MINIMIS_CEILING, day).map(Cents::new)
    }

    /// Does the first body answer for the second, a funder, on this day?
    pub fn answers_for(&self, body: &OrganisationId, funder: &OrganisationId, day: Date) -> bool {
        let rows = self.proxies.iter().filter(|row| in_force((row.from, row.to), day));
        rows.filter(|row| row.funder == *funder).any(|row| row.by.as_ref() == Some(body))
    }

    /// The funders for which a body answers on a day.
    pub fn answered_by<'a>(&'a self, body: &'a OrganisationId, day: Date) -> impl Iterator<Item = &'a OrganisationId> {
        let rows = self.proxies.iter().filter(move |row| in_force((row.from, row.to), day));
        rows.filter(move |row| row.by.as_ref() == Some(body)).map(|row| &row.funder)
    }

    /// Organisations that the rules name, known though no record may speak of them; what stands for those whom a row means and nothing
    /// names, too.
    pub fn organisations(&self) -> &[OrganisationFacts] {
        &self.organisations
    }
}

impl Sheet {
    /// Does it hold on this day?
    pub fn holds_on(&self, day: Date) -> bool {
        in_force((self.from, self.to), day)
    }

    /// Is there a day on which both hold?
    fn holds_with(&self, other: &Sheet) -> bool {
        dated::meet((self.from, self.to), (other.from, other.to))
    }

    /// Its values: the name of each, and when it holds.
    pub(super) fn dated_values(&self) -> Vec<(&str, dated::Days)> {
        self.values.iter().map(|one| (&*one.name, (one.from, one.to))).collect()
    }

    /// Does it weigh sums against each other?
    pub(super) fn weighs_sums(&self) -> bool {
        weighs(&self.formula)
    }

    /// A value on a day.
    pub(super) fn value(&self, name: &str, day: Date) -> Option<i64> {
        let mut values = self.values.iter().rev();
        values.find(|one| &*one.name == name && in_force((one.from, one.to), day)).map(|one| one.value)
    }
}

/// From the first day on, up to the day before the last.
pub(super) fn in_force((from, to): (Option<Date>, Option<Date>), day: Date) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to)
}

//! What a body declares through the gateway itself: the raw form of a record of the source `declarations`.

use super::Date;
use super::chain::Digest;
use super::facts::StatementFacts;
use super::message::{Message, french_day};
use super::money::Cents;
use super::organisation::OrganisationId;
use super::project::ProjectId;
use super::siren::Siren;
use super::source::{SourceProfile, Standing};
use super::text::{DispositifCode, SourceId};
use super::vocabulary::{Family, Form, Nature, Stage, TaxBasis};
use chrono::Datelike as _;
use serde::{Deserialize, Serialize};

/// The identifier of the source that declarations are records of.
pub const DECLARATIONS: &str = "declarations";
/// A hundred years: what the ledger itself holds does not grow old.
const MAX_AGE_S: u64 = 3_155_760_000;
/// Budget years that make sense.
const YEARS: std::ops::RangeInclusive<u16> = 1990..=2100;

/// One declaration, about one project. Names no natural person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The project that it was made about.
    pub project: ProjectId,
    /// The organisation that spoke.
    pub by: Siren,
    /// The funder whose word it is: that organisation, or a group of legal persons that it is a member of.
    pub funder: OrganisationId,
    /// What is declared.
    pub declared: Declared,
    /// In the funder's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Box<str>>,
    /// Was the funder expected on the project when it declared?
    pub expected: bool,
    /// The request that it came with, where the caller named one: asked again, it is answered again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// What is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Declared {
    /// A sum.
    Commitment(DeclaredSum),
    /// Nothing of this nature.
    Nothing {
        /// Nature.
        nature: Nature,
        /// Budget year, which is then the project's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<u16>,
    },
}

/// A declared sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredSum {
    /// Nature.
    pub nature: Nature,
    /// Form of the means.
    pub form: Form,
    /// Stage.
    pub stage: Stage,
    /// Amount.
    pub amount: Cents,
    /// Tax basis of the amount.
    pub tax_basis: TaxBasis,
    /// Budget year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Funding scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispositif: Option<DispositifCode>,
    /// Reference of the grant: tells apart several grants of one funder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Box<str>>,
    /// The amount is kept from others before this day (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_public_until: Option<Date>,
}

/// A request that its caller may repeat without declaring twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The caller's own name for it.
    pub key: Box<str>,
    /// The digest of what was asked.
    pub digest: Digest,
}

impl Declared {
    /// The nature.
    pub fn nature(&self) -> Nature {
        match self {
            Declared::Commitment(sum) => sum.nature,
            Declared::Nothing { nature, .. } => *nature,
        }
    }

    /// Why it makes no sense by itself; `None` where it does.
    pub fn fault(&self) -> Option<Message> {
        let year = match self {
            Declared::Nothing { year, .. } => *year,
            Declared::Commitment(sum) => match sum.fault() {
                Some(fault) => return Some(fault),
                None => sum.year,
            },
        };
        let year = year.filter(|year| !YEARS.contains(year))?;
        Some(Message::new(
            format!("{year} n'est pas un exercice : de 1990 à 2100"),
            format!("{year} is no budget year: from 1990 to 2100"),
        ))
    }
}

impl DeclaredSum {
    fn fault(&self) -> Option<Message> {
        if self.amount == Cents::ZERO {
            return Some(Message::new(
                "un montant nul ne se déclare pas : dites declareNothing, qui veut dire que vous n'engagez rien",
                "an amount of zero is not declared: say declareNothing, which means that you commit nothing",
            ));
        }
        if self.amount < Cents::ZERO {
            return Some(Message::new(
                "un montant négatif ne se déclare pas : modifiez (amendDeclaration) ou retirez (withdrawDeclaration) la \
                 déclaration qu'il corrige",
                "a negative amount is not declared: amend (amendDeclaration) or withdraw (withdrawDeclaration) the \
                 declaration that it corrects",
            ));
        }
        if let Some(until) =
            self.not_public_until.filter(|until| !YEARS.contains(&u16::try_from(until.year()).unwrap_or(0)))
        {
            return Some(Message::new(
                format!("un embargo jusqu'au {} n'en est pas un : donnez un jour d'ici 2100", french_day(until)),
                format!("an embargo until {until} is none: give a day before 2100"),
            ));
        }
        (self.stage == Stage::Sollicite).then(|| {
            Message::new(
                "SOLLICITE est la parole du demandeur : un financeur déclare ce qu'il envisage, propose, attribue ou refuse",
                "SOLLICITE is the applicant's word: a funder declares what it considers, proposes, grants or refuses",
            )
        })
    }
}

impl Declaration {
    /// What it states.
    pub fn statement(&self) -> StatementFacts {
        Declaration::states(&self.funder, &self.declared)
    }

    /// What a funder states by declaring that.
    pub fn states(funder: &OrganisationId, declared: &Declared) -> StatementFacts {
        let bare = StatementFacts::bare(funder.clone(), declared.nature());
        match declared {
            Declared::Nothing { year, .. } => StatementFacts { nothing: true, year: *year, ..bare },
            Declared::Commitment(sum) => StatementFacts {
                form: sum.form,
                stage: Some(sum.stage),
                amount: Some(sum.amount),
                tax_basis: sum.tax_basis,
                dispositif: sum.dispositif.clone(),
                year: sum.year,
                reference: sum.reference.clone(),
                not_public_until: sum.not_public_until,
                ..bare
            },
        }
    }
}

/// The source that declarations are records of: every one its funder's own word, never read late.
pub fn source() -> SourceProfile {
    SourceProfile {
        id: SourceId::parse(DECLARATIONS).expect("a sound identifier"),
        family: Some(Family::Partenaires),
        title: "Déclarations des partenaires".to_owned(),
        standing: Standing::Declarations,
        speaks_for: Vec::new(),
        max_age_s: MAX_AGE_S,
        vanish_limit_bp: 0,
        tells_embargoes: false,
        holds_signed_plans: false,
    }
}

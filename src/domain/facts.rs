//! What one record says, in our words: the result of a mapping, kept in the ledger beside the raw record.

use super::Date;
use super::envelope::{EnvelopeFacts, EnvelopeTransferFacts};
use super::message::Message;
use super::money::{BasisPoints, Cents};
use super::organisation::OrganisationId;
use super::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use super::project::Reference;
use super::rejection::Location;
use super::siren::{Siren, Siret};
use super::text::{ActionCode, DispositifCode};
use super::validity::Validity;
use super::vocabulary::{Family, Form, Nature, Objective, QuartierKind, Stage, TaxBasis};
use serde::{Deserialize, Serialize};

/// Everything that one record says. Empty parts are left out of the written form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The project that the record is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectFacts>,
    /// The sums that the record states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementFacts>,
    /// Names of the organisations that the record mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organisations: Vec<OrganisationFacts>,
    /// The entry of a reference table, for a source of reference data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferenceFacts>,
    /// When that entry holds.
    #[serde(default, skip_serializing_if = "Validity::is_unstated")]
    pub validity: Validity,
    /// What was normalised, doubted or left out while mapping.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Where the record stood in its source when it was first read with this content; a record that somebody declared stands nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Box<Location>>,
}

/// What a record says of its project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectFacts {
    /// Title as the source writes it, trimmed. Empty when the source gives none.
    pub title: String,
    /// Who carries the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<OrganisationId>,
    /// Objectives under which it is filed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<Objective>,
    /// Action of the dividing lines, from a manifest's value map; never from words in a title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionCode>,
    /// References shared with other systems: certain links.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Where it takes place.
    pub places: Places,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Date>,
    /// Budget year (exercice), for an edition in operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Reference of the edition that this one renews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renews: Option<Reference>,
    /// Reference of the fund that gives on to it (PIC, FTU): what the fund puts here was put into the fund before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fund: Option<Reference>,
    /// Total cost, by nature where the source tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// Places of a project, as stated. Nothing is deduced here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Places {
    /// Quartiers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quartiers: Vec<QuartierCode>,
    /// Communes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub communes: Vec<CommuneCode>,
    /// EPCI, by SIREN.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub epcis: Vec<Siren>,
    /// Contrats de ville.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contrats: Vec<ContratCode>,
    /// Départements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub departements: Vec<DepartementCode>,
    /// Stated shares by quartier: the only ones that split a sum.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<QuartierShare>,
}

/// A stated share of a project's sums that goes to one quartier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuartierShare {
    /// The quartier.
    pub quartier: QuartierCode,
    /// Its share, in basis points.
    pub share: BasisPoints,
}

/// Total cost of a project in cents. `None`: not stated, which is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// In investment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investissement: Option<Cents>,
    /// In operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fonctionnement: Option<Cents>,
    /// Stated without its nature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_precise: Option<Cents>,
    /// Tax basis of the figures above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<TaxBasis>,
}

impl Budget {
    /// The tax basis of its figures, not stated where it says none.
    pub fn basis(self) -> TaxBasis {
        self.tax_basis.unwrap_or(TaxBasis::NonPrecise)
    }
}

/// "Funder F puts amount A (maybe unknown), of nature N (maybe unstated), at stage G, in form M,
/// under dispositif D, for year Y, into the record's project."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementFacts {
    /// The funder.
    pub funder: OrganisationId,
    /// Nature; `None` when no source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
    /// Form of the means.
    pub form: Form,
    /// Stage; `None` when the source does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Amount in cents; `None` when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// Tax basis of the amount.
    pub tax_basis: TaxBasis,
    /// Funding scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispositif: Option<DispositifCode>,
    /// The scheme as its source writes it, where it states one of which no code is known: another one than any that is known, or
    /// one of them under another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Box<str>>,
    /// Family, where the data tells it; else that of the dispositif, else that of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// Budget year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Day of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Date>,
    /// Reference of the grant itself (decision, convention): tells apart several grants of one funder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Box<str>>,
    /// The funder itself says that it puts nothing (of this nature, into this project). Never deduced from
    /// an absent row or a zero.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nothing: bool,
    /// Was it granted as de minimis aid (règlement (UE) 2023/2831)? `None`: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub de_minimis: Option<bool>,
    /// The sum was granted to several beneficiaries, of whom the record's is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<PartFacts>,
    /// The decision of a row on which no share is written, where its source has shares: other rows of the decision may have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<str>>,
    /// The funder keeps its figure from others before this day (UTC). Only its own word can be kept so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_public_until: Option<Date>,
    /// Of a request: the row that states it states a grant that is higher, and kept from nobody. That grant is the answer to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted_more: bool,
    /// Of a request: its list states, in another element and kept from nobody, a grant of its funder and form that is lower; of one whose
    /// amount is not told, any grant of these. Where each element is one sum at one stage, that grant is another sum.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked_apart: bool,
}

impl StatementFacts {
    /// A statement that tells nothing but the funder and the nature: a grant, neither its stage nor its sum.
    pub fn bare(funder: OrganisationId, nature: Nature) -> Self {
        StatementFacts {
            funder,
            nature: Some(nature),
            form: Form::Subvention,
            stage: None,
            amount: None,
            tax_basis: TaxBasis::NonPrecise,
            dispositif: None,
            scheme: None,
            family: None,
            year: None,
            decided_on: None,
            reference: None,
            nothing: false,
            de_minimis: None,
            part: None,
            decision: None,
            not_public_until: None,
            granted_more: false,
            asked_apart: false,
        }
    }
}

/// The share of a sum granted to several that goes to the record's beneficiary (SCDL `pourcentageSubvention`). Whether the
/// amount beside it is the whole, repeated on the row of each beneficiary, or the part already, only the other rows of the
/// same decision can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFacts {
    /// The decision that the rows have in common; `None` when not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Box<str>>,
    /// The share, less than the whole; `None` when it is written and cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<BasisPoints>,
}

/// An organisation as a record names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationFacts {
    /// Its identity.
    pub id: OrganisationId,
    /// Its name as written; for a natural person a mask, never the name.
    pub name: String,
    /// The establishment, where the source gives a sound SIRET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siret: Option<Siret>,
}

/// One entry of a reference table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "table", rename_all = "kebab-case")]
pub enum ReferenceFacts {
    /// A département.
    Departement {
        /// INSEE code.
        code: DepartementCode,
        /// Name.
        name: String,
    },
    /// A commune and the EPCI that it belongs to.
    Commune {
        /// INSEE code.
        code: CommuneCode,
        /// Name.
        name: String,
        /// SIREN of its EPCI.
        epci: Option<Siren>,
    },
    /// An EPCI.
    Epci {
        /// SIREN.
        siren: Siren,
        /// Name.
        name: String,
    },
    /// A contrat de ville: its pilot is an EPCI or a commune; the perimeter is the EPCIs and communes named.
    Contrat {
        /// Code.
        code: ContratCode,
        /// Name.
        name: String,
        /// The pilot: an EPCI, sometimes a commune.
        pilot: Option<OrganisationId>,
        /// EPCI whose whole territory the contract covers.
        epcis: Vec<Siren>,
        /// Communes that the contract covers, where it is not a whole EPCI.
        communes: Vec<CommuneCode>,
        /// Whoever signed it, as far as a table says. To have signed makes nobody expected on a project.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        signatories: Vec<OrganisationId>,
    },
    /// A quartier.
    Quartier {
        /// Code.
        code: QuartierCode,
        /// Name.
        name: String,
        /// Kind of perimeter.
        kind: QuartierKind,
        /// Is it a quartier of the NPNRU? `None`: not verified.
        npnru: Option<bool>,
        /// Communes that it lies on.
        communes: Vec<CommuneCode>,
        /// EPCI that it lies in, where stated.
        epcis: Vec<Siren>,
        /// Contracts that it belongs to, where stated; else those of its communes and EPCI.
        contrats: Vec<ContratCode>,
        /// Codes of the former geography that it comes from.
        predecessors: Vec<QuartierCode>,
    },
    /// What became of a quartier of a former geography: many to many.
    QuartierCrosswalk {
        /// The quartier of the former geography.
        from: QuartierCode,
        /// The quartier of the later one that holds it or a part of it.
        to: QuartierCode,
        /// The part of the former that lies in the later, where it is stated.
        share: Option<BasisPoints>,
        /// How sure that is, where it is stated.
        confidence: Option<BasisPoints>,
    },
    /// A funding scheme.
    Dispositif {
        /// Code.
        code: DispositifCode,
        /// Name.
        name: String,
        /// Family of credits.
        family: Family,
        /// Natures that it may fund.
        natures: Vec<Nature>,
    },
    /// A link between a quartier of the NPNRU and a quartier of the politique de la ville.
    NpnruLink {
        /// Name in the NPNRU.
        name: String,
        /// The quartier, where one is proposed.
        quartier: Option<QuartierCode>,
        /// Was the link verified by somebody entitled to?
        verified: bool,
    },
    /// A target envelope.
    Envelope(Box<EnvelopeFacts>),
    /// A transfer between two envelopes.
    EnvelopeTransfer(Box<EnvelopeTransferFacts>),
}

/// Something that the mapping had to say about a record that it nevertheless accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Stable code, kebab-case (`siret-unverified`, `duplicate-key`, `amount-unreadable`).
    pub code: Box<str>,
    /// The field of the source, as the source calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Box<str>>,
    /// The sentence, in both languages.
    pub message: Message,
}

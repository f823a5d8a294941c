//! The entries of reference tables.

use super::envelope::{EnvelopeRules, TransferRules};
use super::field::Scope;
use super::notes::Refusal;
use super::organisation::OrganisationRule;
use super::project::{many, one};
use super::reader::Reader;
use super::rule::Rule;
use crate::connector::convert::Doubt;
use crate::domain::Date;
use crate::domain::facts::ReferenceFacts;
use crate::domain::money::BasisPoints;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::siren::Siren;
use crate::domain::text::DispositifCode;
use crate::domain::validity::Validity;
use crate::domain::vocabulary::{Family, Nature, QuartierKind};

/// An entry that would end before it begins.
const ENDS_FIRST: Doubt = Doubt {
    code: "validity-inverted",
    fr: "l'entrée cesserait de valoir avant de valoir",
    en: "the entry would hold no more before it begins to hold",
};

/// The compiled `[map.reference]`, one variant for each table.
#[derive(Debug)]
pub enum ReferenceRules {
    /// A département.
    Departement {
        /// Code.
        code: Rule<DepartementCode>,
        /// Name.
        name: Rule<String>,
    },
    /// A commune.
    Commune {
        /// Code.
        code: Rule<CommuneCode>,
        /// Name.
        name: Rule<String>,
        /// Its EPCI.
        epci: Option<Rule<Siren>>,
    },
    /// An EPCI.
    Epci {
        /// SIREN.
        siren: Rule<Siren>,
        /// Name.
        name: Rule<String>,
    },
    /// A contrat de ville.
    Contrat(Box<ContratRules>),
    /// A quartier.
    Quartier(Box<QuartierRules>),
    /// What became of a former quartier.
    QuartierCrosswalk(Box<CrosswalkRules>),
    /// A funding scheme.
    Dispositif {
        /// Code.
        code: Rule<DispositifCode>,
        /// Name.
        name: Rule<String>,
        /// Family.
        family: Rule<Family>,
        /// Natures.
        natures: Option<Rule<Nature>>,
    },
    /// A link of the NPNRU.
    NpnruLink {
        /// Name.
        name: Rule<String>,
        /// Quartier.
        quartier: Option<Rule<QuartierCode>>,
        /// Verified?
        verified: Option<Rule<bool>>,
    },
    /// A target envelope.
    Envelope(Box<EnvelopeRules>),
    /// A transfer between envelopes.
    EnvelopeTransfer(Box<TransferRules>),
}

/// Rules of a contrat de ville.
#[derive(Debug)]
pub struct ContratRules {
    /// Code.
    pub code: Rule<ContratCode>,
    /// Name.
    pub name: Rule<String>,
    /// Pilot.
    pub pilot: Option<OrganisationRule>,
    /// EPCI of its perimeter.
    pub epcis: Option<Rule<Siren>>,
    /// Communes of its perimeter.
    pub communes: Option<Rule<CommuneCode>>,
    /// Whoever signed it.
    pub signatories: Option<Rule<OrganisationId>>,
}

/// Rules of a quartier.
#[derive(Debug)]
pub struct QuartierRules {
    /// Code.
    pub code: Rule<QuartierCode>,
    /// Name.
    pub name: Rule<String>,
    /// Kind.
    pub kind: Option<Rule<QuartierKind>>,
    /// NPNRU?
    pub npnru: Option<Rule<bool>>,
    /// Communes.
    pub communes: Option<Rule<CommuneCode>>,
    /// EPCI.
    pub epcis: Option<Rule<Siren>>,
    /// Contrats.
    pub contrats: Option<Rule<ContratCode>>,
    /// Former quartiers.
    pub predecessors: Option<Rule<QuartierCode>>,
}

/// Rules of what became of a former quartier.
#[derive(Debug)]
pub struct CrosswalkRules {
    /// The former quartier.
    pub from: Rule<QuartierCode>,
    /// The later one.
    pub to: Rule<QuartierCode>,
    /// The part of the former.
    pub share: Option<Rule<BasisPoints>>,
    /// How sure that is.
    pub confidence: Option<Rule<BasisPoints>>,
}

/// Rules of when an entry holds.
#[derive(Debug, Default)]
pub struct ValidityRules {
    /// First day.
    pub from: Option<Rule<Date>>,
    /// The day after the last.
    pub to: Option<Rule<Date>>,
}

impl ValidityRules {
    /// When the entry holds, as far as the record says.
    ///
    /// # Errors
    /// A day that is unreadable, or that is required and absent; a last day that is not after the first. Without them the entry would
    /// hold for ever.
    pub fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Validity, Refusal> {
        let mut day = |rule: &Option<Rule<Date>>| match rule {
            Some(rule) => rule.try_one(scope, reader)?,
            None => Ok(None),
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        match (from, to, self.to.as_ref().and_then(|rule| rule.fields.first())) {
            (Some(from), Some(to), Some(field)) if to <= from => {
                Err(Refusal::of_value(&ENDS_FIRST, field, &to.to_string()))
            }
            _ => Ok(Validity { from, to }),
        }
    }
}

impl ReferenceRules {
    /// The entry.
    ///
    /// # Errors
    /// A code or a name that is absent or unreadable.
    pub fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<ReferenceFacts, Refusal> {
        Ok(match self {
            ReferenceRules::Departement { code, name } => {
                ReferenceFacts::Departement { code: there(code, scope, reader)?, name: there(name, scope, reader)? }
            }
            ReferenceRules::Commune { code, name, epci } => ReferenceFacts::Commune {
                code: there(code, scope, reader)?,
                name: there(name, scope, reader)?,
                epci: one(epci, scope, reader)?,
            },
            ReferenceRules::Epci { siren, name } => {
                ReferenceFacts::Epci { siren: there(siren, scope, reader)?, name: there(name, scope, reader)? }
            }
            ReferenceRules::Contrat(rules) => ReferenceFacts::Contrat {
                code: there(&rules.code, scope, reader)?,
                name: there(&rules.name, scope, reader)?,
                pilot: rules.pilot.as_ref().map_or(Ok(None), |rule| rule.read(scope, reader))?,
                epcis: many(&rules.epcis, scope, reader)?,
                communes: many(&rules.communes, scope, reader)?,
                signatories: many(&rules.signatories, scope, reader)?,
            },
            ReferenceRules::Quartier(rules) => rules.read(scope, reader)?,
            ReferenceRules::QuartierCrosswalk(rules) => ReferenceFacts::QuartierCrosswalk {
                from: there(&rules.from, scope, reader)?,
                to: there(&rules.to, scope, reader)?,
                share: one(&rules.share, scope, reader)?,
                confidence: one(&rules.confidence, scope, reader)?,
            },
            ReferenceRules::Dispositif { code, name, family, natures } => ReferenceFacts::Dispositif {
                code: there(code, scope, reader)?,
                name: there(name, scope, reader)?,
                family: there(family, scope, reader)?,
                natures: many(natures, scope, reader)?,
            },
            ReferenceRules::NpnruLink { name, quartier, verified } => ReferenceFacts::NpnruLink {
                name: there(name, scope, reader)?,
                quartier: one(quartier, scope, reader)?,
                verified: one(verified, scope, reader)?.unwrap_or(false),
            },
            ReferenceRules::Envelope(rules) => ReferenceFacts::Envelope(Box::new(rules.read(scope, reader)?)),
            ReferenceRules::EnvelopeTransfer(rules) => {
                ReferenceFacts::EnvelopeTransfer(Box::new(rules.read(scope, reader)?))
            }
        })
    }
}

impl QuartierRules {
    fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<ReferenceFacts, Refusal> {
        let code = there(&self.code, scope, reader)?;
        Ok(ReferenceFacts::Quartier {
            name: there(&self.name, scope, reader)?,
            kind: one(&self.kind, scope, reader)?.unwrap_or_else(|| code.kind()),
            npnru: one(&self.npnru, scope, reader)?,
            communes: many(&self.communes, scope, reader)?,
            epcis: many(&self.epcis, scope, reader)?,
            contrats: many(&self.contrats, scope, reader)?,
            predecessors: many(&self.predecessors, scope, reader)?,
            code,
        })
    }
}

/// A value that the table cannot do without; the compiled rule is `required`.
fn there<T: Clone>(rule: &Rule<T>, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<T, Refusal> {
    rule.one(scope, reader)?.ok_or_else(|| Refusal::missing(rule.target, &rule.fields))
}

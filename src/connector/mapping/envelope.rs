//! Target envelopes and transfers between them. What narrows an envelope is never dropped: an EPCI that cannot be read would
//! make it one of all EPCI.

use super::field::Scope;
use super::notes::Refusal;
use super::organisation::OrganisationRule;
use super::reader::Reader;
use super::rule::Rule;
use crate::connector::convert::Doubt;
use crate::domain::Date;
use crate::domain::envelope::{EnvelopeFacts, EnvelopeTransferFacts};
use crate::domain::money::Cents;
use crate::domain::siren::Siren;
use crate::domain::text::{DispositifCode, EnvelopeCode};
use crate::domain::vocabulary::Nature;

const YEARS: Doubt = Doubt {
    code: "years-reversed",
    fr: "la dernière année d'une enveloppe précède la première",
    en: "the last year of an envelope comes before the first",
};
const NEGATIVE: Doubt = Doubt {
    code: "amount-negative",
    fr: "une enveloppe ou un transfert n'a pas de montant négatif",
    en: "an envelope or a transfer has no negative amount",
};

/// Rules of an envelope.
#[derive(Debug)]
pub struct EnvelopeRules {
    /// Code.
    pub code: Rule<EnvelopeCode>,
    /// Funder.
    pub funder: OrganisationRule,
    /// First year.
    pub year: Rule<u16>,
    /// Last year.
    pub until_year: Option<Rule<u16>>,
    /// EPCI.
    pub epci: Option<Rule<Siren>>,
    /// Dispositif.
    pub dispositif: Option<Rule<DispositifCode>>,
    /// Nature.
    pub nature: Option<Rule<Nature>>,
    /// Target.
    pub amount: Option<Rule<Cents>>,
    /// Group of envelopes that may give to each other.
    pub fungible: Option<Rule<String>>,
}

/// Rules of a transfer.
#[derive(Debug)]
pub struct TransferRules {
    /// Who gives.
    pub from: Rule<EnvelopeCode>,
    /// Who receives.
    pub to: Rule<EnvelopeCode>,
    /// How much.
    pub amount: Option<Rule<Cents>>,
    /// When it was decided.
    pub decided_on: Option<Rule<Date>>,
    /// Reference of the decision.
    pub reference: Option<Rule<String>>,
}

impl EnvelopeRules {
    /// The envelope.
    ///
    /// # Errors
    /// Something is absent that it cannot do without, or there and unreadable; years that are reversed; a negative amount.
    pub fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<EnvelopeFacts, Refusal> {
        let envelope = EnvelopeFacts {
            code: there(&self.code, scope, reader)?,
            funder: self.funder.read(scope, reader)?.ok_or_else(|| self.funder.missing())?,
            epci: sound(self.epci.as_ref(), scope, reader)?,
            dispositif: sound(self.dispositif.as_ref(), scope, reader)?,
            year: there(&self.year, scope, reader)?,
            until_year: sound(self.until_year.as_ref(), scope, reader)?,
            nature: sound(self.nature.as_ref(), scope, reader)?,
            amount: positive(self.amount.as_ref(), scope, reader)?,
            fungible: sound(self.fungible.as_ref(), scope, reader)?.map(String::into_boxed_str),
        };
        match envelope.until_year {
            Some(until) if until < envelope.year => Err(refusal(&YEARS, self.until_year.as_ref())),
            Some(until) if until == envelope.year => Ok(EnvelopeFacts { until_year: None, ..envelope }),
            _ => Ok(envelope),
        }
    }
}

impl TransferRules {
    /// The transfer.
    ///
    /// # Errors
    /// Something is absent that it cannot do without, or there and unreadable; a negative amount.
    pub fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<EnvelopeTransferFacts, Refusal> {
        Ok(EnvelopeTransferFacts {
            from: there(&self.from, scope, reader)?,
            to: there(&self.to, scope, reader)?,
            amount: positive(self.amount.as_ref(), scope, reader)?,
            decided_on: sound(self.decided_on.as_ref(), scope, reader)?,
            reference: sound(self.reference.as_ref(), scope, reader)?.map(String::into_boxed_str),
        })
    }
}

fn refusal<T: Clone>(doubt: &Doubt, rule: Option<&Rule<T>>) -> Refusal {
    let field = rule.and_then(|rule| rule.fields.first());
    let warning = super::notes::plain_warning(doubt, field);
    Refusal { field: warning.field, code: warning.code, reason: warning.message }
}

/// A value that may be absent, but not unreadable.
fn sound<T: Clone>(rule: Option<&Rule<T>>, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<T>, Refusal> {
    rule.map_or(Ok(None), |rule| rule.try_one(scope, reader)?)
}

fn there<T: Clone>(rule: &Rule<T>, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<T, Refusal> {
    sound(Some(rule), scope, reader)?.ok_or_else(|| Refusal::missing(rule.target, &rule.fields))
}

fn positive(rule: Option<&Rule<Cents>>, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<Cents>, Refusal> {
    match sound(rule, scope, reader)? {
        Some(amount) if amount < Cents::ZERO => Err(refusal(&NEGATIVE, rule)),
        amount => Ok(amount),
    }
}

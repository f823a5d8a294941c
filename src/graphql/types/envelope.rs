//! Target envelopes in the schema.

use super::{Dispositif, Epci, Organisation, Source, int};
use crate::domain::facts::Warning;
use crate::graphql::scalar::{Date, DateTime, Decimal};
use crate::graphql::vocabulary::{Language, Nature};
use crate::view;
use async_graphql::{ID, Object};

/// A handle on an envelope.
pub struct Envelope(pub view::Envelope);

/// A target envelope: what a funder means to put into a territory, under a dispositif, in a year or several. Guidance of the
/// funder's own, apart from commitments. Each grant is consumed by one envelope at most, the most specific one that it lies in
/// for certain. Figures in euros, of what the viewer sees.
#[Object]
impl Envelope {
    /// Its code.
    async fn id(&self) -> ID {
        self.0.code().into()
    }

    /// Whose money it is.
    async fn funder(&self) -> Organisation {
        Organisation(self.0.funder())
    }

    /// SIREN of the EPCI that it is for; null: for no EPCI in particular.
    async fn epci_siren(&self) -> Option<&str> {
        self.0.facts().epci.as_ref().map(|siren| siren.as_str())
    }

    /// That EPCI; null also where nobody else speaks of it.
    async fn epci(&self) -> Option<Epci> {
        self.0.epci().map(Epci)
    }

    /// Code of the dispositif that it is for; null: for any.
    async fn dispositif_code(&self) -> Option<&str> {
        self.0.facts().dispositif.as_ref().map(|code| code.as_str())
    }

    /// That dispositif; null also where nobody else speaks of it.
    async fn dispositif(&self) -> Option<Dispositif> {
        self.0.dispositif().map(Dispositif)
    }

    /// The budget years that it covers, in order.
    async fn years(&self) -> Vec<i32> {
        let (from, until) = self.0.facts().years();
        (from..=until).map(i32::from).collect()
    }

    /// The nature that it is for; null: both.
    async fn nature(&self) -> Option<Nature> {
        self.0.facts().nature.map(Into::into)
    }

    /// Envelopes of one group may give to each other (fongibilité); null: of no group.
    async fn fungible_group(&self) -> Option<&str> {
        self.0.facts().fungible.as_deref()
    }

    /// The target; null where its source does not tell, which is never zero.
    async fn target(&self) -> Option<Decimal> {
        self.0.facts().amount.map(Decimal)
    }

    /// What transfers that count brought.
    async fn transferred_in(&self) -> Decimal {
        Decimal(self.0.transferred_in())
    }

    /// What transfers that count took.
    async fn transferred_out(&self) -> Decimal {
        Decimal(self.0.transferred_out())
    }

    /// Target, plus what came, less what went; null where the target is not known.
    async fn available(&self) -> Option<Decimal> {
        self.0.balance().available.map(Decimal)
    }

    /// Grants of its funder that are decided (ATTRIBUE and later) and lie in it for certain: their known amounts. Null where
    /// none is known, or where one is kept from the viewer.
    async fn consumed(&self) -> Option<Decimal> {
        self.0.balance().consumed.map(Decimal)
    }

    /// The part of `consumed` that only others than the funder state.
    async fn consumed_reported_only(&self) -> Option<Decimal> {
        self.0.balance().reported_only.map(Decimal)
    }

    /// Grants that lie in it for certain, those of unknown amount too.
    async fn count(&self) -> i32 {
        int(self.0.balance().count.into())
    }

    /// Grants that are proposed and lie in it for certain: their known amounts. Null where there is none.
    async fn reserved(&self) -> Option<Decimal> {
        self.0.balance().reserved.map(Decimal)
    }

    /// Grants that may lie in it and are counted in no envelope: of no stated EPCI, dispositif, year, nature or stage, in
    /// several EPCI, in several envelopes at once, or perhaps counted already. One may be told by several envelopes. Null where no
    /// amount is known.
    async fn unattributed(&self) -> Option<Decimal> {
        self.0.balance().unattributed.map(Decimal)
    }

    /// How many of these.
    async fn unattributed_count(&self) -> i32 {
        int(self.0.balance().unattributed_count.into())
    }

    /// What remains: `available` less `consumed`; negative: overdrawn. Null where something may be missing from the figures
    /// (`partial`), and for whoever does not see every sum.
    async fn remaining(&self) -> Option<Decimal> {
        self.0.balance().remaining.map(Decimal)
    }

    /// What remains at most, where something may be missing. Null where not even that is certain.
    async fn remaining_at_most(&self) -> Option<Decimal> {
        self.0.balance().remaining_at_most.map(Decimal)
    }

    /// Something may be missing from the figures, or is not for the viewer: they are floors.
    async fn partial(&self) -> bool {
        self.0.balance().partial
    }

    /// The grants that are consumed are not all of one tax basis.
    async fn mixed_tax_basis(&self) -> bool {
        self.0.balance().mixed_tax_basis
    }

    /// The transfers that name it, in the order of their decisions; those that do not count too.
    async fn transfers(&self) -> Vec<EnvelopeTransfer> {
        self.0.transfers().into_iter().map(EnvelopeTransfer).collect()
    }

    /// What is to be known of it.
    async fn warnings(&self) -> Vec<EnvelopeWarning> {
        self.0.warnings().into_iter().map(EnvelopeWarning).collect()
    }

    /// Where it comes from.
    async fn source(&self) -> Option<Source> {
        self.0.source().map(Source)
    }

    /// Its key there.
    async fn key(&self) -> &str {
        self.0.key()
    }

    /// When it was last known to be as it is.
    async fn read_at(&self) -> DateTime {
        DateTime(self.0.read_at())
    }
}

/// A transfer of an envelope.
pub struct EnvelopeTransfer(view::EnvelopeTransfer);

/// A transfer between two envelopes, as its source states it. It counts where both are there, of one funder, of the same years
/// and one fungible group, and the giver has as much.
#[Object]
impl EnvelopeTransfer {
    /// Code of the envelope that gives.
    async fn from(&self) -> &str {
        self.0.facts().from.as_str()
    }

    /// Code of the envelope that receives.
    async fn to(&self) -> &str {
        self.0.facts().to.as_str()
    }

    /// How much; null where it is not known.
    async fn amount(&self) -> Option<Decimal> {
        self.0.facts().amount.map(Decimal)
    }

    /// The day of the decision.
    async fn decided_on(&self) -> Option<Date> {
        self.0.facts().decided_on.map(Date)
    }

    /// Reference of the decision.
    async fn reference(&self) -> Option<&str> {
        self.0.facts().reference.as_deref()
    }

    /// Does it count?
    async fn counts(&self) -> bool {
        self.0.refused().is_none()
    }

    /// Why it does not count; null where it does.
    async fn refusal(
        &self,
        #[graphql(desc = "Language of the reason.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> Option<&str> {
        self.0.refused().map(|why| why.text(lang.unwrap_or(Language::Fr).into()))
    }

    /// Where it comes from.
    async fn source(&self) -> Option<Source> {
        self.0.source().map(Source)
    }

    /// Its key there.
    async fn key(&self) -> &str {
        self.0.key()
    }

    /// When it was last known to be as it is.
    async fn read_at(&self) -> DateTime {
        DateTime(self.0.read_at())
    }
}

/// A warning of an envelope.
pub struct EnvelopeWarning(Warning);

/// Something to be known of an envelope.
#[Object]
impl EnvelopeWarning {
    /// Stable code (transfer-not-counted, sum-between-envelopes, funder-unread, funder-late, epci-unknown).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What is to be known.
    async fn message(
        &self,
        #[graphql(desc = "Language of the message.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.message.text(lang.unwrap_or(Language::Fr).into())
    }
}

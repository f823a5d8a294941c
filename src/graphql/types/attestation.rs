//! An attestation in the schema.

use super::Check;
use crate::acts::attest::Issued;
use crate::graphql::scalar::{DateTime, Decimal};
use crate::view;
use async_graphql::{ID, Object, SimpleObject};

/// An attestation that was issued.
pub struct Attestation {
    /// The check that was attested, at the version and the instant of then.
    pub check: view::Check,
    /// What was issued.
    pub issued: Issued,
}

/// An amount that an attestation holds as a digest only: SHA-256 of the salt's bytes followed by the amount in cents, written
/// in decimal digits.
#[derive(SimpleObject)]
pub struct Disclosure {
    /// The line of the attested plan, from 0; null for a part of the budget.
    line: Option<i32>,
    /// The part of the attested budget (investissement, fonctionnement, nonPrecise); null for a line.
    budget: Option<String>,
    /// Sixty-four hexadecimal digits.
    salt: String,
    /// The amount, in euros.
    amount: Decimal,
}

/// A check that was frozen and signed: verifiable offline with the public keys at /.well-known/jwks.json, by
/// `passerelle attestation verify FILE --jwks FILE`.
#[Object]
impl Attestation {
    /// The act in the ledger.
    async fn id(&self) -> ID {
        ID(self.issued.id.to_string())
    }

    /// The signed text: a compact JWS over canonical JSON (RFC 7515, RFC 8785). It holds no natural person and no raw record.
    async fn jws(&self) -> &str {
        &self.issued.jws
    }

    /// The check that was attested, at the version and the instant of then.
    async fn check(&self) -> Check {
        Check(self.check.clone())
    }

    /// The version of the ledger that was checked; the attestation itself is the next one.
    async fn ledger_version(&self) -> i32 {
        super::int(self.issued.checked.0)
    }

    /// When.
    async fn issued_at(&self) -> DateTime {
        DateTime(self.issued.at)
    }

    /// Amounts that are not public yet, with the salts that prove them: for whoever issued it to hand on, or not.
    async fn disclosures(&self) -> Vec<Disclosure> {
        let told = self.issued.disclosures.iter().map(|one| Disclosure {
            line: one.line().map(|line| super::int(line as u64)),
            budget: one.budget().map(str::to_owned),
            salt: one.salt.to_string(),
            amount: Decimal(one.amount),
        });
        told.collect()
    }
}

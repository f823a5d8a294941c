//! Who asks: a verified token becomes a `Viewer`, a viewer becomes a `Scope`, and only a scope opens a reader.
//!
//! Authority is a type: neither can be made outside this folder, save for a receiver that the settings name. Pure: the key and the instant are parameters.

mod issuer;
mod jws;
mod keys;
mod low_s;
mod members;
mod minting;
mod once;
mod pem;
mod ring;
mod scope;
mod signing;
mod token;
mod verified;
mod viewer;

pub use issuer::{ClaimPlaces, Issuer, IssuerError, IssuerSettings, LIFETIME_S_DEFAULT};
pub use keys::{KEY_SET_BYTES_MAX, KeySetError};
pub use members::Members;
pub use minting::{MintError, TokenSigner};
pub use once::members_once;
pub use pem::PemKey;
pub use ring::{KeyPace, KeyRing};
pub use scope::Scope;
pub use signing::{ATTESTATION, PublicKeys, SIGNED_BYTES_MAX, SignatureError, Signed, Signer};
pub use token::{
    Asserted, Grant, LEEWAY_S, TOKEN_BYTES_MAX, TOKEN_LIFETIME_S_MAX, TokenError, TokenKey, TokenSettings, Verifier,
};
pub use viewer::{ReceiverError, Role, Viewer};

//! Connectors: how an existing system is read and how its records become facts. Connectors are data
//! (`connectors/<family>/<id>/connector.toml`); this module gives them their closed vocabulary.

pub mod compile;
pub mod convert;
pub mod driver;
pub mod manifest;
pub mod mapping;
pub mod node;
pub mod reshape;

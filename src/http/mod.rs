//! HTTP: the only way in for people.

pub mod guard;

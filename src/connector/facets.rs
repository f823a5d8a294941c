//! What others ask of a connector: how it divides its source, how often it is read, which hosts it names.

use super::Connector;
use super::driver::auth::AuthSettings;
use super::driver::settings::DriverSettings;
use std::time::Duration;

impl Connector {
    /// Does the manifest divide the source into parts that are read again as a whole?
    pub fn is_partitioned(&self) -> bool {
        self.manifest.map.partition.is_some()
    }

    /// Are its records about projects? Otherwise they are entries of a reference table.
    pub fn has_project(&self) -> bool {
        self.manifest.map.project.is_some()
    }

    /// How often the source is read; `None`: only when asked.
    pub fn every(&self) -> Option<Duration> {
        self.every_s.map(Duration::from_secs)
    }

    /// Is anything awaited from it before it is read: read at a rhythm, or, by hand, what it says of projects or for somebody? Reference
    /// tables that are read by hand speak for nobody.
    pub fn is_awaited(&self) -> bool {
        self.every().is_some() || self.has_project() || !self.profile.speaks_for.is_empty()
    }

    /// The places that the manifest names: URLs, paths, addresses.
    pub fn places(&self) -> Vec<&str> {
        let own = match self.settings() {
            DriverSettings::HttpJson(settings) => &settings.url,
            DriverSettings::Delimited(settings) => &settings.path,
            DriverSettings::Spreadsheet(settings) => &settings.path,
            DriverSettings::Sql(settings) => &settings.url,
            DriverSettings::Graphql(settings) => &settings.url,
        };
        let tokens = self.settings().auth().and_then(AuthSettings::token_url);
        let joined = self.settings().join().map(|join| join.path.as_str());
        self.settings().base().into_iter().chain([own.as_str()]).chain(joined).chain(tokens).collect()
    }
}

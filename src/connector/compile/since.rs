//! What must hold in `[driver.since]`.

use super::Compiler;
use crate::connector::driver::settings::{DriverSettings, SinceSettings};
use crate::connector::manifest::Manifest;
use crate::connector::manifest::problem::Path;
use crate::connector::since::Since;
use chrono::TimeDelta;

impl Compiler<'_> {
    /// How increments are asked for, where the manifest says so; problems are told.
    pub fn since(&mut self, manifest: &Manifest) -> Option<Since> {
        let settings = manifest.driver.since()?;
        let at = Path::root().key("driver").key("since");
        for (word, text) in [("into", &settings.into), ("from", &settings.from)] {
            if text.trim().is_empty() {
                self.problem(&at.key(word), "an empty name names nothing");
            }
        }
        if self.is_personal(&settings.from) {
            self.problem(&at.key("from"), "a personal field is sealed: the cursor would stand in clear in the ledger");
        }
        self.receiver(&at, manifest, settings);
        let overlap_s = self.duration_s(&at.key("overlap"), &settings.overlap);
        let full_every_s = self.duration_s(&at.key("full-every"), &settings.full_every);
        let least_s = settings.written.overlap_s_min();
        if overlap_s.is_some_and(|overlap_s| overlap_s < least_s) {
            self.problem(&at.key("overlap"), format!("with this `as` the overlap is at least {} h", least_s / 3_600));
        }
        let max_age_s = super::profile::duration_s(&manifest.max_age);
        if full_every_s.zip(max_age_s).is_some_and(|(full_every_s, max_age_s)| full_every_s > max_age_s) {
            let what = "`full-every` is longer than `max-age`: only full reads count as read in time, and increments \
                        would hide that there was none";
            self.problem(&at.key("full-every"), what);
        }
        let seconds = |seconds: u64| TimeDelta::try_seconds(i64::try_from(seconds).ok()?);
        Some(Since {
            from: settings.from.trim().to_owned(),
            kind: settings.written,
            overlap: seconds(overlap_s?)?,
            full_every: seconds(full_every_s?)?,
        })
    }

    /// What receives the cursor must be there.
    fn receiver(&mut self, at: &Path, manifest: &Manifest, settings: &SinceSettings) {
        let (into, at) = (settings.into.trim(), at.key("into"));
        match &manifest.driver {
            DriverSettings::Graphql(graphql) if !graphql.query.contains(&format!("${into}")) => {
                self.problem(&at, format!("the query has no variable `${into}`"));
            }
            DriverSettings::Sql(sql) => {
                let is_name = into.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                let query = sql.query.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
                if !is_name {
                    self.problem(&at, "the name of a parameter has lower case letters and _ only");
                } else if !query.contains(&format!(":{into} is null")) {
                    let what = format!(
                        "the query must say what a full read brings: `:{into} IS NULL OR …`, for there is no value then"
                    );
                    self.problem(&at, what);
                }
            }
            _ => {}
        }
    }
}

//! The head of a manifest: who the source is, for whom it speaks, how often it is read.

use super::{Compiler, target};
use crate::connector::manifest::problem::Path;
use crate::connector::manifest::words::Word;
use crate::connector::manifest::{Manifest, SpeaksFor, Standing};
use crate::domain::erasure::Retention;
use crate::domain::money::Cents;
use crate::domain::place::DepartementCode;
use crate::domain::source::{self, Scope, SourceProfile};
use crate::domain::text::{DispositifCode, SourceId};
use crate::domain::vocabulary::{Family, Nature};

const SECONDS_A_DAY: u64 = 86_400;
/// A year: no source is read less often.
const DURATION_S_MAX: u64 = 366 * SECONDS_A_DAY;

impl Compiler<'_> {
    /// The profile, and how often the source is read, in seconds. `None` means that at least one problem was told.
    pub fn profile(&mut self, manifest: &Manifest, folder: &str) -> Option<(SourceProfile, Option<u64>)> {
        let (before, root) = (self.problems.len(), Path::root());
        let id = SourceId::parse(&manifest.id);
        match &id {
            Err(error) => self.problem(&root.key("id"), error.to_string()),
            Ok(id) if id.as_str() != folder => {
                self.problem(&root.key("id"), format!("the id must be the name of the folder, `{folder}`"));
            }
            Ok(_) => {}
        }
        if manifest.title.trim().is_empty() {
            self.problem(&root.key("title"), "the title is empty");
        }
        let family = manifest.family.as_ref().and_then(|word| self.word::<Family>(&root.key("family"), word));
        let mut speaks_for = Vec::new();
        for (rank, scope) in manifest.speaks_for.iter().enumerate() {
            speaks_for.extend(self.scope(&root.key("speaks-for").index(rank), scope));
        }
        let every_s = manifest.every.as_ref().and_then(|text| self.duration_s(&root.key("every"), text));
        let max_age_s = self.duration_s(&root.key("max-age"), &manifest.max_age);
        if manifest.vanish_limit_percent > 100 {
            self.problem(&root.key("vanish-limit-percent"), "a share of the records lies between 0 and 100");
        }
        self.holder_plans(manifest);
        let series = &manifest.series;
        if series.repeat_limit_percent > 100 || series.constant_limit_percent > 100 {
            self.problem(&root.key("series"), "a share lies between 0 and 100");
        }
        if series.constant_limit_percent < 50 {
            self.problem(
                &root.key("series").key("constant-limit-percent"),
                "less than half of the amounts is no constant",
            );
        }
        for (rank, path) in manifest.personal.iter().enumerate() {
            if path.trim().is_empty() || path.starts_with('^') {
                self.problem(&root.key("personal").index(rank), "a personal field is a path from the record");
            }
        }
        if let Some(text) = &manifest.keep_personal {
            if let Err(error) = Retention::parse(text) {
                self.problem(&root.key("keep-personal"), error.to_string());
            } else if manifest.personal.is_empty() {
                self.problem(
                    &root.key("keep-personal"),
                    "no field is named in `personal`: nothing would be kept so long",
                );
            }
        }
        if self.problems.len() > before {
            return None;
        }
        let profile = SourceProfile {
            id: id.ok()?,
            family,
            title: manifest.title.trim().to_owned(),
            standing: match manifest.standing {
                Standing::SystemOfRecord => source::Standing::SystemOfRecord,
                Standing::Publication => source::Standing::Publication,
            },
            speaks_for,
            max_age_s: max_age_s?,
            vanish_limit_bp: u32::from(manifest.vanish_limit_percent) * 100,
            holds_signed_plans: manifest.holder_plans,
            tells_embargoes: manifest.map.statement.iter().any(|block| block.not_public_until.is_some()),
        };
        Some((profile, every_s))
    }

    fn holder_plans(&mut self, manifest: &Manifest) {
        let is_sound = manifest.standing == Standing::SystemOfRecord && !manifest.map.statement.is_empty();
        if manifest.holder_plans && !is_sound {
            self.problem(
                &Path::root().key("holder-plans"),
                "files that holders signed with the plan of their means stand in a system of record, whose map states sums",
            );
        }
    }

    fn scope(&mut self, at: &Path, written: &SpeaksFor) -> Option<Scope> {
        let funder = self.organisation_id(&at.key("funder"), &written.funder);
        let natures = written.natures.iter().enumerate();
        let natures =
            natures.filter_map(|(rank, word)| self.word::<Nature>(&at.key("natures").index(rank), word)).collect();
        let dispositifs = written.dispositifs.iter().enumerate();
        let dispositifs = dispositifs
            .filter_map(|(rank, text)| self.code(&at.key("dispositifs").index(rank), DispositifCode::parse(text)))
            .collect();
        let departements = written.departements.iter().enumerate();
        let departements = departements
            .filter_map(|(rank, text)| self.code(&at.key("departements").index(rank), DepartementCode::parse(text)))
            .collect();
        let threshold = written.threshold.as_ref();
        let threshold_cents =
            threshold.and_then(|text| self.code(&at.key("threshold"), Cents::parse(text))).map(Cents::get);
        Some(Scope { funder: funder?, natures, dispositifs, departements, threshold_cents })
    }

    fn code<T>(&mut self, at: &Path, parsed: Result<T, crate::domain::ParseError>) -> Option<T> {
        parsed.map_err(|error| self.problem(at, error.to_string())).ok()
    }

    fn word<T: Word>(&mut self, at: &Path, text: &str) -> Option<T> {
        let word = T::read(text);
        if word.is_none() {
            self.problem(at, format!("unknown word « {text} »; allowed: {}", target::words::<T>()));
        }
        word
    }

    pub(super) fn duration_s(&mut self, at: &Path, text: &str) -> Option<u64> {
        let seconds = duration_s(text).filter(|seconds| (1..=DURATION_S_MAX).contains(seconds));
        if seconds.is_none() {
            self.problem(at, format!("« {text} » is no duration up to a year; written as PT15M, PT6H, P1D, P1W"));
        }
        seconds
    }
}

/// Seconds of an ISO 8601 duration in weeks, days, hours, minutes, seconds; months and years have no fixed length.
pub(super) fn duration_s(text: &str) -> Option<u64> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (&text[1..], ""),
    };
    let days = parts_s(days, &[('W', 7 * SECONDS_A_DAY), ('D', SECONDS_A_DAY)])?;
    let time = parts_s(time, &[('H', 3600), ('M', 60), ('S', 1)])?;
    days.checked_add(time).filter(|seconds| *seconds > 0)
}

fn parts_s(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total: u64 = 0;
    for (unit, seconds) in units {
        if let Some((count, rest)) = text.split_once(*unit) {
            let sound = !count.is_empty() && count.len() <= 6 && count.bytes().all(|byte| byte.is_ascii_digit());
            let count: u64 = if sound { count.parse().ok()? } else { return None };
            total = total.checked_add(count.checked_mul(*seconds)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [("PT15M", 900), ("P1D", 86_400), ("P1DT12H30M5S", 131_405), ("P2W", 1_209_600)] {
            assert_eq!(duration_s(text), Some(seconds), "{text}");
        }
        for refused in ["", "P", "PT", "P1", "1D", "P1M", "PT1D", "P-1D", "PT1H1H", "P1DT", "PT99999999H"] {
            assert_eq!(duration_s(refused), None, "{refused}");
        }
    }
}

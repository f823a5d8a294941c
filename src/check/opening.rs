//! When a funding scheme is open to a project that nobody filed yet.

use super::eligibility::Standing;
use crate::domain::Date;
use crate::domain::message::{Message, french_day};
use crate::domain::text::DispositifCode;
use crate::domain::validity::Validity;

/// When a scheme is open, as seen from a day before the project.
pub(super) enum Opening {
    /// On the day itself, and where the project begins later still then.
    Open,
    /// Not yet, but before the project ends.
    From(Date),
    /// It closes before the project begins.
    Until(Date),
    /// On no day from this one to the last of the project.
    Shut,
}

/// A request is made and decided between today and the project's last day.
pub(super) fn opening(validity: &Validity, (starts_on, ends_on): (Option<Date>, Option<Date>), today: Date) -> Opening {
    let last = ends_on.max(starts_on).unwrap_or(today).max(today);
    let first = starts_on.unwrap_or(today).max(today);
    match (validity.from, validity.to) {
        (Some(from), _) if from > last => Opening::Shut,
        (_, Some(to)) if to <= today => Opening::Shut,
        (_, Some(to)) if to <= first => Opening::Until(to),
        (Some(from), _) if from > today => Opening::From(from),
        _ => Opening::Open,
    }
}

impl Opening {
    /// What it makes of a credit, and the sentence that says so.
    pub(super) fn sentence(&self, code: &DispositifCode) -> Option<(Standing, Message)> {
        let told = |standing, fr: String, en: String| Some((standing, Message::new(fr, en)));
        match self {
            Opening::Open => None,
            Opening::From(day) => told(
                Standing::MayCome,
                format!("{code} n'ouvre que le {}, selon la table des dispositifs.", french_day(*day)),
                format!("{code} opens on {day} only, by the table of funding schemes."),
            ),
            Opening::Until(day) => told(
                Standing::Unknown,
                format!(
                    "{code} ferme le {}, avant que le projet ne commence, selon la table des dispositifs : rien ne dit s'il peut encore le financer.",
                    french_day(*day)
                ),
                format!(
                    "{code} closes on {day}, before the project begins, by the table of funding schemes: nothing says whether it may still fund it."
                ),
            ),
            Opening::Shut => told(
                Standing::Excluded,
                format!("{code} n'est pas ouvert à cette date, selon la table des dispositifs."),
                format!("{code} is not open on this day, by the table of funding schemes."),
            ),
        }
    }
}

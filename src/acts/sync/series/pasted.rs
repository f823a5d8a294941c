//! One amount nearly everywhere: a constant pasted into a column.

use super::amounts::{Amounts, Stated};
use super::{Before, SERIES_MIN, Series, Terms, Voice, graver, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::compact;

/// Per cent that one amount may have of a partition whose amounts differ.
const VARIED_PERCENT: u64 = 80;
/// Per cent from which an amount that was nothing of the kind before is told.
const TOLD_PERCENT: u64 = 70;

/// Partitions in which one amount stands everywhere, though those before it had many, or another one by far: held beyond the limit,
/// told from [`TOLD_PERCENT`] on where no amount was half as common before. What is granted is weighed by itself too, and what is asked,
/// which holds nothing: all may well ask the same.
pub(super) fn pasted(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let found =
        |stated, voice| Pasting::of(before, stated, voice).map(|pasting| pasting.found(now, terms)).unwrap_or_default();
    let is_own = before.partitions.values().all(|part| part.reported.count == 0);
    let voices: &[Voice] = if is_own { &[Voice::All] } else { &[Voice::All, Voice::Own] };
    let weighed = [Stated::Any, Stated::Granted, Stated::Asked].into_iter();
    let weighed = weighed.flat_map(|stated| voices.iter().map(move |voice| (stated, *voice)));
    weighed.fold(Vec::new(), |all, (stated, voice)| graver(found(stated, voice), all))
}

/// What is compared with: the parts that hold amounts enough to tell.
struct Pasting<'a> {
    stated: Stated,
    voice: Voice,
    told: Vec<(&'a str, Amounts)>,
}

impl<'a> Pasting<'a> {
    fn of(before: &'a Before, stated: Stated, voice: Voice) -> Option<Self> {
        let parts = before.partitions.iter().map(|(name, part)| (&**name, part.at(stated, voice)));
        let told: Vec<_> = parts.filter(|(_, amounts)| amounts.count >= SERIES_MIN).collect();
        (!told.is_empty()).then_some(Pasting { stated, voice, told })
    }

    fn found(&self, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
        let parts = now.partitions.iter();
        parts
            .filter_map(|(partition, part)| self.finding(partition, &part.at(self.stated, self.voice), terms))
            .collect()
    }

    fn finding(&self, partition: &str, amounts: &Amounts, terms: &Terms<'_>) -> Option<SourceFinding> {
        let limit = u64::from(terms.limits.constant_limit_percent);
        let (amount, times) = amounts.commonest()?;
        let (unit, compared, may_hold) = match self.told.iter().find(|(name, _)| *name == partition) {
            Some((_, known)) if known.constant(VARIED_PERCENT) == Some(amount) => return None,
            Some((_, known)) => match known.constant(VARIED_PERCENT) {
                Some(unit) if is_like(amount, unit) => return None,
                Some(unit) => (Some(unit), known, true),
                None if !is_varied(&self.told.iter().collect::<Vec<_>>()) => return None,
                None => (None, known, true),
            },
            None => self.of_new(partition, amount)?,
        };
        let held = may_hold && self.stated != Stated::Asked && times * 100 > amounts.count * limit;
        // A unit that is raised, and a scheme in which nearly all have one unit, are no break.
        let was_rarer = unit.is_some() || compared.commonest_percent() * 2 <= amounts.commonest_percent();
        let told = limit < 100 && times * 100 >= amounts.count * TOLD_PERCENT && was_rarer;
        if !(held || told) {
            return None;
        }
        let example = match unit {
            Some(unit) => format!("{} EUR -> {} EUR", Cents::new(unit), Cents::new(amount)),
            None => format!("{} EUR", Cents::new(amount)),
        };
        let message = self.message(partition, unit.is_some(), held);
        let finding = terms.finding(SourceFindingKind::AmountConstant, partition, message);
        Some(SourceFinding { held, example: Some(example), ..finding })
    }

    /// What a new part is compared with: the parts of its own series (the years of one scheme), or all where it is the first of one. No
    /// break is what is like the constant of any. Beside several constants that differ, or as the first of its series, another one may
    /// well be so: it is told.
    fn of_new(&self, partition: &str, amount: i64) -> Option<(Option<i64>, &Amounts, bool)> {
        let own: Vec<_> = self.told.iter().filter(|(name, _)| series_of(name) == series_of(partition)).collect();
        let is_first = own.is_empty();
        let compared = if is_first { self.told.iter().collect() } else { own };
        let units: Vec<i64> = compared.iter().filter_map(|(_, amounts)| amounts.constant(VARIED_PERCENT)).collect();
        if units.iter().any(|unit| is_like(amount, *unit)) {
            return None;
        }
        let (_, last) = compared.last()?;
        if is_varied(&compared) {
            return Some((None, last, true));
        }
        let unit = *units.last()?;
        let are_several = units.iter().any(|one| !is_like(*one, unit));
        Some((Some(unit), last, !is_first && !are_several))
    }

    fn message(&self, partition: &str, had_unit: bool, held: bool) -> Message {
        let (was_fr, was_en) = if had_unit {
            ("un autre, de loin, l'était auparavant", "another one was before, by far")
        } else {
            ("ils différaient auparavant", "they differed before")
        };
        let (share_fr, share_en, end_fr, end_en) = if held {
            ("presque tous", "nearly all", "rien n'est appliqué", "nothing is applied")
        } else {
            ("pour la plupart,", "most of", "à vérifier auprès de son propriétaire", "to be checked with its owner")
        };
        let (whose_fr, whose_en) = (self.stated.in_french(self.voice), self.stated.in_english(self.voice));
        let (in_fr, in_en) = (in_french(partition), in_english(partition));
        Message::new(
            format!("{share_fr} {whose_fr} sont le même{in_fr}, et {was_fr} : {end_fr}"),
            format!("{share_en} {whose_en} are the same one{in_en}, and {was_en}: {end_en}"),
        )
    }
}

/// Is it the same unit, raised or cut?
fn is_like(amount: i64, unit: i64) -> bool {
    (i128::from(amount) - i128::from(unit)).abs() * 2 <= i128::from(unit).abs()
}

/// Do amounts differ in most of the parts?
fn is_varied(parts: &[&(&str, Amounts)]) -> bool {
    parts.iter().filter(|(_, amounts)| amounts.constant(VARIED_PERCENT).is_none()).count() * 2 > parts.len()
}

/// Of which series a part is: its name without its year.
fn series_of(partition: &str) -> String {
    compact(&partition.chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>())
}

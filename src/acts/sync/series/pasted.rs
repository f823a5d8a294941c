//! One amount nearly everywhere: a constant pasted into a column.

use super::amounts::Amounts;
use super::{Before, SERIES_MIN, Series, Terms, Voice, graver, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};

/// Per cent that one amount may have of a partition whose amounts differ.
const VARIED_PERCENT: u64 = 80;
/// Per cent from which an amount that was nothing of the kind before is told.
const TOLD_PERCENT: u64 = 70;

/// Partitions in which one amount stands everywhere, though those before it had many, or another one by far: held beyond the limit,
/// told from [`TOLD_PERCENT`] on where no amount was half as common before.
pub(super) fn pasted(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let all = Pasting::of(before, Voice::All).map(|pasting| pasting.found(now, terms)).unwrap_or_default();
    if before.partitions.values().all(|part| part.reported.count == 0) {
        return all;
    }
    graver(Pasting::of(before, Voice::Own).map(|pasting| pasting.found(now, terms)).unwrap_or_default(), all)
}

/// What is compared with: the parts that hold amounts enough to tell.
struct Pasting<'a> {
    voice: Voice,
    told: Vec<(&'a str, Amounts)>,
    /// How many of them have amounts that differ.
    varied: usize,
}

impl<'a> Pasting<'a> {
    fn of(before: &'a Before, voice: Voice) -> Option<Self> {
        let parts = before.partitions.iter().map(|(name, part)| (&**name, part.of(voice)));
        let told: Vec<_> = parts.filter(|(_, amounts)| amounts.count >= SERIES_MIN).collect();
        let varied = told.iter().filter(|(_, amounts)| amounts.constant(VARIED_PERCENT).is_none()).count();
        (!told.is_empty()).then_some(Pasting { voice, told, varied })
    }

    fn found(&self, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
        let parts = now.partitions.iter();
        parts.filter_map(|(partition, part)| self.finding(partition, &part.of(self.voice), terms)).collect()
    }

    fn finding(&self, partition: &str, amounts: &Amounts, terms: &Terms<'_>) -> Option<SourceFinding> {
        let limit = u64::from(terms.limits.constant_limit_percent);
        let (amount, times) = amounts.commonest()?;
        let held = times * 100 > amounts.count * limit;
        let known = self.told.iter().find(|(name, _)| *name == partition).map(|(_, known)| known);
        if known.is_some_and(|known| known.constant(VARIED_PERCENT) == Some(amount)) {
            return None;
        }
        let compared = known.or(self.told.last().map(|(_, last)| last))?;
        let unit = compared.constant(VARIED_PERCENT);
        let is_break = match unit {
            Some(unit) => (i128::from(amount) - i128::from(unit)).abs() * 2 > i128::from(unit).abs(),
            None => self.varied * 2 > self.told.len(),
        };
        // A unit that is raised, and a scheme in which nearly all have one unit, are no break.
        let was_rarer = unit.is_some() || compared.commonest_percent() * 2 <= amounts.commonest_percent();
        let told = limit < 100 && times * 100 >= amounts.count * TOLD_PERCENT && was_rarer;
        if !is_break || !(held || told) {
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
        let (whose_fr, whose_en) = (self.voice.in_french(), self.voice.in_english());
        let (in_fr, in_en) = (in_french(partition), in_english(partition));
        Message::new(
            format!("{share_fr} {whose_fr} sont le même{in_fr}, et {was_fr} : {end_fr}"),
            format!("{share_en} {whose_en} are the same one{in_en}, and {was_en}: {end_en}"),
        )
    }
}

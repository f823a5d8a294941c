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
    let found = |stated, voice| Pasting::of(before, stated, voice).found(now, terms);
    let is_own = before.partitions.values().all(|part| part.reported.count == 0);
    let voices: &[Voice] = if is_own { &[Voice::All] } else { &[Voice::All, Voice::Own] };
    let weighed = [Stated::Any, Stated::Granted, Stated::Asked].into_iter();
    let weighed = weighed.flat_map(|stated| voices.iter().map(move |voice| (stated, *voice)));
    weighed.fold(Vec::new(), |all, (stated, voice)| graver(found(stated, voice), all))
}

/// What is compared with: the parts that hold amounts enough to tell, and the others.
struct Pasting<'a> {
    stated: Stated,
    voice: Voice,
    told: Vec<(&'a str, Amounts)>,
    small: Vec<(&'a str, Amounts)>,
}

impl<'a> Pasting<'a> {
    fn of(before: &'a Before, stated: Stated, voice: Voice) -> Self {
        let parts = before.partitions.iter().map(|(name, part)| (&**name, part.at(stated, voice)));
        let (told, small) = parts.partition(|(_, amounts)| amounts.count >= SERIES_MIN);
        Pasting { stated, voice, told, small }
    }

    fn found(&self, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
        let parts = now.partitions.iter().map(|(name, part)| (&**name, part.at(self.stated, self.voice)));
        let parts: Vec<(&str, Amounts)> = parts.collect();
        let of_part = |(partition, amounts): &(&str, Amounts)| self.finding(partition, amounts, terms);
        let mut found: Vec<SourceFinding> = parts.iter().filter_map(of_part).collect();
        found.extend(self.of_small(&parts, terms));
        found
    }

    fn finding(&self, partition: &str, amounts: &Amounts, terms: &Terms<'_>) -> Option<SourceFinding> {
        let (amount, _) = amounts.commonest()?;
        let pasted = match self.told.iter().find(|(name, _)| *name == partition) {
            Some((_, known)) => match unit_of(known, amount)? {
                None if !is_varied(&self.told.iter().collect::<Vec<_>>()) => return None,
                unit => Pasted { amounts, compared: known, unit, may_hold: true },
            },
            None => {
                let (unit, compared, may_hold) = self.of_new(partition, amount)?;
                Pasted { amounts, compared, unit, may_hold }
            }
        };
        self.told((partition, (in_french(partition), in_english(partition))), pasted, terms)
    }

    /// Parts of too few amounts to tell by themselves are weighed together: those that changed, against what they said, else those that are
    /// new, against all that are known, which may be of another scheme.
    fn of_small(&self, parts: &[(&str, Amounts)], terms: &Terms<'_>) -> Option<SourceFinding> {
        let known = |name: &str| self.small.iter().chain(&self.told).find(|(known, _)| *known == name);
        let (mut was, mut is, mut new) = (Amounts::default(), Amounts::default(), Amounts::default());
        for (name, amounts) in parts {
            match known(name) {
                Some((_, before)) if self.weighs_by_itself(before, amounts) || before == amounts => {}
                Some((_, before)) => (was, is) = (was.with(before), is.with(amounts)),
                None if amounts.count < SERIES_MIN => new = new.with(amounts),
                None => {}
            }
        }
        let names = (
            "",
            (
                " dans les parties de peu de montants, prises ensemble".to_owned(),
                " of the parts of few amounts, taken together".to_owned(),
            ),
        );
        let (amounts, compared, may_hold) = if is.commonest().is_some() {
            (is, was, true)
        } else {
            let all = self.small.iter().fold(Amounts::default(), |all, (_, amounts)| all.with(amounts));
            (new, all, false)
        };
        let (amount, _) = amounts.commonest().filter(|_| compared.count >= SERIES_MIN)?;
        let unit = unit_of(&compared, amount)?;
        self.told(names, Pasted { amounts: &amounts, compared: &compared, unit, may_hold }, terms)
    }

    /// Is a known part held against what it said, or against the others?
    fn weighs_by_itself(&self, before: &Amounts, now: &Amounts) -> bool {
        now.count >= SERIES_MIN && (before.count >= SERIES_MIN || !self.told.is_empty())
    }

    fn told(
        &self,
        (partition, names): (&str, (String, String)),
        pasted: Pasted<'_>,
        terms: &Terms<'_>,
    ) -> Option<SourceFinding> {
        let Pasted { amounts, compared, unit, may_hold } = pasted;
        let (amount, times) = amounts.commonest()?;
        let limit = u64::from(terms.limits.constant_limit_percent);
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
        let finding =
            terms.finding(SourceFindingKind::AmountConstant, partition, self.message(names, unit.is_some(), held));
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

    fn message(&self, (in_fr, in_en): (String, String), had_unit: bool, held: bool) -> Message {
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
        Message::new(
            format!("{share_fr} {whose_fr} sont le même{in_fr}, et {was_fr} : {end_fr}"),
            format!("{share_en} {whose_en} are the same one{in_en}, and {was_en}: {end_en}"),
        )
    }
}

/// Amounts of which one stands for nearly all.
struct Pasted<'a> {
    amounts: &'a Amounts,
    compared: &'a Amounts,
    /// The one that did before.
    unit: Option<i64>,
    may_hold: bool,
}

/// The one amount of these, where there is one; nothing is to be told where it is, or is like, that amount.
fn unit_of(known: &Amounts, amount: i64) -> Option<Option<i64>> {
    match known.constant(VARIED_PERCENT) {
        Some(unit) if unit == amount || is_like(amount, unit) => None,
        unit => Some(unit),
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

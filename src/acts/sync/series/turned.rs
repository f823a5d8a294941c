//! What most known records say otherwise, all at once: of another funder, in another form, refused, of another holder, place or part of
//! the source. Each may be so, and changes what a series tells: it is told and holds nothing.

use super::{Before, SERIES_MIN, Said, Series, Terms, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::BTreeMap;

/// A way in which records turn.
struct Turn {
    kind: SourceFindingKind,
    turns: fn(&Said, &Said) -> bool,
    fr: &'static str,
    en: &'static str,
}

const TURNS: [Turn; 8] = [
    Turn {
        kind: SourceFindingKind::FunderUnidentified,
        turns: Said::loses_identity,
        fr: "citent à présent un financeur sans identifiant lisible",
        en: "now name a funder without a readable identifier",
    },
    Turn {
        kind: SourceFindingKind::FunderChanged,
        turns: Said::changes_funder,
        fr: "citent à présent un autre financeur",
        en: "now name another funder",
    },
    Turn {
        kind: SourceFindingKind::FormChanged,
        turns: Said::leaves_form,
        fr: "donnent à présent une autre forme à leurs montants",
        en: "now give their sums another form",
    },
    Turn {
        kind: SourceFindingKind::SumsRefused,
        turns: Said::is_refused,
        fr: "disent à présent refusé ou abandonné ce qu'elles annonçaient",
        en: "now call refused or given up what they stated",
    },
    Turn {
        kind: SourceFindingKind::NatureChanged,
        turns: Said::changes_nature,
        fr: "donnent à présent une autre nature à leurs montants",
        en: "now give their sums another nature",
    },
    Turn {
        kind: SourceFindingKind::HolderChanged,
        turns: Said::changes_holder,
        fr: "ont à présent un autre porteur",
        en: "now have another holder",
    },
    Turn {
        kind: SourceFindingKind::TitleChanged,
        turns: Said::changes_title,
        fr: "ont à présent un autre intitulé",
        en: "now have another title",
    },
    Turn {
        kind: SourceFindingKind::PlacesChanged,
        turns: Said::changes_places,
        fr: "se situent à présent ailleurs",
        en: "now lie elsewhere",
    },
];

/// What most of the known records that came say otherwise than before: of all, or else of one part of the source; parts of few known
/// records count together.
pub(super) fn turned(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut counts = [0_u64; TURNS.len()];
    let mut parts: BTreeMap<&str, [u64; TURNS.len()]> = BTreeMap::new();
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, is) in &now.changed {
        let Some(was) = before.changed.get(key) else { continue };
        let part = parts.entry(now.part_of(&is.partition)).or_default();
        for ((count, in_part), turn) in counts.iter_mut().zip(part).zip(&TURNS) {
            let turns = u64::from((turn.turns)(was, is));
            *count += turns;
            *in_part += turns;
        }
        if was.partition != is.partition {
            *left.entry(&was.partition).or_default() += 1;
        }
    }
    let told = |(turn, count): (&Turn, u64)| match is_most(count, now.known) {
        true => vec![turn.finding((count, now.known), "", terms)],
        false => {
            let place = TURNS.iter().position(|one| one.kind == turn.kind).unwrap_or_default();
            let most = parts.iter().map(|(part, counts)| (*part, counts[place], now.known_of(part)));
            let most = most.filter(|(_, count, of)| is_most(*count, *of));
            most.map(|(part, count, of)| turn.finding((count, of), part, terms)).collect()
        }
    };
    let found = TURNS.iter().zip(counts).flat_map(told);
    found.chain(left_part(before, &left, terms)).collect()
}

impl Series {
    /// The part of the source with which the records of `partition` are counted: by itself, or with others that are small.
    fn part_of<'a>(&self, partition: &'a str) -> &'a str {
        if self.known_in.get(partition).copied().unwrap_or_default() < SERIES_MIN / 2 { "" } else { partition }
    }

    /// How many known records came of a part; of none: of the small ones.
    fn known_of(&self, part: &str) -> u64 {
        match self.known_in.get(part) {
            Some(known) if *known >= SERIES_MIN / 2 => *known,
            _ => self.known_in.values().filter(|known| **known < SERIES_MIN / 2).sum(),
        }
    }
}

fn is_most(count: u64, of: u64) -> bool {
    count >= SERIES_MIN / 2 && count * 2 > of
}

impl Turn {
    fn finding(&self, (count, of): (u64, u64), part: &str, terms: &Terms<'_>) -> SourceFinding {
        let (fr, en) = (self.fr, self.en);
        let message = Message::new(
            format!("{count} des {of} fiches connues{} {fr} : à vérifier auprès de son propriétaire", in_french(part)),
            format!("{count} of the {of} known records{} {en}: to be checked with its owner", in_english(part)),
        );
        terms.finding(self.kind, part, message)
    }
}

/// Parts of the source that most of their known records left for another one: a column of years that was shifted.
fn left_part(before: &Before, left: &BTreeMap<&str, u64>, terms: &Terms<'_>) -> Option<SourceFinding> {
    let (mut count, mut of) = (0, 0);
    for (partition, gone) in left {
        let stood = before.records.get(*partition).copied().unwrap_or_default();
        if gone * 2 > stood {
            (count, of) = (count + gone, of + stood);
        }
    }
    if !is_most(count, of) {
        return None;
    }
    let message = Message::new(
        format!(
            "{count} des {of} fiches connues passent dans une autre partie de la source (une autre année ?) : à vérifier auprès de son propriétaire"
        ),
        format!(
            "{count} of the {of} known records are now in another part of the source (another year?): to be checked with its owner"
        ),
    );
    Some(terms.finding(SourceFindingKind::PartitionChanged, "", message))
}

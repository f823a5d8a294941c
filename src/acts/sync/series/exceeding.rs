//! Grants that come to exceed the request that they answer: two columns of which the headers were exchanged. Each total is near the other.

use super::granted::{greatest, is_asked};
use super::{Before, SERIES_MIN, Said, Series, Stages, Terms, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::BTreeMap;

/// The parts in which most of the known records whose grant changed grant more than they ask now, and granted no more before. It may be
/// so: it is told and holds nothing.
pub(super) fn exceeding(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut parts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (key, is) in &now.changed {
        let both = before.changed.get(key).and_then(|was| Some((figures(was)?, figures(is)?)));
        let Some((was, now)) = both.filter(|(was, now)| was.granted != now.granted) else { continue };
        let (count, of) = parts.entry(&is.partition).or_default();
        *of += 1;
        *count += u64::from(was.granted <= was.asked && now.granted > now.asked);
    }
    let told = parts.into_iter().filter(|(_, (count, of))| *count >= SERIES_MIN / 2 && count * 2 > *of);
    told.map(|(part, counts)| finding(part, counts, terms)).collect()
}

/// What a record asks, and what it grants.
struct Figures {
    asked: i128,
    granted: i128,
}

/// Of what the source speaks for, where it says something of that.
fn figures(said: &Said) -> Option<Figures> {
    let stages: &Stages = if said.own.is_empty() { &said.all } else { &said.own };
    let asked = stages.iter().filter(|(stage, _)| stage.is_some_and(is_asked)).filter_map(|(_, sum)| *sum);
    Some(Figures { asked: asked.max()?, granted: greatest(stages)? })
}

fn finding(part: &str, (count, of): (u64, u64), terms: &Terms<'_>) -> SourceFinding {
    let (of_fr, of_en) = (in_french(part), in_english(part));
    let message = Message::new(
        format!(
            "{count} des {of} fiches connues{of_fr} dont le montant accordé change accordent à présent plus que ce qui est demandé : deux colonnes échangées ? À vérifier auprès de son propriétaire"
        ),
        format!(
            "{count} of the {of} known records{of_en} whose granted amount changed now grant more than is asked: two columns exchanged? To be checked with its owner"
        ),
    );
    terms.finding(SourceFindingKind::TotalMoved, part, message)
}

//! Known amounts that move the total: a decimal point that went, a column that was exchanged. What is granted is weighed by itself too,
//! for many lists keep what was asked beside it, which does not move; what is paid grows as it is paid.

use super::granted;
use super::said::{Said, Stages};
use super::{Before, Part, SERIES_MIN, Series, Terms, Voice, graver, in_english, in_french};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::vocabulary::Stage;
use std::collections::BTreeMap;

/// By how much what one record states moved: like stages are compared. An amount that is no longer there is lost with it; one that
/// went on to another stage is not, for fewer are voted than were asked, unless it was decided and none of the new ones is. A payment
/// that grows moves nothing, but for what exceeds the grant; what was settled is the last figure, and grows within a grant beside it alone.
pub(super) fn movement(stated: &Stages, states: &Stages) -> i128 {
    let granted = granted::greatest(states);
    let mut new = states.keys().filter(|stage| !stated.contains_key(stage)).peekable();
    let goes_on = new.peek().is_some();
    let is_decided = |stage: &Option<Stage>| stage.is_some_and(Stage::is_decided);
    // What says no stage may be decided.
    let stays_decided = new.any(|stage| stage.is_none() || is_decided(stage));
    // A request of one funder is answered while those of others stand: the stage falls, and another one comes or grows.
    let is_open = |stage: &Option<Stage>| stage.is_some_and(granted::is_asked);
    let is_answered = states.iter().any(|(stage, is)| {
        let was = stated.get(stage).map(|was| was.unwrap_or_default());
        !is_open(stage) && stage.is_some() && was.is_none_or(|was| is.unwrap_or_default() > was)
    });
    let of_stage = |(stage, was): (&Option<Stage>, &Option<i128>)| {
        let was = was.unwrap_or_default();
        match states.get(stage) {
            Some(is) if *stage == Some(Stage::Verse) || *stage == Some(Stage::Solde) && granted.is_some() => {
                let is = is.unwrap_or_default();
                if is > was { granted.map_or(0, |granted| (is - was.max(granted)).max(0)) } else { is - was }
            }
            Some(is) if is_open(stage) && is_answered => (is.unwrap_or_default() - was).max(0),
            Some(is) => is.unwrap_or_default() - was,
            None if goes_on && (stays_decided || !is_decided(stage)) => 0,
            None => -was,
        }
    };
    stated.iter().map(of_stage).sum()
}

/// Which sums are weighed.
#[derive(Clone, Copy)]
enum Weighed {
    /// All those of a voice, at whatever stage.
    Stated(Voice),
    /// What is granted of them.
    Granted(Voice),
}

impl Weighed {
    fn sum(self, part: &Part) -> (u64, i128) {
        match self {
            Weighed::Stated(voice) => part.sum(voice),
            Weighed::Granted(voice) => part.granted(voice),
        }
    }

    fn movement(self, stated: &Said, states: &Said) -> i128 {
        match self {
            Weighed::Stated(voice) => movement(stated.stages(voice), states.stages(voice)),
            Weighed::Granted(voice) => granted::movement(stated, states, voice),
        }
    }

    fn in_french(self) -> &'static str {
        match self {
            Weighed::Stated(voice) => voice.in_french(),
            Weighed::Granted(Voice::All) => "les montants décidés",
            Weighed::Granted(Voice::Own) => "les montants décidés propres de la source",
        }
    }

    fn in_english(self) -> &'static str {
        match self {
            Weighed::Stated(voice) => voice.in_english(),
            Weighed::Granted(Voice::All) => "the decided amounts",
            Weighed::Granted(Voice::Own) => "the decided amounts that the source speaks for",
        }
    }
}

/// How the amounts of one partition moved.
pub(super) struct Moved<'a> {
    pub(super) partition: &'a str,
    pub(super) records: u64,
    pub(super) moved: i128,
    /// The same, whether up or down: what is exchanged among records moves no total.
    both_ways: i128,
    pub(super) total: i128,
    pub(super) count: u64,
    /// Of the records, those that state a share of a sum by now, of which nobody can tell what it is.
    shares: u64,
}

/// How the records of one partition moved.
#[derive(Clone, Copy, Default)]
struct Moves {
    records: u64,
    moved: i128,
    both_ways: i128,
    shares: u64,
}

/// What is weighed: each partition that holds amounts enough to tell, and all those together that hold too few by themselves.
fn weighed<'a>(
    before: &Before,
    moves: &BTreeMap<&'a str, Moves>,
    sum: impl Fn(&Part) -> (u64, i128),
) -> Vec<Moved<'a>> {
    let mut weighed = Vec::new();
    let mut small = Moved { partition: "", records: 0, moved: 0, both_ways: 0, total: 0, count: 0, shares: 0 };
    for (name, part) in &before.partitions {
        let (count, total) = sum(part);
        let found = moves.get_key_value(&**name);
        let Moves { records, moved, both_ways, shares } = found.map(|(_, moves)| *moves).unwrap_or_default();
        if count < SERIES_MIN / 2 {
            (small.records, small.moved) = (small.records + records, small.moved + moved);
            (small.total, small.count) = (small.total + total, small.count + count);
            (small.both_ways, small.shares) = (small.both_ways + both_ways, small.shares + shares);
        } else if let Some((partition, _)) = found {
            weighed.push(Moved { partition, records, moved, both_ways, total, count, shares });
        }
    }
    if small.records > 0 {
        weighed.push(small);
    }
    weighed.retain(|one| one.total > 0);
    weighed
}

/// Partitions in which what known records state moved by more than the limit, all of it, what the source speaks for or what is granted
/// alone: told from half of the limit on.
pub(super) fn moved(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let of_voice = |voice: Voice| {
        let stated = of(before, now, (terms, Weighed::Stated(voice)));
        graver(stated, of(before, now, (terms, Weighed::Granted(voice))))
    };
    let all = of_voice(Voice::All);
    // Where all that it stated was its own, both are the same; but for sums of the same funders that it speaks for no more, without the
    // column that says of which scheme they are.
    let is_own = before.partitions.values().all(|part| part.reported.count == 0);
    let mut changed = now.changed.iter().filter_map(|(key, says)| Some((before.changed.get(key)?, says)));
    if is_own && !changed.any(|(said, says)| says.own.len() < says.all.len() && !said.leaves_funder(says)) {
        return all;
    }
    graver(of_voice(Voice::Own), all)
}

fn of(before: &Before, now: &Series, (terms, weighed_as): (&Terms<'_>, Weighed)) -> Vec<SourceFinding> {
    let movement = |stated: &Said, states: &Said| weighed_as.movement(stated, states);
    let weighed = movements(before, now, (movement, |part: &Part| weighed_as.sum(part)));
    weighed.into_iter().filter_map(|moved| finding(&moved, (terms, weighed_as))).collect()
}

/// How what known records state moved, in each partition, beside what stood there.
pub(super) fn movements<'a>(
    before: &'a Before,
    now: &Series,
    (movement, sum): (impl Fn(&Said, &Said) -> i128, impl Fn(&Part) -> (u64, i128)),
) -> Vec<Moved<'a>> {
    let mut moves: BTreeMap<&str, Moves> = BTreeMap::new();
    for (key, states) in &now.changed {
        let Some(stated) = before.changed.get(key) else { continue };
        let movement = movement(stated, states);
        if movement != 0 {
            let moves = moves.entry(&*stated.partition).or_default();
            moves.records += 1;
            moves.moved += movement;
            moves.both_ways += movement.abs();
            moves.shares += u64::from(states.has_open_share());
        }
    }
    weighed(before, &moves, sum)
}

fn finding(moved: &Moved<'_>, (terms, weighed_as): (&Terms<'_>, Weighed)) -> Option<SourceFinding> {
    let limit = i128::from(terms.limits.moved_limit_percent);
    let Moved { partition, records, moved, both_ways, total, count, shares } = *moved;
    let percent = moved * 100 / total;
    // A column that was sorted alone: what is granted is another in many records, and the total stands.
    let is_exchanged = matches!(weighed_as, Weighed::Granted(_)) && records >= SERIES_MIN / 2 && percent.abs() <= limit;
    let weight = if is_exchanged { both_ways * 100 / total } else { percent.abs() };
    if count < SERIES_MIN / 2 || weight * 2 <= limit {
        return None;
    }
    let held = weight > limit;
    let (fr, en) = if held {
        (
            format!("plus que la limite de {limit} %, rien n'est appliqué"),
            format!("more than the limit of {limit} %, nothing is applied"),
        )
    } else {
        ("à vérifier auprès de son propriétaire".to_owned(), "to be checked with its owner".to_owned())
    };
    let sum = |cents: i128| i64::try_from(cents).map_or_else(|_| cents.to_string(), |one| Cents::new(one).to_string());
    let example = format!("{} EUR -> {} EUR", sum(total), sum(total + moved));
    let (what_fr, what_en) = (weighed_as.in_french(), weighed_as.in_english());
    let (of_fr, of_en) = (in_french(partition), in_english(partition));
    let (shares_fr, shares_en) = told_of_shares(shares);
    let message = if weight > percent.abs() {
        Message::new(
            format!(
                "{what_fr}{of_fr} changent dans {records} fiches connues, en plus et en moins, de {weight} % du total : {fr}"
            ),
            format!(
                "{what_en}{of_en} change in {records} known records, up and down, by {weight} % of the total: {en}"
            ),
        )
    } else {
        Message::new(
            format!(
                "{what_fr} de {records} fiches connues changent le total{of_fr} de {percent:+} %{shares_fr} : {fr}"
            ),
            format!("{what_en} of {records} known records move the total{of_en} by {percent:+} %{shares_en}: {en}"),
        )
    };
    let finding = terms.finding(SourceFindingKind::TotalMoved, partition, message);
    Some(SourceFinding { held, example: Some(example), ..finding })
}

/// What is said of records whose sum became a share of one.
fn told_of_shares(count: u64) -> (String, String) {
    if count == 0 {
        return <(String, String)>::default();
    }
    (
        format!(
            " ; {count} d'entre elles disent à présent une part d'un montant, que les autres lignes de la décision ne complètent pas"
        ),
        format!(
            "; {count} of them state a share of a sum by now, which the other rows of the decision do not make a whole"
        ),
    )
}

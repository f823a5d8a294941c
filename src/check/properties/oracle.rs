//! Why a project may not be called known and shared: asked of the records themselves, by another road than the portfolio.

use crate::domain::Instant;
use crate::domain::facts::StatementFacts;
use crate::domain::governance::{Act, PlanVersion};
use crate::domain::image::{LedgerImage, SourceImage};
use crate::domain::money::Cents;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::source::Standing;
use crate::domain::text::SourceId;
use crate::domain::vocabulary::{Authority, Form, Nature, Stage};
use crate::portfolio::fixture::{MAX_AGE_S, REGION};

/// A record and what it says of one sum.
type Said<'a> = (&'a RecordVersion, &'a StatementFacts);

/// Is it a decision, a refusal or a "nothing" of a day that has not come? A proposal may be of one.
fn is_to_come(word: &StatementFacts, now: Instant) -> bool {
    let decided = word.nothing || word.stage != Some(Stage::Propose);
    decided && word.decided_on.is_some_and(|day| day > now.date_naive() + chrono::TimeDelta::days(1))
}

fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// Can a word of a funder be about this sum? A vote may fill what is left open; a "nothing" speaks of no more than it names, and
/// a refusal of no other amount.
fn is_about(word: &StatementFacts, sum: &StatementFacts) -> bool {
    if std::ptr::eq(word, sum) {
        return !word.nothing || speaks_of_more_than_one_sum(word);
    }
    if word.nothing {
        let form = word.form == Form::Subvention || word.form == sum.form;
        let is_named = |stated: bool, same: bool| !stated || same;
        return form
            && is_named(word.year.is_some(), word.year == sum.year)
            && is_named(word.dispositif.is_some(), word.dispositif == sum.dispositif)
            && is_named(word.reference.is_some(), word.reference == sum.reference);
    }
    let like = word.form == sum.form
        && agree(word.year.as_ref(), sum.year.as_ref())
        && agree(word.dispositif.as_ref(), sum.dispositif.as_ref())
        && agree(word.reference.as_ref(), sum.reference.as_ref());
    let same = word.reference.is_some() && word.reference == sum.reference;
    let refuses = word.stage == Some(Stage::Refuse);
    let dated = word.year.is_none() || word.year == sum.year || sum.decided_on.is_some();
    like && (!refuses || same || dated)
}

/// What others say of a sum, filled with what they say of it elsewhere.
fn filled(sum: &StatementFacts, said: &[Said<'_>]) -> StatementFacts {
    let of_sum = |one: &&StatementFacts| {
        let same = (&one.funder, one.nature, one.form) == (&sum.funder, sum.nature, sum.form);
        same && one.stage != sum.stage && one.stage != Some(Stage::Refuse) && !one.nothing && is_about(one, sum)
    };
    let others = || said.iter().map(|(_, one)| *one).filter(of_sum);
    StatementFacts {
        year: sum.year.or_else(|| others().find_map(|one| one.year)),
        decided_on: sum.decided_on.or_else(|| others().find_map(|one| one.decided_on)),
        dispositif: sum.dispositif.clone().or_else(|| others().find_map(|one| one.dispositif.clone())),
        reference: sum.reference.clone().or_else(|| others().find_map(|one| one.reference.clone())),
        ..sum.clone()
    }
}

/// Does a "nothing" name no year, no form, no scheme and no reference; is it a refusal or a sum?
fn speaks_of_more_than_one_sum(word: &StatementFacts) -> bool {
    !word.nothing
        || word.form == Form::Subvention
            && (word.year, word.dispositif.is_none(), word.reference.is_none()) == (None, true, true)
}

/// Does the word of others that a sum is given up end this one: in its amount, in that of all that its source says of the funder, by its
/// reference, or where one of both states none; and no grant, unless it is the later word?
fn ends(word: &StatementFacts, (record, one): Said<'_>, said: &[Said<'_>]) -> bool {
    let like = |(other, asked): &&Said<'_>| other.source == record.source && asked.funder == one.funder;
    let total: Option<Cents> =
        said.iter().filter(like).filter(|(_, asked)| asked.stage == one.stage).map(|(_, asked)| asked.amount).sum();
    let is_named = word.reference.is_some() && word.reference == one.reference;
    let is_of_its_amount = agree(word.amount.as_ref(), one.amount.as_ref()) || word.amount == total;
    let is_later = one.decided_on.zip(word.decided_on).is_some_and(|(granted, ended)| granted < ended);
    (is_named || is_of_its_amount) && (is_later || !one.stage.is_some_and(Stage::is_decided))
}

/// Does the same source say a later stage of what it asks for: the figure of that one is what counts?
fn goes_on(asked: &StatementFacts, source: &SourceId, said: &[Said<'_>]) -> bool {
    said.iter().any(|(record, one)| {
        let later = one.stage.is_some_and(|stage| stage.at_least(Stage::Propose)) && !one.nothing;
        let same = (&one.funder, one.nature, one.form) == (&asked.funder, asked.nature, asked.form);
        record.source == *source && later && same && is_about(one, asked)
    })
}

/// Does one source ask for more sums of a funder than it refuses, and does it say nothing else of any? One refusal is of one sum, in
/// its amount or in that of all of them.
fn is_refused_less_often<'a>(
    (like, nature): (&StatementFacts, Option<Nature>),
    asked: impl Iterator<Item = StatementFacts>,
    words: impl Iterator<Item = &'a StatementFacts> + Clone,
    now: Instant,
) -> bool {
    let in_cell = |one: &StatementFacts| {
        (&one.funder, one.nature, one.form) == (&like.funder, nature, like.form) && one.amount != Some(Cents::ZERO)
    };
    let said = words.filter(|one| one.funder == like.funder && !is_to_come(one, now));
    let refuses = |word: &&StatementFacts| !word.nothing && word.stage == Some(Stage::Refuse);
    let others = said.clone().filter(|word| !refuses(word) && (word.nothing || word.stage != Some(Stage::Sollicite)));
    let asked: Vec<StatementFacts> =
        asked.filter(in_cell).filter(|one| !others.clone().any(|word| is_about(word, one))).collect();
    let fits = |word: &StatementFacts, one: &StatementFacts| {
        let same = word.reference.is_some() && word.reference == one.reference;
        is_about(word, one) && (same || agree(word.amount.as_ref(), one.amount.as_ref()))
    };
    let refusals: Vec<&StatementFacts> = said.filter(refuses).collect();
    let subsets =
        || (1_usize..1 << asked.len()).map(|subset| (0..asked.len()).filter(move |at| subset & (1 << at) != 0));
    // Several of them may be refused together, in their total.
    let is_total = subsets().any(|subset| {
        let amounts: Vec<Option<Cents>> = subset.map(|at| asked[at].amount).collect();
        let total: Option<Cents> = amounts.iter().copied().sum();
        amounts.len() > 1 && total.is_some() && refusals.iter().any(|word| word.amount == total)
    });
    // A refusal for each: none of these is left without one, whichever takes which (Hall's condition, over every subset).
    let fails = subsets().any(|subset| {
        let given = refusals.iter().filter(|word| subset.clone().any(|at| fits(word, &asked[at]))).count();
        given < subset.count()
    });
    fails && !is_total
}

/// Is it asked, or thought of or proposed as others say, and lower than each figure of its funder that may be about it? Not where the
/// reference is the same, nor where several requests come to a figure.
fn is_below_what_was_granted(
    one: &StatementFacts,
    sum: &StatementFacts,
    words: &[&StatementFacts],
    said: &[Said<'_>],
) -> bool {
    let Some(amount) = one.amount.filter(|amount| *amount > Cents::ZERO) else { return false };
    let may_be = |word: &&&StatementFacts| {
        let nature = agree(word.nature.as_ref(), one.nature.as_ref());
        word.funder == one.funder && nature && (is_about(word, one) || is_about(word, sum))
    };
    let at = |wanted: fn(Stage) -> bool| -> Vec<Cents> {
        let firm = words.iter().filter(may_be).filter(|word| !word.nothing && word.stage.is_some_and(wanted));
        firm.filter_map(|word| word.amount).collect()
    };
    let granted = at(|stage| matches!(stage, Stage::Attribue | Stage::Engage));
    let figures = if granted.is_empty() { at(|stage| stage == Stage::Propose) } else { granted };
    let is_named = words.iter().filter(may_be).any(|word| word.reference.is_some() && word.reference == one.reference);
    let asked: Vec<Cents> = said
        .iter()
        .filter(|(_, other)| other.funder == one.funder && other.stage == Some(Stage::Sollicite))
        .filter_map(|(_, other)| other.amount)
        .collect();
    let is_total = figures.iter().any(|figure| {
        (1_usize..1 << asked.len()).any(|subset| {
            let chosen = || (0..asked.len()).filter(move |at| subset & (1 << at) != 0);
            chosen().count() > 1 && chosen().map(|at| asked[at]).sum::<Cents>() == *figure
        })
    });
    !figures.is_empty() && figures.iter().all(|figure| *figure > amount) && !is_named && !is_total
}

/// Why nobody may call this project known and shared; asked of the records alone.
#[expect(clippy::too_many_lines, reason = "one list of reasons, each asked of the same records")]
pub(super) fn reasons_against(image: &LedgerImage, now: Instant, plan: &PlanVersion) -> Vec<String> {
    let profile = |record: &RecordVersion| image.sources.iter().find(|one| one.profile.id == record.source);
    let said: Vec<(&RecordVersion, &StatementFacts)> =
        image.records.iter().flat_map(|record| record.facts.statements.iter().map(move |one| (record, one))).collect();
    let mut against = Vec::new();
    if said.is_empty() {
        against.push("nobody says anything".to_owned());
    }
    let in_time = |source: &SourceImage| {
        let read = source.partitions.iter().map(|(_, at)| *at).max();
        let age_s = read.map(|read| (now - read).num_seconds());
        !source.held && age_s.is_some_and(|age_s| (-300..=i64::try_from(MAX_AGE_S).expect("small")).contains(&age_s))
    };
    for (record, one) in &said {
        let (funder, nature) = (&one.funder, one.nature);
        if matches!(one.stage, Some(Stage::Abandonne)) && !one.nothing {
            continue;
        }
        let cell = format!("{funder} {nature:?}");
        let none = |word: &StatementFacts| word.nothing || word.stage == Some(Stage::Refuse);
        // Of one cell; or, where one of both leaves its nature open, perhaps of one sum: not when the funder's own figures
        // differ. Over what others report, its own word is the last one.
        let reported = profile(record).is_some_and(|source| source.profile.authority(one, &[]) == Authority::Reported);
        // A request and what was voted are stages of one sum, whatever their figures.
        let asked = one.stage == Some(Stage::Sollicite);
        let same_sum = reported || asked || one.amount.is_none_or(|amount| amount == Cents::ZERO);
        let covers = |word: &StatementFacts| {
            let open = nature.is_none() || word.nature.is_none();
            // What is proposed, granted, engaged are stages of one sum too.
            let firm = |one: &StatementFacts| one.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
            let stages = firm(one) && firm(word) && one.stage != word.stage;
            let figure = same_sum || stages || word.amount.is_none() || one.amount == word.amount;
            word.funder == *funder && (word.nature == nature || open && figure)
        };
        let refused = said.iter().any(|(_, word)| none(word) && covers(word));
        if nature.is_none() && !refused && !said.iter().any(|(_, word)| word.nature.is_some() && covers(word)) {
            against.push(format!("{cell}: nature left open"));
        }
        for source in image.sources.iter().filter(|source| source.profile.may_speak_for(funder, nature)) {
            if !in_time(source) {
                against.push(format!("{cell}: {} was not read in time", source.profile.id));
            }
        }
        let answers: Vec<Said<'_>> = said
            .iter()
            .copied()
            .filter(|(other, word)| {
                let source = profile(other).expect("a source for each record");
                let declared = source.profile.standing == Standing::Declarations;
                let is_told = word.amount.is_some_and(|amount| amount != Cents::ZERO);
                let complete = is_told && word.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
                covers(word)
                    && (none(word) || nature.is_none() || word.nature == nature || word.nature.is_none() && !reported)
                    && source.profile.authority(word, &[]) == Authority::Own
                    && other.state == RecordState::Open
                    && (declared || in_time(source))
                    && (none(word) || complete)
                    && !is_to_come(word, now)
            })
            .collect();
        let is_own = |(other, word): &Said<'_>| {
            profile(other).is_some_and(|source| source.profile.authority(word, &[]) == Authority::Own)
        };
        let sum = filled(one, &said);
        let is_said_of_it =
            answers.iter().any(|(_, word)| is_about(word, one) || is_about(word, &sum) && (reported || asked));
        // Who says of others that they put nothing, refused, or gave up, or put zero, asks for no answer on a sum.
        let ended = |(_, other): &Said<'_>| {
            let is_of_it = other.funder == *funder && !other.nothing && is_about(other, one);
            other.stage == Some(Stage::Abandonne) && is_of_it && ends(other, (record, one), &said)
        };
        let is_answer = none(one) || one.amount == Some(Cents::ZERO) || reported && said.iter().any(ended);
        let is_answered =
            is_said_of_it || is_answer && answers.iter().any(|(_, word)| speaks_of_more_than_one_sum(word));
        let is_heard = is_answer
            && answers.iter().any(|(_, word)| said.iter().any(|asked| !is_own(asked) && is_about(word, asked.1)));
        if !is_answered && !is_heard {
            against.push(format!("{cell}: no own word that stands ({})", record.key));
        }
        let words = said.iter().filter(|word| is_own(word)).map(|(_, word)| *word);
        let listed = said.iter().filter(|(other, asked)| {
            other.source == record.source
                && asked.stage == Some(Stage::Sollicite)
                && !asked.nothing
                && !goes_on(asked, &record.source, &said)
        });
        if asked
            && !one.nothing
            && is_refused_less_often((one, nature), listed.map(|(_, asked)| filled(asked, &said)), words, now)
        {
            against.push(format!("{cell}: more is asked than refused"));
        }
        let own: Vec<&StatementFacts> = said.iter().filter(|word| is_own(word)).map(|(_, word)| *word).collect();
        let is_ended = refused || said.iter().any(ended);
        if asked && !one.nothing && !is_ended && is_below_what_was_granted(one, &sum, &own, &said) {
            against.push(format!("{cell}: less is asked than was granted"));
        }
        let shared = image.acts.iter().any(|entry| {
            matches!(&entry.act, Act::Acknowledged { plan: version, by, .. } if version == plan && by == funder)
        });
        let puts = one.amount.is_some_and(|amount| amount > Cents::ZERO) && !one.nothing && !refused;
        if puts && funder.as_str() != REGION && !shared {
            against.push(format!("{cell}: has not shared this version"));
        }
        let npnru = one.dispositif.as_ref().is_some_and(|code| code.as_str() == "NPNRU-REGION");
        if npnru && !refused && one.stage.is_none_or(|stage| stage.rank().is_some()) && !one.nothing {
            against.push("ANRU is expected and silent".to_owned());
        }
    }
    against
}

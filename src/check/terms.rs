//! What of the sums of a line makes the version of a plan, beside what the line comes to: their form, their budget year, their tax basis,
//! whether they are decided, and how many they are.

use crate::domain::governance::{PlanContent, PlanEntry};
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::Nature;
use std::collections::BTreeSet;

/// The sums of one line.
pub(super) fn of_line<'a>(
    content: &'a PlanContent,
    (funder, nature): (&OrganisationId, Option<Nature>),
) -> Vec<&'a PlanEntry> {
    content.entries.iter().filter(|one| one.funder == *funder && one.nature == nature).collect()
}

/// What is another in the sums of a line, of which other changes may be told already: its state, and what it comes to.
pub(super) fn changed(was: &[&PlanEntry], is: &[&PlanEntry], (state, amount): (bool, bool)) -> Option<Message> {
    let mut told: Vec<Message> = Vec::new();
    if !was.is_empty() && !is.is_empty() {
        told.extend(aspect((was, is), ("forme", "form"), |one| same(&one.form.to_string())));
        told.extend(aspect((was, is), ("exercice", "budget year"), |one| match one.year {
            Some(year) => same(&year.to_string()),
            None => ("non dit".to_owned(), "not stated".to_owned()),
        }));
        told.extend(aspect((was, is), ("base de taxe", "tax basis"), |one| same(&one.tax_basis.to_string())));
    }
    if !was.is_empty() && !is.is_empty() && !state {
        told.extend(aspect((was, is), ("vote", "vote"), |one| match one.decided {
            true => ("décidé".to_owned(), "decided".to_owned()),
            false => ("pas encore décidé".to_owned(), "not decided yet".to_owned()),
        }));
    }
    if told.is_empty() && !state && !amount && was != is {
        told.push(Message::new("ce ne sont plus les mêmes sommes", "its sums are not the same any more"));
    }
    let (fr, en): (Vec<String>, Vec<String>) = told.into_iter().map(|one| (one.fr, one.en)).unzip();
    (!fr.is_empty()).then(|| Message::new(fr.join(" ; "), en.join("; ")))
}

fn same(text: &str) -> (String, String) {
    (text.to_owned(), text.to_owned())
}

/// What the sums say of one aspect, where it is no longer what it was.
fn aspect(
    (was, is): (&[&PlanEntry], &[&PlanEntry]),
    (fr, en): (&str, &str),
    of: fn(&PlanEntry) -> (String, String),
) -> Option<Message> {
    let said = |all: &[&PlanEntry]| -> BTreeSet<(String, String)> { all.iter().map(|one| of(one)).collect() };
    let (before, now) = (said(was), said(is));
    let in_french = |all: &BTreeSet<(String, String)>| joined(all.iter().map(|one| &*one.0));
    let in_english = |all: &BTreeSet<(String, String)>| joined(all.iter().map(|one| &*one.1));
    (before != now).then(|| {
        Message::new(
            format!("{fr} {}, à présent {}", in_french(&before), in_french(&now)),
            format!("{en} {}, now {}", in_english(&before), in_english(&now)),
        )
    })
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

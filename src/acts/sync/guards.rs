//! Columns without which a read is not applied: those that the map cannot do without, and those that protect sums, hold lines or decide
//! what counts. Pure.

use super::columns::Columns;
use super::drift::{Terms, common, listed, paths, steps};
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::HashSet;

/// Marks what vanished and met a need that nothing meets any more.
pub fn hold_the_lost(vanished: &mut [SourceFinding], now: &Columns, needed: &[Vec<String>]) {
    let mut there = HashSet::new();
    paths(&now.top, "", &mut there);
    for fields in needed {
        if fields.iter().any(|field| there.contains(&whole(field))) {
            continue;
        }
        // What stood within a column that vanished is gone with it.
        let within = |field: &str, gone: &str| whole(field) == gone || whole(field).starts_with(&format!("{gone}."));
        let names = listed(&fields.iter().map(String::as_str).collect::<Vec<_>>());
        for finding in vanished.iter_mut() {
            let gone = whole(finding.field.as_deref().unwrap_or_default());
            if fields.iter().any(|field| within(field, &gone)) {
                (finding.held, finding.message) = (true, vanished_need(&names));
            }
        }
    }
}

/// What protected a sum, held lines, or decided what counts, in some of the known records, and stands in none of those just read: a source that leaves
/// empty members out shows so little when it leaves the column out.
pub fn unguarded<'a>(
    before: &Columns,
    now: &Columns,
    terms: &'a Terms<'_>,
) -> impl Iterator<Item = SourceFinding> + 'a {
    let (mut was, mut is) = (HashSet::new(), HashSet::new());
    if terms.is_piece {
        common(&before.top, "", &mut was)
    } else {
        paths(&before.top, "", &mut was)
    }
    paths(&now.top, "", &mut is);
    let can_tell = now.top.objects > 0 && !now.is_full();
    let lost = terms.guarded.iter().filter(move |fields| {
        can_tell
            && fields.iter().any(|field| was.contains(&whole(field)))
            && !fields.iter().any(|field| is.contains(&whole(field)))
    });
    lost.map(|fields| {
        held_for(fields, terms.at, |names| {
            Message::new(
                format!("des fiches connues avaient une colonne qui protège ou porte des montants, ou décide lesquels comptent ({names}), aucune de celles lues ne l'a : rien n'est appliqué ; voyez le propriétaire de la source"),
                format!("known items had a column that protects or holds sums, or decides which count ({names}), none of those read has it: nothing is applied; see the owner of the source"),
            )
        })
    })
}

/// What is said of a column that the map needs and that is gone, under any of these names.
fn vanished_need(names: &str) -> Message {
    Message::new(
        format!(
            "la colonne nécessaire a disparu de la source ({names}) : rien n'est appliqué ; voyez son propriétaire, ou le manifeste"
        ),
        format!(
            "the column that the map needs vanished from the source ({names}): nothing is applied; see its owner, or the manifest"
        ),
    )
}

/// What `now` lacks, under any of its names, and all of the tables that are known beside it have.
pub fn lost_beside(
    now: &HashSet<String>,
    known: &[HashSet<String>],
    needs: impl Iterator<Item = Vec<String>>,
) -> impl Iterator<Item = Vec<String>> {
    let has = |there: &HashSet<String>, names: &[String]| names.iter().any(|name| there.contains(&whole(name)));
    needs.filter(move |names| {
        !names.is_empty() && !known.is_empty() && !has(now, names) && known.iter().all(|there| has(there, names))
    })
}

/// What holds a table that lacks what all others have.
pub fn lost(names: &[String], since: Instant) -> SourceFinding {
    held_for(names, since, |named| {
        Message::new(
            format!(
                "une colonne dont dépendent les montants manque ({named}), que toutes les autres listes lues ont : rien n'est appliqué ; voyez son propriétaire, ou le manifeste"
            ),
            format!(
                "a column on which sums depend is missing ({named}), and all other lists that were read have it: nothing is applied; see its owner, or the manifest"
            ),
        )
    })
}

/// What holds a run for want of a column, which may stand under any of these names; `message` is given them as they are listed.
pub fn held_for(names: &[String], since: Instant, message: impl Fn(&str) -> Message) -> SourceFinding {
    let message = message(&listed(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    let kind = SourceFindingKind::ColumnVanished;
    SourceFinding {
        kind,
        field: names.first().cloned(),
        about: None,
        since,
        example: None,
        message,
        was: None,
        held: true,
    }
}

/// A path, made compact.
pub fn whole(field: &str) -> String {
    steps(field).collect::<Vec<_>>().join(".")
}

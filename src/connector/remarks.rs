//! What a person should look at before a manifest is trusted: nothing in it is wrong in itself, and most of what it reads is.

use super::Mapped;
use super::preview::Preview;
use crate::domain::facts::{Facts, StatementFacts};
use crate::domain::money::Cents;
use crate::domain::source::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer accepted records than this tell nothing of a column.
const RECORDS_MIN: usize = 5;
/// Fewer accepted records than this tell nothing of a partition.
const PARTITIONED_MIN: usize = 10;
/// Partitions in a hundred accepted records from which it divides nothing.
const PARTITIONS_PERCENT: usize = 80;
/// An amount of a euro at most is a share, it seems, where all are.
const SHARE_MAX: Cents = Cents::new(100);

/// Funders that a remark names.
const FUNDERS_TOLD_MAX: usize = 3;

/// What the first records of a source say of its manifest, one sentence each. `speaks_for` is what the manifest gives
/// the source to say in its own right.
pub fn remarks(preview: &Preview, speaks_for: &[Scope]) -> Vec<String> {
    let accepted: Vec<(&str, &Facts)> = preview.records.iter().filter_map(|record| taken(&record.mapped)).collect();
    let mut remarks = warned(&accepted);
    remarks.extend(divided(&accepted));
    remarks.extend(tiny(&accepted));
    remarks.extend(unsettled(&accepted));
    remarks.extend(unheard(&accepted, speaks_for));
    remarks
}

fn taken(mapped: &Mapped) -> Option<(&str, &Facts)> {
    match mapped {
        Mapped::Accepted { partition, facts, .. } => Some((partition, facts)),
        Mapped::Rejected { .. } | Mapped::Skipped { .. } => None,
    }
}

/// Warnings that most records carry: a column that holds something else.
fn warned(accepted: &[(&str, &Facts)]) -> Vec<String> {
    if accepted.len() < RECORDS_MIN {
        return Vec::new();
    }
    let mut times: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for (_, facts) in accepted {
        let told: BTreeSet<_> = facts.warnings.iter().map(|one| (&*one.code, one.field.as_deref())).collect();
        told.into_iter().for_each(|one| *times.entry(one).or_default() += 1);
    }
    let (all, most) = (accepted.len(), times.into_iter().filter(|(_, times)| times * 2 > accepted.len()));
    most.map(|((code, field), times)| {
        let field = field.map_or_else(String::new, |field| format!(" (field `{field}`)"));
        format!("{times} of the {all} records accepted carry the warning `{code}`{field}: is it the right column, and read by the right `as` or `values`?")
    })
    .collect()
}

/// A partition that is another one in nearly every record.
fn divided(accepted: &[(&str, &Facts)]) -> Option<String> {
    let (all, partitions) = (accepted.len(), accepted.iter().map(|one| one.0).collect::<BTreeSet<_>>().len());
    (all >= PARTITIONED_MIN && partitions * 100 >= all * PARTITIONS_PERCENT).then(|| {
        format!(
            "{partitions} partitions for {all} records accepted: each is closed and weighed by itself, so that a record that is gone, and a file that is loaded twice, would hardly be noticed; name what is read again as a whole, a year for example (as = \"date-year\")"
        )
    })
}

/// Amounts none of which is above a euro.
fn tiny(accepted: &[(&str, &Facts)]) -> Option<String> {
    let amounts = accepted.iter().flat_map(|(_, facts)| &facts.statements).filter_map(|one| one.amount);
    let (count, largest) = amounts.fold((0, Cents::ZERO), |(count, most), amount| (count + 1, most.max(amount)));
    (count >= RECORDS_MIN && largest <= SHARE_MAX)
        .then(|| format!("none of the {count} amounts is above {SHARE_MAX} EUR: is the column that of a share?"))
}

/// Shares of sums granted to several, of which no other row is there: what of the amount is the row's own is in doubt.
fn unsettled(accepted: &[(&str, &Facts)]) -> Option<String> {
    let sums = accepted.iter().flat_map(|(_, facts)| &facts.statements);
    let shared = sums.filter_map(|sum| Some((sum.part.as_ref()?, sum)));
    let mut rows: BTreeMap<_, Vec<&StatementFacts>> = BTreeMap::new();
    for (part, sum) in shared {
        rows.entry((&part.of, &sum.funder, sum.year)).or_default().push(sum);
    }
    let alone: Vec<&StatementFacts> = rows.into_values().filter(|rows| rows.len() == 1).flatten().collect();
    let sum = alone.iter().filter_map(|one| one.amount).fold(Cents::ZERO, |sum, amount| sum + amount);
    (alone.len() >= RECORDS_MIN).then(|| {
        format!(
            "{} rows state a share of a sum granted to several, and no other row of it is among these {} records: what of their {sum} EUR is theirs is in doubt, counts for the public as unknown, and stands in no total as certain; is `part` the right field, and its `of` the decision?",
            alone.len(),
            accepted.len()
        )
    })
}

/// A source that is given a word, none of which falls under any of its scopes: another spelling of the funder, or a
/// nature that no record states. What was to be the funder's own word is only reported then. One scope of several that
/// is not met is usual in a sample.
fn unheard(accepted: &[(&str, &Facts)], speaks_for: &[Scope]) -> Option<String> {
    let sums = || accepted.iter().flat_map(|(_, facts)| &facts.statements);
    let is_met = |scope: &Scope| sums().any(|sum| scope.covers(sum.into()));
    if accepted.len() < RECORDS_MIN || sums().next().is_none() || speaks_for.iter().any(is_met) {
        return None;
    }
    let told: BTreeSet<String> = sums().map(|sum| sum.funder.to_string()).collect();
    let told: Vec<String> = told.into_iter().take(FUNDERS_TOLD_MAX).collect();
    Some(format!(
        "[[speaks-for]] {}: none of the sums of these {} records falls under it, so that none is known by it; the records name {}. Is it the right funder, and are its natures and dispositifs stated?",
        speaks_for.first()?.funder,
        accepted.len(),
        told.join(", ")
    ))
}

//! The figures of one commitment: one per stage, and the one that counts.

use super::case::{RecordEntry, StageFigure, Statement};
use super::index::SourceIx;
use crate::domain::record::RecordState;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, Stage, TaxBasis};
use std::cmp::Reverse;

/// The records of a project and the standing of their sources: what the last word depends on.
pub(crate) struct Bench<'a> {
    pub(crate) records: &'a [RecordEntry],
    pub(crate) standing: &'a dyn Fn(SourceIx) -> Standing,
}

impl Bench<'_> {
    fn record(&self, statement: &Statement) -> &RecordEntry {
        &self.records[statement.record as usize]
    }

    fn source(&self, statement: &Statement) -> SourceIx {
        self.record(statement).source
    }

    fn standing(&self, statement: &Statement) -> Standing {
        (self.standing)(self.source(statement))
    }

    /// Puts the statements of one commitment in order: the own ones first, systems of record before publications,
    /// the latest observation first.
    pub(crate) fn order(&self, statements: &mut [Statement]) {
        statements.sort_by_cached_key(|statement| {
            (
                statement.authority == Authority::Reported,
                self.standing(statement),
                Reverse(self.record(statement).observed_at),
                statement.record,
                statement.ordinal,
            )
        });
    }
}

/// The headline of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Headline {
    /// Position of the statement that has the last word.
    pub(crate) deciding: usize,
    pub(crate) stage: Option<Stage>,
    /// Does the deciding statement's amount stand for the commitment? Not for a payment, a refusal, a renunciation.
    pub(crate) has_figure: bool,
    /// Own statements contradict each other.
    pub(crate) disagreement: bool,
}

/// The figure of each stage that was stated, in the order of stages. `statements` are in order.
pub(crate) fn figures(bench: &Bench<'_>, statements: &[Statement]) -> Vec<StageFigure> {
    let stages = super::survey::sorted(statements.iter().filter_map(|statement| statement.stage));
    let figure = |stage: &Stage| {
        let best = &statements[best_at(statements, |statement| statement.stage == Some(*stage))?];
        let amount = best.amount.filter(|_| *stage != Stage::Verse || !paid_in_parts(bench, statements, best));
        Some(StageFigure { stage: *stage, amount, decided_on: best.decided_on })
    };
    stages.iter().filter_map(figure).collect()
}

/// The last word among the statements that `wanted` keeps: own first, an amount before none, then in order.
fn best_at(statements: &[Statement], wanted: impl Fn(&Statement) -> bool) -> Option<usize> {
    let all = statements.iter().enumerate().filter(|(_, statement)| wanted(statement));
    all.min_by_key(|(at, statement)| (statement.authority == Authority::Reported, statement.amount.is_none(), *at))
        .map(|(at, _)| at)
}

/// Several payments listed by one source: what was paid in all is not told by any of them.
fn paid_in_parts(bench: &Bench<'_>, statements: &[Statement], best: &Statement) -> bool {
    statements.iter().any(|other| {
        other.stage == best.stage && bench.source(other) == bench.source(best) && other.amount != best.amount
    })
}

/// The headline of `statements`, which are in order and not empty.
pub(crate) fn headline(bench: &Bench<'_>, statements: &[Statement]) -> Headline {
    let own = verdict(statements, Authority::Own);
    let chosen = match own {
        Some(verdict) if verdict.stage == Some(Stage::Verse) => {
            // A payment proves a decision but not its sum: somebody else's word on the decided sum fills the gap.
            verdict_decided(statements, Authority::Reported).unwrap_or(verdict)
        }
        Some(verdict) => verdict,
        None => verdict(statements, Authority::Reported).unwrap_or(Verdict { at: 0, stage: None, doubtful: false }),
    };
    let has_figure = !matches!(chosen.stage, Some(Stage::Verse | Stage::Refuse | Stage::Abandonne));
    let disagreement = chosen.doubtful || contradicted(bench, statements);
    Headline { deciding: chosen.at, stage: chosen.stage, has_figure, disagreement }
}

#[derive(Clone, Copy)]
struct Verdict {
    at: usize,
    stage: Option<Stage>,
    /// Refused and granted at once, and no date tells which came last.
    doubtful: bool,
}

fn verdict(statements: &[Statement], authority: Authority) -> Option<Verdict> {
    let at_stage = |stage: Option<Stage>| {
        let at = best_at(statements, |one| one.authority == authority && one.stage == stage)?;
        Some(Verdict { at, stage, doubtful: false })
    };
    let decided = verdict_decided(statements, authority);
    let outside = at_stage(Some(Stage::Abandonne)).or_else(|| at_stage(Some(Stage::Refuse)));
    if let Some(outside) = outside {
        return Some(outside_or_decided(statements, outside, decided));
    }
    decided
        .or_else(|| at_stage(Some(Stage::Verse)))
        .or_else(|| at_stage(Some(Stage::Propose)))
        .or_else(|| at_stage(Some(Stage::Sollicite)))
        .or_else(|| at_stage(Some(Stage::Envisage)))
        .or_else(|| at_stage(None))
}

/// The decided sum: the final figure, else the latest stage that has a figure, else the latest stage.
fn verdict_decided(statements: &[Statement], authority: Authority) -> Option<Verdict> {
    let find = |stage: Stage, with_amount: bool| {
        let wanted = |one: &Statement| {
            one.authority == authority && one.stage == Some(stage) && (!with_amount || one.amount.is_some())
        };
        best_at(statements, wanted).map(|at| Verdict { at, stage: Some(stage), doubtful: false })
    };
    find(Stage::Solde, false)
        .or_else(|| find(Stage::Engage, true))
        .or_else(|| find(Stage::Attribue, true))
        .or_else(|| find(Stage::Engage, false))
        .or_else(|| find(Stage::Attribue, false))
}

/// A refusal or renunciation ends what came before it; only a decision dated later stands against it.
fn outside_or_decided(statements: &[Statement], outside: Verdict, decided: Option<Verdict>) -> Verdict {
    let Some(decided) = decided else { return outside };
    match (statements[outside.at].decided_on, statements[decided.at].decided_on) {
        (Some(ended), Some(voted)) if voted > ended => decided,
        (Some(ended), Some(voted)) if voted < ended => outside,
        _ => Verdict { doubtful: outside.stage == Some(Stage::Refuse), ..outside },
    }
}

/// Do own statements of one stage differ, or does one source state it twice? Payments may be many, requests are the
/// applicant's word: neither is looked at.
fn contradicted(bench: &Bench<'_>, statements: &[Statement]) -> bool {
    let firm = |statement: &&Statement| {
        statement.authority == Authority::Own
            && statement.stage.is_some_and(|stage| stage.at_least(Stage::Propose) && stage != Stage::Verse)
    };
    let own: Vec<&Statement> = statements.iter().filter(firm).collect();
    own.iter().enumerate().any(|(at, one)| {
        own[at + 1..].iter().any(|other| {
            let comparable = one.tax_basis == other.tax_basis
                || one.tax_basis == TaxBasis::NonPrecise
                || other.tax_basis == TaxBasis::NonPrecise;
            let differ = comparable && one.amount.is_some() && other.amount.is_some() && one.amount != other.amount;
            one.stage == other.stage && (differ || bench.source(one) == bench.source(other))
        })
    })
}

/// Did the record that a statement stands in go bad at its source?
pub(crate) fn gone_bad(bench: &Bench<'_>, statement: &Statement) -> bool {
    bench.record(statement).state == RecordState::Bad
}

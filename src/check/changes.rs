//! What changed between two checks of one project, from whom, since when: two pictures of two instants, compared line by line
//! and rule by rule.

use super::case::Case;
use super::explain::fill;
use super::outcome::{Verdict, Word};
use super::sharing::SharedBy;
use super::verdict::Check;
use crate::domain::Instant;
use crate::domain::governance::{Act, ActId, RuleCode};
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::text::SourceId;
use crate::domain::vocabulary::{CellState, Language, Nature, Severity};
use crate::portfolio::{OrganisationIx, PlanLine, SourceIx, source_read_for};
use chrono::TimeDelta;

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A funder has a line that it had not.
    LineAppeared,
    /// A funder has no line any more.
    LineGone,
    /// What is known of a line is another.
    LineState,
    /// What a funder says it puts is another.
    LineAmount,
    /// A line is no longer shared.
    ShareLapsed,
    /// A line is shared.
    Shared,
    /// The total cost is another.
    Budget,
    /// A rule is broken or unknown that was not.
    FindingAppeared,
    /// What comes of a rule is another: broken where it was unknown, graver, or about more or fewer things.
    FindingChanged,
    /// A rule is no longer broken or unknown.
    FindingGone,
    /// No source holds a record of the project any more: nothing is known of its means.
    ProjectGone,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// From whom; `None`: from no single funder.
    pub funder: Option<OrganisationId>,
    /// Section of the budget, where it is about a line.
    pub nature: Option<Nature>,
    /// The rule, where it is about one.
    pub rule: Option<RuleCode>,
    /// The source whose word, or whose silence, makes it; `None` where several do, or none.
    pub source: Option<SourceId>,
    /// Since when: when the word was read, when a reading grew too old, or when the present picture was made.
    pub since: Instant,
    /// One sentence.
    pub message: Message,
}

/// What changed from one check of a project to another.
pub fn changes(was: (&Case<'_>, &Check), is: (&Case<'_>, &Check)) -> Vec<Change> {
    let mut found = Vec::new();
    lines(was.0, is.0, &mut found);
    if was.0.plan.budget != is.0.plan.budget {
        let message = Message::new("Le coût total du projet a changé.", "The total cost of the project has changed.");
        found.push(bare(ChangeKind::Budget, latest(is.0), message));
    }
    rules(was, is, &mut found);
    found
}

fn bare(kind: ChangeKind, since: Instant, message: Message) -> Change {
    Change { kind, funder: None, nature: None, rule: None, source: None, since, message }
}

/// When the picture of the project was last changed by a record or an act.
fn latest(case: &Case<'_>) -> Instant {
    let read = case.facts().records.iter().map(|record| record.observed_at);
    let said = case.acts().map(|entry| entry.at);
    read.chain(said).max().unwrap_or(case.moment.now)
}

type Key<'a> = (&'a OrganisationId, Option<Nature>);

fn key<'a>(case: &Case<'a>, line: &PlanLine) -> Key<'a> {
    (case.identity(line.funder), line.nature)
}

fn lines(was: &Case<'_>, is: &Case<'_>, found: &mut Vec<Change>) {
    for (at, line) in is.plan.lines.iter().enumerate() {
        let before = was.plan.lines.iter().position(|other| key(was, other) == key(is, line));
        let Some(before_at) = before else {
            let sentence = ["{funder}, {nature} : une ligne de plus.", "{funder}, {nature}: one more line."];
            found.push(of_line((is, line), ChangeKind::LineAppeared, sentence, &[]));
            continue;
        };
        let before = &was.plan.lines[before_at];
        if before.state != line.state {
            let states = [("was", state(before.state)), ("is", state(line.state))];
            let sentence = ["{funder}, {nature} : {was}, à présent {is}.", "{funder}, {nature}: {was}, now {is}."];
            found.push(of_line((is, line), ChangeKind::LineState, sentence, &states));
        }
        if before.amount != line.amount {
            let amounts = [("was", amount(before)), ("is", amount(line))];
            let sentence = ["{funder}, {nature} : {was}, à présent {is}.", "{funder}, {nature}: {was}, now {is}."];
            found.push(of_line((is, line), ChangeKind::LineAmount, sentence, &amounts));
        }
        match (was.is_shared(before_at), is.is_shared(at)) {
            (true, false) => {
                found.push(lapsed((was, before_at), (is, line)));
            }
            (false, true) => {
                let sentence = ["{funder}, {nature} : est partagé.", "{funder}, {nature}: is shared."];
                found.push(of_line((is, line), ChangeKind::Shared, sentence, &[]));
            }
            _ => {}
        }
    }
    for line in &was.plan.lines {
        if !is.plan.lines.iter().any(|other| key(is, other) == key(was, line)) {
            let sentence =
                ["{funder}, {nature} : cette ligne n'est plus là.", "{funder}, {nature}: this line is gone."];
            let gone = of_line((was, line), ChangeKind::LineGone, sentence, &[]);
            found.push(Change { since: latest(is), source: None, ..gone });
        }
    }
}

/// A line that is no longer shared: because the plan is another one than was shared, whoever changed it, or because what shared it was
/// taken back or no longer counts.
fn lapsed((was, before_at): (&Case<'_>, usize), (is, line): (&Case<'_>, &PlanLine)) -> Change {
    if was.plan.version == is.plan.version {
        if let Some(back) = was.shared[before_at].and_then(SharedBy::act).and_then(|act| taken_back(is, act)) {
            let sentence = [
                "{funder}, {nature} : n'est plus partagé, l'acte qui le partageait a été repris.",
                "{funder}, {nature}: is no longer shared, the act that shared it was taken back.",
            ];
            let of_act = of_line((is, line), ChangeKind::ShareLapsed, sentence, &[]);
            return Change { source: None, since: back, ..of_act };
        }
        let sentence = ["{funder}, {nature} : n'est plus partagé.", "{funder}, {nature}: is no longer shared."];
        return of_line((is, line), ChangeKind::ShareLapsed, sentence, &[]);
    }
    let sentence = [
        "{funder}, {nature} : n'est plus partagé, le plan a changé depuis.",
        "{funder}, {nature}: is no longer shared, the plan has changed since.",
    ];
    let of_sum = of_line((is, line), ChangeKind::ShareLapsed, sentence, &[]);
    let newest = is.facts().records.iter().max_by_key(|record| record.observed_at);
    match newest.filter(|record| record.observed_at > was.moment.now) {
        Some(record) => {
            let source = is.portfolio.source(record.source).profile.id.clone();
            Change { source: Some(source), since: record.observed_at, ..of_sum }
        }
        None => Change { source: None, since: latest(is), ..of_sum },
    }
}

/// When an act about the project was taken back; `None`: it stands.
fn taken_back(case: &Case<'_>, act: ActId) -> Option<Instant> {
    let mut withdrawn = case.portfolio.acts_withdrawn_about(case.project);
    withdrawn.find(|entry| matches!(entry.act, Act::TakenBack { act: one, .. } if one == act)).map(|entry| entry.at)
}

fn state(state: CellState) -> Word {
    let (fr, en) = match state {
        CellState::Known => ("connu", "known"),
        CellState::Nothing => ("ne met rien", "puts nothing"),
        CellState::Reported => ("cité ou demandé seulement", "only reported or asked"),
        CellState::Silent => ("n'a rien dit", "has not spoken"),
        CellState::Stale => ("plus vérifié à temps", "not verified in time"),
    };
    Word::Said(Message::new(fr, en))
}

fn amount(line: &PlanLine) -> Word {
    line.amount.map_or_else(|| Word::Said(Message::new("montant inconnu", "amount unknown")), Word::Amount)
}

fn of_line(
    (case, line): (&Case<'_>, &PlanLine),
    kind: ChangeKind,
    sentence: [&str; 2],
    more: &[(&'static str, Word)],
) -> Change {
    let mut words = vec![("funder", Word::Body(line.funder)), ("nature", Word::Nature(line.nature))];
    words.extend(more.iter().cloned());
    let said = |language, sentence: &str| fill(sentence, case, &words, language);
    let (source, since) = origin(case, line);
    Change {
        kind,
        funder: Some(case.identity(line.funder).clone()),
        nature: line.nature,
        rule: None,
        source,
        since,
        message: Message::new(said(Language::Fr, sentence[0]), said(Language::En, sentence[1])),
    }
}

/// When the last reading that was in time for the one check grew too old for the other.
fn grown_old(was: &Case<'_>, is: &Case<'_>) -> Instant {
    let sources = is.plan.lines.iter().flat_map(|line| &line.late);
    let ends = sources.filter_map(|source| end_of_reading(is, *source));
    ends.filter(|end| (was.moment.now..=is.moment.now).contains(end)).max().unwrap_or(Instant::MIN_UTC)
}

/// Until when the last reading of a source is in time.
fn end_of_reading(case: &Case<'_>, source: SourceIx) -> Option<Instant> {
    let image = case.portfolio.source(source);
    let limit = TimeDelta::try_seconds(i64::try_from(image.profile.max_age_s).ok()?)?;
    source_read_for(image, case.facts())?.checked_add_signed(limit)
}

/// Whose word makes a line what it is, and since when: of a stale one, the source that was not read, since its reading grew too
/// old; of others, the record that says the latest, or the latest act.
fn origin(case: &Case<'_>, line: &PlanLine) -> (Option<SourceId>, Instant) {
    let portfolio = case.portfolio;
    if line.state == CellState::Stale {
        let late = line.late.iter().map(|source| {
            let end = end_of_reading(case, *source).filter(|end| *end <= case.moment.now);
            (Some(portfolio.source(*source).profile.id.clone()), end.unwrap_or(latest(case)))
        });
        if let Some(first) = late.min_by_key(|(_, since)| *since) {
            return first;
        }
    }
    let facts = case.facts();
    let about = |funder: OrganisationIx, nature| funder == line.funder && nature == line.nature;
    let said = facts.all_statements().iter().filter(|one| about(one.funder, one.nature)).map(|one| facts.record(one));
    let newest = said.max_by_key(|record| record.observed_at);
    match newest {
        Some(record) => {
            (Some(portfolio.source(record.source).profile.id.clone()), record.observed_at.max(acted(case, line)))
        }
        None => (None, latest(case)),
    }
}

/// When the funder, or who answers for it, last said something about the plan itself.
fn acted(case: &Case<'_>, line: &PlanLine) -> Instant {
    let funder = case.identity(line.funder);
    let own = case.acts().filter(|entry| {
        let by = entry.author.organisation.map(OrganisationId::from);
        by.is_some_and(|by| by == *funder || case.rulebook.answers_for(&by, funder, case.today()))
    });
    own.map(|entry| entry.at).max().unwrap_or(Instant::MIN_UTC)
}

/// What comes of one rule, over all that it is about.
struct Told {
    rule: RuleCode,
    /// How grave each, and whether it is unknown; sorted.
    outcomes: Vec<(Severity, bool)>,
    /// The gravest.
    message: Message,
    /// The funder that all of it is about; `None`: several, or none.
    funder: Option<OrganisationId>,
}

/// The rules that are broken or unknown, each once.
fn told(case: &Case<'_>, check: &Check) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for one in check.findings(case) {
        let outcome = (one.severity(), one.outcome.verdict == Verdict::Unknown);
        let named = one.outcome.words.iter().find_map(|(name, word)| match word {
            Word::Body(body) if *name == "funder" => Some(case.identity(*body).clone()),
            _ => None,
        });
        if let Some(known) = all.iter_mut().find(|known| known.rule == one.sheet.code) {
            known.outcomes.push(outcome);
            known.funder = known.funder.take().filter(|funder| Some(funder) == named.as_ref());
            continue;
        }
        let sentence = |language| one.sentence(case, language);
        let message = Message::new(sentence(Language::Fr), sentence(Language::En));
        all.push(Told { rule: one.sheet.code.clone(), outcomes: vec![outcome], message, funder: named });
    }
    for one in &mut all {
        one.outcomes.sort_unstable();
    }
    all
}

fn rules((was, before): (&Case<'_>, &Check), (is, now): (&Case<'_>, &Check), found: &mut Vec<Change>) {
    let (old, new) = (told(was, before), told(is, now));
    let since = latest(is).max(grown_old(was, is));
    let of_rule = |kind, one: &Told| Change {
        rule: Some(one.rule.clone()),
        funder: one.funder.clone(),
        ..bare(kind, since, one.message.clone())
    };
    let same = |list: &'_ [Told], rule: &RuleCode| list.iter().position(|known| known.rule == *rule);
    for one in &new {
        match same(&old, &one.rule) {
            None => found.push(of_rule(ChangeKind::FindingAppeared, one)),
            Some(at) if old[at].outcomes != one.outcomes => {
                let funder = one.funder.clone().filter(|funder| old[at].funder.as_ref() == Some(funder));
                found.push(Change { funder, ..of_rule(ChangeKind::FindingChanged, one) });
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|one| same(&new, &one.rule).is_none());
    found.extend(gone.map(|one| of_rule(ChangeKind::FindingGone, one)));
}

//! What changed between two checks of one project, from whom, since when: two pictures of two instants, compared line by line
//! and rule by rule.

use super::case::Case;
use super::dating::{Dated, Dating};
use super::explain::fill;
use super::outcome::{Finding, Verdict, Word};
use super::sharing::SharedBy;
use super::since::Course;
use super::terms;
use super::verdict::Check;
use crate::domain::Instant;
use crate::domain::governance::RuleCode;
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::text::SourceId;
use crate::domain::vocabulary::{CellState, Language, Nature, Severity};
use crate::portfolio::{PlanKey, PlanLine};

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
    /// The sums of a line are of another form, budget year or tax basis, are decided by now or no more, or are others.
    LineTerms,
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
    /// What was attested no longer comes of the facts of then: the rules, the tables or the settings are others.
    Rules,
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
    /// The source whose word, or whose silence, makes it; `None` where several do, none, or nobody knows.
    pub source: Option<SourceId>,
    /// Since when it is so without a break; `None`: that is not known for certain.
    pub since: Option<Instant>,
    /// One sentence.
    pub message: Message,
}

/// What changed from one check of a project to another. `past`: how it stood in between; without it, little is told of since when.
pub fn changes<'a>(
    was: (&'a Case<'a>, &'a Check),
    is: (&'a Case<'a>, &'a Check),
    past: Option<(Course<'a>, PlanKey<'a>)>,
) -> Vec<Change> {
    let mut found = Vec::new();
    let dating = Dating::of(was.0, is.0, past);
    lines(was.0, is.0, (&dating, &mut found));
    if was.0.plan.budget != is.0.plan.budget {
        let message = Message::new("Le coût total du projet a changé.", "The total cost of the project has changed.");
        found.push(bare(ChangeKind::Budget, dating.budget(), message));
    } else if was.0.plan.content.budget != is.0.plan.content.budget {
        let message = Message::new(
            "La base de taxe (HT, TTC) du coût total du projet a changé.",
            "The tax basis (HT, TTC) of the total cost of the project has changed.",
        );
        found.push(bare(ChangeKind::Budget, dating.budget(), message));
    }
    rules(was, is, (&dating, &mut found));
    found
}

fn bare(kind: ChangeKind, (source, since): Dated, message: Message) -> Change {
    Change { kind, funder: None, nature: None, rule: None, source, since, message }
}

type Key<'a> = (&'a OrganisationId, Option<Nature>);

fn key<'a>(case: &Case<'a>, line: &PlanLine) -> Key<'a> {
    (case.identity(line.funder), line.nature)
}

fn lines(was: &Case<'_>, is: &Case<'_>, (dating, found): (&Dating<'_>, &mut Vec<Change>)) {
    let (then, now) = (&was.plan.content, &is.plan.content);
    for (at, line) in is.plan.lines.iter().enumerate() {
        let before = was.plan.lines.iter().position(|other| key(was, other) == key(is, line));
        let Some(before_at) = before else {
            let sentence = ["{funder}, {nature} : une ligne de plus.", "{funder}, {nature}: one more line."];
            found.push(of_line((is, line), ChangeKind::LineAppeared, (sentence, &[]), dating.appeared(line)));
            continue;
        };
        let before = &was.plan.lines[before_at];
        let sentence = ["{funder}, {nature} : {was}, à présent {is}.", "{funder}, {nature}: {was}, now {is}."];
        if before.state != line.state {
            let states = [("was", state(before.state)), ("is", state(line.state))];
            found.push(of_line((is, line), ChangeKind::LineState, (sentence, &states), dating.state(line)));
        }
        if before.amount != line.amount {
            let amounts = [("was", amount(before)), ("is", amount(line))];
            found.push(of_line((is, line), ChangeKind::LineAmount, (sentence, &amounts), dating.amount(line)));
        }
        let (sums_then, sums) = (terms::of_line(then, key(is, line)), terms::of_line(now, key(is, line)));
        let is_told = (before.state != line.state, before.amount != line.amount);
        if let Some(what) = terms::changed(&sums_then, &sums, is_told) {
            let sentence = ["{funder}, {nature} : {what}.", "{funder}, {nature}: {what}."];
            let words = [("what", Word::Said(what))];
            found.push(of_line(
                (is, line),
                ChangeKind::LineTerms,
                (sentence, &words),
                dating.terms(key(is, line), &sums),
            ));
        }
        match (was.is_shared(before_at), is.is_shared(at)) {
            (true, false) => found.push(lapsed((was, before_at), (is, line), dating)),
            (false, true) => {
                let sentence = ["{funder}, {nature} : est partagé.", "{funder}, {nature}: is shared."];
                let dated = dating.shared((line, is.shared[at]), before.not_public_until.is_some());
                found.push(of_line((is, line), ChangeKind::Shared, (sentence, &[]), dated));
            }
            _ => {}
        }
    }
    for line in &was.plan.lines {
        if !is.plan.lines.iter().any(|other| key(is, other) == key(was, line)) {
            let sentence =
                ["{funder}, {nature} : cette ligne n'est plus là.", "{funder}, {nature}: this line is gone."];
            found.push(of_line((was, line), ChangeKind::LineGone, (sentence, &[]), dating.gone(key(was, line))));
        }
    }
}

const LAPSED: [&str; 2] = ["{funder}, {nature} : n'est plus partagé.", "{funder}, {nature}: is no longer shared."];
const TAKEN_BACK: [&str; 2] = [
    "{funder}, {nature} : n'est plus partagé, l'acte qui le partageait a été repris.",
    "{funder}, {nature}: is no longer shared, the act that shared it was taken back.",
];
const ONLY_VOTED: [&str; 2] = [
    "{funder}, {nature} : n'est plus partagé, une somme du plan a été votée depuis, et rien d'autre n'a changé.",
    "{funder}, {nature}: is no longer shared, a sum of the plan was voted since, and nothing else has changed.",
];
const PLAN_CHANGED: [&str; 2] = [
    "{funder}, {nature} : n'est plus partagé, le plan a changé depuis.",
    "{funder}, {nature}: is no longer shared, the plan has changed since.",
];

/// A line that is no longer shared: because the plan is another one than was shared, whoever changed it, or because what shared it was
/// taken back or no longer counts.
fn lapsed((was, before_at): (&Case<'_>, usize), (is, line): (&Case<'_>, &PlanLine), dating: &Dating<'_>) -> Change {
    let act = was.shared[before_at].and_then(SharedBy::act);
    let back = act.and_then(|act| dating.taken_back(act));
    // What needs no act lapses with what is known of the line, whatever else the plan holds.
    let changed = act.filter(|_| was.plan.version != is.plan.version).map(|_| dating.plan_changed());
    let (sentence, dated) = match (back, changed) {
        (Some(back), None) => (TAKEN_BACK, (None, Some(back))),
        (Some(back), Some((_, Some(at)))) if back < at => (TAKEN_BACK, (None, Some(back))),
        (_, Some(changed)) if dating.is_only_voted() => (ONLY_VOTED, changed),
        (_, Some(changed)) => (PLAN_CHANGED, changed),
        (None, None) => {
            let is_turned = was.plan.lines[before_at].state != line.state;
            (LAPSED, if is_turned { dating.state(line) } else { (None, None) })
        }
    };
    of_line((is, line), ChangeKind::ShareLapsed, (sentence, &[]), dated)
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
    (sentence, more): ([&str; 2], &[(&'static str, Word)]),
    (source, since): Dated,
) -> Change {
    let mut words = vec![("funder", Word::Body(line.funder)), ("nature", Word::Nature(line.nature))];
    words.extend(more.iter().cloned());
    let said = |language, sentence: &str| fill(sentence, case, &words, language);
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

/// What comes of one rule, over all that it is about.
struct Told<'a> {
    rule: &'a RuleCode,
    /// How grave each, and whether it is unknown; sorted.
    outcomes: Vec<(Severity, bool)>,
    /// Each thing that is told, the gravest first.
    findings: Vec<Finding<'a>>,
    /// The funder that all of it is about; `None`: several, or none.
    funder: Option<OrganisationId>,
}

impl Told<'_> {
    /// Every sentence once: of two funders that do not share, one alone would say that the other does.
    fn message(&self, case: &Case<'_>) -> Message {
        let all = |language| {
            let mut sentences: Vec<String> = Vec::new();
            for finding in &self.findings {
                let sentence = finding.sentence(case, language);
                if !sentences.contains(&sentence) {
                    sentences.push(sentence);
                }
            }
            sentences.join(" ")
        };
        Message::new(all(Language::Fr), all(Language::En))
    }
}

/// The rules that are broken or unknown, each once.
fn told<'a>(case: &Case<'a>, check: &'a Check) -> Vec<Told<'a>> {
    let mut all: Vec<Told<'a>> = Vec::new();
    for one in check.findings(case) {
        let outcome = (one.severity(), one.outcome.verdict == Verdict::Unknown);
        let named = one.outcome.words.iter().find_map(|(name, word)| match word {
            Word::Body(body) if *name == "funder" => Some(case.identity(*body).clone()),
            _ => None,
        });
        if let Some(known) = all.iter_mut().find(|known| *known.rule == one.sheet.code) {
            known.outcomes.push(outcome);
            known.findings.push(one);
            known.funder = known.funder.take().filter(|funder| Some(funder) == named.as_ref());
            continue;
        }
        all.push(Told { rule: &one.sheet.code, outcomes: vec![outcome], findings: vec![one], funder: named });
    }
    for one in &mut all {
        one.outcomes.sort_unstable();
    }
    all
}

fn rules<'a>(
    (was, before): (&Case<'a>, &'a Check),
    (is, now): (&Case<'a>, &'a Check),
    (dating, found): (&Dating<'_>, &mut Vec<Change>),
) {
    let (old, new) = (told(was, before), told(is, now));
    let of_rule = |kind, (case, one): (&Case<'_>, &Told<'_>)| Change {
        rule: Some(one.rule.clone()),
        funder: one.funder.clone(),
        ..bare(kind, (None, dating.rule(one.rule)), one.message(case))
    };
    let same = |list: &'_ [Told<'_>], rule: &RuleCode| list.iter().position(|known| known.rule == rule);
    for one in &new {
        match same(&old, one.rule) {
            None => found.push(of_rule(ChangeKind::FindingAppeared, (is, one))),
            Some(at) if old[at].outcomes != one.outcomes => {
                let funder = one.funder.clone().filter(|funder| old[at].funder.as_ref() == Some(funder));
                found.push(Change { funder, ..of_rule(ChangeKind::FindingChanged, (is, one)) });
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|one| same(&new, one.rule).is_none());
    found.extend(gone.map(|one| of_rule(ChangeKind::FindingGone, (was, one))));
}

//! Why a line of the plan is not its funder's own complete word: the first reason of several.

use super::super::case::Case;
use super::super::explain::money;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Authority, Language, Stage};
use crate::portfolio::{Commitment, PlanLine, ProjectCase, Statement};

/// A reason, in French and English.
type Reason = (&'static str, &'static str);

const TO_COME: Reason = ("sa décision est datée d'un jour à venir", "its decision is dated on a day to come");
const SAID_TWICE: Reason = (
    "l'une de ses sources donne deux fois le même montant, et rien ne dit s'il y a une somme ou deux",
    "one of its sources states the same amount twice, and nothing tells whether it is one sum or two",
);
const CONTRADICTED: Reason = (
    "ses propres sources se contredisent sur une même somme (montant, forme, nature, dispositif ou année), ce que seule une \
     correction à la source règle",
    "its own sources contradict each other about one sum (amount, form, nature, scheme or year), which only a correction at \
     the source settles",
);
const MAYBE_THE_SAME: Reason = (
    "un montant peut être le même qu'un autre déjà compté, ce que tranche la source qui les distingue ou les réunit sous une même \
     référence",
    "a sum may be the same as another that counts already, which the source settles that tells them apart or joins them under \
     one reference",
);
const PAID_AND_GIVEN_UP: Reason = (
    "il a payé une somme qui est dite abandonnée, et rien ne dit ce qui en reste",
    "it has paid a sum that is said to be given up, and nothing tells what is left of it",
);
const UNANSWERED: Reason = (
    "plusieurs sommes lui sont demandées ou attribuées, et sa réponse ne dit pas laquelle elle vise",
    "several sums are asked of it or said of it, and its answer does not tell which one it is about",
);

/// The first reason for which a line is not the funder's own complete word.
pub(super) fn why(case: &Case<'_>, line: &PlanLine) -> Message {
    let all: Vec<&Commitment> = line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1).collect();
    let live = all.iter().copied().filter(|one| !one.is_outside()).collect();
    let line = Line { case, facts: case.facts(), line, all, live };
    let contradiction = line.of_contradictions();
    if let (None, Some(told)) = (contradiction, line.of_more_than_asked()) {
        return told;
    }
    let reason = contradiction.or_else(|| line.of_doubts()).or_else(|| line.of_what_it_denies());
    let (fr, en) = reason.or_else(|| line.of_no_sum()).unwrap_or_else(|| line.of_the_sum());
    Message::new(fr, en)
}

struct Line<'a> {
    case: &'a Case<'a>,
    facts: &'a ProjectCase,
    line: &'a PlanLine,
    all: Vec<&'a Commitment>,
    /// Neither refused nor given up.
    live: Vec<&'a Commitment>,
}

impl Line<'_> {
    fn any(&self, test: fn(&Commitment) -> bool) -> bool {
        self.live.iter().any(|one| test(one))
    }

    /// What the funder itself refuses.
    fn refused(&self) -> impl Iterator<Item = &Commitment> {
        self.all.iter().copied().filter(|one| one.stage == Some(Stage::Refuse) && one.authority == Authority::Own)
    }

    /// That the funder itself says that it puts nothing, of whatever nature.
    fn denials(&self) -> impl Iterator<Item = &Statement> {
        let own = |one: &&Statement| one.funder == self.line.funder && one.authority == Authority::Own;
        self.facts.nothings().iter().filter(own)
    }

    fn nothing(&self, authority: Authority) -> bool {
        let of_line = |one: &Statement| one.funder == self.line.funder && one.nature == self.line.nature;
        self.facts.nothings().iter().any(|one| of_line(one) && one.authority == authority)
    }

    fn others_speak(&self) -> bool {
        self.any(|one| one.authority != Authority::Own)
    }

    /// Is a sum only asked for? That is the applicant's word, whoever's system holds it.
    fn is_asked(&self) -> bool {
        self.any(|one| one.stage == Some(Stage::Sollicite))
    }

    /// Does the funder state, without a stage, another amount than the one that counts?
    fn has_other_figure(&self, one: &Commitment) -> bool {
        let other = |said: &Statement| {
            let unstaged = said.authority == Authority::Own && said.stage.is_none();
            unstaged && said.amount.is_some() && said.amount != one.amount
        };
        self.facts.statements(one).iter().any(other)
    }

    /// Does a source of the funder state one amount twice, and none of its sources another one at that stage?
    fn is_said_twice(&self, one: &Commitment) -> bool {
        let own = |said: &&Statement| said.authority == Authority::Own && said.stage == one.stage;
        let said: Vec<&Statement> = self.facts.statements(one).iter().filter(own).collect();
        let source = |said: &Statement| self.facts.record(said).source;
        let is_twice =
            |(at, one): (usize, &&Statement)| said[at + 1..].iter().any(|other| source(one) == source(other));
        one.doubts.disagreement
            && said.iter().all(|said| said.amount == one.amount)
            && said.iter().enumerate().any(is_twice)
    }

    /// Does the funder say of it that it is given up?
    fn is_given_up(&self, one: &Commitment) -> bool {
        let said = |said: &Statement| said.authority == Authority::Own && said.stage == Some(Stage::Abandonne);
        self.facts.statements(one).iter().any(said)
    }

    /// Does a sum of the line count no more because the funder says that it is given up?
    fn gives_up_some(&self) -> bool {
        self.all.iter().any(|one| one.is_outside() && self.is_given_up(one))
    }

    /// Does the funder itself say anything of the line?
    fn has_spoken(&self) -> bool {
        self.all.iter().flat_map(|one| self.facts.statements(one)).any(Statement::is_funders_word)
    }

    fn of_contradictions(&self) -> Option<Reason> {
        let moment = self.case.moment;
        let differs = self.any(|one| one.doubts.disagreement);
        let announced = self.refused().any(|one| !self.facts.deciding(one).is_said(moment))
            || self.live.is_empty() && self.denials().any(|one| one.nature == self.line.nature && !one.is_said(moment));
        if self.refused().any(|one| one.doubts.disagreement || differs)
            || self.live.iter().any(|one| self.facts.is_overtaken(one, moment))
        {
            return Some((
                "il accorde et refuse une même somme, ou peut-être la même, et rien ne dit laquelle de ses paroles est la \
                 dernière",
                "it grants and refuses one sum, or maybe one, and nothing tells which of its words is the last",
            ));
        }
        if self.all.iter().any(|one| one.doubts.disagreement && self.is_given_up(one)) {
            return Some((
                "il accorde une somme et dit qu'elle est abandonnée, et rien ne dit laquelle de ses paroles est la dernière",
                "it grants a sum and says that it is given up, and nothing tells which of its words is the last",
            ));
        }
        (announced && !self.others_speak()).then_some(TO_COME).or_else(|| {
            let twice = self.live.iter().filter(|one| one.doubts.disagreement).all(|one| self.is_said_twice(one));
            differs.then_some(if twice { SAID_TWICE } else { CONTRADICTED })
        })
    }

    /// Where one sum is asked, and it states one that is higher: both, and what makes them one.
    fn of_more_than_asked(&self) -> Option<Message> {
        let [one, other] = self.live.as_slice() else { return None };
        let is_word = |one: &Commitment| self.facts.deciding(one).is_funders_word();
        let (granted, asked) = if is_word(one) { (one, other) } else { (other, one) };
        let is_asked = matches!(asked.stage, Some(Stage::Sollicite | Stage::Envisage)) && asked.doubts.unanswered;
        let amounts = asked.amount.zip(granted.amount).filter(|(asked, granted)| asked < granted);
        let (asked, granted) = amounts.filter(|_| is_word(granted) && !is_word(asked) && is_asked)?;
        let said = |language| [asked, granted].map(|amount| money(amount, language));
        let ([asked_fr, granted_fr], [asked, granted]) = (said(Language::Fr), said(Language::En));
        Some(Message::new(
            format!(
                "on lui demande {asked_fr}, il en dit {granted_fr}, et rien ne dit si c'est une même somme (il déclare ce qui est \
                 demandé, et le complément à part, sous une référence ; ou la demande est portée à ce qu'il dit)"
            ),
            format!(
                "{asked} is asked of it, it states {granted}, and nothing tells whether that is one sum (it declares what is \
                 asked, and the complement apart, under a reference; or the request is raised to what it states)"
            ),
        ))
    }

    fn of_doubts(&self) -> Option<Reason> {
        if self.any(|one| one.doubts.disputed) {
            return Some((
                "sa fiche est en doute : elle figure deux fois dans sa source, ou sa part d'une somme accordée à plusieurs \
                 bénéficiaires n'est pas établie, ou elle dit à la fois une somme et rien",
                "its record is in doubt: it stands twice in its source, or its share of a sum granted to several \
                 beneficiaries is not borne out, or it states a sum and nothing at once",
            ));
        }
        if !self.has_spoken() {
            return None;
        }
        let unanswered = self.any(|one| one.doubts.unanswered);
        unanswered.then_some(UNANSWERED).or_else(|| self.any(|one| one.doubts.uncertain).then_some(MAYBE_THE_SAME))
    }

    fn of_what_it_denies(&self) -> Option<Reason> {
        let about_live = |nothing: &Statement| self.live.iter().any(|one| self.facts.contradicts(nothing, one));
        let elsewhere = |nothing: &Statement| self.facts.contradicted_by(nothing).next().is_some();
        Some(
            if self.denials().any(|one| one.is_said(self.case.moment) && about_live(one))
                || self.live.is_empty() && self.denials().any(elsewhere)
            {
                (
                    "il déclare ne rien apporter, et un montant est pourtant cité",
                    "it declares nothing, and yet a sum is stated",
                )
            } else if self.nothing(Authority::Own) {
                (
                    "ce qu'il dit ne pas apporter est d'une année, d'un dispositif, d'une forme ou d'une référence : il ne le \
                     dit pas du reste",
                    "what it says that it does not put is of one year, dispositif, form or reference: it does not say so of \
                     the rest",
                )
            } else if self.others_speak() && self.refused().next().is_some() {
                self.of_another_refusal()
            } else if self.others_speak() && self.gives_up_some() {
                self.of_what_it_gave_up()
            } else if (self.others_speak() || self.is_asked())
                && self.live.iter().any(|one| self.facts.deciding(one).is_funders_word())
            {
                (
                    "il a dit une somme, et ne répond pas d'une autre, que d'autres citent ou demandent",
                    "it has stated one sum, and does not answer for another one that others state or ask for",
                )
            } else {
                return None;
            },
        )
    }

    /// Is what it refuses for certain another sum than those that stand?
    fn of_another_refusal(&self) -> Reason {
        let is_stated = |amount| self.live.iter().any(|one| one.amount == amount);
        if self
            .refused()
            .map(|one| self.facts.deciding(one).amount)
            .all(|amount| amount.is_some() && !is_stated(amount))
        {
            return (
                "il a refusé une autre somme, et ne répond pas de celle-ci",
                "it refused another sum, and does not answer for this one",
            );
        }
        (
            "il a refusé une somme, et rien ne dit que ce soit celle-ci, dont il ne répond pas autrement",
            "it refused a sum, and nothing tells that it is this one, for which it does not answer otherwise",
        )
    }

    fn of_what_it_gave_up(&self) -> Reason {
        let is_paid = |one: &&Commitment| self.facts.statements(one).iter().any(Statement::is_own_payment);
        let mut ended = self.all.iter().filter(|one| one.is_outside());
        if ended.any(is_paid) {
            return PAID_AND_GIVEN_UP;
        }
        (
            "il dit qu'une somme est abandonnée, et ne répond pas d'une autre, que d'autres citent ou demandent",
            "it says that a sum is given up, and does not answer for another one that others state or ask for",
        )
    }

    /// Where every sum of the line is refused or given up.
    fn of_no_sum(&self) -> Option<Reason> {
        if !self.live.is_empty() {
            return None;
        }
        let is_paid = |one: &&Commitment| self.facts.statements(one).iter().any(Statement::is_own_payment);
        Some(if self.refused().any(|one| one.doubts.unanswered) {
            UNANSWERED
        } else if self.all.iter().any(is_paid) {
            PAID_AND_GIVEN_UP
        } else if self.refused().next().is_some() && self.gives_up_some() {
            (
                "il a refusé une somme et dit qu'une autre est abandonnée, sans déclarer qu'il n'apporte rien d'autre",
                "it refused one sum and says that another is given up, and does not declare that it puts nothing else",
            )
        } else if self.refused().next().is_some() {
            (
                "ce qu'il a refusé n'est pas d'une année du projet, ou laisse une somme ouverte",
                "what it refused is of no year of the project, or leaves a sum open",
            )
        } else if self.nothing(Authority::Reported) {
            (
                "d'autres disent qu'il n'apporte rien, lui-même ne le dit pas",
                "others say that it puts nothing, it does not say so itself",
            )
        } else if self.all.iter().any(|one| one.stage == Some(Stage::Refuse)) {
            (
                "d'autres disent qu'il a refusé, lui-même ne le dit pas",
                "others say that it refused, it does not say so itself",
            )
        } else if self.all.iter().any(|one| one.authority == Authority::Own) {
            (
                "il dit lui-même qu'il renonce à sa part, sans déclarer qu'il n'apporte rien d'autre",
                "it says itself that it gives up its part, and does not declare that it puts nothing else",
            )
        } else {
            (
                "sa participation est dite abandonnée, sans qu'il le confirme",
                "its part is said to be given up, and it does not confirm it",
            )
        })
    }

    fn of_the_sum(&self) -> Reason {
        let (portfolio, moment) = (self.case.portfolio, self.case.moment);
        if self.live.iter().any(|one| portfolio.holders_words_differ(self.facts, one)) {
            (
                "les plans qu'il a signés et ce qu'il déclare disent des parts différentes",
                "the plans that it signed and what it declares state different shares",
            )
        } else if self.live.iter().any(|one| portfolio.is_to_come(one, moment)) {
            TO_COME
        } else if self.others_speak() && self.has_spoken() {
            (
                "ce qu'il dit ne répond pas de tout ce que d'autres citent ou demandent",
                "what it says does not answer for all that others state or ask for",
            )
        } else if self.others_speak() {
            ("d'autres le citent, lui-même n'a rien dit", "others name it, it has not spoken itself")
        } else if self.any(|one| one.stage.is_none()) {
            (
                "le stade de la somme (demandée, proposée, attribuée) n'est pas dit",
                "the stage of the sum (asked, proposed, granted) is not stated",
            )
        } else if self.any(|one| one.stage.is_none_or(|stage| !stage.at_least(Stage::Propose))) {
            ("la somme est seulement demandée ou envisagée", "the sum is only asked for or considered")
        } else if self.live.iter().any(|one| self.has_other_figure(one)) {
            (
                "il dit deux montants, dont un sans son stade (demandé, proposé, attribué)",
                "it states two amounts, one of them without its stage (asked, proposed, granted)",
            )
        } else if self.any(|one| one.stage == Some(Stage::Verse)) {
            (
                "un paiement seul est connu de lui, et non ce qu'il a accordé",
                "only a payment of it is known, and not what it granted",
            )
        } else if self.any(|one| one.amount.is_none()) {
            ("le montant n'est pas dit", "the amount is not stated")
        } else if self.any(|one| one.amount.is_some_and(|amount| amount < Cents::ZERO)) {
            ("un montant est négatif", "a sum is below zero")
        } else if self.live.iter().any(|one| portfolio.is_untold_zero(self.facts, one)) {
            (
                "il dit un montant de zéro, sans déclarer qu'il n'apporte rien : le montant peut aussi ne pas être connu",
                "it states an amount of zero, and does not declare that it puts nothing: the amount may as well be unknown",
            )
        } else {
            (
                "la nature (investissement ou fonctionnement) n'est pas dite par lui",
                "it does not say the nature (investment or operation)",
            )
        }
    }
}

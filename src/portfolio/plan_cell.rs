//! One cell of a plan: what is known of one funder's share of one nature.

use super::Portfolio;
use super::case::{Commitment, ProjectCase, RecordEntry, Statement};
use super::freshness::Moment;
use super::headline::{day_in_france, differ, has_figure};
use super::index::{CommitmentIx, OrganisationIx, ProjectIx, SourceIx};
use super::reports::reported;
use crate::domain::money::Cents;
use crate::domain::record::RecordState;
use crate::domain::tax::{Agreement, compared};
use crate::domain::vocabulary::{Authority, CellState, Nature, Stage};
use crate::domain::{Date, Instant};

/// One line of a plan: a funder and a nature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// The funder.
    pub funder: OrganisationIx,
    /// The nature; `None` when no source says it.
    pub nature: Option<Nature>,
    /// What is known of the cell.
    pub state: CellState,
    /// What the funder itself says, in all; zero where it says that it puts nothing. `None` when it says nothing, or
    /// one of its sums is unknown.
    pub amount: Option<Cents>,
    /// What others say of it, in all; a request is the applicant's word. `None` when nobody does, or a sum is unknown.
    pub reported: Option<Cents>,
    /// The oldest reading that the line rests on.
    pub read_at: Option<Instant>,
    /// Its commitments, refused and uncertain ones too.
    pub commitments: Vec<CommitmentIx>,
    /// Sources that may have the funder's word and were not read in time, or are held.
    pub late: Vec<SourceIx>,
    /// The funder keeps a sum of it from others before this day: as of the instant of the plan, not yet shared.
    pub not_public_until: Option<Date>,
    /// An amount of it is kept from whoever this picture is for.
    pub veiled: bool,
}

/// What one cell is judged on.
struct Cell<'a> {
    portfolio: &'a Portfolio,
    case: &'a ProjectCase,
    moment: Moment,
    /// Neither refused nor given up, and not merely a reported sum that may already count.
    live: Vec<&'a Commitment>,
    /// Those of `live`, and those that the funder denies.
    standing: &'a [&'a Commitment],
    outside: Vec<&'a Commitment>,
    /// Of nothing, by the funder itself.
    nothings: Vec<&'a Statement>,
    late: &'a [SourceIx],
    /// Somebody says something of it, were it in doubt.
    is_named: bool,
}

impl Portfolio {
    /// The line of one funder and nature of a project.
    pub(crate) fn plan_line(
        &self,
        project: ProjectIx,
        (funder, nature): (OrganisationIx, Option<Nature>),
        moment: Moment,
    ) -> PlanLine {
        let case = self.project(project);
        let in_cell = |commitment: &Commitment| commitment.funder == funder && commitment.nature == nature;
        let all: Vec<(CommitmentIx, &Commitment)> =
            self.commitments_of(project).zip(&case.commitments).filter(|(_, one)| in_cell(one)).collect();
        let said = |one: &&Statement| one.funder == funder && one.nature == nature;
        let nothings: Vec<&Statement> = case.nothings().iter().filter(said).collect();
        let late = self.late_sources((funder, nature), case, moment);
        let (outside, standing): (Vec<&Commitment>, Vec<&Commitment>) =
            all.iter().map(|(_, commitment)| *commitment).partition(|commitment| commitment.is_outside());
        let cell = Cell {
            portfolio: self,
            case,
            moment,
            live: standing
                .iter()
                .copied()
                .filter(|one| !case.is_denied_at(one, moment) && !one.doubts.restated)
                .filter(|one| !one.doubts.uncertain || one.doubts.unanswered || has_own(case, one))
                .filter(|one| !case.is_zero_of_nothing(one, &nothings, moment))
                .collect(),
            standing: &standing,
            outside,
            nothings: nothings.iter().copied().filter(|one| one.authority == Authority::Own).collect(),
            late: &late,
            is_named: !all.is_empty() || !nothings.is_empty(),
        };
        let state = cell.state();
        let amount = if state == CellState::Nothing { Some(Cents::ZERO) } else { cell.funders_amount() };
        let statements = all.iter().flat_map(|(_, one)| case.statements(one)).chain(nothings.iter().copied());
        PlanLine {
            funder,
            nature,
            state,
            amount,
            reported: reported(self, case, &standing),
            read_at: oldest_reading(self, case, statements),
            commitments: all.iter().map(|(ix, _)| *ix).collect(),
            late,
            not_public_until: standing.iter().filter_map(|one| kept_until(case, one, moment)).max(),
            veiled: standing.iter().any(|one| one.veiled),
        }
    }
}

/// The last day before which the funder keeps a statement of the sum from others.
fn kept_until(case: &ProjectCase, commitment: &Commitment, moment: Moment) -> Option<Date> {
    let kept = case.statements(commitment).iter().filter(|one| one.is_kept_on(moment.now.date_naive()));
    kept.filter_map(|one| one.not_public_until).max()
}

impl Cell<'_> {
    fn state(&self) -> CellState {
        let paid = |one: &Commitment| self.case.statements(one).iter().any(Statement::is_own_payment);
        let zero = |commitment: &&Commitment| commitment.amount == Some(Cents::ZERO) && !paid(commitment);
        if self.live.iter().all(zero)
            && let Some(state) = self.nothing()
        {
            return state;
        }
        if self.live.is_empty() && self.outside.is_empty() && self.nothings.is_empty() && !self.is_named {
            return CellState::Silent;
        }
        if self.live.is_empty()
            || self.is_contradicted()
            || self.outside.iter().any(|one| self.is_open(one))
            || !self.live.iter().all(|one| self.is_complete(one))
        {
            return CellState::Reported;
        }
        let read_in_time = self.live.iter().all(|commitment| {
            let deciding = self.record(&self.case.statements[commitment.deciding as usize]);
            let source = self.portfolio.source(deciding.source);
            !commitment.doubts.gone_bad && self.moment.in_time(source, self.portfolio.read_at(deciding))
        });
        if read_in_time && self.late.is_empty() { CellState::Known } else { CellState::Stale }
    }

    /// Does the funder say that it puts nothing, where a sum of it stands that this may be about?
    fn is_contradicted(&self) -> bool {
        let mut nothings = self.case.nothings().iter().filter(|one| one.is_said(self.moment));
        nothings.any(|nothing| self.live.iter().any(|one| self.case.contradicts(nothing, one)))
    }

    /// Does a sum that counts for nothing leave something open: granted and refused at once, refused on a day to come, one answer for
    /// several requests, a figure that may not be what is refused, what the funder paid?
    fn is_open(&self, outside: &Commitment) -> bool {
        let deciding = &self.case.statements[outside.deciding as usize];
        let announced = !deciding.is_said(self.moment) && self.case.statements(outside).len() > 1;
        let unanswered = outside.doubts.unanswered && outside.authority == Authority::Own;
        let doubtful = outside.doubts.disagreement || outside.doubts.untold;
        let is_paid = self.case.statements(outside).iter().any(Statement::is_own_payment);
        doubtful || is_paid || unanswered || announced || self.leaves_open(outside)
    }

    /// The funder itself declared none, or refused, and did not say of anything else that it gives it up: what it gives up is no word that
    /// it puts nothing.
    fn nothing(&self) -> Option<CellState> {
        let deciding = |one: &&Commitment| &self.case.statements[one.deciding as usize];
        let is_given_up = |one: &&Commitment| one.stage == Some(Stage::Abandonne) && one.authority == Authority::Own;
        let gives_up = self.outside.iter().any(is_given_up);
        let refused = |one: &&&Commitment| one.stage == Some(Stage::Refuse) && !gives_up;
        let refusals = self.outside.iter().filter(refused).filter(|one| self.is_of_its_nature(one));
        let refusals = refusals.filter(|one| self.is_of_the_project(one)).map(deciding);
        let said = self.nothings.iter().copied().filter(|one| self.is_about_the_cell(one)).chain(refusals);
        let said = said.filter(|one| one.authority == Authority::Own && !one.disputed && one.is_said(self.moment));
        let contradicted = self.outside.iter().any(|one| self.is_open(one));
        let in_time = self.nothings.iter().filter(|one| one.is_said(self.moment));
        let contradicted =
            contradicted || in_time.into_iter().any(|one| self.case.contradicted_by(one).next().is_some());
        let records: Vec<&RecordEntry> = said.map(|statement| self.record(statement)).collect();
        if records.is_empty() || contradicted {
            return None;
        }
        let stands = |record: &&RecordEntry| {
            let source = self.portfolio.source(record.source);
            record.state != RecordState::Bad && self.moment.in_time(source, self.portfolio.read_at(record))
        };
        Some(if records.iter().any(stands) { CellState::Nothing } else { CellState::Stale })
    }

    /// Does a "nothing" speak of the whole cell, or of a sum that others say of it? One that names a dispositif alone, where nobody
    /// asks for it, says nothing of the rest.
    fn is_about_the_cell(&self, nothing: &Statement) -> bool {
        self.case.speaks_of_all(nothing) || self.case.denies_any(nothing, self.standing.iter().copied())
    }

    /// Does a refusal answer a request, or is it at least of a year that the project may be of?
    fn is_of_the_project(&self, commitment: &Commitment) -> bool {
        let answers = self.case.statements(commitment).iter().any(|one| one.stage != Some(Stage::Refuse));
        answers || commitment.year.is_none_or(|year| self.case.may_be_of(year, commitment.nature))
    }

    /// Does the funder refuse a sum of this very nature? It says so, or refuses the very amount that was asked under it.
    fn is_of_its_nature(&self, commitment: &Commitment) -> bool {
        let statements = self.case.statements(commitment);
        let refusals = || statements.iter().filter(|one| one.is_funders_word() && one.stage == Some(Stage::Refuse));
        let asked = |amount| statements.iter().any(|one| one.nature.is_some() && one.amount == amount);
        commitment.nature.is_none()
            || refusals().any(|one| one.nature.is_some() || one.amount.is_some() && asked(one.amount))
    }

    /// A figure that leaves its stage or its nature open, beside a refusal: nobody can say that it was refused too.
    fn leaves_open(&self, commitment: &Commitment) -> bool {
        let statements = self.case.statements(commitment);
        let refusals = || statements.iter().filter(|one| one.stage == Some(Stage::Refuse));
        let refused = |amount| refusals().any(|one| one.amount == Some(amount));
        statements.iter().any(|one| {
            let open_stage = one.authority == Authority::Own && one.stage.is_none();
            let open_nature = one.nature.is_none() && commitment.nature.is_some();
            one.amount.is_some_and(|amount| amount > Cents::ZERO && (open_stage || open_nature) && !refused(amount))
        })
    }

    /// The funder's own statement at PROPOSE or later, with amount and nature, and nothing that contradicts it.
    fn is_complete(&self, commitment: &Commitment) -> bool {
        let agreed = !self.portfolio.holders_words_differ(self.case, commitment);
        if self.portfolio.is_holders_share(self.case, commitment) {
            return has_amount(commitment) && commitment.nature.is_some() && !commitment.doubts.any() && agreed;
        }
        let doubts = commitment.doubts;
        // Its own figure without a stage, and another one: nobody can say which it means.
        let other = |one: &Statement| {
            let own = one.authority == Authority::Own && one.stage.is_none();
            own && has_figure(one) && one.amount != commitment.amount
        };
        commitment.authority == Authority::Own
            && !self.portfolio.is_to_come(commitment, self.moment)
            && !self.case.is_overtaken(commitment, self.moment)
            && commitment.stage.is_some_and(|stage| stage.at_least(Stage::Propose))
            && has_amount(commitment)
            && !self.portfolio.is_untold_zero(self.case, commitment)
            && agreed
            && self.says_nature(commitment)
            && !self.case.statements(commitment).iter().any(other)
            && !doubts.any()
    }

    /// Does the funder say the nature of the sum that decides: there, or in another word of its own of the same reference or amount, or
    /// of the same scheme and year, or in one that is so tied to such a one? Where nothing but the funder ties two words, they may be of
    /// two sums, and a nature is never guessed. A request states the applicant's nature, whoever's system holds it.
    fn says_nature(&self, commitment: &Commitment) -> bool {
        let mut untied: Vec<&Statement> =
            self.case.statements(commitment).iter().filter(|one| one.is_funders_word()).collect();
        let mut tied = vec![&self.case.statements[commitment.deciding as usize]];
        while let Some(word) = tied.pop() {
            if word.nature.is_some() {
                return true;
            }
            let (found, left) = untied.into_iter().partition(|other| are_tied(word, other));
            untied = left;
            tied.extend::<Vec<&Statement>>(found);
        }
        false
    }

    /// The sum of what the funder itself says, when it says all of it.
    fn funders_amount(&self) -> Option<Cents> {
        let spoken = |one: &&&Commitment| {
            self.case.statements[one.deciding as usize].is_funders_word()
                || self.portfolio.is_holders_share(self.case, one)
        };
        let own = self.live.iter().filter(spoken);
        let is_told = |one: &Commitment| !one.doubts.uncertain && !self.portfolio.is_untold_zero(self.case, one);
        let amounts: Vec<Option<Cents>> = own.map(|one| one.amount.filter(|_| is_told(one))).collect();
        if amounts.is_empty() { None } else { amounts.into_iter().sum() }
    }

    fn record(&self, statement: &Statement) -> &RecordEntry {
        self.case.record(statement)
    }
}

impl Portfolio {
    /// Is it a file that this body signed as its holder: of a system of which the manifest says that applicants file them there? That a
    /// funder's own list names the holder makes it no word of the holder.
    pub(super) fn is_plan_of(&self, holder: OrganisationIx, record: &RecordEntry) -> bool {
        self.source(record.source).profile.holds_signed_plans && record.holder == Some(holder)
    }

    /// What the holder puts itself: its signed plan is its own word, whoever's system holds it, and nobody else decides. What the
    /// plan of another one says of it is not, nor that of one of several whom records name as the holder.
    pub(super) fn is_holders_share(&self, case: &ProjectCase, commitment: &Commitment) -> bool {
        let deciding = &case.statements[commitment.deciding as usize];
        // Who repeats what the plan says decides nothing.
        let repeats = || deciding.authority == Authority::Reported && self.is_in_signed_plan(case, commitment);
        case.certain_holder() == Some(commitment.funder)
            && commitment.form.is_holders_means()
            && (self.is_plan_of(commitment.funder, case.record(deciding)) || repeats())
    }

    /// Does a plan that its funder signed as the holder state the sum as it counts, and can it still be read? One that gives it up, states
    /// no amount, another one or another year does not.
    pub fn is_in_signed_plan(&self, case: &ProjectCase, commitment: &Commitment) -> bool {
        let deciding = &case.statements[commitment.deciding as usize];
        let is_stated = |one: &&Statement| {
            let years = one.year.zip(deciding.year);
            one.stage.is_none_or(|stage| stage.rank().is_some())
                && is_same_to_a_euro(one, deciding)
                && years.is_none_or(|(plan, counts)| plan == counts)
        };
        let mut records = case.statements(commitment).iter().filter(is_stated).map(|one| case.record(one));
        records.any(|record| record.state != RecordState::Bad && self.is_plan_of(commitment.funder, record))
    }

    /// Does its funder say of it an amount of zero? In files that is an empty cell as often as no money: who puts nothing declares it, or
    /// refuses. In the plan that the holder signed, zero of its own means is what it says.
    pub fn is_untold_zero(&self, case: &ProjectCase, commitment: &Commitment) -> bool {
        commitment.amount == Some(Cents::ZERO)
            && case.statements[commitment.deciding as usize].is_funders_word()
            && !self.is_holders_share(case, commitment)
    }

    /// Is it said to be decided on a day that has not come?
    pub fn is_to_come(&self, commitment: &Commitment, moment: Moment) -> bool {
        let decided = commitment.stage.is_some_and(Stage::is_decided);
        decided && commitment.decided_on.is_some_and(|day| day > day_in_france(moment.now))
    }

    /// Does the holder say two things of what it puts itself: do two plans that it signed differ, or is one of them in doubt, or does
    /// what it declares differ from all that its plan says?
    pub fn holders_words_differ(&self, case: &ProjectCase, commitment: &Commitment) -> bool {
        let statements = case.statements(commitment);
        let signed = |one: &&Statement| self.is_plan_of(commitment.funder, case.record(one));
        let (plans, others): (Vec<&Statement>, Vec<&Statement>) = statements.iter().partition(signed);
        let is_holders = case.certain_holder() == Some(commitment.funder) && commitment.form.is_holders_means();
        let two = |(at, one): (usize, &&Statement)| {
            plans[at + 1..].iter().any(|other| one.stage == other.stage && differ(one, other))
        };
        let mut said = others.iter().filter(|one| one.is_funders_word() && !one.unadmitted && one.amount.is_some());
        let figures = || plans.iter().filter(|plan| plan.amount.is_some());
        // What was paid or settled of it is lower in the ordinary course.
        let is_course = |own: &Statement| {
            let is_after = matches!(own.stage, Some(Stage::Verse | Stage::Solde));
            is_after && plans.iter().any(|plan| own.amount <= plan.amount)
        };
        let denied = |own: &&&Statement| {
            let is_other = |plan: &&Statement| differ(plan, own) && !is_same_to_a_euro(plan, own);
            figures().next().is_some() && figures().all(is_other) && !is_course(own)
        };
        let disputed = plans.iter().any(|one| one.disputed);
        is_holders && (disputed || plans.iter().enumerate().any(two) || said.any(|own| denied(&own)))
    }
}

/// Are both known, and the same but for what a plan in whole euros leaves out?
fn is_same_to_a_euro(plan: &Statement, other: &Statement) -> bool {
    const A_EURO: i64 = 100;
    let amounts = plan.amount.zip(other.amount);
    amounts.is_some_and(|(one, another)| {
        compared((one, plan.tax_basis), (another, other.tax_basis), A_EURO) == Agreement::Same
    })
}

/// Do two words of a funder on one sum state one reference, one amount, or one scheme and year?
fn are_tied(one: &Statement, other: &Statement) -> bool {
    fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        one.is_some() && one == other
    }
    same(one.amount, other.amount)
        || same(one.reference, other.reference)
        || same(one.dispositif, other.dispositif) && same(one.year, other.year)
}

/// Is there an amount, were it kept from the reader? A sum below zero takes from another one, which is not told.
fn has_amount(commitment: &Commitment) -> bool {
    commitment.amount.is_some_and(|amount| amount >= Cents::ZERO) || commitment.veiled
}

fn has_own(case: &ProjectCase, commitment: &Commitment) -> bool {
    case.statements(commitment).iter().any(|statement| statement.authority == Authority::Own)
}

/// The oldest reading of the own statements; of all, where none is own.
fn oldest_reading<'a>(
    portfolio: &Portfolio,
    case: &'a ProjectCase,
    statements: impl Iterator<Item = &'a Statement>,
) -> Option<Instant> {
    let readings: Vec<(Authority, Instant)> =
        statements.map(|one| (one.authority, portfolio.read_at(case.record(one)))).collect();
    let own = readings.iter().filter(|(authority, _)| *authority == Authority::Own).map(|(_, at)| *at).min();
    own.or_else(|| readings.iter().map(|(_, at)| *at).min())
}

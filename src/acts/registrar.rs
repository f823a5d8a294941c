//! The registrar: takes what bodies say of projects into the ledger, each act decided on the newest picture in the writer's
//! turn. What may be said, and by whom, stands in the verbs: declare, amend, acknowledge, opine, minutes, classify.

use super::CONFLICTS_MAX;
use super::caller::Caller;
use super::refusal::Refusal;
use crate::check::{self, Rulebook};
use crate::clock::Clock;
use crate::domain::Date;
use crate::domain::act::Author;
use crate::domain::clearance::{Clearance, ExpectedOn};
use crate::domain::governance::{Act, ActEntry, RuleCode};
use crate::domain::image::Head;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use crate::domain::project::ProjectId;
use crate::domain::source::SourceProfile;
use crate::domain::text::{ActionCode, quoted, written, written_line};
use crate::gateway::{Gateway, Turn};
use crate::identity::Members;
use crate::ledger::{LedgerError, NewEntry, NewRow};
use crate::portfolio::{ContratIx, PlanKey, Portfolio, ProjectCase, ProjectIx, Sight};
use std::sync::Arc;

/// Characters of a reason or a comment.
pub const WORDS_MAX: usize = 1_000;
/// Characters of a reference or a name.
pub const REFERENCE_MAX: usize = 200;

/// Is this body expected on this project?
type IsExpected = Arc<dyn Fn(&Portfolio, ProjectIx, &OrganisationId) -> bool + Send + Sync>;
/// Where are these bodies expected by the rules?
type ExpectedOnOf = Arc<dyn Fn(&[OrganisationId]) -> Vec<ExpectedOn> + Send + Sync>;
/// Does the first body answer for the second, a funder?
type AnswersFor = Arc<dyn Fn(&OrganisationId, &OrganisationId) -> bool + Send + Sync>;
/// Is this the action of a dividing line on a day?
type IsAction = Arc<dyn Fn(&ActionCode, Date) -> bool + Send + Sync>;
/// Is this the code of a rule?
type IsRule = Arc<dyn Fn(&RuleCode) -> bool + Send + Sync>;
/// Which rules does a derogation lift on a day?
type Derogable = Arc<dyn Fn(Date) -> Vec<RuleCode> + Send + Sync>;

/// What the registrar asks of the rules.
#[derive(Clone)]
pub struct Tenets {
    /// Is this body expected on this project? By default: whoever is named there by anybody but itself.
    pub is_expected: IsExpected,
    /// Where are these bodies expected by the rules, so that they see these projects? By default nowhere.
    pub expected_on: ExpectedOnOf,
    /// Does the first body answer for the second? By default nobody does.
    pub answers_for: AnswersFor,
    /// Is this the code of a rule? By default any sound code is.
    pub is_rule: IsRule,
    /// Which rules does a derogation lift on a day? By default none.
    pub derogable: Derogable,
    /// Is this the action of a dividing line? By default any sound code is.
    pub is_action: IsAction,
}

impl Tenets {
    /// What a rulebook says, on the day of the clock.
    pub fn of(book: &'static Rulebook, clock: &Clock) -> Self {
        let day = {
            let clock = clock.clone();
            move || clock.now().date_naive()
        };
        let (today, now) = (day.clone(), day.clone());
        Tenets {
            is_expected: Arc::new(move |portfolio, project, body| {
                portfolio.is_named_on(project, body) || check::is_expected(portfolio, project, book, (body, day()))
            }),
            expected_on: Arc::new(move |bodies| check::expected_on(book, bodies, now())),
            answers_for: Arc::new(move |body, funder| book.answers_for(body, funder, today())),
            is_rule: Arc::new(|code| book.knows(code)),
            derogable: Arc::new(|day| book.lifted_by_derogation(day).cloned().collect()),
            is_action: Arc::new(|action, day| check::actions(book, day).any(|(known, _)| known == action)),
        }
    }
}

impl Default for Tenets {
    fn default() -> Self {
        Tenets {
            is_expected: Arc::new(|portfolio, project, body| portfolio.is_named_on(project, body)),
            expected_on: Arc::new(|_| Vec::new()),
            answers_for: Arc::new(|_, _| false),
            is_rule: Arc::new(|_| true),
            derogable: Arc::new(|_| Vec::new()),
            is_action: Arc::new(|_, _| true),
        }
    }
}

/// Takes what bodies say into the ledger. Cheap to clone.
#[derive(Clone)]
pub struct Registrar {
    pub(super) gateway: Arc<Gateway>,
    pub(super) clock: Clock,
    pub(super) members: Arc<Members>,
    pub(super) tenets: Tenets,
    plan_key: [u8; 32],
}

/// What an act is to be: appended, or one that stands already and says the same.
pub(super) enum Decided {
    /// To be appended, with the reason of the entry.
    New(Act, String),
    /// Stands already.
    Stands(ActEntry),
}

/// An append of the registrar.
pub(super) struct Append<'a> {
    pub kind: &'static str,
    pub author: &'a Author,
    pub reason: String,
    pub profile: Option<SourceProfile>,
    pub acts: Vec<Act>,
}

impl Registrar {
    /// A registrar of `gateway`; `plan_key` makes the versions of funding plans.
    pub fn new(gateway: Arc<Gateway>, clock: Clock, plan_key: [u8; 32]) -> Self {
        Registrar { gateway, clock, members: Arc::default(), tenets: Tenets::default(), plan_key }
    }

    /// The same, with groups of legal persons that members may speak for.
    #[must_use]
    pub fn with_members(self, members: Members) -> Self {
        Registrar { members: Arc::new(members), ..self }
    }

    /// The same, that asks other rules.
    #[must_use]
    pub fn with_tenets(self, tenets: Tenets) -> Self {
        Registrar { tenets, ..self }
    }

    pub(super) fn plan_key(&self) -> PlanKey<'_> {
        PlanKey(&self.plan_key)
    }

    /// What a caller sees: where the rules expect it, too.
    pub(super) fn clearance(&self, caller: &Caller) -> Clearance {
        caller.clearance(&self.members).with_expected(|bodies| (self.tenets.expected_on)(bodies))
    }

    /// The project that is named, where the caller sees anything of it and the identifier leads there on its own picture: to others
    /// it is one that never was.
    pub(super) fn project_seen(
        &self,
        caller: &Caller,
        (portfolio, id): (&Portfolio, &str),
    ) -> Result<ProjectIx, Refusal> {
        let clearance = self.clearance(caller);
        let named = ProjectId::parse(id).ok();
        let found = named.and_then(|named| portfolio.project_seen(&named, (&clearance, self.today())));
        found.ok_or_else(|| no_project(id))
    }

    /// A project in the form in which the caller sees it; `None`: not at all.
    pub(super) fn case_seen(
        &self,
        caller: &Caller,
        (portfolio, project): (&Portfolio, ProjectIx),
    ) -> Option<Arc<ProjectCase>> {
        portfolio.case_seen(project, (&self.clearance(caller), self.today()))
    }

    /// The contract that is named, where the caller sees that there is one.
    pub(super) fn contrat_seen(
        &self,
        caller: &Caller,
        (portfolio, code): (&Portfolio, &str),
    ) -> Result<(ContratIx, ContratCode), Refusal> {
        let found = portfolio.contrat_seen(code, (&self.clearance(caller), self.today()));
        let found = found.map(|ix| (ix, portfolio.contrat(ix).code.clone()));
        found.ok_or_else(|| no_contrat(code))
    }

    /// The same, where the caller sees the whole of it.
    pub(super) fn project_seen_whole(
        &self,
        caller: &Caller,
        (portfolio, id): (&Portfolio, &str),
    ) -> Result<ProjectIx, Refusal> {
        let project = self.project_seen(caller, (portfolio, id))?;
        if portfolio.sight(project, (&self.clearance(caller), self.today())) == Sight::Whole {
            return Ok(project);
        }
        Err(Refusal::forbidden(
            "cet organisme ne voit de ce projet que ce qui est public : il n'est pas de ses contrats, personne ne l'y dit \
             porteur ni financeur, et les règles ne l'y attendent pas",
            "this body sees of that project only what is public: it is not of its contracts, nobody names it as its \
             holder or a funder, and the rules do not expect it there",
        ))
    }

    /// The day, in universal time.
    pub(super) fn today(&self) -> Date {
        self.clock.now().date_naive()
    }

    pub(super) async fn turn(&self) -> Result<Turn<'_>, LedgerError> {
        let turn = self.gateway.turn().await;
        turn.catch_up().await?;
        Ok(turn)
    }

    /// Decides on the newest picture and appends, anew when another process appended in between.
    pub(super) async fn act(
        &self,
        (kind, caller): (&'static str, &Caller),
        decide: impl Fn(&Portfolio) -> Result<Decided, Refusal>,
    ) -> Result<ActEntry, Refusal> {
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            let (act, reason) = match decide(&self.gateway.current())? {
                Decided::Stands(entry) => return Ok(entry),
                Decided::New(act, reason) => (act, reason),
            };
            let append = Append { kind, author: caller.author(), reason, profile: None, acts: vec![act] };
            if let Some(head) = self.append(&turn, append, Vec::new()).await? {
                let after = self.gateway.current();
                let appended = after.acts_of_version(head.version).next().cloned();
                return appended
                    .ok_or_else(|| LedgerError::Refused(format!("version {} holds no act", head.version)).into());
            }
        }
        Err(self.conflict().into())
    }

    /// The head after; nothing when another process appended in between.
    pub(super) async fn append(
        &self,
        turn: &Turn<'_>,
        append: Append<'_>,
        rows: Vec<NewRow>,
    ) -> Result<Option<Head>, LedgerError> {
        let entry = NewEntry {
            base: self.gateway.current().head().version,
            kind: append.kind.to_owned(),
            author: append.author.clone(),
            reason: append.reason,
            at: self.clock.now(),
            profile: append.profile,
            run: None,
            decisions: Vec::new(),
            acts: append.acts,
        };
        match turn.append(entry, rows.into_iter().map(Ok::<_, LedgerError>)).await {
            Err(LedgerError::Conflict { .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    pub(super) fn conflict(&self) -> LedgerError {
        let version = self.gateway.current().head().version;
        LedgerError::Conflict { expected: version, found: version }
    }
}

/// The project that is named.
pub(super) fn project_named(portfolio: &Portfolio, id: &str) -> Result<ProjectIx, Refusal> {
    let found = ProjectId::parse(id).ok().and_then(|id| portfolio.project_by_id(&id));
    found.ok_or_else(|| no_project(id))
}

fn no_project(id: &str) -> Refusal {
    let id = quoted(id);
    Refusal::not_found(
        format!("il n'y a pas de projet {id} : prenez l'identifiant que donne la requête `projects`"),
        format!("there is no project {id}: take the identifier that the query `projects` gives"),
    )
}

fn no_contrat(code: &str) -> Refusal {
    let code = quoted(code);
    Refusal::not_found(
        format!("il n'y a pas de contrat de ville {code} : prenez un code de la requête `contratsDeVille`"),
        format!("there is no contrat de ville {code}: take a code of the query `contratsDeVille`"),
    )
}

/// A text that must be there, trimmed.
pub(super) fn words(name: &str, text: &str, characters_max: usize) -> Result<Box<str>, Refusal> {
    let sound = written(text, characters_max).ok_or_else(|| {
        Refusal::bad_input(
            format!("« {name} » est nécessaire, de 1 à {characters_max} caractères, sans caractère de contrôle ni de sens d'écriture : il reste dans le grand livre"),
            format!("`{name}` is needed, of 1 to {characters_max} characters, none that controls or turns the writing: it stays in the ledger"),
        )
    })?;
    Ok(sound.into())
}

/// A text that may be left out.
pub(super) fn words_if_any(name: &str, text: Option<&str>, characters_max: usize) -> Result<Option<Box<str>>, Refusal> {
    text.filter(|text| !text.trim().is_empty()).map(|text| words(name, text, characters_max)).transpose()
}

/// A number or a key that must be there, trimmed: one line.
pub(super) fn line(name: &str, text: &str) -> Result<Box<str>, Refusal> {
    let sound = written_line(text, REFERENCE_MAX).ok_or_else(|| {
        Refusal::bad_input(
            format!("« {name} » est nécessaire, de 1 à {REFERENCE_MAX} caractères sur une ligne, sans caractère de contrôle ni de sens d'écriture : il reste dans le grand livre"),
            format!("`{name}` is needed, of 1 to {REFERENCE_MAX} characters in one line, none that controls or turns the writing: it stays in the ledger"),
        )
    })?;
    Ok(sound.into())
}

//! A case: one project at one instant, with its plan and who shared it: all that rules are held against.

use super::eligibility::actions;
use super::expected::expected;
use super::rulebook::Rulebook;
use super::sharing::{SharedBy, sharing};
use crate::domain::Date;
use crate::domain::facts::Budget;
use crate::domain::governance::{Act, ActEntry, PlanContent, PlanVersion, SharedPlan};
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::source::Standing;
use crate::domain::text::ActionCode;
use crate::domain::vocabulary::{Authority, CellState, Family, Nature};
use crate::portfolio::{
    Commitment, Days, Moment, OrganisationIx, Plan, PlanKey, PlanLine, Portfolio, ProjectCase, ProjectIx, REGION,
    Statement,
};
use std::sync::Arc;

/// One project, ready to be checked.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The picture that it is part of.
    pub portfolio: &'a Portfolio,
    /// The rules.
    pub rulebook: &'a Rulebook,
    /// The project.
    pub project: ProjectIx,
    /// The instant, and the greatest age that is allowed.
    pub moment: Moment,
    /// Its plan, with a line for everyone expected.
    pub plan: Arc<Plan>,
    /// Who shared each line of the plan, and how.
    pub shared: Arc<[Option<SharedBy>]>,
    /// The version of the plan that acts are held against: where amounts are kept from the reader, that of the plan with them.
    pub agreed: Agreed,
    /// The projects that are perhaps one with it, of which nobody decided; `None`: not for the reader to know.
    pub undecided: Option<Arc<[ProjectId]>>,
    /// The action of the dividing lines that it is; a code that is the action of none on that day says nothing.
    pub action: Option<&'a ActionCode>,
    /// Who carries it. This, the total cost and the days are as one reading of its records has them, where these contradict each other.
    pub holder: Option<OrganisationIx>,
    /// Its total cost, which the plan has too.
    pub budget: Option<Budget>,
    /// Its first and its last day.
    pub days: Days,
}

/// A plan as acts speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    version: PlanVersion,
    content: Arc<PlanContent>,
}

impl Agreed {
    /// What acts say of this plan speaks of it as it is.
    pub fn of(plan: &Plan) -> Self {
        Agreed { version: plan.version.clone(), content: Arc::clone(&plan.content) }
    }

    /// Does an act that names this version speak of it? By what that version was made of, too, where the act tells: two versions made
    /// under different keys, of a workroom that was lost or of another gateway over the same ledger, cannot be compared.
    pub fn is(&self, version: &PlanVersion, content: Option<&PlanContent>) -> bool {
        *version == self.version || content.is_some_and(|content| *content == *self.content)
    }

    /// The same of a plan that was before those who agreed.
    pub fn is_shared(&self, shared: &SharedPlan) -> bool {
        self.is(&shared.plan, shared.content.as_ref())
    }
}

impl<'a> Case<'a> {
    /// The case of a project at a moment.
    pub fn of(
        portfolio: &'a Portfolio,
        project: ProjectIx,
        (rulebook, key): (&'a Rulebook, PlanKey<'_>),
        moment: Moment,
    ) -> Self {
        let expected = expected(portfolio, project, rulebook, moment.now.date_naive());
        let plan = portfolio.plan(project, moment, (key, &expected));
        let mut case = Case::with_plan((portfolio, project), rulebook, moment, (Arc::new(plan), Arc::default()));
        case.shared = sharing(&case, &case).into();
        case
    }

    /// The same, where amounts are kept from the reader: `whole` is the case with them, of which acts speak.
    #[must_use]
    pub fn beside(self, whole: &Case<'_>) -> Self {
        let shared = sharing(&self, whole).into();
        Case { shared, agreed: Agreed::of(&whole.plan), ..self }
    }

    /// The case of a project whose plan is made already, and who shared each line of it.
    pub fn with_plan(
        (portfolio, project): (&'a Portfolio, ProjectIx),
        rulebook: &'a Rulebook,
        moment: Moment,
        (plan, shared): (Arc<Plan>, Arc<[Option<SharedBy>]>),
    ) -> Self {
        let day = moment.now.date_naive();
        let stated = portfolio.project(project).action.as_ref();
        let action = stated.filter(|stated| actions(rulebook, day).any(|(known, _)| known == *stated));
        let agreed = Agreed::of(&plan);
        let facts = portfolio.project(project);
        let (holder, budget, days) = (facts.holder, facts.budget, (facts.starts_on, facts.ends_on));
        let undecided = None;
        Case { portfolio, rulebook, project, moment, plan, shared, agreed, undecided, action, holder, budget, days }
    }

    /// The same for whoever may know which other projects are perhaps this one.
    #[must_use]
    pub fn beside_those_undecided(self, undecided: Option<Arc<[ProjectId]>>) -> Self {
        Case { undecided, ..self }
    }

    /// Is this line shared?
    pub fn is_shared(&self, line: usize) -> bool {
        self.shared.get(line).is_some_and(Option::is_some)
    }

    /// What is consolidated about the project.
    pub fn facts(&self) -> &'a ProjectCase {
        self.portfolio.project(self.project)
    }

    /// The day, in universal time.
    pub fn today(&self) -> Date {
        self.moment.now.date_naive()
    }

    /// What bodies said of it, the oldest first.
    pub fn acts(&self) -> impl DoubleEndedIterator<Item = &'a ActEntry> {
        self.portfolio.acts_about(self.project)
    }

    /// The version of its plan that these minutes, or this list, speak of.
    pub fn plan_before(&self, entry: &'a ActEntry) -> Option<&'a SharedPlan> {
        let (Act::Minutes { plans, .. } | Act::SmallGrants { plans, .. }) = &entry.act else { return None };
        plans.iter().find(|one| self.portfolio.resolve(&one.project) == &self.facts().id)
    }

    /// What the version of its plan is made of.
    pub fn content(&self) -> PlanContent {
        self.portfolio.plan_content(self.project)
    }

    /// Its commitments that are neither refused nor given up, nor state others again; those that count and those in doubt.
    pub fn live(&self) -> impl Iterator<Item = &'a Commitment> {
        self.facts()
            .commitments
            .iter()
            .filter(|one| !one.is_outside() && !one.doubts.unadmitted && !one.doubts.restated)
    }

    /// Is this the Region?
    pub fn is_region(&self, organisation: OrganisationIx) -> bool {
        self.identity(organisation).as_str() == REGION
    }

    /// Is it a European fund?
    pub fn is_european(&self, organisation: OrganisationIx) -> bool {
        self.identity(organisation).as_str().starts_with("eu:")
    }

    /// Who it is.
    pub fn identity(&self, organisation: OrganisationIx) -> &'a OrganisationId {
        self.portfolio.identity(organisation)
    }

    /// The Region's credits that are specific to the politique de la ville, asked ones too.
    pub fn specific_credits(&self) -> impl Iterator<Item = &'a Commitment> {
        let (portfolio, family) = (self.portfolio, Family::PolitiqueDeLaVille);
        let of_region = move |one: &&Commitment| portfolio.identity(one.funder).as_str() == REGION;
        self.live().filter(move |one| one.family == family).filter(of_region)
    }

    /// The Region's sums, asked ones too, of which nobody says whether they are such credits: no scheme whose family is known, no
    /// family, and a source that may hold both.
    pub fn unsaid_credits(&self) -> impl Iterator<Item = &'a Commitment> {
        self.live().filter(|one| self.is_region(one.funder) && self.is_unsaid(one))
    }

    /// Does nobody say to which family of credits a sum belongs? A system of droit commun holds nothing else.
    pub fn is_unsaid(&self, one: &Commitment) -> bool {
        is_unsaid(self.portfolio, self.facts(), one)
    }

    /// Of a funder that puts nothing: did it refuse what was asked, without declaring anything?
    pub fn is_refused(&self, line: &PlanLine) -> bool {
        let nothings = self.facts().nothings().iter();
        let mut in_cell = nothings.filter(|one| one.funder == line.funder && one.nature == line.nature);
        !in_cell.any(|one| one.authority == Authority::Own)
    }

    /// Does the funder itself say a sum of the line, at whatever stage? The plans that its holder signed are its own word.
    pub fn has_own_word(&self, line: &PlanLine) -> bool {
        let (portfolio, facts) = (self.portfolio, self.facts());
        let mut live = line.commitments.iter().map(|ix| portfolio.commitment(*ix).1).filter(|one| !one.is_outside());
        live.any(|one| {
            facts.statements(one).iter().any(Statement::is_funders_word) || portfolio.holders_words_differ(facts, one)
        })
    }

    /// Is everything that the plan says of this nature KNOWN or NOTHING, with every nature told?
    pub fn is_settled(&self, nature: Nature) -> bool {
        let sure = |line: &PlanLine| matches!(line.state, CellState::Known | CellState::Nothing);
        self.plan.lines.iter().filter(|line| line.nature.is_none_or(|one| one == nature)).all(sure)
    }
}

/// The same of a sum of a project that is no case yet.
pub(super) fn is_unsaid(portfolio: &Portfolio, facts: &ProjectCase, one: &Commitment) -> bool {
    let of_scheme = one.dispositif.is_some_and(|ix| portfolio.dispositif(ix).family.is_some());
    let is_told = |said: &Statement| {
        let source = || portfolio.source(facts.record(said).source);
        let holds_one = || said.authority == Authority::Own && source().profile.standing == Standing::SystemOfRecord;
        said.family.is_some() || one.family != Family::Partenaires && holds_one()
    };
    !one.form.is_holders_means()
        && !of_scheme
        && matches!(one.family, Family::DroitCommun | Family::Partenaires)
        && !facts.statements(one).iter().any(is_told)
}

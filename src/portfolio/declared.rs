//! What funders declared of a project through the gateway itself, beside what one declares anew.

use super::Portfolio;
use super::case::{ProjectCase, Statement};
use super::index::ProjectIx;
use crate::domain::declaration::{Declared, DeclaredSum};
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::{Form, Stage};

impl Portfolio {
    /// Why a declaration does not fit a project, in the form in which whoever declares sees it; `None` where it does.
    pub fn misfit(&self, case: &ProjectCase, (funder, declared): (&OrganisationId, &Declared)) -> Option<Message> {
        let id = &case.id;
        let is_holder = || case.holder.is_some_and(|holder| self.identity(holder) == funder);
        match declared {
            Declared::Nothing { year: Some(year), .. } if case.year != Some(*year) => Some(Message::new(
                format!(
                    "le projet {id} n'est pas celui du seul exercice {year} : ne rien engager en {year} ne dit rien des \
                     autres années. Sans « year », la déclaration vaut pour tout le projet"
                ),
                format!(
                    "project {id} is not of the one budget year {year}: committing nothing in {year} says nothing of the \
                     other years. Without `year`, the declaration is about the whole project"
                ),
            )),
            Declared::Commitment(DeclaredSum { form: Form::Autofinancement | Form::Recettes, .. }) if !is_holder() => {
                Some(Message::new(
                    format!("l'autofinancement et les recettes sont au porteur du projet, que {funder} n'est pas"),
                    format!("own funds and receipts are the project holder's, which {funder} is not"),
                ))
            }
            _ => None,
        }
    }

    /// What a funder declared of a project and did not withdraw, and that speaks against a declaration or says the same.
    pub fn opposed<'a>(
        &'a self,
        project: ProjectIx,
        (funder, declared): (&'a OrganisationId, &'a Declared),
    ) -> impl Iterator<Item = &'a Statement> {
        let case = self.project(project);
        let own = move |statement: &&Statement| {
            self.is_of_declarations(case.record(statement).source) && self.identity(statement.funder) == funder
        };
        let said = self.statements_of(project).iter().filter(own);
        said.filter(move |statement| self.speaks_against(statement, declared))
    }

    /// Does a funder itself, in whatever source speaks for it or in a plan that it signed as the holder, put a sum into the project that a
    /// declared nothing would speak against: of its nature, or of one that is not stated, and of no other year than it names?
    pub fn puts_itself(&self, project: ProjectIx, (funder, declared): (&OrganisationId, &Declared)) -> bool {
        let year = match declared {
            Declared::Nothing { year, .. } => *year,
            Declared::Commitment(sum) => sum.year,
        };
        let case = self.project(project);
        let is_outside = |stage: Stage| stage.rank().is_none();
        let is_holders_plan = |one: &Statement| {
            let record = case.record(one);
            one.form.is_holders_means() && case.holder == Some(one.funder) && self.is_plan_of(one.funder, record)
        };
        case.all_statements().iter().any(|one| {
            let is_own = self.identity(one.funder) == funder && (one.is_funders_word() || is_holders_plan(one));
            let is_sum = !one.nothing && !one.stage.is_some_and(is_outside);
            let is_of_it = one.nature.is_none_or(|nature| nature == declared.nature())
                && one.year.zip(year).is_none_or(|(one, year)| one == year);
            is_own && is_sum && is_of_it
        })
    }

    /// A sum and nothing of one nature speak against each other. Nothing twice, or one sum twice at one stage, says the same
    /// again; another stage of one sum is one more figure of it.
    fn speaks_against(&self, said: &Statement, declared: &Declared) -> bool {
        if said.nature != Some(declared.nature()) {
            return false;
        }
        let is_outside = |stage: Option<Stage>| matches!(stage, Some(Stage::Refuse | Stage::Abandonne));
        match declared {
            Declared::Nothing { .. } => said.nothing || !is_outside(said.stage),
            Declared::Commitment(sum) if said.nothing => !is_outside(Some(sum.stage)),
            Declared::Commitment(sum) => {
                let dispositif = said.dispositif.map(|ix| &self.dispositif(ix).code);
                said.form == sum.form
                    && said.stage == Some(sum.stage)
                    && said.year == sum.year
                    && dispositif == sum.dispositif.as_ref()
                    && self.grant_reference(said) == sum.reference.as_deref()
            }
        }
    }
}

impl ProjectCase {
    /// The key of the record that a statement stands in.
    pub fn key_of(&self, statement: &Statement) -> &RecordKey {
        &self.record(statement).key
    }
}

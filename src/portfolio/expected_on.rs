//! On which projects a body is expected by the table of the rules, so that they are open to it.
//!
//! What bodies declare opens nothing, to themselves or to others, nor does what a body's own system says to the body: where a row
//! names a scheme, an objective or a département, a record of somebody else must say that it is so, or of the scheme the Région itself.

use super::Portfolio;
use super::case::{ProjectCase, Statement};
use super::index::{ContratIx, DepartementIx, DispositifIx, SourceIx};
use super::plan::REGION;
use crate::domain::clearance::ExpectedOn;
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Scope;
use crate::domain::vocabulary::Objective;

/// A row of the table in the positions of one portfolio.
pub(super) struct Row {
    contrat: Option<ContratIx>,
    dispositif: Option<DispositifIx>,
    objective: Option<Objective>,
    departement: Option<DepartementIx>,
}

impl Row {
    /// `None` where it names what nothing here speaks of: it concerns no project.
    pub(super) fn of(portfolio: &Portfolio, row: &ExpectedOn) -> Option<Self> {
        let atlas = &portfolio.lexicon.atlas;
        let contrat = row.contrat.as_ref().map(|code| atlas.contrats.get_index_of(code));
        let dispositif = row.dispositif.as_ref().map(|code| atlas.dispositifs.get_index_of(code));
        let departement = row.departement.as_ref().map(|code| atlas.departements.get_index_of(code));
        if [contrat, dispositif, departement].contains(&Some(None)) {
            return None;
        }
        Some(Row {
            contrat: contrat.flatten().map(ContratIx::at),
            dispositif: dispositif.flatten().map(DispositifIx::at),
            objective: row.objective,
            departement: departement.flatten().map(DepartementIx::at),
        })
    }

    pub(super) fn concerns(&self, words: Words<'_>, case: &ProjectCase) -> bool {
        let is_contrat = |contrat| case.places.contrats.contains(&contrat);
        self.contrat.is_none_or(is_contrat)
            && (self.departement.is_none() && self.objective.is_none() || self.is_described(words, case))
            && self.dispositif.is_none_or(|dispositif| words.is_funded_under(case, dispositif))
    }

    /// Do the records of others say that the project has the objective and lies in the département?
    fn is_described(&self, words: Words<'_>, case: &ProjectCase) -> bool {
        let holds = |objectives: &[Objective], departements: &[DepartementIx]| {
            self.objective.is_none_or(|one| objectives.contains(&one))
                && self.departement.is_none_or(|one| departements.contains(&one))
        };
        if !holds(&case.objectives, &case.places.departements) {
            return false;
        }
        let by_others: Vec<u32> =
            (0..).zip(&case.records).filter(|(_, one)| words.is_of_another(one.source)).map(|(at, _)| at).collect();
        if by_others.len() == case.records.len() {
            return true;
        }
        let lexicon = &words.portfolio.lexicon;
        let Some(told) = case.own_words.told(lexicon, (case, &by_others)) else { return false };
        let objectives: Vec<Objective> = told.facts.iter().flat_map(|(_, facts)| facts.objectives.clone()).collect();
        holds(&objectives, &told.places.close(&lexicon.atlas, Box::default()).departements)
    }
}

/// Whose word a record is, as seen from the bodies of a clearance.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) portfolio: &'a Portfolio,
    pub(super) bodies: &'a [OrganisationId],
}

impl<'a> Words<'a> {
    /// Does the source speak for one of the bodies, of whatever sums?
    pub(super) fn speaks_for_one(self, source: SourceIx) -> bool {
        self.scopes(source).iter().any(|scope| self.bodies.contains(&scope.funder))
    }

    /// Does it speak for them and for nobody else?
    pub(super) fn is_own(self, source: SourceIx) -> bool {
        let scopes = self.scopes(source);
        !scopes.is_empty() && scopes.iter().all(|scope| self.bodies.contains(&scope.funder))
    }

    /// Is it the word of somebody else, and no declaration?
    pub(super) fn is_of_another(self, source: SourceIx) -> bool {
        !self.is_own(source) && !self.portfolio.is_of_declarations(source)
    }

    fn scopes(self, source: SourceIx) -> &'a [Scope] {
        &self.portfolio.source(source).profile.speaks_for
    }

    /// Does anybody whose word opens a project to these bodies say that this scheme funds it, or is asked to?
    fn is_funded_under(self, case: &ProjectCase, dispositif: DispositifIx) -> bool {
        let opens = |one: &Statement| {
            let source = case.record(one).source;
            let is_region = || self.portfolio.identity(one.funder).as_str() == REGION;
            let declared = || self.portfolio.is_of_declarations(source) && is_region();
            one.dispositif == Some(dispositif) && (self.is_of_another(source) || declared())
        };
        let mut live = case.commitments.iter().filter(|one| !one.is_outside() && !one.doubts.unadmitted);
        live.any(|one| case.statements(one).iter().any(opens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Date;
    use crate::domain::clearance::Clearance;
    use crate::domain::facts::{Places, StatementFacts};
    use crate::domain::image::LedgerImage;
    use crate::domain::record::RecordVersion;
    use crate::domain::source::Standing;
    use crate::domain::text::DispositifCode;
    use crate::domain::vocabulary::Stage;
    use crate::portfolio::fixture::*;
    use crate::portfolio::{ProjectIx, Sight};

    const BODY: &str = "siren:453678252";
    const ANYWHERE: ExpectedOn = ExpectedOn { contrat: None, dispositif: None, objective: None, departement: None };

    /// What a body sees of the one project, with this row of the table.
    fn sight(portfolio: &Portfolio, row: ExpectedOn) -> Sight {
        let bodies = [OrganisationId::parse(BODY).expect("sound")].into();
        let clearance = Clearance::Part { bodies, contrats: Box::default(), expected: [row].into() };
        portfolio.sight(ProjectIx::at(0), (&clearance, Date::MIN))
    }

    fn under(code: Option<&str>, one: StatementFacts) -> StatementFacts {
        let dispositif = code.map(|code| DispositifCode::parse(code).expect("sound"));
        StatementFacts { dispositif, ..one }
    }

    fn npnru() -> ExpectedOn {
        ExpectedOn { dispositif: DispositifCode::parse("NPNRU-REGION").ok(), ..ANYWHERE }
    }

    #[test]
    fn a_row_opens_the_projects_of_which_all_that_it_states_is_so() {
        let mut asked = record("application", "k", vec![asked(METROPOLE, 5)]);
        asked.facts.project.get_or_insert_default().objectives = vec![Objective::CadreDeVie];
        let places = Places {
            contrats: vec!["CN05911M".parse().expect("sound")],
            departements: vec!["59".parse().expect("sound")],
            ..Places::default()
        };
        let whole = portfolio(vec![with_places(asked, places)]);
        let contrat = |code: &str| Some(code.parse().expect("sound"));
        let departement = |code: &str| Some(code.parse().expect("sound"));
        for (row, opens) in [
            (ANYWHERE, true),
            (ExpectedOn { contrat: contrat("CN05911M"), ..ANYWHERE }, true),
            (ExpectedOn { contrat: contrat("CN06201M"), ..ANYWHERE }, false),
            (ExpectedOn { departement: departement("59"), ..ANYWHERE }, true),
            (ExpectedOn { departement: departement("62"), ..ANYWHERE }, false),
            (ExpectedOn { objective: Some(Objective::CadreDeVie), ..ANYWHERE }, true),
            (ExpectedOn { objective: Some(Objective::Transition), ..ANYWHERE }, false),
            (ExpectedOn { objective: Some(Objective::Transition), departement: departement("59"), ..ANYWHERE }, false),
            (npnru(), false),
        ] {
            let wanted = if opens { Sight::Whole } else { Sight::Nothing };
            assert_eq!(sight(&whole, row.clone()), wanted, "{row:?}");
        }
    }

    #[test]
    fn under_a_scheme_the_word_of_a_source_opens_and_what_bodies_declare_does_not() {
        let with = |records: Vec<RecordVersion>| {
            let mut image = image(records);
            image.sources.push(source("declarations", Standing::Declarations, &[]));
            Portfolio::build(&image)
        };
        let voted = |code| record("region", "voted", vec![under(code, grant(REGION))]);
        let declared = |funder| record("declarations", "d1", vec![under(Some("NPNRU-REGION"), grant(funder))]);
        assert_eq!(sight(&with(vec![voted(Some("NPNRU-REGION"))]), npnru()), Sight::Whole);
        assert_eq!(sight(&with(vec![voted(Some("FTU"))]), npnru()), Sight::Abridged);
        for funder in [BODY, METROPOLE] {
            assert_eq!(sight(&with(vec![voted(None), declared(funder)]), npnru()), Sight::Abridged, "{funder}");
        }
        assert_eq!(sight(&with(vec![declared(REGION)]), npnru()), Sight::Whole);
        let refused = StatementFacts { stage: Some(Stage::Refuse), ..grant(REGION) };
        let refused = record("region", "refused", vec![under(Some("NPNRU-REGION"), refused)]);
        assert_ne!(sight(&with(vec![refused]), npnru()), Sight::Whole, "what is refused funds nothing");
    }

    #[test]
    fn what_its_own_system_says_of_a_project_is_no_row_of_the_table() {
        let mut sources = sources();
        sources.push(source("anru", Standing::SystemOfRecord, &[BODY]));
        let with = |own: RecordVersion, other: RecordVersion| {
            let whole = Portfolio::build(&LedgerImage { sources: sources.clone(), ..image(vec![other, own]) });
            [npnru(), ExpectedOn { objective: Some(Objective::CadreDeVie), ..ANYWHERE }, etat()]
                .map(|row| sight(&whole, row) == Sight::Whole)
        };
        let says = |source: &str, funder: &str| {
            let places = Places { departements: vec!["59".parse().expect("sound")], ..Places::default() };
            let one = StatementFacts { stage: Some(Stage::Envisage), ..grant(funder) };
            let mut one = record(source, source, vec![under(Some("NPNRU-REGION"), one)]);
            one.facts.project.get_or_insert_default().objectives = vec![Objective::CadreDeVie];
            with_places(one, places)
        };
        let bare = |source: &str| record(source, source, vec![asked(METROPOLE, 5)]);
        assert_eq!(with(says("anru", BODY), bare("application")), [false, false, false]);
        assert_eq!(with(bare("anru"), says("application", METROPOLE)), [true, true, true]);
    }

    fn etat() -> ExpectedOn {
        ExpectedOn { departement: "59".parse().ok(), ..ANYWHERE }
    }
}

//! Who must speak: named by a statement, or listed in the dated table of the rulebook.

use super::rulebook::{Expectation, Rulebook, Who, in_force};
use crate::domain::Date;
use crate::domain::organisation::OrganisationId;
use crate::portfolio::{ExpectedCell, OrganisationIx, Portfolio, ProjectIx};

/// The cells that the table makes expected on a project, on a day. Statements make theirs by themselves.
pub(super) fn expected(portfolio: &Portfolio, project: ProjectIx, book: &Rulebook, day: Date) -> Vec<ExpectedCell> {
    let mut cells = Vec::new();
    for row in book.expected.iter().filter(|row| in_force((row.from, row.to), day)) {
        if concerns(portfolio, project, row) {
            let bodies = bodies(portfolio, project, &row.funder);
            cells.extend(bodies.into_iter().map(|funder| ExpectedCell { funder, nature: row.nature }));
        }
    }
    cells
}

/// Is this body expected on the project: named by anybody but itself, listed in the table, admitted, or its holder?
pub fn is_expected(
    portfolio: &Portfolio,
    project: ProjectIx,
    book: &Rulebook,
    (body, day): (&OrganisationId, Date),
) -> bool {
    let Some(body) = portfolio.organisation_of(body) else { return false };
    let case = portfolio.project(project);
    let named = case.commitments.iter().any(|one| one.funder == body && !one.doubts.unadmitted);
    let says_nothing = case.nothings().iter().any(|one| one.funder == body && !one.unadmitted);
    named
        || says_nothing
        || case.holder == Some(body)
        || expected(portfolio, project, book, day).iter().any(|cell| cell.funder == body)
}

/// Does the table list this body on the project?
pub fn is_listed(
    portfolio: &Portfolio,
    project: ProjectIx,
    book: &Rulebook,
    (body, day): (OrganisationIx, Date),
) -> bool {
    expected(portfolio, project, book, day).iter().any(|cell| cell.funder == body)
}

fn concerns(portfolio: &Portfolio, project: ProjectIx, row: &Expectation) -> bool {
    let case = portfolio.project(project);
    let contrat = |code| case.places.contrats.iter().any(|ix| portfolio.contrat(*ix).code == code);
    let dispositif = |code| {
        // What a body that nobody expected declares makes nobody else expected.
        let live = case.commitments.iter().filter(|one| !one.is_outside() && !one.doubts.unadmitted);
        let mut schemes = live.filter_map(|one| one.dispositif);
        schemes.any(|ix| portfolio.dispositif(ix).code == code)
    };
    row.dispositif.clone().is_none_or(dispositif)
        && row.contrat.clone().is_none_or(contrat)
        && row.objective.is_none_or(|objective| case.objectives.contains(&objective))
}

/// The organisations that a row means on a project. The pilot of each of its contracts; the State in each département.
fn bodies(portfolio: &Portfolio, project: ProjectIx, who: &Who) -> Vec<OrganisationIx> {
    let case = portfolio.project(project);
    match who {
        Who::Body(id) => portfolio.organisation_of(id).into_iter().collect(),
        Who::Holder => case.holder.into_iter().collect(),
        Who::Pilot => case.places.contrats.iter().filter_map(|ix| portfolio.contrat(*ix).pilot).collect(),
        Who::Etat => {
            let of = |code: &str| OrganisationId::parse(&format!("financeur:etat-{code}")).ok();
            let codes = case.places.departements.iter().map(|ix| portfolio.departement(*ix).code.as_str());
            codes.filter_map(|code| portfolio.organisation_of(&of(code)?)).collect()
        }
    }
}

//! Who must speak: named by a statement, or listed in the dated table of the rulebook.

use super::naming::unnamed;
use super::rulebook::{Expectation, Rulebook, Who, in_force};
use crate::domain::Date;
use crate::domain::clearance::ExpectedOn;
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

/// Where the table expects one of these bodies by its name, or as the State in a département, on a day. Who holds a project or pilots
/// its contract sees it for that alone.
pub fn expected_on(book: &Rulebook, bodies: &[OrganisationId], day: Date) -> Vec<ExpectedOn> {
    let rows = book.expected.iter().filter(|row| in_force((row.from, row.to), day));
    let of_row = |row: &Expectation| -> Vec<ExpectedOn> {
        let on = |departement| ExpectedOn {
            contrat: row.contrat.clone(),
            dispositif: row.dispositif.clone(),
            objective: row.objective,
            departement,
        };
        match &row.funder {
            Who::Body(id) => bodies.iter().filter(|body| *body == id).map(|_| on(None)).collect(),
            Who::Etat => {
                bodies.iter().filter_map(OrganisationId::departement_of_etat).map(|one| on(Some(one))).collect()
            }
            Who::Holder | Who::Pilot => Vec::new(),
        }
    };
    rows.flat_map(of_row).collect()
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

/// The organisations that a row means on a project: the pilot of each of its contracts; the State in each département. Where nothing
/// says who or where that is, what stands for it: somebody is expected, and has not spoken.
fn bodies(portfolio: &Portfolio, project: ProjectIx, who: &Who) -> Vec<OrganisationIx> {
    let case = portfolio.project(project);
    let places = &case.places;
    let (mut meant, is_open): (Vec<OrganisationIx>, bool) = match who {
        Who::Body(id) => (portfolio.organisation_of(id).into_iter().collect(), false),
        Who::Holder => (case.holder.into_iter().collect(), case.holder.is_none()),
        Who::Pilot => {
            let pilots = || places.contrats.iter().map(|ix| portfolio.contrat(*ix).pilot);
            let is_open = places.contrats.is_empty() || places.open.contrat || pilots().any(|pilot| pilot.is_none());
            (pilots().flatten().collect(), is_open)
        }
        Who::Etat => {
            let etat = |code| portfolio.organisation_of(&OrganisationId::etat(code));
            let codes = places.departements.iter().map(|ix| &portfolio.departement(*ix).code);
            (codes.filter_map(etat).collect(), places.departements.is_empty() || places.open.departement)
        }
    };
    let stands = unnamed(who).filter(|_| is_open).and_then(|id| portfolio.organisation_of(&id));
    meant.extend(stands);
    meant
}

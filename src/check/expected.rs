//! Who must speak: named by a statement, or listed in the dated table of the rulebook.

use super::case::is_unsaid;
use super::naming::unnamed;
use super::rulebook::{Expectation, Rulebook, Who, in_force};
use crate::domain::Date;
use crate::domain::clearance::ExpectedOn;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::{Family, Nature, Objective};
use crate::portfolio::{Commitment, EpciIx, ExpectedCell, OrganisationIx, Portfolio, ProjectCase, ProjectIx, REGION};

/// The cells that the table makes expected on a project, on a day, or may make. Statements make theirs by themselves.
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

/// Does a row hold for a project, or may it: what it asks for may be so where no record says otherwise?
fn concerns(portfolio: &Portfolio, project: ProjectIx, row: &Expectation) -> bool {
    let case = portfolio.project(project);
    let may_be_filed_under = |objective: Objective| case.objectives.is_empty() || case.objectives.contains(&objective);
    row.dispositif.as_ref().is_none_or(|code| may_be_funded_under(portfolio, case, code))
        && row.contrat.as_ref().is_none_or(|code| may_be_of(portfolio, case, code))
        && row.objective.is_none_or(may_be_filed_under)
}

/// Is a sum under this scheme, or may one be that states none: of whoever gives under it, and of which nobody says the credits?
fn may_be_funded_under(portfolio: &Portfolio, case: &ProjectCase, code: &DispositifCode) -> bool {
    let scheme = portfolio.dispositif_by_code(code);
    let known = scheme.map(|ix| (portfolio.dispositif(ix), portfolio.funders_under(ix, &[])));
    let gives = |funder: OrganisationIx| match &known {
        Some((_, funders)) if !funders.is_empty() => funders.contains(&funder),
        // Where no source tells who gives under it, it is taken for one of the Region's.
        _ => portfolio.identity(funder).as_str() == REGION,
    };
    let funds = |nature: Nature| {
        known.as_ref().is_none_or(|(entry, _)| entry.natures.is_empty() || entry.natures.contains(&nature))
    };
    // A credit of the NPNRU is given in its quartiers alone, verified or not.
    let mut linked = case.places.quartiers.iter().map(|ix| portfolio.quartier(*ix).npnru);
    let may_be_given_here = known
        .as_ref()
        .is_some_and(|(entry, _)| entry.family != Some(Family::Npnru) || linked.any(|link| link != Some(false)));
    let is_named = |one: &Commitment| case.statements(one).iter().any(|said| said.scheme.is_some());
    // What a body that nobody expected declares makes nobody else expected.
    let mut live = case.commitments.iter().filter(|one| !one.is_outside() && !one.doubts.unadmitted);
    live.any(|one| match one.dispositif {
        Some(ix) => portfolio.dispositif(ix).code == *code,
        None => {
            let may_be_of_it = may_be_given_here && gives(one.funder) && one.nature.is_none_or(funds);
            may_be_of_it && !is_named(one) && is_unsaid(portfolio, case, one)
        }
    })
}

/// Is the project of this contract, or may it be: where it lies in one of several, or where nothing tells in which?
fn may_be_of(portfolio: &Portfolio, case: &ProjectCase, code: &ContratCode) -> bool {
    let places = &case.places;
    if places.contrats.iter().any(|ix| portfolio.contrat(*ix).code == *code) {
        return true;
    }
    if !places.contrats.is_empty() && !places.open.contrat {
        return false;
    }
    let Some(ix) = portfolio.contrat_by_code(code.as_str()) else { return true };
    let mut quartiers = places.quartiers.iter().map(|quartier| &portfolio.quartier(*quartier).contrats);
    if places.open.contrat {
        return quartiers.any(|contrats| contrats.contains(&ix));
    }
    let contrat = portfolio.contrat(ix);
    let meets = |epci: &EpciIx| contrat.epcis.contains(epci);
    let is_elsewhere = !contrat.epcis.is_empty() && !places.epcis.is_empty() && !places.epcis.iter().any(meets);
    !is_elsewhere || places.open.epci
}

/// The organisations that a row means on a project: the pilot of each of its contracts; the State in each département. Where nothing
/// says who or where that is, what stands for it: somebody is expected, and has not spoken.
fn bodies(portfolio: &Portfolio, project: ProjectIx, who: &Who) -> Vec<OrganisationIx> {
    let case = portfolio.project(project);
    let places = &case.places;
    let (mut meant, is_open): (Vec<OrganisationIx>, bool) = match who {
        Who::Body(id) => (portfolio.organisation_of(id).into_iter().collect(), false),
        Who::Holder => (case.holder.iter().chain(case.other_holders()).copied().collect(), case.holder.is_none()),
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

//! What a record says of the total cost, beside the sums that it states: told where the two can hardly both be right.

use super::notes::plain_warning;
use super::reader::Reader;
use crate::connector::convert::Doubt;
use crate::domain::facts::{Budget, StatementFacts};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationKind;
use crate::domain::vocabulary::{Nature, Stage};
use std::cmp::Ordering;

const ABOVE: Doubt = Doubt {
    code: "amount-above-cost",
    fr: "la somme dépasse le coût total ; les deux sont gardés tels quels",
    en: "the sum exceeds the total cost; both are kept as they are",
};
const WHOLE: Doubt = Doubt {
    code: "amount-whole-cost",
    fr: "la somme est égale au coût total : un taux de 100 %",
    en: "the sum equals the total cost: a rate of 100 %",
};
const NO_COST: Doubt = Doubt {
    code: "cost-zero",
    fr: "le coût total est nul à côté d'une somme : enveloppe déléguée ou régularisation, sans doute pas une opération",
    en: "the total cost is zero beside a sum: a delegated envelope or a correction, probably no operation",
};

/// Warns where one sum passes the total cost of its nature; where it is the whole of it, for European funds only, whose
/// rates have ceilings: a small local action may well have one funder.
pub fn compare(budget: Budget, statements: &[StatementFacts], reader: &mut Reader<'_>) {
    for statement in statements {
        let cost = match statement.nature {
            _ if budget.non_precise.is_some() => budget.non_precise,
            Some(Nature::Investissement) => budget.investissement,
            Some(Nature::Fonctionnement) => budget.fonctionnement,
            None => None,
        };
        let Some((cost, amount)) = cost.zip(statement.amount) else { continue };
        let doubt = match amount.cmp(&cost) {
            // What was asked for may be more than what the project cost in the end.
            _ if amount <= Cents::ZERO || statement.stage == Some(Stage::Sollicite) => continue,
            _ if cost == Cents::ZERO => &NO_COST,
            Ordering::Greater => &ABOVE,
            Ordering::Equal if statement.funder.kind() == OrganisationKind::European => &WHOLE,
            Ordering::Equal | Ordering::Less => continue,
        };
        reader.warn(plain_warning(doubt, None));
    }
}

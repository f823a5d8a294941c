//! What each funding scheme asks: nature, holder, season, criteria.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::lines::positions;
use crate::domain::governance::{Act, ActEntry, OpinionOf, RuleCode};
use crate::domain::message::Message;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::portfolio::Commitment;
use chrono::Datelike as _;

/// The scheme funds one nature only.
pub(super) fn nature(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    for one in under(case, sheet) {
        let outcome = match one.nature {
            Some(nature) if Some(nature) == sheet.nature => Outcome::met(),
            Some(_) => Outcome::broken(),
            None => Outcome::unknown(),
        };
        let told = outcome.with("nature", Word::Nature(one.nature)).with("funder", Word::Body(one.funder));
        found.push(told.resting_on(case, positions(case, &[one])));
    }
}

/// What a SIREN tells of its bearer (INSEE gives the numbers that begin with 1 and 2 to legal persons of public law).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearer {
    /// A commune, a département, a région, or a group of them.
    Collectivite,
    /// Another legal person of public law: an établissement public, the State.
    OtherPublic,
    /// A legal person of private law: which, the SIREN does not tell.
    Private,
    /// An association, as somebody said who asks what may come to one.
    Association,
    /// An undertaking, as somebody said in the same way.
    Undertaking,
    /// An inhabitant.
    Person,
    /// Only a name is known, or nobody is named.
    Unknown,
}

/// Who carries the project, as far as its identity tells.
pub(super) fn bearer(case: &Case<'_>) -> Bearer {
    case.holder.map_or(Bearer::Unknown, |holder| bearer_of(case.identity(holder)))
}

/// The kinds of holders that orientation takes in the place of one: the word, and the identity that stands for it, which no source
/// can write.
const KINDS: [(&str, &str, Bearer); 5] = [
    ("HABITANTS", "person:habitants", Bearer::Person),
    ("ASSOCIATION", "text:*:ASSOCIATION", Bearer::Association),
    ("COLLECTIVITE", "text:*:COLLECTIVITE", Bearer::Collectivite),
    ("ETABLISSEMENT_PUBLIC", "text:*:ETABLISSEMENT PUBLIC", Bearer::OtherPublic),
    ("ENTREPRISE", "text:*:ENTREPRISE", Bearer::Undertaking),
];

/// The words for a holder of whom only the kind is known.
pub fn kinds_of_holders() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(word, ..)| *word)
}

/// What stands in the check for a holder of whom only the kind is known, by its word.
pub fn kind_of_holder(word: &str) -> Option<OrganisationId> {
    let written = KINDS.iter().find(|(known, ..)| *known == word).map(|(_, written, _)| *written);
    written.and_then(|written| OrganisationId::parse(written).ok())
}

pub(super) fn bearer_of(id: &OrganisationId) -> Bearer {
    if id.kind() == OrganisationKind::Text {
        let kind = KINDS.iter().find(|(_, written, _)| *written == id.as_str());
        return kind.map_or(Bearer::Unknown, |(.., bearer)| *bearer);
    }
    let digits = id.siren().map(|siren| siren.to_string());
    match (id.kind(), digits.as_deref()) {
        (OrganisationKind::Person, _) => Bearer::Person,
        (_, Some(siren)) => match &siren[..2] {
            // 20, 24, 25: groups of communes; 21: communes; 22: départements; 23: régions.
            "20" | "21" | "22" | "23" | "24" | "25" => Bearer::Collectivite,
            two if two.starts_with(['1', '2']) => Bearer::OtherPublic,
            _ => Bearer::Private,
        },
        _ => Bearer::Unknown,
    }
}

/// May this holder be a collectivité, of whom alone the law asks for a share of its own?
pub fn may_be_collectivite(id: &OrganisationId) -> bool {
    matches!(bearer_of(id), Bearer::Collectivite | Bearer::Unknown)
}

/// Beneficiaries are collectivités.
pub(super) fn for_collectivites(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    by_bearer(case, sheet, found, |bearer| match bearer {
        Bearer::Collectivite => Outcome::met(),
        Bearer::OtherPublic | Bearer::Unknown => Outcome::unknown(),
        Bearer::Private | Bearer::Association | Bearer::Undertaking | Bearer::Person => Outcome::broken(),
    });
}

/// Holders are inhabitants or associations. Whether a private SIREN is an association, nothing here tells.
pub(super) fn for_inhabitants(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    by_bearer(case, sheet, found, |bearer| match bearer {
        Bearer::Person | Bearer::Association => Outcome::met(),
        Bearer::Private | Bearer::Unknown => Outcome::unknown(),
        Bearer::Collectivite | Bearer::OtherPublic | Bearer::Undertaking => Outcome::broken(),
    });
}

fn by_bearer(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>, judge: impl Fn(Bearer) -> Outcome) {
    let Some(first) = under(case, sheet).next() else { return };
    let outcome = judge(bearer(case)).resting_on(case, positions(case, &[first]));
    found.push(match case.holder {
        Some(holder) => outcome.with("holder", Word::Body(holder)),
        None => {
            let nobody = Message::new("personne n'est nommé", "nobody is named");
            outcome.with("holder", Word::Said(nobody))
        }
    });
}

/// Criteria that only the service that instructs can judge: its opinion on this rule.
pub(super) fn criteria(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    if under(case, sheet).next().is_some() {
        found.push(by_opinion(case, sheet, |entry| {
            matches!(&entry.act, Act::Opinion { quality: OpinionOf::Direction | OpinionOf::Service, .. })
        }));
    }
}

/// What the last opinion on a rule says; unknown where there is none.
pub(super) fn by_opinion(case: &Case<'_>, sheet: &Sheet, of: impl Fn(&ActEntry) -> bool) -> Outcome {
    by_opinion_on(case, |rule| *rule == sheet.code, of)
}

/// The same of any of several rules.
pub(super) fn by_opinion_on(
    case: &Case<'_>,
    on: impl Fn(&RuleCode) -> bool,
    of: impl Fn(&ActEntry) -> bool,
) -> Outcome {
    let said = case.acts().filter_map(|entry| match &entry.act {
        Act::Opinion { rule, favourable, .. } if on(rule) && of(entry) => Some((entry.said_on(), *favourable)),
        _ => None,
    });
    // The last one given, were it recorded before an older one.
    match said.max_by_key(|(day, _)| *day).map(|(_, favourable)| favourable) {
        Some(true) => Outcome::met(),
        Some(false) => Outcome::broken(),
        None => Outcome::unknown(),
    }
}

/// The action takes place in summer: from the first to the last month, both included.
pub(super) fn summer(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let Some(first) = under(case, sheet).next() else { return };
    let month = |name| sheet.value(name, case.today()).and_then(|month| u32::try_from(month).ok());
    let why = |fr: &str, en: &str| Outcome::unknown().with("why", Word::Said(Message::new(fr, en)));
    let outcome = match (case.days, month("first-month"), month("last-month")) {
        ((Some(begins), Some(ends)), ..) if ends < begins => why(
            "les dates du projet se contredisent, il finirait avant de commencer",
            "the dates of the project contradict each other, it would end before it begins",
        ),
        ((Some(begins), Some(ends)), Some(from), Some(to)) => {
            let within = |day: crate::domain::Date| (from..=to).contains(&day.month());
            let summer = within(begins) && within(ends) && begins.year() == ends.year();
            let outcome = if summer { Outcome::met() } else { Outcome::broken() };
            outcome.with("begins", Word::Day(begins)).with("ends", Word::Day(ends))
        }
        _ => why("les dates du projet ne sont pas dites", "the dates of the project are not stated"),
    };
    found.push(outcome.resting_on(case, positions(case, &[first])));
}

/// What counts under the scheme of a sheet.
fn under<'a>(case: &Case<'a>, sheet: &Sheet) -> impl Iterator<Item = &'a Commitment> {
    let (portfolio, wanted) = (case.portfolio, sheet.dispositif.clone());
    case.live()
        .filter(move |one| one.dispositif.is_some_and(|ix| Some(&portfolio.dispositif(ix).code) == wanted.as_ref()))
}

//! One change of a project: what it says, and what of it is for whom.

use super::{AuthorKind, HistoryKind};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::difference::StatementDifference;
use crate::domain::facts::{Budget, Places, ProjectFacts, StatementFacts};
use crate::domain::money::BasisPoints;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::text::{RecordKey, SourceId};
use crate::view::Reader;
use crate::view::organisation::Organisation;
use crate::view::source::Source;

/// What a record said and says of its project, field by field; the same is left out.
pub(super) fn fields(was: Option<&ProjectFacts>, is: Option<&ProjectFacts>) -> Vec<FieldDifference> {
    let (was, is) = (was.map(told).unwrap_or_default(), is.map(told).unwrap_or_default());
    let all = NAMES.iter().enumerate().map(|(at, field)| {
        let side = |side: &[Option<String>]| side.get(at).cloned().flatten();
        FieldDifference { field, before: side(&was), after: side(&is) }
    });
    all.filter(|one| one.before != one.after).collect()
}

/// The fields, in the order of [`told`]: all that a record says of its project, so that no change of it is told with nothing in it.
const NAMES: [&str; 20] = [
    "title",
    "holder",
    "objectives",
    "action",
    "references",
    "renews",
    "fund",
    "quartiers",
    "communes",
    "epcis",
    "contratsDeVille",
    "departements",
    "shares",
    "year",
    "startsOn",
    "endsOn",
    "budget.investissement",
    "budget.fonctionnement",
    "budget.nonPrecise",
    "budget.taxBasis",
];

fn told(facts: &ProjectFacts) -> Vec<Option<String>> {
    // Whoever adds a field to what is said of a project has to tell its changes here.
    let ProjectFacts {
        title,
        holder,
        objectives,
        action,
        references,
        places,
        starts_on,
        ends_on,
        year,
        renews,
        fund,
        budget,
    } = facts;
    let Places { quartiers, communes, epcis, contrats, departements, shares } = places;
    let Budget { investissement, fonctionnement, non_precise, tax_basis } = budget.unwrap_or_default();
    vec![
        Some(title.clone()).filter(|title| !title.is_empty()),
        holder.as_ref().map(|holder| holder.as_str().to_owned()),
        listed(objectives, |objective| objective.as_str().to_owned()),
        action.as_ref().map(ToString::to_string),
        listed(references, numbered),
        renews.as_ref().map(numbered),
        fund.as_ref().map(numbered),
        listed(quartiers, ToString::to_string),
        listed(communes, ToString::to_string),
        listed(epcis, ToString::to_string),
        listed(contrats, ToString::to_string),
        listed(departements, ToString::to_string),
        listed(shares, |share| format!("{} {} %", share.quartier, percent(share.share))),
        year.map(|year| year.to_string()),
        starts_on.map(|day| day.to_string()),
        ends_on.map(|day| day.to_string()),
        investissement.map(|sum| sum.to_string()),
        fonctionnement.map(|sum| sum.to_string()),
        non_precise.map(|sum| sum.to_string()),
        tax_basis.map(|basis| basis.as_str().to_owned()),
    ]
}

fn listed<T>(all: &[T], word: impl Fn(&T) -> String) -> Option<String> {
    (!all.is_empty()).then(|| all.iter().map(word).collect::<Vec<_>>().join(", "))
}

fn numbered(reference: &Reference) -> String {
    format!("{} {}", reference.scheme, reference.value)
}

fn percent(share: BasisPoints) -> String {
    format!("{}.{:02}", share.get() / 100, share.get() % 100)
}

/// A field of what a record says of its project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// The field, as the schema calls it.
    pub field: &'static str,
    /// Before; `None`: not said.
    pub before: Option<String>,
    /// After; `None`: not said.
    pub after: Option<String>,
}

/// One change of a project.
#[derive(Clone)]
pub struct HistoryChange {
    pub(super) reader: Reader,
    pub(super) id: String,
    pub(super) version: LedgerVersion,
    pub(super) at: Instant,
    pub(super) kind: HistoryKind,
    pub(super) author: AuthorKind,
    pub(super) record: Option<(SourceId, RecordKey)>,
    pub(super) projects: Vec<ProjectId>,
    pub(super) reason: Option<String>,
    /// The statements that differ, and whether their amounts are kept from the viewer.
    pub(super) statements: Vec<(StatementDifference, bool)>,
    pub(super) fields: Vec<FieldDifference>,
}

impl HistoryChange {
    /// Its identifier in the list.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version that brought it.
    pub fn version(&self) -> LedgerVersion {
        self.version
    }

    /// When it was appended.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// What happened.
    pub fn kind(&self) -> HistoryKind {
        self.kind
    }

    /// Who is behind it.
    pub fn author(&self) -> AuthorKind {
        self.author
    }

    /// The source that said it; `None` for the act of a person, of the matcher, of the gateway.
    pub fn source(&self) -> Option<Source> {
        self.record_source().filter(|_| self.author == AuthorKind::Source)
    }

    /// The source of the record concerned.
    pub fn record_source(&self) -> Option<Source> {
        let (source, _) = self.record.as_ref()?;
        Some(Source::new(&self.reader, self.reader.portfolio().source_by_id(source.as_str())?))
    }

    /// The key of the record concerned.
    pub fn key(&self) -> Option<&str> {
        self.record.as_ref().map(|(_, key)| key.as_str())
    }

    /// The identifiers that a decision is about: the one that gave way or was left, then the one that stays. Those of projects
    /// that the viewer does not see are left out.
    pub fn projects(&self) -> impl Iterator<Item = &ProjectId> {
        let all = self.reader.scope().sees_links();
        let seen = move |id: &&ProjectId| all || self.reader.portfolio().project_by_id(id).is_some();
        self.projects.iter().filter(seen)
    }

    /// The reason given; `None` where none was, or where it is not for this viewer.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref().filter(|reason| self.reader.scope().sees_links() && !reason.is_empty())
    }

    /// Is something of it kept from this viewer?
    pub fn is_withheld(&self) -> bool {
        self.reason.as_ref().is_some_and(|reason| !reason.is_empty()) && !self.reader.scope().sees_links()
    }

    /// What the record says of its project, where it differs.
    pub fn fields(&self) -> &[FieldDifference] {
        &self.fields
    }

    /// The statements that differ.
    pub fn statements(&self) -> impl Iterator<Item = StatementChange> {
        let all = self.statements.iter();
        all.map(|(difference, withheld)| StatementChange {
            reader: self.reader.clone(),
            difference: difference.clone(),
            withheld: *withheld,
        })
    }
}

/// What a record said and says of one sum.
#[derive(Clone)]
pub struct StatementChange {
    reader: Reader,
    difference: StatementDifference,
    withheld: bool,
}

impl StatementChange {
    /// The funder.
    pub fn funder(&self) -> Option<Organisation> {
        let said = self.difference.before.as_ref().or(self.difference.after.as_ref())?;
        Some(Organisation::named(&self.reader, &said.funder))
    }

    /// What was said before; `None`: nothing.
    pub fn before(&self) -> Option<&StatementFacts> {
        self.difference.before.as_ref()
    }

    /// What is said since; `None`: nothing.
    pub fn after(&self) -> Option<&StatementFacts> {
        self.difference.after.as_ref()
    }

    /// Are its figures kept from this viewer by the funder?
    pub fn is_withheld(&self) -> bool {
        self.withheld
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::QuartierShare;
    use crate::domain::place::QuartierCode;

    #[test]
    fn money_that_moves_to_another_place_is_told() {
        let on = |code: &str| {
            let quartier = QuartierCode::parse(code).expect("sound");
            let shares = vec![QuartierShare { quartier: quartier.clone(), share: BasisPoints::new(2_505) }];
            let places = Places { quartiers: vec![quartier], shares, ..Places::default() };
            let renews = Some(Reference { scheme: "dauphin".into(), value: code.into() });
            ProjectFacts { places, renews, ..ProjectFacts::default() }
        };
        let (was, is) = (on("QN05901M"), on("QN05902M"));
        let found = fields(Some(&was), Some(&is));
        let told: Vec<(&str, Option<&str>, Option<&str>)> =
            found.iter().map(|one| (one.field, one.before.as_deref(), one.after.as_deref())).collect();
        let expected = [
            ("renews", Some("dauphin QN05901M"), Some("dauphin QN05902M")),
            ("quartiers", Some("QN05901M"), Some("QN05902M")),
            ("shares", Some("QN05901M 25.05 %"), Some("QN05902M 25.05 %")),
        ];
        assert_eq!(told, expected);
        assert_eq!(fields(Some(&was), Some(&was)), []);
    }
}

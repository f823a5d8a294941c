//! Editions: which project renews which. In operation one edition (exercice) is a project, and its record names the one
//! that it renews by a reference.

use super::Portfolio;
use super::index::ProjectIx;

impl Portfolio {
    /// The edition that this one renews, where its record names it and exactly one project bears that reference.
    pub fn renews(&self, project: ProjectIx) -> Option<ProjectIx> {
        self.editions.named_by(project)
    }

    /// The editions that renew this one, in the order of identifiers.
    pub fn renewed_by(&self, project: ProjectIx) -> impl Iterator<Item = ProjectIx> + use<'_> {
        self.editions.naming(project)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::project::Reference;
    use crate::domain::record::RecordVersion;
    use crate::portfolio::fixture::*;
    use crate::portfolio::{Portfolio, ProjectIx};

    /// A dossier of this number, in a project of its own, that renews another one.
    fn dossier(rank: u8, number: &str, renews: Option<&str>) -> RecordVersion {
        let mut record = record("region", number, vec![grant(REGION)]);
        record.project = Some(project(rank));
        let facts = record.facts.project.get_or_insert_default();
        let reference = |number: &str| Reference { scheme: "dossier".into(), value: number.into() };
        facts.references = vec![reference(number)];
        facts.renews = renews.map(reference);
        record
    }

    fn chain(portfolio: &Portfolio) -> Vec<(Option<usize>, Vec<usize>)> {
        let each = portfolio.projects().map(|(ix, _)| {
            (portfolio.renews(ix).map(ProjectIx::get), portfolio.renewed_by(ix).map(ProjectIx::get).collect())
        });
        each.collect()
    }

    #[test]
    fn editions_are_chained_both_ways() {
        let portfolio = portfolio(vec![
            dossier(1, "2024", None),
            dossier(2, "2025", Some("2024")),
            dossier(3, "2026", Some("2025")),
            dossier(4, "2026b", Some("2025")),
        ]);
        let expected = [(None, vec![1]), (Some(0), vec![2, 3]), (Some(1), vec![]), (Some(1), vec![])];
        assert_eq!(chain(&portfolio), expected);
    }

    #[test]
    fn what_nobody_bears_or_two_bear_or_the_project_itself_is_no_earlier_edition() {
        let portfolio = portfolio(vec![
            dossier(1, "A", Some("lost")),
            dossier(2, "B", Some("B")),
            dossier(3, "C", None),
            {
                let mut twin = dossier(4, "C", None);
                twin.key = crate::domain::text::RecordKey::parse("C-bis").expect("a key");
                twin
            },
            dossier(5, "D", Some("C")),
        ]);
        assert!(
            chain(&portfolio).iter().all(|(renews, by)| renews.is_none() && by.is_empty()),
            "{:?}",
            chain(&portfolio)
        );
    }
}

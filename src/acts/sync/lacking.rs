//! What a record no longer has of what its known version had, and what the map rests on: in a part of a source no other record
//! tells whether it was taken away from this one alone. Pure.

use super::drift::steps;
use super::guards::held_for;
use crate::connector::Connector;
use crate::connector::node::Node;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::SourceFinding;

/// The step that stands for every element of a list.
const ELEMENT: &str = "*";

/// What the map rests on: each with the names under which it may stand.
pub struct Needs(Vec<Need>);

struct Need {
    names: Vec<String>,
    paths: Vec<Vec<String>>,
}

/// Where a path leads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Missing,
    /// The list that it leads through has no element.
    Nowhere,
    There,
}

impl Needs {
    /// What the map of `connector` cannot do without, what protects or holds sums, and what decides which of them count.
    pub fn of(connector: &Connector) -> Self {
        Self::new(connector.needed().into_iter().chain(connector.guarded()))
    }

    fn new(needs: impl IntoIterator<Item = Vec<String>>) -> Self {
        let need = |names: Vec<String>| Need { paths: names.iter().map(|name| steps(name).collect()).collect(), names };
        Needs(needs.into_iter().map(need).collect())
    }

    /// The names of what `known` has and `now` has not, if there is such a thing. A list without elements lacks nothing of theirs.
    pub fn lost(&self, known: &Node, now: &Node) -> Option<&[String]> {
        let most = |need: &Need, record: &Node| need.paths.iter().map(|path| met(record, path)).max();
        let is_lost = |need: &&Need| most(need, known) == Some(Met::There) && most(need, now) == Some(Met::Missing);
        self.0.iter().find(is_lost).map(|need| need.names.as_slice())
    }
}

fn met(node: &Node, path: &[String]) -> Met {
    let Some((first, rest)) = path.split_first() else { return Met::There };
    match node {
        Node::Object(entries) => {
            // The name of a member may hold dots itself.
            let below = entries.iter().filter_map(|(name, value)| {
                let mut left = path;
                for step in steps(name) {
                    left = left.strip_prefix(&[step])?;
                }
                Some(met(value, left))
            });
            below.max().unwrap_or(Met::Missing)
        }
        Node::List(items) if first == ELEMENT => items.iter().map(|item| met(item, rest)).max().unwrap_or(Met::Nowhere),
        other if first == ELEMENT && other.is_blank() => Met::Nowhere,
        _ => Met::Missing,
    }
}

/// Why an increment waits of which `count` records lack what each of them had, under one of these names.
pub fn finding((count, names): (u64, &[String]), since: Instant) -> SourceFinding {
    held_for(names, since, |named| {
        Message::new(
            format!(
                "{count} fiche(s) de l'incrément n'ont plus une colonne que leur version connue avait et dont dépendent les montants ({named}) : rien n'est appliqué avant une lecture entière"
            ),
            format!(
                "{count} item(s) of the increment lack a column that their known version had and on which sums depend ({named}): nothing is applied before a full read"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(known: &str, now: &str, names: &[&str]) -> bool {
        let needs = Needs::new([names.iter().map(|name| (*name).to_owned()).collect()]);
        needs.lost(&Node::parse_json(known).unwrap(), &Node::parse_json(now).unwrap()).is_some()
    }

    #[test]
    fn a_record_lacks_what_its_known_version_had_under_any_name() {
        let (amount, secret) = (["montant", "voté"], ["secret_jusqu_au"]);
        let known = r#"{"montant": 5, "secret_jusqu_au": null}"#;
        for names in [&amount[..], &secret[..]] {
            assert!(!lost(known, known, names) && !lost(r#"{"id": 1}"#, r#"{"id": 1}"#, names));
            let other = r#"{"Voté": null, "Secret jusqu'au": "2027-01-01"}"#;
            assert!(!lost(known, other, names), "another spelling, another name");
        }
        assert!(lost(known, r#"{"montant": 5}"#, &secret) && lost(known, r#"{"secret_jusqu_au": null}"#, &amount));
    }

    #[test]
    fn what_stands_in_the_lines_of_a_plan_is_looked_for_in_lines() {
        let known = r#"{"plan": [{"etat": "x"}, {"etat": "x", "secret": "2027-01-01"}]}"#;
        let is_lost = |now: &str| [lost(known, now, &["plan"]), lost(known, now, &["plan.*.secret"])];
        assert_eq!(is_lost(r#"{"plan": [{"secret": null}, {"etat": "x"}]}"#), [false, false]);
        assert_eq!(is_lost(r#"{"plan": [{"etat": "x"}]}"#), [false, true]);
        assert_eq!(is_lost(r#"{"plan": []}"#), [false, false], "no line lacks it");
        assert_eq!(is_lost(r#"{"plan": null}"#), [false, false]);
        assert_eq!(is_lost(r#"{"plan": "x"}"#), [false, true]);
        assert_eq!(is_lost("{}"), [true, true]);
        assert!(lost(r#"{"lieu.insee": 1}"#, r#"{"lieu": null}"#, &["lieu.insee"]));
    }
}

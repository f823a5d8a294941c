//! References that are to identify one project and stand in records of too many holders: a word that stands for nothing, the number of
//! an act that funds many. They join nothing, so that no sum of one operation is taken for that of another, and the source is told.

use super::survey::Survey;
use super::{Read, Sync, SyncError};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::Facts;
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::project::Reference;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{RecordKey, SourceId};
use crate::workroom::{Staged, WorkroomError};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Holders that records of one source name under one project's number, at most. A project has one holder; an operation that several
/// carry together, or a grant whose beneficiaries have a row each, has more: below this bound they are one project, whose sums are
/// in doubt. The co-funders are no holders, and most stand in other sources.
const HOLDERS_MAX: usize = 25;

/// Of each source, the holder that each record names which carries a reference.
type Holders = HashMap<SourceId, HashMap<RecordKey, Option<OrganisationId>>>;

impl Sync<'_> {
    /// Of the references of the records to write, those that stand in records of too many holders, in what was read and in the ledger.
    pub(super) async fn common(
        &self,
        connector: &Connector,
        (read, found): (&Read, &Survey),
        version: LedgerVersion,
    ) -> Result<HashSet<Reference>, SyncError> {
        if !connector.has_project() || found.references.is_empty() {
            return Ok(HashSet::default());
        }
        let ledger = self.gateway.ledger();
        let mut references: Vec<Reference> = found.references.keys().cloned().collect();
        references.sort();
        let counted = ledger.carriers(&references, version).await?;
        // Few records have few holders: only of the others are these looked at.
        references.retain(|reference| {
            let (here, all) = (found.references.get(reference), counted.get(reference));
            let of_others = all.into_iter().flatten().map(|(source, records)| {
                let here = if source == connector.id() { here.copied().unwrap_or_default() } else { 0 };
                *records + u64::from(here)
            });
            let most = of_others.max().unwrap_or_default().max(here.copied().unwrap_or_default().into());
            most > HOLDERS_MAX as u64
        });
        let mut holders: HashMap<Reference, Holders> = HashMap::default();
        for (source, key, facts) in ledger.said_by_carriers(&references, version).await? {
            meet(&mut holders, &references, (&source, &key, &facts));
        }
        if !references.is_empty() {
            for item in read.spool.read()? {
                let Staged::Record(record) = item? else { continue };
                if record.head.references.iter().any(|one| references.binary_search(one).is_ok()) {
                    let facts: Facts =
                        serde_json::from_str(&record.facts).map_err(|_| WorkroomError::unwritable(&record.head.key))?;
                    meet(&mut holders, &references, (connector.id(), &record.head.key, &facts));
                }
            }
        }
        Ok(holders.into_iter().filter(|(_, holders)| is_common(holders)).map(|(reference, _)| reference).collect())
    }
}

/// Notes whom a record names as its holder, under each of the references that it carries.
fn meet(
    holders: &mut HashMap<Reference, Holders>,
    asked: &[Reference],
    (source, key, facts): (&SourceId, &RecordKey, &Facts),
) {
    let Some(project) = &facts.project else { return };
    for reference in project.references.iter().filter(|one| asked.binary_search(one).is_ok()) {
        let of_source = holders.entry(reference.clone()).or_default().entry(source.clone()).or_default();
        of_source.insert(key.clone(), project.holder.clone());
    }
}

fn is_common(holders: &Holders) -> bool {
    holders.values().any(|records| records.values().flatten().collect::<HashSet<_>>().len() > HOLDERS_MAX)
}

/// What is told of the source: one finding for each numbering, with a number that shows it where none is personal.
pub(super) fn findings(common: &HashSet<Reference>, connector: &Connector, at: Instant) -> Vec<SourceFinding> {
    let mut schemes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for reference in common {
        schemes.entry(&reference.scheme).or_default().push(&reference.value);
    }
    let told = schemes.into_iter().map(|(scheme, mut values)| {
        values.sort_unstable();
        let count = values.len();
        SourceFinding {
            kind: SourceFindingKind::ReferenceCommon,
            field: None,
            about: Some(scheme.to_owned()),
            since: at,
            example: values.first().filter(|_| connector.personal().is_empty()).map(|value| (*value).to_owned()),
            message: Message::new(
                format!(
                    "{count} référence(s) de la numérotation « {scheme} » sont portées par les enregistrements de plus de {HOLDERS_MAX} porteurs : ce n'est pas le numéro d'un seul projet, et rien n'est relié par elles"
                ),
                format!(
                    "{count} reference(s) of the numbering \"{scheme}\" stand in records of more than {HOLDERS_MAX} holders: this is no number of one project, and nothing is joined by them"
                ),
            ),
            was: None,
            held: false,
        }
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holders(named: &[(&str, &str, Option<&str>)]) -> Holders {
        let mut holders = Holders::default();
        for (source, key, holder) in named {
            let source = SourceId::parse(source).expect("a source");
            let key = RecordKey::parse(key).expect("a key");
            let holder = holder.map(|holder| OrganisationId::from_text(&source, holder).expect("a name"));
            holders.entry(source).or_default().insert(key, holder);
        }
        holders
    }

    #[test]
    fn many_records_of_few_holders_are_one_project() {
        let keys: Vec<String> = (0..40).map(|year| format!("{year}")).collect();
        let one: Vec<_> = keys.iter().map(|key| ("scdl", &**key, Some("Ville de Lille"))).collect();
        assert!(!is_common(&holders(&one)));
        let unstated: Vec<_> = keys.iter().map(|key| ("scdl", &**key, None)).collect();
        assert!(!is_common(&holders(&unstated)), "who does not name a holder names no other one");
        let few: Vec<_> = keys[..HOLDERS_MAX].iter().map(|key| ("scdl", &**key, Some(&**key))).collect();
        assert!(!is_common(&holders(&few)));
    }

    #[test]
    fn more_holders_than_that_in_one_source_are_not_those_of_one_project() {
        let keys: Vec<String> = (0..=HOLDERS_MAX).map(|number| format!("{number}")).collect();
        let many: Vec<_> = keys.iter().map(|key| ("scdl", &**key, Some(&**key))).collect();
        assert!(is_common(&holders(&many)));
        let apart: Vec<_> =
            keys.iter().map(|key| (if key < &keys[3] { "scdl" } else { "ftu" }, &**key, Some(&**key))).collect();
        assert!(!is_common(&holders(&apart)), "each source spells holders in its own way");
    }
}

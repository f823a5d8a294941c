//! The part that stands before one that is read for the first time (last year's, where the ledger has it): what its records say, to be held
//! against the new ones. Its file may have been given for theirs.

use super::series::Series;
use super::{Sync, SyncError};
use crate::connector::Connector;
use crate::connector::node::Node;
use crate::domain::text::RecordKey;
use std::collections::{BTreeMap, BTreeSet};

/// Records of such a part that are looked at; of one that has more nothing is told.
const RECORDS_MAX: usize = 20_000;

impl Sync<'_> {
    /// Tells the series of a read what stood before its new parts.
    pub(super) async fn stands_before(&self, connector: &Connector, series: &mut Series) -> Result<(), SyncError> {
        for (part, keys) in self.parts_before(connector, series) {
            let ledger = self.gateway.ledger();
            let raws = ledger.raws(connector.id(), &keys, ledger.head().await?.version).await?;
            for node in raws.values().filter_map(|raw| Node::parse_json(raw).ok()) {
                series.stood(&part, &node);
            }
        }
        Ok(())
    }

    /// The parts of the ledger that stand next before new ones of the read and did not come with it, with their keys.
    fn parts_before(&self, connector: &Connector, series: &Series) -> BTreeMap<String, Vec<RecordKey>> {
        let portfolio = self.gateway.current();
        let Some(source) = portfolio.source_by_id(connector.id().as_str()) else { return BTreeMap::new() };
        let known: BTreeSet<&str> = portfolio.standing_in(source, |_| false).map(|(part, _)| part).collect();
        let came: BTreeSet<&str> = series.parts().collect();
        let new = came.iter().filter(|part| !known.contains(*part));
        let before = new.filter_map(|part| known.union(&came).take_while(|other| *other < part).last());
        let mut before: BTreeMap<String, Vec<RecordKey>> =
            before.filter(|part| !came.contains(*part)).map(|part| ((*part).to_owned(), Vec::new())).collect();
        if before.is_empty() {
            return before;
        }
        for (part, key) in portfolio.standing_in(source, |_| false) {
            if let Some(keys) = before.get_mut(part) {
                keys.push(key.clone());
            }
        }
        before.retain(|_, keys| keys.len() <= RECORDS_MAX);
        before
    }
}

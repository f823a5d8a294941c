//! What a field costs: about how many values its answer holds.

use async_graphql::parser::types::{ExecutableDocument, Field};
use async_graphql::{Name, Value, Variables};
use std::collections::HashMap;

/// Length supposed of a page when the document does not tell.
const PAGE_DEFAULT: u64 = 50;
/// Length supposed of a page whose `first` is a variable without value: the longest allowed.
const PAGE_MAX: u64 = 200;

/// What one costs for which the verdict on every project is made, and held against what was attested.
const ALL_JUDGED: u64 = 20_000;

/// What one costs for which the plan of every project of one body is made.
const AWAITED: u64 = 1_000;

/// What the variables of a document hold, `None` where nobody knows.
pub(super) struct Given(HashMap<Name, Option<Value>>);

impl Given {
    /// What is given, else the default that the document states. Where its operations state different ones, of one name nothing is known.
    pub(super) fn of(document: &ExecutableDocument, variables: &Variables) -> Self {
        let mut held: HashMap<Name, Option<Value>> = HashMap::new();
        let operations = document.operations.iter().map(|(_, operation)| operation);
        for variable in operations.flat_map(|operation| &operation.node.variable_definitions) {
            let default = variable.node.default_value.as_ref().map_or(Value::Null, |value| value.node.clone());
            let again = held.get(&variable.node.name.node).is_some_and(|one| one.as_ref() != Some(&default));
            held.insert(variable.node.name.node.clone(), (!again).then_some(default));
        }
        held.extend(variables.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
        Given(held)
    }

    /// # Errors
    /// Nobody knows.
    fn held(&self, name: &Name) -> Result<Value, ()> {
        self.0.get(name).cloned().flatten().ok_or(())
    }
}

/// How one field weighs: once for itself, and so many times what stands beneath it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub own: u64,
    pub times: u64,
}

/// The rate of a field. A name that is not listed is one value.
pub(super) fn rate(field: &Field, given: &Given) -> Rate {
    let times = |times| Rate { own: 1, times };
    let page = page_length(field, given);
    let judged = if asks_for_verdicts(field, given) { ALL_JUDGED } else { 0 };
    // A connection goes through a whole index to find its page.
    let connection = |length| Rate { own: 100 + judged, times: length };
    match (field.name.node.as_str(), page) {
        // Every decision and every version of the project's records is read from the ledger.
        ("history", page) => Rate { own: 4_000, times: page.unwrap_or(PAGE_DEFAULT) },
        // The plan of every project of a body is made, and the past of those is read on which it has to speak.
        ("awaited", page) => Rate { own: AWAITED, times: page.unwrap_or(PAGE_DEFAULT) },
        ("awaitedCount", None) => Rate { own: AWAITED, times: 1 },
        // Every project is judged when it begins, and those that change while it goes on.
        ("verdictChanged", _) => Rate { own: 2 * ALL_JUDGED, times: PAGE_DEFAULT },
        ("ledgerChanged", _) => Rate { own: 1 + judged, times: 1 },
        (_, Some(length)) => connection(length),
        ("projects" | "rejections" | "matchProposals" | "envelopes" | "auditTrail", None)
            if !field.selection_set.node.items.is_empty() =>
        {
            connection(PAGE_DEFAULT)
        }
        ("commitments", None) if is_connection(field) || !field.arguments.is_empty() => connection(PAGE_DEFAULT),
        // An earlier portfolio is built anew from the ledger unless it was asked lately.
        ("asOf", None) => Rate { own: 20_000, times: 1 },
        // Of a line of a plan: the past of its project is read from the ledger, once for all its lines.
        ("since" | "missingSince", None) => Rate { own: 40, times: 1 },
        ("sinceAttestation", None) => Rate { own: 20_000, times: 10 },
        // A whole source is read.
        ("refreshSource", None) => Rate { own: 2_000, times: 1 },
        // Totals walk every commitment, or a whole index of them.
        ("totals", None) => Rate { own: 1_000, times: 50 },
        // Its records may be looked up in the systems that hold them.
        ("fundingPlan" | "check", None) if field.get_argument("maxAge").is_some() => Rate { own: 60, times: 1 },
        // A plan reads a project's statements anew.
        ("fundingPlan", None) => Rate { own: 20, times: 1 },
        // What is assumed is consolidated anew.
        ("check", None) if field.get_argument("assume").is_some() => Rate { own: 1_000, times: 1 },
        // A check reads a plan and holds every rule against it.
        ("check", None) => Rate { own: 40, times: 1 },
        // Every rule is held against two imagined projects for each credit.
        ("eligibility", None) => Rate { own: 10_000, times: 1 },
        ("credits" | "reasons" | "opinionsNeeded" | "actions", None) => times(30),
        ("findings" | "rules" | "evidence", None) => times(10),
        ("commitments" | "records" | "lines", None) => times(10),
        ("statements" | "amounts" | "key" | "speaksFor", None) => times(4),
        ("renewedBy" | "warnings", None) => times(2),
        (
            "quartiers" | "contratsDeVille" | "epcis" | "predecessors" | "successors" | "crosswalks" | "signatories",
            None,
        ) => times(5),
        ("communes" | "sources" | "dispositifs", None) => times(20),
        ("types", None) => times(60),
        ("fields" | "inputFields" | "enumValues", None) => times(10),
        ("args" | "interfaces" | "possibleTypes" | "directives", None) => times(2),
        _ => times(1),
    }
}

/// The length of the page that `first` or `last` asks for; the longer of the two.
fn page_length(field: &Field, given: &Given) -> Option<u64> {
    let asked = field.arguments.iter().filter(|(name, _)| matches!(name.node.as_str(), "first" | "last"));
    asked
        .filter_map(|(_, value)| match value.node.clone().into_const_with(|name| given.held(&name)) {
            Ok(Value::Number(number)) => Some(number.as_u64().unwrap_or(1).max(1)),
            Ok(_) => None,
            Err(()) => Some(PAGE_MAX),
        })
        .max()
}

/// Does the filter of the field ask what the check says? So it may where what it holds is not known.
fn asks_for_verdicts(field: &Field, given: &Given) -> bool {
    let Some(filter) = field.get_argument("filter") else { return false };
    let is_asked = |filter: &Value| match filter {
        Value::Object(fields) => ["knowledge", "attestedButChanged"]
            .into_iter()
            .any(|name| fields.get(name).is_some_and(|value| *value != Value::Null)),
        _ => false,
    };
    let filter = filter.node.clone().into_const_with(|name| given.held(&name));
    filter.as_ref().map_or(true, is_asked)
}

fn is_connection(field: &Field) -> bool {
    use async_graphql::parser::types::Selection;
    field.selection_set.node.items.iter().any(|item| match &item.node {
        Selection::Field(child) => {
            matches!(child.node.name.node.as_str(), "nodes" | "edges" | "totalCount" | "pageInfo")
        }
        _ => false,
    })
}

//! What a field costs: about how many values its answer holds.

use async_graphql::parser::types::Field;
use async_graphql::{Value, Variables};

/// Length supposed of a page when the document does not tell.
const PAGE_DEFAULT: u64 = 50;
/// Length supposed of a page whose `first` is a variable without value: the longest allowed.
const PAGE_MAX: u64 = 200;

/// How one field weighs: once for itself, and so many times what stands beneath it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub own: u64,
    pub times: u64,
}

/// The rate of a field. A name that is not listed is one value.
pub(super) fn rate(field: &Field, variables: &Variables) -> Rate {
    let times = |times| Rate { own: 1, times };
    let page = page_length(field, variables);
    // A connection goes through a whole index to find its page.
    let connection = |length| Rate { own: 100, times: length };
    match (field.name.node.as_str(), page) {
        // Every decision and every version of the project's records is read from the ledger.
        ("history", page) => Rate { own: 4_000, times: page.unwrap_or(PAGE_DEFAULT) },
        (_, Some(length)) => connection(length),
        ("projects" | "rejections", None) if !field.selection_set.node.items.is_empty() => connection(PAGE_DEFAULT),
        ("commitments", None) if is_connection(field) => connection(PAGE_DEFAULT),
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
fn page_length(field: &Field, variables: &Variables) -> Option<u64> {
    let asked = field.arguments.iter().filter(|(name, _)| matches!(name.node.as_str(), "first" | "last"));
    asked
        .filter_map(|(_, value)| {
            match value.node.clone().into_const_with(|name| variables.get(&name).cloned().ok_or(())) {
                Ok(Value::Number(number)) => Some(number.as_u64().unwrap_or(1).max(1)),
                Ok(_) => None,
                Err(()) => Some(PAGE_MAX),
            }
        })
        .max()
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

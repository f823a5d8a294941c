//! The guard: what a document may ask, decided in time linear in its length, before the library sees it.
//!
//! The library's own limits walk a fragment again at each of its spreads, which costs exponential time under
//! nested fragments; here each fragment is weighed once.

mod cost;
mod text;
mod weight;

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Pos, Variables};

/// Longest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 10_0000;
/// Tokens of a document.
pub const TOKENS_MAX: usize = 10_000;
/// Braces, brackets and parentheses open at once: the parser goes down by recursion.
pub const NESTING_MAX: usize = 60;
/// Fragments of a document.
pub const FRAGMENTS_MAX: usize = 100;
/// Operations of a document.
pub const OPERATIONS_MAX: usize = 50;
/// Directives of a document.
pub const DIRECTIVES_MAX: usize = 100;
/// Aliases of a document.
pub const ALIASES_MAX: usize = 100;
/// Fields at the root of one operation, fragments expanded.
pub const ROOT_FIELDS_MAX: u64 = 50;
/// Selection sets inside one another, fragments expanded.
pub const DEPTH_MAX: u64 = 24;
/// Fields of a document, fragments expanded.
pub const SELECTIONS_MAX: u64 = 5_000;
/// Cost of one operation: about the fields of its answer, a total counting as a thousand.
pub const COST_MAX: u64 = 200_000;

/// Why a document is refused before it is validated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no GraphQL.
    #[error("{message}")]
    Syntax {
        /// What the parser expected.
        message: String,
        /// Where.
        at: Option<Pos>,
    },
    /// A limit is passed.
    #[error(
        "this document is too large: {found} {limit}, and at most {most} are allowed; ask for less, or in several requests"
    )]
    Limit {
        /// The name of the limit.
        limit: &'static str,
        /// What the document holds, at least.
        found: u64,
        /// What is allowed.
        most: u64,
    },
    /// A fragment spreads itself, directly or through others.
    #[error("the fragment `{name}` spreads itself, which has no end")]
    Cycle {
        /// The fragment.
        name: String,
    },
}

impl Refusal {
    /// The stable code of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Syntax { .. } => "GRAPHQL_PARSE_FAILED",
            Refusal::Limit { .. } => "LIMIT_EXCEEDED",
            Refusal::Cycle { .. } => "GRAPHQL_VALIDATION_FAILED",
        }
    }
}

fn within(limit: &'static str, found: u64, most: u64) -> Result<(), Refusal> {
    if found > most { Err(Refusal::Limit { limit, found, most }) } else { Ok(()) }
}

/// Parses `text` once, when it keeps to every limit; with it, what its dearest operation costs.
///
/// # Errors
/// No GraphQL, a limit passed, or fragments in a circle.
pub fn admit(text: &str, variables: &Variables) -> Result<(ExecutableDocument, u64), Refusal> {
    text::measure(text)?;
    let document = async_graphql::parser::parse_query(text)
        .map_err(|error| Refusal::Syntax { message: error.to_string(), at: error.positions().next() })?;
    within("fragments", document.fragments.len() as u64, FRAGMENTS_MAX as u64)?;
    within("operations", document.operations.iter().len() as u64, OPERATIONS_MAX as u64)?;
    let cost = weight::weigh(&document, variables)?;
    Ok((document, cost))
}

/// The kind of the operation that would run: the named one, or the only one.
pub fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    let mut operations = document.operations.iter();
    match name {
        Some(wanted) => operations
            .find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted))
            .map(|(_, operation)| operation.node.ty),
        None if operations.len() == 1 => operations.next().map(|(_, operation)| operation.node.ty),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn refused(text: &str) -> Refusal {
        admit(text, &Variables::default()).expect_err("must be refused")
    }

    fn limit_of(text: &str) -> &'static str {
        match refused(text) {
            Refusal::Limit { limit, .. } => limit,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn an_ordinary_document_passes() {
        let text = "query Q($n: Int) { projects(first: $n) { nodes { ...P } } } fragment P on Project { id title }";
        assert!(admit(text, &Variables::default()).is_ok());
    }

    /// What a document costs, with the value that a variable `f` has.
    fn cost(text: &str, filter: Option<serde_json::Value>) -> u64 {
        let given = filter.map_or_else(|| serde_json::json!({}), |filter| serde_json::json!({ "f": filter }));
        admit(text, &Variables::from_json(given)).expect("an ordinary document").1
    }

    #[test]
    fn a_list_for_which_every_project_is_judged_costs_what_judging_costs() {
        use serde_json::json;
        let list = |filter: &str| cost(&format!("{{ projects(first: 1{filter}) {{ nodes {{ id }} }} }}"), None);
        let plain = list("");
        assert_eq!(list(", filter: {contrat: [\"CN05911M\"], knowledge: null}"), plain);
        for asked in ["knowledge: [INCOMPLETE]", "attestedButChanged: false"] {
            assert!(list(&format!(", filter: {{{asked}}}")) > 50 * plain, "{asked}");
        }
        let by = |head: &str, filter| {
            cost(&format!("{head} {{ projects(first: 1, filter: $f) {{ nodes {{ id }} }} }}"), filter)
        };
        let told = "query Q($f: ProjectFilter)";
        assert_eq!((by(told, None), by(told, Some(json!({"epci": ["200093201"]})))), (plain, plain));
        assert!(by(told, Some(json!({"knowledge": ["INCOMPLETE"]}))) > 50 * plain);
        assert!(by("query Q($f: ProjectFilter = {attestedButChanged: true})", None) > 50 * plain, "by default");
        let two =
            "query A($f: ProjectFilter = {knowledge: [INCOMPLETE]}) { ledger { version } } query B($f: ProjectFilter)";
        assert!(by(two, None) > 50 * plain, "whichever of the two is meant");
        let watched = cost("subscription { verdictChanged { at } }", None);
        assert!(watched > 50 * plain && watched > cost("subscription { ledgerChanged { at } }", None) * 50);
    }

    #[test]
    fn too_many_aliases_and_directives() {
        let aliases: String = (0..1_000).fold(String::new(), |mut text, number| {
            let _ = write!(text, "a{number}: ledger {{ version }} ");
            text
        });
        assert_eq!(limit_of(&format!("{{ {aliases} }}")), "aliases");
        let directives = "@include(if: true) ".repeat(300);
        assert_eq!(limit_of(&format!("{{ ledger {directives} {{ version }} }}")), "directives");
        assert_eq!(limit_of(&format!("{{ ledger {} {{ version }} }}", "@x ".repeat(10_000))), "tokens");
        assert_eq!(limit_of(&"{ ledger { version } }".repeat(6_000)), "bytes");
    }

    #[test]
    fn too_deep() {
        let deep = |levels: usize| format!("{}a{}", "{ a ".repeat(levels), " }".repeat(levels));
        assert_eq!(limit_of(&deep(200)), "levels of brackets");
        assert_eq!(limit_of(&deep(30)), "levels of fields");
        let list = format!("{{ a(x: {}{}) }}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(matches!(refused(&list), Refusal::Limit { .. }));
    }

    #[test]
    fn circles_are_told() {
        let text = "{ ...A } fragment A on Query { ...B } fragment B on Query { ledger { version } ...A }";
        assert!(matches!(refused(text), Refusal::Cycle { .. }));
        assert!(matches!(refused("{ a } fragment A on Query { ...A }"), Refusal::Cycle { .. }));
    }

    #[test]
    fn doubling_fragments_are_counted_in_linear_time() {
        let levels = 60;
        let mut text = "{ ...F0 }".to_owned();
        for level in 0..levels {
            let next = level + 1;
            let _ = write!(text, " fragment F{level} on Query {{ ...F{next} ...F{next} }}");
        }
        let _ = write!(text, " fragment F{levels} on Query {{ ledger {{ version }} }}");
        assert!(matches!(refused(&text), Refusal::Limit { .. }));
        let wide: String = (0..6).fold("{ ...F0 }".to_owned(), |mut text, level| {
            let next = format!("...F{} ", level + 1).repeat(5);
            let _ = write!(text, " fragment F{level} on Query {{ {next} }}");
            text
        });
        assert_eq!(limit_of(&format!("{wide} fragment F6 on Query {{ sources {{ id }} }}")), "fields at the root");
    }

    #[test]
    fn long_lists_inside_one_another_cost_too_much() {
        let text = "{ projects(first: 200) { nodes { holder { projects(first: 200) { nodes { title records { key hash } } } } } } }";
        assert!(matches!(limit_of(text), "units of cost"));
        let unknown =
            "query Q($n: Int = 200) { projects(first: $n) { nodes { holder { totals(by: [YEAR]) { count } } } } }";
        assert_eq!(limit_of(unknown), "units of cost");
        let variables = Variables::from_json(serde_json::json!({"n": 10}));
        assert!(admit(unknown, &variables).is_ok());
        let circular = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }";
        assert_eq!(limit_of(circular), "units of cost");
    }

    #[test]
    fn what_is_no_graphql_has_a_place() {
        assert!(matches!(refused("{"), Refusal::Syntax { at: Some(_), .. }));
        assert!(matches!(refused(""), Refusal::Syntax { .. }));
    }

    proptest::proptest! {
        #[test]
        fn any_text_never_panics(text in "[{}()\\[\\]a-c:$@!\"#. \\n\\\\]{0,80}|\\PC{0,60}") {
            let _ = admit(&text, &Variables::default());
        }
    }
}

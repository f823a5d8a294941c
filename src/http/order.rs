//! The members of an answer in the order in which its operation asks for them (GraphQL, 6.2.2): the library puts each where it
//! stands when it is ready, and one version would not give one text.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Value};
use indexmap::IndexMap;

/// The members of an object, in order, each with those of its own.
#[derive(Debug, Default)]
pub(super) struct Order(IndexMap<Name, Order>);

impl Order {
    /// What an operation of a document asks for; nothing, where there is no such operation.
    pub(super) fn of(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut order = Order::default();
        if let Some(operation) = operation_of(document, name) {
            order.add(document, &operation.selection_set.node);
        }
        order
    }

    /// Fragments on other types come in their place too: of an object, their members are not there.
    fn add(&mut self, document: &ExecutableDocument, set: &SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.response_key().node.clone();
                    self.0.entry(name).or_default().add(document, &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => self.add(document, &fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(document, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    /// Puts the members of a value in this order, and those within them.
    pub(super) fn put(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.put(item)),
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    if let Some(order) = self.0.get(name) {
                        order.put(member);
                    }
                }
                let place = |name: &Name| self.0.get_index_of(name).unwrap_or(usize::MAX);
                if !members.keys().is_sorted_by_key(place) {
                    members.sort_by(|one, _, other, _| place(one).cmp(&place(other)));
                }
            }
            _ => {}
        }
    }
}

fn operation_of<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|operation| &operation.node),
        (DocumentOperations::Multiple(all), None) => all.values().next().map(|operation| &operation.node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    #[test]
    fn members_come_as_they_are_asked_for() {
        let query = "query A { z: b { y x ...F } a }  fragment F on T { w ... on U { v } x }  query B { a z }";
        let document = parse_query(query).expect("a document");
        let mut found = value!({ "a": 1, "z": [{ "v": 1, "w": 2, "x": { "n": 1, "m": 2 }, "y": 4 }, null] });
        Order::of(&document, Some("A")).put(&mut found);
        let text = found.to_string();
        assert_eq!(text, "{z: [{y: 4, x: {n: 1, m: 2}, w: 2, v: 1}, null], a: 1}");
        Order::of(&document, Some("B")).put(&mut found);
        assert!(found.to_string().starts_with("{a: 1, z: "));
        Order::of(&document, Some("C")).put(&mut found);
    }
}

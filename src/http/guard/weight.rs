//! The weight of a document: fields, depth and cost with fragments expanded, each fragment weighed once.

use super::cost::{Given, rate};
use super::{ALIASES_MAX, COST_MAX, DEPTH_MAX, DIRECTIVES_MAX, ROOT_FIELDS_MAX, Refusal, SELECTIONS_MAX, within};
use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Variables};
use std::collections::HashMap;

/// What a selection set holds, fragments expanded. Counts stop at the largest number rather than wrap.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    /// Fields, all levels.
    fields: u64,
    /// Fields of the first level.
    width: u64,
    /// Levels.
    depth: u64,
    /// Cost.
    cost: u64,
}

impl Weight {
    fn beside(self, other: Weight) -> Weight {
        Weight {
            fields: self.fields.saturating_add(other.fields),
            width: self.width.saturating_add(other.width),
            depth: self.depth.max(other.depth),
            cost: self.cost.saturating_add(other.cost),
        }
    }
}

/// Holds the whole document against the limits; gives the cost of its dearest operation.
pub(super) fn weigh(document: &ExecutableDocument, variables: &Variables) -> Result<u64, Refusal> {
    let given = Given::of(document, variables);
    let mut scale = Scale { document, given, fragments: HashMap::new(), directives: 0, aliases: 0 };
    let (mut fields, mut dearest) = (0u64, 0);
    for name in document.fragments.keys() {
        scale.fragment(name)?;
    }
    for (_, operation) in document.operations.iter() {
        scale.count_directives(operation.node.directives.len())?;
        let weight = scale.set(&operation.node.selection_set.node)?;
        fields = fields.saturating_add(weight.fields);
        within("levels of fields", weight.depth, DEPTH_MAX)?;
        // One subscription, one thing subscribed to (GraphQL, 5.2.4.1).
        let root_max = if operation.node.ty == OperationType::Subscription { 1 } else { ROOT_FIELDS_MAX };
        within("fields at the root", weight.width, root_max)?;
        within("fields", fields, SELECTIONS_MAX)?;
        within("units of cost", weight.cost, COST_MAX)?;
        dearest = weight.cost.max(dearest);
    }
    Ok(dearest)
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    given: Given,
    /// Fragments weighed; `None` while one is being weighed.
    fragments: HashMap<&'a Name, Option<Weight>>,
    directives: usize,
    aliases: usize,
}

impl<'a> Scale<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Weight, Refusal> {
        let mut sum = Weight::default();
        for item in &set.items {
            sum = sum.beside(self.selection(&item.node)?);
        }
        sum.depth += 1;
        Ok(sum)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Weight, Refusal> {
        match selection {
            Selection::Field(field) => {
                let field = &field.node;
                self.count_directives(field.directives.len())?;
                self.aliases += usize::from(field.alias.is_some());
                within("aliases", self.aliases as u64, ALIASES_MAX as u64)?;
                let rate = rate(field, &self.given);
                let leaf = field.selection_set.node.items.is_empty();
                let inside = if leaf { Weight::default() } else { self.set(&field.selection_set.node)? };
                Ok(Weight {
                    fields: inside.fields.saturating_add(1),
                    width: 1,
                    depth: inside.depth,
                    cost: rate.own.saturating_add(rate.times.saturating_mul(inside.cost)),
                })
            }
            Selection::InlineFragment(inline) => {
                self.count_directives(inline.node.directives.len())?;
                self.set(&inline.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                self.count_directives(spread.node.directives.len())?;
                self.fragment(&spread.node.fragment_name.node)
            }
        }
    }

    /// A spread of a fragment that does not exist weighs nothing: validation names it.
    fn fragment(&mut self, name: &Name) -> Result<Weight, Refusal> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Weight::default());
        };
        match self.fragments.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(Refusal::Cycle { name: name.to_string() }),
            None => {}
        }
        self.fragments.insert(name, None);
        self.count_directives(fragment.node.directives.len())?;
        let weight = self.set(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    fn count_directives(&mut self, more: usize) -> Result<(), Refusal> {
        self.directives += more;
        within("directives", self.directives as u64, DIRECTIVES_MAX as u64)
    }
}

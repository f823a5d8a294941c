//! The public schema: thin handles on a view. Nothing here reads a source, a database or the clock.

mod connection;
mod error;
mod input;
mod mutation;
mod page;
mod query;
mod scalar;
mod subscription;
mod types;
mod vocabulary;

pub use mutation::{Appended, Mutation};
pub use page::{PAGE_LENGTH_DEFAULT, PAGE_LENGTH_MAX};
pub use query::Query;
pub use subscription::Subscription;

use async_graphql::{SDLExportOptions, SchemaBuilder};

/// The schema, ready to execute. A request carries its [`crate::view::Reader`].
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema. Limits stand in front of it: see the guard of `http`.
pub fn schema() -> Schema {
    schema_builder().finish()
}

/// The schema before it is finished, for who has something to put around its execution.
pub fn schema_builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription).disable_suggestions()
}

/// The schema in the schema definition language, as it is exported and served. The order of types and fields is
/// stable.
pub fn schema_sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    let text = schema().sdl_with_options(options);
    let mut sdl = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned();
    sdl.push('\n');
    sdl
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_schema_is_described() {
        use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
        let document = async_graphql::parser::parse_schema(schema_sdl()).expect("our own schema");
        let mut bare = Vec::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let definition = definition.node;
            let name = definition.name.node.to_string();
            let mut needs = |described: bool, what: String| {
                if !described {
                    bare.push(what);
                }
            };
            needs(definition.description.is_some(), name.clone());
            match definition.kind {
                TypeKind::Object(object) => {
                    for field in object.fields.into_iter().map(|field| field.node) {
                        needs(field.description.is_some(), format!("{name}.{}", field.name.node));
                        for argument in field.arguments.into_iter().map(|argument| argument.node) {
                            let what = format!("{name}.{}({})", field.name.node, argument.name.node);
                            needs(argument.description.is_some(), what);
                        }
                    }
                }
                TypeKind::Enum(words) => {
                    for word in words.values.into_iter().map(|word| word.node) {
                        needs(word.description.is_some(), format!("{name}.{}", word.value.node));
                    }
                }
                TypeKind::InputObject(input) => {
                    for field in input.fields.into_iter().map(|field| field.node) {
                        needs(field.description.is_some(), format!("{name}.{}", field.name.node));
                    }
                }
                _ => {}
            }
        }
        assert!(bare.is_empty(), "without a description: {bare:#?}");
    }

    #[test]
    fn the_written_schema_is_the_same_each_time() {
        assert_eq!(schema_sdl(), schema_sdl());
    }
}

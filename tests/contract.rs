//! The schema keeps what front-end teams were promised: every type, field, argument and enum value of the contract,
//! with the same type. The contract lies beside the real data.

use async_graphql::parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is not there yet.
const LEFT_OUT: &[&str] = &[];

#[test]
fn the_schema_keeps_the_contract() {
    let Some(path) = contract() else { return };
    let text = std::fs::read_to_string(&path).expect("the contract is readable");
    let promised = shape(&text);
    let given = shape(&passerelle::graphql::schema_sdl());
    assert!(promised.len() > 200, "the contract was not read whole");
    let left_out = |name: &str| {
        let owner = name.split('.').next().unwrap_or_default();
        LEFT_OUT.iter().any(|left| *left == name || *left == owner || name.starts_with(&format!("{left}(")))
    };
    let mut wrong = Vec::new();
    for (name, kind) in promised.iter().filter(|(name, _)| !left_out(name)) {
        match given.get(name) {
            Some(ours) if ours == kind => {}
            Some(ours) => wrong.push(format!("{name}: {kind} was promised, {ours} is given")),
            None => wrong.push(format!("{name}: {kind} is missing")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let stale: Vec<&&str> = LEFT_OUT.iter().filter(|name| given.contains_key(**name)).collect();
    assert!(stale.is_empty(), "no longer left out: {stale:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test asks its environment where the contract lies")]
fn contract() -> Option<PathBuf> {
    let path =
        std::env::var("PASSERELLE_REAL_DATA").ok().map(|data| PathBuf::from(data).join("../contract/core.graphql"));
    if let Some(path) = path.filter(|path| path.exists()) {
        return Some(path);
    }
    let strict = std::env::var("PASSERELLE_TEST_ALL").is_ok_and(|value| value == "1");
    assert!(!strict, "no contract beside PASSERELLE_REAL_DATA, and PASSERELLE_TEST_ALL=1 asks for every test");
    println!("skipped: no contract beside PASSERELLE_REAL_DATA");
    None
}

/// Every named thing of a schema, with its type as written: `Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`.
fn shape(text: &str) -> BTreeMap<String, String> {
    let document: ServiceDocument = async_graphql::parser::parse_schema(text).expect("a schema");
    let mut things = BTreeMap::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::Scalar => {
                things.insert(name, "scalar".to_owned());
            }
            TypeKind::Object(object) => {
                for field in object.fields.into_iter().map(|field| field.node) {
                    for argument in field.arguments.into_iter().map(|argument| argument.node) {
                        let key = format!("{name}.{}({})", field.name.node, argument.name.node);
                        let default = argument.default_value.map(|value| format!(" = {}", value.node));
                        things.insert(key, format!("{}{}", argument.ty.node, default.unwrap_or_default()));
                    }
                    things.insert(format!("{name}.{}", field.name.node), field.ty.node.to_string());
                }
                things.insert(name, "type".to_owned());
            }
            TypeKind::InputObject(input) => {
                for field in input.fields.into_iter().map(|field| field.node) {
                    things.insert(format!("{name}.{}", field.name.node), field.ty.node.to_string());
                }
                things.insert(name, "input".to_owned());
            }
            TypeKind::Enum(words) => {
                for word in words.values {
                    things.insert(format!("{name}.{}", word.node.value.node), "value".to_owned());
                }
                things.insert(name, "enum".to_owned());
            }
            _ => {}
        }
    }
    things
}

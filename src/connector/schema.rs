//! The schema of a manifest for editors, exported as `schema/connector.schema.json`.

use super::manifest::Manifest;
use schemars::generate::SchemaSettings;

/// The JSON Schema of a `connector.toml`, as text.
pub fn connector_schema() -> String {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Manifest>();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

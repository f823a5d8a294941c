//! `kind = "graphql"`: a list of an upstream GraphQL API, read by cursor.

use super::{Limits, SinceSettings};
use crate::connector::driver::auth::AuthSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `kind = "graphql"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GraphqlSettings {
    /// Default URL or directory that `url` is relative to.
    #[serde(default)]
    pub base: Option<String>,
    /// URL of the API, relative to `base`; or files that hold its answers.
    #[serde(default)]
    pub url: String,
    /// The query document. Its list has `pageInfo { hasNextPage endCursor }`, and takes the cursor from a variable.
    pub query: String,
    /// Variables sent with every request, the cursor and the size aside.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, serde_json::Value>,
    /// JSON Pointer to the list in an answer (`/data/dossiers`): what holds `nodes` (or `edges { node }`) and `pageInfo`.
    pub records: String,
    /// Variable that carries the cursor; null in the first request.
    #[serde(default = "after")]
    pub cursor_variable: String,
    /// Variable that carries the size of a page, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_variable: Option<String>,
    /// Records asked for in a page, where there is a variable for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// JSON Pointer to the stated total of records, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Headers sent with every request; never a secret.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How the source of a URL is told who asks.
    #[serde(default)]
    pub auth: Option<AuthSettings>,
    /// How it is asked for no more than what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceSettings>,
    /// How far one read may go.
    #[serde(default)]
    pub limits: Limits,
}

fn after() -> String {
    "after".to_owned()
}

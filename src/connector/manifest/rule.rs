//! A rule: where a value of ours comes from in a record, and how it is read.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::one_or_many::OneOrMany;

/// A rule as written: `title = "intitule"` is short for `title = { from = "intitule" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Rule(pub RuleTable);

/// A rule in full. Exactly one of `from` and `value` must be there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleTable {
    /// The field, or several in order: the first that holds something is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<OneOrMany<String>>,
    /// A constant, the same for every record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How the text is read, where the target allows several ways.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Conversion>,
    /// Their words and ours. The word `*` stands for any other.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// What separates several values in one cell, for a target that is a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// The decimal separator, where the source is known to have one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalMark>,
    /// A record without it is rejected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What an empty or absent field stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Of a part of the key: it is left out of it where the field is empty or absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// The conversions, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// The text, trimmed.
    Text,
    /// A whole number; `688110.0` is 688110.
    Integer,
    /// `oui`, `non`, `true`, `false`, `1`, `0` and their like.
    Boolean,
    /// An amount in euros, by the one grammar.
    Amount,
    /// An amount in whole cents.
    Cents,
    /// A share in per cent (`45`, `45 %`).
    Percent,
    /// A share of one (`0.45`).
    Share,
    /// A date: `2024-03-01`, `01/03/2024`, `4 November 2015`, RFC 3339.
    Date,
    /// The serial number of a day in a spreadsheet.
    DateSerial,
    /// The beginning of a period `2024-03-01/2024-12-31` (or with `_`).
    PeriodStart,
    /// The end of such a period.
    PeriodEnd,
    /// A year.
    Year,
    /// The year of a date.
    DateYear,
    /// A SIREN.
    Siren,
    /// A SIRET.
    Siret,
    /// Whatever stands for somebody, always spelled alike: a SIREN or SIRET as its digits, sound or not; any other text as it is. For
    /// texts and keys.
    Identifier,
    /// The number of an association in the répertoire national (RNA): `W595012345`. For `[[map.sound]]` only.
    Rna,
    /// The INSEE code of a commune. For `[[map.sound]]` only: elsewhere codes of places are read so by themselves.
    Insee,
    /// A postal code: `59000`. For `[[map.sound]]` only.
    PostalCode,
}

impl Conversion {
    /// The word of the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Conversion::Text => "text",
            Conversion::Integer => "integer",
            Conversion::Boolean => "boolean",
            Conversion::Amount => "amount",
            Conversion::Cents => "cents",
            Conversion::Percent => "percent",
            Conversion::Share => "share",
            Conversion::Date => "date",
            Conversion::DateSerial => "date-serial",
            Conversion::PeriodStart => "period-start",
            Conversion::PeriodEnd => "period-end",
            Conversion::Year => "year",
            Conversion::DateYear => "date-year",
            Conversion::Siren => "siren",
            Conversion::Siret => "siret",
            Conversion::Identifier => "identifier",
            Conversion::Rna => "rna",
            Conversion::Insee => "insee",
            Conversion::PostalCode => "postal-code",
        }
    }
}

/// A decimal separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecimalMark {
    /// `1234.56`
    Point,
    /// `1234,56`
    Comma,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = Rule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field, or a rule { from = …, value = …, as = …, values = {…}, … }")
    }

    fn visit_str<E: serde::de::Error>(self, field: &str) -> Result<Rule, E> {
        Ok(Rule(RuleTable { from: Some(OneOrMany(vec![field.to_owned()])), ..RuleTable::default() }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
        RuleTable::deserialize(MapAccessDeserializer::new(map)).map(Rule)
    }
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<RuleTable>();
        json_schema!({
            "description": "The name of a field, or a rule in full.",
            "anyOf": [{ "type": "string" }, table]
        })
    }
}

/// A rule for an organisation: a constant, or the fields that identify it. A sound SIRET or SIREN comes first, then
/// `id`, then `values` looked up by what stands in `id` or `name`, then the name as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { siret = …, siren = …, name = …, values = {…} } or { value = \"siren:…\" }"
)]
pub struct OrganisationRule {
    /// A constant identity (`siren:200053742`, `eu:FEDER`, `financeur:etat-59`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Fields that hold an identity in our written form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<OneOrMany<String>>,
    /// Fields that hold a SIRET, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siret: Option<OneOrMany<String>>,
    /// Fields that hold a SIREN, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren: Option<OneOrMany<String>>,
    /// Fields that hold the name, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<OneOrMany<String>>,
    /// Their names (or codes) and our identities, looked up when no SIRET and no SIREN is there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// When the organisation is a natural person: its name is then pseudonymised, never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_when: Option<OneOrMany<super::map::Condition>>,
    /// A record without it is rejected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

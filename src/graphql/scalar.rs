//! The scalars of the schema. Each has one written form; what is read otherwise is refused.

use crate::domain::money::Cents;
use crate::domain::{self, Instant};
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::SecondsFormat;

/// Euros with two decimals, as a string: "1250000.00". Exact: never a float. At most 100 billion euros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal(pub Cents);

/// Euros with two decimals, as a string: "1250000.00". Exact: never a float. At most 100 billion euros.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Decimal(Cents::parse(&text)?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A calendar date, ISO 8601: "2026-03-12".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub domain::Date);

/// A calendar date, ISO 8601: "2026-03-12".
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Date(domain::Date::parse_from_str(text, "%Y-%m-%d")?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant, RFC 3339: "2026-03-12T08:00:00Z". Written in universal time; read with any offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub Instant);

/// An instant, RFC 3339: "2026-03-12T08:00:00Z". Written in universal time; read with any offset.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                let read = chrono::DateTime::parse_from_rfc3339(text);
                let read = read.map_err(|_| {
                    InputValueError::custom(
                        "an instant with its time and its offset is expected (RFC 3339: 2026-03-12T08:00:00Z)",
                    )
                })?;
                Ok(DateTime(read.to_utc()))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// ISO 8601, for example PT15M. Days, hours, minutes and seconds; years and months have no fixed length and are
/// refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// Whole seconds.
    pub seconds: u64,
}

/// ISO 8601, for example PT15M. Days, hours, minutes and seconds; years and months have no fixed length and are
/// refused.
#[Scalar]
impl ScalarType for Duration {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => seconds_of(text).map(|seconds| Duration { seconds }).ok_or_else(|| {
                InputValueError::custom(format!("« {text} » is no duration: write PT15M, PT1H30M, P1D"))
            }),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(format!("PT{}S", self.seconds))
    }
}

/// Any JSON value, as a source gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub Value);

impl Json {
    /// Reads JSON text; a text that is no JSON stands as a string.
    pub fn from_text(text: &str) -> Self {
        let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
        Json(value.and_then(|value| Value::from_json(value).ok()).unwrap_or_else(|| Value::String(text.to_owned())))
    }
}

/// Any JSON value, as a source gave it.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Json(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

/// Seconds of an ISO 8601 duration: `P` days, then `T` hours, minutes, seconds, in this order, at least one part.
fn seconds_of(text: &str) -> Option<u64> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text.strip_prefix('P')?, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    parts(days, &[('D', 86_400)])?.checked_add(parts(time, &[('H', 3_600), ('M', 60), ('S', 1)])?)
}

fn parts(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut sum = 0u64;
    for (letter, seconds) in units {
        let Some((number, rest)) = text.split_once(*letter) else { continue };
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| plain)?;
        sum = sum.checked_add(number.checked_mul(*seconds)?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("PT15M", Some(900)),
            ("PT1H30M", Some(5_400)),
            ("P1D", Some(86_400)),
            ("P1DT1S", Some(86_401)),
            ("PT60S", Some(60)),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("P1M", None),
            ("P1Y", None),
            ("PT1.5S", None),
            ("PT-1S", None),
            ("PT1M1H", None),
            ("15M", None),
            ("PT99999999999999999999S", None),
            ("PT9999999999999999999H", None),
        ] {
            assert_eq!(seconds_of(text), expected, "{text}");
        }
    }

    #[test]
    fn money_is_a_text_and_never_a_float() {
        assert_eq!(Decimal(Cents::new(125_000_000)).to_value(), Value::from("1250000.00"));
        assert!(Decimal::parse(Value::from("1250000.00")).is_ok());
        assert!(Decimal::parse(Value::from(12.5)).is_err());
        assert!(Decimal::parse(Value::from("12,5")).is_err());
    }

    #[test]
    fn what_is_no_json_stands_as_text() {
        assert_eq!(Json::from_text("{").0, Value::from("{"));
        assert_eq!(Json::from_text("[1]").0, Value::List(vec![Value::from(1)]));
    }
}

//! A rejected record as it is shown to those who may know that it was rejected, and where, but not what it says.

use crate::domain::message::Message;
use crate::domain::rejection::Rejection;
use serde_json::Value;

/// What stands in the place of a value.
const MASK: &str = "***";
/// What stands in the place of a quotation.
const CUT: &str = "…";
/// A manifest's own program failed: what it says may hold anything of the record, quoted or not.
const OF_A_PROGRAM: &str = "reshape-failed";
/// The end of the codes of what is absent: their sentences name fields and quote nothing.
const OF_THE_ABSENT: &str = "-missing";

/// The same rejection: its place, field, code and reason, the names of its columns, and none of its values.
pub(super) fn without_values(rejection: Rejection) -> Rejection {
    let raw = match serde_json::from_str(&rejection.raw) {
        Ok(value) => masked(value),
        Err(_) => Value::from(MASK),
    };
    let reason = reason(&rejection);
    Rejection { raw: raw.to_string(), reason, key: None, ..rejection }
}

/// What is empty or absent stays: it is most often what is wrong.
fn masked(value: Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) if text.is_empty() => Value::String(text),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, masked(value))).collect(),
        _ => Value::from(MASK),
    }
}

fn reason(rejection: &Rejection) -> Message {
    let Message { fr, en } = &rejection.reason;
    match &*rejection.code {
        OF_A_PROGRAM => Message::new("le programme jq du manifeste a échoué", "the manifest's jq program failed"),
        code if code.ends_with(OF_THE_ABSENT) => rejection.reason.clone(),
        _ => Message::new(unquoted(fr), unquoted(en)),
    }
}

/// A sentence without what stands between its first quotation mark and its last: a value may hold such marks itself.
fn unquoted(text: &str) -> String {
    let is_mark = |letter: char| matches!(letter, '"' | '«' | '»');
    let Some(first) = text.find(is_mark) else { return text.to_owned() };
    let rest = &text[first..];
    let last = rest.char_indices().rev().find(|(at, letter)| *at > 0 && is_mark(*letter));
    let after = last.map_or("", |(at, letter)| &rest[at + letter.len_utf8()..]);
    format!("{}« {CUT} »{after}", &text[..first])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_cut_whatever_marks_it_holds() {
        for (text, cut) in [
            ("champ m, « douze » : ce n'est pas un montant", "champ m, « … » : ce n'est pas un montant"),
            ("field m, \"a \"12\" b\": no amount", "field m, « … »: no amount"),
            ("field m, \"12", "field m, « … »"),
            ("an envelope has no negative amount", "an envelope has no negative amount"),
        ] {
            assert_eq!(unquoted(text), cut);
        }
    }

    #[test]
    fn the_names_of_columns_are_kept_and_no_value_is() {
        let raw = serde_json::json!({"a": 12, "b": {"c": ["x", "", null, true]}});
        let kept = serde_json::json!({"a": "***", "b": {"c": ["***", "", null, "***"]}});
        assert_eq!(masked(raw), kept);
    }
}

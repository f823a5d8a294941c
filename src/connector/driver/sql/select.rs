//! Exactly one SELECT. The connection can only read whatever the text says; this check is for the mistake in a
//! manifest, told before anything is opened.

use super::super::error::ReadError;

/// The query without its final semicolon.
pub(super) fn only(query: &str) -> Result<&str, ReadError> {
    let refuse = |fr: &str, en: &str| Err(ReadError::setting("query", fr, en));
    let Some(end) = end_of_first(query) else {
        return refuse("un guillemet ou un commentaire n'est pas refermé", "a quote or a comment is not closed");
    };
    if !only_blanks(query.get(end + 1..).unwrap_or("")) {
        return refuse("une seule instruction est permise", "one statement only is allowed");
    }
    let statement = query[..end].trim();
    let first = after_comments(statement).split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or("");
    if !["select", "with", "values"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return refuse("un SELECT est attendu", "a SELECT is expected");
    }
    Ok(statement)
}

/// Where the first statement ends: at its semicolon, or with the text. `None`: something is left open.
fn end_of_first(query: &str) -> Option<usize> {
    let bytes = query.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b';' => return Some(at),
            quote @ (b'\'' | b'"' | b'`') => at = closed(query, at + 1, char::from(quote).to_string().as_str())?,
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = closed(query, at, "\n").unwrap_or(bytes.len()),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = closed(query, at + 2, "*/")?,
            _ => at += 1,
        }
    }
    Some(at)
}

/// The byte after the next `close`.
fn closed(query: &str, from: usize, close: &str) -> Option<usize> {
    query.get(from..)?.find(close).map(|found| from + found + close.len())
}

/// The query with `by` in place of its parameter `:name`, wherever no text, name or comment holds it; `::name` is none.
pub(super) fn parameter_replaced(query: &str, name: &str, by: &str) -> String {
    let (bytes, mut replaced, mut kept, mut at) = (query.as_bytes(), String::new(), 0, 0);
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    while at < bytes.len() {
        at = match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => {
                closed(query, at + 1, char::from(quote).to_string().as_str()).unwrap_or(bytes.len())
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => closed(query, at, "\n").unwrap_or(bytes.len()),
            b'/' if bytes.get(at + 1) == Some(&b'*') => closed(query, at + 2, "*/").unwrap_or(bytes.len()),
            b':' if bytes.get(at + 1) == Some(&b':') => at + 2,
            b':' if query[at + 1..].starts_with(name) && !is_word(bytes.get(at + 1 + name.len())) => {
                replaced.push_str(&query[kept..at]);
                replaced.push_str(by);
                kept = at + 1 + name.len();
                kept
            }
            _ => at + 1,
        };
    }
    replaced + &query[kept..]
}

fn only_blanks(text: &str) -> bool {
    after_comments(text).trim_matches(|letter: char| letter == ';' || letter.is_whitespace()).is_empty()
}

/// The text from its first word on.
fn after_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let close = match text.get(..2) {
            Some("--") => "\n",
            Some("/*") => "*/",
            _ => return text,
        };
        text = text.split_once(close).map_or("", |(_, rest)| rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_select_is_let_through() {
        assert_eq!(only(" SELECT 1 ; -- fin\n").expect("one"), "SELECT 1");
        for query in [
            "select ';' from t",
            "/* a;b */ with x as (select 1) select * from x",
            "select \"a;b\" -- c;d",
            "values (1)",
        ] {
            assert_eq!(only(query).expect(query), query);
        }
    }

    #[test]
    fn the_parameter_is_replaced_where_it_is_one() {
        let query = "select ':since', a::since, :since_when -- :since\nfrom é where :since is null or m >= :since";
        let expected = "select ':since', a::since, :since_when -- :since\nfrom é where $1 is null or m >= $1";
        assert_eq!(parameter_replaced(query, "since", "$1"), expected);
    }

    #[test]
    fn anything_else_is_refused() {
        for query in [
            "select 1; drop table t",
            "delete from t",
            "",
            "select 'open",
            "/* open",
            "-- only",
            "pragma x",
            "select 1;;x",
        ] {
            assert!(only(query).is_err(), "{query}");
        }
    }
}

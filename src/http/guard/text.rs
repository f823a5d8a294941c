//! The text before it is parsed: how many tokens, and how deep its brackets go.

use super::{DOCUMENT_BYTES_MAX, NESTING_MAX, Refusal, TOKENS_MAX, within};

/// Holds the text against the limits that protect the parser itself.
pub(super) fn measure(text: &str) -> Result<(), Refusal> {
    within("bytes", text.len() as u64, DOCUMENT_BYTES_MAX as u64)?;
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0u64, 0u64);
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => at += 1,
            b'#' => at += bytes[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count(),
            _ => {
                tokens += 1;
                within("tokens", tokens, TOKENS_MAX as u64)?;
                match byte {
                    b'{' | b'(' | b'[' => open += 1,
                    b'}' | b')' | b']' => open = open.saturating_sub(1),
                    _ => {}
                }
                within("levels of brackets", open, NESTING_MAX as u64)?;
                at += token_length(&bytes[at..]);
            }
        }
    }
    Ok(())
}

/// The length of the token that `rest` begins with; at least one.
fn token_length(rest: &[u8]) -> usize {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.');
    match rest {
        [b'"', b'"', b'"', ..] => 3 + string_length(&rest[3..], b"\"\"\""),
        [b'"', ..] => 1 + string_length(&rest[1..], b"\""),
        [first, ..] if is_word(first) && *first != b'.' => rest.iter().take_while(|byte| is_word(byte)).count(),
        [b'.', b'.', b'.', ..] => 3,
        _ => 1,
    }
}

/// The length of a string's inside with its end; the whole rest when it has none.
fn string_length(rest: &[u8], end: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        if rest[at] == b'\\' {
            at += 2;
        } else if rest[at..].starts_with(end) {
            return at + end.len();
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_texts_and_comments_do_not_count() {
        let inside = "{".repeat(NESTING_MAX + 1);
        for sound in [
            format!("{{ a(b: \"{inside}\") }}"),
            format!("{{ a(b: \"\"\"{inside}\"\"\") }}"),
            format!("{{ a # {inside}\n }}"),
            format!("{{ a(b: \"\\\"{inside}\") }}"),
        ] {
            assert_eq!(measure(&sound), Ok(()), "{sound}");
        }
        assert!(measure(&inside).is_err());
    }

    #[test]
    fn an_unfinished_text_has_an_end() {
        assert_eq!(measure("{ a(b: \"x\\"), Ok(()));
        assert_eq!(measure("\"\"\""), Ok(()));
    }
}

//! JSON read into nodes and written back, digits and order kept. Depth is bounded before anything is built deeper.

use super::Node;
use std::collections::HashSet;
use std::sync::Arc;

/// Nesting accepted in a document, whatever else is stated: reading takes a frame of the stack for each level. A record of a public list
/// has five levels at most.
pub const DEPTH_MAX: usize = 128;

/// From this many names on, an object's names are looked up in a set rather than one by one.
const NAMES_BY_SET: usize = 16;

/// Why a text is no JSON document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub reason: &'static str,
    /// Does the text end before the document does (a reading cut short)?
    pub truncated: bool,
    /// Is it nested deeper than was accepted?
    pub too_deep: bool,
}

/// Reads a whole document of so many levels of lists and objects at most; never more than [`DEPTH_MAX`].
pub fn parse(text: &str, depth_max: usize) -> Result<Node, JsonError> {
    let mut reader = Reader { text, at: 0, names: HashSet::new(), depth_max: depth_max.min(DEPTH_MAX) };
    let node = reader.value(0).and_then(|node| {
        reader.blanks();
        if reader.at == text.len() { Ok(node) } else { Err("something follows the end of the document") }
    });
    node.map_err(|reason| reader.error(reason))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    names: HashSet<Arc<str>>,
    depth_max: usize,
}

type Read<T> = Result<T, &'static str>;

const ENDED: &str = "the document ends before it is complete";
const DEEP: &str = "nested deeper than is accepted";

impl Reader<'_> {
    fn error(&self, reason: &'static str) -> JsonError {
        let mut end = self.at.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        JsonError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            reason,
            truncated: reason == ENDED,
            too_deep: reason == DEEP,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node> {
        self.blanks();
        match self.peek().ok_or(ENDED)? {
            b'{' | b'[' if depth >= self.depth_max => Err(DEEP),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(|text| Node::Text(text.into())),
            b't' => self.word("true", Node::Bool(true)),
            b'f' => self.word("false", Node::Bool(false)),
            b'n' => self.word("null", Node::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err("a value was expected"),
        }
    }

    fn word(&mut self, word: &str, node: Node) -> Read<Node> {
        let rest = &self.text[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(node)
        } else if word.starts_with(rest) {
            Err(ENDED)
        } else {
            Err("a value was expected")
        }
    }

    fn object(&mut self, depth: usize) -> Read<Node> {
        self.at += 1;
        let mut entries: Vec<(Arc<str>, Node)> = Vec::new();
        let mut seen: HashSet<Arc<str>> = HashSet::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node::Object(entries));
        }
        loop {
            self.blanks();
            match self.peek().ok_or(ENDED)? {
                b'"' => {}
                _ => return Err("a name in double quotes was expected"),
            }
            let name = self.string()?;
            let name = self.shared(&name);
            let twice = if entries.len() < NAMES_BY_SET {
                entries.iter().any(|(other, _)| *other == name)
            } else {
                if seen.is_empty() {
                    seen.extend(entries.iter().map(|(other, _)| Arc::clone(other)));
                }
                !seen.insert(Arc::clone(&name))
            };
            if twice {
                return Err("a name is given twice in one object");
            }
            self.blanks();
            match self.peek().ok_or(ENDED)? {
                b':' => self.at += 1,
                _ => return Err("a colon was expected after the name"),
            }
            entries.push((name, self.value(depth + 1)?));
            if !self.goes_on(b'}')? {
                return Ok(Node::Object(entries));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Read<Node> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.goes_on(b']')? {
                return Ok(Node::List(items));
            }
        }
    }

    /// After an element: a comma (more follows) or the closing byte.
    fn goes_on(&mut self, close: u8) -> Read<bool> {
        self.blanks();
        let byte = self.peek().ok_or(ENDED)?;
        if byte != b',' && byte != close {
            return Err("a comma or the end of the list or object was expected");
        }
        self.at += 1;
        Ok(byte == b',')
    }

    /// One shared copy of a name in the whole document.
    fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    fn number(&mut self) -> Read<Node> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if is_number(digits) { Ok(Node::Number(digits.into())) } else { Err("this is no number") }
    }

    /// A string, from its opening quote to after its closing one.
    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.peek().ok_or(ENDED)? {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err("a control character stands in a text"),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let byte = *self.text.as_bytes().get(self.at + 1).ok_or(ENDED)?;
        self.at += 2;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err("an unknown escape stands in a text"),
        })
    }

    fn code_point(&mut self) -> Read<char> {
        const LONE: &str = "half a surrogate pair stands in a text";
        let first = self.code_unit()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or(LONE);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return Err(LONE);
        }
        self.at += 2;
        let second = self.code_unit()?;
        if first >= 0xdc00 || !(0xdc00..0xe000).contains(&second) {
            return Err(LONE);
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(LONE)
    }

    fn code_unit(&mut self) -> Read<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(ENDED)?;
        let mut unit = 0;
        for digit in digits {
            unit = unit * 16 + char::from(*digit).to_digit(16).ok_or("an escape needs four hexadecimal digits")?;
        }
        self.at += 4;
        Ok(unit)
    }
}

/// The grammar of a JSON number.
pub fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// Writes `node` at the end of `out`. Digits that are no JSON number are written as a text.
pub fn write(node: &Node, out: &mut String) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Bool(true) => out.push_str("true"),
        Node::Bool(false) => out.push_str("false"),
        Node::Number(digits) if is_number(digits) => out.push_str(digits),
        Node::Number(text) | Node::Text(text) => write_text(text, out),
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Node::Object(entries) => {
            out.push('{');
            for (index, (name, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            other => out.push_str(&format!("\\u{other:04x}")),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Node, JsonError> {
        super::parse(text, DEPTH_MAX)
    }
    use proptest::prelude::*;

    #[test]
    fn digits_and_order_are_kept() {
        let text =
            r#"{"z":1.10,"a":[12345678901234567890.120,-0.0,1E400],"é":"\u00e9\ud83d\ude00\n","n":null,"t":true}"#;
        let node = parse(text).unwrap();
        let written = node.to_json();
        assert!(written.starts_with(r#"{"z":1.10,"a":[12345678901234567890.120,-0.0,1E400],"é":"é😀\n""#), "{written}");
        assert_eq!(parse(&written).unwrap(), node);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, line, column, truncated) in [
            ("", 1, 1, true),
            ("[1,\n 2", 2, 3, true),
            ("{\"a\":1,\"a\":2}", 1, 11, false),
            ("[01]", 1, 4, false),
            ("[1,]", 1, 4, false),
            ("\"\\ud800\"", 1, 8, false),
            ("tru", 1, 1, true),
            ("{} x", 1, 4, false),
            ("[\"é\" \"b\"]", 1, 6, false),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.line, error.column, error.truncated), (line, column, truncated), "{text}: {error}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels: usize| format!("{}1{}", r#"{"a":["#.repeat(levels / 2), "]}".repeat(levels / 2));
        assert!(parse(&deep(DEPTH_MAX)).is_ok());
        let limited =
            |levels, depth_max| super::parse(&deep(levels), depth_max).map(|_| ()).map_err(|error| error.too_deep);
        assert_eq!([limited(6, 6), limited(8, 6), limited(6, 5)], [Ok(()), Err(true), Err(true)]);
        for levels in [DEPTH_MAX + 2, 1_000_000] {
            assert_eq!(limited(levels, usize::MAX), Err(true), "no setting lets more through than the stack bears");
        }
    }

    #[test]
    fn digits_of_no_number_are_written_as_text() {
        assert_eq!(Node::Number("NaN".into()).to_json(), "\"NaN\"");
    }

    proptest! {
        #[test]
        fn written_then_read_is_the_same(text in "\\PC*", control in "[\\x00-\\x1f\"\\\\]*") {
            let node = Node::Object(vec![(text.as_str().into(), Node::text(control + &text))]);
            prop_assert_eq!(parse(&node.to_json()), Ok(node));
        }
        #[test]
        fn any_text_never_panics(text in "[\\[\\]{}\",:\\\\u0-9a-fé.eE+-]{0,40}") {
            let _ = parse(&text);
        }
    }
}

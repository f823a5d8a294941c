//! Cuts a stream of bytes into rows and fields, in bounded memory, and knows on which physical line each row starts.
//! The grammar of quotes is that of `csv-core`.

use csv_core::ReadRecordResult;
use std::io::Read;

/// The longest row. A quote too many would else swallow the rest of the file.
pub(super) const ROW_BYTES_MAX: usize = 1024 * 1024;
/// Bytes read at once, and looked at to find out the delimiter.
const BUFFER_BYTES: usize = 64 * 1024;

/// What comes next in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A row, which starts on this line, from 1.
    Record {
        /// The line.
        line: u64,
    },
    /// The stream ends within quotes.
    Cut {
        /// The line on which the row starts.
        line: u64,
    },
    /// The row passes the limit; nothing after it can be trusted.
    TooLong {
        /// The line on which the row starts.
        line: u64,
    },
    /// The end.
    End,
}

/// Reads rows one after the other.
pub(super) struct RecordReader {
    input: Box<dyn Read>,
    core: csv_core::Reader,
    buffer: Vec<u8>,
    position: usize,
    length: usize,
    /// The physical line of the next byte, from 1.
    line: u64,
    /// The byte before was a carriage return, which a line feed may follow.
    after_return: bool,
    text: Vec<u8>,
    text_length: usize,
    ends: Vec<usize>,
    count: usize,
    weight: usize,
    is_open: bool,
}

impl RecordReader {
    pub(super) fn new(input: Box<dyn Read>, delimiter: u8) -> Self {
        RecordReader {
            input,
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            buffer: vec![0; BUFFER_BYTES],
            position: 0,
            length: 0,
            line: 1,
            after_return: false,
            text: vec![0; 1024],
            text_length: 0,
            ends: vec![0; 64],
            count: 0,
            weight: 0,
            is_open: false,
        }
    }

    /// The same stream, cut by another delimiter from here on.
    pub(super) fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        self
    }

    /// Passes over physical lines, whatever they hold.
    pub(super) fn skip_lines(&mut self, lines: u32) -> std::io::Result<()> {
        let wanted = self.line + u64::from(lines);
        while self.fill()? {
            let byte = self.buffer[self.position];
            // The line feed after a carriage return belongs to the line before.
            if self.line >= wanted && !(self.after_return && byte == b'\n') {
                break;
            }
            self.consume(1);
        }
        Ok(())
    }

    /// The bytes that follow, at most one buffer of them. The reader is not to be used afterwards.
    pub(super) fn sample(mut self) -> std::io::Result<Vec<u8>> {
        let mut sample = Vec::new();
        while sample.len() < BUFFER_BYTES && self.fill()? {
            sample.extend_from_slice(&self.buffer[self.position..self.length]);
            self.position = self.length;
        }
        Ok(sample)
    }

    /// Reads the next row; empty lines are none.
    pub(super) fn next(&mut self) -> std::io::Result<Next> {
        while self.fill()? && matches!(self.buffer[self.position], b'\r' | b'\n') {
            self.consume(1);
        }
        let line = self.line;
        (self.text_length, self.count, self.weight) = (0, 0, 0);
        loop {
            let more = self.fill()?;
            if !more && self.weight == 0 {
                return Ok(Next::End);
            }
            // A last row without a line end is given one: only within quotes it does not end there.
            self.is_open = !more;
            let input = if more { &self.buffer[self.position..self.length] } else { b"\n" };
            let (text, ends) = (&mut self.text[self.text_length..], &mut self.ends[self.count..]);
            let (result, read, written, ended) = self.core.read_record(input, text, ends);
            self.text_length += written;
            self.count += ended;
            if more {
                self.consume(read);
                self.weight += read;
            }
            match result {
                _ if self.weight > ROW_BYTES_MAX => return Ok(Next::TooLong { line }),
                ReadRecordResult::InputEmpty if !more => {
                    self.text_length -= written;
                    return Ok(Next::Cut { line });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => return Ok(Next::Record { line }),
                ReadRecordResult::End => return Ok(Next::End),
            }
        }
    }

    /// The fields of the row just read; of one cut short, what was read of it.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends[..self.count].iter().copied());
        let whole = starts.zip(&self.ends[..self.count]).map(|(start, end)| &self.text[start..*end]);
        let closed = self.ends[..self.count].last().copied().unwrap_or(0);
        let open = Some(&self.text[closed..self.text_length]).filter(|rest| !rest.is_empty());
        whole.chain(open)
    }

    /// Is nothing in any field of the row just read?
    pub(super) fn is_blank(&self) -> bool {
        self.fields().all(|field| field.iter().all(u8::is_ascii_whitespace))
    }

    /// Did the stream end where the row just read should have ended?
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Bytes of the row just read, in the stream.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// Makes sure that a byte is at hand, unless the stream has ended.
    fn fill(&mut self) -> std::io::Result<bool> {
        while self.position == self.length {
            self.position = 0;
            self.length = match self.input.read(&mut self.buffer) {
                Ok(0) => {
                    self.length = 0;
                    return Ok(false);
                }
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.length = 0;
                    return Err(error);
                }
            };
        }
        Ok(true)
    }

    /// Goes past `count` bytes, counting lines: each ends with a line feed, a carriage return, or both.
    fn consume(&mut self, count: usize) {
        for byte in &self.buffer[self.position..self.position + count] {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' => self.line += 1,
                b'\r' => {
                    self.line += 1;
                    self.after_return = true;
                }
                _ => self.after_return = false,
            }
        }
        self.position += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &[u8]) -> Vec<(Next, Vec<String>)> {
        let mut reader = RecordReader::new(Box::new(std::io::Cursor::new(text.to_vec())), b';');
        let mut rows = Vec::new();
        loop {
            let next = reader.next().expect("memory can be read");
            let fields = reader.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            match next {
                Next::End => return rows,
                Next::Record { .. } => rows.push((next, fields)),
                Next::Cut { .. } | Next::TooLong { .. } => {
                    rows.push((next, fields));
                    return rows;
                }
            }
        }
    }

    fn lines(text: &str) -> Vec<u64> {
        let line = |(next, _): (Next, Vec<String>)| match next {
            Next::Record { line } => line,
            other => panic!("{other:?}"),
        };
        rows(text.as_bytes()).into_iter().map(line).collect()
    }

    #[test]
    fn a_row_knows_its_line() {
        assert_eq!(lines("a;b\n\n\"x\ny\";z\n1;2"), [1, 3, 5]);
        assert_eq!(lines("a;b\r\n\r\n\"x\r\ny\";z\r\n1;2\r\n"), [1, 3, 5]);
        assert_eq!(lines("a\rb\rc"), [1, 2, 3]);
    }

    #[test]
    fn an_end_within_quotes_is_told() {
        let cut = rows(b"a;b\n1;\"open");
        assert_eq!(cut[1], (Next::Cut { line: 2 }, vec!["1".to_owned(), "open".to_owned()]));
        assert_eq!(rows(b"a;b\n1;\"closed\"").len(), 2);
        assert_eq!(rows(b"1;\"closed\"")[0].0, Next::Record { line: 1 });
        assert_eq!(rows(b"1;\"a\"\"")[0].0, Next::Cut { line: 1 });
    }

    #[test]
    fn a_row_without_end_is_given_up_in_bounds() {
        let mut text = b"a;\"".to_vec();
        text.resize(10 * ROW_BYTES_MAX, b'x');
        assert_eq!(rows(&text)[0].0, Next::TooLong { line: 1 });
    }

    #[test]
    fn lines_are_skipped_whatever_they_hold() {
        let mut reader = RecordReader::new(Box::new(&b"t\"i;tle\r\nmore\r\na;b\r\n"[..]), b';');
        reader.skip_lines(2).expect("memory can be read");
        assert_eq!(reader.next().expect("memory can be read"), Next::Record { line: 3 });
        assert_eq!(reader.fields().collect::<Vec<_>>(), [b"a", b"b"]);
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(text in prop::collection::vec(prop::sample::select(b"a;\"\n\r\x00\xff".to_vec()), 0..60)) {
            let starts: Vec<u64> = rows(&text).into_iter().filter_map(|(next, _)| match next {
                Next::Record { line } | Next::Cut { line } => Some(line),
                Next::TooLong { .. } | Next::End => None,
            }).collect();
            let lines = 1 + text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
            prop_assert!(starts.is_sorted() && starts.iter().all(|line| *line <= lines));
        }

        #[test]
        fn what_was_written_is_read(table in prop::collection::vec(prop::collection::vec("[a;\"\n\r é]{0,5}", 2..4), 0..5)) {
            let mut writer = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).expect("memory can be written");
            }
            let text = writer.into_inner().expect("memory can be written");
            let read: Vec<Vec<String>> = rows(&text).into_iter().map(|(_, fields)| fields).collect();
            // A lone carriage return within quotes stays what it is.
            prop_assert_eq!(read, table);
        }
    }
}

//! In which encoding a text is, and its bytes as characters. Nothing undecodable passes for text: there is no U+FFFD
//! that the file does not hold.

use super::super::error::ReadError;
use encoding_rs::{DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result as IoResult};
use std::path::Path;

/// Bytes read at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The encoding of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    encoding: &'static encoding_rs::Encoding,
    /// Bytes of the byte order mark.
    mark: usize,
}

impl Encoding {
    /// The encoding of the file: its byte order mark has the first word, then the manifest. By `auto`, text that is
    /// UTF-8 is UTF-8, and other text Windows-1252; text that is mostly UTF-8 stays so, its bad rows being broken.
    pub(super) fn of(path: &Path, word: &str, resource: &str) -> Result<Encoding, ReadError> {
        let failed = |error: Error| ReadError::file(resource, &error);
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(3).read_to_end(&mut start)).map_err(failed)?;
        if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(&start) {
            return Ok(Encoding { encoding, mark });
        }
        if word != "auto" {
            return stated(word).map(|encoding| Encoding { encoding, mark: 0 });
        }
        let survey = survey(File::open(path).map_err(failed)?).map_err(failed)?;
        let encoding =
            if survey.bad <= survey.letters && survey.letters > 0 || survey.bad == 0 { UTF_8 } else { WINDOWS_1252 };
        Ok(Encoding { encoding, mark: 0 })
    }

    /// The file as a stream in which ASCII characters are single bytes: UTF-16 becomes UTF-8 on the way.
    pub(super) fn open(self, path: &Path) -> IoResult<Box<dyn Read>> {
        let mut file = File::open(path)?;
        file.read_exact(&mut vec![0; self.mark])?;
        if self.is_wide() {
            return Ok(Box::new(Transcoder::new(BufReader::new(file), self.encoding)));
        }
        Ok(Box::new(file))
    }

    /// A field of the stream as text; `None` when it is none.
    pub(super) fn text(self, field: &[u8]) -> Option<Cow<'_, str>> {
        if self.is_wide() || self.encoding == UTF_8 {
            return std::str::from_utf8(field).ok().map(Cow::Borrowed);
        }
        let text = self.encoding.decode_without_bom_handling_and_without_replacement(field)?;
        // The five bytes that Windows-1252 leaves empty come out as controls that no text holds.
        let has_controls =
            matches!(text, Cow::Owned(_)) && text.chars().any(|letter| ('\u{80}'..='\u{9f}').contains(&letter));
        if has_controls { None } else { Some(text) }
    }

    fn is_wide(self) -> bool {
        self.encoding == UTF_16LE || self.encoding == UTF_16BE
    }
}

/// The encoding that a manifest states, if rows can be cut in it.
fn stated(word: &str) -> Result<&'static encoding_rs::Encoding, ReadError> {
    let encoding = encoding_rs::Encoding::for_label(word.as_bytes());
    let readable = |found: &&'static encoding_rs::Encoding| {
        *found == UTF_8 || *found == UTF_16LE || *found == UTF_16BE || found.is_single_byte()
    };
    encoding.filter(readable).ok_or_else(|| {
        ReadError::setting(
            "encoding",
            format!(
                "« {word} » n'est pas un encodage lu ici : auto, utf-8, windows-1252, iso-8859-15, utf-16le, utf-16be…"
            ),
            format!("« {word} » is no encoding read here: auto, utf-8, windows-1252, iso-8859-15, utf-16le, utf-16be…"),
        )
    })
}

/// What a file looks like as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Survey {
    /// Characters of several bytes, well formed.
    letters: u64,
    /// Sequences that are none.
    bad: u64,
}

fn survey(mut input: impl Read) -> IoResult<Survey> {
    let mut survey = Survey::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut kept = 0;
    loop {
        let read = input.read(&mut buffer[kept..])?;
        let length = kept + read;
        kept = survey.look_at(&buffer[..length], read == 0);
        if read == 0 {
            return Ok(survey);
        }
        buffer.copy_within(length - kept..length, 0);
    }
}

impl Survey {
    /// Counts in a piece, and tells how many bytes at its end may belong to a character that goes on.
    fn look_at(&mut self, mut piece: &[u8], is_last: bool) -> usize {
        loop {
            let error = match std::str::from_utf8(piece) {
                Ok(text) => {
                    self.count_letters(text.as_bytes());
                    return 0;
                }
                Err(error) => error,
            };
            self.count_letters(&piece[..error.valid_up_to()]);
            match error.error_len() {
                None if !is_last => return piece.len() - error.valid_up_to(),
                length => {
                    self.bad += 1;
                    let bad = length.unwrap_or(piece.len() - error.valid_up_to());
                    piece = &piece[error.valid_up_to() + bad..];
                }
            }
        }
    }

    fn count_letters(&mut self, text: &[u8]) {
        self.letters += text.iter().filter(|byte| **byte >= 0xc0).count() as u64;
    }
}

/// UTF-16 in, UTF-8 out.
struct Transcoder<R> {
    input: R,
    decoder: encoding_rs::Decoder,
    buffer: Vec<u8>,
    position: usize,
    length: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Transcoder<R> {
    fn new(input: R, encoding: &'static encoding_rs::Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Transcoder {
            input,
            decoder,
            buffer: vec![0; BUFFER_BYTES],
            position: 0,
            length: 0,
            ended: false,
            finished: false,
        }
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, out: &mut [u8]) -> IoResult<usize> {
        while !self.finished {
            if self.position == self.length && !self.ended {
                self.position = 0;
                self.length = self.input.read(&mut self.buffer)?;
                self.ended = self.length == 0;
            }
            let input = &self.buffer[self.position..self.length];
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(input, out, self.ended);
            self.position += read;
            if let DecoderResult::Malformed(..) = result {
                return Err(Error::new(ErrorKind::InvalidData, "malformed UTF-16"));
            }
            self.finished = self.ended && matches!(result, DecoderResult::InputEmpty);
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], word: &str) -> Result<(Encoding, Vec<u8>), String> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bytes).expect("written");
        let encoding = Encoding::of(file.path(), word, "f").map_err(|error| error.to_string())?;
        let mut text = Vec::new();
        let mut stream = encoding.open(file.path()).expect("opened");
        stream.read_to_end(&mut text).map_err(|error| error.to_string())?;
        Ok((encoding, text))
    }

    fn text(bytes: &[u8], word: &str) -> Option<String> {
        let (encoding, stream) = read(bytes, word).ok()?;
        encoding.text(&stream).map(Cow::into_owned)
    }

    #[test]
    fn the_encoding_is_found() {
        assert_eq!(text("é€".as_bytes(), "auto").as_deref(), Some("é€"));
        assert_eq!(text(b"\xef\xbb\xbf\xc3\xa9", "auto").as_deref(), Some("é"));
        assert_eq!(text(b"caf\xe9 \x80", "auto").as_deref(), Some("café €"));
        assert_eq!(text(b"\xff\xfea\0\xe9\0", "auto").as_deref(), Some("aé"));
        assert_eq!(text(b"\xfe\xff\0a\0\xe9", "windows-1252").as_deref(), Some("aé"));
        assert_eq!(text(b"\xa4", "iso-8859-15").as_deref(), Some("€"));
    }

    #[test]
    fn what_is_no_text_is_not_made_one() {
        assert_eq!(text(b"caf\xe9", "utf-8"), None);
        assert_eq!(text(b"a\x81", "windows-1252"), None);
        assert_eq!(read(b"\xff\xfe\x00\xd8a\0", "auto").map_err(|_| ()), Err(()), "half a surrogate pair");
        assert_eq!(read(b"\xff\xfea", "auto").map_err(|_| ()), Err(()), "half a unit");
        assert!(read(b"a", "shift_jis").is_err() && read(b"a", "klingon").is_err());
    }

    #[test]
    fn one_bad_byte_does_not_change_the_encoding_of_all_the_others() {
        let (encoding, _) = read("é à ù \u{e9}".as_bytes(), "auto").expect("UTF-8");
        assert_eq!(encoding.encoding, UTF_8);
        let (encoding, _) = read(b"\xc3\xa9 \xc3\xa0 \xe9 x", "auto").expect("mostly UTF-8");
        assert_eq!(encoding.encoding, UTF_8);
    }

    #[test]
    fn a_character_across_two_pieces_is_one() {
        let mut bytes = vec![b'a'; BUFFER_BYTES - 1];
        bytes.extend_from_slice("é".as_bytes());
        assert_eq!(survey(&bytes[..]).expect("memory"), Survey { letters: 1, bad: 0 });
        assert_eq!(survey(&bytes[..BUFFER_BYTES]).expect("memory"), Survey { letters: 0, bad: 1 });
    }
}

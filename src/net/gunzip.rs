//! The one coding that bodies are asked for in (RFC 9110, 8.4): gzip, undone here and not by the HTTP client, which reads the
//! first member alone. A body may hold several, one after the other (RFC 1952, 2.2); each says how long it is.

use bytes::{Buf as _, Bytes};
use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use std::io::{Error, ErrorKind, Write as _};

/// What is asked for: a body as it is, or in gzip.
pub(super) const ACCEPTED: &str = "gzip";
/// Decompressed bytes after which a piece goes, so that what swells is counted in time; one write gives half of it at most.
const PIECE_BYTES_MIN: usize = 64 * 1024;

/// Undoes gzip piece by piece, in bounded memory.
#[derive(Debug)]
pub(super) struct Gunzip {
    members: Box<MultiGzDecoder<Vec<u8>>>,
    waiting: Bytes,
}

impl Gunzip {
    /// What undoes the coding that the headers state; `None` where the body comes as it is.
    ///
    /// # Errors
    /// The coding, where it is another one: nobody could read the body.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Gunzip>, String> {
        let stated = headers.get_all(CONTENT_ENCODING).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let stated = stated.collect::<Vec<_>>().join(",");
        let is_coding = |coding: &&str| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity");
        let codings: Vec<&str> = stated.split(',').map(str::trim).filter(is_coding).collect();
        match codings.as_slice() {
            [] => Ok(None),
            [one] if one.eq_ignore_ascii_case("gzip") || one.eq_ignore_ascii_case("x-gzip") => {
                Ok(Some(Gunzip { members: Box::new(MultiGzDecoder::new(Vec::new())), waiting: Bytes::new() }))
            }
            _ => Err(codings.join(", ")),
        }
    }

    /// Takes what was sent, once what came before is undone.
    pub(super) fn feed(&mut self, sent: Bytes) {
        self.waiting = sent;
    }

    /// The next piece of what came so far; empty where more must come first.
    ///
    /// # Errors
    /// What came is no gzip, or another one than its own sums say.
    pub(super) fn next(&mut self) -> Result<Bytes, Error> {
        while !self.waiting.is_empty() && self.members.get_ref().len() < PIECE_BYTES_MIN {
            match self.members.write(&self.waiting)? {
                0 => return Err(ErrorKind::InvalidData.into()),
                taken => self.waiting.advance(taken),
            }
        }
        Ok(std::mem::take(self.members.get_mut()).into())
    }

    /// What is left when nothing more comes.
    ///
    /// # Errors
    /// The last member is not there to its end.
    pub(super) fn end(&mut self) -> Result<Bytes, Error> {
        self.members.try_finish()?;
        Ok(std::mem::take(self.members.get_mut()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).expect("written");
        encoder.finish().expect("a member")
    }

    /// What comes out of a body that arrives `size` bytes at a time.
    fn undone(body: &[u8], size: usize) -> Result<String, Error> {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, "gzip".parse().expect("a value"))]);
        let mut gunzip = Gunzip::of(&headers).expect("known").expect("a coding");
        let mut all = Vec::new();
        for sent in body.chunks(size) {
            gunzip.feed(Bytes::copy_from_slice(sent));
            loop {
                let piece = gunzip.next()?;
                assert!(piece.len() <= 2 * PIECE_BYTES_MIN, "{}", piece.len());
                if piece.is_empty() {
                    break;
                }
                all.extend_from_slice(&piece);
            }
        }
        all.extend_from_slice(&gunzip.end()?);
        Ok(String::from_utf8(all).expect("text"))
    }

    #[test]
    fn every_member_is_read_wherever_the_body_is_divided() {
        let swelling = "x".repeat(1_000_000);
        let body = [member("a;b\n"), member(""), member(&swelling), member("c;d\n")].concat();
        for size in [1, 3, 18, 1_000, body.len()] {
            assert_eq!(undone(&body, size).expect("whole"), format!("a;b\n{swelling}c;d\n"), "{size}");
        }
    }

    #[test]
    fn what_is_cut_or_followed_by_something_else_is_told() {
        let body = [member("a;b\n"), member("c;d\n")].concat();
        let first = member("a;b\n").len();
        for size in [1, 7, body.len()] {
            for cut in (0..body.len()).filter(|cut| *cut != first) {
                assert!(undone(&body[..cut], size).is_err(), "{cut} bytes, {size} at a time");
            }
            assert!(undone(&[&body[..], b"\0\0"].concat(), size).is_err(), "something follows");
            let mut other = body.clone();
            other[first - 5] ^= 1;
            assert!(undone(&other, size).is_err(), "another sum");
        }
    }

    #[test]
    fn another_coding_is_named() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, value.parse().expect("a value"));
            }
            Gunzip::of(&headers).map(|gunzip| gunzip.is_some())
        };
        assert_eq!([of(&[]), of(&["identity"]), of(&["", "Identity"])], [Ok(false), Ok(false), Ok(false)]);
        assert_eq!([of(&["GZIP"]), of(&["identity, x-gzip"])], [Ok(true), Ok(true)]);
        assert_eq!(of(&["br"]), Err("br".to_owned()));
        assert_eq!(of(&["gzip", "gzip"]), Err("gzip, gzip".to_owned()));
    }
}

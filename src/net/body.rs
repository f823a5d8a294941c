//! The body of an answer, read piece by piece, never more of it than allowed. What is counted is what is sent, and what comes out
//! of the decompression: a small answer that swells is stopped like a large one.

use super::error::{NetError, causes, shown};
use super::gunzip::Gunzip;
use super::validator::Validator;
use super::{Request, asked_wait};
use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use reqwest::{StatusCode, Version};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use url::Url;

/// Characters of a content type that are looked at.
const TYPE_CHARACTERS_MAX: usize = 1_000;

/// The body of a successful answer, not read yet.
#[derive(Debug)]
pub struct Body {
    response: reqwest::Response,
    url: Url,
    gunzip: Option<Gunzip>,
    bytes_max: u64,
    bytes_sent: u64,
    bytes_read: u64,
    deadline: Instant,
}

/// A body written to a file.
#[derive(Debug)]
pub struct Downloaded {
    /// The file, removed when dropped.
    pub file: tempfile::NamedTempFile,
    /// Its length in bytes, once decompressed.
    pub bytes: u64,
    /// See [`Body::has_proven_end`].
    pub has_proven_end: bool,
}

/// Takes a success that can be read and whose announced length is within the limit; anything else is refused, with the wait
/// asked for.
pub(super) fn accept(
    response: reqwest::Response,
    url: Url,
    request: &Request,
    deadline: Instant,
) -> Result<Body, (NetError, Option<Duration>)> {
    let status = response.status();
    // A part that nobody asked for is no body (206), nor is what is said while the answer is still being made (202): they must not
    // be taken for all there is.
    let is_unfinished = matches!(status, StatusCode::PARTIAL_CONTENT | StatusCode::ACCEPTED);
    if !status.is_success() || is_unfinished {
        let error = NetError::Status { url: shown(&url), status: status.as_u16() };
        return Err((error, asked_wait(response.headers())));
    }
    let bytes_max = request.bytes_max;
    if response.content_length().is_some_and(|length| length > bytes_max) {
        return Err((NetError::TooLarge { url: shown(&url), bytes_max }, None));
    }
    let gunzip = Gunzip::of(response.headers());
    let gunzip = gunzip.map_err(|found| (NetError::Encoding { url: shown(&url), found }, None))?;
    Ok(Body { response, url, gunzip, bytes_max, bytes_sent: 0, bytes_read: 0, deadline })
}

impl Body {
    /// The URL that answered, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Does the transport say where the body ends? Else it ends where the connection does, and nobody can tell an end from a cut.
    /// Over TLS the end of the connection is told as well, and one that is not told is a failure.
    pub fn has_proven_end(&self) -> bool {
        let headers = self.headers();
        let is_chunked = headers.get_all(TRANSFER_ENCODING).iter().next_back().is_some_and(|coding| {
            coding.to_str().is_ok_and(|coding| coding.trim_end().to_ascii_lowercase().ends_with("chunked"))
        });
        match self.response.version() {
            Version::HTTP_09 | Version::HTTP_10 | Version::HTTP_11 => {
                self.url.scheme() == "https" || headers.contains_key(CONTENT_LENGTH) || is_chunked
            }
            _ => true,
        }
    }

    /// What the body is known by, where the answer says so.
    pub fn validator(&self) -> Option<Validator> {
        Validator::of(&self.url, self.headers())
    }

    /// Holds the content type against `accepts`, which is given its essence in lower case (`text/csv`), or nothing
    /// when the answer states none.
    ///
    /// # Errors
    /// The type is not accepted.
    pub fn expect(&self, expected: &'static str, accepts: impl Fn(Option<&str>) -> bool) -> Result<(), NetError> {
        let stated = self.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let essence = stated.as_deref().map(|text| text.split(';').next().unwrap_or("").trim().to_ascii_lowercase());
        if accepts(essence.as_deref()) {
            return Ok(());
        }
        // As it was sent: a secret in it is looked for in that form.
        let found = stated.as_deref().map_or("no content type", |text| text.split(';').next().unwrap_or("").trim());
        let found = found.chars().take(TYPE_CHARACTERS_MAX).collect();
        Err(NetError::WrongContentType { url: shown(&self.url), found, expected })
    }

    /// The next piece, decompressed, or `None` at the end.
    ///
    /// # Errors
    /// Too large, too slow, broken off, or not compressed as its headers say.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, NetError> {
        let piece = if self.gunzip.is_some() { self.undone().await? } else { self.sent().await? };
        self.bytes_read += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        self.within(self.bytes_read)?;
        Ok(piece)
    }

    /// The next piece of a compressed body.
    async fn undone(&mut self) -> Result<Option<Bytes>, NetError> {
        let url = shown(&self.url);
        let damaged = |error: std::io::Error| NetError::CutShort { url: url.clone(), detail: format!("gzip: {error}") };
        loop {
            let Some(gunzip) = &mut self.gunzip else { return Ok(None) };
            let piece = gunzip.next().map_err(damaged)?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
            let sent = self.sent().await?;
            let Some(gunzip) = &mut self.gunzip else { return Ok(None) };
            match sent {
                Some(sent) => gunzip.feed(sent),
                None => {
                    let rest = gunzip.end().map_err(damaged)?;
                    return Ok((!rest.is_empty()).then_some(rest));
                }
            }
        }
    }

    /// The next piece as it is sent.
    async fn sent(&mut self) -> Result<Option<Bytes>, NetError> {
        let next = tokio::time::timeout_at(self.deadline.into(), self.response.chunk()).await;
        let next = match next {
            Err(_) => return Err(NetError::Timeout { url: shown(&self.url) }),
            Ok(Err(error)) if error.is_timeout() => return Err(NetError::Timeout { url: shown(&self.url) }),
            Ok(Err(error)) => {
                return Err(NetError::CutShort { url: shown(&self.url), detail: causes(&error) });
            }
            Ok(Ok(next)) => next,
        };
        self.bytes_sent += next.as_ref().map_or(0, |piece| piece.len() as u64);
        self.within(self.bytes_sent)?;
        Ok(next)
    }

    fn within(&self, bytes: u64) -> Result<(), NetError> {
        if bytes <= self.bytes_max {
            return Ok(());
        }
        Err(NetError::TooLarge { url: shown(&self.url), bytes_max: self.bytes_max })
    }

    /// The whole body in memory; for what is small by its limit.
    ///
    /// # Errors
    /// As [`Body::piece`].
    pub async fn bytes(mut self) -> Result<Vec<u8>, NetError> {
        let mut all = Vec::new();
        while let Some(piece) = self.piece().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    /// Writes the body to a temporary file.
    ///
    /// # Errors
    /// As [`Body::piece`], and a disk that does not take it.
    pub async fn download(mut self) -> Result<Downloaded, NetError> {
        let url = shown(&self.url);
        let disk = |error: std::io::Error| NetError::Disk { url: url.clone(), detail: error.to_string() };
        let file = tempfile::NamedTempFile::new().map_err(disk)?;
        let mut out = tokio::fs::File::from_std(file.reopen().map_err(disk)?);
        while let Some(piece) = self.piece().await? {
            out.write_all(&piece).await.map_err(disk)?;
        }
        out.flush().await.map_err(disk)?;
        let has_proven_end = self.has_proven_end();
        Ok(Downloaded { file, bytes: self.bytes_read, has_proven_end })
    }
}

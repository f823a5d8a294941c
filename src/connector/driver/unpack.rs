//! Files that come packed: gzip, and archives (zip) of one or several files. What they are is told by their first bytes;
//! what an archive says of its own size is not believed.

use super::error::ReadError;
use super::place::Resource;
use super::settings::Limits;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom, Write};

/// Entries that an archive may have.
const ENTRIES_MAX: usize = 10_000;
/// Members of an archive named in an error.
const NAMED_MAX: usize = 10;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";
/// What the end of an archive begins with, and the most bytes that it takes, its comment included.
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_END_BYTES_MAX: u64 = 22 + 0xffff;

/// How packed files are read.
#[derive(Clone, Copy)]
pub(super) struct Unpacking<'a> {
    /// Which files of an archive are read: a glob; without it, an archive holds one file.
    pub(super) member: Option<&'a str>,
    /// Bytes of all that is read of an archive, once unpacked.
    pub(super) limits: &'a Limits,
}

/// Is this what servers call packed files?
pub(super) fn is_packed(essence: Option<&str>) -> bool {
    matches!(
        essence,
        Some("application/gzip" | "application/x-gzip" | "application/zip" | "application/x-zip-compressed")
    )
}

impl Unpacking<'_> {
    /// The files within `resource`: itself, when it is not packed.
    pub(super) fn files(self, resource: Resource) -> Result<Vec<Resource>, ReadError> {
        let failed = |error: std::io::Error| ReadError::file(&resource.name, &error);
        let open = || File::open(&resource.path).map_err(failed);
        let mut first = Vec::new();
        open()?.take(ZIP.len() as u64).read_to_end(&mut first).map_err(failed)?;
        let mut unpacked = Vec::new();
        let mut left = self.limits.bytes_max;
        let mut file = |name: &str, from: &mut dyn Read| {
            let mut out = tempfile::NamedTempFile::new().map_err(failed)?;
            left -= self.copy(name, (from, &mut out), left)?;
            unpacked.push(Resource::unpacked(name.to_owned(), out));
            Ok(())
        };
        if first.starts_with(GZIP) {
            file(&resource.name, &mut gunzip(open()?))?;
        } else if is_archive(&first) {
            self.members(open()?, &resource.name, &mut file)?;
        } else {
            return Ok(vec![resource]);
        }
        Ok(unpacked)
    }

    /// The files within `bytes`, each with its name: themselves, when they are not packed.
    pub(super) fn documents(self, bytes: Vec<u8>, name: &str) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
        let mut documents = Vec::new();
        let mut left = self.limits.bytes_max;
        let mut document = |name: &str, from: &mut dyn Read| {
            let mut all = Vec::new();
            left -= self.copy(name, (from, &mut all), left)?;
            documents.push((name.to_owned(), all));
            Ok(())
        };
        if bytes.starts_with(GZIP) {
            document(name, &mut gunzip(Cursor::new(bytes)))?;
        } else if is_archive(&bytes) {
            self.members(Cursor::new(bytes), name, &mut document)?;
        } else {
            return Ok(vec![(name.to_owned(), bytes)]);
        }
        Ok(documents)
    }

    /// Hands on the members of an archive that are read, in the order of their names.
    fn members(
        self,
        mut archive: impl Read + Seek,
        resource: &str,
        take: &mut dyn FnMut(&str, &mut dyn Read) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let stated = entries(&mut archive).map_err(|error| damaged(resource, &error))?;
        let mut archive = zip::ZipArchive::new(BufReader::new(archive)).map_err(|error| damaged(resource, &error))?;
        if archive.len() > ENTRIES_MAX {
            return Err(damaged(resource, &format_args!("{} entries", archive.len())));
        }
        // Which of two is meant nobody can tell, and the library knows the last one alone.
        if stated != archive.len() {
            let told = format_args!("{stated} entries under {} names", archive.len());
            return Err(damaged(resource, &told));
        }
        let pattern = self.member.map(glob::Pattern::new).transpose().map_err(|error| {
            ReadError::setting("member", format!("n'est pas un motif ({error})"), format!("is no glob ({error})"))
        })?;
        // What lies before the first file that it knows is another archive, or a file that it does not name.
        let first = (0..archive.len()).map(|at| archive.by_index_raw(at).map(|entry| entry.header_start()));
        let first = first.collect::<Result<Vec<_>, _>>().map_err(|error| damaged(resource, &error))?;
        if first.into_iter().min().is_some_and(|first| first > 0) {
            return Err(damaged(resource, &"it holds more than one archive"));
        }
        let names: Result<Vec<String>, _> = archive.file_names().map(|name| name.map(String::from)).collect();
        let mut names = names.map_err(|error| damaged(resource, &error))?;
        names.retain(|name| !name.ends_with('/') && !is_left_by_system(name));
        names.sort();
        // The spelling of a name is that of the machine that packed it.
        let alike = glob::MatchOptions { case_sensitive: false, ..glob::MatchOptions::new() };
        let is_read = |name: &&String| pattern.as_ref().is_none_or(|pattern| pattern.matches_with(name, alike));
        let read: Vec<&String> = names.iter().filter(is_read).collect();
        if names.is_empty() {
            return Err(damaged(resource, &"it holds no file"));
        }
        if read.is_empty() || (pattern.is_none() && read.len() > 1) {
            return Err(several(resource, &names));
        }
        for name in read {
            let mut entry = archive.by_name(name).map_err(|error| damaged(resource, &error))?;
            take(&format!("{resource}/{name}"), &mut entry)?;
        }
        Ok(())
    }

    /// Unpacks `left` bytes at most, and says how many they were.
    fn copy(self, name: &str, (from, out): (&mut dyn Read, &mut dyn Write), left: u64) -> Result<u64, ReadError> {
        let copied = std::io::copy(&mut from.take(left.saturating_add(1)), out);
        let copied = copied.map_err(|error| damaged(name, &error))?;
        if copied > left {
            return Err(ReadError::TooLarge { resource: name.to_owned(), bytes_max: self.limits.bytes_max });
        }
        Ok(copied)
    }
}

/// What one system leaves beside the files that it packs, and in each of their folders.
fn is_left_by_system(name: &str) -> bool {
    name.split('/').any(|part| part == "__MACOSX" || part == ".DS_Store" || part.starts_with("._"))
}

/// One without any file begins with its end.
fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(ZIP_END)
}

/// The entries that an archive states at its end, where its directory is summed up.
fn entries(archive: &mut (impl Read + Seek)) -> std::io::Result<usize> {
    let length = archive.seek(SeekFrom::End(0))?;
    archive.seek(SeekFrom::Start(length.saturating_sub(ZIP_END_BYTES_MAX)))?;
    let mut end = Vec::new();
    archive.read_to_end(&mut end)?;
    archive.rewind()?;
    let at = end.windows(ZIP_END.len()).rposition(|bytes| bytes == ZIP_END);
    let stated = at.and_then(|at| end.get(at + 10..at + 12)).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok());
    Ok(stated.map_or(0, |stated| usize::from(u16::from_le_bytes(stated))))
}

fn gunzip(packed: impl Read) -> impl Read {
    flate2::bufread::MultiGzDecoder::new(BufReader::new(packed))
}

fn damaged(resource: &str, error: &dyn std::fmt::Display) -> ReadError {
    ReadError::form(
        resource,
        format!("archive illisible ({error}) : fichier tronqué ou abîmé"),
        format!("unreadable archive ({error}): a file cut short or damaged"),
    )
}

fn several(resource: &str, names: &[String]) -> ReadError {
    let mut shown = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED_MAX {
        shown.push_str(", …");
    }
    ReadError::form(
        resource,
        format!("indiquez par member quels fichiers de l'archive sont lus ; elle contient : {shown}"),
        format!("say with member which files of the archive are read; it holds: {shown}"),
    )
}

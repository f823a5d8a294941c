//! Where a source is: a manifest's path or URL, set against its base, or what a person names instead.

use super::auth::Access;
use super::error::ReadError;
use super::settings::Limits;
use super::{ReadEnd, Reading};
use crate::domain::marks::Validator;
use crate::net::{self, Body, Fetched, Request, shown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;
use url::Url;

/// Where to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// One URL.
    Url(Url),
    /// Files of this machine, in the order of their paths.
    Files(Vec<PathBuf>),
}

/// A file to read: one of this machine, or a download that lasts as long as this value.
#[derive(Debug)]
pub(super) struct Resource {
    /// As it stands in locations: the file's name, or the URL without its query.
    pub(super) name: String,
    /// Where its bytes are.
    pub(super) path: PathBuf,
    /// What is known of its end.
    pub(super) end: End,
    _download: Option<NamedTempFile>,
}

/// What is known of the end of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is that of a file that was packed and said how long it was.
    Own,
    /// It is that of a file of this machine, which may have been cut before, or is being written.
    File,
    /// The transport told where the body ends; whether the source sent all that it has, the source alone knows.
    Told,
    /// The connection ended: that may be anywhere.
    Untold,
}

impl Resource {
    /// A file that was unpacked.
    pub(super) fn unpacked(name: String, file: NamedTempFile) -> Resource {
        Resource { name, path: file.path().to_owned(), end: End::Own, _download: Some(file) }
    }
}

/// The text that says where to read, after base and override.
pub(super) fn locate(reading: &Reading<'_>, default_base: Option<&str>, path: &str) -> Result<String, ReadError> {
    if let Some(place) = reading.place {
        return Ok(place.to_owned());
    }
    let Some(base) = reading.base.or(default_base).filter(|base| !base.is_empty()) else {
        return Ok(path.to_owned());
    };
    if path.is_empty() || as_url(path).is_some() {
        return Ok(if path.is_empty() { base } else { path }.to_owned());
    }
    // Everything is relative to the base, so that the base alone can be replaced.
    let relative = path.trim_start_matches('/');
    if let Some(mut url) = as_url(base) {
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let joined = url.join(relative).map_err(|error| {
            ReadError::setting("url", format!("n'est pas une URL ({error})"), format!("is no URL ({error})"))
        })?;
        return Ok(joined.into());
    }
    Ok(Path::new(base).join(relative).to_string_lossy().into_owned())
}

/// The files or the URL that `text` names. A file that exists is taken as such before its name is read as a glob.
pub(super) fn place(text: &str) -> Result<Place, ReadError> {
    if let Some(url) = as_url(text) {
        return Ok(Place::Url(url));
    }
    if Path::new(text).is_file() {
        return Ok(Place::Files(vec![PathBuf::from(text)]));
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| !scheme.contains(['/', '\\']));
    if let Some(scheme) = scheme {
        // What stands behind it may hold a password.
        let scheme: String = scheme.chars().take(20).collect();
        return Err(ReadError::setting(
            "path",
            format!("« {scheme}:// » n'est pas lu : http, https, ou un chemin de fichier"),
            format!("« {scheme}:// » is not read: http, https, or the path of a file"),
        ));
    }
    let paths = glob::glob(text).map_err(|error| {
        let (fr, en) = (format!("n'est pas un motif ({error})"), format!("is no glob ({error})"));
        ReadError::setting("path", fr, en)
    })?;
    let mut files = Vec::new();
    for found in paths {
        let path = found.map_err(|error| ReadError::file(&error.path().to_string_lossy(), error.error()))?;
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() { Err(ReadError::NoFile { pattern: text.to_owned() }) } else { Ok(Place::Files(files)) }
}

/// The resources at a place, and what they are known by.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) resources: Vec<Resource>,
    pub(super) validators: Vec<Validator>,
}

/// The resources at a place, downloaded where it is a URL; `None` where they are known already. A download is held
/// against `kind`.
pub(super) async fn resources(place: Place, kind: Kind<'_>, reading: &Reading<'_>) -> Result<Option<Found>, ReadError> {
    match place {
        Place::Url(url) => {
            let auth = kind.access.at(&url, reading)?;
            let is_private = auth.is_some();
            let request = request(url, &kind.limits).with_auth(auth).unless(known(reading.ask.unless));
            let (expected, accepts) = (kind.expected, kind.accepts);
            let take = |body: Body| async move {
                body.expect(expected, accepts)?;
                Ok((shown(body.url()), body.validator(), body.download().await?))
            };
            let Fetched::New((name, validator, downloaded)) = reading.net.fetch_new(&request, take).await? else {
                return Ok(None);
            };
            let path = downloaded.file.path().to_owned();
            let end = if downloaded.has_proven_end { End::Told } else { End::Untold };
            let resources = vec![Resource { name, path, end, _download: Some(downloaded.file) }];
            Ok(Some(Found {
                resources,
                validators: validator.and_then(|one| kept(one, is_private)).into_iter().collect(),
            }))
        }
        Place::Files(paths) => {
            check_count(&paths, &kind.limits)?;
            let resources = paths.into_iter().map(|path| of_file(path, &kind.limits)).collect::<Result<_, _>>()?;
            Ok(Some(Found { resources, validators: Vec::new() }))
        }
    }
}

/// What the ledger keeps of what a body is known by. Where it is given to those who say who they are, its date does
/// not tell whose body it is, and the secret may be another one next time.
pub(super) fn kept(validator: net::Validator, is_private: bool) -> Option<Validator> {
    let net::Validator { place, etag, modified } = validator;
    let modified = modified.filter(|_| !is_private);
    (etag.is_some() || modified.is_some()).then_some(Validator { place, etag, modified })
}

/// The bodies that a request says are known.
pub(super) fn known(validators: &[Validator]) -> Arc<[net::Validator]> {
    let known = validators.iter().cloned();
    known.map(|Validator { place, etag, modified }| net::Validator { place, etag, modified }).collect()
}

/// A glob may match no more files than a list may have pages.
pub(super) fn check_count(paths: &[PathBuf], limits: &Limits) -> Result<(), ReadError> {
    let (found, most) = (paths.len(), limits.pages_max);
    if found as u64 <= most {
        return Ok(());
    }
    Err(ReadError::setting(
        "path",
        format!("{found} fichiers répondent au motif, plus que pages-max ({most})"),
        format!("{found} files match the glob, more than pages-max ({most})"),
    ))
}

/// What a download must be.
pub(super) struct Kind<'a> {
    /// In words.
    pub(super) expected: &'static str,
    /// Is this content type one of them?
    pub(super) accepts: fn(Option<&str>) -> bool,
    /// Who asks.
    pub(super) access: Access<'a>,
    /// How far to read.
    pub(super) limits: Limits,
}

/// One request within the limits of a manifest.
pub(super) fn request(url: Url, limits: &Limits) -> Request {
    Request::get(url, limits.bytes_max, limits.seconds_max.saturating_mul(1_000))
}

/// The resource that a file is, when it is not too large.
pub(super) fn of_file(path: PathBuf, limits: &Limits) -> Result<Resource, ReadError> {
    let length = std::fs::metadata(&path).map_err(|error| ReadError::file(&path.to_string_lossy(), &error))?.len();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    if length > limits.bytes_max {
        return Err(ReadError::TooLarge { resource: name, bytes_max: limits.bytes_max });
    }
    Ok(Resource { name, path, end: End::File, _download: None })
}

/// An http or https URL; anything else is a path.
pub(super) fn as_url(text: &str) -> Option<Url> {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return None;
    }
    Url::parse(text).ok()
}

/// Where single records are asked for.
pub(super) fn looked_up(text: &str) -> Result<Url, ReadError> {
    as_url(text).ok_or_else(|| ReadError::setting("base", "la consultation demande une URL", "a look-up needs a URL"))
}

/// A place as it may be shown.
pub(super) fn told(text: &str) -> String {
    as_url(text).map_or_else(|| text.to_owned(), |url| shown(&url))
}

/// The outcome of a read at `text`: what came from a host and could not be read counts as that host's failure.
pub(super) fn judged(
    outcome: Result<ReadEnd, ReadError>,
    text: &str,
    reading: &Reading<'_>,
) -> Result<ReadEnd, ReadError> {
    if let (Err(ReadError::Form { .. }), Some(url)) = (&outcome, as_url(text)) {
        reading.net.malformed(&url);
    }
    outcome
}

/// Ends with the names of what was read.
pub(super) fn end(complete: bool, resources: &[Resource]) -> ReadEnd {
    let resources = resources.iter().map(|resource| resource.name.clone()).collect();
    ReadEnd { complete, resources, ..ReadEnd::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::driver::Ask;
    use crate::net::{Net, NetSettings};

    fn located(base: Option<&str>, place: Option<&str>, path: &str) -> String {
        let net = Net::new(NetSettings::default()).expect("a client");
        locate(&Reading { net: &net, base, place, ask: Ask::default() }, Some("https://a.example/api"), path)
            .expect("a place")
    }

    #[test]
    fn the_base_is_replaced_as_a_whole() {
        assert_eq!(located(None, None, "v1/list?x=1"), "https://a.example/api/v1/list?x=1");
        assert_eq!(located(None, None, "/v1/list"), "https://a.example/api/v1/list");
        assert_eq!(located(Some("http://127.0.0.1:9/pv/"), None, "/v1/list"), "http://127.0.0.1:9/pv/v1/list");
        assert_eq!(located(Some("/srv/in"), None, "/2026/*.csv"), "/srv/in/2026/*.csv");
        assert_eq!(located(None, None, ""), "https://a.example/api");
        assert_eq!(located(Some("/srv/in"), None, "https://b.example/x"), "https://b.example/x");
        assert_eq!(located(Some("/srv/in"), Some("./here.csv"), "x.csv"), "./here.csv");
    }

    #[test]
    fn an_address_that_is_not_read_is_no_path() {
        for text in ["ftp://h.example/a.csv", "file:///srv/a.csv", "S3://bucket/a"] {
            let refused = place(text).expect_err("another scheme").to_string();
            assert!(refused.contains("http, https"), "{refused}");
        }
        assert!(matches!(place("dossier://"), Err(ReadError::Setting { .. })));
        assert!(matches!(place("rien.csv"), Err(ReadError::NoFile { .. })));
    }

    #[test]
    fn files_come_in_the_order_of_their_names() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in ["b.csv", "a.csv", "c.txt"] {
            std::fs::write(directory.path().join(name), "x").expect("written");
        }
        let pattern = directory.path().join("*.csv");
        let found = place(&pattern.to_string_lossy()).expect("two files");
        assert_eq!(found, Place::Files(vec![directory.path().join("a.csv"), directory.path().join("b.csv")]));
        assert!(matches!(place("/nowhere/*.csv"), Err(ReadError::NoFile { .. })));
        assert!(matches!(place("/nowhere/a.csv"), Err(ReadError::NoFile { .. })));
    }
}

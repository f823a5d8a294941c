//! Files that come packed: what is inside is read, and what swells is refused.

use crate::contract::{limited, net, read_from};
use crate::faults::{answer, delimited, forms, json, scripted, sound};
use axum::http::StatusCode;
use flate2::write::GzEncoder;
use passerelle::connector::driver::settings::DriverSettings;
use std::io::Write;
use zip::write::SimpleFileOptions;

const CSV: &[u8] = b"id;nom\n1;a\n2;b\n";
const JSON: &[u8] = br#"[{"id":1},{"id":2}]"#;

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("an end")
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

fn of(name: &str, place: &str) -> DriverSettings {
    if name == "json" { json(place) } else { delimited(place) }
}

fn with_member(settings: &DriverSettings, glob: &str) -> DriverSettings {
    let mut settings = settings.clone();
    match &mut settings {
        DriverSettings::HttpJson(settings) => settings.member = Some(glob.to_owned()),
        DriverSettings::Delimited(settings) => settings.member = Some(glob.to_owned()),
        _ => {}
    }
    settings
}

#[tokio::test]
async fn packed_files_are_read_by_path_and_by_url() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, plain) in [("json", JSON), ("csv", CSV)] {
        let member = format!("d/liste.{name}");
        let left = ["__MACOSX/d/._liste", "d/.DS_Store", ".DS_Store", "d/._liste.csv"].map(|name| (name, &b"x"[..]));
        let alone = zipped(&[&[(&*member, plain)], &left[..]].concat());
        for (kind, bytes) in [("gzip", gzipped(plain)), ("zip", alone)] {
            let path = directory.path().join(format!("{name}.{kind}"));
            std::fs::write(&path, &bytes).expect("written");
            let (url, _) = scripted(vec![sound(&format!("application/{kind}"), &bytes)]).await;
            for place in [&*path.to_string_lossy(), &url] {
                let brought = read_from(&of(name, place), &net(), None).await;
                assert!(brought.complete() && brought.records().len() == 2, "{place}: {:?}", brought.end);
            }
        }
    }
}

#[tokio::test]
async fn an_archive_of_several_files_asks_which() {
    let archive = zipped(&[("b.csv", b"id\n3\n"), ("a.csv", CSV), ("lisez-moi.txt", b"?")]);
    let (url, _) = scripted(vec![sound("application/zip", &archive)]).await;
    let error = read_from(&delimited(&url), &net(), None).await.error();
    assert!(error.contains("member") && error.contains("a.csv, b.csv, lisez-moi.txt"), "{error}");
    let brought = read_from(&with_member(&delimited(&url), "*.csv"), &net(), None).await;
    assert_eq!(brought.records().len(), 3);
    assert!(brought.records()[2].location.to_string().contains("/b.csv"), "{:?}", brought.records()[2].location);
    let error = read_from(&with_member(&delimited(&url), "*.tsv"), &net(), None).await.error();
    assert!(error.contains("lisez-moi.txt"), "{error}");
    let (url, _) = scripted(vec![sound("application/zip", &zipped(&[]))]).await;
    assert!(read_from(&delimited(&url), &net(), None).await.error().contains("holds no file"));
    let lists = zipped(&[("a.json", JSON), ("b.json", JSON)]);
    let (url, _) = scripted(vec![sound("application/zip", &lists)]).await;
    assert!(read_from(&with_member(&json(&url), "b*"), &net(), None).await.complete());
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("data");
    std::fs::write(&path, &lists).expect("written");
    let places = async |place: &str| {
        let brought = read_from(&with_member(&json(place), "*.json"), &net(), None).await;
        assert!(brought.complete(), "{place}: {:?}", brought.end);
        let within = |location: String| location.rsplit_once("data/").map(|(_, within)| within.to_owned());
        brought.records().iter().filter_map(|record| within(record.location.to_string())).collect::<Vec<_>>()
    };
    let by_path = places(&path.to_string_lossy()).await;
    assert_eq!(by_path, ["a.json, index 0", "a.json, index 1", "b.json, index 0", "b.json, index 1"]);
    assert_eq!(places(&url).await, by_path, "by URL as by path");
    let bounded = limited(&with_member(&json(&url), "*"), |limits| limits.bytes_max = 30);
    assert!(!read_from(&bounded, &net(), None).await.error().is_empty(), "all files together are bounded");
}

#[tokio::test]
async fn two_files_of_one_name_are_refused() {
    let mut archive = zipped(&[("a.csv", b"id\n3\n"), ("b.csv", CSV)]);
    while let Some(at) = archive.windows(5).position(|name| name == b"b.csv") {
        archive[at] = b'a';
    }
    let (url, _) = scripted(vec![sound("application/zip", &archive)]).await;
    for settings in [delimited(&url), with_member(&delimited(&url), "*.csv"), with_member(&json(&url), "*")] {
        let error = read_from(&settings, &net(), None).await.error();
        assert!(error.contains("2 entries under 1 names"), "{error}");
    }
}

#[tokio::test]
async fn names_of_files_are_met_in_any_case_and_two_archives_are_not_one() {
    let archive = zipped(&[("A.CSV", b"id\n3\n"), ("b.csv", CSV)]);
    let (url, _) = scripted(vec![sound("application/zip", &archive)]).await;
    let brought = read_from(&with_member(&delimited(&url), "*.csv"), &net(), None).await;
    let all = read_from(&with_member(&delimited(&url), "*"), &net(), None).await;
    assert_eq!(brought.json(), all.json());
    let two = [zipped(&[("a.csv", b"id\n3\n")]), archive].concat();
    let (url, _) = scripted(vec![sound("application/zip", &two)]).await;
    let error = read_from(&with_member(&delimited(&url), "*.csv"), &net(), None).await.error();
    assert!(error.contains("more than one archive"), "{error}");
}

#[tokio::test]
async fn what_swells_or_is_cut_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let bomb = vec![b' '; 20_000_000];
    for name in ["json", "csv"] {
        for (kind, bytes) in [("gzip", gzipped(&bomb)), ("zip", zipped(&[("a", &bomb)]))] {
            let path = directory.path().join(format!("{name}.{kind}"));
            std::fs::write(&path, &bytes).expect("written");
            let (url, _) = scripted(vec![sound("application/octet-stream", &bytes)]).await;
            let cut = directory.path().join(format!("{name}.{kind}.cut"));
            std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("written");
            for place in [&*path.to_string_lossy(), &url] {
                let bounded = limited(&of(name, place), |limits| limits.bytes_max = 1_000_000);
                let error = read_from(&bounded, &net(), None).await.error();
                assert!(error.contains("more than 1000000 bytes"), "{place}: {error}");
            }
            let error = read_from(&of(name, &cut.to_string_lossy()), &net(), None).await.error();
            assert!(error.contains("unreadable archive"), "{error}");
        }
        // Many files that are small each: the limit is that of the archive.
        let part = vec![b' '; 400_000];
        let path = directory.path().join(format!("{name}.parts"));
        std::fs::write(&path, zipped(&[("a", &part), ("b", &part), ("c", &part)])).expect("written");
        let settings = with_member(&of(name, &path.to_string_lossy()), "*");
        let error = read_from(&limited(&settings, |limits| limits.bytes_max = 1_000_000), &net(), None).await.error();
        assert!(error.contains("more than 1000000 bytes"), "{error}");
    }
}

/// An answer whose body is coded, as its headers say.
fn coded(content_type: &str, coding: &str, body: (usize, &[u8])) -> Vec<u8> {
    answer(StatusCode::OK, &format!("Content-Type: {content_type}\r\nContent-Encoding: {coding}\r\n"), body)
}

/// RFC 1952, 2.2: a gzip body is a series of members, all of them the document.
#[tokio::test]
async fn a_coded_body_is_read_to_its_last_member_or_not_at_all() {
    for form in forms() {
        let (one, other) = form.document.split_at(form.document.len() / 2);
        let first = gzipped(one);
        let body = [first.clone(), gzipped(b""), gzipped(other)].concat();
        let length = body.len();
        let chunked = format!("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Encoding: x-gzip\r\n", form.content_type);
        let chunked = format!("{chunked}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{length:x}\r\n");
        let chunked = [chunked.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        for whole in [coded(form.content_type, "gzip", (length, &body)), chunked] {
            let (url, _) = scripted(vec![whole]).await;
            let brought = read_from(&(form.settings)(&url), &net(), None).await;
            assert!(brought.complete() && brought.records().len() == 2, "{}: {:?}", form.name, brought.end);
        }
        let followed = [&body[..], b"\r\n"].concat();
        for (fault, answer) in [
            ("cut between members", coded(form.content_type, "gzip", (length, &body[..first.len()]))),
            ("cut within a member", coded(form.content_type, "gzip", (length - 9, &body[..length - 9]))),
            ("something follows", coded(form.content_type, "gzip", (length + 2, &followed))),
        ] {
            let (url, _) = scripted(vec![answer]).await;
            let error = read_from(&(form.settings)(&url), &net(), None).await.error();
            assert!(error.contains("broke off"), "{}, {fault}: {error}", form.name);
        }
        let (url, _) = scripted(vec![coded(form.content_type, "br", (form.document.len(), &form.document))]).await;
        let error = read_from(&(form.settings)(&url), &net(), None).await.error();
        assert!(error.contains("compressed as « br »"), "{}: {error}", form.name);
    }
}

/// A coded body that says how long it is ends where it says: its last row needs no line end to be whole.
#[tokio::test]
async fn a_coded_body_of_a_stated_length_has_a_proven_end() {
    let body = gzipped(CSV.trim_ascii_end());
    let (url, _) = scripted(vec![coded("text/csv", "gzip", (body.len(), &body))]).await;
    let brought = read_from(&delimited(&url), &net(), None).await;
    assert!(brought.complete() && brought.records().len() == 2, "{:?}", brought.end);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    let (url, _) = scripted(vec![[head.as_bytes(), &body].concat()]).await;
    assert!(!read_from(&delimited(&url), &net(), None).await.complete(), "another member may have been on its way");
}

//! Delimited text: the contract, and the files that people really send.

use crate::contract::{Brought, Case, hold, limited, read, rows};
use crate::server::{endless, serve, serve_body, serve_bytes};
use axum::Router;
use axum::routing::get;
use passerelle::connector::driver::settings::{DelimitedSettings, DriverSettings, Limits};
use std::io::Write;
use std::path::Path;

fn settings(path: &str) -> DelimitedSettings {
    DelimitedSettings {
        base: None,
        path: path.to_owned(),
        delimiter: "auto".to_owned(),
        encoding: "auto".to_owned(),
        header_row: None,
        header_rows: 1,
        skip_rows: 0,
        totals_row: Vec::new(),
        auth: None,
        member: None,
        join: None,
        limits: Limits::DEFAULT,
    }
}

pub fn of(path: &str) -> DriverSettings {
    DriverSettings::Delimited(settings(path))
}

fn list() -> String {
    let mut text = "id;nom;montant\r\n".to_owned();
    for (id, nom, montant) in rows() {
        text.push_str(&format!("{id};\"{nom}\";{montant}\r\n"));
    }
    text
}

async fn read_text(text: impl AsRef<[u8]>) -> Brought {
    read_with(text, |_| ()).await
}

async fn read_with(text: impl AsRef<[u8]>, change: impl Fn(&mut DelimitedSettings)) -> Brought {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_ref()).expect("written");
    let mut settings = settings(&file.path().to_string_lossy());
    change(&mut settings);
    read(&DriverSettings::Delimited(settings)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("liste.csv");
    std::fs::write(&path, list()).expect("written");
    let case = |name: &str, place: &str| Case { name: name.to_owned(), settings: of(place), bytes_bounded: true };
    hold(&case("delimited file", &path.to_string_lossy())).await;
    hold(&case("delimited glob", &directory.path().join("*.csv").to_string_lossy())).await;
    hold(&case("delimited by HTTP", &serve_body("text/csv; charset=utf-8", list()).await)).await;
}

#[tokio::test]
async fn rows_are_records_or_broken_and_know_their_line() {
    let text = "nom;montant;note\n\nA;1,50;\"deux\nlignes\"\nB;2\n;;\nC;3;x;;\nD;4;x;trop\nE;5;\0\nF;6;fin";
    let brought = read_text(text).await;
    assert!(brought.complete());
    assert_eq!(brought.lines(), [3, 7, 10]);
    assert_eq!(
        brought.faults(),
        [("too-few-fields", Some(5)), ("too-many-fields", Some(8)), ("control-character", Some(9))]
    );
    assert_eq!(brought.json()[0], r#"{"nom":"A","montant":"1,50","note":"deux\nlignes"}"#);
    assert_eq!(brought.broken()[0].raw, "B;2");
}

#[tokio::test]
async fn a_file_cut_within_quotes_is_held() {
    let brought = read_text("a;b\n1;2\n3;\"coup").await;
    assert!(!brought.complete());
    assert_eq!(brought.faults(), [("cut-short", Some(3))]);
    let long = format!("a;b\n1;2\n3;\"{}", "x;y\n".repeat(1_000_000));
    let brought = read_text(long).await;
    assert!(!brought.complete());
    assert_eq!(brought.faults(), [("row-too-long", Some(3))]);
}

#[tokio::test]
async fn encodings_are_told_apart_and_nothing_is_invented() {
    let expected = [r#"{"libellé":"été","n":"1"}"#];
    let utf16: Vec<u8> = "\u{feff}libellé\tn\r\nété\t1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        "libellé;n\nété;1\n".as_bytes(),
        "\u{feff}libellé;n\nété;1".as_bytes(),
        b"libell\xe9,n\n\xe9t\xe9,1\n",
        b"\xef\xbb\xbf\"libell\xc3\xa9\"|n\n\xc3\xa9t\xc3\xa9|1\n",
        &utf16,
    ] {
        let brought = read_text(bytes).await;
        assert_eq!(brought.json(), expected, "{}", String::from_utf8_lossy(bytes));
    }
    // One bad row in a file of UTF-8 is one broken record, not a file read as something else.
    let brought = read_text(b"nom;n\n\xc3\xa9t\xc3\xa9;1\n\xe9t\xe9 ;2\nhiver;3\n\xc3\xa0;4\n").await;
    assert_eq!(brought.faults(), [("undecodable", Some(3))]);
    assert_eq!(brought.records().len(), 3);
    assert!(brought.json().iter().all(|json| !json.contains('\u{fffd}')));
    let error = read_with(b"libell\xe9\n1\n", |settings| settings.encoding = "utf-8".to_owned()).await.error();
    assert!(error.contains("encoding"), "{error}");
    let error = read_text(b"\xff\xfea\0;\0b\0\n\0\x00\xd8").await.error();
    assert!(error.contains("UTF-16"), "{error}");
}

#[tokio::test]
async fn headers_are_found_and_named() {
    let text = "Liste \"officielle\nau 1er mars\n Nom attributaire* ;;montant;montant;;\nA;x;1;2;;\nTotal;;9;9;;\n";
    let brought = read_with(text, |settings| {
        settings.skip_rows = 2;
        settings.totals_row = vec!["Total".to_owned()];
    })
    .await;
    assert_eq!(brought.json(), [r#"{"Nom attributaire*":"A","column-2":"x","montant":"1","montant (2)":"2"}"#]);
    assert_eq!(brought.lines(), [4]);
    assert!(brought.end.as_ref().expect("an end").notes[0].fr.contains("montant (2)"));
    assert!(read_text("").await.error().contains("no header row"));
    assert!(read_text("a;b\n").await.records().is_empty());
}

#[tokio::test]
async fn two_rows_of_header_are_joined() {
    let text = "Bilan 2024;;;\nBénéficiaire;Montant;;Année\n;demandé;accordé;\nA;1;2;2024\n";
    let brought = read_with(text, |settings| {
        settings.header_row = Some(2);
        settings.header_rows = 2;
    })
    .await;
    assert_eq!(brought.json(), [r#"{"Bénéficiaire":"A","Montant demandé":"1","Montant accordé":"2","Année":"2024"}"#]);
    assert_eq!(brought.lines(), [4]);
    let error = read_with("a;b\n", |settings| settings.header_rows = 2).await.error();
    assert!(error.contains("no header row"), "{error}");
}

#[tokio::test]
async fn a_broken_transfer_is_an_error() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\na;b\n1;2\n".to_vec();
    let error = read(&of(&serve_bytes(announced).await)).await.error();
    assert!(error.contains("broke off"), "{error}");
    let chunked =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n8\r\na;b\n1;2\n\r\n".to_vec();
    let error = read(&of(&serve_bytes(chunked).await)).await.error();
    assert!(error.contains("broke off"), "{error}");
    let error = read(&of(&serve_body("text/html", "<html>").await)).await.error();
    assert!(error.contains("text/html"), "{error}");
}

#[tokio::test]
async fn a_body_without_end_is_bounded() {
    let root = serve(Router::new().route("/data", get(|| async { endless("text/csv", "1;2;3\n") }))).await;
    let bounded = limited(&of(&format!("{root}/data?key=secret")), |limits| limits.bytes_max = 1_000_000);
    let error = read(&bounded).await.error();
    assert!(error.contains("1000000 bytes") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn real_files_are_read_whole() {
    let Some(data) = crate::net::real_data() else { return };
    // Counted with Python's csv module.
    let files = [
        ("scdl/scdl_exemple_valide.csv", 29),
        ("scdl/scdl_exemple_duplicate_column.csv", 29),
        ("scdl/datasubvention_SCDL.csv", 4),
        ("scdl/datasubvention_test-csv-valid.csv", 38),
        ("droit_commun/hdf_dotations_investissement_2019.csv", 2_568),
        ("fonds_ue/hdf_operations_feder_fse_iej_2014_2020_au_20160711.csv", 128),
        ("territoires/hdf_communes.csv", 3_782),
        ("qpv/hdf_qpv2024.csv", 204),
    ];
    for (file, count) in files {
        let brought = read(&of(&Path::new(&data).join(file).to_string_lossy())).await;
        assert!(brought.complete(), "{file}");
        assert_eq!((brought.records().len(), brought.faults()), (count, vec![]), "{file}");
    }
}

#[tokio::test]
async fn a_glob_is_read_in_order_and_within_its_limits() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in [("2025.csv", "id\n3\n"), ("2024.csv", "id\n1\n2\n"), ("2026.csv", "id\n\"4")] {
        std::fs::write(directory.path().join(name), text).expect("written");
    }
    let glob = of(&directory.path().join("*.csv").to_string_lossy());
    let brought = read(&glob).await;
    assert_eq!(brought.json(), [r#"{"id":"1"}"#, r#"{"id":"2"}"#, r#"{"id":"3"}"#]);
    assert_eq!(brought.faults(), [("cut-short", Some(2))]);
    let end = brought.end.expect("an end");
    assert_eq!(
        (end.complete, end.resources),
        (false, ["2024.csv", "2025.csv", "2026.csv"].map(str::to_owned).to_vec())
    );
    let few = read(&limited(&glob, |limits| limits.rows_max = 1)).await;
    assert_eq!(few.end.expect("an end").notes.len(), 1);
    let error = read(&limited(&glob, |limits| limits.pages_max = 2)).await.error();
    assert!(error.contains("3 files"), "{error}");
}

#[tokio::test]
async fn a_quote_too_many_takes_no_other_row_s_cells() {
    let text = "id;objet;montant\nA;\"Ecole 1\";100\nB;\"Ecole 2;200\nC;\"Ecole 3\";300\nD;\"Ecole 4\";400\n";
    let brought = read_text(text).await;
    assert_eq!(brought.faults(), [("rows-swallowed", Some(3))], "the amount of C is not that of B");
    assert_eq!(brought.lines(), [2, 5]);
    let text = "id;objet;montant\nA;Ecole;100\nB;\"Ecole;200\nC;Ecole;300\nD;Ecole\";400\nE;\"deux\nlignes ; trois ; quatre\nfin\";500\n";
    let brought = read_text(text).await;
    assert_eq!(brought.faults(), [("rows-swallowed", Some(3))]);
    assert_eq!(brought.lines(), [2, 6], "a text of several lines is one");
}

#[tokio::test]
async fn a_header_that_comes_again_is_no_record_and_names_what_follows() {
    let text = "id;cout;montant\nA;9;1\nid;cout;montant\nB;9;2\nid;montant;cout\nC;3;9\n id ;Cout;montant\nD;9;4\n";
    let brought = read_text(text).await;
    assert!(brought.complete());
    let again = |line| ("header-again", Some(line));
    assert_eq!(brought.faults(), [again(3), again(5), again(7)]);
    let read = brought.json();
    assert_eq!(
        read,
        [
            r#"{"id":"A","cout":"9","montant":"1"}"#,
            r#"{"id":"B","cout":"9","montant":"2"}"#,
            r#"{"id":"C","montant":"3","cout":"9"}"#,
            r#"{"id":"D","cout":"9","montant":"4"}"#,
        ]
    );
    let brought = read_text("id;cout;montant\nA;9;1\nid;montant;cout;annee\nB;2;9;2025\n").await;
    assert!(!brought.complete(), "another list cannot be read by the first header");
    assert_eq!(brought.lines(), [2]);
}

#[tokio::test]
async fn a_row_that_numbers_the_columns_is_no_record() {
    for numbers in ["1;2;3;4", "(1);(2);(3);(4)"] {
        let brought = read_text(&format!("id;objet;cout;montant\n{numbers}\n1;Ecole;9;5\n")).await;
        assert_eq!(brought.faults(), [("header-again", Some(2))]);
        assert_eq!(brought.json(), [r#"{"id":"1","objet":"Ecole","cout":"9","montant":"5"}"#]);
    }
    let brought = read_text("id;cout;montant\n1;2;3\n").await;
    assert_eq!(brought.lines(), [2], "of a few columns it may be a record");
}

//! Two tables read as one: the contract, and what becomes of rows that stand alone.

use crate::contract::{Case, hold, limited, read, rows};
use passerelle::connector::driver::settings::{DelimitedSettings, DriverSettings, JoinSettings};
use std::path::Path;

fn settings(directory: &Path, first: &str, second: &str) -> DriverSettings {
    std::fs::write(directory.join("first.csv"), first).expect("written");
    std::fs::write(directory.join("second.csv"), second).expect("written");
    let text = format!("base = {:?}\npath = \"first.csv\"", directory.display().to_string());
    let mut settings: DelimitedSettings = toml::from_str(&text).expect("settings");
    settings.join = Some(JoinSettings {
        path: "second.csv".to_owned(),
        sheet: None,
        key: "id".to_owned(),
        with: "project".to_owned(),
        name: "partners".to_owned(),
        rows_max: 2_000,
    });
    DriverSettings::Delimited(settings)
}

#[tokio::test]
async fn the_contract_holds() {
    let directory = tempfile::tempdir().expect("a directory");
    let first: String = rows().map(|(id, name, amount)| format!("{id},{name},{amount}\n")).collect();
    let second: String = (0..1_000).map(|id| format!("{},p{id}\n", id / 2)).collect();
    let settings = settings(directory.path(), &format!("id,nom,montant\n{first}"), &format!("project,name\n{second}"));
    let brought = read(&settings).await;
    assert!(brought.json()[0].ends_with(r#""partners":[{"project":"0","name":"p0"},{"project":"0","name":"p1"}]}"#));
    assert!(brought.json()[2_000].ends_with(r#""partners":[]}"#));
    hold(&Case { name: "joined".to_owned(), settings, bytes_bounded: true }).await;
}

#[tokio::test]
async fn a_row_without_its_record_is_kept_with_the_reason() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = "id,nom\n1,a\n2.0,b\n3,c\n";
    let second = "project,name\n2,x\n9,ghost\n,nobody\n1.0,y\n";
    let settings = settings(directory.path(), first, second);
    let brought = read(&settings).await;
    assert!(brought.complete());
    assert_eq!(
        brought.json(),
        [
            r#"{"id":"1","nom":"a","partners":[{"project":"1.0","name":"y"}]}"#,
            r#"{"id":"2.0","nom":"b","partners":[{"project":"2","name":"x"}]}"#,
            r#"{"id":"3","nom":"c","partners":[]}"#,
        ]
    );
    assert_eq!(brought.faults(), [("joined-key-missing", Some(4)), ("joined-row-alone", Some(3))]);
    assert!(brought.broken()[1].raw.contains("ghost"));
    // Of a list cut short nobody knows which rows stand alone.
    let brought = read(&limited(&settings, |limits| limits.rows_max = 1)).await;
    assert!(!brought.complete());
    assert_eq!(brought.faults().len(), 1);
}

#[tokio::test]
async fn too_many_rows_hold_the_run_and_a_taken_name_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let second: String = (0..2_001).map(|id| format!("1,p{id}\n")).collect();
    let long = settings(directory.path(), "id,nom\n1,a\n", &format!("project,name\n{second}"));
    let brought = read(&long).await;
    assert!(!brought.complete(), "{:?}", brought.end);
    let taken = settings(directory.path(), "id,partners\n1,a\n", "project,name\n1,x\n");
    assert!(read(&taken).await.error().contains("« partners » already"));
}

#[tokio::test]
async fn a_row_that_spells_the_key_otherwise_leaves_a_trace_in_the_record_that_it_may_be_of() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = "id,nom\nJ004,a\nJ005,b\n012,c\nX,d\nx,e\n";
    let second = "project,name\nj004,x\nJ005,y\n\u{200b}J005 ,z\n12,w\nX,v\nx,u\nJ 009,t\n";
    let settings = settings(directory.path(), first, second);
    let brought = read(&settings).await;
    let mut records = brought.json();
    records.sort();
    let unreadable = r#"["unreadable row"]"#;
    assert_eq!(
        records,
        [
            format!(r#"{{"id":"012","nom":"c","partners":{unreadable}}}"#),
            format!(r#"{{"id":"J004","nom":"a","partners":{unreadable}}}"#),
            format!(
                r#"{{"id":"J005","nom":"b","partners":[{{"project":"J005","name":"y"}},{{"project":"{}J005 ","name":"z"}}]}}"#,
                '\u{200b}'
            ),
            r#"{"id":"X","nom":"d","partners":[{"project":"X","name":"v"}]}"#.to_owned(),
            r#"{"id":"x","nom":"e","partners":[{"project":"x","name":"u"}]}"#.to_owned(),
        ],
        "what is not seen parts no keys; case and zeros may, and do where both are there"
    );
    assert_eq!(
        brought.faults(),
        [("joined-row-alone", Some(2)), ("joined-row-alone", Some(5)), ("joined-row-alone", Some(8))]
    );
    assert!(brought.broken()[0].reason.en.contains("« J004 » differs in its spelling alone"));
    assert_eq!(brought.end.as_ref().expect("read").unattached, 1, "J 009 names nobody at all");
}

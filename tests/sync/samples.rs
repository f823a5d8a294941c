//! The sample of a source with increments says when its records changed, or the folder is not sound.

use crate::office::manifest;
use passerelle::connector::check::{Checking, check_all};
use passerelle::connector::reshape::Runner;
use passerelle::net::{Net, NetSettings};

const SINCE: &str = r#"since = { into = "depuis", from = "modifie", overlap = "PT5M", full-every = "PT6H" }"#;

async fn problems(record: &str) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("famille/desk");
    std::fs::create_dir_all(&folder).unwrap();
    let driver = format!("kind = \"http-json\"\nbase = \"https://desk.example/\"\nurl = \"liste\"\n{SINCE}");
    std::fs::write(folder.join("connector.toml"), manifest(&driver)).unwrap();
    std::fs::write(folder.join("sample.json"), format!("[{record}]")).unwrap();
    let net = Net::new(NetSettings::default()).unwrap();
    check_all(root.path(), &[], &Checking { net: &net, runner: Runner::default(), update: true })
        .await
        .unwrap()
        .remove(0)
        .problems
}

#[tokio::test]
async fn a_sample_says_when_its_records_changed() {
    let record = |at: &str| format!(r#"{{"id": 1, "titre": "Square", "montant": "100", "modifie": "{at}"}}"#);
    assert_eq!(problems(&record("2026-03-01T08:00:00+01:00")).await, Vec::<String>::new());
    let found = problems(&record("2026-03-01")).await;
    assert!(found.len() == 1 && found[0].contains("`modifie`"), "{found:?}");
}

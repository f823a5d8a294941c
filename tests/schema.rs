//! What others rely on is a golden file: the exported schemas are those of the code.

use std::process::Command;

#[test]
fn the_exported_schemas_are_those_of_the_code() {
    let output = Command::new(env!("CARGO_BIN_EXE_passerelle"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["schema", "export", "--check"])
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_drifted_file_is_seen() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .current_dir(directory.path())
            .args(arguments)
            .output()
            .expect("the program runs")
    };
    assert!(run(&["schema", "export"]).status.success());
    assert!(run(&["schema", "export", "--check"]).status.success());
    let sdl = directory.path().join("schema/passerelle.graphql");
    let text = std::fs::read_to_string(&sdl).expect("exported");
    assert!(text.contains("type Query"), "the SDL holds the query type");
    std::fs::write(&sdl, text.replacen("type Query", "type Quer", 1)).expect("written");
    assert_eq!(run(&["schema", "export", "--check"]).status.code(), Some(3));
}

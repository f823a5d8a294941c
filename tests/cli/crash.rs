//! A run that is killed: the ledger does not know of it, and nothing of it is in the way of the next one.

use super::program::{Program, counts, grant};
use std::io::{Read, Write};
use std::net::TcpListener;

/// A source that stops talking in the middle of its answer; it says when it has.
fn silent_source() -> (String, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/grants.csv", listener.local_addr().unwrap());
    let (said, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept() {
            let mut head = [0; 4_096];
            let _ = connection.read(&mut head);
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 9\r\n\r\nhalf");
            open.push(connection);
            let _ = said.send(());
        }
    });
    (url, asked)
}

#[test]
fn a_run_that_is_killed_leaves_the_ledger_as_it_was_and_the_next_one_works() {
    let program = Program::new();
    let grants: Vec<String> = (0..3).map(|rank| grant(&format!("2025-{rank}"), "2025-03-01", "30000.00")).collect();
    let two = program.scdl("two.csv", &grants[..2]);
    program.sync(&two);
    let before = program.json(&["ledger", "verify"]);
    let spools = || std::fs::read_dir(program.path("state/workroom/spool")).unwrap().count();
    assert_eq!(spools(), 0);

    let (url, asked) = silent_source();
    let mut run = program.start(&["sync", "region-droit-commun", "--from", &url]);
    asked.recv().unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(spools(), 1, "what the run had begun to stage");

    assert_eq!(program.json(&["ledger", "verify"]), before);
    let next = program.sync(&program.scdl("three.csv", &grants));
    assert_eq!(counts(&next), [3, 1, 0, 2, 0, 0, 0], "{next}");
    assert_eq!(spools(), 0, "nothing is left of the run that was killed");
}

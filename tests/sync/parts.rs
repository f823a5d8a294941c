//! A sum granted to several, each on a row of its own: it counts once, from the file to the plan.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::SyncOutcome;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const PART: &str = "part = { share = { from = \"part\", as = \"share\" }, of = \"decision\" }\n";

fn file(body: &'static str) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body).into_response()
}

/// Reads the file, and gives each sum with whether it is in doubt, by title.
async fn read(office: &Office, body: &'static str) -> Vec<(String, Option<i64>, bool)> {
    office.answer(file(body));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.sums()
}

fn sum(title: &str, euros: i64, doubt: bool) -> (String, Option<i64>, bool) {
    (title.to_owned(), Some(euros * 100), doubt)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_later_of_the_same_decision_settles_what_was_in_doubt() {
    let told = format!("{}{PART}", manifest(CSV));
    let office = Office::open(&told, file("")).await;
    let alone = "id;titre;montant;decision;part\n1;Square;100;D1;0.45\n";
    assert_eq!(read(&office, alone).await, [sum("Square", 100, true)], "one row does not tell what the amount is");
    let both = "id;titre;montant;decision;part\n1;Square;100;D1;0.45\n2;Halle;100;D1;0.55\n3;Port;7;D1;1\n";
    assert_eq!(
        read(&office, both).await,
        [sum("Halle", 55, false), sum("Port", 7, false), sum("Square", 45, false)],
        "100 euros in all, whoever reads them twice"
    );
    assert_eq!(office.warned("part-of-shared-sum"), ["1", "2"], "what is shown is not what the row states: it says so");
    let mended = "id;titre;montant;decision;part\n1;Square;45;D1;0.45\n2;Halle;55;D1;0.55\n3;Port;7;D1;1\n";
    assert_eq!(read(&office, mended).await, [sum("Halle", 55, false), sum("Port", 7, false), sum("Square", 45, false)]);
    let unreadable = "id;titre;montant;decision;part\n1;Square;45;D1;moitié\n2;Halle;55;D1;0.55\n3;Port;7;D1;1\n";
    assert_eq!(
        read(&office, unreadable).await,
        [sum("Halle", 55, true), sum("Port", 7, false), sum("Square", 45, true)],
        "a share that cannot be read may be any"
    );
    office.verify().await;
}

/// Without the column of shares a sum repeated on two rows would count twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_without_the_column_of_shares_is_held() {
    let told = format!("{}{PART}", manifest(CSV));
    let both = "id;titre;montant;decision;part\n1;Square;100;D1;0.45\n2;Halle;100;D1;0.55\n";
    let office = Office::open(&told, file(both)).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.answer(file("id;titre;montant;decision\n1;Square;100;D1\n2;Halle;100;D1\n"));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert!(run.message.as_ref().is_some_and(|said| said.fr.contains("« part »")), "{run:?}");
    assert_eq!(office.sums(), [sum("Halle", 55, false), sum("Square", 45, false)]);
}

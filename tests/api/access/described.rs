//! What is public of a project is described by the records of which something is public, and by no other.

use super::world::{CONTRATS, ELSEWHERE, HERE, REGION, append_all, source, sum, tables};
use crate::app::TestApp;
use crate::region::Load;
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

/// One project of both: a vote that says nothing of it, and an application that says everything.
const BOTH: &str = "p0000000000000031";
/// A vote that describes its project, and an application for another; the Region says later that they are one.
const VOTED: &str = "p0000000000000032";
const ASKED: &str = "p0000000000000033";
const MARK: &str = "dossier-cache";

const SEEN: &str = "id title holder { id name } objectives quartiers { code } epcis { siren } contratsDeVille { id }
    startsOn endsOn year renews { id } commitments { amount funder { name } }";

async fn fill(ledger: &Ledger) {
    let vote = |project: Option<Value>| {
        let sums = vec![sum(&format!("siren:{REGION}"), ("ATTRIBUE", "INVESTISSEMENT"), "1000.10")];
        match project {
            Some(project) => json!({"project": project, "statements": sums}),
            None => json!({"statements": sums}),
        }
    };
    let application = |key: &str| {
        let about = json!({"title": format!("{MARK} {key}"), "holder": format!("siren:{HERE}"), "objectives": ["TRANSITION"],
            "places": {"quartiers": ["QN06201M"]}, "starts_on": "2026-02-03", "ends_on": "2027-04-05", "year": 2026,
            "references": [{"scheme": "dossier", "value": format!("{MARK} {key}")}],
            "budget": {"investissement": "9999.99", "tax_basis": "HT"}});
        let asked = vec![sum("financeur:etat-59", ("SOLLICITE", "FONCTIONNEMENT"), "77.00")];
        let names = json!([{"id": format!("siren:{REGION}"), "name": format!("Région {MARK}")}]);
        json!({"project": about, "statements": asked, "organisations": names})
    };
    let described = json!({"title": "Jardin", "holder": format!("siren:{ELSEWHERE}"), "objectives": ["CADRE_DE_VIE"],
        "places": {"quartiers": ["QN05972M"]}});
    let region = Load {
        source: source("region", "publication", &[&format!("siren:{REGION}")]),
        day: 2,
        records: vec![("vote-nu", Some(BOTH), vote(None)), ("vote-dit", Some(VOTED), vote(Some(described)))],
        unchanged: 0,
        rejected: Vec::new(),
    };
    let applications = Load {
        source: source("dossiers", "system-of-record", &[]),
        day: 3,
        records: vec![("a", Some(BOTH), application("a")), ("b", Some(ASKED), application("b"))],
        unchanged: 0,
        rejected: Vec::new(),
    };
    append_all(ledger, [tables(), region, applications]).await;
}

async fn gateway() -> TestApp {
    let app = TestApp::start_over(fill).await;
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    let say = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"une opération\") { id } }";
    app.ask_with(say, json!({"projects": [VOTED, ASKED]}), Some(&region)).await.data();
    app
}

async fn seen(app: &TestApp, id: &str, token: Option<&str>) -> Value {
    let document = format!("{{ project(id: \"{id}\") {{ {SEEN} }} }}");
    app.ask_with(&document, json!({}), token).await.data()["project"].clone()
}

#[tokio::test]
async fn the_public_and_a_partner_without_a_part_are_told_nothing_that_only_a_hidden_record_says() {
    let app = gateway().await;
    let stranger = app.token_of(Role::Partner, Some("215903501"), &[]);
    for token in [None, Some(stranger.as_str())] {
        let bare = seen(&app, BOTH, token).await;
        assert_eq!(bare["title"], "", "{bare:#}");
        for none in ["holder", "startsOn", "endsOn", "year", "renews"] {
            assert_eq!(bare[none], Value::Null, "{none}: {bare:#}");
        }
        for empty in ["objectives", "quartiers", "epcis", "contratsDeVille"] {
            assert_eq!(bare[empty], json!([]), "{empty}: {bare:#}");
        }
        assert_eq!(bare["commitments"][0]["amount"], "1000.10");

        let joined = seen(&app, VOTED, token).await;
        assert_eq!(
            (&joined["title"], &joined["holder"]["id"]),
            (&json!("Jardin"), &json!(format!("siren:{ELSEWHERE}")))
        );
        assert_eq!(joined["quartiers"], json!([{"code": "QN05972M"}]));
        assert_eq!(joined["contratsDeVille"], json!([{"id": CONTRATS[0]}]));
        assert_eq!((&joined["startsOn"], &joined["objectives"]), (&Value::Null, &json!(["CADRE_DE_VIE"])));

        let listed = "{ found: projects(filter: {search: \"dossier cache\"}) { totalCount }
            there: projects(filter: {quartier: [\"QN06201M\"]}) { totalCount }
            held: organisation(siren: \"200093201\") { projects { totalCount } }
            filed: projects(filter: {objective: [TRANSITION]}) { totalCount }
            totals(by: [QUARTIER]) { key { value } amount } }";
        let listed = app.ask_with(listed, json!({}), token).await.data().clone();
        for name in ["found", "there", "filed"] {
            assert_eq!(listed[name]["totalCount"], 0, "{name}: {listed:#}");
        }
        assert_eq!(listed["held"]["projects"]["totalCount"].as_i64().unwrap_or(0), 0, "{listed:#}");
        let rows = listed["totals"].as_array().expect("rows");
        let codes: Vec<_> = rows.iter().map(|row| row["key"][0]["value"].as_str()).collect();
        assert_eq!(codes, [Some("QN05972M"), None], "{listed:#}");
        let request = app.client().get(app.url("/lists/projects.csv"));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let text = request.send().await.expect("an answer").text().await.expect("a text");
        assert!(text.contains(BOTH) && !text.contains(MARK) && !text.contains(CONTRATS[1]), "{text}");
        assert!(!format!("{bare}{joined}").contains(MARK), "{bare:#} {joined:#}");
    }
}

#[tokio::test]
async fn whoever_has_a_part_sees_what_all_records_say() {
    let app = gateway().await;
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    let holder = app.token_of(Role::Partner, Some(HERE), &[]);
    for token in [region, holder] {
        let both = seen(&app, BOTH, Some(&token)).await;
        assert!(both["title"].as_str().is_some_and(|title| title.contains(MARK)), "{both:#}");
        assert_eq!(both["holder"]["id"], format!("siren:{HERE}"));
        let joined = seen(&app, VOTED, Some(&token)).await;
        assert_eq!(joined["quartiers"], json!([{"code": "QN05972M"}, {"code": "QN06201M"}]));
        for whole in [both, joined] {
            assert_eq!((&whole["startsOn"], &whole["year"]), (&json!("2026-02-03"), &json!(2026)), "{whole:#}");
        }
    }
}

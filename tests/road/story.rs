//! A committee's meeting (docs/committee.md) on the demo region, by GraphQL alone: tokens as the README makes them, an attestation that
//! the program verifies with nothing but the file of public keys.

use super::demo::{Demo, program};
use serde_json::{Value, json};

const REGION: &str = "siren:200053742";
const CHECK: &str = "query($id: ID!) { project(id: $id) {
    fundingPlan { version lines { funder { id } nature state } }
    check { ready knowledge findings { rule severity message } explain(lang: EN) } } }";

/// One project, as its committee sees it.
struct Meeting {
    demo: Demo,
    project: Value,
}

impl Meeting {
    /// The first project whose only gaps are two funders or more, each a legal person whom an application names and who said nothing.
    async fn called() -> (Meeting, Vec<(String, String)>) {
        const PAGE: &str =
            "query($after: String) { projects(first: 50, after: $after, filter: {knowledge: [INCOMPLETE]}) {
            pageInfo { hasNextPage endCursor }
            nodes { id fundingPlan { lines { funder { id } nature state } } check { findings { rule severity } } } } }";
        let demo = Demo::start(&["--seed", "7", "--projects", "120"]);
        let mut after = Value::Null;
        loop {
            let page = demo.see(PAGE, json!({ "after": after })).await["projects"].clone();
            for node in page["nodes"].as_array().unwrap() {
                if let Some(gaps) = gaps(node) {
                    let project = node["id"].clone();
                    return (Meeting { demo, project }, gaps);
                }
            }
            assert_eq!(page["pageInfo"]["hasNextPage"], true, "the demo has a project for a committee");
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    async fn check(&self) -> Value {
        self.demo.see(CHECK, json!({"id": self.project})).await["project"].clone()
    }

    /// Asks as a partner, or as the Région.
    async fn says(&self, funder: &str, document: &str, variables: Value) -> Value {
        let role = if funder == REGION { "REGION" } else { "PARTNER" };
        let token = self.demo.token_of(role, funder.strip_prefix("siren:"));
        self.demo.query(document, variables, Some(&token)).await
    }

    async fn acknowledges(&self, funder: &str, version: &Value) {
        let document = "mutation($p: ID!, $v: String!) { acknowledgePlan(project: $p, planVersion: $v) { id } }";
        self.says(funder, document, json!({"p": self.project, "v": version})).await;
    }
}

/// The funders and natures that are awaited, where nothing else stands in the way.
fn gaps(project: &Value) -> Option<Vec<(String, String)>> {
    let lines = project["fundingPlan"]["lines"].as_array().unwrap();
    let open: Vec<&Value> =
        lines.iter().filter(|line| line["state"] != "KNOWN" && line["state"] != "NOTHING").collect();
    let voted = lines.iter().any(|line| line["funder"]["id"] == REGION && line["state"] == "KNOWN");
    let findings = project["check"]["findings"].as_array().unwrap();
    let blocking = findings.iter().filter(|one| one["severity"] == "BLOCKING");
    let only_means =
        blocking.into_iter().all(|one| one["rule"] == "MEANS-REPORTED" || one["rule"] == "MEANS-NOT-SHARED");
    let gap = |line: &Value| Some((line["funder"]["id"].as_str()?.to_owned(), line["nature"].as_str()?.to_owned()));
    let gaps = open.into_iter().map(gap).collect::<Option<Vec<_>>>()?;
    let legal_persons = gaps.iter().all(|(funder, _)| funder.starts_with("siren:") && funder != REGION);
    (voted && only_means && legal_persons && gaps.len() >= 2).then_some(gaps)
}

fn verdict(project: &Value) -> (&str, bool) {
    (project["check"]["knowledge"].as_str().unwrap(), project["check"]["ready"].as_bool().unwrap())
}

fn has(project: &Value, rule: &str) -> bool {
    project["check"]["findings"].as_array().unwrap().iter().any(|one| one["rule"] == rule)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_committee_meets_on_the_demo() {
    let (meeting, gaps) = Meeting::called().await;
    let (payer, nature) = gaps[0].clone();
    assert_eq!(verdict(&meeting.check().await), ("INCOMPLETE", false));

    // All but one declare nothing, the last one a sum.
    let nothing = "mutation($i: DeclareNothingInput!) { declareNothing(input: $i) { id } }";
    for (funder, nature) in &gaps[1..] {
        meeting.says(funder, nothing, json!({"i": {"project": meeting.project, "nature": nature}})).await;
    }
    let left = meeting.check().await;
    assert_eq!(verdict(&left), ("INCOMPLETE", false), "one has not spoken yet");
    let declare = "mutation($i: DeclareCommitmentInput!) { declareCommitment(input: $i) { id } }";
    let sum = json!({"project": meeting.project, "nature": nature, "stage": "ATTRIBUE", "amount": "1500.00"});
    let declared = meeting.says(&payer, declare, json!({ "i": sum })).await["declareCommitment"]["id"].clone();
    let known = meeting.check().await;
    assert_eq!(verdict(&known), ("KNOWN_NOT_SHARED", false), "{known:#}");

    // It acknowledges the plan; the plan changes, and the acknowledgement lapses.
    meeting.acknowledges(&payer, &known["fundingPlan"]["version"]).await;
    assert_eq!(meeting.check().await["check"]["knowledge"], "KNOWN_AND_SHARED");
    let amend = "mutation($id: ID!, $i: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $i) { id } }";
    let other = json!({"id": declared, "i": {"amount": "1800.00", "reason": "Revu en comité"}});
    meeting.says(&payer, amend, other).await;
    let lapsed = meeting.check().await;
    assert_eq!(verdict(&lapsed), ("KNOWN_NOT_SHARED", false));
    assert!(has(&lapsed, "PLAN-CHANGED") && has(&lapsed, "MEANS-NOT-SHARED"), "{lapsed:#}");

    // All acknowledge: ready, and the Région attests it.
    meeting.acknowledges(&payer, &lapsed["fundingPlan"]["version"]).await;
    let ready = meeting.check().await;
    assert_eq!(verdict(&ready), ("KNOWN_AND_SHARED", true), "{ready:#}");
    assert!(ready["check"]["explain"].as_str().unwrap().contains("EUR 1,800.00 (voted)"), "{ready:#}");
    let issue = "mutation($id: ID!) { issueAttestation(project: $id) { jws issuedAt } }";
    let issued = meeting.says(REGION, issue, json!({"id": meeting.project})).await["issueAttestation"].clone();
    verified_offline(&meeting, issued["jws"].as_str().unwrap()).await;

    // Later the payer takes its word back. The past stays what it was.
    let withdraw = "mutation($id: ID!) { withdrawDeclaration(id: $id, reason: \"Abandon\") { id } }";
    meeting.says(&payer, withdraw, json!({"id": declared})).await;
    assert_eq!(meeting.check().await["check"]["ready"], false);
    let changed =
        meeting.demo.see("{ projects(filter: {attestedButChanged: true}) { nodes { id } } }", json!({})).await;
    assert_eq!(changed["projects"]["nodes"], json!([{"id": meeting.project}]));
    let then =
        "query($id: ID!, $at: DateTime!) { asOf(instant: $at) { project(id: $id) { check { ready knowledge } } } }";
    let then = meeting.demo.see(then, json!({"id": meeting.project, "at": issued["issuedAt"]})).await;
    assert_eq!(then["asOf"]["project"]["check"], json!({"ready": true, "knowledge": "KNOWN_AND_SHARED"}));
}

/// The program verifies the attestation of the meeting with two files and no gateway; one other byte, and it does not.
async fn verified_offline(meeting: &Meeting, jws: &str) {
    let directory = tempfile::tempdir().unwrap();
    let (sound, altered, keys) =
        (directory.path().join("a.jws"), directory.path().join("b.jws"), directory.path().join("jwks.json"));
    let url = meeting.demo.url("/.well-known/jwks.json");
    std::fs::write(&keys, reqwest::get(url).await.unwrap().bytes().await.unwrap()).unwrap();
    std::fs::write(&sound, jws).unwrap();
    // A byte within the payload.
    let mut bytes = jws.as_bytes().to_vec();
    let at = jws.find('.').unwrap() + 40;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(&altered, bytes).unwrap();
    let verify = |file: &std::path::Path| {
        let arguments = ["attestation", "verify"].map(std::ffi::OsStr::new);
        program().args(arguments).arg(file).arg("--jwks").arg(&keys).output().unwrap()
    };
    let told = verify(&sound);
    let words = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success() && words.contains(meeting.project.as_str().unwrap()), "{words}");
    assert!(!verify(&altered).status.success(), "a changed byte is found");
}

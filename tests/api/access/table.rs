//! Each row of docs/access.md, for each role, here and elsewhere, in each form of the question.

use super::world::{ANRU, CONTRATS, ELSEWHERE, HERE, KEPT, PERSON, PRIVATE, PROJECTS, REGION, TARGETS};
use super::{Asker, Form, askers, gateway};
use passerelle::identity::Role;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a row of the page says, by role.
fn rows(heading: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/access.md")).expect("the page");
    let lines = page.lines().skip_while(|line| !line.starts_with(heading)).take_while(|line| line.starts_with('|'));
    let cells =
        |line: &str| -> Vec<String> { line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect() };
    let mut lines = lines.map(cells);
    let roles = lines.next().expect("a heading");
    lines
        .skip(1)
        .map(|row| (row[0].clone(), roles[1..].iter().cloned().zip(row[1..].iter().cloned()).collect()))
        .collect()
}

/// How to look for what a row speaks of, in one territory: the fields to ask for, and whether the answer shows it.
struct Probe {
    row: &'static str,
    fields: fn(usize) -> String,
    shows: fn(&Value, usize) -> bool,
}

fn voted(at: usize, fields: &str) -> String {
    format!("project(id: \"{}\") {{ {fields} }}", PROJECTS[at][0])
}

fn there(data: &Value, path: &str) -> bool {
    data.pointer(path).is_some_and(|value| !value.is_null())
}

fn holds(data: &Value, text: &str) -> bool {
    data.to_string().contains(text)
}

fn raw_of(data: &Value, source: &str) -> bool {
    told_of(data, source, "raw")
}

fn placed_of(data: &Value, source: &str) -> bool {
    told_of(data, source, "location")
}

fn told_of(data: &Value, source: &str, field: &str) -> bool {
    let records = data.pointer("/project/records").and_then(Value::as_array);
    records.into_iter().flatten().any(|record| record["source"]["id"] == source && !record[field].is_null())
}

const PROBES: &[Probe] = &[
    Probe {
        row: "sums that a funder itself voted, contracted, paid; that they were given up",
        fields: |at| voted(at, "commitments { stage amount }"),
        shows: |data, at| holds(data, ["1000.10", "2000.20"][at]),
    },
    Probe {
        row: "sums asked, intended or proposed",
        fields: |at| voted(at, "commitments { stage amount statements { amount } }"),
        shows: |data, at| holds(data, PRIVATE[at][0]),
    },
    Probe {
        row: "sums that only others report",
        fields: |at| format!("commitments(filter: {{contrat: [\"{}\"]}}) {{ nodes {{ amount }} }}", CONTRATS[at]),
        shows: |data, at| holds(data, PRIVATE[at][1]),
    },
    Probe {
        row: "sums that their funder keeps from others until a day (embargo)",
        fields: |at| voted(at, "commitments { amount statements { amount } } fundingPlan { lines { amount } }"),
        shows: |data, at| holds(data, KEPT[at]),
    },
    Probe {
        row: "that such a sum stands there (`withheld`)",
        fields: |at| voted(at, "commitments { funder { id } stage withheld }"),
        shows: |data, _| holds(data, ANRU),
    },
    Probe {
        row: "the total cost of a project",
        fields: |at| voted(at, "fundingPlan { budget { total } }"),
        shows: |data, at| holds(data, PRIVATE[at][2]),
    },
    Probe {
        row: "projects of which no funder voted anything",
        fields: |at| format!("project(id: \"{}\") {{ title }}", PROJECTS[at][1]),
        shows: |data, at| holds(data, PRIVATE[at][4]),
    },
    Probe {
        row: "projects of which no funder voted anything",
        fields: |at| format!("projects(filter: {{search: \"{}\"}}) {{ totalCount }}", PRIVATE[at][4]),
        shows: |data, _| data["projects"]["totalCount"] == 1,
    },
    Probe {
        row: "Project.fundingPlan",
        fields: |at| voted(at, "fundingPlan { version }"),
        shows: |data, _| there(data, "/project/fundingPlan/version"),
    },
    Probe {
        row: "Project.check",
        fields: |at| voted(at, "check { ready knowledge }"),
        shows: |data, _| there(data, "/project/check/ready"),
    },
    Probe {
        row: "Project.acts",
        fields: |at| voted(at, "acts { text }"),
        shows: |data, _| there(data, "/project/acts/0"),
    },
    Probe {
        row: "Project.history",
        fields: |at| voted(at, "history { totalCount }"),
        shows: |data, _| there(data, "/project/history/totalCount"),
    },
    Probe {
        row: "target envelopes, their transfers, what is seen to be consumed of them",
        fields: |at| format!("epci(siren: \"{}\") {{ envelopes {{ target consumed }} }}", [HERE, ELSEWHERE][at]),
        shows: |data, at| holds(data, TARGETS[at]) && there(data, "/epci/envelopes/0/consumed"),
    },
    Probe {
        row: "target envelopes, their transfers, what is seen to be consumed of them",
        fields: |_| "envelopes { totalCount }".to_owned(),
        shows: |data, _| data["envelopes"]["totalCount"] == 2,
    },
    Probe {
        row: "Envelope.remaining, remainingAtMost",
        fields: |at| {
            format!("epci(siren: \"{}\") {{ envelopes {{ remaining remainingAtMost }} }}", [HERE, ELSEWHERE][at])
        },
        shows: |data, _| there(data, "/epci/envelopes/0/remaining") || there(data, "/epci/envelopes/0/remainingAtMost"),
    },
    Probe {
        row: "Project.links",
        fields: |at| voted(at, "links { from }"),
        shows: |data, _| there(data, "/project/links"),
    },
    Probe {
        row: "Query.auditTrail",
        fields: |at| format!("auditTrail(project: \"{}\") {{ totalCount }}", PROJECTS[at][0]),
        shows: |data, _| there(data, "/auditTrail"),
    },
    Probe {
        row: "Query.matchCandidates, matchProposals",
        fields: |at| {
            format!("matchCandidates(project: \"{}\") {{ score }} matchProposals {{ totalCount }}", PROJECTS[at][0])
        },
        shows: |data, _| there(data, "/matchCandidates") || there(data, "/matchProposals"),
    },
    Probe {
        row: "whether another project is perhaps this one (rule MATCH-PENDING of a check)",
        fields: |at| format!("project(id: \"{}\") {{ check {{ rules {{ rule }} }} }}", PROJECTS[at][0]),
        shows: |data, _| holds(data, "MATCH-PENDING"),
    },
    Probe {
        row: "projects(filter: {knowledge, attestedButChanged})",
        fields: |at| {
            format!("projects(filter: {{contrat: [\"{}\"], knowledge: [INCOMPLETE]}}) {{ totalCount }}", CONTRATS[at])
        },
        shows: |data, _| data.pointer("/projects/totalCount").and_then(Value::as_u64).is_some_and(|count| count > 0),
    },
    Probe {
        row: "Organisation.awaited",
        fields: |_| "organisation(id: \"financeur:etat-59\") { awaited { project { id } } }".to_owned(),
        shows: |data, at| holds(data, PROJECTS[at][0]),
    },
    Probe {
        row: "Organisation.deMinimis",
        fields: |_| format!("organisation(siren: \"{REGION}\") {{ deMinimis {{ known }} }}"),
        shows: |data, _| there(data, "/organisation/deMinimis"),
    },
    Probe {
        row: "ContratDeVille.conditions",
        fields: |at| format!("contratDeVille(id: \"{}\") {{ conditions {{ met evidence }} }}", CONTRATS[at]),
        shows: |data, at| holds(data, ["avis-ici", "avis-ailleurs"][at]) && holds(data, "true"),
    },
    Probe {
        row: "Record.hash",
        fields: |at| voted(at, "records { hash }"),
        shows: |data, _| there(data, "/project/records/0/hash"),
    },
    Probe {
        row: "Record.warnings",
        fields: |at| voted(at, "records { warnings { code } }"),
        shows: |data, _| there(data, "/project/records/0/warnings"),
    },
    Probe {
        row: "Record.location",
        fields: |at| voted(at, "records { source { id } location }"),
        shows: |data, _| placed_of(data, "dossiers"),
    },
    Probe {
        row: "Record.raw",
        fields: |at| voted(at, "records { source { id } raw }"),
        shows: |data, _| raw_of(data, "dossiers"),
    },
    Probe {
        row: "the name of a natural person",
        fields: |at| voted(at, "title holder { id name } records { source { id } key }"),
        shows: |data, _| holds(data, PERSON),
    },
];

/// Does the page say that this asker sees it there? A source that speaks for nobody who asks is nobody's own.
fn expected(word: &str, asker: &Asker, at: usize) -> bool {
    match word {
        "all" => true,
        "part" => asker.part[at],
        "own" | "none" => false,
        other => panic!("« {other} » is no word of the page"),
    }
}

#[tokio::test]
async fn every_row_for_every_role_here_and_elsewhere() {
    let app = gateway().await;
    let rows = rows("| what |");
    let (mut cases, mut wrong) = (0, Vec::new());
    for probe in PROBES {
        let row = rows.get(probe.row).unwrap_or_else(|| panic!("{} is no row of the page", probe.row));
        for asker in askers(&app) {
            for (at, form) in [0, 1].into_iter().flat_map(|at| Form::ALL.map(|form| (at, form))) {
                let (_, data) = form.ask(&app, &(probe.fields)(at), asker.token.as_deref()).await;
                let (shows, word) = ((probe.shows)(&data, at), &row[asker.role.as_str()]);
                cases += 1;
                if shows != expected(word, &asker, at) {
                    let place = ["here", "elsewhere"][at];
                    wrong.push(format!(
                        "{} {:?} {form:?} {place}: {}: {word}, {data}",
                        asker.role, asker.part, probe.row
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 500, "{cases} cases");
    let unheld: Vec<_> = rows.keys().filter(|row| !PROBES.iter().any(|probe| probe.row == row.as_str())).collect();
    assert_eq!(unheld, ["Source.rejections"], "held below");
}

#[tokio::test]
async fn raw_records_and_rejections_are_for_their_owner() {
    let app = gateway().await;
    let rows = rows("| what |");
    for asker in askers(&app) {
        let is_owner = asker.role == Role::Region;
        let sees = |row: &str| match rows[row][asker.role.as_str()].as_str() {
            "all" => true,
            "own" => is_owner,
            _ => false,
        };
        for form in Form::ALL {
            let fields = voted(0, "records { source { id } raw }");
            let (_, data) = form.ask(&app, &fields, asker.token.as_deref()).await;
            assert_eq!(raw_of(&data, "region"), sees("Record.raw"), "{} {form:?}", asker.role);
            let fields = voted(0, "records { source { id } location }");
            let (_, data) = form.ask(&app, &fields, asker.token.as_deref()).await;
            assert_eq!(placed_of(&data, "region"), sees("Record.location"), "{} {form:?}", asker.role);
            let fields = "source(id: \"region\") { rejected rejections { totalCount } }";
            let (_, data) = form.ask(&app, fields, asker.token.as_deref()).await;
            assert_eq!(there(&data, "/source/rejections"), sees("Source.rejections"), "{} {form:?}", asker.role);
        }
    }
}

/// Each mutation, as somebody would say it of the voted project here.
fn acts() -> Vec<String> {
    let [project, contrat] = [PROJECTS[0][0], CONTRATS[0]];
    let plan = "00".repeat(32);
    vec![
        format!(
            "declareCommitment(input: {{project: \"{project}\", nature: INVESTISSEMENT, stage: ATTRIBUE, amount: \"5.00\"}}) {{ id }}"
        ),
        format!("declareNothing(input: {{project: \"{project}\", nature: INVESTISSEMENT}}) {{ id }}"),
        format!("acknowledgePlan(project: \"{project}\", planVersion: \"{plan}\") {{ id }}"),
        format!("recordOpinion(input: {{project: \"{project}\", rule: \"EMP-1\", favourable: true}}) {{ id }}"),
        format!(
            "recordMinutes(input: {{contrat: \"{contrat}\", heldOn: \"2026-03-01\", reference: \"1\", present: [\"siren:{HERE}\"], plans: []}}) {{ id }}"
        ),
        format!("shareSmallGrants(contrat: \"{contrat}\", dispositif: \"PIC\", year: 2026, reference: \"1\") {{ id }}"),
        format!(
            "recordDerogation(input: {{project: \"{project}\", rule: \"OWN-SHARE\", authority: \"financeur:etat-59\", reference: \"1\", givenOn: \"2026-03-01\"}}) {{ id }}"
        ),
        format!("classifyProject(project: \"{project}\", action: \"EMP-1\", reason: \"r\") {{ id }}"),
        format!("admitFunder(project: \"{project}\", funder: \"siren:{ELSEWHERE}\", reason: \"r\") {{ id }}"),
        format!("linkProjects(projects: [\"{project}\", \"{}\"], reason: \"r\") {{ id }}", PROJECTS[0][1]),
        format!("keepApart(project: \"{project}\", other: \"{}\", reason: \"r\") {{ id }}", PROJECTS[0][1]),
        "unlinkRecord(source: \"region\", key: \"cle-vote-ici\", reason: \"r\") { id }".to_owned(),
        format!("issueAttestation(project: \"{project}\", asStatementOfGaps: true) {{ id }}"),
        format!(
            "recordCondition(input: {{contrat: \"{contrat}\", code: \"C2\", met: true, evidence: \"e\"}}) {{ id }}"
        ),
        "withdrawDeclaration(id: \"d0000000000000000\", reason: \"r\") { id }".to_owned(),
        "takeBack(act: \"a1\", reason: \"r\") { id }".to_owned(),
    ]
}

#[tokio::test]
async fn whoever_says_nothing_changes_nothing() {
    let app = gateway().await;
    let version = app.ask("{ ledger { version } }").await.data()["ledger"]["version"].clone();
    for asker in askers(&app) {
        let mute = matches!(asker.role, Role::Public | Role::Auditor | Role::Admin);
        for act in acts().iter().filter(|_| mute) {
            let answer =
                app.ask_with(&format!("mutation {{ {act} }}"), serde_json::json!({}), asker.token.as_deref()).await;
            assert_eq!(answer.code(), "FORBIDDEN", "{} {act}: {:#}", asker.role, answer.body);
        }
    }
    // A partner with no part in it is told no more of a project than that it has none, if it is not public at all.
    let stranger = app.token_of(Role::Partner, Some(ELSEWHERE), &[]);
    let there = PROJECTS[0][1];
    for act in acts().iter().filter(|act| act.contains("project: \"")) {
        let of_hidden = act.replace(PROJECTS[0][0], there);
        let of_none = act.replace(PROJECTS[0][0], "p00000000000000ff").replace(there, "p00000000000000fe");
        let say = async |act: &str| {
            let answer = app.ask_with(&format!("mutation {{ {act} }}"), serde_json::json!({}), Some(&stranger)).await;
            (
                answer.code().to_owned(),
                answer.body["errors"][0]["message"].to_string().replace(there, "p00000000000000ff"),
            )
        };
        assert_eq!(say(&of_hidden).await, say(&of_none).await, "{act}");
    }
    assert_eq!(app.ask("{ ledger { version } }").await.data()["ledger"]["version"], version);
}

//! Who sees what: docs/access.md row by row, and every field of the schema searched for what is not the viewer's to see.

mod described;
mod expected;
mod identifiers;
mod rejections;
mod sweep;
mod table;
mod volumes;
mod watch;
mod world;

use crate::app::{Answer, TestApp};
use passerelle::identity::Role;
use serde_json::{Value, json};

/// Somebody who asks: role, token, and whether it has a part here and elsewhere.
struct Asker {
    role: Role,
    token: Option<String>,
    part: [bool; 2],
}

/// A gateway over the two territories, with an opinion and a condition in each.
async fn gateway() -> TestApp {
    let app = TestApp::start_over(world::fill).await;
    let region = app.token_of(Role::Region, Some(world::REGION), &[]);
    for (at, place) in ["ici", "ailleurs"].into_iter().enumerate() {
        let opinion = json!({"project": world::PROJECTS[at][0], "rule": "EMP-1", "favourable": true,
            "text": format!("avis-{place}")});
        let said = "mutation($input: OpinionInput!) { recordOpinion(input: $input) { id } }";
        app.ask_with(said, json!({"input": opinion}), Some(&region)).await.data();
        let condition =
            json!({"contrat": world::CONTRATS[at], "code": "C1", "met": true, "evidence": format!("avis-{place}")});
        let said = "mutation($input: ConditionInput!) { recordCondition(input: $input) { id } }";
        app.ask_with(said, json!({"input": condition}), Some(&region)).await.data();
    }
    app
}

fn askers(app: &TestApp) -> Vec<Asker> {
    let asker = |role, token, part| Asker { role, token, part };
    let of = |role, siren, contrats: &[&str]| Some(app.token_of(role, siren, contrats));
    vec![
        asker(Role::Public, None, [false, false]),
        asker(Role::Partner, of(Role::Partner, Some(world::HERE), &[]), [true, false]),
        asker(Role::Partner, of(Role::Partner, Some(world::ELSEWHERE), &[]), [false, true]),
        asker(Role::Committee, of(Role::Committee, Some(world::HERE), &world::CONTRATS[..1]), [true, false]),
        asker(Role::Committee, of(Role::Committee, None, &world::CONTRATS[1..]), [false, true]),
        asker(Role::Region, of(Role::Region, Some(world::REGION), &[]), [true, true]),
        asker(Role::Auditor, of(Role::Auditor, None, &[]), [true, true]),
        asker(Role::Admin, of(Role::Admin, None, &[]), [false, false]),
    ]
}

/// The same question, put in different forms.
#[derive(Debug, Clone, Copy)]
enum Form {
    Plain,
    Fragment,
    AsOf,
    Get,
}

impl Form {
    const ALL: [Form; 4] = [Form::Plain, Form::Fragment, Form::AsOf, Form::Get];

    /// Asks for these fields of the root; the answer, and the root's data.
    async fn ask(self, app: &TestApp, fields: &str, token: Option<&str>) -> (Answer, Value) {
        let document = match self {
            Form::Plain | Form::Get => format!("{{ {fields} }}"),
            Form::Fragment => format!("query {{ first: __typename ...F }} fragment F on Query {{ {fields} }}"),
            Form::AsOf => format!("{{ asOf(version: 9) {{ ... on Query {{ {fields} }} }} }}"),
        };
        let answer = match self {
            Form::Get => {
                let query =
                    url::form_urlencoded::Serializer::new(String::new()).append_pair("query", &document).finish();
                let request = app.client().get(app.url(&format!("/graphql?{query}")));
                app.send(match token {
                    Some(token) => request.bearer_auth(token),
                    None => request,
                })
                .await
            }
            _ => app.ask_with(&document, json!({}), token).await,
        };
        let data = &answer.body["data"];
        let data = if matches!(self, Form::AsOf) { data["asOf"].clone() } else { data.clone() };
        (answer, data)
    }
}

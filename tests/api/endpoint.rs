//! The endpoint over HTTP: media types, methods, statuses, tokens.

use crate::app::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn only_json_is_read() {
    let app = TestApp::start().await;
    let body = json!({"query": "{ ledger { version } }"}).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = app.client().post(app.url("/graphql")).header("content-type", content_type).body(body.clone());
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.code()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{content_type}");
    }
    let post = || app.client().post(app.url("/graphql")).header("content-type", "application/json");
    let batch = app.send(post().body(format!("[{body},{body}]"))).await;
    assert_eq!((batch.status, batch.code()), (400, "BAD_REQUEST"));
    let packed = app.send(post().header("content-encoding", "gzip").body(body.clone())).await;
    assert_eq!(packed.status, 415);
    let html = app.send(post().header("accept", "text/html").body(body)).await;
    assert_eq!((html.status, html.code()), (406, "NOT_ACCEPTABLE"));
}

/// Who writes down what was asked, and who answers, could each take another one.
#[tokio::test]
async fn a_member_that_comes_twice_is_refused() {
    let app = TestApp::start().await;
    for body in [
        r#"{"query":"{ sources { id } }","query":"{ ledger { version } }"}"#,
        r#"{"query":"{ ledger { version } }","variables":{"a":1,"a":2}}"#,
    ] {
        let request = app.client().post(app.url("/graphql")).header("content-type", "application/json").body(body);
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.code()), (400, "BAD_REQUEST"), "{body}");
    }
}

#[tokio::test]
async fn get_reads_and_never_writes() {
    let app = TestApp::start().await;
    let get = |query: &[(&str, &str)]| {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        app.client().get(app.url(&format!("/graphql?{query}")))
    };
    let two = "query A { ledger { version } } query B { sources { id } }";
    let answer = app.send(get(&[("query", two), ("operationName", "B")])).await;
    assert_eq!(answer.data()["sources"].as_array().map(Vec::len), Some(3));
    let answer = app.send(get(&[("query", "mutation { refreshSource(id: 1) { id } }")])).await;
    assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
    let answer = app.send(app.client().put(app.url("/graphql"))).await;
    assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
}

#[tokio::test]
async fn the_media_type_decides_the_status_of_a_refusal() {
    let app = TestApp::start().await;
    for (accept, status) in [("application/json", 200), ("application/graphql-response+json", 400)] {
        for (document, code) in [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")] {
            let request = app.client().post(app.url("/graphql")).header("accept", accept);
            let request = request.header("content-type", "application/json");
            let answer = app.send(request.body(json!({"query": document}).to_string())).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{accept}");
            assert!(answer.content_type.starts_with(accept), "{}", answer.content_type);
            assert!(answer.body.get("data").is_none() && answer.body["extensions"]["ledgerVersion"] == 4);
            assert!(!answer.body.to_string().contains("Did you mean"));
        }
    }
}

#[tokio::test]
async fn a_token_is_verified_and_a_wrong_one_is_no_visitor() {
    let app = TestApp::start().await;
    let document =
        "{ source(id: \"region\") { rejected rejections { totalCount nodes { location field reason record code } } }
        project(id: \"p0000000000000001\") { records { raw } } }";
    let public = app.ask_as_public(document).await;
    assert_eq!(public.data()["source"], json!({"rejected": 1, "rejections": null}));
    assert_eq!(public.data()["project"]["records"][0], json!({"raw": null}));
    let admin = app.ask_with(document, json!({}), Some(&app.auditor())).await;
    let expected = json!({"totalCount": 1, "nodes": [{"location": "subventions.csv, line 7", "field": "montant",
        "reason": "« douze » n'est pas un montant", "code": "amount-unreadable",
        "record": {"dossier": "r9", "montant": "douze"}}]});
    assert_eq!(admin.data()["source"]["rejections"], expected);
    for wrong in ["x", "a.b.c", &format!("{}x", app.auditor())] {
        let answer = app.ask_with("{ ledger { version } }", json!({}), Some(wrong)).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{wrong}");
    }
}

#[tokio::test]
async fn fresher_figures_are_for_those_who_say_who_they_are() {
    let app = TestApp::start().await;
    let plan = |age: &str| {
        format!("{{ project(id: \"p0000000000000001\") {{ fundingPlan(maxAge: \"{age}\") {{ lines {{ state }} }} }} }}")
    };
    let public = app.ask_as_public(&plan("PT15M")).await;
    assert_eq!(public.code(), "FORBIDDEN");
    assert_eq!(public.body["data"]["project"], json!({"fundingPlan": null}), "the rest of the answer stands");
    let token = app.auditor();
    let too_fresh = app.ask_with(&plan("PT59S"), json!({}), Some(&token)).await;
    assert_eq!(too_fresh.code(), "BAD_INPUT");
    let states = |answer: &serde_json::Value| -> Vec<String> {
        let lines = answer["project"]["fundingPlan"]["lines"].as_array().expect("lines").iter();
        lines.map(|line| line["state"].as_str().expect("a state").to_owned()).collect()
    };
    let fresh = app.ask_with(&plan("PT60S"), json!({}), Some(&token)).await;
    assert!(states(fresh.data()).contains(&"STALE".to_owned()), "{:#}", fresh.body);
    let patient = app.ask_with(&plan("P30D"), json!({}), Some(&token)).await;
    assert!(states(patient.data()).contains(&"KNOWN".to_owned()), "{:#}", patient.body);
}

#[tokio::test]
async fn health_figures_and_schema() {
    let app = TestApp::start().await;
    app.ask("{ ledger { version } }").await;
    app.ask("{ nothing }").await;
    let get = |path: &str| app.send(app.client().get(app.url(path)));
    assert_eq!(get("/health/live").await.status, 200);
    assert_eq!(get("/health/ready").await.body, json!({"status": "ready", "ledgerVersion": 4}));
    let figures = get("/metrics").await.body;
    let text = figures.as_str().expect("text");
    for line in [
        "passerelle_operations_total{outcome=\"answered\"} 1",
        "passerelle_operations_total{outcome=\"refused\"} 1",
        "passerelle_ledger_version 4",
        "passerelle_source_records{source=\"region\"} 3",
        "passerelle_source_age_seconds{source=\"reference\"} 864000",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let sdl = get("/schema.graphql").await.body;
    assert_eq!(sdl.as_str(), Some(passerelle::graphql::schema_sdl().as_str()));
    assert_eq!(get("/nowhere").await.status, 404);
}

#[tokio::test]
async fn a_finding_on_a_source_shows_its_example_to_who_sees_rejections() {
    let app = TestApp::start().await;
    let document = "{ source(id: \"region\") { findings { kind field since example message(lang: EN) held } } }";
    let shown = |answer: &Value| answer["source"]["findings"].clone();
    let admin = shown(app.ask_with(document, json!({}), Some(&app.auditor())).await.data());
    let [finding, _] = admin.as_array().expect("a list").as_slice() else { panic!("{admin}") };
    assert_eq!((&finding["kind"], &finding["field"]), (&json!("COLUMN_RETYPED"), &json!("montant")));
    assert_eq!((&finding["example"], &finding["held"]), (&json!("douze"), &json!(false)));
    assert_eq!(finding["message"], "« montant » is now a text");
    let public = shown(app.ask_as_public(document).await.data());
    assert_eq!((&public[0]["kind"], &public[0]["example"]), (&json!("COLUMN_RETYPED"), &Value::Null));
    let since = finding["since"].as_str().expect("an instant");
    let then = format!("{{ asOf(instant: \"{since}\") {} }}", document);
    assert_eq!(shown(&app.ask_as_public(&then).await.data()["asOf"]), public, "what was told then");
}

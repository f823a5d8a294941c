//! Every type and field of the schema, asked for by everybody, and searched for what is not theirs to see.

use super::world::{KEPT, PERSON, PRIVATE, PUBLIC, RAW_OF_OTHERS, RAW_OF_REGION, REJECTED, TARGETS};
use super::{Asker, Form, askers, gateway};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use futures_util::future::join_all;
use passerelle::identity::Role;
use std::collections::{BTreeMap, BTreeSet};

/// A way to each type: the fields of the root that lead to it, `%` where its own stand.
const WAYS: &[(&str, &str)] = &[
    ("Ledger", "ledger { % }"),
    ("Project", "projects { totalCount nodes { % } }"),
    ("Project", "projects(filter: {search: \"intention\"}) { totalCount nodes { % } }"),
    ("Project", "projects(filter: {funder: [\"financeur:etat-59\"]}) { totalCount nodes { % } }"),
    ("Project", "contratsDeVille { projects { totalCount nodes { % } } }"),
    ("Project", "organisation(siren: \"200053742\") { projects { totalCount nodes { % } } }"),
    ("Project", "organisation(id: \"financeur:etat-59\") { projects { totalCount nodes { % } } }"),
    ("Project", "organisation(id: \"person:0011aabb\") { projects { totalCount nodes { % } } }"),
    ("Project", "commitments { nodes { project { % } } }"),
    ("ProjectConnection", "projects { % }"),
    ("ProjectEdge", "projects { edges { % } }"),
    ("PageInfo", "projects { pageInfo { % } }"),
    ("CommitmentConnection", "commitments { % }"),
    ("CommitmentEdge", "commitments { edges { % } }"),
    ("Commitment", "commitments { totalCount nodes { % } }"),
    ("Commitment", "projects { nodes { commitments { % } } }"),
    ("Commitment", "projects { nodes { fundingPlan { lines { commitments { % } } } } }"),
    ("StageAmount", "commitments { nodes { amounts { % } } }"),
    ("Statement", "commitments { nodes { statements { % } } }"),
    ("Statement", "projects { nodes { check { findings { statements { % } } } } }"),
    ("Record", "projects { nodes { records { % } } }"),
    ("Record", "commitments { nodes { statements { record { % } } } }"),
    ("Record", "projects { nodes { check { findings { evidence { % } } } } }"),
    ("FundingPlan", "projects { nodes { fundingPlan { % } } }"),
    ("NatureAmounts", "projects { nodes { fundingPlan { budget { % } balance { % } committed { % } } } }"),
    ("PlanLine", "projects { nodes { fundingPlan { lines { % } } } }"),
    ("Check", "projects { nodes { check { % } } }"),
    ("Finding", "projects { nodes { check { findings { % } } } }"),
    ("RuleOutcome", "projects { nodes { check { rules { % } } } }"),
    ("VerdictReason", "project(id: \"p0000000000000011\") { sinceAttestation { % } }"),
    ("ActOfBody", "projects { nodes { acts { % } } }"),
    ("ProjectChangeConnection", "projects(first: 10) { nodes { history(first: 20) { % } } }"),
    ("ProjectChangeEdge", "projects(first: 10) { nodes { history(first: 20) { edges { % } } } }"),
    ("ProjectChange", "projects(first: 10) { nodes { history(first: 20) { nodes { % } } } }"),
    ("ChangedRecord", "projects(first: 10) { nodes { history(first: 20) { nodes { record { % } } } } }"),
    ("FieldChange", "projects(first: 10) { nodes { history(first: 20) { nodes { fields { % } } } } }"),
    ("StatementChange", "projects(first: 10) { nodes { history(first: 20) { nodes { statements { % } } } } }"),
    (
        "StatedFigures",
        "projects(first: 10) { nodes { history(first: 20) { nodes { statements { before { % } after { % } } } } } }",
    ),
    ("ProjectLink", "projects { nodes { links { % } } }"),
    ("MatchCandidate", "matchCandidates(project: \"p0000000000000011\") { % }"),
    ("MatchProposalConnection", "matchProposals { % }"),
    ("MatchProposalEdge", "matchProposals { edges { % } }"),
    ("MatchProposal", "matchProposals { nodes { % } }"),
    ("AuditConnection", "auditTrail(project: \"p0000000000000011\") { % }"),
    ("AuditEdge", "auditTrail(project: \"p0000000000000011\") { edges { % } }"),
    ("AuditEntry", "auditTrail(project: \"p0000000000000011\") { nodes { % } }"),
    ("MatchTerm", "matchCandidates(project: \"p0000000000000011\") { terms { % } }"),
    ("Organisation", "projects { nodes { holder { % } } }"),
    ("Organisation", "commitments { nodes { funder { % } } }"),
    ("Organisation", "organisation(id: \"financeur:etat-59\") { % }"),
    ("DeMinimis", "organisation(siren: \"200053742\") { deMinimis { % } }"),
    ("AwaitedAnswer", "organisation(id: \"financeur:etat-59\") { awaited { % } }"),
    ("Total", "totals(by: [], filter: {stage: [ENVISAGE, SOLLICITE, PROPOSE, ATTRIBUE, ENGAGE, VERSE, SOLDE]}) { % }"),
    ("Total", "totals(by: [FUNDER, STAGE, CONTRAT]) { % }"),
    ("Total", "totals(by: [SOURCE, NATURE, QUARTIER]) { % }"),
    ("Total", "epci(siren: \"246200364\") { totals(by: [STAGE]) { % } }"),
    ("Total", "contratsDeVille { totals(by: [STAGE, COMMUNE]) { % } }"),
    ("Total", "organisation(siren: \"200053742\") { totals(by: [OBJECTIVE, STAGE]) { % } }"),
    ("Total", "dispositifs { totals(by: [STAGE]) { % } }"),
    ("DimensionValue", "totals(by: [FUNDER, STAGE, EPCI, YEAR]) { key { % } }"),
    ("Quartier", "contratsDeVille { quartiers { % } }"),
    ("QuartierCrosswalk", "contratsDeVille { quartiers { crosswalks { % } } }"),
    ("RecordWarning", "projects { nodes { records { warnings { % } } } }"),
    ("Commune", "contratsDeVille { quartiers { communes { % } } }"),
    ("Epci", "contratsDeVille { quartiers { epcis { % } } }"),
    ("ContratDeVille", "contratsDeVille { % }"),
    ("ContractCondition", "contratsDeVille { conditions { % } }"),
    ("Dispositif", "dispositifs { % }"),
    ("EnvelopeConnection", "envelopes { % }"),
    ("EnvelopeEdge", "envelopes { edges { % } }"),
    ("Envelope", "envelopes { nodes { % } }"),
    ("Envelope", "epci(siren: \"200093201\") { envelopes { % } }"),
    ("Envelope", "dispositifs { envelopes { % } }"),
    ("EnvelopeTransfer", "envelopes { nodes { transfers { % } } }"),
    ("EnvelopeWarning", "envelopes { nodes { warnings { % } } }"),
    ("Action", "actions { % }"),
    (
        "Eligibility",
        "eligibility(action: \"CUL-4\", holder: \"215903501\", place: \"QN05972M\", nature: FONCTIONNEMENT) { % }",
    ),
    (
        "CreditStanding",
        "eligibility(action: \"CUL-4\", holder: \"215903501\", place: \"QN05972M\", nature: FONCTIONNEMENT) { credits { % } }",
    ),
    (
        "EligibilityReason",
        "eligibility(action: \"CUL-4\", holder: \"215903501\", place: \"QN05972M\", nature: FONCTIONNEMENT) { opinionsNeeded { % } credits { reasons { % } } }",
    ),
    ("Source", "sources { % }"),
    ("SyncRun", "sources { lastRun { % } lastSuccess { % } }"),
    ("SourceFinding", "sources { findings { % } }"),
    ("RejectionConnection", "sources { rejections { % } }"),
    ("RejectionEdge", "sources { rejections { edges { % } } }"),
    ("Rejection", "sources { rejections { nodes { % } } }"),
];

/// Types that no question leads to: roots, and what acts and subscriptions give back.
const NOT_ASKED: &[&str] = &[
    "Query",
    "Mutation",
    "Subscription",
    "LedgerChange",
    "Acknowledgement",
    "Attestation",
    "Declaration",
    "Disclosure",
    "Opinion",
    "Verdict",
    "VerdictChange",
];

/// The plain fields of each object type: scalars and enums that need no argument.
fn fields() -> BTreeMap<String, Vec<String>> {
    let document = parse_schema(passerelle::graphql::schema_sdl()).expect("our own schema");
    let mut objects = BTreeMap::new();
    let mut composed = BTreeSet::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(one) = definition else { continue };
        if let TypeKind::Object(object) = one.node.kind {
            let name = one.node.name.node.to_string();
            composed.insert(name.clone());
            objects.insert(name, object.fields);
        }
    }
    let base = |text: &str| text.trim_matches(['[', ']', '!']).to_owned();
    let plain = objects.into_iter().map(|(name, all)| {
        let asked = all.into_iter().filter(|field| {
            let needs = field
                .node
                .arguments
                .iter()
                .any(|one| one.node.default_value.is_none() && one.node.ty.node.to_string().ends_with('!'));
            !needs && !composed.contains(&base(&field.node.ty.node.to_string()))
        });
        (name, asked.map(|field| field.node.name.node.to_string()).collect())
    });
    plain.collect()
}

/// What this asker must not find anywhere.
fn kept_from(asker: &Asker) -> Vec<&'static str> {
    let mut kept = vec![PERSON];
    for (private, part) in PRIVATE.into_iter().zip(asker.part) {
        kept.extend(private.iter().filter(|_| !part));
    }
    kept.extend(TARGETS.iter().filter(|_| asker.role == Role::Public));
    let everything = asker.role == Role::Auditor;
    kept.extend(KEPT.iter().filter(|_| !everything && asker.role != Role::Region));
    kept.extend(RAW_OF_REGION.iter().filter(|_| !everything && asker.role != Role::Region));
    kept.extend(RAW_OF_OTHERS.iter().filter(|_| !everything));
    let sees_rejections = everything || matches!(asker.role, Role::Region | Role::Admin);
    kept.extend(Some(REJECTED).filter(|_| !sees_rejections));
    kept
}

/// What it must find somewhere.
fn shown_to(asker: &Asker) -> Vec<&'static str> {
    let kept = kept_from(asker);
    let all = PRIVATE
        .into_iter()
        .flatten()
        .chain(&PUBLIC)
        .chain(&RAW_OF_REGION)
        .chain(&RAW_OF_OTHERS)
        .chain(&KEPT)
        .chain(&TARGETS);
    all.copied().chain([REJECTED]).filter(|mark| !kept.contains(mark)).collect()
}

#[tokio::test]
async fn nothing_of_any_field_leaks_to_anybody() {
    let app = gateway().await;
    let (fields, askers) = (fields(), askers(&app));
    let without_way: Vec<&String> = fields
        .keys()
        .filter(|name| !NOT_ASKED.contains(&name.as_str()) && !WAYS.iter().any(|(to, _)| to == name))
        .collect();
    assert!(without_way.is_empty(), "no way leads to {without_way:?}");
    let mut found: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); askers.len()];
    let (mut cases, mut leaks) = (0, Vec::new());
    for (to, way) in WAYS {
        let plain = fields.get(*to).unwrap_or_else(|| panic!("{to} is no type of the schema"));
        for form in Form::ALL {
            let named = |(at, field): (usize, &String)| match form {
                Form::Fragment => format!("f{at}: {field}"),
                _ => field.clone(),
            };
            let own =
                plain.iter().enumerate().map(named).chain(["__typename".to_owned()]).collect::<Vec<_>>().join(" ");
            let asked = way.replace('%', &own);
            // Everybody asks the same at the same time.
            let answers = join_all(askers.iter().map(|one| form.ask(&app, &asked, one.token.as_deref()))).await;
            for (at, (asker, (answer, _))) in askers.iter().zip(answers).enumerate() {
                let text = answer.body.to_string();
                assert_eq!(answer.status, 200, "{way}: {text}");
                cases += 1;
                for mark in kept_from(asker).into_iter().filter(|mark| text.contains(mark)) {
                    leaks.push(format!("{} {:?} {form:?} {way}: {mark}", asker.role, asker.part));
                }
                found[at].extend(shown_to(asker).into_iter().filter(|mark| text.contains(mark)));
            }
        }
    }
    assert!(leaks.is_empty(), "{} of {cases}:\n{}", leaks.len(), leaks.join("\n"));
    for (asker, found) in askers.iter().zip(found) {
        let missed: Vec<_> = shown_to(asker).into_iter().filter(|mark| !found.contains(mark)).collect();
        assert!(missed.is_empty(), "{} {:?} does not find {missed:?}", asker.role, asker.part);
    }
    assert!(cases >= 500, "{cases} cases");
}

/// What an asker sees, in cents: added up here, by hand, from what it may see. `None`: a sum that is kept from it enters.
fn sum_of(asker: &Asker) -> Option<i64> {
    if matches!(asker.role, Role::Partner | Role::Committee) {
        return None;
    }
    let private = [[7_001_101, 7_001_202, 7_001_404, 6_661_106], [8_001_101, 8_001_202, 8_001_404, 7_772_207]];
    let parts = private.iter().zip(asker.part).filter(|(_, part)| *part).flat_map(|(sums, _)| sums);
    Some(100_010 + 200_020 + parts.sum::<i64>())
}

#[tokio::test]
async fn sums_and_counts_are_of_what_is_seen() {
    let app = gateway().await;
    let every = "stage: [ENVISAGE, SOLLICITE, PROPOSE, ATTRIBUE, ENGAGE, VERSE, SOLDE]";
    for asker in askers(&app) {
        let fields = format!(
            "totals(by: [], filter: {{{every}}}) {{ amount partial projects }} projects {{ totalCount }} commitments {{ totalCount }}"
        );
        for form in Form::ALL {
            let (_, data) = form.ask(&app, &fields, asker.token.as_deref()).await;
            let parts = asker.part.into_iter().filter(|part| *part).count();
            let amount = data["totals"][0]["amount"].as_str();
            let cents = amount.map(|amount| amount.replace('.', "").parse::<i64>().expect("an amount"));
            assert_eq!(cents, sum_of(&asker), "{} {form:?}", asker.role);
            assert_eq!(data["totals"][0]["partial"], cents.is_none(), "{} {form:?}", asker.role);
            assert_eq!(data["projects"]["totalCount"], 2 + parts, "{} {form:?}", asker.role);
            assert_eq!(data["commitments"]["totalCount"], 2 + 4 * parts, "{} {form:?}", asker.role);
        }
    }
}

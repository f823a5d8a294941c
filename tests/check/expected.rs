//! The dated table of who is expected: nobody whom a row asks for is left out because nothing names him.

use super::{KEY, world};
use passerelle::check::{Case, Check, RULE_FILES, Rulebook};
use passerelle::domain::Instant;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::{Facts, Places, ProjectFacts, StatementFacts};
use passerelle::domain::image::{Head, LedgerDelta, LedgerImage};
use passerelle::domain::money::Cents;
use passerelle::domain::organisation::OrganisationId;
use passerelle::domain::record::RecordVersion;
use passerelle::domain::vocabulary::{CellState, Knowledge, Language, Nature, Objective, Stage};
use passerelle::portfolio::{Moment, Portfolio};
use std::path::Path;

const HOLDER: &str = "siren:215903501";

/// The rules of the product, with another table of who is expected: one row for this funder, and what else it states.
fn book(funder: &str, row: &str) -> Rulebook {
    let read = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name)).expect("rules")
    };
    let table = format!(
        "edition = \"x\"\n[[expected]]\nfunder = \"{funder}\"\nnature = \"INVESTISSEMENT\"\nbecause = \"x\"\n{row}\n"
    );
    let texts = RULE_FILES.map(|name| if name == "expected.toml" { table.clone() } else { read(name) });
    let files: Vec<(&str, &str)> = RULE_FILES.into_iter().zip(texts.iter().map(String::as_str)).collect();
    Rulebook::read(&files).expect("sound rules")
}

fn now() -> Instant {
    "2026-03-12T10:00:00Z".parse().expect("an instant")
}

/// The Région votes a sum of operation on a project in these places.
fn image(holder: Option<&str>, places: Places) -> LedgerImage {
    let region = "siren:200053742".parse().expect("sound");
    let vote = StatementFacts {
        stage: Some(Stage::Attribue),
        amount: Some(Cents::new(300_000)),
        ..StatementFacts::bare(region, Nature::Fonctionnement)
    };
    let project = ProjectFacts {
        holder: holder.map(|id| id.parse().expect("an organisation")),
        objectives: vec![Objective::CadreDeVie],
        places,
        ..ProjectFacts::default()
    };
    let facts = Facts { project: Some(project), statements: vec![vote], ..Facts::default() };
    let mut records = world::tables();
    records.push(world::record(("region", "vote"), facts));
    LedgerImage {
        head: Head { version: LedgerVersion(9), at: now(), head: Digest::of(b"expected") },
        records,
        sources: world::sources(now(), &[]),
        decisions: Vec::new(),
        acts: Vec::new(),
    }
}

/// What is asked of the one project.
struct Came {
    silent: Vec<(String, String)>,
    knowledge: Knowledge,
    ready: bool,
    sentences: Vec<String>,
}

fn held(portfolio: &Portfolio, book: &Rulebook) -> Came {
    let (project, _) = portfolio.projects().next().expect("a project");
    let case = Case::of(portfolio, project, (book, KEY), Moment { now: now(), max_age_s: None });
    let check = Check::of(&case);
    let told = check.findings(&case).filter(|one| one.sheet.code.as_str() == "MEANS-SILENT");
    let both = |one: passerelle::check::Finding<'_>| [Language::Fr, Language::En].map(|said| one.sentence(&case, said));
    let silent = case.plan.lines.iter().filter(|line| line.state == CellState::Silent);
    let shown = silent.map(|line| portfolio.organisation(line.funder));
    Came {
        silent: shown.map(|one| (one.id.to_string(), one.name.to_owned())).collect(),
        knowledge: check.knowledge,
        ready: check.ready,
        sentences: told.flat_map(both).collect(),
    }
}

fn asked(funder: &str, row: &str, (holder, places): (Option<&str>, Places)) -> Came {
    let book = book(funder, row);
    held(&Portfolio::build_naming(&image(holder, places), book.organisations()), &book)
}

fn in_departements(codes: &[&str]) -> Places {
    let departements = codes.iter().map(|code| code.parse().expect("a département")).collect();
    Places { departements, contrats: vec!["CN05911M".parse().expect("a contract")], ..Places::default() }
}

fn here() -> (Option<&'static str>, Places) {
    (Some(HOLDER), in_departements(&["59"]))
}

/// Silent, not known, not ready: under this identity, and somebody is told of by these words.
fn is_silent(came: &Came, id: &str, said: &str) {
    assert_eq!(came.silent.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [id]);
    assert_eq!((came.knowledge, came.ready), (Knowledge::Incomplete, false), "{id}");
    assert!(came.sentences.iter().any(|one| one.contains(said)), "{said}: {:?}", came.sentences);
}

#[test]
fn a_body_of_a_row_whom_nothing_names_is_silent_under_its_identifier() {
    let came = asked("siren:226200012", "objective = \"CADRE_DE_VIE\"", here());
    is_silent(&came, "siren:226200012", "siren:226200012 est attendu en investissement");
    let elsewhere = asked("siren:226200012", "objective = \"TRANSITION\"", here());
    assert_eq!((elsewhere.silent.len(), elsewhere.ready), (0, true), "a row that does not concern the project");
    // A name that the rules give, and one that a source gives.
    let block = "[[organisation]]\nid = \"siren:226200012\"\nname = \"Pas-de-Calais\"";
    assert_eq!(asked("siren:226200012", block, here()).silent[0].1, "Pas-de-Calais");
    assert_eq!(asked("siren:200093201", "", here()).silent[0].1, "Métropole européenne de Lille");
}

#[test]
fn the_state_is_expected_in_each_departement_named_or_not() {
    for code in ["59", "62", "2A"] {
        let came = asked("role:etat", "", (Some(HOLDER), in_departements(&[code])));
        is_silent(&came, &format!("financeur:etat-{code}"), "est attendu en investissement");
    }
    let came = asked("role:etat", "", (Some(HOLDER), in_departements(&["59", "62"])));
    let ids: Vec<&str> = came.silent.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["financeur:etat-59", "financeur:etat-62"]);
    assert_eq!(came.knowledge, Knowledge::Incomplete);
}

#[test]
fn where_nothing_says_who_is_meant_all_is_not_known() {
    let came = asked("role:holder", "", (None, in_departements(&["59"])));
    is_silent(&came, "text:*:porteur", "Le porteur du projet (que rien ne nomme) est attendu en investissement");
    is_silent(&came, "text:*:porteur", "The holder of the project (whom nothing names) is expected (investment)");
    let contrat = |code: &str| Places { contrats: vec![code.parse().expect("a contract")], ..Places::default() };
    for places in [contrat("CN06211M"), Places::default()] {
        let came = asked("role:pilot", "", (Some(HOLDER), places));
        is_silent(&came, "text:*:pilote", "Le pilote du contrat de ville (que rien ne nomme)");
    }
    is_silent(&asked("role:etat", "", (Some(HOLDER), Places::default())), "text:*:etat", "L'État");
    // Who is known is meant himself.
    is_silent(&asked("role:holder", "", here()), HOLDER, "est attendu");
    is_silent(&asked("role:pilot", "", here()), "siren:200093201", "est attendu");
}

/// The picture that an append gives is that of a full build: who is expected in a place that nobody named before, too.
#[test]
fn who_is_expected_follows_an_append() {
    let book = book("role:etat", "");
    let mut before = image(Some(HOLDER), in_departements(&["59"]));
    let record: RecordVersion = image(Some(HOLDER), in_departements(&["80"])).records.pop().expect("the vote");
    before.head.version = LedgerVersion(8);
    let portfolio = Portfolio::build_naming(&before, book.organisations());
    let delta = LedgerDelta {
        head: Head { version: LedgerVersion(9), ..before.head },
        records: vec![record],
        touched: vec![world::PROJECT.parse().expect("sound")],
        projects: vec![world::PROJECT.parse().expect("sound")],
        sources: Vec::new(),
        decisions: Vec::new(),
        acts: Vec::new(),
        references_changed: false,
    };
    let after = portfolio.apply(&delta).expect("one project");
    is_silent(&held(&after, &book), "financeur:etat-80", "est attendu");
    let id: OrganisationId = "financeur:etat-80".parse().expect("sound");
    assert!(after.organisation_of(&id).is_some());
}

/// The same vote of investment, with the facts of the project as this says, and under this scheme.
fn told(row: &str, change: impl Fn(&mut ProjectFacts, &mut StatementFacts)) -> Came {
    let book = book("siren:226200012", row);
    let mut image = image(Some(HOLDER), Places::default());
    let facts = &mut image.records.last_mut().expect("the vote").facts;
    let mut vote = StatementFacts { nature: Some(Nature::Investissement), ..facts.statements.remove(0) };
    change(facts.project.as_mut().expect("a project"), &mut vote);
    facts.statements.push(vote);
    held(&Portfolio::build_naming(&image, book.organisations()), &book)
}

#[test]
fn a_row_is_asked_for_where_nothing_says_whether_it_concerns_the_project() {
    let is_asked =
        |row: &str, change: &dyn Fn(&mut ProjectFacts, &mut StatementFacts)| !told(row, change).silent.is_empty();
    let objective = "objective = \"CADRE_DE_VIE\"";
    assert!(is_asked(objective, &|project, _| project.objectives.clear()));
    assert!(!is_asked(objective, &|project, _| project.objectives = vec![Objective::Transition]));
    let quartier = |code: &'static str| {
        move |project: &mut ProjectFacts, _: &mut StatementFacts| {
            project.places.quartiers = vec![code.parse().expect("a quartier")];
        }
    };
    for contrat in ["CN05911M", "CN06201M"] {
        let row = format!("contrat = \"{contrat}\"");
        assert!(is_asked(&row, &quartier("QN05921M")), "a quartier of both contracts: {contrat}");
        assert!(is_asked(&row, &|_, _| ()), "placed nowhere: {contrat}");
        assert_eq!(is_asked(&row, &quartier("QN05901M")), contrat == "CN05911M", "{contrat}");
    }
    assert!(!is_asked("contrat = \"CN05998M\"", &quartier("QN05901M")));
    let under = |code: &'static str| {
        move |_: &mut ProjectFacts, vote: &mut StatementFacts| vote.dispositif = Some(code.parse().expect("a scheme"))
    };
    let scheme = "dispositif = \"NPNRU-REGION\"";
    assert!(is_asked(scheme, &under("NPNRU-REGION")));
    assert!(
        is_asked(scheme, &quartier("QN05901M")),
        "a sum of the Region that states no scheme, where it may be given"
    );
    assert!(!is_asked(scheme, &|_, _| ()), "the NPNRU gives in its quartiers alone");
    let named = |project: &mut ProjectFacts, vote: &mut StatementFacts| {
        quartier("QN05901M")(project, vote);
        vote.scheme = Some("AIDE EXCEPTIONNELLE".into());
    };
    assert!(!is_asked(scheme, &named), "it states one, of another name");
    assert!(!is_asked(scheme, &under("FTU")));
    assert!(!is_asked(scheme, &|_, vote| vote.nature = Some(Nature::Fonctionnement)), "of no nature of the scheme");
    let of_family = passerelle::domain::vocabulary::Family::DroitCommun;
    assert!(!is_asked(scheme, &|_, vote| vote.family = Some(of_family)));
}

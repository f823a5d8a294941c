//! Lines of real files that are spelled otherwise, through the connectors as they are: what is certain is read, what is not is
//! told, and nothing that may be ours is left out in silence.

use super::{no_net, root};
use passerelle::connector::driver::{Ask, Reading};
use passerelle::connector::load::load;
use passerelle::connector::preview::{Preview, preview};
use passerelle::connector::{Connector, Mapped};
use passerelle::domain::facts::Facts;
use rust_xlsxwriter::Workbook;

fn connector(folder: &str) -> Connector {
    load(&root().join("connectors").join(folder)).expect("a sound manifest").run_by(&super::runner())
}

/// Reads files, the first of which is the source's, through the connector of a folder.
pub(super) async fn read(folder: &str, files: &[(&str, Vec<u8>)]) -> Preview {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, bytes) in files {
        std::fs::write(directory.path().join(name), bytes).expect("written");
    }
    let place = directory.path().join(files[0].0).display().to_string();
    let net = no_net();
    let reading = Reading { net: &net, base: None, place: Some(&place), ask: Ask::default() };
    preview(&connector(folder), &reading, 1_000).await.unwrap_or_else(|error| panic!("{folder}: {error:?}"))
}

pub(super) fn table(rows: &[&str]) -> Vec<u8> {
    (rows.join("\n") + "\n").into_bytes()
}

pub(super) fn accepted(seen: &Preview) -> Vec<(String, Facts)> {
    let taken = |mapped: &Mapped| match mapped {
        Mapped::Accepted { key, facts, .. } => Some((key.to_string(), Facts::clone(facts))),
        _ => None,
    };
    seen.records.iter().filter_map(|one| taken(&one.mapped)).collect()
}

/// Code and field of what is refused, in order.
pub(super) fn refused(seen: &Preview) -> Vec<String> {
    let of = |mapped: &Mapped| match mapped {
        Mapped::Rejected { code, .. } => Some(code.to_string()),
        _ => None,
    };
    seen.records.iter().filter_map(|one| of(&one.mapped)).collect()
}

/// The one record, its amounts, and the codes of its warnings.
pub(super) fn told(facts: &Facts) -> (Vec<Option<i64>>, Vec<&str>) {
    let amounts = facts.statements.iter().map(|one| one.amount.map(|amount| amount.get())).collect();
    (amounts, facts.warnings.iter().map(|one| &*one.code).collect())
}

/// What becomes of one row for each spelling of a cell.
pub(super) async fn spelled(
    folder: &str,
    header: &str,
    row: impl Fn(usize, &str) -> String,
    cells: &[&str],
) -> Vec<String> {
    let rows: Vec<String> = cells.iter().enumerate().map(|(rank, cell)| row(rank, cell)).collect();
    let mut lines = vec![header];
    lines.extend(rows.iter().map(String::as_str));
    let seen = read(folder, &[("liste.csv", table(&lines))]).await;
    let said = |mapped: &Mapped| match mapped {
        Mapped::Skipped { .. } => "skipped".to_owned(),
        Mapped::Rejected { code, .. } => format!("refused {code}"),
        Mapped::Accepted { facts, .. } => {
            let codes: Vec<&str> = facts.warnings.iter().map(|one| &*one.code).collect();
            if codes.is_empty() { "taken".to_owned() } else { format!("taken {}", codes.join(" ")) }
        }
    };
    seen.records.iter().map(|one| said(&one.mapped)).collect()
}

#[tokio::test]
async fn a_departement_that_lost_its_zero_is_found_again_and_no_other_spelling_is_left_out() {
    let codes =
        ["\"02\"", "\"2\"", "2", "2.0", "\"02 \"", "\"059\"", "\"Nord\"", "\"38\"", "1", "\"2a\"", "\"974\"", "0"];
    let posts: Vec<String> = codes
        .iter()
        .enumerate()
        .map(|(rank, code)| {
            format!(
                r#"{{"id_poste": "D{rank}", "annee": 2026, "code_tiers": "X", "raison_sociale": "X", "montant": 7164, "code_cv": "CN00201M", "insee_dep": {code}}}"#
            )
        })
        .collect();
    let json = format!("[{}]", posts.join(","));
    let seen = read("politique-de-la-ville/anct-postes", &[("postes.json", json.into_bytes())]).await;
    let taken = accepted(&seen);
    assert_eq!(taken.len(), 5, "{taken:?}");
    for (key, facts) in &taken {
        assert_eq!(facts.statements[0].funder.to_string(), "financeur:etat-02", "{key}");
        let departements = &facts.project.as_ref().expect("a project").places.departements;
        assert_eq!(departements.iter().map(ToString::to_string).collect::<Vec<_>>(), ["02"], "{key}");
        let restored = told(facts).1.contains(&"zero-restored");
        assert_eq!(restored, ["D1/2026", "D2/2026", "D3/2026"].contains(&key.as_str()), "{key}: {facts:?}");
    }
    assert_eq!(refused(&seen), ["departement-unreadable"; 3], "059, Nord and 0 are not guessed");
}

const GRANTS: &str = "id_projet,id_dep,id_terr,nom_terr,dotation,echelon,description,cout_total,montant_sub,annee";

#[tokio::test]
async fn the_nature_of_a_grant_is_stated_only_where_its_dotation_is_certain() {
    let cells = [
        "DETR",
        " detr ",
        "D.S.I.L.",
        "DSID",
        "DPV",
        "dpv",
        "DPV ",
        "D.P.V.",
        "Dotation politique de la ville",
        "DETR/DPV",
        "DPV et DSIL",
        "",
        "FNADT",
    ];
    let rows: Vec<String> = cells
        .iter()
        .enumerate()
        .map(|(rank, cell)| format!("p{rank},59,59350,Lille,{cell},commune,x,1000,400,2025"))
        .collect();
    let mut lines = vec![GRANTS];
    lines.extend(rows.iter().map(String::as_str));
    for folder in ["droit-commun/etat-dotations", "droit-commun/etat-dotations-2019"] {
        let file = if folder.ends_with("2019") {
            workbook(&[("infos", &["x"]), ("liste", &lines)], ',')
        } else {
            table(&lines)
        };
        let name = if folder.ends_with("2019") { "liste.xlsx" } else { "liste.csv" };
        let taken = accepted(&read(folder, &[(name, file)]).await);
        assert_eq!(taken.len(), cells.len(), "{folder}");
        for ((_, facts), cell) in taken.iter().zip(cells) {
            let sum = &facts.statements[0];
            let budget = facts.project.as_ref().and_then(|project| project.budget).expect("a cost");
            let invests = ["DETR", " detr ", "D.S.I.L.", "DSID"].contains(&cell);
            assert_eq!(sum.nature.is_some(), invests, "{folder} « {cell} »");
            assert_eq!(budget.investissement.is_some(), invests, "{folder} « {cell} »");
            assert_eq!(budget.non_precise.is_some(), !invests, "{folder} « {cell} »");
            let certain = invests || cell.contains("ville") || (cell.to_lowercase().replace(['.', ' '], "") == "dpv");
            assert_eq!(sum.dispositif.is_some(), certain, "{folder} « {cell} »");
            assert_eq!(told(facts).1.contains(&"dotation-untold"), !certain, "{folder} « {cell} »: {facts:?}");
        }
    }
}

#[tokio::test]
async fn the_columns_of_a_dotation_are_read_in_any_case_and_a_row_of_totals_is_none() {
    let usual = [GRANTS, "a,2,2691,Saint-Quentin,DETR,commune,x,1000,400,2025", "Nord - total,59,,,,,,,400,2025"];
    let (capitals, spaced) = (GRANTS.to_uppercase(), GRANTS.replace('_', " ").replace("echelon", "Échelon"));
    for header in [GRANTS, &capitals, &spaced] {
        let seen = read("droit-commun/etat-dotations", &[("liste.csv", table(&[header, usual[1], usual[2]]))]).await;
        let taken = accepted(&seen);
        assert_eq!(taken.len(), 1, "{header}: {:?}", seen.records.last().map(|one| &one.mapped));
        let facts = &taken[0].1;
        let funder = facts.statements.first().map(|sum| sum.funder.to_string());
        assert_eq!(funder.as_deref(), Some("financeur:etat-02"), "{header}");
        let communes = facts.project.as_ref().map(|project| project.places.communes.len());
        assert_eq!(communes, Some(1), "{header}");
    }
}

#[tokio::test]
async fn a_zero_is_given_back_to_a_commune_of_its_own_departement_only() {
    let rows = [
        GRANTS,
        "a,2,2691,Saint-Quentin,DETR,commune,x,1000,400,2025",
        "b,80,8001,Abbeville,DETR,commune,x,1000,400,2025",
        "c,59,5935,Lille,DETR,commune,x,1000,400,2025",
        "d,02,02691,Saint-Quentin,DETR,commune,x,1000,400,2025",
        "e,,2691,Saint-Quentin,DETR,commune,x,1000,400,2025",
        "f,Nord (59),59350,Lille,DETR,commune,x,1000,400,2025",
        "g,975,97502,Saint-Pierre,DETR,commune,x,1000,400,2025",
    ];
    let lines: Vec<&str> = rows.to_vec();
    for folder in ["droit-commun/etat-dotations", "droit-commun/etat-dotations-2019"] {
        let is_book = folder.ends_with("2019");
        let file = if is_book { workbook(&[("infos", &["x"]), ("liste", &lines)], ',') } else { table(&lines) };
        let seen = read(folder, &[(if is_book { "liste.xlsx" } else { "liste.csv" }, file)]).await;
        let found: Vec<(String, Vec<String>, Vec<String>)> = accepted(&seen)
            .into_iter()
            .map(|(key, facts)| {
                let communes =
                    facts.project.as_ref().expect("a project").places.communes.iter().map(ToString::to_string);
                let codes = facts.warnings.iter().map(|one| one.code.to_string());
                (key, communes.collect(), codes.collect())
            })
            .collect();
        let of =
            |key: &str| found.iter().find(|one| one.0 == key).unwrap_or_else(|| panic!("{folder} {key}: {found:?}"));
        let text = |list: &[String]| list.join(" ");
        assert_eq!(
            (text(&of("a").1), text(&of("a").2)),
            ("02691".into(), "zero-restored zero-restored".into()),
            "{folder}"
        );
        for key in ["b", "c"] {
            assert_eq!(
                (text(&of(key).1), text(&of(key).2)),
                (String::new(), "commune-unreadable".into()),
                "{folder} {key}"
            );
        }
        assert_eq!((text(&of("d").1), text(&of("d").2)), ("02691".into(), String::new()), "{folder}");
        assert_eq!(refused(&seen), ["funder-missing", "departement-unreadable"], "{folder}");
        assert_eq!(found.len(), 4, "what is elsewhere for certain is left out: {found:?}");
    }
}

pub(super) const CONVENTION: [&str; 3] = [
    "Convention",
    "Tableau des opérations",
    "N° opération;Intitulé de l'opération;Section;État;Subvention ANRU;Prêt Action Logement;Région;SIREN EPCI;EPCI;SIREN commune;Commune;Année",
];

#[tokio::test]
async fn a_sum_of_a_wide_row_that_cannot_be_read_loses_no_other_one() {
    let mut rows = CONVENTION.to_vec();
    rows.extend([
        "R1;x;Investissement;Engagée;1000;;500;;300;;;2024",
        "R2;x;Investissement;Engagée;#REF!;;500;;;;;2024",
        "R3;x;Investissement;Engagée;;;;;300;;;2024",
    ]);
    let seen = read("npnru/anru-npnru", &[("operations.csv", table(&rows))]).await;
    let taken = accepted(&seen);
    assert_eq!(told(&taken[0].1).0, [Some(100_000), Some(50_000), Some(30_000)], "{taken:?}");
    assert!(told(&taken[0].1).1.contains(&"funder-missing"), "{taken:?}");
    assert_eq!(taken[0].1.statements[2].funder.to_string(), "text:anru-npnru:FINANCEUR NON PRECISE");
    assert_eq!(told(&taken[1].1).0, [None, Some(50_000)], "a cell in error is an unknown sum, and not none");
    assert!(told(&taken[1].1).1.contains(&"cell-error"), "{taken:?}");
    assert_eq!(refused(&seen), ["funder-missing"], "nobody knows who puts the only sum of a row");
}

const PROJECTS: &str = "id;status;title;startDate;endDate;totalCost;ecSignatureDate";
const PARTICIPANTS: &str = "projectID;organisationID;vatNumber;name;role;country;nutsCode;ecContribution;contactForm";

fn horizon(projects: &[&str], participants: &[&str]) -> [(&'static str, Vec<u8>); 2] {
    let mut first = vec![PROJECTS];
    first.extend(projects);
    let mut second = vec![PARTICIPANTS];
    second.extend(participants);
    [("project.csv", table(&first)), ("organization.csv", table(&second))]
}

const PROJECT: &str = "1;SIGNED;Un projet;2024-01-01;2026-12-31;1000000;2023-11-20";

#[tokio::test]
async fn a_row_of_a_joined_table_that_cannot_be_read_leaves_a_line_of_unknown_amount() {
    let sound = "1;999;FR40200093201;MEL;coordinator;FR;FRE11;100000;";
    for broken in ["1;998;;Toit Picard;participant;FR;FRE23;50000;;X", "1;998;;Toit Picard;participant;FR;FRE23"] {
        let seen = read("fonds-europeens/horizon-europe", &horizon(&[PROJECT], &[sound, broken])).await;
        let taken = accepted(&seen);
        let (amounts, warned) = told(&taken[0].1);
        assert_eq!((amounts, warned), (vec![Some(10_000_000), None], vec!["lines-unreadable"]), "{broken}");
        assert!(taken[0].1.statements.iter().all(|one| one.funder.to_string() == "eu:HORIZON"), "{taken:?}");
        assert_eq!(seen.broken.len(), 1, "the row itself is kept as evidence");
        assert_eq!(seen.end.as_ref().map(|end| end.unattached), Some(0));
    }
    // A separator too many before the key: which cell is the key is not known, and each may be.
    let other = "2;SIGNED;Un autre;2024-01-01;2026-12-31;1000000;2023-11-20";
    let seen =
        read("fonds-europeens/horizon-europe", &horizon(&[PROJECT, other], &[sound, ";1;998;;T;p;FR;FRE23;5;c"])).await;
    assert_eq!(told(&accepted(&seen)[0].1).0, [Some(10_000_000), None]);
    // A row that names no record that there is belongs to nobody knows which.
    for lost in ["9;998;;T;p;FR;FRE23;5;;X", ";998;;T;p;FR;FRE23;5;"] {
        let seen = read("fonds-europeens/horizon-europe", &horizon(&[PROJECT], &[sound, lost])).await;
        assert_eq!(told(&accepted(&seen)[0].1).0, [Some(10_000_000)]);
        let end = seen.end.as_ref().expect("read to its end");
        assert_eq!((end.unattached, seen.notes.len()), (1, 1), "{lost}: {:?}", seen.notes);
    }
}

#[tokio::test]
async fn a_joined_table_loaded_twice_counts_once_and_is_told() {
    let rows = ["1;999;FR40200093201;MEL;coordinator;FR;FRE11;100000;", "1;998;;T;participant;FR;FRE23;50000;"];
    let twice: Vec<&str> = rows.iter().chain(&rows).copied().collect();
    let seen = read("fonds-europeens/horizon-europe", &horizon(&[PROJECT], &twice)).await;
    assert_eq!(told(&accepted(&seen)[0].1).0, [Some(10_000_000), Some(5_000_000)]);
    assert_eq!(seen.broken.iter().map(|one| one.code).collect::<Vec<_>>(), ["joined-row-twice"; 2]);
    assert!(seen.notes[0].en.contains("2 row(s) came twice"));
    let more = [rows[0], rows[1], "1;998;;T;participant;FR;FRE23;50001;"];
    let seen = read("fonds-europeens/horizon-europe", &horizon(&[PROJECT], &more)).await;
    assert_eq!(told(&accepted(&seen)[0].1).0.len(), 3, "rows that differ in anything are no twins");
}

#[tokio::test]
async fn codes_of_nuts_are_met_in_any_spelling_and_what_tells_no_region_is_taken_with_a_warning() {
    let cases = [
        ("FR;FRE11", Some("")),
        ("FR; FRE11", Some("")),
        ("FR;fre11", Some("")),
        ("FR;FR-E11", Some("")),
        ("FR;FR301", Some("")),
        ("FR;FRE", Some("")),
        ("FR;", Some("place-untold")),
        ("FR;FR", Some("place-untold")),
        (";59000", Some("place-untold")),
        ("France métropolitaine;", Some("place-untold")),
        ("FRANCE (hors Île-de-France);", Some("place-untold")),
        ("Frankrijk;", Some("place-untold")),
        ("France métropolitaine;FRF11", None),
        ("FR;FRF11", None),
        ("BE;", None),
        ("BE;BE234", None),
        (";ITC11", None),
    ];
    for (cells, expected) in cases {
        let row = format!("1;999;;X;Coordinator ;{cells};100000;");
        let seen = read("fonds-europeens/horizon-europe", &horizon(&[PROJECT], &[&row])).await;
        let found = accepted(&seen).first().map(|(_, facts)| {
            assert!(
                facts.project.as_ref().expect("a project").holder.is_some(),
                "{cells}: a coordinator in any spelling"
            );
            (told(facts).0, told(facts).1.join(" "))
        });
        assert_eq!(found, expected.map(|codes| (vec![Some(10_000_000)], codes.to_owned())), "{cells}");
    }
}

/// A workbook of these sheets.
fn workbook(sheets: &[(&str, &[&str])], separator: char) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).expect("a name");
        for (row, text) in (0u32..).zip(*rows) {
            for (column, cell) in (0u16..).zip(text.split(separator)) {
                sheet.write_string(row, column, cell).expect("written");
            }
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[tokio::test]
async fn partners_of_interreg_are_met_in_any_spelling() {
    let project = [
        "Project ID;Project name;Status;Approval date;Start date;End date;Total budget",
        "7;Un projet;Ongoing;2024-05-21;2024-07-01;2027-06-30;1000",
    ];
    let header = "Project ID;Partner number;Partner name;Role;NUTS 3;VAT number;EU funding;Own contribution";
    let partners = [
        header,
        "7;1;MEL;LEAD PARTNER; fre11;;600,50;",
        "7;2;Gent;Partner;BE234;;10;",
        "7;2;Gent;Partner;BE234;;10;",
        "7;3;X;Partner;NC;;5;",
    ];
    for programme in ["nwe", "nsr", "europe"] {
        let folder = format!("fonds-europeens/interreg-{programme}");
        let sheets = [("Search results, projects", &project[..]), ("Search results, partners", &partners[..])];
        let seen = read(&folder, &[("export.xlsx", workbook(&sheets, ';'))]).await;
        let taken = accepted(&seen);
        let facts = &taken.first().unwrap_or_else(|| panic!("{folder}: left out")).1;
        assert_eq!(told(facts), (vec![Some(60_050), Some(500)], vec!["place-untold"]), "{folder}");
        assert!(facts.project.as_ref().expect("a project").holder.is_some(), "{folder}");
        assert_eq!(seen.broken.len(), 1, "{folder}: the same row twice");
    }
    let projects = "Project ID;Project name;Type;Status;Approval date;Start date;End date;Total budget;Holder;Holder NUTS 3;Holder VAT number;EU funding;Own contribution";
    for kind in ["Micro-projet", "Micro-Projet", "MICROPROJET", "micro projet", "Micro‑projets"] {
        let row = format!("MP-1;Voisins;{kind};Approved;2025-03-10;2025-05-01;2025-12-31;50;Maison;FRE11 ;;40;");
        let files = [("projects.csv", table(&[projects, &row])), ("partners.csv", table(&[header]))];
        let taken = accepted(&read("fonds-europeens/interreg-fwvl", &files).await);
        assert_eq!(taken.iter().map(|(_, facts)| told(facts).0).collect::<Vec<_>>(), [[Some(4_000)]], "{kind}");
    }
    let fund = "F;Fonds;Fonds de Micro-projets ;Ongoing;2025-03-10;2025-05-01;2025-12-31;50;;;;;";
    let files = [
        ("projects.csv", table(&[projects, fund])),
        ("partners.csv", table(&[header, "F;1;E;lead partner;FRE11;;600;", "F;2;G;Partner;FRE11;;6;;X"])),
    ];
    let taken = accepted(&read("fonds-europeens/interreg-fwvl", &files).await);
    let eu = taken[0].1.statements.iter().filter(|one| one.funder.to_string() == "eu:INTERREG-FWVL").count();
    assert_eq!(eu, 0, "what a fund receives is counted in its micro-projects, its unreadable rows too: {taken:?}");
}

#[tokio::test]
async fn beneficiaries_whose_place_is_not_told_are_taken_with_a_warning() {
    let life = "reference;title;coordinator;coordinator_siren;beneficiary;siren;nuts;start;end;total_eligible_budget;beneficiary_eu_contribution;status;signed_on";
    let row = |rank: usize, nuts: &str| {
        format!("L{rank};T;C;;B;;{nuts};2025-01-01;2029-12-31;1000.00;500.00;Ongoing;2024-11-12")
    };
    let cells = ["FRE11", " fre11", "FRE1", "", "NC", "FR", "BE254", "FRF11"];
    let said = spelled("fonds-europeens/life", life, row, &cells).await;
    let doubt = "taken place-untold";
    assert_eq!(said, ["taken", "taken", "taken", doubt, doubt, doubt, "skipped", "skipped"]);
    let neb =
        "id,title,beneficiary,siren,nuts,channel,cordis_id,pic,total_cost,eu_contribution,status,decided_on,start,end";
    let row = |rank: usize, nuts: &str| {
        format!("N{rank},T,B,,{nuts},NEB,,9,1000,500.00,awarded,2024-06-03,2024-09-01,2026-08-31")
    };
    let said = spelled("fonds-europeens/neb", neb, row, &["fre12 ", "", "NC", "ITC11"]).await;
    assert_eq!(said, ["taken", doubt, doubt, "skipped"]);
}

pub(super) const OPERATIONS: &str = "Numéro Opération;Intitulé du projet;Nom du bénéficiaire;Date de début;Date de fin de l'opération;Département de l'opération;Région de l'opération;Fonds;Total des dépenses éligibles;Montant UE;Date première convention";

#[tokio::test]
async fn only_operations_of_other_regions_for_certain_are_left_out() {
    let row =
        |rank: usize, region: &str| format!("N{rank};T;B;2024-03-01;2026-03-15;Nord;{region};FSE+;1000;510;2024-05-12");
    let ours = [
        "Hauts-de-France",
        "HAUTS DE FRANCE",
        "Hauts\u{2011}de\u{2011}France",
        "Hauts\u{2010}de\u{2010}France",
        "Région Hauts-de-France",
        "Hauts-de-France et Normandie",
        "Hauts-de-France & Grand Est",
        "Normandie, Hauts-de-France",
    ];
    let doubtful = ["NC", "-", "", "32", "Normandie et NC", "National"];
    let elsewhere = [
        "Normandie",
        "Région Normandie",
        "Grand Est et Île-de-France",
        "ILE DE FRANCE",
        "Provence-Alpes-Côte d'Azur",
        "Normandie|Bretagne",
    ];
    for folder in ["fonds-europeens/feder", "fonds-europeens/fse-plus"] {
        assert_eq!(spelled(folder, OPERATIONS, row, &ours).await, ["taken"; 8], "{folder}");
        assert_eq!(spelled(folder, OPERATIONS, row, &doubtful).await, ["taken region-untold"; 6], "{folder}");
        assert_eq!(spelled(folder, OPERATIONS, row, &elsewhere).await, ["skipped"; 6], "{folder}");
    }
}

#[test]
fn a_table_of_several_sums_a_row_must_have_the_column_of_one() {
    for (folder, column) in [("droit-commun/region-droit-commun", "montant"), ("npnru/anru-npnru", "Subvention ANRU")] {
        let known = connector(folder).indispensable();
        assert!(known.iter().any(|columns| columns.iter().any(|one| one == column)), "{folder}: {known:?}");
        assert!(!known.iter().any(|columns| columns.iter().any(|one| one == "exerciceBudgetaire")), "{folder}");
    }
}

#[tokio::test]
async fn a_fund_of_the_union_is_the_same_in_every_spelling() {
    let cells = ["FEDER", "FSE+", "fse plus", "FSE +", "FTJ", "JTF", "FSE"];
    let expected = ["eu:FEDER", "eu:FSE+", "eu:FSE+", "eu:FSE+", "eu:FTJ", "eu:FTJ"];
    let rows: Vec<String> = cells
        .iter()
        .enumerate()
        .map(|(rank, fund)| format!("{rank};x;B;2024-03-01;2026-03-15;Nord;Hauts-de-France;{fund};1000;510;2024-05-12"))
        .collect();
    let lines: Vec<&str> = std::iter::once(OPERATIONS).chain(rows.iter().map(String::as_str)).collect();
    for folder in ["fonds-europeens/feder", "fonds-europeens/fse-plus"] {
        let taken = accepted(&read(folder, &[("liste.csv", table(&lines))]).await);
        let funders: Vec<String> = taken.iter().map(|(_, facts)| facts.statements[0].funder.to_string()).collect();
        assert_eq!(funders[..6], expected, "{folder}");
        assert!(funders[6].starts_with("text:"), "{folder}: the FSE of before 2021 is another fund");
        assert!(taken[..6].iter().all(|(_, facts)| facts.statements[0].dispositif.is_some()), "{folder}");
    }
}

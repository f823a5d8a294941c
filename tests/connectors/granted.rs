//! What a list of grants says was asked, granted and refused, from its columns.

use super::lines::{accepted, read, refused, table, told};
use super::root;
use passerelle::domain::facts::Facts;
use passerelle::domain::vocabulary::Stage;

#[tokio::test]
async fn the_stage_is_that_of_the_column_from_which_the_amount_is_taken() {
    let header = "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;Montant voté;nature";
    let row =
        |amounts: &str| format!("Région;20005374200017;2025-01-05;D1;A;38047555800058;x;{amounts};aide en numéraire");
    for (amounts, expected) in [
        ("30000;", Ok((3_000_000, "ENGAGE"))),
        (";25000", Ok((2_500_000, "ATTRIBUE"))),
        ("30000;\"30 000,00 €\"", Ok((3_000_000, "ENGAGE"))),
        ("30000;voir annexe", Ok((3_000_000, "ENGAGE"))),
        ("30000;25000", Err("columns-differ")),
        ("voir annexe;25000", Err("amount-unreadable")),
        (";", Err("no stage")),
    ] {
        let seen = read("droit-commun/region-droit-commun", &[("a.csv", table(&[header, &row(amounts)]))]).await;
        let found = match &accepted(&seen)[..] {
            [(_, facts)] => {
                let sum = &facts.statements[0];
                match sum.amount.zip(sum.stage) {
                    Some((amount, stage)) => Ok((amount.get(), stage.as_str())),
                    None => Err(sum.stage.map_or("no stage", |stage| stage.as_str()).to_owned()),
                }
            }
            _ => Err(refused(&seen).join(" ")),
        };
        assert_eq!(found, expected.map_err(str::to_owned), "{amounts}");
    }
}

const EXTENDED: &str =
    "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;nature";

fn extended(columns: &str, cells: &[&str]) -> Vec<u8> {
    let header = format!("{EXTENDED};{columns}");
    let row = |(rank, cells): (usize, &&str)| {
        format!("Région;20005374200017;2024-12-20;D{rank};A;38047555800058;x;30000;aide en numéraire;{cells}")
    };
    let rows: Vec<String> = cells.iter().enumerate().map(row).collect();
    let lines: Vec<&str> = std::iter::once(&*header).chain(rows.iter().map(String::as_str)).collect();
    table(&lines)
}

#[tokio::test]
async fn what_was_not_granted_is_no_grant_whatever_its_column_of_amounts_holds() {
    let cases = [
        ("attribuée;35000", Some("ATTRIBUE"), Some(3_000_000)),
        ("Accordé;", Some("ATTRIBUE"), Some(3_000_000)),
        (";35000", Some("ENGAGE"), Some(3_000_000)),
        ("refusée;35000", Some("REFUSE"), Some(3_500_000)),
        ("REFUSE;", Some("REFUSE"), None),
        ("ineligible;35000", Some("REFUSE"), Some(3_500_000)),
        ("Inéligible;35000", Some("REFUSE"), Some(3_500_000)),
        ("en cours d'intruction;35000", Some("SOLLICITE"), Some(3_500_000)),
        ("En cours d’instruction;35000", Some("SOLLICITE"), Some(3_500_000)),
        ("sans suite;", Some("ABANDONNE"), None),
        ("à revoir;35000", None, Some(3_000_000)),
    ];
    let cells: Vec<&str> = cases.iter().map(|(cells, ..)| *cells).collect();
    for columns in ["statutLabel;montantDemande", "Statut de la demande;Montant demandé"] {
        let seen = read("droit-commun/region-droit-commun", &[("a.csv", extended(columns, &cells))]).await;
        let taken = accepted(&seen);
        assert_eq!(taken.len(), cases.len(), "{columns}: {:?}", refused(&seen));
        for ((_, facts), (cells, stage, amount)) in taken.iter().zip(cases) {
            let [sum] = &*facts.statements else { panic!("{columns} {cells}: one sum: {facts:?}") };
            let found = (sum.stage.map(|stage| stage.as_str()), sum.amount.map(|amount| amount.get()));
            assert_eq!(found, (stage, amount), "{columns} {cells}");
            assert_eq!(told(facts).1.contains(&"value-unknown"), stage.is_none(), "{columns} {cells}");
        }
    }
}

#[tokio::test]
async fn the_exercices_of_a_convention_are_grants_of_their_own_and_a_list_without_them_keeps_its_keys() {
    let row =
        |year: &str| format!("Région;20005374200017;2024-12-20;D1;A;38047555800058;x;30000;aide en numéraire;{year}");
    let years = ["2025", "2026.0", "", "2025-2027"].map(row);
    let header = format!("{EXTENDED};exerciceBudgetaire");
    let lines: Vec<&str> = std::iter::once(&*header).chain(years.iter().map(String::as_str)).collect();
    let seen = read("droit-commun/region-droit-commun", &[("a.csv", table(&lines))]).await;
    let taken = accepted(&seen);
    let keys: Vec<&str> = taken.iter().map(|(key, _)| key.as_str()).collect();
    let plain = "D1/2024-12-20/38047555800058";
    assert_eq!(keys, [format!("{plain}/2025"), format!("{plain}/2026"), plain.to_owned()]);
    let of = |facts: &Facts| facts.statements[0].year;
    assert_eq!(taken.iter().map(|(_, facts)| of(facts)).collect::<Vec<_>>(), [Some(2025), Some(2026), Some(2024)]);
    assert_eq!(refused(&seen), ["year-unreadable"], "an exercice that cannot be read is not left out of the key");
    let bare = read("droit-commun/region-droit-commun", &[("a.csv", extended("x", &[""]))]).await;
    assert_eq!(accepted(&bare)[0].0, "D0/2024-12-20/38047555800058");
}

/// A sample of a connector, with its first record changed, and the stages and marks of what that record states.
async fn asked_and_granted(
    folder: &str,
    list: &str,
    change: impl Fn(&mut serde_json::Value),
) -> Vec<(Stage, bool, bool)> {
    let text = std::fs::read_to_string(root().join("connectors").join(folder).join("sample.json")).expect("a sample");
    let mut sample: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let first = sample[list][0].clone();
    sample[list] = serde_json::Value::Array(vec![first]);
    change(&mut sample[list][0]);
    let seen = read(folder, &[("sample.json", sample.to_string().into_bytes())]).await;
    let taken = accepted(&seen);
    let facts = &taken.first().unwrap_or_else(|| panic!("{folder}: {:?}", seen.records.len())).1;
    facts.statements.iter().filter_map(|one| Some((one.stage?, one.granted_more, one.asked_apart))).collect()
}

#[tokio::test]
async fn the_row_that_states_what_was_asked_and_a_higher_grant_says_so_and_two_lines_do_not() {
    let nqe = "politique-de-la-ville/nqe";
    let asked = |cents: f64| move |one: &mut serde_json::Value| one["montant_demande"] = cents.into();
    let lower = asked_and_granted(nqe, "dossiers", asked(900.0)).await;
    assert!(lower.starts_with(&[(Stage::Sollicite, true, false), (Stage::Attribue, false, false)]), "{lower:?}");
    let higher = asked_and_granted(nqe, "dossiers", asked(9_000.0)).await;
    assert!(higher.iter().all(|(_, more, apart)| !more && !apart), "{higher:?}");
    let plan = |asked: &'static str, granted: &'static str| {
        move |one: &mut serde_json::Value| {
            let line = |stage, amount| {
                serde_json::json!({
                    "financeur": "Région Hauts-de-France", "siren": "200053742", "libelle": "Région Hauts-de-France",
                    "dispositif": "PROGRAMMATION", "section": "F", "forme": "SUBVENTION", "etape": stage, "montant": amount,
                })
            };
            one["plan_financement"] = serde_json::json!([line("VOTE", granted), line("DEMANDE", asked)]);
        }
    };
    let programmation = "politique-de-la-ville/programmation";
    let two = asked_and_granted(programmation, "actions", plan("8000.00", "20000.00")).await;
    assert_eq!(two, [(Stage::Attribue, false, false), (Stage::Sollicite, false, false)]);
    let two = asked_and_granted(programmation, "actions", plan("20000.00", "8000.00")).await;
    assert_eq!(two, [(Stage::Attribue, false, false), (Stage::Sollicite, false, true)]);
    for untold in ["1,234", ""] {
        let two = asked_and_granted(programmation, "actions", plan(untold, "8000.00")).await;
        assert_eq!(two, [(Stage::Attribue, false, false), (Stage::Sollicite, false, true)], "{untold}");
    }
}

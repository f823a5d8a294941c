//! Rows of totals, and what only begins like one.

use super::lines::{CONVENTION, OPERATIONS, accepted, read, refused, spelled, table};

#[tokio::test]
async fn a_total_in_any_spelling_is_no_operation() {
    for total in ["Total", "TOTAL", "total :", "Total général", "Totaux", "Sous-total", "Total convention"] {
        let row = format!("{total};;Investissement;Engagée;1000;;500;;;;;2024");
        let mut rows = CONVENTION.to_vec();
        rows.extend(["R1;x;Investissement;Engagée;1000;;500;;;;;2024", &row]);
        let seen = read("npnru/anru-npnru", &[("operations.csv", table(&rows))]).await;
        assert_eq!(accepted(&seen).len(), 1, "{total}");
        assert!(matches!(&*refused(&seen), [] | [_]), "{total}");
    }
}

#[tokio::test]
async fn a_row_of_totals_is_no_operation_even_where_it_has_a_fund() {
    let cells = [
        "TOTAL FEDER;;",
        "Sous-total axe 1;;",
        "Ensemble;;",
        "Totaux;x;y",
        ";TOTAL;",
        "7;Total général;",
        "8;Ensemble des opérations;",
        "9;Ensemble contre le chômage;Association",
        "10;Totalement neuf;",
        "Cumul;;",
        "S/Total FSE+;;",
        "Grand total;x;y",
        "Montant total;;",
        "Somme;x;y",
        "11;Somme;",
        "Récapitulatif;;",
        "Report page 2;;",
        "12;;",
        "Somme-2024-3;Pont de Somme;",
    ];
    let row =
        |_: usize, cells: &str| format!("{cells};2024-03-01;2026-03-15;Nord;Hauts-de-France;FSE+;1000;510;2024-05-12");
    let total = "refused totals-row";
    for folder in ["fonds-europeens/feder", "fonds-europeens/fse-plus"] {
        let said = spelled(folder, OPERATIONS, row, &cells).await;
        assert_eq!(said[..7], [total; 7], "{folder}");
        assert_eq!(said[7..9], ["taken"; 2], "{folder}");
        assert_eq!(said[9..17], [total; 8], "{folder}");
        assert_eq!(said[17..], ["refused operation-untold", "taken"], "{folder}");
    }
    let old = "Programme;Intitulé du projet - operation name;Nom du bénéficiaire - beneficiary name;Code postal du bénéficiaire;Date de début de l'opération - operation start date;Date de fin de l'opération - operation end date;Total dépenses éligibles;Montant UE programmé - Union co-financing rate;Date de programmation;Fonds";
    let row =
        |_: usize, cells: &str| format!("PO_FEDERFSE_PI;{cells};59000;2015-01-01;2016-06-30;1000;600;2016-01-20;FSE");
    let said = spelled("fonds-europeens/feder-2014", old, row, &["Total FSE;", "Total;B", "Pôle;B"]).await;
    assert_eq!(said, [total, "taken", "taken"]);
    let header = "code;exercice;jusqu_a;siren_epci;dispositif;section;montant_cible;groupe_fongible";
    let row = |_: usize, code: &str| format!("{code};2026;;200093201;FTU;I;1250000;");
    let said = spelled("references/enveloppes", header, row, &["E1", "Somme", "Report", "Cumul 2026", "SOMME-1"]).await;
    assert_eq!(said, ["taken", total, total, total, "taken"]);
}

#[tokio::test]
async fn a_reference_that_begins_like_a_total_is_one_where_the_beneficiary_has_a_number() {
    let header = "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;nature";
    let row = |_: usize, (reference, body): &(&str, &str)| {
        format!("Région;20005374200017;2025-01-05;{reference};A;{body};x;1000;aide en numéraire")
    };
    let cells =
        [("REPORT-2024-17", "38047555800058"), ("Ensemble", "38047555800058"), ("Report", ""), ("Total 2024", "")];
    let mut said = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let seen = read("droit-commun/region-droit-commun", &[("a.csv", table(&[header, &row(at, cell)]))]).await;
        said.push((accepted(&seen).len(), refused(&seen).concat()));
    }
    let (taken, total) = ((1, String::new()), (0, "totals-row".to_owned()));
    assert_eq!(said, [taken.clone(), taken, total.clone(), total]);
}

//! The real public files, through the ordinary connectors: counts and sums in euros to the cent against figures that were
//! computed independently. Where `PASSERELLE_REAL_DATA` names no folder, this is skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "the command-line tests use more of it")]
mod program;

mod demarche;
mod envelopes;
mod matching;
mod oracle;
mod seen;
mod series;

use program::{Program, counts};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use std::path::PathBuf;

/// One file: source, path, counts (read, added, skipped, rejected), sum of its statements in cents.
struct Case {
    source: &'static str,
    file: &'static str,
    counts: [u64; 4],
    cents: Option<i64>,
}

const fn case(source: &'static str, file: &'static str, counts: [u64; 4], cents: Option<i64>) -> Case {
    Case { source, file, counts, cents }
}

/// How the figures were had, from the folder of the files (P: python3 with csv, json and decimal):
/// - communes, EPCI, QPV, contrats: P, rows of the file; 46 rows of the NPNRU list, one of which names two QPV.
/// - FEDER: P over hdf_operations_feder_fse_iej_2014_2020_au_20160711.csv, `sum(Montant UE programmé)`, and the 1 834
///   rows of the workbook less its 128 rows of the two regional programmes.
/// - dotations: P, rows of the CSV; `sum(quantize(montant_sub, 0.01, ROUND_HALF_UP))` = 130 687 175.64; the workbook
///   has 24 811 projects, of which 2 568 in the five départements.
/// - Fonjep: P, rows whose `insee_dep` is 02, 59, 60, 62 or 80 are ours, those without `insee_dep` are rejected.
/// - SCDL: P, rows and `sum(montant)` of each file, a decimal comma read as such; a
///   row is rejected when its key (reference, date, beneficiary) came before: two grants of one decision to one
///   association (line 17), the same grant by another establishment of the funder (line 10).
const CASES: &[Case] = &[
    case("communes", "territoires/hdf_communes.csv", [3782, 3782, 0, 0], None),
    case("epci", "territoires/hdf_epci.csv", [92, 92, 0, 0], None),
    case("departements", "territoires/hdf_departements.json", [5, 5, 0, 0], None),
    case("quartiers", "qpv/hdf_qpv2024.csv", [204, 204, 0, 0], None),
    case("contrats", "contrats_ville/hdf_contrats_ville_2024.csv", [39, 39, 0, 0], None),
    case("npnru-quartiers", "npnru/hdf_npnru_quartiers_transcrits.csv", [47, 47, 0, 0], None),
    case(
        "feder-2014",
        "fonds_ue/fr_liste_operations_feder_fse_2014_2020_au_20160711.xls",
        [1834, 128, 1706, 0],
        Some(11_340_450_489),
    ),
    case(
        "etat-dotations",
        "droit_commun/hdf_dotations_investissement_2019.csv",
        [2568, 2568, 0, 0],
        Some(13_068_717_564),
    ),
    case(
        "etat-dotations-2019",
        "droit_commun/dgcl_anct_dotations_investissement_2019.xlsx",
        [24811, 2568, 22243, 0],
        Some(13_068_717_564),
    ),
    case("anct-postes", "politique_ville/anct_postes_fonjep_2021.json", [1462, 161, 1301, 0], Some(110_624_100)),
    case("anct-postes", "politique_ville/anct_postes_fonjep_2022.json", [1429, 164, 1265, 0], Some(114_683_700)),
    case("anct-postes", "politique_ville/anct_postes_fonjep_2023.json", [1478, 176, 1291, 11], Some(122_623_800)),
    case("anct-postes", "politique_ville/anct_adultes_relais_2022.json", [5623, 782, 4818, 23], Some(1_662_062_800)),
    case("anct-postes", "politique_ville/anct_adultes_relais_2023.json", [5416, 730, 4663, 23], Some(1_646_568_290)),
    case("region-droit-commun", "scdl/scdl_exemple_valide.csv", [29, 29, 0, 0], Some(282_139_350)),
    case("region-droit-commun", "scdl/scdl_exemple_duplicate_column.csv", [29, 29, 0, 0], Some(282_139_350)),
    case("region-droit-commun", "scdl/scdl_exemple_invalide_erreurs_cellules.csv", [29, 28, 0, 1], Some(84_688_610)),
    case("region-droit-commun", "scdl/datasubvention_SCDL.csv", [4, 4, 0, 0], Some(11_000_000)),
    case("region-droit-commun", "scdl/datasubvention_SCDL_SECOND_IMPORT.csv", [9, 8, 0, 1], Some(15_000_000)),
    case("region-droit-commun", "scdl/datasubvention_test-csv-valid.csv", [38, 38, 0, 0], Some(435_777_888)),
    case("region-droit-commun", "scdl/etalab_exemple_region_bretagne.csv", [2, 2, 0, 0], Some(2_750_100)),
];

#[test]
fn the_real_files_reconcile_to_the_cent() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    for case in CASES {
        let program = Program::new();
        let file = folder.join(case.file);
        let run = &program.json(&["sync", case.source, "--from", file.to_str().unwrap()])[0];
        let [read, added, changed, unchanged, skipped, rejected, gone] = counts(run);
        assert_eq!(read, added + changed + unchanged + skipped + rejected, "{}: {run}", case.file);
        let cents = sum_cents(&program);
        let found = ([read, added, skipped, rejected], case.cents.map(|_| cents));
        if run["outcome"] != "SUCCEEDED" || found != (case.counts, case.cents) || gone != 0 {
            wrong.push(format!(
                "{} {}: {found:?}, expected {:?}: {run}",
                case.source,
                case.file,
                (case.counts, case.cents)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first publication of 2020 has 164 posts of the region and 12 without département; the second withdrew those 12
/// and five others: 159 are unchanged, none is changed or new (P: dictionaries by `id_poste`).
#[test]
fn two_versions_of_one_year_differ_by_what_was_withdrawn() {
    let Some(folder) = folder() else { return };
    let program = Program::new();
    let sync = |name: &str| {
        let file = folder.join("politique_ville").join(name);
        program.json(&["sync", "anct-postes", "--from", file.to_str().unwrap()])[0].clone()
    };
    let first = sync("anct_postes_fonjep_2020_v1.json");
    assert_eq!(counts(&first), [1496, 164, 0, 0, 1320, 12, 0], "{first}");
    assert_eq!(sum_cents(&program), 113_609_100);
    let second = sync("anct_postes_fonjep_2020.json");
    assert_eq!(counts(&second), [1455, 0, 0, 159, 1296, 0, 5], "{second}");
    let source = &program.json(&["sources"])[0];
    assert_eq!((&source["records"], &source["rejected"]), (&159.into(), &0.into()));
    let other_year = sync("anct_postes_fonjep_2021.json");
    assert_eq!(counts(&other_year)[6], 0, "another year closes nothing: {other_year}");
}

fn folder() -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "a test looks for its files through the environment")]
    let folder = std::env::var_os("PASSERELLE_REAL_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: PASSERELLE_REAL_DATA names no folder of real files");
    }
    folder
}

/// The sum of all statements of the ledger, in cents.
fn sum_cents(program: &Program) -> i64 {
    let url = format!("sqlite://{}?mode=ro", program.path("state/ledger.sqlite").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Database::connect(url).await.unwrap();
        let sql = "SELECT COALESCE(SUM(amount_cents), 0) FROM statement";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    })
}

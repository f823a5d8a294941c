//! The defects that were seen in the real files, each with the handling expected: `dirty/dirty_cases.csv`. Every case is
//! read out of its own file through a manifest. Where a case is not done as it says, the reason stands beside it.

use super::seen::{FEDER, Files, GRANTS, POSTS, SCDL, Seen, connector, read};
use passerelle::connector::Mapped;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Cases that are not done as they say, and why: what the product has no word for stands in the raw record, verbatim.
const NOT_SO: &[(u32, &str)] = &[
    (31, "the row is of another region and is left out; the connector's own sample has its like, told by `cost-zero`"),
    (32, "a published rate is not taken: coverage and leverage are computed from the sums; the raw record keeps it"),
    (33, "as 32"),
    (95, "where the name ends and the country begins is not stated: the text is kept whole, its blanks as they are"),
    (103, "idRAE is not taken, as an identifier or otherwise"),
    (107, "the category of intervention is not taken; where NR stands in a column that is, it means nothing"),
];

#[test]
fn every_case_of_the_oracle_is_handled_or_says_why_not() {
    let Some(folder) = super::folder() else { return };
    let mut cases = csv::Reader::from_path(folder.join("dirty/dirty_cases.csv")).unwrap();
    let mut files = Files { folder, read: HashMap::new() };
    let mut wrong = Vec::new();
    let mut numbers = BTreeSet::new();
    for case in cases.records() {
        let case = case.unwrap();
        let number: u32 = case[0].parse().unwrap();
        numbers.insert(number);
        if NOT_SO.iter().any(|(known, _)| *known == number) {
            continue;
        }
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            identifiers(number, &mut files)
                .or_else(|| amounts(number, &mut files))
                .or_else(|| dates_and_codes(number, &mut files))
                .or_else(|| files_and_texts(number, &mut files))
        }));
        match held {
            Ok(Some(true)) => {}
            Ok(Some(false)) => wrong.push(format!("case {number} {}: not so: {}", &case[1], &case[6])),
            Ok(None) => wrong.push(format!("case {number} {}: not looked at: {}", &case[1], &case[6])),
            Err(_) => wrong.push(format!("case {number} {}: panicked (see above)", &case[1])),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(numbers.len(), 67, "the oracle has changed");
    assert!(NOT_SO.iter().all(|(number, _)| numbers.contains(number)), "a reason for a case that is not there");
}

fn identifiers(number: u32, files: &mut Files) -> Option<bool> {
    const EXPORT: &str = "scdl/datasubvention_SCDL.csv";
    Some(match number {
        1 => {
            let seen = files.scdl(2);
            seen.raw("idAttribuant") == "21860194600000"
                && seen.funder() == "siren:218601946"
                && seen.warned("siret-unverified")
        }
        2 => {
            let seen = files.scdl(20);
            seen.raw("idBeneficiaire") == "45032466000000"
                && seen.warned("siret-unverified") | seen.warned("identifier-unverified")
        }
        3 => {
            let seen = files.scdl(6);
            seen.raw("idBeneficiaire") == "32402138500000.0"
                && seen.warned("siret-unverified") | seen.warned("identifier-unverified")
        }
        4 => files.scdl(7).funder() == "siren:218601946",
        5 => files.scdl(9).holder().starts_with("text:region-droit-commun:"),
        6 => {
            let seen = files.line(SCDL, EXPORT, 2);
            seen.funder() == "text:region-droit-commun:TEST SOCLE SCDL" && seen.warned("identifier-missing")
        }
        // The identifier fails its check: it is kept as a text of this source, and the sum with it.
        7 => {
            let seen = files.line(SCDL, EXPORT, 3);
            seen.funder() == "text:region-droit-commun:99000000000001" && seen.warned("identifier-unverified")
        }
        8 => {
            let file = "scdl/datasubvention_SCDL_SECOND_IMPORT.csv";
            files.line(SCDL, file, 10).funder() == files.line(SCDL, file, 9).funder()
        }
        9 => files.scdl(5).raw("rnaBeneficiaire") == "W3222" && files.scdl(5).warned("rna-unreadable"),
        10 => files.scdl(12).raw("rnaBeneficiaire") == "W12455" && files.scdl(12).warned("rna-unreadable"),
        13 => {
            let seen = files.at(POSTS, "politique_ville/anct_postes_fonjep_2020.json", 0);
            seen.raw("code_tiers").starts_with("AMATRAMI")
                && seen.holder().starts_with("text:")
                && seen.facts().organisations.iter().all(|one| one.siret.is_none())
        }
        15 => {
            let seen = files.at("fonjep-versements", "exports_si/fonjep.xlsx", 0);
            seen.raw("FinanceurPrincipalCode").contains("10004") && seen.key().ends_with("/10004")
        }
        17 => files.line("cordis", "fonds_ue/cordis_projects_sample.csv", 2).key() == "688110",
        18 => {
            let seen = files.line(SCDL, EXPORT, 2);
            seen.raw("dispositifAide").starts_with("65d5b6c7-")
                && seen.sum().dispositif.is_none()
                && seen.warned("value-unknown")
        }
        _ => return None,
    })
}

fn amounts(number: u32, files: &mut Files) -> Option<bool> {
    const GRANTS_FILE: &str = "droit_commun/hdf_dotations_investissement_2019.csv";
    Some(match number {
        19 => files.scdl(6).cents() == Some(10_000_010),
        20 => files.scdl(10).cents().is_none(),
        21 => {
            let seen = files.line("exemplaires", "fonds_ue/fr_projets_exemplaires_2007_2013.csv", 2);
            seen.cents() == Some(2_611_200)
        }
        24 => files.feder(82).cents() == Some(375_138_752) && files.feder(82).warned("amount-above-cost"),
        25 => {
            let file = "fonds_ue/fr_liste_operations_feder_fse_2014_2020_au_20160711.xls";
            let warned =
                files.of(FEDER, file).0.iter().filter(|record| matches!(record.mapped, Mapped::Accepted { .. }));
            let warned = warned.filter(|record| Seen(record).warned("amount-whole-cost")).count();
            // Nine of the 171 are the empty envelopes of case 26.
            warned == 162
        }
        // Without a fund they cannot be told apart: they are rejected, or their cost of zero is told. None counts.
        26 => (330..=336).chain([1598, 1600]).all(|line| {
            let seen = files.feder(line);
            matches!(seen.0.mapped, Mapped::Rejected { .. }) || seen.cents() == Some(0) || seen.warned("cost-zero")
        }),
        27 => {
            !files.feder(2).raw("Montant UE programmé - Union co-financing rate").is_empty()
                && files.feder(2).cents().is_some()
        }
        29 => files.at(POSTS, "politique_ville/anct_postes_fonjep_2022.json", 119).raw("montant") == "14328",
        34 => files.scdl(2).raw("pourcentageSubvention") == "100" && files.scdl(2).warned("share-in-percent"),
        35 => {
            let part = files.scdl(9).sum().part.clone().unwrap();
            part.share.map(passerelle::domain::money::BasisPoints::get) == Some(5_000)
        }
        36 => {
            let file = "scdl/etalab_exemple_region_bretagne.csv";
            files.line(SCDL, file, 2).cents() == Some(2_200_080) && files.line(SCDL, file, 3).cents() == Some(550_020)
        }
        37 => {
            let records = files.of(GRANTS, GRANTS_FILE).0.iter().map(Seen);
            let (mut cents, mut rounded) = (0, 0);
            for seen in records {
                cents += seen.cents().unwrap();
                rounded += u32::from(seen.warned("amount-rounded"));
            }
            cents == 13_068_717_564 && rounded >= 381
        }
        _ => return None,
    })
}

fn dates_and_codes(number: u32, files: &mut Files) -> Option<bool> {
    const VALID: &str = "scdl/scdl_exemple_valide.csv";
    const PLACES: &str = "qpv/anct_qpv2024_par_commune_centroides.geojson";
    let day = |seen: &Seen<'_>| seen.sum().decided_on.map(|day| day.to_string());
    let inverted = |seen: Seen<'_>| seen.warned("period-inverted");
    let codes =
        |seen: &Seen<'_>| -> Vec<String> { seen.project().places.quartiers.iter().map(ToString::to_string).collect() };
    Some(match number {
        38 => day(&files.scdl(5)).as_deref() == Some("2016-12-05"),
        40 => {
            let seen = files.line(SCDL, VALID, 27);
            seen.days() == ["2017-03-02", ""] && seen.warned("date-unreadable")
        }
        41 => inverted(files.line(SCDL, VALID, 24)),
        42 => inverted(files.line(SCDL, VALID, 25)),
        43 => inverted(files.line(SCDL, VALID, 29)),
        45 => files.scdl(8).days() == ["2017-06-27", "2018-06-27"],
        53 => day(&files.feder(1834)).is_none() && files.feder(1834).sum().year.is_none(),
        54 => files.feder(111).warned("period-inverted"),
        55 => day(&files.line("cordis", "fonds_ue/cordis_projects_sample.csv", 2)).as_deref() == Some("2015-11-04"),
        56 => {
            let file = "scdl/datasubvention_SCDL_SECOND_IMPORT.csv";
            let keys: BTreeSet<String> = (5..=9).map(|line| files.line(SCDL, file, line).key().to_owned()).collect();
            keys.len() == 5
        }
        62 => {
            let first = files.feder(453).key().to_owned();
            first != files.feder(1067).key()
        }
        64 => codes(&files.at("quartiers-par-commune", PLACES, 6)) == ["QN00216M", "QN00217M"],
        // The stored file has no blank before the code; `convert` has its own examples.
        65 => codes(&files.at("quartiers-par-commune", PLACES, 143)) == ["QN02A02M", "QN02A03N"],
        66 => codes(&files.at("quartiers-par-commune", PLACES, 144)) == ["QN02A01M"],
        67 => files.at("quartiers-par-commune", PLACES, 6).project().title == "Blanchard, Vaucrises",
        // The commune is that of the code; the list of names names nobody but a text of this source.
        68 => {
            let seen = files.at("quartiers-par-commune", PLACES, 323);
            seen.project().places.communes[0].as_str() == "59079" && seen.holder().starts_with("text:")
        }
        70 => {
            let records = &files.of("adultes-relais", "politique_ville/anct_adultes_relais_2023.json").0;
            let all: Vec<Seen<'_>> = records.iter().map(Seen).collect();
            let seen = all.iter().find(|seen| seen.0.read.contains("\"97318R000201\"")).unwrap();
            let contrats: Vec<&str> = seen.project().places.contrats.iter().map(|code| code.as_str()).collect();
            contrats == ["CV380", "CV384"] && seen.warned("codes-glued")
        }
        // It does not tell the commune, and none is guessed.
        75 => {
            let seen = files.feder(64);
            seen.warned("zero-restored") && seen.project().places.communes.is_empty()
        }
        77 => {
            let text = files.at(POSTS, "politique_ville/anct_postes_fonjep_2023.json", 0).project().year;
            let whole = files.at(POSTS, "politique_ville/anct_postes_fonjep_2022.json", 0).project().year;
            (text, whole) == (Some(2023), Some(2022))
        }
        _ => return None,
    })
}

fn files_and_texts(number: u32, files: &mut Files) -> Option<bool> {
    const TWICE: &str = "scdl/scdl_exemple_duplicate_column.csv";
    const GRANTS_FILE: &str = "droit_commun/hdf_dotations_investissement_2019.csv";
    let objective = |files: &mut Files, category: &str| {
        let records = &files.of("categories", GRANTS_FILE).0;
        let found: Vec<Seen<'_>> = records.iter().map(Seen).filter(|seen| seen.raw("categorie") == category).collect();
        !found.is_empty() && found.iter().all(|seen| seen.project().objectives.len() == 1)
    };
    Some(match number {
        78 => {
            let seen = files.line(SCDL, TWICE, 2);
            let named = seen.raw("nature") == "aide en numéraire";
            named && files.of(SCDL, TWICE).0.iter().all(|record| !record.read.contains('\u{fffd}'))
        }
        82 => files.notes(SCDL, TWICE).contains("« notificationUE » stands twice"),
        84 => files.line(SCDL, "scdl/datasubvention_SCDL.csv", 4).project().title == "Pride Marseille 2019",
        87 => files.of(SCDL, "scdl/datasubvention_SCDL.csv").0.len() == 4,
        90 => {
            let records = &files.of("osiris-actions", "exports_si/osiris_suivi_actions.xls").0;
            let record: Value = serde_json::from_str(&records[0].read).unwrap();
            let names: Vec<&String> = record.as_object().unwrap().keys().collect();
            names.len() >= 70 && names.iter().filter(|name| name.contains(' ')).count() > 20
        }
        92 => files.feder(81).project().title.contains("Phyt'eauvergne ? Suivi"),
        93 => files.feder(111).project().title.starts_with("Limiter le taux de rupture"),
        94 => {
            let seen = files.at("adultes-relais", "politique_ville/anct_adultes_relais_2023.json", 9);
            seen.project().title == "ASS DEP SAUVEGARDE  ENFANCE"
                && passerelle::domain::text::normalised(&seen.project().title) == "ASS DEP SAUVEGARDE ENFANCE"
        }
        96 => objective(files, "5 - Actions et services publics"),
        97 => objective(files, "5 - Actions et services publics "),
        98 => objective(files, "7 - Construction, habitat, urbanisme et transports"),
        99 => {
            let records = &files.of(GRANTS, GRANTS_FILE).0;
            let broken = records.iter().map(Seen).filter(|seen| seen.raw("description").contains('\n')).count();
            records.len() == 2568 && broken == 22
        }
        100 => {
            files.scdl(2).raw("conditionsVersement") == "unique;échelonné" && files.scdl(2).warned("value-unexpected")
        }
        102 => files.scdl(8).raw("notificationUE") == "yes" && files.scdl(8).sum().de_minimis == Some(true),
        101 => files.scdl(16).sum().form.to_string() == "SUBVENTION",
        104 => {
            let seen = files.line(SCDL, "scdl/datasubvention_test-csv-valid.csv", 13);
            seen.raw("nature") == "en numéraire" && seen.sum().form.to_string() == "SUBVENTION"
        }
        _ => return None,
    })
}

/// Every spelling of a header that was met, one at a time in place of the official one: the same facts each time, but
/// that a sum which was voted is not called engaged.
#[test]
fn every_spelling_of_a_header_gives_the_same_facts() {
    let Some(folder) = super::folder() else { return };
    let connector = connector(SCDL);
    let names: Vec<&str> = super::program::SCDL.split(',').collect();
    let row = "Région Hauts-de-France,20005374200017,2024-03-05,R1,Association,38047555800058,,Action,25000.00,aide en numéraire,unique,2024-03-05/2024-12-31,,non,1,FRATRI";
    let file = tempfile::NamedTempFile::new().unwrap();
    let facts = |name: &str, spelling: &str| {
        let mut writer = csv::Writer::from_path(file.path()).unwrap();
        writer.write_record(names.iter().map(|own| if *own == name { spelling } else { own })).unwrap();
        writer.write_record(row.split(',')).unwrap();
        writer.flush().unwrap();
        read(&connector, file.path()).0.remove(0).mapped
    };
    let expected = facts("", "");
    assert!(matches!(expected, Mapped::Accepted { .. }), "{expected:?}");
    let mut wrong = Vec::new();
    let mut spellings = csv::Reader::from_path(folder.join("scdl/variantes_entetes_scdl_observees.csv")).unwrap();
    for spelling in spellings.records() {
        let spelling = spelling.unwrap();
        let mut found = facts(&spelling[0], &spelling[1]);
        let voted =
            ["Montant voté", "Montant décidé ligne", "Montant accordé", "montantAttribue"].contains(&&spelling[1]);
        if let (true, Mapped::Accepted { facts, .. }) = (voted, &mut found) {
            assert_eq!(facts.statements[0].stage.map(|stage| stage.to_string()).as_deref(), Some("ATTRIBUE"));
            facts.statements[0].stage = Some(passerelle::domain::vocabulary::Stage::Engage);
        }
        // Of State aid, or of its contrary, nothing follows for de minimis.
        let other = ["Aides ne relevant pas d'une aide d'état", "Aide d'Etat (ou pas) notifiée à l'UE"];
        if let (true, Mapped::Accepted { facts, .. }) = (other.contains(&&spelling[1]), &mut found) {
            assert_eq!(facts.statements[0].de_minimis.replace(false), None);
        }
        if found != expected {
            wrong.push(format!("{} as « {} »: {found:?}", &spelling[0], &spelling[1]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Who is written so that nobody can tell whom it means: a number that a spreadsheet rounded, a word that stands for want of a name. Two that
//! are written so are not one.

use super::lines::{accepted, read, table};

const HEADER: &str =
    "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;nature";

#[tokio::test]
async fn what_many_share_is_the_identity_of_nobody() {
    let rows = [
        HEADER,
        ";2,19E+13;2025-01-01;D1;Club;20009320100016;Lecture;100,00;aide en numéraire",
        "N.C.;;2025-01-02;D2;Club;20009320100016;Danse;200,00;aide en numéraire",
        "Région;20005374200017;2025-01-03;D3;;2,19E+13;Sport;300,00;aide en numéraire",
        "Région;20005374200017;2025-01-04;D4;Non communiqué;;Chant;400,00;aide en numéraire",
        "Région;20005374200017;2025-01-05;D5;;99999999999999;Jeux;500,00;aide en numéraire",
        "Région;20005374200017;2025-01-07;D7;NC;NC;Vélo;700,00;aide en numéraire",
        "Région;20005374200017;2025-01-08;D8;;en cours;Conte;800,00;aide en numéraire",
        "Pas-de-Calais habitat;2,19E+13;2025-01-06;D6;Pas-de-Calais habitat;2,19E+13;Chauffage;600,00;aide en numéraire",
    ];
    let seen = read("droit-commun/region-droit-commun", &[("liste.csv", table(&rows))]).await;
    let records = accepted(&seen);
    let who: Vec<(&str, &str)> = records
        .iter()
        .map(|(_, facts)| {
            let holder = facts.project.as_ref().and_then(|one| one.holder.as_ref());
            let [sum] = &*facts.statements else { panic!("one sum: {facts:?}") };
            (sum.funder.as_str(), holder.map_or("-", |id| id.as_str()))
        })
        .collect();
    let nobody = "text:region-droit-commun:FINANCEUR NON PRECISE";
    let (region, club) = ("siren:200053742", "siren:200093201");
    let by_name = "text:region-droit-commun:PAS DE CALAIS HABITAT";
    assert_eq!(
        who,
        [
            (nobody, club),
            (nobody, club),
            (region, "-"),
            (region, "-"),
            (region, "-"),
            (region, "-"),
            (region, "-"),
            (by_name, by_name)
        ]
    );
    let amounts: Vec<_> = records.iter().map(|(_, facts)| facts.statements[0].amount.map(|one| one.get())).collect();
    assert_eq!(amounts, [10_000, 20_000, 30_000, 40_000, 50_000, 70_000, 80_000, 60_000].map(Some), "no sum is lost");
    for (at, code) in [(0, "identifier-unverified"), (1, "name-says-nothing"), (2, "identifier-unverified")] {
        let codes: Vec<&str> = records[at].1.warnings.iter().map(|one| &*one.code).collect();
        assert!(codes.contains(&code), "{at}: {codes:?}");
    }
}

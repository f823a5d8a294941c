//! Reference tables, in the columns of the public files that the same connectors also read.

use crate::demo::Region;
use crate::demo::geography::{Contrat, Geography, QPV_COUNT};
use crate::demo::organisations::REGION_SIREN;

/// Columns of the table of schemes.
const DISPOSITIFS: &str = r#"code,nom,famille,natures,date_debut,date_fin
NQE,Nos quartiers d'été,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT,,
PIC,Projets d'initiative citoyenne,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT,,
FTU,Fonds de travaux urbains,POLITIQUE_DE_LA_VILLE,INVESTISSEMENT,,
PROGRAMMATION,Programmation annuelle des contrats de ville,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT|INVESTISSEMENT,,
BOP-147,Crédits de l'État en faveur de la politique de la ville,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT,,
FONJEP,Postes FONJEP de la politique de la ville,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT,,
ADULTES-RELAIS,Postes d'adultes-relais,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT,,
DPV,Dotation politique de la ville,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT|INVESTISSEMENT,,
DETR,Dotation d'équipement des territoires ruraux,DROIT_COMMUN,INVESTISSEMENT,,
DSIL,Dotation de soutien à l'investissement local,DROIT_COMMUN,INVESTISSEMENT,,
DSID,Dotation de soutien à l'investissement des départements,DROIT_COMMUN,INVESTISSEMENT,,
PRF,Programme régional de formation,DROIT_COMMUN,FONCTIONNEMENT,,
STARTER,Accompagnement à la création d'entreprise,DROIT_COMMUN,FONCTIONNEMENT,,
FRATRI,Fonds régional d'amplification de la troisième révolution industrielle,DROIT_COMMUN,INVESTISSEMENT,,
PRAC,Projets à rayonnement artistique et culturel,DROIT_COMMUN,FONCTIONNEMENT,,
S-ENGAGER-EMPLOI,S'engager vers l'emploi,DROIT_COMMUN,FONCTIONNEMENT,,
PEPS,"Parcours d'éducation, de pratique et de sensibilisation à la culture",DROIT_COMMUN,FONCTIONNEMENT,,
HAUTE-FREQUENCE,Haute-Fréquence (musiques actuelles),DROIT_COMMUN,FONCTIONNEMENT,,
INAS,Soutien aux initiatives associatives,DROIT_COMMUN,FONCTIONNEMENT,,
4TIL,"Tremplin, travail, transport, toit et illettrisme",DROIT_COMMUN,FONCTIONNEMENT,,
SPORTS,Équipements sportifs,DROIT_COMMUN,INVESTISSEMENT,,
MOBILITES,Plateformes et aides à la mobilité,DROIT_COMMUN,FONCTIONNEMENT|INVESTISSEMENT,,
TIERS-LIEUX,Tiers-lieux,DROIT_COMMUN,FONCTIONNEMENT|INVESTISSEMENT,,
SANTE,"Santé : maisons de santé, prévention",DROIT_COMMUN,FONCTIONNEMENT|INVESTISSEMENT,,
SREI,Soutien régional à l'emploi et à l'innovation (2017-2023),DROIT_COMMUN,INVESTISSEMENT,2017-01-01,2024-01-01
NPNRU-REGION,Renouvellement urbain - crédits de la Région,NPNRU,INVESTISSEMENT,,
NPNRU-ANRU,Renouvellement urbain - subventions de l'ANRU,NPNRU,INVESTISSEMENT,,
PRET-ACTION-LOGEMENT,Renouvellement urbain - prêts bonifiés d'Action Logement,NPNRU,INVESTISSEMENT,,
FEDER,Fonds européen de développement régional,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
FSE+,Fonds social européen plus,FONDS_EUROPEENS,FONCTIONNEMENT,,
IREV,Contribution statutaire au centre de ressources IREV,POLITIQUE_DE_LA_VILLE,FONCTIONNEMENT,,
HORIZON,Horizon Europe,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
LIFE,Programme LIFE,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
EUI,Initiative urbaine européenne,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
NEB,Nouveau Bauhaus européen,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
INTERREG-EUROPE,Interreg Europe,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
INTERREG-NWE,Interreg Europe du Nord-Ouest,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
INTERREG-NSR,Interreg mer du Nord,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
INTERREG-FWVL,Interreg France-Wallonie-Vlaanderen,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
FTJ,Fonds pour une transition juste,FONDS_EUROPEENS,FONCTIONNEMENT|INVESTISSEMENT,,
"#;

/// The tables: name of the file, and its text.
pub fn files(region: &Region) -> Vec<(&'static str, String)> {
    let geography = &region.geography;
    vec![
        ("departements.json", departements(geography)),
        ("epci.csv", epcis(geography)),
        ("communes.csv", communes(geography)),
        ("contrats.csv", contrats(geography)),
        ("quartiers.csv", quartiers(geography)),
        ("npnru.csv", npnru(geography)),
        ("dispositifs.csv", DISPOSITIFS.to_owned()),
    ]
}

fn departements(geography: &Geography) -> String {
    let list = geography.departements.iter();
    let list: Vec<_> = list.map(|one| serde_json::json!({"code": one.code, "region": "32", "nom": one.name})).collect();
    serde_json::Value::Array(list).to_string()
}

fn epcis(geography: &Geography) -> String {
    table((b',', ["siren", "nom"]), geography.epcis.iter().map(|epci| [epci.siren.to_owned(), epci.name.to_owned()]))
}

fn communes(geography: &Geography) -> String {
    let rows = geography.communes.iter().map(|commune| {
        let departement = geography.departements[commune.departement].code;
        let epci = geography.epcis[commune.epci].siren;
        [commune.insee, commune.name, departement, commune.postcode, epci].map(str::to_owned)
    });
    table((b',', ["code_insee", "nom", "departement", "codes_postaux", "siren_epci"]), rows)
}

fn contrats(geography: &Geography) -> String {
    let rows = geography.contrats.iter().map(|contrat| {
        let [pilot, code, name, departement] =
            [contrat.pilot, contrat.code, contrat.name, contrat.departement].map(str::to_owned);
        [pilot, code, name, departement, signatories(geography, contrat)]
    });
    table((b',', ["codgeo", "code_cv", "lib_cv", "insee_dep", "signataires"]), rows)
}

/// The partners who sign every contract of the region, beside its pilot.
fn signatories(geography: &Geography, contrat: &Contrat) -> String {
    let code = contrat.departement;
    let council = geography.departements.iter().find(|one| one.code == code).map_or("", |one| one.siren);
    let groups = [format!("financeur:etat-{code}"), format!("financeur:caf-{code}")];
    [REGION_SIREN, council].into_iter().chain(groups.iter().map(String::as_str)).collect::<Vec<_>>().join("|")
}

fn quartiers(geography: &Geography) -> String {
    let rows = geography.quartiers.iter().enumerate().map(|(rank, quartier)| {
        let insee = quartier.communes.iter().map(|rank| geography.communes[*rank].insee).collect::<Vec<_>>();
        let epcis = quartier.epcis.iter().map(|rank| geography.epcis[*rank].siren).collect::<Vec<_>>();
        // For a QPV its contracts follow from its communes; an invented quartier says its own.
        let contrats = quartier.contrats.iter().map(|rank| geography.contrats[*rank].code).collect::<Vec<_>>();
        let contrats = if rank < QPV_COUNT { String::new() } else { contrats.join("|") };
        let kind = crate::domain::place::QuartierCode::parse(&quartier.code).map(|code| code.kind().as_str());
        let kind = kind.expect("the codes of the region are sound").to_owned();
        [quartier.code.clone(), quartier.name.clone(), kind, insee.join("|"), epcis.join("|"), contrats]
    });
    table((b',', ["code_qpv2024", "nom", "type", "communes_insee", "siren_epci", "contrats"]), rows)
}

fn npnru(geography: &Geography) -> String {
    let rows = geography.npnru.iter().map(|one| {
        let candidates = one.candidates.join("|");
        [one.interest.to_owned(), one.name.to_owned(), one.insee.to_owned(), candidates, "non".to_owned()]
    });
    table((b',', ["niveau_interet", "nom_quartier_source", "insee_commune", "qpv2024_candidat", "verifie"]), rows)
}

/// A CSV file: its separator, its columns, its rows.
pub fn table<const N: usize>((separator, header): (u8, [&str; N]), rows: impl Iterator<Item = [String; N]>) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    writer.write_record(header).expect("memory takes every row");
    for row in rows {
        writer.write_record(&row).expect("memory takes every row of the same width");
    }
    String::from_utf8(writer.into_inner().expect("memory is always flushed")).expect("texts are UTF-8")
}

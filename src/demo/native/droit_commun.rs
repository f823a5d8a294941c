//! Grants of the Région above 23 000 EUR: the sixteen columns of SCDL, separated by semicolons, in Windows-1252,
//! and the identification shared by all co-funders (`idCofinancement`) that its extended draft adds.

use super::{FAR_DAY, euros, french};
use crate::demo::Region;
use crate::demo::appearance::signed_on;
use crate::demo::defect::Defect;
use crate::demo::organisations::{REGION_NIC, REGION_SIREN, establishment};
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use serde_json::Value;

/// The sixteen columns of the official format, and one of its extended draft.
pub const COLUMNS: [&str; 17] = [
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "rnaBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
    "dispositifAide",
    "idCofinancement",
];

/// The file.
pub fn file(region: &Region) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let mut write = |row: &[String]| writer.write_record(row).expect("memory takes every row of seventeen columns");
    write(&COLUMNS.map(str::to_owned));
    for (project, appearance) in region.records(System::DroitCommun) {
        let row = row(project, appearance);
        if appearance.has(Defect::DuplicateKey) {
            write(&row);
        }
        write(&row);
    }
    let text = String::from_utf8(writer.into_inner().expect("memory is always flushed")).expect("texts are UTF-8");
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(&text);
    debug_assert!(!lossy, "every letter of the region exists in Windows-1252");
    bytes.into_owned()
}

/// The same fields as the API of a portal writes them: in lower case, amounts as numbers.
pub fn record(_: &Region, project: &Project, appearance: &Appearance) -> Value {
    let names = COLUMNS.map(str::to_lowercase);
    let cells = row(project, appearance).map(|cell| if cell.is_empty() { Value::Null } else { Value::String(cell) });
    let mut record: serde_json::Map<String, Value> = names.into_iter().zip(cells).collect();
    if let Some(amount) = record.get_mut("montant")
        && let Some(number) = amount.as_str().and_then(|text| text.parse::<f64>().ok())
    {
        *amount = number.into();
    }
    Value::Object(record)
}

fn row(project: &Project, appearance: &Appearance) -> [String; 17] {
    let (own, _) = project.told(appearance).next().expect("the list holds the sums of the Région");
    let amount = match appearance.defect {
        Some(Defect::UnreadableAmount) => "voir annexe".to_owned(),
        // The file is in Windows-1252, which has the ordinary hard space only.
        Some(Defect::FrenchAmount) => french(own.amount).replace('\u{202f}', "\u{a0}"),
        _ => euros(own.amount),
    };
    let last = if appearance.has(Defect::FarDate) { FAR_DAY.to_owned() } else { project.ends_on.to_string() };
    let shared = if project.numbers.shared[1] { project.numbers.convention.clone() } else { String::new() };
    let scheme = match appearance.defect {
        Some(Defect::UnknownDispositif) => "Aide exceptionnelle 4B",
        _ => label(own.dispositif),
    };
    [
        "Région Hauts-de-France".to_owned(),
        establishment(REGION_SIREN, REGION_NIC).to_string(),
        signed_on(project),
        appearance.number.clone(),
        project.holder.name.clone(),
        appearance.beneficiary(project),
        String::new(),
        appearance.title.clone(),
        amount,
        "aide en numéraire".to_owned(),
        "échelonné".to_owned(),
        format!("{}/{last}", project.starts_on),
        String::new(),
        "non".to_owned(),
        "1".to_owned(),
        scheme.to_owned(),
        shared,
    ]
}

fn label(dispositif: Option<&str>) -> &'static str {
    match dispositif {
        Some("PRF") => "Programme régional de formation",
        Some("STARTER") => "Starter Hauts-de-France",
        Some("FRATRI") => "FRATRI",
        Some("TIERS-LIEUX") => "Tiers-lieux",
        Some("FTU") => "Fonds de travaux urbains",
        Some("NPNRU-REGION") => "Renouvellement urbain",
        _ => "",
    }
}

//! A case as it is written, and the small ledger that it becomes.

use super::world::{PROJECT, read_at, record, sources, tables};
use passerelle::domain::act::Author;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::{Budget, Facts, Places, ProjectFacts, StatementFacts, Warning};
use passerelle::domain::governance::{Act, ActEntry, ActId, OpinionOf, PlanContent, PlanVersion, SharedPlan};
use passerelle::domain::image::{Head, LedgerImage};
use passerelle::domain::message::Message;
use passerelle::domain::money::Cents;
use passerelle::domain::organisation::OrganisationId;
use passerelle::domain::project::ProjectId;
use passerelle::domain::record::{RecordState, RecordVersion};
use passerelle::domain::vocabulary::{Form, Nature, Stage, TaxBasis};
use passerelle::domain::{Date, Instant};
use passerelle::portfolio::{Moment, Portfolio};
use serde::Deserialize;
use std::path::Path;

/// What a case shows of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Respectee,
    Enfreinte,
    Inconnue,
    Levee,
    /// A derogation or an opinion is recorded, and lifts nothing.
    NonLevee,
    SansObjet,
}

/// A case, ready to be held.
pub struct Read {
    pub name: String,
    pub rule: String,
    pub shows: Shown,
    pub image: LedgerImage,
    pub now: Instant,
    pub knowledge: Option<String>,
    pub ready: Option<bool>,
    pub says: Option<String>,
    pub account: Option<String>,
    pub is_bare: bool,
    pub undecided: Option<std::sync::Arc<[ProjectId]>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    cas: Vec<Written>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    regle: String,
    montre: Shown,
    titre: String,
    #[serde(default)]
    le: Option<Date>,
    #[serde(default)]
    projet: Projet,
    #[serde(default)]
    moyens: Vec<Moyen>,
    #[serde(default)]
    actes: Vec<Acte>,
    /// Sources that were not read in time.
    #[serde(default)]
    en_retard: Vec<String>,
    #[serde(default)]
    connaissance: Option<String>,
    #[serde(default)]
    pret: Option<bool>,
    /// Projects that wait to be recognised as this one, where the reader may know.
    #[serde(default)]
    rapprochements: Option<Vec<ProjectId>>,
    /// A piece of the sentence, in either language.
    #[serde(default)]
    dit: Option<String>,
    /// A piece of the account that is read aloud, in either language.
    #[serde(default)]
    recit: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Projet {
    porteur: Option<String>,
    action: Option<String>,
    /// Another record states another action.
    autre_action: Option<String>,
    investissement: Option<String>,
    fonctionnement: Option<String>,
    /// Another record states another cost of operation.
    autre_fonctionnement: Option<String>,
    /// Another record names another holder.
    autre_porteur: Option<String>,
    /// Another record states another first or last day.
    autre_debut: Option<Date>,
    autre_fin: Option<Date>,
    base: Option<TaxBasis>,
    quartiers: Vec<String>,
    communes: Vec<String>,
    contrats: Vec<String>,
    debut: Option<Date>,
    fin: Option<Date>,
    /// The exercice that the applications are about.
    exercice: Option<u16>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moyen {
    /// The record that holds it with others of the same source; without one, it stands in its own.
    #[serde(default)]
    fiche: Option<String>,
    /// Who says it: region, metropole, commune, etat, europe, anru (each speaks for itself), dossier (an application, which
    /// speaks for nobody), declaration.
    dit_par: String,
    financeur: String,
    #[serde(default)]
    nature: Option<Nature>,
    #[serde(default)]
    forme: Option<Form>,
    #[serde(default)]
    stade: Option<Stage>,
    /// Its stage is not said: without either, it is granted.
    #[serde(default)]
    sans_stade: bool,
    #[serde(default)]
    montant: Option<String>,
    #[serde(default)]
    dispositif: Option<String>,
    #[serde(default)]
    base: Option<TaxBasis>,
    #[serde(default)]
    neant: bool,
    /// Granted as de minimis aid, or as something else.
    #[serde(default)]
    minimis: Option<bool>,
    #[serde(default)]
    decide_le: Option<Date>,
    /// Its budget year.
    #[serde(default)]
    annee: Option<u16>,
    /// The reference of the grant.
    #[serde(default)]
    reference: Option<String>,
    /// For another project of the same holder.
    #[serde(default)]
    ailleurs: bool,
    /// Its amount is kept from others before this day.
    #[serde(default)]
    embargo: Option<Date>,
    /// It is asked, and the same row states a higher grant.
    #[serde(default)]
    accorde_sur_la_ligne: bool,
    /// It is asked, and another line of the same plan states a lower grant.
    #[serde(default)]
    autre_ligne: bool,
    /// Nobody expected the body that declares.
    #[serde(default)]
    inattendu: bool,
    /// The record stands twice in its source.
    #[serde(default)]
    en_double: bool,
    /// The record says a sum, and that the funder puts nothing.
    #[serde(default)]
    somme_et_neant: bool,
    /// Who carries the project, as the record says: an application, where that is another one; any other that names the holder.
    #[serde(default)]
    porteur: Option<String>,
    /// The record went bad at its source.
    #[serde(default)]
    devenu_illisible: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "acte")]
enum Acte {
    /// An opinion on the rule of the case: of `pilot`, `direction` or `service`.
    Avis {
        de: OpinionOf,
        favorable: bool,
        /// The action that the project was when it was given, where that is another one than now.
        #[serde(default)]
        action: Option<String>,
        /// The day on which it was given, where that is not the day of the case.
        #[serde(default)]
        donne_le: Option<Date>,
        /// The rule that it is on, where that is not the one of the case.
        #[serde(default)]
        sur: Option<String>,
    },
    /// A derogation from the rule of the case.
    Derogation {
        /// The day on which it was given, where that is not the day of the case.
        #[serde(default)]
        donne_le: Option<Date>,
    },
    /// An organisation acknowledged the present plan; `ancien`: an earlier one.
    AccuseDeLecture {
        par: String,
        #[serde(default)]
        ancien: bool,
    },
    /// Minutes of a committee before which the present plan was.
    ReleveDeDecisions {
        presents: Vec<String>,
        /// The day of the meeting, where it is not that of the case.
        #[serde(default)]
        tenue_le: Option<Date>,
        /// It was an earlier version.
        #[serde(default)]
        ancien: bool,
    },
    /// The small grants of a scheme and year are shared as a list, in which the present plan is.
    ListeDePetitesSubventions { dispositif: String, annee: u16 },
    /// A body is admitted.
    Admission { financeur: String },
}

const REGION: &str = "siren:200053742";
const METROPOLE: &str = "siren:200093201";

/// Every case of every file.
pub fn all() -> Vec<Read> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(directory).expect("cases").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Read> {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).expect("readable");
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    file.cas.into_iter().map(|written| become_ledger(&name, written)).collect()
}

fn become_ledger(file: &str, written: Written) -> Read {
    let now = written
        .le
        .unwrap_or_else(|| "2026-03-12".parse().expect("a day"))
        .and_hms_opt(10, 0, 0)
        .expect("an hour")
        .and_utc();
    let mut image = LedgerImage {
        head: Head { version: LedgerVersion(9), at: now, head: Digest::of(b"cases") },
        records: tables(),
        sources: sources(now, &written.en_retard),
        decisions: Vec::new(),
        acts: Vec::new(),
    };
    image.records.extend(records(&written, now));
    // An act may name the present version of the plan: asked of the picture that has the other acts.
    for acte in &written.actes {
        let entry = act(acte, &written, &image, now);
        image.acts.push(entry);
    }
    Read {
        name: format!("{file}: {} ({})", written.titre, written.regle),
        is_bare: written.montre == Shown::Inconnue && written.projet.action.is_none(),
        rule: written.regle,
        shows: written.montre,
        image,
        now,
        knowledge: written.connaissance,
        ready: written.pret,
        account: written.recit.clone(),
        undecided: written.rapprochements.clone().map(Into::into),
        says: written.dit,
    }
}

fn act(acte: &Acte, written: &Written, image: &LedgerImage, now: Instant) -> ActEntry {
    let project: ProjectId = PROJECT.parse().expect("sound");
    let rule = written.regle.parse().expect("a rule code");
    let body = |id: &str| -> OrganisationId { id.parse().expect("an organisation") };
    let present = || -> PlanVersion {
        let book = passerelle::check::Rulebook::of_the_product();
        let portfolio = Portfolio::build_naming(image, book.organisations());
        let (project, _) = portfolio.projects().next().expect("a project");
        let moment = Moment { now, max_age_s: None };
        passerelle::check::Case::of(&portfolio, project, (book, super::KEY), moment).plan.version.clone()
    };
    let version = |is_old: bool| if is_old { "0".repeat(64).parse().expect("a version") } else { present() };
    let act = match acte {
        Acte::Avis { de, favorable, action, donne_le, sur } => Act::Opinion {
            project,
            rule: sur.as_ref().map_or(rule, |sur| sur.parse().expect("a rule code")),
            by: body(if *de == OpinionOf::Pilot { METROPOLE } else { REGION }),
            quality: *de,
            favourable: *favorable,
            text: None,
            reference: None,
            given_on: *donne_le,
            action: action.as_ref().or(written.projet.action.as_ref()).map(|one| one.parse().expect("an action")),
        },
        Acte::Derogation { donne_le } => Act::Derogation {
            project,
            rule,
            authority: "financeur:etat-59".into(),
            reference: "2026-17".into(),
            given_on: donne_le.unwrap_or_else(|| now.date_naive()),
        },
        Acte::AccuseDeLecture { par, ancien } => {
            Act::Acknowledged { project, plan: version(*ancien), content: PlanContent::default(), by: body(par) }
        }
        Acte::ReleveDeDecisions { presents, tenue_le, ancien } => Act::Minutes {
            contrat: "CN05911M".parse().expect("a contract"),
            held_on: tenue_le.unwrap_or_else(|| now.date_naive()),
            reference: "COPIL 2026-1".into(),
            present: presents.iter().map(|id| body(id)).collect(),
            plans: vec![SharedPlan { project, plan: version(*ancien), content: ancien.then(PlanContent::default) }],
        },
        Acte::ListeDePetitesSubventions { dispositif, annee } => Act::SmallGrants {
            contrat: "CN05911M".parse().expect("a contract"),
            dispositif: dispositif.parse().expect("a scheme"),
            year: *annee,
            reference: "Liste 2026-1".into(),
            plans: vec![SharedPlan { project, plan: present(), content: None }],
        },
        Acte::Admission { financeur } => Act::Admitted { project, funder: body(financeur), reason: "admis".into() },
    };
    let id = ActId(image.acts.len() as u64 + 1);
    ActEntry { id, version: LedgerVersion(9), at: now, author: Author::system("case"), act }
}

fn records(written: &Written, now: Instant) -> Vec<RecordVersion> {
    let projet = &written.projet;
    let main = project_facts(projet, (projet.action.as_deref(), projet.fonctionnement.as_deref()));
    let mut all = vec![record(("dossier", "projet"), Facts { project: Some(main), ..Facts::default() })];
    let other = (projet.autre_action.as_deref(), projet.autre_fonctionnement.as_deref());
    let days = (projet.autre_debut, projet.autre_fin);
    if other != (None, None) || projet.autre_porteur.is_some() || days != (None, None) {
        let seen = Projet {
            porteur: projet.autre_porteur.clone().or(projet.porteur.clone()),
            debut: days.0.or(projet.debut),
            fin: days.1.or(projet.fin),
            ..projet.clone()
        };
        let facts =
            project_facts(&seen, (other.0.or(projet.action.as_deref()), other.1.or(projet.fonctionnement.as_deref())));
        all.push(record(("dossier-deux", "projet"), Facts { project: Some(facts), ..Facts::default() }));
    }
    for (at, moyen) in written.moyens.iter().enumerate() {
        let mut facts = Facts { statements: vec![statement(moyen)], ..Facts::default() };
        let warn = |code: &str| Warning { code: code.into(), field: None, message: Message::new(code, code) };
        facts.warnings.extend(moyen.inattendu.then(|| warn("unexpected-body")));
        facts.warnings.extend(moyen.en_double.then(|| warn("duplicate-key")));
        facts.warnings.extend(moyen.somme_et_neant.then(|| warn("nothing-with-amount")));
        if moyen.dit_par.starts_with("dossier") || moyen.porteur.is_some() {
            let holder = moyen.porteur.as_deref().or(projet.porteur.as_deref());
            let holder = holder.map(|id| id.parse().expect("an organisation"));
            facts.project = Some(ProjectFacts { holder, year: projet.exercice, ..ProjectFacts::default() });
        }
        if moyen.ailleurs {
            let holder = projet.porteur.as_deref().map(|id| id.parse().expect("an organisation"));
            facts.project = Some(ProjectFacts { title: "Autre projet".to_owned(), holder, ..ProjectFacts::default() });
        }
        let key = moyen.fiche.clone().unwrap_or_else(|| format!("m{at}"));
        let mut one = record((&moyen.dit_par, &key), facts);
        let same = |known: &&mut RecordVersion| (&known.source, &known.key) == (&one.source, &one.key);
        if let Some(known) = all.iter_mut().find(same) {
            known.facts.statements.append(&mut one.facts.statements);
            continue;
        }
        if moyen.ailleurs {
            one.project = Some("p0202020202020202".parse().expect("an identifier"));
        }
        one.state = if moyen.devenu_illisible { RecordState::Bad } else { RecordState::Open };
        // Observed when its source was read.
        let late = written.en_retard.contains(&moyen.dit_par);
        one.observed_at = if moyen.dit_par == "declaration" { now } else { read_at(now, late) };
        all.push(one);
    }
    all
}

fn project_facts(projet: &Projet, (action, fonctionnement): (Option<&str>, Option<&str>)) -> ProjectFacts {
    let cents = |text: Option<&str>| text.map(|text| Cents::parse(text).expect("an amount"));
    let investissement = cents(projet.investissement.as_deref());
    let fonctionnement = cents(fonctionnement);
    let budget = Budget { investissement, fonctionnement, non_precise: None, tax_basis: projet.base };
    ProjectFacts {
        title: "Projet du cas".to_owned(),
        holder: projet.porteur.as_deref().map(|id| id.parse().expect("an organisation")),
        action: action.map(|code| code.parse().expect("an action")),
        places: Places {
            quartiers: projet.quartiers.iter().map(|code| code.parse().expect("a quartier")).collect(),
            communes: projet.communes.iter().map(|code| code.parse().expect("a commune")).collect(),
            contrats: projet.contrats.iter().map(|code| code.parse().expect("a contract")).collect(),
            ..Places::default()
        },
        starts_on: projet.debut,
        ends_on: projet.fin,
        budget: (investissement.is_some() || fonctionnement.is_some()).then_some(budget),
        ..ProjectFacts::default()
    }
}

fn statement(moyen: &Moyen) -> StatementFacts {
    StatementFacts {
        funder: moyen.financeur.parse().expect("an organisation"),
        nature: moyen.nature,
        form: moyen.forme.unwrap_or(Form::Subvention),
        stage: moyen.stade.or((!moyen.neant && !moyen.sans_stade).then_some(Stage::Attribue)),
        amount: moyen.montant.as_deref().map(|text| Cents::parse(text).expect("an amount")),
        tax_basis: moyen.base.unwrap_or(TaxBasis::NonPrecise),
        dispositif: moyen.dispositif.as_deref().map(|code| code.parse().expect("a scheme")),
        scheme: None,
        family: None,
        year: moyen.annee,
        decided_on: moyen.decide_le,
        reference: moyen.reference.as_deref().map(Into::into),
        nothing: moyen.neant,
        de_minimis: moyen.minimis,
        part: None,
        decision: None,
        not_public_until: moyen.embargo,
        granted_more: moyen.accorde_sur_la_ligne,
        asked_apart: moyen.autre_ligne,
    }
}

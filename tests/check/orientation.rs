//! What orientation excludes before any money, the check says of the same project once it is filed.

use super::{KEY, world};
use passerelle::check::{Case, Check, Imagined, Rulebook, Standing, Verdict, actions, orientation};
use passerelle::domain::Instant;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::{Facts, Places, ProjectFacts, StatementFacts};
use passerelle::domain::governance::RuleCode;
use passerelle::domain::image::{Head, LedgerImage};
use passerelle::domain::source::Scope;
use passerelle::domain::vocabulary::{Nature, Stage};
use passerelle::portfolio::{Moment, Portfolio};

const REGION: &str = "siren:200053742";
/// The Region's schemes, so that orientation knows who gives under them.
const SCHEMES: [&str; 7] = ["FTU", "PIC", "NQE", "PRF", "SPORTS", "SREI", "NPNRU-REGION"];

fn now() -> Instant {
    "2026-03-12T10:00:00Z".parse().expect("an instant")
}

fn image() -> LedgerImage {
    let mut sources = world::sources(now(), &[]);
    let schemes = SCHEMES.iter().map(|code| code.parse().expect("a scheme")).collect();
    let scope = sources[0].profile.speaks_for[0].clone();
    sources[0].profile.speaks_for.push(Scope { dispositifs: schemes, ..scope });
    LedgerImage {
        head: Head { version: LedgerVersion(9), at: now(), head: Digest::of(b"orientation") },
        records: world::tables(),
        sources,
        decisions: Vec::new(),
        acts: Vec::new(),
    }
}

/// The rules that the check finds broken where the imagined project is filed with a request under the scheme.
fn broken(imagined: &Imagined, code: &str) -> Vec<RuleCode> {
    let project = ProjectFacts {
        holder: Some(imagined.holder.clone()),
        action: Some(imagined.action.clone()),
        places: imagined.places.clone(),
        starts_on: imagined.starts_on,
        ends_on: imagined.ends_on,
        ..ProjectFacts::default()
    };
    let request = StatementFacts {
        stage: Some(Stage::Sollicite),
        dispositif: Some(code.parse().expect("a scheme")),
        ..StatementFacts::bare(REGION.parse().expect("the Region"), imagined.nature)
    };
    let mut image = image();
    let facts = Facts { project: Some(project), statements: vec![request], ..Facts::default() };
    image.records.push(world::record(("dossier", "filed"), facts));
    let book = Rulebook::of_the_product();
    let portfolio = Portfolio::build_naming(&image, book.organisations());
    let (project, _) = portfolio.projects().next().expect("a project");
    let case = Case::of(&portfolio, project, (book, KEY), Moment { now: now(), max_age_s: None });
    let check = Check::of(&case);
    let broken = check.outcomes(&case).filter(|one| one.outcome.verdict == Verdict::Broken);
    broken.map(|one| one.sheet.code.clone()).collect()
}

#[test]
fn what_is_excluded_is_broken_once_it_is_filed() {
    let book = Rulebook::of_the_product();
    let portfolio = Portfolio::build_naming(&image(), book.organisations());
    let moment = Moment { now: now(), max_age_s: None };
    let (mut excluded, mut silent) = (0, Vec::new());
    let every = actions(book, now().date_naive()).map(|(action, _)| action.clone()).step_by(5);
    for action in every {
        for (holder, nature) in ["siren:215903501", "siren:783707003"]
            .into_iter()
            .flat_map(|holder| Nature::ALL.iter().map(move |nature| (holder, *nature)))
        {
            for quartier in ["QN05901M", "QN05903M"] {
                let quartiers = vec![quartier.parse().expect("a quartier")];
                let imagined = Imagined {
                    action: action.clone(),
                    holder: holder.parse().expect("a holder"),
                    places: Places { quartiers, ..Places::default() },
                    nature,
                    starts_on: "2026-07-01".parse().ok(),
                    ends_on: "2026-08-01".parse().ok(),
                };
                let told = orientation(&portfolio, &imagined, (book, KEY), moment).expect("a known action");
                for credit in told.credits.iter().filter(|one| one.standing == Standing::Excluded) {
                    excluded += 1;
                    let code = portfolio.dispositif(credit.dispositif).code.as_str();
                    let found = broken(&imagined, code);
                    let is_told =
                        credit.reasons.iter().any(|one| one.rule.as_ref().is_some_and(|rule| found.contains(rule)));
                    if !is_told {
                        silent.push(format!("{action} {holder} {nature} {quartier} {code}: {:?}", credit.reasons));
                    }
                }
            }
        }
    }
    assert!(excluded > 50, "{excluded} credits are excluded");
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

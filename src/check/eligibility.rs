//! Orientation before any money: which credits may come to a project that nobody filed yet, which are to be asked first, which
//! are excluded and why, whose opinion is needed.
//!
//! No table of its own: the project is imagined with one request under each funding scheme, and the rulebook is held against it
//! as it will be against the real one. What a rule cannot know before amounts and dates are there is said, never taken for met.

use super::case::Case;
use super::explain::fill;
use super::opening::opening;
use super::outcome::{Outcome, Verdict};
use super::rule::{SCHEME_NATURES, SCHEME_NPNRU, SCHEME_OPEN, funds, is_of_npnru, may_be_collectivite};
use super::rulebook::{Lift, Rulebook, Sheet};
use super::verdict::Check;
use crate::domain::Date;
use crate::domain::facts::{Places, ProjectFacts, StatementFacts};
use crate::domain::governance::RuleCode;
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::DepartementCode;
use crate::domain::text::ActionCode;
use crate::domain::vocabulary::{Family, Language, Nature, Severity, Stage};
use crate::portfolio::{DispositifIx, Moment, OrganisationIx, PlanKey, Portfolio, ProjectIx};
use std::collections::BTreeSet;

/// Rules that only an act of a body can meet: told as the opinions that are needed.
const HEARINGS: [&str; 4] = ["npnru-answer", "scheme-criteria", "pilots-opinion", "directions-opinion"];
/// Rules that ask for droit commun to be sought first.
const DROIT_COMMUN_FIRST: [&str; 2] = ["droit-commun-preferred", "droit-commun-first"];
/// Rules about what the project is, rather than about who said what of its means.
const ABOUT_THE_PROJECT: [&str; 7] = [
    "droit-commun-only",
    "project-unclassified",
    "scheme-nature",
    "scheme-for-collectivites",
    "scheme-for-inhabitants",
    "scheme-summer",
    "perimeter",
];

/// A project that nobody filed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imagined {
    /// Its action.
    pub action: ActionCode,
    /// Who would carry it.
    pub holder: OrganisationId,
    /// Where.
    pub places: Places,
    /// Section of the budget.
    pub nature: Nature,
    /// First day, where it is known.
    pub starts_on: Option<Date>,
    /// Last day, where it is known.
    pub ends_on: Option<Date>,
}

/// How a credit stands towards a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// To be asked for before credits that are specific to the politique de la ville.
    AskFirst,
    /// No rule that would block speaks against it; its reasons tell what is still to be met, verified or known.
    MayCome,
    /// A rule that decides lacks a fact.
    Unknown,
    /// A rule speaks against it.
    Excluded,
}

/// What a rule has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule; `None`: the reference table of funding schemes.
    pub rule: Option<RuleCode>,
    /// The sentence.
    pub message: Message,
    /// The text that it comes from.
    pub legal: Option<Box<str>>,
    /// What may lift it.
    pub lifted_by: Vec<Lift>,
}

/// A credit, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The funding scheme.
    pub dispositif: DispositifIx,
    /// Who gives it; `None`: no source says.
    pub funder: Option<OrganisationIx>,
    /// How it stands.
    pub standing: Standing,
    /// Why, or what is still to be met.
    pub reasons: Vec<Reason>,
}

/// What is to be asked where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orientation {
    /// The dividing line of the action.
    pub line: RuleCode,
    /// What the line is about.
    pub title: Message,
    /// Every credit that is known, those to ask first first.
    pub credits: Vec<Credit>,
    /// Whose word is needed, each once; and whose may lift an exclusion, where nothing else excludes the credit.
    pub hearings: Vec<Reason>,
}

/// The actions of the dividing lines on a day, each with its sheet.
pub fn actions(book: &Rulebook, day: Date) -> impl Iterator<Item = (&ActionCode, &Sheet)> {
    let sheets = book.sheets().iter().filter(move |sheet| sheet.holds_on(day));
    sheets.filter_map(|sheet| sheet.action.as_ref().map(|action| (action, sheet)))
}

/// What is to be asked where, for a project that nobody filed yet; `None` where the rules know no such action that day.
pub fn orientation(
    portfolio: &Portfolio,
    imagined: &Imagined,
    (book, key): (&Rulebook, PlanKey<'_>),
    moment: Moment,
) -> Option<Orientation> {
    let (_, line) = actions(book, moment.now.date_naive()).find(|(action, _)| **action == imagined.action)?;
    // Whoever is only imagined gets a place in the lexicon once, and not once for each credit.
    let base = portfolio.imagining(facts(imagined), vec![request(imagined, NOBODY), droit_commun(imagined)]);
    let all = portfolio.dispositifs(None);
    let is_named = |ix: &DispositifIx| line.first.contains(&portfolio.dispositif(*ix).code);
    let named = all.iter().copied().filter(is_named).collect();
    let desk = Desk { portfolio, base: &base, line, named, imagined, book, key, moment };
    let departements = desk.departements();
    let mut hearings = Vec::new();
    let mut credits = Vec::new();
    for dispositif in all {
        let mut funders = portfolio.funders_under(dispositif, &departements);
        funders.retain(|funder| may_give_there(portfolio.identity(*funder), &departements));
        let funders: Vec<Option<OrganisationIx>> =
            if funders.is_empty() { vec![None] } else { funders.into_iter().map(Some).collect() };
        credits.extend(funders.into_iter().map(|funder| desk.credit((dispositif, funder), &mut hearings)));
    }
    credits.sort_by_key(|credit| credit.standing);
    Some(Orientation { line: line.code.clone(), title: line.title.clone(), credits, hearings })
}

struct Desk<'a> {
    portfolio: &'a Portfolio,
    /// A picture of the project alone, from which all others are made.
    base: &'a Portfolio,
    /// The dividing line of the action.
    line: &'a Sheet,
    /// The schemes that the line names, as far as a table knows them.
    named: Vec<DispositifIx>,
    imagined: &'a Imagined,
    book: &'a Rulebook,
    key: PlanKey<'a>,
    moment: Moment,
}

impl Desk<'_> {
    /// The départements where the project would lie.
    fn departements(&self) -> Vec<DepartementCode> {
        let places = &self.base.project(ProjectIx::first()).places;
        let told = places.departements.iter().copied();
        // Of a contract or an EPCI, those of its communes.
        let contrats = || places.contrats.iter().map(|ix| self.base.contrat(*ix));
        let epcis = places.epcis.iter().chain(contrats().flat_map(|one| &one.epcis)).map(|ix| self.base.epci(*ix));
        let communes = epcis.flat_map(|one| &one.communes).chain(contrats().flat_map(|one| &one.communes));
        let of_communes = communes.map(|ix| self.base.commune(*ix).departement);
        let all: BTreeSet<_> = if places.departements.is_empty() { of_communes.collect() } else { told.collect() };
        all.into_iter().map(|ix| self.base.departement(ix).code.clone()).collect()
    }

    /// Is it of what the line of the action names to be asked first? All of droit commun, where the line names no scheme that a table
    /// knows.
    fn is_first(&self, dispositif: DispositifIx, family: Family) -> bool {
        let is_named = self.named.is_empty() || self.named.contains(&dispositif);
        family == Family::DroitCommun && is_named || self.line.first_families.contains(&family)
    }

    fn credit(
        &self,
        (dispositif, funder): (DispositifIx, Option<OrganisationIx>),
        hearings: &mut Vec<Reason>,
    ) -> Credit {
        let family = self.portfolio.family_of(dispositif);
        let request = self.request((dispositif, funder), family);
        let filed = |statements| self.base.imagining(facts(self.imagined), statements);
        let alone = filed(vec![request.clone()]);
        let beside = filed(vec![request, droit_commun(self.imagined)]);
        let (mut standing, mut reasons, mut asked) = (Standing::MayCome, Vec::new(), Vec::new());
        // No opinion lifts what excludes it.
        let mut is_final = false;
        if self.is_first(dispositif, family) {
            standing = Standing::AskFirst;
        }
        let against = |standing: &mut Standing, worse: Standing| *standing = (*standing).max(worse);
        for (sheet, outcome, sentence) in self.held(&alone) {
            if DROIT_COMMUN_FIRST.contains(&&*sheet.formula) && outcome.verdict == Verdict::Broken {
                reasons.push(reason(sheet, sentence));
            }
        }
        for (sheet, outcome, sentence) in self.held(&beside) {
            let open = matches!(outcome.verdict, Verdict::Broken | Verdict::Unknown);
            let told = reason(sheet, sentence);
            if open && HEARINGS.contains(&&*sheet.formula) {
                asked.push(told);
            } else if open && ABOUT_THE_PROJECT.contains(&&*sheet.formula) {
                match outcome.verdict {
                    // A perimeter of the politique de la ville binds its own credits.
                    _ if &*sheet.formula == "perimeter" && family != Family::PolitiqueDeLaVille => {}
                    Verdict::Broken if sheet.severity == Severity::Blocking => {
                        against(&mut standing, Standing::Excluded);
                        match sheet.lifted_by.iter().any(|lift| *lift != Lift::Derogation) {
                            true => asked.push(told.clone()),
                            false => is_final = true,
                        }
                    }
                    Verdict::Unknown if sheet.severity == Severity::Blocking => {
                        against(&mut standing, Standing::Unknown);
                    }
                    _ => {}
                }
                reasons.push(told);
            }
        }
        for (worse, told) in self.by_table((dispositif, funder), family, &beside) {
            is_final |= worse == Standing::Excluded;
            against(&mut standing, worse);
            reasons.push(told);
        }
        // Nobody's word is needed on what may not come at all.
        asked.retain(|told| !is_final && !hearings.iter().any(|one: &Reason| one.rule == told.rule));
        hearings.extend(asked);
        reasons.extend(self.later((dispositif, funder), family));
        Credit { dispositif, funder, standing, reasons }
    }

    /// A request under a scheme.
    fn request(&self, (dispositif, funder): (DispositifIx, Option<OrganisationIx>), family: Family) -> StatementFacts {
        let funder = funder.map(|funder| self.portfolio.identity(funder).clone());
        let asked = request(self.imagined, NOBODY);
        StatementFacts {
            funder: funder.unwrap_or_else(|| asked.funder.clone()),
            dispositif: Some(self.portfolio.dispositif(dispositif).code.clone()),
            family: Some(family),
            ..asked
        }
    }

    /// What comes of every rule on an imagined project, with its sentence: without the sums that nobody knows yet.
    fn held(&self, picture: &Portfolio) -> Vec<(&Sheet, Outcome, Message)> {
        let case = Case::of(picture, ProjectIx::first(), (self.book, self.key), self.moment);
        let check = Check::of(&case);
        let all = check.outcomes(&case).map(|one| {
            let told = match one.outcome.verdict {
                Verdict::Unknown => one.sheet.unknown.as_ref().unwrap_or(&one.sheet.broken),
                _ => &one.sheet.broken,
            };
            let said = |language| {
                let sentence =
                    fill(&told.text(language).replace(" ({amount})", ""), &case, &one.outcome.words, language);
                sentence.replace(NOBODYS_NAME, nobody(language))
            };
            let sheet = self.book.sheet(&one.sheet.code, case.today()).expect("an outcome is of its rulebook");
            (sheet, one.outcome.clone(), Message::new(said(Language::Fr), said(Language::En)))
        });
        all.collect()
    }

    /// The rules that rest on amounts: named, to be held once these are known.
    fn later(&self, (dispositif, funder): (DispositifIx, Option<OrganisationIx>), family: Family) -> Vec<Reason> {
        // A European fund that no source speaks for bears the name of its scheme.
        let named = OrganisationId::parse(&format!("eu:{}", self.portfolio.dispositif(dispositif).code)).ok();
        let funder = funder.map(|funder| self.portfolio.identity(funder)).or(named.as_ref());
        let european = family == Family::FondsEuropeens;
        let concerns = |sheet: &&Sheet| match &*sheet.formula {
            "european-rate" => european && sheet.funder.as_ref() == funder,
            "european-cumul" => european,
            "own-share" => self.imagined.nature == Nature::Investissement && may_be_collectivite(&self.imagined.holder),
            _ => false,
        };
        let day = self.moment.now.date_naive();
        let sheets = self.book.sheets().iter().filter(|sheet| sheet.holds_on(day)).filter(concerns);
        let told = |sheet: &Sheet| {
            let message = Message::new(
                format!("À vérifier quand les montants seront connus : {}.", sheet.title.fr),
                format!("To be verified once the amounts are known: {}.", sheet.title.en),
            );
            reason(sheet, message)
        };
        sheets.map(told).collect()
    }

    /// What the tables say beside the rules: the natures of a scheme, whether the quartier is of the NPNRU, who gives it.
    fn by_table(
        &self,
        (dispositif, funder): (DispositifIx, Option<OrganisationIx>),
        family: Family,
        picture: &Portfolio,
    ) -> Vec<(Standing, Reason)> {
        let told = |message| Reason { rule: None, message, legal: None, lifted_by: Vec::new() };
        // The rule of the check that says the same of a real sum.
        let by_rule = |formula: &str, message| {
            let in_force = |sheet: &&Sheet| &*sheet.formula == formula && sheet.holds_on(self.moment.now.date_naive());
            let sheet = self.book.sheets().iter().find(in_force);
            let (rule, legal) = (sheet.map(|one| one.code.clone()), sheet.and_then(|one| one.legal.clone()));
            Reason { rule, message, legal, lifted_by: Vec::new() }
        };
        let mut found = Vec::new();
        let entry = self.portfolio.dispositif(dispositif);
        let days = (self.imagined.starts_on, self.imagined.ends_on);
        let sentence = opening(&entry.validity, days, self.moment.now.date_naive()).sentence(&entry.code);
        found.extend(sentence.map(|(standing, message)| (standing, by_rule(SCHEME_OPEN, message))));
        if !funds(entry, self.imagined.nature) {
            let message = Message::new(
                format!("{} ne finance pas cette nature de dépense, selon la table des dispositifs.", entry.code),
                format!("{} does not fund this nature of expense, by the table of funding schemes.", entry.code),
            );
            found.push((Standing::Excluded, by_rule(SCHEME_NATURES, message)));
        }
        if family == Family::PolitiqueDeLaVille && funder.is_none() {
            let message = Message::new(
                format!(
                    "Aucune source ne dit qui finance {} : les lignes de partage ne peuvent pas être vérifiées.",
                    entry.code
                ),
                format!("No source says who funds {}: the dividing lines cannot be verified.", entry.code),
            );
            found.push((Standing::Unknown, told(message)));
        }
        if family == Family::Npnru {
            let told = self.npnru(picture);
            found.extend(told.map(|(standing, message)| (standing, by_rule(SCHEME_NPNRU, message))));
        }
        found
    }

    fn npnru(&self, picture: &Portfolio) -> Option<(Standing, Message)> {
        let quartiers = picture.project(ProjectIx::first()).places.quartiers.iter();
        let linked: Vec<Option<bool>> = quartiers.map(|ix| picture.quartier(*ix).npnru).collect();
        Some(match is_of_npnru(&linked) {
            Some(true) => return None,
            Some(false) => {
                (Standing::Excluded, Message::new("Le lieu n'est pas du NPNRU.", "The place is not of the NPNRU."))
            }
            None => (
                Standing::Unknown,
                Message::new(
                    "On ne sait pas si le lieu relève du NPNRU : son lien avec un quartier du programme n'est pas vérifié.",
                    "Nobody knows whether the place is of the NPNRU: its link with a quartier of the programme is not verified.",
                ),
            ),
        })
    }
}

/// The State gives in its own département.
fn may_give_there(funder: &OrganisationId, departements: &[DepartementCode]) -> bool {
    let of_etat = funder.as_str().strip_prefix("financeur:etat-");
    of_etat.is_none_or(|code| departements.is_empty() || departements.iter().any(|one| one.as_str() == code))
}

/// Stands for a funder that no source tells.
const NOBODY: &str = "text:orientation:N. N.";
/// The name that this gives it, for which a sentence has its own words.
const NOBODYS_NAME: &str = "N. N.";

fn nobody(language: Language) -> &'static str {
    match language {
        Language::Fr => "un financeur que rien ne désigne",
        Language::En => "a funder whom nothing names",
    }
}

/// Stands for whoever gives droit commun.
const DROIT_COMMUN: &str = "text:orientation:droit commun";

fn facts(imagined: &Imagined) -> ProjectFacts {
    ProjectFacts {
        holder: Some(imagined.holder.clone()),
        action: Some(imagined.action.clone()),
        places: imagined.places.clone(),
        starts_on: imagined.starts_on,
        ends_on: imagined.ends_on,
        ..ProjectFacts::default()
    }
}

/// A request: its nature is the project's, its amount is not known yet.
fn request(imagined: &Imagined, funder: &str) -> StatementFacts {
    let funder = OrganisationId::parse(funder).expect("a sound identity");
    StatementFacts { stage: Some(Stage::Sollicite), ..StatementFacts::bare(funder, imagined.nature) }
}

/// Droit commun, asked for.
fn droit_commun(imagined: &Imagined) -> StatementFacts {
    StatementFacts { family: Some(Family::DroitCommun), ..request(imagined, DROIT_COMMUN) }
}

fn reason(sheet: &Sheet, message: Message) -> Reason {
    Reason { rule: Some(sheet.code.clone()), message, legal: sheet.legal.clone(), lifted_by: sheet.lifted_by.clone() }
}

//! Words for people: the places of a sentence filled in, and the account of how a verdict came about.

use super::case::Case;
use super::meeting::{Meeting, came_later};
use super::naming::name_of_unnamed;
use super::outcome::{Verdict, Word};
use super::sharing::SharedBy;
use super::verdict::Check;
use crate::domain::governance::{Act, ActEntry, OpinionOf, PlanContent, PlanEntry};
use crate::domain::message::french_day;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::{CellState, Form, Knowledge, Language, Nature, Severity, Stage, TaxBasis};
use crate::domain::{Date, Instant};
use crate::portfolio::PlanLine;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Fills the `{places}` of a sentence. A place that nothing fills stays as it is: a test finds it.
pub(super) fn fill(sentence: &str, case: &Case<'_>, words: &[(&'static str, Word)], language: Language) -> String {
    let mut filled = sentence.to_owned();
    for (name, word) in words {
        let place = format!("{{{name}}}");
        if filled.contains(&place) {
            let written = written(case, word, language);
            if language == Language::Fr && begins_with_vowel(&written) {
                filled = filled.replace(&format!(" de {place}"), &format!(" d'{place}"));
            }
            filled = filled.replace(&place, &written);
        }
    }
    filled
}

/// Is the vowel of « de » dropped before it? Before an h nobody can tell without a dictionary: it stays.
fn begins_with_vowel(text: &str) -> bool {
    text.starts_with(|letter: char| {
        "aeiouyàâéèêëîïôöùûœæ".contains(letter.to_ascii_lowercase()) || "ÀÂÉÈÊËÎÏÔÖÙÛŒÆ".contains(letter)
    })
}

/// The account of a verdict, to be read aloud: the answer first, then cell by cell, then the rules.
pub fn explain(case: &Case<'_>, check: &Check, language: Language) -> String {
    let say = |fr: &'static str, en: &'static str| if language == Language::Fr { fr } else { en };
    let mut text = String::new();
    let answer = if check.ready { say("Oui", "Yes") } else { say("Non", "No") };
    let question = say("La Région peut-elle voter ?", "May the Region vote?");
    let (colon, semicolon) = (say(" :", ":"), say(" ;", ";"));
    let day = written(case, &Word::At(case.moment.now), language);
    let _ = writeln!(text, "{question} {answer}. {} ({day}).", knowledge(check.knowledge, language));
    for (line, shared) in case.plan.lines.iter().zip(&*case.shared) {
        let funder = written(case, &Word::Body(line.funder), language);
        let nature = written(case, &Word::Nature(line.nature), language);
        let amount = line.amount.or(line.reported).filter(|_| line.state != CellState::Nothing);
        let stages = stages(case, line, language);
        let amount = amount.map(|amount| format!(", {}{stages}", money(amount, language))).unwrap_or_default();
        let kept = say(", montant sous embargo", ", amount under embargo");
        let amount = if line.veiled { kept.to_owned() } else { amount };
        let refused = line.state == CellState::Nothing && case.is_refused(line);
        let state = if refused { say("a refusé", "refused") } else { state(case, line, language) };
        let shared = match shared {
            Some(SharedBy::Nothing) if refused => say("partagé par son refus", "shared by its refusal").to_owned(),
            shared => how_shared(case, *shared, language),
        };
        let _ = writeln!(text, "- {funder}, {nature}{amount}{colon} {state}{semicolon} {shared}.");
    }
    for finding in check.findings(case) {
        let grave = match finding.severity() {
            Severity::Blocking => say("Bloquant", "Blocking"),
            Severity::Warning => say("À vérifier", "To be looked at"),
            Severity::Info => say("À savoir", "Good to know"),
        };
        let legal = finding.sheet.legal.as_deref().map(|legal| format!(" [{legal}]")).unwrap_or_default();
        let sentence = finding.sentence(case, language);
        let _ = writeln!(text, "{grave}, {}{colon} {sentence}{legal}", finding.sheet.code);
    }
    for lifted in check.outcomes(case) {
        let Verdict::Lifted { by, .. } = lifted.outcome.verdict else { continue };
        let legal = lifted.sheet.legal.as_deref().map(|legal| format!(" [{legal}]")).unwrap_or_default();
        let (code, sentence) = (&lifted.sheet.code, lifted.sentence(case, language));
        let by = case.portfolio.act(by).map(|entry| lifted_by(case, entry, language)).unwrap_or_default();
        let _ = writeln!(text, "{}, {code}{colon} {sentence}{legal}{by}", say("Levée", "Lifted"));
    }
    if let Some(until) = check.valid_until {
        let until = instant(until, language);
        let _ = match language {
            Language::Fr => {
                writeln!(text, "Cette réponse vaut au plus tard jusqu'au {until}, si rien ne change d'ici là.")
            }
            Language::En => writeln!(text, "This answer holds until {until} at the latest, if nothing changes before."),
        };
    }
    text
}

/// Who lifted a rule: in which quality, with which reference, of which day; of what was given elsewhere, who recorded it.
fn lifted_by(case: &Case<'_>, entry: &ActEntry, language: Language) -> String {
    let say = |fr: &'static str, en: &'static str| if language == Language::Fr { fr } else { en };
    let name = |id: &OrganisationId| {
        let body = case.portfolio.organisation_of(id);
        body.map_or(id.to_string(), |body| case.portfolio.organisation(body).name.to_owned())
    };
    let (what, reference, recorded_by) = match &entry.act {
        Act::Derogation { authority, reference, .. } => {
            let of_prefect = OrganisationId::parse(authority).ok().and_then(|etat| etat.departement_of_etat());
            let what = match of_prefect {
                Some(code) => {
                    let mut places = case.facts().places.departements.iter().map(|ix| case.portfolio.departement(*ix));
                    let place =
                        places.find(|one| one.code == code).map_or(code.to_string(), |one| one.name.to_string());
                    format!("{} ({place})", say("une dérogation du préfet", "a derogation of the prefect"))
                }
                None => format!("{} ({authority})", say("une dérogation", "a derogation")),
            };
            (what, Some(reference), entry.author.organisation.map(OrganisationId::from))
        }
        Act::Opinion { by, quality, reference, .. } => {
            let what = match quality {
                OpinionOf::Pilot => say("un avis favorable du pilote", "a favourable opinion of the pilot"),
                OpinionOf::Direction => say("un avis favorable d'une direction", "a favourable opinion of a direction"),
                OpinionOf::Service => {
                    say("un avis favorable du service instructeur", "a favourable opinion of the instructing service")
                }
            };
            (format!("{what} ({})", name(by)), reference.as_ref(), None)
        }
        _ => return String::new(),
    };
    let reference =
        reference.map(|reference| format!(", {} {reference}", say("référence", "reference"))).unwrap_or_default();
    let recorded = recorded_by.map(|by| format!(" ({} {})", say("enregistrée par", "recorded by"), name(&by)));
    let (by, of, day) = (say("Levée par", "Lifted by"), say("du", "of"), date(entry.said_on(), language));
    format!(" {by} {what}{reference}, {of} {day}{}.{}", recorded.unwrap_or_default(), since(case, entry, language))
}

/// What lifts a rule lifts it whatever becomes of the plan: that the plan is another one by now is said. Not to whom a sum is kept from.
fn since(case: &Case<'_>, entry: &ActEntry, language: Language) -> &'static str {
    let given = Meeting { held_on: entry.said_on(), recorded_at: entry.at };
    if case.facts().is_veiled() || came_later(case.portfolio, case.facts(), given).is_none() {
        return "";
    }
    match language {
        Language::Fr => {
            " Une somme du plan au moins est venue, ou a changé, depuis : rien ne dit que cet acte la connaissait."
        }
        Language::En => {
            " At least one sum of the plan came, or changed, since then: nothing tells that this act knew of it."
        }
    }
}

/// At which stages the sums of a line stand that count, in order: ` (voté, payé)`; nothing where none is stated.
fn stages(case: &Case<'_>, line: &PlanLine, language: Language) -> String {
    let sums = line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1).filter(|one| one.counts());
    let stages: BTreeSet<Stage> = sums.filter_map(|one| one.stage).collect();
    let words: Vec<&str> = stages.into_iter().map(|stage| stage_of(stage, language)).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

fn stage_of(stage: Stage, language: Language) -> &'static str {
    let (fr, en) = match stage {
        Stage::Envisage => ("envisagé", "considered"),
        Stage::Sollicite => ("demandé", "asked for"),
        Stage::Propose => ("proposé en comité", "proposed in committee"),
        Stage::Attribue => ("voté", "voted"),
        Stage::Engage => ("conventionné", "contracted"),
        Stage::Verse => ("versé, en tout ou partie", "paid, in part or whole"),
        Stage::Solde => ("soldé", "settled"),
        Stage::Refuse => ("refusé", "refused"),
        Stage::Abandonne => ("abandonné", "given up"),
    };
    if language == Language::Fr { fr } else { en }
}

fn knowledge(knowledge: Knowledge, language: Language) -> &'static str {
    let (fr, en) = match knowledge {
        Knowledge::KnownAndShared => ("Tous les moyens sont connus et partagés", "All means are known and shared"),
        Knowledge::KnownNotShared => {
            ("Tous les moyens sont connus, tous ne sont pas partagés", "All means are known, not all are shared")
        }
        Knowledge::Incomplete => ("Tous les moyens ne sont pas connus", "Not all means are known"),
        Knowledge::Unverifiable => (
            "On ne peut pas le vérifier : une source nécessaire n'a pas été lue à temps, est retenue ou ne se lit plus",
            "It cannot be verified: a source that is needed was not read in time, is held, or cannot be read any more",
        ),
    };
    if language == Language::Fr { fr } else { en }
}

fn state(case: &Case<'_>, line: &PlanLine, language: Language) -> &'static str {
    let bad = || {
        let live = line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1);
        live.filter(|one| !one.is_outside()).any(|one| one.doubts.gone_bad)
    };
    let (fr, en) = match line.state {
        CellState::Reported if case.facts().keeps_of(line.funder) => (
            "une part est sous embargo, le reste n'est pas pesé pour vous",
            "a share is under embargo, the rest is not weighed for this reader",
        ),
        CellState::Reported if case.has_own_word(line) => {
            ("dit par lui-même, mais incomplet ou en doute", "said by itself, but incomplete or in doubt")
        }
        CellState::Stale if bad() => {
            ("connu, mais sa source ne le donne plus lisiblement", "known, but its source no longer gives it readably")
        }
        CellState::Known => ("connu par sa propre parole", "known by its own word"),
        CellState::Nothing => ("déclare ne rien apporter", "declares nothing"),
        CellState::Reported => ("cité ou demandé, non confirmé", "reported or asked, not confirmed"),
        CellState::Silent => ("attendu, n'a rien dit", "expected, has not spoken"),
        CellState::Stale => ("connu, mais plus vérifié à temps", "known, but not verified in time"),
    };
    if language == Language::Fr { fr } else { en }
}

fn how_shared(case: &Case<'_>, shared: Option<SharedBy>, language: Language) -> String {
    let act = |id| case.portfolio.act(id).map(|entry| date(entry.at.date_naive(), language)).unwrap_or_default();
    let (fr, en) = match shared {
        None => ("pas encore partagé".to_owned(), "not shared yet".to_owned()),
        Some(SharedBy::Nothing) => ("partagé par sa déclaration".to_owned(), "shared by its declaration".to_owned()),
        Some(SharedBy::Holder) => {
            ("partagé par le plan signé du porteur".to_owned(), "shared by the holder's signed plan".to_owned())
        }
        Some(SharedBy::Region) => ("part de la Région".to_owned(), "the Region's own".to_owned()),
        Some(SharedBy::Acknowledged(id)) => {
            (format!("accusé de lecture du {}", act(id)), format!("acknowledged on {}", act(id)))
        }
        Some(SharedBy::Minutes(id)) => {
            let meeting = case.portfolio.act(id).and_then(|entry| match &entry.act {
                Act::Minutes { held_on, reference, .. } => Some((date(*held_on, language), reference.to_string())),
                _ => None,
            });
            let (day, reference) = meeting.unwrap_or_default();
            (
                format!("relevé de décisions de la réunion du {day} ({reference}), enregistré le {}", act(id)),
                format!("minutes of the meeting of {day} ({reference}), recorded on {}", act(id)),
            )
        }
        Some(SharedBy::List(id)) => {
            (format!("liste enregistrée le {}", act(id)), format!("list recorded on {}", act(id)))
        }
        Some(SharedBy::Answered(id)) => (
            format!("l'autorité qui en répond l'a partagé le {}", act(id)),
            format!("shared on {} by the authority that answers for it", act(id)),
        ),
        Some(SharedBy::Law) => ("publié en vertu de la loi".to_owned(), "published by law".to_owned()),
    };
    if language == Language::Fr { fr } else { en }
}

fn written(case: &Case<'_>, word: &Word, language: Language) -> String {
    match word {
        Word::Amount(amount) => money(*amount, language),
        Word::Rate(points) => rate(*points, language),
        Word::Number(number) => number.to_string(),
        Word::Day(day) => date(*day, language),
        Word::At(at) => instant(*at, language),
        Word::Body(body) => name_of_unnamed(case.identity(*body), language)
            .unwrap_or_else(|| case.portfolio.organisation(*body).name)
            .to_owned(),
        Word::Nature(nature) => nature_of(*nature, language).to_owned(),
        Word::Source(source) => case.portfolio.source(*source).profile.title.clone(),
        // What was acknowledged holds amounts that are kept from the reader by now.
        Word::ChangesSince(_) if case.facts().is_veiled() => match language {
            Language::Fr => "le plan a changé, une part est sous embargo".to_owned(),
            Language::En => "the plan changed, a share is under embargo".to_owned(),
        },
        // Or figures that a row which the reader does not see bears on.
        Word::ChangesSince(_) if case.facts().is_told_in_part() => match language {
            Language::Fr => "le plan a changé".to_owned(),
            Language::En => "the plan changed".to_owned(),
        },
        Word::ChangesSince(act) => match case.portfolio.act(*act).map(|entry| &entry.act) {
            Some(Act::Acknowledged { content, .. }) => changes(case, content, language),
            _ => match case.portfolio.act(*act).and_then(|entry| case.plan_before(entry)?.content.as_ref()) {
                Some(content) => changes(case, content, language),
                None => incomparable(language),
            },
        },
        Word::Text(text) => text.to_string(),
        Word::Said(message) => message.text(language).to_owned(),
    }
}

/// What is in one content and not in the other.
fn changes(case: &Case<'_>, before: &PlanContent, language: Language) -> String {
    let now = case.content();
    let name = |entry: &PlanEntry| {
        let body = case.portfolio.organisation_of(&entry.funder);
        let body = body.map_or(entry.funder.as_str(), |body| case.portfolio.organisation(body).name);
        let unknown = if language == Language::Fr { "montant inconnu" } else { "unknown amount" };
        let amount = entry.amount.map_or(unknown.to_owned(), |amount| money(amount, language));
        format!("{body}, {}{}, {amount}{}", nature_of(entry.nature, language), dated(entry), standing(entry, language))
    };
    let (gone, come) = match language {
        Language::Fr => ("n'y est plus", "est nouveau"),
        Language::En => ("is gone", "is new"),
    };
    let missing = |from: &PlanContent, other: &PlanContent| -> Vec<PlanEntry> {
        let mut left = other.entries.clone();
        let mut apart = Vec::new();
        for entry in &from.entries {
            match left.iter().position(|one| one == entry) {
                Some(at) => drop(left.swap_remove(at)),
                None => apart.push(entry.clone()),
            }
        }
        apart
    };
    let mut told: Vec<String> = missing(before, &now).iter().map(|entry| format!("{} {gone}", name(entry))).collect();
    told.extend(missing(&now, before).iter().map(|entry| format!("{} {come}", name(entry))));
    if before.budget != now.budget {
        told.push(if language == Language::Fr { "le budget a changé" } else { "the budget changed" }.to_owned());
    }
    if told.is_empty() {
        return incomparable(language);
    }
    told.join(if language == Language::Fr { " ; " } else { "; " })
}

/// Of a version of which nothing tells any more what it was made of.
fn incomparable(language: Language) -> String {
    let told = match language {
        Language::Fr => "la version d'alors ne peut plus être comparée à la présente, et n'est pas la même",
        Language::En => "the version of then can no longer be compared with the present one, and is not the same",
    };
    told.to_owned()
}

/// The budget year of an entry, where it has one.
fn dated(entry: &PlanEntry) -> String {
    entry.year.map(|year| format!(" {year}")).unwrap_or_default()
}

/// What else tells two entries of one amount apart: the tax, whether it is decided, the form.
fn standing(entry: &PlanEntry, language: Language) -> String {
    let (decided, open, form) = match language {
        Language::Fr => ("décidé", "pas encore décidé", "forme"),
        Language::En => ("decided", "not decided yet", "form"),
    };
    let tax = match entry.tax_basis {
        TaxBasis::NonPrecise => String::new(),
        basis => format!(" {basis}"),
    };
    let form = if entry.form == Form::Subvention { String::new() } else { format!(", {form} {}", entry.form) };
    format!("{tax} ({}{form})", if entry.decided { decided } else { open })
}

fn nature_of(nature: Option<Nature>, language: Language) -> &'static str {
    match (nature, language) {
        (Some(Nature::Investissement), Language::Fr) => "investissement",
        (Some(Nature::Investissement), Language::En) => "investment",
        (Some(Nature::Fonctionnement), Language::Fr) => "fonctionnement",
        (Some(Nature::Fonctionnement), Language::En) => "operation",
        (None, Language::Fr) => "nature non précisée",
        (None, Language::En) => "nature not stated",
    }
}

/// `1 250 000,00 €` in French, `EUR 1,250,000.00` in English.
pub(super) fn money(amount: Cents, language: Language) -> String {
    let (cents, sign) = (amount.get().unsigned_abs(), if amount < Cents::ZERO { "-" } else { "" });
    let (separator, point) = if language == Language::Fr { ('\u{202f}', ',') } else { (',', '.') };
    let digits = (cents / 100).to_string();
    let mut euros = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            euros.push(separator);
        }
        euros.push(digit);
    }
    let whole = format!("{sign}{euros}{point}{:02}", cents % 100);
    if language == Language::Fr { format!("{whole}\u{a0}€") } else { format!("EUR {whole}") }
}

/// Basis points as a percentage with up to two decimals.
fn rate(points: i64, language: Language) -> String {
    let point = if language == Language::Fr { ',' } else { '.' };
    let (whole, part) = (points / 100, (points % 100).abs());
    let number = if part == 0 { whole.to_string() } else { format!("{whole}{point}{part:02}") };
    if language == Language::Fr { format!("{number}\u{a0}%") } else { format!("{number} %") }
}

fn date(day: Date, language: Language) -> String {
    if language == Language::Fr { french_day(day) } else { day.to_string() }
}

fn instant(at: Instant, language: Language) -> String {
    let form = if language == Language::Fr { "%d/%m/%Y à %H:%M UTC" } else { "%Y-%m-%d at %H:%M UTC" };
    at.format(form).to_string()
}

//! From the records of one project to its case.

use super::case::{Commitment, Doubts, Mention, ProjectCase, RecordEntry, Span, Statement};
use super::headline::{Bench, gone_bad, headline};
use super::index::{DispositifIx, OrganisationIx, SourceIx};
use super::lexicon::Lexicon;
use super::nothing::is_denied;
use super::numbering::{commitment_id, public_id};
use super::own_words::OwnWords;
use super::parts::{Parts, part_taken, stated_part};
use super::peoples_word::PeoplesWord;
use super::places::StatedPlaces;
use super::portrait::{Portrait, Ranked};
use super::reconcile::{Group, Key, Period, Restating, Use, reconcile, restated, used};
use super::untold::tell_untold;
use crate::domain::facts::{Facts, StatementFacts};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationKind;
use crate::domain::place::DepartementCode;
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, Family, Form, Stage};

/// The abatement of the TFPB for landlords in the quartiers (CGI, art. 1388 bis).
const ABATEMENT: &str = "TFPB";
/// The warnings of a record that is in doubt: its key stands twice in its source, or it says a sum and nothing at once.
const DISPUTED: [&str; 2] = ["duplicate-key", "nothing-with-amount"];
/// The warning of a declaration by a body that nobody expected on the project when it declared.
pub(crate) const UNEXPECTED_BODY: &str = "unexpected-body";

/// What is told of one project: its records, and what of their sums granted to several is theirs.
pub(crate) struct Told<'a, 'p> {
    pub(crate) records: &'p [&'a RecordVersion],
    pub(crate) parts: &'p Parts<'a>,
}

/// The case of the project `id` from its records, in any order, and from what people said of it. `None` when no record is
/// left.
pub(crate) fn consolidate(
    lexicon: &mut Lexicon,
    id: &ProjectId,
    told: &Told<'_, '_>,
    word: &PeoplesWord<'_>,
) -> Option<ProjectCase> {
    let mut records: Vec<&RecordVersion> =
        told.records.iter().copied().filter(|record| record.state != RecordState::Closed).collect();
    records.sort_by(|a, b| (a.first_seen, &a.source, &a.key).cmp(&(b.first_seen, &b.source, &b.key)));
    if records.is_empty() {
        return None;
    }
    let mut stated = StatedPlaces::default();
    for places in records.iter().filter_map(|record| record.facts.project.as_ref()).map(|project| &project.places) {
        lexicon.enter_places(places);
        stated.add(&lexicon.atlas, places);
    }
    let places = stated.close(&lexicon.atlas, Box::default());
    let departements: Vec<DepartementCode> = places
        .departements
        .iter()
        .map(|departement| lexicon.atlas.departements[departement.get()].code.clone())
        .collect();

    let mut entries: Vec<RecordEntry> = records.iter().map(|record| entry(lexicon, record)).collect();
    let mut sums = Vec::new();
    let mut nothings = Vec::new();
    let mut own = vec![false; records.len()];
    for (at, record) in records.iter().enumerate() {
        let warned = |code| record.facts.warnings.iter().any(|warning| &*warning.code == code);
        let disputed = DISPUTED.into_iter().any(warned);
        let unexpected = warned(UNEXPECTED_BODY);
        for (ordinal, facts) in record.facts.statements.iter().enumerate() {
            let authority = lexicon.profile(entries[at].source).authority(facts, &departements);
            own[at] |= authority == Authority::Own;
            let mut statement = statement(lexicon, facts, authority);
            statement.record = u32::try_from(at).unwrap_or(u32::MAX);
            statement.ordinal = u16::try_from(ordinal).unwrap_or(u16::MAX);
            statement.disputed = disputed;
            statement.part = stated_part(lexicon, facts, disputed);
            if let Some(part) = told.parts.get(record, ordinal) {
                if part.amount != facts.amount {
                    let mut warnings = std::mem::take(&mut entries[at].warnings).into_vec();
                    warnings.push(part_taken());
                    entries[at].warnings = warnings.into();
                }
                statement.amount = part.amount;
                statement.disputed |= !part.certain;
            }
            statement.unadmitted = unexpected && !word.admits(&facts.funder);
            statement.nature = facts.nature.or_else(|| word.nature(record, statement.ordinal));
            if facts.nothing { nothings.push(statement) } else { sums.push(statement) }
        }
    }
    admit_named(&mut sums, &mut nothings);
    let mut portrait = {
        let rank = |at: usize| (!own[at], lexicon.profile(entries[at].source).standing);
        let ranked = records.iter().enumerate().map(|(at, record)| Ranked {
            at,
            rank: rank(at),
            observed_at: record.observed_at,
            facts: record.facts.project.as_ref(),
        });
        Portrait::of(lexicon, ranked.collect())
    };
    portrait.classify(word.action());
    let mentions: Vec<Mention> =
        records.iter().enumerate().flat_map(|(at, record)| mentions(lexicon, at, &record.facts)).collect();
    let mut case = portrait.into_case(id.clone(), places, entries);
    case.own_words = OwnWords::of(lexicon, &records, &mentions);
    case.mentions = latest_of_each(mentions, &case.records).into();
    settle_sums(lexicon, &mut case, sums, nothings);
    Some(case)
}

fn entry(lexicon: &mut Lexicon, record: &RecordVersion) -> RecordEntry {
    RecordEntry {
        source: lexicon.source(&record.source),
        key: record.key.clone(),
        partition: lexicon.text(&record.partition),
        given: record.project.clone(),
        first_seen: record.first_seen,
        observed_at: record.observed_at,
        good_at: record.good_at,
        version: record.version,
        holder: record
            .facts
            .project
            .as_ref()
            .and_then(|project| project.holder.as_ref())
            .map(|id| lexicon.organisation(id)),
        period: record
            .facts
            .project
            .as_ref()
            .map_or_else(Period::default, |project| Period::of(project.year, (project.starts_on, project.ends_on))),
        state: record.state,
        hash: record.hash,
        warnings: record.facts.warnings.clone().into(),
    }
}

pub(crate) fn statement(lexicon: &mut Lexicon, facts: &StatementFacts, authority: Authority) -> Statement {
    Statement {
        record: 0,
        ordinal: 0,
        authority,
        funder: lexicon.organisation(&facts.funder),
        nature: facts.nature,
        form: facts.form,
        stage: facts.stage,
        amount: facts.amount,
        tax_basis: facts.tax_basis,
        dispositif: facts.dispositif.as_ref().map(|code| lexicon.dispositif(code)),
        scheme: facts.scheme.as_ref().map(|name| lexicon.text(name)),
        family: facts.family,
        year: facts.year,
        decided_on: facts.decided_on,
        reference: facts.reference.as_ref().map(|reference| lexicon.text(reference)),
        nothing: facts.nothing,
        disputed: false,
        part: None,
        unadmitted: false,
        de_minimis: facts.de_minimis,
        not_public_until: facts.not_public_until.filter(|_| authority == Authority::Own && !facts.nothing),
        veiled: false,
        granted_more: facts.granted_more,
        asked_apart: facts.asked_apart,
    }
}

/// Who is named by anybody else needs no admission.
pub(crate) fn admit_named(sums: &mut [Statement], nothings: &mut [Statement]) {
    let named: Vec<OrganisationIx> =
        sums.iter().chain(nothings.iter()).filter(|one| !one.unadmitted).map(|one| one.funder).collect();
    for statement in sums.iter_mut().chain(nothings) {
        statement.unadmitted &= !named.contains(&statement.funder);
    }
}

pub(crate) fn mentions(lexicon: &mut Lexicon, at: usize, facts: &Facts) -> Vec<Mention> {
    let mention = |organisation: &crate::domain::facts::OrganisationFacts| Mention {
        organisation: lexicon.organisation(&organisation.id),
        name: lexicon.text(&organisation.name),
        siret: organisation.siret.as_ref().map(|siret| lexicon.text(siret.as_str())),
        record: u32::try_from(at).unwrap_or(u32::MAX),
    };
    facts.organisations.iter().map(mention).collect()
}

/// Each name of an organisation once, with the record that gave it last.
pub(super) fn latest_of_each(mut mentions: Vec<Mention>, records: &[RecordEntry]) -> Vec<Mention> {
    let name = |mention: &Mention| (mention.organisation, mention.name, mention.siret);
    let latest = |mention: &Mention| std::cmp::Reverse(records[mention.record as usize].observed_at);
    mentions.sort_by_key(|mention| (name(mention), latest(mention), mention.record));
    mentions.dedup_by_key(|mention| name(mention));
    mentions
}

/// Reconciles the sums and lays them out: statements of each commitment together.
pub(crate) fn settle_sums(lexicon: &Lexicon, case: &mut ProjectCase, sums: Vec<Statement>, nothings: Vec<Statement>) {
    let standing = |source: SourceIx| -> Standing { lexicon.profile(source).standing };
    let records = std::mem::take(&mut case.records);
    let is_numbered = |body| lexicon.is_numbered(body);
    let source_id = |source: SourceIx| lexicon.profile(source).id.as_str();
    let bench = Bench { records: &records, standing: &standing, source_id: &source_id, is_numbered: &is_numbered };
    let groups = reconcile(&sums, &bench, case.period());
    let mut drafts: Vec<Draft> =
        groups.into_iter().map(|group| draft(lexicon, &bench, group, (&sums, case.abridged))).collect();
    tell_restated(lexicon, &mut drafts);
    let holder = case.certain_holder();
    tell_said_twice(case.holder, &mut drafts);
    // The order of the oldest statements: it stays when a commitment is added.
    drafts.sort_by_key(|draft| draft.oldest);
    let mut statements = Vec::with_capacity(sums.len() + nothings.len());
    let mut commitments = Vec::with_capacity(drafts.len());
    for mut draft in drafts {
        let first = extent(&statements);
        statements.extend(draft.statements);
        draft.commitment.deciding += first;
        let spoken = |one: &Statement| one.is_funders_word() || is_holders_plan((lexicon, &records), holder, one);
        let said = statements[first as usize..].iter().any(spoken);
        let stated = &statements[first as usize..];
        draft.commitment.doubts.denied = !said && is_denied((case, &bench), (&draft.commitment, stated), &nothings);
        draft.commitment.statements = Span { from: first, to: extent(&statements) };
        commitments.push(draft.commitment);
    }
    case.nothings_at = extent(&statements);
    statements.extend(nothings);
    case.records = records;
    case.statements = statements.into();
    case.commitments = commitments.into();
    tell_untold(case);
}

/// Does the holder say it of itself, in the plan that it signed? A later "nothing" contradicts that, it does not undo it.
fn is_holders_plan(
    (lexicon, records): (&Lexicon, &[RecordEntry]),
    holder: Option<OrganisationIx>,
    statement: &Statement,
) -> bool {
    let record = &records[statement.record as usize];
    holder == Some(statement.funder)
        && statement.form.is_holders_means()
        && record.holder == holder
        && lexicon.profile(record.source).holds_signed_plans
}

fn extent<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).expect("a project has fewer statements than four thousand million")
}

/// Sums that state others again are in doubt no more, and what the abatement of a tax is used for counts in the abatement.
fn tell_restated(lexicon: &Lexicon, drafts: &mut [Draft]) {
    let sums: Vec<Restating> = drafts.iter().map(Draft::restating).collect();
    for (draft, restated) in drafts.iter_mut().zip(restated(&sums)) {
        draft.commitment.doubts.restated = restated;
        draft.commitment.doubts.uncertain &= !restated;
        draft.commitment.doubts.unanswered &= !restated;
    }
    let abatement = |ix: DispositifIx| lexicon.atlas.dispositifs[ix.get()].code.as_str() == ABATEMENT;
    let under = |one: &Restating| one.key.dispositif.is_some_and(abatement);
    let sums: Vec<Restating> = drafts.iter().map(Draft::restating).collect();
    for (draft, used) in drafts.iter_mut().zip(used(&sums, under)) {
        match used {
            Use::Covered => draft.commitment.doubts.restated = true,
            Use::Unclear => draft.commitment.doubts.uncertain = true,
            Use::None => {}
        }
    }
}

/// What the holder gives itself as a grant, and puts as its own funds in the same amount, may be one sum.
fn tell_said_twice(holder: Option<OrganisationIx>, drafts: &mut [Draft]) {
    let of_holder = |one: &Commitment| holder == Some(one.funder) && !one.is_outside() && one.amount.is_some();
    let own_funds: Vec<_> = drafts
        .iter()
        .map(|draft| &draft.commitment)
        .filter(|one| of_holder(one) && matches!(one.form, Form::Autofinancement | Form::Recettes))
        .map(|one| (one.nature, one.amount))
        .collect();
    for draft in drafts {
        let one = &mut draft.commitment;
        let is_grant = of_holder(one) && one.form == Form::Subvention;
        one.doubts.uncertain |= is_grant && own_funds.contains(&(one.nature, one.amount));
    }
}

struct Draft {
    oldest: (u32, u16),
    key: Key,
    commitment: Commitment,
    statements: Vec<Statement>,
}

impl Draft {
    fn restating(&self) -> Restating {
        let Commitment { funder, form, tax_basis, amount, .. } = self.commitment;
        let (uncertain, outside) = (self.commitment.doubts.uncertain, self.commitment.is_outside());
        let part_of = self.statements.iter().find(|one| one.is_part()).map(|one| one.record);
        Restating { funder, form, key: self.key, part_of, tax_basis, amount, uncertain, outside }
    }
}

fn draft(lexicon: &Lexicon, bench: &Bench<'_>, group: Group, (sums, abridged): (&[Statement], bool)) -> Draft {
    let mut statements: Vec<Statement> = group.members.iter().map(|at| sums[*at].clone()).collect();
    bench.order(&mut statements);
    let headline = headline(bench, &statements);
    let deciding = &statements[headline.deciding];
    let oldest =
        statements.iter().map(|one| (one.record, one.ordinal)).min().expect("a group has at least one statement");
    let own = |one: &&Statement| one.authority == Authority::Own;
    let commitment = Commitment {
        id: if abridged { public_id(lexicon, bench, sums, oldest) } else { commitment_id(lexicon, bench, oldest) },
        funder: deciding.funder,
        dispositif: group.key.dispositif,
        family: family(lexicon, bench, &group, &statements),
        nature: group.key.nature,
        form: deciding.form,
        stage: headline.stage,
        amount: deciding.amount.filter(|_| headline.has_figure),
        tax_basis: deciding.tax_basis,
        year: group.key.year,
        decided_on: deciding.decided_on,
        source: bench.records[deciding.record as usize].source,
        authority: deciding.authority,
        doubts: Doubts {
            disagreement: headline.disagreement || group.contradicted,
            disputed: statements.iter().filter(own).any(|one| one.disputed),
            uncertain: group.uncertain,
            unanswered: group.unanswered || is_asked_more_often(bench, &statements, deciding),
            restated: false,
            unadmitted: statements.iter().all(|one| one.unadmitted),
            denied: false,
            gone_bad: gone_bad(bench, deciding) || statements.iter().filter(own).any(|one| gone_bad(bench, one)),
            untold: false,
        },
        veiled: deciding.veiled && headline.has_figure,
        deciding: u32::try_from(headline.deciding).unwrap_or(0),
        statements: Span::default(),
    };
    Draft { oldest, key: group.key, commitment, statements }
}

/// Does one source list more sums under one key than the funder answers? Not where the word that decides is their total, nor where one of
/// one reference is later than the other: it was amended. Payments are no answers, nor requests.
fn is_asked_more_often(bench: &Bench<'_>, statements: &[Statement], deciding: &Statement) -> bool {
    let like = |one: &Statement, other: &Statement| {
        bench.record(one).source == bench.record(other).source && one.stage == other.stage
    };
    let firm = statements.iter().filter(|one| one.stage != Some(Stage::Verse));
    let (words, mut others): (Vec<&Statement>, Vec<&Statement>) = firm.partition(|one| one.is_funders_word());
    let amended = |one: &Statement, later: &Statement| {
        let is_later = one.decided_on.zip(later.decided_on).is_some_and(|(first, then)| first < then);
        one.reference.is_some() && one.reference == later.reference && is_later && like(one, later)
    };
    let all = others.clone();
    others.retain(|one| !all.iter().any(|later| amended(one, later)));
    let times = |all: &[&Statement], one: &Statement| all.iter().filter(|other| like(one, other)).count();
    let is_answered = statements.iter().any(Statement::is_funders_word);
    let answers = words.iter().map(|one| times(&words, one)).max().unwrap_or(1);
    let is_total = |one: &Statement| {
        let total: Option<Cents> = others.iter().filter(|other| like(one, other)).map(|other| other.amount).sum();
        total.is_some() && deciding.is_funders_word() && deciding.amount == total
    };
    is_answered && others.iter().any(|one| times(&others, one) > answers && !is_total(one))
}

/// The family of the dispositif; else that of a European fund, whoever names it; else the one that a statement tells; else that of a
/// source that speaks for the funder. A source's family says nothing of the shares of others that it reports.
fn family(lexicon: &Lexicon, bench: &Bench<'_>, group: &Group, statements: &[Statement]) -> Family {
    let of_dispositif = group.key.dispositif.and_then(|dispositif| lexicon.atlas.dispositifs[dispositif.get()].family);
    let funder = statements.first().map(|one| &lexicon.organisations[one.funder.get()]);
    let of_fund = funder.filter(|id| id.kind() == OrganisationKind::European).map(|_| Family::FondsEuropeens);
    let of_source = || {
        let own = statements.iter().filter(|one| one.authority == Authority::Own);
        let mut sources = own.map(|one| bench.records[one.record as usize].source);
        sources.find_map(|source| lexicon.profile(source).family)
    };
    of_dispositif
        .or(of_fund)
        .or_else(|| statements.iter().find_map(|one| one.family))
        .or_else(of_source)
        .unwrap_or(Family::Partenaires)
}

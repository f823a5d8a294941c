//! A project as far as it is public: what funders themselves voted and what came after (données essentielles des
//! conventions de subvention, décret 2017-779), reconciled anew from that alone, under the title, the holder, the places and the
//! days that the records of these words state themselves. No request, no intention, no word of others about a funder, nothing
//! that only another record says, no budget, no reference of an application.

use super::case::{Mention, ProjectCase, RecordEntry, Statement};
use super::consolidate::{latest_of_each, settle_sums};
use super::headline::Bench;
use super::lexicon::Lexicon;
use super::own_words::{OwnWords, Told};
use super::parts::PART_TAKEN;
use super::portrait::{Portrait, Ranked};
use super::reconcile::{Group, Period, reconcile};
use crate::domain::project::ProjectId;
use crate::domain::text::normalised;
use crate::domain::vocabulary::{Authority, Stage};
use std::sync::{Arc, OnceLock};

/// The public form of a case, made when somebody first asks for it. Follows from the case, and is no part of what it is.
#[derive(Default)]
pub(crate) struct PublicForm(OnceLock<Option<Arc<ProjectCase>>>);

impl Clone for PublicForm {
    fn clone(&self) -> Self {
        PublicForm::default()
    }
}

impl PartialEq for PublicForm {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for PublicForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicForm")
    }
}

/// What is public of a project; `None` where nothing is.
pub(crate) fn abridged(lexicon: &Lexicon, case: &ProjectCase) -> Option<Arc<ProjectCase>> {
    case.public_form.0.get_or_init(|| make(lexicon, case, &|_| false).map(Arc::new)).clone()
}

/// The same, where funders keep some of their words from others: these are not public.
pub(super) fn abridged_without(
    lexicon: &Lexicon,
    case: &ProjectCase,
    is_kept: &dyn Fn(&Statement) -> bool,
) -> Option<Arc<ProjectCase>> {
    make(lexicon, case, is_kept).map(Arc::new)
}

/// The funders' own words on what was decided; on such a sum, also that it was given up or refused after all: a grant that
/// stands no more is not shown as standing. What is one sum is told by these words alone.
fn public_sums(lexicon: &Lexicon, case: &ProjectCase, is_kept: &dyn Fn(&Statement) -> bool) -> Vec<Statement> {
    let decided = |one: &Statement| one.stage.is_some_and(|stage| stage.at_least(Stage::Attribue));
    let ended = |one: &Statement| matches!(one.stage, Some(Stage::Refuse | Stage::Abandonne));
    let own = |one: &&Statement| one.authority == Authority::Own && !one.unadmitted && !one.nothing;
    let words = case.statements.iter().filter(own).filter(|one| (decided(one) || ended(one)) && !is_kept(one));
    // What of a sum granted to several is this project's is told by all rows that are seen, which are not known here.
    let as_stated = |one: &Statement| match &one.part {
        Some(part) => {
            let disputed = !part.beside || part.disputed;
            Statement { amount: part.amount, disputed, ..one.clone() }
        }
        None => one.clone(),
    };
    let mut words: Vec<Statement> = words.map(as_stated).collect();
    // As consolidation meets them: by record, then in the order in which each gives them.
    words.sort_by_key(|one| (one.record, one.ordinal));
    let standing = |source| lexicon.profile(source).standing;
    let is_numbered = |body| lexicon.is_numbered(body);
    let source_id = |source| lexicon.profile(source).id.as_str();
    let bench = Bench { records: &case.records, standing: &standing, source_id: &source_id, is_numbered: &is_numbered };
    let groups = reconcile(&words, &bench, Period::default());
    let is_told = |group: &Group| group.contradicted || group.members.iter().any(|at| decided(&words[*at]));
    let standing = groups.into_iter().filter(is_told);
    let mut kept: Vec<usize> = standing.flat_map(|group| group.members).collect();
    kept.sort_unstable();
    kept.into_iter().map(|at| words[at].clone()).collect()
}

fn make(lexicon: &Lexicon, case: &ProjectCase, is_kept: &dyn Fn(&Statement) -> bool) -> Option<ProjectCase> {
    let mut sums = public_sums(lexicon, case, is_kept);
    if sums.is_empty() {
        return None;
    }
    let mut kept: Vec<u32> = sums.iter().map(|one| one.record).collect();
    kept.sort_unstable();
    kept.dedup();
    let place = |record: u32| kept.binary_search(&record).ok().and_then(|at| u32::try_from(at).ok());
    for statement in &mut sums {
        statement.record = place(statement.record)?;
        // That an aid is de minimis concerns its beneficiary and who gives aid.
        statement.de_minimis = None;
    }
    // What the mapping said of a record may quote what is kept of it.
    let keeps_one = |at: u32| case.all_statements().iter().any(|one| one.record == at && is_kept(one));
    let as_stated = |at: &u32| {
        let record = case.records[*at as usize].clone();
        let told = record.warnings.iter().filter(|one| &*one.code != PART_TAKEN && !keeps_one(*at));
        RecordEntry { warnings: told.cloned().collect(), ..record }
    };
    let records: Vec<RecordEntry> = kept.iter().map(as_stated).collect();
    let mut public = described(lexicon, case, (&kept, records));
    let holder = public.holder;
    let concerned = |mention: &Mention| {
        holder == Some(mention.organisation) || sums.iter().any(|one| one.funder == mention.organisation)
    };
    public.mentions = public.mentions.into_iter().filter(concerned).collect();
    settle_sums(lexicon, &mut public, sums, Vec::new());
    Some(public)
}

/// The case as the records that are kept describe it, and nothing that another one says of it. Of what they say, no total cost, no
/// reference, no action, no contradiction between them.
fn described(lexicon: &Lexicon, case: &ProjectCase, (kept, records): (&[u32], Vec<RecordEntry>)) -> ProjectCase {
    let public = match case.own_words.told(lexicon, (case, kept)) {
        Some(told) => together(lexicon, case.id.clone(), (told, records)),
        None => alone(case, records),
    };
    ProjectCase { disagreements: Box::default(), abridged: true, ..public }
}

/// What several records say: as of any project, the most authoritative that says something has the word.
fn together(lexicon: &Lexicon, id: ProjectId, (told, records): (Told, Vec<RecordEntry>)) -> ProjectCase {
    let rank = |at: usize| {
        let (record, profile) = (&records[at], lexicon.profile(records[at].source));
        // Each holds its funder's own word.
        ((false, profile.standing), record.observed_at)
    };
    let ranked = told.facts.iter().map(|(at, facts)| {
        let (rank, observed_at) = rank(*at);
        Ranked { at: *at, rank, observed_at, facts: Some(facts) }
    });
    let portrait = Portrait::of(lexicon, ranked.collect());
    let mentions = latest_of_each(told.mentions, &records).into();
    let places = told.places.close(&lexicon.atlas, Box::default());
    ProjectCase { mentions, ..portrait.into_case(id, places, records) }
}

/// What the one record of a project says of it.
fn alone(case: &ProjectCase, records: Vec<RecordEntry>) -> ProjectCase {
    ProjectCase {
        id: case.id.clone(),
        title: case.title.clone(),
        holder: case.holder,
        objectives: case.objectives.clone(),
        action: None,
        references: Box::default(),
        places: case.places.clone(),
        starts_on: case.starts_on,
        ends_on: case.ends_on,
        year: case.year,
        renews: None,
        fund: None,
        budget: None,
        disagreements: Box::default(),
        otherwise: None,
        mentions: case.mentions.clone(),
        records: records.into(),
        commitments: Box::default(),
        statements: Box::default(),
        nothings_at: 0,
        own_words: OwnWords::default(),
        sought: normalised(&case.title).into(),
        abridged: true,
        public_form: PublicForm::default(),
        behind: None,
    }
}

//! Building a portfolio, from a whole image or from what an append changed.

use super::Portfolio;
use super::acts::{Acts, Homes};
use super::case::{ProjectCase, Statement};
use super::columns::Columns;
use super::consolidate::{Told, consolidate, mentions};
use super::directory::{Directory, LooseMention};
use super::lexicon::Lexicon;
use super::named::Named;
use super::parts::{Parts, StatedPart};
use super::peoples_word::PeoplesWord;
use super::postings::Whereabouts;
use super::redirects::Redirects;
use super::regrants::Regrants;
use crate::domain::Instant;
use crate::domain::facts::{Facts, OrganisationFacts};
use crate::domain::image::{Head, LedgerDelta, LedgerImage, SourceImage};
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::SourceId;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// The parts that every build starts from; the rest follows.
struct Ground {
    head: Head,
    lexicon: Lexicon,
    redirects: Arc<Redirects>,
    acts: Acts,
    cases: Vec<Arc<ProjectCase>>,
    loose: Arc<[LooseMention]>,
    regrants: Regrants,
}

impl Portfolio {
    /// The portfolio of a whole image.
    pub fn build(image: &LedgerImage) -> Self {
        Portfolio::build_naming(image, &[])
    }

    /// The same, that also knows the organisations `named`, though no record may speak of them: those that rules expect.
    pub fn build_naming(image: &LedgerImage, named: &[OrganisationFacts]) -> Self {
        let mut lexicon = Lexicon::of(&image.sources, &image.records, image.head.at.date_naive());
        let redirects = Arc::new(Redirects::of(&image.decisions));
        let open = image.records.iter().filter(|record| record.state != RecordState::Closed);
        let standing = open.filter_map(|record| Some((record.project.as_ref(), redirects.project(record)?)));
        let acts = Acts::of(&image.acts, &redirects, &Homes::of(&image.acts, &redirects, standing));
        let mut cases = Vec::new();
        let parts = Parts::of(&image.records);
        for (id, records) in by_project(&redirects, &image.records) {
            let word = PeoplesWord::of(acts.about(id));
            let told = Told { records: &records, parts: &parts };
            cases.extend(consolidate(&mut lexicon, id, &told, &word).map(Arc::new));
        }
        let facts = Facts { organisations: named.to_vec(), ..Facts::default() };
        // Whatever a source calls them comes later than this.
        let named = mentions(&mut lexicon, 0, &facts).into_iter();
        let mut loose: Vec<LooseMention> =
            named.map(|mention| LooseMention { mention, observed_at: Instant::MIN_UTC }).collect();
        for record in image.records.iter().filter(|one| one.project.is_none() && one.state != RecordState::Closed) {
            let observed_at = record.observed_at;
            let found = mentions(&mut lexicon, 0, &record.facts);
            loose.extend(found.into_iter().map(|mention| LooseMention { mention, observed_at }));
        }
        let (loose, regrants) = (loose.into(), Regrants::of(&cases));
        Portfolio::finish(Ground { head: image.head, lexicon, redirects, acts, cases, loose, regrants })
    }

    /// The portfolio after an append: only the touched projects are consolidated again, the others are shared.
    /// `None` when that would not do, and the portfolio must be built from the whole image: a reference table
    /// changed, or an entry of one began or ceased to hold, or what a known source may speak for, or a sum granted to several, which bears on projects beyond those
    /// that it touches.
    #[must_use = "without a result the portfolio must be built from the whole image"]
    pub fn apply(&self, delta: &LedgerDelta) -> Option<Self> {
        if delta.references_changed || delta.sources.iter().any(|source| self.speaks_otherwise(source)) {
            return None;
        }
        let days = (self.head.at.date_naive(), delta.head.at.date_naive());
        if self.lexicon.atlas.validities.iter().any(|validity| validity.turns_between(days)) {
            return None;
        }
        let mut lexicon = self.lexicon.clone();
        lexicon.renew_sources(&delta.sources);
        let redirects = Arc::new(Redirects::of(&delta.decisions));
        let given = delta.records.iter().filter_map(|record| redirects.project(record));
        let touched: BTreeSet<&ProjectId> =
            delta.projects.iter().chain(given).map(|id| redirects.resolve(id)).collect();
        let is_touched = |case: &&Arc<ProjectCase>| touched.contains(redirects.resolve(&case.id));
        let was_touched = || self.cases.iter().filter(is_touched);
        let untouched = self.cases.iter().filter(|case| !is_touched(case));
        let stand = untouched.flat_map(|case| case.records.iter().map(|record| (record.given.as_ref(), &case.id)));
        let open = delta.records.iter().filter(|record| record.state != RecordState::Closed);
        let moved = open.filter_map(|record| Some((record.project.as_ref(), redirects.project(record)?)));
        let homes = Homes::of(&delta.acts, &redirects, stand.chain(moved));
        let acts = Acts::of(&delta.acts, &redirects, &homes);
        let states_part = |one: &Statement| one.part.as_ref().is_some_and(|part| !part.beside);
        let beside = was_touched().flat_map(|case| self.decisions_in(case, |part| part.beside));
        if delta.records.iter().any(has_part)
            || was_touched().any(|case| case.statements.iter().any(states_part))
            || self.has_part_beside(&delta.records)
            || self.has_part_of(&beside.collect())
        {
            return None;
        }
        let parts = Parts::default();
        let mut fresh: BTreeMap<ProjectId, Arc<ProjectCase>> = BTreeMap::new();
        for (id, records) in by_project(&redirects, &delta.records) {
            let told = Told { records: &records, parts: &parts };
            let case = consolidate(&mut lexicon, id, &told, &PeoplesWord::of(acts.about(id)));
            fresh.extend(case.map(|case| (id.clone(), Arc::new(case))));
        }
        let kept = self.cases.iter().filter(|case| !is_touched(case));
        let mut cases: Vec<Arc<ProjectCase>> = kept.cloned().chain(fresh.into_values()).collect();
        cases.sort_by(|one, other| one.id.cmp(&other.id));
        let (loose, regrants) = (self.loose.clone(), Regrants::of(&cases));
        Some(Portfolio::finish(Ground { head: delta.head, lexicon, redirects, acts, cases, loose, regrants }))
    }

    /// Does a row state a share of a decision of which one of these has none? Both tell what of it is whose.
    pub(super) fn has_part_beside(&self, records: &[RecordVersion]) -> bool {
        let all = records.iter().flat_map(|record| record.facts.statements.iter().map(move |facts| (record, facts)));
        self.has_part_of(
            &all.filter_map(|(record, facts)| Some((&record.source, facts.decision.as_deref()?))).collect(),
        )
    }

    /// Does a row state a share of one of these decisions?
    fn has_part_of(&self, decisions: &BTreeSet<(&SourceId, &str)>) -> bool {
        let states_one = |case: &Arc<ProjectCase>| {
            self.decisions_in(case, |part| !part.beside).any(|decision| decisions.contains(&decision))
        };
        !decisions.is_empty() && self.cases.iter().any(states_one)
    }

    /// The decisions of the rows of a case that state a share, or none beside others.
    fn decisions_in<'a>(
        &'a self,
        case: &'a ProjectCase,
        wanted: fn(&StatedPart) -> bool,
    ) -> impl Iterator<Item = (&'a SourceId, &'a str)> {
        let of = move |one: &'a Statement| {
            let of = one.part.as_ref().filter(|part| wanted(part)).and_then(|part| part.of)?;
            Some((&self.source(case.record(one).source).profile.id, &*self.lexicon.texts[of.get()]))
        };
        case.statements.iter().filter_map(of)
    }

    /// Did the part of a source's profile change that statements already consolidated rest on?
    fn speaks_otherwise(&self, source: &SourceImage) -> bool {
        let (now, before) = (&source.profile, self.lexicon.sources.get(&source.profile.id));
        before.is_some_and(|before| {
            let before = &before.profile;
            (&now.speaks_for, now.standing, now.family, now.holds_signed_plans)
                != (&before.speaks_for, before.standing, before.family, before.holds_signed_plans)
        })
    }

    /// The same picture of fewer projects, or of less of them: who is in none of them is known no more.
    pub(super) fn with_cases(&self, acts: Acts, cases: Vec<Arc<ProjectCase>>) -> Self {
        let (lexicon, redirects, loose) = (self.lexicon.clone(), Arc::clone(&self.redirects), self.loose.clone());
        let regrants = self.regrants.among(&self.cases, &cases);
        let ground = Ground { head: self.head, lexicon, redirects, acts, cases, loose, regrants };
        let mut picture = Portfolio::finish(ground);
        picture.directory.forget_strangers(&picture.lexicon, &picture.cases, &picture.loose);
        picture
    }

    /// The picture of one project, with the names that this one gives to organisations.
    pub(super) fn of_one(&self, lexicon: Lexicon, case: Arc<ProjectCase>) -> Self {
        let elsewhere = self.aids_beyond(&case).into();
        Portfolio { elsewhere, ..self.of_cases(lexicon, vec![case]) }
    }

    /// A picture of these cases alone, in this order, with the names that this one gives to organisations.
    pub(super) fn of_cases(&self, lexicon: Lexicon, cases: Vec<Arc<ProjectCase>>) -> Self {
        Portfolio {
            head: self.head,
            directory: self.directory.clone(),
            columns: Columns::of(&lexicon, &cases, &Regrants::default()),
            whereabouts: Whereabouts::of(&lexicon, &cases),
            editions: editions(&cases),
            regrants: Regrants::default(),
            redirects: Arc::clone(&self.redirects),
            acts: Acts::default(),
            loose: self.loose.clone(),
            lexicon,
            cases,
            elsewhere: Arc::default(),
            consumed: OnceLock::new(),
        }
    }

    fn finish(ground: Ground) -> Self {
        let Ground { head, lexicon, redirects, acts, cases, loose, regrants } = ground;
        Portfolio {
            head,
            directory: Directory::of(&lexicon, &cases, &loose),
            columns: Columns::of(&lexicon, &cases, &regrants),
            whereabouts: Whereabouts::of(&lexicon, &cases),
            editions: editions(&cases),
            regrants,
            lexicon,
            redirects,
            acts,
            cases,
            loose,
            elsewhere: Arc::default(),
            consumed: OnceLock::new(),
        }
    }
}

fn editions(cases: &[Arc<ProjectCase>]) -> Named {
    Named::of(cases, |case| case.renews.as_ref())
}

/// Does it state a share of a sum granted to several?
pub(super) fn has_part(record: &RecordVersion) -> bool {
    record.facts.statements.iter().any(|facts| facts.part.is_some())
}

/// The records of each project, under the identifier that it is known by now, in the order of identifiers.
fn by_project<'a>(
    redirects: &'a Redirects,
    records: &'a [RecordVersion],
) -> Vec<(&'a ProjectId, Vec<&'a RecordVersion>)> {
    let mut projects: FxHashMap<&ProjectId, Vec<&RecordVersion>> = FxHashMap::default();
    for record in records {
        if let Some(project) = redirects.project(record) {
            projects.entry(project).or_default().push(record);
        }
    }
    let mut projects: Vec<_> = projects.into_iter().collect();
    projects.sort_unstable_by_key(|(id, _)| *id);
    projects
}

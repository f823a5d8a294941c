//! A portfolio as somebody may see it: some projects whole, some only as far as they are public, some not at all. Sums,
//! lists, names and indexes are made anew from what is left, so that nothing of the rest shows through them.

use super::abridged::{abridged, abridged_without};
use super::case::{ProjectCase, RecordEntry, Statement};
use super::expected_on::{Row, Words};
use super::index::{ContratIx, OrganisationIx};
use super::veil::{Embargoes, veiled};
use super::{PlaceKey, Portfolio, ProjectIx};
use crate::domain::Date;
use crate::domain::clearance::Clearance;
use crate::domain::governance::Act;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use crate::domain::project::ProjectId;
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Authority, Stage};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What may be seen of one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everything.
    Whole,
    /// What is public of it.
    Abridged,
    /// Not even that it is there.
    Nothing,
}

/// A clearance in the positions of one portfolio.
struct Keys<'a> {
    bodies: Vec<OrganisationIx>,
    /// All bodies of the clearance, those that no record speaks of too.
    named: &'a [OrganisationId],
    contrats: Vec<ContratIx>,
    /// Where the table of the rules expects one of them.
    expected: Vec<Row>,
}

impl Portfolio {
    /// What may be seen of a project with a clearance, on a day.
    pub fn sight(&self, project: ProjectIx, (clearance, day): (&Clearance, Date)) -> Sight {
        let Some(keys) = self.keys(clearance) else { return Sight::Whole };
        let case = &self.cases[project.get()];
        match () {
            () if self.opens(case, &keys) => Sight::Whole,
            () if self.public_form_on(case, day).is_some() => Sight::Abridged,
            () => Sight::Nothing,
        }
    }

    /// A project in the form in which it is seen with a clearance, on a day; `None`: it is not seen.
    pub fn case_seen(&self, project: ProjectIx, (clearance, day): (&Clearance, Date)) -> Option<Arc<ProjectCase>> {
        let case = &self.cases[project.get()];
        match self.keys(clearance) {
            Some(keys) if !self.opens(case, &keys) => self.public_form_on(case, day),
            Some(_) | None => Some(Arc::clone(case)),
        }
    }

    /// The project that `id` names on the picture that is seen with a clearance, on a day.
    pub fn project_seen(&self, id: &ProjectId, seen: (&Clearance, Date)) -> Option<ProjectIx> {
        let project = self.project_by_id(id)?;
        let case = self.case_seen(project, seen)?;
        self.leads(id, &case).then_some(project)
    }

    /// The contrat de ville of a code on the picture that is seen with a clearance, on a day: a table knows it, or a project lies there
    /// in the form in which it is seen.
    pub fn contrat_seen(&self, code: &str, seen: (&Clearance, Date)) -> Option<ContratIx> {
        let found = self.contrat_by_code(code)?;
        let lies = |project: &ProjectIx| {
            let case = self.case_seen(*project, seen);
            case.is_some_and(|case| case.places.contrats.contains(&found))
        };
        let known = self.contrat(found).known;
        (known || self.projects_of(PlaceKey::Contrat(found)).iter().any(lies)).then_some(found)
    }

    /// Does somebody keep a sum that bears on a project from whoever has this clearance, on a day: one of it, or a row of a decision of
    /// which it has another? The day on which the last of them is told.
    pub fn kept_until(&self, project: ProjectIx, (clearance, day): (&Clearance, Date)) -> Option<Date> {
        let keys = self.keys(clearance)?;
        let from_others = |one: &&Statement| one.is_kept_on(day) && !keys.bodies.contains(&one.funder);
        let all = self.cases[project.get()].all_statements().iter();
        let kept = all.chain(self.kept_beside(project, day)).filter(from_others);
        kept.filter_map(|one| one.not_public_until).max()
    }

    /// The funders that keep a sum from others which bears on a project on a day, each with the last day on which it tells one.
    pub fn keepers(&self, project: ProjectIx, day: Date) -> BTreeMap<&OrganisationId, Date> {
        let mut keepers = BTreeMap::new();
        let all = self.cases[project.get()].all_statements().iter().filter(|one| one.is_kept_on(day));
        for one in all.chain(self.kept_beside(project, day)) {
            let Some(until) = one.not_public_until else { continue };
            let last = keepers.entry(self.identity(one.funder)).or_insert(until);
            *last = until.max(*last);
        }
        keepers
    }

    /// What is public of a case of this picture, on a day.
    fn public_form_on(&self, case: &Arc<ProjectCase>, day: Date) -> Option<Arc<ProjectCase>> {
        let embargoes = Embargoes::in_case(self, case, day);
        self.public_form(case, &|one| self.keeps(&embargoes, case, one))
    }

    fn public_form(&self, case: &ProjectCase, is_kept: &dyn Fn(&Statement) -> bool) -> Option<Arc<ProjectCase>> {
        if case.all_statements().iter().any(is_kept) {
            return abridged_without(&self.lexicon, case, is_kept);
        }
        abridged(&self.lexicon, case)
    }

    /// May everything that happens in a contract be seen with a clearance?
    pub fn opens_contrat(&self, contrat: ContratIx, clearance: &Clearance) -> bool {
        self.keys(clearance).is_none_or(|keys| keys.contrats.contains(&contrat))
    }

    /// Is this project shown only as far as it is public?
    pub fn is_abridged(&self, project: ProjectIx) -> bool {
        self.project(project).abridged
    }

    /// This portfolio as it is seen with a clearance; `None` where it is seen as it is. Who may see what, and what funders keep
    /// from others, is told by `today` and its day, whatever version this one is of.
    pub fn seen(&self, clearance: &Clearance, (today, day): (&Portfolio, Date)) -> Option<Portfolio> {
        let (now, then) = (today.keys(clearance)?, self.keys(clearance)?);
        let embargoes = Embargoes::of(today, day);
        let elsewhere =
            if self.head.version == today.head.version { FxHashSet::default() } else { today.closed_to(&now) };
        let is_whole = |case: &ProjectCase| {
            let opens = match today.project_by_id(&case.id) {
                Some(project) => today.opens(&today.cases[project.get()], &now),
                None => self.opens(case, &then),
            };
            opens && !self.holds_what_left(case, (today, &elsewhere, &now))
        };
        let seen = |case: &Arc<ProjectCase>| match is_whole(case) {
            true => Some(self.without_what_is_kept(case, (&then, &embargoes))),
            false => self.public_form(case, &|one| self.keeps(&embargoes, case, one)),
        };
        let cases: Vec<Arc<ProjectCase>> = self.cases.iter().filter_map(seen).collect();
        let cases = self.with_parts_of_what_is_seen(cases, |case, one| self.keeps(&embargoes, case, one));
        let whole = |id: &_| {
            let at = cases.binary_search_by(|case| case.id.cmp(id));
            at.is_ok_and(|at| !cases[at].abridged)
        };
        // What was said of a sum whose record stands here no more is told with that record, wherever it is.
        let stands = |id: &ProjectId, act: &Act| {
            let Act::NatureStated { source, key, .. } = act else { return true };
            let at = cases.binary_search_by(|case| case.id.cmp(id));
            at.is_ok_and(|at| {
                let mut records = cases[at].records.iter();
                records.any(|one| one.key == *key && self.source(one.source).profile.id == *source)
            })
        };
        let acts = self.acts.of_projects(whole, stands);
        Some(self.with_cases(acts, cases))
    }

    /// Those of these records that stand today in a project which is not seen whole with a clearance, or were taken out into
    /// one: what they said while they stood elsewhere is not for it any more.
    pub fn closed_among<'a>(
        &self,
        records: impl IntoIterator<Item = (&'a SourceId, &'a RecordKey)>,
        clearance: &Clearance,
    ) -> FxHashSet<(&'a SourceId, &'a RecordKey)> {
        let Some(keys) = self.keys(clearance) else { return FxHashSet::default() };
        let elsewhere = self.closed_to(&keys);
        let is_closed = |record: &(&SourceId, &RecordKey)| self.is_closed(*record, (&elsewhere, &keys));
        records.into_iter().filter(is_closed).collect()
    }

    fn is_closed(
        &self,
        (source, key): (&SourceId, &RecordKey),
        (elsewhere, keys): (&FxHashSet<(&SourceId, &RecordKey)>, &Keys<'_>),
    ) -> bool {
        let opens = |id: &ProjectId| {
            let project = self.project_by_id(id);
            project.is_some_and(|project| self.opens(&self.cases[project.get()], keys))
        };
        elsewhere.contains(&(source, key)) || self.redirects.given_to(source, key, None).is_some_and(|id| !opens(id))
    }

    /// The records that stand in projects which are not seen whole with a clearance.
    fn closed_to(&self, keys: &Keys<'_>) -> FxHashSet<(&SourceId, &RecordKey)> {
        let closed = self.cases.iter().filter(|case| !self.opens(case, keys));
        let records = closed.flat_map(|case| case.records.iter());
        records.map(|record| (&self.source(record.source).profile.id, &record.key)).collect()
    }

    /// Does an earlier case hold a record that stands today in a project which is not seen whole, or was taken out into one? Then the
    /// case is shown as far as it is public: what it came to with that record is not for this clearance any more.
    fn holds_what_left(
        &self,
        case: &ProjectCase,
        (today, elsewhere, keys): (&Portfolio, &FxHashSet<(&SourceId, &RecordKey)>, &Keys<'_>),
    ) -> bool {
        self.head.version != today.head.version
            && case.records.iter().any(|one| {
                let source = &self.source(one.source).profile.id;
                today.is_closed((source, &one.key), (elsewhere, keys))
            })
    }

    /// A case that is seen whole, but for the amounts that others keep to themselves.
    fn without_what_is_kept(
        &self,
        case: &Arc<ProjectCase>,
        (keys, embargoes): (&Keys<'_>, &Embargoes<'_>),
    ) -> Arc<ProjectCase> {
        let is_kept = |one: &Statement| !keys.bodies.contains(&one.funder) && self.keeps(embargoes, case, one);
        if case.all_statements().iter().any(is_kept) { veiled(&self.lexicon, case, is_kept) } else { Arc::clone(case) }
    }

    /// The positions of a clearance here; `None`: it opens everything.
    fn keys<'a>(&self, clearance: &'a Clearance) -> Option<Keys<'a>> {
        let Clearance::Part { bodies: named_bodies, contrats, expected } = clearance else { return None };
        let bodies: Vec<OrganisationIx> = named_bodies.iter().filter_map(|id| self.organisation_of(id)).collect();
        let named = |code: &ContratCode| contrats.contains(code);
        let signs = |organisation: &OrganisationIx| bodies.contains(organisation);
        let entries = self.lexicon.atlas.contrats.values().enumerate();
        let opened = entries.filter(|(_, contrat)| {
            let epcis = contrat.epcis.iter().map(|epci| self.lexicon.atlas.epcis[epci.get()].organisation);
            let signatories = contrat.pilot.iter().chain(&contrat.signatories).copied();
            named(&contrat.code) || signatories.chain(epcis).any(|one| signs(&one))
        });
        let contrats = opened.map(|(at, _)| ContratIx::at(at)).collect();
        let expected = expected.iter().filter_map(|row| Row::of(self, row)).collect();
        Some(Keys { bodies, named: named_bodies, contrats, expected })
    }

    /// Is a project in one of the contracts, held or funded by one of the bodies, or does the table of the rules expect one of them
    /// there? What a body declares of itself opens nothing to it, nor what its own system says that it holds, asks or means to put, were
    /// it of what this system does not speak for: that it decided does, and that the pilot or the Région admits it.
    fn opens(&self, case: &ProjectCase, keys: &Keys<'_>) -> bool {
        let is_body = |organisation: OrganisationIx| keys.bodies.contains(&organisation);
        let word = Words { portfolio: self, bodies: keys.named };
        let funds = |one: &Statement| {
            let source = case.record(one).source;
            let decided = one.authority == Authority::Own && one.stage.is_some_and(Stage::is_decided);
            is_body(one.funder) && !self.is_of_declarations(source) && (decided || !word.speaks_for_one(source))
        };
        let holds = |one: &RecordEntry| one.holder.is_some_and(is_body) && word.is_of_another(one.source);
        case.places.contrats.iter().any(|contrat| keys.contrats.contains(contrat))
            || case.records.iter().any(holds)
            || case.statements.iter().any(funds)
            || keys.expected.iter().any(|row| row.concerns(word, case))
            || (!keys.named.is_empty() && self.admits_one(case, keys))
    }

    fn admits_one(&self, case: &ProjectCase, keys: &Keys<'_>) -> bool {
        let is_body = |id: &OrganisationId| keys.named.contains(id);
        let mut acts = self.acts.about(&case.id);
        acts.any(|entry| matches!(&entry.act, Act::Admitted { funder, .. } if is_body(funder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::{Places, ReferenceFacts, StatementFacts};
    use crate::domain::governance::{ActEntry, ActId};
    use crate::domain::image::{LedgerImage, SourceImage};
    use crate::domain::money::Cents;
    use crate::domain::record::RecordVersion;
    use crate::domain::source::Standing;
    use crate::domain::vocabulary::{Dimension, Nature, Stage};
    use crate::portfolio::fixture::*;
    use crate::portfolio::{CommitmentFilter, ProjectFilter};

    const DAY: Date = Date::MIN;

    fn part(bodies: &[&str], contrats: &[&str]) -> Clearance {
        Clearance::Part {
            bodies: bodies.iter().map(|id| OrganisationId::parse(id).expect("sound")).collect(),
            contrats: contrats.iter().map(|code| ContratCode::parse(code).expect("sound")).collect(),
            expected: Box::default(),
        }
    }

    fn public_of(portfolio: &Portfolio) -> Portfolio {
        portfolio.seen(&Clearance::public(), (portfolio, DAY)).expect("not everything")
    }

    fn at_stage(funder: &str, stage: Stage, cents: i64) -> StatementFacts {
        StatementFacts { stage: Some(stage), amount: Some(Cents::new(cents)), ..grant(funder) }
    }

    /// The stages and sums that are seen of the one project.
    fn sums(portfolio: &Portfolio) -> Vec<(Option<Stage>, Option<i64>)> {
        let all = portfolio.projects().flat_map(|(_, case)| case.commitments.iter());
        all.map(|one| (one.stage, one.amount.map(Cents::get))).collect()
    }

    #[test]
    fn the_public_sees_what_funders_voted_and_nothing_that_they_were_asked_or_said_to_put() {
        let voted = record("region", "voted", vec![at_stage(REGION, Stage::Attribue, 500)]);
        let plan = vec![asked(REGION, 900), asked(METROPOLE, 700), at_stage(ETAT, Stage::Attribue, 300)];
        let mut application = record("application", "plan", plan);
        application.facts.project.get_or_insert_default().budget = Some(Default::default());
        let whole = portfolio(vec![voted, application]);
        let public = public_of(&whole);
        assert_eq!(sums(&public), [(Some(Stage::Attribue), Some(500))]);
        let (_, case) = public.projects().next().expect("seen");
        assert_eq!((case.records.len(), case.budget, case.abridged), (1, None, true));
        for unseen in [METROPOLE, ETAT] {
            assert!(whole.organisation_by_id(unseen).is_some());
        }
        assert!(public.organisation_by_id(ETAT).is_none(), "only the application speaks of it");
        let all = public.totals(&CommitmentFilter { stage: Stage::ALL.to_vec(), ..CommitmentFilter::default() }, &[]);
        assert_eq!((all[0].amount, all[0].count), (Some(Cents::new(500)), 1));
    }

    #[test]
    fn a_project_that_is_only_asked_for_is_not_there() {
        let whole = portfolio(vec![record("region", "asked", vec![asked(REGION, 900)])]);
        let public = public_of(&whole);
        assert_eq!(public.projects().len(), 0);
        assert!(public.project_by_id(&project(1)).is_none());
        assert!(public.projects_where(&ProjectFilter::default()).is_empty());
        assert_eq!(whole.sight(ProjectIx::at(0), (&Clearance::public(), DAY)), Sight::Nothing);
    }

    #[test]
    fn a_grant_that_stands_no_more_is_not_shown_as_standing() {
        let said = vec![at_stage(REGION, Stage::Attribue, 500), at_stage(REGION, Stage::Abandonne, 500)];
        let public = public_of(&portfolio(vec![record("region", "k", said)]));
        assert_eq!(sums(&public), [(Some(Stage::Abandonne), None)]);
        assert_eq!(public.totals(&CommitmentFilter::default(), &[Dimension::Funder]), []);
    }

    #[test]
    fn a_partner_sees_whole_what_others_say_that_it_holds_or_funds_and_what_its_contracts_hold() {
        let reported = record("application", "plan", vec![asked(METROPOLE, 700)]);
        let whole = portfolio(vec![reported]);
        let sight = |clearance: &Clearance| whole.sight(ProjectIx::at(0), (clearance, DAY));
        assert_eq!(sight(&part(&[METROPOLE], &[])), Sight::Whole, "the applicant names it");
        assert_eq!(sight(&part(&[ETAT], &[])), Sight::Nothing);
        assert_eq!(sight(&part(&[], &["CN05911M"])), Sight::Nothing, "it lies in no contract");
        let seen = whole.seen(&part(&[METROPOLE], &[]), (&whole, DAY)).expect("not everything");
        assert_eq!(picture(&seen), picture(&whole));
        assert!(whole.seen(&Clearance::Everything, (&whole, DAY)).is_none());
    }

    #[test]
    fn its_own_system_opens_a_project_to_a_body_by_what_it_decided_and_by_nothing_less() {
        let other = || record("application", "plan", vec![asked(ETAT, 700)]);
        let mut sources = vec![source("mairie", Standing::SystemOfRecord, &[METROPOLE])];
        sources.extend(image(Vec::new()).sources);
        let sight = |stage| {
            let records = vec![other(), record("mairie", "k", vec![at_stage(METROPOLE, stage, 100)])];
            let whole = Portfolio::build(&LedgerImage { sources: sources.clone(), ..image(records) });
            whole.sight(ProjectIx::at(0), (&part(&[METROPOLE], &[]), DAY))
        };
        for stage in [Stage::Envisage, Stage::Sollicite, Stage::Propose, Stage::Refuse] {
            assert_ne!(sight(stage), Sight::Whole, "{stage}");
        }
        assert_eq!(sight(Stage::Attribue), Sight::Whole);

        let of = |records: Vec<RecordVersion>, sources: &[SourceImage]| {
            let whole = Portfolio::build(&LedgerImage { sources: sources.to_vec(), ..image(records) });
            whole.sight(ProjectIx::at(0), (&part(&[METROPOLE], &[]), DAY))
        };
        let held = |source: &str, stage| {
            let mut one = record(source, "k", vec![at_stage(METROPOLE, stage, 100)]);
            one.facts.project.get_or_insert_default().holder = OrganisationId::parse(METROPOLE).ok();
            one
        };
        assert_ne!(
            of(vec![other(), held("mairie", Stage::Envisage)], &sources),
            Sight::Whole,
            "it says that it holds it"
        );
        let alone = of(vec![held("mairie", Stage::Envisage)], &sources);
        assert_ne!(alone, Sight::Whole, "or it would tell by what it shows that nobody else speaks of it");
        assert_eq!(of(vec![other(), held("application", Stage::Envisage)], &sources), Sight::Whole);
        sources[0].profile.speaks_for[0].natures = vec![Nature::Fonctionnement];
        let beyond = record("mairie", "k", vec![at_stage(METROPOLE, Stage::Attribue, 100)]);
        assert_ne!(of(vec![other(), beyond], &sources), Sight::Whole, "of what its system does not speak for");
    }

    #[test]
    fn whoever_signed_a_contract_sees_its_projects_whole() {
        let code = || ContratCode::parse("CN05911M").expect("sound");
        let contrat = reference(ReferenceFacts::Contrat {
            code: code(),
            name: "Contrat".to_owned(),
            pilot: None,
            epcis: Vec::new(),
            communes: Vec::new(),
            signatories: vec![OrganisationId::parse(ETAT).expect("sound")],
        });
        let places = Places { contrats: vec![code()], ..Places::default() };
        let whole =
            portfolio(vec![contrat, with_places(record("application", "k", vec![asked(METROPOLE, 1)]), places)]);
        let sight = |bodies: &[&str]| whole.sight(ProjectIx::at(0), (&part(bodies, &[]), DAY));
        assert_eq!((sight(&[ETAT]), sight(&[REGION])), (Sight::Whole, Sight::Nothing));
        assert!(public_of(&whole).organisation_by_id(ETAT).is_some(), "who signed is public");
    }

    /// A body that nobody named declares a sum; perhaps somebody admits it.
    fn declared(admitted: bool) -> LedgerImage {
        let mut image = image(vec![
            record("region", "voted", vec![grant(REGION)]),
            record("declarations", "d1", vec![at_stage(METROPOLE, Stage::Attribue, 100)]),
        ]);
        image.sources.push(source("declarations", Standing::Declarations, &[]));
        if admitted {
            let funder = OrganisationId::parse(METROPOLE).expect("sound");
            image.acts.push(ActEntry {
                id: ActId(1),
                version: image.head.version,
                at: at(0),
                author: crate::domain::act::Author::system("test"),
                act: Act::Admitted { project: project(1), funder, reason: "oui".into() },
            });
        }
        image
    }

    #[test]
    fn declaring_opens_nothing_and_being_admitted_does() {
        for (admitted, sight) in [(false, Sight::Abridged), (true, Sight::Whole)] {
            let whole = Portfolio::build(&declared(admitted));
            assert_eq!(whole.sight(ProjectIx::at(0), (&part(&[METROPOLE], &[]), DAY)), sight, "admitted: {admitted}");
            let seen = whole.seen(&part(&[METROPOLE], &[]), (&whole, DAY)).expect("not everything");
            assert_eq!(seen.acts_about(ProjectIx::at(0)).count(), usize::from(admitted));
            assert_eq!(public_of(&whole).acts_about(ProjectIx::at(0)).count(), 0);
        }
    }

    #[test]
    fn the_past_is_seen_with_the_rights_of_today() {
        let then = portfolio(vec![record("application", "plan", vec![asked(METROPOLE, 700)])]);
        let today = portfolio(vec![record("application", "plan", vec![asked(ETAT, 700)])]);
        let metropole = part(&[METROPOLE], &[]);
        assert_eq!(then.seen(&metropole, (&then, DAY)).expect("seen").projects().len(), 1);
        assert_eq!(then.seen(&metropole, (&today, DAY)).expect("seen").projects().len(), 0);
    }
}

//! What a project would be if funders declared what is assumed: the same road from statements to commitments, on a picture of
//! that one project, which nobody keeps. Never written anywhere.

use super::Portfolio;
use super::abridged::PublicForm;
use super::acts::Acts;
use super::case::{ProjectCase, RecordEntry, Statement};
use super::consolidate::{admit_named, settle_sums, statement};
use super::index::ProjectIx;
use super::lexicon::Lexicon;
use super::plan_version::PlanKey;
use super::reconcile::Period;
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::Digest;
use crate::domain::declaration::{Declaration, Declared, source};
use crate::domain::governance::{Act, ActEntry, ActId};
use crate::domain::image::SourceImage;
use crate::domain::organisation::OrganisationId;
use crate::domain::record::RecordState;
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::Authority;
use std::sync::Arc;

/// What a funder is taken to declare of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// The funder.
    pub funder: OrganisationId,
    /// What it declares.
    pub declared: Declared,
    /// Is it expected on the project? Otherwise its declaration counts for nothing, as a real one would.
    pub expected: bool,
    /// Does it acknowledge the plan that results?
    pub acknowledged: bool,
}

/// How the keys of assumed declarations begin.
const KEY: &str = "hypothese-";

impl Portfolio {
    /// A picture of one project, as it would be if these declarations were made at that instant: each in the place of what its
    /// funder declared otherwise, or the same. The first project of the picture is the one.
    pub fn assuming(&self, project: ProjectIx, assumed: &[Assumed], (key, at): (PlanKey<'_>, Instant)) -> Portfolio {
        let mut lexicon = self.lexicon.clone();
        know_declarations(&mut lexicon);
        let case = self.assumed_case((project, &mut lexicon), assumed, at);
        let standing: Vec<ActEntry> = self.acts_about(project).cloned().collect();
        let mut picture = self.of_one(lexicon, Arc::new(case));
        let id = &self.project(project).id;
        picture.acts = Acts::of_one(id, &standing);
        let acknowledging = assumed.iter().filter(|one| one.acknowledged).map(|one| &one.funder);
        let said = picture.acknowledged(acknowledging, (key, at));
        if !said.is_empty() {
            picture.acts = Acts::of_one(id, &[standing, said].concat());
        }
        picture
    }

    fn assumed_case(
        &self,
        (project, lexicon): (ProjectIx, &mut Lexicon),
        assumed: &[Assumed],
        at: Instant,
    ) -> ProjectCase {
        let before = self.project(project);
        let replaced = |statement: &Statement| {
            assumed.iter().any(|one| {
                let mut opposed = self.opposed(project, (&one.funder, &one.declared));
                opposed.any(|said| (said.record, said.ordinal) == (statement.record, statement.ordinal))
            })
        };
        let kept = before.statements.iter().filter(|one| !replaced(one)).cloned();
        let (mut nothings, mut sums): (Vec<Statement>, Vec<Statement>) = kept.partition(|one| one.nothing);
        let mut records = before.records.to_vec();
        for one in assumed {
            let admitted = self.is_admitted(project, &one.funder);
            let said = said(lexicon, one, (records.len(), !one.expected && !admitted));
            records.push(record(lexicon, records.len(), (at, self.head.version)));
            if said.nothing { nothings.push(said) } else { sums.push(said) }
        }
        // As consolidation meets them: by record, then in the order in which each gives them.
        for list in [&mut sums, &mut nothings] {
            list.sort_by_key(|one| (one.record, one.ordinal));
        }
        admit_named(&mut sums, &mut nothings);
        let public_form = PublicForm::default();
        let mut case = ProjectCase { records: records.into(), public_form, behind: None, ..before.clone() };
        settle_sums(lexicon, &mut case, sums, nothings);
        case
    }

    fn is_admitted(&self, project: ProjectIx, body: &OrganisationId) -> bool {
        self.acts_about(project).any(|entry| matches!(&entry.act, Act::Admitted { funder, .. } if funder == body))
    }

    /// The acknowledgements of the present plan of the first project by these bodies.
    fn acknowledged<'a>(
        &self,
        bodies: impl Iterator<Item = &'a OrganisationId>,
        (key, at): (PlanKey<'_>, Instant),
    ) -> Vec<ActEntry> {
        let project = ProjectIx::first();
        let (plan, content) = (self.plan_version(project, key), self.plan_content(project));
        let act = |by: &OrganisationId| Act::Acknowledged {
            project: self.project(project).id.clone(),
            plan: plan.clone(),
            content: content.clone(),
            by: by.clone(),
        };
        let entry = |(rank, by)| ActEntry {
            // After every act of the ledger.
            id: ActId(u64::MAX - rank),
            version: self.head.version,
            at,
            author: Author::system("assumption"),
            act: act(by),
        };
        let mut entries: Vec<ActEntry> = (0..).zip(bodies).map(entry).collect();
        entries.reverse();
        entries
    }
}

/// The ledger itself is a source of what is declared to it, though nobody declared anything yet.
fn know_declarations(lexicon: &mut Lexicon) {
    let profile = source();
    if !lexicon.sources.contains_key(&profile.id) {
        let (last_run, last_success) = (None, None);
        let (partitions, looked_up) = (Vec::new(), Vec::new());
        let image = SourceImage {
            profile,
            last_run,
            last_success,
            partitions,
            looked_up,
            held: false,
            records: 0,
            rejected: 0,
            unread: Vec::new(),
        };
        lexicon.renew_sources(&[image]);
    }
}

fn said(lexicon: &mut Lexicon, one: &Assumed, (record, unadmitted): (usize, bool)) -> Statement {
    let facts = Declaration::states(&one.funder, &one.declared);
    let record = u32::try_from(record).unwrap_or(u32::MAX);
    Statement { record, unadmitted, ..statement(lexicon, &facts, Authority::Own) }
}

fn record(
    lexicon: &mut Lexicon,
    rank: usize,
    (at, version): (Instant, crate::domain::chain::LedgerVersion),
) -> RecordEntry {
    RecordEntry {
        source: lexicon.source(&source().id),
        key: RecordKey::parse(&format!("{KEY}{rank}")).expect("a sound key"),
        given: None,
        partition: lexicon.text(""),
        first_seen: at,
        observed_at: at,
        good_at: at,
        version,
        holder: None,
        period: Period::default(),
        state: RecordState::Open,
        hash: Digest::of(b""),
        warnings: Box::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::declaration::DeclaredSum;
    use crate::domain::money::Cents;
    use crate::domain::source::Standing;
    use crate::domain::vocabulary::{CellState, Form, Nature, Stage, TaxBasis};
    use crate::portfolio::fixture::{METROPOLE, at, grant, image, moment, portfolio, record, source};
    use crate::portfolio::{ExpectedCell, Plan};

    fn funder(id: &str) -> OrganisationId {
        OrganisationId::parse(id).expect("sound")
    }

    fn sum(cents: i64) -> Declared {
        Declared::Commitment(DeclaredSum {
            nature: Nature::Investissement,
            form: Form::Subvention,
            stage: Stage::Attribue,
            amount: Cents::new(cents),
            tax_basis: TaxBasis::NonPrecise,
            year: None,
            dispositif: None,
            reference: None,
            not_public_until: None,
        })
    }

    fn assumed(declared: Declared, expected: bool) -> Assumed {
        Assumed { funder: funder(METROPOLE), declared, expected, acknowledged: false }
    }

    fn plan(portfolio: &Portfolio) -> Plan {
        let none: &[ExpectedCell] = &[];
        portfolio.plan(ProjectIx::first(), moment(20), (PlanKey(b"key"), none))
    }

    fn cells(portfolio: &Portfolio) -> Vec<(String, CellState, Option<i64>)> {
        let lines = plan(portfolio).lines.into_iter();
        let identity = |line: &crate::portfolio::PlanLine| portfolio.identity(line.funder).to_string();
        lines.map(|line| (identity(&line), line.state, line.amount.map(Cents::get))).collect()
    }

    #[test]
    fn what_is_assumed_is_what_would_be_and_the_picture_that_is_stays() {
        let asked = crate::portfolio::fixture::asked(METROPOLE, 700);
        let before = portfolio(vec![record("application", "plan", vec![asked])]);
        assert_eq!(cells(&before), [(METROPOLE.to_owned(), CellState::Reported, None)]);
        let version = plan(&before).version;
        let then = before.assuming(ProjectIx::first(), &[assumed(sum(500), true)], (PlanKey(b"key"), at(10)));
        assert_eq!(cells(&then), [(METROPOLE.to_owned(), CellState::Known, Some(500))]);
        assert_eq!((plan(&before).version, cells(&before).len()), (version, 1), "nothing was written");
        let nothing = Declared::Nothing { nature: Nature::Investissement, year: None };
        let then = before.assuming(ProjectIx::first(), &[assumed(nothing, true)], (PlanKey(b"key"), at(10)));
        assert_eq!(cells(&then), [(METROPOLE.to_owned(), CellState::Nothing, Some(0))]);
    }

    #[test]
    fn a_body_that_nobody_expects_changes_nothing_by_assumption_either() {
        let before = portfolio(vec![record("region", "k", vec![grant(super::super::REGION)])]);
        let then = before.assuming(ProjectIx::first(), &[assumed(sum(500), false)], (PlanKey(b"key"), at(10)));
        assert_eq!(cells(&then), cells(&before));
        assert_eq!(plan(&then).version, plan(&before).version);
    }

    #[test]
    fn an_assumption_takes_the_place_of_what_its_funder_declared() {
        let mut before = image(vec![record("declarations", "d1", vec![grant(METROPOLE)])]);
        before.sources.push(source("declarations", Standing::Declarations, &[]));
        let before = Portfolio::build(&before);
        let then = before.assuming(ProjectIx::first(), &[assumed(sum(500), true)], (PlanKey(b"key"), at(10)));
        assert_eq!(cells(&then), [(METROPOLE.to_owned(), CellState::Known, Some(500))]);
    }

    #[test]
    fn whoever_is_taken_to_acknowledge_acknowledges_the_plan_that_results() {
        let before = portfolio(vec![record("application", "plan", vec![grant(METROPOLE)])]);
        let said = Assumed { acknowledged: true, ..assumed(sum(500), true) };
        let then = before.assuming(ProjectIx::first(), &[said], (PlanKey(b"key"), at(10)));
        let version = plan(&then).version;
        let acts: Vec<&Act> = then.acts_about(ProjectIx::first()).map(|entry| &entry.act).collect();
        assert!(
            matches!(acts.as_slice(), [Act::Acknowledged { plan, by, .. }] if *plan == version && *by == funder(METROPOLE))
        );
    }
}

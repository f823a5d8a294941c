//! The sixth condition of a contract: every vote of the Region is held against what was attested before it.

use super::world;
use passerelle::check::{Refuted, Rulebook, conditions, vote_found};
use passerelle::domain::act::Author;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::{Facts, Places, ProjectFacts, StatementFacts};
use passerelle::domain::governance::{Act, ActEntry, ActId, PlanContent, RegionsShare, VoteFound, VoteOn};
use passerelle::domain::image::{Head, LedgerImage};
use passerelle::domain::money::Cents;
use passerelle::domain::record::RecordVersion;
use passerelle::domain::vocabulary::{Knowledge, Nature, Stage};
use passerelle::domain::{Date, Instant};
use passerelle::portfolio::Portfolio;

/// A vote of the Region, on a day where one is told.
fn vote(key: &str, day: Option<&str>, paid: Option<&str>) -> RecordVersion {
    vote_by("region", key, (day, paid))
}

/// The same, by a source.
fn vote_by(source: &str, key: &str, (day, paid): (Option<&str>, Option<&str>)) -> RecordVersion {
    let of = |stage, on: Option<&str>| StatementFacts {
        stage: Some(stage),
        amount: Some(Cents::new(100_000)),
        decided_on: on.map(|day| day.parse().expect("a day")),
        reference: Some(key.into()),
        ..StatementFacts::bare("siren:200053742".parse().expect("sound"), Nature::Fonctionnement)
    };
    let mut statements = vec![of(Stage::Attribue, day)];
    statements.extend(paid.map(|day| of(Stage::Verse, Some(day))));
    let contrat = "CN05911M".parse().expect("a contract");
    let project =
        ProjectFacts { places: Places { contrats: vec![contrat], ..Places::default() }, ..ProjectFacts::default() };
    world::record((source, key), Facts { project: Some(project), statements, ..Facts::default() })
}

fn attested(id: u64, day: &str, ready: bool) -> ActEntry {
    let at: Instant = day.parse::<Date>().expect("a day").and_hms_opt(9, 0, 0).expect("an hour").and_utc();
    let act = Act::Attested {
        project: world::PROJECT.parse().expect("sound"),
        plan: "0".repeat(64).parse().expect("a version"),
        content: None,
        ready,
        knowledge: if ready { Knowledge::KnownAndShared } else { Knowledge::Incomplete },
        checked: LedgerVersion(1),
        checked_at: at,
        rulebook: "".into(),
        valid_until: None,
        vote: Some(VoteFound { voted: VoteOn::Neither, plan: Some(held(200_000)) }),
        kept: Vec::new(),
        rests_on: Vec::new(),
        tells_links: false,
        jws: "".into(),
    };
    ActEntry { id: ActId(id), version: LedgerVersion(2), at, author: Author::system("case"), act }
}

/// A plan that holds so much of the Region in operation.
fn held(cents: i64) -> RegionsShare {
    RegionsShare { fonctionnement: Cents::new(cents), ..RegionsShare::default() }
}

/// The same, that found such a vote, or of which that was not kept.
fn having_found(voted: Option<VoteOn>, mut entry: ActEntry) -> ActEntry {
    let Act::Attested { vote: found, .. } = &mut entry.act else { panic!("an attestation") };
    *found = voted.map(|voted| VoteFound { voted, plan: Some(held(200_000)) });
    entry
}

/// The same, of which the readings are in time until then.
fn until(valid: &str, mut entry: ActEntry) -> ActEntry {
    let Act::Attested { valid_until, .. } = &mut entry.act else { panic!("an attestation") };
    *valid_until = Some(valid.parse().expect("an instant"));
    entry
}

/// The picture of a day with these votes.
fn pictured(votes: Vec<RecordVersion>, acts: Vec<ActEntry>) -> (Portfolio, Instant) {
    let now: Instant = "2026-06-01T00:00:00Z".parse().expect("an instant");
    let mut records = world::tables();
    records.extend(votes);
    let head = Head { version: LedgerVersion(9), at: now, head: Digest::of(b"conditions") };
    let image = LedgerImage { head, records, sources: world::sources(now, &[]), decisions: Vec::new(), acts };
    (Portfolio::build_naming(&image, Rulebook::of_the_product().organisations()), now)
}

/// Is the sixth condition met?
fn all_means(votes: Vec<RecordVersion>, acts: Vec<ActEntry>) -> Option<bool> {
    let (portfolio, now) = pictured(votes, acts);
    let contrat = portfolio.contrat_by_code("CN05911M").expect("the contract of the cases");
    let told = conditions(&portfolio, contrat, now.date_naive(), &Refuted::new());
    told.into_iter().find(|one| one.code == "C6").expect("the sixth").met
}

#[test]
fn every_vote_needs_its_attestation_not_the_first_alone() {
    let first = || vote("v1", Some("2026-03-10"), None);
    let ready = || attested(1, "2026-03-09", true);
    assert_eq!(all_means(vec![first()], Vec::new()), None, "nobody attested anything");
    assert_eq!(all_means(vec![first()], vec![ready()]), Some(true));
    assert_eq!(all_means(vec![first()], vec![attested(1, "2026-03-09", false)]), Some(false));
    let later = || vote("v2", Some("2026-05-10"), None);
    assert_eq!(all_means(vec![first(), later()], vec![ready()]), None, "of the second vote nothing is proven");
    assert_eq!(all_means(vec![first(), later()], vec![ready(), attested(2, "2026-05-09", true)]), Some(true));
    assert_eq!(all_means(vec![first(), later()], vec![ready(), attested(2, "2026-05-09", false)]), Some(false));
    assert_eq!(all_means(vec![first(), vote("v3", None, None)], vec![ready()]), None, "a vote of which no day is told");
}

#[test]
fn what_was_attested_after_a_vote_proves_nothing_of_it() {
    let voted = || vec![vote("v1", Some("2026-03-10"), None)];
    let found = |found, day: &str, ready| having_found(found, attested(1, day, ready));
    let of_the_day = Some(VoteOn::OfTheDay);
    let same_day = |vote, ready| all_means(voted(), vec![found(vote, "2026-03-10", ready)]);
    assert_eq!(same_day(Some(VoteOn::Neither), true), Some(true), "attested that morning");
    for ready in [true, false] {
        assert_eq!(same_day(of_the_day, ready), None, "the vote stood in the ledger already: {ready}");
        assert_eq!(same_day(Some(VoteOn::Undated), ready), None, "a vote stood there that may be this one: {ready}");
        assert_eq!(same_day(None, ready), None, "an old attestation, that does not tell: {ready}");
    }
    let mut later = found(of_the_day, "2026-03-10", false);
    later.id = ActId(2);
    assert_eq!(all_means(voted(), vec![attested(1, "2026-03-09", true), later]), Some(true), "the one before it tells");
    assert_eq!(all_means(voted(), vec![found(None, "2026-03-09", false)]), Some(false), "an old one that said no");
    assert_eq!(all_means(voted(), vec![found(None, "2026-03-09", true)]), None, "its readings may have grown too old");
}

#[test]
fn what_was_known_tells_of_a_vote_as_long_as_its_readings_are_in_time() {
    let voted = || vec![vote("v1", Some("2026-03-10"), None)];
    let valid = |valid: &str, ready| all_means(voted(), vec![until(valid, attested(1, "2026-03-09", ready))]);
    assert_eq!(valid("2026-03-11T00:00:00Z", true), Some(true));
    assert_eq!(valid("2026-03-10T09:00:00Z", true), None, "the vote may have come after");
    assert_eq!(valid("2026-03-09T12:00:00Z", true), None, "nobody read the sources since, as far as is known");
    assert_eq!(valid("2026-03-09T12:00:00Z", false), Some(false), "time makes nothing known");
    let mut late = attested(1, "2026-03-09", false);
    let Act::Attested { knowledge, .. } = &mut late.act else { panic!("an attestation") };
    *knowledge = Knowledge::Unverifiable;
    assert_eq!(all_means(voted(), vec![late]), None, "a reading may have come between");
}

#[test]
fn what_is_paid_later_is_no_other_vote() {
    let paid = vote("v1", Some("2026-03-10"), Some("2026-05-20"));
    assert_eq!(all_means(vec![paid], vec![attested(1, "2026-03-09", true)]), Some(true));
}

#[test]
fn a_vote_is_the_regions_own_word_and_not_of_a_day_to_come() {
    let (ready, not_ready) = (attested(1, "2026-03-09", true), attested(1, "2026-03-09", false));
    let reported = || vote_by("dossier", "v1", (Some("2026-03-10"), None));
    assert_eq!(all_means(vec![reported()], vec![not_ready.clone()]), None, "others say so");
    assert_eq!(all_means(vec![reported()], vec![ready.clone()]), None);
    let to_come = || vote("v2", Some("2026-06-20"), None);
    assert_eq!(all_means(vec![to_come()], vec![attested(1, "2026-06-01", true)]), None, "it is not voted yet");
    assert_eq!(all_means(vec![vote("v1", Some("2026-03-10"), None), to_come()], vec![ready]), Some(true));
}

#[test]
fn what_changed_between_attestation_and_vote_is_not_known_to_be_ready() {
    let first = || vote("v1", Some("2026-03-10"), None);
    let asked = |day: &str| {
        let mut record = vote_by("dossier", "d1", (None, None));
        record.facts.statements[0].funder = "siren:200093201".parse().expect("sound");
        record.facts.statements[0].stage = Some(Stage::Sollicite);
        record.version = LedgerVersion(3);
        record.observed_at = day.parse::<Date>().expect("a day").and_hms_opt(9, 0, 0).expect("an hour").and_utc();
        record
    };
    for ready in [true, false] {
        let attested = || vec![attested(1, "2026-03-02", ready)];
        assert_eq!(all_means(vec![first()], attested()), Some(ready));
        assert_eq!(all_means(vec![first(), asked("2026-03-05")], attested()), None, "a request came between");
        assert_eq!(all_means(vec![first(), asked("2026-03-12")], attested()), Some(ready), "it came after the vote");
    }
    let opinion = |id: u64| {
        let act = Act::Classified {
            project: world::PROJECT.parse().expect("sound"),
            action: "MOB-1".parse().expect("sound"),
            reason: "".into(),
        };
        ActEntry { act, ..attested(id, "2026-03-05", true) }
    };
    let back = |act: u64| ActEntry {
        act: Act::TakenBack { act: ActId(act), reason: "".into() },
        ..attested(3, "2026-03-06", true)
    };
    let ready = || attested(1, "2026-03-02", true);
    assert_eq!(all_means(vec![first()], vec![ready(), opinion(2)]), None, "it was classified between");
    assert_eq!(all_means(vec![first()], vec![opinion(0), ready(), back(0)]), None, "what it rested on was taken back");
    let mut again = attested(4, "2026-03-09", true);
    let Act::Attested { checked, .. } = &mut again.act else { panic!("an attestation") };
    *checked = LedgerVersion(2);
    assert_eq!(all_means(vec![first()], vec![ready(), opinion(2), again]), Some(true), "attested anew");
}

#[test]
fn an_attestation_of_the_day_of_the_vote_may_stand_after_it() {
    let voted = || vec![vote("v1", Some("2026-03-10"), None)];
    let acknowledged = |day: &str| {
        let act = Act::Acknowledged {
            project: world::PROJECT.parse().expect("sound"),
            plan: "0".repeat(64).parse().expect("a version"),
            content: PlanContent::default(),
            by: "siren:200093201".parse().expect("sound"),
        };
        ActEntry { version: LedgerVersion(1), act, ..attested(0, day, true) }
    };
    let classified = ActEntry {
        version: LedgerVersion(1),
        act: Act::Classified {
            project: world::PROJECT.parse().expect("sound"),
            action: "MOB-1".parse().expect("sound"),
            reason: "".into(),
        },
        ..attested(0, "2026-03-10", true)
    };
    let of = |before: ActEntry, ready| all_means(voted(), vec![before, attested(1, "2026-03-10", ready)]);
    assert_eq!(of(acknowledged("2026-03-09"), true), Some(true), "it was ready all that day");
    assert_eq!(of(acknowledged("2026-03-10"), true), None, "it was not, before the last one acknowledged");
    assert_eq!(of(acknowledged("2026-03-10"), false), Some(false), "and still was not");
    assert_eq!(of(classified.clone(), false), None, "it may have been, that morning");
    assert_eq!(of(classified, true), None);
}

/// A record of a plan holds the Region's vote and what others put: what changed in it is not known to be the vote alone.
#[test]
fn a_record_that_holds_the_money_of_others_too_may_have_changed_otherwise() {
    let changed = |with_others: bool| {
        let mut record = vote("v1", Some("2026-03-10"), None);
        if with_others {
            let other = "siren:200093201".parse().expect("sound");
            let statement = StatementFacts {
                stage: Some(Stage::Sollicite),
                amount: Some(Cents::new(5_000)),
                ..StatementFacts::bare(other, Nature::Fonctionnement)
            };
            record.facts.statements.push(statement);
        }
        record.version = LedgerVersion(3);
        record.observed_at = "2026-03-10T12:00:00Z".parse().expect("an instant");
        all_means(vec![record], vec![attested(1, "2026-03-09", true)])
    };
    assert_eq!((changed(false), changed(true)), (Some(true), None));
}

#[test]
fn an_attestation_tells_which_vote_it_found() {
    let found = |votes: Vec<RecordVersion>, day: &str| {
        let (portfolio, _) = pictured(votes, Vec::new());
        let (project, _) = portfolio.projects().next().expect("a project");
        vote_found(&portfolio, project, day.parse().expect("a day")).voted
    };
    let dated = || vote("v1", Some("2026-03-10"), None);
    assert_eq!(found(vec![dated()], "2026-03-10"), VoteOn::OfTheDay);
    assert_eq!(found(vec![dated()], "2026-03-09"), VoteOn::Neither, "announced, and not made yet");
    assert_eq!(found(vec![dated()], "2026-03-11"), VoteOn::Neither, "an earlier one");
    assert_eq!(found(vec![vote("v2", None, None)], "2026-03-10"), VoteOn::Undated);
    assert_eq!(found(vec![dated(), vote("v2", None, None)], "2026-03-10"), VoteOn::OfTheDay);
}

#[test]
fn a_vote_of_more_than_the_attested_plan_holds_is_not_known_to_be_ready() {
    let of = |plan: Option<RegionsShare>, ready| {
        let mut entry = attested(1, "2026-03-09", ready);
        let Act::Attested { vote, .. } = &mut entry.act else { panic!("an attestation") };
        *vote = Some(VoteFound { voted: VoteOn::Neither, plan });
        entry
    };
    let first = || vote("v1", Some("2026-03-10"), None);
    let met = |plan, ready| all_means(vec![first()], vec![of(plan, ready)]);
    assert_eq!(met(Some(held(100_000)), true), Some(true), "the very sum");
    assert_eq!(met(Some(held(120_000)), true), Some(true), "a vote of less");
    assert_eq!(met(Some(held(80_000)), true), None, "what all shared was another plan");
    assert_eq!(met(Some(held(80_000)), false), Some(false), "what was missing was missing");
    assert_eq!(met(None, true), None, "an old attestation, that does not tell");
    let of_investment = RegionsShare { investissement: Cents::new(100_000), ..RegionsShare::default() };
    assert_eq!(met(Some(of_investment), true), None, "of another nature");
    let two = vec![first(), vote("v2", Some("2026-03-10"), None)];
    assert_eq!(all_means(two.clone(), vec![of(Some(held(100_000)), true)]), None, "a complement of the same day");
    assert_eq!(all_means(two, vec![of(Some(held(200_000)), true)]), Some(true));
}

#[test]
fn an_attestation_keeps_what_its_plan_holds_of_the_region_and_an_old_one_is_still_read() {
    let (portfolio, now) = pictured(vec![vote("v1", Some("2026-03-10"), None)], Vec::new());
    let (project, _) = portfolio.projects().next().expect("a project");
    let found = vote_found(&portfolio, project, now.date_naive());
    assert_eq!(found.plan, Some(held(100_000)));
    let written = serde_json::to_string(&found).expect("written");
    assert_eq!(serde_json::from_str::<VoteFound>(&written).expect("read"), found);
    let old = serde_json::from_str::<VoteFound>("\"of-the-day\"").expect("read");
    assert_eq!(old, VoteFound { voted: VoteOn::OfTheDay, plan: None });
    assert_eq!(serde_json::to_string(&old).expect("written"), "\"of-the-day\"");
}

//! Lines of plans that known records lost.

use super::*;

fn line(funder: &str, stage: Stage, cents: Option<i64>) -> StatementFacts {
    let funder = OrganisationId::parse(funder).expect("sound");
    StatementFacts { funder, stage: Some(stage), amount: cents.map(Cents::new), ..statement(0) }
}

/// What was voted, and three means that are only asked, one of them of unknown amount.
fn plan() -> Vec<StatementFacts> {
    vec![
        line("siren:220200026", Stage::Attribue, Some(900_000)),
        line("siren:200053742", Stage::Sollicite, Some(100_000)),
        line("text:desk:CAF", Stage::Sollicite, Some(50_000)),
        line("text:desk:COMMUNE", Stage::Sollicite, None),
    ]
}

/// Forty plans, of which so many say something else now.
fn turned(count: usize, turn: impl Fn(Vec<StatementFacts>) -> Vec<StatementFacts>) -> Vec<(SourceFindingKind, bool)> {
    let (mut before, mut now) = (Before::default(), read(&[]));
    for rank in 0..40 {
        let was = plan();
        *before.lines.entry("2025".into()).or_default() += 4;
        *before.records.entry("2025".into()).or_default() += 1;
        let part = before.partitions.entry("2025".into()).or_default();
        was.iter().filter_map(|one| one.amount).for_each(|amount| part.add(amount, false));
        part.stage(Some(Stage::Attribue), Cents::new(900_000), false);
        now.know("2025");
        if rank < count {
            before.changed.insert(key(rank), Said::of("2025", &was, &[]));
            now.changed(&key(rank), "2025", &turn(was));
        }
    }
    told(&before, &now)
}

#[test]
fn lines_that_known_records_lost_are_told_and_beyond_what_may_vanish_they_hold() {
    let vanished = |held| vec![(SourceFindingKind::LinesVanished, held)];
    let voted = |mut lines: Vec<StatementFacts>| {
        lines.truncate(1);
        lines
    };
    assert_eq!(turned(40, voted), vanished(true), "all that was asked");
    assert_eq!(turned(20, voted), vanished(true), "of half of the plans: 60 of 160 lines");
    assert_eq!(turned(10, voted), vanished(false), "30 of 160");
    assert_eq!(turned(5, voted), [], "15 of 160");
    let known = |mut lines: Vec<StatementFacts>| {
        lines.truncate(3);
        lines
    };
    assert_eq!(turned(40, known), vanished(true), "those of unknown amount");
    assert_eq!(turned(9, known), [], "so few may well be dropped");
}

#[test]
fn a_line_that_went_on_and_one_that_another_took_the_place_of_are_kept() {
    let stages = |stage: Stage| {
        turned(40, move |lines| {
            let on = |one: StatementFacts| if one.stage == Some(Stage::Sollicite) { line_at(one, stage) } else { one };
            lines.into_iter().map(on).collect()
        })
    };
    assert_eq!(stages(Stage::Attribue), []);
    assert_eq!(stages(Stage::Refuse), []);
    let paid = turned(40, |mut lines| {
        lines.insert(1, line("siren:220200026", Stage::Verse, Some(300_000)));
        lines
    });
    assert_eq!(paid, []);
    let answered = turned(40, |mut lines| {
        lines.insert(1, line("siren:200053742", Stage::Attribue, Some(80_000)));
        lines.remove(2);
        lines
    });
    assert_eq!(answered, []);
    let another = turned(40, |mut lines| {
        lines[2] = line("siren:215901398", Stage::Sollicite, Some(50_000));
        lines
    });
    assert_eq!(another, [(SourceFindingKind::FunderChanged, false)], "where a funder appears");
}

#[test]
fn what_was_refused_and_what_stands_in_fewer_lines_is_not_lost() {
    let two = |mut lines: Vec<StatementFacts>| {
        lines[0] = line("siren:220200026", Stage::Sollicite, Some(500_000));
        lines[3] = line("siren:220200026", Stage::Sollicite, Some(400_000));
        lines
    };
    let from = |was: &dyn Fn(Vec<StatementFacts>) -> Vec<StatementFacts>, now: Vec<StatementFacts>| {
        Said::of("2025", &was(plan()), &[]).lost_lines(&Said::of("2025", &now, &[]))
    };
    let with = |first: StatementFacts| {
        let mut lines = two(plan());
        lines.remove(3);
        lines[0] = first;
        lines
    };
    let voted = |cents| with(line("siren:220200026", Stage::Attribue, Some(cents)));
    assert_eq!(from(&two, voted(900_000)), 0, "one vote of both");
    assert_eq!(from(&two, voted(500_000)), 1, "of one of them");
    assert_eq!(from(&two, with(line("siren:220200026", Stage::Sollicite, Some(900_000)))), 0, "grouped");
    let refused = |mut lines: Vec<StatementFacts>| {
        lines[3] = line("text:desk:COMMUNE", Stage::Refuse, None);
        lines
    };
    let without = plan().into_iter().take(3).collect();
    assert_eq!(from(&refused, without), 0, "an export of what is not refused");
}

fn line_at(one: StatementFacts, stage: Stage) -> StatementFacts {
    StatementFacts { stage: Some(stage), ..one }
}

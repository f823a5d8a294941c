//! What moves a total, and what does not.

use super::super::moved::movement;
use super::super::said::Stages;
use super::*;

#[test]
fn amounts_and_lines_that_go_move_the_total_and_stages_that_go_on_do_not() {
    use Stage::{Attribue, Refuse, Sollicite};
    let stages =
        |all: &[(Stage, Option<i128>)]| all.iter().map(|(stage, sum)| (Some(*stage), *sum)).collect::<Stages>();
    let of = |was: &[(Stage, Option<i128>)], is: &[(Stage, Option<i128>)]| movement(&stages(was), &stages(is));
    let asked = [(Sollicite, Some(100))];
    assert_eq!(of(&asked, &[(Sollicite, None)]), -100, "the amount is empty now");
    assert_eq!(of(&asked, &[]), -100, "no line is left");
    assert_eq!(of(&asked, &[(Sollicite, Some(30))]), -70);
    assert_eq!(of(&[(Sollicite, Some(100)), (Attribue, Some(50))], &[(Attribue, Some(20))]), -130, "a line went");
    assert_eq!(of(&asked, &[(Attribue, Some(40))]), 0, "less was voted than was asked");
    assert_eq!(of(&asked, &[(Refuse, None)]), 0, "nothing was");
    assert_eq!(of(&[(Attribue, Some(40))], &[(Refuse, None)]), -40, "what was voted is called refused");
    assert_eq!(of(&[(Attribue, Some(40))], &[(Sollicite, Some(40))]), -40, "what was voted is only asked");
    assert_eq!(of(&[(Attribue, Some(40))], &[(Stage::Engage, Some(38))]), 0, "less was engaged than was voted");
    assert_eq!(of(&[(Sollicite, Some(100)), (Attribue, Some(50))], &[(Attribue, Some(150))]), 0);
}

#[test]
fn payments_that_grow_up_to_what_is_granted_move_nothing() {
    use Stage::{Attribue, Engage, Solde, Sollicite, Verse};
    let stages = |all: &[(Stage, i64)]| {
        all.iter().map(|(stage, sum)| (Some(*stage), Some(i128::from(*sum)))).collect::<Stages>()
    };
    let of = |was: &[(Stage, i64)], is: &[(Stage, i64)]| movement(&stages(was), &stages(is));
    assert_eq!(of(&[(Attribue, 100), (Verse, 30)], &[(Attribue, 100), (Verse, 100)]), 0);
    assert_eq!(of(&[(Attribue, 100), (Verse, 30)], &[(Attribue, 100), (Verse, 130)]), 30, "what exceeds the grant");
    assert_eq!(of(&[(Engage, 100), (Verse, 120)], &[(Engage, 100), (Verse, 130)]), 10);
    assert_eq!(of(&[(Verse, 30)], &[(Verse, 80)]), 0, "a list of payments alone");
    assert_eq!(of(&[(Solde, 30)], &[(Solde, 300)]), 270, "what was settled is the last figure");
    assert_eq!(of(&[(Attribue, 100), (Solde, 30)], &[(Attribue, 100), (Solde, 80)]), 0);
    // Of three funders asked, one votes: its request went on.
    assert_eq!(of(&[(Sollicite, 90)], &[(Sollicite, 30), (Attribue, 60)]), 0);
    assert_eq!(of(&[(Sollicite, 90)], &[(Sollicite, 30), (Attribue, 40)]), 0, "less than was asked");
    assert_eq!(of(&[(Sollicite, 90), (Attribue, 10)], &[(Sollicite, 30), (Attribue, 10)]), -60, "nobody answered");
    assert_eq!(of(&[(Sollicite, 90), (Attribue, 10)], &[(Sollicite, 900), (Attribue, 20)]), 820);
    assert_eq!(of(&[(Attribue, 100), (Verse, 80)], &[(Attribue, 100), (Verse, 30)]), -50, "a fall counts");
    assert_eq!(of(&[(Attribue, 100), (Solde, 60)], &[(Attribue, 100), (Solde, 90)]), 0);
    assert_eq!(of(&[(Attribue, 100), (Verse, 30)], &[(Attribue, 300), (Verse, 100)]), 200, "the grant by itself");
}

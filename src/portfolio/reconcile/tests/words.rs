//! What the Region says, and what is asked of it.

use super::*;

pub(super) fn at_stage(stage: Stage, cents: i64) -> StatementFacts {
    StatementFacts { stage: Some(stage), amount: Some(Cents::new(cents)), ..grant(REGION) }
}

pub(super) fn vote(cents: i64) -> StatementFacts {
    at_stage(Stage::Attribue, cents)
}

pub(super) fn request(cents: i64) -> StatementFacts {
    at_stage(Stage::Sollicite, cents)
}

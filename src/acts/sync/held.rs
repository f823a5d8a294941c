//! Whether a read may be applied, or must wait for a person. Pure.

use crate::domain::message::Message;
use crate::domain::source_finding::SourceFinding;

/// What a finding says of a batch that waits, and what it says once a person has let it through: in French, in English.
const LET_THROUGH: [(&str, &str); 2] =
    [("rien n'est appliqué", "une personne l'a laissé passer"), ("nothing is applied", "a person let it through")];

/// Fewer rejections than this may well be all that a source has to say.
const REJECTED_MIN: u64 = 10;

/// What a read looked like, beside what the ledger holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// The source was read to its end.
    pub complete: bool,
    /// A read of everything, not of some records.
    pub full: bool,
    /// Records read, rejected ones too.
    pub read: u64,
    /// Of these, those that the manifest leaves out: they say nothing of the others.
    pub left_out: u64,
    /// Of these, those that were rejected.
    pub rejected: u64,
    /// Records of the source that the ledger holds open.
    pub held_open: u64,
    /// Of these, those that the read did not bring and that would be closed.
    pub vanished: u64,
    /// Of these, those that come under another key, alike in all else. They count as vanished all the same: that many keys change is out
    /// of the ordinary, and each year's list may look like that.
    pub renumbered: u64,
    /// Share that may vanish, in basis points.
    pub vanish_limit_bp: u32,
}

/// What is told of a finding that a person answered for.
pub fn let_through(finding: SourceFinding) -> SourceFinding {
    let [fr, en] = LET_THROUGH;
    let message = Message::new(finding.message.fr.replace(fr.0, fr.1), finding.message.en.replace(en.0, en.1));
    SourceFinding { held: false, message, ..finding }
}

/// Did a person answer for it, in this run or in one before?
pub fn was_let_through(finding: &SourceFinding) -> bool {
    !finding.held && finding.message.en.contains(LET_THROUGH[1].1)
}

/// Why the read must wait, or `None` when it may be applied.
pub fn reason_to_hold(look: &Look) -> Option<Message> {
    if !look.complete {
        return Some(Message::new(
            "la lecture s'est interrompue avant la fin de la source : rien n'est appliqué",
            "the read was cut short before the end of the source: nothing is applied",
        ));
    }
    if look.full && look.read == 0 && look.held_open > 0 {
        return Some(Message::new(
            format!(
                "la source ne rend plus aucun enregistrement, alors que {} sont connus : rien n'est appliqué",
                look.held_open
            ),
            format!("the source gives no record any more, while {} are known: nothing is applied", look.held_open),
        ));
    }
    if look.full && look.rejected >= REJECTED_MIN && look.rejected + look.left_out == look.read {
        return Some(Message::new(
            format!(
                "les {} enregistrements lus qui ne sont pas laissés de côté sont tous rejetés : un autre encodage, une autre forme, un en-tête qui n'est pas à la ligne lue (header-row) ; rien n'est appliqué (voyez passerelle rejections --held)",
                look.rejected
            ),
            format!(
                "all {} records read that are not left out are rejected: another encoding, another form, a header that is not at the row read (header-row); nothing is applied (see passerelle rejections --held)",
                look.rejected
            ),
        ));
    }
    let vanished = u128::from(look.vanished) * 10_000;
    let bound = u128::from(look.held_open) * u128::from(look.vanish_limit_bp);
    if vanished > bound {
        let limit = look.vanish_limit_bp / 100;
        let (of_fr, of_en) = renumbered(look.renumbered);
        return Some(Message::new(
            format!(
                "{} des {} enregistrements connus disparaîtraient, plus que la limite de {limit} %{of_fr} : rien n'est appliqué",
                look.vanished, look.held_open
            ),
            format!(
                "{} of the {} known records would vanish, more than the limit of {limit} %{of_en}: nothing is applied",
                look.vanished, look.held_open
            ),
        ));
    }
    None
}

/// What is said of those that come under another key.
fn renumbered(count: u64) -> (String, String) {
    if count == 0 {
        return <(String, String)>::default();
    }
    (
        format!(
            " ; {count} d'entre eux reviennent sous une autre clé, semblables en tout le reste, et garderaient leur projet et ce qui en a été dit"
        ),
        format!(
            "; {count} of them come under another key, alike in all else, and would keep their project and what was said of them"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look {
        complete: true,
        full: true,
        read: 80,
        left_out: 0,
        rejected: 0,
        held_open: 100,
        vanished: 20,
        renumbered: 0,
        vanish_limit_bp: 2_000,
    };

    #[test]
    fn the_bound_itself_passes_and_one_more_does_not() {
        assert_eq!(reason_to_hold(&LOOK), None);
        assert!(reason_to_hold(&Look { vanished: 21, read: 79, ..LOOK }).is_some());
    }

    #[test]
    fn keys_that_changed_count_as_vanished_and_the_reason_says_so() {
        let look = Look { vanished: 80, renumbered: 79, ..LOOK };
        let reason = reason_to_hold(&look).expect("held");
        assert!(reason.en.contains("79 of them come under another key") && reason.fr.contains("79 d'entre eux"));
        assert!(!reason_to_hold(&Look { renumbered: 0, ..look }).expect("held").en.contains("another key"));
        assert_eq!(reason_to_hold(&Look { renumbered: 20, ..LOOK }), None);
    }

    #[test]
    fn a_read_cut_short_waits_even_when_nothing_vanished() {
        assert!(reason_to_hold(&Look { complete: false, vanished: 0, ..LOOK }).is_some());
    }

    #[test]
    fn a_list_of_which_nothing_can_be_taken_waits() {
        let nothing = Look { read: 10, rejected: 10, held_open: 0, vanished: 0, ..LOOK };
        assert!(reason_to_hold(&nothing).is_some());
        assert_eq!(reason_to_hold(&Look { read: 11, ..nothing }), None, "one was taken");
        let left_out = Look { read: 1_478, left_out: 1_468, ..nothing };
        assert!(reason_to_hold(&left_out).is_some(), "what is left out on purpose says nothing of the others");
        assert_eq!(reason_to_hold(&Look { rejected: 9, left_out: 1_469, ..left_out }), None);
        assert_eq!(reason_to_hold(&Look { read: 9, rejected: 9, ..nothing }), None, "a short list may be all wrong");
        assert_eq!(reason_to_hold(&Look { full: false, ..nothing }), None, "an increment tells of few");
    }

    #[test]
    fn an_empty_answer_waits_and_an_empty_source_does_not() {
        assert!(reason_to_hold(&Look { read: 0, vanished: 0, ..LOOK }).is_some());
        assert_eq!(reason_to_hold(&Look { read: 0, vanished: 0, held_open: 0, ..LOOK }), None);
    }
}

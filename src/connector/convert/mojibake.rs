//! Text that was UTF-8 and was read as Windows-1252 on its way: `notifiÃ©e`. It is repaired only where certain.

use super::Doubt;
use std::borrow::Cow;

/// It was repaired.
pub const REPAIRED: Doubt = Doubt {
    code: "encoding-repaired",
    fr: "le texte était de l'UTF-8 lu comme du Windows-1252 ; il est rétabli",
    en: "the text was UTF-8 read as Windows-1252; it was put right",
};

/// The text put right; `None` where it is sound, or not certainly broken: every sign of it must fit into Windows-1252,
/// the bytes must be UTF-8 as a whole, and spell nothing but what French is written with.
pub fn repaired(text: &str) -> Option<String> {
    // What begins a French letter in UTF-8 shows as one of these.
    if text.is_ascii() || !text.contains(['Ã', 'Â', 'â', 'Å']) {
        return None;
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    if unmappable {
        return None;
    }
    let Cow::Owned(bytes) = bytes else { return None };
    let meant = String::from_utf8(bytes).ok()?;
    let french = |letter: char| {
        letter.is_ascii()
            || matches!(
                letter,
                '\u{a0}'
                    ..='\u{ff}'
                        | 'œ'
                        | 'Œ'
                        | 'Ÿ'
                        | '\u{202f}'
                        | '–'
                        | '—'
                        | '‘'
                        | '’'
                        | '“'
                        | '”'
                        | '…'
                        | '€'
                        | '•'
            )
    };
    // A repaired text that could be repaired again was broken twice: nobody knows what it was.
    (meant.chars().all(french) && !meant.contains(['Ã', 'Â'])).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_certain_is_repaired() {
        assert_eq!(repaired("Aide notifiÃ©e").as_deref(), Some("Aide notifiée"));
        assert_eq!(repaired("lâ€™Å“uvre Ã\u{a0} 5 â‚¬").as_deref(), Some("l’œuvre à 5 €"));
        for kept in [
            "Aide notifiée",
            "CAFÉ»",
            "Aide notifiée Ã  l'Europe",
            "château",
            "Ãlvaro",
            "plain",
            "b�n�ficiaire",
            "ÃƒÂ©",
        ] {
            assert_eq!(repaired(kept), None, "{kept}");
        }
    }

    proptest! {
        #[test]
        fn french_text_is_never_touched_and_its_mojibake_comes_back(text in "[a-zA-Z éèàçêëîïôûùœÉÈÀ’«»€-]{0,30}") {
            prop_assert_eq!(repaired(&text), None);
            let (broken, malformed) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
            prop_assert!(!malformed);
            // Bytes that Windows-1252 leaves empty (À, Í, ” …) do not survive everywhere: then nothing is repaired.
            if let Some(back) = repaired(&broken) {
                prop_assert_eq!(back, text);
            }
        }
    }
}

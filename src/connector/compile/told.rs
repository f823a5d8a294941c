//! `[[map.refuse]]` and `[[map.warn]]`.

use super::Compiler;
use crate::connector::manifest::map::ToldMap;
use crate::connector::manifest::problem::Path;
use crate::connector::mapping::told::ToldRule;

impl Compiler<'_> {
    /// All blocks of one of the two words.
    pub fn told_all(&mut self, at: &Path, written: &[ToldMap]) -> Vec<ToldRule> {
        written.iter().enumerate().map(|(rank, one)| self.told(&at.index(rank), one)).collect()
    }

    fn told(&mut self, at: &Path, written: &ToldMap) -> ToldRule {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if written.code.is_empty() || !written.code.bytes().all(letter) {
            self.problem(&at.key("code"), "a code is written in lower case letters, digits and hyphens");
        }
        for (word, text) in [("fr", &written.fr), ("en", &written.en)] {
            if text.trim().is_empty() {
                self.problem(&at.key(word), "the reason is empty: whoever mends the source reads it");
            }
        }
        if written.when.0.is_empty() {
            self.problem(&at.key("when"), "no condition is named: every record would be meant");
        }
        ToldRule {
            when: self.tests(&at.key("when"), &written.when),
            code: written.code.as_str().into(),
            fr: written.fr.as_str().into(),
            en: written.en.as_str().into(),
        }
    }
}

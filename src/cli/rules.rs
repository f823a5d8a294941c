//! The rules of this gateway: those of its settings' directory, else those inside the binary.

use super::compose::Failure;
use crate::check::{RULE_FILES, Rulebook};
use crate::config::Config;
use std::path::Path;
use std::sync::OnceLock;

/// The rules that the settings name.
///
/// # Errors
/// A file that is not there, or of another form, with file, line and column.
pub fn rulebook(config: &Config) -> Result<&'static Rulebook, Failure> {
    /// They hold for as long as the process, and are read once.
    static OWN: OnceLock<Rulebook> = OnceLock::new();
    match &config.rules {
        None => Ok(Rulebook::of_the_product()),
        Some(directory) => {
            let book = read(directory)?;
            Ok(OWN.get_or_init(|| book))
        }
    }
}

/// Reads the five files of a directory.
fn read(directory: &Path) -> Result<Rulebook, Failure> {
    let mut texts = Vec::new();
    for name in RULE_FILES {
        let path = directory.join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let needed = RULE_FILES.join(", ");
            format!("{}: cannot be read ({error}); a directory of rules holds {needed}", path.display())
        })?;
        texts.push((path.display().to_string(), text));
    }
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(Rulebook::read(&files)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_ones_own_are_named_by_what_they_say() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in RULE_FILES {
            std::fs::copy(Path::new("rules").join(name), directory.path().join(name)).expect("copied");
        }
        let product = Rulebook::of_the_product();
        let same = read(directory.path()).expect("the rules of the product");
        assert_eq!((same.sheets().len(), &same.edition), (product.sheets().len(), &product.edition));
        let expected = directory.path().join("expected.toml");
        let text = std::fs::read_to_string(&expected).expect("there");
        std::fs::write(&expected, text.replace("NPNRU-REGION", "FTU")).expect("written");
        let other = read(directory.path()).expect("sound");
        let editions = [&other, product].map(|book| book.edition.split_once('#').expect("a digest"));
        assert_eq!(editions[0].0, editions[1].0);
        assert_ne!(editions[0].1, editions[1].1);
        std::fs::write(&expected, "edition = \"x\"\n[[expekted]]\n").expect("written");
        let error = read(directory.path()).expect_err("an unknown word").to_string();
        assert!(error.contains("expected.toml") && error.contains("expekted"), "{error}");
        std::fs::remove_file(&expected).expect("removed");
        let error = read(directory.path()).expect_err("a file is missing").to_string();
        assert!(error.contains("expected.toml") && error.contains("a directory of rules holds"), "{error}");
    }
}

//! Rules of organisations.

use super::Compiler;
use super::rule::word_table;
use crate::connector::manifest::one_or_many::OneOrMany;
use crate::connector::manifest::problem::Path;
use crate::connector::manifest::rule::OrganisationRule as Written;
use crate::connector::mapping::field::Field;
use crate::connector::mapping::organisation::OrganisationRule;
use crate::domain::organisation::OrganisationId;

const FORMS: &str = "siren:200053742, siret:23350001600040, eu:FEDER, financeur:etat-59; of a source, text:ID:NAME (the name in capitals, without accents and signs)";

impl Compiler<'_> {
    /// A rule for an organisation. `None` means that at least one problem was told.
    pub fn organisation(&mut self, at: &Path, written: &Written, target: &'static str) -> Option<OrganisationRule> {
        let before = self.problems.len();
        let constant = written.value.as_ref().and_then(|text| self.organisation_id(&at.key("value"), text));
        // The identifier of a natural person is sealed and never kept; that of a legal person tells of nobody.
        let of_persons = written.person_when.is_some();
        let id = self.identifier_fields(at, ("id", false), written.id.as_ref());
        let siret = self.identifier_fields(at, ("siret", of_persons), written.siret.as_ref());
        let siren = self.identifier_fields(at, ("siren", of_persons), written.siren.as_ref());
        let name = written.name.as_ref().map(|names| self.fields(&at.key("name"), names)).unwrap_or_default();
        let any_field = [&id, &siret, &siren, &name].iter().any(|fields| !fields.is_empty());
        if any_field == written.value.is_some() {
            let what =
                "one of `value` (a constant) and `siret`, `siren`, `id`, `name` (fields) must be there, not both";
            self.problem(at, format!("`{target}`: {what}"));
        }
        let mut pairs = Vec::new();
        for (theirs, ours) in &written.values {
            pairs.extend(self.organisation_id(&at.key("values").key(theirs), ours).map(|id| (theirs.clone(), id)));
        }
        if !written.values.is_empty() && id.is_empty() && name.is_empty() {
            self.problem(&at.key("values"), "`values` is looked up by `name` or `id`, and neither is there");
        }
        let tests = written.person_when.as_ref().map(|tests| self.tests(&at.key("person-when"), tests));
        if tests.is_some() && !name.iter().all(|field| field.personal) {
            self.problem(&at.key("person-when"), "the name of a natural person must be listed in `personal`");
        }
        (self.problems.len() == before).then(|| OrganisationRule {
            target,
            constant,
            id,
            siret,
            siren,
            name,
            words: (!pairs.is_empty()).then(|| word_table(pairs)),
            person_when: tests.unwrap_or_default(),
            required: written.required,
        })
    }

    fn identifier_fields(
        &mut self,
        at: &Path,
        (word, of_persons): (&str, bool),
        names: Option<&OneOrMany<String>>,
    ) -> Vec<Field> {
        let at = at.key(word);
        let fields = names.map(|names| self.fields(&at, names)).unwrap_or_default();
        for field in fields.iter().filter(|field| field.personal && !of_persons) {
            let what = format!(
                "`{}` is personal: it cannot be kept as the identifier of an organisation, unless `person-when` tells when it is one",
                field.name
            );
            self.problem(&at, what);
        }
        fields
    }

    /// An identity in our written form.
    pub fn organisation_id(&mut self, at: &Path, text: &str) -> Option<OrganisationId> {
        let id = OrganisationId::parse(text.trim()).ok();
        if id.is_none() {
            let what = if has_digits(text) {
                format!(
                    "« {text} » has a wrong digit: it fails its check, as no SIREN (nine digits) or SIRET (fourteen) does; copy it again"
                )
            } else {
                format!("« {text} » is no organisation; allowed forms: {FORMS}")
            };
            self.problem(at, what);
        }
        id
    }
}

/// Is it a SIREN or a SIRET by its form?
fn has_digits(text: &str) -> bool {
    let is_of =
        |digits: &str, length: usize| digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    match text.trim().split_once(':') {
        Some(("siren", digits)) => is_of(digits, 9),
        Some(("siret", digits)) => is_of(digits, 14),
        _ => false,
    }
}

//! The second stage: a manifest as written becomes a connector that can run, or a list of all that is wrong in it.

mod envelope;
mod facts;
mod organisation;
mod profile;
mod reference;
mod rule;
mod settings;
mod since;
mod sound;
mod target;
mod told;
mod years;

use super::manifest::Manifest;
use super::manifest::map::Condition;
use super::manifest::one_or_many::OneOrMany;
use super::manifest::problem::{Path, Problem};
use super::mapping::field::{Field, Listed, Test, TestOf};
use super::mapping::layout::Layouts;
use super::mapping::{Mapping, Reads};
use super::since::Since;
use crate::domain::source::SourceProfile;
use crate::domain::text::{SourceId, compact, normalised};
use std::sync::Arc;

/// What a manifest compiles to.
#[derive(Debug)]
pub struct Compiled {
    /// What the ledger knows of the source.
    pub profile: SourceProfile,
    /// How often it is read, in seconds; `None`: only when asked.
    pub every_s: Option<u64>,
    /// How its increments are asked for.
    pub since: Option<Since>,
    /// The compiled map.
    pub mapping: Mapping,
    /// The paths of what the map looks at and may hold no person.
    pub fields: Vec<String>,
}

/// Compiles `manifest`, found in a folder of the name `folder`.
///
/// # Errors
/// Every problem, by its path.
pub fn compile(manifest: &Manifest, folder: &str) -> Result<Compiled, Vec<Problem>> {
    let personal = &manifest.personal;
    let mut compiler = Compiler { personal, each: None, problems: Vec::new(), reads: Vec::new(), fields: Vec::new() };
    let profile = compiler.profile(manifest, folder);
    compiler.settings(manifest);
    let since = compiler.since(manifest);
    let source = profile.as_ref().map(|(profile, _)| profile.id.clone());
    let mapping = compiler.map(manifest, source);
    match (profile, mapping) {
        (Some((profile, every_s)), Some(mapping)) if compiler.problems.is_empty() => {
            Ok(Compiled { profile, every_s, since, mapping, fields: compiler.fields })
        }
        _ => Err(compiler.problems),
    }
}

/// Gathers problems while it compiles.
struct Compiler<'m> {
    personal: &'m [String],
    /// The list whose elements the rules now look at.
    each: Option<String>,
    problems: Vec<Problem>,
    /// What the rules compiled so far look at.
    reads: Vec<Reads>,
    /// The paths of what they look at, but for what may hold a person.
    fields: Vec<String>,
}

impl Compiler<'_> {
    fn problem(&mut self, path: &Path, what: impl Into<String>) {
        self.problems.push(Problem { path: path.clone(), what: what.into() });
    }

    fn map(&mut self, manifest: &Manifest, source: Option<SourceId>) -> Option<Mapping> {
        let (map, at) = (&manifest.map, Path::root().key("map"));
        let key: Option<Vec<_>> = map
            .key
            .0
            .iter()
            .enumerate()
            .map(|(rank, rule)| {
                let place = if map.key.0.len() == 1 { at.key("key") } else { at.key("key").index(rank) };
                self.rule(&place, rule, &target::KEY)
            })
            .collect();
        match map.key.0.first() {
            None => self.problem(&at.key("key"), "the key names no field"),
            Some(first) if first.0.optional => {
                self.problem(
                    &at.key("key"),
                    "the first part of the key is there in every record: it is not `optional`",
                );
            }
            Some(_) => {}
        }
        let partition = self.optional(&at.key("partition"), map.partition.as_ref(), &target::PARTITION);
        let skip_when = map.skip_when.as_ref().map(|tests| self.tests(&at.key("skip-when"), tests));
        let project = map.project.as_ref().map(|project| self.project(&at.key("project"), project));
        let mut statements = Vec::new();
        for (rank, block) in map.statement.iter().enumerate() {
            statements.push(self.statement(&at.key("statement").index(rank), block));
        }
        let reference = map.reference.as_ref().map(|table| self.reference(&at.key("reference"), table));
        let validity = map.reference.as_ref().map(|table| self.validity(&at.key("reference"), table));
        let mut sound = Vec::new();
        for (rank, written) in map.sound.iter().enumerate() {
            sound.extend(self.sound(&at.key("sound").index(rank), written));
        }
        let refuse = self.told_all(&at.key("refuse"), &map.refuse);
        let warn = self.told_all(&at.key("warn"), &map.warn);
        self.whole(manifest, &at);
        self.untyped_years(manifest, &at);
        Some(Mapping {
            source: source?,
            absent: map.absent.iter().map(|text| text.trim().into()).collect(),
            key: key?,
            partition,
            skip_when,
            project: project.flatten_rules()?,
            statements: statements.into_iter().collect::<Option<_>>()?,
            reference: reference.flatten_rules()?,
            validity: validity.unwrap_or_default(),
            sound,
            refuse,
            warn,
            reads: std::mem::take(&mut self.reads),
            layouts: Layouts::default(),
        })
    }

    /// What the parts of a map must be together.
    fn whole(&mut self, manifest: &Manifest, at: &Path) {
        let map = &manifest.map;
        if map.project.is_none() && map.reference.is_none() {
            self.problem(at, "a record must be about something: [map.project] or [map.reference] is missing");
        }
        if !map.statement.is_empty() && map.project.is_none() {
            self.problem(&at.key("statement"), "sums belong to a project: [map.project] is missing");
        }
        if map.reference.is_some() && (map.project.is_some() || !map.statement.is_empty()) {
            self.problem(&at.key("reference"), "a source of reference data has no project and states no sums");
        }
        if manifest.family.is_none() && !map.statement.is_empty() {
            let allowed = target::words::<crate::domain::vocabulary::Family>();
            self.problem(&Path::root(), format!("`family` is missing: the source states sums; allowed: {allowed}"));
        }
    }

    fn tests(&mut self, at: &Path, conditions: &OneOrMany<Condition>) -> Vec<Test> {
        let alone = conditions.0.len() == 1;
        let mut tests = Vec::new();
        for (rank, condition) in conditions.0.iter().enumerate() {
            let at = if alone { at.clone() } else { at.index(rank) };
            tests.extend(self.test(&at, condition));
        }
        tests
    }

    fn test(&mut self, at: &Path, condition: &Condition) -> Option<Test> {
        let texts = |list: &OneOrMany<String>| list.0.iter().map(|text| Listed::new(text)).collect();
        let words = |list: &OneOrMany<String>| list.0.iter().map(|text| normalised(text).into()).collect();
        let asked = [
            condition.within.as_ref().map(|list| TestOf::In(texts(list))),
            condition.not_in.as_ref().map(|list| TestOf::NotIn(texts(list))),
            condition.only_in.as_ref().map(|list| TestOf::OnlyIn(texts(list))),
            condition.begins_with.as_ref().map(|list| TestOf::BeginsWith(words(list))),
            condition.present.map(TestOf::Present),
        ];
        let mut asked = asked.into_iter().flatten();
        let (Some(what), None) = (asked.next(), asked.next()) else {
            let allowed = "in, not-in, only-in, begins-with, present";
            self.problem(at, format!("a condition asks one thing of its field; allowed: {allowed}"));
            return None;
        };
        let split: &[String] = condition.split.as_ref().map_or(&[], |list| &list.0);
        let splits = matches!(what, TestOf::In(_) | TestOf::NotIn(_) | TestOf::OnlyIn(_));
        if split.iter().any(String::is_empty) || !split.is_empty() && !splits {
            self.problem(
                &at.key("split"),
                "`split` is what separates the texts that `in`, `not-in` or `only-in` look at",
            );
        }
        let split = split.iter().map(|text| text.as_str().into()).collect();
        let at = at.key("field");
        let Some((first, others)) = condition.field.0.split_first() else {
            self.problem(&at, "no field is named");
            return None;
        };
        let others = others.iter().map(|name| self.field(&at, name)).collect::<Option<_>>()?;
        Some(Test { field: self.field(&at, first)?, others, what, split })
    }

    /// The list whose elements are looked at one by one.
    fn list(&mut self, at: &Path, name: &str) -> Option<Field> {
        let field = self.field(at, name)?;
        self.reads.push(reads(at, std::slice::from_ref(&field)));
        Some(field)
    }

    fn fields(&mut self, at: &Path, names: &OneOrMany<String>) -> Vec<Field> {
        if names.0.is_empty() {
            self.problem(at, "no field is named");
        }
        let fields: Vec<Field> = names.0.iter().filter_map(|name| self.field(at, name)).collect();
        self.reads.push(reads(at, &fields));
        fields
    }

    fn field(&mut self, at: &Path, name: &str) -> Option<Field> {
        if name.trim().is_empty() || name == "^" {
            self.problem(at, "the name of a field is empty");
            return None;
        }
        if name.starts_with('^') && self.each.is_none() {
            self.problem(at, format!("`{name}`: ^ reaches up from the element of a list, and there is no `each` here"));
            return None;
        }
        let path = self.path(name);
        let personal = self.is_personal(&path);
        if !personal {
            self.fields.push(path);
        }
        Some(Field::new(name, personal))
    }

    /// The path of a field in the record.
    fn path(&self, name: &str) -> String {
        let each = self.each.as_deref().map(|each| each.trim_start_matches('^'));
        match (each, name.strip_prefix('^')) {
            (_, Some(of_record)) => of_record.to_owned(),
            (Some(each), None) if name == "." => format!("{each}.*"),
            (Some(each), None) => format!("{each}.*.{name}"),
            (None, None) => name.to_owned(),
        }
    }

    /// Is the field at this path one of those that are sealed, or a part of one?
    fn is_personal(&self, field: &str) -> bool {
        self.personal.iter().any(|path| compact(path) == compact(field) || covers(path, field))
    }
}

/// What the word at a path looks at.
fn reads(at: &Path, fields: &[Field]) -> Reads {
    let steps = at.steps().iter().filter(|step| &***step != "from").map(|step| &**step).collect::<Vec<_>>();
    let fields = fields.iter().map(|field| (field.name.clone(), Arc::clone(field.trace()))).collect();
    Reads { word: steps.join("."), fields }
}

/// Does sealing `path` seal what stands at `field`? `*` and a position stand for each other, and names count in any spelling.
fn covers(path: &str, field: &str) -> bool {
    let mut steps = field.split('.');
    let position = |step: &str| step == "*" || step.bytes().all(|byte| byte.is_ascii_digit());
    path.split('.').all(|sealed| {
        steps.next().is_some_and(|step| {
            compact(step) == compact(sealed) || sealed == "*" && position(step) || step == "*" && position(sealed)
        })
    })
}

/// An optional part that failed to compile fails the whole.
trait FlattenRules<T> {
    fn flatten_rules(self) -> Option<Option<T>>;
}

impl<T> FlattenRules<T> for Option<Option<T>> {
    fn flatten_rules(self) -> Option<Option<T>> {
        match self {
            None => Some(None),
            Some(None) => None,
            Some(part) => Some(part),
        }
    }
}

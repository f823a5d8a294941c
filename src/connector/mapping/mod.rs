//! The compiled map of a source: one record in, facts out, or a refusal that says where and why.

mod cost;
pub mod envelope;
pub mod field;
pub mod layout;
pub mod notes;
pub mod organisation;
pub mod project;
pub mod reader;
pub mod reference;
pub mod rule;
pub mod sound;
pub mod statement;
pub mod told;

use super::convert::Doubt;
use super::driver::Sought;
use super::node::Node;
use crate::domain::facts::Facts;
use crate::domain::message::Message;
use crate::domain::project::Reference;
use crate::domain::text::{RecordKey, SourceId, normalised};
use field::{Scope, Test, Trace, all_hold};
use layout::Layouts;
use notes::Refusal;
use project::ProjectRules;
use reader::{Pseudonymiser, Reader};
use reference::{ReferenceRules, ValidityRules};
use rule::Rule;
use sound::SoundRule;
use statement::StatementRules;
use std::sync::Arc;
use told::ToldRule;

/// What separates the parts of a key made of several fields.
pub const KEY_SEPARATOR: &str = "/";

/// The compiled `[map]`.
#[derive(Debug)]
pub struct Mapping {
    /// The source.
    pub source: SourceId,
    /// Texts that stand for an absent value.
    pub absent: Vec<Box<str>>,
    /// Parts of the key, all required but those that are left out of it where they are empty.
    pub key: Vec<Rule<String>>,
    /// Part of the source that is read again as a whole.
    pub partition: Option<Rule<String>>,
    /// Records left out on purpose; `None`: no record.
    pub skip_when: Option<Vec<Test>>,
    /// The project.
    pub project: Option<ProjectRules>,
    /// The sums.
    pub statements: Vec<StatementRules>,
    /// The entry of a reference table.
    pub reference: Option<ReferenceRules>,
    /// When that entry holds.
    pub validity: ValidityRules,
    /// What else should be sound.
    pub sound: Vec<SoundRule>,
    /// Records that are rejected whatever else they say.
    pub refuse: Vec<ToldRule>,
    /// What is to be doubted of records that are taken.
    pub warn: Vec<ToldRule>,
    /// The fields that it looks at.
    pub reads: Vec<Reads>,
    /// The layouts of its records.
    pub layouts: Layouts,
}

/// The fields that one word of the map looks at, in order.
#[derive(Debug)]
pub struct Reads {
    /// The word: `map.statement.0.amount`.
    pub word: String,
    /// The names as written, each with what is noted of it.
    pub fields: Vec<(Box<str>, Arc<Trace>)>,
}

impl Reads {
    /// Was it looked for, and never there under any of its names?
    pub fn was_missed(&self) -> bool {
        self.fields.iter().all(|(_, trace)| trace.was_asked() && !trace.was_met())
    }
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// Taken.
    Accepted {
        /// Its key.
        key: RecordKey,
        /// Its partition; empty for an undivided source.
        partition: Box<str>,
        /// What it says.
        facts: Box<Facts>,
    },
    /// Refused.
    Rejected {
        /// Its key, as far as it could be read.
        key: Option<String>,
        /// Its partition, as far as it could be read.
        partition: Option<Box<str>>,
        /// The field at fault, as the source calls it.
        field: Option<Box<str>>,
        /// Stable code, kebab-case.
        code: Box<str>,
        /// Why, in both languages.
        reason: Message,
        /// The references of its project, as far as they could be read: what it says of that project nobody knows.
        references: Vec<Reference>,
    },
    /// Left out by the manifest's own filter.
    Skipped {
        /// Its key, where it could be read.
        key: Option<RecordKey>,
        /// Why, in both languages.
        reason: Message,
    },
}

const NO_KEY: Doubt = Doubt {
    code: "key-unreadable",
    fr: "la clé doit avoir 1 à 400 caractères, sans caractère de contrôle",
    en: "the key must have 1 to 400 characters, none of them a control character",
};

impl Mapping {
    /// What it cannot do without, each with the fields in which it may stand: the parts of the key, the partition, the
    /// amounts and forms of a record's own sums, whom they are of, the days of embargoes, the shares of sums granted to several.
    pub fn needed(&self) -> Vec<Vec<String>> {
        let names = |fields: &[field::Field]| fields.iter().map(|field| field.name.to_string()).collect();
        let mut needed: Vec<Vec<String>> =
            self.key.iter().chain(&self.partition).map(|rule| names(&rule.fields)).collect();
        for block in self.statements.iter().filter(|block| block.each.is_none()) {
            needed.extend(block.amount.as_ref().map(|rule| names(&rule.fields)));
            needed.extend(block.form.default.is_none().then(|| names(&block.form.fields)));
            // A name alone is trusted in this source only: what was a funder's own word would be so no more.
            needed.push(block.funder.identifiers().map(|field| field.name.to_string()).collect());
        }
        needed.retain(|fields| !fields.is_empty());
        // Without the column that tells embargoes, all of them would be lifted at once; without that of shares, a sum that
        // is repeated on several rows would count on each.
        for block in self.statements.iter().filter(|block| block.each.is_none()) {
            needed.extend(block.not_public_until.as_ref().map(|rule| names(&rule.fields)));
            needed.extend(block.part.as_ref().map(|part| names(&part.share.fields)));
        }
        needed
    }

    /// What protects a sum, holds the lines of a plan or decides what counts, each with the paths in which it may stand: where some records
    /// had it and no record has it any more, nobody lifted it record by record. Embargoes, shares of sums granted to several, lists of
    /// lines, the fields of `skip-when`, `[[map.refuse]]` and `when`.
    pub fn guarded(&self) -> Vec<Vec<String>> {
        let mut guarded: Vec<Vec<String>> =
            self.of_records().map(|test| test.fields().map(path_of).collect()).collect();
        for block in &self.statements {
            let each = block.each.as_ref().map(|each| each.name.trim_start_matches('^'));
            let path = |field: &field::Field| match (each, field.name.strip_prefix('^')) {
                (Some(each), None) => format!("{each}.*.{}", field.name),
                (None, _) | (_, Some(_)) => path_of(field),
            };
            guarded.extend(each.map(|each| vec![each.to_owned()]));
            let embargo = block.not_public_until.as_ref().map(|rule| &rule.fields);
            let share = block.part.as_ref().map(|part| &part.share.fields);
            guarded.extend(embargo.into_iter().chain(share).map(|fields| fields.iter().map(path).collect()));
            // A condition on the element itself has no name that could be missing.
            let named = block.when.iter().filter(|test| test.fields().all(|field| &*field.name != "."));
            guarded.extend(named.map(|test| test.fields().map(path).collect()));
        }
        guarded.retain(|fields| !fields.is_empty());
        guarded
    }

    /// The conditions by which whole records are left out or refused.
    fn of_records(&self) -> impl Iterator<Item = &Test> {
        self.skip_when.iter().flatten().chain(self.refuse.iter().flat_map(|rule| &rule.when))
    }

    /// What a table, in which every record has every column, cannot be judged without, even at a first read: the columns by which
    /// records are left out or refused, those without which a sum whose own column is there would never count, and those that keep it
    /// from others. Each stands behind the columns with which it is needed; none: always.
    pub fn deciding(&self) -> Vec<(Vec<String>, Vec<String>)> {
        let names = |test: &Test| test.fields().map(path_of).collect();
        let mut deciding: Vec<(Vec<String>, Vec<String>)> =
            self.of_records().map(|test| (Vec::new(), names(test))).collect();
        for block in self.statements.iter().filter(|block| block.each.is_none()) {
            let sum: Vec<String> =
                block.amount.iter().flat_map(|rule| rule.fields.iter().map(|field| field.name.to_string())).collect();
            // What holds where the column is not there was meant to.
            let lost = block.when.iter().filter(|test| !sum.is_empty() && !test.holds_of_nothing());
            deciding.extend(lost.map(|test| (sum.clone(), names(test))));
            let embargo = block.not_public_until.iter().filter(|rule| !sum.is_empty() && !rule.fields.is_empty());
            deciding.extend(embargo.map(|rule| (sum.clone(), rule.fields.iter().map(path_of).collect())));
        }
        deciding
    }

    /// Of these, what no record can be known without, even of a source that is read for the first time: the key, the
    /// partition, and in a table, where every record has every column, one of the amounts.
    pub fn indispensable(&self, is_table: bool) -> Vec<Vec<String>> {
        let names = |fields: &[field::Field]| fields.iter().map(|field| field.name.to_string()).collect();
        let key = self.key.iter().filter(|part| part.required);
        let mut rules: Vec<Vec<String>> = key.chain(&self.partition).map(|rule| names(&rule.fields)).collect();
        if is_table && self.statements.iter().all(|block| block.each.is_none()) {
            let amounts = self.statements.iter().filter_map(|block| block.amount.as_ref());
            rules.push(amounts.flat_map(|rule| names(&rule.fields)).collect());
        }
        rules.retain(|fields| !fields.is_empty());
        rules
    }

    /// The column of a record in which a field stands: under its own name, in whatever spelling, or under another one that the map gives
    /// it there.
    pub fn column_of<'n>(&self, record: &'n Node, field: &str) -> Option<&'n str> {
        let column = |name: &str| field::column_of(record, name.trim_start_matches('^'));
        let named = |reads: &&Reads| reads.fields.iter().any(|(name, _)| **name == *field);
        let others = || {
            let reads = self.reads.iter().filter(named).flat_map(|reads| &reads.fields);
            reads.into_iter().find_map(|(name, _)| column(name))
        };
        column(field).or_else(others)
    }

    /// The fields of which keys are made.
    pub fn key_fields(&self) -> impl Iterator<Item = String> {
        self.key.iter().flat_map(|rule| rule.fields.iter().map(|field| field.name.to_string()))
    }

    /// The names by which the header of a table is known: each part of the key that every record has, and all else that it reads.
    pub fn sought(&self) -> Sought {
        let parts = self.key.iter().filter(|part| part.required);
        let key: Vec<Vec<String>> = parts.map(|rule| rule.fields.iter().map(path_of).collect()).collect();
        let names = self.reads.iter().flat_map(|reads| &reads.fields);
        let names = names.map(|(name, _)| name.trim_start_matches('^').to_owned());
        let sums =
            self.statements.iter().filter(|block| block.each.is_none()).filter_map(|block| block.amount.as_ref());
        let sums = sums.flat_map(|rule| rule.fields.iter().map(path_of));
        Sought::new(key.into_iter().filter(|fields: &Vec<String>| !fields.is_empty()).collect(), names).stating(sums)
    }

    /// Maps one record.
    pub fn map(&self, record: &Node, pseudonymiser: &dyn Pseudonymiser) -> Mapped {
        let scope = Scope::of(record, self.layouts.of(record));
        let new_reader = || Reader {
            source: &self.source,
            absent: &self.absent,
            pseudonymiser,
            warnings: Vec::new(),
            organisations: Vec::new(),
        };
        let persons = self.told_persons(scope, &mut new_reader());
        let mut reader = new_reader();
        if self.skip_when.as_ref().is_some_and(|tests| all_hold(tests, scope, &self.absent)) {
            return Mapped::Skipped { key: self.key((scope, &persons), &mut reader).ok(), reason: skipped() };
        }
        let references = || {
            let rules = self.project.iter().flat_map(|project| &project.references);
            rules.flat_map(|rule| rule.read(scope, &mut new_reader()).unwrap_or_default()).collect()
        };
        let rejected = |key: Option<&RecordKey>, partition: Option<Box<str>>, refusal: Refusal| {
            let refusal = refusal.without_persons(&persons);
            Mapped::Rejected {
                key: key.map(|key| key.as_str().to_owned()),
                partition,
                field: refusal.field,
                code: refusal.code,
                reason: refusal.reason,
                references: references(),
            }
        };
        let partition = match self.partition.as_ref().map(|rule| rule.one(scope, &mut reader)).transpose() {
            Ok(partition) => Ok(partition.flatten().unwrap_or_default().into_boxed_str()),
            Err(refusal) => Err(refusal),
        };
        let key = self.key((scope, &persons), &mut reader);
        // A row of totals is told as one, whether it has a key or not.
        if let Some(refusal) = self.refuse.iter().find_map(|rule| rule.of(scope, &self.absent)) {
            return match rejected(key.ok().as_ref(), partition.ok(), refusal) {
                // It is no record, says the manifest, and speaks of no project.
                Mapped::Rejected { key, partition, field, code, reason, .. } => {
                    Mapped::Rejected { key, partition, field, code, reason, references: Vec::new() }
                }
                other => other,
            };
        }
        let key = match key {
            Ok(key) => key,
            Err(refusal) => return rejected(None, partition.ok(), refusal),
        };
        let partition = match partition {
            Ok(partition) => partition,
            Err(refusal) => return rejected(Some(&key), None, refusal),
        };
        match self.facts(scope, reader).and_then(|facts| Ok((self.dated(&key, &facts)?, facts))) {
            Ok((dated, mut facts)) => {
                facts.warnings.iter_mut().for_each(|warning| notes::without_persons(warning, &persons));
                Mapped::Accepted { key: dated.unwrap_or(key), partition, facts: Box::new(facts) }
            }
            Err(refusal) => rejected(Some(&key), Some(partition), refusal),
        }
    }

    /// An entry of a reference table that begins to hold on a day is one of several of its code: the day is part of its key. `None`
    /// where it tells no such day.
    fn dated(&self, key: &RecordKey, facts: &Facts) -> Result<Option<RecordKey>, Refusal> {
        let day = facts.validity.from.filter(|_| self.reference.is_some());
        day.map(|day| self.sound_key(&format!("{key}{KEY_SEPARATOR}{day}"))).transpose()
    }

    /// The fields of the project's holder, where its name says itself that it is a natural person's.
    fn told_persons(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Vec<&str> {
        let holder = self.project.as_ref().and_then(|project| project.holder.as_ref());
        holder.map_or_else(Vec::new, |holder| holder.told_person(scope, reader).map(|field| &*field.name).collect())
    }

    /// What of a record, before it is sealed, tells who a natural person is, though the manifest does not call it personal.
    pub fn persons_told_in(&self, record: &Node) -> Vec<String> {
        let scope = Scope::of(record, self.layouts.of(record));
        let (source, absent, nobody) = (&self.source, &self.absent, |_: &str| String::new());
        let mut reader =
            Reader { source, absent, pseudonymiser: &nobody, warnings: Vec::new(), organisations: Vec::new() };
        self.told_persons(scope, &mut reader).into_iter().map(str::to_owned).collect()
    }

    /// The key; what in it would tell who a natural person is stands under its pseudonym.
    fn key(&self, (scope, persons): (Scope<'_>, &[&str]), reader: &mut Reader<'_>) -> Result<RecordKey, Refusal> {
        let mut key = String::new();
        for (rank, part) in self.key.iter().enumerate() {
            // What is there and cannot be read is no part that is left out.
            let text = match part.try_one(scope, reader)?? {
                None if !part.required => continue,
                text => text.unwrap_or_default(),
            };
            if rank > 0 {
                key.push_str(KEY_SEPARATOR);
            }
            let read = if persons.is_empty() { None } else { rule::first(&part.fields, scope, reader) };
            match read.filter(|(field, _)| persons.contains(&&*field.name)) {
                Some(_) => key.push_str(&format!("person:{}", reader.pseudonymiser.pseudonym(&normalised(&text)))),
                None => key.push_str(&text),
            }
        }
        self.sound_key(&key)
    }

    fn sound_key(&self, key: &str) -> Result<RecordKey, Refusal> {
        RecordKey::parse(key).map_err(|_| match self.key.first().and_then(|rule| rule.fields.first()) {
            Some(field) => Refusal::of_value(&NO_KEY, field, key),
            None => Refusal { field: None, code: NO_KEY.code.into(), reason: Message::new(NO_KEY.fr, NO_KEY.en) },
        })
    }

    fn facts(&self, scope: Scope<'_>, mut reader: Reader<'_>) -> Result<Facts, Refusal> {
        let project = self.project.as_ref().map(|rules| rules.read(scope, &mut reader)).transpose()?;
        let statements = statement::read_all(&self.statements, scope, &mut reader)?;
        if let Some(cost) = project.as_ref().and_then(|project| project.budget) {
            cost::compare(cost, &statements, &mut reader);
        }
        let reference = self.reference.as_ref().map(|rules| rules.read(scope, &mut reader)).transpose()?;
        let validity = self.validity.read(scope, &mut reader)?;
        self.sound.iter().for_each(|rule| rule.tell(scope, &mut reader));
        let doubts = self.warn.iter().filter_map(|rule| rule.of(scope, &self.absent));
        doubts.for_each(|doubt| reader.warn(doubt.into_warning()));
        let (organisations, warnings) = (reader.organisations, reader.warnings);
        Ok(Facts { project, statements, organisations, reference, validity, warnings, location: None })
    }
}

/// The name under which a field stands in its record.
fn path_of(field: &field::Field) -> String {
    field.name.trim_start_matches('^').to_owned()
}

fn skipped() -> Message {
    Message::new("laissé de côté par la condition skip-when du manifeste", "left out by the manifest's skip-when")
}

//! What one source states, sum by sum, in the records that stand.

use super::Portfolio;
use super::case::{ProjectCase, RecordEntry};
use super::index::SourceIx;
use crate::domain::facts::Places;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::record::RecordState;
use crate::domain::source::SumOf;
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::{Form, Stage};
use std::sync::Arc;

/// A sum that a record states.
#[derive(Debug, Clone, Copy)]
pub struct StatedSum<'a> {
    /// The part of the source that is read as a whole.
    pub partition: &'a str,
    /// The record.
    pub key: &'a RecordKey,
    /// Whose it is.
    pub of: SumOf<'a>,
    /// The form.
    pub form: Form,
    /// The stage.
    pub stage: Option<Stage>,
    /// The amount; `None`: unknown.
    pub amount: Option<Cents>,
}

/// What a record says of its project.
#[derive(Debug, Clone)]
pub struct Described<'a> {
    /// The record.
    pub key: &'a RecordKey,
    /// Who carries it.
    pub holder: Option<&'a OrganisationId>,
    /// Its title, where it is this record's.
    pub title: Option<&'a str>,
    /// Where it lies.
    pub places: Places,
}

impl Portfolio {
    /// The sums that a source states in records that are open, and that it stated last in wanted ones that went bad.
    pub fn stated_in(
        &self,
        source: SourceIx,
        wanted: impl Fn(&RecordKey) -> bool + Copy,
    ) -> impl Iterator<Item = StatedSum<'_>> {
        self.cases_of(source).flat_map(move |case| {
            case.all_statements().iter().filter_map(move |statement| {
                let record = case.record(statement);
                // Of a sum granted to several the record may state another amount than its own part.
                let stands =
                    stands_in(record, source, wanted) && statement.part.as_ref().is_none_or(|part| part.beside);
                let of = SumOf {
                    funder: &self.lexicon.organisations[statement.funder.get()],
                    nature: statement.nature,
                    dispositif: statement.dispositif.map(|ix| &self.lexicon.atlas.dispositifs[ix.get()].code),
                };
                stands.then(|| StatedSum {
                    partition: &self.lexicon.texts[record.partition.get()],
                    key: &record.key,
                    of,
                    form: statement.form,
                    stage: statement.stage,
                    amount: statement.amount,
                })
            })
        })
    }

    /// The records of projects that a source holds open, and wanted ones that went bad: the part in which each stands, and its key.
    pub fn standing_in(
        &self,
        source: SourceIx,
        wanted: impl Fn(&RecordKey) -> bool,
    ) -> impl Iterator<Item = (&str, &RecordKey)> {
        let open = self.cases_of(source).flat_map(move |case| case.records.iter());
        let open = open.filter(move |record| stands_in(record, source, &wanted));
        open.map(|record| (&*self.lexicon.texts[record.partition.get()], &record.key))
    }

    /// What wanted records that a source holds, bad ones too, say of their project. Where several records are about it, its title may be that of
    /// another one, and it lies where any of them says.
    pub fn described_in(
        &self,
        source: SourceIx,
        wanted: impl Fn(&RecordKey) -> bool,
    ) -> impl Iterator<Item = Described<'_>> {
        let open = self.cases_of(source).flat_map(|case| case.records.iter().map(move |record| (case, record)));
        let open = open.filter(move |(_, record)| stands_in(record, source, &wanted) && wanted(&record.key));
        open.map(|(case, record)| Described {
            key: &record.key,
            holder: record.holder.map(|ix| &self.lexicon.organisations[ix.get()]),
            title: Some(&*case.title).filter(|_| case.records.len() == 1),
            places: self.where_it_lies(case),
        })
    }

    fn where_it_lies(&self, case: &ProjectCase) -> Places {
        let atlas = &self.lexicon.atlas;
        let (quartiers, communes) = (case.places.quartiers.iter(), case.places.communes.iter());
        let (epcis, contrats) = (case.places.epcis.iter(), case.places.contrats.iter());
        Places {
            quartiers: quartiers.map(|ix| atlas.quartiers[ix.get()].code.clone()).collect(),
            communes: communes.map(|ix| atlas.communes[ix.get()].code.clone()).collect(),
            epcis: epcis.map(|ix| atlas.epcis[ix.get()].siren).collect(),
            contrats: contrats.map(|ix| atlas.contrats[ix.get()].code.clone()).collect(),
            ..Places::default()
        }
    }

    fn cases_of(&self, source: SourceIx) -> impl Iterator<Item = &Arc<ProjectCase>> {
        let of_source = move |case: &&Arc<ProjectCase>| case.records.iter().any(|record| record.source == source);
        self.cases.iter().filter(of_source)
    }
}

/// What went bad stands as its last good version: where it is asked for, it is held against that.
fn stands_in(record: &RecordEntry, source: SourceIx, wanted: impl Fn(&RecordKey) -> bool) -> bool {
    let is_wanted_bad = || record.state == RecordState::Bad && wanted(&record.key);
    record.source == source && (record.state == RecordState::Open || is_wanted_bad())
}

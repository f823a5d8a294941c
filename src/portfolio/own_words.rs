//! What each record of a project says of it, beside what they come to together: whoever does not see all records is told what
//! those say that it sees, and nothing that rests on another. Written small, and only where there are several records.

use super::atlas::Atlas;
use super::case::{Mention, ProjectCase};
use super::index::QuartierIx;
use super::lexicon::Lexicon;
use super::places::StatedPlaces;
use crate::domain::Date;
use crate::domain::facts::{Places, ProjectFacts, QuartierShare};
use crate::domain::money::BasisPoints;
use crate::domain::record::RecordVersion;
use crate::domain::vocabulary::Objective;
use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The words of the records of one project, in their order; nothing where it has one record, which is the project.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OwnWords(Option<Arc<[u8]>>);

/// What one record says of its project, of all that may be public.
#[derive(Serialize, Deserialize)]
struct Word<'a> {
    #[serde(borrow)]
    description: Option<Description<'a>>,
    mentions: Vec<Mention>,
}

#[derive(Serialize, Deserialize)]
struct Description<'a> {
    title: &'a str,
    /// Positions in the vocabulary.
    objectives: Vec<u8>,
    places: StatedPlaces,
    shares: Vec<(QuartierIx, BasisPoints)>,
    /// First and last day, counted from the first of the common era.
    days: [Option<i32>; 2],
    year: Option<u16>,
}

/// What some records say of their project, read back: no total cost, no reference, no action.
#[derive(Default)]
pub(super) struct Told {
    /// Of each record that speaks of the project, its position among those asked for and what it says; places apart.
    pub(super) facts: Vec<(usize, ProjectFacts)>,
    /// Where they say that it lies, together.
    pub(super) places: StatedPlaces,
    /// The names that they give, with positions among the records asked for.
    pub(super) mentions: Vec<Mention>,
}

impl OwnWords {
    /// The words of the records of one project, with the names that they give, in the order of the records; what they name has its
    /// place in the lexicon.
    pub(super) fn of(lexicon: &Lexicon, records: &[&RecordVersion], mentions: &[Mention]) -> Self {
        if records.len() < 2 {
            return OwnWords::default();
        }
        let of_record = |at: u32| {
            let from = mentions.partition_point(|one| one.record < at);
            mentions[from..].iter().take_while(move |one| one.record == at).copied()
        };
        let words = (0_u32..).zip(records).map(|(at, record)| Word {
            description: record.facts.project.as_ref().map(|facts| describe(&lexicon.atlas, facts)),
            mentions: of_record(at).collect(),
        });
        let words: Vec<Word<'_>> = words.collect();
        let written = postcard::to_stdvec(&words).expect("numbers and texts can be written");
        OwnWords(Some(written.into()))
    }

    /// What the records at these positions say, in order; `None` where the project has one record.
    pub(super) fn told(&self, lexicon: &Lexicon, (case, kept): (&ProjectCase, &[u32])) -> Option<Told> {
        // Written by ourselves; were it not to be read, nothing would be told.
        let mut words: Vec<Word<'_>> = postcard::from_bytes(self.0.as_ref()?).unwrap_or_default();
        let mut told = Told::default();
        for ((place, at), record) in (0_u32..).zip(kept).zip(kept.iter().map(|at| &case.records[*at as usize])) {
            let Some(word) = words.get_mut(*at as usize) else { continue };
            told.mentions.extend(word.mentions.drain(..).map(|one| Mention { record: place, ..one }));
            if let Some(description) = word.description.take() {
                let holder = record.holder.map(|ix| lexicon.organisations[ix.get()].clone());
                let facts = description.facts(&lexicon.atlas);
                told.facts.push((place as usize, ProjectFacts { holder, ..facts }));
                told.places.join(description.places);
            }
        }
        Some(told)
    }

    /// How many bytes it holds.
    pub(super) fn memory(&self) -> usize {
        self.0.as_ref().map_or(0, |words| words.len())
    }
}

fn describe<'a>(atlas: &Atlas, facts: &'a ProjectFacts) -> Description<'a> {
    let mut places = StatedPlaces::default();
    places.add(atlas, &facts.places);
    let share = |one: &QuartierShare| Some((QuartierIx::at(atlas.quartiers.get_index_of(&one.quartier)?), one.share));
    let place = |one: &Objective| Objective::ALL.iter().position(|known| known == one);
    Description {
        title: &facts.title,
        objectives: facts.objectives.iter().filter_map(|one| u8::try_from(place(one)?).ok()).collect(),
        places,
        shares: facts.places.shares.iter().filter_map(share).collect(),
        days: [facts.starts_on, facts.ends_on].map(|day| day.map(|day| day.num_days_from_ce())),
        year: facts.year,
    }
}

impl Description<'_> {
    fn facts(&self, atlas: &Atlas) -> ProjectFacts {
        let [starts_on, ends_on] = self.days.map(|day| day.and_then(Date::from_num_days_from_ce_opt));
        let share = |(quartier, share): &(QuartierIx, BasisPoints)| QuartierShare {
            quartier: atlas.quartiers[quartier.get()].code.clone(),
            share: *share,
        };
        ProjectFacts {
            title: self.title.to_owned(),
            objectives: self.objectives.iter().filter_map(|at| Objective::ALL.get(usize::from(*at)).copied()).collect(),
            places: Places { shares: self.shares.iter().map(share).collect(), ..Places::default() },
            starts_on,
            ends_on,
            year: self.year,
            ..ProjectFacts::default()
        }
    }
}

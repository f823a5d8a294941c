//! What one record says, as far as loads are compared.

use super::amounts::Voice;
use super::granted::{is_asked, is_granted};
use super::shared::decision;
use crate::domain::facts::{Places, StatementFacts};
use crate::domain::money::Cents;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::source::Scope;
use crate::domain::text::compact;
use crate::domain::vocabulary::{Form, Nature, Stage};
use foldhash::HashSet;
use rustc_hash::FxHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher as _};

/// What a record states at each stage: the sum of the amounts that are there, nothing where none is.
pub type Stages = BTreeMap<Option<Stage>, Option<i128>>;

/// What a record says: its part of the source, its sums, whose they are, in which form.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The part of the source that it stands in.
    pub partition: Box<str>,
    /// All its sums.
    pub all: Stages,
    /// Those that the source speaks for.
    pub own: Stages,
    /// How many amounts are granted: of all its sums, and of those that the source speaks for.
    grants: (u32, u32),
    /// Its amounts of a stated nature, at each stage: all, and those that the source speaks for.
    natured: BTreeMap<(Option<Stage>, Nature), (i128, i128)>,
    /// What it says of each funder.
    funders: Vec<Lines>,
    /// Each funder with each form of its sums.
    forms: Vec<u64>,
    /// Each funder with each stated nature of its sums.
    natures: Vec<u64>,
    unidentified: bool,
    about: About,
    /// Sums of which it states a share: what of them is its own is unknown, until the rows of the decision tell.
    shares: Vec<Share>,
}

/// A sum of which a record states a share.
#[derive(Debug, Clone, Copy)]
struct Share {
    decision: Option<u64>,
    funder: u64,
    stage: Option<Stage>,
    nature: Option<Nature>,
    amount: Cents,
    own: bool,
}

/// The lines of one funder.
#[derive(Debug, Clone, Copy, Default)]
struct Lines {
    funder: u64,
    /// How many sums are asked of it, known or not.
    asked: u64,
    /// How many others are said of it.
    others: u64,
    /// How many are refused or given up: no means that could be missed, but a word in the place of what was asked.
    refused: u64,
    /// How many of those that stand have no amount.
    unknown: u64,
    /// What the known ones come to.
    cents: i128,
}

/// Of what its project is said, where it is.
#[derive(Debug, Clone, Default)]
struct About {
    /// Who carries it, and whether by a mere name.
    holder: Option<(u64, bool)>,
    title: Option<String>,
    /// Quartiers, communes, EPCI, contracts.
    places: [Vec<u64>; 4],
}

impl Lines {
    fn count(&self) -> u64 {
        self.asked + self.others
    }

    /// How many of them are there no more.
    fn lost(&self, now: &Lines) -> u64 {
        if now.count() > 0 && self.unknown == 0 && self.cents > 0 && now.cents >= self.cents {
            return 0;
        }
        let says = now.others + now.refused;
        let back = if says > 0 { self.others } else { now.asked.saturating_sub(self.asked) };
        self.asked.saturating_sub(now.asked + says) + self.others.saturating_sub(back)
    }
}

/// A number that stands for one thing, within one run.
pub(super) fn hash(one: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    one.hash(&mut hasher);
    hasher.finish()
}

impl Said {
    /// What a record of a part of the source says, nothing so far.
    pub fn within(partition: &str) -> Self {
        Said { partition: partition.into(), ..Said::default() }
    }

    /// What a record as it was read says, of a source that speaks for these.
    pub fn of(partition: &str, statements: &[StatementFacts], speaks_for: &[Scope]) -> Self {
        let mut said = Said::within(partition);
        for one in statements {
            let amount = one.amount.filter(|_| one.part.is_none());
            said.word(&one.funder, (one.form, one.nature, one.stage), amount);
            let own = speaks_for.iter().any(|scope| scope.covers(one.into()));
            said.sum(one.stage, amount, own);
            said.natured((one.stage, one.nature), amount, own);
            if let (None, Some(amount)) = (amount, one.amount) {
                let (decision, funder) = (decision(one), hash(&one.funder));
                said.shares.push(Share { decision, funder, stage: one.stage, nature: one.nature, amount, own });
            }
        }
        said
    }

    /// The decisions of which it states a share that is not told yet.
    pub fn decisions(&self) -> impl Iterator<Item = u64> {
        self.shares.iter().filter_map(|share| share.decision)
    }

    /// Does it state a share of which nobody can tell what it is?
    pub fn has_open_share(&self) -> bool {
        !self.shares.is_empty()
    }

    /// Takes those of its sums as they are written which the rows of their decision bear out.
    pub fn settle(&mut self, borne_out: &HashSet<(u64, Cents)>) {
        let is_told = |share: &Share| share.decision.is_some_and(|of| borne_out.contains(&(of, share.amount)));
        let (told, open) = std::mem::take(&mut self.shares).into_iter().partition(is_told);
        self.shares = open;
        for Share { funder, stage, nature, amount, own, .. } in told {
            let stands = stage.is_none_or(|stage| stage.rank().is_some());
            if let Some(line) = self.funders.iter_mut().find(|line| stands && line.funder == funder) {
                line.unknown = line.unknown.saturating_sub(1);
                line.cents += i128::from(amount.get());
            }
            self.sum(stage, Some(amount), own);
            self.natured((stage, nature), Some(amount), own);
        }
    }

    /// It says something of a funder, in a form, of a nature, at a stage; `None`: of no known amount.
    pub fn word(
        &mut self,
        funder: &OrganisationId,
        (form, nature, stage): (Form, Option<Nature>, Option<Stage>),
        amount: Option<Cents>,
    ) {
        let by_funder = hash(funder);
        let line = match self.funders.iter_mut().find(|line| line.funder == by_funder) {
            Some(line) => line,
            None => {
                self.unidentified |= funder.kind() == OrganisationKind::Text;
                self.funders.push(Lines { funder: by_funder, ..Lines::default() });
                self.funders.last_mut().expect("one was just added")
            }
        };
        if stage.is_some_and(|stage| stage.rank().is_none()) {
            line.refused += 1;
        } else {
            let asked = stage.is_some_and(is_asked);
            line.asked += u64::from(asked);
            line.others += u64::from(!asked);
            line.unknown += u64::from(amount.is_none());
            line.cents += amount.map_or(0, |amount| i128::from(amount.get()));
        }
        let by_form = hash((by_funder, form.as_str()));
        if !self.forms.contains(&by_form) {
            self.forms.push(by_form);
        }
        let by_nature = nature.map(|nature| hash((by_funder, nature.as_str())));
        self.natures.extend(by_nature.filter(|nature| !self.natures.contains(nature)));
    }

    /// An amount that it states is of a nature.
    pub fn natured(&mut self, (stage, nature): (Option<Stage>, Option<Nature>), amount: Option<Cents>, own: bool) {
        let Some((nature, amount)) = nature.zip(amount) else { return };
        let (all, of_own) = self.natured.entry((stage, nature)).or_default();
        *all += i128::from(amount.get());
        *of_own += if own { i128::from(amount.get()) } else { 0 };
    }

    /// What it says of its project: who carries it, its title, where it lies.
    pub fn describe(&mut self, holder: Option<&OrganisationId>, title: Option<&str>, places: &Places) {
        let quartiers = places.quartiers.iter().chain(places.shares.iter().map(|share| &share.quartier));
        self.about = About {
            holder: holder.map(|holder| (hash(holder), holder.kind() == OrganisationKind::Text)),
            title: title.map(compact).filter(|title| !title.is_empty()),
            places: [
                quartiers.map(hash).collect(),
                places.communes.iter().map(hash).collect(),
                places.epcis.iter().map(hash).collect(),
                places.contrats.iter().map(hash).collect(),
            ],
        };
    }

    /// It states a sum at a stage; `None`: an amount that is unknown.
    pub fn sum(&mut self, stage: Option<Stage>, amount: Option<Cents>, own: bool) {
        let into = |stages: &mut Stages| {
            let sum = stages.entry(stage).or_default();
            if let Some(amount) = amount {
                *sum = Some(sum.unwrap_or_default() + i128::from(amount.get()));
            }
        };
        into(&mut self.all);
        if own {
            into(&mut self.own);
        }
        if amount.is_some() && stage.is_some_and(is_granted) {
            self.grants = (self.grants.0 + 1, self.grants.1 + u32::from(own));
        }
    }

    /// Its sums, as they are weighed.
    pub(super) fn stages(&self, voice: Voice) -> &Stages {
        match voice {
            Voice::All => &self.all,
            Voice::Own => &self.own,
        }
    }

    /// How many sums it states, known or not.
    pub(super) fn lines(&self) -> u64 {
        self.funders.iter().map(Lines::count).sum()
    }

    /// How many of the sums that it stated, known or not, it states no more. What was asked of a funder went on where the funder has a
    /// later word in its place, and so did what was decided where another sum of it stands, and all where as much stands in fewer lines;
    /// another funder may stand in the place of one.
    pub(super) fn lost_lines(&self, now: &Said) -> u64 {
        let of = |said: &Said, funder: u64| {
            said.funders.iter().copied().find(|line| line.funder == funder).unwrap_or_default()
        };
        let lost = self.funders.iter().map(|was| was.lost(&of(now, was.funder)));
        let new = now.funders.iter().filter(|line| self.funders.iter().all(|was| was.funder != line.funder));
        let come: u64 = new.map(Lines::count).sum();
        lost.sum::<u64>().saturating_sub(come)
    }

    /// The amounts of a stated nature that another nature bears now, at the same stage: once where they were and once where they are.
    pub(super) fn renatured(&self, now: &Said, voice: Voice, wanted: impl Fn(Option<Stage>) -> bool) -> i128 {
        let mut moves: BTreeMap<Option<Stage>, (i128, i128)> = BTreeMap::new();
        let keys: BTreeSet<_> =
            self.natured.keys().chain(now.natured.keys()).filter(|(stage, _)| wanted(*stage)).collect();
        for key in keys {
            let of = |said: &Said| {
                let sums = said.natured.get(key).copied().unwrap_or_default();
                if voice == Voice::All { sums.0 } else { sums.1 }
            };
            let (more, less) = moves.entry(key.0).or_default();
            let moved = of(now) - of(self);
            *more += moved.max(0);
            *less += (-moved).max(0);
        }
        moves.into_values().map(|(more, less)| 2 * more.min(less)).sum()
    }

    /// How many of its amounts are granted.
    pub(super) fn grants(&self, voice: Voice) -> u32 {
        match voice {
            Voice::All => self.grants.0,
            Voice::Own => self.grants.1,
        }
    }

    /// Does it say nothing any more of a funder of whom it spoke?
    pub(super) fn leaves_funder(&self, now: &Said) -> bool {
        let speaks_of = |funder: u64| now.funders.iter().any(|line| line.funder == funder);
        !now.funders.is_empty() && self.funders.iter().any(|line| !speaks_of(line.funder))
    }

    /// Does it speak of a funder in the place of another?
    pub(super) fn changes_funder(&self, now: &Said) -> bool {
        self.leaves_funder(now) && now.leaves_funder(self) && !self.loses_identity(now)
    }

    /// Does it state sums of a funder, whom it named before, under another nature than it stated?
    pub(super) fn changes_nature(&self, now: &Said) -> bool {
        let leaves = |one: &Said, other: &Said| one.natures.iter().any(|nature| !other.natures.contains(nature));
        !self.leaves_funder(now) && leaves(self, now) && leaves(now, self)
    }

    /// Is its project another one's? Who was told by a mere name and has an identifier now may be the same.
    pub(super) fn changes_holder(&self, now: &Said) -> bool {
        let both = self.about.holder.zip(now.about.holder);
        both.is_some_and(|((was, by_name), (is, names))| was != is && (names || !by_name))
    }

    /// Has its project another title?
    pub(super) fn changes_title(&self, now: &Said) -> bool {
        let both = self.about.title.as_deref().zip(now.about.title.as_deref());
        both.is_some_and(|(was, is)| !was.contains(is) && !is.contains(was))
    }

    /// Does its project lie nowhere where it did?
    pub(super) fn changes_places(&self, now: &Said) -> bool {
        let mut levels = self.about.places.iter().zip(&now.about.places);
        levels.any(|(was, is)| !was.is_empty() && !is.is_empty() && is.iter().all(|place| !was.contains(place)))
    }

    /// Does it speak of somebody who is not identified, and did not before?
    pub(super) fn loses_identity(&self, now: &Said) -> bool {
        now.unidentified && !self.unidentified
    }

    /// Has it left a form in which a funder, whom it still names, put something?
    pub(super) fn leaves_form(&self, now: &Said) -> bool {
        !self.leaves_funder(now) && !now.forms.is_empty() && self.forms.iter().any(|form| !now.forms.contains(form))
    }

    /// Is all that it stated refused or given up now: its own sums where it has some?
    pub(super) fn is_refused(&self, now: &Said) -> bool {
        let (stated, states) = if self.own.is_empty() { (&self.all, &now.all) } else { (&self.own, &now.own) };
        let outside = |stages: &Stages| stages.keys().all(|stage| stage.is_some_and(|one| one.rank().is_none()));
        !stated.is_empty() && !states.is_empty() && outside(states) && !outside(stated)
    }
}

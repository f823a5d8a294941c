//! What is put into a project, by whom, at which stage.

use super::chance::Chance;
use super::geography::Geography;
use super::organisations::Funder;
use super::programme::Programme;
use super::system::ADULTES_RELAIS;
use super::truth::{Commitment, Project, Scheme};
use super::wording;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Form, Nature, Stage};

/// Yearly payment of the State for one post; a fact of the published lists.
const FONJEP_POST_EUROS: i64 = 7_164;
/// What the State paid for one post of an adulte-relais in 2023.
const ADULTE_RELAIS_POST: Cents = Cents::new(2_255_573);

/// A micro-project across borders is funded whole up to this.
pub const MICRO_PROJECT_MAX_EUROS: i64 = 50_000;
/// Yearly contribution of the Région to the centre of resources.
const IREV_EUROS: i64 = 350_000;

/// Draws the commitments of one project in turn.
struct Draw<'a> {
    project: &'a Project,
    chance: &'a mut Chance,
    list: Vec<Commitment>,
    nature: Nature,
}

/// Everything put into the project.
pub fn commitments(project: &Project, geography: &Geography, chance: &mut Chance) -> Vec<Commitment> {
    let nature = match project.scheme {
        Scheme::Nqe | Scheme::Pic | Scheme::Programmation | Scheme::Irev => Nature::Fonctionnement,
        Scheme::Union(_) => Nature::Fonctionnement,
        Scheme::Ftu | Scheme::Npnru | Scheme::Europe => Nature::Investissement,
        Scheme::DroitCommun => ordinary(project.action).1,
    };
    let mut draw = Draw { project, chance, list: Vec::new(), nature };
    let commune = &geography.communes[project.commune];
    let (epci, departement) = (Funder::Epci(commune.epci), commune.departement);
    match project.scheme {
        Scheme::Nqe => draw.summer(departement),
        Scheme::Pic => draw.micro(),
        Scheme::Programmation => draw.programming(epci, departement),
        Scheme::Ftu => draw.works(departement),
        Scheme::Npnru => draw.renewal(epci, departement),
        Scheme::DroitCommun => draw.ordinary(),
        Scheme::Europe => draw.european(),
        Scheme::Union(programme) => draw.union(programme),
        Scheme::Irev => draw.resources(),
    }
    draw.list
}

/// Scheme and nature of an ordinary credit.
fn ordinary(action: &str) -> (&'static str, Nature) {
    match wording::ordinary_rank(action) {
        0 => ("PRF", Nature::Fonctionnement),
        1 => ("STARTER", Nature::Fonctionnement),
        2 => ("FRATRI", Nature::Investissement),
        _ => ("TIERS-LIEUX", Nature::Investissement),
    }
}

impl Draw<'_> {
    fn summer(&mut self, departement: usize) {
        self.region("NQE", 2_000, 15_000);
        self.commune(70, 500, 5_000);
        self.share(40, Funder::Etat(departement), (1_000, 8_000));
        self.share(25, Funder::Caf(departement), (500, 4_000));
    }

    fn micro(&mut self) {
        self.region("PIC", 500, 5_000);
        self.commune(50, 100, 1_000);
    }

    fn programming(&mut self, epci: Funder, departement: usize) {
        self.share(85, Funder::Etat(departement), (2_000, 40_000));
        if self.list.is_empty() || self.chance.percent(75) {
            self.region("PROGRAMMATION", 2_000, 30_000);
        }
        self.commune(70, 1_000, 15_000);
        self.share(50, epci, (1_000, 20_000));
        self.share(40, Funder::Caf(departement), (1_000, 10_000));
        self.share(25, Funder::Departement(departement), (1_000, 10_000));
        self.own_funds(60, 500, 8_000);
        if self.chance.percent(12) {
            let euros = FONJEP_POST_EUROS * if self.chance.percent(10) { 2 } else { 1 };
            let is_relay = self.list.len().is_multiple_of(3);
            let post = self.add(Funder::Etat(departement), euros, Stage::Attribue);
            // A post is paid by the unit, whatever it is part of.
            (post.dispositif, post.amount) = if is_relay {
                (Some(ADULTES_RELAIS), ADULTE_RELAIS_POST)
            } else {
                (Some("FONJEP"), Cents::new(euros * 100))
            };
        }
    }

    fn works(&mut self, departement: usize) {
        self.region("FTU", 5_000, 80_000);
        self.grant_of_the_state(45, departement);
        self.share(20, Funder::Departement(departement), (5_000, 60_000));
        self.own_funds(90, 5_000, 120_000);
    }

    fn renewal(&mut self, epci: Funder, departement: usize) {
        self.region("NPNRU-REGION", 100_000, 5_000_000);
        let stage = self.list[0].stage;
        let drawn = |draw: &mut Self, percent: usize, least: i64, most: i64| {
            draw.chance.percent(percent).then(|| draw.chance.euros(least, most))
        };
        if let Some(euros) = drawn(self, 70, 200_000, 8_000_000) {
            self.add(Funder::Anru, euros, stage).dispositif = Some("NPNRU-ANRU");
        }
        if let Some(euros) = drawn(self, 40, 200_000, 4_000_000) {
            self.add(Funder::ActionLogement, euros, stage).dispositif = Some("PRET-ACTION-LOGEMENT");
            self.list.last_mut().expect("just added").form = Form::Pret;
        }
        if let Some(euros) = drawn(self, 60, 50_000, 1_500_000) {
            self.add(Funder::Commune(self.project.commune), euros, stage);
        }
        if let Some(euros) = drawn(self, 50, 50_000, 1_500_000) {
            self.add(epci, euros, stage);
        }
        if let Some(euros) = drawn(self, 25, 50_000, 3_000_000) {
            self.add(Funder::Feder, euros, Stage::Engage).dispositif = Some("FEDER");
        }
        self.grant_of_the_state(15, departement);
    }

    fn ordinary(&mut self) {
        let (dispositif, nature) = ordinary(self.project.action);
        let euros = self.chance.euros(23_000, 500_000);
        self.add(Funder::Region, euros, Stage::Engage).dispositif = Some(dispositif);
        if nature == Nature::Fonctionnement && self.chance.percent(25) {
            let euros = self.chance.euros(50_000, 1_000_000);
            self.add(Funder::FsePlus, euros, Stage::Engage).dispositif = Some("FSE+");
        }
    }

    fn european(&mut self) {
        let euros = self.chance.euros(50_000, 3_000_000);
        self.add(Funder::Feder, euros, Stage::Engage).dispositif = Some("FEDER");
        if self.chance.percent(40) {
            let euros = self.chance.euros(23_000, 500_000);
            let dispositif = if self.chance.percent(50) { "TIERS-LIEUX" } else { "FRATRI" };
            self.add(Funder::Region, euros, Stage::Engage).dispositif = Some(dispositif);
        }
    }

    /// A programme of the Union; the partners of a project across borders bring the rest, those of a micro-project nothing.
    fn union(&mut self, programme: Programme) {
        let micro = programme == Programme::InterregFwvl && self.chance.percent(50);
        let euros = if micro {
            self.chance.euros(5_000, MICRO_PROJECT_MAX_EUROS - 1)
        } else {
            self.chance.euros(60_000, 900_000)
        };
        self.add(Funder::Union(programme), euros, Stage::Engage).dispositif = Some(programme.code());
        if programme.is_interreg() && !micro {
            let own = euros * 2 / 3;
            self.add(Funder::Holder, own, Stage::Engage).form = Form::Autofinancement;
        }
    }

    fn resources(&mut self) {
        let stage = if self.project.year < 2026 { Stage::Attribue } else { Stage::Sollicite };
        self.add(Funder::Region, IREV_EUROS, stage).dispositif = Some("IREV");
    }

    /// The Région's own sum, at a stage that fits the age of the project.
    fn region(&mut self, dispositif: &'static str, least: i64, most: i64) {
        let euros = self.chance.euros(least, most);
        let investment = self.nature == Nature::Investissement;
        let stage = match (self.project.year, self.chance.below(100)) {
            (_, ..4) if !investment => Stage::Refuse,
            (2024, ..60) if dispositif == "NQE" => Stage::Solde,
            (2026, ..28) => Stage::Sollicite,
            (2026, ..40) if investment => Stage::Propose,
            (_, ..88) if investment => Stage::Engage,
            _ => Stage::Attribue,
        };
        self.add(Funder::Region, euros, stage).dispositif = Some(dispositif);
        let closed = self.chance.percent(30);
        let part = i64::try_from(60 + self.chance.below(40)).unwrap_or(100);
        let own = self.list.last_mut().expect("just added above");
        own.asked = Some(own.amount + Cents::new(if closed { 50_000 } else { 0 }));
        if stage == Stage::Solde {
            own.voted = Some(own.amount);
            own.amount = Cents::new(own.amount.get() * part / 100);
        }
    }

    fn commune(&mut self, percent: usize, least: i64, most: i64) {
        let commune = Funder::Commune(self.project.commune);
        self.share(percent, commune, (least, most));
    }

    /// Money of the holder itself, where the holder is a legal person and does not already appear as a funder.
    fn own_funds(&mut self, percent: usize, least: i64, most: i64) {
        let public = self.project.holder.name.starts_with("Commune d");
        if self.project.holder.siret.is_none()
            || public && self.list.iter().any(|one| matches!(one.funder, Funder::Commune(_)))
        {
            return;
        }
        if self.chance.percent(percent) {
            let euros = self.chance.euros(least, most);
            self.add(Funder::Holder, euros, Stage::Attribue).form = Form::Autofinancement;
        }
    }

    fn grant_of_the_state(&mut self, percent: usize, departement: usize) {
        if self.chance.percent(percent) {
            let dispositif = *self.chance.pick(&["DPV", "DSIL", "DETR"]);
            let euros = self.chance.euros(10_000, 400_000);
            self.add(Funder::Etat(departement), euros, Stage::Attribue).dispositif = Some(dispositif);
        }
    }

    /// Somebody else's share; the State's is on the credits of the politique de la ville.
    fn share(&mut self, percent: usize, funder: Funder, (least, most): (i64, i64)) {
        if !self.chance.percent(percent) {
            return;
        }
        let asked_only = if self.project.year == 2026 { 45 } else { 10 };
        let stage = if self.chance.percent(asked_only) { Stage::Sollicite } else { Stage::Attribue };
        let euros = self.chance.euros(least, most);
        self.add(funder, euros, stage).dispositif = matches!(funder, Funder::Etat(_)).then_some("BOP-147");
    }

    fn add(&mut self, funder: Funder, euros: i64, stage: Stage) -> &mut Commitment {
        let cents = if self.chance.percent(15) { i64::try_from(self.chance.below(100)).unwrap_or(0) } else { 0 };
        self.list.push(Commitment {
            funder,
            nature: self.nature,
            form: Form::Subvention,
            stage,
            amount: Cents::new(euros * 100 + cents),
            asked: None,
            voted: None,
            year: self.project.year,
            dispositif: None,
        });
        self.list.last_mut().expect("just added")
    }
}

//! Orientation before any money: which credits may come to a project that nobody filed yet.

use super::geography::Dispositif;
use super::organisation::Organisation;
use super::{Reader, ViewError};
use crate::check::{self, Imagined, Reason, Standing};
use crate::domain::Date;
use crate::domain::facts::Places;
use crate::domain::message::Message;
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::place::{CommuneCode, ContratCode, QuartierCode};
use crate::domain::siren::Siren;
use crate::domain::text::{ActionCode, quoted};
use crate::domain::vocabulary::{Nature, Severity};
use crate::portfolio::Moment;

/// What is asked of a project that nobody filed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Code of the action.
    pub action: String,
    /// Who would carry it: an identity, a SIREN, or the word for a kind of holder ([`check::kinds_of_holders`]).
    pub holder: String,
    /// A quartier, a contrat de ville, a commune by its code, an EPCI by its SIREN.
    pub place: String,
    /// Section of the budget.
    pub nature: Nature,
    /// First and last day, where they are known.
    pub days: (Option<Date>, Option<Date>),
}

/// What an action of the dividing lines asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Credits that are specific to the politique de la ville may not intervene.
    DroitCommunOnly,
    /// Droit commun is to be sought first.
    DroitCommunPreferred,
    /// Specific credits complement what droit commun funds.
    Complementary,
}

/// An action of the dividing lines.
#[derive(Clone)]
pub struct Action(&'static check::Sheet);

impl Action {
    /// Its code.
    pub fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// What it is.
    pub fn title(&self) -> &Message {
        &self.0.title
    }

    /// The text that it comes from.
    pub fn legal(&self) -> Option<&str> {
        self.0.legal.as_deref()
    }

    /// What it asks.
    pub fn line(&self) -> Line {
        match (&*self.0.formula, self.0.severity) {
            ("droit-commun-only", _) => Line::DroitCommunOnly,
            (_, Severity::Info) => Line::Complementary,
            _ => Line::DroitCommunPreferred,
        }
    }
}

/// What is to be asked where.
#[derive(Clone)]
pub struct Orientation {
    reader: Reader,
    action: Action,
    found: check::Orientation,
}

/// A credit, and how it stands.
#[derive(Clone)]
pub struct Credit {
    reader: Reader,
    credit: check::Credit,
}

impl Reader {
    /// The actions of the dividing lines, at the instant of the reader.
    pub fn actions(&self) -> Vec<Action> {
        check::actions(self.rulebook(), self.now().date_naive()).map(|(_, sheet)| Action(sheet)).collect()
    }

    /// What is to be asked where.
    ///
    /// # Errors
    /// An action, a holder or a place that nobody knows; a last day before the first.
    pub fn orientation(&self, asked: &Asked) -> Result<Orientation, ViewError> {
        let action = self.actions().into_iter().find(|action| action.code() == asked.action);
        let action = action.ok_or_else(|| self.no_action(&asked.action))?;
        if asked.days.0.zip(asked.days.1).is_some_and(|(starts, ends)| ends < starts) {
            return Err(ViewError::BadInput(Message::new(
                "« endsOn » est avant « startsOn » : donnez le dernier jour après le premier",
                "`endsOn` is before `startsOn`: give the last day after the first",
            )));
        }
        let imagined = Imagined {
            action: ActionCode::parse(action.code()).map_err(|_| self.no_action(&asked.action))?,
            holder: holder(&asked.holder)?,
            places: self.place(&asked.place)?,
            nature: asked.nature,
            starts_on: asked.days.0,
            ends_on: asked.days.1,
        };
        let rules = (self.rulebook(), self.plan_key());
        let moment = Moment { now: self.now(), max_age_s: None };
        let found = check::orientation(self.portfolio(), &imagined, rules, moment);
        let found = found.ok_or_else(|| self.no_action(&asked.action))?;
        Ok(Orientation { reader: self.clone(), action, found })
    }

    fn no_action(&self, text: &str) -> ViewError {
        let actions = self.actions();
        let codes: Vec<&str> = actions.iter().map(Action::code).collect();
        let (text, codes) = (quoted(text), codes.join(", "));
        ViewError::BadInput(Message::new(
            format!("« {text} » n'est pas une action des lignes de partage ; il y a : {codes}"),
            format!("« {text} » is no action of the dividing lines; there are: {codes}"),
        ))
    }

    fn place(&self, text: &str) -> Result<Places, ViewError> {
        let portfolio = self.portfolio();
        let mut places = Places::default();
        if let (Ok(code), Some(_)) = (QuartierCode::parse(text), portfolio.quartier_by_code(text)) {
            places.quartiers.push(code);
        } else if let (Ok(code), Some(_)) = (ContratCode::parse(text), portfolio.contrat_by_code(text)) {
            places.contrats.push(code);
        } else if let (Ok(siren), Some(_)) = (Siren::parse(text), portfolio.epci_by_siren(text)) {
            places.epcis.push(siren);
        } else if let Some(code) = CommuneCode::parse(text).ok().filter(|code| portfolio.knows_commune(code)) {
            places.communes.push(code);
        } else {
            let text = quoted(text);
            return Err(ViewError::BadInput(Message::new(
                format!("« {text} » n'est ni un quartier, ni un contrat de ville, ni une commune, ni un EPCI connu"),
                format!("« {text} » is no known quartier, contrat de ville, commune or EPCI"),
            )));
        }
        Ok(places)
    }
}

fn holder(text: &str) -> Result<OrganisationId, ViewError> {
    if let Some(kind) = check::kind_of_holder(text) {
        return Ok(kind);
    }
    let id = match text {
        digits if digits.len() == 9 && digits.bytes().all(|one| one.is_ascii_digit()) => {
            OrganisationId::parse(&format!("siren:{digits}"))
        }
        id => OrganisationId::parse(id),
    };
    let known = id.ok().filter(|id| id.kind() != OrganisationKind::Person);
    known.ok_or_else(|| {
        let text: String = text.chars().take(60).collect();
        let kinds = check::kinds_of_holders().collect::<Vec<_>>().join(", ");
        ViewError::BadInput(Message::new(
            format!("« {text} » n'est pas un porteur : un SIREN, un identifiant d'organisme, ou un genre ({kinds})"),
            format!("« {text} » is no holder: a SIREN, the id of an organisation, or a kind ({kinds})"),
        ))
    })
}

impl Orientation {
    /// The action.
    pub fn action(&self) -> Action {
        self.action.clone()
    }

    /// Every credit that is known, those to ask first first.
    pub fn credits(&self) -> impl Iterator<Item = Credit> {
        let all = self.found.credits.iter();
        all.map(|credit| Credit { reader: self.reader.clone(), credit: credit.clone() })
    }

    /// Whose word is needed.
    pub fn hearings(&self) -> &[Reason] {
        &self.found.hearings
    }
}

impl Credit {
    /// The funding scheme.
    pub fn dispositif(&self) -> Dispositif {
        Dispositif::new(&self.reader, self.credit.dispositif)
    }

    /// Who gives it; `None`: no source says.
    pub fn funder(&self) -> Option<Organisation> {
        self.credit.funder.map(|funder| Organisation::new(&self.reader, funder))
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.credit.standing
    }

    /// Why, or what is still to be met.
    pub fn reasons(&self) -> &[Reason] {
        &self.credit.reasons
    }
}

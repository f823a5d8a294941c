//! Filters: what the caller writes, made into what a view understands. A code that is none by its form is refused; one that
//! nobody knows matches nothing.

use super::error::{ApiError, Code};
use super::scalar::Decimal;
use super::vocabulary::{Family, Form, Knowledge, Nature, Objective, Stage};
use crate::domain::ParseError;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::siren::Siren;
use crate::domain::text::{DispositifCode, SourceId};
use crate::view;
use async_graphql::{ID, InputObject};

/// Longest text to search for: every project is held against each of its words.
const SEARCH_CHARACTERS_MAX: usize = 200;
/// Values of one list of a filter.
const VALUES_MAX: usize = 1_000;

/// Which projects. Every field given must hold; within a list, one value is enough. A project lies in a place when it
/// says so or when it follows with certainty from what it says.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ProjectFilter {
    /// Words that the title or a reference holds, without regard to case and accents; all of them.
    search: Option<String>,
    /// Codes of quartiers.
    quartier: Option<Vec<String>>,
    /// Codes of contrats de ville.
    contrat: Option<Vec<ID>>,
    /// SIREN of EPCI.
    epci: Option<Vec<String>>,
    /// INSEE codes of communes.
    commune: Option<Vec<String>>,
    /// Codes of départements.
    departement: Option<Vec<String>>,
    /// Objectives under which the project is filed.
    objective: Option<Vec<Objective>>,
    /// Organisations that carry it: ids, or SIREN.
    holder: Option<Vec<ID>>,
    /// Families of credits of at least one of its commitments.
    family: Option<Vec<Family>>,
    /// Organisations that fund it: ids, or SIREN.
    funder: Option<Vec<ID>>,
    /// Codes of dispositifs of at least one of its commitments.
    dispositif: Option<Vec<String>>,
    /// Budget years of the project or of at least one of its commitments.
    year: Option<Vec<i32>>,
    /// What the check says of all means. Every project that the rest lets through is judged: narrow the rest down first.
    knowledge: Option<Vec<Knowledge>>,
    /// True: only projects whose last attestation no longer says what the check says now. False: only the others that were
    /// attested. A project of which no source holds a record any more is in no list: `verdictChanged` and webhooks tell it, once
    /// (`PROJECT_GONE`), and `asOf` shows it as it was.
    attested_but_changed: Option<bool>,
}

impl ProjectFilter {
    /// The filter of what is told as it happens, which asks nothing of the check.
    ///
    /// # Errors
    /// Something is asked of the check, or an empty list.
    pub fn without_judgement(mut self) -> Result<view::ProjectFilter, ApiError> {
        if self.judgement()? != view::Judgement::default() {
            let message =
                "`knowledge` and `attestedButChanged` filter lists, not what is told as it happens: leave them out";
            return Err(ApiError::new(Code::BadInput, message));
        }
        self.try_into()
    }

    /// What is asked of the check, taken out of the filter.
    pub fn judgement(&mut self) -> Result<view::Judgement, ApiError> {
        Ok(view::Judgement {
            knowledge: listed("knowledge", self.knowledge.take(), Into::into)?,
            attested_but_changed: self.attested_but_changed.take(),
        })
    }
}

/// Which commitments. Every field given must hold; within a list, one value is enough.
#[derive(InputObject, Debug, Clone, Default)]
pub struct CommitmentFilter {
    /// Of this project.
    project: Option<ID>,
    /// Codes of quartiers of the project.
    quartier: Option<Vec<String>>,
    /// Codes of contrats de ville of the project.
    contrat: Option<Vec<ID>>,
    /// SIREN of EPCI of the project.
    epci: Option<Vec<String>>,
    /// INSEE codes of communes of the project.
    commune: Option<Vec<String>>,
    /// Codes of départements of the project.
    departement: Option<Vec<String>>,
    /// Families of credits.
    family: Option<Vec<Family>>,
    /// Sources whose statement has the last word: ids.
    source: Option<Vec<ID>>,
    /// Funders: ids, or SIREN.
    funder: Option<Vec<ID>>,
    /// Codes of dispositifs.
    dispositif: Option<Vec<String>>,
    /// Objectives of the project.
    objective: Option<Vec<Objective>>,
    /// Organisations that carry the project: ids, or SIREN. What these received, by whoever funds.
    holder: Option<Vec<ID>>,
    /// Funders, ids or SIREN, of which one decided to put something into the project: what all put beside them, and they themselves.
    beside: Option<Vec<ID>>,
    /// Nature; a commitment of which no source says the nature matches neither.
    nature: Option<Nature>,
    /// Forms of the means.
    form: Option<Vec<Form>>,
    /// Stages, exactly.
    stage: Option<Vec<Stage>>,
    /// This stage or a later one, in the order of stages; never REFUSE nor ABANDONNE.
    stage_at_least: Option<Stage>,
    /// Budget years.
    year: Option<Vec<i32>>,
    /// Of at least this amount in euros; an unknown amount does not match.
    amount_min: Option<Decimal>,
    /// Of at most this amount in euros; an unknown amount does not match.
    amount_max: Option<Decimal>,
}

/// Which target envelopes. Every field given must hold; within a list, one value is enough.
#[derive(InputObject, Debug, Clone, Default)]
pub struct EnvelopeFilter {
    /// Funders: ids, or SIREN.
    funder: Option<Vec<ID>>,
    /// SIREN of the EPCI that they are for; one for no EPCI in particular matches none.
    epci: Option<Vec<String>>,
    /// Codes of the dispositifs that they are for; one for no dispositif in particular matches none.
    dispositif: Option<Vec<String>>,
    /// Budget years: those that cover one of them.
    year: Option<Vec<i32>>,
    /// Nature; one for both natures matches neither.
    nature: Option<Nature>,
}

impl TryFrom<EnvelopeFilter> for view::EnvelopeFilter {
    type Error = ApiError;

    fn try_from(filter: EnvelopeFilter) -> Result<Self, ApiError> {
        Ok(view::EnvelopeFilter {
            funder: coded("funder", filter.funder, organisation)?,
            epci: coded("epci", filter.epci, Siren::parse)?,
            dispositif: coded("dispositif", filter.dispositif, DispositifCode::parse)?,
            year: years(filter.year)?,
            nature: filter.nature.map(Into::into),
        })
    }
}

/// What a list asks for. An empty list is refused: it might mean all as well as nothing.
fn listed<Given, Meant>(
    name: &str,
    values: Option<Vec<Given>>,
    meant: impl Fn(Given) -> Meant,
) -> Result<Vec<Meant>, ApiError> {
    match values {
        None => Ok(Vec::new()),
        Some(values) if values.is_empty() => {
            Err(ApiError::new(Code::BadInput, format!("`{name}` is an empty list: leave it out to ask for all")))
        }
        Some(values) if values.len() > VALUES_MAX => {
            Err(ApiError::new(Code::BadInput, format!("`{name}` holds more than {VALUES_MAX} values")))
        }
        Some(values) => Ok(values.into_iter().map(meant).collect()),
    }
}

/// Codes, each of its form: one that is mistyped would let nothing through, and nothing would be told for a sum.
fn coded<Parsed>(
    name: &str,
    values: Option<Vec<impl Into<String>>>,
    parse: impl Fn(&str) -> Result<Parsed, ParseError>,
) -> Result<Vec<String>, ApiError> {
    let values = listed(name, values, Into::into)?;
    for value in &values {
        parse(value).map_err(|error| ApiError::new(Code::BadInput, format!("`{name}`: {error}")))?;
    }
    Ok(values)
}

/// An organisation: its identifier, or the SIREN alone.
fn organisation(text: &str) -> Result<(), ParseError> {
    OrganisationId::parse(text).map(drop).or_else(|error| Siren::parse(text).map(drop).map_err(|_| error))
}

fn years(years: Option<Vec<i32>>) -> Result<Vec<u16>, ApiError> {
    listed("year", years, budget_year)?.into_iter().collect()
}

/// A budget year.
///
/// # Errors
/// A number that is none.
pub fn budget_year(year: i32) -> Result<u16, ApiError> {
    u16::try_from(year).map_err(|_| ApiError::new(Code::BadInput, format!("{year} is no year")))
}

impl TryFrom<ProjectFilter> for view::ProjectFilter {
    type Error = ApiError;

    fn try_from(filter: ProjectFilter) -> Result<Self, ApiError> {
        if filter.search.as_ref().is_some_and(|text| text.chars().count() > SEARCH_CHARACTERS_MAX) {
            let message = format!("`search` is longer than {SEARCH_CHARACTERS_MAX} characters");
            return Err(ApiError::new(Code::BadInput, message));
        }
        Ok(view::ProjectFilter {
            search: filter.search,
            places: view::PlaceFilter {
                quartier: coded("quartier", filter.quartier, QuartierCode::parse)?,
                contrat: coded("contrat", filter.contrat, ContratCode::parse)?,
                epci: coded("epci", filter.epci, Siren::parse)?,
                commune: coded("commune", filter.commune, CommuneCode::parse)?,
                departement: coded("departement", filter.departement, DepartementCode::parse)?,
            },
            objective: listed("objective", filter.objective, Into::into)?,
            holder: coded("holder", filter.holder, organisation)?,
            family: listed("family", filter.family, Into::into)?,
            funder: coded("funder", filter.funder, organisation)?,
            dispositif: coded("dispositif", filter.dispositif, DispositifCode::parse)?,
            year: years(filter.year)?,
        })
    }
}

impl TryFrom<CommitmentFilter> for view::CommitmentFilter {
    type Error = ApiError;

    fn try_from(filter: CommitmentFilter) -> Result<Self, ApiError> {
        Ok(view::CommitmentFilter {
            project: filter.project.map(|id| id.0),
            places: view::PlaceFilter {
                quartier: coded("quartier", filter.quartier, QuartierCode::parse)?,
                contrat: coded("contrat", filter.contrat, ContratCode::parse)?,
                epci: coded("epci", filter.epci, Siren::parse)?,
                commune: coded("commune", filter.commune, CommuneCode::parse)?,
                departement: coded("departement", filter.departement, DepartementCode::parse)?,
            },
            objective: listed("objective", filter.objective, Into::into)?,
            holder: coded("holder", filter.holder, organisation)?,
            beside: coded("beside", filter.beside, organisation)?,
            family: listed("family", filter.family, Into::into)?,
            source: coded("source", filter.source, SourceId::parse)?,
            funder: coded("funder", filter.funder, organisation)?,
            dispositif: coded("dispositif", filter.dispositif, DispositifCode::parse)?,
            nature: filter.nature.map(Into::into),
            form: listed("form", filter.form, Into::into)?,
            stage: listed("stage", filter.stage, Into::into)?,
            stage_at_least: filter.stage_at_least.map(Into::into),
            year: years(filter.year)?,
            amount_min: filter.amount_min.map(|amount| amount.0),
            amount_max: filter.amount_max.map(|amount| amount.0),
        })
    }
}

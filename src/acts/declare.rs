//! A body declares what it commits to a project, or that it commits nothing: its own word, one more record of the source
//! `declarations`, never an edit of another.
//!
//! In bulk, `declareNothing` makes one record for each project that the contract has at this moment and on which the body
//! is expected; projects added later are not covered, and a project where nobody expects the body is left out: its silence
//! there is no gap. A project into which its own word already puts a sum of that nature is left out too, and named: "nothing"
//! would contradict it.

use super::CONFLICTS_MAX;
use super::caller::Caller;
use super::declared::{Place, check, check_against, opposed, row};
use super::refusal::Refusal;
use super::registrar::{Append, Registrar, WORDS_MAX, line, words_if_any};
use crate::domain::chain::{Digest, FieldHasher, LedgerVersion};
use crate::domain::declaration::{Declaration, Declared, Request, source};
use crate::domain::organisation::OrganisationId;
use crate::domain::place::ContratCode;
use crate::domain::project::ProjectId;
use crate::domain::siren::Siren;
use crate::domain::text::RecordKey;
use crate::domain::vocabulary::Objective;
use crate::ledger::{LedgerError, NewRow};
use crate::portfolio::{PlaceKey, Portfolio, ProjectCase, ProjectIx};
use serde::Serialize;

/// Projects that one declaration may be about.
pub const PROJECTS_DECLARED_MAX: usize = 2_000;

/// What is asked to be declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declaring {
    /// Where.
    pub target: Target,
    /// What.
    pub declared: Declared,
    /// In the funder's own words.
    pub comment: Option<String>,
    /// The group of legal persons that is spoken for, where it is not the organisation itself.
    pub on_behalf_of: Option<OrganisationId>,
    /// The caller's own name for this request.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// What a declaration is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Target {
    /// One project.
    Project(String),
    /// The projects that a contract has at this moment.
    Contrat {
        /// Its code.
        contrat: String,
        /// Only those filed under this objective.
        objective: Option<Objective>,
        /// Only those of this budget year: one that runs over several years is not.
        year: Option<u16>,
    },
}

/// What was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// One declaration for each project.
    pub parts: Vec<Part>,
    /// Is it about whatever projects a contract had?
    pub in_bulk: bool,
    /// In bulk: the projects that were left out, for the body's own word puts a sum there.
    pub left_out: Vec<ProjectId>,
    /// The ledger version that holds it.
    pub version: LedgerVersion,
}

/// A declaration about one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its key in the source `declarations`.
    pub key: RecordKey,
    /// The project that it was made about.
    pub project: ProjectId,
    /// Was the funder expected there?
    pub expected: bool,
}

/// A request and the keys that its declarations have.
struct Numbering {
    by: Siren,
    /// Whose person asks: another issuer's may choose the same key for something else.
    issuer: Option<String>,
    request: Option<Request>,
}

impl Registrar {
    /// Declares.
    ///
    /// # Errors
    /// What is asked makes no sense, is not for this organisation to say, or the ledger refuses it.
    pub async fn declare(&self, caller: &Caller, asked: Declaring) -> Result<Taken, Refusal> {
        caller.for_its_own_means()?;
        let funder = caller.speaks_as(asked.on_behalf_of.as_ref(), &self.members)?;
        check(&asked.declared)?;
        let comment = words_if_any("comment", asked.comment.as_deref(), WORDS_MAX)?;
        let (by, issuer) = (caller.siren(), caller.author().issuer.clone());
        let numbering = Numbering { by, issuer, request: request(&asked)? };
        let draft = Declaration {
            project: ProjectId::from_bytes([0; 8]),
            by: caller.siren(),
            funder,
            declared: asked.declared.clone(),
            comment: comment.clone(),
            expected: true,
            request: numbering.request.clone(),
        };
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.turn().await?;
            if let Some(first) = self.answered(caller, &numbering, (&asked, &draft)).await? {
                return Ok(first);
            }
            let portfolio = self.gateway.current();
            let (declarations, left_out) = self.declarations((caller, &portfolio), &asked.target, &draft)?;
            let keys = self.keys(&numbering, declarations.len()).await?;
            let rows = self.rows(&portfolio, &keys, &declarations)?;
            let profile = Some(source()).filter(|profile| portfolio.source_by_id(profile.id.as_str()).is_none());
            let append = Append {
                kind: "declaration",
                author: caller.author(),
                reason: comment.as_deref().unwrap_or_default().to_owned(),
                profile,
                acts: Vec::new(),
            };
            if let Some(head) = self.append(&turn, append, rows).await? {
                let parts = keys.into_iter().zip(declarations).map(|(key, one)| part(key, one)).collect();
                let in_bulk = matches!(asked.target, Target::Contrat { .. });
                return Ok(Taken { parts, in_bulk, left_out, version: head.version });
            }
        }
        Err(self.conflict().into())
    }

    /// The declarations to make, one for each project; in bulk, the projects that are left out.
    fn declarations(
        &self,
        (caller, portfolio): (&Caller, &Portfolio),
        target: &Target,
        draft: &Declaration,
    ) -> Result<(Vec<Declaration>, Vec<ProjectId>), Refusal> {
        let of = |project: ProjectIx| Declaration {
            project: portfolio.project(project).id.clone(),
            expected: (self.tenets.is_expected)(portfolio, project, &draft.funder),
            ..draft.clone()
        };
        match target {
            Target::Project(id) => {
                let project = self.project_seen(caller, (portfolio, id))?;
                let declaration = of(project);
                let case = self.case_seen(caller, (portfolio, project));
                let case = case.as_deref().unwrap_or_else(|| portfolio.project(project));
                check_against(portfolio, (project, case), &declaration, None)?;
                Ok((vec![declaration], Vec::new()))
            }
            Target::Contrat { contrat, objective, year } => {
                let (ix, code) = self.contrat_seen(caller, (portfolio, contrat))?;
                // As the caller sees it: what only others see must not tell that it is there.
                let is_meant = |case: &ProjectCase| {
                    case.places.contrats.contains(&ix)
                        && objective.is_none_or(|objective| case.objectives.contains(&objective))
                        && year.is_none_or(|year| case.year == Some(year))
                };
                let seen = (self.clearance(caller), self.today());
                let case = |project: &ProjectIx| portfolio.case_seen(*project, (&seen.0, seen.1));
                let all = portfolio.projects_of(PlaceKey::Contrat(ix)).iter().copied();
                let meant = all.filter(|project| case(project).is_some_and(|case| is_meant(&case)));
                in_bulk((portfolio, &code), meant, of)
            }
        }
    }

    /// A key for each declaration, of which the ledger has none.
    async fn keys(&self, numbering: &Numbering, count: usize) -> Result<Vec<RecordKey>, LedgerError> {
        let head = self.gateway.current().head();
        for attempt in 0_u64.. {
            let keys: Vec<RecordKey> = (0..count).map(|rank| numbering.key(rank, (head.version, attempt))).collect();
            if self.gateway.ledger().current_of(&source().id, &keys, head.version).await?.is_empty() {
                return Ok(keys);
            }
        }
        unreachable!("attempts without end")
    }

    fn rows(
        &self,
        portfolio: &Portfolio,
        keys: &[RecordKey],
        declarations: &[Declaration],
    ) -> Result<Vec<NewRow>, LedgerError> {
        let now = self.clock.now();
        let row_of = |(key, declaration): (&RecordKey, &Declaration)| {
            let project = Some(declaration.project.clone());
            row(portfolio, declaration, Place { key: key.clone(), project, first_seen: now, replaces: None }, now)
        };
        keys.iter().zip(declarations).map(row_of).collect()
    }

    /// What the same request was answered before; nothing for a new one.
    async fn answered(
        &self,
        caller: &Caller,
        numbering: &Numbering,
        (asked, draft): (&Declaring, &Declaration),
    ) -> Result<Option<Taken>, Refusal> {
        let Some(request) = &numbering.request else { return Ok(None) };
        let ledger = self.gateway.ledger();
        let (id, first) = (source().id, numbering.key(0, (LedgerVersion(0), 0)));
        let Some(version) = ledger.history(&id, &first).await?.first().map(|version| version.version) else {
            return Ok(None);
        };
        let mut parts = Vec::new();
        for rank in 0.. {
            let key = numbering.key(rank, (LedgerVersion(0), 0));
            let Some(declaration) = self.declaration(&key, version).await? else { break };
            let same = declaration.request.as_ref().is_some_and(|before| before.digest == request.digest);
            if !same || declaration.by != numbering.by {
                return Err(asked_otherwise(&request.key));
            }
            parts.push(part(key, declaration));
        }
        let in_bulk = matches!(asked.target, Target::Contrat { .. });
        let left_out =
            if in_bulk { self.left_out_at(caller, version, (&asked.target, draft)).await? } else { Vec::new() };
        Ok(Some(Taken { parts, in_bulk, left_out, version }))
    }

    /// The projects that a bulk declaration left out which was made at a version: it was decided on the picture before. None that the
    /// caller sees no more, and none at all where it would be refused today.
    async fn left_out_at(
        &self,
        caller: &Caller,
        version: LedgerVersion,
        (target, draft): (&Target, &Declaration),
    ) -> Result<Vec<ProjectId>, Refusal> {
        let before = self.gateway.at(LedgerVersion(version.0.saturating_sub(1))).await?;
        let Some(before) = before else { return Ok(Vec::new()) };
        Ok(self.declarations((caller, &before), target, draft).map_or_else(|_| Vec::new(), |(_, left_out)| left_out))
    }

    /// What a declaration said at a version.
    pub(super) async fn declaration(
        &self,
        key: &RecordKey,
        version: LedgerVersion,
    ) -> Result<Option<Declaration>, LedgerError> {
        let Some(raw) = self.gateway.ledger().raw(&source().id, key, version).await? else { return Ok(None) };
        let unreadable = |error| LedgerError::Refused(format!("declaration {key} cannot be read back: {error}"));
        serde_json::from_str(&raw.raw).map(Some).map_err(unreadable)
    }
}

impl Numbering {
    /// The key of the declaration at `rank`. A request that its caller named finds its own again; another one has the
    /// version that it is decided at, which no other append has.
    fn key(&self, rank: usize, (version, attempt): (LedgerVersion, u64)) -> RecordKey {
        let mut hasher = FieldHasher::new();
        hasher.field(self.by.as_str().as_bytes()).field(&(rank as u64).to_be_bytes());
        match &self.request {
            Some(request) => {
                hasher.field(b"request").field(request.key.as_bytes());
                self.issuer.iter().fold(&mut hasher, |hasher, issuer| hasher.field(issuer.as_bytes()))
            }
            None => hasher.field(&version.0.to_be_bytes()).field(&attempt.to_be_bytes()),
        };
        let digits = hasher.finish().to_string();
        RecordKey::parse(&format!("d{}", &digits[..16])).expect("d and sixteen digits")
    }
}

fn part(key: RecordKey, declaration: Declaration) -> Part {
    Part { key, project: declaration.project, expected: declaration.expected }
}

fn request(asked: &Declaring) -> Result<Option<Request>, Refusal> {
    let Some(key) = &asked.idempotency_key else { return Ok(None) };
    let key = line("idempotencyKey", key)?;
    let content = serde_json::to_string(asked).map_err(|error| LedgerError::Rows(error.into()))?;
    Ok(Some(Request { key, digest: Digest::of(content.as_bytes()) }))
}

fn asked_otherwise(key: &str) -> Refusal {
    Refusal::conflict(
        format!("« idempotencyKey » {key} a déjà servi à une autre déclaration : prenez-en une nouvelle"),
        format!("`idempotencyKey` {key} was used for another declaration already: take a new one"),
    )
}

/// One declaration for each project of the contract on which the body is expected and did not say the same before; the projects into
/// which its own word already puts a sum are left out.
fn in_bulk(
    (portfolio, code): (&Portfolio, &ContratCode),
    projects: impl Iterator<Item = ProjectIx>,
    of: impl Fn(ProjectIx) -> Declaration,
) -> Result<(Vec<Declaration>, Vec<ProjectId>), Refusal> {
    let expected: Vec<(ProjectIx, Declaration)> =
        projects.map(|project| (project, of(project))).filter(|(_, declaration)| declaration.expected).collect();
    let (mut all, mut left_out, mut said) = (Vec::new(), Vec::new(), 0);
    for (project, declaration) in expected {
        let is_put = portfolio.puts_itself(project, (&declaration.funder, &declaration.declared));
        match opposed(portfolio, project, &declaration, None) {
            Some(key) if says_nothing(portfolio, project, key) => said += 1,
            None if !is_put => all.push(declaration),
            _ => left_out.push(declaration.project),
        }
    }
    if all.is_empty() && !left_out.is_empty() {
        return Err(all_put(code.as_str(), &left_out));
    }
    if all.is_empty() || all.len() > PROJECTS_DECLARED_MAX {
        return Err(none_or_too_many(code.as_str(), all.len(), said));
    }
    Ok((all, left_out))
}

/// The refusal of a "nothing" where the body's own word puts a sum into each project that is left.
fn all_put(contrat: &str, left_out: &[ProjectId]) -> Refusal {
    let listed = left_out.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let count = left_out.len();
    Refusal::conflict(
        format!(
            "votre propre parole (déclaration ou système) met déjà une somme de cette nature dans chacun des {count} projets \
             qui restent à dire dans ce périmètre du contrat {contrat} ({listed}) : il n'y a aucun néant à y déclarer"
        ),
        format!(
            "your own word (a declaration or your system) already puts a sum of that nature into each of the {count} projects \
             that are left to be told in this part of the contract {contrat} ({listed}): there is no nothing to declare there"
        ),
    )
}

fn says_nothing(portfolio: &Portfolio, project: ProjectIx, key: &RecordKey) -> bool {
    let case = portfolio.project(project);
    case.nothings().iter().any(|nothing| {
        let record = case.record(nothing);
        record.key == *key && portfolio.is_of_declarations(record.source)
    })
}

fn none_or_too_many(contrat: &str, found: usize, said: usize) -> Refusal {
    if found > 0 {
        return Refusal::bad_input(
            format!("{found} projets à la fois, plus que {PROJECTS_DECLARED_MAX} : précisez l'objectif ou l'exercice"),
            format!("{found} projects at once, more than {PROJECTS_DECLARED_MAX}: name the objective or the year"),
        );
    }
    Refusal::bad_input(
        format!(
            "cet organisme n'est attendu sur aucun autre projet de ce périmètre du contrat {contrat} ({said} déjà dits) : \
             il n'y a rien à y déclarer ; un projet seul se nomme par « project »"
        ),
        format!(
            "this body is expected on no other project of this part of the contract {contrat} ({said} said already): there \
             is nothing to declare there; a single project is named by `project`"
        ),
    )
}

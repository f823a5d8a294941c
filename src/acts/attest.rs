//! The act of attesting: a check is frozen, signed, and kept in the ledger.

use super::CONFLICTS_MAX;
use crate::check::{self, Attested, Case, Check, Disclosure, Rulebook};
use crate::clock::Clock;
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActId, KeptThen, PlanContent, RecordThen, VoteFound};
use crate::domain::project::ProjectId;
use crate::gateway::Gateway;
use crate::identity::{ATTESTATION, PublicKeys, SignatureError, Signer};
use crate::ledger::{LedgerError, NewEntry};
use crate::portfolio::{Moment, PlanKey, Portfolio, ProjectIx, RecordEntry};
use arc_swap::ArcSwap;
use std::sync::Arc;

/// Attests checks, for those who may.
#[derive(Clone)]
pub struct Attester {
    gateway: Arc<Gateway>,
    clock: Clock,
    signer: Arc<ArcSwap<Signer>>,
    plan_secret: Arc<[u8]>,
    rulebook: &'static Rulebook,
}

/// An attestation that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The act in the ledger.
    pub id: ActId,
    /// The project.
    pub project: ProjectId,
    /// The ledger version that was checked.
    pub checked: LedgerVersion,
    /// The ledger version after.
    pub version: LedgerVersion,
    /// When.
    pub at: Instant,
    /// The signed text.
    pub jws: String,
    /// Amounts that stand in it as digests.
    pub disclosures: Vec<Disclosure>,
}

/// Why nothing is attested.
#[derive(Debug, thiserror::Error)]
pub enum AttestError {
    /// A project that is not there.
    #[error("there is no project {0}")]
    NoProject(String),
    /// The check says no.
    #[error(
        "project {0} is not ready: look at its findings, or ask explicitly for a statement of gaps (asStatementOfGaps: true)"
    )]
    NotReady(ProjectId),
    /// The text cannot be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Attester {
    /// An attester on `gateway` that signs with `signer`.
    pub fn new(gateway: Arc<Gateway>, clock: Clock, signer: Signer, plan_secret: &[u8]) -> Self {
        Attester {
            gateway,
            clock,
            signer: Arc::new(ArcSwap::from_pointee(signer)),
            plan_secret: plan_secret.into(),
            rulebook: Rulebook::of_the_product(),
        }
    }

    /// The same, whose checks follow these rules instead of those of the product.
    #[must_use]
    pub fn with_rulebook(self, rulebook: &'static Rulebook) -> Self {
        Attester { rulebook, ..self }
    }

    /// The public keys.
    pub fn public_keys(&self) -> PublicKeys {
        self.signer.load().public_keys()
    }

    /// Signs with these keys from now on, and makes theirs public instead of those before.
    pub fn sign_with(&self, signer: Signer) {
        self.signer.store(Arc::new(signer));
    }

    /// Checks a project now, signs what comes of it, and keeps it in the ledger. A project that is not ready is attested only
    /// as a statement of gaps, asked for as such.
    ///
    /// # Errors
    /// No such project, not ready, or the ledger refuses.
    pub async fn issue(&self, author: &Author, project: &str, as_gaps: bool) -> Result<Issued, AttestError> {
        for _ in 0..=CONFLICTS_MAX {
            let turn = self.gateway.turn().await;
            turn.catch_up().await?;
            let portfolio = self.gateway.current();
            let ix = ProjectId::parse(project).ok().and_then(|id| portfolio.project_by_id(&id));
            let ix = ix.ok_or_else(|| AttestError::NoProject(project.to_owned()))?;
            // Where the clock is behind the last entry, the ledger dates by that one: so does what is attested of it.
            let at = self.clock.now().max(portfolio.head().at);
            let (attested, disclosures) = self.attested(&portfolio, ix, at);
            let keepers = portfolio.keepers(ix, at.date_naive());
            let kept = keepers.into_iter().map(|(by, until)| KeptThen { by: by.clone(), until }).collect();
            let found = Found {
                vote: check::vote_found(&portfolio, ix, at.date_naive()),
                kept,
                rests_on: records_of(&portfolio, ix),
                content: portfolio.plan_content(ix),
                tells_links: !portfolio.undecided(ix).is_empty(),
            };
            if !attested.ready && !as_gaps {
                return Err(AttestError::NotReady(attested.project.id));
            }
            let jws = self.signer.load().sign(ATTESTATION, &canonical(&attested))?;
            match turn.append_alone(self.entry(author, (&attested, at), (&jws, found))).await {
                Err(LedgerError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(head) => {
                    self.gateway.keep_earlier(portfolio).await;
                    return Ok(self.issued(attested, (head.version, at), (jws, disclosures)));
                }
            }
        }
        let version = self.gateway.current().head().version;
        Err(LedgerError::Conflict { expected: version, found: version }.into())
    }

    /// What would be attested of a project of an earlier picture, at that instant: the same, byte for byte.
    pub fn derive(&self, portfolio: &Portfolio, project: ProjectIx, at: Instant) -> Vec<u8> {
        canonical(&self.attested(portfolio, project, at).0)
    }

    /// The same in the form of an attestation of before; `None`: in a form that there never was.
    pub fn derive_in_form(
        &self,
        portfolio: &Portfolio,
        (project, at): (ProjectIx, Instant),
        form: &str,
    ) -> Option<Vec<u8>> {
        self.attested(portfolio, project, at).0.in_form(form).map(|attested| canonical(&attested))
    }

    /// How many attestations of a picture nobody can verify with the public keys of by now.
    pub fn unproven(&self, portfolio: &Portfolio) -> usize {
        let keys = self.public_keys();
        portfolio.signed_texts().filter(|jws| keys.verify(ATTESTATION, jws).is_err()).count()
    }

    fn attested(&self, portfolio: &Portfolio, project: ProjectIx, at: Instant) -> (Attested, Vec<Disclosure>) {
        let key = PlanKey(&self.plan_secret);
        let moment = Moment { now: at, max_age_s: None };
        let case = Case::of(portfolio, project, (self.rulebook, key), moment)
            .beside_those_undecided(Some(portfolio.undecided(project).into()));
        check::attested(&case, &Check::of(&case), key)
    }

    fn entry(&self, author: &Author, (attested, at): (&Attested, Instant), (jws, found): (&str, Found)) -> NewEntry {
        NewEntry {
            base: attested.ledger.version,
            kind: "attestation".to_owned(),
            author: author.clone(),
            reason: String::new(),
            at,
            profile: None,
            run: None,
            decisions: Vec::new(),
            acts: vec![Act::Attested {
                project: attested.project.id.clone(),
                plan: attested.plan.version.clone(),
                content: Some(found.content),
                ready: attested.ready,
                knowledge: attested.knowledge,
                checked: attested.ledger.version,
                checked_at: at,
                rulebook: attested.rulebook.as_str().into(),
                valid_until: attested.valid_until.as_deref().and_then(|text| text.parse().ok()),
                vote: Some(found.vote),
                kept: found.kept,
                rests_on: found.rests_on,
                tells_links: found.tells_links,
                jws: jws.into(),
            }],
        }
    }

    fn issued(
        &self,
        attested: Attested,
        (version, at): (LedgerVersion, Instant),
        (jws, disclosures): (String, Vec<Disclosure>),
    ) -> Issued {
        let portfolio = self.gateway.current();
        let project = portfolio.project_by_id(&attested.project.id);
        let mut acts = project.into_iter().flat_map(|project| portfolio.acts_about(project).rev().collect::<Vec<_>>());
        let id = acts.find(|entry| entry.version == version).map_or(ActId(0), |entry| entry.id);
        Issued { id, project: attested.project.id, checked: attested.ledger.version, version, at, jws, disclosures }
    }
}

/// What an attestation found beside what it signs.
struct Found {
    vote: VoteFound,
    kept: Vec<KeptThen>,
    rests_on: Vec<RecordThen>,
    content: PlanContent,
    tells_links: bool,
}

fn records_of(portfolio: &Portfolio, project: ProjectIx) -> Vec<RecordThen> {
    let of = |record: &RecordEntry| RecordThen {
        source: portfolio.source(record.source).profile.id.clone(),
        key: record.key.clone(),
    };
    portfolio.project(project).records.iter().map(of).collect()
}

/// Canonical JSON (RFC 8785): the same content is the same bytes.
fn canonical(attested: &Attested) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(attested).expect("a content of texts and whole numbers has a canonical form")
}

//! Finding things in a portfolio.

use super::Portfolio;
use super::atlas::{Commune, Contrat, Crosswalk, Departement, Dispositif, Epci, Quartier};
use super::case::{Commitment, CommitmentId, ProjectCase, RecordEntry};
use super::directory::Organisation;
use super::index::{
    CommitmentIx, CommuneIx, ContratIx, DepartementIx, DispositifIx, EpciIx, OrganisationIx, ProjectIx, QuartierIx,
    SourceIx,
};
use crate::domain::image::{Head, SourceImage};
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::siren::Siren;
use crate::domain::vocabulary::Family;
use std::collections::BTreeSet;
use std::ops::Range;

/// Whose projects are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKey {
    /// Those in a quartier.
    Quartier(QuartierIx),
    /// Those of a contrat de ville.
    Contrat(ContratIx),
    /// Those in an EPCI.
    Epci(EpciIx),
    /// Those in a commune.
    Commune(CommuneIx),
    /// Those in a département.
    Departement(DepartementIx),
    /// Those that an organisation carries or funds.
    Organisation(OrganisationIx),
}

/// Gives the entry behind an index of this portfolio.
macro_rules! entries {
    ($($(#[$doc:meta])* $name:ident($index:ty) -> $entry:ty: $table:ident;)+) => {
        $($(#[$doc])* pub fn $name(&self, index: $index) -> &$entry {
            &self.lexicon.atlas.$table[index.get()]
        })+
    };
}

impl Portfolio {
    /// The ledger's head that this is the picture of.
    pub fn head(&self) -> Head {
        self.head
    }

    /// All projects, in the order of identifiers.
    pub fn projects(&self) -> impl ExactSizeIterator<Item = (ProjectIx, &ProjectCase)> {
        self.cases.iter().enumerate().map(|(at, case)| (ProjectIx::at(at), &**case))
    }

    /// A project.
    pub fn project(&self, project: ProjectIx) -> &ProjectCase {
        &self.cases[project.get()]
    }

    /// The project that `id` names, or named before it was joined with an older one. Of a project that is only seen as far as it is
    /// public, an identifier that gave way leads there where a record that was its own is seen: else it is one that never was.
    pub fn project_by_id(&self, id: &ProjectId) -> Option<ProjectIx> {
        let now = self.redirects.resolve(id);
        let at = self.cases.binary_search_by(|case| case.id.cmp(now)).ok()?;
        self.leads(id, &self.cases[at]).then(|| ProjectIx::at(at))
    }

    /// Does an identifier that names a project, or gave way to it, lead to it in this form of it?
    pub(super) fn leads(&self, id: &ProjectId, case: &ProjectCase) -> bool {
        let mut given = case.records.iter().filter_map(|record| record.given.as_ref());
        case.id == *id || !case.abridged || given.any(|given| self.was_of(given, id))
    }

    /// Was what was given `given` known by `id`, before a person or the matcher joined that with others?
    fn was_of(&self, given: &ProjectId, id: &ProjectId) -> bool {
        given == id || self.redirects.atom_of(id) == id && self.redirects.atom_of(given) == id
    }

    /// The identifier that `id` is known by now.
    pub fn resolve<'a>(&'a self, id: &'a ProjectId) -> &'a ProjectId {
        self.redirects.resolve(id)
    }

    /// The identifier that `id` is known by now, with all that lead there.
    pub fn names_of(&self, id: &ProjectId) -> BTreeSet<ProjectId> {
        let now = self.resolve(id);
        self.redirects.leading_to(now).chain([now]).cloned().collect()
    }

    /// The projects of a place or an organisation, in order.
    pub fn projects_of(&self, key: PlaceKey) -> &[ProjectIx] {
        let lists = &self.whereabouts;
        match key {
            PlaceKey::Quartier(ix) => lists.quartiers.get(ix.get()),
            PlaceKey::Contrat(ix) => lists.contrats.get(ix.get()),
            PlaceKey::Epci(ix) => lists.epcis.get(ix.get()),
            PlaceKey::Commune(ix) => lists.communes.get(ix.get()),
            PlaceKey::Departement(ix) => lists.departements.get(ix.get()),
            PlaceKey::Organisation(ix) => lists.organisations.get(ix.get()),
        }
    }

    /// How many commitments there are.
    pub fn commitment_count(&self) -> usize {
        self.columns.cents.len()
    }

    /// A commitment and the project that it belongs to.
    pub fn commitment(&self, commitment: CommitmentIx) -> (ProjectIx, &Commitment) {
        let project = self.columns.projects[commitment.get()] as usize;
        let within = commitment.get() - self.columns.starts[project] as usize;
        (ProjectIx::at(project), &self.cases[project].commitments[within])
    }

    /// The commitments of a project.
    pub fn commitments_of(&self, project: ProjectIx) -> impl ExactSizeIterator<Item = CommitmentIx> + use<> {
        let starts = &self.columns.starts;
        let range: Range<usize> = starts[project.get()] as usize..starts[project.get() + 1] as usize;
        range.map(CommitmentIx::at)
    }

    /// The commitment of a project that `id` names.
    pub fn commitment_by_id(&self, project: ProjectIx, id: &str) -> Option<CommitmentIx> {
        self.commitments_of(project).find(|at| self.commitment(*at).1.id.to_string() == id)
    }

    /// An organisation.
    pub fn organisation(&self, organisation: OrganisationIx) -> Organisation<'_> {
        self.directory.show(&self.lexicon, organisation)
    }

    /// The identity of an organisation.
    pub fn identity(&self, organisation: OrganisationIx) -> &OrganisationId {
        &self.lexicon.organisations[organisation.get()]
    }

    /// The organisation of an identity, where anything speaks of it.
    pub fn organisation_of(&self, id: &OrganisationId) -> Option<OrganisationIx> {
        let found = self.lexicon.organisations.get_index_of(id).map(OrganisationIx::at);
        found.filter(|organisation| self.directory.knows(*organisation))
    }

    /// Every quartier that a table or a project names.
    pub fn quartiers(&self) -> impl Iterator<Item = &Quartier> {
        self.lexicon.atlas.quartiers.values()
    }

    /// The organisation of a SIREN.
    pub fn organisation_by_siren(&self, siren: Siren) -> Option<OrganisationIx> {
        self.organisation_of(&OrganisationId::from(siren))
    }

    /// A source, as it stands at this version.
    pub fn source(&self, source: SourceIx) -> &SourceImage {
        &self.lexicon.sources[source.get()]
    }

    /// The source of an identifier.
    pub fn source_by_id(&self, id: &str) -> Option<SourceIx> {
        let id = crate::domain::text::SourceId::parse(id).ok()?;
        self.lexicon.sources.get_index_of(&id).map(SourceIx::at)
    }

    /// All sources, in the order of identifiers.
    pub fn sources(&self) -> Vec<SourceIx> {
        let mut all: Vec<SourceIx> = (0..self.lexicon.sources.len()).map(SourceIx::at).collect();
        all.sort_by(|one, other| self.source(*one).profile.id.cmp(&self.source(*other).profile.id));
        all
    }

    /// Does a source hold target envelopes, or transfers between them?
    pub fn holds_envelopes(&self, source: SourceIx) -> bool {
        let (envelopes, id) = (&self.lexicon.envelopes, &self.source(source).profile.id);
        let origins = envelopes.all.iter().map(|one| &one.origin);
        let mut origins = origins.chain(envelopes.transfers.iter().map(|one| &one.origin));
        origins.any(|origin| origin.source == *id)
    }

    /// How many records of a source stand in the projects of this picture.
    pub fn records_in_projects(&self, source: SourceIx) -> u64 {
        let records = self.projects().flat_map(|(_, case)| case.records.iter());
        records.filter(|record| record.source == source).count() as u64
    }

    /// The organisations that a source may speak for, each once, in order of identity.
    pub fn speaks_for(&self, source: SourceIx) -> Vec<OrganisationIx> {
        let scopes = &self.source(source).profile.speaks_for;
        let mut funders: Vec<_> = scopes.iter().map(|scope| &scope.funder).collect();
        funders.sort_unstable();
        funders.dedup();
        funders
            .into_iter()
            .filter_map(|id| self.lexicon.organisations.get_index_of(id))
            .map(OrganisationIx::at)
            .collect()
    }

    /// The record of a project with this source and key.
    pub fn record(&self, project: ProjectIx, (source, key): (SourceIx, &str)) -> Option<&RecordEntry> {
        self.project(project).records.iter().find(|record| record.source == source && record.key.as_str() == key)
    }

    entries! {
        /// A quartier.
        quartier(QuartierIx) -> Quartier: quartiers;
        /// A contrat de ville.
        contrat(ContratIx) -> Contrat: contrats;
        /// An EPCI.
        epci(EpciIx) -> Epci: epcis;
        /// A commune.
        commune(CommuneIx) -> Commune: communes;
        /// A département.
        departement(DepartementIx) -> Departement: departements;
        /// A funding scheme.
        dispositif(DispositifIx) -> Dispositif: dispositifs;
    }

    /// The quartier of a code, when a table knows it or a project lies there.
    pub fn quartier_by_code(&self, code: &str) -> Option<QuartierIx> {
        let code = crate::domain::place::QuartierCode::parse(code).ok()?;
        let found = self.lexicon.atlas.quartiers.get_index_of(&code).map(QuartierIx::at)?;
        let stands = self.quartier(found).known || !self.projects_of(PlaceKey::Quartier(found)).is_empty();
        stands.then_some(found)
    }

    /// What the tables say became of a quartier, or of which it came, in their order.
    pub fn crosswalks(&self, quartier: QuartierIx) -> impl Iterator<Item = &Crosswalk> {
        let concerns = move |one: &&Crosswalk| one.from == quartier || one.to == quartier;
        self.lexicon.atlas.crosswalks.iter().filter(concerns)
    }

    /// The contrat de ville of a code, when a table knows it or a project lies there.
    pub fn contrat_by_code(&self, code: &str) -> Option<ContratIx> {
        let code = crate::domain::place::ContratCode::parse(code).ok()?;
        let found = self.lexicon.atlas.contrats.get_index_of(&code).map(ContratIx::at)?;
        let stands = self.contrat(found).known || !self.projects_of(PlaceKey::Contrat(found)).is_empty();
        stands.then_some(found)
    }

    /// Does a reference table know this commune?
    pub fn knows_commune(&self, code: &crate::domain::place::CommuneCode) -> bool {
        self.lexicon.atlas.communes.get(code).is_some_and(|commune| commune.known)
    }

    /// The EPCI of a SIREN, when a table knows it or a project lies there.
    pub fn epci_by_siren(&self, siren: &str) -> Option<EpciIx> {
        let siren = Siren::parse(siren).ok()?;
        let found = self.lexicon.atlas.epcis.get_index_of(&siren).map(EpciIx::at)?;
        let stands = self.epci(found).known || !self.projects_of(PlaceKey::Epci(found)).is_empty();
        stands.then_some(found)
    }

    /// The contracts of the reference tables, in order of code.
    pub fn contrats(&self) -> Vec<ContratIx> {
        let known = self.lexicon.atlas.contrats.values().enumerate().filter(|(_, contrat)| contrat.known);
        let mut all: Vec<ContratIx> = known.map(|(at, _)| ContratIx::at(at)).collect();
        all.sort_by(|one, other| self.contrat(*one).code.cmp(&self.contrat(*other).code));
        all
    }

    /// The funding schemes of a family (of any, without one) that a table knows or a commitment is made under, in
    /// order of code.
    pub fn dispositifs(&self, family: Option<Family>) -> Vec<DispositifIx> {
        let mut used = vec![false; self.lexicon.atlas.dispositifs.len() + 1];
        for code in self.columns.by_commitment[3].iter() {
            used[code as usize] = true;
        }
        let stands = |ix: &DispositifIx| self.dispositif(*ix).family.is_some() || used[ix.get() + 1];
        let all = (0..self.lexicon.atlas.dispositifs.len()).map(DispositifIx::at).filter(stands);
        let wanted = all.filter(|ix| family.is_none_or(|family| self.family_of(*ix) == family));
        let mut wanted: Vec<DispositifIx> = wanted.collect();
        wanted.sort_by(|one, other| self.dispositif(*one).code.cmp(&self.dispositif(*other).code));
        wanted
    }

    /// The family of a funding scheme: of the reference table, else the one that all its commitments have, else
    /// PARTENAIRES.
    pub fn family_of(&self, dispositif: DispositifIx) -> Family {
        self.dispositif(dispositif).family.unwrap_or_else(|| {
            let columns = &self.columns.by_commitment;
            let wanted = u32::try_from(dispositif.get() + 1).unwrap_or(u32::MAX);
            let mut families =
                columns[3].iter().zip(columns[0].iter()).filter(|(code, _)| *code == wanted).map(|(_, family)| family);
            let first = families.next();
            let family = first.filter(|first| families.all(|other| other == *first));
            family.map_or(Family::Partenaires, |code| Family::ALL[code as usize - 1])
        })
    }

    /// A rough count of the bytes that this portfolio holds.
    pub fn memory_estimate(&self) -> usize {
        let cases: usize = self.cases.iter().map(|case| case.memory()).sum();
        let texts: usize = self.lexicon.texts.iter().map(|text| text.len() + 32).sum();
        let organisations: usize = self.lexicon.organisations.iter().map(|id| id.as_str().len() + 32).sum();
        cases
            + texts
            + organisations
            + self.directory.memory()
            + self.columns.memory()
            + self.whereabouts.memory()
            + self.editions.memory()
            + self.regrants.memory()
    }
}

impl CommitmentId {
    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('c').filter(|digits| digits.len() == 16)?;
        u64::from_str_radix(digits, 16).ok().map(CommitmentId)
    }
}

impl ProjectCase {
    fn memory(&self) -> usize {
        let keys: usize = self.records.iter().map(|record| record.key.as_str().len()).sum();
        let warnings: usize = self.records.iter().map(|record| size_of_val(&*record.warnings)).sum();
        let references: usize =
            self.references.iter().map(|reference| reference.scheme.len() + reference.value.len()).sum();
        size_of::<ProjectCase>()
            + self.title.len()
            + self.sought.len()
            + self.own_words.memory()
            + keys
            + warnings
            + references
            + size_of_val(&*self.references)
            + size_of_val(&*self.objectives)
            + size_of_val(&*self.records)
            + size_of_val(&*self.commitments)
            + size_of_val(&*self.statements)
            + size_of_val(&*self.mentions)
            + size_of_val(&*self.places.quartiers)
            + size_of_val(&*self.places.communes)
            + size_of_val(&*self.places.epcis)
            + size_of_val(&*self.places.contrats)
            + size_of_val(&*self.places.departements)
            + size_of_val(&*self.places.shares)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::act::Decision;
    use crate::domain::facts::{OrganisationFacts, ProjectFacts, StatementFacts};
    use crate::domain::money::Cents;
    use crate::domain::organisation::OrganisationId;
    use crate::domain::record::RecordVersion;
    use crate::domain::vocabulary::{Family, Stage};
    use crate::portfolio::fixture::*;
    use crate::portfolio::{CommitmentFilter, PlaceKey, Portfolio, ProjectFilter};

    #[test]
    fn a_joined_project_is_found_under_both_identifiers() {
        let mut other = record("application", "a", vec![asked(REGION, 20_000)]);
        other.project = Some(project(2));
        let mut image = image(vec![record("region", "r", vec![grant(REGION)]), other]);
        assert_eq!(Portfolio::build(&image).projects().len(), 2);
        image.decisions.push(Decision::Redirect { from: project(2), to: project(1), reason: "cofinancement".into() });
        let joined = Portfolio::build(&image);
        assert_eq!(joined.projects().len(), 1);
        let found = joined.project_by_id(&project(2)).expect("redirected");
        assert_eq!(joined.project(found).id, project(1));
        assert_eq!(joined.commitment_count(), 1, "both speak of one sum");
        let filter = CommitmentFilter { project: Some(project(2).to_string()), ..CommitmentFilter::default() };
        assert_eq!(joined.commitments_where(&filter).len(), 1);
    }

    #[test]
    fn search_needs_every_word_and_no_accent() {
        let mut one = record("region", "r", Vec::new());
        one.facts.project =
            Some(ProjectFacts { title: "Réhabilitation de l'école".into(), ..ProjectFacts::default() });
        let portfolio = portfolio(vec![one, record("application", "a", Vec::new())]);
        let found = |search: &str| {
            portfolio.projects_where(&ProjectFilter { search: Some(search.into()), ..ProjectFilter::default() }).len()
        };
        assert_eq!((found("ecole REHABILITATION"), found("école titre a"), found("école crèche")), (1, 1, 0));
    }

    #[test]
    fn a_project_matches_by_one_commitment_that_has_all() {
        let year = |year, one| StatementFacts { year: Some(year), ..one };
        let portfolio =
            portfolio(vec![record("region", "r", vec![year(2024, grant(REGION)), year(2025, grant(METROPOLE))])]);
        let found = |funder: &str, year| {
            let filter = ProjectFilter { funder: vec![funder.into()], year: vec![year], ..ProjectFilter::default() };
            portfolio.projects_where(&filter).len()
        };
        assert_eq!((found(REGION, 2024), found(REGION, 2025), found(METROPOLE, 2025), found("x", 2024)), (1, 0, 1, 0));
    }

    #[test]
    fn what_a_body_receives_is_not_what_it_gives() {
        let mut carried = record("region", "r", vec![grant(REGION)]);
        carried.facts.project.get_or_insert_default().holder = METROPOLE.parse().ok();
        let funded = RecordVersion {
            project: Some(project(2)),
            ..record("application", "a", vec![grant(METROPOLE), grant(REGION)])
        };
        let portfolio = portfolio(vec![carried, funded]);
        let holder = vec![METROPOLE.to_owned()];
        let projects = portfolio.projects_where(&ProjectFilter { holder: holder.clone(), ..ProjectFilter::default() });
        assert_eq!(projects.len(), 1);
        let received = portfolio.totals(&CommitmentFilter { holder, ..CommitmentFilter::default() }, &[]).remove(0);
        assert_eq!((received.amount, received.count), (Some(Cents::new(10_000)), 1));
        let beside = CommitmentFilter { beside: vec![METROPOLE.to_owned()], ..CommitmentFilter::default() };
        assert_eq!(portfolio.totals(&beside, &[]).remove(0).count, 2, "all that is put where it puts something");
        let nobody = ProjectFilter { holder: vec!["x".into()], ..ProjectFilter::default() };
        assert!(portfolio.projects_where(&nobody).is_empty());
    }

    #[test]
    fn amounts_and_stages_filter_what_is_known() {
        let statements = vec![grant(REGION), StatementFacts { amount: None, ..grant(METROPOLE) }, asked(ETAT, 5)];
        let portfolio = portfolio(vec![record("region", "r", statements)]);
        let found = |filter: CommitmentFilter| portfolio.commitments_where(&filter).len();
        let all = CommitmentFilter::default();
        assert_eq!(found(all.clone()), 3);
        assert_eq!(found(CommitmentFilter { stage_at_least: Some(Stage::Propose), ..all.clone() }), 2);
        assert_eq!(found(CommitmentFilter { amount_max: Some(Cents::new(100)), ..all.clone() }), 1);
        assert_eq!(found(CommitmentFilter { family: vec![Family::Npnru], ..all.clone() }), 0);
        assert_eq!(found(CommitmentFilter { source: vec!["region".into()], ..all }), 3);
    }

    #[test]
    fn a_reported_share_does_not_take_the_family_of_the_source() {
        let portfolio = portfolio(vec![record("region", "r", vec![grant(REGION), grant(METROPOLE)])]);
        let families: Vec<Family> = commitments(&portfolio).iter().map(|one| one.family).collect();
        assert_eq!(families, [Family::PolitiqueDeLaVille, Family::Partenaires]);
    }

    #[test]
    fn an_organisation_has_the_name_observed_last() {
        let named = |key: &str, name: &str, second: i64| {
            let mut one = record("application", key, Vec::new());
            one.observed_at = at(second);
            let id = OrganisationId::parse(METROPOLE).expect("sound");
            one.facts.organisations = vec![OrganisationFacts { id: id.clone(), name: name.into(), siret: None }];
            one.facts.project.get_or_insert_default().holder = Some(id);
            one
        };
        let portfolio = portfolio(vec![named("b", "Métropole", 2), named("a", "LMCU", 1)]);
        let found = portfolio.organisation_by_id("siret:20009320100016").or(portfolio.organisation_by_id(METROPOLE));
        let found = found.expect("the holder");
        assert_eq!(portfolio.organisation(found).name, "Métropole");
        assert_eq!(portfolio.projects_of(PlaceKey::Organisation(found)).len(), 1);
    }

    #[test]
    fn identifiers_of_commitments_stay_when_others_come_to_speak() {
        let before = portfolio(vec![record("region", "r", vec![grant(REGION)])]);
        let mut later = record("application", "a", vec![asked(REGION, 5)]);
        later.first_seen = at(9);
        let after = portfolio(vec![record("region", "r", vec![grant(REGION)]), later]);
        assert_eq!(commitments(&before)[0].id, commitments(&after)[0].id);
        let id = commitments(&after)[0].id;
        assert_eq!(crate::portfolio::CommitmentId::parse(&id.to_string()), Some(id));
    }
}

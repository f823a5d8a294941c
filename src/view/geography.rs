//! Territories and funding schemes: entries of the atlas.

use super::envelope::Envelope;
use super::list::ProjectList;
use super::organisation::Organisation;
use super::{CommitmentFilter, EnvelopeFilter, PlaceFilter, Reader};
use crate::domain::money::BasisPoints;
use crate::domain::validity::Validity;
use crate::domain::vocabulary::{Family, Nature, QuartierKind};
use crate::portfolio::{self, CommuneIx, ContratIx, DispositifIx, EpciIx, PlaceKey, QuartierIx};

/// Declares a handle on an entry of the atlas.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident($ix:ty) of $entry:path, $get:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            reader: Reader,
            ix: $ix,
        }

        impl $name {
            pub(in crate::view) fn new(reader: &Reader, ix: $ix) -> Self {
                $name { reader: reader.clone(), ix }
            }

            fn entry(&self) -> &$entry {
                self.reader.portfolio().$get(self.ix)
            }

            /// The reader that it is seen through.
            pub fn reader(&self) -> &Reader {
                &self.reader
            }

            /// Its name; the code where no table gives one.
            pub fn name(&self) -> &str {
                &self.entry().name
            }
        }
    };
}

handle!(/** A handle on a quartier. */ Quartier(QuartierIx) of portfolio::Quartier, quartier);
handle!(/** A handle on a contrat de ville. */ Contrat(ContratIx) of portfolio::Contrat, contrat);
handle!(/** A handle on an EPCI. */ Epci(EpciIx) of portfolio::Epci, epci);
handle!(/** A handle on a commune. */ Commune(CommuneIx) of portfolio::Commune, commune);
handle!(/** A handle on a funding scheme. */ Dispositif(DispositifIx) of portfolio::Dispositif, dispositif);

impl Quartier {
    /// Its code.
    pub fn code(&self) -> &str {
        self.entry().code.as_str()
    }

    /// Kind of perimeter.
    pub fn kind(&self) -> QuartierKind {
        self.entry().kind
    }

    /// Is it a quartier of the NPNRU? `None`: not verified.
    pub fn npnru(&self) -> Option<bool> {
        self.entry().npnru
    }

    /// Communes that it lies on.
    pub fn communes(&self) -> impl Iterator<Item = Commune> {
        self.entry().communes.iter().map(|ix| Commune::new(&self.reader, *ix))
    }

    /// EPCI that it lies in.
    pub fn epcis(&self) -> impl Iterator<Item = Epci> {
        self.entry().epcis.iter().map(|ix| Epci::new(&self.reader, *ix))
    }

    /// Contracts that it belongs to.
    pub fn contrats(&self) -> impl Iterator<Item = Contrat> {
        self.entry().contrats.iter().map(|ix| Contrat::new(&self.reader, *ix))
    }

    /// When it holds, as far as a table says.
    pub fn validity(&self) -> Validity {
        self.entry().validity
    }

    /// What tables say of how it passed into later quartiers, or came of former ones.
    pub fn crosswalks(&self) -> impl Iterator<Item = Crosswalk> {
        let all = self.reader.portfolio().crosswalks(self.ix);
        all.map(|one| Crosswalk {
            from: Quartier::new(&self.reader, one.from),
            to: Quartier::new(&self.reader, one.to),
            share: one.share,
            confidence: one.confidence,
            validity: one.validity,
        })
    }

    /// Quartiers that it comes from.
    pub fn predecessors(&self) -> impl Iterator<Item = Quartier> {
        self.entry().predecessors.iter().map(|ix| Quartier::new(&self.reader, *ix))
    }

    /// Quartiers that come from it.
    pub fn successors(&self) -> impl Iterator<Item = Quartier> {
        self.entry().successors.iter().map(|ix| Quartier::new(&self.reader, *ix))
    }

    /// The filter for the commitments to projects that lie in it; with its perimeters: in those that it comes from, however far back, and
    /// those that come from it, too.
    pub fn commitments_filter(&self, with_perimeters: bool) -> CommitmentFilter {
        let mut codes = vec![self.code().to_owned()];
        if with_perimeters {
            codes.extend(self.line(|one| &one.predecessors));
            codes.extend(self.line(|one| &one.successors));
        }
        let places = PlaceFilter { quartier: codes, ..PlaceFilter::default() };
        CommitmentFilter { places, ..CommitmentFilter::default() }
    }

    /// The codes of those that a step leads to, then of those that it leads to from there, each once.
    fn line(&self, step: impl Fn(&portfolio::Quartier) -> &[QuartierIx]) -> Vec<String> {
        let entry = |ix: QuartierIx| self.reader.portfolio().quartier(ix);
        let mut met = vec![self.ix];
        let mut at = 0;
        while let Some(from) = met.get(at).copied() {
            for ix in step(entry(from)) {
                if !met.contains(ix) {
                    met.push(*ix);
                }
            }
            at += 1;
        }
        met[1..].iter().map(|ix| entry(*ix).code.to_string()).collect()
    }
}

/// What became of a quartier of a former geography.
#[derive(Clone)]
pub struct Crosswalk {
    /// The former quartier.
    pub from: Quartier,
    /// The later one.
    pub to: Quartier,
    /// The part of the former that lies in the later, where it is stated.
    pub share: Option<BasisPoints>,
    /// How sure that is, where it is stated.
    pub confidence: Option<BasisPoints>,
    /// When the link holds.
    pub validity: Validity,
}

impl Contrat {
    pub(in crate::view) fn ix(&self) -> ContratIx {
        self.ix
    }

    /// When it holds, as far as a table says.
    pub fn validity(&self) -> Validity {
        self.entry().validity
    }

    /// Its code.
    pub fn code(&self) -> &str {
        self.entry().code.as_str()
    }

    /// Its pilot; where no source says it, an organisation that says so.
    pub fn pilot(&self) -> Organisation {
        match self.entry().pilot {
            Some(ix) => Organisation::new(&self.reader, ix),
            None => {
                Organisation::unstated(&self.reader, format!("unstated:pilot:{}", self.code()), "Pilote non précisé")
            }
        }
    }

    /// Whoever signed it, as far as a table says.
    pub fn signatories(&self) -> impl Iterator<Item = Organisation> {
        self.entry().signatories.iter().map(|ix| Organisation::new(&self.reader, *ix))
    }

    /// Its quartiers.
    pub fn quartiers(&self) -> impl Iterator<Item = Quartier> {
        self.entry().quartiers.iter().map(|ix| Quartier::new(&self.reader, *ix))
    }

    /// The projects that lie in it.
    pub fn projects(&self) -> ProjectList {
        ProjectList::new(&self.reader, self.reader.portfolio().projects_of(PlaceKey::Contrat(self.ix)).to_vec())
    }

    /// The filter for the commitments to its projects.
    pub fn commitments_filter(&self) -> CommitmentFilter {
        let places = PlaceFilter { contrat: vec![self.code().to_owned()], ..PlaceFilter::default() };
        CommitmentFilter { places, ..CommitmentFilter::default() }
    }
}

impl Epci {
    /// Its SIREN.
    pub fn siren(&self) -> &str {
        self.entry().siren.as_str()
    }

    /// Its communes.
    pub fn communes(&self) -> impl Iterator<Item = Commune> {
        self.entry().communes.iter().map(|ix| Commune::new(&self.reader, *ix))
    }

    /// Contracts whose perimeter it or one of its communes is in.
    pub fn contrats(&self) -> impl Iterator<Item = Contrat> {
        self.entry().contrats.iter().map(|ix| Contrat::new(&self.reader, *ix))
    }

    /// The envelopes that are for it, of one year or of all; none for whoever sees no envelopes.
    pub fn envelopes(&self, year: Option<u16>) -> Vec<Envelope> {
        let epci = vec![self.siren().to_owned()];
        self.reader
            .envelopes(&EnvelopeFilter { epci, year: year.into_iter().collect(), ..EnvelopeFilter::default() })
            .all()
    }

    /// The filter for the commitments to projects that lie in it.
    pub fn commitments_filter(&self) -> CommitmentFilter {
        let places = PlaceFilter { epci: vec![self.siren().to_owned()], ..PlaceFilter::default() };
        CommitmentFilter { places, ..CommitmentFilter::default() }
    }
}

impl Commune {
    /// Its code.
    pub fn code(&self) -> &str {
        self.entry().code.as_str()
    }

    /// Code of its département.
    pub fn departement(&self) -> &str {
        self.reader.portfolio().departement(self.entry().departement).code.as_str()
    }

    /// Its EPCI, where a table says it.
    pub fn epci(&self) -> Option<Epci> {
        self.entry().epci.map(|ix| Epci::new(&self.reader, ix))
    }
}

impl Dispositif {
    /// Its code.
    pub fn code(&self) -> &str {
        self.entry().code.as_str()
    }

    /// Family of credits; that of the table, else the one of all its commitments, else PARTENAIRES.
    pub fn family(&self) -> Family {
        self.reader.portfolio().family_of(self.ix)
    }

    /// Natures that it may fund, where a table tells.
    pub fn natures(&self) -> &[Nature] {
        &self.entry().natures
    }

    /// The envelopes that are for it, of one year or of all; none for whoever sees no envelopes.
    pub fn envelopes(&self, year: Option<u16>) -> Vec<Envelope> {
        let dispositif = vec![self.code().to_owned()];
        let filter = EnvelopeFilter { dispositif, year: year.into_iter().collect(), ..EnvelopeFilter::default() };
        self.reader.envelopes(&filter).all()
    }

    /// The filter for the commitments under it.
    pub fn commitments_filter(&self) -> CommitmentFilter {
        CommitmentFilter { dispositif: vec![self.code().to_owned()], ..CommitmentFilter::default() }
    }
}

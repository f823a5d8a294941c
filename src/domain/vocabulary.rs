//! The closed vocabularies of the public schema. One word per concept: the same in TOML, SQL, Rust and GraphQL.

use super::{ParseError, text_serde};
use std::fmt;

/// Declares a closed vocabulary: an enum, its words in order, `parse`, `as_str`, `Display`, serde.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident: $expected:literal { $($(#[$word_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_doc])* $variant),+ }

        impl $name {
            /// Every word, in the order of the schema.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as it stands in the schema.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Reads the word, letter for letter.
            ///
            /// # Errors
            /// Any other text.
            pub fn parse(text: &str) -> Result<Self, ParseError> {
                match text { $($word => Ok($name::$variant),)+ _ => Err(ParseError::new(text, $expected)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        text_serde!($name);
    };
}

vocabulary! {
    /// The family of credits. A commitment has the family of its dispositif.
    Family: "family (NPNRU, DROIT_COMMUN, FONDS_EUROPEENS, POLITIQUE_DE_LA_VILLE, PARTENAIRES)" {
        /// Nouveau programme national de renouvellement urbain.
        Npnru = "NPNRU",
        /// Ordinary credits, open to all territories.
        DroitCommun = "DROIT_COMMUN",
        /// European funds.
        FondsEuropeens = "FONDS_EUROPEENS",
        /// Credits specific to the politique de la ville.
        PolitiqueDeLaVille = "POLITIQUE_DE_LA_VILLE",
        /// Where no other family is known.
        Partenaires = "PARTENAIRES",
    }
}

vocabulary! {
    /// Section of the budget. Never guessed: unstated is `None`.
    Nature: "nature (INVESTISSEMENT, FONCTIONNEMENT)" {
        /// Investment.
        Investissement = "INVESTISSEMENT",
        /// Operation.
        Fonctionnement = "FONCTIONNEMENT",
    }
}

vocabulary! {
    /// What the means are made of. Totals keep grants, loans, abatements and kind apart.
    Form: "form (SUBVENTION, PRET, EN_NATURE, INGENIERIE, EXONERATION, AUTOFINANCEMENT, RECETTES)" {
        /// A grant.
        Subvention = "SUBVENTION",
        /// A loan.
        Pret = "PRET",
        /// Work or goods in kind.
        EnNature = "EN_NATURE",
        /// Staff time and expertise.
        Ingenierie = "INGENIERIE",
        /// Forgone tax (TFPB abatement).
        Exoneration = "EXONERATION",
        /// The holder's own funds.
        Autofinancement = "AUTOFINANCEMENT",
        /// Receipts of the project.
        Recettes = "RECETTES",
    }
}

vocabulary! {
    /// Where a sum stands. In order from ENVISAGE to SOLDE; REFUSE and ABANDONNE stand outside it.
    Stage: "stage (ENVISAGE, SOLLICITE, PROPOSE, ATTRIBUE, ENGAGE, VERSE, SOLDE, REFUSE, ABANDONNE)" {
        /// Considered.
        Envisage = "ENVISAGE",
        /// Asked for: the applicant's word.
        Sollicite = "SOLLICITE",
        /// Retained by a technical or steering committee.
        Propose = "PROPOSE",
        /// Voted by the funder.
        Attribue = "ATTRIBUE",
        /// Contracted (convention, engagement juridique).
        Engage = "ENGAGE",
        /// Paid, in part or whole.
        Verse = "VERSE",
        /// Closed at its final figure.
        Solde = "SOLDE",
        /// Refused by the funder.
        Refuse = "REFUSE",
        /// Given up.
        Abandonne = "ABANDONNE",
    }
}

impl Form {
    /// Does the holder of a project put it itself, as its signed plan says: its funds, the receipts, what it brings in kind?
    pub const fn is_holders_means(self) -> bool {
        matches!(self, Form::Autofinancement | Form::Recettes | Form::EnNature)
    }
}

impl Stage {
    /// Place in the order, or `None` for the two stages outside it.
    pub const fn rank(self) -> Option<u8> {
        match self {
            Stage::Refuse | Stage::Abandonne => None,
            other => Some(other as u8),
        }
    }

    /// Voted or later: counts as decided money.
    pub fn is_decided(self) -> bool {
        self.at_least(Stage::Attribue)
    }

    /// In the order and not before `floor`. False for REFUSE and ABANDONNE.
    pub fn at_least(self, floor: Stage) -> bool {
        matches!((self.rank(), floor.rank()), (Some(own), Some(least)) if own >= least)
    }
}

vocabulary! {
    /// Whether an amount is before tax, with tax, or unstated.
    TaxBasis: "tax basis (HT, TTC, NON_PRECISE)" {
        /// Before tax.
        Ht = "HT",
        /// With tax.
        Ttc = "TTC",
        /// Not stated.
        NonPrecise = "NON_PRECISE",
    }
}

vocabulary! {
    /// Does the source speak for the funder, or report what others do?
    Authority: "authority (OWN, REPORTED)" {
        /// The funder's own word.
        Own = "OWN",
        /// Somebody else's word about the funder.
        Reported = "REPORTED",
    }
}

vocabulary! {
    /// What is known of one funder's share of one nature.
    CellState: "cell state (KNOWN, NOTHING, REPORTED, SILENT, STALE)" {
        /// The funder's own statement, complete and read in time.
        Known = "KNOWN",
        /// The funder itself declared none, or refused.
        Nothing = "NOTHING",
        /// Others say it, or it is only asked.
        Reported = "REPORTED",
        /// Expected, and nobody said anything.
        Silent = "SILENT",
        /// Known once, but a source needed could not be read in time, was held, or its record went bad.
        Stale = "STALE",
    }
}

vocabulary! {
    /// What the check says of all means of a project: the first that applies, from the end.
    Knowledge: "knowledge (KNOWN_AND_SHARED, KNOWN_NOT_SHARED, INCOMPLETE, UNVERIFIABLE)" {
        /// All means are known, and every funder has shared this very plan.
        KnownAndShared = "KNOWN_AND_SHARED",
        /// All means are known; some funder has not shared this plan.
        KnownNotShared = "KNOWN_NOT_SHARED",
        /// Somebody expected has not spoken, or not completely.
        Incomplete = "INCOMPLETE",
        /// A source that is needed was not read in time: nobody can say.
        Unverifiable = "UNVERIFIABLE",
    }
}

vocabulary! {
    /// What a finding means for the vote.
    Severity: "severity (BLOCKING, WARNING, INFO)" {
        /// The Region may not vote.
        Blocking = "BLOCKING",
        /// To be looked at, explained or confirmed.
        Warning = "WARNING",
        /// Good to know.
        Info = "INFO",
    }
}

vocabulary! {
    /// The objectives of the Region's framework under which a project is filed.
    Objective: "objective (CADRE_DE_VIE, TRANSITION, TISSU_ECONOMIQUE, QUALIFICATION, PROXIMITE, CO_CONSTRUCTION)" {
        /// Living environment.
        CadreDeVie = "CADRE_DE_VIE",
        /// Transitions (rev3).
        Transition = "TRANSITION",
        /// Economic fabric.
        TissuEconomique = "TISSU_ECONOMIQUE",
        /// Qualification and employment.
        Qualification = "QUALIFICATION",
        /// Proximity with inhabitants.
        Proximite = "PROXIMITE",
        /// Co-construction of the contracts.
        CoConstruction = "CO_CONSTRUCTION",
    }
}

vocabulary! {
    /// Kind of perimeter.
    QuartierKind: "kind of quartier (QPV, VEILLE, VECU)" {
        /// Quartier prioritaire, the State's geography.
        Qpv = "QPV",
        /// Quartier de veille.
        Veille = "VEILLE",
        /// Quartier vécu, recognised by the Region.
        Vecu = "VECU",
    }
}

vocabulary! {
    /// A language of the product's messages.
    Language: "language (FR, EN)" {
        /// French.
        Fr = "FR",
        /// English.
        En = "EN",
    }
}

vocabulary! {
    /// A dimension of totals.
    Dimension: "dimension (FAMILY, SOURCE, FUNDER, DISPOSITIF, NATURE, FORM, STAGE, YEAR, OBJECTIVE, QUARTIER, CONTRAT, EPCI, COMMUNE, DEPARTEMENT)" {
        /// Family of credits.
        Family = "FAMILY",
        /// Source of the deciding statement.
        Source = "SOURCE",
        /// Funder.
        Funder = "FUNDER",
        /// Dispositif.
        Dispositif = "DISPOSITIF",
        /// Nature.
        Nature = "NATURE",
        /// Form.
        Form = "FORM",
        /// Stage.
        Stage = "STAGE",
        /// Year (exercice).
        Year = "YEAR",
        /// Objective.
        Objective = "OBJECTIVE",
        /// Quartier.
        Quartier = "QUARTIER",
        /// Contrat de ville.
        Contrat = "CONTRAT",
        /// EPCI.
        Epci = "EPCI",
        /// Commune.
        Commune = "COMMUNE",
        /// Département.
        Departement = "DEPARTEMENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_and_abandoned_stand_outside_the_order() {
        assert!(Stage::Solde.at_least(Stage::Attribue));
        assert!(!Stage::Refuse.at_least(Stage::Envisage));
        assert!(!Stage::Sollicite.is_decided());
    }

    #[test]
    fn every_word_is_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Ok(*stage));
        }
        assert!(Stage::parse("VOTE").is_err());
    }
}

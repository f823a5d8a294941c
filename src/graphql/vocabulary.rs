//! The closed vocabularies in the schema: the same words as in the domain.

use crate::domain::reading;
use crate::domain::run;
use crate::domain::vocabulary as words;
use crate::view;
use async_graphql::Enum;

/// Declares the schema's form of a vocabulary of the domain, both ways.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident of $domain:path { $($(#[$word_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$word_doc])* $variant),+ }

        impl From<$domain> for $name {
            fn from(word: $domain) -> Self {
                match word { $(<$domain>::$variant => $name::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => <$domain>::$variant),+ }
            }
        }
    };
}
pub(in crate::graphql) use word_enum;

word_enum! {
    /// What the check says of all means of a project: the first that applies, from the last one up.
    Knowledge of words::Knowledge {
        /// All means are known, and every funder has shared this very plan.
        KnownAndShared,
        /// All means are known; some funder has not shared this plan.
        KnownNotShared,
        /// Somebody expected has not spoken, or not completely.
        Incomplete,
        /// A source that is needed was not read in time: nobody can say.
        Unverifiable,
    }
}

word_enum! {
    /// How a credit stands towards a project that nobody filed yet.
    Standing of view::Standing {
        /// To be asked for before credits that are specific to the politique de la ville.
        AskFirst,
        /// No rule that would block speaks against it; its reasons tell what is still to be met, verified or known.
        MayCome,
        /// A rule that decides lacks a fact: nobody can say.
        Unknown,
        /// A rule speaks against it.
        Excluded,
    }
}

word_enum! {
    /// What kind of change a verdict rests on.
    VerdictReasonKind of view::ChangeKind {
        /// A funder has a line in the plan that it had not.
        LineAppeared,
        /// A funder has no line any more.
        LineGone,
        /// What is known of a line is another.
        LineState,
        /// What a funder says it puts is another.
        LineAmount,
        /// The sums of a line are of another form, budget year or tax basis, are decided by now or no more, or are others: the version of
        /// the plan is another one.
        LineTerms,
        /// A line is no longer shared.
        ShareLapsed,
        /// A line is shared.
        Shared,
        /// The total cost of the project is another.
        Budget,
        /// A rule is broken, or lacks a fact, that was met.
        FindingAppeared,
        /// What comes of a rule is another: broken where it was unknown, graver, or about more or fewer things.
        FindingChanged,
        /// A rule is no longer broken and lacks no fact any more.
        FindingGone,
        /// No source holds a record of the project any more: nothing is known of its means.
        ProjectGone,
        /// What was attested no longer comes of the facts of then: the rules, the tables or the settings of the gateway are others.
        Rules,
    }
}

word_enum! {
    /// What a dividing line asks.
    LineKind of view::Line {
        /// Credits that are specific to the politique de la ville may not intervene.
        DroitCommunOnly,
        /// Droit commun is to be sought first; specific credits only beside it.
        DroitCommunPreferred,
        /// Specific credits complement what droit commun funds.
        Complementary,
    }
}

word_enum! {
    /// What lifts a rule that is broken or unknown.
    Lift of view::Lift {
        /// A derogation by the prefect, recorded.
        Derogation,
        /// A favourable opinion of a direction of the Region.
        DirectionOpinion,
        /// A favourable opinion of the body that pilots the contract.
        PilotOpinion,
        /// A favourable opinion of the Region's service that instructs.
        ServiceOpinion,
    }
}

word_enum! {
    /// What happened to a project.
    ProjectChangeKind of view::HistoryKind {
        /// A source gave a record for the first time, or a person stated something.
        RecordAppeared,
        /// A record says something else, or was mended after it went bad.
        RecordChanged,
        /// A source gives a record in a form that is rejected: the last good one stands, stale.
        RecordBad,
        /// A source does not hold a record any more.
        RecordClosed,
        /// A source holds a record again that it did not hold.
        RecordReturned,
        /// A shared reference made two projects one.
        Redirected,
        /// What a shared reference made one is two again: no record bears it any more.
        Unredirected,
        /// A record left the project that a reference had given it, for it bears another one now.
        Parted,
        /// The matcher made two projects one.
        Matched,
        /// The matcher took a link back.
        Unmatched,
        /// A person made two projects one.
        Linked,
        /// A person took a proposal of the matcher up: two projects are one.
        ProposalTaken,
        /// A person took a record out of a project.
        Separated,
        /// A person said of it and of another project that they are two.
        KeptApart,
        /// A source gives a record under another key, alike in all else: it is the same record. The reason names the key before.
        Renumbered,
    }
}

word_enum! {
    /// What a finding means for the vote.
    Severity of words::Severity {
        /// The Region may not vote.
        Blocking,
        /// To be looked at, explained or confirmed.
        Warning,
        /// Good to know.
        Info,
    }
}

word_enum! {
    /// What is shown to few.
    ShownKind of reading::ShownKind {
        /// Raw records.
        Raw,
        /// Rejected records.
        Rejections,
        /// What may be one project, and why records are.
        Links,
        /// The journal of reads.
        Journal,
    }
}

word_enum! {
    /// Who is behind a change.
    AuthorKind of view::AuthorKind {
        /// A source, as it was read.
        Source,
        /// A person, known by a token.
        Person,
        /// The matcher.
        Matcher,
        /// The gateway itself, or whoever runs it.
        Gateway,
    }
}

word_enum! {
    /// The family of credits. A commitment has the family of its dispositif; PARTENAIRES only where no other is known.
    Family of words::Family {
        /// Nouveau programme national de renouvellement urbain.
        Npnru,
        /// Ordinary credits, open to all territories.
        DroitCommun,
        /// European funds.
        FondsEuropeens,
        /// Credits specific to the politique de la ville.
        PolitiqueDeLaVille,
        /// Where no other family is known.
        Partenaires,
    }
}

word_enum! {
    /// Section of the budget. Never guessed: null where no source says it.
    Nature of words::Nature {
        /// Investment.
        Investissement,
        /// Operation.
        Fonctionnement,
    }
}

word_enum! {
    /// A loan, an abatement, work in kind are means but not grants: totals keep them apart.
    Form of words::Form {
        /// A grant.
        Subvention,
        /// A loan.
        Pret,
        /// Work or goods in kind.
        EnNature,
        /// Staff time and expertise.
        Ingenierie,
        /// Forgone tax (abatement of the TFPB).
        Exoneration,
        /// The holder's own funds.
        Autofinancement,
        /// Receipts of the project.
        Recettes,
    }
}

word_enum! {
    /// In order; stageAtLeast compares. REFUSE and ABANDONNE stand outside the order and count for nothing.
    Stage of words::Stage {
        /// Considered.
        Envisage,
        /// Asked for: the applicant's word, whoever's system holds it.
        Sollicite,
        /// Retained by a technical or steering committee.
        Propose,
        /// Voted by the funder.
        Attribue,
        /// Contracted (convention, engagement juridique).
        Engage,
        /// Paid, in part or whole.
        Verse,
        /// Closed at its final figure.
        Solde,
        /// Refused by the funder.
        Refuse,
        /// Given up.
        Abandonne,
    }
}

word_enum! {
    /// Is the amount before tax, with tax, or not stated? Sums over mixed bases say so.
    TaxBasis of words::TaxBasis {
        /// Before tax.
        Ht,
        /// With tax.
        Ttc,
        /// Not stated.
        NonPrecise,
    }
}

word_enum! {
    /// Does the source speak for the funder, or report what others do?
    Authority of words::Authority {
        /// The funder's own word.
        Own,
        /// Somebody else's word about the funder.
        Reported,
    }
}

word_enum! {
    /// What is known of one funder's share of one nature.
    CellState of words::CellState {
        /// The funder's own statement at PROPOSE or later, with amount and nature, and every source that speaks for it
        /// read in time.
        Known,
        /// The funder itself declared none, or refused; an absent row never means nothing.
        Nothing,
        /// Others say it, or it is only asked.
        Reported,
        /// Expected, and nobody said anything.
        Silent,
        /// Known once, but a source needed could not be read in time, was held, or its record went bad.
        Stale,
    }
}

word_enum! {
    /// The objectives of the Region's framework under which a project is filed.
    Objective of words::Objective {
        /// Living environment.
        CadreDeVie,
        /// Transitions (rev3).
        Transition,
        /// Economic fabric.
        TissuEconomique,
        /// Qualification and employment.
        Qualification,
        /// Proximity with inhabitants.
        Proximite,
        /// Co-construction of the contracts.
        CoConstruction,
    }
}

word_enum! {
    /// Kind of perimeter of a quartier.
    QuartierKind of words::QuartierKind {
        /// Quartier prioritaire, the State's geography.
        Qpv,
        /// Quartier de veille.
        Veille,
        /// Quartier vécu, recognised by the Region.
        Vecu,
    }
}

word_enum! {
    /// A language of the gateway's messages.
    Language of words::Language {
        /// French.
        Fr,
        /// English.
        En,
    }
}

word_enum! {
    /// A dimension of totals.
    Dimension of words::Dimension {
        /// Family of credits.
        Family,
        /// Source of the statement that decides.
        Source,
        /// Funder.
        Funder,
        /// Dispositif.
        Dispositif,
        /// Nature.
        Nature,
        /// Form.
        Form,
        /// Stage.
        Stage,
        /// Budget year (exercice).
        Year,
        /// Objective.
        Objective,
        /// Quartier: only stated shares split a sum; else it stands under several quartiers, once.
        Quartier,
        /// Contrat de ville.
        Contrat,
        /// EPCI.
        Epci,
        /// Commune.
        Commune,
        /// Département.
        Departement,
    }
}

word_enum! {
    /// How a run of a source ended.
    SyncOutcome of run::SyncOutcome {
        /// Not ended yet.
        Running,
        /// Applied.
        Succeeded,
        /// Read, but not applied: too much would have vanished, or the read was cut short; a person must let it through.
        Held,
        /// Not read.
        Failed,
    }
}

//! The programmes of the Union that fund projects directly, or across borders.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Programme {
    /// Horizon Europe: CORDIS, projects and participants in two files.
    Horizon,
    /// LIFE: one row a beneficiary.
    Life,
    /// European Urban Initiative: JSON by pages.
    Eui,
    /// New European Bauhaus: one row a beneficiary.
    Neb,
    /// Interreg Europe: a workbook of two sheets.
    InterregEurope,
    /// Interreg North-West Europe: a workbook of two sheets.
    InterregNwe,
    /// Interreg North Sea: a workbook of two sheets.
    InterregNsr,
    /// Interreg France-Wallonie-Vlaanderen: two files, with micro-projects.
    InterregFwvl,
}

impl Programme {
    /// Every programme.
    pub const ALL: [Programme; 8] = [
        Programme::Horizon,
        Programme::Life,
        Programme::Eui,
        Programme::Neb,
        Programme::InterregEurope,
        Programme::InterregNwe,
        Programme::InterregNsr,
        Programme::InterregFwvl,
    ];

    /// The identifier of its source.
    pub const fn source(self) -> &'static str {
        match self {
            Programme::Horizon => "horizon-europe",
            Programme::Life => "life",
            Programme::Eui => "eui",
            Programme::Neb => "neb",
            Programme::InterregEurope => "interreg-europe",
            Programme::InterregNwe => "interreg-nwe",
            Programme::InterregNsr => "interreg-nsr",
            Programme::InterregFwvl => "interreg-fwvl",
        }
    }

    /// The code of its scheme, which also names its fund.
    pub const fn code(self) -> &'static str {
        match self {
            Programme::Horizon => "HORIZON",
            Programme::Life => "LIFE",
            Programme::Eui => "EUI",
            Programme::Neb => "NEB",
            Programme::InterregEurope => "INTERREG-EUROPE",
            Programme::InterregNwe => "INTERREG-NWE",
            Programme::InterregNsr => "INTERREG-NSR",
            Programme::InterregFwvl => "INTERREG-FWVL",
        }
    }

    /// Does its list tell what the partners bring themselves?
    pub const fn is_interreg(self) -> bool {
        !matches!(self, Programme::Horizon | Programme::Life | Programme::Eui | Programme::Neb)
    }
}

//! `[map]`: how the fields of a record become facts, in the words of the domain.

use super::one_or_many::OneOrMany;
use super::rule::{Conversion, OrganisationRule, Rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[map]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Map {
    /// The record's key within its source: one field, or several joined by `/`.
    pub key: OneOrMany<Rule>,
    /// The part of the source that is read again as a whole (a year, a file). Absent: the source is undivided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Rule>,
    /// Records left out on purpose: those for which all the conditions hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_when: Option<OneOrMany<Condition>>,
    /// Texts that stand for an absent value in this source (`NC`, `NR`, `-`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// The project that the record is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectMap>,
    /// The sums that it states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statement: Vec<StatementMap>,
    /// The entry of a reference table that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferenceMap>,
    /// Fields that fill no word of ours and should be sound all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sound: Vec<SoundMap>,
    /// Records that are no records of the source, or that nobody can read with certainty: rejected, with this reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refuse: Vec<ToldMap>,
    /// What is to be doubted of a record that is taken all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn: Vec<ToldMap>,
}

/// `[[map.refuse]]`, `[[map.warn]]`: what the manifest's author knows of the source and no conversion can tell.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ToldMap {
    /// When it is told: all these conditions hold. What stands in the field of the first one is quoted.
    pub when: OneOrMany<Condition>,
    /// Stable code, kebab-case.
    pub code: String,
    /// Why, in French.
    pub fr: String,
    /// Why, in English.
    pub en: String,
}

/// `[[map.sound]]`: what stands there and is not sound is told with the record, for the source's owner to mend. Nothing is taken
/// from it. Exactly one of `as` and `in` must be there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SoundMap {
    /// The field, or several in order: the first that holds something is looked at.
    pub from: OneOrMany<String>,
    /// How it must read.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Conversion>,
    /// The words that may stand there.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub within: Option<OneOrMany<String>>,
}

/// A condition on a field. Texts are compared as headers are: without case, accents, blanks, hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Condition {
    /// The field, or several in order: the first that holds something is looked at.
    pub field: OneOrMany<String>,
    /// It holds one of these texts.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub within: Option<OneOrMany<String>>,
    /// It holds none of these texts (absent counts as none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in: Option<OneOrMany<String>>,
    /// It holds something, and nothing but these texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_in: Option<OneOrMany<String>>,
    /// Its first words are these: `Total` begins `TOTAL : 12`, not `Totalement`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_with: Option<OneOrMany<String>>,
    /// It holds something (`true`), or nothing (`false`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// What separates several texts in one cell: `in` holds when one of them is listed, `not-in` when none is,
    /// `only-in` when all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<OneOrMany<String>>,
}

/// `[map.project]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ProjectMap {
    /// Title as the source writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Rule>,
    /// Who carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<OrganisationRule>,
    /// Objectives under which it is filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objectives: Option<Rule>,
    /// Action of the dividing lines (`EMP-1`): only by `values`, never from words in a title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Rule>,
    /// References shared with other systems: certain links.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ReferenceRule>,
    /// Quartiers, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quartiers: Option<Rule>,
    /// Communes, by INSEE code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub communes: Option<Rule>,
    /// EPCI, by SIREN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epcis: Option<Rule>,
    /// Contrats de ville, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrats: Option<Rule>,
    /// Départements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departements: Option<Rule>,
    /// Stated shares by quartier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<SharesMap>,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Rule>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Rule>,
    /// Budget year, for an edition in operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<Rule>,
    /// Reference of the edition that this one renews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renews: Option<ReferenceRule>,
    /// Reference of the fund that gives on to it: what it puts here was put into the fund before, and counts once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fund: Option<ReferenceRule>,
    /// Total cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetMap>,
}

/// A reference of a stated numbering.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReferenceRule {
    /// Whose numbering it is: the same word in every manifest that shares it (`dauphin`, `synergie`, `cofinancement`).
    pub scheme: String,
    /// The field, or several in order.
    pub from: OneOrMany<String>,
    /// How it is read: `text` (default) or `integer`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Conversion>,
    /// What separates several references in one cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
}

/// Stated shares: a list in the record, each element naming a quartier and its share.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SharesMap {
    /// Path of the list.
    pub each: String,
    /// The quartier, relative to the element.
    pub quartier: Rule,
    /// Its share: `as = "percent"` (default) or `"share"`.
    pub share: Rule,
}

/// `part` of a statement: the sum was granted to several beneficiaries, each on a row of its own. A share of the whole, or
/// none, says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PartMap {
    /// The share: `as = "percent"` (default) or `"share"`.
    pub share: Rule,
    /// The decision that the rows of all beneficiaries have in common.
    pub of: Rule,
}

/// `[map.project.budget]`: total cost, by nature where the source tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BudgetMap {
    /// In investment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investissement: Option<Rule>,
    /// In operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fonctionnement: Option<Rule>,
    /// Stated without its nature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_precise: Option<Rule>,
    /// Tax basis of these figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<Rule>,
}

/// `[[map.statement]]`: one sum, or with `each` one sum for each element of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatementMap {
    /// Path of a list: the block is repeated for its elements, and its fields are those of the element
    /// (`^field` is a field of the record, `.` the element itself).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// The block counts only when all these conditions hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<OneOrMany<Condition>>,
    /// The funder.
    pub funder: OrganisationRule,
    /// Section of the budget. Left out: the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<Rule>,
    /// Form of the means.
    pub form: Rule,
    /// Where the sum stands. Left out: the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Rule>,
    /// The stage that each column of the amount stands for, where `stage` is left out or finds nothing: that of the column from which
    /// the amount is taken. Two of these columns that hold different amounts are refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stage_by_column: BTreeMap<String, String>,
    /// The amount. Left out: the source never says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Rule>,
    /// Tax basis; `NON_PRECISE` where left out or unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<Rule>,
    /// Funding scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispositif: Option<Rule>,
    /// Family, where the data tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Rule>,
    /// Budget year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<Rule>,
    /// Day of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Rule>,
    /// Reference of the grant itself: tells apart several grants of one funder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Rule>,
    /// The funder itself says that it puts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing: Option<Rule>,
    /// Was it granted as de minimis aid (règlement (UE) 2023/2831)? Not stated is not no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub de_minimis: Option<Rule>,
    /// The share of a sum granted to several that goes to the record's beneficiary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<PartMap>,
    /// The day before which the funder keeps its amount from others (embargo): heeded where the source speaks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_public_until: Option<Rule>,
}

/// The reference tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceTable {
    /// Départements: `code`, `name`.
    Departement,
    /// Communes: `code`, `name`, `epci`.
    Commune,
    /// EPCI: `siren`, `name`.
    Epci,
    /// Contrats de ville: `code`, `name`, `pilot`, `epcis`, `communes`, `signatories`.
    Contrat,
    /// Quartiers: `code`, `name`, `kind`, `npnru`, `communes`, `epcis`, `contrats`, `predecessors`.
    Quartier,
    /// What became of the quartiers of a former geography: `from`, `to`, `share`, `confidence`.
    QuartierCrosswalk,
    /// Funding schemes: `code`, `name`, `family`, `natures`.
    Dispositif,
    /// Links between the NPNRU and the quartiers: `name`, `quartier`, `verified`.
    NpnruLink,
    /// Target envelopes: `code`, `funder`, `year`, `until-year`, `epci`, `dispositif`, `nature`, `amount`, `fungible`.
    Envelope,
    /// Transfers between envelopes: `from`, `to`, `amount`, `decided-on`, `reference`.
    EnvelopeTransfer,
}

/// `[map.reference]`: the fields that each table takes are those named on [`ReferenceTable`], and `valid-from`, `valid-to`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReferenceMap {
    /// The table.
    pub table: ReferenceTable,
    /// Code, in the form of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Rule>,
    /// SIREN of an EPCI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren: Option<Rule>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Rule>,
    /// SIREN of the EPCI that a commune belongs to, or that an envelope is for (empty: any).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epci: Option<Rule>,
    /// EPCI of a contrat's perimeter or of a quartier, by SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epcis: Option<Rule>,
    /// Communes of a contrat's perimeter or of a quartier, by INSEE code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communes: Option<Rule>,
    /// Contrats de ville that a quartier belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrats: Option<Rule>,
    /// Quartiers of the former geography that a quartier comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessors: Option<Rule>,
    /// Pilot of a contrat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pilot: Option<OrganisationRule>,
    /// Whoever signed a contrat, by SIREN, SIRET or our written form (`financeur:etat-59`): they see its projects whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatories: Option<Rule>,
    /// Kind of perimeter; left out: told by the form of the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Rule>,
    /// Is the quartier one of the NPNRU? Left out: not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub npnru: Option<Rule>,
    /// Family of a dispositif.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Rule>,
    /// Natures that a dispositif may fund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub natures: Option<Rule>,
    /// Quartier that a quartier of the NPNRU is linked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quartier: Option<Rule>,
    /// Funder of an envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funder: Option<OrganisationRule>,
    /// First budget year of an envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<Rule>,
    /// Last budget year of an envelope that covers several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_year: Option<Rule>,
    /// Dispositif that an envelope is for; empty: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispositif: Option<Rule>,
    /// Nature that an envelope is for; empty: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<Rule>,
    /// Target of an envelope, or amount of a transfer; empty: not known, which is never zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Rule>,
    /// Group of envelopes that may give to each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fungible: Option<Rule>,
    /// Code of the envelope that gives, or of the quartier of the former geography.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Rule>,
    /// Code of the envelope that receives, or of the quartier of the later geography.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Rule>,
    /// The part of the former quartier that lies in the later one; empty: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rule>,
    /// How sure that is, as a share; empty: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Rule>,
    /// First day on which the entry holds, in any table; left out or empty: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Rule>,
    /// First day on which it holds no more, in any table; left out or empty: until something else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Rule>,
    /// Day on which a transfer was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Rule>,
    /// Reference of the decision of a transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Rule>,
    /// Was the link verified by somebody entitled to?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Rule>,
}

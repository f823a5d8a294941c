//! What was noticed about a source as a whole, beside its records: told as long as it holds, with its first day.

use super::message::Message;
use super::{Instant, ParseError, text_serde};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceFindingKind {
    /// A column that the map cannot do without stands in no record, and nothing is known of the source yet.
    ColumnMissing,
    /// A column that every record had stands in none any more; or known records lack one on which sums depend.
    ColumnVanished,
    /// A column that no record had stands in half of them or more.
    ColumnAppeared,
    /// A column that held values of one type holds values of another.
    ColumnRetyped,
    /// Records that came twice or more: a file, or a part of it, loaded several times, or one year's given for another's.
    RecordsRepeated,
    /// One amount stands nearly everywhere, or in most places, where amounts differed or were another one.
    AmountConstant,
    /// What known records state moved the total, of all their sums or of those that the source speaks for.
    TotalMoved,
    /// Codes that are those of another list: postal codes in the place of INSEE codes.
    CodesUnlikely,
    /// Dates of the list begin with the month: those that would be a day either way are read as another one.
    DatesMonthFirst,
    /// Most known records name another funder than before.
    FunderChanged,
    /// Most known records name a funder without a readable identifier, and did not before.
    FunderUnidentified,
    /// Most known records state their sums in another form.
    FormChanged,
    /// Most known records call refused or given up what they stated.
    SumsRefused,
    /// Most known records of a part of the source stand in another one.
    PartitionChanged,
    /// Rows of a second table of which nobody knows to which record they belong, or that name one which is not there.
    RowsUnattached,
    /// Many known records came in a form that is rejected, or many rows of a first read, of a new part or of a new file did.
    RecordsRejected,
    /// Decided sums of many known records say no stage any more.
    StageLost,
    /// A column that held something in nearly every record holds nothing in any.
    ColumnEmptied,
    /// A number that is to identify one project stands in records of more holders than one project has: it joins nothing.
    ReferenceCommon,
    /// Known records bear another number of a project than before.
    ReferencesChanged,
    /// Many known records of a part of the source are gone, or much of what was decided in it with them.
    RecordsVanished,
    /// Amounts stand in another unit, as it seems: known ones changed by one factor of a hundred or a thousand, or those of a new part do.
    AmountsScaled,
    /// Known records came under another key, alike in all else: each is taken for the same record.
    RecordsRenumbered,
    /// Known records of which people said something are gone, and what may be the same comes under another key, unlike or not alone so.
    RecordsReplaced,
    /// Known records of which people said something are gone.
    RecordsGone,
    /// A read of the whole source brought nothing of a part of it that was read before, or little beside another one; or a sheet that has
    /// the columns of the one that is read was not read.
    PartitionNotRead,
    /// Known records lost many lines of funding.
    LinesVanished,
    /// Most known records state their sums under another nature, or much of what known records state is of another one.
    NatureChanged,
    /// Most known records have another holder.
    HolderChanged,
    /// Most known records have another title.
    TitleChanged,
    /// Most known records lie elsewhere.
    PlacesChanged,
}

impl SourceFindingKind {
    const ALL: [SourceFindingKind; 31] = [
        SourceFindingKind::ColumnMissing,
        SourceFindingKind::ColumnVanished,
        SourceFindingKind::ColumnAppeared,
        SourceFindingKind::ColumnRetyped,
        SourceFindingKind::RecordsRepeated,
        SourceFindingKind::AmountConstant,
        SourceFindingKind::TotalMoved,
        SourceFindingKind::CodesUnlikely,
        SourceFindingKind::DatesMonthFirst,
        SourceFindingKind::FunderChanged,
        SourceFindingKind::FunderUnidentified,
        SourceFindingKind::FormChanged,
        SourceFindingKind::SumsRefused,
        SourceFindingKind::PartitionChanged,
        SourceFindingKind::RowsUnattached,
        SourceFindingKind::RecordsRejected,
        SourceFindingKind::StageLost,
        SourceFindingKind::ColumnEmptied,
        SourceFindingKind::ReferenceCommon,
        SourceFindingKind::ReferencesChanged,
        SourceFindingKind::RecordsVanished,
        SourceFindingKind::AmountsScaled,
        SourceFindingKind::RecordsRenumbered,
        SourceFindingKind::RecordsReplaced,
        SourceFindingKind::RecordsGone,
        SourceFindingKind::PartitionNotRead,
        SourceFindingKind::LinesVanished,
        SourceFindingKind::NatureChanged,
        SourceFindingKind::HolderChanged,
        SourceFindingKind::TitleChanged,
        SourceFindingKind::PlacesChanged,
    ];

    /// The word in the schema and in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            SourceFindingKind::ColumnMissing => "COLUMN_MISSING",
            SourceFindingKind::ColumnVanished => "COLUMN_VANISHED",
            SourceFindingKind::ColumnAppeared => "COLUMN_APPEARED",
            SourceFindingKind::ColumnRetyped => "COLUMN_RETYPED",
            SourceFindingKind::RecordsRepeated => "RECORDS_REPEATED",
            SourceFindingKind::AmountConstant => "AMOUNT_CONSTANT",
            SourceFindingKind::TotalMoved => "TOTAL_MOVED",
            SourceFindingKind::CodesUnlikely => "CODES_UNLIKELY",
            SourceFindingKind::DatesMonthFirst => "DATES_MONTH_FIRST",
            SourceFindingKind::FunderChanged => "FUNDER_CHANGED",
            SourceFindingKind::FunderUnidentified => "FUNDER_UNIDENTIFIED",
            SourceFindingKind::FormChanged => "FORM_CHANGED",
            SourceFindingKind::SumsRefused => "SUMS_REFUSED",
            SourceFindingKind::PartitionChanged => "PARTITION_CHANGED",
            SourceFindingKind::RowsUnattached => "ROWS_UNATTACHED",
            SourceFindingKind::RecordsRejected => "RECORDS_REJECTED",
            SourceFindingKind::StageLost => "STAGE_LOST",
            SourceFindingKind::ColumnEmptied => "COLUMN_EMPTIED",
            SourceFindingKind::ReferenceCommon => "REFERENCE_COMMON",
            SourceFindingKind::ReferencesChanged => "REFERENCES_CHANGED",
            SourceFindingKind::RecordsVanished => "RECORDS_VANISHED",
            SourceFindingKind::AmountsScaled => "AMOUNTS_SCALED",
            SourceFindingKind::RecordsRenumbered => "RECORDS_RENUMBERED",
            SourceFindingKind::RecordsReplaced => "RECORDS_REPLACED",
            SourceFindingKind::RecordsGone => "RECORDS_GONE",
            SourceFindingKind::PartitionNotRead => "PARTITION_NOT_READ",
            SourceFindingKind::LinesVanished => "LINES_VANISHED",
            SourceFindingKind::NatureChanged => "NATURE_CHANGED",
            SourceFindingKind::HolderChanged => "HOLDER_CHANGED",
            SourceFindingKind::TitleChanged => "TITLE_CHANGED",
            SourceFindingKind::PlacesChanged => "PLACES_CHANGED",
        }
    }

    /// Is its field a column of the source, as the source calls it?
    pub fn is_of_column(self) -> bool {
        matches!(
            self,
            SourceFindingKind::ColumnMissing
                | SourceFindingKind::ColumnVanished
                | SourceFindingKind::ColumnAppeared
                | SourceFindingKind::ColumnRetyped
                | SourceFindingKind::ColumnEmptied
        )
    }

    /// Does it tell what became of keys in one read? Its example names them.
    pub fn is_of_keys(self) -> bool {
        matches!(
            self,
            SourceFindingKind::RecordsRenumbered
                | SourceFindingKind::RecordsReplaced
                | SourceFindingKind::RecordsGone
                | SourceFindingKind::ReferencesChanged
        )
    }

    /// Does it tell that people spoke of records?
    pub fn is_of_what_was_said(self) -> bool {
        matches!(self, SourceFindingKind::RecordsReplaced | SourceFindingKind::RecordsGone)
    }

    /// Does it rest on what amounts are, or were?
    pub fn weighs_amounts(self) -> bool {
        matches!(
            self,
            SourceFindingKind::AmountConstant
                | SourceFindingKind::TotalMoved
                | SourceFindingKind::AmountsScaled
                | SourceFindingKind::RecordsRepeated
                | SourceFindingKind::RecordsVanished
                | SourceFindingKind::NatureChanged
        )
    }

    /// What is said of a finding that weighs sums, or counts records of projects, to whom some of them are kept from; `None`: what is said
    /// of others holds no such figure.
    pub fn in_general(self) -> Option<Message> {
        let (fr, en) = match self {
            SourceFindingKind::TotalMoved => (
                "des montants connus changent plus que d'ordinaire : à vérifier auprès de son propriétaire",
                "known amounts move more than they do as a rule: to be checked with its owner",
            ),
            SourceFindingKind::AmountConstant => (
                "un même montant revient bien plus que d'ordinaire : à vérifier auprès de son propriétaire",
                "one amount stands far more often than as a rule: to be checked with its owner",
            ),
            SourceFindingKind::StageLost => (
                "des montants décidés ne disent plus à quel stade ils en sont : à vérifier auprès de son propriétaire",
                "decided sums no longer say at which stage they stand: to be checked with its owner",
            ),
            SourceFindingKind::RecordsVanished => (
                "plus de fiches connues que d'ordinaire ont disparu : à vérifier auprès de son propriétaire",
                "more known records are gone than as a rule: to be checked with its owner",
            ),
            SourceFindingKind::AmountsScaled => (
                "des montants semblent être dans une autre unité : à vérifier auprès de son propriétaire",
                "amounts seem to stand in another unit: to be checked with its owner",
            ),
            SourceFindingKind::NatureChanged => (
                "des montants connus changent de nature plus que d'ordinaire : à vérifier auprès de son propriétaire",
                "known amounts change their nature more than they do as a rule: to be checked with its owner",
            ),
            SourceFindingKind::FunderChanged
            | SourceFindingKind::FunderUnidentified
            | SourceFindingKind::FormChanged
            | SourceFindingKind::SumsRefused
            | SourceFindingKind::ReferenceCommon
            | SourceFindingKind::ReferencesChanged
            | SourceFindingKind::RecordsRenumbered
            | SourceFindingKind::LinesVanished
            | SourceFindingKind::HolderChanged
            | SourceFindingKind::TitleChanged
            | SourceFindingKind::PlacesChanged => (
                "ce que disent des fiches connues change : à vérifier auprès de son propriétaire",
                "what known records say changes: to be checked with its owner",
            ),
            _ => return None,
        };
        Some(Message::new(fr, en))
    }

    /// Reads the word.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| ParseError::new(text, "kind of a finding on a source (COLUMN_VANISHED, COLUMN_APPEARED, …)"))
    }
}

impl fmt::Display for SourceFindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
text_serde!(SourceFindingKind);

/// One thing noticed about a source. What it is about (`kind`, `field`, `about`) tells one from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFinding {
    /// What was noticed.
    pub kind: SourceFindingKind,
    /// The field of the source, as a dotted path; `*` stands for the elements of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What else it is about: the partition of a break in a series, or the source where it is not divided; the numbering of references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// When the read began that noticed it first.
    pub since: Instant,
    /// A value of the source that shows it; never of a personal field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// What is to be known, without any value of the source.
    pub message: Message,
    /// What was before, where a later read must know it to see whether the finding still holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// It held the run: nothing was applied.
    pub held: bool,
}

impl SourceFinding {
    /// Are both about the same thing?
    pub fn is_about_same(&self, other: &SourceFinding) -> bool {
        (self.kind, &self.field, &self.about) == (other.kind, &other.field, &other.about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in SourceFindingKind::ALL {
            assert_eq!(SourceFindingKind::parse(kind.as_str()), Ok(kind));
        }
        assert!(SourceFindingKind::parse("COLUMN").is_err());
    }
}

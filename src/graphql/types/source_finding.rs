//! A finding on a source in the schema.

use crate::domain::source_finding;
use crate::graphql::scalar::DateTime;
use crate::graphql::vocabulary::{Language, word_enum};
use async_graphql::{Enum, Object};

/// A finding on a source.
pub struct SourceFinding(pub source_finding::SourceFinding);

/// Something noticed about a source as a whole: its form, or its figures, are not what they were.
#[Object]
impl SourceFinding {
    /// What was noticed.
    async fn kind(&self) -> SourceFindingKind {
        self.0.kind.into()
    }

    /// The field of the source as a dotted path, `*` for the elements of a list; null where no single field is concerned.
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// What else it is about: of a break in a series, the part of the source (a year, a file) or, where it is not divided, the
    /// source itself; null for a column.
    async fn about(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    /// When the read began that noticed it first.
    async fn since(&self) -> DateTime {
        DateTime(self.0.since)
    }

    /// A value of the source that shows it, never of a personal field. For those who see values that it rejected, and keys of
    /// records for whoever sees every project; null for other viewers, and where there is none.
    async fn example(&self) -> Option<&str> {
        self.0.example.as_deref()
    }

    /// What is to be known.
    async fn message(
        &self,
        #[graphql(desc = "Language of the message.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.message.text(lang.unwrap_or(Language::Fr).into())
    }

    /// It holds the run that noticed it: nothing of that run is applied until a person lets it through.
    async fn held(&self) -> bool {
        self.0.held
    }
}

word_enum! {
    /// What was noticed about a source as a whole.
    SourceFindingKind of source_finding::SourceFindingKind {
        /// A column that the map cannot do without stands in no record, and nothing is known of the source yet.
        ColumnMissing,
        /// A column that every record looked at had stands in none any more; or one on which sums depend is lacking from records that had it.
        ColumnVanished,
        /// A column that no record looked at had stands in half of them or more.
        ColumnAppeared,
        /// A column that held values of one type holds values of another.
        ColumnRetyped,
        /// Records that came twice or more, identical or but for their key: a file, or a part of it, loaded several times, or
        /// one year's file given for another's.
        RecordsRepeated,
        /// One amount stands nearly everywhere, or in most places, where amounts differed before or were another one by far.
        AmountConstant,
        /// What known records state now moves the total of their partition, of all their sums or of those that the source speaks for; or
        /// what is granted changed in most of them, one up and another down.
        TotalMoved,
        /// Codes are those of another list: postal codes in the place of INSEE codes.
        CodesUnlikely,
        /// Dates of the list begin with the month: those that would be a day either way are read as another one.
        DatesMonthFirst,
        /// Most known records name another funder than before.
        FunderChanged,
        /// Most known records name a funder without a readable identifier, and did not before.
        FunderUnidentified,
        /// Most known records state their sums in another form than before.
        FormChanged,
        /// Most known records call refused or given up what they stated before.
        SumsRefused,
        /// Most known records of a part of the source (a year) stand in another one now.
        PartitionChanged,
        /// Rows of a second table, joined to the records, of which nobody knows to which record they belong, or that name one which is
        /// not there: some record may lack what they say.
        RowsUnattached,
        /// Many known records of a part of the source (a year) came in a form that is rejected: the last readable version of each stays,
        /// out of date. Or many rows of a first read, of a new part or of a new file were rejected: what they say is missing.
        RecordsRejected,
        /// Decided sums of many known records say no stage any more: they would count as decided no more.
        StageLost,
        /// A column that held something in nearly every record looked at holds nothing in any.
        ColumnEmptied,
        /// Numbers that are to identify one project stand in records of more holders than one project has: these records are joined by
        /// them with nothing.
        ReferenceCommon,
        /// Known records bear another number of a project than before. What only the former number joined parts again, and what the
        /// new one joins becomes one; the run is held where many of them bear what others bore, or many known projects would become one.
        ReferencesChanged,
        /// Many known records of a part of the source (a year) are gone, or much of what was decided in it with them.
        RecordsVanished,
        /// Amounts stand in another unit, as it seems: known ones changed by one factor of a hundred or a thousand, or those of a new part
        /// (a year) are that far from the others.
        AmountsScaled,
        /// Known records came under another key, alike in all else: each is taken for the same record, and what people said of it holds.
        RecordsRenumbered,
        /// Known records that people linked, separated or acted on are gone, and what may be the same comes under another key: a person
        /// looks before what was said of them is lost.
        RecordsReplaced,
        /// Known records that people linked, separated or acted on are gone, and nothing like them came.
        RecordsGone,
        /// The last read of the whole source brought nothing of a part of it (a year, a file) that it was read with before, or a few records
        /// beside another part: its other records stay as they were last read, and grow old while the source itself is read in time. Or a
        /// sheet that has the columns of the one that is read was not read: the list may go on there.
        PartitionNotRead,
        /// Known records lost many of the lines of funding that they stated, known or not: what is asked elsewhere would be known no more.
        LinesVanished,
        /// Most known records state their sums under another nature, or much of what known records of a part of the source state is of
        /// another one: two columns that were exchanged, it may be.
        NatureChanged,
        /// Most known records have another holder than before.
        HolderChanged,
        /// Most known records have another title than before.
        TitleChanged,
        /// Most known records lie elsewhere than before.
        PlacesChanged,
    }
}

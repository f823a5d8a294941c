//! An organisation in the schema.

use super::{AwaitedAnswer, Total, totals};
use crate::graphql::connection::ProjectConnection;
use crate::graphql::error::{ApiError, Code};
use crate::graphql::page::{PageArguments, page_length};
use crate::graphql::scalar::{Date, Decimal};
use crate::graphql::vocabulary::Dimension;
use crate::view;
use async_graphql::{ID, Object};

/// A handle on an organisation.
pub struct Organisation(pub view::Organisation);

/// A legal person, a European fund, a named group of legal persons, or one of which only a text is known. A natural
/// person appears masked.
#[Object]
impl Organisation {
    /// siren:…, eu:FEDER, financeur:… (a group of legal persons such as the State in a département), or opaque.
    async fn id(&self) -> ID {
        ID(self.0.id().to_owned())
    }

    /// Nine digits whose check digit holds; null where none is known.
    async fn siren(&self) -> Option<String> {
        self.0.siren().map(|siren| siren.to_string())
    }

    /// Fourteen digits of one establishment, where the sources give one and only one; else null.
    async fn siret(&self) -> Option<String> {
        self.0.siret().map(|siret| siret.to_string())
    }

    /// Name; the id where no source gives one.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// Projects that it carries or funds, in the order of their identifiers.
    async fn projects(
        &self,
        #[graphql(desc = "So many; 50 by default, 200 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Result<ProjectConnection, ApiError> {
        ProjectConnection::of(&self.0.projects(), &PageArguments { first, after, ..PageArguments::default() })
    }

    /// What is awaited from it as a funder: where it has to speak, to confirm what others say, to complete its word, or to acknowledge a
    /// plan of which all means are known; the longest awaited first. Of the projects that the viewer sees whole; null for viewers who see no checks.
    async fn awaited(
        &self,
        #[graphql(desc = "So many; 50 by default, 200 at most.")] first: Option<i32>,
        #[graphql(desc = "Leave out so many from the beginning; none by default.")] skip: Option<i32>,
    ) -> Result<Option<Vec<AwaitedAnswer>>, ApiError> {
        let length = page_length("first", first.unwrap_or(50))?;
        let skip = usize::try_from(skip.unwrap_or(0))
            .map_err(|_| ApiError::new(Code::BadInput, "`skip` is a number of answers to leave out: 0 or more"))?;
        let all = self.0.awaited().await?;
        Ok(all.map(|all| all.into_iter().skip(skip).take(length).map(AwaitedAnswer).collect()))
    }

    /// How many answers are awaited from it in all; null for viewers who see no checks.
    async fn awaited_count(&self) -> Option<i32> {
        self.0.awaited_count().map(|all| i32::try_from(all).unwrap_or(i32::MAX))
    }

    /// Its de minimis aid (règlement (UE) 2023/2831) over three years, as far as sources say what was granted as such; for itself,
    /// the Région and auditors, else null.
    async fn de_minimis(
        &self,
        #[graphql(desc = "The last day of the three years; today by default.")] on: Option<Date>,
    ) -> Option<DeMinimis> {
        self.0.de_minimis(on.map(|day| day.0)).map(DeMinimis)
    }

    /// What it has decided (ATTRIBUE and later) as a funder.
    async fn totals(
        &self,
        #[graphql(desc = "Dimensions of the rows, at most 4.")] by: Vec<Dimension>,
    ) -> Result<Vec<Total>, ApiError> {
        totals(self.0.reader(), &self.0.commitments_filter(), by)
    }
}

/// De minimis aid.
pub struct DeMinimis(view::DeMinimis);

/// What a body received as de minimis aid in three years. One SIREN may be part of a larger undertaking, which nothing here tells.
#[Object]
impl DeMinimis {
    /// The period begins after this day.
    async fn after(&self) -> Date {
        Date(self.0.after)
    }

    /// Its last day.
    async fn until(&self) -> Date {
        Date(self.0.until)
    }

    /// Euros that funders say they granted as such, for certain in the period; loans left out.
    async fn known(&self) -> Decimal {
        Decimal(self.0.known)
    }

    /// The most that it can be in euros: all aid decided for it that nobody says to be something else, loans in full; null:
    /// nobody can say.
    async fn at_most(&self) -> Option<Decimal> {
        self.0.at_most.map(Decimal)
    }

    /// The ceiling in euros on the last day; null where the rules know none.
    async fn ceiling(&self) -> Option<Decimal> {
        self.0.ceiling.map(Decimal)
    }
}

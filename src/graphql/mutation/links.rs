//! Which records are one project, and which are not.

use super::appended;
use crate::acts::link::{Done, LinkError, Linker};
use crate::domain::act::Author;
use crate::domain::text::{RecordKey, SourceId};
use crate::graphql::error::{ApiError, Code};
use crate::graphql::types::Project;
use crate::view::Reader;
use async_graphql::{Context, ID, Object};

/// Which records are one project.
#[derive(Default)]
pub struct Links;

/// Which records are one project.
#[expect(clippy::too_many_arguments, reason = "the arguments of a field are those of the public contract")]
#[Object]
impl Links {
    /// These projects are one: the oldest stays, the identifiers of the others lead to it. For the Région. Undone, record by
    /// record, by unlinkRecord.
    async fn link_projects(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifiers of two to twenty projects.")] projects: Vec<ID>,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<Project, ApiError> {
        let (linker, author) = who_links(context)?;
        let projects: Vec<String> = projects.into_iter().map(|id| id.0).collect();
        project_after(context, linker.link(&author, &projects, &reason).await?)
    }

    /// These two projects are two, whatever the scores say: the matcher neither links nor proposes them again. The older one is
    /// given back. For the Région. Undone by linkProjects.
    async fn keep_apart(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of one project.")] project: ID,
        #[graphql(desc = "Identifier of the other one.")] other: ID,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<Project, ApiError> {
        let (linker, author) = who_links(context)?;
        project_after(context, linker.keep_apart(&author, [&project, &other], &reason).await?)
    }

    /// This record is not of the project that it stands in: it stands in a project of its own from now on, which is given
    /// back. Whatever the scores say later, the two are not linked again without a person. For the Région. Undone by
    /// linkProjects.
    async fn unlink_record(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Source of the record.")] source: ID,
        #[graphql(desc = "Key of the record in its source.")] key: String,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<Project, ApiError> {
        let (linker, author) = who_links(context)?;
        let source = SourceId::parse(&source).map_err(|error| ApiError::new(Code::BadInput, error.to_string()))?;
        let key = RecordKey::parse(&key).map_err(|error| ApiError::new(Code::BadInput, error.to_string()))?;
        project_after(context, linker.unlink(&author, (&source, &key), &reason).await?)
    }
}

fn who_links<'a>(context: &'a Context<'_>) -> Result<(&'a Linker, Author), ApiError> {
    let refuse = || {
        let needed = "which records are one project is for the Région to say: a token of role REGION";
        ApiError::new(Code::Forbidden, needed)
    };
    let scope = context.data_opt::<Reader>().map(Reader::scope).filter(|scope| scope.may_link()).ok_or_else(refuse)?;
    let author = scope.viewer().author().ok_or_else(refuse)?;
    let missing = || ApiError::internal(&std::io::Error::other("an operation was executed without a linker"));
    Ok((context.data_opt::<Linker>().ok_or_else(missing)?, author))
}

fn project_after(context: &Context<'_>, done: Done) -> Result<Project, ApiError> {
    let project = Some(appended(context, done.version)?).and_then(|reader| reader.project(done.project.as_str()));
    project.map(Project).ok_or_else(|| ApiError::internal(&std::io::Error::other("the project of an act is gone")))
}

impl From<LinkError> for ApiError {
    fn from(error: LinkError) -> Self {
        match &error {
            LinkError::Reason | LinkError::Count(_) | LinkError::One | LinkError::Alone { .. } => {
                ApiError::new(Code::BadInput, error.to_string())
            }
            LinkError::NoProject(_) | LinkError::NoRecord { .. } => ApiError::new(Code::NotFound, error.to_string()),
            LinkError::Ledger(cause) => ApiError::internal(cause),
        }
    }
}

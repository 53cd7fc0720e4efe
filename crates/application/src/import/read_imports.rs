use std::sync::Arc;

use haat_domain::import::{Import, ImportReader, ImportState, SampleRow};
use haat_domain::shared::{ImportId, Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission};

/// The most rows of a sample.
const SAMPLE: u16 = 20;

/// The most uids of shops that an undo has left.
const LEFT: u16 = 10_000;

/// Why nothing is shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadImportsError {
    /// The caller may not see imports.
    #[error("the caller may not see imports")]
    Forbidden,
    /// There is no such import.
    #[error("there is no such import")]
    NotFound,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// An import, and what is to be seen of it in this state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundImport {
    /// The import.
    pub import: Import,
    /// Some of its rows, while it waits to be applied.
    pub sample: Vec<SampleRow>,
    /// Shops that its undo has left as they are.
    pub left: Vec<String>,
}

/// Shows imports.
pub struct ReadImports {
    imports: Arc<dyn ImportReader>,
}

impl ReadImports {
    /// Builds the use case.
    #[must_use]
    pub fn new(imports: Arc<dyn ImportReader>) -> Self {
        Self { imports }
    }

    /// One import.
    ///
    /// # Errors
    /// [`ReadImportsError`].
    pub async fn one(&self, actor: &Actor, id: ImportId) -> Result<FoundImport, ReadImportsError> {
        let import = self.progress(actor, id).await?;
        let sample = match import.columns {
            Some(columns) if import.state == ImportState::Ready => {
                self.imports.sample(actor.tenant, id, columns, SAMPLE).await?
            }
            _ => Vec::new(),
        };
        let left = match (import.batch, &import.undo) {
            (Some(batch), Some(undo)) if undo.counts.changed > 0 => {
                self.imports.left_by_undo(actor.tenant, batch, LEFT).await?
            }
            _ => Vec::new(),
        };
        Ok(FoundImport { import, sample, left })
    }

    /// One import, and no more than how far it is.
    ///
    /// # Errors
    /// [`ReadImportsError`].
    pub async fn progress(&self, actor: &Actor, id: ImportId) -> Result<Import, ReadImportsError> {
        if !actor.may(Permission::ManageRetailers) {
            return Err(ReadImportsError::Forbidden);
        }
        self.imports.find(actor.tenant, id).await?.ok_or(ReadImportsError::NotFound)
    }

    /// Imports, the newest first.
    ///
    /// # Errors
    /// [`ReadImportsError`].
    pub async fn list(
        &self,
        actor: &Actor,
        page: &PageRequest<ImportId>,
    ) -> Result<Page<Import, ImportId>, ReadImportsError> {
        if !actor.may(Permission::ManageRetailers) {
            return Err(ReadImportsError::Forbidden);
        }
        Ok(self.imports.list(actor.tenant, page).await?)
    }
}

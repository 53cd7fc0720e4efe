use std::sync::Arc;

use haat_domain::import::{Import, ImportReader, ImportState, NewPlaces, SampleRow};
use haat_domain::shared::{ImportId, Page, PageRequest, StorageFailure, TenantId};

use crate::shared::{Actor, Permission};

/// The most rows of a sample.
const SAMPLE: u16 = 20;

/// The most places that are named.
const PLACES: u16 = 20;

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
    /// The places that it creates or has created, if it may.
    pub new_places: Option<NewPlaces>,
    /// Shops that its undo has left as they are.
    pub left: Vec<String>,
}

/// The places that an import would create, or has created: none where it may not, or nothing is known of them (yet).
///
/// # Errors
/// [`StorageFailure`] when the storage could not answer.
pub async fn new_places(
    imports: &dyn ImportReader,
    tenant: TenantId,
    import: &Import,
) -> Result<Option<NewPlaces>, StorageFailure> {
    let made = import.batch.is_some();
    if !import.options.create_missing || !(made || import.state == ImportState::Ready) {
        return Ok(None);
    }
    imports.new_places(tenant, import.id, made, PLACES).await.map(Some)
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
        let new_places = new_places(&*self.imports, actor.tenant, &import).await?;
        Ok(FoundImport { import, sample, new_places, left })
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

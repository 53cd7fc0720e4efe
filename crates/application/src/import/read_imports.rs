use std::sync::Arc;

use haat_domain::import::{Import, ImportReader, ImportState, NewPlaces, SampleRow};
use haat_domain::shared::{ImportId, Page, PageRequest, StorageFailure, TenantId};

use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// The most rows in a sample.
const MAX_SAMPLE_ROWS: u16 = 20;

/// The most new places listed.
const MAX_NEW_PLACES: u16 = 20;

/// The most uids of retailers that an undo left unchanged.
const MAX_LEFT: u16 = 10_000;

/// Errors of [`ReadImports`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadImportsError {
    /// The caller lacks the permission.
    #[error("the caller may not read imports")]
    Forbidden,
    /// The import does not exist.
    #[error("there is no such import")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ReadImportsError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// An import and the details available in its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundImport {
    /// The import.
    pub import: Import,
    /// A sample of its rows while it is `READY`.
    pub sample: Vec<SampleRow>,
    /// The places that it creates or created; `None` without `createMissing`.
    pub new_places: Option<NewPlaces>,
    /// Retailers that its undo left unchanged.
    pub left: Vec<String>,
}

/// Returns the places that an import would create or has created; `None` without `createMissing` and before
/// the import is `READY`.
///
/// # Errors
/// [`StorageFailure`] if the storage failed.
pub async fn new_places(
    imports: &dyn ImportReader,
    tenant: TenantId,
    import: &Import,
) -> Result<Option<NewPlaces>, StorageFailure> {
    let is_applied = import.batch.is_some();
    if !import.options.create_missing || !(is_applied || import.state == ImportState::Ready) {
        return Ok(None);
    }
    imports.new_places(tenant, import.id, is_applied, MAX_NEW_PLACES).await.map(Some)
}

/// Reads imports.
pub struct ReadImports {
    imports: Arc<dyn ImportReader>,
}

impl ReadImports {
    /// Builds the use case.
    #[must_use]
    pub fn new(imports: Arc<dyn ImportReader>) -> Self {
        Self { imports }
    }

    /// Returns an import with its details.
    ///
    /// # Errors
    /// [`ReadImportsError`].
    pub async fn one(&self, actor: &Actor, id: ImportId) -> Result<FoundImport, ReadImportsError> {
        let import = self.progress(actor, id).await?;
        let sample = match import.columns {
            Some(columns) if import.state == ImportState::Ready => {
                self.imports.sample(actor.tenant, id, columns, MAX_SAMPLE_ROWS).await?
            }
            _ => Vec::new(),
        };
        let left = match (import.batch, &import.undo) {
            (Some(batch), Some(undo)) if undo.counts.changed > 0 => {
                self.imports.unchanged_by_undo(actor.tenant, batch, MAX_LEFT).await?
            }
            _ => Vec::new(),
        };
        let new_places = new_places(&*self.imports, actor.tenant, &import).await?;
        Ok(FoundImport { import, sample, new_places, left })
    }

    /// Returns an import without details, for its progress.
    ///
    /// # Errors
    /// [`ReadImportsError`].
    pub async fn progress(&self, actor: &Actor, id: ImportId) -> Result<Import, ReadImportsError> {
        if !actor.may(Permission::ManageRetailers) {
            return Err(ReadImportsError::Forbidden);
        }
        self.imports.find(actor.tenant, id).await?.ok_or(ReadImportsError::NotFound)
    }

    /// Lists imports, newest first.
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

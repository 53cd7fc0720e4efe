use std::sync::Arc;

use haat_domain::import::{ErrorGroups, Import, ImportId, ImportReader, ImportState, NewPlaces, SampleRow};
use haat_domain::shared::{Page, PageRequest, StorageFailure, TenantId};

use crate::shared::{Allowed, CursorKey, ManageRetailers, ReadError};

/// The most rows in a sample.
const MAX_SAMPLE_ROWS: u16 = 20;

/// The most new places of a kind that are listed.
const MAX_NEW_PLACES: u16 = 20;

/// The most uids of retailers that an undo left unchanged.
const MAX_LEFT: u16 = 10_000;

/// An import and the details available in its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundImport {
    /// The import.
    pub import: Import,
    /// A sample of its rows while it is `READY`.
    pub sample: Vec<SampleRow>,
    /// The places that it creates or created; `None` without `createMissing`.
    pub new_places: Option<NewPlaces>,
    /// The errors by column, code and value, once the file is checked.
    pub errors: ErrorGroups,
    /// Retailers that its undo left unchanged.
    pub left: Vec<String>,
}

/// Returns the places that an import would create or has created; `None` without `createMissing` and before
/// the import is `READY`.
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
    pub async fn one(
        &self,
        allowed: &Allowed<ManageRetailers>,
        id: ImportId,
    ) -> Result<FoundImport, ReadError> {
        let import = self.progress(allowed, id).await?;
        let sample = match import.columns {
            Some(columns) if import.state == ImportState::Ready => {
                self.imports.sample(allowed.tenant, id, columns, MAX_SAMPLE_ROWS).await?
            }
            _ => Vec::new(),
        };
        let left = match (import.batch, &import.undo) {
            (Some(batch), Some(undo)) if undo.counts.changed > 0 => {
                self.imports.unchanged_by_undo(allowed.tenant, batch, MAX_LEFT).await?
            }
            _ => Vec::new(),
        };
        let new_places = new_places(&*self.imports, allowed.tenant, &import).await?;
        let errors = if import.counts.failed > 0 || import.preview.is_some_and(|counts| counts.failed > 0) {
            self.imports.error_groups(allowed.tenant, id).await?
        } else {
            ErrorGroups::default()
        };
        Ok(FoundImport { import, sample, new_places, errors, left })
    }

    /// Returns an import without details, for its progress.
    pub async fn progress(
        &self,
        allowed: &Allowed<ManageRetailers>,
        id: ImportId,
    ) -> Result<Import, ReadError> {
        self.imports.find(allowed.tenant, id).await?.ok_or(ReadError::NotFound)
    }

    /// Lists imports, newest first.
    pub async fn list(
        &self,
        allowed: &Allowed<ManageRetailers>,
        page: &PageRequest<ImportId>,
    ) -> Result<Page<Import, ImportId>, StorageFailure> {
        self.imports.list(allowed.tenant, page).await
    }
}

impl CursorKey for ImportId {
    type Parts = i64;

    fn parts(&self) -> i64 {
        self.get()
    }

    fn of(id: i64) -> Option<Self> {
        Some(Self::new(id))
    }
}

use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::import::{Import, ImportOptions, ImportTx, NewImport};
use haat_domain::shared::{FileStore, IdGenerator, StorageFailure, TenantId};

use super::change_import::audited;
use super::{IMPORT, enqueue};
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, ManageRetailers, Rendered, Upload, WriteOptions,
    remove_unneeded,
};

/// Stores a file of retailers and enqueues the job that imports it.
pub struct SubmitImport {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    changes: Changes<dyn ImportTx>,
}

impl SubmitImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(files: Arc<dyn FileStore>, ids: Arc<dyn IdGenerator>, changes: Changes<dyn ImportTx>) -> Self {
        Self { files, ids, changes }
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// [`StorageFailure`] if the file store failed.
    pub async fn begin(&self, allowed: &Allowed<ManageRetailers>) -> Result<Upload, StorageFailure> {
        self.begin_by_operator(allowed.tenant).await
    }

    /// Begins an upload of the operator at the command line.
    ///
    /// # Errors
    /// [`StorageFailure`] if the file store failed.
    pub async fn begin_by_operator(&self, tenant: TenantId) -> Result<Upload, StorageFailure> {
        Upload::begin(&*self.files, "imports", tenant, &*self.ids).await
    }

    /// Creates the import of a file that the operator uploaded.
    ///
    /// # Errors
    /// [`ChangeError`]; the file is kept in that case, because the import may have been committed.
    pub async fn by_operator(
        &self,
        tenant: TenantId,
        upload: Upload,
        (file_name, options): (Option<String>, ImportOptions),
    ) -> Result<Import, ChangeError> {
        let (file, size) = upload.finish().await?;
        let (request_id, at) = (format!("haat-import-{}", self.ids.next()), self.changes.now());
        let new = NewImport { tenant, actor: None, file_name, file, size, options, request_id, at };
        self.changes
            .run_by_operator(tenant, |import: &Import| &import.request_id, async |tx| submit(tx, &new).await)
            .await
    }

    /// Creates the import of an uploaded file. `render` renders the import.
    ///
    /// # Errors
    /// [`ChangeError`]; the file is removed in that case, unless the outcome of the commit is unknown.
    pub async fn execute(
        &self,
        allowed: &Allowed<ManageRetailers>,
        upload: Upload,
        (file_name, options): (Option<String>, ImportOptions),
        write_options: &WriteOptions,
        render: impl FnOnce(&Import) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let (file, size) = upload.finish().await?;
        let new = NewImport {
            tenant: allowed.tenant,
            actor: Some(allowed.user),
            file_name,
            file: file.clone(),
            size,
            options,
            request_id: write_options.request_id.clone(),
            at: self.changes.now(),
        };
        // A dry run is stored as an import too.
        let write_options = WriteOptions { validate_only: false, ..write_options.clone() };
        let mut enqueued = false;
        let submitting = self.changes.run(allowed, &write_options, render, async |tx, _| {
            let import = submit(tx, &new).await?;
            enqueued = true;
            Ok(import)
        });
        let result = submitting.await;
        remove_unneeded(&*self.files, &file, enqueued, &result).await;
        result
    }
}

/// Saves a new import and enqueues its job.
async fn submit(tx: &mut dyn ImportTx, new: &NewImport) -> Result<Audited<Import>, ChangeError> {
    let id = tx.imports().submit(new).await?;
    enqueue(tx, &IMPORT, (new.tenant, id, new.size), new.actor, &new.request_id, new.at).await?;
    let import = tx.imports().lock(new.tenant, id).await?;
    let import = import.ok_or_else(|| StorageFailure::Broken("a new import was not found".to_owned()))?;
    let after = Some(vec![("fileName", new.file_name.as_deref().into())]);
    Ok(Audited::new(import, AuditedChange { after, ..audited(AuditAction::ImportSubmit, id) }))
}

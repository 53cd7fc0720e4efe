use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::import::{Import, ImportOptions, ImportTx, NewImport};
use haat_domain::shared::{BeginTransaction, Clock, FileStore, IdGenerator, StorageFailure, TenantId};

use super::change_import::audited;
use super::{IMPORT, enqueue};
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Started, Upload, WriteOptions, begin, finish,
    remove_unneeded,
};

/// Stores a file of retailers and enqueues the job that imports it.
pub struct SubmitImport {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    db: Arc<dyn BeginTransaction<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl SubmitImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        files: Arc<dyn FileStore>,
        ids: Arc<dyn IdGenerator>,
        db: Arc<dyn BeginTransaction<dyn ImportTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { files, ids, db, clock }
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn begin(&self, actor: &Actor) -> Result<Upload, ChangeError> {
        actor.check(Permission::ManageRetailers)?;
        Ok(Upload::begin(&*self.files, "imports", actor.tenant, &*self.ids).await?)
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
    /// [`StorageFailure`]; the file is kept in that case, because the import may have been committed.
    pub async fn by_operator(
        &self,
        tenant: TenantId,
        upload: Upload,
        (file_name, options): (Option<String>, ImportOptions),
    ) -> Result<Import, StorageFailure> {
        let (file, size) = upload.finish().await?;
        let (request_id, at) = (format!("haat-import-{}", self.ids.next()), self.clock.now());
        let new = NewImport { tenant, actor: None, file_name, file, size, options, request_id, at };
        let mut tx = self.db.begin().await?;
        let import = submit(&mut *tx, &new).await?;
        tx.audit().record(&[submitted(&import, &new).by_operator(tenant, &new.request_id, at)]).await?;
        tx.commit().await?;
        Ok(import)
    }

    /// Creates the import of an uploaded file. `stored_response` builds the response that is stored for
    /// replays.
    ///
    /// # Errors
    /// [`ChangeError`]; the file is removed in that case, unless the outcome of the commit is unknown.
    pub async fn execute(
        &self,
        actor: &Actor,
        upload: Upload,
        (file_name, options): (Option<String>, ImportOptions),
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&Import) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Import>, ChangeError> {
        let (file, size) = upload.finish().await?;
        let new = NewImport {
            tenant: actor.tenant,
            actor: Some(actor.user),
            file_name,
            file: file.clone(),
            size,
            options,
            request_id: write_options.request_id.clone(),
            at: self.clock.now(),
        };
        let outcome = self.save(actor, &new, write_options, stored_response).await;
        remove_unneeded(&*self.files, &file, &outcome).await;
        outcome
    }

    async fn save(
        &self,
        actor: &Actor,
        new: &NewImport,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&Import) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Import>, ChangeError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let import = submit(&mut *tx, new).await?;
        tx.audit().record(&[submitted(&import, new).by(actor, write_options, new.at)]).await?;
        // A dry run is stored as an import too.
        let write_options = WriteOptions { validate_only: false, ..write_options.clone() };
        finish(tx, actor, &write_options, || stored_response(&import)).await?;
        Ok(Idempotent::Executed(import))
    }
}

fn submitted(import: &Import, new: &NewImport) -> AuditedChange {
    let after = Some(vec![("fileName", new.file_name.as_deref().into())]);
    AuditedChange { after, ..audited("import.submit", import.id) }
}

/// Saves a new import and enqueues its job.
async fn submit(tx: &mut dyn ImportTx, new: &NewImport) -> Result<Import, StorageFailure> {
    let id = tx.imports().submit(new).await?;
    enqueue(tx, IMPORT, (new.tenant, id), new.actor, &new.request_id, new.at).await?;
    let stored = tx.imports().lock(new.tenant, id).await?;
    stored.ok_or_else(|| StorageFailure::Broken("a new import was not found".to_owned()))
}

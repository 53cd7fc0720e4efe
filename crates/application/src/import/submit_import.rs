use std::sync::Arc;

use haat_domain::import::{Import, ImportOptions, ImportTx, NewImport};
use haat_domain::shared::{Begin, Clock, FileStore, IdGenerator, Receipt, StorageFailure, TenantId};

use super::change_import::deed;
use super::{IMPORT, enqueue};
use crate::shared::{
    Actor, Begun, Change, ChangeError, Changed, Done, Permission, Upload, begin, finish, forget_unneeded,
};

/// Takes a file of shops and leaves it to a job.
pub struct SubmitImport {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    db: Arc<dyn Begin<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl SubmitImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        files: Arc<dyn FileStore>,
        ids: Arc<dyn IdGenerator>,
        db: Arc<dyn Begin<dyn ImportTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { files, ids, db, clock }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn begin(&self, actor: &Actor) -> Result<Upload, ChangeError> {
        actor.check(Permission::ManageRetailers)?;
        Ok(Upload::begin(&*self.files, "imports", actor.tenant, &*self.ids).await?)
    }

    /// Begins a file of the operator at the command line.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not take it.
    pub async fn begin_by_operator(&self, tenant: TenantId) -> Result<Upload, StorageFailure> {
        Upload::begin(&*self.files, "imports", tenant, &*self.ids).await
    }

    /// The import that the file of the operator has become.
    ///
    /// # Errors
    /// [`StorageFailure`]; the file stays then, as the import may be there all the same.
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

    /// The import that the file has become. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing is left of the file then, unless the storage went away before it said.
    pub async fn execute(
        &self,
        actor: &Actor,
        upload: Upload,
        (file_name, options): (Option<String>, ImportOptions),
        change: &Change,
        receipt: &(dyn Fn(&Import) -> Receipt + Sync),
    ) -> Result<Done<Import>, ChangeError> {
        let (file, size) = upload.finish().await?;
        let new = NewImport {
            tenant: actor.tenant,
            actor: Some(actor.user),
            file_name,
            file: file.clone(),
            size,
            options,
            request_id: change.request_id.clone(),
            at: self.clock.now(),
        };
        let done = self.keep(actor, &new, change, receipt).await;
        forget_unneeded(&*self.files, &file, &done).await;
        done
    }

    async fn keep(
        &self,
        actor: &Actor,
        new: &NewImport,
        change: &Change,
        receipt: &(dyn Fn(&Import) -> Receipt + Sync),
    ) -> Result<Done<Import>, ChangeError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let import = submit(&mut *tx, new).await?;
        tx.audit().record(&[submitted(&import, new).by(actor, change, new.at)]).await?;
        // What is only to be tried is still an import.
        let change = Change { validate_only: false, ..change.clone() };
        finish(tx, actor, &change, || receipt(&import)).await?;
        Ok(Done::Now(import))
    }
}

fn submitted(import: &Import, new: &NewImport) -> Changed {
    let after = Some(vec![("fileName", new.file_name.as_deref().into())]);
    Changed { after, ..deed("import.submit", import.id) }
}

/// Keeps a new import and the job that works on it.
async fn submit(tx: &mut dyn ImportTx, new: &NewImport) -> Result<Import, StorageFailure> {
    let id = tx.imports().submit(new).await?;
    enqueue(tx, IMPORT, (new.tenant, id), new.actor, &new.request_id, new.at).await?;
    let stored = tx.imports().lock(new.tenant, id).await?;
    stored.ok_or_else(|| StorageFailure::Broken("an import is gone".to_owned()))
}

use std::sync::Arc;

use haat_domain::change::{ChangeTx, StoredResponse};
use haat_domain::job::{JobArgs, NewJob};
use haat_domain::shared::{FileStore, IdGenerator, JobId, StorageFailure};

use super::enqueue::enqueue;
use super::read_job::FileJobs;
use crate::shared::{
    Allowed, Audited, ChangeError, Changes, PermissionType, Rendered, Upload, WriteOptions, remove_unneeded,
};

/// Receives a file and enqueues the job that processes it. The permission is that of the caller.
pub struct SubmitFile<Tx: ?Sized> {
    kind: FileJobs,
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    changes: Changes<Tx>,
}

impl<Tx: ChangeTx + ?Sized> SubmitFile<Tx> {
    /// Builds the use case.
    pub(crate) const fn new(
        kind: FileJobs,
        files: Arc<dyn FileStore>,
        ids: Arc<dyn IdGenerator>,
        changes: Changes<Tx>,
    ) -> Self {
        Self { kind, files, ids, changes }
    }

    /// Begins the upload of a file.
    ///
    /// # Errors
    /// [`StorageFailure`] if the file store failed.
    pub async fn begin<P>(&self, allowed: &Allowed<P>) -> Result<Upload, StorageFailure> {
        Upload::begin(&*self.files, self.kind.folder, allowed.tenant, &*self.ids).await
    }

    /// Enqueues the job that processes the file. `args` returns the arguments of the job for the name of the file in the
    /// store, and `render` renders the id of the job.
    ///
    /// # Errors
    /// [`ChangeError`]. The file is removed on an error, except on a storage failure that leaves it unknown
    /// if the job was enqueued.
    pub async fn execute<P: PermissionType>(
        &self,
        allowed: &Allowed<P>,
        upload: Upload,
        args: impl FnOnce(String) -> JobArgs,
        options: &WriteOptions,
        render: impl FnOnce(&JobId) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let (file, size) = upload.finish().await?;
        let args = args(file.clone());
        // A dry run of the file is a job, too.
        let options = WriteOptions { validate_only: false, ..options.clone() };
        let mut enqueued = false;
        let enqueuing = self.changes.run(allowed, &options, render, async |tx, at| {
            let job = NewJob {
                lane: (self.kind.lane)(size),
                ..NewJob::new(allowed.tenant, self.kind.kind, Some(allowed.user), args, at)
            };
            let id = enqueue(tx, &job).await?;
            enqueued = true;
            // The job writes the audit entries.
            Ok(Audited::recorded(id))
        });
        let result = enqueuing.await;
        remove_unneeded(&*self.files, &file, enqueued, &result).await;
        result
    }
}

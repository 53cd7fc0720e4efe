use std::sync::Arc;

use haat_domain::assignment::AssignmentTx;
use haat_domain::change::StoredResponse;
use haat_domain::job::NewJob;
use haat_domain::shared::{FileStore, IdGenerator, JobId, StorageFailure};

use super::FileOptions;
use super::assign_file::JOBS;
use crate::shared::{
    Allowed, Audited, ChangeAssignments, ChangeError, Changes, Rendered, Upload, WriteOptions,
    remove_unneeded,
};

/// Receives an assignment file and enqueues the job that applies it.
pub struct SubmitFile {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    changes: Changes<dyn AssignmentTx>,
}

impl SubmitFile {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        files: Arc<dyn FileStore>,
        ids: Arc<dyn IdGenerator>,
        changes: Changes<dyn AssignmentTx>,
    ) -> Self {
        Self { files, ids, changes }
    }

    /// Begins the upload of a file.
    ///
    /// # Errors
    /// [`StorageFailure`] if the file store failed.
    pub async fn begin(&self, allowed: &Allowed<ChangeAssignments>) -> Result<Upload, StorageFailure> {
        Upload::begin(&*self.files, "assignments", allowed.tenant, &*self.ids).await
    }

    /// Enqueues the job that applies the file. `render` renders the id of the job.
    ///
    /// # Errors
    /// [`ChangeError`]. The file is removed on an error, except on a storage failure that leaves it unknown
    /// if the job was enqueued.
    pub async fn execute(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        upload: Upload,
        file_options: FileOptions,
        options: &WriteOptions,
        render: impl FnOnce(&JobId) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let (file, _) = upload.finish().await?;
        let file_options = FileOptions { file: file.clone(), ..file_options };
        // A dry run of the file is a job, too.
        let options = WriteOptions { validate_only: false, ..options.clone() };
        let mut enqueued = false;
        let enqueuing = self.changes.run(allowed, &options, render, async |tx, at| {
            let job = NewJob {
                tenant: allowed.tenant,
                kind: JOBS.name,
                actor: Some(allowed.user),
                facts: file_options.facts(),
                created_at: at,
            };
            let id = tx.jobs().enqueue(&job).await?;
            enqueued = true;
            // The job writes the audit entries.
            Ok(Audited::recorded(id))
        });
        let result = enqueuing.await;
        remove_unneeded(&*self.files, &file, enqueued, &result).await;
        result
    }
}

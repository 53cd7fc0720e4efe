use std::sync::Arc;

use haat_domain::assignment::AssignmentTx;
use haat_domain::change::StoredResponse;
use haat_domain::job::NewJob;
use haat_domain::shared::{BeginTransaction, Clock, FileStore, IdGenerator, JobId};

use super::FileOptions;
use super::assign_file::KIND;
use crate::shared::{
    Actor, ChangeError, Idempotent, Permission, Started, Upload, WriteOptions, begin, finish, remove_unneeded,
};

/// Receives an assignment file and enqueues a job that applies it.
pub struct SubmitFile {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl SubmitFile {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        files: Arc<dyn FileStore>,
        ids: Arc<dyn IdGenerator>,
        db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { files, ids, db, clock }
    }

    /// Begins the upload of a file.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn begin(&self, actor: &Actor) -> Result<Upload, ChangeError> {
        actor.check(Permission::ChangeAssignments)?;
        Ok(Upload::begin(&*self.files, "assignments", actor.tenant, &*self.ids).await?)
    }

    /// Enqueues the job that applies the file and returns its id. `stored_response` renders the response that
    /// is stored for replays.
    ///
    /// # Errors
    /// [`ChangeError`]. The file is removed on an error, except on a storage failure that leaves it unknown
    /// if the job was enqueued.
    pub async fn execute(
        &self,
        actor: &Actor,
        upload: Upload,
        options: FileOptions,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&JobId) -> StoredResponse + Sync),
    ) -> Result<Idempotent<JobId>, ChangeError> {
        let (name, _) = upload.finish().await?;
        let options = FileOptions { file: name.clone(), ..options };
        let result = self.enqueue(actor, &options, write_options, stored_response).await;
        remove_unneeded(&*self.files, &name, &result).await;
        result
    }

    async fn enqueue(
        &self,
        actor: &Actor,
        options: &FileOptions,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&JobId) -> StoredResponse + Sync),
    ) -> Result<Idempotent<JobId>, ChangeError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let job = NewJob {
            tenant: actor.tenant,
            kind: KIND,
            actor: Some(actor.user),
            facts: options.facts(),
            created_at: self.clock.now(),
        };
        let id = tx.jobs().enqueue(&job).await?;
        // A dry run of the file is a job, too.
        let write_options = WriteOptions { validate_only: false, ..write_options.clone() };
        finish(tx, actor, &write_options, || stored_response(&id)).await?;
        Ok(Idempotent::Executed(id))
    }
}

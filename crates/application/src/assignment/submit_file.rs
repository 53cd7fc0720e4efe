use std::sync::Arc;

use haat_domain::assignment::AssignmentTx;
use haat_domain::job::NewJob;
use haat_domain::shared::{Begin, Clock, FileStore, FileWriter, IdGenerator, JobId, Receipt, StorageFailure};

use super::FileOptions;
use super::assign_file::KIND;
use crate::shared::{Actor, Begun, Change, ChangeError, Done, Permission, begin, finish};

/// Takes a file of assignments and leaves it to a job.
pub struct SubmitFile {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

/// A file that is being sent. Dropped, nothing is left of it.
pub struct Upload {
    name: String,
    writer: Box<dyn FileWriter>,
}

impl Upload {
    /// Adds a piece.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not take it.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure> {
        self.writer.write(piece).await
    }

    /// Leaves nothing behind.
    pub async fn abandon(self) {
        self.writer.abandon().await;
    }
}

impl SubmitFile {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        files: Arc<dyn FileStore>,
        ids: Arc<dyn IdGenerator>,
        db: Arc<dyn Begin<dyn AssignmentTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { files, ids, db, clock }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn begin(&self, actor: &Actor) -> Result<Upload, ChangeError> {
        actor.check(Permission::ChangeAssignments)?;
        let name = format!("assignments/{}/{}.csv", actor.tenant, self.ids.next());
        let writer = self.files.create(&name).await?;
        Ok(Upload { name, writer })
    }

    /// The job that will carry the file out. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing is left of the file then, unless the storage went away before it said.
    pub async fn execute(
        &self,
        actor: &Actor,
        upload: Upload,
        options: FileOptions,
        change: &Change,
        receipt: &(dyn Fn(&JobId) -> Receipt + Sync),
    ) -> Result<Done<JobId>, ChangeError> {
        let Upload { name, writer } = upload;
        writer.finish().await?;
        let options = FileOptions { file: name.clone(), ..options };
        let done = self.enqueue(actor, &options, change, receipt).await;
        // Where the answer to a commit may have been lost there may be a job, which needs the file.
        let needed = matches!(done, Ok(Done::Now(_)) | Err(ChangeError::Storage(_)));
        if !needed && let Err(failure) = self.files.remove(&name).await {
            tracing::warn!(file = name, %failure, "a file that no job will read stays behind");
        }
        done
    }

    async fn enqueue(
        &self,
        actor: &Actor,
        options: &FileOptions,
        change: &Change,
        receipt: &(dyn Fn(&JobId) -> Receipt + Sync),
    ) -> Result<Done<JobId>, ChangeError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let job = NewJob {
            tenant: actor.tenant,
            kind: KIND,
            actor: actor.user,
            facts: options.facts(),
            created_at: self.clock.now(),
        };
        let id = tx.jobs().enqueue(&job).await?;
        // What is only to be tried is still a job.
        let change = Change { validate_only: false, ..change.clone() };
        finish(tx, actor, &change, || receipt(&id)).await?;
        Ok(Done::Now(id))
    }
}

use std::sync::Arc;

use haat_domain::assignment::AssignmentTx;
use haat_domain::job::NewJob;
use haat_domain::shared::{Begin, Clock, FileStore, IdGenerator, JobId, Receipt};

use super::FileOptions;
use super::assign_file::KIND;
use crate::shared::{
    Actor, Begun, Change, ChangeError, Done, Permission, Upload, begin, finish, forget_unneeded,
};

/// Takes a file of assignments and leaves it to a job.
pub struct SubmitFile {
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
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
        Ok(Upload::begin(&*self.files, "assignments", actor.tenant, &*self.ids).await?)
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
        let (name, _) = upload.finish().await?;
        let options = FileOptions { file: name.clone(), ..options };
        let done = self.enqueue(actor, &options, change, receipt).await;
        forget_unneeded(&*self.files, &name, &done).await;
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
            actor: Some(actor.user),
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

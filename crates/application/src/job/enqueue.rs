use haat_domain::change::ChangeTx;
use haat_domain::job::{Enqueued, NewJob};
use haat_domain::shared::{JobId, StorageFailure};

use crate::shared::ChangeError;

/// Adds a job that a request starts, and returns its id.
///
/// # Errors
/// [`ChangeError::JobLimitReached`] if the tenant has too many queued jobs of the kind.
pub(crate) async fn enqueue<Tx: ChangeTx + ?Sized>(tx: &mut Tx, job: &NewJob) -> Result<JobId, ChangeError> {
    match tx.jobs().enqueue(job).await? {
        Enqueued::Created(id) => Ok(id),
        Enqueued::LimitReached => Err(ChangeError::JobLimitReached),
        Enqueued::Existing => {
            Err(StorageFailure::Broken("a job without a key equals another one".to_owned()).into())
        }
    }
}

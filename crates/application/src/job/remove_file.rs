use haat_domain::job::{Attempt, JobReader};
use haat_domain::shared::{FileStore, StorageFailure};

use super::read_job::FILE;

/// Removes the file of a job that has ended, unless rows have errors: the file of those rows repeats their cells.
pub(crate) async fn remove_file(jobs: &dyn JobReader, files: &dyn FileStore, attempt: &Attempt) {
    let Some(file) = attempt.args.get(FILE) else {
        return;
    };
    let remove = async {
        if jobs.failed_rows(attempt.tenant, attempt.job, 0, 1).await?.is_empty() {
            files.remove(file).await?;
        }
        Ok::<_, StorageFailure>(())
    };
    // A file that stays behind only uses space.
    if let Err(failure) = remove.await {
        tracing::warn!(file, %failure, "the file of an ended job could not be removed");
    }
}

use async_trait::async_trait;

use super::ChangeBatch;
use crate::shared::StorageFailure;

/// Reads the commits of all processes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChangeFeed: Send {
    /// Returns the changes committed since the previous call. When it returns, every transaction whose commit
    /// was acknowledged before the call has been included, and none twice unless the feed restarts.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails; the feed restarts in that case.
    async fn poll(&mut self) -> Result<ChangeBatch, StorageFailure>;
}

/// Receives each commit of this process before the response is sent.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OnCommit: Send + Sync {
    /// Handles a commit. The transaction was committed, or may have been: the connection was lost before the
    /// confirmation.
    async fn committed(&self);
}

use async_trait::async_trait;

use super::Heard;
use crate::shared::StorageFailure;

/// Tells what was committed, by whichever process.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChangeFeed: Send {
    /// What was committed since it was asked before. Every transaction whose commit was acknowledged before this call
    /// has been told when it returns, and none twice unless the feed begins anew.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer; the feed begins anew then.
    async fn hear(&mut self) -> Result<Heard, StorageFailure>;
}

/// Is told of each commit of this process before anybody is answered.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OnCommit: Send + Sync {
    /// A transaction has been committed, or may have been: the storage went away before it said.
    async fn committed(&self);
}

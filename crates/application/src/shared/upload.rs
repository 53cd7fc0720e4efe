//! Files on their way into the store.

use haat_domain::shared::{FileStore, FileWriter, IdGenerator, StorageFailure, TenantId};

use super::{ChangeError, Done};

/// A file that is being sent. Dropped, nothing is left of it.
pub struct Upload {
    name: String,
    size: i64,
    writer: Box<dyn FileWriter>,
}

impl Upload {
    /// Begins a file of a kind.
    pub(crate) async fn begin(
        files: &dyn FileStore,
        kind: &str,
        tenant: TenantId,
        ids: &dyn IdGenerator,
    ) -> Result<Self, StorageFailure> {
        let name = format!("{kind}/{tenant}/{}.csv", ids.next());
        let writer = files.create(&name).await?;
        Ok(Self { name, size: 0, writer })
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not take it.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure> {
        self.size += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        self.writer.write(piece).await
    }

    /// Leaves nothing behind.
    pub async fn abandon(self) {
        self.writer.abandon().await;
    }

    /// Makes the file be there. Gives its name in the store and its bytes.
    pub(crate) async fn finish(self) -> Result<(String, i64), StorageFailure> {
        self.writer.finish().await?;
        Ok((self.name, self.size))
    }
}

/// Removes a file that no job will read. Where the answer to a commit may have been lost there may be one that does.
pub(crate) async fn forget_unneeded<T>(
    files: &dyn FileStore,
    name: &str,
    done: &Result<Done<T>, ChangeError>,
) {
    let needed = matches!(done, Ok(Done::Now(_)) | Err(ChangeError::Storage(_)));
    if !needed && let Err(failure) = files.remove(name).await {
        tracing::warn!(file = name, %failure, "a file that no job will read stays behind");
    }
}

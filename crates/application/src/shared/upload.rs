//! Uploads to the file store.

use haat_domain::change::StoredResponse;
use haat_domain::shared::{FileStore, FileWriter, IdGenerator, StorageFailure, TenantId};

use super::ChangeError;

/// A file that is being uploaded. If it is dropped, the store keeps nothing of it.
pub struct Upload {
    name: String,
    size: i64,
    writer: Box<dyn FileWriter>,
}

impl Upload {
    /// Begins a file of this kind.
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

    /// Appends a piece.
    ///
    /// # Errors
    /// [`StorageFailure`] if the store fails.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure> {
        self.size += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        self.writer.write(piece).await
    }

    /// Discards the file.
    pub async fn abandon(self) {
        self.writer.abandon().await;
    }

    /// Completes the file. Returns its name in the store and its size in bytes.
    pub(crate) async fn finish(self) -> Result<(String, i64), StorageFailure> {
        self.writer.finish().await?;
        Ok((self.name, self.size))
    }
}

/// Removes a file that no job will read: one whose job was not enqueued, because the request failed or repeats an
/// earlier one. After a storage failure the file stays: the commit may have succeeded, so a job may read it.
pub(crate) async fn remove_unneeded(
    files: &dyn FileStore,
    name: &str,
    enqueued: bool,
    result: &Result<StoredResponse, ChangeError>,
) {
    let needed = (enqueued && result.is_ok()) || matches!(result, Err(ChangeError::Storage(_)));
    if !needed && let Err(failure) = files.remove(name).await {
        tracing::warn!(file = name, %failure, "a file that no job will read stays behind");
    }
}

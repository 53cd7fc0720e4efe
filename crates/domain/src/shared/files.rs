//! Files that users upload and jobs read.

use async_trait::async_trait;

use super::StorageFailure;

/// Stores files by name, in a folder or in an object store.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Creates a file. It becomes visible when it is finished. If the writer is dropped before that, the file
    /// is removed, as long as this process keeps running.
    async fn create(&self, name: &str) -> Result<Box<dyn FileWriter>, StorageFailure>;

    /// Opens a file; `None` if no file has this name.
    async fn open(&self, name: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure>;

    /// Removes a file, if it exists.
    async fn remove(&self, name: &str) -> Result<(), StorageFailure>;
}

/// Writes a file in chunks.
#[async_trait]
pub trait FileWriter: Send {
    /// Appends a chunk.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails: the store is full or unavailable.
    async fn write(&mut self, chunk: &[u8]) -> Result<(), StorageFailure>;

    /// Completes the file and makes it visible.
    async fn finish(self: Box<Self>) -> Result<(), StorageFailure>;

    /// Discards the file.
    async fn abandon(self: Box<Self>);
}

/// Reads a file in chunks.
#[async_trait]
pub trait FileReader: Send {
    /// Returns the next chunk, of some ten thousand bytes; `None` at the end.
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure>;
}

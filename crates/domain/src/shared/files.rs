//! Files that people send and jobs read.

use async_trait::async_trait;

use super::StorageFailure;

/// Keeps files by name, in a folder or in a store of objects.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Begins a file. It is there once it is finished; dropped before, nothing is left of it as long as this process
    /// lives.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not answer.
    async fn create(&self, name: &str) -> Result<Box<dyn FileWriter>, StorageFailure>;

    /// Opens a file; `None` where there is none of that name.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not answer.
    async fn open(&self, name: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure>;

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not answer.
    async fn remove(&self, name: &str) -> Result<(), StorageFailure>;
}

/// Writes a file, a piece at a time.
#[async_trait]
pub trait FileWriter: Send {
    /// Adds a piece.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not take it: it is full, or away.
    async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure>;

    /// Makes the file be there.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not take it.
    async fn finish(self: Box<Self>) -> Result<(), StorageFailure>;

    /// Leaves nothing behind.
    async fn abandon(self: Box<Self>);
}

/// Reads a file, a piece at a time.
#[async_trait]
pub trait FileReader: Send {
    /// The next piece, of some ten thousand bytes; none at the end.
    ///
    /// # Errors
    /// [`StorageFailure`] when the store could not answer.
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure>;
}

//! Files that people send: in a local folder, or in a store that speaks S3.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use haat_domain::shared::{FileReader, FileStore, FileWriter, StorageFailure};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, WriteMultipart};

use crate::config::FilesConfig;

/// Pieces of a file on their way to the store at once; each has 5 MiB, the least that S3 takes.
const IN_FLIGHT: usize = 2;

/// A store of objects.
pub(crate) struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
}

impl ObjectFiles {
    /// Opens the store, and makes the folder if it is one.
    pub(crate) fn open(config: &FilesConfig) -> anyhow::Result<Self> {
        let store: Arc<dyn ObjectStore> = match config {
            FilesConfig::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("the folder of files {} cannot be made", folder.display()))?;
                Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true))
            }
            FilesConfig::S3(url) => {
                let s3 = AmazonS3Builder::from_env().with_url(url.as_str()).build();
                let s3 = s3.with_context(|| format!("the store of files {url} cannot be used"))?;
                let prefix = Path::parse(url.path()).context("HAAT_FILES")?;
                Arc::new(object_store::prefix::PrefixStore::new(s3, prefix))
            }
        };
        Ok(Self { store })
    }
}

#[async_trait]
impl FileStore for ObjectFiles {
    async fn create(&self, name: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
        let upload = self.store.put_multipart(&Path::from(name)).await.map_err(failure)?;
        Ok(Box::new(Writer(WriteMultipart::new(upload))))
    }

    async fn open(&self, name: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
        match self.store.get(&Path::from(name)).await {
            Ok(found) => Ok(Some(Box::new(Reader(found.into_stream())))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    async fn remove(&self, name: &str) -> Result<(), StorageFailure> {
        match self.store.delete(&Path::from(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }
}

struct Writer(WriteMultipart);

#[async_trait]
impl FileWriter for Writer {
    async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure> {
        self.0.wait_for_capacity(IN_FLIGHT).await.map_err(failure)?;
        self.0.write(piece);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StorageFailure> {
        self.0.finish().await.map_err(failure)?;
        Ok(())
    }

    async fn abandon(self: Box<Self>) {
        if let Err(error) = self.0.abort().await {
            tracing::warn!(%error, "an unfinished file may stay behind");
        }
    }
}

struct Reader(BoxStream<'static, object_store::Result<bytes::Bytes>>);

#[async_trait]
impl FileReader for Reader {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        Ok(self.0.try_next().await.map_err(failure)?.map(Vec::from))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn failure(error: Error) -> StorageFailure {
    StorageFailure::Unavailable(error.to_string())
}

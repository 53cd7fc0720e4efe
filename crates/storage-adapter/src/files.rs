use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::shared::{FileReader, FileStore, FileWriter, StorageFailure};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufReader;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, RetryConfig, WriteMultipart};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncBufReadExt as _;
use tokio::runtime::Handle;
use url::Url;

use crate::{FilesConfig, FilesConfigError};

/// The number of parts of an upload in flight; each has 5 MiB, the minimum part size of S3.
const PARTS_IN_FLIGHT: usize = 2;

/// The bytes read from the store per request. Each range is a request of its own, because a store does not keep a
/// request open for as long as the work on a large file takes.
const READ_BYTES: usize = 5 << 20;

/// The maximum size of a chunk returned by [`FileReader::read`], in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// The number of retries of a request to an S3 store; each attempt takes at most 30 seconds. The library's default takes
/// several minutes in all. With this limit callers get the error sooner, and jobs retry by themselves.
const RETRIES: usize = 2;

/// An object store.
pub struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
}

impl ObjectFiles {
    /// Opens the store; creates the folder if the store is a local folder.
    ///
    /// # Errors
    /// [`FilesConfigError`] if the folder cannot be used, or if the settings of the store are invalid.
    pub fn open(config: &FilesConfig) -> Result<Self, FilesConfigError> {
        let store: Arc<dyn ObjectStore> = match config {
            FilesConfig::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|source| FilesConfigError::Create { folder: folder.clone(), source })?;
                let folder = LocalFileSystem::new_with_prefix(folder).map_err(FilesConfigError::Folder)?;
                Arc::new(folder.with_automatic_cleanup(true))
            }
            FilesConfig::S3 { url, variables } => s3(url, variables)?,
        };
        Ok(Self { store })
    }
}

/// Opens an S3-compatible store.
fn s3(url: &Url, variables: &[(String, SecretString)]) -> Result<Arc<dyn ObjectStore>, FilesConfigError> {
    let mut settings = AmazonS3Builder::new();
    for (name, value) in variables {
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            settings = settings.with_config(key, value.expose_secret());
        }
    }
    let retry = RetryConfig { max_retries: RETRIES, ..RetryConfig::default() };
    let s3 = settings.with_url(url.as_str()).with_retry(retry).build();
    let s3 = s3.map_err(|source| FilesConfigError::S3 { url: url.clone(), source })?;
    let prefix = Path::from_url_path(url.path()).map_err(FilesConfigError::Prefix)?;
    Ok(Arc::new(PrefixStore::new(s3, prefix)))
}

#[async_trait]
impl FileStore for ObjectFiles {
    async fn create(&self, name: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
        let upload = self.store.put_multipart(&Path::from(name)).await.map_err(failure)?;
        Ok(Box::new(Writer(Some(WriteMultipart::new(upload)))))
    }

    async fn open(&self, name: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
        match self.store.head(&Path::from(name)).await {
            Ok(meta) => {
                Ok(Some(Box::new(Reader(BufReader::with_capacity(self.store.clone(), &meta, READ_BYTES)))))
            }
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

/// An upload in progress; `None` once it is finished or aborted.
struct Writer(Option<WriteMultipart>);

#[async_trait]
impl FileWriter for Writer {
    async fn write(&mut self, chunk: &[u8]) -> Result<(), StorageFailure> {
        let Some(upload) = &mut self.0 else { return Ok(()) };
        upload.wait_for_capacity(PARTS_IN_FLIGHT).await.map_err(failure)?;
        upload.write(chunk);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), StorageFailure> {
        let Some(upload) = self.0.take() else { return Ok(()) };
        upload.finish().await.map_err(failure)?;
        Ok(())
    }

    async fn abandon(mut self: Box<Self>) {
        if let Some(upload) = self.0.take() {
            abort(upload).await;
        }
    }
}

impl Drop for Writer {
    /// Aborts an unfinished upload, for example after a client disconnects. A store would keep its parts forever.
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(abort(upload));
        }
    }
}

async fn abort(mut upload: WriteMultipart) {
    // A part that arrives after the abort would stay in the store.
    let _ = upload.wait_for_capacity(0).await;
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "an unfinished file may stay behind");
    }
}

struct Reader(BufReader);

#[async_trait]
impl FileReader for Reader {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        let unavailable = |error: std::io::Error| StorageFailure::Unavailable(error.to_string());
        let buffer = self.0.fill_buf().await.map_err(unavailable)?;
        let chunk = buffer.get(..CHUNK_BYTES).unwrap_or(buffer).to_vec();
        self.0.consume(chunk.len());
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used with `map_err`")]
fn failure(error: Error) -> StorageFailure {
    StorageFailure::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use haat_test_support::{Proxy, S3Server};

    use super::*;

    /// An S3 store behind a proxy.
    struct Setup {
        server: S3Server,
        proxy: Proxy,
        files: ObjectFiles,
    }

    impl Setup {
        async fn new() -> Self {
            let server = S3Server::start().await;
            let proxy = Proxy::new(server.url()).await;
            let files = Self::files(&server, &proxy, "20s");
            Self { server, proxy, files }
        }

        /// Opens the store with this timeout per request.
        fn files(server: &S3Server, proxy: &Proxy, timeout: &str) -> ObjectFiles {
            let endpoint = proxy.through(server.url());
            let variables = [
                ("AWS_ENDPOINT_URL", endpoint.trim_end_matches('/')),
                ("AWS_ALLOW_HTTP", "true"),
                ("AWS_TIMEOUT", timeout),
                ("AWS_ACCESS_KEY_ID", S3Server::KEY_ID),
                ("AWS_SECRET_ACCESS_KEY", S3Server::SECRET),
            ];
            let url = Url::parse(&format!("s3://{}/in/here", S3Server::BUCKET)).unwrap();
            let variables =
                variables.map(|(name, value)| (name.to_owned(), SecretString::from(value))).into();
            ObjectFiles::open(&FilesConfig::S3 { url, variables }).unwrap()
        }

        fn shorten_timeout(&mut self) {
            self.files = Self::files(&self.server, &self.proxy, "800ms");
        }

        /// Begins a file of `mib` MiB in which no two chunks are equal.
        async fn write(&self, name: &str, mib: usize) -> (Box<dyn FileWriter>, Vec<u8>) {
            let mut writer = self.files.create(name).await.unwrap();
            let bytes: Vec<u8> = (0_u32..).flat_map(u32::to_le_bytes).take(mib << 20).collect();
            for chunk in bytes.chunks(60_000) {
                writer.write(chunk).await.unwrap();
            }
            (writer, bytes)
        }

        async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFailure> {
            let Some(mut reader) = self.files.open(name).await? else { return Ok(None) };
            let mut bytes = Vec::new();
            while let Some(chunk) = reader.read().await? {
                bytes.extend(chunk);
            }
            Ok(Some(bytes))
        }

        /// Waits until the store holds `count` files, including parts of unfinished ones.
        async fn wait_for_files(&self, count: usize) {
            for _ in 0..1_000 {
                if self.server.files().len() == count {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            panic!("{:?}", self.server.files());
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn stores_a_multipart_file_until_it_is_removed() {
        let setup = Setup::new().await;
        assert_eq!(setup.read("a").await, Ok(None));
        let (writer, bytes) = setup.write("a", 12).await;
        assert_eq!(setup.read("a").await, Ok(None), "not visible before it is finished");
        writer.finish().await.unwrap();
        assert!(setup.read("a").await == Ok(Some(bytes)));
        assert_eq!(setup.read("b").await, Ok(None));
        let (empty, _) = setup.write("empty", 0).await;
        empty.finish().await.unwrap();
        assert_eq!(setup.read("empty").await, Ok(Some(Vec::new())));
        for _ in 0..2 {
            setup.files.remove("a").await.unwrap();
            assert_eq!(setup.read("a").await, Ok(None));
        }
        setup.files.remove("empty").await.unwrap();
        assert!(setup.server.files().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_slower_than_the_request_timeout_reads_the_whole_file() {
        let mut setup = Setup::new().await;
        let (writer, bytes) = setup.write("a", 8).await;
        writer.finish().await.unwrap();
        setup.shorten_timeout();
        let mut reader = setup.files.open("a").await.unwrap().unwrap();
        let (mut read, mut pause) = (Vec::new(), 0);
        while let Some(chunk) = reader.read().await.unwrap() {
            read.extend(chunk);
            if read.len() > pause {
                tokio::time::sleep(Duration::from_millis(900)).await;
                pause += 2 << 20;
            }
        }
        assert!(read == bytes);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_abandoned_file_leaves_nothing_in_the_store() {
        let setup = Setup::new().await;
        let (writer, _) = setup.write("a", 17).await;
        assert!(!setup.server.files().is_empty(), "parts are uploaded");
        writer.abandon().await;
        assert!(setup.server.files().is_empty());
        // The same after the writer is dropped.
        let (writer, _) = setup.write("b", 17).await;
        drop(writer);
        setup.wait_for_files(0).await;
        assert_eq!(setup.read("a").await, Ok(None));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_unavailable_or_hanging_store_fails_within_the_timeout() {
        let mut setup = Setup::new().await;
        let (writer, bytes) = setup.write("a", 1).await;
        writer.finish().await.unwrap();
        setup.shorten_timeout();
        for disrupt in [Proxy::take_down, Proxy::hang] {
            let (half, _) = setup.write("b", 1).await;
            disrupt(&setup.proxy);
            let attempts = async {
                assert!(matches!(setup.read("a").await, Err(StorageFailure::Unavailable(_))));
                assert!(setup.files.create("c").await.is_err());
                assert!(setup.files.remove("a").await.is_err());
                assert!(half.finish().await.is_err());
            };
            tokio::time::timeout(Duration::from_secs(30), attempts).await.unwrap();
            setup.proxy.bring_up();
            assert!(setup.read("a").await.as_ref() == Ok(&Some(bytes.clone())));
        }
    }
}

//! Files that people send: in a local folder, or in a store that speaks S3.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use haat_domain::shared::{FileReader, FileStore, FileWriter, StorageFailure};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufReader;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, RetryConfig, WriteMultipart};
use tokio::io::AsyncBufReadExt as _;
use tokio::runtime::Handle;
use url::Url;

use crate::config::FilesConfig;

/// Pieces of a file on their way to the store at once; each has 5 MiB, the least that S3 takes.
const IN_FLIGHT: usize = 2;

/// What is read of a file at once. A piece is a request of its own, as a store lets no request last for as long as work
/// on a large file does.
const PIECE: usize = 5 << 20;

/// What of it is given out at once.
const CRUMB: usize = 64 << 10;

/// How often a store that speaks S3 is asked again, each time for at most 30 seconds. Whoever waits is told sooner than
/// by the library's own measure, of several minutes, and jobs try again by themselves.
const RETRIES: usize = 2;

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
            FilesConfig::S3(url) => s3(AmazonS3Builder::from_env(), url)?,
        };
        Ok(Self { store })
    }
}

/// A store that speaks S3.
fn s3(settings: AmazonS3Builder, url: &Url) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig { max_retries: RETRIES, ..RetryConfig::default() };
    let s3 = settings.with_url(url.as_str()).with_retry(retry).build();
    let s3 = s3.with_context(|| format!("the store of files {url} cannot be used"))?;
    let prefix = Path::from_url_path(url.path()).context("HAAT_FILES")?;
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
            Ok(found) => {
                Ok(Some(Box::new(Reader(BufReader::with_capacity(self.store.clone(), &found, PIECE)))))
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

/// A file on its way; none once it is there or given up.
struct Writer(Option<WriteMultipart>);

#[async_trait]
impl FileWriter for Writer {
    async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure> {
        let Some(upload) = &mut self.0 else { return Ok(()) };
        upload.wait_for_capacity(IN_FLIGHT).await.map_err(failure)?;
        upload.write(piece);
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
    /// Whoever wrote it is gone, as when a client hangs up. A store would keep the pieces for ever.
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(abort(upload));
        }
    }
}

async fn abort(mut upload: WriteMultipart) {
    // A piece that arrives after the end would stay.
    let _ = upload.wait_for_capacity(0).await;
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "an unfinished file may stay behind");
    }
}

struct Reader(BufReader);

#[async_trait]
impl FileReader for Reader {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        let away = |error: std::io::Error| StorageFailure::Unavailable(error.to_string());
        let piece = self.0.fill_buf().await.map_err(away)?;
        let crumb = piece.get(..CRUMB).unwrap_or(piece).to_vec();
        self.0.consume(crumb.len());
        Ok((!crumb.is_empty()).then_some(crumb))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn failure(error: Error) -> StorageFailure {
    StorageFailure::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use haat_test_support::{Proxy, S3Server};
    use object_store::ClientOptions;

    use super::*;

    /// A store behind a proxy.
    struct World {
        server: S3Server,
        proxy: Proxy,
        files: ObjectFiles,
    }

    impl World {
        async fn new() -> Self {
            let server = S3Server::start().await;
            let proxy = Proxy::new(server.url()).await;
            let files = Self::files(&server, &proxy, Duration::from_secs(20));
            Self { server, proxy, files }
        }

        /// The store, for somebody who gives a request so long.
        fn files(server: &S3Server, proxy: &Proxy, patience: Duration) -> ObjectFiles {
            let settings = AmazonS3Builder::new()
                .with_endpoint(proxy.through(server.url()).trim_end_matches('/'))
                .with_client_options(ClientOptions::new().with_allow_http(true).with_timeout(patience))
                .with_access_key_id(S3Server::KEY_ID)
                .with_secret_access_key(S3Server::SECRET);
            let url = Url::parse(&format!("s3://{}/in/here", S3Server::BUCKET)).unwrap();
            ObjectFiles { store: s3(settings, &url).unwrap() }
        }

        fn become_impatient(&mut self) {
            self.files = Self::files(&self.server, &self.proxy, Duration::from_millis(800));
        }

        /// Begins a file of so many MiB, no two of its pieces alike.
        async fn write(&self, name: &str, mib: usize) -> (Box<dyn FileWriter>, Vec<u8>) {
            let mut writer = self.files.create(name).await.unwrap();
            let bytes: Vec<u8> = (0_u32..).flat_map(u32::to_le_bytes).take(mib << 20).collect();
            for piece in bytes.chunks(60_000) {
                writer.write(piece).await.unwrap();
            }
            (writer, bytes)
        }

        async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFailure> {
            let Some(mut reader) = self.files.open(name).await? else { return Ok(None) };
            let mut bytes = Vec::new();
            while let Some(piece) = reader.read().await? {
                bytes.extend(piece);
            }
            Ok(Some(bytes))
        }

        /// Until the store holds so many files, parts of unfinished ones among them.
        async fn holds(&self, count: usize) {
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
    async fn a_file_of_many_parts_is_kept_whole_until_it_is_removed() {
        let world = World::new().await;
        assert_eq!(world.read("a").await, Ok(None));
        let (writer, bytes) = world.write("a", 12).await;
        assert_eq!(world.read("a").await, Ok(None), "not there before it is finished");
        writer.finish().await.unwrap();
        assert!(world.read("a").await == Ok(Some(bytes)));
        assert_eq!(world.read("b").await, Ok(None));
        let (empty, _) = world.write("empty", 0).await;
        empty.finish().await.unwrap();
        assert_eq!(world.read("empty").await, Ok(Some(Vec::new())));
        for _ in 0..2 {
            world.files.remove("a").await.unwrap();
            assert_eq!(world.read("a").await, Ok(None));
        }
        world.files.remove("empty").await.unwrap();
        assert!(world.server.files().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_reads_more_slowly_than_a_request_may_last_reads_all() {
        let mut world = World::new().await;
        let (writer, bytes) = world.write("a", 8).await;
        writer.finish().await.unwrap();
        world.become_impatient();
        let mut reader = world.files.open("a").await.unwrap().unwrap();
        let (mut read, mut pause) = (Vec::new(), 0);
        while let Some(piece) = reader.read().await.unwrap() {
            read.extend(piece);
            if read.len() > pause {
                tokio::time::sleep(Duration::from_millis(900)).await;
                pause += 2 << 20;
            }
        }
        assert!(read == bytes);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_a_file_that_is_given_up_nothing_stays() {
        let world = World::new().await;
        let (writer, _) = world.write("a", 17).await;
        assert!(!world.server.files().is_empty(), "parts are there");
        writer.abandon().await;
        assert!(world.server.files().is_empty());
        // Nor where whoever wrote it is gone.
        let (writer, _) = world.write("b", 17).await;
        drop(writer);
        world.holds(0).await;
        assert_eq!(world.read("a").await, Ok(None));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_is_away_or_silent_is_a_failure_and_no_wait_without_end() {
        let mut world = World::new().await;
        let (writer, bytes) = world.write("a", 1).await;
        writer.finish().await.unwrap();
        world.become_impatient();
        for away in [Proxy::take_down, Proxy::hang] {
            let (half, _) = world.write("b", 1).await;
            away(&world.proxy);
            let tried = async {
                assert!(matches!(world.read("a").await, Err(StorageFailure::Unavailable(_))));
                assert!(world.files.create("c").await.is_err());
                assert!(world.files.remove("a").await.is_err());
                assert!(half.finish().await.is_err());
            };
            tokio::time::timeout(Duration::from_secs(30), tried).await.unwrap();
            world.proxy.bring_up();
            assert!(world.read("a").await.as_ref() == Ok(&Some(bytes.clone())));
        }
    }
}

use std::path::{Path, PathBuf};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::unique_word;

/// An S3-compatible object store for one test, backed by a folder. Dropping this value stops it and deletes
/// the folder.
pub struct S3Server {
    url: String,
    folder: PathBuf,
    serving: JoinHandle<()>,
}

impl S3Server {
    /// The only bucket.
    pub const BUCKET: &str = "haat";

    /// The id of the only access key that it accepts.
    pub const KEY_ID: &str = "tests";

    /// The secret of that key.
    pub const SECRET: &str = "a-secret-of-the-store";

    /// Starts a store on a free port.
    ///
    /// # Panics
    /// Panics if no port is free, or if the folder cannot be created.
    pub async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("haat-tests/s3-{}", unique_word()));
        std::fs::create_dir_all(folder.join(Self::BUCKET)).expect("a folder");
        let files = s3s_fs::FileSystem::new(&folder).expect("a store over a folder");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(Self::KEY_ID, Self::SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { url, folder, serving }
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns all files: complete objects below the bucket, and parts of unfinished ones beside it. Omits
    /// the store's own metadata files, which it does not remove.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        fn list_files(folder: &Path) -> Vec<PathBuf> {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let below = |path: PathBuf| if path.is_dir() { list_files(&path) } else { vec![path] };
            entries.flat_map(|entry| below(entry.path())).collect()
        }
        let files = list_files(&self.folder);
        let files = files.iter().filter_map(|file| file.strip_prefix(&self.folder).ok());
        let is_metadata = |file: &&Path| file.extension().is_some_and(|extension| extension == "json");
        files.filter(|file| !is_metadata(file)).map(Path::to_owned).collect()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

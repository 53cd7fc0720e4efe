use std::path::{Path, PathBuf};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::unique_word;

/// A store of objects that speaks S3, of a test's own, over a folder. Ends when dropped, and leaves nothing.
pub struct S3Server {
    url: String,
    folder: PathBuf,
    serving: JoinHandle<()>,
}

impl S3Server {
    /// Its one bucket.
    pub const BUCKET: &str = "haat";

    /// The id of the only key that it takes.
    pub const KEY_ID: &str = "tests";

    /// The secret of that key.
    pub const SECRET: &str = "a-secret-of-the-store";

    /// Starts one on a free port.
    ///
    /// # Panics
    /// When no port or folder can be had.
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

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// All it holds: whole objects below its bucket, and parts of unfinished ones beside it. Not its own notes of what
    /// they are, which it forgets to remove.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path) -> Vec<PathBuf> {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let below = |path: PathBuf| if path.is_dir() { walk(&path) } else { vec![path] };
            entries.flat_map(|entry| below(entry.path())).collect()
        }
        let files = walk(&self.folder);
        let files = files.iter().filter_map(|file| file.strip_prefix(&self.folder).ok());
        let is_note = |file: &&Path| file.extension().is_some_and(|extension| extension == "json");
        files.filter(|file| !is_note(file)).map(Path::to_owned).collect()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

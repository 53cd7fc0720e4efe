use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

/// The location of uploaded files.
#[derive(Debug, Clone)]
pub enum FilesConfig {
    /// A local folder.
    Folder(PathBuf),
    /// An S3-compatible store.
    S3 {
        /// The bucket and the prefix of file names: `s3://bucket/prefix`.
        url: Url,
        /// The other settings, by the names of AWS's environment variables, such as `AWS_REGION`. Unknown names are
        /// ignored.
        variables: Vec<(String, SecretString)>,
    },
}

/// The file store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum FilesConfigError {
    /// The folder does not exist and cannot be created.
    #[error("cannot create the file folder {}", .folder.display())]
    Create {
        /// The folder.
        folder: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(object_store::Error),
    /// The settings of the S3-compatible store are incomplete or invalid.
    #[error("cannot use the file store {url}")]
    S3 {
        /// The location of the store.
        url: Url,
        /// The reason.
        source: object_store::Error,
    },
    /// The path of the URL is not a valid prefix of file names.
    #[error("HAAT_FILES")]
    Prefix(#[source] object_store::path::Error),
}

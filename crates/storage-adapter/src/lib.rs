//! The domain's port for files, in a local folder or in an S3-compatible store. The only crate that uses
//! `object_store`.

mod config;
mod files;

pub use config::{FilesConfig, FilesConfigError};
pub use files::ObjectFiles;

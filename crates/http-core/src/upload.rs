//! Files in the body of a request, read chunk by chunk.

use std::error::Error;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt as _};
use haat_domain::shared::StorageFailure;
use sha2::{Digest as _, Sha256};

use super::body::{BodyTimeout, too_large};
use super::decompress::unreadable;
use super::{Problem, codes};

/// Maximum size of a file after decompression, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct UploadLimit(pub u64);

/// Reads a file from a body or from a part of a form: counts and hashes its bytes and enforces the size limit
/// and the timeout.
pub(crate) struct UploadReader {
    time_limit: Duration,
    limit: u64,
    bytes: u64,
    hash: Sha256,
}

impl UploadReader {
    /// Creates a reader for this request.
    pub(crate) fn at(request: &HttpRequest) -> Self {
        Self {
            time_limit: BodyTimeout::of(request),
            limit: request.app_data::<UploadLimit>().map_or(u64::MAX, |limit| limit.0),
            bytes: 0,
            // The options in the query are part of what the hash identifies.
            hash: Sha256::new_with_prefix(request.query_string()),
        }
    }

    /// Returns the next chunk or form part, `None` at the end.
    ///
    /// # Errors
    /// 408 if nothing arrives in time, 400 if the body is incomplete or cannot be read.
    pub(crate) async fn next<T, E: Error + 'static>(
        &self,
        stream: &mut (impl Stream<Item = Result<T, E>> + Unpin),
    ) -> Result<Option<T>, Problem> {
        // The timeout applies to each chunk; the whole body may take any time.
        let next = actix_web::rt::time::timeout(self.time_limit, stream.next()).await;
        let next = next.map_err(|_elapsed| Problem::new(&codes::REQUEST_TIMEOUT))?.transpose();
        next.map_err(unreadable)
    }

    /// Passes each chunk of a file to `write`.
    ///
    /// # Errors
    /// 413 for too many bytes, and the errors of [`next`](Self::next).
    pub(crate) async fn take<E: Error + 'static>(
        &mut self,
        mut chunks: impl Stream<Item = Result<web::Bytes, E>> + Unpin,
        mut write: impl AsyncFnMut(&[u8]) -> Result<(), StorageFailure>,
    ) -> Result<(), Problem> {
        while let Some(chunk) = self.next(&mut chunks).await? {
            self.bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if self.bytes > self.limit {
                return Err(too_large(self.limit));
            }
            self.hash.update(&chunk);
            write(&chunk).await?;
        }
        Ok(())
    }

    /// Adds a value sent along with the file to the hash.
    pub(crate) fn note(&mut self, text: &str) {
        self.hash.update(text);
    }

    /// Returns the SHA-256 of the query string and everything read so far.
    pub(crate) fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

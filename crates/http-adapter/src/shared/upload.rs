//! Files in the body of a request, taken a piece at a time.

use std::time::Duration;

use actix_web::dev::{Decompress, Payload};
use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt as _};
use haat_domain::shared::StorageFailure;
use sha2::{Digest as _, Sha256};

use super::body::BodyTimeout;
use super::{Code, Problem};

/// The most bytes of a file, unpacked.
#[derive(Clone, Copy)]
pub(crate) struct UploadLimit(pub(crate) u64);

/// Takes a body, unpacked, and gives each piece of it to `write`. Gives the SHA-256 of the query
/// and all of it.
///
/// # Errors
/// 413 for too many bytes, 408 for one that stalls, 400 for one that breaks off or cannot be unpacked.
pub(crate) async fn receive(
    request: &HttpRequest,
    payload: Payload,
    write: impl AsyncFnMut(&[u8]) -> Result<(), StorageFailure>,
) -> Result<[u8; 32], Problem> {
    let mut arriving = Arriving::at(request);
    arriving.take(Decompress::from_headers(payload, request.headers()), write).await?;
    Ok(arriving.hash())
}

/// A file that comes in as a body or in one: counted, hashed, and given up when nothing comes any more.
pub(crate) struct Arriving {
    patience: Duration,
    limit: u64,
    bytes: u64,
    hash: Sha256,
}

impl Arriving {
    /// In the body of this request.
    pub(crate) fn at(request: &HttpRequest) -> Self {
        Self {
            patience: request.app_data::<BodyTimeout>().map_or(Duration::from_secs(15), |timeout| timeout.0),
            limit: request.app_data::<UploadLimit>().map_or(u64::MAX, |limit| limit.0),
            bytes: 0,
            // What is asked of a file is part of what it is.
            hash: Sha256::new_with_prefix(request.query_string()),
        }
    }

    /// The next piece or part; none at the end.
    ///
    /// # Errors
    /// 408 for one that stalls, 400 for one that breaks off or cannot be read.
    pub(crate) async fn next<T, E: std::fmt::Display>(
        &self,
        stream: &mut (impl Stream<Item = Result<T, E>> + Unpin),
    ) -> Result<Option<T>, Problem> {
        // However long it takes in all: what stalls is a body of which nothing comes any more.
        let next = actix_web::rt::time::timeout(self.patience, stream.next()).await;
        let next = next.map_err(|_elapsed| Problem::new(Code::RequestTimeout))?.transpose();
        next.map_err(|error| Problem {
            cause: Some(error.to_string()),
            ..Problem::new(Code::MalformedRequest)
        })
    }

    /// Gives each piece of a file to `write`.
    ///
    /// # Errors
    /// As those of [`receive`].
    pub(crate) async fn take<E: std::fmt::Display>(
        &mut self,
        mut pieces: impl Stream<Item = Result<web::Bytes, E>> + Unpin,
        mut write: impl AsyncFnMut(&[u8]) -> Result<(), StorageFailure>,
    ) -> Result<(), Problem> {
        while let Some(piece) = self.next(&mut pieces).await? {
            self.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            if self.bytes > self.limit {
                return Err(Problem::new(Code::PayloadTooLarge));
            }
            self.hash.update(&piece);
            write(&piece).await?;
        }
        Ok(())
    }

    /// Notes what was said of the file beside it.
    pub(crate) fn note(&mut self, text: &str) {
        self.hash.update(text);
    }

    /// The SHA-256 of the query and all that has come.
    pub(crate) fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

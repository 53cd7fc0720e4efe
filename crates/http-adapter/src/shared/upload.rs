//! Files in the body of a request, taken a piece at a time.

use std::error::Error;
use std::time::Duration;

use actix_web::dev::{Decompress, Payload};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt as _};
use haat_domain::shared::StorageFailure;
use sha2::{Digest as _, Sha256};

use super::body::BodyTimeout;
use super::{Code, Problem};

/// The most bytes of a file, unpacked.
#[derive(Clone, Copy)]
pub(crate) struct UploadLimit(pub(crate) u64);

/// What a body may be packed with.
const PACKINGS: [&str; 5] = ["", "identity", "gzip", "br", "zstd"];

/// Takes a body, unpacked, and gives each piece of it to `write`. Gives the SHA-256 of the query
/// and all of it.
///
/// # Errors
/// 413 for too many bytes, 408 for one that stalls, 400 for one that breaks off or cannot be unpacked, 415 for one that is
/// packed with something else.
pub(crate) async fn receive(
    request: &HttpRequest,
    payload: Payload,
    write: impl AsyncFnMut(&[u8]) -> Result<(), StorageFailure>,
) -> Result<[u8; 32], Problem> {
    let mut arriving = Arriving::at(request);
    arriving.take(unpacked(request, payload)?, write).await?;
    Ok(arriving.hash())
}

/// The body, unpacked.
///
/// # Errors
/// 415 where it is packed with something that is not taken.
pub(crate) fn unpacked(request: &HttpRequest, payload: Payload) -> Result<Decompress<Payload>, Problem> {
    let coding = request.headers().get(CONTENT_ENCODING).map_or(Some(""), |coding| coding.to_str().ok());
    if coding.is_some_and(|coding| PACKINGS.iter().any(|known| known.eq_ignore_ascii_case(coding.trim()))) {
        return Ok(Decompress::from_headers(payload, request.headers()));
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail(
        "Content-Encoding must be gzip, br or zstd, or left out.",
        "Content-Encoding হতে হবে gzip, br বা zstd, নয়তো বাদ দিতে হবে।",
    ))
}

/// Whether this is about what was packed, and not about the connection or a form.
fn cannot_be_unpacked(error: &(dyn Error + 'static)) -> bool {
    // With a cause it is what the unpacking said; a connection that was lost has none.
    std::iter::successors(Some(error), |error| (*error).source())
        .any(|error| matches!(error.downcast_ref(), Some(PayloadError::Incomplete(Some(_)))))
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
    pub(crate) async fn next<T, E: Error + 'static>(
        &self,
        stream: &mut (impl Stream<Item = Result<T, E>> + Unpin),
    ) -> Result<Option<T>, Problem> {
        // However long it takes in all: what stalls is a body of which nothing comes any more.
        let next = actix_web::rt::time::timeout(self.patience, stream.next()).await;
        let next = next.map_err(|_elapsed| Problem::new(Code::RequestTimeout))?.transpose();
        next.map_err(|error| {
            let problem = Problem { cause: Some(error.to_string()), ..Problem::new(Code::MalformedRequest) };
            if !cannot_be_unpacked(&error) {
                return problem;
            }
            problem.detail(
                "The file is said to be packed, but is not complete and valid gzip (or what Content-Encoding names).",
                "ফাইলটি প্যাক করা বলা হয়েছে, কিন্তু এটি সম্পূর্ণ ও সঠিক gzip (বা Content-Encoding-এ যা বলা আছে তা) নয়।",
            )
        })
    }

    /// Gives each piece of a file to `write`.
    ///
    /// # Errors
    /// As those of [`receive`].
    pub(crate) async fn take<E: Error + 'static>(
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

//! Files in the body of a request, taken a piece at a time.

use std::time::Duration;

use actix_web::dev::{Decompress, Payload};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt as _;
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
    mut write: impl AsyncFnMut(&[u8]) -> Result<(), StorageFailure>,
) -> Result<[u8; 32], Problem> {
    let patience = request.app_data::<BodyTimeout>().map_or(Duration::from_secs(15), |timeout| timeout.0);
    let limit = request.app_data::<UploadLimit>().map_or(u64::MAX, |limit| limit.0);
    let mut body = Decompress::from_headers(payload, request.headers());
    // What is asked of a file is part of what it is.
    let (mut bytes, mut hash) = (0_u64, Sha256::new_with_prefix(request.query_string()));
    loop {
        // However long it takes in all: what stalls is a body of which nothing comes any more.
        let piece: Option<Result<web::Bytes, _>> = actix_web::rt::time::timeout(patience, body.next())
            .await
            .map_err(|_elapsed| Problem::new(Code::RequestTimeout))?;
        let Some(piece) = piece else {
            return Ok(hash.finalize().into());
        };
        let piece = piece.map_err(|error| Problem {
            cause: Some(error.to_string()),
            ..Problem::new(Code::MalformedRequest)
        })?;
        bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if bytes > limit {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
        hash.update(&piece);
        write(&piece).await?;
    }
}

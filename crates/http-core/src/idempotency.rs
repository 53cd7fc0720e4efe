use actix_web::HttpRequest;
use haat_application::shared::{ExpectedVersions, FieldError, WriteOptions};
use haat_domain::change::{IdempotencyKey, IdempotentRequest};
use sha2::{Digest as _, Sha256};

use super::{Fields, Problem, RequestId, expected_versions, parse_bool};

const HEADER: &str = "idempotency-key";

/// Reads `Idempotency-Key`, if there is one.
///
/// # Errors
/// 422 for an invalid `Idempotency-Key`.
pub fn idempotent_request(request: &HttpRequest, body: &[u8]) -> Result<Option<IdempotentRequest>, Problem> {
    // A request without a key needs no hash of its body.
    if !request.headers().contains_key(HEADER) {
        return Ok(None);
    }
    idempotent_request_of(request, Sha256::digest(body).into())
}

/// Like [`idempotent_request`], for a body that is known only by its hash.
///
/// # Errors
/// 422 for an invalid `Idempotency-Key`.
pub fn idempotent_request_of(
    request: &HttpRequest,
    body_hash: [u8; 32],
) -> Result<Option<IdempotentRequest>, Problem> {
    let Some(sent) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    // A header value that is not visible ASCII becomes the empty key, which is invalid.
    let key = IdempotencyKey::parse(sent.to_str().unwrap_or_default())
        .map_err(|rule| Problem::invalid(vec![FieldError::of("Idempotency-Key", &rule)]))?;
    let route = format!("{} {}", request.method(), request.path());
    Ok(Some(IdempotentRequest { key, route: route.chars().take(255).collect(), body_hash }))
}

/// Reads the options of a change: `Idempotency-Key`, `validateOnly` in the query, and the request id. Errors
/// of the query are recorded in `query`.
///
/// # Errors
/// 422 for an invalid `Idempotency-Key`.
pub fn write_options(
    request: &HttpRequest,
    body: &[u8],
    query: &mut Fields,
) -> Result<WriteOptions, Problem> {
    let validate_only = query.optional("validateOnly", parse_bool).unwrap_or_default();
    Ok(WriteOptions {
        request_id: RequestId::of(request),
        idempotent_request: idempotent_request(request, body)?,
        validate_only,
        expected: ExpectedVersions(expected_versions(request)),
    })
}

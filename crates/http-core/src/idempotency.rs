use actix_web::HttpRequest;
use haat_application::shared::{FieldError, WriteOptions};
use haat_domain::change::{IdempotencyKey, IdempotentRequest};
use sha2::{Digest as _, Sha256};

use super::{Fields, JsonBody, Problem, RequestId, expected_versions, parse_bool};

const HEADER: &str = "idempotency-key";

/// The hashes of a body, which identify a request with an idempotency key.
#[derive(Clone, Copy)]
pub struct BodyHash {
    /// The SHA-256 of its meaning.
    pub meaning: [u8; 32],
    /// The SHA-256 of its bytes.
    pub sent: [u8; 32],
}

impl BodyHash {
    /// Returns the hash of a JSON body. Two bodies with the same members and values have the same meaning, however they
    /// are written.
    #[must_use]
    pub fn of_json(body: &JsonBody) -> Self {
        Self {
            meaning: Sha256::digest(body.fields.canonical()).into(),
            sent: Sha256::digest(&body.bytes).into(),
        }
    }

    /// Returns the hash of a body that is not JSON.
    #[must_use]
    pub const fn of_bytes(hash: [u8; 32]) -> Self {
        Self { meaning: hash, sent: hash }
    }

    /// Returns the hash of no body.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self::of_bytes(Sha256::digest([]).into())
    }
}

/// Reads `Idempotency-Key`, if there is one. `body` is called only then.
///
/// # Errors
/// 422 for an invalid `Idempotency-Key`.
pub fn idempotent_request(
    request: &HttpRequest,
    body: impl FnOnce() -> BodyHash,
) -> Result<Option<IdempotentRequest>, Problem> {
    let Some(sent) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    // A header value that is not visible ASCII becomes the empty key, which is invalid.
    let key = IdempotencyKey::parse(sent.to_str().unwrap_or_default())
        .map_err(|rule| Problem::invalid(vec![FieldError::of("Idempotency-Key", &rule)]))?;
    let route = format!("{} {}", request.method(), request.path());
    let BodyHash { meaning: body_hash, sent: sent_hash } = body();
    Ok(Some(IdempotentRequest { key, route: route.chars().take(255).collect(), body_hash, sent_hash }))
}

/// Reads the options of a change: `Idempotency-Key`, `If-Match`, `If-None-Match`, `validateOnly` in the query, and the request id. Errors
/// of the query are recorded in `query`.
///
/// # Errors
/// 422 for an invalid `Idempotency-Key`.
pub fn write_options(
    request: &HttpRequest,
    body: impl FnOnce() -> BodyHash,
    query: &mut Fields,
) -> Result<WriteOptions, Problem> {
    let validate_only = query.optional("validateOnly", parse_bool).unwrap_or_default();
    Ok(WriteOptions {
        request_id: RequestId::of(request),
        idempotent_request: idempotent_request(request, body)?,
        validate_only,
        expected: expected_versions(request)?,
    })
}

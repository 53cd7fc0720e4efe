use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use haat_application::shared::{ExpectedVersions, Idempotent, Text, WriteOptions};
use haat_domain::change::{IdempotencyKey, IdempotentRequest, StoredResponse};
use haat_domain::shared::FieldRule as _;
use sha2::{Digest as _, Sha256};

use super::response::{Coding, CreatedResource, JsonResponse, encoded, send};
use super::{Fields, Problem, RequestId, expected_versions, parse_bool};

const HEADER: &str = "idempotency-key";

/// Reads `Idempotency-Key`, if there is one.
pub(crate) fn idempotent_request(
    request: &HttpRequest,
    body: &[u8],
) -> Result<Option<IdempotentRequest>, Problem> {
    idempotent_request_of(request, Sha256::digest(body).into())
}

/// Like [`idempotent_request`], for a body that is known only by its hash.
pub(crate) fn idempotent_request_of(
    request: &HttpRequest,
    body_hash: [u8; 32],
) -> Result<Option<IdempotentRequest>, Problem> {
    let Some(sent) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    // A header value that is not visible ASCII becomes the empty key, which is invalid.
    let key = IdempotencyKey::parse(sent.to_str().unwrap_or_default()).map_err(|rule| {
        Problem::invalid_field("Idempotency-Key", rule.code(), Text::new(rule.to_string(), rule.bangla()))
    })?;
    let route = format!("{} {}", request.method(), request.path());
    Ok(Some(IdempotentRequest { key, route: route.chars().take(255).collect(), body_hash }))
}

/// Reads the options of a change: `Idempotency-Key`, `validateOnly` in the query, and the request id. Errors
/// of the query are recorded in `query`.
pub(crate) fn write_options(
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

/// Returns a function that renders the result of a change as the response stored for repetitions.
pub(crate) fn stored_response<T>(
    render: impl Fn(&T) -> Result<JsonResponse, Problem>,
) -> impl Fn(&T) -> StoredResponse {
    move |outcome| {
        let response = render(outcome).unwrap_or_default();
        let (status, location) = match &response.created {
            Some(created) => (created.status, Some(created.location.clone())),
            None => (StatusCode::OK, None),
        };
        StoredResponse { status: status.as_u16(), location, etag: Some(response.etag()), body: response.body }
    }
}

/// Responds to a change: with its result, or with the stored response of an earlier request.
pub(crate) fn write_response<T>(
    request: &HttpRequest,
    result: Idempotent<T>,
    render: impl FnOnce(&T) -> Result<JsonResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let coding = Coding::of(request);
    let (body, created) = match result {
        Idempotent::Executed(outcome) => {
            let mut response = render(&outcome)?;
            let created = response.created.take();
            (response.encode(coding), created)
        }
        Idempotent::Replayed(stored) => {
            let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
            let created = stored.location.map(|location| CreatedResource { status, location });
            (encoded(stored.body, stored.etag.as_deref().unwrap_or_default(), coding), created)
        }
    };
    let mut response = send(request, &body);
    if let Some(created) = created {
        *response.status_mut() = created.status;
        if let Ok(location) = HeaderValue::from_str(&created.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
    }
    Ok(response)
}

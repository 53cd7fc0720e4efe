//! Responses to changes. Each is rendered once, stored if the request has an idempotency key, and sent.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use haat_application::shared::{RenderError, Rendered, WriteOptions};
use haat_domain::change::StoredResponse;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::coding::AcceptedCoding;
use super::response::{JsonResponse, encoded, send};

/// The header of stored responses, as other APIs with idempotency keys name it.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Renders a created resource, or the result of a dry run, whose `id` is `null`.
///
/// # Errors
/// [`RenderError`] if the resource cannot be serialized.
pub fn created(
    options: &WriteOptions,
    resource: &impl Serialize,
    version: Option<i64>,
    location: String,
) -> Rendered {
    if options.validate_only {
        let mut json = serde_json::to_value(resource).map_err(|error| RenderError(error.to_string()))?;
        if let Some(id) = json.get_mut("id") {
            *id = Value::Null;
        }
        return render(StatusCode::OK, &json, None, None);
    }
    render(StatusCode::CREATED, resource, version, Some(location))
}

/// Renders an updated resource. The version of a dry run does not exist yet, so its entity tag must not be usable in
/// `If-Match`.
///
/// # Errors
/// [`RenderError`] if the resource cannot be serialized.
pub fn updated(options: &WriteOptions, resource: &impl Serialize, version: Option<i64>) -> Rendered {
    render(StatusCode::OK, resource, version.filter(|_| !options.validate_only), None)
}

/// Gives the response of a change the entity tag of a read, whose members it extends.
///
/// # Errors
/// [`RenderError`] of either.
pub fn tagged_as(read: Rendered, response: Rendered) -> Rendered {
    Ok(StoredResponse { etag: read?.etag, ..response? })
}

/// Renders a secret, such as a one-time password. It has no entity tag, because a tag is a hash of the content.
///
/// # Errors
/// [`RenderError`] if the resource cannot be serialized.
pub fn secret(resource: &impl Serialize) -> Rendered {
    Ok(StoredResponse { etag: None, ..render(StatusCode::OK, resource, None, None)? })
}

/// Adds `Cache-Control: no-store`, because the response contains a secret.
pub fn no_store(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Renders the 202 response for a resource that a job processes.
///
/// # Errors
/// [`RenderError`] if the resource cannot be serialized.
pub fn accepted(resource: &impl Serialize, location: String) -> Rendered {
    render(StatusCode::ACCEPTED, resource, None, Some(location))
}

/// Renders a deletion.
///
/// # Errors
/// Never. It returns a `Result` because changes take a fallible function.
pub fn deleted() -> Rendered {
    let status = StatusCode::NO_CONTENT.as_u16();
    Ok(StoredResponse { status, location: None, etag: None, body: Vec::new(), replayed: false })
}

fn render(
    status: StatusCode,
    resource: &impl Serialize,
    version: Option<i64>,
    location: Option<String>,
) -> Rendered {
    let body = serde_json::to_vec(resource).map_err(|error| RenderError(error.to_string()))?;
    let response = JsonResponse { body, version };
    let etag = Some(response.etag());
    Ok(StoredResponse { status: status.as_u16(), location, etag, body: response.body, replayed: false })
}

/// Sends the response to a change.
pub fn respond(request: &HttpRequest, response: StoredResponse) -> HttpResponse {
    let StoredResponse { status, location, etag, body, replayed } = response;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if status == StatusCode::NO_CONTENT {
        return marked(HttpResponse::new(status), replayed);
    }
    let body = encoded(body, etag.as_deref().unwrap_or_default(), AcceptedCoding::of(request));
    let mut response = send(&body);
    if etag.is_none() {
        response.headers_mut().remove(header::ETAG);
    }
    *response.status_mut() = status;
    if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    marked(response, replayed)
}

/// Marks the stored response of an earlier request.
fn marked(mut response: HttpResponse, replayed: bool) -> HttpResponse {
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The result of a dry run: the resource that would be created, without an id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a response that is rendered from the resource")]
pub struct DryRunResult {
    /// Always `null`.
    #[schema(required = true)]
    id: Option<i64>,
    /// The other members of the 201 response.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

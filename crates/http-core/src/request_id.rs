use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage as _, HttpRequest};

/// The request and response header.
pub(crate) const HEADER: &str = "x-request-id";

/// The id of a request, for logs, audit entries and responses.
#[derive(Clone)]
pub struct RequestId(pub String);

impl RequestId {
    /// Returns the id that the edge assigned to this request.
    #[must_use]
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// Returns the id the client sent, if it is safe to log: 1 to 128 ASCII letters, digits, `-`, `_`, `.`.
pub(crate) fn from_client(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    ((1..=128).contains(&id.len()) && id.bytes().all(safe)).then_some(id)
}

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage as _, HttpRequest};

/// The header, in and out.
pub(crate) const HEADER: &str = "x-request-id";

/// The id of a request, for what it leaves behind.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// The id that the edge gave this request.
    pub(crate) fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// The id a client sent, if it is short and plain enough to go into logs: 1 to 128 letters, digits, `-`, `_`, `.`.
pub(crate) fn sent(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    ((1..=128).contains(&id.len()) && id.bytes().all(safe)).then_some(id)
}

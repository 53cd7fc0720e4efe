use actix_web::http::header::HeaderMap;

/// The header, in and out.
pub(crate) const HEADER: &str = "x-request-id";

/// The id a client sent, if it is short and plain enough to go into logs: 1 to 128 letters, digits, `-`, `_`, `.`.
pub(crate) fn sent(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    ((1..=128).contains(&id.len()) && id.bytes().all(safe)).then_some(id)
}

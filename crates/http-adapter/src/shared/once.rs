use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use haat_application::shared::{Change, ChangeError, Done, OnceError};
use haat_domain::shared::{IdempotencyKey, Once, Receipt};
use sha2::{Digest as _, Sha256};

use super::ready::{Coding, New, Plain, packed, send};
use super::{Code, Fields, Problem, RequestId, Text, parse_bool};

const HEADER: &str = "idempotency-key";

/// The name under which a request is to be done once, if it has one (`Idempotency-Key`).
pub(crate) fn once(request: &HttpRequest, body: &[u8]) -> Result<Option<Once>, Problem> {
    once_of(request, Sha256::digest(body).into())
}

/// The same for a body of which only the hash is at hand.
pub(crate) fn once_of(request: &HttpRequest, body_hash: [u8; 32]) -> Result<Option<Once>, Problem> {
    let Some(sent) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    // What is not visible ASCII is no text to HTTP.
    let key = IdempotencyKey::parse(sent.to_str().unwrap_or_default()).map_err(|error| {
        Problem::invalid_field(
            "Idempotency-Key",
            "invalid",
            Text::new(error.to_string(), "১ থেকে ২৫৫টি দৃশ্যমান ASCII অক্ষর হতে হবে"),
        )
    })?;
    let route = format!("{} {}", request.method(), request.path());
    Ok(Some(Once { key, route: route.chars().take(255).collect(), body_hash }))
}

impl From<OnceError> for Problem {
    fn from(error: OnceError) -> Self {
        match error {
            OnceError::OtherRequest => Self::new(Code::IdempotencyKeyReused),
            OnceError::InFlight => Self::new(Code::IdempotencyKeyInUse),
        }
    }
}

/// How a change is asked for: `Idempotency-Key`, `validateOnly` in the query, and the request's id. What is wrong with
/// the query is left in it.
pub(crate) fn change(request: &HttpRequest, body: &[u8], query: &mut Fields) -> Result<Change, Problem> {
    let validate_only = query.optional("validateOnly", parse_bool).unwrap_or_default();
    Ok(Change { request_id: RequestId::of(request), once: once(request, body)?, validate_only })
}

/// Makes of what a change did the answer that is kept for repetitions.
pub(crate) fn receipt<T>(plain: impl Fn(&T) -> Result<Plain, Problem>) -> impl Fn(&T) -> Receipt {
    move |outcome| {
        let plain = plain(outcome).unwrap_or_default();
        let (status, location) = match &plain.new {
            Some(new) => (new.status, Some(new.location.clone())),
            None => (StatusCode::OK, None),
        };
        Receipt { status: status.as_u16(), location, etag: Some(plain.etag()), body: plain.body }
    }
}

/// The answer to a change: made now, or kept from when it was made before.
pub(crate) fn answer_of<T>(
    request: &HttpRequest,
    done: Done<T>,
    plain: impl FnOnce(&T) -> Result<Plain, Problem>,
) -> Result<HttpResponse, Problem> {
    let coding = Coding::of(request);
    let (answer, new) = match done {
        Done::Now(outcome) => {
            let mut plain = plain(&outcome)?;
            let new = plain.new.take();
            (plain.pack(coding), new)
        }
        Done::Before(kept) => {
            let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
            let new = kept.location.map(|location| New { status, location });
            (packed(kept.body, kept.etag.as_deref().unwrap_or_default(), coding), new)
        }
    };
    let mut response = send(request, &answer);
    if let Some(new) = new {
        *response.status_mut() = new.status;
        if let Ok(location) = HeaderValue::from_str(&new.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
    }
    Ok(response)
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Forbidden => Self::new(Code::Forbidden),
            ChangeError::CallerEnded => Self::new(Code::EndedToken),
            ChangeError::Once(error) => error.into(),
            ChangeError::Storage(failure) => failure.into(),
        }
    }
}

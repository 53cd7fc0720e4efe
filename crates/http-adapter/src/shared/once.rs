use actix_web::{HttpRequest, HttpResponse};
use haat_application::shared::{Done, OnceError};
use haat_domain::shared::{IdempotencyKey, Once, Receipt};
use sha2::{Digest as _, Sha256};

use super::ready::{Coding, Plain, packed, send};
use super::{Code, Problem, Text};

const HEADER: &str = "idempotency-key";

/// The name under which a request is to be done once, if it has one (`Idempotency-Key`).
pub(crate) fn once(request: &HttpRequest, body: &[u8]) -> Result<Option<Once>, Problem> {
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
    Ok(Some(Once { key, route: route.chars().take(255).collect(), body_hash: Sha256::digest(body).into() }))
}

impl From<OnceError> for Problem {
    fn from(error: OnceError) -> Self {
        match error {
            OnceError::OtherRequest => Self::new(Code::IdempotencyKeyReused),
            OnceError::InFlight => Self::new(Code::IdempotencyKeyInUse),
        }
    }
}

/// Makes of what a change did the answer that is kept for repetitions.
pub(crate) fn receipt<T>(plain: impl Fn(&T) -> Result<Plain, Problem>) -> impl Fn(&T) -> Receipt {
    move |outcome| {
        let plain = plain(outcome).unwrap_or_default();
        Receipt { status: 200, location: None, etag: Some(plain.etag()), body: plain.body }
    }
}

/// The answer to a change: made now, or kept from when it was made before.
pub(crate) fn answer_of<T>(
    request: &HttpRequest,
    done: Done<T>,
    plain: impl FnOnce(&T) -> Result<Plain, Problem>,
) -> Result<HttpResponse, Problem> {
    let coding = Coding::of(request);
    let answer = match done {
        Done::Now(outcome) => plain(&outcome)?.pack(coding),
        Done::Before(kept) => packed(kept.body, kept.etag.as_deref().unwrap_or_default(), coding),
    };
    Ok(send(request, &answer))
}

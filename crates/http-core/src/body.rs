use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};
use haat_domain::shared::bangla_digits;
use serde_json::Value;

use super::decompress::{DecodedBody, unpacked, unreadable};
use super::{Fields, Problem, codes, json};

/// Timeout for a body to arrive.
#[derive(Clone, Copy)]
pub(crate) struct BodyTimeout(pub Duration);

impl BodyTimeout {
    /// Returns the timeout of the server.
    pub(crate) fn of(request: &HttpRequest) -> Duration {
        request.app_data::<Self>().map_or(Duration::from_secs(15), |timeout| timeout.0)
    }
}

/// Maximum size of a JSON body after decompression, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimit(pub usize);

/// The media types of JSON bodies, for `Accept`. Other subtypes with the suffix `+json` are accepted, too.
const MEDIA_TYPES: &str = "application/json, application/merge-patch+json";

/// The JSON object in a request's body. Extraction fails with 415 for another media type, 413 for too many
/// bytes (after decompression), 408 for a body that stalls and 400 for anything but a JSON object.
pub struct JsonBody {
    /// The members.
    pub fields: Fields,
    /// The body as received, after decompression.
    pub bytes: web::Bytes,
}

impl FromRequest for JsonBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let time_limit = BodyTimeout::of(request);
        let media_type = request.content_type().to_ascii_lowercase();
        let is_json = media_type == "application/json" || media_type.ends_with("+json");
        let limit = request.app_data::<BodyLimit>().map_or(usize::MAX, |limit| limit.0);
        let body = unpacked(request, payload.take());
        async move {
            if !is_json {
                let problem =
                    Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE).header(header::ACCEPT, MEDIA_TYPES);
                return Err(problem.detail(
                    "Send application/json, or a file where the operation accepts one.",
                    "application/json পাঠান, অথবা যেখানে ফাইল নেওয়া হয় সেখানে ফাইল।",
                ));
            }
            let arrived = actix_web::rt::time::timeout(time_limit, collect(body?, limit)).await;
            let bytes = arrived.map_err(|_elapsed| Problem::new(&codes::REQUEST_TIMEOUT))??;
            let mut fields = parse(&bytes)?;
            fields.accept_other_names();
            Ok(Self { fields, bytes })
        }
        .boxed_local()
    }
}

/// Reads a body of at most `limit` bytes.
async fn collect(mut body: DecodedBody, limit: usize) -> Result<web::Bytes, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.try_next().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// Returns the problem of a body of more than `limit` bytes.
pub(crate) fn too_large(limit: impl std::fmt::Display + Copy) -> Problem {
    Problem::new(&codes::PAYLOAD_TOO_LARGE).detail(
        format!("The limit is {limit} bytes, after decompression."),
        format!("সর্বোচ্চ {} বাইট হতে পারে, সংকোচন খোলার পরে।", bangla_digits(limit)),
    )
}

fn parse(bytes: &[u8]) -> Result<Fields, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new(&codes::MALFORMED_REQUEST)
            .detail("The body is empty. Send a JSON object.", "কোনো তথ্য পাঠানো হয়নি। একটি JSON অবজেক্ট পাঠান।"));
    }
    match json::parse(bytes) {
        Ok(Value::Object(members)) => Ok(Fields::new(members)),
        Ok(_) => Err(Problem::new(&codes::MALFORMED_REQUEST)
            .detail("The body must be a JSON object.", "তথ্যটি একটি JSON অবজেক্ট হতে হবে।")),
        // The text is JSON, but the client and the server could read it differently.
        Err(error) if error.is_data() => Err(Problem::new(&codes::MALFORMED_REQUEST).detail(
            format!("The body is ambiguous: {error}."),
            format!("তথ্যটি দ্ব্যর্থক, একটি ঘর দুবার দেওয়া হয়েছে: {error}।"),
        )),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(Problem::new(&codes::MALFORMED_REQUEST).detail(
                format!("The body is not valid JSON: error in line {line}, column {column}."),
                format!(
                    "তথ্যটি সঠিক JSON নয়: লাইন {}, কলাম {}-এ ভুল আছে।",
                    bangla_digits(line),
                    bangla_digits(column)
                ),
            ))
        }
    }
}

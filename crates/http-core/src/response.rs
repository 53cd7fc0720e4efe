//! JSON responses as bytes: compressed, tagged with an `ETag`, cached where that pays, and not sent again to
//! a client that has them.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use haat_application::shared::{Actor, CacheLookup, EncodedResponse, ResponseCache};
use haat_domain::change::ExpectedVersions;
use sha2::{Digest as _, Sha256};

use super::coding::AcceptedCoding;
use super::{EntityTags, Metrics, Problem, codes};

/// Minimum size of a compressed response, in bytes: a shorter one fits into one packet either way.
const MIN_COMPRESSED_BYTES: usize = 400;

/// A response before compression.
#[derive(Debug, Default)]
pub struct JsonResponse {
    /// The JSON.
    pub body: Vec<u8>,
    /// The version of the resource, if the response is a single versioned resource.
    pub version: Option<i64>,
}

impl JsonResponse {
    /// Serializes a value.
    ///
    /// # Errors
    /// [`Problem`] if the value cannot be rendered.
    pub fn json(value: &impl serde::Serialize, version: Option<i64>) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self { body, version })
    }

    /// Returns the strong entity tag of these bytes (RFC 9110 section 8.8.3): the version, which `If-Match`
    /// compares, and a hash of the body.
    #[must_use]
    pub fn etag(&self) -> String {
        let hash = Sha256::digest(&self.body);
        // The precision is the number of digits: 96 bits.
        match self.version {
            Some(version) => format!("\"{version}-{hash:.24x}\""),
            None => format!("\"{hash:.24x}\""),
        }
    }

    /// Encodes the response for a client.
    #[must_use]
    pub(crate) fn encode(self, accepted: AcceptedCoding) -> Arc<EncodedResponse> {
        let etag = self.etag();
        encoded(self.body, &etag, accepted)
    }
}

/// Encodes a body with a known entity tag for a client.
pub(crate) fn encoded(body: Vec<u8>, etag: &str, accepted: AcceptedCoding) -> Arc<EncodedResponse> {
    let is_left = accepted.is_identity_accepted && body.len() < MIN_COMPRESSED_BYTES;
    let compressed = if is_left { None } else { accepted.coding.compress(&body) };
    Arc::new(match (compressed, accepted.coding.word()) {
        (Some(compressed), Some(word)) => {
            // Other bytes need another tag (RFC 9110 section 8.8.3.3).
            let etag = format!("{}-{word}\"", etag.trim_end_matches('"'));
            EncodedResponse { etag, coding: Some(word), body: compressed }
        }
        _ => EncodedResponse { etag: etag.to_owned(), coding: None, body },
    })
}

/// Responds from the cache, or with the result of `build`, which is then cached.
///
/// # Errors
/// The problem of `build`.
pub async fn cached_response(
    request: &HttpRequest,
    cache: &dyn ResponseCache,
    actor: &Actor,
    build: impl AsyncFnOnce() -> Result<JsonResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let accepted = AcceptedCoding::of(request);
    let query = format!("{}{}?{}", accepted.letter(), request.path(), request.query_string());
    let store = match cache.of(actor, &query) {
        CacheLookup::Hit(response) => {
            count(request, "hit");
            return conditional(request, &response);
        }
        CacheLookup::Miss(store) => Some(store),
        CacheLookup::Bypass => None,
    };
    count(request, if store.is_some() { "miss" } else { "bypass" });
    // On the heap, so that the future of a hit stays small: larger ones take a slow path of the allocator at every request.
    let response = Box::pin(build()).await?.encode(accepted);
    if let Some(store) = store {
        store(response.clone());
    }
    conditional(request, &response)
}

fn count(request: &HttpRequest, result: &str) {
    if let Some(metrics) = request.app_data::<web::Data<Metrics>>() {
        metrics.cache_lookup(result);
    }
}

/// Responds to a read without caching.
///
/// # Errors
/// 412 if the client expects another state, 400 for conditional headers that cannot be read.
pub fn read_response(request: &HttpRequest, response: JsonResponse) -> Result<HttpResponse, Problem> {
    conditional(request, &response.encode(AcceptedCoding::of(request)))
}

/// Responds to a read: 412 if the client expects another state (`If-Match`), 304 if it has this one (`If-None-Match`).
/// The order is that of RFC 9110 section 13.2.2.
fn conditional(request: &HttpRequest, encoded: &Arc<EncodedResponse>) -> Result<HttpResponse, Problem> {
    let expected = EntityTags::of(request.headers(), &header::IF_MATCH)?;
    if expected.is_some_and(|tags| !tags.match_strongly(&encoded.etag)) {
        return Err(Problem::new(&codes::PRECONDITION_FAILED));
    }
    let known = EntityTags::of(request.headers(), &header::IF_NONE_MATCH)?;
    let is_known = known.is_some_and(|tags| tags.match_weakly(&encoded.etag));
    Ok(if is_known { with_tag(HttpResponse::NotModified(), encoded).finish() } else { send(encoded) })
}

/// Sends the whole response.
pub(crate) fn send(encoded: &Arc<EncodedResponse>) -> HttpResponse {
    let mut response = with_tag(HttpResponse::Ok(), encoded);
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    // Always set, so that the middleware does not compress the body again under the same tag.
    let coding = HeaderValue::from_static(encoded.coding.unwrap_or("identity"));
    response.insert_header((header::CONTENT_ENCODING, coding));
    response.body(web::Bytes::from_owner(Bytes(encoded.clone())))
}

fn with_tag(mut response: HttpResponseBuilder, encoded: &EncodedResponse) -> HttpResponseBuilder {
    if let Ok(etag) = HeaderValue::from_str(&encoded.etag) {
        response.insert_header((header::ETAG, etag));
    }
    response.insert_header((header::VARY, HeaderValue::from_static("accept-encoding, authorization")));
    response
}

/// The bytes of a response, shared between requests.
struct Bytes(Arc<EncodedResponse>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

/// Returns the versions that `If-Match` and `If-None-Match` of a change accept (RFC 9110 sections 13.1.1 and 13.1.2).
///
/// # Errors
/// 400 if a header is not a list of entity tags.
pub fn expected_versions(request: &HttpRequest) -> Result<ExpectedVersions, Problem> {
    let accepted =
        EntityTags::of(request.headers(), &header::IF_MATCH)?.and_then(|tags| tags.strong_versions());
    let excluded = EntityTags::of(request.headers(), &header::IF_NONE_MATCH)?.map(|tags| tags.versions());
    Ok(match excluded {
        None => ExpectedVersions { accepted, rejected: Vec::new() },
        Some(Some(rejected)) => ExpectedVersions { accepted, rejected },
        // `*`: the resource must not exist, so no version is accepted.
        Some(None) => ExpectedVersions { accepted: Some(Vec::new()), rejected: Vec::new() },
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::super::coding::Coding;
    use super::*;

    fn request(name: &str, value: &str) -> HttpRequest {
        TestRequest::default().insert_header((name, value)).to_http_request()
    }

    #[test]
    fn different_bytes_have_different_etags() {
        let json = |body: &str, version| JsonResponse { body: body.repeat(100).into_bytes(), version };
        let a = json("aaaaa", Some(7)).encode(Coding::Identity.into());
        assert!(a.etag.starts_with("\"7-") && a.etag.ends_with('"'));
        let mut etags = std::collections::HashSet::from([a.etag.clone()]);
        for other in [
            json("aaaab", Some(7)).encode(Coding::Identity.into()),
            json("aaaaa", Some(8)).encode(Coding::Identity.into()),
            json("aaaaa", None).encode(Coding::Identity.into()),
            json("aaaaa", Some(7)).encode(Coding::Gzip.into()),
            json("aaaaa", Some(7)).encode(Coding::Brotli.into()),
            json("aaaaa", Some(7)).encode(Coding::Zstd.into()),
        ] {
            assert!(etags.insert(other.etag.clone()), "{}", other.etag);
            assert!(other.coding.is_none() || other.body.len() < 100);
        }
        assert_eq!(
            json("aaaaa", Some(7)).encode(Coding::Identity.into()).etag,
            a.etag,
            "equal bytes have equal etags"
        );
    }

    #[test]
    fn reads_evaluate_conditional_headers() {
        let encoded = JsonResponse { body: b"{}".to_vec(), version: Some(7) }.encode(Coding::Identity.into());
        let status = |name: &str, value: &str| {
            let response = conditional(&request(name, value), &encoded);
            response.map(|response| response.status().as_u16()).map_err(|problem| problem.code.name)
        };
        let etag = encoded.etag.as_str();
        assert_eq!(status("if-none-match", etag), Ok(304));
        assert_eq!(status("if-none-match", "\"7\", W/\"x\""), Ok(200));
        assert_eq!(status("if-match", etag), Ok(200));
        assert_eq!(status("if-match", "\"6-ab\""), Err("precondition-failed"));
        for name in ["if-match", "if-none-match"] {
            assert_eq!(status(name, "7"), Err("malformed-request"), "{name}");
        }
    }

    #[test]
    fn small_responses_are_compressed_for_clients_that_do_not_accept_identity() {
        let json = || JsonResponse { body: b"{}".to_vec(), version: None };
        assert_eq!(json().encode(Coding::Gzip.into()).coding, None);
        let without = AcceptedCoding { is_identity_accepted: false, ..Coding::Gzip.into() };
        assert_eq!(json().encode(without).coding, Some("gzip"));
    }

    #[test]
    fn changes_compare_only_the_version() {
        let expected = |name: &str, sent: &str| expected_versions(&request(name, sent)).unwrap();
        let accepted =
            |versions: &[i64]| ExpectedVersions { accepted: Some(versions.to_vec()), rejected: vec![] };
        assert_eq!(expected("if-match", "\"7-abc-br\", \"8\", W/\"9\""), accepted(&[7, 8]));
        assert_eq!(expected("if-match", "*"), ExpectedVersions::default());
        assert_eq!(expected("if-none-match", "*"), accepted(&[]));
        let rejected = ExpectedVersions { accepted: None, rejected: vec![7, 9] };
        assert_eq!(expected("if-none-match", "\"7-abc-br\", W/\"9\""), rejected);
        let none = TestRequest::default().to_http_request();
        assert_eq!(expected_versions(&none).unwrap(), ExpectedVersions::default());
    }
}

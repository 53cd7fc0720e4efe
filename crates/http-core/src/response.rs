//! JSON responses as bytes: compressed, tagged with an `ETag`, cached where that pays, and not sent again to
//! a client that has them.

use std::io::Write as _;
use std::sync::Arc;

use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use haat_application::shared::{Actor, CacheLookup, EncodedResponse, ResponseCache};
use sha2::{Digest as _, Sha256};

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

    /// Encodes the response for a client that accepts `coding`.
    #[must_use]
    pub(crate) fn encode(self, coding: Coding) -> Arc<EncodedResponse> {
        let etag = self.etag();
        encoded(self.body, &etag, coding)
    }
}

/// Encodes a body with a known entity tag for a client that accepts `coding`.
pub(crate) fn encoded(body: Vec<u8>, etag: &str, coding: Coding) -> Arc<EncodedResponse> {
    let compressed = if body.len() < MIN_COMPRESSED_BYTES { None } else { coding.compress(&body) };
    Arc::new(match (compressed, coding.word()) {
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
    let coding = Coding::of(request);
    let query = format!("{}{}?{}", coding.letter(), request.path(), request.query_string());
    let store = match cache.of(actor, &query) {
        CacheLookup::Hit(response) => {
            count(request, "hit");
            return conditional(request, &response);
        }
        CacheLookup::Miss(store) => Some(store),
        CacheLookup::Bypass => None,
    };
    count(request, if store.is_some() { "miss" } else { "bypass" });
    let response = build().await?.encode(coding);
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
    conditional(request, &response.encode(Coding::of(request)))
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

/// Returns the versions listed in `If-Match`, or `None` if the header is absent or `*`.
///
/// # Errors
/// 400 if the header is not a list of entity tags.
pub fn expected_versions(request: &HttpRequest) -> Result<Option<Vec<i64>>, Problem> {
    Ok(EntityTags::of(request.headers(), &header::IF_MATCH)?.and_then(|tags| tags.versions()))
}

/// The content coding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// Returns the coding the client prefers; among equals, the one with the smallest result.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        if !request.headers().contains_key(header::ACCEPT_ENCODING) {
            return Self::Identity;
        }
        let supported = [Encoding::brotli(), Encoding::zstd(), Encoding::gzip(), Encoding::identity()];
        let accepted =
            AcceptEncoding::parse(request).ok().and_then(|header| header.negotiate(supported.iter()));
        match accepted {
            Some(coding) if coding == Encoding::brotli() => Self::Brotli,
            Some(coding) if coding == Encoding::zstd() => Self::Zstd,
            Some(coding) if coding == Encoding::gzip() => Self::Gzip,
            _ => Self::Identity,
        }
    }

    /// Returns the coding with this name, as in `Content-Encoding`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let known = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];
        known.into_iter().find(|coding| coding.word().unwrap_or("identity").eq_ignore_ascii_case(name.trim()))
    }

    /// Checks the coding of the body of a request.
    ///
    /// # Errors
    /// 415 if `Content-Encoding` is not supported.
    pub(crate) fn check(request: &HttpRequest) -> Result<(), Problem> {
        let coding = request.headers().get(header::CONTENT_ENCODING);
        let coding = coding.map_or(Some(""), |coding| coding.to_str().ok());
        if coding.is_some_and(|coding| coding.trim().is_empty() || Self::parse(coding).is_some()) {
            return Ok(());
        }
        Err(Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE).detail(
            "Content-Encoding must be gzip, br or zstd, or absent.",
            "Content-Encoding হতে হবে gzip, br বা zstd, নয়তো বাদ দিতে হবে।",
        ))
    }

    const fn word(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Identity => 'i',
            Self::Gzip => 'g',
            Self::Brotli => 'b',
            Self::Zstd => 'z',
        }
    }

    /// Compresses the bytes; `None` for the identity coding or if compression fails.
    fn compress(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Identity => None,
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes).ok()?;
                encoder.finish().ok()
            }
            Self::Brotli => {
                // Quality 5: at 6 and above, half of the time is spent on the last few percent.
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
                encoder.write_all(bytes).ok()?;
                Some(encoder.into_inner())
            }
            Self::Zstd => zstd::encode_all(bytes, 3).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(name: &str, value: &str) -> HttpRequest {
        TestRequest::default().insert_header((name, value)).to_http_request()
    }

    #[test]
    fn selects_the_best_accepted_coding() {
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("zstd;q=1, br;q=0.5", Coding::Zstd),
            ("identity", Coding::Identity),
            ("deflate", Coding::Identity),
            ("br;q=0, gzip", Coding::Gzip),
            ("", Coding::Identity),
        ] {
            assert_eq!(Coding::of(&request("accept-encoding", accepted)), coding, "{accepted}");
        }
        assert_eq!(Coding::of(&TestRequest::default().to_http_request()), Coding::Identity);
    }

    #[test]
    fn different_bytes_have_different_etags() {
        let json = |body: &str, version| JsonResponse { body: body.repeat(100).into_bytes(), version };
        let a = json("aaaaa", Some(7)).encode(Coding::Identity);
        assert!(a.etag.starts_with("\"7-") && a.etag.ends_with('"'));
        let mut etags = std::collections::HashSet::from([a.etag.clone()]);
        for other in [
            json("aaaab", Some(7)).encode(Coding::Identity),
            json("aaaaa", Some(8)).encode(Coding::Identity),
            json("aaaaa", None).encode(Coding::Identity),
            json("aaaaa", Some(7)).encode(Coding::Gzip),
            json("aaaaa", Some(7)).encode(Coding::Brotli),
            json("aaaaa", Some(7)).encode(Coding::Zstd),
        ] {
            assert!(etags.insert(other.etag.clone()), "{}", other.etag);
            assert!(other.coding.is_none() || other.body.len() < 100);
        }
        assert_eq!(
            json("aaaaa", Some(7)).encode(Coding::Identity).etag,
            a.etag,
            "equal bytes have equal etags"
        );
    }

    #[test]
    fn reads_evaluate_conditional_headers() {
        let encoded = JsonResponse { body: b"{}".to_vec(), version: Some(7) }.encode(Coding::Identity);
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
    fn changes_compare_only_the_version() {
        let versions = |sent: &str| expected_versions(&request("if-match", sent)).unwrap();
        assert_eq!(versions("\"7-abc-br\", \"8\""), Some(vec![7, 8]));
        assert_eq!(versions("*"), None);
        assert_eq!(expected_versions(&TestRequest::default().to_http_request()).unwrap(), None);
    }
}

//! JSON responses as bytes: compressed, tagged with an `ETag`, cached where that pays, and not sent again to
//! a client that has them.

use std::io::Write as _;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use haat_application::shared::{Actor, CacheLookup, EncodedResponse, ResponseCache};
use sha2::{Digest as _, Sha256};

use super::{Metrics, Problem};

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
        let hash = hash.iter().take(12).fold(String::with_capacity(24), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        self.version.map_or_else(|| format!("\"{hash}\""), |version| format!("\"{version}-{hash}\""))
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
            return Ok(send(request, &response));
        }
        CacheLookup::Miss(store) => Some(store),
        CacheLookup::Bypass => None,
    };
    count(request, if store.is_some() { "miss" } else { "bypass" });
    let response = build().await?.encode(coding);
    if let Some(store) = store {
        store(response.clone());
    }
    Ok(send(request, &response))
}

fn count(request: &HttpRequest, result: &str) {
    if let Some(metrics) = request.app_data::<web::Data<Metrics>>() {
        metrics.cache_lookup(result);
    }
}

/// Responds to a read without caching.
#[must_use]
pub fn read_response(request: &HttpRequest, response: JsonResponse) -> HttpResponse {
    send(request, &response.encode(Coding::of(request)))
}

/// Sends the response, or 304 if the client has it.
pub(crate) fn send(request: &HttpRequest, encoded: &Arc<EncodedResponse>) -> HttpResponse {
    // A change never gets 304: the client needs its result.
    let not_modified = request.method() == Method::GET && etag_matches(request, &encoded.etag);
    let mut response = if not_modified { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    if let Ok(etag) = HeaderValue::from_str(&encoded.etag) {
        response.insert_header((header::ETAG, etag));
    }
    response.insert_header((header::VARY, HeaderValue::from_static("accept-encoding, authorization")));
    if not_modified {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    // Always set, so that the middleware does not compress the body again under the same tag.
    let coding = HeaderValue::from_static(encoded.coding.unwrap_or("identity"));
    response.insert_header((header::CONTENT_ENCODING, coding));
    response.body(web::Bytes::from_owner(Bytes(encoded.clone())))
}

/// The bytes of a response, shared between requests.
struct Bytes(Arc<EncodedResponse>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

/// Returns the entity tags in all values of a conditional header. Splitting at commas is safe: Haat's own tags contain
/// none.
fn entity_tags(request: &HttpRequest, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = request.headers().get_all(name).filter_map(|value| value.to_str().ok());
    lines.flat_map(|value| value.split(',')).map(str::trim)
}

/// Evaluates `If-None-Match` (RFC 9110 section 13.1.2).
fn etag_matches(request: &HttpRequest, etag: &str) -> bool {
    entity_tags(request, header::IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// Returns the versions listed in `If-Match`, or `None` if the header is absent or `*`. Tags of another form
/// match no version.
pub fn expected_versions(request: &HttpRequest) -> Option<Vec<i64>> {
    if !request.headers().contains_key(header::IF_MATCH) {
        return None;
    }
    let mut versions = Vec::new();
    for tag in entity_tags(request, header::IF_MATCH) {
        if tag == "*" {
            return None;
        }
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let version = version.map(|tag| tag.split_once('-').map_or(tag, |(version, _)| version));
        versions.extend(version.and_then(|version| version.parse::<i64>().ok()));
    }
    Some(versions)
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
    fn if_none_match_compares_whole_etags() {
        for (sent, matches) in [
            ("\"1-ab\"", true),
            ("W/\"1-ab\"", true),
            ("\"x\", \"1-ab\"", true),
            ("*", true),
            ("\"1-ab-gzip\"", false),
            ("\"1\"", false),
            ("1-ab", false),
            ("", false),
        ] {
            assert_eq!(etag_matches(&request("if-none-match", sent), "\"1-ab\""), matches, "{sent}");
        }
    }

    #[test]
    fn if_match_compares_only_the_version() {
        for (sent, versions) in [
            ("\"7-abc\"", Some(vec![7])),
            ("\"7-abc-br\"", Some(vec![7])),
            ("\"7\"", Some(vec![7])),
            ("\"7-a\", \"8-b\"", Some(vec![7, 8])),
            ("*", None),
            ("W/\"7-abc\"", Some(vec![])),
            ("7", Some(vec![])),
            ("\"abc\"", Some(vec![])),
            ("", Some(vec![])),
        ] {
            assert_eq!(expected_versions(&request("if-match", sent)), versions, "{sent}");
        }
        assert_eq!(expected_versions(&TestRequest::default().to_http_request()), None);
    }
}

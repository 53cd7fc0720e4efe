//! Answers to reads as bytes: packed, named by an `ETag`, kept where that pays, and not sent to who has them already.

use std::io::Write as _;
use std::sync::Arc;

use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use haat_application::shared::{Actor, AnswerCache, Answers, ReadyAnswer};
use sha2::{Digest as _, Sha256};

use super::{Metrics, Problem};

/// Shorter answers are not packed: they fit into one packet either way.
const WORTH_PACKING: usize = 400;

/// An answer before it is packed.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    /// JSON.
    pub(crate) body: Vec<u8>,
    /// The version of the thing shown, if it is one thing.
    pub(crate) version: Option<i64>,
    /// Where the thing is, if it is new, or a job.
    pub(crate) new: Option<New>,
}

/// An answer that tells of a new thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct New {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
}

impl Plain {
    /// A thing as JSON.
    pub(crate) fn json(thing: &impl serde::Serialize, version: Option<i64>) -> Result<Self, Problem> {
        let body = serde_json::to_vec(thing).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self { body, version, new: None })
    }

    /// As the answer to a request that made a thing: 201 and where it is.
    pub(crate) fn created(self, location: String) -> Self {
        Self { new: Some(New { status: StatusCode::CREATED, location }), ..self }
    }

    /// As the answer to a request that is worked on: 202 and where to look.
    pub(crate) fn accepted(self, location: String) -> Self {
        Self { new: Some(New { status: StatusCode::ACCEPTED, location }), ..self }
    }

    /// The strong name of these bytes (RFC 9110 section 8.8.3): the version, which `If-Match` looks at, and a hash of
    /// all there is.
    pub(crate) fn etag(&self) -> String {
        let hash = Sha256::digest(&self.body);
        let hash = hash.iter().take(12).fold(String::with_capacity(24), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        self.version.map_or_else(|| format!("\"{hash}\""), |version| format!("\"{version}-{hash}\""))
    }

    /// As it goes out to who takes `coding`.
    pub(crate) fn pack(self, coding: Coding) -> Arc<ReadyAnswer> {
        let etag = self.etag();
        packed(self.body, &etag, coding)
    }
}

/// Bytes that have a name already, as they go out to who takes `coding`.
pub(crate) fn packed(body: Vec<u8>, etag: &str, coding: Coding) -> Arc<ReadyAnswer> {
    let packed = if body.len() < WORTH_PACKING { None } else { coding.pack(&body) };
    Arc::new(match (packed, coding.word()) {
        (Some(packed), Some(word)) => {
            // Other bytes, another name (RFC 9110 section 8.8.3.3).
            let etag = format!("{}-{word}\"", etag.trim_end_matches('"'));
            ReadyAnswer { etag, coding: Some(word), body: packed }
        }
        _ => ReadyAnswer { etag: etag.to_owned(), coding: None, body },
    })
}

/// Answers from what is kept, or with what `make` makes, and keeps it.
pub(crate) async fn answer(
    request: &HttpRequest,
    answers: &dyn AnswerCache,
    actor: &Actor,
    make: impl AsyncFnOnce() -> Result<Plain, Problem>,
) -> Result<HttpResponse, Problem> {
    let coding = Coding::of(request);
    let question = format!("{}{}?{}", coding.letter(), request.path(), request.query_string());
    let keep = match answers.of(actor, &question) {
        Answers::Known(answer) => {
            count(request, "memory");
            return Ok(send(request, &answer));
        }
        Answers::Unknown(keep) => Some(keep),
        Answers::Uncached => None,
    };
    count(request, if keep.is_some() { "made" } else { "not kept" });
    let answer = make().await?.pack(coding);
    if let Some(keep) = keep {
        keep(answer.clone());
    }
    Ok(send(request, &answer))
}

fn count(request: &HttpRequest, from: &str) {
    if let Some(metrics) = request.app_data::<web::Data<Metrics>>() {
        metrics.answer(from);
    }
}

/// An answer to a read that nobody keeps.
pub(crate) fn read_answer(request: &HttpRequest, plain: Plain) -> HttpResponse {
    send(request, &plain.pack(Coding::of(request)))
}

/// The answer, or 304 for who has it.
pub(crate) fn send(request: &HttpRequest, answer: &Arc<ReadyAnswer>) -> HttpResponse {
    // Of a change that was made it is told what became of it.
    let not_modified = request.method() == Method::GET && has_already(request, &answer.etag);
    let mut response = if not_modified { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    if let Ok(etag) = HeaderValue::from_str(&answer.etag) {
        response.insert_header((header::ETAG, etag));
    }
    response.insert_header((header::VARY, HeaderValue::from_static("accept-encoding, authorization")));
    if not_modified {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    // Said in any case, so that nobody packs it again under the same name.
    let coding = HeaderValue::from_static(answer.coding.unwrap_or("identity"));
    response.insert_header((header::CONTENT_ENCODING, coding));
    response.body(web::Bytes::from_owner(Bytes(answer.clone())))
}

/// The bytes of an answer that others send too.
struct Bytes(Arc<ReadyAnswer>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

/// `If-None-Match` (RFC 9110 section 13.1.2).
fn has_already(request: &HttpRequest, etag: &str) -> bool {
    let Some(sent) = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    sent.trim() == "*" || sent.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
}

/// The versions of which `If-Match` wants one; `None` when there is no such wish. What is no name of ours fits nothing.
pub(crate) fn expected_versions(request: &HttpRequest) -> Option<Vec<i64>> {
    let mut sent = request.headers().get_all(header::IF_MATCH).peekable();
    sent.peek()?;
    let names =
        sent.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim);
    let mut versions = Vec::new();
    for name in names {
        if name == "*" {
            return None;
        }
        let version = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
        let version = version.map(|name| name.split_once('-').map_or(name, |(version, _)| version));
        versions.extend(version.and_then(|version| version.parse::<i64>().ok()));
    }
    Some(versions)
}

/// How an answer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// The best that the client takes; the smallest where it does not mind.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        if !request.headers().contains_key(header::ACCEPT_ENCODING) {
            return Self::Identity;
        }
        let ours = [Encoding::brotli(), Encoding::zstd(), Encoding::gzip(), Encoding::identity()];
        let taken = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(ours.iter()));
        match taken {
            Some(coding) if coding == Encoding::brotli() => Self::Brotli,
            Some(coding) if coding == Encoding::zstd() => Self::Zstd,
            Some(coding) if coding == Encoding::gzip() => Self::Gzip,
            _ => Self::Identity,
        }
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

    /// `None` where it is not to be packed, or cannot be.
    fn pack(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Identity => None,
            Self::Gzip => {
                let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                packer.write_all(bytes).ok()?;
                packer.finish().ok()
            }
            Self::Brotli => {
                // Quality 5: half the time of 6 to 11 goes into the last percents.
                let mut packer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
                packer.write_all(bytes).ok()?;
                Some(packer.into_inner())
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
    fn the_best_coding_that_the_client_takes_is_chosen() {
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
    fn other_bytes_have_another_name() {
        let plain = |body: &str, version| Plain { body: body.repeat(100).into_bytes(), version, new: None };
        let a = plain("aaaaa", Some(7)).pack(Coding::Identity);
        assert!(a.etag.starts_with("\"7-") && a.etag.ends_with('"'));
        let mut names = std::collections::HashSet::from([a.etag.clone()]);
        for other in [
            plain("aaaab", Some(7)).pack(Coding::Identity),
            plain("aaaaa", Some(8)).pack(Coding::Identity),
            plain("aaaaa", None).pack(Coding::Identity),
            plain("aaaaa", Some(7)).pack(Coding::Gzip),
            plain("aaaaa", Some(7)).pack(Coding::Brotli),
            plain("aaaaa", Some(7)).pack(Coding::Zstd),
        ] {
            assert!(names.insert(other.etag.clone()), "{}", other.etag);
            assert!(other.coding.is_none() || other.body.len() < 100);
        }
        assert_eq!(
            plain("aaaaa", Some(7)).pack(Coding::Identity).etag,
            a.etag,
            "the same bytes have the same"
        );
    }

    #[test]
    fn who_has_it_already_is_told_so() {
        for (sent, has) in [
            ("\"1-ab\"", true),
            ("W/\"1-ab\"", true),
            ("\"x\", \"1-ab\"", true),
            ("*", true),
            ("\"1-ab-gzip\"", false),
            ("\"1\"", false),
            ("1-ab", false),
            ("", false),
        ] {
            assert_eq!(has_already(&request("if-none-match", sent), "\"1-ab\""), has, "{sent}");
        }
    }

    #[test]
    fn if_match_looks_at_the_version_alone() {
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

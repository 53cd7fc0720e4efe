//! Decompression of bodies.

use std::error::Error;
use std::io::Write as _;

use actix_web::HttpRequest;
use actix_web::dev::{Decompress, Payload};
use actix_web::error::PayloadError;
use actix_web::http::header::ContentEncoding;
use actix_web::web::{self, Bytes};
use flate2::write::MultiGzDecoder;
use futures_util::stream::{LocalBoxStream, try_unfold};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};

use super::coding::Coding;
use super::{Problem, codes};

/// A body, decompressed.
pub(crate) type DecodedBody = LocalBoxStream<'static, Result<Bytes, PayloadError>>;

/// Returns the body as a decompressing stream.
///
/// # Errors
/// 415 if `Content-Encoding` is not supported.
pub(crate) fn unpacked(request: &HttpRequest, payload: Payload) -> Result<DecodedBody, Problem> {
    Ok(decode(payload, Coding::of_body(request)?))
}

/// Returns the problem of a body that is incomplete or cannot be decompressed.
pub(crate) fn unreadable<E: Error + 'static>(error: E) -> Problem {
    let problem = Problem { cause: Some(error.to_string()), ..Problem::new(&codes::MALFORMED_REQUEST) };
    if !is_decompression_error(&error) {
        return problem;
    }
    problem.detail(
        "The content is declared as compressed but is not complete and valid gzip (or the Content-Encoding given).",
        "সংকুচিত বলা হয়েছে, কিন্তু এটি সম্পূর্ণ ও সঠিক gzip (বা Content-Encoding-এ দেওয়া বিন্যাস) নয়।",
    )
}

/// Returns true if decompression failed, as opposed to the connection or the parsing of a form.
fn is_decompression_error(error: &(dyn Error + 'static)) -> bool {
    // `Incomplete` has a cause if the decompressor failed, and none if the connection was lost.
    std::iter::successors(Some(error), |error| (*error).source())
        .any(|error| matches!(error.downcast_ref(), Some(PayloadError::Incomplete(Some(_)))))
}

/// Decompresses a body.
fn decode(
    body: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin + 'static,
    coding: Coding,
) -> DecodedBody {
    match coding {
        Coding::Identity => body.boxed_local(),
        Coding::Gzip => gunzip(body),
        Coding::Brotli => Decompress::new(body, ContentEncoding::Brotli).boxed_local(),
        Coding::Zstd => Decompress::new(body, ContentEncoding::Zstd).boxed_local(),
    }
}

/// Decompresses gzip with any number of members (RFC 1952 section 2.2). The decoder of actix accepts only one.
pub(crate) fn gunzip(body: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin + 'static) -> DecodedBody {
    let decoder = MultiGzDecoder::new(Vec::new());
    try_unfold((body, Some(decoder)), async |(mut body, decoder)| {
        let Some(mut decoder) = decoder else { return Ok(None) };
        while let Some(chunk) = body.try_next().await? {
            let written = web::block(move || {
                decoder.write_all(&chunk)?;
                decoder.flush()?;
                Ok::<_, std::io::Error>(decoder)
            });
            decoder = written.await.map_err(|error| PayloadError::Io(std::io::Error::other(error)))??;
            let output = std::mem::take(decoder.get_mut());
            if !output.is_empty() {
                return Ok(Some((output.into(), (body, Some(decoder)))));
            }
        }
        decoder.try_finish()?;
        let output = std::mem::take(decoder.get_mut());
        Ok((!output.is_empty()).then(|| (output.into(), (body, None))))
    })
    .boxed_local()
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    async fn decoded(bytes: &[u8], chunk_bytes: usize) -> Result<String, PayloadError> {
        let chunks: Vec<_> =
            bytes.chunks(chunk_bytes).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let parts: Vec<Bytes> = gunzip(stream::iter(chunks)).try_collect().await?;
        Ok(String::from_utf8(parts.concat()).unwrap())
    }

    #[actix_web::test]
    async fn reads_all_members_however_they_are_cut() {
        let bytes = [member("uid,name\n"), member(""), member("1,দোকান\n")].concat();
        for chunk_bytes in [1, 7, 18, bytes.len()] {
            assert_eq!(decoded(&bytes, chunk_bytes).await.unwrap(), "uid,name\n1,দোকান\n", "{chunk_bytes}");
        }
    }

    #[actix_web::test]
    async fn rejects_an_incomplete_member_and_other_bytes() {
        let (first, second) = (member("first"), member("second"));
        for end in 1..second.len() {
            let bytes = [&first, second.get(..end).unwrap()].concat();
            assert!(decoded(&bytes, 16).await.is_err(), "{end}");
        }
        assert!(decoded(&[&first, &b"something else"[..]].concat(), 16).await.is_err());
    }
}

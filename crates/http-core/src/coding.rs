//! Content codings of requests and responses (RFC 9110 sections 8.4.1 and 12.5.3).

use std::io::Write as _;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    self, AcceptEncoding, Encoding, Header as _, HeaderMap, HeaderValue, Preference, Quality,
};
use actix_web::{HttpMessage, HttpRequest};

use super::{Problem, codes};

/// The content coding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// All codings; the one with the smallest result first.
    const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// Returns the coding with this name, as in `Content-Encoding`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut known = Self::ALL.into_iter();
        known.find(|coding| coding.word().unwrap_or("identity").eq_ignore_ascii_case(name.trim()))
    }

    /// Returns the coding of the body of a request.
    ///
    /// # Errors
    /// 415 if `Content-Encoding` is not supported.
    pub(crate) fn of_body(request: &HttpRequest) -> Result<Self, Problem> {
        let Some(value) = request.headers().get(header::CONTENT_ENCODING) else { return Ok(Self::Identity) };
        let name = value.to_str().ok().map(str::trim);
        let coding =
            name.and_then(|name| if name.is_empty() { Some(Self::Identity) } else { Self::parse(name) });
        coding.ok_or_else(|| {
            Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE)
                .header(header::ACCEPT_ENCODING, "gzip, br, zstd")
                .detail(
                    "Content-Encoding must be gzip, br or zstd, or absent.",
                    "Content-Encoding হতে হবে gzip, br বা zstd, নয়তো বাদ দিতে হবে।",
                )
        })
    }

    /// Returns the coding that a client prefers; among equals, the one with the smallest result. `None` if the client
    /// accepts none, not even the identity.
    fn negotiate(accepted: &AcceptEncoding) -> Option<Self> {
        let supported = Self::ALL.map(Self::encoding);
        let preferred = accepted.negotiate(supported.iter());
        let preferred = Self::ALL.into_iter().find(|coding| Some(coding.encoding()) == preferred);
        if preferred.is_some_and(|coding| coding != Self::Identity) || identity_is_accepted(accepted) {
            return preferred;
        }
        // Only a wildcard is left.
        let quality = |coding: &Self| quality_of(accepted, &Preference::Specific(coding.encoding()));
        let takes_any = quality_of(accepted, &Preference::Any).is_some_and(|quality| quality > Quality::ZERO);
        Self::ALL.into_iter().find(|coding| takes_any && quality(coding).is_none())
    }

    fn encoding(self) -> Encoding {
        match self {
            Self::Identity => Encoding::identity(),
            Self::Gzip => Encoding::gzip(),
            Self::Brotli => Encoding::brotli(),
            Self::Zstd => Encoding::zstd(),
        }
    }

    /// Returns the name in `Content-Encoding`, `None` for the identity.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// Compresses the bytes; `None` for the identity coding or if compression fails.
    pub(crate) fn compress(self, bytes: &[u8]) -> Option<Vec<u8>> {
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

/// Returns the quality of an item of `Accept-Encoding`, `None` if the header does not name it.
fn quality_of(accepted: &AcceptEncoding, item: &Preference<Encoding>) -> Option<Quality> {
    accepted.iter().find(|named| named.item == *item).map(|named| named.quality)
}

/// Returns true if a client accepts a response without a coding: unless it says otherwise, by name or by a wildcard.
fn identity_is_accepted(accepted: &AcceptEncoding) -> bool {
    let named = quality_of(accepted, &Preference::Specific(Encoding::identity()));
    named.or_else(|| quality_of(accepted, &Preference::Any)).is_none_or(|quality| quality > Quality::ZERO)
}

/// The end of an `Accept-Encoding` after [`simplify_accepted`], if the client does not accept the identity.
const WITHOUT_IDENTITY: &str = ", identity;q=0";

/// Simplifies an `Accept-Encoding` that names the identity or has a wildcard to the coding that the server will use,
/// so that everything behind the edge reads it alike.
///
/// # Errors
/// 406 if the client accepts no coding of the server, not even the identity.
pub(crate) fn simplify_accepted(request: &mut ServiceRequest) -> Result<(), Problem> {
    let mut lines = request.headers().get_all(header::ACCEPT_ENCODING).map(HeaderValue::as_bytes);
    let is_special = lines.any(|line| {
        line.contains(&b'*') || line.windows(8).any(|word| word.eq_ignore_ascii_case(b"identity"))
    });
    let Some(accepted) = is_special.then(|| AcceptEncoding::parse(request).ok()).flatten() else {
        return Ok(());
    };
    let coding = Coding::negotiate(&accepted).ok_or_else(|| Problem::new(&codes::NOT_ACCEPTABLE))?;
    let word = coding.word().unwrap_or("identity");
    let simple =
        if identity_is_accepted(&accepted) { word.to_owned() } else { format!("{word}{WITHOUT_IDENTITY}") };
    if let Ok(simple) = HeaderValue::try_from(simple) {
        request.headers_mut().insert(header::ACCEPT_ENCODING, simple);
    }
    Ok(())
}

/// Checks that a response may be sent without a coding.
///
/// # Errors
/// 406 if the client does not accept that.
pub fn require_identity(request: &HttpRequest) -> Result<(), Problem> {
    if accepts_identity(request.headers()) { Ok(()) } else { Err(Problem::new(&codes::NOT_ACCEPTABLE)) }
}

fn accepts_identity(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING);
    !accepted.is_some_and(|accepted| accepted.as_bytes().ends_with(WITHOUT_IDENTITY.as_bytes()))
}

/// The coding of a response to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AcceptedCoding {
    /// The coding that the client prefers.
    pub coding: Coding,
    /// True if the client also accepts a response without a coding.
    pub is_identity_accepted: bool,
}

impl From<Coding> for AcceptedCoding {
    fn from(coding: Coding) -> Self {
        Self { coding, is_identity_accepted: true }
    }
}

impl AcceptedCoding {
    /// Returns the coding of the response to a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        if !request.headers().contains_key(header::ACCEPT_ENCODING) {
            return Coding::Identity.into();
        }
        let coding = AcceptEncoding::parse(request).ok().and_then(|accepted| Coding::negotiate(&accepted));
        let coding = coding.unwrap_or(Coding::Identity);
        Self { coding, is_identity_accepted: accepts_identity(request.headers()) }
    }

    /// Returns a letter that distinguishes responses with different bytes.
    pub(crate) const fn letter(self) -> char {
        let letter = match self.coding {
            Coding::Identity => 'i',
            Coding::Gzip => 'g',
            Coding::Brotli => 'b',
            Coding::Zstd => 'z',
        };
        if self.is_identity_accepted { letter } else { letter.to_ascii_uppercase() }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// Returns the coding of a response, and whether the identity is accepted; `None` for 406.
    fn selected(accepted: &str) -> Option<(Coding, bool)> {
        let mut request =
            TestRequest::default().insert_header(("accept-encoding", accepted)).to_srv_request();
        simplify_accepted(&mut request).ok()?;
        let accepted = AcceptedCoding::of(request.request());
        Some((accepted.coding, accepted.is_identity_accepted))
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
            ("gzip;q=0.5, identity", Coding::Identity),
            ("*", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(selected(accepted), Some((coding, true)), "{accepted}");
        }
        let without = TestRequest::default().to_http_request();
        assert_eq!(AcceptedCoding::of(&without), Coding::Identity.into());
    }

    #[test]
    fn honours_that_the_identity_is_not_accepted() {
        for (accepted, coding) in [
            ("gzip, identity;q=0", Some(Coding::Gzip)),
            ("gzip;q=0.5, *;q=0", Some(Coding::Gzip)),
            ("identity;q=0, *", Some(Coding::Brotli)),
            ("Identity;q=0, br;q=0, *;q=0.1", Some(Coding::Zstd)),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("deflate, identity;q=0", None),
            ("br;q=0, gzip;q=0, zstd;q=0, identity;q=0, *", None),
        ] {
            assert_eq!(selected(accepted), coding.map(|coding| (coding, false)), "{accepted}");
        }
    }
}

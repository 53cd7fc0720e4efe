//! Entity tags in conditional requests (RFC 9110 sections 8.8.3 and 13.1).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Problem, codes};

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EntityTags<'a> {
    /// `*`: any state of the resource.
    Any,
    /// These tags.
    Listed(Vec<EntityTag<'a>>),
}

/// An entity tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EntityTag<'a> {
    /// True for `W/"…"`.
    is_weak: bool,
    /// The bytes between the quotes.
    opaque: &'a [u8],
}

impl<'a> EntityTags<'a> {
    /// Reads a header; all its lines are one list. `None` if it is absent.
    ///
    /// # Errors
    /// 400 if it is not a list of entity tags.
    pub(crate) fn of(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let mut lines = headers.get_all(name).map(HeaderValue::as_bytes).peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        parse(lines).map(Some).ok_or_else(|| {
            Problem::new(&codes::MALFORMED_REQUEST).detail(
                format!(
                    "{name} must be the ETag of a response, with its double quotes, a list of them, or *."
                ),
                format!("{name} হতে হবে কোনো উত্তরের ETag, উদ্ধৃতি চিহ্নসহ, অথবা তার তালিকা, অথবা *।"),
            )
        })
    }

    /// Compares by the strong comparison, as `If-Match` does: a weak tag matches nothing. The tags of one state differ in
    /// their last part if they were sent in different content codings.
    pub(crate) fn match_strongly(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => {
                let state = state_of(unquoted(etag));
                tags.iter().any(|tag| !tag.is_weak && state_of(tag.opaque) == state)
            }
        }
    }

    /// Compares by the weak comparison, as `If-None-Match` does.
    pub(crate) fn match_weakly(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|tag| tag.opaque == unquoted(etag)),
        }
    }

    /// Returns the versions that the strong tags contain, or `None` for `*`. A tag of another form has no version.
    pub(crate) fn strong_versions(&self) -> Option<Vec<i64>> {
        let Self::Listed(tags) = self else { return None };
        Some(tags.iter().filter(|tag| !tag.is_weak).filter_map(EntityTag::version).collect())
    }

    /// Returns the versions that the tags contain, or `None` for `*`. A tag of another form has no version.
    pub(crate) fn versions(&self) -> Option<Vec<i64>> {
        let Self::Listed(tags) = self else { return None };
        Some(tags.iter().filter_map(EntityTag::version).collect())
    }
}

impl EntityTag<'_> {
    fn version(&self) -> Option<i64> {
        std::str::from_utf8(self.opaque).ok()?.split('-').next()?.parse().ok()
    }
}

/// Returns the bytes between the quotes of an own tag.
fn unquoted(etag: &str) -> &[u8] {
    etag.trim_matches('"').as_bytes()
}

/// Returns a tag without its content coding.
fn state_of(tag: &[u8]) -> &[u8] {
    let codings: [&[u8]; 3] = [b"-gzip", b"-br", b"-zstd"];
    codings.iter().find_map(|coding| tag.strip_suffix(*coding)).unwrap_or(tag)
}

/// Parses the lines of a header. `*` must be alone.
fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<EntityTags<'a>> {
    let mut tags = Vec::new();
    let mut is_any = false;
    for line in lines {
        if line.trim_ascii() == b"*" && !is_any {
            is_any = true;
        } else {
            parse_line(line, &mut tags)?;
        }
    }
    match (is_any, tags.is_empty()) {
        (true, true) => Some(EntityTags::Any),
        (false, false) => Some(EntityTags::Listed(tags)),
        (true, false) | (false, true) => None,
    }
}

fn parse_line<'a>(mut list: &'a [u8], tags: &mut Vec<EntityTag<'a>>) -> Option<()> {
    loop {
        // Empty elements of a list are ignored (RFC 9110 section 5.6.1.2).
        while let [b' ' | b'\t' | b',', rest @ ..] = list {
            list = rest;
        }
        if list.is_empty() {
            return Some(());
        }
        let (is_weak, quoted) = list.strip_prefix(b"W/").map_or((false, list), |rest| (true, rest));
        let text = quoted.strip_prefix(b"\"")?;
        let end = text.iter().position(|b| *b == b'"')?;
        let (opaque, rest) = text.split_at_checked(end)?;
        if !opaque.iter().all(|b| matches!(b, b'!' | b'#'..=b'~' | 0x80..)) {
            return None;
        }
        tags.push(EntityTag { is_weak, opaque });
        list = rest.get(1..)?.trim_ascii_start();
        if !list.is_empty() && !list.starts_with(b",") {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::IF_MATCH;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn tags(headers: &HeaderMap) -> Result<Option<EntityTags<'_>>, Problem> {
        EntityTags::of(headers, &IF_MATCH)
    }

    fn versions(lines: &[&str]) -> Option<Vec<i64>> {
        tags(&headers(lines)).unwrap().unwrap().strong_versions()
    }

    #[test]
    fn reads_lists_in_one_or_several_lines() {
        assert!(tags(&headers(&[])).unwrap().is_none());
        assert_eq!(versions(&[" * "]), None);
        for lines in [&["\"2\", \"3-abc-gzip\""][..], &["\"2\"", "\"3-abc\""], &[",\"2\" ,,\t\"3\","]] {
            assert_eq!(versions(lines), Some(vec![2, 3]), "{lines:?}");
        }
        assert_eq!(versions(&["\"foo,*,bar\""]), Some(vec![]), "one tag, which is not *");
        assert_eq!(versions(&["W/\"2\", \"x\""]), Some(vec![]), "weak tags and others name no version");
    }

    #[test]
    fn rejects_what_is_not_a_list_of_tags() {
        for bad in [
            "",
            "2",
            "'2'",
            "\"2",
            "2\"",
            "\"2\"\"3\"",
            "\"2\" \"3\"",
            "\"a b\"",
            "w/\"2\"",
            "*, \"2\"",
            "\"2\", *",
        ] {
            let problem = tags(&headers(&[bad])).unwrap_err();
            assert_eq!(*problem.code, codes::MALFORMED_REQUEST, "{bad}");
        }
        for lines in [["*", "\"2\""], ["\"2\"", "*"], ["*", "*"]] {
            assert!(tags(&headers(&lines)).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn compares_strongly_and_weakly() {
        let etag = "\"3-abc-gzip\"";
        for (line, strongly, weakly) in [
            ("\"3-abc-gzip\"", true, true),
            ("\"3-abc\"", true, false),
            ("\"3-abc-br\"", true, false),
            ("W/\"3-abc-gzip\"", false, true),
            ("\"2-abc-gzip\"", false, false),
            ("*", true, true),
        ] {
            let sent = headers(&[line]);
            let tags = tags(&sent).unwrap().unwrap();
            assert_eq!((tags.match_strongly(etag), tags.match_weakly(etag)), (strongly, weakly), "{line}");
        }
    }
}

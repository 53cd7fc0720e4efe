use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;

use super::coding::simplify_accepted;

/// Middleware that rewrites a request to the canonical form of the routes: strips a leading `/api/v1` or
/// `/api` for clients that use these prefixes, maps other names of routes, simplifies headers, and routes HEAD to the
/// handlers of GET (RFC 9110 section 9.3.2; actix does not send the body).
pub(crate) async fn canonical<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if let Some(uri) = canonical_uri(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    // The older name of the coding (RFC 9110 section 8.4.1.3), which the decompressing stream does not know.
    let coding = request.headers().get(CONTENT_ENCODING);
    if coding.is_some_and(|coding| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"x-gzip")) {
        request.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    simplify_accepted(&mut request)?;
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// Other names of routes, with the routes. A name also stands for the beginning of longer paths.
const OTHER_NAMES: &[(&str, &str)] =
    &[("/auth/refresh-token", "/auth/refresh"), ("/admin/users", "/users"), ("/audit", "/admin/audit")];

fn canonical_uri(uri: &Uri) -> Option<Uri> {
    let whole = uri.path_and_query()?.as_str();
    let rest = whole.strip_prefix("/api/v1").filter(|rest| starts_segment(rest));
    let rest = rest.or_else(|| whole.strip_prefix("/api").filter(|rest| starts_segment(rest)));
    let path = rest.unwrap_or(whole);
    let route = OTHER_NAMES.iter().find_map(|(name, route)| {
        let end = path.strip_prefix(name).filter(|end| starts_segment(end))?;
        Some(format!("{route}{end}"))
    });
    let rest = if let Some(route) = route {
        route
    } else if rest?.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Uri::from_parts(parts).ok()
}

/// Returns true if the text after a prefix starts a new path segment or the query, or is empty.
fn starts_segment(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['/', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_one_prefix_and_maps_only_other_names() {
        let stripped = |path: &str| canonical_uri(&path.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(stripped("/api/v1/retailers?limit=5").as_deref(), Some("/retailers?limit=5"));
        assert_eq!(stripped("/api/retailers").as_deref(), Some("/retailers"));
        assert_eq!(stripped("/api/v1").as_deref(), Some("/"));
        assert_eq!(stripped("/api/v1?x=1").as_deref(), Some("/?x=1"));
        assert_eq!(stripped("/auth/refresh-token").as_deref(), Some("/auth/refresh"));
        assert_eq!(stripped("/api/v1/auth/refresh-token?x=1").as_deref(), Some("/auth/refresh?x=1"));
        assert_eq!(stripped("/auth/refresh-tokens"), None);
        assert_eq!(stripped("/admin/users/7?x=1").as_deref(), Some("/users/7?x=1"));
        assert_eq!(stripped("/api/admin/users").as_deref(), Some("/users"));
        assert_eq!(stripped("/audit?limit=5").as_deref(), Some("/admin/audit?limit=5"));
        assert_eq!(stripped("/api/api/retailers").as_deref(), Some("/api/retailers"));
        for other in ["/retailers", "/apiary", "/api-docs", "/", "/x/api/v1"] {
            assert_eq!(stripped(other), None, "{other}");
        }
    }
}

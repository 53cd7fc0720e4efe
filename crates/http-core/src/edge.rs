use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::FutureExt as _;
use haat_domain::shared::{IdGenerator, UserId};
use tracing::Instrument as _;

use super::text::Language;
use super::{
    ActivityCounter, AdmittedCaller, CallerLimits, Metrics, Problem, RequestId, codes, docs, request_id,
};

const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);

/// Maximum number of characters of a path in the log and in problems.
const MAX_SHOWN_PATH: usize = 200;

/// Maximum length of path and query, in bytes: RFC 9110 section 4.1 recommends support for at least this
/// length.
const MAX_URI_BYTES: usize = 8_000;

/// Security headers of every response (OWASP Secure Headers Project): no content sniffing, no referrer, and
/// no scripts or framing.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Default `Cache-Control`: not stored by shared caches, and revalidated by the client before each use,
/// because the caller's access can end at any time.
const DEFAULT_CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The paths that are served while the database is a standby.
const SERVED_ON_STANDBY: [&str; 2] = ["/health/live", "/metrics"];

/// Dependencies of the edge.
pub(crate) struct Edge {
    pub ids: Arc<dyn IdGenerator>,
    /// True while the database is a standby.
    pub standby: Arc<AtomicBool>,
}

impl Edge {
    /// Returns true for all paths but [`SERVED_ON_STANDBY`] while the database is a standby: changes would fail, and a cache may be
    /// out of date.
    fn is_unavailable(&self, path: &str) -> bool {
        self.standby.load(Ordering::Relaxed) && !SERVED_ON_STANDBY.contains(&path)
    }
}

/// Middleware around every request: assigns an id, turns errors into problem+json, keeps a panic from closing
/// the connection, and writes one log line.
pub(crate) async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // Copied, because the router needs sole ownership of the request.
    let edge = request.app_data::<web::Data<Edge>>();
    let context = RequestContext::of(&request, edge.map(|edge| &***edge));
    let is_unavailable = edge.is_some_and(|edge| edge.is_unavailable(request.path()));
    request.extensions_mut().insert(RequestId(context.id.clone()));
    let span = tracing::info_span!("request", id = context.id);
    if context.uri.path_and_query().is_some_and(|uri| uri.as_str().len() > MAX_URI_BYTES) {
        return Err(context.fail(&Problem::new(&codes::URI_TOO_LONG)));
    }
    if is_unavailable {
        return Err(context.fail(&Problem::unavailable("the database is a standby".to_owned())));
    }
    let outcome = AssertUnwindSafe(next.call(request).instrument(span.clone())).catch_unwind().await;
    let _entered = span.enter();
    match outcome {
        Ok(Ok(response)) => {
            let caller = response.request().extensions().get::<AdmittedCaller>().copied();
            let mut response = match problem_of(&response) {
                None => response.map_into_boxed_body(),
                Some(problem) => response.into_response(context.respond(&problem)),
            };
            context.log(response.status(), caller.map(|caller| caller.user));
            if let (Some(caller), Some(counter)) = (caller, response.request().app_data::<ActivityCounter>())
            {
                counter.count(caller, &context.method, response.status());
            }
            context.add_headers(response.headers_mut());
            // `identity` only kept the middleware from compressing the response and must not be sent
            // (RFC 9110 section 8.4.1).
            if response.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "identity") {
                response.headers_mut().remove(header::CONTENT_ENCODING);
            }
            let (request, response_head) = (response.request().clone(), response.response_mut());
            if let Some(limits) = request.app_data::<web::Data<CallerLimits>>() {
                limits.add_headers(&request, response_head.headers_mut());
            }
            context.measure(&request, response.status());
            Ok(response)
        }
        Ok(Err(error)) => Err(context.fail(&problem_of_error(&error))),
        Err(_panic) => Err(context.fail(&Problem::internal("a handler panicked"))),
    }
}

/// The parts of a request that the edge needs after the handler has run.
struct RequestContext {
    started: Instant,
    id: String,
    method: Method,
    uri: Uri,
    language: Option<HeaderValue>,
}

impl RequestContext {
    fn of(request: &ServiceRequest, edge: Option<&Edge>) -> Self {
        let id = match (request_id::from_client(request.headers()), edge) {
            (Some(id), _) => id.to_owned(),
            (None, Some(edge)) => edge.ids.next().to_string(),
            (None, None) => String::new(),
        };
        Self {
            started: Instant::now(),
            id,
            method: request.method().clone(),
            uri: request.uri().clone(),
            language: request.headers().get(header::ACCEPT_LANGUAGE).cloned(),
        }
    }

    /// Builds the response for a problem. This is the only place that logs internal causes.
    fn respond(&self, problem: &Problem) -> HttpResponse {
        let (code, cause) = (problem.code.name, problem.cause.as_deref().unwrap_or_default());
        if problem.status().is_server_error() {
            tracing::error!(code, cause, "the request failed");
        } else {
            tracing::debug!(code, cause, "the request was rejected");
        }
        problem.respond(Language::of(self.language.as_ref()), self.path(), &self.id)
    }

    /// Returns the path, truncated.
    fn path(&self) -> &str {
        let path = self.uri.path();
        let end = path.char_indices().nth(MAX_SHOWN_PATH).map_or(path.len(), |(at, _)| at);
        path.get(..end).unwrap_or_default()
    }

    /// Wraps the response for a problem in an error, for use when the request is no longer available.
    fn fail(&self, problem: &Problem) -> Error {
        let mut response = self.respond(problem);
        self.log(response.status(), None);
        self.add_headers(response.headers_mut());
        InternalError::from_response("details are in the log", response).into()
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in SECURITY_HEADERS {
            headers.insert(name, value);
        }
        if let Some(policy) = docs::content_security_policy(self.uri.path()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, DEFAULT_CACHE_CONTROL);
        }
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID, id);
        }
    }

    fn measure(&self, request: &HttpRequest, status: StatusCode) {
        if let Some(metrics) = request.app_data::<web::Data<Metrics>>() {
            metrics.request(request, status, self.started.elapsed());
        }
    }

    /// Writes the log line. Successful reads are most of the traffic, so they are logged at debug level.
    fn log(&self, status: StatusCode, user: Option<UserId>) {
        let duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (status, user) = (status.as_u16(), user.map(UserId::get));
        if matches!(self.method, Method::GET | Method::HEAD) && status < 400 {
            tracing::debug!(method = %self.method, path = self.path(), status, duration_us, user, "request completed");
        } else {
            tracing::info!(method = %self.method, path = self.path(), status, duration_us, user, "request completed");
        }
    }
}

/// Returns the problem behind an error response, `None` for any other response.
fn problem_of(response: &ServiceResponse<impl MessageBody>) -> Option<Problem> {
    if let Some(error) = response.response().error() {
        return Some(problem_of_error(error));
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    is_error.then(|| Problem::of_status(status, "no cause available".to_owned()))
}

fn problem_of_error(error: &Error) -> Problem {
    error
        .as_error::<Problem>()
        .cloned()
        .unwrap_or_else(|| Problem::of_status(error.as_response_error().status_code(), error.to_string()))
}

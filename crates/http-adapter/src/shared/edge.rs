use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::FutureExt as _;
use haat_application::shared::Actor;
use haat_domain::shared::IdGenerator;
use tracing::Instrument as _;

use super::text::Language;
use super::{CallerLimits, Code, Metrics, Problem, RequestId, request_id};

const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);

/// As much of a path is repeated, in the log and in problems.
const LONGEST_PATH: usize = 200;

/// The longest path and query taken, in bytes: what every client and proxy can send (RFC 9110 section 4.1).
const LONGEST_URI: usize = 8_000;

/// What every answer says to browsers (OWASP Secure Headers Project): it is what it says it is, nothing of it is run or framed,
/// and where it was read is nobody's business.
const TO_BROWSERS: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// The page of the documentation runs what comes with it, and asks the server that it came from.
const OF_THE_DOCUMENTATION: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'",
);

/// Kept by nobody on the way, and by the caller only to ask whether it is still so: what one may see can end at any moment.
const OF_THE_CALLER: HeaderValue = HeaderValue::from_static("private, no-cache");

/// What the edge needs.
pub(crate) struct Edge {
    pub(crate) ids: Arc<dyn IdGenerator>,
}

/// The outermost layer of every request: gives it an id, turns whatever went wrong into problem+json, keeps a panic
/// from taking the connection along, and writes the one line of log.
pub(crate) async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // What is needed afterwards is copied: while anything else holds the request, the router cannot have it.
    let seen = Seen::of(&request);
    request.extensions_mut().insert(RequestId(seen.id.clone()));
    let span = tracing::info_span!("request", id = seen.id);
    if seen.uri.path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URI) {
        return Err(seen.fail(&Problem::new(Code::UriTooLong)));
    }
    let outcome = AssertUnwindSafe(next.call(request).instrument(span.clone())).catch_unwind().await;
    let _entered = span.enter();
    match outcome {
        Ok(Ok(response)) => {
            let actor = response.request().extensions().get::<Actor>().copied();
            let mut response = match problem_of(&response) {
                None => response.map_into_boxed_body(),
                Some(problem) => response.into_response(seen.respond(&problem)),
            };
            seen.log(response.status(), actor);
            seen.sign(response.headers_mut());
            // It kept the answer from being packed again, and is not to be sent (RFC 9110 section 8.4.1).
            if response.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "identity") {
                response.headers_mut().remove(header::CONTENT_ENCODING);
            }
            let (request, response_head) = (response.request().clone(), response.response_mut());
            if let Some(limits) = request.app_data::<web::Data<CallerLimits>>() {
                limits.sign(&request, response_head.headers_mut());
            }
            seen.measure(&request, response.status());
            Ok(response)
        }
        Ok(Err(error)) => Err(seen.fail(&problem_of_error(&error))),
        Err(_panic) => Err(seen.fail(&Problem::internal("a handler panicked"))),
    }
}

/// What the edge remembers of a request.
struct Seen {
    started: Instant,
    id: String,
    method: Method,
    uri: Uri,
    language: Option<HeaderValue>,
}

impl Seen {
    fn of(request: &ServiceRequest) -> Self {
        let id = match (request_id::sent(request.headers()), request.app_data::<web::Data<Edge>>()) {
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

    /// The answer that tells of a problem. The only place where an internal cause is written down.
    fn respond(&self, problem: &Problem) -> HttpResponse {
        let (code, cause) = (problem.code.as_str(), problem.cause.as_deref().unwrap_or_default());
        if problem.code.status().is_server_error() {
            tracing::error!(code, cause, "the request failed");
        } else {
            tracing::debug!(code, cause, "the request was refused");
        }
        problem.respond(Language::of(self.language.as_ref()), self.path(), &self.id)
    }

    /// The path, cut short.
    fn path(&self) -> &str {
        let path = self.uri.path();
        let end = path.char_indices().nth(LONGEST_PATH).map_or(path.len(), |(at, _)| at);
        path.get(..end).unwrap_or_default()
    }

    /// Where nothing is left of the request to answer to, the answer travels as an error.
    fn fail(&self, problem: &Problem) -> Error {
        let mut response = self.respond(problem);
        self.log(response.status(), None);
        self.sign(response.headers_mut());
        InternalError::from_response("see the log", response).into()
    }

    fn sign(&self, headers: &mut HeaderMap) {
        for (name, value) in TO_BROWSERS {
            headers.insert(name, value);
        }
        if self.uri.path().starts_with("/docs/") {
            headers.insert(header::CONTENT_SECURITY_POLICY, OF_THE_DOCUMENTATION);
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, OF_THE_CALLER);
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

    /// The line of log. Successful reads are most of the traffic and of no interest by themselves.
    fn log(&self, status: StatusCode, actor: Option<Actor>) {
        let duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (status, user) = (status.as_u16(), actor.map(|actor| actor.user.get()));
        if matches!(self.method, Method::GET | Method::HEAD) && status < 400 {
            tracing::debug!(method = %self.method, path = self.path(), status, duration_us, user, "answered");
        } else {
            tracing::info!(method = %self.method, path = self.path(), status, duration_us, user, "answered");
        }
    }
}

/// The problem behind an error response; `None` when the response is an answer.
fn problem_of(response: &ServiceResponse<impl MessageBody>) -> Option<Problem> {
    if let Some(error) = response.response().error() {
        return Some(problem_of_error(error));
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    is_error.then(|| Problem::of_status(status, "no cause given".to_owned()))
}

fn problem_of_error(error: &Error) -> Problem {
    error
        .as_error::<Problem>()
        .cloned()
        .unwrap_or_else(|| Problem::of_status(error.as_response_error().status_code(), error.to_string()))
}

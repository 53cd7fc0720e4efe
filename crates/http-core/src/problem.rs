use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use haat_application::auth::codes::{EXPIRED_TOKEN, INVALID_TOKEN};
use haat_application::shared::{FieldError, ProblemCode, Refusal, Refused, Text};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::codes;
use super::text::{Language, in_language};

/// An error response. The edge, which knows the request's id, path and language, renders it as
/// `application/problem+json` (RFC 9457).
#[derive(Debug, Clone)]
pub struct Problem {
    /// The code.
    pub code: &'static ProblemCode,
    /// The detail; `None` for the advice of the code.
    pub detail: Option<Text>,
    /// All invalid fields.
    pub errors: Vec<FieldError>,
    /// Seconds after which the client should retry.
    pub retry_after: Option<u32>,
    /// The current version of the resource, which the response has as its entity tag.
    pub version: Option<i64>,
    /// A header that says what the server accepts instead, such as `Allow`.
    pub header: Option<(HeaderName, String)>,
    /// An additional member of the response.
    pub extra: Option<(&'static str, Value)>,
    /// The cause; it is logged and never sent.
    pub cause: Option<String>,
}

impl Problem {
    /// Creates a problem with this code.
    #[must_use]
    pub fn new(code: &'static ProblemCode) -> Self {
        Refused::new(code).into()
    }

    /// Sets the detail.
    #[must_use]
    pub fn detail(self, en: impl Into<Cow<'static, str>>, bn: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: Some(Text::new(en, bn)), ..self }
    }

    /// Sets the header that says what the server accepts instead.
    #[must_use]
    pub fn header(self, name: HeaderName, value: impl Into<String>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    /// Adds a media type to the accepted ones, if the problem lists them.
    #[must_use]
    pub fn or_accept(mut self, media_type: &str) -> Self {
        if let Some((name, accepted)) = &mut self.header
            && *name == header::ACCEPT
        {
            accepted.push_str(", ");
            accepted.push_str(media_type);
        }
        self
    }

    /// Adds a member to the response.
    #[must_use]
    pub fn with(self, name: &'static str, extra: Value) -> Self {
        Self { extra: Some((name, extra)), ..self }
    }

    /// Creates a problem with all field errors of a request.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Refused::invalid(errors).into()
    }

    /// Creates a problem with one field error.
    #[must_use]
    pub fn invalid_field(field: &str, code: &'static str, message: Text) -> Self {
        Self::invalid(vec![FieldError::new(field.to_owned(), code, message)])
    }

    /// Creates a problem for an internal error; `cause` is logged.
    pub fn internal(cause: impl Into<String>) -> Self {
        Refused::internal(cause).into()
    }

    /// Creates a problem for a temporary failure, to retry after a second; `cause` is logged.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Refused::unavailable(cause).into()
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Creates the problem for an error status that actix returned.
    #[must_use]
    pub fn of_status(status: StatusCode, cause: String) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => &codes::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED => &codes::METHOD_NOT_ALLOWED,
            StatusCode::NOT_ACCEPTABLE => &codes::NOT_ACCEPTABLE,
            StatusCode::PAYLOAD_TOO_LARGE => &codes::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => &codes::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::SERVICE_UNAVAILABLE => return Self::unavailable(cause),
            status if status.is_client_error() => &codes::MALFORMED_REQUEST,
            _ => &codes::INTERNAL_ERROR,
        };
        Self { cause: Some(cause), ..Self::new(code) }
    }

    /// Renders the response.
    #[must_use]
    pub fn respond(&self, language: Language, instance: &str, request_id: &str) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, self.challenge()));
        }
        if self.extra.as_ref().is_some_and(|(_, extra)| extra.is_string()) {
            // The body contains a token.
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            // The rest of the body may still arrive and must not be read as the next request.
            response.force_close();
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(version) = self.version {
            response.insert_header((header::ETAG, format!("\"{version}\"")));
        }
        if let Some((name, value)) = &self.header {
            response.insert_header((name.clone(), value.as_str()));
        }
        response.json(ProblemBody {
            kind: format!("urn:haat:problem:{}", self.code.name),
            title: in_language(&self.code.title, language),
            status: status.as_u16(),
            detail: self
                .detail
                .as_ref()
                .or(self.code.advice.as_ref())
                .map(|text| in_language(text, language)),
            instance,
            code: self.code.name,
            request_id,
            errors: self
                .errors
                .iter()
                .map(|error| FieldErrorBody {
                    field: &error.field,
                    code: error.code,
                    message: in_language(&error.message, language),
                })
                .collect(),
            more: self.extra.iter().map(|(name, extra)| ((*name).to_owned(), extra.clone())).collect(),
        })
    }

    /// Returns the value of `WWW-Authenticate`. Without a token in the request there is no error code (RFC
    /// 6750 section 3).
    fn challenge(&self) -> &'static str {
        if [&INVALID_TOKEN, &EXPIRED_TOKEN, &codes::TOKEN_REVOKED].contains(&self.code) {
            "Bearer realm=\"haat\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"haat\""
        }
    }
}

impl<E: Refusal> From<E> for Problem {
    fn from(error: E) -> Self {
        let Refused { code, detail, errors, retry_after, version, extra, cause } = error.refuse();
        Self { code, detail, errors, retry_after, version, header: None, extra, cause }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Returns a response without a body; the edge renders the body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// URN of the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:haat:problem:not-found")]
    kind: String,
    /// Short description of the code, in the language of `Accept-Language`.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// Explanation of this occurrence, or what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<&'a str>,
    /// The path of the request.
    instance: &'a str,
    /// Stable code for programs.
    #[schema(example = "not-found")]
    code: &'a str,
    /// The request id, to quote to support.
    request_id: &'a str,
    /// All invalid fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldErrorBody<'a>>,
    /// Additional members of some codes (RFC 9457 section 3.2).
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

/// An error of one field.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldError)]
pub(crate) struct FieldErrorBody<'a> {
    /// The member, query parameter or path segment.
    field: &'a str,
    /// Stable code for programs.
    code: &'a str,
    /// The message, in the language of `Accept-Language`.
    message: &'a str,
}

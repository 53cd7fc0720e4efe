use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use haat_domain::shared::StorageFailure;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Text;
use super::text::Language;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:ident, $en:literal, $bn:literal
        $(, $detail_en:literal, $detail_bn:literal)?;)+) => {
        /// The stable code of a problem. docs/API-DESIGN.md lists all codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $($name),+ }

        impl Code {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the code as clients see it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Returns the HTTP status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// Returns the title for users.
            pub(crate) const fn title(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $en, (Self::$name, Language::Bangla) => $bn),+
                }
            }

            /// Returns the detail of problems that have no detail of their own.
            pub(crate) const fn default_detail(self, language: Language) -> Option<&'static str> {
                match (self, language) {
                    $($(
                        (Self::$name, Language::English) => Some($detail_en),
                        (Self::$name, Language::Bangla) => Some($detail_bn),
                    )?)+
                    _ => None,
                }
            }
        }
    };
}

codes! {
    MalformedRequest = "malformed-request", BAD_REQUEST, "The request cannot be read", "অনুরোধটি পড়া যাচ্ছে না";
    InvalidCursor = "invalid-cursor", BAD_REQUEST, "The cursor does not belong to this list", "কার্সরটি এই তালিকার নয়",
        "Read the list again from its first page.", "তালিকাটি প্রথম পাতা থেকে আবার পড়ুন।";
    MissingToken = "missing-token", UNAUTHORIZED, "Log in first", "আগে লগ ইন করুন";
    InvalidToken = "invalid-token", UNAUTHORIZED, "The access token is invalid", "অ্যাক্সেস টোকেনটি সঠিক নয়",
        "Log in again.", "আবার লগ ইন করুন।";
    ExpiredToken = "expired-token", UNAUTHORIZED, "The access token has expired", "অ্যাক্সেস টোকেনের মেয়াদ শেষ",
        "Get a new one with POST /auth/refresh.", "POST /auth/refresh দিয়ে নতুন টোকেন নিন।";
    TokenRevoked = "token-revoked", UNAUTHORIZED, "The access token has been revoked", "অ্যাক্সেস টোকেনটি বাতিল করা হয়েছে",
        "Log in again.", "আবার লগ ইন করুন।";
    InvalidRefreshToken = "invalid-refresh-token", UNAUTHORIZED, "The refresh token is invalid", "রিফ্রেশ টোকেনটি সঠিক নয়",
        "Log in again.", "আবার লগ ইন করুন।";
    SessionEnded = "session-ended", UNAUTHORIZED, "The session has ended", "সেশনটি শেষ হয়েছে",
        "Log in again.", "আবার লগ ইন করুন।";
    InvalidCredentials = "invalid-credentials", UNAUTHORIZED, "Unknown user or incorrect password", "ব্যবহারকারী বা পাসওয়ার্ড সঠিক নয়";
    MfaRequired = "mfa-required", UNAUTHORIZED, "A second factor is required", "দ্বিতীয় ধাপের কোড প্রয়োজন",
        "Send mfaToken and a code to POST /auth/mfa/challenge.", "POST /auth/mfa/challenge ঠিকানায় mfaToken ও একটি কোড পাঠান।";
    InvalidMfaToken = "invalid-mfa-token", UNAUTHORIZED, "The mfaToken is invalid or has expired", "mfaToken সঠিক নয় বা এর মেয়াদ শেষ",
        "Log in again.", "আবার লগ ইন করুন।";
    WrongFactor = "wrong-mfa-code", UNAUTHORIZED, "The code is incorrect or was already used", "কোডটি সঠিক নয়, বা আগে ব্যবহৃত হয়েছে",
        "Send another code.", "অন্য একটি কোড দিন।";
    Forbidden = "forbidden", FORBIDDEN, "You do not have permission to do this", "এটি করার অনুমতি আপনার নেই";
    PasswordChangeRequired = "password-change-required", FORBIDDEN, "Change your password first", "আগে পাসওয়ার্ড বদলান",
        "Use POST /auth/change-password.", "POST /auth/change-password ব্যবহার করুন।";
    MfaEnrollmentRequired = "mfa-enrollment-required", FORBIDDEN, "Set up a second factor first", "আগে দ্বিতীয় ধাপ চালু করুন",
        "Start with POST /auth/mfa/enroll.", "POST /auth/mfa/enroll দিয়ে শুরু করুন।";
    NotFound = "not-found", NOT_FOUND, "Not found", "পাওয়া যায়নি";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This URL does not support this method", "এই ঠিকানায় পদ্ধতিটি চলে না";
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "The request body did not arrive in time", "পাঠানো তথ্য সময়মতো পৌঁছায়নি",
        "Send the request again.", "অনুরোধটি আবার পাঠান।";
    IdempotencyKeyInUse = "idempotency-key-in-use", CONFLICT,
        "A request with this Idempotency-Key is still in progress", "এই Idempotency-Key-এর একটি অনুরোধ এখনও চলছে",
        "Try again shortly.", "একটু পরে আবার চেষ্টা করুন।";
    AlreadyExists = "already-exists", CONFLICT, "Already exists", "এটি আগে থেকেই আছে";
    InUse = "in-use", CONFLICT, "Still in use", "এটি এখনও ব্যবহৃত হচ্ছে",
        "Remove what refers to it first; references has the counts.", "যা এটিকে উল্লেখ করে তা আগে সরান; সংখ্যাগুলো references-এ আছে।";
    CannotTargetSelf = "cannot-target-self", CONFLICT, "You cannot do this to your own account", "নিজের অ্যাকাউন্টে এটি করা যায় না";
    MfaEnabled = "mfa-enabled", CONFLICT, "A second factor is already enabled", "দ্বিতীয় ধাপ আগে থেকেই চালু আছে",
        "Disable it to set it up again.", "আবার চালু করতে হলে আগে এটি বন্ধ করুন।";
    MfaNotEnabled = "mfa-not-enabled", CONFLICT, "No second factor is set up", "দ্বিতীয় ধাপ চালু নেই",
        "To set one up, start with POST /auth/mfa/enroll.", "চালু করতে POST /auth/mfa/enroll দিয়ে শুরু করুন।";
    MfaNotConfigured = "mfa-not-configured", CONFLICT, "This server does not support a second factor", "এই সার্ভারে দ্বিতীয় ধাপের ব্যবস্থা নেই",
        "The operator of the server must set HAAT_MFA_KEYS.", "সার্ভারের পরিচালককে HAAT_MFA_KEYS নির্ধারণ করতে হবে।";
    Deleted = "deleted", CONFLICT, "The retailer is deleted", "দোকানটি মুছে ফেলা হয়েছে",
        "Restore it first.", "আগে এটি ফিরিয়ে আনুন।";
    PlanStale = "plan-stale", CONFLICT, "The data has changed since this plan was created", "এই পরিকল্পনা তৈরির পরে তথ্য বদলে গেছে",
        "Create a new plan.", "নতুন পরিকল্পনা তৈরি করুন।";
    AlreadyUndone = "already-undone", CONFLICT, "The batch has already been undone", "ব্যাচটি আগেই ফিরিয়ে নেওয়া হয়েছে",
        "Create a new plan.", "নতুন পরিকল্পনা তৈরি করুন।";
    NotApplied = "not-applied", CONFLICT, "The batch has not been applied", "ব্যাচটি এখনও কার্যকর হয়নি",
        "There is nothing to undo.", "ফিরিয়ে নেওয়ার কিছু নেই।";
    ImportState = "import-state", CONFLICT, "The state of the import does not allow this", "আমদানিটির বর্তমান অবস্থায় এটি করা যায় না";
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "The resource has changed since you read it", "আপনি পড়ার পরে এটি বদলে গেছে",
        "Read the resource again and repeat the change.", "আবার পড়ুন, তারপর পরিবর্তনটি আবার করুন।";
    UriTooLong = "uri-too-long", URI_TOO_LONG, "The URL is too long", "ঠিকানাটি অনেক লম্বা",
        "Path and query may have at most 8,000 bytes.", "পাথ ও কোয়েরি মিলিয়ে সর্বোচ্চ ৮,০০০ বাইট হতে পারে।";
    PayloadTooLarge = "payload-too-large", PAYLOAD_TOO_LARGE, "The request body is too large", "পাঠানো তথ্য অনেক বড়";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "This URL does not accept this media type", "এই ঠিকানায় এই ধরনের তথ্য দেওয়া যায় না";
    InvalidFields = "invalid-fields", UNPROCESSABLE_ENTITY, "Some fields are invalid", "কিছু তথ্য সঠিক নয়";
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY,
        "This Idempotency-Key was used for another request", "এই Idempotency-Key অন্য অনুরোধে ব্যবহৃত হয়েছে",
        "Use a new key.", "নতুন একটি কী ব্যবহার করুন।";
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests", "অনেক বেশি অনুরোধ",
        "Try again after the seconds in the Retry-After header.", "Retry-After হেডারে দেওয়া সেকেন্ড পরে আবার চেষ্টা করুন।";
    TooManyFailedLogins = "too-many-failed-logins", TOO_MANY_REQUESTS, "Too many incorrect passwords or codes", "অনেকবার ভুল পাসওয়ার্ড বা কোড দেওয়া হয়েছে",
        "Try again after the seconds in the Retry-After header.", "Retry-After হেডারে দেওয়া সেকেন্ড পরে আবার চেষ্টা করুন।";
    Internal = "internal-error", INTERNAL_SERVER_ERROR, "Something went wrong on the server", "সার্ভারে একটি সমস্যা হয়েছে",
        "Contact support with the requestId.", "requestId-সহ সহায়তা কেন্দ্রে যোগাযোগ করুন।";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Temporarily unavailable", "এই মুহূর্তে পাওয়া যাচ্ছে না",
        "Try again after the seconds in the Retry-After header.", "Retry-After হেডারে দেওয়া সেকেন্ড পরে আবার চেষ্টা করুন।";
}

/// An error of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The member, query parameter or path segment.
    pub(crate) field: String,
    /// The stable code.
    pub(crate) code: &'static str,
    /// The message for users.
    pub(crate) message: Text,
}

impl FieldError {
    /// Returns the error with `path` in front of the field name.
    pub(crate) fn under(self, path: &str) -> Self {
        Self { field: format!("{path}.{}", self.field), ..self }
    }
}

/// An error response. The edge, which knows the request's id, path and language, renders it as
/// `application/problem+json` (RFC 9457).
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) detail: Option<Text>,
    pub(crate) errors: Vec<FieldError>,
    /// Seconds after which the client should retry.
    pub(crate) retry_after: Option<u32>,
    /// The methods that the path supports.
    pub(crate) allow: Option<String>,
    /// An additional member of the response.
    pub(crate) more: Option<(&'static str, Value)>,
    /// The cause; it is logged and never sent.
    pub(crate) cause: Option<String>,
}

impl Problem {
    pub(crate) const fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            more: None,
            cause: None,
        }
    }

    /// Sets the detail.
    pub(crate) fn detail(mut self, en: impl Into<String>, bn: impl Into<String>) -> Self {
        self.detail = Some(Text::new(en, bn));
        self
    }

    /// Adds a member to the response.
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more = Some((name, value));
        self
    }

    /// Creates a problem with all field errors of a request.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Code::InvalidFields) }
    }

    /// Creates a problem with one field error.
    pub(crate) fn invalid_field(field: &str, code: &'static str, message: Text) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), code, message }])
    }

    /// Creates a problem for fields whose values are already in use. The title is the same for all fields;
    /// the detail lists them.
    pub(crate) fn taken(errors: Vec<FieldError>) -> Self {
        let detail = |language| {
            let messages = errors
                .iter()
                .map(|error| format!("{}: {}", error.field, error.message.in_language(language)));
            messages.collect::<Vec<_>>().join("; ")
        };
        let (en, bn) = (detail(Language::English), detail(Language::Bangla));
        Self { errors, ..Self::new(Code::AlreadyExists) }.detail(en, bn)
    }

    /// Returns the problem with `path` in front of the field names.
    pub(crate) fn under(self, path: &str) -> Self {
        Self { errors: self.errors.into_iter().map(|error| error.under(path)).collect(), ..self }
    }

    /// Creates a problem for an internal error; `cause` is logged.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Code::Internal) }
    }

    /// Creates a problem for a temporary failure, to retry after a second; `cause` is logged.
    pub(crate) fn unavailable(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), retry_after: Some(1), ..Self::new(Code::Unavailable) }
    }

    /// Creates the problem for an error status that actix returned.
    pub(crate) fn of_status(status: StatusCode, cause: String) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE => return Self::unavailable(cause),
            status if status.is_client_error() => Code::MalformedRequest,
            _ => Code::Internal,
        };
        Self { cause: Some(cause), ..Self::new(code) }
    }

    /// Renders the response.
    pub(crate) fn respond(&self, language: Language, instance: &str, request_id: &str) -> HttpResponse {
        let status = self.code.status();
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, self.challenge()));
        }
        if self.code == Code::MfaRequired {
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
        if let Some(methods) = &self.allow {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        response.json(ProblemBody {
            kind: format!("urn:haat:problem:{}", self.code.as_str()),
            title: self.code.title(language),
            status: status.as_u16(),
            detail: self
                .detail
                .as_ref()
                .map(|text| text.in_language(language))
                .or_else(|| self.code.default_detail(language)),
            instance,
            code: self.code.as_str(),
            request_id,
            errors: self
                .errors
                .iter()
                .map(|error| FieldErrorBody {
                    field: &error.field,
                    code: error.code,
                    message: error.message.in_language(language),
                })
                .collect(),
            more: self.more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        })
    }

    /// Returns the value of `WWW-Authenticate`. Without a token in the request there is no error code (RFC
    /// 6750 section 3).
    fn challenge(&self) -> &'static str {
        match self.code {
            Code::InvalidToken | Code::ExpiredToken | Code::TokenRevoked => {
                "Bearer realm=\"haat\", error=\"invalid_token\""
            }
            _ => "Bearer realm=\"haat\"",
        }
    }
}

impl From<StorageFailure> for Problem {
    fn from(failure: StorageFailure) -> Self {
        if failure.is_retryable() {
            Self::unavailable(failure.to_string())
        } else {
            Self::internal(failure.to_string())
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Returns a response without a body; the edge renders the body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_kebab_case_and_have_texts_in_both_languages() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()));
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(code.title(Language::English).is_ascii());
            assert!(!code.title(Language::Bangla).is_ascii());
            assert!(code.default_detail(Language::English).is_none_or(str::is_ascii));
            assert!(code.default_detail(Language::Bangla).is_none_or(|detail| !detail.is_ascii()));
        }
    }

    #[test]
    fn the_documentation_lists_every_code() {
        let docs = include_str!("../../../../docs/API-DESIGN.md");
        for code in Code::ALL {
            let row = format!("| {} | `{}` |", code.status().as_u16(), code.as_str());
            assert!(docs.contains(&row), "docs/API-DESIGN.md lacks {row}");
        }
    }
}

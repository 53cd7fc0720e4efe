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
    ($($name:ident = $code:literal, $status:ident, $en:literal, $bn:literal;)+) => {
        /// What went wrong, in a word that clients may rely on. docs/API-DESIGN.md lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $($name),+ }

        impl Code {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable word.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The HTTP status it comes with.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// The title for people.
            pub(crate) const fn title(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $en, (Self::$name, Language::Bangla) => $bn),+
                }
            }
        }
    };
}

codes! {
    MalformedRequest = "malformed-request", BAD_REQUEST, "The request cannot be read", "অনুরোধটি পড়া যাচ্ছে না";
    InvalidCursor = "invalid-cursor", BAD_REQUEST, "The cursor does not belong to this list", "কার্সরটি এই তালিকার নয়";
    MissingToken = "missing-token", UNAUTHORIZED, "Log in first", "আগে লগ ইন করুন";
    InvalidToken = "invalid-token", UNAUTHORIZED, "The access token is not valid", "অ্যাক্সেস টোকেনটি সঠিক নয়";
    ExpiredToken = "expired-token", UNAUTHORIZED, "The access token has expired", "অ্যাক্সেস টোকেনের মেয়াদ শেষ";
    EndedToken = "ended-token", UNAUTHORIZED, "The access token has been ended", "অ্যাক্সেস টোকেনটি বাতিল হয়েছে";
    InvalidRefreshToken = "invalid-refresh-token", UNAUTHORIZED, "The refresh token is not valid; log in again", "রিফ্রেশ টোকেনটি সঠিক নয়, আবার লগ ইন করুন";
    EndedSession = "ended-session", UNAUTHORIZED, "The session has ended; log in again", "সেশনটি শেষ হয়েছে, আবার লগ ইন করুন";
    InvalidCredentials = "invalid-credentials", UNAUTHORIZED, "Unknown user or wrong password", "ব্যবহারকারী বা পাসওয়ার্ড সঠিক নয়";
    MfaRequired = "mfa-required", UNAUTHORIZED, "Show your second factor", "দ্বিতীয় ধাপের কোড দিন";
    InvalidMfaToken = "invalid-mfa-token", UNAUTHORIZED, "The login has waited too long; log in again", "লগ ইনের সময় পেরিয়ে গেছে, আবার লগ ইন করুন";
    WrongFactor = "wrong-mfa-code", UNAUTHORIZED, "Wrong code, or one used before", "কোডটি সঠিক নয়, বা আগে ব্যবহৃত হয়েছে";
    Forbidden = "forbidden", FORBIDDEN, "You may not do this", "আপনি এটি করতে পারেন না";
    PasswordChangeRequired = "password-change-required", FORBIDDEN, "Change your password first", "আগে পাসওয়ার্ড বদলান";
    MfaEnrollmentRequired = "mfa-enrollment-required", FORBIDDEN, "Set up a second factor first", "আগে দ্বিতীয় ধাপ চালু করুন";
    NotFound = "not-found", NOT_FOUND, "There is no such thing", "এমন কিছু নেই";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This address does not take that method", "এই ঠিকানায় পদ্ধতিটি চলে না";
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "The body did not arrive in time", "তথ্যটি সময়মতো পৌঁছায়নি";
    IdempotencyKeyInUse = "idempotency-key-in-use", CONFLICT, "A request with this key is being worked on", "এই চাবির একটি অনুরোধ এখন চলছে";
    AlreadyExists = "already-exists", CONFLICT, "It is there already", "এটি আগে থেকেই আছে";
    InUse = "in-use", CONFLICT, "It is still in use", "এটি এখনও ব্যবহৃত হচ্ছে";
    Yourself = "yourself", CONFLICT, "Nobody may do this to themselves", "নিজের ক্ষেত্রে এটি করা যায় না";
    MfaEnabled = "mfa-enabled", CONFLICT, "There is a second factor already", "দ্বিতীয় ধাপ আগে থেকেই চালু আছে";
    MfaNotEnabled = "mfa-not-enabled", CONFLICT, "There is no second factor", "দ্বিতীয় ধাপ চালু নেই";
    MfaNotConfigured = "mfa-not-configured", CONFLICT, "This server has no second factors", "এই সার্ভারে দ্বিতীয় ধাপের ব্যবস্থা নেই";
    Deleted = "deleted", CONFLICT, "It is deleted; restore it first", "এটি মুছে ফেলা হয়েছে, আগে ফিরিয়ে আনুন";
    PlanOutdated = "plan-outdated", CONFLICT, "The world has moved since the plan was made", "পরিকল্পনার পরে অবস্থা বদলে গেছে";
    Undone = "undone", CONFLICT, "The batch has been taken back", "ব্যাচটি ফিরিয়ে নেওয়া হয়েছে";
    NotApplied = "not-applied", CONFLICT, "The batch has not been applied", "ব্যাচটি এখনও কার্যকর হয়নি";
    ImportState = "import-state", CONFLICT, "The import is not in a state for this", "আমদানিটি এখন এই অবস্থায় নেই";
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "It has been changed since you read it", "আপনি পড়ার পরে এটি বদলে গেছে";
    UriTooLong = "uri-too-long", URI_TOO_LONG, "The address is too long", "ঠিকানাটি অনেক লম্বা";
    PayloadTooLarge = "payload-too-large", PAYLOAD_TOO_LARGE, "The body is too large", "পাঠানো তথ্য অনেক বড়";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "This address does not take that media type", "এই ঠিকানায় এই ধরনের তথ্য দেওয়া যায় না";
    InvalidFields = "invalid-fields", UNPROCESSABLE_ENTITY, "Some fields are not valid", "কিছু তথ্য সঠিক নয়";
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "This key was used for another request", "এই চাবি অন্য অনুরোধে ব্যবহৃত হয়েছে";
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests; wait a little", "অনেক বেশি অনুরোধ, একটু অপেক্ষা করুন";
    TooManyFailedLogins = "too-many-failed-logins", TOO_MANY_REQUESTS, "Too many wrong passwords or codes; wait a little", "অনেকবার ভুল পাসওয়ার্ড বা কোড, একটু অপেক্ষা করুন";
    Internal = "internal-error", INTERNAL_SERVER_ERROR, "Something went wrong on our side", "আমাদের দিকে একটি সমস্যা হয়েছে";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available just now", "এই মুহূর্তে পাওয়া যাচ্ছে না";
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The member, query parameter or path part.
    pub(crate) field: String,
    /// A stable word.
    pub(crate) code: &'static str,
    /// A sentence.
    pub(crate) message: Text,
}

impl FieldError {
    /// The same of a field inside this one.
    pub(crate) fn under(self, path: &str) -> Self {
        Self { field: format!("{path}.{}", self.field), ..self }
    }
}

/// An answer that is not the one asked for. Becomes `application/problem+json` (RFC 9457) at the edge, which knows
/// the request's id, path and language.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) detail: Option<Text>,
    pub(crate) errors: Vec<FieldError>,
    /// Seconds after which trying again makes sense.
    pub(crate) retry_after: Option<u32>,
    /// The methods that the address does take.
    pub(crate) allow: Option<String>,
    /// More for programs: a member of its own.
    pub(crate) more: Option<(&'static str, Value)>,
    /// The cause, for the log alone.
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

    pub(crate) fn detail(mut self, en: impl Into<String>, bn: impl Into<String>) -> Self {
        self.detail = Some(Text::new(en, bn));
        self
    }

    /// With a member of its own.
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more = Some((name, value));
        self
    }

    /// Everything that is wrong with a request's fields, at once.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Code::InvalidFields) }
    }

    /// One field that is wrong.
    pub(crate) fn invalid_field(field: &str, code: &'static str, message: Text) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), code, message }])
    }

    /// Fields whose values belong to somebody or something already. The title is that of all such refusals; the detail
    /// says which fields.
    pub(crate) fn taken(errors: Vec<FieldError>) -> Self {
        let detail = |language| {
            let told = errors
                .iter()
                .map(|error| format!("{}: {}", error.field, error.message.in_language(language)));
            told.collect::<Vec<_>>().join("; ")
        };
        let (en, bn) = (detail(Language::English), detail(Language::Bangla));
        Self { errors, ..Self::new(Code::AlreadyExists) }.detail(en, bn)
    }

    /// The same of fields inside this one.
    pub(crate) fn under(self, path: &str) -> Self {
        Self { errors: self.errors.into_iter().map(|error| error.under(path)).collect(), ..self }
    }

    /// A fault of ours; `cause` goes to the log.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Code::Internal) }
    }

    /// Trying again in a second may help.
    pub(crate) fn unavailable(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), retry_after: Some(1), ..Self::new(Code::Unavailable) }
    }

    /// The nearest problem for an error status that actix made by itself.
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

    /// The answer for this request.
    pub(crate) fn respond(&self, language: Language, instance: &str, request_id: &str) -> HttpResponse {
        let status = self.code.status();
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, self.challenge()));
        }
        if self.code == Code::MfaRequired {
            // It brings a token.
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            // What is missing may still come; nobody would read it.
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
            detail: self.detail.as_ref().map(|text| text.in_language(language)),
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

    /// RFC 6750 section 3: no error code where no token was sent.
    fn challenge(&self) -> &'static str {
        match self.code {
            Code::InvalidToken | Code::ExpiredToken | Code::EndedToken => {
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

    /// Without a body: the edge writes it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemBody<'a> {
    /// A URN of the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:haat:problem:not-found")]
    kind: String,
    /// The code in words, in the language of `Accept-Language`.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// More about this very answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The path asked for.
    instance: &'a str,
    /// A stable word for programs.
    #[schema(example = "not-found")]
    code: &'a str,
    /// The request's id, to be named to support.
    request_id: &'a str,
    /// Every field that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldErrorBody<'a>>,
    /// What some codes tell beside (RFC 9457 section 3.2).
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldErrorBody<'a> {
    /// The member, query parameter or path part.
    field: &'a str,
    /// A stable word for programs.
    code: &'a str,
    /// The same in words.
    message: &'a str,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_kebab_case_and_have_titles_in_both_languages() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()));
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(code.title(Language::English).is_ascii());
            assert!(!code.title(Language::Bangla).is_ascii());
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

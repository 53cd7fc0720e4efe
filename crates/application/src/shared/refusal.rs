//! Refusals: why a request was not carried out, with the texts for users. An error of a use case implements
//! [`Refusal`] beside its definition; adapters render it without knowing the error.

use std::borrow::Cow;

use haat_domain::shared::{FieldRule, StorageFailure};
use serde_json::Value;

use super::codes;

/// A message for users, in the two languages of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The message in English.
    pub en: Cow<'static, str>,
    /// The message in Bangla.
    pub bn: Cow<'static, str>,
}

impl Text {
    /// Creates a message.
    #[must_use]
    pub fn new(en: impl Into<Cow<'static, str>>, bn: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), bn: bn.into() }
    }

    /// Creates a fixed message.
    #[must_use]
    pub const fn fixed(en: &'static str, bn: &'static str) -> Self {
        Self { en: Cow::Borrowed(en), bn: Cow::Borrowed(bn) }
    }

    /// Returns the message of a rule that a value breaks.
    #[must_use]
    pub fn of(rule: &impl FieldRule) -> Self {
        Self::new(rule.to_string(), rule.bangla())
    }
}

/// An error of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The member, query parameter or path segment.
    pub field: Cow<'static, str>,
    /// The stable code.
    pub code: &'static str,
    /// The message for users, written to follow the name of the field.
    pub message: Text,
}

impl FieldError {
    /// Creates an error.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, code: &'static str, message: Text) -> Self {
        Self { field: field.into(), code, message }
    }

    /// Creates the error of a value that breaks a rule.
    #[must_use]
    pub fn of(field: impl Into<Cow<'static, str>>, rule: &impl FieldRule) -> Self {
        Self::new(field, rule.code(), Text::of(rule))
    }

    /// Returns the error with `path` in front of the field name.
    #[must_use]
    pub fn under(self, path: &str) -> Self {
        Self { field: format!("{path}.{}", self.field).into(), ..self }
    }
}

/// The stable code of a problem. docs/API-DESIGN.md lists all codes.
#[derive(Debug)]
pub struct ProblemCode {
    /// The code as clients see it, in kebab case.
    pub name: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The title for users.
    pub title: Text,
    /// The advice to users, for problems without a detail of their own.
    pub advice: Option<Text>,
}

impl PartialEq for ProblemCode {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ProblemCode {}

/// Declares problem codes as constants, and lists them in `CODES`. A context declares its codes beside the errors that
/// have them. Each line: constant, code, status, title in English and Bangla, and optionally the advice in both.
#[macro_export]
macro_rules! problem_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $status:literal, $en:literal, $bn:literal
        $(, $advice_en:literal, $advice_bn:literal)?;)+) => {
        $(
            $(#[doc = $doc])+
            pub static $name: $crate::shared::ProblemCode = $crate::shared::ProblemCode {
                name: $code,
                status: $status,
                title: $crate::shared::Text::fixed($en, $bn),
                advice: $crate::problem_codes!(@advice $($advice_en, $advice_bn)?),
            };
        )+

        /// The codes of this context.
        pub static CODES: &[&$crate::shared::ProblemCode] = &[$(&$name),+];
    };
    (@advice $en:literal, $bn:literal) => { Some($crate::shared::Text::fixed($en, $bn)) };
    (@advice) => { None };
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The code.
    pub code: &'static ProblemCode,
    /// The detail; `None` for the advice of the code.
    pub detail: Option<Text>,
    /// All invalid fields.
    pub errors: Vec<FieldError>,
    /// Seconds after which the client should retry.
    pub retry_after: Option<u32>,
    /// The current version of the resource, if the client expected another one.
    pub version: Option<i64>,
    /// An additional member of the problem (RFC 9457 section 3.2).
    pub extra: Option<(&'static str, Value)>,
    /// The cause; it is logged and never sent.
    pub cause: Option<String>,
}

impl Refusal for Refused {
    fn refuse(&self) -> Refused {
        self.clone()
    }
}

impl Refused {
    /// Creates a refusal with this code.
    #[must_use]
    pub const fn new(code: &'static ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            version: None,
            extra: None,
            cause: None,
        }
    }

    /// Sets the detail.
    #[must_use]
    pub fn detail(self, en: impl Into<Cow<'static, str>>, bn: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: Some(Text::new(en, bn)), ..self }
    }

    /// Adds a member.
    #[must_use]
    pub fn with(self, name: &'static str, extra: Value) -> Self {
        Self { extra: Some((name, extra)), ..self }
    }

    /// Creates a refusal with all field errors of a request.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(&codes::INVALID_FIELDS) }
    }

    /// Creates a refusal with one field error.
    #[must_use]
    pub fn invalid_field(field: impl Into<Cow<'static, str>>, code: &'static str, message: Text) -> Self {
        Self::invalid(vec![FieldError::new(field, code, message)])
    }

    /// Returns the refusal with `path` in front of the field names.
    #[must_use]
    pub fn under(self, path: &str) -> Self {
        Self { errors: self.errors.into_iter().map(|error| error.under(path)).collect(), ..self }
    }

    /// Creates a refusal for fields whose values are already in use. The title is the same for all fields; the
    /// detail lists them.
    #[must_use]
    pub fn taken(errors: Vec<FieldError>) -> Self {
        let list = |text: fn(&Text) -> &str| {
            let messages = errors.iter().map(|error| format!("{}: {}", error.field, text(&error.message)));
            messages.collect::<Vec<_>>().join("; ")
        };
        let (en, bn) = (list(|text| &text.en), list(|text| &text.bn));
        Self { errors, ..Self::new(&codes::ALREADY_EXISTS) }.detail(en, bn)
    }

    /// Creates a refusal for an internal error; `cause` is logged.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(&codes::INTERNAL_ERROR) }
    }

    /// Creates a refusal for a temporary failure, to retry after a second; `cause` is logged.
    #[must_use]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), retry_after: Some(1), ..Self::new(&codes::UNAVAILABLE) }
    }
}

/// An error of a use case as users see it.
pub trait Refusal {
    /// Returns the refusal.
    fn refuse(&self) -> Refused;
}

impl Refusal for StorageFailure {
    fn refuse(&self) -> Refused {
        if self.is_retryable() {
            Refused::unavailable(self.to_string())
        } else {
            Refused::internal(self.to_string())
        }
    }
}

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use haat_application::shared::Text;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Language, in_language};

/// The reason why a file was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = FileFailure)]
pub struct FailureDto {
    /// A stable code: `empty-file`, `no-header`, `no-rows`, `not-csv`, `spreadsheet`, `open-quote`, `missing-column`,
    /// `repeated-column`, `too-many-rows` (of sales reps), `rows-failed` (all of them; in an import with `onError=abort` some),
    /// `caller-ended`, `file-lost` or `internal-error`.
    #[schema(example = "missing-column")]
    code: String,
    /// The missing or repeated columns, if they are the reason and known.
    #[schema(example = json!(["territory"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
    /// A message in the language of `Accept-Language`.
    detail: String,
}

impl FailureDto {
    /// Returns the reason with this code, in the language.
    #[must_use]
    pub fn new(code: &str, columns: &[String], message: &Text, language: Language) -> Self {
        let detail = in_language(message, language).to_owned();
        Self { code: code.to_owned(), columns: columns.to_vec(), detail }
    }
}

/// Returns the language of messages in the response.
#[must_use]
pub fn language(request: &HttpRequest) -> Language {
    Language::of(request.headers().get(ACCEPT_LANGUAGE))
}

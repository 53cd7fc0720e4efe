//! Imports of retailers from files.

mod apply_import;
mod cancel_import;
mod dto;
mod events;
mod get_import;
mod list_import_errors;
mod list_imports;
mod options;
mod progress;
mod receive_file;
mod submit_import;
mod undo_import;

pub(crate) use progress::ProgressDto;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use haat_application::shared::WriteOptions;
use haat_domain::import::Import;
use haat_domain::shared::ImportId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{JsonResponse, Language, Problem, RequestId, idempotent_request, path_id};

/// Registers the routes. They must come before `/admin/retailers/{uid}`, which would match them too.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(submit_import::submit_import)
        .service(list_imports::list_imports)
        .service(get_import::get_import)
        .service(events::stream_import_events)
        .service(list_import_errors::list_import_errors)
        .service(apply_import::apply_import)
        .service(cancel_import::cancel_import)
        .service(undo_import::undo_import);
}

/// Returns the write options of a change that has no dry run.
fn write_options_of(request: &HttpRequest) -> Result<WriteOptions, Problem> {
    Ok(WriteOptions {
        request_id: RequestId::of(request),
        idempotent_request: idempotent_request(request, &[])?,
        ..WriteOptions::default()
    })
}

/// Returns a builder of the response to a change of an import.
fn import_response(request: &HttpRequest) -> impl Fn(&Import) -> Result<JsonResponse, Problem> + Copy {
    let language = language(request);
    move |import| JsonResponse::json(&dto::ImportDto::new(import, language), None)
}

/// Same as [`import_response`], with status 202 because a job continues the import.
fn accepted(request: &HttpRequest) -> impl Fn(&Import) -> Result<JsonResponse, Problem> + Copy {
    let to_response = import_response(request);
    move |import| Ok(to_response(import)?.accepted(location(import)))
}

/// Returns the path of an import.
fn location(import: &Import) -> String {
    format!("/admin/retailers/imports/{}", import.id)
}

fn language(request: &HttpRequest) -> Language {
    Language::of(request.headers().get(ACCEPT_LANGUAGE))
}

/// Parses the id in a path. A malformed id is not found.
fn import_id(text: &str) -> Result<ImportId, Problem> {
    path_id(text).map(ImportId::new)
}

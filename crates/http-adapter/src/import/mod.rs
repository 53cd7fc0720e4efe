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

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use haat_application::shared::WriteOptions;
use haat_domain::import::Import;
use haat_domain::shared::ImportId;
use progress::ProgressDto;
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{
    Context, JsonResponse, Language, Problem, RequestId, Words, idempotent_request, path_id,
};

/// Imports of retailers. Its routes come before `/admin/retailers/{uid}`, which would match them too.
pub const CONTEXT: Context = Context {
    tags: &[("Import", "Imports of retailer files")],
    routes,
    codes: haat_application::import::codes::CODES,
    words: &[
        Words::option("mode", &["upsert", "create", "update"]),
        Words::option("onError", &["skip", "abort"]),
        Words::option("duplicates", &["error", "last"]),
        Words::new("kind", &["ImportNewPlace"], &["region", "area", "territory", "distributor"]),
        Words::new(
            "state",
            &["Import", "ImportProgressState"],
            &[
                "QUEUED",
                "VALIDATING",
                "READY",
                "APPLYING",
                "SUCCEEDED",
                "PARTIAL",
                "FAILED",
                "CANCELLED",
                "UNDONE",
            ],
        ),
    ],
    schemas: |schemas| {
        schemas.push((ProgressDto::name().into_owned(), ProgressDto::schema()));
        ProgressDto::schemas(schemas);
    },
    ..Context::EMPTY
};

/// Registers the routes. They must come before `/admin/retailers/{uid}`, which would match them too.
fn routes(config: &mut ServiceConfig) {
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

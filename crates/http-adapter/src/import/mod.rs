//! Imports of retailers from files.

mod dto;
mod events;
mod imports;
mod options;
mod progress;
mod submit_import;
mod undo_import;

use actix_web::HttpRequest;
use haat_application::shared::WriteOptions;
use haat_domain::import::Import;
use progress::ProgressDto;
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{BodyHash, Context, Problem, RequestId, Words, idempotent_request};

/// Imports of retailers. Its routes come before `/admin/retailers/{uid}`, which would match them too.
pub const CONTEXT: Context = Context {
    tags: &[("Import", "Imports of retailer files")],
    routes,
    codes: haat_application::import::codes::CODES,
    words: &[
        Words::option("mode", &["upsert", "create", "update"]),
        Words::option("onError", &["skip", "abort"]),
        Words::option("duplicates", &["error", "last"]),
        Words::new("action", &["ImportSampleRow"], &["create", "update", "unchanged"]),
        Words::new("event", &["ImportEvent"], &["progress", "end"]),
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
        .configure(imports::routes)
        .service(events::stream_import_events)
        .service(undo_import::undo_import);
}

/// Returns the options of a change that has no dry run.
fn options_without_dry_run(request: &HttpRequest) -> Result<WriteOptions, Problem> {
    Ok(WriteOptions {
        request_id: RequestId::of(request),
        idempotent_request: idempotent_request(request, BodyHash::of_nothing)?,
        ..WriteOptions::default()
    })
}

/// Returns the path of an import.
fn location(import: &Import) -> String {
    format!("/admin/retailers/imports/{}", import.id)
}

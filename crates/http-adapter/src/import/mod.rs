//! Files of shops, and how they come into the pool.

mod apply_import;
mod cancel_import;
mod dto;
mod errors;
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
use haat_application::shared::Change;
use haat_domain::import::Import;
use haat_domain::shared::ImportId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{Language, Plain, Problem, RequestId, once, path_id};

/// To be registered before the shop of any uid.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(submit_import::submit_import)
        .service(list_imports::list_imports)
        .service(get_import::get_import)
        .service(events::follow_import)
        .service(list_import_errors::list_import_errors)
        .service(apply_import::apply_import)
        .service(cancel_import::cancel_import)
        .service(undo_import::undo_import);
}

/// How a change is asked for that nobody can only try.
fn asked(request: &HttpRequest) -> Result<Change, Problem> {
    Ok(Change { request_id: RequestId::of(request), once: once(request, &[])?, validate_only: false })
}

/// An import as the answer to a change of it.
fn plain(request: &HttpRequest) -> impl Fn(&Import) -> Result<Plain, Problem> + Copy {
    let language = language(request);
    move |import| Plain::json(&dto::ImportDto::new(import, language), None)
}

/// The same where a job goes on with it.
fn accepted(request: &HttpRequest) -> impl Fn(&Import) -> Result<Plain, Problem> + Copy {
    let plain = plain(request);
    move |import| Ok(plain(import)?.accepted(location(import)))
}

/// Where an import is.
fn location(import: &Import) -> String {
    format!("/admin/retailers/imports/{}", import.id)
}

fn language(request: &HttpRequest) -> Language {
    Language::of(request.headers().get(ACCEPT_LANGUAGE))
}

/// The id in a path. What cannot be one is nobody's.
fn import_id(text: &str) -> Result<ImportId, Problem> {
    path_id(text).map(ImportId::new)
}

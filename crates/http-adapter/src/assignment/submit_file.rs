//! Accepts assignment files, which a job processes.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use haat_application::assignment::{AssignmentUseCases, FileOptions};
use haat_application::shared::{Allowed, ChangeAssignments, WriteOptions};
use haat_domain::assignment::{BatchKind, IfAssigned};
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;

use super::order_body::{action, if_assigned, reason};
use haat_http_core::{
    BodyHash, Fields, Problem, QueryParams, accepted, idempotent_request, parse_bool, receive_file, respond,
    write_options,
};

/// An accepted job.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedJob)]
pub(super) struct AcceptedDto {
    /// Id of the job, for `/admin/assignments/jobs/{id}`.
    id: i64,
    /// Always `QUEUED`.
    #[schema(example = "QUEUED")]
    state: &'static str,
}

/// The use of a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    /// This action, at once.
    Action(BatchKind),
    /// A plan of the action that the options name.
    Plan,
}

/// A form with an assignment file.
#[derive(ToSchema)]
#[schema(as = AssignmentForm)]
#[expect(dead_code, reason = "documents the form, which is parsed part by part")]
pub(super) struct FormDto {
    /// The file; decompressed if its name ends in `.gz`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Same as the query parameter; only for a plan.
    #[schema(default = "assign")]
    action: Option<String>,
    /// Same as the query parameter; only to assign.
    #[schema(rename = "ifAssigned", default = "share")]
    if_assigned: Option<String>,
    /// Same as the query parameter; only to assign or transfer.
    #[schema(default = false)]
    force: Option<bool>,
    /// Same as the query parameter.
    reason: Option<String>,
    /// Same as the query parameter.
    #[schema(rename = "validateOnly", default = false)]
    validate_only: Option<bool>,
    /// Same as the query parameter.
    #[schema(rename = "fileName")]
    file_name: Option<String>,
}

/// Parses the options, from the query or a form.
fn options(fields: &mut Fields, used: Use) -> FileOptions {
    let (action, plan) = match used {
        Use::Action(action) => (action, false),
        Use::Plan => (action(fields).unwrap_or(BatchKind::Assign), true),
    };
    let if_assigned = if action == BatchKind::Assign { if_assigned(fields) } else { IfAssigned::Share };
    let force = action != BatchKind::Unassign && fields.optional("force", parse_bool).unwrap_or_default();
    FileOptions {
        file: String::new(),
        file_name: None,
        action,
        if_assigned,
        force,
        reason: reason(fields, force),
        plan,
        validate_only: fields.optional("validateOnly", parse_bool).unwrap_or_default(),
        request_id: String::new(),
    }
}

/// Stores the file and returns the job that will process it.
pub(super) async fn submit(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    allowed: &Allowed<ChangeAssignments>,
    payload: Payload,
    used: Use,
) -> Result<HttpResponse, Problem> {
    let mut query = QueryParams::of(request)?.0;
    // The key is validated first, so that a client does not upload a large file with an invalid key.
    let write_options = write_options(request, BodyHash::of_nothing, &mut query)?;
    let begin = async || api.submit.begin(allowed).await;
    let file = receive_file(request, payload, query, begin, |fields| options(fields, used)).await?;
    let options = FileOptions {
        file_name: file.name,
        // In the query or in the form.
        validate_only: write_options.validate_only || file.options.validate_only,
        request_id: write_options.request_id.clone(),
        ..file.options
    };
    let write_options = WriteOptions {
        idempotent_request: idempotent_request(request, || BodyHash::of_bytes(file.hash))?,
        ..write_options
    };
    let render = |job: &JobId| {
        let dto = AcceptedDto { id: job.get(), state: "QUEUED" };
        accepted(&dto, format!("/admin/assignments/jobs/{job}"))
    };
    Ok(respond(request, api.submit.execute(allowed, file.upload, options, &write_options, render).await?))
}

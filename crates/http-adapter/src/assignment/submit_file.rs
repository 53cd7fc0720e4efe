//! Accepts assignment files, which a job processes.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use haat_application::assignment::{AssignmentUseCases, FileOptions};
use haat_application::shared::{Allowed, ChangeAssignments, WriteOptions};
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;

use super::order_body::{if_assigned, reason};
use haat_http_core::{
    BodyHash, Problem, QueryParams, accepted, idempotent_request, parse_bool, receive, respond, write_options,
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

/// Stores the file and returns the job that will process it. The options are in the query.
pub(super) async fn submit(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    allowed: &Allowed<ChangeAssignments>,
    payload: Payload,
    plan: bool,
) -> Result<HttpResponse, Problem> {
    let mut query = QueryParams::of(request)?.0;
    // The key is validated first, so that a client does not upload a large file with an invalid key.
    let write_options = write_options(request, BodyHash::of_nothing, &mut query)?;
    let if_assigned = if_assigned(&mut query);
    let force = query.optional("force", parse_bool).unwrap_or_default();
    let reason = reason(&mut query, force);
    query.finish()?;
    let options = FileOptions {
        file: String::new(),
        if_assigned,
        force,
        reason,
        plan,
        validate_only: write_options.validate_only,
        request_id: write_options.request_id.clone(),
    };
    let mut upload = api.submit.begin(allowed).await?;
    let hash = match receive(request, payload, async |piece| upload.write(piece).await).await {
        Ok(hash) => hash,
        Err(problem) => {
            upload.abandon().await;
            return Err(problem);
        }
    };
    let write_options = WriteOptions {
        idempotent_request: idempotent_request(request, || BodyHash::of_bytes(hash))?,
        ..write_options
    };
    let render = |job: &JobId| {
        let dto = AcceptedDto { id: job.get(), state: "QUEUED" };
        accepted(&dto, format!("/admin/assignments/jobs/{job}"))
    };
    Ok(respond(request, api.submit.execute(allowed, upload, options, &write_options, render).await?))
}

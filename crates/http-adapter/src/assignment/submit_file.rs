//! Assigning by file, which a job does.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use haat_application::assignment::{AssignmentApi, FileOptions};
use haat_application::shared::{Change, Permission};
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;

use super::order_body::{if_assigned, reason};
use crate::shared::{
    Caller, Plain, Problem, QueryParams, answer_of, change, once_of, parse_bool, receipt, receive,
};

/// A job that has been accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedJob)]
pub(super) struct AcceptedDto {
    /// The job, at `/admin/assignments/jobs/{id}`.
    id: i64,
    /// `QUEUED`.
    #[schema(example = "QUEUED")]
    state: &'static str,
}

/// Keeps the file and answers with the job that will carry it out. The options are in the query.
pub(super) async fn submit(
    request: &HttpRequest,
    api: &AssignmentApi,
    caller: &Caller,
    payload: Payload,
    plan: bool,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(request)?.0;
    // The key is read first, so that nobody sends a nation for a key that cannot be one.
    let change = change(request, &[], &mut query)?;
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
        validate_only: change.validate_only,
        request_id: change.request_id.clone(),
    };
    let mut upload = api.submit.begin(&caller.0).await?;
    let hash = match receive(request, payload, async |piece| upload.write(piece).await).await {
        Ok(hash) => hash,
        Err(problem) => {
            upload.abandon().await;
            return Err(problem);
        }
    };
    let change = Change { once: once_of(request, hash)?, ..change };
    let done = api.submit.execute(&caller.0, upload, options, &change, &receipt(plain)).await?;
    answer_of(request, done, plain)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as every outcome is given")]
fn plain(job: &JobId) -> Result<Plain, Problem> {
    let accepted = AcceptedDto { id: job.get(), state: "QUEUED" };
    Ok(Plain::json(&accepted, None)?.accepted(format!("/admin/assignments/jobs/{job}")))
}

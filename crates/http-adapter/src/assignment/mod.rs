//! Assignments of retailers to sales reps.

mod apply_plan;
mod bulk_assign;
mod bulk_body;
mod bulk_unassign;
mod create_plan;
mod dto;
mod get_batch;
mod get_job;
mod list_batch_changes;
mod list_batches;
mod list_job_errors;
mod list_spans;
mod order_body;
mod order_schema;
mod outcome_dto;
mod plan_by_filter;
mod submit_file;
mod transfer;
mod undo_batch;

use haat_application::assignment::Outcome;
use haat_domain::shared::BatchId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{Context, JsonResponse, Problem, Words, path_id};

/// Assignments of retailers to sales reps.
pub const CONTEXT: Context = Context {
    tags: &[("Assignments", "Assignments of retailers to sales reps")],
    routes,
    codes: haat_application::assignment::codes::CODES,
    words: &[
        Words::option("ifAssigned", &["share", "skip", "move"]),
        Words::new("kind", &["Batch"], &["assign", "unassign", "transfer", "undo"]),
        Words::new("action", &["CreatePlan"], &["assign", "unassign", "transfer"]),
        Words::new("state", &["Batch"], &["planned", "applied", "undone"]),
        Words::new("state", &["AssignmentJob"], &["QUEUED", "RUNNING", "SUCCEEDED", "PARTIAL", "FAILED"]),
        Words::new("state", &["AcceptedJob"], &["QUEUED"]),
    ],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config
        .service(bulk_assign::bulk_assign)
        .service(bulk_unassign::bulk_unassign)
        .service(transfer::transfer_retailers)
        .service(create_plan::create_plan)
        .service(get_batch::get_plan)
        .service(apply_plan::apply_plan)
        .service(list_batches::list_batches)
        .service(get_batch::get_batch)
        .service(list_batch_changes::list_batch_changes)
        .service(undo_batch::undo_batch)
        .service(get_job::get_job)
        .service(list_job_errors::list_job_errors)
        .service(list_spans::list_spans);
}

/// Builds the response for an outcome.
fn to_response(outcome: &Outcome) -> Result<JsonResponse, Problem> {
    JsonResponse::json(&outcome_dto::OutcomeDto::from(outcome), None)
}

/// Parses the id in a path. A malformed id is not found.
fn batch_id(text: &str) -> Result<BatchId, Problem> {
    path_id(text).map(BatchId::new)
}

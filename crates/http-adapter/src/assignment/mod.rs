//! Assignments of retailers to sales reps.

mod batches;
mod bulk_request;
mod dto;
mod jobs;
mod order_body;
mod order_schema;
mod orders;
mod outcome_dto;
mod spans;
mod submit_file;

use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};

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
        .configure(orders::routes)
        .configure(batches::routes)
        .configure(jobs::routes)
        .configure(spans::routes);
}

//! Assignments of retailers to sales reps.

mod batches;
mod bulk_request;
mod dto;
mod jobs;
mod order_body;
mod order_schema;
mod orders;
mod outcome_dto;
mod plan_conflicts;
mod spans;
mod submit_file;

use haat_domain::assignment::{BatchOutcome, BatchState};
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};
use utoipa::openapi::Ref;
use utoipa::{PartialSchema as _, ToSchema as _};

use plan_conflicts::PlanConflicts;

/// Assignments of retailers to sales reps.
pub const CONTEXT: Context = Context {
    tags: &[("Assignments", "Assignments of retailers to sales reps")],
    routes,
    codes: haat_application::assignment::codes::CODES,
    words: &[
        Words::option("ifAssigned", &["share", "skip", "move"]),
        Words::new("kind", &["Batch"], &["assign", "unassign", "transfer", "undo"]),
        Words::new(
            "action",
            &["CreatePlan", "createPlan", "AssignmentForm", "AssignmentJobOptions"],
            &["assign", "unassign", "transfer"],
        ),
        Words::new("outcome", &["Batch", "AssignmentOutcome", "AssignmentJob"], BatchOutcome::WORDS),
        Words::new("state", &["Batch"], BatchState::WORDS),
        Words::new("state", &["AssignmentJob"], &["QUEUED", "RUNNING", "SUCCEEDED", "PARTIAL", "FAILED"]),
        Words::new("state", &["AcceptedJob"], &["QUEUED"]),
        Words::new(
            "endReason",
            &["AssignmentSpan"],
            &["unassigned", "moved", "transferred", "undone", "deleted"],
        ),
        Words::new(
            "outcome",
            &["BatchChange"],
            &["start", "end", "keep", "skip", "refuse", "absent", "changed"],
        ),
        Words::new("kind", &["PlanConflict"], &["retailer", "sales-rep"]),
        Words::new(
            "changed",
            &["PlanConflict"],
            &["deleted", "territory", "served-by", "disabled", "capacity", "assigned-count", "not-found"],
        ),
    ],
    problem_members: &[("conflicts", || Ref::from_schema_name(PlanConflicts::name()).into())],
    schemas: |schemas| {
        schemas.push((PlanConflicts::name().into_owned(), PlanConflicts::schema()));
        PlanConflicts::schemas(schemas);
    },
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config
        .configure(orders::routes)
        .configure(batches::routes)
        .configure(jobs::routes)
        .configure(spans::routes);
}

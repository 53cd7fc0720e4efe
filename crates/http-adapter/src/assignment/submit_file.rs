//! Accepts assignment files, which a job processes.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use haat_application::assignment::{AssignmentUseCases, FileOptions};
use haat_application::shared::{Allowed, ChangeAssignments};
use haat_domain::assignment::{BatchKind, IfAssigned};
use utoipa::ToSchema;

use super::order_body::{action, if_assigned, reason};
use haat_http_core::job::{StoredFile, submit_file};
use haat_http_core::{Fields, Problem, parse_bool};

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

/// The options of an assignment file that other files do not have.
struct Options {
    action: BatchKind,
    plan: bool,
    if_assigned: IfAssigned,
    force: bool,
    reason: Option<String>,
}

/// Parses the options, from the query or a form.
fn options(fields: &mut Fields, used: Use) -> Options {
    let (action, plan) = match used {
        Use::Action(action) => (action, false),
        Use::Plan => (action(fields).unwrap_or(BatchKind::Assign), true),
    };
    let if_assigned = if action == BatchKind::Assign { if_assigned(fields) } else { IfAssigned::Share };
    let force = action != BatchKind::Unassign && fields.optional("force", parse_bool).unwrap_or_default();
    Options { action, plan, if_assigned, force, reason: reason(fields, force) }
}

/// Stores the file and returns the job that will process it.
pub(super) async fn submit(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    allowed: &Allowed<ChangeAssignments>,
    payload: Payload,
    used: Use,
) -> Result<HttpResponse, Problem> {
    let args = |stored: StoredFile<Options>| {
        let Options { action, plan, if_assigned, force, reason } = stored.options;
        let StoredFile { file, file_name, validate_only, request_id, .. } = stored;
        let options = FileOptions {
            file,
            file_name,
            action,
            if_assigned,
            force,
            reason,
            plan,
            validate_only,
            request_id,
        };
        options.args()
    };
    let parse = |fields: &mut Fields| options(fields, used);
    submit_file(request, &api.submit, allowed, payload, "/admin/assignments/jobs", parse, args).await
}

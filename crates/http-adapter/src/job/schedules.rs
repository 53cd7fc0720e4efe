//! Schedules of jobs, for administrators.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use haat_application::job::{JobUseCases, ListedSchedule};
use haat_application::shared::{ManageJobs, ReadJobs};
use haat_domain::job::Job;
use haat_domain::schedule::LastJob;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::JobDto;
use haat_http_core::{
    ChangeRequest, JsonResponse, Problem, ReadRequest, Target, Timestamp, accepted, body, codes,
    read_response, respond, updated,
};

/// A kind of job that runs at fixed times.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Schedule)]
struct ScheduleDto<'a> {
    /// Name, unique among all schedules.
    #[schema(example = "platform/prune")]
    name: &'a str,
    /// `platform` if it runs once for all companies; only the platform changes it. `company` if each company has its own.
    scope: &'static str,
    /// Kind of work of its jobs.
    #[schema(example = "prune")]
    kind: &'a str,
    /// The lane of its jobs.
    lane: &'static str,
    /// The times at which it runs, as a cron expression: minute, hour, day of the month, month, day of the week.
    #[schema(example = "17 * * * *")]
    cron: &'a str,
    /// The time zone of these times.
    #[schema(example = "Asia/Dhaka")]
    time_zone: &'static str,
    /// False while it is paused.
    #[schema(example = true)]
    enabled: bool,
    /// The last planned time for which a job was added.
    #[schema(required = true)]
    last_slot: Option<Timestamp>,
    /// The next planned time; `null` while it is paused.
    #[schema(required = true)]
    next_slot: Option<Timestamp>,
    /// The last job, unless it has been deleted.
    #[schema(required = true)]
    last_job: Option<ScheduleJobDto>,
    /// Version, raised by every change.
    #[schema(example = 1)]
    version: i64,
}

/// The last job of a schedule.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScheduleJob)]
struct ScheduleJobDto {
    /// Id. The jobs of the platform are visible to the platform only.
    id: i64,
    /// State.
    state: &'static str,
    /// The number of earlier planned times whose work it does, too, because no process ran at them.
    #[schema(example = 0)]
    missed: i32,
    /// The time at which it ended.
    #[schema(required = true)]
    finished_at: Option<Timestamp>,
}

/// Schedules.
#[derive(Serialize, ToSchema)]
#[schema(as = ScheduleList)]
struct ScheduleListDto<'a> {
    /// The schedules, by name.
    data: Vec<ScheduleDto<'a>>,
}

body! {
    /// Pauses or resumes a schedule. Absent members are left unchanged.
    struct SchedulePatchBody as "SchedulePatch" {
        /// False pauses the schedule. When it is resumed, times that have passed are dropped.
        enabled: optional flag = false,
    }
}

impl<'a> From<&'a ListedSchedule> for ScheduleDto<'a> {
    fn from(listed: &'a ListedSchedule) -> Self {
        let (schedule, state) = (listed.schedule, &listed.state);
        Self {
            name: schedule.name,
            scope: state.scope.as_str(),
            kind: schedule.kind.name,
            lane: schedule.kind.lane.as_str(),
            cron: schedule.cron,
            time_zone: listed.zone.as_str(),
            enabled: state.enabled,
            last_slot: state.last_slot.map(Timestamp),
            next_slot: listed.next_slot.map(Timestamp),
            last_job: state.last_job.as_ref().map(ScheduleJobDto::from),
            version: state.version,
        }
    }
}

impl From<&LastJob> for ScheduleJobDto {
    fn from(job: &LastJob) -> Self {
        Self {
            id: job.id.get(),
            state: job.state.as_str(),
            missed: job.missed,
            finished_at: job.finished_at.map(Timestamp),
        }
    }
}

/// The name of a schedule in the path: its two parts.
struct ScheduleName;

impl Target for ScheduleName {
    type Value = String;

    fn of(request: &HttpRequest) -> Result<String, Problem> {
        match (request.match_info().get("context"), request.match_info().get("action")) {
            (Some(context), Some(action)) => Ok(format!("{context}/{action}")),
            _ => Err(Problem::new(&codes::NOT_FOUND)),
        }
    }
}

/// List schedules
///
/// Returns what runs at fixed times: the schedules of the company, and those of the platform, by name. A super admin who has not
/// entered a company sees those of the platform.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "listSchedules",
    security(("bearer" = [ReadJobs::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    responses((status = 200, description = "The schedules", body = ScheduleListDto))
)]
#[get("/admin/schedules")]
async fn list_schedules(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    read: ReadRequest<ReadJobs>,
) -> Result<HttpResponse, Problem> {
    let listed = api.schedules.list(&read.allowed).await?;
    let data = listed.iter().map(ScheduleDto::from).collect();
    read_response(&request, JsonResponse::json(&ScheduleListDto { data }, None)?)
}

/// Pause or resume a schedule
///
/// A paused schedule adds no jobs. When it is resumed, it continues with the next planned time. Only the platform changes its own
/// schedules.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "updateSchedule",
    security(("bearer" = [ManageJobs::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(
        ("context" = String, Path, description = "First part of the name", example = "platform"),
        ("action" = String, Path, description = "Second part of the name", example = "prune"),
    ),
    request_body = SchedulePatchBody,
    responses((status = 200, description = "The schedule", body = ScheduleDto))
)]
#[patch("/admin/schedules/{context}/{action}")]
async fn update_schedule(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    change: ChangeRequest<ManageJobs, SchedulePatchBody, ScheduleName>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, target } = change;
    let render =
        |listed: &ListedSchedule| updated(&options, &ScheduleDto::from(listed), Some(listed.state.version));
    Ok(respond(&request, api.schedules.set_enabled(&allowed, &target, body.enabled, &options, render).await?))
}

/// Run a schedule now
///
/// Adds a job of the schedule that is due now, also if the schedule is paused. The planned times stay as they are. Only the platform
/// runs its own schedules.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "runSchedule",
    security(("bearer" = [ManageJobs::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("context" = String, Path, description = "First part of the name", example = "platform"),
        ("action" = String, Path, description = "Second part of the name", example = "prune"),
    ),
    responses(
        (status = 202, description = "The job", body = JobDto),
        (status = 409, description = "The previous job of the schedule has not ended"),
    )
)]
#[post("/admin/schedules/{context}/{action}/run")]
async fn run_schedule(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    change: ChangeRequest<ManageJobs, (), ScheduleName>,
) -> Result<HttpResponse, Problem> {
    let render = |job: &Job| accepted(&JobDto::from(job), format!("/admin/jobs/{}", job.id));
    Ok(respond(
        &request,
        api.schedules.run_now(&change.allowed, &change.target, &change.options, render).await?,
    ))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_schedules).service(update_schedule).service(run_schedule);
}

use actix_web::{HttpResponse, get, web};
use haat_application::operations::OperationsApi;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::{Problem, ProblemBody};

/// The server is up.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthDto {
    /// Always `up`.
    #[schema(example = "up")]
    status: &'static str,
    /// The version of the server.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const UP: HealthDto = HealthDto { status: "up", version: env!("CARGO_PKG_VERSION") };

/// Is the process alive
///
/// Answers as long as the process can; says nothing of the database. For restarting a process that hangs.
#[utoipa::path(
    tag = "Operations",
    operation_id = "live",
    responses((status = 200, description = "Alive", body = HealthDto))
)]
#[get("/health/live")]
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(UP)
}

/// Should it get traffic
///
/// 503 while the database is away or has not been checked yet. For load balancers.
#[utoipa::path(
    tag = "Operations",
    operation_id = "ready",
    responses(
        (status = 200, description = "Ready", body = HealthDto),
        (status = 503, description = "Not ready", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/health/ready")]
pub(super) async fn ready(api: web::Data<OperationsApi>) -> Result<HttpResponse, Problem> {
    answer(&api).await
}

/// Health
///
/// The same as `/health/ready`.
#[utoipa::path(
    tag = "Operations",
    operation_id = "health",
    responses(
        (status = 200, description = "Ready", body = HealthDto),
        (status = 503, description = "Not ready", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/health")]
pub(super) async fn health(api: web::Data<OperationsApi>) -> Result<HttpResponse, Problem> {
    answer(&api).await
}

async fn answer(api: &OperationsApi) -> Result<HttpResponse, Problem> {
    let failures = api.check_readiness.execute().await;
    if failures.is_empty() {
        return Ok(HttpResponse::Ok().json(UP));
    }
    let names: Vec<&str> = failures.iter().map(|failure| failure.name).collect();
    let causes: Vec<String> =
        failures.iter().map(|failure| format!("{}: {}", failure.name, failure.reason)).collect();
    let names = names.join(", ");
    Err(Problem::unavailable(causes.join("; "))
        .detail(format!("Not ready: {names}."), format!("প্রস্তুত নয়: {names}।")))
}

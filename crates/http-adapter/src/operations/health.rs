use actix_web::{HttpResponse, get, web};
use haat_application::operations::OperationsUseCases;
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::Problem;

/// The health of the server.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthDto {
    /// Always `up`.
    #[schema(example = "up")]
    status: &'static str,
    /// Version of the server.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const UP: HealthDto = HealthDto { status: "up", version: env!("CARGO_PKG_VERSION") };

/// Check liveness
///
/// Returns 200 while the process responds; does not check the database. Use it to restart a process that
/// hangs.
#[utoipa::path(
    tag = "Operations",
    operation_id = "getLiveness",
    responses((status = 200, description = "Alive", body = HealthDto))
)]
#[get("/health/live")]
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(UP)
}

/// Check readiness
///
/// Returns 503 while the database is unavailable or has not been checked yet. For load balancers.
#[utoipa::path(
    tag = "Operations",
    operation_id = "getReadiness",
    responses(
        (status = 200, description = "Ready", body = HealthDto),
        (status = 503, description = "Not ready"),
    )
)]
#[get("/health/ready")]
pub(super) async fn ready(api: web::Data<OperationsUseCases>) -> Result<HttpResponse, Problem> {
    readiness(&api).await
}

/// Check health
///
/// Same as `/health/ready`.
#[utoipa::path(
    tag = "Operations",
    operation_id = "getHealth",
    responses(
        (status = 200, description = "Ready", body = HealthDto),
        (status = 503, description = "Not ready"),
    )
)]
#[get("/health")]
pub(super) async fn health(api: web::Data<OperationsUseCases>) -> Result<HttpResponse, Problem> {
    readiness(&api).await
}

async fn readiness(api: &OperationsUseCases) -> Result<HttpResponse, Problem> {
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

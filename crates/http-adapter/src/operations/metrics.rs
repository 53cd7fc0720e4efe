use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

use haat_http_core::{Metrics, Problem};

/// Get metrics
///
/// Numbers and durations of requests, and lookups in the response cache, in the text format of Prometheus. Do
/// not expose this path outside of your own network.
#[utoipa::path(
    tag = "Operations",
    operation_id = "getMetrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"))
)]
#[get("/metrics")]
pub(super) async fn metrics(metrics: web::Data<Metrics>) -> Result<HttpResponse, Problem> {
    let text = metrics.text().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(text))
}

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

use crate::shared::{Metrics, Problem};

/// Metrics
///
/// How many requests there were, how long they took and where answers came from, in the text format of Prometheus. Keep
/// it to your own network.
#[utoipa::path(
    tag = "Operations",
    operation_id = "metrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"))
)]
#[get("/metrics")]
pub(super) async fn metrics(metrics: web::Data<Metrics>) -> Result<HttpResponse, Problem> {
    let text = metrics.text().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(text))
}

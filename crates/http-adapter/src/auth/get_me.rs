use actix_web::{HttpResponse, get, web};
use haat_application::auth::AuthUseCases;

use super::dto::MeDto;
use haat_http_core::{Caller, OwnRequest, Problem};

/// Get the current user
///
/// Returns the user the access token belongs to, the company, its time zone and the time of the server. A sales rep also
/// sees their capacity and the number of retailers they serve.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getMe",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The current user", body = MeDto),
    )
)]
#[get("/auth/me")]
pub(super) async fn get_me(
    api: web::Data<AuthUseCases>,
    own: OwnRequest<Caller>,
) -> Result<HttpResponse, Problem> {
    let me = api.get_me.execute(&own.caller.0).await?;
    Ok(HttpResponse::Ok().json(MeDto::from(&me)))
}

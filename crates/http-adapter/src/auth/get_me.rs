use actix_web::{HttpResponse, get, web};
use haat_application::auth::AuthUseCases;

use super::dto::UserDto;
use haat_http_core::{Caller, OwnRequest, Problem};

/// Get the current user
///
/// Returns the user the access token belongs to.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getMe",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The current user", body = UserDto),
    )
)]
#[get("/auth/me")]
pub(super) async fn get_me(
    api: web::Data<AuthUseCases>,
    own: OwnRequest<Caller>,
) -> Result<HttpResponse, Problem> {
    let user = api.get_me.execute(&own.caller.0).await?;
    Ok(HttpResponse::Ok().json(UserDto::from(&user)))
}

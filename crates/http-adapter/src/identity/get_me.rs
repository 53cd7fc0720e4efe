use actix_web::{HttpResponse, get, web};
use haat_application::identity::IdentityApi;

use super::dto::UserDto;
use crate::shared::{Caller, NoParams, Problem};

/// Who am I
///
/// The user behind the token.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getMe",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The caller", body = UserDto),
    )
)]
#[get("/auth/me")]
pub(super) async fn get_me(
    api: web::Data<IdentityApi>,
    caller: Caller,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let user = api.get_me.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(UserDto::from(&user)))
}

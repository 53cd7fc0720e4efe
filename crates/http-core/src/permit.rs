use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::shared::{Allowed, PermissionType};

use super::caller::caller;
use super::{Problem, codes};

/// Extractor: a caller who has the permission `P`. The documentation of the route must name the same permission, in
/// `security`; a test calls every route with every role and compares the result with the documented one.
pub struct Permit<P>(pub Allowed<P>);

impl<P: PermissionType + 'static> Permit<P> {
    /// Authenticates the request and checks the permission.
    ///
    /// # Errors
    /// 401 without a usable token, 403 without the permission, 429 above the rate limit.
    pub async fn of(request: &HttpRequest) -> Result<Allowed<P>, Problem> {
        let actor = caller(request).await?;
        let is_platform = actor.is_platform;
        Allowed::check(actor).map_err(|forbidden| {
            if is_platform { Problem::new(&codes::TENANT_REQUIRED) } else { forbidden.into() }
        })
    }
}

impl<P: PermissionType + 'static> FromRequest for Permit<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { Self::of(&request).await.map(Self) }.boxed_local()
    }
}

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::identity::{AuthenticateError, IdentityApi};
use haat_application::shared::Actor;

use super::{CallerLimits, Code, Problem};

/// Who calls. A handler that takes it runs only for a valid token of a user who may act.
pub(crate) struct Caller(pub(crate) Actor);

/// Who calls to change their password, which is all that some may do.
pub(crate) struct PasswordChanger(pub(crate) Actor);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let actor = actor(&request).await?;
            if actor.must_change_password {
                return Err(Problem::new(Code::PasswordChangeRequired));
            }
            Ok(Self(actor))
        }
        .boxed_local()
    }
}

impl FromRequest for PasswordChanger {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { actor(&request).await.map(Self) }.boxed_local()
    }
}

/// For whom the request's token speaks.
async fn actor(request: &HttpRequest) -> Result<Actor, Problem> {
    let token = bearer(request)?;
    let identity = request
        .app_data::<web::Data<IdentityApi>>()
        .ok_or_else(|| Problem::internal("identity is not wired"))?;
    let actor = identity.authenticate.execute(token).await.map_err(problem)?;
    if let Some(limits) = request.app_data::<web::Data<CallerLimits>>() {
        limits.count(request, &actor)?;
    }
    // For the line of log.
    request.extensions_mut().insert(actor);
    Ok(actor)
}

/// The token of `Authorization: Bearer …`; the scheme in any case (RFC 9110 section 11.1).
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let value = request.headers().get(header::AUTHORIZATION).ok_or(Problem::new(Code::MissingToken))?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(Problem::new(Code::InvalidToken))?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Problem::new(Code::MissingToken))
    }
}

fn problem(error: AuthenticateError) -> Problem {
    match error {
        AuthenticateError::Invalid => Problem::new(Code::InvalidToken),
        AuthenticateError::Expired => Problem::new(Code::ExpiredToken),
        AuthenticateError::Ended => Problem::new(Code::EndedToken),
        AuthenticateError::Storage(failure) => failure.into(),
    }
}

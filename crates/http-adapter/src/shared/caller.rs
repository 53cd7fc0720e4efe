use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::identity::{AuthenticateError, IdentityApi};
use haat_application::shared::Actor;
use haat_domain::identity::SecondFactor;

use super::{CallerLimits, Code, Problem};

/// Who calls. A handler that takes it runs only for a valid token of a user who may act.
pub(crate) struct Caller(pub(crate) Actor);

/// Who calls for what somebody may do who has to change their password before anything else.
pub(crate) struct LimitedCaller(pub(crate) Actor);

/// Who calls to set up a second factor, which is all that some may do whose password is their own.
pub(crate) struct EnrollingCaller(pub(crate) Actor);

/// Who calls, for an answer that goes on for long: who may not act any more is to be told no more.
pub(crate) struct LastingCaller {
    identity: web::Data<IdentityApi>,
    token: String,
}

impl LastingCaller {
    /// Who sent this request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self { identity: identity(request)?.clone(), token: bearer(request)?.to_owned() })
    }

    /// For whom the token speaks now.
    pub(crate) async fn now(&self) -> Result<Actor, Problem> {
        may_act(self.identity.authenticate.execute(&self.token).await.map_err(problem)?)
    }
}

/// Takes who sent a request, if `$check` lets them.
macro_rules! from_request {
    ($caller:ident, $check:expr) => {
        impl FromRequest for $caller {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                async move { actor(&request).await.and_then($check).map(Self) }.boxed_local()
            }
        }
    };
}

from_request!(Caller, may_act);
from_request!(LimitedCaller, Ok);
from_request!(EnrollingCaller, has_own_password);

/// For whom the request's token speaks.
async fn actor(request: &HttpRequest) -> Result<Actor, Problem> {
    let token = bearer(request)?;
    let actor = identity(request)?.authenticate.execute(token).await.map_err(problem)?;
    if let Some(limits) = request.app_data::<web::Data<CallerLimits>>() {
        limits.count(request, &actor)?;
    }
    // For the line of log.
    request.extensions_mut().insert(actor);
    Ok(actor)
}

fn identity(request: &HttpRequest) -> Result<&web::Data<IdentityApi>, Problem> {
    request.app_data().ok_or_else(|| Problem::internal("identity is not wired"))
}

/// Refuses who has to change their password or set up a second factor first.
fn may_act(actor: Actor) -> Result<Actor, Problem> {
    let actor = has_own_password(actor)?;
    if actor.second_factor == SecondFactor::Due {
        Err(Problem::new(Code::MfaEnrollmentRequired))
    } else {
        Ok(actor)
    }
}

/// Refuses who has to change their password first.
fn has_own_password(actor: Actor) -> Result<Actor, Problem> {
    if actor.must_change_password { Err(Problem::new(Code::PasswordChangeRequired)) } else { Ok(actor) }
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

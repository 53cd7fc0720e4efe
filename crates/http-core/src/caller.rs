use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::auth::AuthUseCases;
use haat_application::shared::Actor;
use haat_domain::auth::SecondFactor;
use secrecy::SecretString;

use super::{AdmittedCaller, CallerLimits, Problem, codes};

/// The caller: the user of a valid token. Extraction fails if the user has to change the password or set up a
/// second factor first.
pub struct Caller(pub Actor);

/// A caller who may have to change the password before anything else.
pub struct CallerPendingPasswordChange(pub Actor);

/// A caller who may have to set up a second factor before anything else, but not to change the password.
pub struct CallerEnrollingMfa(pub Actor);

/// A caller whose request revokes the access token that it carries, so that a repetition after a lost response carries
/// a revoked token. `C` is the caller of a request that is no repetition.
pub struct RevokingCaller<C> {
    /// The caller.
    pub actor: Actor,
    /// The access token.
    pub token: SecretString,
    caller: PhantomData<C>,
}

impl<C: FromRequest<Error = Problem> + Into<Actor> + 'static> FromRequest for RevokingCaller<C> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let actor = match C::extract(&request).await {
                Err(problem) if problem.code == &codes::TOKEN_REVOKED => {
                    let actor = auth(&request)?.authenticate.repeating(bearer(&request)?).await?;
                    admit(&request, actor)?
                }
                caller => caller?.into(),
            };
            Ok(Self { actor, token: bearer(&request)?.into(), caller: PhantomData })
        }
        .boxed_local()
    }
}

/// A caller who is not authenticated.
pub struct AnyCaller;

impl FromRequest for AnyCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

/// The caller of a long-lived response, which has to end once the caller loses access.
pub struct StreamingCaller {
    auth: web::Data<AuthUseCases>,
    token: String,
}

impl StreamingCaller {
    /// Takes the bearer token of the request.
    ///
    /// # Errors
    /// 401 without a usable token.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self { auth: auth(request)?.clone(), token: bearer(request)?.to_owned() })
    }

    /// Authenticates the token again and returns the caller.
    ///
    /// # Errors
    /// 401 if the token is no longer valid.
    pub async fn now(&self) -> Result<Actor, Problem> {
        require_full_access(self.auth.authenticate.execute(&self.token).await?)
    }
}

/// Implements the extractor for a caller type. `$check` decides if the caller may proceed.
macro_rules! from_request {
    ($caller:ident, $check:expr) => {
        impl From<$caller> for Actor {
            fn from(caller: $caller) -> Self {
                caller.0
            }
        }

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

from_request!(Caller, require_full_access);
from_request!(CallerPendingPasswordChange, Ok);
from_request!(CallerEnrollingMfa, require_own_password);

/// Returns the caller. Fails if the token is invalid, or if the user has to change the password or set up a second factor
/// first.
pub(super) async fn caller(request: &HttpRequest) -> Result<Actor, Problem> {
    actor(request).await.and_then(require_full_access)
}

/// Authenticates the request's token and admits the caller.
async fn actor(request: &HttpRequest) -> Result<Actor, Problem> {
    let token = bearer(request)?;
    let actor = auth(request)?.authenticate.execute(token).await?;
    admit(request, actor)
}

/// Applies the rate limit and attaches the caller to the request.
fn admit(request: &HttpRequest, actor: Actor) -> Result<Actor, Problem> {
    if let Some(limits) = request.app_data::<web::Data<CallerLimits>>() {
        limits.count(request, &actor)?;
    }
    // For the log line and the counts of activity.
    request.extensions_mut().insert(AdmittedCaller { tenant: actor.tenant, user: actor.user });
    Ok(actor)
}

fn auth(request: &HttpRequest) -> Result<&web::Data<AuthUseCases>, Problem> {
    request.app_data().ok_or_else(|| Problem::internal("auth is not wired"))
}

/// Rejects a caller who has to change the password or set up a second factor first.
fn require_full_access(actor: Actor) -> Result<Actor, Problem> {
    let actor = require_own_password(actor)?;
    if actor.second_factor == SecondFactor::Due {
        Err(Problem::new(&codes::MFA_ENROLLMENT_REQUIRED))
    } else {
        Ok(actor)
    }
}

/// Rejects a caller who has to change the password first.
fn require_own_password(actor: Actor) -> Result<Actor, Problem> {
    if actor.must_change_password { Err(Problem::new(&codes::PASSWORD_CHANGE_REQUIRED)) } else { Ok(actor) }
}

/// Returns the token of `Authorization: Bearer …`; the scheme is case-insensitive (RFC 9110 section 11.1).
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let value = request.headers().get(header::AUTHORIZATION).ok_or(Problem::new(&codes::MISSING_TOKEN))?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(Problem::new(&haat_application::auth::codes::INVALID_TOKEN))?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Problem::new(&codes::MISSING_TOKEN))
    }
}

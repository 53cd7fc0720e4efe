use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use haat_application::auth::{AuthUseCases, SupportRequest};
use haat_application::shared::Actor;
use haat_domain::auth::SecondFactor;
use haat_domain::tenancy::TenantSelector;
use secrecy::SecretString;

use super::{AdmittedCaller, CallerLimits, Problem, RequestId, codes};

/// The header by which a super admin names the tenant to act in.
const TENANT: HeaderName = HeaderName::from_static("x-tenant-id");

/// The caller: the user of a valid token. Extraction fails if the user has to change the password or set up a
/// second factor first. For routes of the caller's own account, which do not accept [`TENANT`].
pub struct Caller(pub Actor);

/// A caller in a tenant: a user of the tenant, or a super admin who names it in [`TENANT`].
pub struct CallerInTenant(pub Actor);

impl From<CallerInTenant> for Actor {
    fn from(caller: CallerInTenant) -> Self {
        caller.0
    }
}

impl FromRequest for CallerInTenant {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let actor = caller(&request).await?;
            if actor.is_platform { Err(Problem::new(&codes::TENANT_REQUIRED)) } else { Ok(Self(actor)) }
        }
        .boxed_local()
    }
}

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
    /// The caller in the tenant that the request has entered.
    shadow: Option<Actor>,
}

impl StreamingCaller {
    /// Takes the bearer token of an authenticated request, and the tenant that it has entered.
    ///
    /// # Errors
    /// 401 without a usable token.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let shadow = request.extensions().get::<Entered>().map(|entered| entered.0.clone());
        Ok(Self { auth: auth(request)?.clone(), token: bearer(request)?.to_owned(), shadow })
    }

    /// Authenticates the token again and returns the caller.
    ///
    /// # Errors
    /// 401 if the token is no longer valid.
    pub async fn now(&self) -> Result<Actor, Problem> {
        let actor = require_full_access(self.auth.authenticate.execute(&self.token).await?)?;
        match &self.shadow {
            None => Ok(actor),
            Some(shadow) => Ok(self.auth.enter_tenant.still(shadow).await?),
        }
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
                async move {
                    let actor = actor(&request).await.and_then($check)?;
                    reject_tenant(&request)?;
                    Ok(Self(actor))
                }
                .boxed_local()
            }
        }
    };
}

from_request!(Caller, require_full_access);
from_request!(CallerPendingPasswordChange, Ok);
from_request!(CallerEnrollingMfa, require_own_password);

/// The caller in the tenant that the request has entered, attached to the request.
struct Entered(Actor);

/// Returns the caller, in the tenant that [`TENANT`] names. Fails if the token is invalid, or if the user has to change the
/// password or set up a second factor first.
pub(super) async fn caller(request: &HttpRequest) -> Result<Actor, Problem> {
    // The cache of callers is behind `actor` and knows only the token, so it never holds a caller in an entered tenant.
    let actor = actor(request).await.and_then(require_full_access)?;
    let mut values = request.headers().get_all(&TENANT);
    let Some(value) = values.next() else { return Ok(actor) };
    if values.next().is_some() {
        let (en, bn) = ("X-Tenant-Id is given twice.", "X-Tenant-Id দুবার দেওয়া হয়েছে।");
        return Err(Problem::new(&codes::MALFORMED_REQUEST).detail(en, bn));
    }
    // On the heap, so that the future of all other requests stays small.
    Box::pin(enter_tenant(request, actor, value)).await
}

/// Returns the caller in the tenant that a value of [`TENANT`] names.
async fn enter_tenant(request: &HttpRequest, actor: Actor, value: &HeaderValue) -> Result<Actor, Problem> {
    // Users of a tenant get the same response for any value.
    let tenant = value.to_str().ok().and_then(|text| TenantSelector::parse(text.trim()));
    let entered =
        auth(request)?.enter_tenant.execute(actor, tenant.as_ref(), support_request(request)).await?;
    request.extensions_mut().insert(AdmittedCaller { tenant: entered.tenant, user: entered.user });
    request.extensions_mut().insert(Entered(entered.clone()));
    Ok(entered)
}

/// Describes the request for the audit log.
fn support_request(request: &HttpRequest) -> SupportRequest {
    SupportRequest {
        method: request.method().to_string(),
        route: request.match_pattern().unwrap_or_default(),
        request_id: RequestId::of(request),
    }
}

/// Rejects [`TENANT`] on routes of the caller's own account, where it would have no effect.
fn reject_tenant(request: &HttpRequest) -> Result<(), Problem> {
    if request.headers().contains_key(&TENANT) {
        let (en, bn) = (
            "Send this request without X-Tenant-Id: it is about your own account.",
            "এই অনুরোধ আপনার নিজের অ্যাকাউন্টের, তাই X-Tenant-Id ছাড়া পাঠান।",
        );
        return Err(Problem::new(&haat_application::shared::codes::FORBIDDEN).detail(en, bn));
    }
    Ok(())
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

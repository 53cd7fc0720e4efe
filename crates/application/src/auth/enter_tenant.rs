use std::sync::Arc;

use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{AuthState, AuthStateReader, ShadowUser, SupportTx};
use haat_domain::change::CallerCheck;
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure};
use haat_domain::tenancy::TenantSelector;

use super::AuthenticateError;
use crate::shared::{Actor, ChangeError, Refusal, Refused, codes};

/// A request of a super admin in another tenant, for the audit logs.
#[derive(Debug, Clone)]
pub struct SupportRequest {
    /// The method.
    pub method: String,
    /// The path of the route, with the names of its parameters: `/retailers/{uid}`.
    pub route: String,
    /// The request id.
    pub request_id: String,
}

/// Errors of [`EnterTenant`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnterTenantError {
    /// The caller is not a super admin of the platform.
    #[error("the caller may not enter other tenants")]
    Forbidden,
    /// The tenant is unknown, closed or allows no support access.
    #[error("not found")]
    NotFound,
    /// The caller's state has changed since the token was checked.
    #[error(transparent)]
    Caller(ChangeError),
    /// The access could not be recorded, so the request is not processed.
    #[error("the access could not be recorded: {0}")]
    NotRecorded(StorageFailure),
}

impl Refusal for EnterTenantError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Caller(error) => error.refuse(),
            Self::NotRecorded(failure) => Refused::unavailable(failure.to_string()),
        }
    }
}

impl From<StorageFailure> for EnterTenantError {
    fn from(failure: StorageFailure) -> Self {
        Self::NotRecorded(failure)
    }
}

/// Lets super admins act in other tenants. Every request is recorded in the audit logs of the tenant and of the platform before it
/// is processed.
pub struct EnterTenant {
    db: Arc<dyn BeginTransaction<dyn SupportTx>>,
    /// Not cached: changes of the platform user do not invalidate the shadow user.
    auth_states: Arc<dyn AuthStateReader>,
    clock: Arc<dyn Clock>,
}

impl EnterTenant {
    /// Builds the use case. `auth_states` must not be a cache.
    #[must_use]
    pub fn new(
        db: Arc<dyn BeginTransaction<dyn SupportTx>>,
        auth_states: Arc<dyn AuthStateReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, auth_states, clock }
    }

    /// Records the request and returns the caller as the shadow user in the tenant, which is created on first use. `tenant` is
    /// `None` if the request names it by a text that is neither an id nor a short name.
    ///
    /// # Errors
    /// [`EnterTenantError`]. A request that fails is not recorded.
    pub async fn execute(
        &self,
        caller: Actor,
        tenant: Option<&TenantSelector>,
        request: SupportRequest,
    ) -> Result<Actor, EnterTenantError> {
        if !caller.may_enter_tenants() {
            return Err(EnterTenantError::Forbidden);
        }
        let tenant = tenant.ok_or(EnterTenantError::NotFound)?;
        // A transaction that is dropped is rolled back.
        let mut tx = self.db.begin().await?;
        // The platform user before the shadow user, like every change.
        match tx.caller().check(&caller.caller()).await? {
            CallerCheck::Ok => {}
            CallerCheck::Ended => return Err(EnterTenantError::Caller(ChangeError::CallerEnded)),
            CallerCheck::Changed => return Err(EnterTenantError::Caller(ChangeError::CallerChanged)),
        }
        let shadow = tx.shadow_users().enter(caller.user, tenant).await?.ok_or(EnterTenantError::NotFound)?;
        tx.audit().record(&self.entries(&caller, shadow, request)).await?;
        tx.commit().await?;
        Ok(caller.into_shadow(shadow))
    }

    /// Returns the current state of a shadow user, for a response that lasts.
    ///
    /// # Errors
    /// [`AuthenticateError::Revoked`] if the platform user, the session, the shadow user or the tenant no longer allows the access.
    pub async fn still(&self, shadow: &Actor) -> Result<Actor, AuthenticateError> {
        let state = self.auth_states.find(shadow.tenant, shadow.user, shadow.session).await?;
        let is_valid = |state: &AuthState| {
            state.may_act() && !state.session_ended && state.token_version == shadow.token_version
        };
        let state = state.filter(is_valid).ok_or(AuthenticateError::Revoked)?;
        Ok(Actor::of(shadow.tenant, shadow.user, shadow.session, state))
    }

    fn entries(&self, caller: &Actor, shadow: ShadowUser, request: SupportRequest) -> [AuditEntry; 2] {
        let SupportRequest { method, route, request_id } = request;
        let in_tenant = AuditEntry {
            tenant: shadow.tenant,
            at: self.clock.now(),
            actor: Some((shadow.user, caller.role)),
            action: AuditAction::SupportAccess,
            entity_id: Some(shadow.tenant.to_string()),
            before: None,
            after: Some(vec![("method", method.as_str().into()), ("route", route.as_str().into())]),
            request_id: Some(request_id),
            batch: None,
        };
        let in_platform = AuditEntry {
            tenant: caller.tenant,
            actor: Some((caller.user, caller.role)),
            ..in_tenant.clone()
        };
        [in_tenant, in_platform]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{Grants, MockAuthStateReader, MockShadowUserWriter, ShadowUserWriter};
    use haat_domain::shared::{MockClock, Role, TenantId, UserId};

    use super::*;
    use crate::testing::{FakeTx, OneTx, admin, auth_state, granted, noon, view};

    view!(SupportTx, shadow_users: MockShadowUserWriter as ShadowUserWriter);

    const SHADOW: ShadowUser =
        ShadowUser { tenant: TenantId::new(4), user: UserId::new(40), access_version: 1 };

    fn super_admin() -> Actor {
        Actor { is_platform: true, ..granted(&[Role::SuperAdmin]) }
    }

    fn request() -> SupportRequest {
        let (method, route) = ("GET".to_owned(), "/retailers/{uid}".to_owned());
        SupportRequest { method, route, request_id: "r1".to_owned() }
    }

    fn use_case(db: OneTx<FakeTx<MockShadowUserWriter>>, state: Option<AuthState>) -> EnterTenant {
        let (mut clock, mut auth_states) = (MockClock::new(), MockAuthStateReader::new());
        clock.expect_now().returning(noon);
        auth_states
            .expect_find()
            .withf(|tenant, user, session| {
                (*tenant, *user) == (SHADOW.tenant, SHADOW.user) && session.is_some()
            })
            .returning(move |_, _, _| Ok(state.clone()));
        EnterTenant::new(Arc::new(db), Arc::new(auth_states), Arc::new(clock))
    }

    fn shadow_users(found: Option<ShadowUser>) -> MockShadowUserWriter {
        let mut users = MockShadowUserWriter::new();
        users
            .expect_enter()
            .withf(|user, tenant| *user == super_admin().user && *tenant == TenantSelector::Id(SHADOW.tenant))
            .returning(move |_, _| Ok(found));
        users
    }

    /// Enters tenant 4; returns the caller, and whether the transaction was committed.
    async fn enter(
        caller: Actor,
        tx: FakeTx<MockShadowUserWriter>,
    ) -> (Result<Actor, EnterTenantError>, bool) {
        let tx = OneTx::new(tx);
        let committed = tx.committed();
        let entered =
            use_case(tx, None).execute(caller, Some(&TenantSelector::Id(SHADOW.tenant)), request()).await;
        (entered, committed.load(Ordering::SeqCst))
    }

    fn recording(result: Result<(), StorageFailure>) -> MockAuditWriter {
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                let of = |entry: &AuditEntry| (entry.tenant, entry.actor, entry.entity_id.clone());
                let (shadow, user) =
                    ((SHADOW.user, Role::SuperAdmin), (super_admin().user, Role::SuperAdmin));
                let (tenant, own) = (SHADOW.tenant, super_admin().tenant);
                entries.len() == 2
                    && entries.iter().all(|entry| entry.action == AuditAction::SupportAccess)
                    && of(&entries[0]) == (tenant, Some(shadow), Some("4".to_owned()))
                    && of(&entries[1]) == (own, Some(user), Some("4".to_owned()))
            })
            .times(1)
            .return_once(move |_| result);
        audit
    }

    #[tokio::test]
    async fn records_the_request_in_both_logs_and_acts_as_the_shadow_user() {
        let (entered, committed) =
            enter(super_admin(), FakeTx::of(shadow_users(Some(SHADOW))).with_audit(recording(Ok(())))).await;
        let expected = Actor {
            tenant: SHADOW.tenant,
            user: SHADOW.user,
            access_version: 1,
            is_platform: false,
            ..super_admin()
        };
        assert_eq!((entered, committed), (Ok(expected), true));
    }

    #[tokio::test]
    async fn a_request_that_cannot_be_recorded_is_refused() {
        let failure = StorageFailure::Broken("disk full".into());
        let tx = FakeTx::of(shadow_users(Some(SHADOW))).with_audit(recording(Err(failure.clone())));
        let (entered, committed) = enter(super_admin(), tx).await;
        let error = EnterTenantError::NotRecorded(failure);
        assert_eq!(error.refuse().code, &codes::UNAVAILABLE);
        assert_eq!((entered, committed), (Err(error), false));
    }

    #[tokio::test]
    async fn only_super_admins_of_the_platform_enter_tenants() {
        let scoped = Grants::of(granted(&[Role::SuperAdmin, Role::SalesRep]).grants.iter().collect());
        for caller in [
            admin(),
            Actor { is_platform: true, ..admin() },
            granted(&[Role::SuperAdmin]),
            Actor { grants: scoped, ..super_admin() },
        ] {
            let entered = use_case(OneTx::none(), None)
                .execute(caller.clone(), Some(&TenantSelector::Id(SHADOW.tenant)), request())
                .await;
            assert_eq!(entered, Err(EnterTenantError::Forbidden), "{caller:?}");
        }
    }

    #[tokio::test]
    async fn closed_tenants_and_ended_callers_are_not_recorded() {
        let (entered, committed) = enter(super_admin(), FakeTx::of(shadow_users(None))).await;
        assert_eq!((entered, committed), (Err(EnterTenantError::NotFound), false));
        let (entered, committed) = enter(super_admin(), FakeTx::of(shadow_users(None)).ended()).await;
        let error = EnterTenantError::Caller(ChangeError::CallerEnded);
        assert_eq!((entered, committed), (Err(error), false));
    }

    #[tokio::test]
    async fn a_lasting_response_ends_with_the_session_of_the_platform_user() {
        let shadow = super_admin().into_shadow(SHADOW);
        let state = AuthState { access_version: 1, ..auth_state(Role::SuperAdmin) };
        for (state, is_valid) in [
            (Some(state.clone()), true),
            (None, false),
            (Some(AuthState { active: false, ..state.clone() }), false),
            (Some(AuthState { session_ended: true, ..state.clone() }), false),
            (Some(AuthState { token_version: 4, ..state }), false),
        ] {
            let still = use_case(OneTx::none(), state.clone()).still(&shadow).await;
            let expected = if is_valid { Ok(shadow.clone()) } else { Err(AuthenticateError::Revoked) };
            assert_eq!(still, expected, "{state:?}");
        }
    }
}

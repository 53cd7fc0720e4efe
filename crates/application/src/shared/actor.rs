use haat_domain::auth::{AuthState, Grants, SecondFactor, ShadowUser};
use haat_domain::change::Caller;
use haat_domain::shared::{Role, SessionId, TenantId, UserId};

/// The caller of a use case. For external callers, only [`crate::auth::Authenticate`] creates one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The caller's tenant. No use case accesses another tenant.
    pub tenant: TenantId,
    /// The caller's user id.
    pub user: UserId,
    /// The highest of the caller's current roles, for the audit log.
    pub role: Role,
    /// The caller's current grants.
    pub grants: Grants,
    /// The version of the grants. A change is rejected if the user's version differs by then.
    pub access_version: i32,
    /// The token version of the caller's token. A change is rejected if the user's version differs by then.
    pub token_version: i32,
    /// The session of the caller's token; `None` for the requester of a running job.
    pub session: Option<SessionId>,
    /// Restricts the caller to changing their password.
    pub must_change_password: bool,
    /// The state of the second factor. With [`SecondFactor::Due`] the caller may only enroll one.
    pub second_factor: SecondFactor,
    /// True for a user of the platform tenant, who has the permissions of the platform and no others.
    pub is_platform: bool,
}

impl Actor {
    /// Creates a caller with this auth state.
    pub(crate) fn of(
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
        auth_state: AuthState,
    ) -> Self {
        let AuthState {
            role,
            grants,
            access_version,
            token_version,
            must_change_password,
            second_factor,
            is_platform,
            ..
        } = auth_state;
        Self {
            tenant,
            user,
            role,
            grants,
            access_version,
            token_version,
            session,
            must_change_password,
            second_factor,
            is_platform,
        }
    }

    /// Returns the caller as the shadow user in another tenant. Token, session and second factor remain those of the platform
    /// user.
    pub(crate) fn into_shadow(self, shadow: ShadowUser) -> Self {
        let ShadowUser { tenant, user, access_version } = shadow;
        Self { tenant, user, access_version, is_platform: false, ..self }
    }

    /// Returns true for a super admin of the platform, who may enter other tenants. A platform user with further grants, which
    /// only SQL by hand can give, may not.
    pub(crate) fn may_enter_tenants(&self) -> bool {
        self.is_platform && self.grants == Grants::Role(Role::SuperAdmin)
    }

    /// Returns the part of the caller that a change checks again in its transaction.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        let Self { tenant, user, role, access_version, token_version, session, .. } = *self;
        Caller { tenant, user, role, access_version, token_version, session }
    }
}

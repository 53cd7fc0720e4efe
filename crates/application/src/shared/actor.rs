use haat_domain::identity::{Caller, Role, SecondFactor, SessionId, UserStanding};
use haat_domain::shared::{TenantId, UserId};

/// Who calls a use case. Only [`crate::identity::Authenticate`] makes one from the outside world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The caller's company; no use case reaches beyond it.
    pub tenant: TenantId,
    /// The caller.
    pub user: UserId,
    /// What the caller may do, as it is now.
    pub role: Role,
    /// The number under which their token was issued; a change is refused once it is another.
    pub token_version: i32,
    /// The login their token belongs to; none of who asked for a job that runs now.
    pub session: Option<SessionId>,
    /// Whether they may do nothing but change their password.
    pub must_change_password: bool,
    /// What they show beside their password; where one is due they may do nothing but set it up.
    pub second_factor: SecondFactor,
}

impl Actor {
    /// Whoever stands so.
    pub(crate) const fn of(
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
        standing: UserStanding,
    ) -> Self {
        let UserStanding { role, token_version, must_change_password, second_factor, .. } = standing;
        Self { tenant, user, role, token_version, session, must_change_password, second_factor }
    }

    /// What a change checks of its caller once more.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        let Self { tenant, user, role, token_version, session, .. } = *self;
        Caller { tenant, user, role, token_version, session }
    }
}

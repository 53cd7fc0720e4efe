use chrono::{DateTime, Utc};

use super::{Email, Grants, PasswordHash, PersonName, Username};
use crate::shared::{Phone, Role, SessionId, TenantId, UserId};
use crate::territory::NamedRef;

/// The state of a user's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Not set up, and not required.
    Off,
    /// Not set up but required: the user can do nothing else until it is set up.
    Due,
    /// Set up: a login without it fails.
    On,
}

impl SecondFactor {
    /// Returns the state of a user whose highest role is this one, in a tenant that may require a second factor for
    /// administrators.
    #[must_use]
    pub fn of(enabled: bool, role: Role, required_for_admins: bool) -> Self {
        match (enabled, role.requires_mfa(required_for_admins)) {
            (true, _) => Self::On,
            (false, true) => Self::Due,
            (false, false) => Self::Off,
        }
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The tenant.
    pub tenant: TenantId,
    /// The username.
    pub username: Username,
    /// The name.
    pub name: PersonName,
    /// The phone, if known.
    pub phone: Option<Phone>,
    /// The e-mail address, if known.
    pub email: Option<Email>,
    /// The highest role.
    pub role: Role,
    /// The grants.
    pub grants: Grants,
    /// The current team.
    pub team: Option<NamedRef>,
    /// True if the user may log in.
    pub active: bool,
    /// True if the only allowed action is to change the password, because others know it.
    pub must_change_password: bool,
    /// The state of the second factor.
    pub second_factor: SecondFactor,
    /// The token version. Raising it revokes every token issued before.
    pub token_version: i32,
}

/// A user and the hash of their password.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The user.
    pub user: User,
    /// The stored hash.
    pub password_hash: PasswordHash,
}

/// The current state of a caller, checked on every request. It can differ from the state when the token was
/// issued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct AuthState {
    /// The highest role.
    pub role: Role,
    /// The grants.
    pub grants: Grants,
    /// The version of the grants. Every change of them raises it.
    pub access_version: i32,
    /// True if the user is not disabled.
    pub active: bool,
    /// True if the only allowed action is to change the password.
    pub must_change_password: bool,
    /// The state of the second factor.
    pub second_factor: SecondFactor,
    /// The token version. Tokens with another version are not valid.
    pub token_version: i32,
    /// True if the queried session has ended.
    pub session_ended: bool,
    /// True for a user of the platform tenant.
    pub is_platform: bool,
}

impl AuthState {
    /// Returns true if the user is active and does not have to change the password or set up a second factor
    /// first.
    #[must_use]
    pub fn may_act(&self) -> bool {
        self.active && !self.must_change_password && self.second_factor != SecondFactor::Due
    }
}

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The caller's tenant.
    pub tenant: TenantId,
    /// The caller.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The user's token version when the token was issued.
    pub token_version: i32,
    /// The time of issue.
    pub issued_at: DateTime<Utc>,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
}

/// A new password for a user. It revokes every token of the user.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The hash of the new password.
    pub password_hash: PasswordHash,
    /// True if the user must change the password first.
    pub must_change_password: bool,
    /// The required token version, if given; the user must also be active. Each password change raises the
    /// version.
    pub expected: Option<i32>,
    /// The time of the change.
    pub at: DateTime<Utc>,
}

/// The account of a user, as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The user.
    pub user: User,
    /// The name of the tenant.
    pub company: String,
    /// The time zone of the tenant, by its name in the IANA database.
    pub time_zone: String,
    /// The assigned count and capacity of a sales rep; `None` for other users.
    pub load: Option<Load>,
}

/// The number of retailers that a sales rep serves, and the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// The maximum: the sales rep's own capacity, or the tenant's.
    pub capacity: i64,
    /// The number of retailers assigned.
    pub assigned_count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_can_require_a_second_factor_for_administrators() {
        for (enabled, role, required, expected) in [
            (false, Role::Admin, false, SecondFactor::Off),
            (false, Role::Admin, true, SecondFactor::Due),
            (false, Role::SalesRep, true, SecondFactor::Off),
            (true, Role::Admin, true, SecondFactor::On),
            (true, Role::SalesRep, false, SecondFactor::On),
        ] {
            assert_eq!(SecondFactor::of(enabled, role, required), expected);
        }
    }
}

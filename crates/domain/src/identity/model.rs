use chrono::{DateTime, Utc};

use super::{
    Capacity, Email, EmployeeCode, PasswordHash, PersonName, Role, SecondFactor, SessionId, Username,
};
use crate::shared::{Phone, TenantId, UserId};

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
    /// The role.
    pub role: Role,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthState {
    /// The role.
    pub role: Role,
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
}

impl AuthState {
    /// Returns true if the user is active and does not have to change the password or set up a second factor
    /// first.
    #[must_use]
    pub fn may_act(&self) -> bool {
        self.active && !self.must_change_password && self.second_factor != SecondFactor::Due
    }
}

/// The user who requests a change, as given by the token and the auth state. The change itself checks both
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The role.
    pub role: Role,
    /// The token version of the access token.
    pub token_version: i32,
    /// The session of the access token; `None` for the requester of a job, who is not the caller of a
    /// request.
    pub session: Option<SessionId>,
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

/// The settings that the administrators of a tenant control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantSettings {
    /// True if administrators without a second factor can only set one up.
    pub mfa_required_for_admins: bool,
}

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
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
    /// The role.
    pub role: Role,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// True if the user must change the password first.
    pub must_change_password: bool,
    /// The employee code of a sales rep.
    pub employee_code: Option<EmployeeCode>,
    /// The capacity of a sales rep; `None` for the tenant's default.
    pub capacity: Option<Capacity>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
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

use chrono::{DateTime, Utc};

use super::{
    Capacity, Email, EmployeeCode, PasswordHash, PersonName, Role, SecondFactor, SessionId, Username,
};
use crate::shared::{Phone, TenantId, UserId};

/// A person who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// Their company.
    pub tenant: TenantId,
    /// What they log in with.
    pub username: Username,
    /// Their name.
    pub name: PersonName,
    /// Their phone, if known.
    pub phone: Option<Phone>,
    /// Their e-mail address, if known.
    pub email: Option<Email>,
    /// What they may do.
    pub role: Role,
    /// Whether they may log in.
    pub active: bool,
    /// Whether they may do nothing but change their password, which others know.
    pub must_change_password: bool,
    /// What they show beside their password.
    pub second_factor: SecondFactor,
    /// Raised to end every token issued before.
    pub token_version: i32,
}

/// A user and the hash their password is compared with.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The user.
    pub user: User,
    /// The stored hash.
    pub password_hash: PasswordHash,
}

/// What every request must know of its caller, as it is now and not as it was when the token was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserStanding {
    /// What they may do.
    pub role: Role,
    /// Whether they may do anything.
    pub active: bool,
    /// Whether they may do nothing but change their password.
    pub must_change_password: bool,
    /// What they show beside their password.
    pub second_factor: SecondFactor,
    /// Tokens issued under another number are void.
    pub token_version: i32,
    /// Whether the session that was asked about has ended.
    pub session_ended: bool,
}

impl UserStanding {
    /// Whether they may do more than what some have to do first.
    #[must_use]
    pub fn may_act(&self) -> bool {
        self.active && !self.must_change_password && self.second_factor != SecondFactor::Due
    }
}

/// Who asks for a change, as their token says and as they stood a moment ago. The change itself looks once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Their company.
    pub tenant: TenantId,
    /// They.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// The number under which their token was issued.
    pub token_version: i32,
    /// The login that it belongs to; none of who is no caller, but asked for a job before.
    pub session: Option<SessionId>,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The caller's company.
    pub tenant: TenantId,
    /// The caller.
    pub user: UserId,
    /// The login that it belongs to.
    pub session: SessionId,
    /// The user's token version when it was issued.
    pub token_version: i32,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// From when on it is void.
    pub expires_at: DateTime<Utc>,
}

/// What a company's own administrators set of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanySettings {
    /// Whether administrators without a second factor may do nothing but set one up.
    pub mfa_required_for_admins: bool,
}

/// A user about to exist.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their company.
    pub tenant: TenantId,
    /// What they log in with.
    pub username: Username,
    /// Their name.
    pub name: PersonName,
    /// Their phone, if known.
    pub phone: Option<Phone>,
    /// Their e-mail address, if known.
    pub email: Option<Email>,
    /// What they may do.
    pub role: Role,
    /// The hash of their password.
    pub password_hash: PasswordHash,
    /// Whether they must change it before anything else.
    pub must_change_password: bool,
    /// Of a representative: what their employer knows them by.
    pub employee_code: Option<EmployeeCode>,
    /// Of a representative: how many shops they can serve, unless it is what the company says.
    pub capacity: Option<Capacity>,
    /// When they come to be.
    pub created_at: DateTime<Utc>,
}

/// Another password for somebody. Every token they have ends.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// Their company.
    pub tenant: TenantId,
    /// They.
    pub user: UserId,
    /// The hash of the new one.
    pub password_hash: PasswordHash,
    /// Whether they must change it before anything else.
    pub must_change_password: bool,
    /// If given, the token version that they must still have, and be active; each change of a password raises it.
    pub expected: Option<i32>,
    /// When.
    pub at: DateTime<Utc>,
}

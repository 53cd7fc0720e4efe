use chrono::{DateTime, Utc};

use super::{Email, PasswordHash, Role, Username};
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
    /// Their name, as typed.
    pub name: String,
    /// Their phone, if known.
    pub phone: Option<Phone>,
    /// Their e-mail address, if known.
    pub email: Option<Email>,
    /// What they may do.
    pub role: Role,
    /// Whether they may log in.
    pub active: bool,
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
    /// Tokens issued under another number are void.
    pub token_version: i32,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The caller's company.
    pub tenant: TenantId,
    /// The caller.
    pub user: UserId,
    /// The user's token version when it was issued.
    pub token_version: i32,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// From when on it is void.
    pub expires_at: DateTime<Utc>,
}

/// A user about to exist.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their company.
    pub tenant: TenantId,
    /// What they log in with.
    pub username: Username,
    /// Their name.
    pub name: String,
    /// Their phone, if known.
    pub phone: Option<Phone>,
    /// Their e-mail address, if known.
    pub email: Option<Email>,
    /// What they may do.
    pub role: Role,
    /// The hash of their password.
    pub password_hash: PasswordHash,
    /// When they come to be.
    pub created_at: DateTime<Utc>,
}

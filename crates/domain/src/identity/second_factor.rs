//! What somebody shows beside their password: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for who has
//! lost it.

use chrono::{DateTime, Duration, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::{DeviceId, Digest, Role, User};
use crate::shared::{TenantId, UserId, fold_char};

/// Whether somebody has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// None, and none is asked of them.
    Off,
    /// None, and until they have one they may do nothing else.
    Due,
    /// One, without which nobody logs in as them.
    On,
}

impl SecondFactor {
    /// Of somebody with this role, in a company that may require one of its administrators.
    #[must_use]
    pub fn of(enabled: bool, role: Role, required_for_admins: bool) -> Self {
        match (enabled, required_for_admins && role == Role::Admin) {
            (true, _) => Self::On,
            (false, true) => Self::Due,
            (false, false) => Self::Off,
        }
    }
}

/// A seed as it is kept: sealed with a key that the database does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSeed(pub String);

/// A seed as it is shown once, to the app that is to make codes of it.
#[derive(Debug)]
pub struct ShownSeed {
    /// In Base32 (RFC 4648), to be typed.
    pub secret: SecretString,
    /// The same with everything around it as an `otpauth://` address, to be shown as a QR code.
    pub uri: SecretString,
    /// As it is kept.
    pub sealed: SealedSeed,
}

/// A recovery code as it is shown once, and what is kept of it.
pub type NewRecoveryCode = (SecretString, Digest);

/// What somebody shows beside their password.
#[derive(Clone, PartialEq, Eq)]
pub enum FactorCode {
    /// Six digits of their app.
    Totp(String),
    /// One of their recovery codes, without what is there to read it better.
    Recovery(String),
}

impl std::fmt::Debug for FactorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorCode")
    }
}

impl FactorCode {
    /// The digits of an app's code.
    pub const DIGITS: usize = 6;
    /// The letters of a recovery code: 24 of 31, 118 bits.
    pub const LETTERS: usize = 24;

    /// What was typed, if it can be either: in any case of letters, with Bangla digits, blanks and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let seen = text.chars().filter_map(fold_char).filter(|c| !c.is_whitespace() && *c != '-');
        let code: String = seen.take(Self::LETTERS + 1).flat_map(char::to_lowercase).collect();
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        match code.len() {
            Self::DIGITS if digits => Some(Self::Totp(code)),
            Self::LETTERS if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Some(Self::Recovery(code))
            }
            _ => None,
        }
    }
}

/// With what somebody has proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A code of their app, of the 30 seconds with this number.
    Totp(i64),
    /// A recovery code, which is gone now.
    Recovery,
}

impl Proof {
    /// The word for the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery => "recovery-code",
        }
    }
}

/// Somebody and what is kept of their second factor, as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFactor {
    /// Who.
    pub user: User,
    /// The seed, if they have begun to set one up.
    pub seed: Option<HeldSeed>,
    /// What they would be without one: their company may require it of them.
    pub without: SecondFactor,
}

/// A seed and what is kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSeed {
    /// The seed.
    pub sealed: SealedSeed,
    /// The number of the last 30 seconds whose code was used.
    pub last_step: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

impl HeldSeed {
    /// For how long a seed may wait for its first code.
    pub const PATIENCE: Duration = Duration::minutes(15);
}

/// Somebody who has shown the right password and is asked for the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Which one: no two are the same.
    pub id: Uuid,
    /// Their company.
    pub tenant: TenantId,
    /// They.
    pub user: UserId,
    /// Their token version: a challenge ends as tokens do.
    pub token_version: i32,
    /// The device they are on, if they have logged in with it before.
    pub own_device: Option<DeviceId>,
    /// From when on it is void.
    pub expires_at: DateTime<Utc>,
}

impl Challenge {
    /// For how long a second factor is waited for.
    pub const LIFETIME: Duration = Duration::minutes(5);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_may_require_one_of_its_administrators() {
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

    #[test]
    fn codes_are_understood_as_people_type_them() {
        let totp = |digits: &str| Some(FactorCode::Totp(digits.to_owned()));
        for text in ["123456", " 123 456 ", "123-456", "১২৩৪৫৬"] {
            assert_eq!(FactorCode::parse(text), totp("123456"), "{text}");
        }
        let recovery = Some(FactorCode::Recovery("abcdefghjkmnpqrstuvwxyz2".to_owned()));
        for text in ["abcd-efgh-jkmn-pqrs-tuvw-xyz2", "ABCDEFGH JKMNPQRS TUVWXYZ2"] {
            assert_eq!(FactorCode::parse(text), recovery, "{text}");
        }
        for text in ["", "12345", "1234567", "12345a", "abcd", &"a".repeat(25), &"ক".repeat(24)] {
            assert_eq!(FactorCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_in_no_debug_text() {
        assert!(!format!("{:?}", FactorCode::parse("123456")).contains("123456"));
    }
}

//! Second factors: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for users who have lost
//! the app.

use chrono::{DateTime, Duration, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::{DeviceId, Digest, SecondFactor, User};
use crate::shared::{TenantId, UserId, fold_char};

/// A TOTP seed as stored: sealed with a key that is not in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSeed(pub String);

/// A TOTP seed as shown once, to set up an authenticator app.
#[derive(Debug)]
pub struct RevealedSeed {
    /// The seed in Base32 (RFC 4648), to be typed.
    pub secret: SecretString,
    /// The seed and its parameters as an `otpauth://` URI, to be shown as a QR code.
    pub uri: SecretString,
    /// The sealed seed, to be stored.
    pub sealed: SealedSeed,
}

/// A recovery code as shown once, and the digest that is stored.
pub type NewRecoveryCode = (SecretString, Digest);

/// A code of a second factor.
#[derive(Clone, PartialEq, Eq)]
pub enum FactorCode {
    /// The six digits of an authenticator app.
    Totp(String),
    /// A recovery code, without separators.
    Recovery(String),
}

impl std::fmt::Debug for FactorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorCode")
    }
}

impl FactorCode {
    /// The number of digits of a TOTP code.
    pub const DIGITS: usize = 6;
    /// The number of letters of a recovery code: 24 from an alphabet of 31, 118 bits.
    pub const LETTERS: usize = 24;

    /// Returns the digits or letters.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Totp(text) | Self::Recovery(text) => text,
        }
    }

    /// Parses either kind of code. Ignores case, spaces and hyphens, and accepts Bangla digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let visible = text.chars().filter_map(fold_char).filter(|c| !c.is_whitespace() && *c != '-');
        let code: String = visible.take(Self::LETTERS + 1).flat_map(char::to_lowercase).collect();
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

/// The second factor that a user has proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A TOTP code of the 30-second step with this number.
    Totp(i64),
    /// A recovery code, which is now used up.
    Recovery,
}

impl Proof {
    /// Returns the word for the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery => "recovery-code",
        }
    }
}

/// A user and their stored second factor, in their current state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFactor {
    /// The user.
    pub user: User,
    /// The seed, if setup has begun.
    pub seed: Option<StoredSeed>,
    /// The state without a second factor: the tenant may require one.
    pub without: SecondFactor,
}

/// A stored TOTP seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeed {
    /// The sealed seed.
    pub sealed: SealedSeed,
    /// The number of the last 30-second step whose code was used.
    pub last_totp_step: i64,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

impl StoredSeed {
    /// The maximum time from the creation of a seed to its first code.
    pub const SETUP_TIME: Duration = Duration::minutes(15);
}

/// A login with a correct password that still requires the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The unique id.
    pub id: Uuid,
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The user's token version: a challenge is revoked like a token.
    pub token_version: i32,
    /// The device, if the user has logged in with it before.
    pub own_device: Option<DeviceId>,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
}

impl Challenge {
    /// The time within which the second factor must be entered.
    pub const LIFETIME: Duration = Duration::minutes(5);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_codes_with_separators_and_bangla_digits() {
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
    fn debug_output_hides_the_code() {
        assert!(!format!("{:?}", FactorCode::parse("123456")).contains("123456"));
    }
}

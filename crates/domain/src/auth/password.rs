use secrecy::{ExposeSecret as _, SecretString};

use crate::shared::{FieldRule, TextValue, bangla_digits};

/// A new password: at least 8 characters and at most 72 bytes of UTF-8, without NUL. The upper limit is that
/// of bcrypt, which silently ignores all bytes after the 72nd.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

/// Reasons why a password is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 characters.
    #[error("must be at least {} characters", NewPassword::MIN)]
    TooShort,
    /// More than 72 bytes.
    #[error("must be at most {} English characters; a Bangla letter counts as three", NewPassword::MAX_BYTES)]
    TooLong,
    /// Contains a NUL byte, at which bcrypt would stop.
    #[error("must not contain a NUL character")]
    Nul,
    /// A common password, which attackers try first.
    #[error("is a commonly used password; choose another one")]
    Common,
}

impl FieldRule for PasswordError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::Nul => "invalid-characters",
            Self::Common => "too-common",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::TooShort => format!("কমপক্ষে {}টি অক্ষর হতে হবে", bangla_digits(NewPassword::MIN)),
            Self::TooLong => format!(
                "সর্বোচ্চ {}টি ইংরেজি অক্ষর হতে পারে; একটি বাংলা অক্ষর তিনটি হিসেবে গণনা হয়",
                bangla_digits(NewPassword::MAX_BYTES)
            ),
            Self::Nul => "NUL অক্ষর থাকতে পারবে না".to_owned(),
            Self::Common => "পাসওয়ার্ডটি অনেকে ব্যবহার করে; অন্য একটি বেছে নিন".to_owned(),
        }
    }
}

/// The passwords of at least 8 bytes among the 19,640 most common ones, in lower case and sorted by bytes.
/// Collected by Royce Williams from leaks; taken from Django 5.2,
/// `django/contrib/auth/common-passwords.txt.gz` (BSD licence).
const COMMON: &str = include_str!("common_passwords.txt");

/// The lines of [`COMMON`].
static COMMON_LINES: std::sync::LazyLock<Vec<&str>> = std::sync::LazyLock::new(|| COMMON.lines().collect());

impl NewPassword {
    /// The minimum number of characters.
    pub const MIN: usize = 8;
    /// The maximum number of bytes.
    pub const MAX_BYTES: usize = 72;

    /// Parses a password. Nothing is trimmed.
    ///
    /// # Errors
    /// [`PasswordError`] if it is too short, too long, contains NUL, or is commonly used.
    pub fn parse(password: SecretString) -> Result<Self, PasswordError> {
        let password = Self::known(password)?;
        if is_common(password.0.expose_secret()) { Err(PasswordError::Common) } else { Ok(password) }
    }

    /// Parses a password that is already in use, to hash it again. Common passwords are accepted, because the
    /// password may be older than the list of common passwords.
    ///
    /// # Errors
    /// [`PasswordError`] if it is too short, too long or contains NUL.
    pub fn known(password: SecretString) -> Result<Self, PasswordError> {
        let text = password.expose_secret();
        if text.chars().count() < Self::MIN {
            return Err(PasswordError::TooShort);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        if text.contains('\0') { Err(PasswordError::Nul) } else { Ok(Self(password)) }
    }

    /// Returns the password, to hash it.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl TextValue for NewPassword {
    type Rule = PasswordError;

    const MIN_CHARS: usize = Self::MIN;
    /// The limit is a number of bytes.
    const MAX_CHARS: Option<usize> = None;

    fn parse(text: &str) -> Result<Self, PasswordError> {
        Self::parse(text.to_owned().into())
    }
}

/// Returns true for a common password, ignoring case.
fn is_common(password: &str) -> bool {
    COMMON_LINES.binary_search(&password.to_lowercase().as_str()).is_ok()
}

/// A stored password hash (bcrypt, modular crypt format).
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Creates a value from a stored hash.
    #[must_use]
    pub fn new(hash: String) -> Self {
        Self(hash.into())
    }

    /// Returns the hash, to store it or to verify a password.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_8_characters_to_72_bytes() {
        let parse = |text: &str| NewPassword::parse(text.to_owned().into()).map(|_| ());
        assert_eq!(parse("1234567"), Err(PasswordError::TooShort));
        assert_eq!(parse("Sr@12345"), Ok(()));
        for common in ["12345678", "PassWord1", "iloveyou"] {
            assert_eq!(parse(common), Err(PasswordError::Common), "{common}");
        }
        assert!(COMMON.lines().is_sorted() && COMMON.lines().all(|line| line.len() >= NewPassword::MIN));
        assert_eq!(parse(&"ক".repeat(24)), Ok(()), "72 bytes");
        assert_eq!(parse(&"ক".repeat(25)), Err(PasswordError::TooLong), "25 characters, but 75 bytes");
        assert_eq!(parse("1234567\0"), Err(PasswordError::Nul));
        assert!(!format!("{:?}", NewPassword::parse("Secret@12345".to_owned().into())).contains("Secret@"));
    }
}

use secrecy::{ExposeSecret as _, SecretString};

use super::Username;
use crate::shared::{FieldRule, TextValue, bangla_digits, is_visible, nfc};

/// A new password in Unicode NFC, so that it does not depend on the keyboard: at least 8 visible characters and at most 72
/// bytes of UTF-8, without NUL. The upper limit is that of bcrypt, which silently ignores all bytes after the 72nd.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

/// Reasons why a password is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 visible characters.
    #[error("must be at least {} characters; blanks do not count", NewPassword::MIN)]
    TooShort,
    /// More than 72 bytes.
    #[error("must be at most {} English characters; a Bangla letter counts as three", NewPassword::MAX_BYTES)]
    TooLong,
    /// Contains a NUL byte, at which bcrypt would stop.
    #[error("must not contain a NUL character")]
    Nul,
    /// The username.
    #[error("must not be the username")]
    Username,
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
            Self::Common | Self::Username => "too-common",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::TooShort => {
                format!("কমপক্ষে {}টি অক্ষর হতে হবে; ফাঁকা স্থান গণনা হয় না", bangla_digits(NewPassword::MIN))
            }
            Self::TooLong => format!(
                "সর্বোচ্চ {}টি ইংরেজি অক্ষর হতে পারে; একটি বাংলা অক্ষর তিনটি হিসেবে গণনা হয়",
                bangla_digits(NewPassword::MAX_BYTES)
            ),
            Self::Username => "ইউজারনেম হতে পারবে না".to_owned(),
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
    /// The minimum number of visible characters.
    pub const MIN: usize = 8;
    /// The maximum number of bytes.
    pub const MAX_BYTES: usize = 72;

    /// Parses a password. Nothing is trimmed.
    ///
    /// # Errors
    /// [`PasswordError`] if it is too short, too long, contains NUL, or is commonly used.
    #[expect(clippy::needless_pass_by_value, reason = "the caller must not keep the text")]
    pub fn parse(password: SecretString) -> Result<Self, PasswordError> {
        let password = Self::known(&password)?;
        if is_common(password.0.expose_secret()) { Err(PasswordError::Common) } else { Ok(password) }
    }

    /// Parses a password that is already in use, to hash it again. Common passwords are accepted, because the
    /// password may be older than the list of common passwords.
    ///
    /// # Errors
    /// [`PasswordError`] if it is too short, too long or contains NUL.
    pub fn known(password: &SecretString) -> Result<Self, PasswordError> {
        let text = SecretString::from(nfc(password.expose_secret()));
        Self::check(text.expose_secret())?;
        Ok(Self(text))
    }

    fn check(text: &str) -> Result<(), PasswordError> {
        if text.chars().filter(|c| is_visible(*c)).count() < Self::MIN {
            return Err(PasswordError::TooShort);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        if text.contains('\0') { Err(PasswordError::Nul) } else { Ok(()) }
    }

    /// Checks that the password is not the username of its user.
    ///
    /// # Errors
    /// [`PasswordError::Username`].
    pub fn differs_from(&self, username: &Username) -> Result<(), PasswordError> {
        let same = self.0.expose_secret().to_lowercase() == username.as_str();
        if same { Err(PasswordError::Username) } else { Ok(()) }
    }

    /// Returns true if a typed password is this one.
    #[must_use]
    pub fn is(&self, typed: &SecretString) -> bool {
        nfc(typed.expose_secret()) == self.0.expose_secret()
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

/// Returns the forms of a typed password to compare with a hash: NFC, and the text as typed if it differs, because
/// hashes of older versions were made of it.
#[must_use]
pub fn typed_forms(typed: &SecretString) -> Vec<SecretString> {
    let text = nfc(typed.expose_secret());
    let differs = text != typed.expose_secret();
    std::iter::once(text.into()).chain(differs.then(|| typed.clone())).collect()
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
        assert_eq!(parse("12345678\0"), Err(PasswordError::Nul));
        for blank in ["        ", "1234567 ", "\u{200B}1234567", "ক খ গ ঘ"] {
            assert_eq!(parse(blank), Err(PasswordError::TooShort), "{blank:?}");
        }
        assert!(!format!("{:?}", NewPassword::parse("Secret@12345".to_owned().into())).contains("Secret@"));
    }

    #[test]
    fn the_keyboard_does_not_matter() {
        // ড় as one code point and as two.
        let (one, two) = ("\u{9DC}\u{9DC}\u{9DC}12345", "\u{9A1}\u{9BC}\u{9A1}\u{9BC}\u{9A1}\u{9BC}12345");
        let secret = |text: &str| SecretString::from(text.to_owned());
        let password = NewPassword::parse(secret(one)).unwrap();
        assert_eq!(password.secret().expose_secret(), two);
        assert!(password.is(&secret(one)) && password.is(&secret(two)));
        let forms = |text: &str| -> Vec<String> {
            typed_forms(&secret(text)).iter().map(|form| form.expose_secret().to_owned()).collect()
        };
        assert_eq!(forms(one), [two, one], "a hash may be of the text as typed");
        assert_eq!(forms(two), [two]);
    }

    #[test]
    fn the_username_is_no_password() {
        let password = |text: &str| NewPassword::parse(text.to_owned().into()).unwrap();
        let username = Username::parse("rahim.uddin").unwrap();
        assert_eq!(password("Rahim.Uddin").differs_from(&username), Err(PasswordError::Username));
        assert_eq!(password("Rahim.Uddin1").differs_from(&username), Ok(()));
    }
}

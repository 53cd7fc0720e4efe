use secrecy::{ExposeSecret as _, SecretString};

use crate::retailer::fold;
use crate::shared::{FieldRule, Phone, TextError, bangla_digits, single_line};

/// The role of a user. The application layer defines the permissions of each role. More roles will follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// An administrator, with access to the whole tenant.
    Admin,
    /// A sales rep, with access to the assigned retailers.
    SalesRep,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 2] = [Self::Admin, Self::SalesRep];

    /// Returns the word used in the database, in tokens and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::SalesRep => "sales_rep",
        }
    }

    /// Returns the role with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A username: 3 to 64 ASCII letters, digits, `.`, `_` or `-`, with at least one letter (so that it cannot be
/// confused with an id or a phone). Stored in lower case: `Admin` and `admin` are the same user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

/// Reasons why a text is not a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Fewer than [`Username::MIN`] characters.
    #[error("must be at least {} characters", Username::MIN)]
    TooShort,
    /// More than [`Username::MAX`] characters.
    #[error("must be at most {} characters", Username::MAX)]
    TooLong,
    /// Contains a character other than those listed.
    #[error("may contain only English letters, digits, '.', '_' and '-'")]
    Characters,
    /// Contains no letter, so it could be an id or a phone.
    #[error("must contain at least one letter")]
    NoLetter,
}

impl FieldRule for UsernameError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::Characters => "invalid-characters",
            Self::NoLetter => "invalid",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::TooShort => format!("কমপক্ষে {}টি অক্ষর হতে হবে", bangla_digits(Username::MIN)),
            Self::TooLong => format!("সর্বোচ্চ {}টি অক্ষর হতে পারে", bangla_digits(Username::MAX)),
            Self::Characters => "শুধু ইংরেজি অক্ষর, সংখ্যা, '.', '_' ও '-' থাকতে পারে".to_owned(),
            Self::NoLetter => "অন্তত একটি ইংরেজি অক্ষর থাকতে হবে".to_owned(),
        }
    }
}

impl Username {
    /// The minimum number of characters.
    pub const MIN: usize = 3;
    /// The maximum number of characters.
    pub const MAX: usize = 64;

    /// Parses a username; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`UsernameError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        match text.chars().count() {
            0..Self::MIN => Err(UsernameError::TooShort),
            Self::MIN..=Self::MAX if !text.bytes().all(allowed) => Err(UsernameError::Characters),
            Self::MIN..=Self::MAX if !text.bytes().any(|b| b.is_ascii_alphabetic()) => {
                Err(UsernameError::NoLetter)
            }
            Self::MIN..=Self::MAX => Ok(Self(text.to_ascii_lowercase())),
            _ => Err(UsernameError::TooLong),
        }
    }

    /// Returns the username, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a user, as typed: one line of at most 200 characters, with at least one visible character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// The maximum number of characters.
    pub const MAX: usize = 200;

    /// Parses a name; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`TextError`] with the reason.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let name = single_line(text, Self::MAX)?;
        // Joiners and marks alone are invisible.
        if fold(&name).is_empty() { Err(TextError::Empty) } else { Ok(Self(name)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, stored in lower case. The checks only ensure that it is usable as a login: one `@` with
/// text on both sides, no whitespace, at most 254 bytes (RFC 5321 section 4.5.3.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address such as name@example.com, at most 254 characters long")]
pub struct EmailError;

impl FieldRule for EmailError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "একটি ই-মেইল ঠিকানা হতে হবে, যেমন name@example.com, সর্বোচ্চ ২৫৪টি অক্ষর".to_owned()
    }
}

impl Email {
    /// Parses an e-mail address; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`EmailError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        match text.split_once('@') {
            Some((local, host)) if plain && !local.is_empty() && !host.is_empty() && !host.contains('@') => {
                Ok(Self(text.to_lowercase()))
            }
            _ => Err(EmailError),
        }
    }

    /// Returns the e-mail address, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name that a user enters at login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginName {
    /// A username.
    Username(Username),
    /// An e-mail address.
    Email(Email),
    /// A phone number.
    Phone(Phone),
}

impl LoginName {
    /// Determines the kind of a login name: text with an `@` is an e-mail address, and a phone number cannot
    /// be a username, so the result is never ambiguous. Returns `None` if no user can have this name.
    #[must_use]
    pub fn guess(text: &str) -> Option<Self> {
        if text.contains('@') {
            Email::parse(text).ok().map(Self::Email)
        } else if let Ok(phone) = Phone::parse(text) {
            Some(Self::Phone(phone))
        } else {
            Username::parse(text).ok().map(Self::Username)
        }
    }
}

/// The name of a tenant: one line of at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantName(String);

impl TenantName {
    /// The maximum number of characters.
    pub const MAX: usize = 200;

    /// Parses a name; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`TextError`] with the reason.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, Self::MAX).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The short name of a tenant, as in a host name: 2 to 40 lower-case letters, digits and inner dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantSlug(String);

/// The text is not the short name of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 40 lower-case English letters, digits or dashes, without a dash at the start or end")]
pub struct TenantSlugError;

impl FieldRule for TenantSlugError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "২ থেকে ৪০টি ছোট হাতের ইংরেজি অক্ষর, সংখ্যা বা ড্যাশ হতে হবে, শুরুতে বা শেষে ড্যাশ নয়".to_owned()
    }
}

impl TenantSlug {
    /// Parses a short name.
    ///
    /// # Errors
    /// [`TenantSlugError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TenantSlugError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let dashed = text.starts_with('-') || text.ends_with('-');
        if !(2..=40).contains(&text.len()) || dashed || !text.bytes().all(allowed) {
            return Err(TenantSlugError);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantSlug {
    /// Returns the tenant of a single-company installation.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

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
    fn usernames_are_ascii_and_never_a_number() {
        assert_eq!(Username::parse(" Admin ").unwrap().as_str(), "admin");
        for good in ["sr00001", "a.b", "x-1", &"u".repeat(64)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        let long = "u".repeat(65);
        for (bad, expected) in [
            ("", UsernameError::TooShort),
            ("ab", UsernameError::TooShort),
            ("12345", UsernameError::NoLetter),
            ("01711-234567", UsernameError::NoLetter),
            ("a b", UsernameError::Characters),
            ("রহিম", UsernameError::Characters),
            ("a@b", UsernameError::Characters),
            ("a\0b", UsernameError::Characters),
            (&long, UsernameError::TooLong),
        ] {
            assert_eq!(Username::parse(bad), Err(expected), "{bad:?}");
        }
    }

    #[test]
    fn names_of_users_are_one_visible_line() {
        assert_eq!(PersonName::parse(" Rahim Uddin ").unwrap().as_str(), "Rahim Uddin");
        assert!(PersonName::parse(&"ক".repeat(200)).is_ok());
        for bad in ["", "  ", "\u{200B}\u{200D}", "a\nb", "a\0b", &"ক".repeat(201)] {
            assert!(PersonName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn email_addresses_have_text_on_both_sides_of_the_at_sign() {
        assert_eq!(Email::parse(" Rahim@Example.COM ").unwrap().as_str(), "rahim@example.com");
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", &format!("{}@b", "a".repeat(253))] {
            assert_eq!(Email::parse(bad), Err(EmailError), "{bad:?}");
        }
    }

    #[test]
    fn the_kind_of_a_login_name_is_unambiguous() {
        assert!(matches!(LoginName::guess("sr00001"), Some(LoginName::Username(_))));
        assert!(matches!(LoginName::guess("a@b.c"), Some(LoginName::Email(_))));
        assert!(matches!(LoginName::guess("০১৭১১২৩৪৫৬৭"), Some(LoginName::Phone(_))));
        for invalid in ["", "12345", "a b c", "a@", "\0"] {
            assert_eq!(LoginName::guess(invalid), None, "{invalid:?}");
        }
    }

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

    #[test]
    fn slugs_look_like_host_names() {
        assert_eq!(TenantSlug::default(), TenantSlug::parse("default").unwrap());
        for bad in ["", "a", "-ab", "ab-", "Ab", "a_b", "দোকান"] {
            assert_eq!(TenantSlug::parse(bad), Err(TenantSlugError), "{bad:?}");
        }
    }

    #[test]
    fn parses_the_names_of_roles() {
        for role in [Role::Admin, Role::SalesRep] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}

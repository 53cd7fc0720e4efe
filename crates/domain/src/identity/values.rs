use secrecy::{ExposeSecret as _, SecretString};

use crate::retailer::fold;
use crate::shared::{Phone, TextError, single_line};

/// What a user may do. More roles come; what each may do is decided in the application layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Office staff: the whole tenant.
    Admin,
    /// A sales representative: the shops assigned to them.
    SalesRep,
}

impl Role {
    /// The word used in the database, in tokens and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::SalesRep => "sales_rep",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Admin, Self::SalesRep].into_iter().find(|role| role.as_str() == name)
    }
}

/// A name to log in with: 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter (so that it
/// cannot be taken for an id or a phone). Kept in lower case: `Admin` and `admin` are one user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

/// Why a text is not a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 3 to 64 letters, digits, '.', '_' or '-', at least one of them a letter")]
pub struct UsernameError;

impl Username {
    /// Parses a username.
    ///
    /// # Errors
    /// [`UsernameError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let has_letter = text.bytes().any(|b| b.is_ascii_alphabetic());
        if !(3..=64).contains(&text.len()) || !text.bytes().all(allowed) || !has_letter {
            return Err(UsernameError);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The username, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person's name, as typed: one line of at most 200 characters, something to be seen among them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// The most characters.
    pub const MAX: usize = 200;

    /// Parses a name.
    ///
    /// # Errors
    /// [`TextError`] says what it is instead.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let name = single_line(text, Self::MAX)?;
        // Joiners and marks alone look like nothing.
        if fold(&name).is_empty() { Err(TextError::Empty) } else { Ok(Self(name)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, kept in lower case. Only what makes it usable as a login is checked: one `@` with
/// something on both sides, no blanks, at most 254 characters (RFC 5321 section 4.5.3.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address")]
pub struct EmailError;

impl Email {
    /// Parses an address.
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

    /// The address, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a person typed to say who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginName {
    /// By username.
    Username(Username),
    /// By e-mail address.
    Email(Email),
    /// By phone.
    Phone(Phone),
}

impl LoginName {
    /// Guesses which of the three a text is: an `@` makes an address, and a phone number cannot be a
    /// username, so the guess is never ambiguous. `None` when no user can have this name.
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

/// The name of a company: one line of at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantName(String);

impl TenantName {
    /// The most characters.
    pub const MAX: usize = 200;

    /// Parses a name.
    ///
    /// # Errors
    /// [`TextError`] says what it is instead.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, Self::MAX).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The short name of a company, as in a host name: lower-case letters, digits and inner dashes, 2 to 40.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantSlug(String);

/// Why a text is not a tenant's short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 40 lower-case letters, digits and inner dashes")]
pub struct TenantSlugError;

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

    /// The short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantSlug {
    /// The tenant of a single-company installation.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// A password someone wants to have from now on: 8 to 72 bytes of UTF-8 without NUL. The upper limit is
/// bcrypt's: what comes after 72 bytes would silently not count.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

/// Why a text may not become a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 bytes.
    #[error("must have at least {} bytes", NewPassword::MIN_BYTES)]
    TooShort,
    /// More than 72 bytes.
    #[error("must have at most {} bytes", NewPassword::MAX_BYTES)]
    TooLong,
    /// bcrypt would stop at a NUL byte.
    #[error("must not contain a NUL byte")]
    Nul,
    /// One that whoever guesses tries first.
    #[error("must not be a password that many people use")]
    Common,
}

/// The passwords of 8 bytes and more among the 19,640 that are used most, in small letters and in order of bytes. Collected by
/// Royce Williams from leaks; taken from Django 5.2, `django/contrib/auth/common-passwords.txt.gz` (BSD licence).
const COMMON: &str = include_str!("common_passwords.txt");

/// [`COMMON`], by line.
static COMMON_LINES: std::sync::LazyLock<Vec<&str>> = std::sync::LazyLock::new(|| COMMON.lines().collect());

impl NewPassword {
    /// The fewest bytes.
    pub const MIN_BYTES: usize = 8;
    /// The most bytes.
    pub const MAX_BYTES: usize = 72;

    /// Parses a password. Nothing is trimmed.
    ///
    /// # Errors
    /// [`PasswordError`] when it is too short, too long, holds a NUL, or is in everybody's list.
    pub fn parse(password: SecretString) -> Result<Self, PasswordError> {
        let password = Self::known(password)?;
        if is_common(password.0.expose_secret()) { Err(PasswordError::Common) } else { Ok(password) }
    }

    /// One that is somebody's already, to hash it anew: from a time, perhaps, when it was in nobody's list.
    ///
    /// # Errors
    /// [`PasswordError`] when it is too short, too long or holds a NUL.
    pub fn known(password: SecretString) -> Result<Self, PasswordError> {
        let bytes = password.expose_secret().as_bytes();
        match bytes.len() {
            0..Self::MIN_BYTES => Err(PasswordError::TooShort),
            Self::MIN_BYTES..=Self::MAX_BYTES if bytes.contains(&0) => Err(PasswordError::Nul),
            Self::MIN_BYTES..=Self::MAX_BYTES => Ok(Self(password)),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// The password, to hash it.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// Whether whoever guesses tries it first, in any case of letters.
fn is_common(password: &str) -> bool {
    COMMON_LINES.binary_search(&password.to_lowercase().as_str()).is_ok()
}

/// What is stored instead of a password (bcrypt, modular crypt format).
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Wraps a stored hash.
    #[must_use]
    pub fn new(hash: String) -> Self {
        Self(hash.into())
    }

    /// The hash, to store it or to compare with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain_and_never_a_number() {
        assert_eq!(Username::parse(" Admin ").unwrap().as_str(), "admin");
        for good in ["sr00001", "a.b", "x-1", &"u".repeat(64)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "12345", "01711-234567", "a b", "রহিম", "a@b", "a\0b", &"u".repeat(65)]
        {
            assert_eq!(Username::parse(bad), Err(UsernameError), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_with_something_to_see() {
        assert_eq!(PersonName::parse(" Rahim Uddin ").unwrap().as_str(), "Rahim Uddin");
        assert!(PersonName::parse(&"ক".repeat(200)).is_ok());
        for bad in ["", "  ", "\u{200B}\u{200D}", "a\nb", "a\0b", &"ক".repeat(201)] {
            assert!(PersonName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn emails_have_two_sides() {
        assert_eq!(Email::parse(" Rahim@Example.COM ").unwrap().as_str(), "rahim@example.com");
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", &format!("{}@b", "a".repeat(253))] {
            assert_eq!(Email::parse(bad), Err(EmailError), "{bad:?}");
        }
    }

    #[test]
    fn a_login_name_is_guessed_without_ambiguity() {
        assert!(matches!(LoginName::guess("sr00001"), Some(LoginName::Username(_))));
        assert!(matches!(LoginName::guess("a@b.c"), Some(LoginName::Email(_))));
        assert!(matches!(LoginName::guess("০১৭১১২৩৪৫৬৭"), Some(LoginName::Phone(_))));
        for nobody in ["", "12345", "a b c", "a@", "\0"] {
            assert_eq!(LoginName::guess(nobody), None, "{nobody:?}");
        }
    }

    #[test]
    fn passwords_are_measured_in_bytes() {
        let parse = |text: &str| NewPassword::parse(text.to_owned().into()).map(|_| ());
        assert_eq!(parse("1234567"), Err(PasswordError::TooShort));
        assert_eq!(parse("Sr@12345"), Ok(()));
        for everybodys in ["12345678", "PassWord1", "iloveyou"] {
            assert_eq!(parse(everybodys), Err(PasswordError::Common), "{everybodys}");
        }
        assert!(
            COMMON.lines().is_sorted() && COMMON.lines().all(|line| line.len() >= NewPassword::MIN_BYTES)
        );
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
    fn roles_keep_their_names() {
        for role in [Role::Admin, Role::SalesRep] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}

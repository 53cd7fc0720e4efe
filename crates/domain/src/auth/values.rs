//! The names of a user.

use crate::shared::{FieldRule, Phone, TextError, UserId, bangla_digits, fold, single_line, text_value};

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

text_value!(Username, UsernameError, max: Self::MAX, min: Self::MIN);

impl Username {
    /// The minimum number of characters.
    pub const MIN: usize = 3;
    /// The maximum number of characters.
    pub const MAX: usize = 64;

    /// The beginning of the usernames of accounts that represent platform users.
    const RESERVED: &'static str = "support.";

    /// Returns true for a username that only an account of a platform user can have.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with(Self::RESERVED)
    }

    /// Returns the username of the shadow user of a platform user: `support.<username>.<id>`, with the username shortened if
    /// necessary.
    #[must_use]
    pub fn of_shadow_user(platform_user: &Self, id: UserId) -> Self {
        let id = id.to_string();
        let room = Self::MAX.saturating_sub(Self::RESERVED.len() + 1 + id.len());
        let name: String = platform_user.0.chars().take(room).collect();
        Self(format!("{}{name}.{id}", Self::RESERVED))
    }

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

text_value!(PersonName, TextError, max: Self::MAX);

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

text_value!(Email, EmailError);

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
}

use crate::shared::{FieldRule, NumberValue, TextError, bangla_digits, single_line, text_value};

/// The employee code of a sales rep: 1 to 64 printable ASCII characters. Spaces inside it are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeCode(String);

/// Reasons why a text is not an employee code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmployeeCodeError {
    /// The text is empty, too long or contains control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Contains a character that is not printable ASCII.
    #[error("may contain only English letters, digits, punctuation and spaces")]
    Characters,
}

impl FieldRule for EmployeeCodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Text(error) => error.code(),
            Self::Characters => "invalid-characters",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::Text(error) => error.bangla(),
            Self::Characters => "শুধু ইংরেজি অক্ষর, সংখ্যা, চিহ্ন ও ফাঁকা স্থান থাকতে পারে".to_owned(),
        }
    }
}

text_value!(EmployeeCode, EmployeeCodeError, max: Self::MAX);

impl EmployeeCode {
    /// The maximum number of characters.
    pub const MAX: usize = 64;

    /// Parses a code.
    ///
    /// # Errors
    /// [`EmployeeCodeError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, EmployeeCodeError> {
        let is_printable = |c: char| c.is_ascii_graphic() || c == ' ';
        let code = single_line(text, Self::MAX)?;
        if code.chars().all(is_printable) { Ok(Self(code)) } else { Err(EmployeeCodeError::Characters) }
    }

    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The maximum number of retailers of a sales rep: 0 to 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity(i32);

/// The number is not a capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and {}", Capacity::MAX)]
pub struct CapacityError;

impl FieldRule for CapacityError {
    fn code(&self) -> &'static str {
        "out-of-range"
    }

    fn bangla(&self) -> String {
        format!("০ থেকে {}-এর মধ্যে হতে হবে", bangla_digits(Capacity::MAX))
    }
}

impl NumberValue for Capacity {
    type Rule = CapacityError;

    const MIN: i64 = 0;
    const MAX: i64 = Self::MAX as i64;

    fn parse(number: i64) -> Result<Self, CapacityError> {
        Self::parse(number)
    }
}

impl Capacity {
    /// The largest capacity.
    pub const MAX: i32 = 100_000;

    /// Parses a capacity.
    ///
    /// # Errors
    /// [`CapacityError`] outside 0..=100,000.
    pub fn parse(retailers: i64) -> Result<Self, CapacityError> {
        let retailers = i32::try_from(retailers).ok().filter(|retailers| (0..=Self::MAX).contains(retailers));
        retailers.map(Self).ok_or(CapacityError)
    }

    /// Returns the number of retailers.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// The state of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// The user may log in.
    Active,
    /// The user may not log in.
    Disabled,
}

/// The word is not a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be active or disabled")]
pub struct UserStateError;

impl FieldRule for UserStateError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "active বা disabled হতে হবে".to_owned()
    }
}

text_value!(UserState, UserStateError, words: &["active", "disabled"]);

impl UserState {
    /// Parses a state.
    ///
    /// # Errors
    /// [`UserStateError`] for any other word.
    pub fn parse(word: &str) -> Result<Self, UserStateError> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == word).ok_or(UserStateError)
    }

    /// Returns the state of a user who may log in, or may not.
    #[must_use]
    pub const fn of(active: bool) -> Self {
        if active { Self::Active } else { Self::Disabled }
    }

    /// Returns true if the user may log in.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Returns the word used in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// The state of a user as `PUT /users/{id}/status` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// [`UserState::Active`].
    Active,
    /// [`UserState::Disabled`].
    Suspended,
}

/// The word is not a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be active or suspended")]
pub struct UserStatusError;

impl FieldRule for UserStatusError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "active বা suspended হতে হবে".to_owned()
    }
}

text_value!(UserStatus, UserStatusError, words: &["active", "suspended"]);

impl UserStatus {
    /// Parses a status.
    ///
    /// # Errors
    /// [`UserStatusError`] for any other word.
    pub fn parse(word: &str) -> Result<Self, UserStatusError> {
        match word {
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            _ => Err(UserStatusError),
        }
    }

    /// Returns the word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn employee_codes_are_printable_ascii() {
        assert_eq!(EmployeeCode::parse(" E 17/a ").unwrap().as_str(), "E 17/a");
        assert!(EmployeeCode::parse(&"x".repeat(64)).is_ok());
        let long = "x".repeat(65);
        for (bad, code) in [
            ("", "required"),
            ("  ", "required"),
            ("ক", "invalid-characters"),
            ("a\tb", "invalid-characters"),
            ("a\0b", "invalid-characters"),
            (&long, "too-long"),
        ] {
            assert_eq!(EmployeeCode::parse(bad).unwrap_err().code(), code, "{bad:?}");
        }
    }

    #[test]
    fn states_are_words() {
        for active in [true, false] {
            let state = UserState::of(active);
            assert_eq!((UserState::parse(state.as_str()), state.is_active()), (Ok(state), active));
        }
        assert_eq!(UserState::parse("gone"), Err(UserStateError));
    }

    #[test]
    fn accepts_capacities_from_0_to_100_000() {
        assert_eq!(Capacity::parse(0).map(Capacity::get), Ok(0));
        assert_eq!(Capacity::parse(100_000).map(Capacity::get), Ok(100_000));
        for bad in [-1, 100_001, i64::MAX, i64::MIN, 1 << 32] {
            assert_eq!(Capacity::parse(bad), Err(CapacityError), "{bad}");
        }
    }
}

use std::convert::Infallible;
use std::fmt::Display;

/// A rule that the value of a field breaks. `Display` is the message in English, written to follow the name of the
/// field: `must be at most 200 characters`.
pub trait FieldRule: Display {
    /// The stable code of the rule, for example `too-long`.
    fn code(&self) -> &'static str;

    /// The message in Bangla.
    fn bangla(&self) -> String;
}

impl FieldRule for Infallible {
    fn code(&self) -> &'static str {
        match *self {}
    }

    fn bangla(&self) -> String {
        match *self {}
    }
}

/// Writes a number in Bangla digits.
#[must_use]
pub fn bangla_digits(number: impl Display) -> String {
    let digit =
        |c: char| c.to_digit(10).and_then(|digit| char::from_u32(u32::from('০') + digit)).unwrap_or(c);
    number.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_bangla_digits() {
        assert_eq!(bangla_digits(2000), "২০০০");
    }
}

use super::FieldRule;

/// A value that is parsed from a whole number. Interfaces take its limits from here, so that each limit is written once.
pub trait NumberValue: Sized {
    /// The rule that an invalid number breaks.
    type Rule: FieldRule;

    /// The smallest number.
    const MIN: i64;
    /// The largest number.
    const MAX: i64;

    /// Parses the number.
    ///
    /// # Errors
    /// The rule that the number breaks.
    fn parse(number: i64) -> Result<Self, Self::Rule>;
}

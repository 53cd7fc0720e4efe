use super::FieldRule;

/// A value that is parsed from a text: a name, a code, a word of a fixed list. Interfaces take its limits from here,
/// so that each limit is written once.
pub trait TextValue: Sized {
    /// The rule that an invalid text breaks.
    type Rule: FieldRule;

    /// The minimum number of characters.
    const MIN_CHARS: usize = 1;
    /// The maximum number of characters; `None` if the rule of the value is not a length.
    const MAX_CHARS: Option<usize>;
    /// The accepted words; empty for free text.
    const WORDS: &'static [&'static str] = &[];
    /// A typical value, for documentation.
    const EXAMPLE: Option<&'static str> = None;

    /// Parses the text.
    ///
    /// # Errors
    /// The rule that the text breaks.
    fn parse(text: &str) -> Result<Self, Self::Rule>;
}

/// Implements [`TextValue`] for types that have a function `parse`: `text_value!(PlaceName, TextError, max: 200)`,
/// without `max` if its rule is not a length, or `words: […]` for a type that accepts only these words.
macro_rules! text_value {
    ($value:ty, $rule:ty, max: $max:expr $(, min: $min:expr)? $(, example: $example:literal)?) => {
        impl $crate::shared::TextValue for $value {
            type Rule = $rule;
            $(const MIN_CHARS: usize = $min;)?
            const MAX_CHARS: Option<usize> = Some($max);
            $(const EXAMPLE: Option<&'static str> = Some($example);)?

            fn parse(text: &str) -> Result<Self, $rule> {
                Self::parse(text)
            }
        }
    };
    ($value:ty, $rule:ty) => {
        $crate::shared::text_value!($value, $rule, words: &[]);
    };
    ($value:ty, $rule:ty, words: $words:expr) => {
        impl $crate::shared::TextValue for $value {
            type Rule = $rule;
            const MAX_CHARS: Option<usize> = None;
            const WORDS: &'static [&'static str] = $words;

            fn parse(text: &str) -> Result<Self, $rule> {
                Self::parse(text)
            }
        }
    };
}

/// Declares a value type for one line of text ([`single_line`](crate::shared::single_line)) with at most `max` characters.
///
/// ```ignore
/// line_value! {
///     /// The name of a product.
///     ProductName, max: 200
/// }
/// ```
macro_rules! line_value {
    ($(#[$meta:meta])+ $value:ident, max: $max:literal $(, example: $example:literal)?) => {
        $(#[$meta])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $value(String);

        impl $value {
            /// The maximum number of characters.
            pub const MAX: usize = $max;

            /// Parses a text; trims surrounding whitespace.
            ///
            /// # Errors
            /// [`TextError`](crate::shared::TextError) if nothing visible is left, or if the text is too long or has control
            /// characters.
            pub fn parse(text: &str) -> Result<Self, $crate::shared::TextError> {
                $crate::shared::single_line(text, Self::MAX).map(Self)
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::shared::text_value!($value, $crate::shared::TextError, max: $max $(, example: $example)?);
    };
}

pub(crate) use {line_value, text_value};

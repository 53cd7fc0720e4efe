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

pub(crate) use text_value;

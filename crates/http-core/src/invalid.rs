use std::fmt;

use haat_domain::shared::FieldRule;

/// The rule of a value that only the HTTP interface knows, such as a word of a filter: its message in English and in
/// Bangla. The code is `invalid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid(pub &'static str, pub &'static str);

/// The rule of ids in filters.
pub const NOT_AN_ID: Invalid = Invalid("must be an id", "একটি id হতে হবে");

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FieldRule for Invalid {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        self.1.to_owned()
    }
}

use std::fmt;

use haat_domain::shared::FieldRule;

/// A validation error of the HTTP interface, such as an unknown filter value: its message in English and in Bangla. The
/// code is `invalid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid(pub &'static str, pub &'static str);

/// The error for a filter value that is not an id.
pub(crate) const NOT_AN_ID: Invalid = Invalid("must be an id", "একটি id হতে হবে");

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

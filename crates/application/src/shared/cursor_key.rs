use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The key of the last row of a page, as a cursor carries it.
pub trait CursorKey: Sized {
    /// The values of the key, in the order in which the list is sorted.
    type Parts: Serialize + DeserializeOwned;

    /// Returns the values of the key.
    fn parts(&self) -> Self::Parts;

    /// Builds the key from values that a client sent; `None` if they cannot be the key of a row.
    fn of(parts: Self::Parts) -> Option<Self>;
}

/// Returns a text that a client sent in a cursor; `None` if no stored text can be equal to it. PostgreSQL rejects
/// NUL in text.
#[must_use]
pub fn stored_text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.contains('\0'))
}

/// Returns a time that a client sent, in microseconds since the Unix epoch; `None` outside of the range that
/// PostgreSQL supports too.
#[must_use]
pub fn stored_time(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
        .filter(|at| (-62_000_000_000..=253_402_300_799).contains(&at.timestamp()))
}

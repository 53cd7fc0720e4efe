use chrono::{DateTime, Utc};
use haat_domain::shared::NameKey;
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

impl<Id: Copy + From<i64> + Into<i64>> CursorKey for NameKey<Id> {
    type Parts = (String, i64);

    fn parts(&self) -> Self::Parts {
        (self.name.clone(), self.id.into())
    }

    fn of((name, id): Self::Parts) -> Option<Self> {
        Some(Self { name: stored_text(name)?, id: id.into() })
    }
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

#[cfg(test)]
mod tests {
    use haat_domain::shared::UserId;

    use super::*;

    #[test]
    fn the_name_of_a_key_has_no_nul() {
        let key = NameKey { name: "রহিম".to_owned(), id: UserId::new(7) };
        assert_eq!(NameKey::of(key.parts()), Some(key));
        assert_eq!(NameKey::<UserId>::of(("a\0".to_owned(), 7)), None);
    }
}

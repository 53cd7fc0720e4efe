//! Keyset pages: a page starts after the last key of the page before it, so page 10,000 costs the same as
//! page 1.

use super::{FieldRule, bangla_digits};

/// The maximum number of rows of a page: 1 to 200, 20 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit(u8);

/// A page size outside 1..=200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number between 1 and {}", Limit::MAX)]
pub struct LimitError;

impl FieldRule for LimitError {
    fn code(&self) -> &'static str {
        "out-of-range"
    }

    fn bangla(&self) -> String {
        format!("১ থেকে {}-এর মধ্যে একটি পূর্ণ সংখ্যা হতে হবে", bangla_digits(Limit::MAX))
    }
}

impl Limit {
    /// The largest page.
    pub const MAX: u8 = 200;

    /// The smallest page.
    pub const ONE: Self = Self(1);

    /// Parses a page size.
    ///
    /// # Errors
    /// [`LimitError`] outside 1..=200.
    pub fn parse(rows: i64) -> Result<Self, LimitError> {
        match u8::try_from(rows) {
            Ok(rows @ 1..=Self::MAX) => Ok(Self(rows)),
            _ => Err(LimitError),
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

/// A request for one page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<Key> {
    /// The maximum number of rows.
    pub limit: Limit,
    /// The sort key of the last row of the previous page; `None` for the first page.
    pub after: Option<Key>,
}

impl<Key> Default for PageRequest<Key> {
    fn default() -> Self {
        Self::first(Limit::default())
    }
}

impl<Key> PageRequest<Key> {
    /// Requests the first page.
    #[must_use]
    pub const fn first(limit: Limit) -> Self {
        Self { limit, after: None }
    }
}

/// One page of a list, and the key after which the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, Key> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// The key after which the next page starts; `None` on the last page.
    pub next: Option<Key>,
}

impl<T, Key> Page<T, Key> {
    /// Builds a page from up to `limit + 1` rows. The surplus row only shows that another page follows.
    #[must_use]
    pub fn from_surplus(mut rows: Vec<T>, limit: Limit, key_of: impl FnOnce(&T) -> Key) -> Self {
        let limit = usize::from(limit.get());
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key_of) } else { None };
        Self { rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_limits_from_1_to_200() {
        assert_eq!(Limit::default().get(), 20);
        assert_eq!(Limit::parse(1).map(Limit::get), Ok(1));
        assert_eq!(Limit::parse(200).map(Limit::get), Ok(200));
        for invalid in [0, 201, -1, 256 + 1, 1_000_000_000, i64::MIN, i64::MAX] {
            assert_eq!(Limit::parse(invalid), Err(LimitError), "{invalid}");
        }
    }

    #[test]
    fn the_surplus_row_only_shows_that_another_page_follows() {
        let limit = Limit::parse(2).unwrap();
        let page = Page::from_surplus(vec![1, 2, 3], limit, |row| *row);
        assert_eq!((page.rows, page.next), (vec![1, 2], Some(2)));
        let page = Page::from_surplus(vec![1, 2], limit, |row| *row);
        assert_eq!((page.rows, page.next), (vec![1, 2], None));
        let page = Page::from_surplus(Vec::<i32>::new(), limit, |row| *row);
        assert_eq!((page.rows, page.next), (vec![], None));
    }
}

//! Keyset pages: a page starts after the key of the row before it, so page 10,000 costs what page 1 costs.

/// How many rows a page may hold: 1 to 100, 20 unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit(u8);

/// A page size outside 1..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a page holds 1 to {} rows", Limit::MAX)]
pub struct LimitError;

impl Limit {
    /// The largest page.
    pub const MAX: u8 = 100;

    /// Parses a page size.
    ///
    /// # Errors
    /// [`LimitError`] outside 1..=100.
    pub fn parse(rows: i64) -> Result<Self, LimitError> {
        match u8::try_from(rows) {
            Ok(rows @ 1..=Self::MAX) => Ok(Self(rows)),
            _ => Err(LimitError),
        }
    }

    /// The number of rows.
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

/// What part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<Key> {
    /// The most rows the page may hold.
    pub limit: Limit,
    /// The sort key of the last row of the page before; none for the first page.
    pub after: Option<Key>,
    /// How many rows to pass over first. Costs as much as showing them, so only for lists that are short by nature.
    pub skip: u64,
}

impl<Key> Default for PageRequest<Key> {
    fn default() -> Self {
        Self::first(Limit::default())
    }
}

impl<Key> PageRequest<Key> {
    /// The first page.
    #[must_use]
    pub const fn first(limit: Limit) -> Self {
        Self { limit, after: None, skip: 0 }
    }
}

/// A part of a list, and the key after which the next part begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, Key> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// Where the next page starts; none on the last.
    pub next: Option<Key>,
}

impl<T, Key> Page<T, Key> {
    /// Builds a page from up to `limit + 1` rows: the surplus row only says that there is more.
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
    fn a_limit_is_one_to_a_hundred() {
        assert_eq!(Limit::default().get(), 20);
        assert_eq!(Limit::parse(1).map(Limit::get), Ok(1));
        assert_eq!(Limit::parse(100).map(Limit::get), Ok(100));
        for wrong in [0, 101, -1, 257, 1_000_000_000, i64::MIN, i64::MAX] {
            assert_eq!(Limit::parse(wrong), Err(LimitError), "{wrong}");
        }
    }

    #[test]
    fn the_surplus_row_only_says_that_there_is_more() {
        let limit = Limit::parse(2).unwrap();
        let page = Page::from_surplus(vec![1, 2, 3], limit, |row| *row);
        assert_eq!((page.rows, page.next), (vec![1, 2], Some(2)));
        let page = Page::from_surplus(vec![1, 2], limit, |row| *row);
        assert_eq!((page.rows, page.next), (vec![1, 2], None));
        let page = Page::from_surplus(Vec::<i32>::new(), limit, |row| *row);
        assert_eq!((page.rows, page.next), (vec![], None));
    }
}

//! Lists with a search: first the retailers that contain the text, then those that contain only its words, in any order and
//! either script. Each part is a list of its own, in the order of the query.

use haat_domain::retailer::{Retailer, RetailerFilter, RetailerQuery, RetailerReader, SearchPosition};
use haat_domain::shared::{Limit, Page, PageRequest, Scope, SearchMatch, StorageFailure, TenantId};

type Within<'a> = (TenantId, &'a Scope);

/// Returns a page of both parts.
pub(super) async fn list(
    retailers: &dyn RetailerReader,
    (tenant, scope): Within<'_>,
    query: &RetailerQuery,
    page: &PageRequest<SearchPosition>,
) -> Result<Page<Retailer, SearchPosition>, StorageFailure> {
    let mut rows = Vec::new();
    let mut after = page.after.clone();
    let mut skip = query.skip;
    for by_words in [false, true] {
        let starts_later = after.as_ref().is_some_and(|after| after.by_words && !by_words);
        if starts_later || (by_words && !matches_by_words(&query.filter)) {
            continue;
        }
        let part = part(query, by_words, skip);
        let missing = usize::from(page.limit.get()) - rows.len();
        // At least one row, which shows whether another page follows.
        let limit = i64::try_from(missing).ok().and_then(|missing| Limit::parse(missing).ok());
        let key = after.take_if(|after| after.by_words == by_words).map(|after| after.key);
        let request = PageRequest { limit: limit.unwrap_or(Limit::ONE), after: key };
        let found = retailers.list(tenant, scope, &part, &request).await?;
        if limit.is_none() {
            let more = found.rows.first().and(rows.last());
            let next = more.map(|row| SearchPosition::of(row, query.sort.field, false));
            return Ok(Page { rows, next });
        }
        if by_words || found.next.is_some() || !matches_by_words(&query.filter) {
            rows.extend(found.rows);
            let next = found.next.map(|key| SearchPosition { by_words, key });
            return Ok(Page { rows, next });
        }
        if skip > 0 {
            skip = skip.saturating_sub(retailers.count(tenant, scope, &part.filter).await?);
        }
        rows.extend(found.rows);
    }
    Ok(Page { rows, next: None })
}

/// Counts the retailers of both parts.
pub(super) async fn count(
    retailers: &dyn RetailerReader,
    (tenant, scope): Within<'_>,
    query: &RetailerQuery,
) -> Result<u64, StorageFailure> {
    retailers.count(tenant, scope, &both_parts(query.filter.clone())).await
}

/// Returns the filter for both parts together.
pub(super) fn both_parts(filter: RetailerFilter) -> RetailerFilter {
    let matching = if matches_by_words(&filter) { SearchMatch::TextOrWords } else { SearchMatch::Text };
    RetailerFilter { matching, ..filter }
}

fn part(query: &RetailerQuery, by_words: bool, skip: u64) -> RetailerQuery {
    let matching = if by_words { SearchMatch::WordsOnly } else { SearchMatch::Text };
    let filter = RetailerFilter { matching, ..query.filter.clone() };
    RetailerQuery { filter, skip, ..query.clone() }
}

fn matches_by_words(filter: &RetailerFilter) -> bool {
    filter.search.as_ref().is_some_and(|search| search.words().is_some())
}

#[cfg(test)]
mod tests {
    use haat_domain::retailer::{MockRetailerReader, RepRetailers, RetailerSort, RetailerSortField};
    use haat_domain::shared::{RetailerId, SearchText, UserId};

    use super::*;
    use crate::testing::retailer;

    const WITHIN: Within<'_> = (TenantId::new(1), &Scope::Rep(UserId::new(1)));

    /// A reader of retailers with these names.
    fn reader(names: &[&str]) -> MockRetailerReader {
        let build = |(number, name): (i64, &&str)| Retailer {
            id: RetailerId::new(number),
            name: (*name).to_owned(),
            ..retailer(number)
        };
        let stored = RepRetailers::new((1..).zip(names).map(build).collect());
        let (listed, counted) = (stored.clone(), stored);
        let mut reader = MockRetailerReader::new();
        reader.expect_list().returning(move |_, _, query, page| Ok(listed.list(query, page)));
        reader.expect_count().returning(move |_, _, filter| Ok(counted.count(filter) as u64));
        reader
    }

    fn query(text: &str, descending: bool) -> RetailerQuery {
        let search = SearchText::parse(text).ok();
        let sort = RetailerSort { field: RetailerSortField::Name, descending };
        RetailerQuery { filter: RetailerFilter { search, ..RetailerFilter::default() }, sort, skip: 0 }
    }

    fn names(rows: &[Retailer]) -> Vec<&str> {
        rows.iter().map(|row| row.name.as_str()).collect()
    }

    const NAMES: [&str; 7] =
        ["নূর স্টোর", "Nur Store", "Store Nur", "Noor House", "Karim Store", "নুর স্টোর", "Nur Store 2"];

    #[tokio::test]
    async fn retailers_with_the_text_come_before_those_with_its_words_only() {
        for (descending, expected) in [
            (false, ["Nur Store", "Nur Store 2", "Store Nur", "নুর স্টোর", "নূর স্টোর"]),
            (true, ["Nur Store 2", "Nur Store", "নূর স্টোর", "নুর স্টোর", "Store Nur"]),
        ] {
            let query = query("nur store", descending);
            let page = list(&reader(&NAMES), WITHIN, &query, &PageRequest::default()).await.unwrap();
            assert_eq!(names(&page.rows), expected);
            assert_eq!(page.next, None);
            assert_eq!(count(&reader(&NAMES), WITHIN, &query).await, Ok(5));
        }
    }

    #[tokio::test]
    async fn pages_of_any_size_contain_each_retailer_once() {
        for (size, expected) in [(1, 5), (2, 3), (3, 2), (4, 2), (5, 1)] {
            let query = query("nur store", false);
            let mut request = PageRequest::first(Limit::parse(size).unwrap());
            let (mut all, mut pages) = (Vec::new(), 0);
            loop {
                let page = list(&reader(&NAMES), WITHIN, &query, &request).await.unwrap();
                all.extend(page.rows);
                pages += 1;
                match page.next {
                    Some(next) => request.after = Some(next),
                    None => break,
                }
            }
            assert_eq!((names(&all).len(), pages), (5, expected), "{size}");
            let whole = list(&reader(&NAMES), WITHIN, &query, &PageRequest::default()).await.unwrap();
            assert_eq!(all, whole.rows, "{size}");
            // Numbered pages skip the rows before them, wherever the second part begins.
            for skip in 0..6 {
                let numbered = RetailerQuery { skip, ..query.clone() };
                let first = PageRequest::first(Limit::parse(size).unwrap());
                let page = list(&reader(&NAMES), WITHIN, &numbered, &first).await.unwrap();
                let from = usize::try_from(skip).unwrap();
                let to = whole.rows.len().min(from + usize::try_from(size).unwrap());
                assert_eq!(page.rows, whole.rows.get(from..to).unwrap_or_default(), "{size} {skip}");
            }
        }
    }

    #[tokio::test]
    async fn a_number_is_searched_for_once() {
        let mut reader = MockRetailerReader::new();
        reader.expect_list().times(1).returning(|_, _, query, _| {
            assert_eq!(query.filter.matching, SearchMatch::Text);
            Ok(Page { rows: Vec::new(), next: None })
        });
        let page = list(&reader, WITHIN, &query("01711-23", false), &PageRequest::default()).await;
        assert_eq!(page.map(|page| page.rows), Ok(vec![]));
    }
}

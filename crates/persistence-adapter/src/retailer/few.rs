//! Searches among few retailers, which are compared one by one.

use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField};
use haat_domain::shared::{AreaId, PageRequest, SearchMatch, StorageFailure, TenantId};

use super::matching::{Part, few_areas, name_and_uid};
use super::rows::RetailerRow;
use super::words::WordConditions;
use crate::PgDatabase;
use crate::shared::{statement, surplus};

/// The most retailers of some areas that a search compares one by one. Each takes a microsecond.
const FEW: i64 = 4_000;

statement! {
    /// Counts the retailers of areas, up to a number.
    RetailersUpTo = "retailers_up_to.sql" -> BigInt {
        tenant: i64 as BigInt,
        areas: Vec<i64> as Array<BigInt>,
        most: i64 as BigInt,
    }
}

impl PgDatabase {
    /// Returns the page of a search in a few areas with few retailers, by comparing each of them in order of name; `None` for another
    /// search.
    pub(super) async fn list_few(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
        words: &WordConditions,
    ) -> Result<Option<Vec<RetailerRow>>, StorageFailure> {
        let Some(areas) = few_areas(&query.filter) else { return Ok(None) };
        let Some((text, conditions)) = comparison(query, words) else { return Ok(None) };
        let areas = areas.iter().copied().map(AreaId::get).collect();
        let statement = RetailersUpTo { tenant: tenant.get(), areas, most: FEW + 1 };
        let retailers: i64 = self.query(async |connection| statement.get_result(connection).await).await?;
        if retailers > FEW {
            return Ok(None);
        }
        let part = Part {
            tenant,
            prefixes: vec![String::new()],
            text,
            conditions,
            after: name_and_uid(page),
            rows: surplus(page),
            filter: &query.filter,
        };
        self.matching(part, query.sort.descending).await.map(Some)
    }
}

/// Returns the text and the conditions of a search by name with which each retailer can be compared.
fn comparison<'a>(
    query: &'a RetailerQuery,
    words: &'a WordConditions,
) -> Option<(&'a str, Option<&'a [String]>)> {
    let RetailerFilter { search, matching, without_phone, deleted, ids, .. } = &query.filter;
    let mut texts = search.as_ref()?.texts();
    let (Some(text), None) = (texts.next(), texts.next()) else { return None };
    let conditions = match matching {
        SearchMatch::Text => None,
        SearchMatch::WordsOnly => Some(words.all.as_slice()),
        SearchMatch::TextOrWords => return None,
    };
    let by_name = query.sort.field == RetailerSortField::Name && query.skip == 0;
    (by_name && !without_phone && !deleted && ids.is_none()).then_some((text, conditions))
}

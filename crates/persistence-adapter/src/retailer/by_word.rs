//! Search of the pool by words in the order of names, limited to the name prefixes at which the words occur.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField, Service};
use haat_domain::shared::{
    AreaId, DistributorId, PageRequest, RegionId, SearchText, StorageFailure, TenantId, TerritoryId,
};

use super::queries::{Columns, pattern};
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{Explain, statement};

/// Name prefixes read per round: few at first, because a frequent word fills its page from few. A prefix has about 80
/// retailers; after these rounds it is faster to find all retailers with the index on search keys.
const PREFIXES_PER_ROUND: [i64; 2] = [8, 24];

/// The same under a filter by place or service, which leaves few retailers per prefix and which that index does not cover.
const PREFIXES_PER_ROUND_NARROWED: [i64; 2] = [8, 64];

/// The count at which counting the prefixes of a word stops, to find the rarest of several words.
const COUNT_LIMIT: i64 = 1_000;

/// Length of a name prefix in characters, as in the table.
const PREFIX_LENGTH: usize = 12;

statement! {
    /// Finds the rarest of some words, and the number of name prefixes at which it occurs.
    RarestWord = "rarest_word.sql" -> (BigInt, BigInt) {
        tenant: i64 as BigInt, patterns: Vec<String> as Array<Text>, limit: i64 as BigInt,
    }
}
statement! {
    /// Lists the next name prefixes at which a word occurs, ascending.
    PrefixesUp = "word_prefixes_asc.sql" -> (Text,) {
        tenant: i64 as BigInt, pattern: String as Text, from: String as Text, rows: i64 as BigInt,
    }
}
statement! {
    /// The same, descending.
    PrefixesDown = "word_prefixes_desc.sql" -> (Text,) {
        tenant: i64 as BigInt, pattern: String as Text, from: String as Text, rows: i64 as BigInt,
    }
}

/// The retailers to read next.
struct Part<'a> {
    tenant: TenantId,
    prefixes: Vec<String>,
    text: &'a str,
    after: Option<(String, String)>,
    rows: i64,
    filter: &'a RetailerFilter,
}

macro_rules! retailers {
    ($name:ident = $file:literal) => {
        statement! {
            /// Lists retailers whose names have one of these prefixes, in order of name.
            $name = $file -> Columns {
                tenant: i64 as BigInt,
                prefixes: Vec<String> as Array<Text>,
                text: String as Text,
                after_name: Option<String> as Nullable<Text>,
                after_uid: Option<String> as Nullable<Text>,
                rows: i64 as BigInt,
                regions: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                areas: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                territories: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                distributors: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                served: Option<bool> as Nullable<Bool>,
            }
        }

        impl $name {
            fn of(part: Part<'_>) -> Self {
                let (after_name, after_uid) = part.after.unzip();
                Self {
                    tenant: part.tenant.get(),
                    prefixes: part.prefixes,
                    text: part.text.to_owned(),
                    after_name,
                    after_uid,
                    rows: part.rows,
                    regions: ids(part.filter.regions.as_ref(), RegionId::get),
                    areas: ids(part.filter.areas.as_ref(), AreaId::get),
                    territories: ids(part.filter.territories.as_ref(), TerritoryId::get),
                    distributors: ids(part.filter.distributors.as_ref(), DistributorId::get),
                    served: part.filter.service.map(|service| service == Service::Assigned),
                }
            }
        }
    };
}
retailers!(RetailersUp = "word_retailers_asc.sql");
retailers!(RetailersDown = "word_retailers_desc.sql");

/// Returns the text to search for, if the table of words covers every retailer that can match.
pub(super) fn text_in_names(query: &RetailerQuery) -> Option<&str> {
    let text = query.filter.search.as_ref()?.only_in_names()?;
    let by_name = query.sort.field == RetailerSortField::Name;
    // Deleted retailers are few and have their own index.
    let usable = by_name
        && !query.filter.deleted
        && query.filter.territories.is_none()
        && words(text).next().is_some();
    usable.then_some(text)
}

/// Returns the words of a text that are long enough for the index of words.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| word.chars().count() >= SearchText::MIN_IN_POOL)
}

impl PgDatabase {
    /// Returns the page, or `None` if matching retailers are so sparse that another plan finds them faster.
    pub(super) async fn list_by_word(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
        text: &str,
    ) -> Result<Option<Vec<RetailerRow>>, StorageFailure> {
        let after = match &page.after {
            Some(RetailerKey::Name { name, uid }) => Some((name.clone(), uid.as_str().to_owned())),
            _ => None,
        };
        let patterns: Vec<String> = words(text).map(pattern).collect();
        let rarest = RarestWord { tenant: tenant.get(), patterns: patterns.clone(), limit: COUNT_LIMIT };
        let (number, _): (i64, i64) =
            self.query(async |connection| rarest.get_result(connection).await).await?;
        let word = usize::try_from(number - 1).ok().and_then(|index| patterns.into_iter().nth(index));
        let Some(word) = word else {
            return Ok(None);
        };
        let descending = query.sort.descending;
        // Descending starts from a prefix after all names.
        let mut from: String = match &after {
            Some((name, _)) => name.chars().take(PREFIX_LENGTH).collect(),
            None if descending => char::MAX.to_string(),
            None => String::new(),
        };
        let needed = usize::from(page.limit.get()) + 1;
        let mut rows: Vec<RetailerRow> = Vec::new();
        let filter = &query.filter;
        let narrowed = filter.regions.is_some()
            || filter.areas.is_some()
            || filter.distributors.is_some()
            || filter.service.is_some();
        for count in if narrowed { PREFIXES_PER_ROUND_NARROWED } else { PREFIXES_PER_ROUND } {
            let mut prefixes =
                self.prefixes(tenant, descending, word.clone(), from.clone(), count + 1).await?;
            // The extra prefix is where the next round starts.
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let next = (prefixes.len() > count).then(|| prefixes.pop()).flatten();
            let missing = i64::try_from(needed - rows.len()).unwrap_or(1);
            let part = Part { tenant, prefixes, text, after: after.clone(), rows: missing, filter };
            rows.extend(self.retailers(part, descending).await?);
            let Some(next) = next.filter(|_| rows.len() < needed) else {
                return Ok(Some(rows));
            };
            from = next;
        }
        Ok(None)
    }

    /// Explains the plans of the statements of a search by word, one after the other.
    pub async fn explain_retailers_by_word(
        &self,
        tenant: TenantId,
        word: &str,
    ) -> Result<String, StorageFailure> {
        let retailers = Explain::new(RetailersUp::of(Part {
            tenant,
            prefixes: vec!["Ma Store".to_owned(), "M/S Rahim St".to_owned()],
            text: word,
            after: None,
            rows: 21,
            filter: &RetailerFilter::default(),
        }));
        let (tenant, pattern) = (tenant.get(), pattern(word));
        let rarest = Explain::new(RarestWord { tenant, patterns: vec![pattern.clone()], limit: COUNT_LIMIT });
        let up = Explain::new(PrefixesUp { tenant, pattern: pattern.clone(), from: String::new(), rows: 9 });
        let down = Explain::new(PrefixesDown { tenant, pattern, from: char::MAX.to_string(), rows: 9 });
        let mut lines: Vec<String> = self.query(async |connection| rarest.load(connection).await).await?;
        lines.extend(self.query(async |connection| up.load::<String>(connection).await).await?);
        lines.extend(self.query(async |connection| down.load::<String>(connection).await).await?);
        lines.extend(self.query(async |connection| retailers.load::<String>(connection).await).await?);
        Ok(lines.join("\n"))
    }

    async fn prefixes(
        &self,
        tenant: TenantId,
        descending: bool,
        pattern: String,
        from: String,
        rows: i64,
    ) -> Result<Vec<String>, StorageFailure> {
        let tenant = tenant.get();
        let prefixes: Vec<(String,)> = if descending {
            let statement = PrefixesDown { tenant, pattern, from, rows };
            self.query(async |connection| statement.load(connection).await).await
        } else {
            let statement = PrefixesUp { tenant, pattern, from, rows };
            self.query(async |connection| statement.load(connection).await).await
        }?;
        Ok(prefixes.into_iter().map(|(prefix,)| prefix).collect())
    }

    async fn retailers(&self, part: Part<'_>, descending: bool) -> Result<Vec<RetailerRow>, StorageFailure> {
        if descending {
            let statement = RetailersDown::of(part);
            self.query(async |connection| statement.load(connection).await).await
        } else {
            let statement = RetailersUp::of(part);
            self.query(async |connection| statement.load(connection).await).await
        }
    }
}

fn ids<Id: Copy>(ids: Option<&Vec<Id>>, get: impl Fn(Id) -> i64) -> Option<Vec<i64>> {
    ids.map(|ids| ids.iter().copied().map(get).collect())
}

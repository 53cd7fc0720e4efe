//! A search of the pool by words, in the order of names, that reads only where the words are.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{
    RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField, SearchText, Service,
};
use haat_domain::shared::{
    AreaId, DistributorId, PageRequest, RegionId, StorageFailure, TenantId, TerritoryId,
};

use super::queries::{Columns, pattern};
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{Explain, statement};

/// How many beginnings of names are read at once: few first, as a frequent word fills its page from few. One has some 80
/// shops; after these it is faster to find all shops by the index of search keys.
const STEPS: [i64; 2] = [8, 24];

/// The same under a filter by place or service, which leaves few shops of each beginning and which that index knows nothing of.
const STEPS_NARROWED: [i64; 2] = [8, 64];

/// As far as the beginnings with a word are counted, to find the rarest of several.
const COUNTED: i64 = 1_000;

/// Characters of a beginning, as in the table.
const PREFIX: usize = 12;

statement! {
    /// The rarest of some words, and at how many beginnings of names it is met.
    RarestWord = "rarest_word.sql" -> (BigInt, BigInt) {
        tenant: i64 as BigInt, patterns: Vec<String> as Array<Text>, most: i64 as BigInt,
    }
}
statement! {
    /// The next beginnings of names with a word.
    PrefixesUp = "word_prefixes_asc.sql" -> (Text,) {
        tenant: i64 as BigInt, pattern: String as Text, from: String as Text, rows: i64 as BigInt,
    }
}
statement! {
    /// The same, backwards.
    PrefixesDown = "word_prefixes_desc.sql" -> (Text,) {
        tenant: i64 as BigInt, pattern: String as Text, from: String as Text, rows: i64 as BigInt,
    }
}

/// Which shops to read next.
struct Part<'a> {
    tenant: TenantId,
    prefixes: Vec<String>,
    text: &'a str,
    after: Option<(String, String)>,
    rows: i64,
    filter: &'a RetailerFilter,
}

macro_rules! shops {
    ($name:ident = $file:literal) => {
        statement! {
            /// Shops whose names have one of these beginnings, in order.
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
shops!(ShopsUp = "word_shops_asc.sql");
shops!(ShopsDown = "word_shops_desc.sql");

/// The text to look for, where the table of words knows all that can have it.
pub(super) fn text_in_names(query: &RetailerQuery) -> Option<&str> {
    let text = query.filter.search.as_ref()?.only_in_names()?;
    let by_name = query.sort.field == RetailerSortField::Name;
    // Deleted shops are few, and have an index of their own.
    let fits = by_name
        && !query.filter.deleted
        && query.filter.territories.is_none()
        && words(text).next().is_some();
    fits.then_some(text)
}

/// The words of a text that the index of words is of use for.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| word.chars().count() >= SearchText::MIN_IN_POOL)
}

impl PgDatabase {
    /// The page, or `None` where its shops are so few, or so far between, that they are better found otherwise.
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
        let rarest = RarestWord { tenant: tenant.get(), patterns: patterns.clone(), most: COUNTED };
        let (number, _): (i64, i64) =
            self.ask(async |connection| rarest.get_result(connection).await).await?;
        let word = usize::try_from(number - 1).ok().and_then(|place| patterns.into_iter().nth(place));
        let Some(word) = word else {
            return Ok(None);
        };
        let descending = query.sort.descending;
        // Going down, a beginning after all names.
        let mut from: String = match &after {
            Some((name, _)) => name.chars().take(PREFIX).collect(),
            None if descending => char::MAX.to_string(),
            None => String::new(),
        };
        let wanted = usize::from(page.limit.get()) + 1;
        let mut rows: Vec<RetailerRow> = Vec::new();
        let filter = &query.filter;
        let narrowed = filter.regions.is_some()
            || filter.areas.is_some()
            || filter.distributors.is_some()
            || filter.service.is_some();
        for step in if narrowed { STEPS_NARROWED } else { STEPS } {
            let mut prefixes =
                self.prefixes(tenant, descending, word.clone(), from.clone(), step + 1).await?;
            // One more than the step tells where to go on.
            let step = usize::try_from(step).unwrap_or(usize::MAX);
            let next = (prefixes.len() > step).then(|| prefixes.pop()).flatten();
            let missing = i64::try_from(wanted - rows.len()).unwrap_or(1);
            let part = Part { tenant, prefixes, text, after: after.clone(), rows: missing, filter };
            rows.extend(self.shops(part, descending).await?);
            let Some(next) = next.filter(|_| rows.len() < wanted) else {
                return Ok(Some(rows));
            };
            from = next;
        }
        Ok(None)
    }

    /// How Postgres would run the statements of a search by a word, one after the other.
    ///
    /// # Errors
    /// [`StorageFailure`] when Postgres could not say.
    pub async fn explain_retailers_by_word(
        &self,
        tenant: TenantId,
        word: &str,
    ) -> Result<String, StorageFailure> {
        let shops = Explain::new(ShopsUp::of(Part {
            tenant,
            prefixes: vec!["Ma Store".to_owned(), "M/S Rahim St".to_owned()],
            text: word,
            after: None,
            rows: 21,
            filter: &RetailerFilter::default(),
        }));
        let (tenant, pattern) = (tenant.get(), pattern(word));
        let rarest = Explain::new(RarestWord { tenant, patterns: vec![pattern.clone()], most: COUNTED });
        let up = Explain::new(PrefixesUp { tenant, pattern: pattern.clone(), from: String::new(), rows: 9 });
        let down = Explain::new(PrefixesDown { tenant, pattern, from: char::MAX.to_string(), rows: 9 });
        let mut lines: Vec<String> = self.ask(async |connection| rarest.load(connection).await).await?;
        lines.extend(self.ask(async |connection| up.load::<String>(connection).await).await?);
        lines.extend(self.ask(async |connection| down.load::<String>(connection).await).await?);
        lines.extend(self.ask(async |connection| shops.load::<String>(connection).await).await?);
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
            self.ask(async |connection| statement.load(connection).await).await
        } else {
            let statement = PrefixesUp { tenant, pattern, from, rows };
            self.ask(async |connection| statement.load(connection).await).await
        }?;
        Ok(prefixes.into_iter().map(|(prefix,)| prefix).collect())
    }

    async fn shops(&self, part: Part<'_>, descending: bool) -> Result<Vec<RetailerRow>, StorageFailure> {
        if descending {
            let statement = ShopsDown::of(part);
            self.ask(async |connection| statement.load(connection).await).await
        } else {
            let statement = ShopsUp::of(part);
            self.ask(async |connection| statement.load(connection).await).await
        }
    }
}

fn ids<Id: Copy>(ids: Option<&Vec<Id>>, get: impl Fn(Id) -> i64) -> Option<Vec<i64>> {
    ids.map(|ids| ids.iter().copied().map(get).collect())
}

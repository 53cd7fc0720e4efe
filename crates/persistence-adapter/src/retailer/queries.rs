//! The statements of the reader, separate from their execution, so that tests can explain their plans.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Record, Text, Timestamptz};
use haat_domain::retailer::{
    RetailerFilter, RetailerKey, RetailerQuery, RetailerSort, RetailerSortField, RetailerUid, Service,
};
use haat_domain::shared::{
    AreaId, DistributorId, PageRequest, RegionId, RetailerId, SearchMatch, TenantId, TerritoryId, UserId,
};

use super::bangla::HasBangla;
use super::contains_text::ContainsText;
use super::words::WordConditions;
use crate::schema::{retailers, sales_rep_retailers};
use crate::shared::{row_after, row_before, surplus};

/// The columns of a [`super::rows::RetailerRow`].
pub(super) type Columns = (
    BigInt,
    Text,
    Text,
    Nullable<Text>,
    (BigInt, BigInt, BigInt, Nullable<BigInt>),
    Integer,
    Array<Nullable<Text>>,
    Nullable<Text>,
    Timestamptz,
    BigInt,
    Nullable<Timestamptz>,
);

/// A statement that returns retailers.
pub(super) trait SelectRetailers:
    Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send
{
}

impl<Q> SelectRetailers for Q where Q: Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send {}

/// A statement that returns one number.
pub(super) trait SelectCount: Query<SqlType = BigInt> + QueryFragment<Pg> + QueryId + Send {}

impl<Q> SelectCount for Q where Q: Query<SqlType = BigInt> + QueryFragment<Pg> + QueryId + Send {}

/// Lists the columns of a [`super::rows::RetailerRow`].
macro_rules! columns {
    ($assigned_at:expr) => {
        (
            retailers::id,
            retailers::uid,
            retailers::name,
            retailers::phone,
            (retailers::region_id, retailers::area_id, retailers::territory_id, retailers::distributor_id),
            retailers::points,
            retailers::routes,
            retailers::notes,
            retailers::updated_at,
            retailers::version,
            $assigned_at,
        )
    };
}

/// Selects the retailers of a tenant with each of their sales reps.
macro_rules! served {
    ($tenant:expr) => {
        sales_rep_retailers::table
            .inner_join(
                retailers::table.on(retailers::tenant_id
                    .eq(sales_rep_retailers::tenant_id)
                    .and(retailers::id.eq(sales_rep_retailers::retailer_id))),
            )
            .filter(sales_rep_retailers::tenant_id.eq($tenant.get()))
            .filter(retailers::deleted_at.is_null())
    };
}

/// Selects the retailers of one sales rep.
macro_rules! of_rep {
    ($tenant:expr, $rep:expr) => {
        served!($tenant).filter(sales_rep_retailers::sales_rep_id.eq($rep.get()))
    };
}

/// Selects all retailers of a tenant, deleted ones too.
macro_rules! of_tenant {
    ($tenant:expr) => {
        retailers::table.filter(retailers::tenant_id.eq($tenant.get()))
    };
}

/// Applies a filter to a boxed query of all retailers of a tenant.
macro_rules! narrow_pool {
    ($tenant:expr, $query:expr, $filter:expr, $words:expr) => {{
        let (filter, query) = ($filter, narrow!($tenant, $query, $filter, $words));
        let query = if filter.deleted {
            query.filter(retailers::deleted_at.is_not_null())
        } else {
            query.filter(retailers::deleted_at.is_null())
        };
        match filter.service {
            None => query,
            Some(Service::Assigned) => query.filter(exists(serving!())),
            Some(Service::Unassigned) => query.filter(not(exists(serving!()))),
        }
    }};
}

/// Selects the assignments of the retailer in the outer query.
macro_rules! serving {
    () => {
        sales_rep_retailers::table
            .filter(sales_rep_retailers::tenant_id.eq(retailers::tenant_id))
            .filter(sales_rep_retailers::retailer_id.eq(retailers::id))
    };
}

/// Applies a filter to a boxed query. `$words` are the conditions for the words of the search.
macro_rules! narrow {
    ($tenant:expr, $query:expr, $filter:expr, $words:expr) => {{
        let (filter, mut query): (&RetailerFilter, _) = ($filter, $query);
        let words: &WordConditions = $words;
        let served = diesel::alias!(sales_rep_retailers as served);
        if let Some(search) = &filter.search {
            // One text, or two readings of it.
            let by_text = filter.matching == SearchMatch::TextOrWords && words.all.is_empty();
            let contains_text = ContainsText::of(search, filter.without_phone);
            match if by_text { SearchMatch::Text } else { filter.matching } {
                SearchMatch::Text => query = query.filter(contains_text),
                SearchMatch::WordsOnly => query = query.filter(not(contains_text)),
                // The conditions for the words cover the text.
                SearchMatch::TextOrWords => {}
            }
        }
        if !words.all.is_empty() {
            query = query.filter(words);
        }
        if words.never {
            query = query.filter(retailers::id.is_null());
        }
        if let Some(ids) = &filter.regions {
            let ids: Vec<i64> = ids.iter().copied().map(RegionId::get).collect();
            query = query.filter(retailers::region_id.eq_any(ids));
        }
        match filter.areas.as_deref() {
            None => {}
            // Not an array: one scan of the index on search keys takes one area.
            Some([area]) => query = query.filter(retailers::area_id.eq(area.get())),
            Some(ids) => {
                let ids: Vec<i64> = ids.iter().copied().map(AreaId::get).collect();
                query = query.filter(retailers::area_id.eq_any(ids));
            }
        }
        if let Some(ids) = &filter.territories {
            let ids: Vec<i64> = ids.iter().copied().map(TerritoryId::get).collect();
            query = query.filter(retailers::territory_id.eq_any(ids));
        }
        if let Some(ids) = &filter.distributors {
            let ids: Vec<i64> = ids.iter().copied().map(DistributorId::get).collect();
            query = query.filter(retailers::distributor_id.eq_any(ids));
        }
        if let Some(ids) = &filter.ids {
            let ids: Vec<i64> = ids.iter().copied().map(RetailerId::get).collect();
            query = query.filter(retailers::id.eq_any(ids));
        }
        if let Some(reps) = &filter.served_by {
            let reps: Vec<i64> = reps.iter().copied().map(UserId::get).collect();
            // Not compared with the tenant of the outer query: PostgreSQL would run this once for each retailer.
            let served = served
                .filter(served.field(sales_rep_retailers::tenant_id).eq($tenant.get()))
                .filter(served.field(sales_rep_retailers::sales_rep_id).eq_any(reps))
                .select(served.field(sales_rep_retailers::retailer_id));
            query = query.filter(retailers::id.eq_any(served));
        }
        query
    }};
}

/// Orders a boxed query and starts it after a key and the rows to skip. `$name` and `$uid` are the columns whose index provides the order.
macro_rules! page_of {
    ($narrowed:expr, $query:expr, $page:expr, $name:path, $uid:path) => {{
        let (sort, skip, page): (RetailerSort, u64, &PageRequest<RetailerKey>) =
            ($query.sort, $query.skip, $page);
        let query = $narrowed.limit(surplus(page));
        let query = if skip > 0 { query.offset(i64::try_from(skip).unwrap_or(i64::MAX)) } else { query };
        let query = match (sort.field, sort.descending) {
            (RetailerSortField::Name, false) => query.order(($name.asc(), $uid.asc())),
            (RetailerSortField::Name, true) => query.order(($name.desc(), $uid.desc())),
            (RetailerSortField::Uid, false) => query.order($uid.asc()),
            (RetailerSortField::Uid, true) => query.order($uid.desc()),
            (RetailerSortField::Points, false) => query.order((retailers::points.asc(), $uid.asc())),
            (RetailerSortField::Points, true) => query.order((retailers::points.desc(), $uid.desc())),
            (RetailerSortField::UpdatedAt, false) => query.order((retailers::updated_at.asc(), $uid.asc())),
            (RetailerSortField::UpdatedAt, true) => query.order((retailers::updated_at.desc(), $uid.desc())),
        };
        macro_rules! after_row {
            ($kind:ty, $columns:expr, $key:expr) => {{
                let columns = $columns.into_sql::<Record<$kind>>();
                let key = $key.into_sql::<Record<$kind>>();
                if sort.descending {
                    query.filter(row_before(columns, key))
                } else {
                    query.filter(row_after(columns, key))
                }
            }};
        }
        match &page.after {
            None => query,
            Some(RetailerKey::Name { name, uid }) => {
                after_row!((Text, Text), ($name, $uid), (name.as_str(), uid.as_str()))
            }
            Some(RetailerKey::Uid(uid)) if sort.descending => query.filter($uid.lt(uid.as_str())),
            Some(RetailerKey::Uid(uid)) => query.filter($uid.gt(uid.as_str())),
            Some(RetailerKey::Points { points, uid }) => {
                after_row!((Integer, Text), (retailers::points, $uid), (*points, uid.as_str()))
            }
            Some(RetailerKey::UpdatedAt { at, uid }) => {
                after_row!((Timestamptz, Text), (retailers::updated_at, $uid), (*at, uid.as_str()))
            }
        }
    }};
}

/// Selects a page of a sales rep's retailers.
pub(super) fn list_of_rep<'a>(
    tenant: TenantId,
    rep: UserId,
    query: &'a RetailerQuery,
    words: &'a WordConditions,
    page: &'a PageRequest<RetailerKey>,
) -> impl SelectRetailers + use<'a> {
    let of_rep = of_rep!(tenant, rep).select(columns!(sales_rep_retailers::assigned_at.nullable()));
    let narrowed = narrow!(tenant, of_rep.into_boxed::<Pg>(), &query.filter, words);
    page_of!(narrowed, query, page, sales_rep_retailers::name, sales_rep_retailers::uid)
}

/// Selects a page of a tenant's retailers.
pub(super) fn list_of_tenant<'a>(
    tenant: TenantId,
    query: &'a RetailerQuery,
    words: &'a WordConditions,
    page: &'a PageRequest<RetailerKey>,
) -> impl SelectRetailers + use<'a> {
    let of_tenant = of_tenant!(tenant).select(columns!(no_assignment()));
    let narrowed = narrow_pool!(tenant, of_tenant.into_boxed::<Pg>(), &query.filter, words);
    // Redundant, but it lets PostgreSQL use the index of names in Bangla.
    let narrowed = match &query.filter.search {
        Some(search) if search.is_bangla() && query.filter.matching == SearchMatch::Text => {
            narrowed.filter(HasBangla)
        }
        _ => narrowed,
    };
    page_of!(narrowed, query, page, retailers::name, retailers::uid)
}

/// Counts the retailers of a sales rep that match a filter.
pub(super) fn count_of_rep<'a>(
    tenant: TenantId,
    rep: UserId,
    filter: &'a RetailerFilter,
    words: &'a WordConditions,
) -> impl SelectCount + use<'a> {
    narrow!(tenant, of_rep!(tenant, rep).count().into_boxed::<Pg>(), filter, words)
}

/// Counts the retailers of a tenant that match a filter.
pub(super) fn count_of_tenant<'a>(
    tenant: TenantId,
    filter: &'a RetailerFilter,
    words: &'a WordConditions,
) -> impl SelectCount + use<'a> {
    narrow_pool!(tenant, of_tenant!(tenant).count().into_boxed::<Pg>(), filter, words)
}

/// Selects one of a sales rep's retailers.
pub(super) fn one_of_rep(tenant: TenantId, rep: UserId, uid: &RetailerUid) -> impl SelectRetailers + use<'_> {
    of_rep!(tenant, rep)
        .select(columns!(sales_rep_retailers::assigned_at.nullable()))
        .filter(retailers::tenant_id.eq(tenant.get()))
        .filter(retailers::uid.eq(uid.as_str()))
}

/// Selects one of a tenant's retailers, if it matches a filter.
pub(super) fn one_of_tenant<'a>(
    tenant: TenantId,
    filter: &'a RetailerFilter,
    words: &'a WordConditions,
    uid: &'a RetailerUid,
) -> impl SelectRetailers + use<'a> {
    let one = of_tenant!(tenant)
        .select(columns!(no_assignment()))
        .filter(retailers::deleted_at.is_null())
        .filter(retailers::uid.eq(uid.as_str()));
    narrow!(tenant, one.into_boxed::<Pg>(), filter, words)
}

/// Selects one of a tenant's retailers, even a deleted one.
pub(super) fn known_to_tenant(tenant: TenantId, uid: &RetailerUid) -> impl SelectRetailers + use<'_> {
    of_tenant!(tenant).select(columns!(no_assignment())).filter(retailers::uid.eq(uid.as_str()))
}

/// Selects and locks one of a tenant's retailers, even a deleted one. Assignment changes take at least a key share
/// lock, so they wait for this lock and this lock waits for them.
pub(super) fn locked(tenant: TenantId, uid: &RetailerUid) -> impl SelectRetailers + use<'_> {
    of_tenant!(tenant).select(columns!(no_assignment())).filter(retailers::uid.eq(uid.as_str())).for_update()
}

/// Selects the next of a sales rep's retailers, by uid.
pub(super) fn part_of_rep<'a>(
    tenant: TenantId,
    rep: UserId,
    filter: &'a RetailerFilter,
    words: &'a WordConditions,
    after: Option<&'a RetailerUid>,
    rows: i64,
) -> impl SelectRetailers + use<'a> {
    let of_rep = of_rep!(tenant, rep).select(columns!(sales_rep_retailers::assigned_at.nullable()));
    let narrowed = narrow!(tenant, of_rep.into_boxed::<Pg>(), filter, words);
    let part = narrowed.order(sales_rep_retailers::uid.asc()).limit(rows);
    match after {
        Some(uid) => part.filter(sales_rep_retailers::uid.gt(uid.as_str())),
        None => part,
    }
}

/// Selects the next of a tenant's retailers, by uid.
pub(super) fn part_of_tenant<'a>(
    tenant: TenantId,
    filter: &'a RetailerFilter,
    words: &'a WordConditions,
    after: Option<&'a RetailerUid>,
    rows: i64,
) -> impl SelectRetailers + use<'a> {
    let of_tenant = of_tenant!(tenant).select(columns!(no_assignment()));
    let narrowed = narrow_pool!(tenant, of_tenant.into_boxed::<Pg>(), filter, words);
    let part = narrowed.order(retailers::uid.asc()).limit(rows);
    match after {
        Some(uid) => part.filter(retailers::uid.gt(uid.as_str())),
        None => part,
    }
}

/// Selects a sales rep's retailers, in no order.
pub(super) fn all_of_rep(tenant: TenantId, rep: UserId, rows: i64) -> impl SelectRetailers {
    of_rep!(tenant, rep).select(columns!(sales_rep_retailers::assigned_at.nullable())).limit(rows)
}

/// Selects the retailers of sales reps, in no order, each with its sales rep.
pub(super) fn all_of_reps(
    tenant: TenantId,
    reps: &[UserId],
) -> impl Query<SqlType = (BigInt, Columns)> + QueryFragment<Pg> + QueryId + Send {
    let reps: Vec<i64> = reps.iter().copied().map(UserId::get).collect();
    served!(tenant)
        .filter(sales_rep_retailers::sales_rep_id.eq_any(reps))
        .select((sales_rep_retailers::sales_rep_id, columns!(sales_rep_retailers::assigned_at.nullable())))
}

fn no_assignment() -> impl Expression<SqlType = Nullable<Timestamptz>>
+ QueryFragment<Pg>
+ QueryId
+ diesel::expression::ValidGrouping<
    (),
    IsAggregate = diesel::expression::is_aggregate::Never,
> + SelectableExpression<retailers::table>
+ Send {
    None::<DateTime<Utc>>.into_sql::<Nullable<Timestamptz>>()
}

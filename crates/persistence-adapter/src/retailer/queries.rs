//! The statements behind the reader, apart from running them, so that a test can ask Postgres for their plans.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Record, Text, Timestamptz};
use haat_domain::retailer::{RetailerKey, RetailerSort, RetailerSortField, RetailerUid};
use haat_domain::shared::{TenantId, UserId};

use crate::schema::{areas, distributors, regions, retailers, sales_rep_retailers, territories};
use crate::shared::{RowAfter, RowBefore};

/// The columns of a [`super::rows::RetailerRow`].
type Columns = (
    BigInt,
    Text,
    Text,
    Nullable<Text>,
    (BigInt, Text),
    (BigInt, Text),
    (BigInt, Text),
    Nullable<(BigInt, Text)>,
    Integer,
    Array<Nullable<Text>>,
    Nullable<Text>,
    Timestamptz,
    BigInt,
    Nullable<Timestamptz>,
);

/// A statement that gives shops.
pub(super) trait RetailerQuery: Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send {}

impl<Q> RetailerQuery for Q where Q: Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send {}

/// Adds the map. The joins are on whole keys, so a row of another tenant cannot slip in; the foreign keys promise
/// that a place is always found.
macro_rules! with_places {
    ($from:expr) => {
        $from
            .inner_join(
                regions::table.on(regions::tenant_id
                    .eq(retailers::tenant_id)
                    .and(regions::id.eq(retailers::region_id))),
            )
            .inner_join(
                areas::table
                    .on(areas::tenant_id.eq(retailers::tenant_id).and(areas::id.eq(retailers::area_id))),
            )
            .inner_join(
                territories::table.on(territories::tenant_id
                    .eq(retailers::tenant_id)
                    .and(territories::id.eq(retailers::territory_id))),
            )
            .left_join(
                distributors::table.on(distributors::tenant_id
                    .eq(retailers::tenant_id)
                    .and(distributors::id.nullable().eq(retailers::distributor_id))),
            )
    };
}

/// Selects what a [`super::rows::RetailerRow`] is made of.
macro_rules! select_columns {
    ($from:expr, $assigned_at:expr) => {
        $from.select((
            retailers::id,
            retailers::uid,
            retailers::name,
            retailers::phone,
            (regions::id, regions::name),
            (areas::id, areas::name),
            (territories::id, territories::name),
            (distributors::id, distributors::name).nullable(),
            retailers::points,
            retailers::routes,
            retailers::notes,
            retailers::updated_at,
            retailers::version,
            $assigned_at,
        ))
    };
}

/// The shops of one representative.
macro_rules! of_rep {
    ($tenant:expr, $rep:expr) => {
        select_columns!(
            with_places!(
                sales_rep_retailers::table.inner_join(
                    retailers::table.on(retailers::tenant_id
                        .eq(sales_rep_retailers::tenant_id)
                        .and(retailers::id.eq(sales_rep_retailers::retailer_id))),
                )
            ),
            sales_rep_retailers::assigned_at.nullable()
        )
        .filter(sales_rep_retailers::tenant_id.eq($tenant.get()))
        .filter(sales_rep_retailers::sales_rep_id.eq($rep.get()))
        .filter(retailers::deleted_at.is_null())
    };
}

/// All shops of a tenant.
macro_rules! of_tenant {
    ($tenant:expr) => {
        select_columns!(
            with_places!(retailers::table),
            None::<DateTime<Utc>>.into_sql::<Nullable<Timestamptz>>()
        )
        .filter(retailers::tenant_id.eq($tenant.get()))
        .filter(retailers::deleted_at.is_null())
    };
}

/// Puts a query in order and begins it after a key.
macro_rules! page_of {
    ($query:expr, $sort:expr, $after:expr, $rows:expr) => {{
        let name_and_uid = (retailers::name, retailers::uid).into_sql::<Record<(Text, Text)>>();
        let query = $query.into_boxed::<Pg>().limit($rows);
        let query = match ($sort.field, $sort.descending) {
            (RetailerSortField::Name, false) => query.order((retailers::name.asc(), retailers::uid.asc())),
            (RetailerSortField::Name, true) => query.order((retailers::name.desc(), retailers::uid.desc())),
            (RetailerSortField::Uid, false) => query.order(retailers::uid.asc()),
            (RetailerSortField::Uid, true) => query.order(retailers::uid.desc()),
        };
        match ($after, $sort.descending) {
            (None, _) => query,
            (Some(RetailerKey::Name { name, uid }), descending) => {
                let key = (name.as_str(), uid.as_str()).into_sql::<Record<(Text, Text)>>();
                if descending {
                    query.filter(RowBefore::new(name_and_uid, key))
                } else {
                    query.filter(RowAfter::new(name_and_uid, key))
                }
            }
            (Some(RetailerKey::Uid(uid)), false) => query.filter(retailers::uid.gt(uid.as_str())),
            (Some(RetailerKey::Uid(uid)), true) => query.filter(retailers::uid.lt(uid.as_str())),
        }
    }};
}

/// A page of a representative's shops.
pub(super) fn list_of_rep(
    tenant: TenantId,
    rep: UserId,
    sort: RetailerSort,
    after: Option<&RetailerKey>,
    rows: i64,
) -> impl RetailerQuery + use<'_> {
    page_of!(of_rep!(tenant, rep), sort, after, rows)
}

/// A page of a tenant's shops.
pub(super) fn list_of_tenant(
    tenant: TenantId,
    sort: RetailerSort,
    after: Option<&RetailerKey>,
    rows: i64,
) -> impl RetailerQuery + use<'_> {
    page_of!(of_tenant!(tenant), sort, after, rows)
}

/// One of a representative's shops.
pub(super) fn one_of_rep(tenant: TenantId, rep: UserId, uid: &RetailerUid) -> impl RetailerQuery + use<'_> {
    of_rep!(tenant, rep).filter(retailers::tenant_id.eq(tenant.get())).filter(retailers::uid.eq(uid.as_str()))
}

/// One of a tenant's shops.
pub(super) fn one_of_tenant(tenant: TenantId, uid: &RetailerUid) -> impl RetailerQuery + use<'_> {
    of_tenant!(tenant).filter(retailers::uid.eq(uid.as_str()))
}

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::people::{NewTenantTx, UserWriter};
use haat_domain::shared::{Page, PageRequest, StorageFailure, TenantId, TimeZone};
use haat_domain::tenancy::{
    NewTenant, Tenant, TenantDirectory, TenantKey, TenantName, TenantQuery, TenantReader, TenantSlug,
    TenantState, TenantTx, TenantWriter,
};

use crate::schema::tenants;
use crate::shared::{inconsistent, search_texts, statement, surplus, view};
use crate::{OrgDatabase, OrgTx};

statement! {
    /// Lists a page of tenants.
    PageOfTenants = "tenants.sql" -> (BigInt, Text, Text, Text, Text, Text, Bool, BigInt, Timestamptz) {
        state: Option<&'static str> as Nullable<Text>,
        text: String as Text,
        other_text: String as Text,
        after: String as Text,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Returns true for a time zone that the database knows.
    HasTimeZone = "has_time_zone.sql" -> (Bool,) {
        name: String as Text,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
struct TenantRow {
    id: i64,
    slug: String,
    name: String,
    time_zone: String,
    state: String,
    kind: String,
    support_access: bool,
    version: i64,
    created_at: DateTime<Utc>,
}

impl TenantRow {
    fn tenant(self) -> Result<Tenant, StorageFailure> {
        Ok(Tenant {
            id: TenantId::new(self.id),
            slug: TenantSlug::parse(&self.slug).map_err(|error| inconsistent("tenants", "slug", error))?,
            name: TenantName::parse(&self.name).map_err(|error| inconsistent("tenants", "name", error))?,
            time_zone: TimeZone::parse(&self.time_zone)
                .map_err(|error| inconsistent("tenants", "time_zone", error))?,
            state: TenantState::parse(&self.state)
                .map_err(|error| inconsistent("tenants", "state", error))?,
            is_platform: self.kind == "platform",
            support_access: self.support_access,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

#[async_trait]
impl TenantReader for OrgDatabase {
    async fn id_of(&self, slug: &TenantSlug) -> Result<Option<TenantId>, StorageFailure> {
        let query = tenants::table
            .filter(tenants::slug.eq(slug.as_str()).and(tenants::state.eq("active")))
            .select(tenants::id);
        let id: Option<i64> = self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(id.map(TenantId::new))
    }
}

#[async_trait]
impl TenantDirectory for OrgDatabase {
    async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StorageFailure> {
        let query = tenants::table.find(tenant.get()).select(TenantRow::as_select());
        let row: Option<TenantRow> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(TenantRow::tenant).transpose()
    }

    async fn list(
        &self,
        query: &TenantQuery,
        page: &PageRequest<TenantKey>,
    ) -> Result<Page<Tenant, TenantKey>, StorageFailure> {
        let (text, other_text) = search_texts(query.search.as_ref());
        let statement = PageOfTenants {
            state: query.state.map(TenantState::as_str),
            text,
            other_text,
            // No short name is empty, so every row follows this key.
            after: page.after.as_ref().map(|TenantKey(slug)| slug.clone()).unwrap_or_default(),
            limit: surplus(page),
        };
        let rows: Vec<TenantRow> = self.query(async |connection| statement.load(connection).await).await?;
        let tenants = rows.into_iter().map(TenantRow::tenant).collect::<Result<Vec<_>, _>>()?;
        let key = |tenant: &Tenant| TenantKey(tenant.slug.as_str().to_owned());
        Ok(Page::from_surplus(tenants, page.limit, key))
    }
}

view!(OrgDatabase, OrgTx as TenantTx { tenants: TenantWriter });
view!(OrgDatabase, OrgTx as NewTenantTx { users: UserWriter });

#[async_trait]
impl TenantWriter for OrgTx {
    async fn insert(&mut self, tenant: &NewTenant) -> Result<Option<TenantId>, StorageFailure> {
        let NewTenant { slug, name, time_zone } = tenant;
        // A tenant without a time zone gets the default of the column.
        let insert = diesel::insert_into(tenants::table)
            .values((
                tenants::slug.eq(slug.as_str()),
                tenants::name.eq(name.as_str()),
                time_zone.as_ref().map(|time_zone| tenants::time_zone.eq(time_zone.as_str())),
            ))
            .on_conflict_do_nothing()
            .returning(tenants::id);
        let id: Option<i64> =
            self.query(async |connection| insert.get_result(connection).await.optional()).await?;
        Ok(id.map(TenantId::new))
    }

    async fn lock(&mut self, tenant: TenantId) -> Result<Option<Tenant>, StorageFailure> {
        let query = tenants::table.find(tenant.get()).select(TenantRow::as_select()).for_no_key_update();
        let row: Option<TenantRow> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(TenantRow::tenant).transpose()
    }

    async fn update(&mut self, tenant: &Tenant) -> Result<(), StorageFailure> {
        let update = diesel::update(tenants::table.find(tenant.id.get())).set((
            tenants::name.eq(tenant.name.as_str()),
            tenants::time_zone.eq(tenant.time_zone.as_str()),
            tenants::state.eq(tenant.state.as_str()),
            tenants::support_access.eq(tenant.support_access),
            tenants::version.eq(tenant.version + 1),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn has_time_zone(&mut self, time_zone: &TimeZone) -> Result<bool, StorageFailure> {
        let statement = HasTimeZone { name: time_zone.as_str().to_owned() };
        let (exists,): (bool,) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(exists)
    }
}

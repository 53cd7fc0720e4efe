use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::auth::{ShadowUser, ShadowUserWriter, SupportTx, Username};
use haat_domain::people::person_search_key;
use haat_domain::shared::{Role, StorageFailure, TenantId, UserId};
use haat_domain::tenancy::TenantSelector;

use crate::PgDatabase;
use crate::schema::{tenants, users};
use crate::shared::{PgTx, inconsistent, statement, view};

/// A hash in the form of bcrypt that no password matches.
const NO_PASSWORD: &str = "$2b$10$.....................................................";

statement! {
    /// Finds a tenant that super admins may enter, and the shadow user there.
    FindShadowUser = "find_shadow_user.sql" -> (BigInt, Nullable<BigInt>, Bool, Integer) {
        platform_user: i64 as BigInt,
        tenant: Option<i64> as Nullable<BigInt>,
        slug: Option<String> as Nullable<Text>,
    }
}

/// The tenant, the shadow user, whether it may act, and its access version.
type Row = (i64, Option<i64>, bool, i32);

view!(PgDatabase, PgTx as SupportTx { shadow_users: ShadowUserWriter });

#[async_trait]
impl ShadowUserWriter for PgTx {
    async fn enter(
        &mut self,
        platform_user: UserId,
        tenant: &TenantSelector,
    ) -> Result<Option<ShadowUser>, StorageFailure> {
        let Some((tenant, user, ..)) = self.find_shadow_user(platform_user, tenant).await? else {
            return Ok(None);
        };
        if user.is_none() {
            self.add_shadow_user(platform_user, tenant).await?;
        }
        // Read again, because another transaction may have added the user first.
        let tenant = TenantSelector::Id(TenantId::new(tenant));
        Ok(match self.find_shadow_user(platform_user, &tenant).await? {
            Some((tenant, Some(user), true, access_version)) => {
                Some(ShadowUser { tenant: TenantId::new(tenant), user: UserId::new(user), access_version })
            }
            _ => None,
        })
    }
}

impl PgTx {
    async fn find_shadow_user(
        &mut self,
        platform_user: UserId,
        tenant: &TenantSelector,
    ) -> Result<Option<Row>, StorageFailure> {
        let (tenant, slug) = match tenant {
            TenantSelector::Id(id) => (Some(id.get()), None),
            TenantSelector::Slug(slug) => (None, Some(slug.as_str().to_owned())),
        };
        let statement = FindShadowUser { platform_user: platform_user.get(), tenant, slug };
        self.query(async |connection| statement.get_result(connection).await.optional()).await
    }

    /// Adds a shadow user, unless there is one. A trigger adds its grant.
    async fn add_shadow_user(&mut self, platform_user: UserId, tenant: i64) -> Result<(), StorageFailure> {
        let names = users::table
            .inner_join(tenants::table)
            .filter(tenants::kind.eq("platform").and(users::id.eq(platform_user.get())))
            .select((users::username, users::name));
        let (username, name): (String, String) =
            self.query(async |connection| names.first(connection).await).await?;
        let username =
            Username::parse(&username).map_err(|error| inconsistent("users", "username", error))?;
        let username = Username::of_shadow_user(&username, platform_user);
        let insert = diesel::insert_into(users::table)
            .values((
                users::tenant_id.eq(tenant),
                users::username.eq(username.as_str()),
                users::name.eq(&name),
                users::password_hash.eq(NO_PASSWORD),
                users::role.eq(Role::SuperAdmin.as_str()),
                users::home_user_id.eq(platform_user.get()),
                users::search_key.eq(person_search_key(&name, username.as_str(), None, None, None)),
            ))
            .on_conflict_do_nothing();
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }
}

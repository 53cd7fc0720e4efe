use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::identity::{CallerGuard, Role};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::schema::{tenants, users};
use crate::shared::PgTx;

#[async_trait]
impl CallerGuard for PgTx {
    async fn may_act(
        &mut self,
        tenant: TenantId,
        user: UserId,
        role: Role,
        token_version: i32,
    ) -> Result<bool, StorageFailure> {
        let query = users::table
            .find((tenant.get(), user.get()))
            .filter(users::role.eq(role.as_str()).and(users::state.eq("active")))
            .filter(users::token_version.eq(token_version).and(diesel::dsl::not(users::must_change_password)))
            .filter(diesel::dsl::exists(
                tenants::table.filter(tenants::id.eq(tenant.get()).and(tenants::state.eq("active"))),
            ))
            .select(users::id)
            .for_share();
        let found: Option<i64> =
            self.ask(async |connection| query.first(connection).await.optional()).await?;
        Ok(found.is_some())
    }
}

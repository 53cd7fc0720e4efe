use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::auth::{Digest, FactorWriter, SealedSeed, SecondFactor, StoredFactor, StoredSeed};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use super::rows::UserRow;
use crate::schema::{recovery_codes, second_factors, tenants, users};
use crate::shared::PgTx;

#[derive(Queryable, Selectable)]
#[diesel(table_name = second_factors, check_for_backend(diesel::pg::Pg))]
struct SeedRow {
    sealed_seed: String,
    last_totp_step: i64,
    created_at: DateTime<Utc>,
}

impl From<SeedRow> for StoredSeed {
    fn from(row: SeedRow) -> Self {
        Self {
            sealed: SealedSeed(row.sealed_seed),
            last_totp_step: row.last_totp_step,
            created_at: row.created_at,
        }
    }
}

#[async_trait]
impl FactorWriter for PgTx {
    async fn lock(&mut self, tenant: TenantId, user: UserId) -> Result<Option<StoredFactor>, StorageFailure> {
        let row = users::table.find((tenant.get(), user.get())).select(users::id).for_no_key_update();
        let _: Option<i64> = self.query(async |connection| row.first(connection).await.optional()).await?;
        self.factor_of(tenant, user).await
    }

    async fn lock_for_login(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<StoredFactor>, StorageFailure> {
        let key = (tenant.get(), user.get());
        let row = second_factors::table.find(key).select(second_factors::id).for_update();
        let _: Option<i64> = self.query(async |connection| row.first(connection).await.optional()).await?;
        self.factor_of(tenant, user).await
    }

    async fn save_seed(
        &mut self,
        tenant: TenantId,
        user: UserId,
        seed: &SealedSeed,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let values = (
            second_factors::sealed_seed.eq(seed.0.as_str()),
            second_factors::last_totp_step.eq(0),
            second_factors::created_at.eq(at),
        );
        let insert = diesel::insert_into(second_factors::table)
            .values((second_factors::tenant_id.eq(tenant.get()), second_factors::id.eq(user.get()), values))
            .on_conflict((second_factors::tenant_id, second_factors::id))
            .do_update()
            .set(values);
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }

    async fn turn_on(
        &mut self,
        tenant: TenantId,
        user: UserId,
        recovery: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure> {
        self.replace_recovery_codes(tenant, user, recovery).await?;
        self.set_mfa(tenant, user, true, at).await
    }

    async fn replace_recovery_codes(
        &mut self,
        tenant: TenantId,
        user: UserId,
        recovery: &[Digest],
    ) -> Result<(), StorageFailure> {
        let of_user = recovery_codes::table
            .filter(recovery_codes::tenant_id.eq(tenant.get()).and(recovery_codes::user_id.eq(user.get())));
        let delete = diesel::delete(of_user);
        self.query(async |connection| delete.execute(connection).await).await?;
        let codes: Vec<_> = recovery
            .iter()
            .map(|digest| {
                (
                    recovery_codes::tenant_id.eq(tenant.get()),
                    recovery_codes::user_id.eq(user.get()),
                    recovery_codes::code_hash.eq(digest.0.as_slice()),
                )
            })
            .collect();
        let insert = diesel::insert_into(recovery_codes::table).values(&codes);
        self.query(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }

    async fn turn_off(
        &mut self,
        tenant: TenantId,
        user: UserId,
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure> {
        // The foreign key deletes the recovery codes too.
        let delete = diesel::delete(second_factors::table.find((tenant.get(), user.get())));
        self.query(async |connection| delete.execute(connection).await).await?;
        self.set_mfa(tenant, user, false, at).await
    }

    async fn consume_totp_step<'a>(
        &mut self,
        tenant: TenantId,
        user: UserId,
        step: i64,
        renewed: Option<&'a SealedSeed>,
    ) -> Result<(), StorageFailure> {
        // Without a seed the stored one stays unchanged.
        let update = diesel::update(second_factors::table.find((tenant.get(), user.get()))).set((
            second_factors::last_totp_step.eq(step),
            renewed.map(|seed| second_factors::sealed_seed.eq(seed.0.as_str())),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn consume_recovery_code(
        &mut self,
        tenant: TenantId,
        user: UserId,
        code: &Digest,
    ) -> Result<bool, StorageFailure> {
        let key = (tenant.get(), user.get(), code.0.as_slice());
        let delete = diesel::delete(recovery_codes::table.find(key));
        Ok(self.query(async |connection| delete.execute(connection).await).await? == 1)
    }
}

impl PgTx {
    /// Reads the factor in a statement after the lock, so that it sees what the previous lock holder committed.
    async fn factor_of(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<StoredFactor>, StorageFailure> {
        let query = users::table
            .inner_join(tenants::table)
            .left_join(
                second_factors::table
                    .on(second_factors::tenant_id.eq(users::tenant_id).and(second_factors::id.eq(users::id))),
            )
            .filter(users::tenant_id.eq(tenant.get()).and(users::id.eq(user.get())))
            .filter(tenants::state.eq("active"))
            .select((UserRow::as_select(), tenants::mfa_required_for_admins, Option::<SeedRow>::as_select()));
        let row: Option<(UserRow, bool, Option<SeedRow>)> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        let Some((user, required_for_admins, seed)) = row else {
            return Ok(None);
        };
        let user = user.credential(required_for_admins)?.user;
        let without = SecondFactor::of(false, user.role, required_for_admins);
        Ok(Some(StoredFactor { user, seed: seed.map(StoredSeed::from), without }))
    }

    /// Sets whether a second factor is enabled. The trigger on the token version writes the feed entry.
    async fn set_mfa(
        &mut self,
        tenant: TenantId,
        user: UserId,
        enabled: bool,
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure> {
        let update = diesel::update(users::table.find((tenant.get(), user.get())))
            .set((
                users::mfa_enabled.eq(enabled),
                users::token_version.eq(users::token_version + 1),
                users::version.eq(users::version + 1),
                users::updated_at.eq(at),
            ))
            .returning(users::token_version);
        self.query(async |connection| update.get_result(connection).await).await
    }
}

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::auth::{PasswordChange, PasswordHash, PasswordWriter};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::schema::{password_file_users, users};
use crate::shared::PgTx;

#[async_trait]
impl PasswordWriter for PgTx {
    async fn set_password(&mut self, change: &PasswordChange) -> Result<Option<i32>, StorageFailure> {
        let user = users::table.find((change.tenant.get(), change.user.get()));
        let set = (
            users::password_hash.eq(change.password_hash.expose()),
            users::must_change_password.eq(change.must_change_password),
            users::token_version.eq(users::token_version + 1),
            users::version.eq(users::version + 1),
            users::updated_at.eq(change.at),
        );
        // A password of a file is no longer valid, so the file no longer has the user.
        let of_file = password_file_users::table.filter(
            password_file_users::tenant_id
                .eq(change.tenant.get())
                .and(password_file_users::user_id.eq(change.user.get())),
        );
        let delete = diesel::delete(of_file);
        self.query(async |connection| delete.execute(connection).await).await?;
        // The trigger on the token version writes the feed entry.
        match &change.expected {
            None => {
                let update = diesel::update(user).set(set).returning(users::token_version);
                self.query(async |connection| update.get_result(connection).await.optional()).await
            }
            Some(version) => {
                let expected = user.filter(users::state.eq("active").and(users::token_version.eq(version)));
                let update = diesel::update(expected).set(set).returning(users::token_version);
                self.query(async |connection| update.get_result(connection).await.optional()).await
            }
        }
    }

    async fn rehash(
        &mut self,
        tenant: TenantId,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StorageFailure> {
        let same =
            users::table.find((tenant.get(), user.get())).filter(users::password_hash.eq(old.expose()));
        let update = diesel::update(same).set(users::password_hash.eq(new.expose()));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }
}

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::schema::changes;
use crate::shared::PgTx;

impl PgTx {
    /// Writes a feed entry for a user.
    ///
    /// # Errors
    /// [`StorageFailure`] of the statement.
    pub async fn add_user_entry(
        &mut self,
        tenant: TenantId,
        user: UserId,
        kind: &'static str,
    ) -> Result<(), StorageFailure> {
        let entry = diesel::insert_into(changes::table).values((
            changes::tenant_id.eq(tenant.get()),
            changes::entity.eq("user"),
            changes::entity_id.eq(user.get()),
            changes::kind.eq(kind),
        ));
        self.query(async |connection| entry.execute(connection).await).await?;
        Ok(())
    }
}

//! Undo of an import.

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use haat_domain::import::{Applying, ImportId, ImportState, UndoCounts};
use haat_domain::shared::{BatchId, StorageFailure, TenantId};

use super::statements::{HoldUndos, LockUndone, UndoChunk, UndoPreview, UndoVerified};
use super::writer::KEY_LOOKUPS;
use crate::schema::{batches, imports};
use crate::shared::PgTx;

impl PgTx {
    pub(super) async fn later_undo(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
    ) -> Result<Option<ImportId>, StorageFailure> {
        let hold = HoldUndos { tenant: tenant.get() };
        let _: (bool,) = self.query(async |connection| hold.get_result(connection).await).await?;
        let query = imports::table
            .filter(imports::tenant_id.eq(tenant.get()).and(imports::undo_batch_id.is_not_null()))
            .filter(imports::state.ne(ImportState::Undone.as_str()).and(imports::batch_id.gt(undone.get())))
            .order(imports::id.desc())
            .select(imports::id);
        let id: Option<i64> = self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(id.map(ImportId::new))
    }

    pub(super) async fn preview_undo(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
        limit: i64,
    ) -> Result<(UndoCounts, Vec<String>), StorageFailure> {
        let statement = UndoPreview { tenant: tenant.get(), undone: undone.get(), limit };
        let (restored, removed, changed, left): (i64, i64, i64, Vec<String>) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        Ok((UndoCounts { restored, removed, changed }, left))
    }

    pub(super) async fn undo_chunk(
        &mut self,
        applying: &Applying,
        undone: BatchId,
        limit: i64,
    ) -> Result<Option<UndoCounts>, StorageFailure> {
        self.hold_map(applying.tenant).await?;
        self.query(async |connection| connection.batch_execute(KEY_LOOKUPS).await).await?;
        let key = (applying.tenant.get(), applying.import.get());
        let after = imports::table.find(key).select(imports::undone_to);
        let after: i64 = self.query(async |connection| after.first(connection).await).await?;
        let lock = LockUndone { tenant: key.0, undone: undone.get(), after, limit };
        let _: (i64,) = self.query(async |connection| lock.get_result(connection).await).await?;
        let statement = UndoChunk {
            tenant: key.0,
            undone: undone.get(),
            batch: applying.batch.get(),
            after,
            limit,
            actor: applying.actor.user.map(|(user, _)| user.get()),
            role: applying.actor.user.map(|(_, role)| role.as_str()),
            request_id: applying.request_id.clone(),
            at: applying.at,
        };
        let (retailers, to, removed, restored, _mode): (i64, Option<i64>, i64, i64, String) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        let Some(to) = to else {
            return Ok(None);
        };
        let changed = retailers - removed - restored;
        let update = diesel::update(imports::table.find(key)).set((
            imports::undone_to.eq(to),
            imports::undo_restored.eq(imports::undo_restored + restored),
            imports::undo_removed.eq(imports::undo_removed + removed),
            imports::undo_changed.eq(imports::undo_changed + changed),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(Some(UndoCounts { restored, removed, changed }))
    }

    pub(super) async fn end_undo(
        &mut self,
        applying: &Applying,
        undone: BatchId,
    ) -> Result<i64, StorageFailure> {
        let tenant = applying.tenant.get();
        let statement = UndoVerified { tenant, undone: undone.get() };
        let (mismatches,): (i64,) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        let update = diesel::update(batches::table.find((tenant, undone.get())))
            .set((batches::state.eq("undone"), batches::undone_by.eq(applying.batch.get())));
        self.query(async |connection| update.execute(connection).await).await?;
        let update = diesel::update(imports::table.find((tenant, applying.import.get())))
            .set(imports::state.eq(ImportState::Undone.as_str()));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(mismatches)
    }
}

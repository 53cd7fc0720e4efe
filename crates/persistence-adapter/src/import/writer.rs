use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use haat_domain::import::{
    Applying, Chunk, Import, ImportActor, ImportCounts, ImportId, ImportState, ImportTx, ImportWriter,
    NewImport, UndoCounts,
};
use haat_domain::shared::{BatchId, StorageFailure, TenantId, UserId};

use super::rows::{ImportRecord, counts, options};
use super::statements::{ApplyChunk, Check, SettleUids, StoreErrorGroups, StoreWarnings};
use crate::PgDatabase;
use crate::schema::{batches, import_places, import_rows, imports};
use crate::shared::{PgTx, taken, view};

/// Settings for a chunk's statements, which go from a few thousand rows to large tables by key. They apply whatever
/// the connection is configured for: PostgreSQL cannot estimate the rows of a CTE and would scan whole tables without
/// them.
pub(super) const KEY_LOOKUPS: &str = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_nestloop = on; \
                                 SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; \
                                 SET LOCAL enable_seqscan = off";

/// Settings for the check, one statement over all rows of the file and possibly all retailers.
const BULK_CHECK: &str = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_nestloop = off; \
                        SET LOCAL work_mem = '64MB'";

/// The most groups of errors that are stored.
const MAX_ERROR_GROUPS: i64 = 50;

/// Result of a chunk: rows created, updated, with errors, processed; uids removed by others meanwhile; the plan cache mode.
type ChunkRow = (i64, i64, i64, i64, Vec<String>, String);

#[async_trait]
impl ImportWriter for PgTx {
    async fn submit(&mut self, import: &NewImport) -> Result<ImportId, StorageFailure> {
        let insert = diesel::insert_into(imports::table)
            .values((
                imports::tenant_id.eq(import.tenant.get()),
                imports::actor_id.eq(import.actor.map(UserId::get)),
                imports::file_name.eq(&import.file_name),
                imports::object_key.eq(&import.file),
                imports::size_bytes.eq(import.size),
                imports::options.eq(options(import.options)),
                imports::request_id.eq(&import.request_id),
                imports::created_at.eq(import.at),
            ))
            .returning(imports::id);
        let id: i64 = self.query(async |connection| insert.get_result(connection).await).await?;
        Ok(ImportId::new(id))
    }

    async fn lock(&mut self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StorageFailure> {
        let query = imports::table.find((tenant.get(), import.get())).select(ImportRecord::as_select());
        let query = query.for_no_key_update();
        let row: Option<ImportRecord> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(Import::try_from).transpose()
    }

    async fn check(&mut self, tenant: TenantId, import: &Import) -> Result<ImportCounts, StorageFailure> {
        let (options, columns) = (import.options, import.columns.unwrap_or_default());
        self.query(async |connection| connection.batch_execute(BULK_CHECK).await).await?;
        let check = Check {
            tenant: tenant.get(),
            import: import.id.get(),
            mode: options.mode.as_str(),
            restore: options.restore_deleted,
            duplicates: options.duplicates.as_str(),
            name: columns.name,
            phone: columns.phone,
            territory: columns.territory,
            distributor: columns.distributor,
            points: columns.points,
            routes: columns.routes,
            notes: columns.notes,
            total: import.total,
        };
        let (created, updated, unchanged, failed, _mode): (i64, i64, i64, i64, String) =
            self.query(async |connection| check.get_result(connection).await).await?;
        let warnings = StoreWarnings { tenant: tenant.get(), import: import.id.get() };
        let _: (i64,) = self.query(async |connection| warnings.get_result(connection).await).await?;
        self.store_error_groups(tenant, import.id).await?;
        Ok(ImportCounts { created, updated, unchanged, failed })
    }

    async fn ready(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        preview: ImportCounts,
    ) -> Result<(), StorageFailure> {
        self.delete_unneeded_places(tenant, import).await?;
        let update = diesel::update(imports::table.find((tenant.get(), import.get())))
            .set((imports::state.eq(ImportState::Ready.as_str()), imports::preview.eq(counts(preview))));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn begin(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        actor: ImportActor,
        request_id: &str,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure> {
        let batch = self.import_batch(tenant, "import", actor, None, at).await?;
        let update = diesel::update(imports::table.find((tenant.get(), import.get())))
            .set((imports::state.eq(ImportState::Applying.as_str()), imports::batch_id.eq(batch.get())));
        self.query(async |connection| update.execute(connection).await).await?;
        self.create_places(tenant, import, batch, actor, request_id, at).await?;
        Ok(batch)
    }

    async fn apply(&mut self, applying: &Applying, chunk: Chunk) -> Result<ImportCounts, StorageFailure> {
        self.hold_map(applying.tenant).await?;
        self.query(async |connection| connection.batch_execute(KEY_LOOKUPS).await).await?;
        let (created, updated, invalid, processed, removed, _mode) = self.chunk(applying, chunk).await?;
        if !removed.is_empty() {
            return Err(StorageFailure::Contended(
                "retailers were removed while they were imported".to_owned(),
            ));
        }
        self.fill_word_sounds(applying.tenant).await?;
        let done = ImportCounts {
            created,
            updated,
            unchanged: processed - created - updated - invalid,
            failed: invalid + chunk.to - chunk.after - processed,
        };
        let update =
            diesel::update(imports::table.find((applying.tenant.get(), applying.import.get()))).set((
                imports::applied_to.eq(chunk.to),
                imports::rows_created.eq(imports::rows_created + done.created),
                imports::rows_updated.eq(imports::rows_updated + done.updated),
                imports::rows_unchanged.eq(imports::rows_unchanged + done.unchanged),
                imports::rows_failed.eq(imports::rows_failed + done.failed),
            ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(done)
    }

    async fn finish(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        state: ImportState,
        failure: Option<&'static str>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let key = (tenant.get(), import.get());
        let update = diesel::update(imports::table.find(key)).set((
            imports::state.eq(state.as_str()),
            imports::failure.eq(failure),
            imports::finished_at.eq(at),
        ));
        let update = update.returning((
            imports::batch_id,
            imports::rows_created,
            imports::rows_updated,
            imports::rows_unchanged,
            imports::rows_failed,
        ));
        let (batch, created, updated, unchanged, failed): (Option<i64>, i64, i64, i64, i64) =
            self.query(async |connection| update.get_result(connection).await).await?;
        if let Some(batch) = batch {
            let done = counts(ImportCounts { created, updated, unchanged, failed });
            let update =
                diesel::update(batches::table.find((tenant.get(), batch))).set(batches::counts.eq(done));
            self.query(async |connection| update.execute(connection).await).await?;
        }
        self.store_error_groups(tenant, import).await?;
        let places = import_places::tenant_id.eq(key.0).and(import_places::import_id.eq(key.1));
        // Created places are kept, because the import lists them.
        let places = places.and(import_places::place_id.is_null());
        let delete = diesel::delete(import_places::table.filter(places));
        self.query(async |connection| delete.execute(connection).await).await?;
        let rows = import_rows::tenant_id.eq(key.0).and(import_rows::import_id.eq(key.1));
        let delete = diesel::delete(import_rows::table.filter(rows));
        self.query(async |connection| delete.execute(connection).await).await?;
        Ok(())
    }

    async fn record_rejection(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        columns: &[&'static str],
        extra_columns: &[String],
        rows: i64,
    ) -> Result<(), StorageFailure> {
        let update = diesel::update(imports::table.find((tenant.get(), import.get()))).set((
            imports::failure_columns.eq(columns.to_vec()),
            // If staging has started, its extra columns stay.
            (!extra_columns.is_empty()).then(|| imports::extra_columns.eq(extra_columns.to_vec())),
            imports::rows_total.eq(rows),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn undo_preview(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
        limit: i64,
    ) -> Result<(UndoCounts, Vec<String>), StorageFailure> {
        self.preview_undo(tenant, undone, limit).await
    }

    async fn later_undo(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
    ) -> Result<Option<ImportId>, StorageFailure> {
        PgTx::later_undo(self, tenant, undone).await
    }

    async fn begin_undo(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        undone: BatchId,
        actor: ImportActor,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure> {
        let batch = self.import_batch(tenant, "undo-import", actor, Some(undone), at).await?;
        let update = diesel::update(imports::table.find((tenant.get(), import.get())))
            .set(imports::undo_batch_id.eq(batch.get()));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(batch)
    }

    async fn undo(
        &mut self,
        applying: &Applying,
        undone: BatchId,
        limit: i64,
    ) -> Result<Option<UndoCounts>, StorageFailure> {
        self.undo_chunk(applying, undone, limit).await
    }

    async fn undo_failed(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        reason: Option<&'static str>,
    ) -> Result<(), StorageFailure> {
        let update = diesel::update(imports::table.find((tenant.get(), import.get())))
            .set(imports::failure.eq(reason));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn finish_undo(&mut self, applying: &Applying, undone: BatchId) -> Result<i64, StorageFailure> {
        self.end_undo(applying, undone).await
    }
}

impl PgTx {
    async fn store_error_groups(&mut self, tenant: TenantId, import: ImportId) -> Result<(), StorageFailure> {
        let groups = StoreErrorGroups { tenant: tenant.get(), import: import.get(), limit: MAX_ERROR_GROUPS };
        let _: (i64,) = self.query(async |connection| groups.get_result(connection).await).await?;
        Ok(())
    }

    async fn chunk(&mut self, applying: &Applying, chunk: Chunk) -> Result<ChunkRow, StorageFailure> {
        self.query(async |connection| connection.batch_execute("SAVEPOINT chunk").await).await?;
        if let Ok(row) = self.write_chunk(applying, chunk).await? {
            return Ok(row);
        }
        // Another transaction created a retailer of the chunk, perhaps in another case, after the rows were looked up.
        self.query(async |connection| connection.batch_execute("ROLLBACK TO SAVEPOINT chunk").await).await?;
        let (tenant, import) = (applying.tenant.get(), applying.import.get());
        let settle = SettleUids { tenant, import, after: chunk.after, to: chunk.to };
        let _: (i64,) = self.query(async |connection| settle.get_result(connection).await).await?;
        let again = self.write_chunk(applying, chunk).await?;
        again.map_err(|()| StorageFailure::Contended("uids of the chunk were created meanwhile".to_owned()))
    }

    /// Writes a chunk; `Err` inside if a uid is taken, which aborts the transaction.
    async fn write_chunk(
        &mut self,
        applying: &Applying,
        chunk: Chunk,
    ) -> Result<Result<ChunkRow, ()>, StorageFailure> {
        let Applying { columns, options, .. } = applying;
        let statement = ApplyChunk {
            tenant: applying.tenant.get(),
            import: applying.import.get(),
            batch: applying.batch.get(),
            after: chunk.after,
            to: chunk.to,
            actor: applying.actor.user.map(|(user, _)| user.get()),
            role: applying.actor.user.map(|(_, role)| role.as_str()),
            request_id: applying.request_id.clone(),
            at: applying.at,
            mode: options.mode.as_str(),
            restore: options.restore_deleted,
            name: columns.name,
            phone: columns.phone,
            territory: columns.territory,
            distributor: columns.distributor,
            points: columns.points,
            routes: columns.routes,
            notes: columns.notes,
        };
        let uid_taken = [("retailers_tenant_id_uid_key", ()), ("retailers_uid_any_case_key", ())];
        self.query(async |connection| taken(statement.get_result(connection).await, &uid_taken)).await
    }

    /// Inserts the batch of an import or of its undo.
    async fn import_batch(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        actor: ImportActor,
        undoes: Option<BatchId>,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure> {
        let insert = diesel::insert_into(batches::table)
            .values((
                batches::tenant_id.eq(tenant.get()),
                batches::kind.eq(kind),
                batches::actor_id.eq(actor.user.map(|(user, _)| user.get())),
                batches::state.eq("applied"),
                batches::created_at.eq(at),
                batches::applied_at.eq(at),
                batches::undoes.eq(undoes.map(BatchId::get)),
            ))
            .returning(batches::id);
        let id: i64 = self.query(async |connection| insert.get_result(connection).await).await?;
        Ok(BatchId::new(id))
    }
}

view!(PgDatabase, PgTx as ImportTx { imports: ImportWriter });

use haat_domain::shared::StorageFailure;
use haat_persistence_adapter::bulk::raw_failure;
use tokio_postgres::Client;

/// The two large tables of a seed.
const LARGE: &str = "'retailers'::regclass, 'sales_rep_retailers'::regclass";

/// Statements that restore the constraints and indexes dropped for the load.
#[derive(Default)]
pub(super) struct Deferred {
    restore: Vec<String>,
}

impl Deferred {
    /// Drops foreign keys and non-unique indexes of the large tables. Filling a table and building an index once
    /// is several times cheaper than updating it for each of a million rows. DDL is transactional, so a failed load
    /// leaves everything unchanged.
    pub(super) async fn drop_from_tables(client: &Client) -> Result<Self, StorageFailure> {
        let objects = client
            .query(
                &format!(
                    "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname), \
                            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, \
                                   pg_get_constraintdef(oid)), \
                            2 AS restore_order \
                     FROM pg_constraint WHERE contype = 'f' AND conrelid IN ({LARGE}) \
                     UNION ALL \
                     SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 1 \
                     FROM pg_index WHERE indrelid IN ({LARGE}) AND NOT indisunique \
                     ORDER BY restore_order, 2"
                ),
                &[],
            )
            .await
            .map_err(raw_failure)?;
        let drop: Vec<String> = objects.iter().map(|row| row.get(0)).collect();
        client.batch_execute(&drop.join(";")).await.map_err(raw_failure)?;
        Ok(Self { restore: objects.iter().map(|row| row.get(1)).collect() })
    }

    /// Recreates the indexes and foreign keys, each built or checked over all rows at once.
    pub(super) async fn recreate(self, client: &Client) -> Result<(), StorageFailure> {
        client.batch_execute("SET LOCAL maintenance_work_mem = '512MB'").await.map_err(raw_failure)?;
        for statement in self.restore {
            client.batch_execute(&statement).await.map_err(raw_failure)?;
        }
        Ok(())
    }
}

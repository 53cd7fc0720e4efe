use haat_domain::shared::StorageFailure;
use haat_persistence_adapter::bulk::raw_failure;
use tokio_postgres::Client;

/// Offsets from the seed's ids to database ids.
#[derive(Default)]
pub(super) struct Offsets {
    pub(super) region: i64,
    pub(super) area: i64,
    pub(super) territory: i64,
    pub(super) distributor: i64,
    pub(super) user: i64,
    pub(super) retailer: i64,
}

/// Returns the highest id allocated so far. The tables are locked, so no other transaction allocates one meanwhile.
pub(super) async fn highest_id(client: &Client, table: &str) -> Result<i64, StorageFailure> {
    let row = client
        .query_one("SELECT nextval(pg_get_serial_sequence($1, 'id')) - 1", &[&table])
        .await
        .map_err(raw_failure)?;
    Ok(row.get(0))
}

/// Advances the table's sequence past the ids in use.
pub(super) async fn advance(client: &Client, table: &str) -> Result<(), StorageFailure> {
    let statement =
        format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}");
    client.batch_execute(&statement).await.map_err(raw_failure)
}

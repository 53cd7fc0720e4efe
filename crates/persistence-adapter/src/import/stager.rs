use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::import::{
    Columns, FilePart, ImportId, ImportStage, ImportStager, NewPlace, OpenStage, RowPlace,
};
use haat_domain::job::Attempt;
use haat_domain::retailer::{Notes, RetailerName, search_key};
use haat_domain::shared::{AreaId, DistributorId, Phone, RegionId, StorageFailure, TerritoryId, fold};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::rows::column_names;
use crate::shared::{DatabaseConfig, Target, cells, connect_raw, copy, raw_failure};

/// Locks the job and sends its heartbeat, if this attempt still holds it. With $4 the attempt has made progress.
const HEARTBEAT: &str = "UPDATE jobs SET heartbeat_at = haat_clock(), \
                    progress = CASE WHEN $4 THEN jsonb_build_object('attempt', attempts) ELSE progress END \
                    WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running'";

/// Starts the validation of the file, unless it has started already.
const START: &str = "UPDATE imports SET state = 'VALIDATING', started_at = coalesce(started_at, clock_timestamp()), \
                     known_columns = $3, extra_columns = $4, file_details = jsonb_build_object('headers', $5::jsonb) \
                     WHERE tenant_id = $1 AND id = $2 AND state IN ('QUEUED', 'VALIDATING') RETURNING staged_to";

/// Moves the checkpoint, unless the import was stopped.
const CHECKPOINT: &str = "UPDATE imports SET staged_to = $3, rows_total = $3 \
                          WHERE tenant_id = $1 AND id = $2 AND state = 'VALIDATING'";

const ROWS: Target = Target {
    table: "import_rows",
    columns: &[
        ("tenant_id", Type::INT8),
        ("import_id", Type::INT8),
        ("row_no", Type::INT8),
        ("uid", Type::TEXT),
        ("name", Type::TEXT),
        ("phone", Type::TEXT),
        ("territory_id", Type::INT8),
        ("territory_place", Type::INT4),
        ("distributor_id", Type::INT8),
        ("distributor_place", Type::INT4),
        ("points", Type::INT4),
        ("routes", Type::TEXT_ARRAY),
        ("notes", Type::TEXT),
        ("search_key", Type::TEXT),
        ("sheet_row", Type::INT8),
        ("outcome", Type::TEXT),
    ],
};

const ERRORS: Target = Target {
    table: "import_errors",
    columns: &[
        ("tenant_id", Type::INT8),
        ("import_id", Type::INT8),
        ("row_no", Type::INT8),
        ("field", Type::TEXT),
        ("code", Type::TEXT),
        ("value", Type::TEXT),
        ("sheet_row", Type::INT8),
    ],
};

const PLACES: Target = Target {
    table: "import_places",
    columns: &[
        ("tenant_id", Type::INT8),
        ("import_id", Type::INT8),
        ("place_no", Type::INT4),
        ("kind", Type::TEXT),
        ("region_id", Type::INT8),
        ("region", Type::TEXT),
        ("area_id", Type::INT8),
        ("area", Type::TEXT),
        ("name", Type::TEXT),
        ("region_key", Type::TEXT),
        ("area_key", Type::TEXT),
        ("name_key", Type::TEXT),
    ],
};

/// Stages rows with COPY, on a dedicated connection.
pub struct PgImportStager {
    config: DatabaseConfig,
}

impl PgImportStager {
    /// Creates the stager. Opens no connection.
    #[must_use]
    pub fn new(config: DatabaseConfig) -> Self {
        Self { config }
    }
}

#[async_trait]
impl ImportStager for PgImportStager {
    async fn open(
        &self,
        attempt: &Attempt,
        import: ImportId,
        columns: Columns,
        extra_columns: &[String],
        column_headers: &BTreeMap<String, String>,
    ) -> Result<Option<OpenStage>, StorageFailure> {
        let client = connect_raw(&self.config).await?;
        let stage =
            Stage { client, attempt: attempt.clone(), tenant: attempt.tenant.get(), import: import.get() };
        stage.run("BEGIN").await?;
        if !stage.heartbeat(false).await? {
            stage.run("ROLLBACK").await?;
            return Ok(None);
        }
        let names = column_names(columns);
        let row = stage
            .client
            .query_opt(
                START,
                &[&stage.tenant, &stage.import, &names, &extra_columns, &serde_json::json!(column_headers)],
            )
            .await
            .map_err(raw_failure)?;
        stage.run("COMMIT").await?;
        Ok(row.map(|row| (Box::new(BlockingStage(Arc::new(stage))) as Box<dyn ImportStage>, row.get(0))))
    }
}

struct Stage {
    client: Client,
    attempt: Attempt,
    tenant: i64,
    import: i64,
}

impl Stage {
    async fn run(&self, statement: &str) -> Result<(), StorageFailure> {
        self.client.batch_execute(statement).await.map_err(raw_failure)
    }

    async fn heartbeat(&self, progress: bool) -> Result<bool, StorageFailure> {
        let Attempt { job, number, .. } = &self.attempt;
        let updated = self.client.execute(HEARTBEAT, &[&self.tenant, &job.get(), number, &progress]).await;
        Ok(updated.map_err(raw_failure)? == 1)
    }

    async fn checkpoint(&self, to: i64) -> Result<bool, StorageFailure> {
        let updated = self.client.execute(CHECKPOINT, &[&self.tenant, &self.import, &to]).await;
        Ok(updated.map_err(raw_failure)? == 1)
    }
}

/// Stores on a separate thread: storing takes as much CPU time as reading the file, and a task would wait for the worker
/// that spawned it, which is busy reading.
struct BlockingStage(Arc<Stage>);

#[async_trait]
impl ImportStage for BlockingStage {
    async fn add(&mut self, part: FilePart) -> Result<bool, StorageFailure> {
        let (stage, runtime) = (Arc::clone(&self.0), Handle::current());
        match spawn_blocking(move || runtime.block_on(stage.store(part))).await {
            Ok(stored) => stored,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(StorageFailure::Unavailable("storing the rows was interrupted".to_owned())),
        }
    }
}

impl Stage {
    async fn store(&self, part: FilePart) -> Result<bool, StorageFailure> {
        let FilePart { to, rows, errors, failed, places } = part;
        let (tenant, import) = (self.tenant, self.import);
        // Rows, errors and checkpoint commit together; rows lost in a crash of the database are read again.
        self.run("BEGIN; SET LOCAL synchronous_commit = off").await?;
        if !(self.heartbeat(true).await? && self.checkpoint(to).await?) {
            self.run("ROLLBACK").await?;
            return Ok(false);
        }
        copy(&self.client, &ROWS, rows.iter(), move |row, values| {
            let (territory, territory_place) = known_or_new(row.territory, TerritoryId::get);
            let (distributor, distributor_place) = known_or_new(row.distributor, DistributorId::get);
            let name = row.name.as_ref().map(RetailerName::as_str);
            values.write(cells![
                tenant,
                import,
                row.row,
                row.uid.as_str(),
                name,
                row.phone.as_ref().map(Phone::as_str),
                territory,
                territory_place,
                distributor,
                distributor_place,
                row.points.get(),
                row.routes.as_slice(),
                row.notes.as_ref().map(Notes::as_str),
                search_key(name.unwrap_or_default(), &row.uid, row.phone.as_ref()),
                row.sheet_row,
                None::<&str>,
            ]);
        })
        .await?;
        // Only their uids count, in the comparison within the file.
        copy(&self.client, &ROWS, failed.iter(), move |row, values| {
            values.write(cells![
                tenant,
                import,
                row.row,
                row.uid.as_str(),
                None::<&str>,
                None::<&str>,
                None::<i64>,
                None::<i32>,
                None::<i64>,
                None::<i32>,
                0,
                [].as_slice() as &[String],
                None::<&str>,
                "",
                row.sheet_row,
                Some("failed"),
            ]);
        })
        .await?;
        copy(&self.client, &ERRORS, errors.iter(), move |error, values| {
            let (field, code, value) = (error.field, error.code, error.value.as_str());
            values.write(cells![tenant, import, error.row, field, code, value, error.sheet_row]);
        })
        .await?;
        copy(&self.client, &PLACES, places.iter(), move |(number, place), values| match place {
            NewPlace::Territory { region, area, territory } => {
                let (region_id, region) = id_or_name(region, RegionId::get);
                let (area_id, area) = id_or_name(area, AreaId::get);
                let name = territory.as_str();
                let (region_key, area_key, name_key) = (region.map(fold), area.map(fold), fold(name));
                values.write(cells![
                    tenant,
                    import,
                    *number,
                    "territory",
                    region_id,
                    region,
                    area_id,
                    area,
                    name,
                    region_key.as_deref(),
                    area_key.as_deref(),
                    name_key.as_str()
                ]);
            }
            NewPlace::Distributor(name) => values.write(cells![
                tenant,
                import,
                *number,
                "distributor",
                None::<i64>,
                None::<&str>,
                None::<i64>,
                None::<&str>,
                name.as_str(),
                None::<&str>,
                None::<&str>,
                fold(name).as_str()
            ]),
        })
        .await?;
        self.run("COMMIT").await?;
        Ok(true)
    }
}

fn known_or_new<Id: Copy>(
    place: Option<RowPlace<Id>>,
    get: impl FnOnce(Id) -> i64,
) -> (Option<i64>, Option<i32>) {
    match place {
        Some(RowPlace::Known(id)) => (Some(get(id)), None),
        Some(RowPlace::New(number)) => (None, Some(number)),
        None => (None, None),
    }
}

fn id_or_name<Id: Copy>(
    place: &Result<Id, String>,
    get: impl FnOnce(Id) -> i64,
) -> (Option<i64>, Option<&str>) {
    match place {
        Ok(id) => (Some(get(*id)), None),
        Err(name) => (None, Some(name)),
    }
}

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::import::{
    Columns, ErrorGroups, Import, ImportId, ImportReader, NamedPlace, NewPlaces, SampleRow,
};
use haat_domain::job::FailedRow;
use haat_domain::shared::{BatchId, Page, PageRequest, StorageFailure, TenantId};

use super::rows::{ImportRecord, error_groups_of};
use super::statements::{FailedRows, LeftByUndo, NewPlaceRows, Sample};
use crate::PgDatabase;
use crate::schema::imports;
use crate::shared::{FailedColumns, failed_row, surplus};

/// A new place as selected, and the number of new places of its kind.
type NewPlaceColumns = (String, Option<String>, Option<String>, String, i64);

#[async_trait]
impl ImportReader for PgDatabase {
    async fn find(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StorageFailure> {
        let query = imports::table.find((tenant.get(), import.get())).select(ImportRecord::as_select());
        let row: Option<ImportRecord> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(Import::try_from).transpose()
    }

    async fn list(
        &self,
        tenant: TenantId,
        page: &PageRequest<ImportId>,
    ) -> Result<Page<Import, ImportId>, StorageFailure> {
        let before = page.after.map_or(i64::MAX, ImportId::get);
        let query = imports::table
            .filter(imports::tenant_id.eq(tenant.get()).and(imports::id.lt(before)))
            .order(imports::id.desc())
            .limit(surplus(page))
            .select(ImportRecord::as_select());
        let rows: Vec<ImportRecord> = self.query(async |connection| query.load(connection).await).await?;
        let rows = rows.into_iter().map(Import::try_from).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |import: &Import| import.id))
    }

    async fn failed_rows(
        &self,
        tenant: TenantId,
        import: ImportId,
        after: i64,
        limit: u16,
    ) -> Result<Vec<FailedRow>, StorageFailure> {
        let statement =
            FailedRows { tenant: tenant.get(), import: import.get(), after, limit: i64::from(limit) };
        let rows: Vec<FailedColumns> =
            self.query(async |connection| statement.load(connection).await).await?;
        Ok(rows.into_iter().map(failed_row).collect())
    }

    async fn error_groups(&self, tenant: TenantId, import: ImportId) -> Result<ErrorGroups, StorageFailure> {
        let query = imports::table.find((tenant.get(), import.get())).select(imports::error_groups);
        let stored: Option<Option<serde_json::Value>> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(stored.flatten().map(|value| error_groups_of(&value)).unwrap_or_default())
    }

    async fn unchanged_by_undo(
        &self,
        tenant: TenantId,
        undone: BatchId,
        limit: u16,
    ) -> Result<Vec<String>, StorageFailure> {
        let statement = LeftByUndo { tenant: tenant.get(), undone: undone.get(), limit: i64::from(limit) };
        let uids: Vec<(String,)> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(uids.into_iter().map(|(uid,)| uid).collect())
    }

    async fn sample(
        &self,
        tenant: TenantId,
        import: ImportId,
        columns: Columns,
        limit: u16,
    ) -> Result<Vec<SampleRow>, StorageFailure> {
        let statement = Sample {
            tenant: tenant.get(),
            import: import.get(),
            limit: i64::from(limit),
            name: columns.name,
            phone: columns.phone,
            territory: columns.territory,
            distributor: columns.distributor,
            points: columns.points,
            routes: columns.routes,
            notes: columns.notes,
        };
        let rows: Vec<(i64, String, bool, Vec<String>)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let sample = |(sheet_row, uid, exists, changes)| SampleRow { sheet_row, uid, exists, changes };
        Ok(rows.into_iter().map(sample).collect())
    }

    async fn new_places(
        &self,
        tenant: TenantId,
        import: ImportId,
        created: bool,
        limit: u16,
    ) -> Result<NewPlaces, StorageFailure> {
        let statement =
            NewPlaceRows { tenant: tenant.get(), import: import.get(), limit: i64::from(limit), created };
        let rows: Vec<NewPlaceColumns> =
            self.query(async |connection| statement.load(connection).await).await?;
        let total = |kind: &str| rows.iter().find(|row| row.0 == kind).map_or(0, |row| row.4);
        let [regions, areas, territories, distributors] =
            ["region", "area", "territory", "distributor"].map(total);
        let named = |(kind, region, area, name, _)| NamedPlace { kind, region, area, name };
        let sample = rows.into_iter().map(named).collect();
        Ok(NewPlaces { regions, areas, territories, distributors, sample })
    }
}

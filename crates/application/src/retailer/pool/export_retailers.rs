use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use haat_domain::retailer::{Retailer, RetailerExporter, RetailerFilter, RetailerUid};
use haat_domain::shared::{Clock, RetailerId, Scope, StorageFailure, TenantId, TimeZone};
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::{PoolInput, PoolSource};
use crate::retailer::search::both_parts;
use crate::retailer::{ListRetailersError, map_for};
use crate::shared::{Allowed, ReadPool};

/// The number of retailers in memory at a time: about 300 kB of a file, read in a few milliseconds.
const CHUNK: u16 = 2_000;

/// Exports all retailers that match a filter, in order of uid.
pub struct ExportRetailers {
    source: PoolSource,
    exporter: Arc<dyn RetailerExporter>,
    clock: Arc<dyn Clock>,
}

impl ExportRetailers {
    /// Builds the use case.
    #[must_use]
    pub fn new(source: PoolSource, exporter: Arc<dyn RetailerExporter>, clock: Arc<dyn Clock>) -> Self {
        Self { source, exporter, clock }
    }

    /// Begins an export. The sort order and page of the input are ignored. No retailers are read yet.
    ///
    /// # Errors
    /// [`ListRetailersError`].
    pub async fn begin(
        &self,
        allowed: &Allowed<ReadPool>,
        input: &PoolInput,
    ) -> Result<Export, ListRetailersError> {
        let resolved = self.source.resolve(allowed, input).await?;
        let (scope, filter) = resolved.map(|(scope, query)| (scope, both_parts(query.filter))).unzip();
        Ok(Export {
            exporter: self.exporter.clone(),
            maps: self.source.maps.clone(),
            tenant: allowed.tenant,
            remaining: scope,
            filter: filter.unwrap_or_default(),
            after: None,
            day: TimeZone::DHAKA.day_of(self.clock.now()),
        })
    }
}

/// An export in progress. It holds at most one part in memory, and no connection or transaction between two
/// parts. Changes during the export may or may not be included. No retailer is included twice.
pub struct Export {
    exporter: Arc<dyn RetailerExporter>,
    maps: Arc<dyn SalesMapReader>,
    tenant: TenantId,
    /// The scope in which more retailers may remain; `None` at the end.
    remaining: Option<Scope>,
    filter: RetailerFilter,
    after: Option<RetailerUid>,
    day: NaiveDate,
}

/// A part of an export, and a map with all places of its retailers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPart {
    /// The retailers.
    pub rows: Vec<Retailer>,
    /// The map with their places.
    pub map: Arc<SalesMap>,
}

impl Export {
    /// Returns the day on which the export began, for the file name.
    #[must_use]
    pub const fn day(&self) -> NaiveDate {
        self.day
    }

    /// Returns the next part, or `None` after the last one.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails. The parts returned so far are then incomplete.
    pub async fn next(&mut self) -> Result<Option<ExportedPart>, StorageFailure> {
        let Some(scope) = &self.remaining else {
            return Ok(None);
        };
        let rows = self.exporter.part(self.tenant, scope, &self.filter, self.after.take(), CHUNK).await?;
        if rows.len() < usize::from(CHUNK) {
            self.remaining = None;
        }
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        self.after = Some(last.uid.clone());
        let map = map_for(&*self.maps, self.tenant, &rows).await?;
        Ok(Some(ExportedPart { rows, map }))
    }

    /// Returns the usernames of the sales reps who serve the retailers of a part.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    pub async fn serving_reps(
        &self,
        part: &ExportedPart,
    ) -> Result<HashMap<RetailerId, Vec<String>>, StorageFailure> {
        let retailers: Vec<RetailerId> = part.rows.iter().map(|retailer| retailer.id).collect();
        self.exporter.serving_reps(self.tenant, &retailers).await
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{MockUsernameReader, Username};
    use haat_domain::retailer::{MockRetailerExporter, Service};
    use haat_domain::shared::MockClock;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::shared::UserSelector;
    use crate::testing::{actor, allowed, noon, retailer, sales_map, scopes};

    fn export(exporter: MockRetailerExporter) -> ExportRetailers {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        let mut users = MockUsernameReader::new();
        users.expect_id_of().returning(|_, _| Ok(None));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let maps: Arc<dyn SalesMapReader> = Arc::new(maps);
        let scopes = scopes(maps.clone());
        let source = PoolSource { maps, users: Arc::new(users), scopes };
        ExportRetailers::new(source, Arc::new(exporter), Arc::new(clock))
    }

    async fn lengths(mut export: Export) -> Vec<usize> {
        let mut lengths = Vec::new();
        while let Some(part) = export.next().await.unwrap() {
            lengths.push(part.rows.len());
        }
        lengths
    }

    #[tokio::test]
    async fn each_part_begins_after_the_previous_one() {
        let part = i64::from(CHUNK);
        for (all, expected) in [
            (0, vec![]),
            (3, vec![3]),
            (part, vec![usize::from(CHUNK)]),
            (part + 1, vec![usize::from(CHUNK), 1]),
        ] {
            let mut exporter = MockRetailerExporter::new();
            exporter
                .expect_part()
                .withf(|tenant, scope, filter, _, _| {
                    (*tenant, scope) == (actor().tenant, &Scope::All)
                        && filter.service == Some(Service::Assigned)
                })
                .returning(move |_, _, _, after, at_most| {
                    let begin = after.map_or(1, |uid| uid.as_str()[4..].parse::<i64>().unwrap() + 1);
                    Ok((begin..=all).take(usize::from(at_most)).map(retailer).collect())
                });
            let input = PoolInput { service: Some(Service::Assigned), ..PoolInput::default() };
            let export = export(exporter).begin(&allowed(), &input).await.unwrap();
            assert_eq!(export.day().to_string(), "2026-09-21");
            assert_eq!(lengths(export).await, expected, "{all}");
        }
    }

    #[tokio::test]
    async fn a_failure_does_not_end_the_export() {
        let mut exporter = MockRetailerExporter::new();
        let down = || StorageFailure::Unavailable("down".into());
        exporter.expect_part().returning(move |_, _, _, _, _| Err(down()));
        let mut export = export(exporter).begin(&allowed(), &PoolInput::default()).await.unwrap();
        assert_eq!(export.next().await, Err(down()));
        assert_eq!(export.next().await, Err(down()));
    }

    #[tokio::test]
    async fn an_unknown_sales_rep_exports_nothing() {
        let unknown = Some(UserSelector::Username(Username::parse("unknown").unwrap()));
        let input = PoolInput { sales_rep: unknown, ..PoolInput::default() };
        let none = export(MockRetailerExporter::new()).begin(&allowed(), &input).await.unwrap();
        assert_eq!(lengths(none).await, Vec::<usize>::new());
    }
}

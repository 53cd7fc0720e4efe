use std::sync::Arc;

use chrono::NaiveDate;
use haat_domain::retailer::{Retailer, RetailerExporter, RetailerFilter, RetailerUid};
use haat_domain::shared::{Clock, Scope, StorageFailure, TenantId, day_of};
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::{PoolError, PoolInput, PoolSource};
use crate::retailer::map_for;
use crate::shared::Actor;

/// As many shops are in memory at once: some 300 kB of a file, read in a few milliseconds.
const PART: u16 = 2_000;

/// All shops that a filter leaves, by uid, for a file.
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

    /// Begins an export; sort and page of the input are of no account. Nothing is read yet.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn execute(&self, actor: &Actor, input: &PoolInput) -> Result<Export, PoolError> {
        let question = self.source.question(actor, input).await?;
        let (scope, filter) = question.map(|(scope, query)| (scope, query.filter)).unzip();
        Ok(Export {
            exporter: self.exporter.clone(),
            maps: self.source.maps.clone(),
            tenant: actor.tenant,
            left: scope,
            filter: filter.unwrap_or_default(),
            after: None,
            day: day_of(self.clock.now()),
        })
    }
}

/// An export under way. Holds one part at most, and between two of them neither a connection nor a transaction: what is
/// changed meanwhile is in it or not, and no shop is in it twice.
pub struct Export {
    exporter: Arc<dyn RetailerExporter>,
    maps: Arc<dyn SalesMapReader>,
    tenant: TenantId,
    /// Among whose shops more may be left.
    left: Option<Scope>,
    filter: RetailerFilter,
    after: Option<RetailerUid>,
    day: NaiveDate,
}

/// Some shops, and the map on which all their places are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPart {
    /// The shops.
    pub rows: Vec<Retailer>,
    /// Their places.
    pub map: Arc<SalesMap>,
}

impl Export {
    /// The day on which it began, for the name of the file.
    #[must_use]
    pub const fn day(&self) -> NaiveDate {
        self.day
    }

    /// The next part; `None` after the last.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer; what came so far is not the whole.
    pub async fn next(&mut self) -> Result<Option<ExportedPart>, StorageFailure> {
        let Some(scope) = self.left else {
            return Ok(None);
        };
        let rows = self.exporter.part(self.tenant, scope, &self.filter, self.after.take(), PART).await?;
        if rows.len() < usize::from(PART) {
            self.left = None;
        }
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        self.after = Some(last.uid.clone());
        let map = map_for(&*self.maps, self.tenant, &rows).await?;
        Ok(Some(ExportedPart { rows, map }))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{MockUsernameReader, Role, Username};
    use haat_domain::retailer::{MockRetailerExporter, Service};
    use haat_domain::shared::MockClock;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::shared::UserRef;
    use crate::testing::{actor, noon, sales_map, shop};

    fn export(exporter: MockRetailerExporter) -> ExportRetailers {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        let mut users = MockUsernameReader::new();
        users.expect_id_of().returning(|_, _| Ok(None));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let source = PoolSource { maps: Arc::new(maps), users: Arc::new(users) };
        ExportRetailers::new(source, Arc::new(exporter), Arc::new(clock))
    }

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    async fn lengths(mut export: Export) -> Vec<usize> {
        let mut lengths = Vec::new();
        while let Some(part) = export.next().await.unwrap() {
            lengths.push(part.rows.len());
        }
        lengths
    }

    #[tokio::test]
    async fn each_part_begins_after_the_one_before() {
        let part = i64::from(PART);
        for (all, expected) in [
            (0, vec![]),
            (3, vec![3]),
            (part, vec![usize::from(PART)]),
            (part + 1, vec![usize::from(PART), 1]),
        ] {
            let mut exporter = MockRetailerExporter::new();
            exporter
                .expect_part()
                .withf(|tenant, scope, filter, _, _| {
                    (*tenant, *scope) == (actor().tenant, Scope::All)
                        && filter.service == Some(Service::Assigned)
                })
                .returning(move |_, _, _, after, at_most| {
                    let begin = after.map_or(1, |uid| uid.as_str()[4..].parse::<i64>().unwrap() + 1);
                    Ok((begin..=all).take(usize::from(at_most)).map(shop).collect())
                });
            let input = PoolInput { service: Some(Service::Assigned), ..PoolInput::default() };
            let export = export(exporter).execute(&admin(), &input).await.unwrap();
            assert_eq!(export.day().to_string(), "2026-09-21");
            assert_eq!(lengths(export).await, expected, "{all}");
        }
    }

    #[tokio::test]
    async fn a_failure_is_not_an_end() {
        let mut exporter = MockRetailerExporter::new();
        let away = || StorageFailure::Unavailable("away".into());
        exporter.expect_part().returning(move |_, _, _, _, _| Err(away()));
        let mut export = export(exporter).execute(&admin(), &PoolInput::default()).await.unwrap();
        assert_eq!(export.next().await, Err(away()));
        assert_eq!(export.next().await, Err(away()));
    }

    #[tokio::test]
    async fn nobodys_shops_are_none_and_a_representative_exports_nothing() {
        let nobody = Some(UserRef::Username(Username::parse("nobody").unwrap()));
        let input = PoolInput { sales_rep: nobody, ..PoolInput::default() };
        let none = export(MockRetailerExporter::new()).execute(&admin(), &input).await.unwrap();
        assert_eq!(lengths(none).await, Vec::<usize>::new());
        let refused = export(MockRetailerExporter::new()).execute(&actor(), &PoolInput::default()).await;
        assert_eq!(refused.err(), Some(PoolError::Forbidden));
    }
}

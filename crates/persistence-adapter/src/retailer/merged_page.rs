//! Pages by name of the retailers of some areas or sales reps, merged from the first names of each.

use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField};
use haat_domain::shared::{AreaId, PageRequest, StorageFailure, TenantId, UserId};

use super::matching::name_and_uid;
use super::queries::Columns;
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{Explain, statement, surplus};

macro_rules! merged_page {
    ($name:ident = $file:literal) => {
        statement! {
            /// Lists the retailers of areas or sales reps in order of name.
            $name = $file -> Columns {
                tenant: i64 as BigInt,
                areas: Vec<i64> as Array<BigInt>,
                reps: Vec<i64> as Array<BigInt>,
                after_name: String as Text,
                after_uid: String as Text,
                names: i64 as BigInt,
                skip: i64 as BigInt,
                rows: i64 as BigInt,
            }
        }

        impl From<MergedPage> for $name {
            fn from(page: MergedPage) -> Self {
                let MergedPage { tenant, areas, reps, after: (after_name, after_uid), skip, rows, .. } = page;
                let names = skip.saturating_add(rows);
                Self { tenant: tenant.get(), areas, reps, after_name, after_uid, names, skip, rows }
            }
        }
    };
}
merged_page!(PageUp = "merged_page_asc.sql");
merged_page!(PageDown = "merged_page_desc.sql");

/// A page of all retailers of some areas or of some sales reps, by name.
pub(super) struct MergedPage {
    tenant: TenantId,
    areas: Vec<i64>,
    reps: Vec<i64>,
    after: (String, String),
    skip: i64,
    rows: i64,
    descending: bool,
}

impl MergedPage {
    /// Returns the page of a query, if it is by name and only areas or only sales reps limit it.
    pub(super) fn of(
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Option<Self> {
        let RetailerQuery { filter: RetailerFilter { areas, served_by, .. }, sort, skip } = query;
        if areas.is_some() == served_by.is_some() || sort.field != RetailerSortField::Name {
            return None;
        }
        let others = RetailerFilter { areas: None, served_by: None, ..query.filter.clone() };
        if others != RetailerFilter::default() {
            return None;
        }
        // The first page starts before all names, or descending after them.
        let start = || if sort.descending { char::MAX.to_string() } else { String::new() };
        let after = name_and_uid(page).unwrap_or_else(|| (start(), String::new()));
        let skip = i64::try_from(*skip).ok()?;
        Some(Self {
            tenant,
            areas: areas.iter().flatten().copied().map(AreaId::get).collect(),
            reps: served_by.iter().flat_map(|reps| reps.iter()).copied().map(UserId::get).collect(),
            after,
            skip,
            rows: surplus(page),
            descending: sort.descending,
        })
    }
}

impl PgDatabase {
    pub(super) async fn merged_page(&self, page: MergedPage) -> Result<Vec<RetailerRow>, StorageFailure> {
        if page.descending {
            let statement = PageDown::from(page);
            self.query(async |connection| statement.load(connection).await).await
        } else {
            let statement = PageUp::from(page);
            self.query(async |connection| statement.load(connection).await).await
        }
    }

    /// Explains the plan of [`Self::merged_page`].
    pub(super) async fn explain_merged_page(&self, page: MergedPage) -> Result<String, StorageFailure> {
        let lines: Vec<String> = if page.descending {
            let statement = Explain::new(PageDown::from(page));
            self.query(async |connection| statement.load(connection).await).await?
        } else {
            let statement = Explain::new(PageUp::from(page));
            self.query(async |connection| statement.load(connection).await).await?
        };
        Ok(lines.join("\n"))
    }
}

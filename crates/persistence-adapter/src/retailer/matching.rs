//! Retailers that match a search, read by prefixes of their names.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerFilter, RetailerKey, Service};
use haat_domain::shared::{
    AreaId, DistributorId, PageRequest, RegionId, StorageFailure, TenantId, TerritoryId, UserId,
};

use super::queries::Columns;
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{Explain, statement};

/// The retailers of a search, and the prefixes of names by which they are read.
const MATCHING: &str = include_str!("matching.sql");

/// The retailers to read next.
pub(super) struct Part<'a> {
    pub(super) tenant: TenantId,
    pub(super) prefixes: Vec<String>,
    pub(super) text: &'a str,
    /// One condition per word, if the key must match all words and must not contain the text.
    pub(super) conditions: Option<&'a [String]>,
    /// Name and uid of the previous row.
    pub(super) after: Option<(String, String)>,
    pub(super) rows: i64,
    pub(super) filter: &'a RetailerFilter,
}

macro_rules! retailers {
    ($name:ident = $file:literal) => {
        statement! {
            /// Lists retailers whose names have one of these prefixes, in order of name.
            $name = MATCHING + $file -> Columns {
                tenant: i64 as BigInt,
                prefixes: Vec<String> as Array<Text>,
                text: String as Text,
                after_name: Option<String> as Nullable<Text>,
                after_uid: Option<String> as Nullable<Text>,
                rows: i64 as BigInt,
                regions: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                areas: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                territories: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                distributors: Option<Vec<i64>> as Nullable<Array<BigInt>>,
                served: Option<bool> as Nullable<Bool>,
                conditions: Option<Vec<String>> as Nullable<Array<Text>>,
                served_by: Option<Vec<i64>> as Nullable<Array<BigInt>>,
            }
        }

        impl $name {
            fn of(part: Part<'_>) -> Self {
                let (after_name, after_uid) = part.after.unzip();
                Self {
                    tenant: part.tenant.get(),
                    prefixes: part.prefixes,
                    text: part.text.to_owned(),
                    after_name,
                    after_uid,
                    rows: part.rows,
                    regions: ids(part.filter.regions.as_deref(), RegionId::get),
                    areas: ids(part.filter.areas.as_deref(), AreaId::get),
                    territories: ids(part.filter.territories.as_deref(), TerritoryId::get),
                    distributors: ids(part.filter.distributors.as_deref(), DistributorId::get),
                    served: part.filter.service.map(|service| service == Service::Assigned),
                    conditions: part.conditions.map(<[String]>::to_vec),
                    served_by: ids(part.filter.served_by.as_deref(), UserId::get),
                }
            }
        }
    };
}
retailers!(RetailersUp = "word_retailers_asc.sql");
retailers!(RetailersDown = "word_retailers_desc.sql");
retailers!(RetailersInAreasUp = "word_retailers_in_areas_asc.sql");
retailers!(RetailersInAreasDown = "word_retailers_in_areas_desc.sql");

impl PgDatabase {
    /// Reads the next retailers of a search, in order of name.
    pub(super) async fn matching(
        &self,
        part: Part<'_>,
        descending: bool,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        macro_rules! load {
            ($statement:ident) => {{
                let statement = $statement::of(part);
                self.query(async |connection| statement.load(connection).await).await
            }};
        }
        match (part.filter.areas.is_some(), descending) {
            (false, false) => load!(RetailersUp),
            (false, true) => load!(RetailersDown),
            (true, false) => load!(RetailersInAreasUp),
            (true, true) => load!(RetailersInAreasDown),
        }
    }

    /// Explains the plan of [`Self::matching`].
    pub(super) async fn explain_matching(&self, part: Part<'_>) -> Result<String, StorageFailure> {
        let lines: Vec<String> = if part.filter.areas.is_some() {
            let statement = Explain::new(RetailersInAreasUp::of(part));
            self.query(async |connection| statement.load(connection).await).await?
        } else {
            let statement = Explain::new(RetailersUp::of(part));
            self.query(async |connection| statement.load(connection).await).await?
        };
        Ok(lines.join("\n"))
    }
}

/// Returns the name and the uid after which a page by name starts.
pub(super) fn name_and_uid(page: &PageRequest<RetailerKey>) -> Option<(String, String)> {
    match &page.after {
        Some(RetailerKey::Name { name, uid }) => Some((name.clone(), uid.as_str().to_owned())),
        _ => None,
    }
}

fn ids<Id: Copy>(ids: Option<&[Id]>, get: impl Fn(Id) -> i64) -> Option<Vec<i64>> {
    ids.map(|ids| ids.iter().copied().map(get).collect())
}

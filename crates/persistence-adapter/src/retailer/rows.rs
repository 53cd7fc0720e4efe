use chrono::{DateTime, Utc};
use haat_domain::retailer::{Retailer, RetailerUid};
use haat_domain::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, StorageFailure, TerritoryId};

use crate::shared::inconsistent;

/// A retailer, with its columns in the order in which the queries select them.
#[derive(diesel::Queryable)]
pub(super) struct RetailerRow {
    id: i64,
    uid: String,
    name: String,
    phone: Option<String>,
    places: (i64, i64, i64, Option<i64>),
    points: i32,
    routes: Vec<Option<String>>,
    notes: Option<String>,
    updated_at: DateTime<Utc>,
    pub(super) version: i64,
    assigned_at: Option<DateTime<Utc>>,
}

impl TryFrom<RetailerRow> for Retailer {
    type Error = StorageFailure;

    fn try_from(row: RetailerRow) -> Result<Self, StorageFailure> {
        let phone = row.phone.as_deref().map(Phone::parse).transpose();
        Ok(Self {
            id: RetailerId::new(row.id),
            uid: RetailerUid::parse(&row.uid).map_err(|error| inconsistent("retailers", "uid", error))?,
            name: row.name,
            phone: phone.map_err(|error| inconsistent("retailers", "phone", error))?,
            region: RegionId::new(row.places.0),
            area: AreaId::new(row.places.1),
            territory: TerritoryId::new(row.places.2),
            distributor: row.places.3.map(DistributorId::new),
            points: row.points,
            routes: row.routes.into_iter().flatten().collect(),
            notes: row.notes,
            updated_at: row.updated_at,
            version: row.version,
            assigned_at: row.assigned_at,
        })
    }
}

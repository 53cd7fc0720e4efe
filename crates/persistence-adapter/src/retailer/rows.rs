use chrono::{DateTime, Utc};
use haat_domain::retailer::{RetailerUid, RetailerView};
use haat_domain::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, StorageFailure, TerritoryId};
use haat_domain::territory::Named;

use crate::shared::inconsistent;

/// A shop and the names of its places, in the order in which the queries select them.
#[derive(diesel::Queryable)]
pub(super) struct RetailerRow {
    id: i64,
    uid: String,
    name: String,
    phone: Option<String>,
    region: (i64, String),
    area: (i64, String),
    territory: (i64, String),
    distributor: Option<(i64, String)>,
    points: i32,
    routes: Vec<Option<String>>,
    notes: Option<String>,
    updated_at: DateTime<Utc>,
    version: i64,
    assigned_at: Option<DateTime<Utc>>,
}

impl TryFrom<RetailerRow> for RetailerView {
    type Error = StorageFailure;

    fn try_from(row: RetailerRow) -> Result<Self, StorageFailure> {
        let phone = row.phone.as_deref().map(Phone::parse).transpose();
        Ok(Self {
            id: RetailerId::new(row.id),
            uid: RetailerUid::parse(&row.uid).map_err(|error| inconsistent("retailers", "uid", error))?,
            name: row.name,
            phone: phone.map_err(|error| inconsistent("retailers", "phone", error))?,
            region: Named { id: RegionId::new(row.region.0), name: row.region.1 },
            area: Named { id: AreaId::new(row.area.0), name: row.area.1 },
            territory: Named { id: TerritoryId::new(row.territory.0), name: row.territory.1 },
            distributor: row.distributor.map(|(id, name)| Named { id: DistributorId::new(id), name }),
            points: row.points,
            routes: row.routes.into_iter().flatten().collect(),
            notes: row.notes,
            updated_at: row.updated_at,
            version: row.version,
            assigned_at: row.assigned_at,
        })
    }
}

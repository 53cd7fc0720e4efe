use chrono::{DateTime, Utc};

use super::RetailerUid;
use crate::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, TerritoryId};

/// A retailer as it is read. The names of its places are on the [`SalesMap`](crate::territory::SalesMap).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retailer {
    /// The internal id.
    pub id: RetailerId,
    /// The uid, the public identifier.
    pub uid: RetailerUid,
    /// The name, as typed.
    pub name: String,
    /// The phone, if known.
    pub phone: Option<Phone>,
    /// The region it lies in.
    pub region: RegionId,
    /// The area it lies in.
    pub area: AreaId,
    /// The territory it lies in.
    pub territory: TerritoryId,
    /// The distributor, if there is one.
    pub distributor: Option<DistributorId>,
    /// Loyalty points, never negative.
    pub points: i32,
    /// The routes on which it is visited.
    pub routes: Vec<String>,
    /// The notes of the sales rep.
    pub notes: Option<String>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
    /// The version, raised by every change; starts at 1.
    pub version: i64,
    /// The start of the calling sales rep's assignment; `None` outside a sales rep's own list.
    pub assigned_at: Option<DateTime<Utc>>,
}

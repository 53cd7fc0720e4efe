use chrono::{DateTime, Utc};

use super::RetailerUid;
use crate::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, TerritoryId};

/// A shop as a reader sees it. The names of its places are on the [`SalesMap`](crate::territory::SalesMap).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retailer {
    /// The internal id.
    pub id: RetailerId,
    /// The public name.
    pub uid: RetailerUid,
    /// The shop's name, as typed.
    pub name: String,
    /// The shop's phone, if one is known.
    pub phone: Option<Phone>,
    /// The region it lies in.
    pub region: RegionId,
    /// The area it lies in.
    pub area: AreaId,
    /// The territory it lies in.
    pub territory: TerritoryId,
    /// Who delivers to it, if anyone does.
    pub distributor: Option<DistributorId>,
    /// Loyalty points, never negative.
    pub points: i32,
    /// The routes on which it is visited.
    pub routes: Vec<String>,
    /// What the sales representative wrote down.
    pub notes: Option<String>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
    /// Raised by every change; starts at 1.
    pub version: i64,
    /// Since when the calling representative serves it; none outside a representative's own list.
    pub assigned_at: Option<DateTime<Utc>>,
}

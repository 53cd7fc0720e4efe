use haat_application::retailer::office::FoundInPool;
use haat_domain::retailer::{OfficeRetailer, ServingRep};
use haat_domain::territory::SalesMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::retailer::dto::RetailerDto;
use crate::shared::{Plain, Problem, Timestamp};

/// The members of a shop in the office's lists.
pub(super) const ALL: [&str; 15] = [
    "uid",
    "name",
    "phone",
    "region",
    "area",
    "territory",
    "distributor",
    "points",
    "routes",
    "notes",
    "updatedAt",
    "version",
    "createdAt",
    "deletedAt",
    "salesReps",
];

/// A shop as the office sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OfficeRetailer)]
pub(super) struct OfficeRetailerDto<'a> {
    #[serde(flatten)]
    shop: RetailerDto<'a>,
    /// Since when it is known.
    created_at: Timestamp,
    /// Since when it is deleted; `null` while it is not.
    #[schema(required = true)]
    deleted_at: Option<Timestamp>,
    /// Who serves it.
    sales_reps: Vec<ServingRepDto<'a>>,
}

/// A representative who serves a shop.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ServingRep)]
pub(super) struct ServingRepDto<'a> {
    /// Id.
    #[schema(example = 7)]
    id: i64,
    /// Username.
    #[schema(example = "sr00001")]
    username: &'a str,
    /// Name.
    #[schema(example = "Rahim Uddin")]
    name: &'a str,
    /// Since when.
    assigned_at: Timestamp,
}

impl<'a> OfficeRetailerDto<'a> {
    /// A shop with the names its places have on `map`.
    pub(super) fn new(found: &'a OfficeRetailer, map: &'a SalesMap) -> Self {
        let rep = |rep: &'a ServingRep| ServingRepDto {
            id: rep.id.get(),
            username: &rep.username,
            name: &rep.name,
            assigned_at: Timestamp(rep.assigned_at),
        };
        Self {
            shop: RetailerDto::new(&found.retailer, map),
            created_at: Timestamp(found.created_at),
            deleted_at: found.deleted_at.map(Timestamp),
            sales_reps: found.sales_reps.iter().map(rep).collect(),
        }
    }
}

/// A shop as an answer.
pub(super) fn plain(found: &FoundInPool) -> Result<Plain, Problem> {
    Plain::json(&OfficeRetailerDto::new(&found.shop, &found.map), Some(found.shop.retailer.version))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use haat_domain::retailer::{Retailer, RetailerUid};
    use haat_domain::shared::{AreaId, RegionId, RetailerId, TerritoryId};

    use super::*;

    #[test]
    fn every_member_can_be_wanted() {
        let at = DateTime::UNIX_EPOCH;
        let retailer = Retailer {
            id: RetailerId::new(1),
            uid: RetailerUid::parse("RTL-1").unwrap(),
            name: "Ma Store".into(),
            phone: None,
            region: RegionId::new(1),
            area: AreaId::new(1),
            territory: TerritoryId::new(1),
            distributor: None,
            points: 0,
            routes: vec![],
            notes: None,
            updated_at: at,
            version: 1,
            assigned_at: None,
        };
        let shop = OfficeRetailer { retailer, created_at: at, deleted_at: None, sales_reps: vec![] };
        let shown = serde_json::to_value(OfficeRetailerDto::new(&shop, &SalesMap::default())).unwrap();
        let mut members: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        let mut all = ALL;
        members.sort_unstable();
        all.sort_unstable();
        assert_eq!(members, all);
    }
}

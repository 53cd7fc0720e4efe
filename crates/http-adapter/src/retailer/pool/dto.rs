use haat_application::retailer::pool::FoundInPool;
use haat_domain::retailer::{PoolRetailer, ServingRep};
use haat_domain::territory::{NameLanguage, SalesMap};
use serde::Serialize;
use utoipa::ToSchema;

use crate::retailer::dto::RetailerDto;
use haat_http_core::Timestamp;

/// The members of a retailer in pool lists.
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

/// A retailer of the pool.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PoolRetailer)]
pub(super) struct PoolRetailerDto<'a> {
    #[serde(flatten)]
    pool_retailer: RetailerDto<'a>,
    /// Creation time.
    created_at: Timestamp,
    /// Deletion time; `null` if the retailer is not deleted.
    #[schema(required = true)]
    deleted_at: Option<Timestamp>,
    /// The sales reps who serve the retailer.
    sales_reps: Vec<ServingRepDto<'a>>,
}

/// A sales rep who serves a retailer.
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
    /// Start of the assignment.
    assigned_at: Timestamp,
}

impl<'a> PoolRetailerDto<'a> {
    /// Builds the response object, with place names from `map` in a language.
    pub(super) fn new(found: &'a PoolRetailer, map: &'a SalesMap, language: NameLanguage) -> Self {
        let rep = |rep: &'a ServingRep| ServingRepDto {
            id: rep.id.get(),
            username: &rep.username,
            name: &rep.name,
            assigned_at: Timestamp(rep.assigned_at),
        };
        Self {
            pool_retailer: RetailerDto::new(&found.retailer, map, language),
            created_at: Timestamp(found.created_at),
            deleted_at: found.deleted_at.map(Timestamp),
            sales_reps: found.sales_reps.iter().map(rep).collect(),
        }
    }
}

impl<'a> From<&'a FoundInPool> for PoolRetailerDto<'a> {
    fn from(found: &'a FoundInPool) -> Self {
        Self::new(&found.pool_retailer, &found.map, NameLanguage::default())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use haat_domain::retailer::{Retailer, RetailerUid};
    use haat_domain::shared::{AreaId, RegionId, RetailerId, TerritoryId};

    use super::*;

    #[test]
    fn every_member_is_selectable() {
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
        let pool_retailer = PoolRetailer { retailer, created_at: at, deleted_at: None, sales_reps: vec![] };
        let value = serde_json::to_value(PoolRetailerDto::new(
            &pool_retailer,
            &SalesMap::default(),
            NameLanguage::default(),
        ))
        .unwrap();
        let mut members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut all = ALL;
        members.sort_unstable();
        all.sort_unstable();
        assert_eq!(members, all);
    }
}

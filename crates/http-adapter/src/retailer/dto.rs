use std::borrow::Cow;

use haat_domain::retailer::Retailer;
use haat_domain::shared::Phone;
use haat_domain::territory::SalesMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::Timestamp;

/// A place or a distributor.
#[derive(Serialize, ToSchema)]
#[schema(as = Named)]
pub(crate) struct NamedDto<'a> {
    /// Id.
    #[schema(example = 3)]
    pub(crate) id: i64,
    /// Name.
    #[schema(example = "Dhaka")]
    pub(crate) name: Cow<'a, str>,
}

/// A shop.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Retailer)]
pub(super) struct RetailerDto<'a> {
    /// The shop's public name.
    #[schema(example = "RTL-0000042")]
    uid: &'a str,
    /// Name, as typed.
    #[schema(example = "M/S Rahim Store")]
    name: &'a str,
    /// Phone in E.164.
    #[schema(example = "+8801711234567", required = true)]
    phone: Option<&'a str>,
    /// Region.
    region: NamedDto<'a>,
    /// Area.
    area: NamedDto<'a>,
    /// Territory.
    territory: NamedDto<'a>,
    /// Who delivers.
    #[schema(required = true)]
    distributor: Option<NamedDto<'a>>,
    /// Loyalty points.
    #[schema(minimum = 0, example = 120)]
    points: i32,
    /// The routes on which it is visited.
    routes: &'a [String],
    /// What the representative wrote down.
    #[schema(required = true)]
    notes: Option<&'a str>,
    /// The time of the last change.
    updated_at: Timestamp,
    /// Raised by every change.
    #[schema(example = 1)]
    version: i64,
    /// Since when the calling representative serves it; only there for representatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<Timestamp>,
}

impl<'a> RetailerDto<'a> {
    /// A shop with the names its places have on `map`.
    pub(super) fn new(shop: &'a Retailer, map: &'a SalesMap) -> Self {
        let named = |id, name: Option<&'a str>| NamedDto { id, name: name.unwrap_or_default().into() };
        Self {
            uid: shop.uid.as_str(),
            name: &shop.name,
            phone: shop.phone.as_ref().map(Phone::as_str),
            region: named(shop.region.get(), map.regions.name(shop.region)),
            area: named(shop.area.get(), map.areas.name(shop.area)),
            territory: named(shop.territory.get(), map.territories.name(shop.territory)),
            distributor: shop.distributor.map(|id| named(id.get(), map.distributors.name(id))),
            points: shop.points,
            routes: &shop.routes,
            notes: shop.notes.as_deref(),
            updated_at: Timestamp(shop.updated_at),
            version: shop.version,
            assigned_at: shop.assigned_at.map(Timestamp),
        }
    }
}

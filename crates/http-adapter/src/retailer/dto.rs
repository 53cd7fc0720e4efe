use haat_domain::retailer::Retailer;
use haat_domain::shared::Phone;
use haat_domain::territory::{NameLanguage, SalesMap};
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::{NamedRefDto, Timestamp};

/// A retailer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Retailer)]
pub(super) struct RetailerDto<'a> {
    /// Uid of the retailer.
    #[schema(example = "RTL-0000042")]
    uid: &'a str,
    /// Name, as entered.
    #[schema(example = "M/S Rahim Store")]
    name: &'a str,
    /// Phone number in E.164 format.
    #[schema(example = "+8801711234567", required = true)]
    phone: Option<&'a str>,
    /// Region.
    region: NamedRefDto<'a>,
    /// Area.
    area: NamedRefDto<'a>,
    /// Territory.
    territory: NamedRefDto<'a>,
    /// The distributor that delivers to the retailer.
    #[schema(required = true)]
    distributor: Option<NamedRefDto<'a>>,
    /// Loyalty points.
    #[schema(minimum = 0, example = 120)]
    points: i32,
    /// The routes on which the retailer is visited.
    routes: &'a [String],
    /// Notes of the sales rep.
    #[schema(required = true)]
    notes: Option<&'a str>,
    /// The time of the last change.
    updated_at: Timestamp,
    /// Increases with every change. In double quotes it is accepted as `If-Match`.
    #[schema(example = 1)]
    version: i64,
    /// Start of the caller's assignment; present for sales reps only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    assigned_at: Option<Timestamp>,
}

impl<'a> RetailerDto<'a> {
    /// Builds the response object, with place names from `map` in a language.
    pub(super) fn new(retailer: &'a Retailer, map: &'a SalesMap, language: NameLanguage) -> Self {
        let place = |id, name: Option<&'a str>| NamedRefDto { id, name: name.unwrap_or_default().into() };
        Self {
            uid: retailer.uid.as_str(),
            name: &retailer.name,
            phone: retailer.phone.as_ref().map(Phone::as_str),
            region: place(retailer.region.get(), map.regions.name_in(retailer.region, language)),
            area: place(retailer.area.get(), map.areas.name_in(retailer.area, language)),
            territory: place(retailer.territory.get(), map.territories.name_in(retailer.territory, language)),
            distributor: retailer
                .distributor
                .map(|id| place(id.get(), map.distributors.name_in(id, language))),
            points: retailer.points,
            routes: &retailer.routes,
            notes: retailer.notes.as_deref(),
            updated_at: Timestamp(retailer.updated_at),
            version: retailer.version,
            assigned_at: retailer.assigned_at.map(Timestamp),
        }
    }
}

use haat_domain::territory::{NamedRef, Place, PlaceWithAncestors};
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::NamedRefDto;

/// A region or a distributor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Place)]
pub(super) struct PlaceDto {
    /// Id.
    #[schema(example = 3)]
    id: i64,
    /// Name.
    #[schema(example = "Dhaka")]
    name: String,
    /// Name in Bangla.
    #[schema(example = "ঢাকা", required = true)]
    name_bn: Option<String>,
}

/// An area.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Area)]
pub(super) struct AreaDto {
    /// Id.
    #[schema(example = 3)]
    id: i64,
    /// Name.
    #[schema(example = "Gazipur")]
    name: String,
    /// Name in Bangla.
    #[schema(example = "গাজীপুর", required = true)]
    name_bn: Option<String>,
    /// The region of the area.
    region: NamedRefDto<'static>,
}

/// A territory.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Territory)]
pub(super) struct TerritoryDto {
    /// Id.
    #[schema(example = 3)]
    id: i64,
    /// Name.
    #[schema(example = "Kaliganj")]
    name: String,
    /// Name in Bangla.
    #[schema(example = "কালীগঞ্জ", required = true)]
    name_bn: Option<String>,
    /// The area of the territory.
    area: NamedRefDto<'static>,
    /// The region of the area.
    region: NamedRefDto<'static>,
}

/// A place with its version, as administrators of the map see it.
#[derive(Serialize, ToSchema)]
pub(super) struct ManagedPlace<T> {
    #[serde(flatten)]
    place: T,
    /// Increases with every change.
    #[schema(example = 1)]
    version: i64,
}

/// A representation of a place in responses.
pub(super) trait PlaceView: Serialize + ToSchema + for<'a> From<&'a PlaceWithAncestors> {}

impl<T: Serialize + ToSchema + for<'a> From<&'a PlaceWithAncestors>> PlaceView for T {}

impl From<&PlaceWithAncestors> for PlaceDto {
    fn from(PlaceWithAncestors { place, .. }: &PlaceWithAncestors) -> Self {
        let (name, name_bn) = names(place);
        Self { id: place.id, name, name_bn }
    }
}

impl From<&PlaceWithAncestors> for AreaDto {
    fn from(PlaceWithAncestors { place, ancestors }: &PlaceWithAncestors) -> Self {
        let (name, name_bn) = names(place);
        Self { id: place.id, name, name_bn, region: named(ancestors.region.as_ref()) }
    }
}

impl From<&PlaceWithAncestors> for TerritoryDto {
    fn from(PlaceWithAncestors { place, ancestors }: &PlaceWithAncestors) -> Self {
        let (name, name_bn) = names(place);
        let (area, region) = (named(ancestors.area.as_ref()), named(ancestors.region.as_ref()));
        Self { id: place.id, name, name_bn, area, region }
    }
}

impl<T: for<'a> From<&'a PlaceWithAncestors>> From<&PlaceWithAncestors> for ManagedPlace<T> {
    fn from(source: &PlaceWithAncestors) -> Self {
        Self { place: source.into(), version: source.place.version }
    }
}

fn names(place: &Place) -> (String, Option<String>) {
    (place.name.as_ref().to_owned(), place.name_bn.as_deref().map(str::to_owned))
}

/// Converts an ancestor. Foreign keys guarantee that it exists.
fn named(place: Option<&NamedRef>) -> NamedRefDto<'static> {
    place.map_or(NamedRefDto { id: 0, name: "".into() }, |place| NamedRefDto {
        id: place.id,
        name: place.name.as_ref().to_owned().into(),
    })
}

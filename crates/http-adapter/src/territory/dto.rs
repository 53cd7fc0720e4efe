use haat_domain::territory::{NamedRef, Place, PlaceWithAncestors};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::retailer::NamedRefDto;
use crate::shared::PageInfo;

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

/// A page of a list, ordered by name.
#[derive(Serialize, ToSchema)]
pub(super) struct PageOf<T> {
    /// The rows, ordered by name.
    pub(super) data: Vec<T>,
    /// The page.
    pub(super) page: PageInfo,
}

/// A representation of a place in responses.
pub(super) trait PlaceView: Serialize + for<'a> From<&'a PlaceWithAncestors> {}

impl<T: Serialize + for<'a> From<&'a PlaceWithAncestors>> PlaceView for T {}

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

/// Declares the bodies of one kind of place: one for creation and replacement, and one for a patch.
macro_rules! bodies {
    ($whole_doc:literal, $patch_doc:literal: $body:ident as $name:ident, $patch:ident as $patch_name:ident $(, $parent:ident: $parent_doc:literal)?) => {
        #[doc = $whole_doc]
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[schema(as = $name)]
        #[expect(dead_code, reason = "documents the body, which is parsed member by member to report all errors at once")]
        pub(super) struct $body {
            /// Name.
            #[schema(min_length = 1, max_length = 200)]
            name: String,
            /// Name in Bangla.
            #[schema(min_length = 1, max_length = 200, nullable)]
            name_bn: Option<String>,
            $(
                #[doc = $parent_doc]
                $parent: i64,
            )?
        }

        #[doc = $patch_doc]
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[schema(as = $patch_name)]
        #[expect(dead_code, reason = "documents the body")]
        pub(super) struct $patch {
            /// Name.
            #[schema(min_length = 1, max_length = 200, nullable = false)]
            name: Option<String>,
            /// Name in Bangla; `null` clears it.
            #[schema(min_length = 1, max_length = 200, nullable)]
            name_bn: Option<String>,
            $(
                #[doc = $parent_doc]
                #[schema(nullable = false)]
                $parent: Option<i64>,
            )?
        }
    };
}

bodies!(
    "The values of a region or distributor.", "New values for a region or distributor. Absent members are left unchanged.":
    PlaceBody as NewPlace, PlacePatch as PlacePatch
);
bodies!(
    "The values of an area.", "New values for an area. Absent members are left unchanged.":
    AreaBody as NewArea, AreaPatch as AreaPatch, region: "Id of the region."
);
bodies!(
    "The values of a territory.", "New values for a territory. Absent members are left unchanged.":
    TerritoryBody as NewTerritory, TerritoryPatch as TerritoryPatch, area: "Id of the area."
);

/// The result of a dry run: the resource that would be created, without an id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a response that is rendered from the resource")]
pub(super) struct DryRunResult {
    /// Always `null`.
    #[schema(required = true)]
    id: Option<i64>,
    /// The other members of the 201 response.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

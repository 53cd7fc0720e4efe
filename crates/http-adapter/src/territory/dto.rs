use haat_domain::territory::{Located, Named, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::retailer::NamedDto;
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
    /// The region it lies in.
    region: NamedDto<'static>,
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
    /// The area it lies in.
    area: NamedDto<'static>,
    /// The region that one lies in.
    region: NamedDto<'static>,
}

/// As who keeps the map sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct Managed<T> {
    #[serde(flatten)]
    place: T,
    /// Raised by every change.
    #[schema(example = 1)]
    version: i64,
}

/// A page of a list, in order of name.
#[derive(Serialize, ToSchema)]
pub(super) struct PageOf<T> {
    /// The rows, in order.
    pub(super) data: Vec<T>,
    /// The page.
    pub(super) page: PageInfo,
}

/// Makes of a place what is shown of it.
pub(super) trait Shown: Serialize + for<'a> From<&'a Located> {}

impl<T: Serialize + for<'a> From<&'a Located>> Shown for T {}

impl From<&Located> for PlaceDto {
    fn from(Located { place, .. }: &Located) -> Self {
        let (name, name_bn) = names(place);
        Self { id: place.id, name, name_bn }
    }
}

impl From<&Located> for AreaDto {
    fn from(Located { place, above }: &Located) -> Self {
        let (name, name_bn) = names(place);
        Self { id: place.id, name, name_bn, region: named(above.region.as_ref()) }
    }
}

impl From<&Located> for TerritoryDto {
    fn from(Located { place, above }: &Located) -> Self {
        let (name, name_bn) = names(place);
        let (area, region) = (named(above.area.as_ref()), named(above.region.as_ref()));
        Self { id: place.id, name, name_bn, area, region }
    }
}

impl<T: for<'a> From<&'a Located>> From<&Located> for Managed<T> {
    fn from(located: &Located) -> Self {
        Self { place: located.into(), version: located.place.version }
    }
}

fn names(place: &Place) -> (String, Option<String>) {
    (place.name.as_ref().to_owned(), place.name_bn.as_deref().map(str::to_owned))
}

/// Foreign keys see to it that there always is one.
fn named(place: Option<&Named>) -> NamedDto<'static> {
    place.map_or(NamedDto { id: 0, name: "".into() }, |place| NamedDto {
        id: place.id,
        name: place.name.as_ref().to_owned().into(),
    })
}

/// The bodies of one kind of place: a new one or one that takes the place of another, and a patch.
macro_rules! bodies {
    ($whole_doc:literal, $patch_doc:literal: $body:ident as $name:ident, $patch:ident as $patch_name:ident $(, $parent:ident: $parent_doc:literal)?) => {
        #[doc = $whole_doc]
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[schema(as = $name)]
        #[expect(dead_code, reason = "describes the body, which is read member by member to tell everything wrong at once")]
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
        #[expect(dead_code, reason = "describes the body")]
        pub(super) struct $patch {
            /// Name.
            #[schema(min_length = 1, max_length = 200, nullable = false)]
            name: Option<String>,
            /// Name in Bangla; `null` takes it away.
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
    "What a region or distributor is to be.", "New values for one. What is absent stays as it is.":
    PlaceBody as NewPlace, PlacePatch as PlacePatch
);
bodies!(
    "What an area is to be.", "New values for an area. What is absent stays as it is.":
    AreaBody as NewArea, AreaPatch as AreaPatch, region: "The id of the region it lies in."
);
bodies!(
    "What a territory is to be.", "New values for a territory. What is absent stays as it is.":
    TerritoryBody as NewTerritory, TerritoryPatch as TerritoryPatch, area: "The id of the area it lies in."
);

/// What would have been made, without an id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer, which is written as what would be made")]
pub(super) struct Trial {
    /// Always `null`.
    #[schema(required = true)]
    id: Option<i64>,
    /// The other members are those of the answer 201.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

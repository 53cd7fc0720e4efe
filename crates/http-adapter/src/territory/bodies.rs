//! Bodies of requests that create, replace and update places.

use haat_application::territory::CreatePlace;
use haat_domain::territory::{PlaceChange, PlaceKind, PlaceName};

use haat_http_core::body;

/// Declares the bodies of one kind of place: one for creation and replacement, and one for a patch.
macro_rules! bodies {
    ($whole:ident as $whole_name:literal $whole_doc:literal, $patch:ident as $patch_name:literal $patch_doc:literal
     $(, $parent:ident $parent_doc:literal)?) => {
        body! {
            #[doc = $whole_doc]
            pub(super) struct $whole as $whole_name {
                /// Name.
                name: required text PlaceName,
                /// Name in Bangla.
                name_bn: optional text PlaceName,
                $(#[doc = $parent_doc] $parent: required id,)?
            }
        }

        impl $whole {
            /// Returns the place to create.
            pub(super) fn create(self, kind: PlaceKind) -> CreatePlace {
                CreatePlace { kind, name: self.name, name_bn: self.name_bn, parent: bodies!(@parent $(self.$parent)?) }
            }

            /// Returns the change that gives a place these values.
            pub(super) fn change(self) -> PlaceChange {
                let parent = bodies!(@parent $(self.$parent)?);
                PlaceChange { name: Some(self.name), name_bn: Some(self.name_bn), parent }
            }
        }

        body! {
            #[doc = $patch_doc]
            pub(super) struct $patch as $patch_name {
                /// Name.
                name: patch text PlaceName,
                /// Name in Bangla; `null` clears it.
                name_bn: nullable text PlaceName,
                $(#[doc = $parent_doc] $parent: patch id,)?
            }
        }

        impl $patch {
            /// Returns the change.
            pub(super) fn change(self) -> PlaceChange {
                let parent = bodies!(@patched $(self.$parent)?);
                PlaceChange { name: self.name, name_bn: self.name_bn, parent }
            }
        }
    };
    (@parent $id:expr) => { Some($id) };
    (@parent) => { None };
    (@patched $id:expr) => { $id };
    (@patched) => { None };
}

bodies!(
    PlaceBody as "NewPlace" "The values of a region or distributor.",
    PlacePatch as "PlacePatch" "New values for a region or distributor. Absent members are left unchanged."
);
bodies!(
    AreaBody as "NewArea" "The values of an area.",
    AreaPatch as "AreaPatch" "New values for an area. Absent members are left unchanged.",
    region "Id of the region."
);
bodies!(
    TerritoryBody as "NewTerritory" "The values of a territory.",
    TerritoryPatch as "TerritoryPatch" "New values for a territory. Absent members are left unchanged.",
    area "Id of the area."
);

use haat_domain::territory::PlaceAlias;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::retailer::NamedDto;

/// An older or other spelling of a place.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaceAlias)]
pub(super) struct AliasDto {
    /// Id.
    #[schema(example = 3)]
    id: i64,
    /// What the place is: `region`, `area` or `territory`.
    #[schema(example = "area")]
    kind: &'static str,
    /// The place.
    place: NamedDto<'static>,
    /// The spelling.
    #[schema(example = "Comilla")]
    alias: String,
}

impl From<&PlaceAlias> for AliasDto {
    fn from(alias: &PlaceAlias) -> Self {
        let place = NamedDto { id: alias.place.id, name: alias.place.name.as_ref().to_owned().into() };
        Self { id: alias.id, kind: alias.kind.get().as_str(), place, alias: alias.alias.as_ref().to_owned() }
    }
}

/// What a place is called, too.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewPlaceAlias)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member to tell everything wrong at once"
)]
pub(super) struct AliasBody {
    /// What the place is: `region`, `area` or `territory`.
    #[schema(example = "area")]
    kind: String,
    /// The id of the place.
    #[schema(example = 3)]
    place: i64,
    /// The spelling.
    #[schema(min_length = 1, max_length = 200, example = "Comilla")]
    alias: String,
}

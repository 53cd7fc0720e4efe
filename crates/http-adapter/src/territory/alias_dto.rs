use haat_domain::territory::PlaceAlias;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::retailer::NamedRefDto;

/// An alternative spelling of a place, also matched by search and import.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaceAlias)]
pub(super) struct AliasDto {
    /// Id.
    #[schema(example = 3)]
    id: i64,
    /// Kind of the place: `region`, `area` or `territory`.
    #[schema(example = "area")]
    kind: &'static str,
    /// The place.
    place: NamedRefDto<'static>,
    /// The spelling.
    #[schema(example = "Comilla")]
    alias: String,
}

impl From<&PlaceAlias> for AliasDto {
    fn from(alias: &PlaceAlias) -> Self {
        let place = NamedRefDto { id: alias.place.id, name: alias.place.name.as_ref().to_owned().into() };
        Self { id: alias.id, kind: alias.kind.get().as_str(), place, alias: alias.alias.as_ref().to_owned() }
    }
}

/// An alternative spelling to create.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewPlaceAlias)]
#[expect(
    dead_code,
    reason = "documents the body, which is parsed member by member to report all errors at once"
)]
pub(super) struct AliasBody {
    /// Kind of the place: `region`, `area` or `territory`.
    #[schema(example = "area")]
    kind: String,
    /// Id of the place.
    #[schema(example = 3)]
    place: i64,
    /// The spelling.
    #[schema(min_length = 1, max_length = 200, example = "Comilla")]
    alias: String,
}

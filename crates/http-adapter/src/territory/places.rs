//! The four kinds of places have the same endpoints: each is implemented once here and declared for each kind in
//! `routes.rs`.

use actix_web::{HttpRequest, HttpResponse};
use haat_application::shared::{Allowed, ManageMap, PermissionType, WriteOptions};
use haat_application::territory::{CreatePlace, ListPlaces, TerritoryUseCases};
use haat_domain::territory::{PlaceChange, PlaceKey, PlaceKind, PlaceWithAncestors};

use super::dto::PlaceView;
use super::name_language;
use haat_http_core::{
    Fields, JsonResponse, ListQuery, Problem, QueryParams, cached_response, created, deleted, parse_place,
    respond, search, updated,
};

/// Returns the path of the collection of a kind.
const fn collection(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Region => "/admin/regions",
        PlaceKind::Area => "/admin/areas",
        PlaceKind::Territory => "/admin/territories",
        PlaceKind::Distributor => "/admin/distributors",
    }
}

/// Reads the filter of a list of places: areas by region, territories by region and area.
fn filter(kind: PlaceKind, query: &mut Fields) -> ListPlaces {
    let (by_region, by_area) = match kind {
        PlaceKind::Region | PlaceKind::Distributor => (false, false),
        PlaceKind::Area => (true, false),
        PlaceKind::Territory => (true, true),
    };
    ListPlaces {
        search: search(query),
        region: if by_region { query.optional("region", parse_place) } else { None },
        area: if by_area { query.optional("area", parse_place) } else { None },
        language: name_language(query),
    }
}

/// Lists a page of the places of a kind.
pub(super) async fn list<Dto: PlaceView, P: PermissionType>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    caller: &Allowed<P>,
    kind: PlaceKind,
) -> Result<HttpResponse, Problem> {
    cached_response(request, &*api.response_cache, caller, async || {
        let query = QueryParams::of(request)?.0;
        let query = ListQuery::<PlaceKey, _>::parse(request.path(), query, |query| filter(kind, query))?;
        let page = api.places.list(caller, kind, &query.filter, &query.page).await?;
        query.render(&page, Dto::from)
    })
    .await
}

/// Gets a place with its version.
pub(super) async fn get<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    allowed: &Allowed<ManageMap>,
    (kind, id): (PlaceKind, i64),
) -> Result<HttpResponse, Problem> {
    cached_response(request, &*api.response_cache, allowed, async || {
        let found = api.places.get(allowed, kind, id).await?;
        JsonResponse::json(&Dto::from(&found), Some(found.place.version))
    })
    .await
}

/// Creates a place.
pub(super) async fn create<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    allowed: &Allowed<ManageMap>,
    input: CreatePlace,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let collection = collection(input.kind);
    let render = |PlaceWithAncestors { place, .. }: &PlaceWithAncestors, dto: &Dto| {
        created(options, dto, Some(place.version), format!("{collection}/{}", place.id))
    };
    let response =
        api.places.create(allowed, input, options, |place| render(place, &Dto::from(place))).await?;
    Ok(respond(request, response))
}

/// Updates a place.
pub(super) async fn update<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    allowed: &Allowed<ManageMap>,
    place: (PlaceKind, i64),
    values: &PlaceChange,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |updated_place: &PlaceWithAncestors| {
        updated(options, &Dto::from(updated_place), Some(updated_place.place.version))
    };
    Ok(respond(request, api.places.update(allowed, place, values, options, render).await?))
}

/// Deletes a place.
pub(super) async fn delete(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    allowed: &Allowed<ManageMap>,
    place: (PlaceKind, i64),
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    Ok(respond(request, api.places.delete(allowed, place, options, |()| deleted()).await?))
}

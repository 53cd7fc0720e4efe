use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use haat_application::shared::ManageMap;
use haat_application::territory::{CreatePlaceAlias, TerritoryUseCases};
use haat_domain::territory::{AliasFilter, AliasedKind, PlaceAlias, PlaceKey, PlaceName};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{
    ChangeRequest, DryRunResult, Fields, Filter, ListRequest, NamedRefDto, PageOf, Problem, body, created,
    deleted, respond, search,
};

/// An alternative spelling of a place, also matched by search and import.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaceAlias)]
struct AliasDto {
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

body! {
    /// An alternative spelling to create.
    struct AliasBody as "NewPlaceAlias" {
        /// Kind of the place: `region`, `area` or `territory`.
        kind: required text AliasedKind = "area",
        /// Id of the place.
        place: required id = 3,
        /// The spelling.
        alias: required text PlaceName = "Comilla",
    }
}

/// The parameters of the list.
struct AliasParams;

impl Filter for AliasParams {
    type Value = AliasFilter;

    fn read(query: &mut Fields) -> AliasFilter {
        AliasFilter {
            search: search(query),
            kind: query.optional("kind", AliasedKind::parse),
            place: query.id("place"),
        }
    }
}

/// List alternative spellings
///
/// Search and import match a place by these spellings too. Ordered by spelling.
#[utoipa::path(
    tag = "Map",
    operation_id = "listPlaceAliases",
    security(("bearer" = [ManageMap::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the spelling or of the name of its place"),
        ("kind" = Option<String>, Query, description = "`region`, `area` or `territory`"),
        ("place" = Option<i64>, Query, description = "Id of a place; `kind` has its kind"),
    ),
    responses((status = 200, description = "A page", body = PageOf<AliasDto>))
)]
#[get("/admin/place-aliases")]
async fn list_aliases(
    api: web::Data<TerritoryUseCases>,
    list: ListRequest<ManageMap, PlaceKey, AliasParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.aliases.list(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, AliasDto::from)
}

/// Create an alternative spelling
///
/// Search and import match the place by this spelling immediately. Names and spellings are unique among
/// sibling places of a kind.
#[utoipa::path(
    tag = "Map",
    operation_id = "createPlaceAlias",
    security(("bearer" = [ManageMap::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body = AliasBody,
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`); `id` is `null`", body = DryRunResult),
        (status = 201, description = "Created", body = AliasDto),
        (status = 409, description = "The place or a sibling already has this name"),
    )
)]
#[post("/admin/place-aliases")]
async fn create_alias(
    request: HttpRequest,
    api: web::Data<TerritoryUseCases>,
    change: ChangeRequest<ManageMap, AliasBody>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body: AliasBody { kind, place, alias }, options, .. } = change;
    let render = |alias: &PlaceAlias| {
        created(&options, &AliasDto::from(alias), None, format!("/admin/place-aliases/{}", alias.id))
    };
    let input = CreatePlaceAlias { kind, place, alias };
    Ok(respond(&request, api.aliases.create(&allowed, input, &options, render).await?))
}

/// Delete an alternative spelling
///
/// Search and import no longer match the place by this spelling.
#[utoipa::path(
    tag = "Map",
    operation_id = "deletePlaceAlias",
    security(("bearer" = [ManageMap::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(("id" = i64, Path, description = "Id")),
    responses((status = 204, description = "Deleted; with `validateOnly`, the deletion is possible"))
)]
#[delete("/admin/place-aliases/{id}")]
async fn delete_alias(
    request: HttpRequest,
    api: web::Data<TerritoryUseCases>,
    change: ChangeRequest<ManageMap, (), i64>,
) -> Result<HttpResponse, Problem> {
    let deletion = api.aliases.delete(&change.allowed, change.target, &change.options, |()| deleted());
    Ok(respond(&request, deletion.await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_aliases).service(create_alias).service(delete_alias);
}

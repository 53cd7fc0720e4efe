//! The routes of the four kinds of places.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use haat_application::shared::{ManageMap, ReadDistributors, ReadMap};
use haat_application::territory::TerritoryUseCases;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{AreaBody, AreaPatch, PlaceBody, PlacePatch, TerritoryBody, TerritoryPatch};
use super::dto::{AreaDto, ManagedPlace, PlaceDto, TerritoryDto};
use super::places;
use haat_http_core::{ChangeRequest, DryRunResult, PageOf, Permit, Problem, ReadRequest};

macro_rules! places {
    (
        $module:ident: $kind:ident by $Read:ident, $dto:ident, $body:ident, $patch:ident,
        $list:literal, $collection:literal, $place:literal,
        $One:literal, $Many:literal, $one:literal, $many:literal,
        filters: [$($filter:literal: $about:literal),*],
        create: $create:literal, replace: $replace:literal, patch: $patch_doc:literal
    ) => {
        mod $module {
            use super::*;

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("list", $Many),
                summary = concat!("List ", $many),
                description = "For selection lists. Ordered by name.",
                security(("bearer" = [$Read::NAME])),
                extensions(("x-facets" = json!(["list"]))),
                params(
                    ("q" = Option<String>, Query, description = "Part of any name, in English or Bangla"),
                    $(($filter = Option<String>, Query, description = $about),)*
                    ("lang" = Option<String>, Query, description = "Language of `name` and of the names of other places; English where a place has no name in Bangla"),
                ),
                responses((status = 200, description = "A page", body = PageOf<$dto>))
            )]
            #[get($list)]
            async fn list(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                Permit(allowed): Permit<$Read>,
            ) -> Result<HttpResponse, Problem> {
                places::list::<$dto, _>(&request, &api, &allowed, PlaceKind::$kind).await
            }

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("adminList", $Many),
                summary = concat!("List ", $many, " with versions"),
                description = "Includes the versions, for updates. Ordered by name.",
                security(("bearer" = [ManageMap::NAME])),
                extensions(("x-facets" = json!(["list"]))),
                params(
                    ("q" = Option<String>, Query, description = "Part of any name, in English or Bangla"),
                    $(($filter = Option<String>, Query, description = $about),)*
                    ("lang" = Option<String>, Query, description = "Language of `name` and of the names of other places; English where a place has no name in Bangla"),
                ),
                responses((status = 200, description = "A page", body = PageOf<ManagedPlace<$dto>>))
            )]
            #[get($collection)]
            async fn admin_list(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                Permit(allowed): Permit<ManageMap>,
            ) -> Result<HttpResponse, Problem> {
                places::list::<ManagedPlace<$dto>, _>(&request, &api, &allowed, PlaceKind::$kind).await
            }

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("create", $One),
                summary = concat!("Create ", $one),
                description = $create,
                security(("bearer" = [ManageMap::NAME])),
                extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
                request_body = $body,
                responses(
                    (status = 200, description = "Result of the dry run (`validateOnly`); `id` is `null`", body = DryRunResult),
                    (status = 201, description = "Created", body = ManagedPlace<$dto>),
                    (status = 409, description = "The name is already in use"),
                )
            )]
            #[post($collection)]
            async fn create(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                change: ChangeRequest<ManageMap, $body>,
            ) -> Result<HttpResponse, Problem> {
                let ChangeRequest { allowed, body, options, .. } = change;
                let input = body.create(PlaceKind::$kind);
                places::create::<ManagedPlace<$dto>>(&request, &api, &allowed, input, &options).await
            }

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("get", $One),
                summary = concat!("Get ", $one),
                description = "Includes the version, for updates.",
                security(("bearer" = [ManageMap::NAME])),
                extensions(("x-facets" = json!(["read"]))),
                params(("id" = i64, Path, description = "Id")),
                responses((status = 200, description = "The place", body = ManagedPlace<$dto>))
            )]
            #[get($place)]
            async fn get_one(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                read: ReadRequest<ManageMap, i64>,
            ) -> Result<HttpResponse, Problem> {
                let place = (PlaceKind::$kind, read.target);
                places::get::<ManagedPlace<$dto>>(&request, &api, &read.allowed, place).await
            }

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("update", $One),
                summary = concat!("Update ", $one),
                description = $patch_doc,
                security(("bearer" = [ManageMap::NAME])),
                extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
                params(("id" = i64, Path, description = "Id")),
                request_body = $patch,
                responses(
                    (status = 200, description = "Updated", body = ManagedPlace<$dto>),
                    (status = 409, description = "The name is already in use"),
                )
            )]
            #[patch($place)]
            async fn update(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                change: ChangeRequest<ManageMap, $patch, i64>,
            ) -> Result<HttpResponse, Problem> {
                let ChangeRequest { allowed, target, body, options } = change;
                let place = (PlaceKind::$kind, target);
                places::update::<ManagedPlace<$dto>>(&request, &api, &allowed, place, &body.change(), &options).await
            }

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("replace", $One),
                summary = concat!("Replace ", $one),
                description = $replace,
                security(("bearer" = [ManageMap::NAME])),
                extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
                params(("id" = i64, Path, description = "Id")),
                request_body = $body,
                responses(
                    (status = 200, description = "Updated", body = ManagedPlace<$dto>),
                    (status = 409, description = "The name is already in use"),
                )
            )]
            #[put($place)]
            async fn replace(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                change: ChangeRequest<ManageMap, $body, i64>,
            ) -> Result<HttpResponse, Problem> {
                let ChangeRequest { allowed, target, body, options } = change;
                let place = (PlaceKind::$kind, target);
                places::update::<ManagedPlace<$dto>>(&request, &api, &allowed, place, &body.change(), &options).await
            }

            #[utoipa::path(
                tag = "Map",
                operation_id = concat!("delete", $One),
                summary = concat!("Delete ", $one),
                description = "Fails with 409 `in-use` while anything refers to it, deleted retailers included (`PATCH /admin/retailers/{uid}` moves them); `references` has the number of references by type.",
                security(("bearer" = [ManageMap::NAME])),
                extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
                params(("id" = i64, Path, description = "Id")),
                responses(
                    (status = 204, description = "Deleted; with `validateOnly`, the deletion is possible"),
                    (status = 409, description = "In use"),
                )
            )]
            #[delete($place)]
            async fn delete_one(
                request: HttpRequest,
                api: web::Data<TerritoryUseCases>,
                change: ChangeRequest<ManageMap, (), i64>,
            ) -> Result<HttpResponse, Problem> {
                let place = (PlaceKind::$kind, change.target);
                places::delete(&request, &api, &change.allowed, place, &change.options).await
            }

            pub(super) fn routes(config: &mut ServiceConfig) {
                config
                    .service(list)
                    .service(admin_list)
                    .service(create)
                    .service(get_one)
                    .service(update)
                    .service(replace)
                    .service(delete_one);
            }
        }
    };
}

places!(
    regions: Region by ReadMap, PlaceDto, PlaceBody, PlacePatch,
    "/regions", "/admin/regions", "/admin/regions/{id}",
    "Region", "Regions", "a region", "regions",
    filters: [],
    create: "Names of regions are unique.",
    replace: "An absent `nameBn` is cleared.",
    patch: "A JSON merge patch (RFC 7396)."
);

places!(
    areas: Area by ReadMap, AreaDto, AreaBody, AreaPatch,
    "/areas", "/admin/areas", "/admin/areas/{id}",
    "Area", "Areas", "an area", "areas",
    filters: ["region": "Region id or exact name"],
    create: "Names are unique among the areas of a region.",
    replace: "An absent `nameBn` is cleared. If the region changes, the retailers of the area move along.",
    patch: "A JSON merge patch (RFC 7396). If the region changes, the territories and retailers of the area move along and their \
            versions increase."
);

places!(
    territories: Territory by ReadMap, TerritoryDto, TerritoryBody, TerritoryPatch,
    "/territories", "/admin/territories", "/admin/territories/{id}",
    "Territory", "Territories", "a territory", "territories",
    filters: ["area": "Area id or exact name", "region": "Region id or exact name"],
    create: "Names are unique among the territories of an area.",
    replace: "An absent `nameBn` is cleared. If the area changes, the retailers of the territory move along.",
    patch: "A JSON merge patch (RFC 7396). If the area changes, the retailers of the territory move along and their versions \
            increase."
);

places!(
    distributors: Distributor by ReadDistributors, PlaceDto, PlaceBody, PlacePatch,
    "/distributors", "/admin/distributors", "/admin/distributors/{id}",
    "Distributor", "Distributors", "a distributor", "distributors",
    filters: [],
    create: "Names of distributors are unique.",
    replace: "An absent `nameBn` is cleared.",
    patch: "A JSON merge patch (RFC 7396)."
);

pub(super) fn routes(config: &mut ServiceConfig) {
    regions::routes(config);
    areas::routes(config);
    territories::routes(config);
    distributors::routes(config);
}

use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::shared::Permission;
use haat_application::territory::{CreatePlaceInput, TerritoryUseCases};
use haat_domain::territory::{PlaceKind, PlaceWithAncestors};
use serde::Serialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{
    AreaBody, AreaDto, DryRunResult, ManagedPlace, PlaceBody, PlaceDto, PlaceView, TerritoryBody,
    TerritoryDto,
};
use super::{body, collection};
use crate::shared::{
    Caller, JsonBody, JsonResponse, Problem, ProblemBody, QueryParams, stored_response, write_options,
    write_response,
};

async fn create<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    caller: &Caller,
    kind: PlaceKind,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(request)?.0;
    let write_options = write_options(request, &bytes, &mut query)?;
    let whole = body::whole(kind, &mut fields);
    fields.finish_with(query)?;
    let whole = whole.ok_or_else(|| Problem::internal("an invalid place without a recorded error"))?;
    let dry_run = write_options.validate_only;
    let input = CreatePlaceInput {
        kind,
        name: whole.name,
        name_bn: whole.name_bn,
        parent: whole.parent,
        write_options,
    };
    let render = |created: &PlaceWithAncestors| render::<Dto>(created, kind, dry_run);
    write_response(request, api.create.execute(&caller.0, &input, &stored_response(render)).await?, render)
}

fn render<Dto: PlaceView>(
    created: &PlaceWithAncestors,
    kind: PlaceKind,
    dry_run: bool,
) -> Result<JsonResponse, Problem> {
    let view = Dto::from(created);
    if dry_run {
        return dry_run_response(&view);
    }
    let location = format!("{}/{}", collection(kind), created.place.id);
    Ok(JsonResponse::json(&view, Some(created.place.version))?.created(location))
}

/// Renders the result of a dry run, with `null` as its id.
pub(super) fn dry_run_response(view: &impl Serialize) -> Result<JsonResponse, Problem> {
    let mut json = serde_json::to_value(view).map_err(|error| Problem::internal(error.to_string()))?;
    if let Some(id) = json.get_mut("id") {
        *id = Value::Null;
    }
    JsonResponse::json(&json, None)
}

macro_rules! create {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $description:tt, $kind:ident, $body:ident, $dto:ident) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = $description,
            security(("bearer" = [])),
            params(
                ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
                ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
            ),
            request_body(content = $body, content_type = "application/json"),
            responses(
                (status = 200, description = "Result of the dry run (`validateOnly`); `id` is `null`", body = DryRunResult),
                (status = 201, description = "Created", body = ManagedPlace<$dto>),
                (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
                (status = 409, description = "The name is already in use, or a request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[post($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
            body: Result<JsonBody, Problem>,
        ) -> Result<HttpResponse, Problem> {
            create::<ManagedPlace<$dto>>(&request, &api, &caller, PlaceKind::$kind, body).await
        }
    };
}

create!(
    create_region,
    "/admin/regions",
    "createRegion",
    "Create a region",
    "Names of regions are unique.",
    Region,
    PlaceBody,
    PlaceDto
);
create!(
    create_area,
    "/admin/areas",
    "createArea",
    "Create an area",
    "Names are unique among the areas of a region.",
    Area,
    AreaBody,
    AreaDto
);
create!(
    create_territory,
    "/admin/territories",
    "createTerritory",
    "Create a territory",
    "Names are unique among the territories of an area.",
    Territory,
    TerritoryBody,
    TerritoryDto
);
create!(
    create_distributor,
    "/admin/distributors",
    "createDistributor",
    "Create a distributor",
    "Names of distributors are unique.",
    Distributor,
    PlaceBody,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(create_region).service(create_area).service(create_territory).service(create_distributor);
}

use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::shared::Permission;
use haat_application::territory::{CreatePlaceInput, TerritoryApi};
use haat_domain::territory::{Located, PlaceKind};
use serde::Serialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{
    AreaBody, AreaDto, Managed, PlaceBody, PlaceDto, Shown, TerritoryBody, TerritoryDto, Trial,
};
use super::{body, collection};
use crate::shared::{Caller, JsonBody, Plain, Problem, ProblemBody, QueryParams, answer_of, change, receipt};

async fn create<Dto: Shown>(
    request: &HttpRequest,
    api: &TerritoryApi,
    caller: &Caller,
    kind: PlaceKind,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &bytes, &mut query)?;
    let whole = body::whole(kind, &mut fields);
    fields.finish_with(query)?;
    let whole = whole.ok_or_else(|| Problem::internal("a place with a fault that was not told"))?;
    let trial = change.validate_only;
    let input =
        CreatePlaceInput { kind, name: whole.name, name_bn: whole.name_bn, parent: whole.parent, change };
    let plain = |located: &Located| plain::<Dto>(located, kind, trial);
    answer_of(request, api.create.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}

fn plain<Dto: Shown>(located: &Located, kind: PlaceKind, trial: bool) -> Result<Plain, Problem> {
    let shown = Dto::from(located);
    if trial {
        return on_trial(&shown);
    }
    let location = format!("{}/{}", collection(kind), located.place.id);
    Ok(Plain::json(&shown, Some(located.place.version))?.created(location))
}

/// What would be there: its id means nothing.
pub(super) fn on_trial(shown: &impl Serialize) -> Result<Plain, Problem> {
    let mut shown = serde_json::to_value(shown).map_err(|error| Problem::internal(error.to_string()))?;
    if let Some(id) = shown.get_mut("id") {
        *id = Value::Null;
    }
    Plain::json(&shown, None)
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
                ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
                ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
            ),
            request_body(content = $body, content_type = "application/json"),
            responses(
                (status = 200, description = "With `validateOnly`: what would be, its `id` being `null`", body = Trial),
                (status = 201, description = "It is there; `Location` says where", body = Managed<$dto>),
                (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
                (status = 409, description = "The name is taken, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[post($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
            caller: Caller,
            body: Result<JsonBody, Problem>,
        ) -> Result<HttpResponse, Problem> {
            create::<Managed<$dto>>(&request, &api, &caller, PlaceKind::$kind, body).await
        }
    };
}

create!(
    create_region,
    "/admin/regions",
    "createRegion",
    "A new region",
    "No two regions have one name.",
    Region,
    PlaceBody,
    PlaceDto
);
create!(
    create_area,
    "/admin/areas",
    "createArea",
    "A new area",
    "No two areas of a region have one name.",
    Area,
    AreaBody,
    AreaDto
);
create!(
    create_territory,
    "/admin/territories",
    "createTerritory",
    "A new territory",
    "No two territories of an area have one name.",
    Territory,
    TerritoryBody,
    TerritoryDto
);
create!(
    create_distributor,
    "/admin/distributors",
    "createDistributor",
    "A new distributor",
    "No two distributors have one name.",
    Distributor,
    PlaceBody,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(create_region).service(create_area).service(create_territory).service(create_distributor);
}

//! Names and codes that several rows share.

use actix_web::{HttpResponse, get, web};
use haat_application::duplicates::Duplicates;
use haat_application::shared::ManageMap;
use haat_domain::duplicates::{Duplicate, DuplicateKey, NamedRow};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, ListRequest, PageOf, Problem};

/// Names and codes that several rows share.
pub const CONTEXT: Context =
    Context { tags: &[("Duplicates", "Names and codes that are used twice")], routes, ..Context::EMPTY };

/// A name that several rows share.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Duplicate)]
struct DuplicateDto {
    /// The entity: `area`, `distributor`, `region`, `retailer` (by uid), `sales-rep` (by employee code) or `territory`.
    #[schema(example = "territory")]
    entity: &'static str,
    /// The shared name without case, extra blanks and invisible characters.
    #[schema(example = "sadar")]
    name: String,
    /// The rows that share it, the oldest first.
    rows: Vec<DuplicateRowDto>,
}

/// A row that shares its name.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateRow)]
struct DuplicateRowDto {
    /// The id of the place or the sales rep; the uid of the retailer.
    #[schema(example = "12")]
    id: String,
    /// The name of the place, sales rep or retailer.
    #[schema(example = "SADAR")]
    name: String,
}

impl From<&Duplicate> for DuplicateDto {
    fn from(duplicate: &Duplicate) -> Self {
        let row = |row: &NamedRow| DuplicateRowDto { id: row.id.clone(), name: row.name.clone() };
        Self {
            entity: duplicate.kind.as_str(),
            name: duplicate.name.clone(),
            rows: duplicate.rows.iter().map(row).collect(),
        }
    }
}

/// List duplicate names
///
/// Returns names of places with the same parent, employee codes and uids that differ only in case, blanks or invisible
/// characters, in order of entity and name. They were stored before such spellings were compared; new ones are refused. The
/// oldest row is found by every spelling. Rename or merge the others.
#[utoipa::path(
    tag = "Duplicates",
    operation_id = "listDuplicates",
    security(("bearer" = [ManageMap::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    responses((status = 200, description = "A page", body = PageOf<DuplicateDto>))
)]
#[get("/admin/duplicates")]
async fn list_duplicates(
    api: web::Data<Duplicates>,
    list: ListRequest<ManageMap, DuplicateKey>,
) -> Result<HttpResponse, Problem> {
    let page = api.list(&list.allowed, &list.query.page).await?;
    list.respond(&page, DuplicateDto::from)
}

fn routes(config: &mut ServiceConfig) {
    config.service(list_duplicates);
}

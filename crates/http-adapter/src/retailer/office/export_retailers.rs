use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::retailer::office::{Export, ExportedPart, OfficeRetailerApi};
use haat_application::shared::Permission;
use haat_domain::retailer::Retailer;
use haat_domain::shared::{Phone, StorageFailure};
use haat_domain::territory::SalesMap;

use super::pool_query::parse_export;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, RequestId, csv_answer, csv_rows};

/// What an import takes, in the same words.
const COLUMNS: [&str; 10] =
    ["uid", "name", "phone", "region", "area", "territory", "distributor", "points", "routes", "notes"];

/// Export shops
///
/// All shops that the filters leave, by uid, as CSV that an import takes back: UTF-8 with a byte order mark, CRLF, routes
/// separated by `;`, phones as `01711-234567`, which no spreadsheet takes for a number. It is sent while it is read, so
/// one that breaks off is not ended properly. Cells beginning with `=`, `+`, `-`, `@`, tab or `'` get a leading `'`,
/// except whole numbers with or without a sign.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "exportRetailers",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "A part of name, uid or phone, as in the list"),
        ("region" = Option<String>, Query, description = "A region: its id, or exactly its name"),
        ("area" = Option<String>, Query, description = "An area: its id, or exactly its name"),
        ("territory" = Option<String>, Query, description = "A territory: its id, or exactly its name"),
        ("distributor" = Option<String>, Query, description = "A distributor: its id, or exactly its name"),
        ("assigned" = Option<bool>, Query, description = "Whether somebody serves it"),
        ("salesRep" = Option<String>, Query, description = "Who serves it: id or username"),
        ("deleted" = Option<bool>, Query, description = "The deleted shops instead of the others"),
    ),
    responses(
        (status = 200, description = "A file", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/export")]
pub(super) async fn export_retailers(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let input = parse_export(QueryParams::of(&request)?.0)?;
    let mut export = api.export.execute(&caller.0, &input).await?;
    // Before the head is sent, so that a storage that is away is told as such.
    let first = export.next().await?;
    let file_name = format!("retailers-{}.csv", export.day());
    Ok(csv_answer(&file_name, COLUMNS, parts(export, first, RequestId::of(&request))))
}

/// The parts, each read once the client has taken the one before.
fn parts(
    export: Export,
    first: Option<ExportedPart>,
    request_id: String,
) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    let state = (export, first, request_id);
    stream::try_unfold(state, async |(mut export, ready, request_id)| {
        let part = match ready {
            Some(part) => Ok(Some(part)),
            None => export.next().await,
        };
        let part = part.inspect_err(|failure: &StorageFailure| {
            // The edge has given the answer away by now, so it is told here.
            tracing::error!(id = request_id, %failure, "an export broke off");
        });
        let Some(part) = part.map_err(Problem::from)? else {
            return Ok(None);
        };
        let rows = csv_rows(part.rows.iter().map(|shop| cells(shop, &part.map)))?;
        Ok(Some((rows, (export, None, request_id))))
    })
}

fn cells(shop: &Retailer, map: &SalesMap) -> [String; 10] {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        shop.uid.as_str().to_owned(),
        shop.name.clone(),
        shop.phone.as_ref().map(Phone::national).unwrap_or_default(),
        text(map.regions.name(shop.region)),
        text(map.areas.name(shop.area)),
        text(map.territories.name(shop.territory)),
        text(shop.distributor.and_then(|id| map.distributors.name(id))),
        shop.points.to_string(),
        shop.routes.join(";"),
        text(shop.notes.as_deref()),
    ]
}

use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::retailer::pool::{Export, ExportedPart, PoolRetailerUseCases};
use haat_application::shared::ReadPool;
use haat_domain::retailer::Retailer;
use haat_domain::shared::{Phone, StorageFailure};
use haat_domain::territory::SalesMap;

use super::pool_query::parse_export;
use haat_http_core::{Permit, Problem, QueryParams, RequestId, csv_response, csv_rows};

/// The columns, with the names that an import accepts; the last one is read by assignment files.
const COLUMNS: [&str; 11] = [
    "uid",
    "name",
    "phone",
    "region",
    "area",
    "territory",
    "distributor",
    "points",
    "routes",
    "notes",
    "sales_reps",
];

/// Export retailers to CSV
///
/// Returns all retailers that match the filters, ordered by uid, in the format that an import accepts: UTF-8 with a
/// byte order mark, CRLF, routes separated by `;`, phones as `01711-234567`, which spreadsheets do not convert to a
/// number. `sales_reps` has the usernames of the sales reps who serve the retailer, separated by `;`: send the file to
/// `POST /admin/assignments/bulk?ifAssigned=move` to apply the edited column. The file is streamed, so a response that breaks off is not terminated properly. Cells beginning with `=`,
/// `+`, `-`, `@`, tab or `'` get a leading `'`, except whole numbers with or without a sign.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "exportRetailers",
    security(("bearer" = [ReadPool::NAME])),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, uid or phone, as in the list"),
        ("region" = Option<String>, Query, description = "Region id or exact name"),
        ("area" = Option<String>, Query, description = "Area id or exact name"),
        ("territory" = Option<String>, Query, description = "Territory id or exact name"),
        ("distributor" = Option<String>, Query, description = "Distributor id or exact name"),
        ("assigned" = Option<bool>, Query, description = "`true`: assigned retailers only; `false`: unassigned retailers only"),
        ("salesRep" = Option<String>, Query, description = "Id or username of a sales rep who serves the retailer"),
        ("deleted" = Option<bool>, Query, description = "Return the deleted retailers instead of the others"),
    ),
    responses(
        (status = 200, description = "A CSV file", body = String, content_type = "text/csv"),
    )
)]
#[get("/admin/retailers/export")]
pub(super) async fn export_retailers(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    Permit(allowed): Permit<ReadPool>,
) -> Result<HttpResponse, Problem> {
    let input = parse_export(QueryParams::of(&request)?.0)?;
    let mut export = api.export.begin(&allowed, &input).await?;
    // Read before the response head is sent, so that a storage failure becomes a problem response.
    let first = export.next().await?;
    let file_name = format!("retailers-{}.csv", export.day());
    Ok(csv_response(&file_name, COLUMNS, parts(export, first, RequestId::of(&request))))
}

/// Streams the parts. Each part is read after the client has taken the previous one.
fn parts(
    export: Export,
    first: Option<ExportedPart>,
    request_id: String,
) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    let state = (export, first, request_id);
    stream::try_unfold(state, async |(mut export, pending, request_id)| {
        let part = match pending {
            Some(part) => Ok(Some(part)),
            None => export.next().await,
        };
        let part = part.inspect_err(|failure: &StorageFailure| {
            // The response has already started, so the error is logged here.
            tracing::error!(id = request_id, %failure, "export stream failed");
        });
        let Some(part) = part.map_err(Problem::from)? else {
            return Ok(None);
        };
        let serving = export.serving_reps(&part).await.inspect_err(|failure| {
            tracing::error!(id = request_id, %failure, "export stream failed");
        });
        let serving = serving.map_err(Problem::from)?;
        let cells = |retailer: &Retailer| {
            cells(retailer, &part.map, serving.get(&retailer.id).map(Vec::as_slice).unwrap_or_default())
        };
        let rows = csv_rows(part.rows.iter().map(cells))?;
        Ok(Some((rows, (export, None, request_id))))
    })
}

fn cells(pool_retailer: &Retailer, map: &SalesMap, sales_reps: &[String]) -> [String; 11] {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        pool_retailer.uid.as_str().to_owned(),
        pool_retailer.name.clone(),
        pool_retailer.phone.as_ref().map(Phone::national).unwrap_or_default(),
        text(map.regions.name(pool_retailer.region)),
        text(map.areas.name(pool_retailer.area)),
        text(map.territories.name(pool_retailer.territory)),
        text(pool_retailer.distributor.and_then(|id| map.distributors.name(id))),
        pool_retailer.points.to_string(),
        pool_retailer.routes.join(";"),
        text(pool_retailer.notes.as_deref()),
        sales_reps.join(";"),
    ]
}
